"""Jobs, schedules and sensors, all derived from the calendar; schedules and sensors are off until switched on.

Belongs here: when things run. Does not belong here: what they do (the asset modules), the calendar's rules
(``rsoko_pipeline.calendar``).
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import dagster as dg
from dagster._core.remote_origin import RegisteredCodeLocationOrigin

from assets.families import fact_key, mart_key
from assets.plan import Plan
from resources.places import Landing
from resources.warehouse import Warehouse
from rsoko_pipeline.calendar.schedule import ScheduleRule, schedule_plan
from rsoko_pipeline.families import dependencies
from rsoko_pipeline.landing.scan import fingerprint, scan

#: The named jobs, in the order in which ``rsoko run`` executes them.
COLLECTION, EVENTS, YEAR = "collection", "events", "year"


@dataclass(frozen=True)
class Automation:
    """What makes the assets run."""

    jobs: list[Any]
    schedules: list[dg.ScheduleDefinition]
    sensors: list[dg.SensorDefinition]


def build(plan: Plan) -> Automation:
    """Jobs, schedules and sensors for the calendar in force."""
    jobs = _jobs(plan)
    return Automation(
        list(jobs.values()), [_schedule(plan, rule) for rule in schedule_plan(plan.cfg)], _sensors(plan, jobs)
    )


def _jobs(plan: Plan) -> dict[str, Any]:
    groups = dg.AssetSelection.groups
    return {
        COLLECTION: dg.define_asset_job(
            COLLECTION,
            groups("calendar", "collection", "registers"),
            description="Календарь, приём новых файлов из входящих, реестры.",
        ),
        EVENTS: dg.define_asset_job(
            EVENTS,
            groups("results", "statistics"),
            description="Результаты и статистика работ; один запуск — непрерывный ряд событий.",
        ),
        **{
            family.name: dg.define_asset_job(
                family.name,
                dg.AssetSelection.assets(fact_key(family), mart_key(family)),
                description=f"{family.title_ru}: факты и статистика; один запуск — непрерывный ряд событий.",
            )
            for family in plan.families
        },
        YEAR: dg.define_asset_job(
            YEAR,
            groups("objectivity", "publication"),
            description="Признаки, доска загрузки, план и факт, отчёты учебного года.",
        ),
    }


#: Dagster's own tags of runs over partitions.
PARTITION_NAME_TAG = "dagster/partition"
ASSET_PARTITION_RANGE_START_TAG = "dagster/asset_partition_range_start"
ASSET_PARTITION_RANGE_END_TAG = "dagster/asset_partition_range_end"


def contiguous(order: Sequence[str], subset: Sequence[str]) -> list[tuple[str, str]]:
    """Ranges (first, last) along ``order`` that cover exactly ``subset``: Dagster gives a run one such range."""
    ranges: list[list[int]] = []
    for index in sorted(order.index(key) for key in subset):
        if ranges and index == ranges[-1][1] + 1:
            ranges[-1][1] = index
        else:
            ranges.append([index, index])
    return [(order[first], order[last]) for first, last in ranges]


def range_tags(first: str, last: str) -> dict[str, str]:
    """The tags that give a run the range of partitions from ``first`` to ``last``."""
    return {ASSET_PARTITION_RANGE_START_TAG: first, ASSET_PARTITION_RANGE_END_TAG: last}


def _orders(plan: Plan) -> dict[str, list[str]]:
    """The events that each job builds, in the order of its partitions."""
    return {EVENTS: plan.works} | {family.name: plan.of_family(family) for family in plan.families}


def event_ranges(plan: Plan, events: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """Job, first and last event of the runs that build exactly these events: works first, then family by family."""
    wanted = set(events)
    for job, order in _orders(plan).items():
        for first, last in contiguous(order, [event for event in order if event in wanted]):
            yield job, first, last


def event_requests(plan: Plan, events: Sequence[str], run_key: str | None = None) -> Iterator[dg.RunRequest]:
    """Run requests for these events, one a contiguous range."""
    for job, first, last in event_ranges(plan, events):
        key = f"{run_key}:{first}" if run_key else None
        yield dg.RunRequest(run_key=key, job_name=job, tags=range_tags(first, last))


def _schedule(plan: Plan, rule: ScheduleRule) -> dg.ScheduleDefinition:
    zone = ZoneInfo(plan.cfg.region.timezone)
    job = next((job for job, *_ in event_ranges(plan, rule.keys)), EVENTS) if rule.kind == "events" else YEAR

    def requests(context: dg.ScheduleEvaluationContext) -> Iterator[dg.RunRequest | dg.SkipReason]:
        day = context.scheduled_execution_time.astimezone(zone).date()
        if not rule.is_due(day):
            yield dg.SkipReason(f"{day}: не день этого расписания.")
        elif rule.kind == "events":
            yield from event_requests(plan, rule.keys_on(day), run_key=f"{rule.name}:{day}")
        else:
            for year in rule.keys_on(day):
                yield dg.RunRequest(run_key=f"{rule.name}:{day}:{year}", job_name=YEAR, partition_key=year)

    return dg.ScheduleDefinition(
        name=rule.name,
        job_name=job,
        cron_schedule=rule.cron,
        description=rule.description_ru,
        execution_fn=requests,
        execution_timezone=plan.cfg.region.timezone,
        default_status=dg.DefaultScheduleStatus.STOPPED,
    )


def _sensors(plan: Plan, jobs: Mapping[str, Any]) -> list[dg.SensorDefinition]:
    orders = _orders(plan)
    event_jobs = [jobs[name] for name in orders]

    @dg.sensor(
        name="landing_sensor",
        job=jobs[COLLECTION],
        minimum_interval_seconds=60,
        description="Новые файлы во входящих: новое решает SHA-256 содержимого, не время и не число файлов.",
    )
    def landing_sensor(context: dg.SensorEvaluationContext, landing: Landing) -> dg.RunRequest | dg.SkipReason:
        seen = fingerprint(scan(landing.folder))
        if seen == context.cursor:
            return dg.SkipReason("Во входящих ничего нового.")
        context.update_cursor(seen)
        return dg.RunRequest(run_key=seen)

    @dg.sensor(
        name="pending_sensor",
        jobs=event_jobs,
        minimum_interval_seconds=60,
        description="События, чей вход (файлы, реестры, решения, настройки) изменился с последней сборки.",
    )
    def pending_sensor(
        context: dg.SensorEvaluationContext, warehouse: Warehouse
    ) -> list[dg.RunRequest] | dg.SkipReason:
        ledger = warehouse.ledger
        depends = dependencies(plan.cfg)
        pending = ledger.pending_events(plan.cfg.version, plan.cfg.calendar.events, depends)
        if not pending:
            return dg.SkipReason("Все события собраны из действующих файлов.")
        hashes = ledger.input_hashes(plan.cfg.version, depends)
        key = hashlib.sha256("".join(hashes[event] for event in pending).encode()).hexdigest()[:16]
        return list(event_requests(plan, pending, run_key=key))

    @dg.run_status_sensor(
        name="publication_sensor",
        run_status=dg.DagsterRunStatus.SUCCESS,
        monitored_jobs=event_jobs,
        request_job=jobs[YEAR],
        description="После сборки событий — доска загрузки и отчёты их учебных годов.",
    )
    def publication_sensor(context: dg.RunStatusSensorContext) -> list[dg.RunRequest]:
        order = orders[context.dagster_run.job_name]
        origin = context.dagster_run.remote_job_origin
        if origin and isinstance(origin.repository_origin.code_location_origin, RegisteredCodeLocationOrigin):
            return []  # a run of `rsoko run`, which publishes when all its events are built
        tags = context.dagster_run.tags
        single = tags.get(PARTITION_NAME_TAG)
        first = tags.get(ASSET_PARTITION_RANGE_START_TAG, single)
        last = tags.get(ASSET_PARTITION_RANGE_END_TAG, single)
        if first is None or last is None:
            return []
        events = order[order.index(first) : order.index(last) + 1]
        years = dict.fromkeys(plan.cfg.calendar.events[event].school_year for event in events)
        return [dg.RunRequest(run_key=f"{context.dagster_run.run_id}:{year}", partition_key=year) for year in years]

    return [landing_sensor, pending_sensor, publication_sensor]
