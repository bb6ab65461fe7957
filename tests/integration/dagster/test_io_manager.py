"""The IO manager: exactly the partitions of a run, in one transaction, readable by whoever comes next."""

from __future__ import annotations

from typing import Any

import dagster as dg
import pandas as pd
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from resources.warehouse import COMPANIONS, TABLES, Warehouse, WarehouseIOManager
from rsoko_pipeline import contracts

from .conftest import Tasks

EVENTS = dg.StaticPartitionsDefinition(["a", "b", "c", "d"])
KEY = ["core", "dim_task"]


def _asset(
    value: Any, *, partitions: dg.PartitionsDefinition | None = EVENTS, companions: str = ""
) -> dg.AssetsDefinition:
    @dg.asset(
        key=KEY,
        partitions_def=partitions,
        metadata={TABLES: "dim_task", COMPANIONS: companions},
        backfill_policy=dg.BackfillPolicy.single_run() if partitions else None,
    )
    def produced() -> Any:
        return value() if callable(value) else value

    return produced


def _run(
    assets: list[dg.AssetsDefinition], resources: dict[str, Any], instance: dg.DagsterInstance, first: str, last: str
) -> dg.ExecuteInProcessResult:
    job = dg.Definitions(
        assets=assets, resources=resources, jobs=[dg.define_asset_job("all", dg.AssetSelection.all())]
    ).resolve_job_def("all")
    tags = {"dagster/asset_partition_range_start": first, "dagster/asset_partition_range_end": last}
    return job.execute_in_process(instance=instance, tags=tags, raise_on_error=False)


def _stored(engine: Engine) -> dict[str, tuple[int, int]]:
    with engine.connect() as connection:
        rows = connection.execute(sa.text("select event_id, count(*), max(max_points) from core.dim_task group by 1"))
        return {event: (count, points) for event, count, points in rows}


def test_a_range_replaces_exactly_its_partitions(
    engine: Engine, resources: dict[str, Any], instance: dg.DagsterInstance, tasks: Tasks
) -> None:
    assert _run([_asset(tasks(a=2, b=3, c=4, d=5))], resources, instance, "a", "d").success
    assert _run([_asset(tasks(max_points=7, b=1))], resources, instance, "b", "c").success
    assert _stored(engine) == {"a": (2, 1), "b": (1, 7), "d": (5, 1)}, "c has nothing any more"
    assert instance.get_materialized_partitions(dg.AssetKey(KEY)) == {"a", "b", "c", "d"}


def test_rows_of_a_partition_outside_the_run_are_refused(
    engine: Engine, resources: dict[str, Any], instance: dg.DagsterInstance, tasks: Tasks
) -> None:
    assert _run([_asset(tasks(a=2, b=3))], resources, instance, "a", "b").success
    assert not _run([_asset(tasks(max_points=7, a=1, d=1))], resources, instance, "a", "b").success
    assert _stored(engine) == {"a": (2, 1), "b": (3, 1)}


def test_an_asset_without_partitions_replaces_its_table(
    engine: Engine, resources: dict[str, Any], instance: dg.DagsterInstance, tasks: Tasks
) -> None:
    for counts in ({"a": 2, "b": 3}, {"c": 1}):
        assert dg.materialize(
            [_asset(tasks(**counts), partitions=None)], instance=instance, resources=resources
        ).success
    assert _stored(engine) == {"c": (1, 1)}


@pytest.mark.parametrize("names", [[], ["dim_task", "event_state", "dim_subject"], ["dim_task"]])
def test_other_tables_than_the_assets_own_are_refused(
    engine: Engine, resources: dict[str, Any], instance: dg.DagsterInstance, tasks: Tasks, names: list[str]
) -> None:
    assert _run([_asset(tasks(a=2))], resources, instance, "a", "a").success
    frames = {name: contracts.table(name).empty() for name in names}
    wrong = _run([_asset(frames, companions="event_state")], resources, instance, "a", "a")
    assert not wrong.success
    (failure,) = [event for event in wrong.all_events if event.is_step_failure]
    assert "core/dim_task: tables ['dim_task', 'event_state'] expected" in str(failure.step_failure_data.error)
    assert _stored(engine) == {"a": (2, 1)}, "a refused value changes nothing"


