"""Building events: files in force → checked rows → the tables of ``core`` and ``ops`` that are replaced together.

Belongs here: the order of steps from read files to facts. Does not belong here: the steps themselves (``assembly``,
``validation``), Dagster, storing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from rsoko_pipeline import contracts
from rsoko_pipeline.configuration import Configuration
from rsoko_pipeline.families import Family
from rsoko_pipeline.landing import assembly, exams
from rsoko_pipeline.landing.crosswalk import Crosswalk
from rsoko_pipeline.landing.earlier import Earlier, that_passes
from rsoko_pipeline.landing.ledger import as_quarantine
from rsoko_pipeline.landing.parsed import Taken
from rsoko_pipeline.validation.results import ResultBatch, Validated, validate_results
from rsoko_pipeline.validation.tables import validate_groups, validate_units
from rsoko_pipeline.validation.verdict import RESULT_COLUMNS


@dataclass(frozen=True)
class Built:
    """Some events, built.

    Attributes:
        facts: ``fact_result`` and what is written with it: ``fact_exam``, ``dim_task``, ``unknown_school``,
            ``quarantine``, ``check_result``, ``event_state``.
        groups: the group tables of ``core``.
    """

    facts: dict[str, pd.DataFrame]
    groups: dict[str, pd.DataFrame]

    def of(self, events: Collection[str], run_id: str) -> Built:
        """The part of some events, as that run's own."""
        return Built(_part(self.facts, events, run_id), _part(self.groups, events, run_id))


def _part(frames: Mapping[str, pd.DataFrame], events: Collection[str], run_id: str) -> dict[str, pd.DataFrame]:
    out = {}
    for name, frame in frames.items():
        wanted = frame["event_id"].isin(events)
        mine = frame if wanted.all() else frame[wanted]
        out[name] = mine.assign(run_id=run_id) if "run_id" in mine else mine
    return out


class Together:
    """Events that this process is about to build, a range a run: read and validated once for all of them.

    Great Expectations costs a second a batch, whatever its size, and Dagster gives a run one contiguous range. Whoever
    is about to execute several ranges in one process (``runner``) announces their events; the first range builds them
    all.
    """

    def __init__(self) -> None:
        self._announced: frozenset[str] = frozenset()
        self._built: Built | None = None
        self._hashes: dict[str, str] = {}

    def announce(self, events: Iterable[str]) -> None:
        """These events come next; what was built before is forgotten."""
        self._announced, self._built, self._hashes = frozenset(events), None, {}

    def batch(self, events: Sequence[str]) -> list[str]:
        """The events to build now, when ``events`` are asked for."""
        return sorted(self._announced) if self._announced.issuperset(events) else sorted(events)

    def get(self, events: Sequence[str], hashes: Mapping[str, str]) -> Built | None:
        """What was built of these events, if it was built from this very input."""
        is_same = all(event in self._hashes and self._hashes[event] == hashes.get(event) for event in events)
        return self._built if is_same else None

    def put(self, built: Built, hashes: Mapping[str, str]) -> None:
        """Keep what was built for the ranges to come."""
        self._built, self._hashes = built, {event: hashes[event] for event in self._announced if event in hashes}


#: The process's own.
TOGETHER = Together()


