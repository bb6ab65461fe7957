"""The structure of a work of the calendar, as the simulated pupils write it.

Belongs here: from an event and its procedure's scale and tasks to a ``WorkSpec``. Does not belong here: the pupils
(``model``), files (``landing``).
"""

from __future__ import annotations

from rsoko_pipeline.calendar import Event
from rsoko_pipeline.configuration import Procedure
from rsoko_pipeline.simulation.parameters import MARK_SHARES, OTHER_MARK_SHARES, WorkSpec


def spec_of(event: Event, procedure: Procedure) -> WorkSpec | None:
    """The work of an event; None where cuts or tasks are not known, or do not fit each other.

    Scale and structure are those valid in the year of writing where both are known and agree; otherwise the newest
    known ones, whatever their years.
    """
    subject, programme = event.subject, event.grade_programme
    if subject is None or event.grade is None or programme is None:
        return None
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
                school_year=int(event.school_year[-4:]),
                max_points=tuple(task.max_points for task in work.tasks),
                cuts=tuple(int(cut) for cut in scale.cuts),  # type: ignore[arg-type]
                labels=tuple(task.task for task in work.tasks),
                levels=tuple(task.difficulty for task in work.tasks),
                shares=MARK_SHARES.get((subject, programme), OTHER_MARK_SHARES),
            )
    return None
