"""A region's year from the landing folder to warehouse and reports, through the jobs that the UI runs too."""

from __future__ import annotations

import shutil

import dagster as dg
import openpyxl
import pandas as pd
import pytest
from dagster._core.definitions.data_version import CachingStaleStatusResolver, StaleStatus
from dagster._core.loader import LoadingContextForTest

from rsoko_pipeline import runner
from rsoko_pipeline.configuration import load
from rsoko_pipeline.definitions import build_definitions
from rsoko_pipeline.landing.ledger import Decision, Ledger
from rsoko_pipeline.simulation.landing import deliver_later

from .conftest import SCHOOLS, Installation

EVENT = "2026-vpr-ru-4"


def test_every_work_of_the_region_is_built(finished: Installation) -> None:
    built = {event for (event,) in finished.ask("select distinct event_id from core.fact_result")}
    assert len(built) == 15
    statistics = {
        event for (event,) in finished.ask("select event_id from mart.mark_statistics where level = 'region'")
    }
    assert statistics == built


def test_figures_agree_with_the_rows(finished: Installation) -> None:
    rows = finished.ask(
        "select m.event_id, m.participants, m.n2, m.n3, m.n4, m.n5, m.mean_score, f.* from mart.mark_statistics m"
        " join (select event_id, count(*) as n, count(*) filter (where mark = 2) as f2,"
        " count(*) filter (where mark = 3) as f3, count(*) filter (where mark = 4) as f4,"
        " count(*) filter (where mark = 5) as f5, avg(primary_score) as score"
        " from core.fact_result where present group by event_id) f using (event_id) where m.level = 'region'"
    )
    assert len(rows) == 15
    for event, n, n2, n3, n4, n5, score, _, fn, f2, f3, f4, f5, fscore in [(r[0], *r[1:7], r[0], *r[8:]) for r in rows]:
        assert (n, n2, n3, n4, n5) == (fn, f2, f3, f4, f5), event
        assert float(score) == pytest.approx(float(fscore), abs=5e-5)


def test_levels_add_up(finished: Installation) -> None:
    by_level = dict(
        finished.ask(
            "select level, sum(participants) from mart.mark_statistics where event_id = :e group by level", e=EVENT
        )
    )
    assert set(by_level) == {"region", "municipality", "school", "class"}
    assert len(set(by_level.values())) == 1


def test_not_started_is_null_in_the_warehouse_and_counts_nothing(finished: Installation) -> None:
    nulls, task = finished.ask(
        "select (select count(*) from core.fact_result, unnest(scores) s"
        " where event_id = :e and present and s is null),"
        " (select sum(not_started) from mart.task_statistics where event_id = :e and level = 'region')",
        e=EVENT,
    )[0]
    assert nulls == task > 0
    assert finished.one("select min(s) from core.fact_result, unnest(scores) s") == 0


def test_absent_pupils_count_in_coverage_alone(finished: Installation) -> None:
    absent, enrolled, participants = finished.ask(
        "select absent, enrolled, participants from mart.coverage where event_id = :e and level = 'region'", e=EVENT
    )[0]
    assert absent == enrolled - participants > 0


def test_every_figure_names_its_run_and_configuration(finished: Installation) -> None:
    versions = finished.ask(
        "select distinct config_version, run_id from mart.mark_statistics where event_id = :e", e=EVENT
    )
    ((version, run_id),) = versions
    assert version == load().version
    with runner.dagster_instance(finished.settings) as instance:
        assert instance.get_run_by_id(str(run_id)) is not None


def test_no_names_and_no_plain_codes_as_pseudonyms(finished: Installation) -> None:
    pupils = [p for (p,) in finished.ask("select pupil from core.fact_result where event_id = :e limit 50", e=EVENT)]
    assert all(len(str(p)) == 24 and int(str(p), 16) for p in pupils)
    joined = finished.one(
        "select count(*) from core.fact_result a join core.fact_result b using (school, pupil)"
        " where a.event_id = '2026-vpr-ru-4' and b.event_id = '2026-vpr-ma-4'"
    )
    assert int(str(joined)) > 0, "one code serves a pupil in all works of a year"


