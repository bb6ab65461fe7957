"""The structure of a work of the calendar, as the simulated pupils write it.

Belongs here: from an event and its procedure's scale and tasks to a ``WorkSpec``; works of the ВПР whose structure is
not published, made up. Does not belong here: the pupils (``model``), files (``landing``).

What is made up here never becomes a scale of the configuration: the pipeline reads the marks and greatest points that
the files give, and says that the scale is not known.
"""

from __future__ import annotations

from rsoko_pipeline.calendar import Event
from rsoko_pipeline.configuration import Procedure
from rsoko_pipeline.simulation.parameters import MARK_SHARES, OTHER_MARK_SHARES, WorkSpec

_ONE, _TWO = (1,), (2,)
#: Points of the tasks and cuts of works of the ВПР without a published scale, by subject and grade.
_INVENTED: dict[tuple[str, int], tuple[tuple[int, ...], tuple[int, int, int]]] = {
    ("ru", 10): (_ONE * 12 + _TWO * 4 + (4, 3, 2), (11, 18, 24)),
    ("ma", 10): (_ONE * 12 + _TWO * 3 + (3,), (7, 12, 17)),
    ("mau", 7): (_ONE * 8 + _TWO * 4, (5, 9, 13)),
    ("mau", 8): (_ONE * 8 + _TWO * 5, (6, 10, 14)),
    ("fiu", 7): (_ONE * 6 + _TWO * 2 + (3, 3), (5, 8, 12)),
    ("fiu", 8): (_ONE * 6 + _TWO * 3 + (3, 3), (5, 9, 13)),
}
_ADVANCED = frozenset({"mau", "fiu"})


def spec_of(event: Event, procedure: Procedure) -> WorkSpec | None:
    """The work of an event; None where cuts or tasks are not known, or do not fit each other.

    Scale and structure are those valid in the year of writing where both are known and agree; otherwise the newest
    known ones, whatever their years; made-up ones for some works of the ВПР that have none.
    """
    subject, programme = event.subject, event.grade_programme
    if subject is None or event.grade is None or programme is None:
        return None
    school_year = int(event.school_year[-4:])
    pairs = (
        (procedure.scale(subject, programme, event.year), procedure.work(subject, programme, event.year)),
        (procedure.latest_scale(subject, programme), procedure.latest_work(subject, programme)),
    )
    for scale, work in pairs:
        if scale and work and scale.cuts and scale.max_score == work.max_score:
            return WorkSpec(
                work_id=event.event_id,
                subject=subject,
                grade=event.grade,
                school_year=school_year,
                max_points=tuple(task.max_points for task in work.tasks),
                cuts=tuple(int(cut) for cut in scale.cuts),  # type: ignore[arg-type]
                labels=tuple(task.task for task in work.tasks),
                levels=tuple(task.difficulty for task in work.tasks),
                shares=MARK_SHARES.get((subject, programme), OTHER_MARK_SHARES),
            )
    if procedure.id == "vpr" and (subject, programme) in _INVENTED:
        points, cuts = _INVENTED[subject, programme]
        is_advanced = subject in _ADVANCED
        return WorkSpec(
            event.event_id, subject, event.grade, school_year, points, cuts, is_invented=True, is_advanced=is_advanced
        )
    return None
