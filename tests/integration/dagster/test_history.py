"""The history of runs kept open: the same history as Dagster's own storage writes and reads."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster._core.instance.ref import InstanceRef
from dagster._core.storage.event_log import SqliteEventLogStorage

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


def _journal(path: Path) -> str:
    """How a database keeps its readers from its writer."""
    with closing(sqlite3.connect(path)) as connection:
        return str(connection.execute("PRAGMA journal_mode").fetchone()[0])


@pytest.mark.parametrize("batch", ["0", "1000"])
@pytest.mark.skipif(not OPEN.is_dir(), reason="open files are counted through /proc")
def test_what_is_written_is_what_dagsters_own_storage_reads(
    folder: Path, batch: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DAGSTER_EVENT_BATCH_SIZE", batch)
    with dg.DagsterInstance.from_ref(kept_open(InstanceRef.from_dir(str(folder)))) as instance:
        assert isinstance(instance.event_log_storage, KeptOpenEvents)
        runs = [dg.materialize([figures], instance=instance).run_id for _ in range(2)]
        assert {"index.db", *(f"{run}.db" for run in runs)} <= open_files(folder)
        assert [path for path in folder.rglob("*.db") if _journal(path) != "wal"] == []
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


def test_a_batch_is_stored_whole_or_not_at_all(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with dg.DagsterInstance.from_ref(kept_open(InstanceRef.from_dir(str(folder)))) as instance:
        run_id = dg.materialize([figures], instance=instance).run_id
        storage, logs = instance.event_log_storage, instance.all_logs(run_id)
        (planned,) = (
            log for log in logs if log.dagster_event_type == dg.DagsterEventType.ASSET_MATERIALIZATION_PLANNED
        )

        def fail(*_: object) -> None:
            raise OSError("the disk is full")

        monkeypatch.setattr(KeptOpenEvents, "_store_asset_event", fail)
        with pytest.raises(OSError, match="full"):
            storage.store_event_batch([planned, planned])
        monkeypatch.undo()
        assert len(instance.all_logs(run_id)) == len(logs)
        storage.store_event_batch([planned, planned])
        assert len(instance.all_logs(run_id)) == len(logs) + 2


def _rows(folder: Path) -> dict[str, list[tuple[Any, ...]]]:
    """What the database of all runs says, times of entry apart."""
    columns = {
        "event_logs": "id, run_id, event, dagster_event_type, timestamp, step_key, asset_key, partition",
        "asset_keys": "asset_key, last_materialization, last_run_id, last_materialization_timestamp",
        "asset_event_tags": "event_id, asset_key, key, value, event_timestamp",
        "asset_check_executions": "asset_key, check_name, partition, run_id, execution_status, evaluation_event, "
        "evaluation_event_timestamp, evaluation_event_storage_id, materialization_event_storage_id",
    }
    with closing(sqlite3.connect(next(folder.rglob("index.db")))) as connection:
        return {
            table: sorted(connection.execute(f"select {of} from {table}"), key=str) for table, of in columns.items()
        }


def test_the_database_of_all_runs_is_what_dagster_itself_would_write(folder: Path, tmp_path: Path) -> None:
    @dg.asset(
        check_specs=[dg.AssetCheckSpec("whole", asset="parts"), dg.AssetCheckSpec("small", asset="parts")],
        partitions_def=dg.StaticPartitionsDefinition(["a", "b", "c"]),
        backfill_policy=dg.BackfillPolicy.single_run(),
    )
    def parts(context):  # without a type: Dagster does not resolve it as text
        for partition in context.partition_keys:
            context.add_asset_metadata({"rows": 3}, partition_key=partition)
            for name, passed in (("whole", True), ("small", partition == "b")):
                context.log_event(
                    dg.AssetCheckEvaluation(
                        asset_key=parts.key, check_name=name, passed=passed, partition=partition, metadata={"rows": 3}
                    )
                )
        return dg.MaterializeResult(
            check_results=[dg.AssetCheckResult(passed=True, check_name=name) for name in ("whole", "small")]
        )

    tags = {"dagster/asset_partition_range_start": "a", "dagster/asset_partition_range_end": "c"}
    with dg.DagsterInstance.from_ref(kept_open(InstanceRef.from_dir(str(folder)))) as instance:
        runs = [dg.materialize([parts], instance=instance, tags=tags), dg.materialize([figures], instance=instance)]
        logs = [instance.all_logs(run.run_id) for run in runs]
    plain, kept = (SqliteEventLogStorage(str(tmp_path / "plain")), KeptOpenEvents(str(tmp_path / "kept")))
    for storage in (plain, kept):
        for of_run in logs:
            storage.store_event_batch(of_run)
        storage.dispose()
    rows = _rows(tmp_path / "kept")
    assert rows == _rows(tmp_path / "plain")
    assert {row[2] for row in rows["asset_check_executions"]} == {"a", "b", "c", None}


def test_another_storage_stays_what_it_is(tmp_path: Path) -> None:
    chosen = "storage:\n  postgres:\n    postgres_url: postgresql://nobody@localhost/nothing\n"
    (tmp_path / "dagster.yaml").write_text(chosen, encoding="utf-8")
    ref = InstanceRef.from_dir(str(tmp_path))
    assert kept_open(ref) is ref


def test_an_evaluation_that_waits_is_there_at_the_first_question(folder: Path) -> None:
    key = dg.AssetCheckKey(dg.AssetKey("counted"), "whole")

    @dg.asset(check_specs=[dg.AssetCheckSpec("whole", asset="counted")])
    def counted(context):  # without a type: Dagster does not resolve it as text
        storage = context.instance.event_log_storage
        for passed in (False, True):
            context.log_event(dg.AssetCheckEvaluation(asset_key=key.asset_key, check_name=key.name, passed=passed))
        before.append(len(storage._waiting))
        seen.append(storage.get_asset_check_execution_history(key, limit=1)[0].status.value)
        before.append(len(storage._waiting))
        return dg.MaterializeResult(check_results=[dg.AssetCheckResult(passed=True)])

    before: list[int] = []
    seen: list[str] = []
    with dg.DagsterInstance.from_ref(kept_open(InstanceRef.from_dir(str(folder)))) as instance:
        run_id = dg.materialize([counted], instance=instance).run_id
        assert (before, seen) == ([2, 0], ["SUCCEEDED"])
        stored = instance.all_logs(run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION)
        evaluations: list[Any] = [log.dagster_event.event_specific_data for log in stored if log.dagster_event]
        assert [evaluation.passed for evaluation in evaluations] == [False, True, True]


def test_of_a_batch_the_table_of_assets_keeps_the_latest(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAGSTER_EVENT_BATCH_SIZE", "1000")
    partitions = dg.StaticPartitionsDefinition(["a", "b", "c"])

    @dg.asset(partitions_def=partitions, backfill_policy=dg.BackfillPolicy.single_run())
    def many(context) -> None:
        for number, partition in enumerate(context.partition_keys):
            context.add_asset_metadata({"number": number}, partition_key=partition)

    with dg.DagsterInstance.from_ref(kept_open(InstanceRef.from_dir(str(folder)))) as instance:
        tags = {"dagster/asset_partition_range_start": "a", "dagster/asset_partition_range_end": "c"}
        dg.materialize([many], instance=instance, tags=tags)
    with dg.DagsterInstance.from_config(str(folder)) as plain:
        stored = plain.fetch_materializations(many.key, limit=10).records
        (entry,) = plain.get_asset_records([many.key])
        assert {record.partition_key for record in stored} == {"a", "b", "c"}
        latest = entry.asset_entry.last_materialization_record
        assert latest and latest.storage_id == max(record.storage_id for record in stored)