def test_second_run_does_nothing(finished: Installation) -> None:
    assert finished.run().did_nothing


def test_upload_board_knows_every_school(finished: Installation) -> None:
    counts = dict(
        finished.ask("select status, count(*) from mart.upload_status where event_id = :e group by status", e=EVENT)
    )
    assert sum(counts.values()) == SCHOOLS
    assert counts.get("loaded", 0)


def test_reports_are_published(finished: Installation) -> None:
    folder = finished.outbox / "2025-2026"
    region = openpyxl.load_workbook(folder / "region" / "vpr.xlsx")
    assert "Доска загрузки" in region.sheetnames
    schools = list((folder / "schools").glob("*/vpr.xlsx"))
    assert len(schools) == SCHOOLS
    page = (folder / "validation.html").read_text(encoding="utf-8")
    assert "http://" not in page and "https://" not in page


def test_each_event_has_its_partition_checks_and_picture(finished: Installation) -> None:
    with runner.dagster_instance(finished.settings) as instance:
        fact = dg.AssetKey(["core", "fact_result"])
        partitions = instance.get_materialized_partitions(fact)
        assert len(partitions) == 15
        event = instance.fetch_materializations(
            dg.AssetRecordsFilter(asset_key=dg.AssetKey(["mart", "score_distribution"]), asset_partitions=[EVENT]),
            limit=1,
        ).records[0]
        assert event.asset_materialization
        metadata = event.asset_materialization.metadata
        assert "data:image/svg+xml;base64," in str(metadata["картинка"].value)
        latest = instance.get_latest_materialization_event(dg.AssetKey(["mart", "score_distribution"]))
        assert latest and latest.asset_materialization
        lineage = latest.asset_materialization.metadata["dagster/column_lineage"].value
        assert isinstance(lineage, dg.TableColumnLineage)
        assert dg.TableColumnDep(fact, "primary_score") in lineage.deps_by_column["score"]
        history = instance.event_log_storage.get_asset_check_execution_history(
            dg.AssetCheckKey(fact, "scores"), limit=50
        )
        evaluations = [
            record.event.dagster_event.asset_check_evaluation_data
            for record in history
            if record.event and record.event.dagster_event
        ]
        assert len({evaluation.partition for evaluation in evaluations} - {None}) == 15


def test_a_correction_replaces_one_school_and_nothing_else(soiled_copy: Installation) -> None:
    installation = soiled_copy
    before = pd.read_sql(
        "select event_id, school, file_id, count(*) n from core.fact_result group by 1, 2, 3", installation.engine
    )
    moved = deliver_later(installation.landing)
    assert moved
    summary = installation.run(until="marts")
    assert len(summary.events) == 1
    after = pd.read_sql(
        "select event_id, school, file_id, count(*) n from core.fact_result group by 1, 2, 3", installation.engine
    )
    changed = before.merge(after, how="outer", indicator=True).query("_merge != 'both'")
    assert changed[["event_id", "school"]].drop_duplicates().shape[0] == 1
    assert fallen_behind(installation) == []


def fallen_behind(installation: Installation) -> list[str]:
    """Works' facts and marts that the UI marks as «Unsynced», with the reason."""
    graph = build_definitions(settings=installation.settings, cfg=load()).resolve_asset_graph()
    with runner.dagster_instance(installation.settings) as instance:
        known = CachingStaleStatusResolver(instance, graph, LoadingContextForTest(instance))
        return [
            f"{key.to_user_string()} {event}: {[cause.reason for cause in known.get_stale_causes(key, event)]}"
            for key in graph.materializable_asset_keys
            if graph.get(key).group_name in ("results", "statistics")
            for event in [EVENT, "2026-vpr-ma-4"]
            if known.get_status(key, event) == StaleStatus.STALE
        ]