def build_events(
    taken: Taken,
    units: pd.DataFrame,
    events: Sequence[str],
    *,
    cfg: Configuration,
    schools: pd.DataFrame,
    municipalities: pd.DataFrame,
    crosswalk: Crosswalk,
    before: pd.DataFrame,
    files: pd.DataFrame,
    input_hashes: Mapping[str, str],
    key: bytes,
    run_id: str,
    earlier: Earlier | None = None,
) -> Built:
    """Build events from their files.

    Args:
        taken: the files that carry the units, read.
        units: rows of ``ops.file_unit`` in force for these events.
        events: the events to build; one without files becomes empty.
        cfg: configuration.
        schools, municipalities: the register; without schools its checks are not available.
        crosswalk: all codes of the schools.
        before: rows of ``ops.quarantine`` of these events: decisions, and findings of files that are not in force.
        files: rows of ``ops.landing_file``.
        input_hashes: what each event is built from (``Ledger.input_hashes``).
        key: the pseudonyms' key.
        run_id: the run.
        earlier: what the units in force have taken the place of: it counts while they are held as a whole.
    """
    released = before[before["action"] == "released"]
    register = None if schools.empty else schools

    def judge(taken: Taken, units: pd.DataFrame) -> _Pupils:
        gathered, unknown = _gathered(taken, units, crosswalk)
        sittings = judge_exams(gathered, cfg=cfg, released=released)
        validated = validate_results(
            pupils(gathered),
            cfg=cfg,
            schools=register,
            municipalities=municipalities,
            released=released,
        )
        return _Pupils(gathered, unknown, sittings, validated)

    sent = judge(taken, units)
    counted, found = sent, sent.validated.findings.head(0)
    if earlier is not None:
        counted, found = that_passes(sent, judge, taken, units, earlier, crosswalk)
    groups = judge_groups(sent.gathered, cfg=cfg, schools=register, municipalities=municipalities, released=released)
    fact_result = assembly.fact_result(counted.validated.passed, cfg, key, run_id)
    origin = _Origin(events, units, before, files, input_hashes, cfg.version, run_id)
    of_sittings = [sent.sittings.validated] if sent.sittings else []
    facts = {
        "fact_result": fact_result,
        "fact_exam": exams.fact_exam(counted.sittings, counted.validated, cfg, run_id),
        "dim_task": assembly.dim_task(counted.gathered.tasks, cfg),
        "unknown_school": sent.unknown,
        **origin.companions(
            sent.gathered, [sent.validated, *of_sittings, *groups.values()], fact_result, about_earlier=found
        ),
    }
    return Built(facts, assembly.group_facts({name: judged.passed for name, judged in groups.items()}, cfg, run_id))


def build_family(
    family: Family,
    taken: Taken,
    units: pd.DataFrame,
    events: Sequence[str],
    *,
    cfg: Configuration,
    schools: pd.DataFrame,
    crosswalk: Crosswalk,
    before: pd.DataFrame,
    files: pd.DataFrame,
    input_hashes: Mapping[str, str],
    key: bytes,
    run_id: str,
) -> dict[str, pd.DataFrame]:
    """Build events of a family of procedures from their files; arguments as in ``build_events``.

    Returns:
        The family's fact and what is written with it: ``unknown_school``, ``quarantine``, ``check_result``,
        ``event_state``.
    """
    gathered, unknown = _gathered(taken, units, crosswalk)
    released = before[before["action"] == "released"]
    judged = judge_family(family, gathered, cfg=cfg, schools=None if schools.empty else schools, released=released)
    fact = contracts.table(family.fact).empty()
    if judged is not None:
        fact = assembly.table_facts(family, judged.passed, cfg, key, run_id)
    origin = _Origin(events, units, before, files, input_hashes, cfg.version, run_id)
    companions = origin.companions(gathered, [judged] if judged else [], fact)
    return {family.fact: fact, "unknown_school": unknown, **companions}


def _gathered(taken: Taken, units: pd.DataFrame, crosswalk: Crosswalk) -> tuple[assembly.Gathered, pd.DataFrame]:
    """The rows of the units in force under the schools of the register, and the codes that it does not know."""
    settled, replaced = crosswalk.settle(units)
    gathered = assembly.gather(taken.results, settled, frames=taken.frames)
    crosswalk.place(gathered)
    gathered.findings = pd.concat([gathered.findings, replaced], ignore_index=True)
    return gathered, crosswalk.unknown(gathered)


@dataclass(frozen=True)
class _Pupils:
    """Pupil rows of some files, judged: what they are from, codes that no register knows, the sittings among them."""

    gathered: assembly.Gathered
    unknown: pd.DataFrame
    sittings: exams.Judged | None
    validated: Validated


@dataclass(frozen=True)
class _Origin:
    """From what events are built, and by which run: what stands beside their facts in ``ops``."""

    events: Sequence[str]
    units: pd.DataFrame
    before: pd.DataFrame
    files: pd.DataFrame
    input_hashes: Mapping[str, str]
    config_version: str
    run_id: str

    def companions(
        self,
        gathered: assembly.Gathered,
        judged: Iterable[Validated],
        facts: pd.DataFrame,
        *,
        about_earlier: pd.DataFrame | None = None,
    ) -> dict[str, pd.DataFrame]:
        """``quarantine``, ``check_result`` and ``event_state`` of the events."""
        now = pd.Timestamp.now(tz="UTC").as_unit("us")
        stamp: dict[str, Any] = {"config_version": self.config_version, "run_id": self.run_id, "computed_at": now}
        parts = list(judged)
        found = pd.concat([gathered.findings, *(part.findings for part in parts), about_earlier], ignore_index=True)
        results = contracts.table("check_result")
        checks = [results.empty()[RESULT_COLUMNS], *(part.checks for part in parts)]
        return {
            "quarantine": _quarantine(found, self.before, self.files, self.units, now),
            "check_result": results.conform(_one_a_check(pd.concat(checks)).assign(**stamp)),
            "event_state": _state(self.events, facts, self.input_hashes, now, self.run_id),
        }


