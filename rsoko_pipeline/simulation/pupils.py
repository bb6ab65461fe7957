"""Protocols that are about pupils: olympiads, second marking, journals; and who observed the works.

Belongs here: what pupils, experts and observers do. Does not belong here: the pupils' works and levels (``model``),
how a row is written (``templates``).

The pupils are those of the works: a strong pupil of the ВПР goes far in the olympiad, a work with falsified points
loses them when it is marked again, a journal mark is the one that the work is compared with.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from rsoko_pipeline.calendar import Event
from rsoko_pipeline.configuration import Configuration
from rsoko_pipeline.simulation.model import (
    Cohort,
    SimulatedRegion,
    WorkResult,
    ability,
    in_school,
    make_cohort,
    simulate_work_arrays,
)
from rsoko_pipeline.simulation.parameters import WorkSpec
from rsoko_pipeline.simulation.streams import stream
from rsoko_pipeline.simulation.templates import Row, Template
from rsoko_pipeline.simulation.units import Unit
from rsoko_pipeline.simulation.works import spec_of
from rsoko_pipeline.simulation.xlsx import Cell

#: Share of a grade's pupils who take part in the school stage in one subject.
_TAKES_PART = 0.025
#: Stages with the share of the participants of the one before who go on to them.
_GOES_ON = {"school": 1.0, "municipal": 0.25, "regional": 0.10}
_OLYMPIAD_MAXIMUM = {"school": 50, "municipal": 100, "regional": 100}
#: Share of works whose mark of the second marking differs without ill will.
_EXPERTS_DIFFER = 0.08
#: Works that are marked again in a school that was chosen for it.
_SECOND_MARKED = 12
#: Share of honest schools that are chosen for a second marking beside the dishonest ones.
_CONTROL_SHARE = 0.05
#: Share of schools, those with the lowest results, that write a work meant for such schools.
_LOW_SHARE = 0.15
#: Share of schools whose electronic journals are uploaded.
_WITH_JOURNALS = 0.2
#: Share of sessions that an observer, trained, with remarks, attends.
_OBSERVED, _TRAINED, _REMARKED = 0.85, 0.9, 0.04


@dataclass(frozen=True)
class Scene:
    """The region whose protocols are written.

    Attributes:
        cfg: configuration.
        region: schools, pupils and works.
        schools: the schools' texts, by position.
        works: events of the works of the same school year with their results.
    """

    cfg: Configuration
    region: SimulatedRegion
    schools: Sequence[Unit]
    works: Mapping[str, WorkResult]


def work_rows(template: Template, event: Event, scene: Scene) -> Iterator[Row]:
    """Results of a regional work: all schools, or those with the lowest results where only some of them write it."""
    spec = spec_of(event, scene.cfg.procedures[event.procedure])
    if spec is None:
        return
    region = scene.region
    work = simulate_work_arrays(region.parameters, spec, region.schools, region.seed)
    level = region.schools.level
    writes = level <= (np.quantile(level, _LOW_SHARE) if event.participation == "sample" else level.max())
    for at in np.flatnonzero(writes[work.school]).tolist():
        unit, present = scene.schools[int(work.school[at])], bool(work.present[at])
        fields: dict[str, Cell] = {
            "school": unit.code,
            "school_name": unit.name,
            "class_no": int(work.class_no[at]),
            "pupil_code": str(work.pupil_code[at]),
            "present": "да" if present else "нет",
            "variant": 1 + at % 2 if present else None,
            "primary_score": int(work.total[at]) if present else None,
            "mark": int(work.mark[at]) if present else None,
            "journal_mark": int(work.journal[at]) or None if present else None,
        }
        yield template.row(event, scene.cfg, fields)


def olympiad_rows(template: Template, event: Event, scene: Scene) -> Iterator[Row]:
    """The protocol of one stage in one subject: who takes part follows from ability, the stages from one another."""
    stage = str(template.layout.constants.get("stage", "school"))
    ends, subject = int(event.school_year[-4:]), event.subject or "ru"
    for grade in sorted(scene.cfg.procedures[event.procedure].admitted(subject)):
        cohort = make_cohort(scene.region.parameters, scene.region.schools, ends - grade, scene.region.seed)
        chosen, share = _stage(scene, cohort, event, grade, stage)
        best = np.quantile(share, 0.75) if share.size else 1.0
        for at, result in zip(chosen.tolist(), share.tolist(), strict=True):
            school = int(cohort.school[at])
            is_first = result >= best and result == share[cohort.school[chosen] == school].max()
            status = "победитель" if is_first and result > 0.5 else "призёр" if result >= best else "участник"
            fields: dict[str, Cell] = _unit(scene.schools[school]) | {
                "pupil_code": str(grade * 10_000 + int(cohort.number[at])),
                "subject": scene.cfg.subjects[subject].name,
                "grade": grade,
                "class_no": int(cohort.class_no[at]),
                "grade_participation": grade,
                "score": round(result * _OLYMPIAD_MAXIMUM[stage]),
                "max_score": _OLYMPIAD_MAXIMUM[stage],
                "olympiad_status": status,
            }
            yield template.row(event, scene.cfg, fields)


def _stage(scene: Scene, cohort: Cohort, event: Event, grade: int, stage: str) -> tuple[np.ndarray, np.ndarray]:
    """Positions of a stage's participants and their shares of the maximum."""
    seed, parameters = scene.region.seed, scene.region.parameters
    spec = WorkSpec("olympiad", event.subject or "ru", grade, int(event.school_year[-4:]), (3,), (1, 2, 3))
    z = ability(parameters, scene.region.schools, cohort, spec, seed)
    rng = stream(seed, "olympiad", event.subject, grade, event.school_year)
    takes_part = rng.random(z.size) < _TAKES_PART * np.exp(0.6 * z - 0.18)
    entered = np.flatnonzero(takes_part & in_school(cohort, grade))
    share = np.empty(0)
    for name, goes_on in _GOES_ON.items():
        if share.size:
            entered = np.sort(entered[np.argsort(-share, kind="stable")[: max(1, round(goes_on * share.size))]])
        difficulty = {"school": 0.3, "municipal": 0.9, "regional": 1.3}[name]
        noise = rng.normal(0.0, 0.6, entered.size)
        share = np.round(1 / (1 + np.exp(difficulty - 0.9 * z[entered] - noise)), 2)
        if name == stage:
            break
    return entered, share