def test_a_correction_that_is_held_takes_nothing_away(clean_copy: Installation) -> None:
    """A pupil's row is missing: the school is held, its earlier data count until the file is put right."""
    installation = clean_copy
    sent = next(installation.landing.rglob(f"{EVENT}/*Ф1*.xlsx"))
    stored = "select school, count(*), min(file_id) from core.fact_result where event_id = :e group by 1"
    before = {school: (n, file) for school, n, file in installation.ask(stored, e=EVENT)}
    book = openpyxl.load_workbook(sent)
    book.worksheets[0].delete_rows(book.worksheets[0].max_row)
    book.save(installation.landing / "исправление.xlsx")
    installation.run(until="marts")
    after = {school: (n, file) for school, n, file in installation.ask(stored, e=EVENT)}
    held = installation.ask(
        "select school, code from ops.quarantine where action = 'held' or code = 'RSK-UNIT-EARLIER'"
    )
    ((school,),) = {(school,) for school, _ in held}
    assert sorted(code for _, code in held) == ["RSK-DECLARED", "RSK-UNIT-EARLIER"]
    assert {name: n for name, (n, _) in after.items()} == {name: n for name, (n, _) in before.items()}
    assert {name for name, (_, file) in after.items() if file == before[name][1]} == {school}
    read, accepted, kept_back, code = installation.ask(
        "select rows_read, rows_accepted, rows_quarantined, code from ops.landing_file where name = 'исправление.xlsx'"
    )[0]
    assert (kept_back, accepted, code) == (before[school][0] - 1, read - kept_back, "RSK-DECLARED")
    book = openpyxl.load_workbook(sent)
    book.properties.title = "исправлено"
    book.save(installation.landing / "исправление, верное.xlsx")
    installation.run(until="marts")
    assert len({file for _, _, file in installation.ask(stored, e=EVENT)}) == 1
    assert installation.ask("select code from ops.quarantine where action = 'held'") == []


def test_dirt_is_found_and_the_rest_goes_on(finished_soiled: Installation) -> None:
    installation = finished_soiled
    codes = {code for (code,) in installation.ask("select distinct code from ops.quarantine")}
    assert {"RSK-SUM", "RSK-SCORE-MAX", "RSK-PUPIL-DUPLICATE", "RSK-FORM-EMPTY", "RSK-SCHOOL-UNKNOWN"} <= codes
    assert installation.one("select count(distinct event_id) from core.fact_result") == 15
    held = installation.ask(
        "select f.event_id from core.fact_result f join ops.quarantine q"
        " on q.file_id = f.file_id and q.row_number = f.row_number and q.sheet = f.sheet where q.action = 'held'"
    )
    assert held == [], "a held row is not stored"


def test_a_released_row_goes_the_same_way_as_any_other(soiled_copy: Installation) -> None:
    installation = soiled_copy
    ledger = Ledger(installation.engine)
    wrong_sum = ledger.quarantined(code="RSK-SUM").iloc[0]
    ledger.decide([int(wrong_sum["quarantine_id"])], Decision("released", "Иванова", "сверено с бланком"))
    summary = installation.run(until="marts")
    assert summary.events == [wrong_sum["event_id"]]
    stored = installation.ask(
        "select count(*) from core.fact_result where file_id = :f and row_number = :r and sheet = :s",
        f=wrong_sum["file_id"], r=int(wrong_sum["row_number"]), s=wrong_sum["sheet"],
    )  # fmt: skip
    assert stored == [(1,)]
    decided = installation.ask("select action, released_by, reason from ops.quarantine where quarantine_id = :q",
                               q=int(wrong_sum["quarantine_id"]))  # fmt: skip
    assert decided == [("released", "Иванова", "сверено с бланком")]


def test_the_same_file_under_another_name_is_a_duplicate(clean_copy: Installation) -> None:
    installation = clean_copy
    rows = installation.one("select count(*) from core.fact_result")
    some = next(installation.landing.rglob("*Ф1*.xlsx"))
    shutil.copy(some, installation.landing / "копия.xlsx")
    summary = installation.run(until="marts")
    assert summary.files == {"duplicate": 1}
    assert summary.events == []
    assert installation.one("select count(*) from core.fact_result") == rows