def judge_exams(
    gathered: assembly.Gathered, *, cfg: Configuration, released: pd.DataFrame | None = None
) -> exams.Judged | None:
    """The sittings of exams, checked; those that count are then among the works of ``gathered``, their tasks settled.

    None where the files hold no exam. Arguments as of ``judge_groups``.
    """
    judged = exams.judge(gathered, cfg=cfg, released=released)
    if judged is not None:
        assembly.settle_tasks(gathered)
    return judged


def pupils(gathered: assembly.Gathered) -> ResultBatch:
    """The pupils' works of files whose sittings are judged (``judge_exams``), as validation takes them."""
    return ResultBatch(
        gathered.rows("source_result"),
        gathered.rows("source_school"),
        gathered.files,
        seated=gathered.rows("source_exam")["event_id"].unique().tolist(),
    )


def judge_groups(
    gathered: assembly.Gathered,
    *,
    cfg: Configuration,
    schools: pd.DataFrame | None,
    municipalities: pd.DataFrame | None,
    released: pd.DataFrame | None = None,
) -> dict[str, Validated]:
    """The aggregate tables and official lists, checked, by the name of their source frame.

    Args:
        gathered: the files' rows.
        cfg: rules of the procedures.
        schools: rows of ``core.dim_school``; None where there is no register.
        municipalities: rows of ``core.dim_municipality``.
        released: rows of ``ops.quarantine`` that a person has let through.
    """
    out = {}
    for content in assembly.GROUP_CONTENTS:
        rows = gathered.rows(content)
        if rows.empty:
            continue
        out[content] = validate_groups(
            content, rows, cfg=cfg, schools=schools, municipalities=municipalities, released=released
        )
    return out


def judge_family(
    family: Family,
    gathered: assembly.Gathered,
    *,
    cfg: Configuration,
    schools: pd.DataFrame | None,
    released: pd.DataFrame | None = None,
) -> Validated | None:
    """A family's rows, checked; None where the files hold none. Arguments as of ``judge_groups``."""
    rows = gathered.rows(family.source)
    return None if rows.empty else validate_units(rows, family, cfg=cfg, schools=schools, released=released)


def _quarantine(
    found: pd.DataFrame, before: pd.DataFrame, files: pd.DataFrame, units: pd.DataFrame, now: pd.Timestamp
) -> pd.DataFrame:
    """Today's findings with the decisions taken on them, and what still stands though no build finds it.

    That is what was found of files that are not in force, and rivals for a unit, which only their intake has seen.
    """
    fresh = as_quarantine(found, now, before[before["action"].isin(["released", "dropped"])])
    standing = set(files.loc[files["status"].isin(["refused", "held", "superseded"]), "file_id"]) - set(
        units["file_id"]
    )
    stays = before["file_id"].isin(standing) | (before["code"] == "RSK-UNIT-TWICE")
    kept = before[stays & ~before["quarantine_id"].isin(fresh["quarantine_id"])]
    return pd.concat([fresh, kept], ignore_index=True)


def _one_a_check(checks: pd.DataFrame) -> pd.DataFrame:
    """A check that several tables of one event went through becomes one row; the failing one speaks."""
    ordered = checks.sort_values(["event_id", "check_name", "passed"], kind="stable")
    grouped = ordered.groupby(["event_id", "check_name"], sort=False)
    sums = grouped[["checked", "failed"]].transform("sum")
    return ordered.assign(checked=sums["checked"], failed=sums["failed"]).drop_duplicates(["event_id", "check_name"])


def _state(
    events: Sequence[str], facts: pd.DataFrame, input_hashes: Mapping[str, str], now: pd.Timestamp, run_id: str
) -> pd.DataFrame:
    rows = facts.groupby("event_id").size()
    built = [event for event in events if event in input_hashes]
    return contracts.table("event_state").conform(
        pd.DataFrame(
            {
                "event_id": built,
                "inputs_hash": [input_hashes[event] for event in built],
                "rows": [int(rows.get(event, 0)) for event in built],
                "is_published": False,
                "is_reported": False,
                "loaded_at": now,
                "run_id": run_id,
            }
        )
    )
