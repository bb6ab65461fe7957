"""``rsoko run``: everything that follows from the landing folder, in one process, through Dagster's own jobs.

Belongs here: the order of jobs, what is pending, the Dagster instance of an installation. Does not belong here: what
the jobs do (``assets``), printing (``cli``).
"""

from __future__ import annotations

import fcntl
import logging
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import IO, TypeAlias

import dagster as dg
import pandas as pd
from dagster._core.definitions.job_base import InMemoryJob
from dagster._core.definitions.repository_definition import SINGLETON_REPOSITORY_NAME
from dagster._core.execution.api import execute_run
from dagster._core.instance.ref import InstanceRef
from dagster._core.remote_origin import RegisteredCodeLocationOrigin, RemoteRepositoryOrigin

from assets import automation
from assets.lots import lots
from assets.plan import Plan
from resources.history import KeptOpenEvents, kept_open
from resources.warehouse import connect
from rsoko_pipeline import memory
from rsoko_pipeline.configuration import Configuration, load
from rsoko_pipeline.definitions import LOCATION, build_definitions
from rsoko_pipeline.families import dependencies
from rsoko_pipeline.forked import carried_out
from rsoko_pipeline.landing import building, parsed, ris
from rsoko_pipeline.landing.ledger import Ledger
from rsoko_pipeline.landing.scan import scan
from rsoko_pipeline.landing.store import Store
from rsoko_pipeline.objectivity import settings as objectivity_settings
from rsoko_pipeline.settings import Settings
from rsoko_pipeline.sources.reading import unreadable_id
from rsoko_pipeline.standing import signs_to_check

_DAGSTER_YAML = """\
# Written by `rsoko`; edit as you like. Dagster's own telemetry and surveys are off.
telemetry:
  enabled: false
nux:
  enabled: false
concurrency:
  runs:
    max_concurrent_runs: 1
"""

FILE_STATUS_RU = {
    "accepted": "принято",
    "refused": "отклонено",
    "superseded": "заменено",
    "duplicate": "повторов",
    "held": "удержано",
}

#: From so many events on copies of this process save more than the batches of their own cost.
MANY_EVENTS = 8
RunJob: TypeAlias = Callable[..., None]


@dataclass(frozen=True)
class JobRun:
    """A run of a job.

    Attributes:
        job: the job's name.
        run_id: Dagster's.
        failure: why it failed, None when it did not.
    """

    job: str
    run_id: str
    failure: str | None


@dataclass
class RunSummary:
    """What one ``rsoko run`` did.

    Attributes:
        files: number of files taken in, by status.
        rows: pupils' works stored for the events built.
        others: of the events built those of other procedures than pupils' works.
        other_rows: rows stored for them.
        held: findings that hold something back in the events built and files taken in.
        signs: school × work with signs of biased results that call for a check, in the school years reported.
        events: events built, in partition order.
        years: school years whose reports were made.
        runs: Dagster's runs.
        seconds: duration by stage.
    """

    files: dict[str, int] = field(default_factory=dict)
    rows: int = 0
    others: list[str] = field(default_factory=list)
    other_rows: int = 0
    held: int = 0
    signs: int = 0
    events: list[str] = field(default_factory=list)
    years: list[str] = field(default_factory=list)
    runs: list[JobRun] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def did_nothing(self) -> bool:
        """Whether there was nothing new."""
        return not self.runs

    @property
    def failed(self) -> list[JobRun]:
        """The runs that failed."""
        return [run for run in self.runs if run.failure is not None]

    @property
    def has_findings(self) -> bool:
        """Whether something was refused or held back."""
        return bool(self.held or self.files.get("refused") or self.files.get("held"))

    def lines(self) -> list[str]:
        """What was done, for people."""
        files = ", ".join(f"{FILE_STATUS_RU[status]} {count}" for status, count in sorted(self.files.items()))
        return [
            f"Файлы: {files or 'новых нет'}.",
            f"Работы: собрано {len(self.events) - len(self.others)}, записей участников {self.rows}.",
            *([f"Другие процедуры: собрано {len(self.others)}, записей {self.other_rows}."] if self.others else []),
            f"Удержано замечаний: {self.held}." + (" Подробности: `rsoko quarantine list`." if self.held else ""),
            *(
                [f"Признаки, требуют проверки: {self.signs} (школа × работа); это не вывод о школе."]
                if self.signs
                else []
            ),
        ]


#: Where the pages of ``rsoko ui`` find the job of a run, to show it and to execute it again.
ORIGIN = RemoteRepositoryOrigin(RegisteredCodeLocationOrigin(LOCATION), SINGLETON_REPOSITORY_NAME)


