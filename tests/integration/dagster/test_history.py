"""The history of runs kept open: the same history as Dagster's own storage writes and reads."""

from __future__ import annotations

from pathlib import Path

import dagster as dg
import pytest
from dagster._core.instance.ref import InstanceRef

from resources.history import KeptOpenEvents, kept_open

OPEN = Path("/proc/self/fd")


@dg.asset(check_specs=[dg.AssetCheckSpec("whole", asset="figures")])
def figures():  # without a type: Dagster takes it for the outputs
    """An asset with a check."""
    return dg.MaterializeResult(metadata={"rows": 3}, check_results=[dg.AssetCheckResult(passed=True)])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "dagster.yaml").write_text("telemetry:\n  enabled: false\n", encoding="utf-8")
    return tmp_path


def open_files(folder: Path) -> set[str]:
    """Files of a folder that this process holds open."""
    links = (link.resolve() for link in OPEN.iterdir())
    return {link.name for link in links if folder.resolve() in link.parents}


@pytest.mark.skipif(not OPEN.is_dir(), reason="open files are counted through /proc")
def test_what_is_written_is_what_dagsters_own_storage_reads(folder: Path) -> None:
    with dg.DagsterInstance.from_ref(kept_open(InstanceRef.from_dir(str(folder)))) as instance:
        assert isinstance(instance.event_log_storage, KeptOpenEvents)
        runs = [dg.materialize([figures], instance=instance).run_id for _ in range(2)]
        assert {"index.db", *(f"{run}.db" for run in runs)} <= open_files(folder)
        seen = instance.get_latest_materialization_event(dg.AssetKey("figures"))
        assert seen is not None and seen.run_id == runs[1]
    assert not open_files(folder), "the databases are closed with the instance"
    with dg.DagsterInstance.from_config(str(folder)) as plain:
        assert not isinstance(plain.event_log_storage, KeptOpenEvents)
        again = plain.get_latest_materialization_event(dg.AssetKey("figures"))
        assert again is not None and again == seen
        kinds = [[record.dagster_event_type for record in plain.all_logs(run)] for run in runs]
        assert kinds[0] == kinds[1] and dg.DagsterEventType.ASSET_CHECK_EVALUATION in kinds[0]
        checks = plain.event_log_storage.get_asset_check_execution_history(
            dg.AssetCheckKey(dg.AssetKey("figures"), "whole"), limit=10
        )
        assert [check.status.value for check in checks] == ["SUCCEEDED", "SUCCEEDED"]
        assert {check.run_id for check in checks} == set(runs)


def test_another_storage_stays_what_it_is(tmp_path: Path) -> None:
    chosen = "storage:\n  postgres:\n    postgres_url: postgresql://nobody@localhost/nothing\n"
    (tmp_path / "dagster.yaml").write_text(chosen, encoding="utf-8")
    ref = InstanceRef.from_dir(str(tmp_path))
    assert kept_open(ref) is ref
