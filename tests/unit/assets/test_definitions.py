"""The code location: what it holds, how parts of it are replaced, that loading it starts nothing."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest

import assets
import resources
from assets import families, results
from assets.lineage import column_lineage
from assets.plan import Plan
from resources.places import Outbox
from resources.warehouse import TABLES
from rsoko_pipeline import contracts
from rsoko_pipeline.configuration import Configuration
from rsoko_pipeline.definitions import LOCATION, build_definitions
from rsoko_pipeline.indicators.statistics import TABLES as STATISTICS
from rsoko_pipeline.validation.verdict import TITLES_RU

ROOT = Path(__file__).parents[3]
_CYRILLIC = re.compile(r"[А-Яа-яЁё]")
#: Rules that readers apply to a file's header, and rules of registers: neither ends as a check of an event.
_NOT_OF_EVENTS = {"alias_free", "max_score", "date_window", "register_unique", "contingent_unique"}


def _specs(definitions: dg.Definitions) -> dict[str, dg.AssetSpec]:
    return {spec.key.to_user_string(): spec for spec in definitions.resolve_all_asset_specs()}


GROUPS = {"calendar", "collection", "registers", "results", "statistics", "procedures", "objectivity", "publication"}


def test_the_packages_are_ours() -> None:
    assert Path(str(assets.__file__)).parent == ROOT / "assets"
    assert Path(str(resources.__file__)).parent == ROOT / "resources"


def test_every_asset_says_whose_and_what_it_is_in_russian(definitions: dg.Definitions) -> None:
    specs = _specs(definitions)
    assert len(specs) >= 19
    for key, spec in specs.items():
        assert spec.owners == ["team:rsoko"], key
        assert spec.kinds & {"postgres", "excel", "html"}, key
        assert spec.group_name in GROUPS, key
        assert spec.description and _CYRILLIC.search(spec.description), key


def test_every_stored_asset_shows_the_contract_of_its_table(definitions: dg.Definitions) -> None:
    stored = {key: spec for key, spec in _specs(definitions).items() if not key.startswith("reports/")}
    for key, spec in stored.items():
        main = contracts.table(str(spec.metadata[TABLES]).split()[0])
        schema = spec.metadata["dagster/column_schema"]
        schema = getattr(schema, "value", schema)
        assert isinstance(schema, dg.TableSchema)
        assert [column.name for column in schema.columns] == main.names, key
        assert all(column.description and _CYRILLIC.search(column.description) for column in schema.columns), key
        assert str(spec.metadata["dagster/table_name"]).split(".")[0] == key.split("/")[0]


@pytest.mark.parametrize("name", STATISTICS)
def test_every_column_of_a_mart_comes_from_columns_that_exist(name: str, definitions: dg.Definitions) -> None:
    specs = _specs(definitions)
    lineage = column_lineage(name).deps_by_column
    stamps = {"config_version", "run_id", "computed_at"}
    assert lineage.keys() == set(contracts.table(name).names) - stamps
    for column, sources in lineage.items():
        assert sources, column
        for source in sources:
            spec = specs[source.asset_key.to_user_string()]
            tables = str(spec.metadata[TABLES]).split() + str(spec.metadata.get("rsoko/companions", "")).split()
            assert any(source.column_name in contracts.table(table).names for table in tables), source


def test_every_rule_of_events_stands_in_exactly_one_check() -> None:
    of_works = [rule for _, rules in results.CHECKS.values() for rule in rules]
    of_families = [rule for _, rules in families.CHECKS.values() for rule in rules]
    assert len(of_works) == len(set(of_works)) and len(of_families) == len(set(of_families))
    assert {*of_works, *of_families} == TITLES_RU.keys() - _NOT_OF_EVENTS


def test_checks_are_the_assets_own(definitions: dg.Definitions) -> None:
    graph = definitions.resolve_asset_graph()
    keys = {key.name for key in graph.asset_check_keys if key.asset_key == results.FACT_RESULT}
    assert keys == results.CHECKS.keys()


def test_events_and_years_of_the_calendar_are_the_partitions(cfg: Configuration, definitions: dg.Definitions) -> None:
    graph = definitions.resolve_asset_graph()
    report = dg.AssetKey(["reports", "region_workbook"])
    for key, partitions in ((results.FACT_RESULT, Plan(cfg).works), (report, cfg.calendar.years)):
        node = graph.get(key)
        assert node.partitions_def and node.partitions_def.get_partition_keys() == list(partitions)
        assert node.backfill_policy == dg.BackfillPolicy.single_run()


def test_a_years_report_depends_on_the_events_of_that_year(cfg: Configuration, definitions: dg.Definitions) -> None:
    graph = definitions.resolve_asset_graph()
    report, marks = dg.AssetKey(["reports", "region_workbook"]), dg.AssetKey(["mart", "mark_statistics"])
    mapping = graph.get(report).partition_mappings[marks]
    years, events = graph.get(report).partitions_def, graph.get(marks).partitions_def
    assert years and events
    for year in cfg.calendar.years:
        subset = years.subset_with_partition_keys([year])
        above = mapping.get_upstream_mapped_partitions_result_for_partitions(subset, years, events)
        assert sorted(above.partitions_subset.get_partition_keys()) == sorted(Plan(cfg).events_of([year]))


def test_resources_are_replaced_by_key(cfg: Configuration, tmp_path: Path) -> None:
    built = build_definitions(cfg=cfg, resources={"outbox": Outbox(url=str(tmp_path))})
    assert built.resources and built.resources["outbox"].url == str(tmp_path)
    assert built.resources.keys() >= {"warehouse", "io_manager", "landing", "validation"}


def test_assets_are_replaced_by_key_and_added(cfg: Configuration, definitions: dg.Definitions) -> None:
    @dg.asset(key=["mart", "calendar_status"], group_name="publication")
    def ours() -> None: ...

    @dg.asset(key=["mart", "regional_rating"], group_name="publication")
    def more() -> None: ...

    built = build_definitions(cfg=cfg, assets=[ours, more])
    before, after = _specs(definitions), _specs(built)
    assert after.keys() - before.keys() == {"mart/regional_rating"} and not before.keys() - after.keys()
    assert not after["mart/calendar_status"].metadata.get(TABLES)
    job = built.resolve_job_def("year")
    assert dg.AssetKey(["mart", "regional_rating"]) in job.asset_layer.selected_asset_keys


def test_every_call_builds_anew(cfg: Configuration) -> None:
    assert build_definitions(cfg=cfg) is not build_definitions(cfg=cfg)


def test_loading_starts_and_writes_nothing(tmp_path: Path) -> None:
    script = (
        "import sys, socket, subprocess, dagster\n"  # whose own import asks a program about the processor
        "def refuse(*a, **k): raise SystemExit('a process or connection was started')\n"
        "subprocess.Popen.__init__ = refuse\nsocket.socket.connect = refuse\n"
        "import rsoko_pipeline.definitions as d\n"
        "assert not hasattr(d.defs, 'assets'), 'built at import'\n"
        "d.defs().resolve_job_def('events')\n"
        "print(sorted({'great_expectations', 'openpyxl', 'scipy'} & set(sys.modules)))"
    )
    home = tmp_path / "home"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True,
        env={**os.environ, "RSOKO_HOME": str(home), "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, "[]\n", "")
    assert not home.exists()


def test_dagster_finds_the_definitions_by_itself_and_by_the_workspace(definitions: dg.Definitions) -> None:
    from dagster._core.workspace.autodiscovery import loadable_targets_from_python_module
    from dagster._core.workspace.load import location_origins_from_yaml_paths

    (target,) = loadable_targets_from_python_module("rsoko_pipeline.definitions", working_directory=str(ROOT))
    assert target.attribute == "defs"
    (origin,) = location_origins_from_yaml_paths([str(ROOT / "workspace.yaml")])
    pointer = origin.loadable_target_origin
    assert (pointer.module_name, pointer.attribute) == ("rsoko_pipeline.definitions", "defs")
    assert origin.location_name == LOCATION


@pytest.mark.slow
def test_dg_finds_nothing_wrong() -> None:
    folder = Path(sys.executable).parent
    done = subprocess.run(
        [sys.executable, "-m", "dagster_dg_cli.cli", "check", "defs"], cwd=ROOT, capture_output=True, text=True,
        env={**os.environ, "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}", "DAGSTER_DISABLE_TELEMETRY": "yes"},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "All definitions loaded successfully" in done.stdout + done.stderr