@contextmanager
def dagster_instance(settings: Settings) -> Iterator[dg.DagsterInstance]:
    """The installation's Dagster instance for this process; its folder and settings are made at first use."""
    folder = settings.dagster_home
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "dagster.yaml").exists():
        (folder / "dagster.yaml").write_text(_DAGSTER_YAML, encoding="utf-8")
    os.environ["DAGSTER_HOME"] = str(folder)
    os.environ.setdefault("DAGSTER_EVENT_BATCH_SIZE", "1000")
    ref = kept_open(InstanceRef.from_dir(str(folder)))
    with (folder / "running.lock").open("w") as lock, dg.DagsterInstance.from_ref(ref) as instance:
        _end_abandoned(instance, lock)
        yield instance


def _end_abandoned(instance: dg.DagsterInstance, lock: IO[str]) -> None:
    """Let the runs of killed processes fail: under way, they would hold up the queue of ``rsoko ui`` for ever.

    Every process that may have runs of its own under way shares the lock; whoever gets it alone knows that no other
    has. Only in a history of this machine's own, since the lock is no more than that.
    """
    if not isinstance(instance.event_log_storage, KeptOpenEvents):
        return
    with suppress(BlockingIOError):
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        for run in instance.get_runs(dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED])):
            if run.remote_job_origin == ORIGIN.get_job_origin(run.job_name):
                instance.report_run_failed(run, "Процесс прерван, не окончив запуск.")
    fcntl.flock(lock, fcntl.LOCK_SH)


def run(
    settings: Settings,
    *,
    events: Sequence[str] = (),
    years: Sequence[str] = (),
    until: str = "reports",
    say: Callable[[str], None] = lambda _: None,
) -> RunSummary:
    """Take in what is new and materialize what follows from it.

    Args:
        settings: the installation.
        events: only these events; all that are pending by default.
        years: only events of these school years.
        until: ``marts`` stops before the reports.
        say: called with a plain line at each step.
    """
    summary = RunSummary()
    started = pd.Timestamp.now(tz="UTC")
    clock = _Clock(summary.seconds)
    cfg = load()
    objectivity_settings.load()  # a fault in them is said now, not when all else is built
    with clock("warehouse"):
        ledger = Ledger(connect(str(settings.home), settings.warehouse_url))
    with clock("scan"):
        fresh = _is_fresh(ledger, settings, cfg)
    if not fresh and not _pending(ledger, cfg, events, years) and not (until == "reports" and ledger.unreported()):
        return summary
    with clock("definitions"):
        jobs = _Jobs(build_definitions(settings=settings, cfg=cfg), settings)
    if fresh:
        say("Приём новых файлов из входящих")
        with clock("collection"), jobs.begun() as run_job:
            run_job(automation.COLLECTION)
    wanted = _pending(ledger, cfg, events, years)
    plan = Plan(cfg)
    with clock("events"):
        jobs.runs += _build(jobs, plan, wanted, ledger, settings.workers, say)
    parsed.forget()
    summary.events = wanted
    summary.files = ledger.files_since(started)
    summary.others = [event for event in wanted if event not in plan.works]
    summary.rows = ledger.built_rows([event for event in wanted if event in plan.works])
    summary.other_rows, summary.held = ledger.built_rows(summary.others), len(ledger.quarantined())
    if until == "reports":
        summary.years = _touched_years(cfg, wanted, ledger, fresh, years)
        with clock("publication"):
            _publish(jobs, summary.years, say)
        summary.signs = signs_to_check(ledger.engine, summary.years)
    summary.runs = jobs.runs
    return summary


def publish(settings: Settings, *, say: Callable[[str], None] = lambda _: None) -> RunSummary:
    """Make the boards and reports of every school year that has data, anew."""
    cfg = load()
    ledger = Ledger(connect(str(settings.home), settings.warehouse_url))
    jobs = _Jobs(build_definitions(settings=settings, cfg=cfg), settings)
    years = _touched_years(cfg, [], ledger, True, [])
    _publish(jobs, years, say)
    return RunSummary(years=years, runs=jobs.runs)


def _build(
    jobs: _Jobs, plan: Plan, wanted: Sequence[str], ledger: Ledger, workers: int, say: Callable[[str], None]
) -> list[JobRun]:
    """Build events, lot by lot; many of them in copies of this process, side by side."""

    def build(lot: Sequence[str]) -> list[JobRun]:
        building.TOGETHER.announce(set(plan.works).intersection(lot))
        mine = _Jobs(jobs.definitions, jobs.settings)
        with mine.begun() as run_job:
            for job, first, last in automation.event_ranges(plan, lot):
                say(f"Сборка событий {first} … {last}" if first != last else f"Сборка события {first}")
                run_job(job, automation.range_tags(first, last))
                memory.give_back()
        building.TOGETHER.announce([])
        return mine.runs

    copies = workers if len(wanted) >= MANY_EVENTS else 1
    parts = lots(plan, wanted, ledger.units_by_event(wanted), copies)
    ledger.engine.dispose()  # its connections cannot be shared with copies
    return [run for runs in carried_out(build, parts, copies) for run in runs]