def second_mark_rows(template: Template, event: Event, scene: Scene) -> Iterator[Row]:
    """Works marked again: points that were added are found, honest marking differs now and then by a point.

    A work that had not been written yet is not among them.
    """
    rng = stream(scene.region.seed, "second", event.event_id)
    for work_id, work in scene.works.items():
        if scene.cfg.calendar.events[work_id].window_from > event.window_to:
            continue
        falsified = {one.school: one for one in work.truth if one.kind != "absence"}
        control = np.flatnonzero(rng.random(len(scene.schools)) < _CONTROL_SHARE).tolist()
        for school in sorted({*falsified, *control}):
            start, stop = np.searchsorted(work.school, [school, school + 1])
            rows = np.arange(start, stop)[work.present[start:stop]]
            for at in np.sort(rng.permutation(rows)[:_SECOND_MARKED]).tolist():
                first = int(work.total[at])
                change = -int(rng.integers(1, 5)) if school in falsified else _honest_change(rng)
                second = int(np.clip(first + change, 0, sum(work.spec.max_points)))
                fields: dict[str, Cell] = _unit(scene.schools[school]) | {
                    "pupil_code": str(work.pupil_code[at]),
                    "class_no": int(work.class_no[at]),
                    "first_score": first,
                    "second_score": second,
                    "first_mark": int(work.mark[at]),
                    "second_mark": int(work.spec.mark(np.array([second]))[0]),
                }
                yield template.row(event, scene.cfg, fields, scene.cfg.calendar.events[work_id])


def _honest_change(rng: np.random.Generator) -> int:
    return int(rng.choice([-1, 1])) if rng.random() < _EXPERTS_DIFFER else 0


def journal_rows(template: Template, event: Event, scene: Scene) -> Iterator[Row]:
    """Quarter marks of the journals that the works are compared with, of a part of the schools."""
    rng = stream(scene.region.seed, "journal", event.event_id)
    uploads = rng.random(len(scene.schools)) < _WITH_JOURNALS
    for work in scene.works.values():
        marked = np.flatnonzero(uploads[work.school] & (work.journal > 0))
        for at in marked.tolist():
            fields: dict[str, Cell] = _unit(scene.schools[int(work.school[at])]) | {
                "pupil_code": str(work.pupil_code[at]),
                "subject": scene.cfg.subjects[work.spec.subject].name,
                "grade": work.spec.grade,
                "class_no": int(work.class_no[at]),
                "period": "III четверть",
                "mark": int(work.journal[at]),
                "mean_mark": round(float(np.clip(work.journal[at] + rng.normal(0.0, 0.25), 2, 5)), 2),
            }
            yield template.row(event, scene.cfg, fields)


def control_rows(template: Template, event: Event, scene: Scene) -> Iterator[Row]:
    """Who was there when the works were written: a row a school and work, of each kind of control in the sample."""
    rng = stream(scene.region.seed, "control", event.event_id)
    at = template.column("control")
    kinds = [None] if at is None else list(dict.fromkeys(row[at] for row in template.rows))
    for work_id, work in scene.works.items():
        about = scene.cfg.calendar.events[work_id]
        for school in np.unique(work.school[work.present]).tolist():
            for kind in kinds if kinds == [None] else [kinds[int(rng.integers(len(kinds)))]]:
                is_present = bool(rng.random() < _OBSERVED)
                fields: dict[str, Cell] = _unit(scene.schools[school]) | {
                    "control": kind,
                    "date": f"{about.window_from:%d.%m.%Y}",
                    "session": f"кабинет {int(rng.integers(1, 40))}",
                    "is_present": "да" if is_present else "нет",
                    "is_trained": "да" if is_present and rng.random() < _TRAINED else "нет",
                    "violations": int(is_present and rng.random() < _REMARKED),
                }
                yield template.row(event, scene.cfg, fields, about)


def _unit(unit: Unit) -> dict[str, Cell]:
    return {"unit_code": unit.code, "unit_name": unit.name, "parent_code": unit.parent}
