"""When things run: contiguous ranges, schedules from the calendar, sensors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock
from zoneinfo import ZoneInfo

import dagster as dg
import pytest
from dagster._utils.schedules import cron_string_iterator
from dagster_shared.record import copy
from hypothesis import given
from hypothesis import strategies as st

from assets import automation
from assets.automation import COLLECTION, EVENTS, YEAR, contiguous
from assets.plan import Plan
from resources.places import Landing
from rsoko_pipeline import runner
from rsoko_pipeline.configuration import Configuration
from rsoko_pipeline.definitions import build_definitions
from rsoko_pipeline.families import family_of

START, END = automation.ASSET_PARTITION_RANGE_START_TAG, automation.ASSET_PARTITION_RANGE_END_TAG


# ------------------------------------------------------------------------------------------------------------- ranges
@given(st.integers(0, 40).flatmap(lambda n: st.tuples(st.just(n), st.sets(st.integers(0, max(n - 1, 0)), max_size=n))))
def test_ranges_cover_exactly_the_subset_and_cannot_be_joined(case: tuple[int, set[int]]) -> None:
    n, chosen = case
    order = [f"e{number}" for number in range(n)]
    subset = [order[number] for number in sorted(chosen, reverse=True) if number < n]
    ranges = [(order.index(first), order.index(last)) for first, last in contiguous(order, subset)]
    covered = [order[number] for first, last in ranges for number in range(first, last + 1)]
    assert covered == sorted(subset, key=order.index)
    assert all(after[0] - before[1] > 1 for before, after in pairwise(ranges))


def test_an_event_that_is_not_in_the_calendar_is_an_error() -> None:
    with pytest.raises(ValueError):
        contiguous(["a", "b"], ["c"])


def test_tags_are_dagsters_own() -> None:
    from dagster._core.storage import tags

    assert START == tags.ASSET_PARTITION_RANGE_START_TAG
    assert END == tags.ASSET_PARTITION_RANGE_END_TAG
    assert automation.PARTITION_NAME_TAG == tags.PARTITION_NAME_TAG


# ---------------------------------------------------------------------------------------------------------- schedules
def _tick(definitions: dg.Definitions, name: str, moment: datetime) -> tuple[list[dg.RunRequest], str | None]:
    context = dg.build_schedule_context(
        scheduled_execution_time=moment, repository_def=definitions.get_repository_def()
    )
    data = definitions.resolve_schedule_def(name).evaluate_tick(context)
    return list(data.run_requests or []), data.skip_message


def _morning(cfg: Configuration, day: Any) -> datetime:
    return datetime(day.year, day.month, day.day, 6, tzinfo=ZoneInfo(cfg.region.timezone))


def _covered(order: list[str], requests: Sequence[dg.RunRequest]) -> list[str]:
    ranges = [(order.index(request.tags[START]), order.index(request.tags[END])) for request in requests]
    return [key for first, last in ranges for key in order[first : last + 1]]


def test_the_day_after_a_window_requests_exactly_the_campaigns_events(
    cfg: Configuration, definitions: dg.Definitions
) -> None:
    assert cfg.calendar.campaigns
    for window in cfg.calendar.campaigns:
        family = family_of(cfg.procedures[window.procedure])
        wanted = family.name if family else EVENTS
        name = "after_" + window.campaign.replace("-", "_")
        requests, _ = _tick(definitions, name, _morning(cfg, window.window_to + timedelta(days=1)))
        assert {request.job_name for request in requests} == {wanted}
        assert len({request.run_key for request in requests}) == len(requests)
        job = definitions.resolve_job_def(wanted)
        assert job.partitions_def
        order = list(job.partitions_def.get_partition_keys())
        assert sorted(_covered(order, requests)) == sorted(window.event_ids)


def test_other_days_and_other_years_skip_with_a_reason(cfg: Configuration, definitions: dg.Definitions) -> None:
    window = cfg.calendar.campaigns[-1]
    day = window.window_to + timedelta(days=1)
    for other in (day - timedelta(days=1), day + timedelta(days=1), day.replace(year=day.year + 1)):
        requests, reason = _tick(definitions, "after_" + window.campaign.replace("-", "_"), _morning(cfg, other))
        assert requests == []
        assert reason == f"{other}: не день этого расписания."


@pytest.mark.parametrize(
    ("name", "day", "year"),
    [("quarterly_report", datetime(2026, 4, 1), "2025/2026"), ("year_summary", datetime(2026, 10, 1), "2025/2026")],
)
def test_periodic_reports_request_their_school_year(
    cfg: Configuration, definitions: dg.Definitions, name: str, day: datetime, year: str
) -> None:
    (request,), _ = _tick(definitions, name, _morning(cfg, day))
    assert (request.job_name, request.partition_key) == (YEAR, year)
    assert year in str(request.run_key)
    assert _tick(definitions, name, _morning(cfg, day + timedelta(days=1)))[0] == []


@pytest.mark.parametrize("zone", ["Asia/Kamchatka", "Europe/Kaliningrad"])
def test_a_day_is_a_day_of_the_regions_time(cfg: Configuration, zone: str) -> None:
    """Six in the morning in Kamchatka is still yesterday in UTC, in which a tick may be told."""
    far = replace(cfg, region=cfg.region.model_copy(update={"timezone": zone}))
    definitions = build_definitions(cfg=far)
    window = far.calendar.campaigns[-1]
    name = "after_" + window.campaign.replace("-", "_")
    assert definitions.resolve_schedule_def(name).execution_timezone == zone
    moment = _morning(far, window.window_to + timedelta(days=1))
    for told in (moment, moment.astimezone(ZoneInfo("UTC"))):
        assert {request.tags[START] for request in _tick(definitions, name, told)[0]} & set(window.event_ids)


def test_schedules_tick_on_the_days_on_which_they_are_due(cfg: Configuration, definitions: dg.Definitions) -> None:
    for window in cfg.calendar.campaigns:
        schedule = definitions.resolve_schedule_def("after_" + window.campaign.replace("-", "_"))
        ticks = cron_string_iterator(
            _morning(cfg, window.window_to).timestamp(), str(schedule.cron_schedule), schedule.execution_timezone
        )
        assert next(ticks) == _morning(cfg, window.window_to + timedelta(days=1))


def test_everything_is_off_until_switched_on(definitions: dg.Definitions) -> None:
    schedules, sensors = list(definitions.schedules or []), list(definitions.sensors or [])
    assert schedules and sensors
    assert {schedule.default_status for schedule in schedules} == {dg.DefaultScheduleStatus.STOPPED}
    assert {sensor.default_status for sensor in sensors} == {dg.DefaultSensorStatus.STOPPED}
    described = [*schedules, *sensors]
    assert all(one.description and any("а" <= letter <= "я" for letter in one.description) for one in described)


# ------------------------------------------------------------------------------------------------------------ sensors
def _sensor(definitions: dg.Definitions, name: str) -> dg.SensorDefinition:
    return definitions.resolve_sensor_def(name)


def _look(definitions: dg.Definitions, folder: Path, cursor: str | None) -> tuple[Any, str | None]:
    context = dg.build_sensor_context(
        cursor=cursor, resources={"landing": Landing(url=str(folder), store_folder=str(folder / ".store"))}
    )
    data = _sensor(definitions, "landing_sensor").evaluate_tick(context)
    return data, data.cursor


def test_the_landing_sensor_fires_on_new_content_alone(definitions: dg.Definitions, tmp_path: Path) -> None:
    first = tmp_path / "школа" / "форма.xlsx"
    first.parent.mkdir()
    first.write_bytes(b"one")
    fired, cursor = _look(definitions, tmp_path, None)
    (request,) = fired.run_requests
    assert cursor and request.run_key == cursor

    first.touch()
    again, same = _look(definitions, tmp_path, cursor)
    assert not again.run_requests and same == cursor, "a new time stamp is nothing new"
    (tmp_path / "~$форма.xlsx").write_bytes(b"lock")
    assert not _look(definitions, tmp_path, cursor)[0].run_requests, "nor is the lock file of an office program"

    first.write_bytes(b"two")
    corrected, later = _look(definitions, tmp_path, cursor)
    assert len(corrected.run_requests) == 1 and later != cursor, "same name and size, other content"
    (tmp_path / "вторая.xlsx").write_bytes(b"three")
    assert len(_look(definitions, tmp_path, later)[0].run_requests) == 1


def _with_ledger(cfg: Configuration, pending: list[str]) -> tuple[dg.Definitions, dict[str, Any]]:
    warehouse = MagicMock()
    warehouse.ledger.pending_events.return_value = pending
    warehouse.ledger.input_hashes.return_value = {event: f"hash of {event}" for event in cfg.calendar.events}
    sensor = next(one for one in automation.build(Plan(cfg)).sensors if one.name == "pending_sensor")
    definitions = build_definitions(cfg=cfg)
    assert sensor.name in {one.name for one in definitions.sensors or []}
    return definitions, {"warehouse": warehouse}


def test_the_pending_sensor_requests_what_must_be_built(cfg: Configuration) -> None:
    order = Plan(cfg).works
    pending = [*order[3:6], order[9]]
    definitions, given_resources = _with_ledger(cfg, pending)
    sensor = _sensor(definitions, "pending_sensor")
    requests = sensor.evaluate_tick(dg.build_sensor_context(resources=given_resources)).run_requests or []
    assert [(request.tags[START], request.tags[END]) for request in requests] == [
        (order[3], order[5]),
        (order[9], order[9]),
    ]
    assert len({request.run_key for request in requests}) == 2
    same = sensor.evaluate_tick(dg.build_sensor_context(resources=given_resources)).run_requests or []
    assert [request.run_key for request in same] == [request.run_key for request in requests], "asked for once"
    given_resources["warehouse"].ledger.input_hashes.return_value |= {order[3]: "a corrected file"}
    changed = sensor.evaluate_tick(dg.build_sensor_context(resources=given_resources)).run_requests or []
    assert not {request.run_key for request in changed} & {request.run_key for request in requests}


def test_the_pending_sensor_rests_when_all_is_built(cfg: Configuration) -> None:
    definitions, given_resources = _with_ledger(cfg, [])
    data = _sensor(definitions, "pending_sensor").evaluate_tick(dg.build_sensor_context(resources=given_resources))
    assert not data.run_requests
    assert data.skip_message == "Все события собраны из действующих файлов."


@pytest.mark.parametrize("kind", ["range", "one", "across years", "none", "of rsoko run"])
def test_the_publication_sensor_asks_for_the_years_of_what_was_built(
    cfg: Configuration, definitions: dg.Definitions, kind: str
) -> None:
    order, events = Plan(cfg).works, cfg.calendar.events
    last = cfg.calendar.years[-1]
    of_last = [key for key in order if events[key].school_year == last]
    before = order[order.index(of_last[0]) - 1]
    tags, years = {
        "range": ({START: of_last[0], END: of_last[2]}, [last]),
        "one": ({automation.PARTITION_NAME_TAG: of_last[1]}, [last]),
        "across years": ({START: before, END: of_last[0]}, [events[before].school_year, last]),
        "none": ({}, []),
        "of rsoko run": ({START: of_last[0], END: of_last[2]}, []),
    }[kind]

    @dg.op
    def nothing() -> None: ...

    @dg.job(name=EVENTS, tags=tags)
    def stand_in() -> None:
        nothing()

    with dg.DagsterInstance.ephemeral() as instance:
        done = stand_in.execute_in_process(instance=instance)
        sensor = _sensor(definitions, "publication_sensor")
        origin = runner.ORIGIN.get_job_origin(EVENTS) if kind == "of rsoko run" else None
        context = dg.build_run_status_sensor_context(
            sensor_name=sensor.name,
            dagster_instance=instance,
            dagster_run=copy(done.dagster_run, remote_job_origin=origin),
            dagster_event=done.get_run_success_event(),
        )
        requests: Any = sensor(context)
    assert [request.partition_key for request in requests or []] == years
    assert all(request.run_key == f"{done.run_id}:{request.partition_key}" for request in requests or [])


def test_jobs_cover_every_asset_once(cfg: Configuration, definitions: dg.Definitions) -> None:
    selected = [
        key
        for name in (COLLECTION, EVENTS, *(family.name for family in Plan(cfg).families), YEAR)
        for key in definitions.resolve_job_def(name).asset_layer.selected_asset_keys
    ]
    assert len(selected) == len(set(selected))
    assert set(selected) == {spec.key for spec in definitions.resolve_all_asset_specs()}