def _publish(jobs: _Jobs, years: Sequence[str], say: Callable[[str], None]) -> None:
    with jobs.begun() as run_job:
        for year in years:
            say(f"Доска загрузки и отчёты {year} учебного года")
            run_job(automation.YEAR, partition_key=year)


class _Clock:
    """Adds the duration of a ``with`` block to a stage."""

    def __init__(self, seconds: dict[str, float]) -> None:
        self._seconds = seconds
        self._open: list[tuple[str, float]] = []

    def __call__(self, stage: str) -> _Clock:
        self._open.append((stage, time.perf_counter()))
        return self

    def __enter__(self) -> None: ...

    def __exit__(self, *_: object) -> None:
        stage, start = self._open.pop()
        self._seconds[stage] = self._seconds.get(stage, 0.0) + time.perf_counter() - start


class _Jobs:
    """Runs named jobs of a code location in this process.

    A run is the job of ``rsoko ui`` to the letter, origin and snapshot alike, or Dagster could not execute it again
    from there; ``execute_in_process`` would make it one of a job that no code location has.

    Attributes:
        definitions: the code location.
        settings: the installation.
        runs: what was run.
    """

    def __init__(self, definitions: dg.Definitions, settings: Settings) -> None:
        self.definitions = definitions
        self.settings = settings
        self.runs: list[JobRun] = []

    @contextmanager
    def begun(self) -> Iterator[RunJob]:
        """A function that runs a job; the history of runs is open meanwhile."""
        with dagster_instance(self.settings) as instance:
            yield partial(self._run, instance)

    def _run(
        self,
        instance: dg.DagsterInstance,
        name: str,
        tags: Mapping[str, str] | None = None,
        partition_key: str | None = None,
    ) -> None:
        job = self.definitions.resolve_job_def(name)
        if partition_key:
            tags = job.get_tags_for_partition_key(partition_key, selected_asset_keys=None)
        origin = ORIGIN.get_job_origin(name)
        run = instance.create_run_for_job(job, run_config=_SILENT, tags=tags, remote_job_origin=origin)
        result = execute_run(InMemoryJob(job), run, instance)
        self.runs.append(JobRun(name, result.run_id, None if result.success else _reason(result)))


def _reason(result: dg.JobExecutionResult) -> str:
    """Why a run failed: what the first failed step raised, without Dagster's wrapping."""
    for event in result.all_events:
        if event.is_step_failure and event.step_failure_data.error:
            error = event.step_failure_data.error
            return (error.cause or error).message.strip()
    return "причина в журнале запуска"


def _is_fresh(ledger: Ledger, settings: Settings, cfg: Configuration) -> bool:
    """Whether the landing folder or the configuration holds something that no intake has seen."""
    known = ledger.known_files(cfg.version)
    pairs = set(zip(known["file_id"], known["name"], strict=True))
    database = ris.incoming(settings.ris_url, Store(settings.store), settings.pseudonym_key) if settings.ris_url else []
    found = [*scan(settings.landing), *database]
    present = ((item.file_id or unreadable_id(item.name), item.name) for item in found)
    return any(pair not in pairs for pair in present) or not ledger.knows_configuration(cfg.version)


def _pending(ledger: Ledger, cfg: Configuration, events: Sequence[str], years: Sequence[str]) -> list[str]:
    chosen = [
        event.event_id
        for event in cfg.calendar.events.values()
        if (not events or event.event_id in events) and (not years or event.school_year in years)
    ]
    return ledger.pending_events(cfg.version, chosen, dependencies(cfg))


def _touched_years(
    cfg: Configuration, events: Sequence[str], ledger: Ledger, fresh: bool, years: Sequence[str]
) -> list[str]:
    about = [*events, *ledger.unreported(), *(ledger.known_events() if fresh else [])]
    touched = {cfg.calendar.events[event].school_year for event in about if event in cfg.calendar.events}
    return [year for year in cfg.calendar.years if year in touched and (not years or year in years)]


#: Dagster's own lines stay off the terminal; they are in its storage for the UI.
_SILENT = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


def quiet_dagster() -> None:
    """Keep Dagster's own log lines off the terminal; they stay in its storage for the UI."""
    for name in ("dagster", "alembic", "great_expectations"):
        logging.getLogger(name).setLevel(logging.WARNING)