def test_companions_are_replaced_together_or_not_at_all(
    engine: Engine, resources: dict[str, Any], instance: dg.DagsterInstance, tasks: Tasks
) -> None:
    state = contracts.table("event_state")
    now = pd.Timestamp("2026-05-21", tz="UTC").as_unit("us")
    right = state.conform(pd.DataFrame([("a", "hash", 2, False, False, now, "run")], columns=state.names))
    wrong = right.assign(event_id="d")

    def run(tasks_frame: pd.DataFrame, states: pd.DataFrame) -> bool:
        value = {"dim_task": tasks_frame, "event_state": states}
        return _run([_asset(value, companions="event_state")], resources, instance, "a", "a").success

    assert run(tasks(a=2), right)
    assert not run(tasks(max_points=7, a=5), wrong), "a row of another partition, in the second table"
    assert _stored(engine) == {"a": (2, 1)}
    with engine.connect() as connection:
        assert connection.execute(sa.text("select event_id, inputs_hash from ops.event_state")).all() == [("a", "hash")]


@pytest.mark.parametrize("process", ["same", "another"])
def test_what_was_written_is_read_downstream(
    warehouse: Warehouse, resources: dict[str, Any], instance: dg.DagsterInstance, tasks: Tasks, process: str
) -> None:
    """In the same run from memory, in another process from the warehouse: the frame is the same."""
    seen: list[pd.DataFrame] = []

    @dg.asset(
        partitions_def=EVENTS,
        ins={"rows": dg.AssetIn(KEY)},
        backfill_policy=dg.BackfillPolicy.single_run(),
        io_manager_key="nothing",
    )
    def reader(rows: pd.DataFrame) -> None:
        seen.append(rows)

    given = tasks(a=2, b=3, c=4)
    nothing = {"nothing": dg.InMemoryIOManager()}
    if process == "same":
        assert _run([_asset(given), reader], {**resources, **nothing}, instance, "a", "c").success
    else:
        assert _run([_asset(given)], resources, instance, "a", "c").success
        fresh = {"io_manager": WarehouseIOManager(warehouse=warehouse), **nothing}
        source = dg.AssetSpec(KEY, partitions_def=EVENTS, metadata={TABLES: "dim_task"})
        assert _run([source, reader], fresh, instance, "a", "c").success  # type: ignore[list-item]
    (rows,) = seen
    order = ["event_id", "task_no"]
    pd.testing.assert_frame_equal(
        rows.sort_values(order).reset_index(drop=True), given.sort_values(order).reset_index(drop=True)
    )


def test_a_yearly_asset_replaces_the_events_that_it_names(
    engine: Engine, warehouse: Warehouse, resources: dict[str, Any], instance: dg.DagsterInstance, tasks: Tasks
) -> None:
    assert _run([_asset(tasks(a=2, b=2, c=2))], resources, instance, "a", "c").success
    years = dg.StaticPartitionsDefinition(["2024/2025", "2025/2026"])
    yearly = _asset(lambda: warehouse.begin({"dim_task": tasks(max_points=7, b=1)}, ["b", "c"]), partitions=years)
    assert _run([yearly], resources, instance, "2025/2026", "2025/2026").success
    assert _stored(engine) == {"a": (2, 1), "b": (1, 7)}


def test_rows_for_no_partition_are_a_failure_and_not_an_empty_success(warehouse: Warehouse, tasks: Tasks) -> None:
    with pytest.raises(dg.Failure, match="names no partition"):
        warehouse.begin({"dim_task": tasks(a=1)}, [])


def test_no_rows_for_no_partition_are_written_nowhere(engine: Engine, warehouse: Warehouse, tasks: Tasks) -> None:
    warehouse.begin({"dim_task": tasks(a=2)}, ["a"]).done.result()
    assert warehouse.begin({"dim_task": tasks()}, []).done.result() == [0]
    assert _stored(engine) == {"a": (2, 1)}
