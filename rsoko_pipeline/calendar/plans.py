"""Plans of measures in days: which day each line is due, in which school year.

Belongs here: dates of the lines of plans, counted from the calendar's events where a line says so. Does not belong
here: reading a deadline's text (``deadlines.py``), what is wrong with a plan (``plan_findings.py``), whether a line is
done (``plan_status.py``).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from rsoko_pipeline.calendar.dates import school_year_of
from rsoko_pipeline.calendar.due_dates import Window, due_dates
from rsoko_pipeline.calendar.terms import DueDate

if TYPE_CHECKING:
    from rsoko_pipeline.configuration import Configuration
    from rsoko_pipeline.configuration.models import Measure, Plan


@dataclass(frozen=True)
class MeasureDue:
    """One due date of one line; a line that no date follows from has one entry without a date.

    Attributes:
        due_no: 1, 2, … by date; 0 where there is no date.
        due: the days, None where there are none.
    """

    plan: Plan
    measure: Measure
    due_no: int
    due: DueDate | None

    @property
    def school_year(self) -> str | None:
        """The school year that the due date lies in."""
        return school_year_of(self.due.last) if self.due else None

    @property
    def title(self) -> str:
        """The line in short, for a calendar's entry: plan, number, text."""
        return f"{self.plan.short}, {self.plan.point_of(self.measure)}: {self.measure.text}"


def measure_dues(cfg: Configuration) -> Iterator[MeasureDue]:
    """Every due date of every line of every plan, in the order of the documents."""
    for plan in cfg.plans.values():
        for measure in plan.measures.values():
            dates = dates_of(cfg, plan, measure)
            if not dates:
                yield MeasureDue(plan, measure, 0, None)
            for due_no, due in enumerate(dates, start=1):
                yield MeasureDue(plan, measure, due_no, due)


def dates_of(cfg: Configuration, plan: Plan, measure: Measure) -> tuple[DueDate, ...]:
    """The due dates of one line, by date.

    «После проведения …» and «в период проведения …» count from the windows of those campaigns of the calendar, closed
    within the plan's period, whose procedure the line concerns; without such a campaign there is no date.
    """
    calendar = cfg.calendar
    return due_dates(
        plan.deadline_of(measure),
        plan.begins,
        plan.ends,
        windows=_windows(cfg, plan, measure),
        school_days=calendar.school_days,
    )


def plan_years(cfg: Configuration) -> list[str]:
    """The school years in which any line of a plan is due, in order."""
    return sorted({due.school_year for due in measure_dues(cfg) if due.school_year})


def _windows(cfg: Configuration, plan: Plan, measure: Measure) -> list[Window]:
    named = (cfg.procedure_named(name) for name in measure.concerns)
    procedures = {procedure.id for procedure in named if procedure}
    return [
        (campaign.window_from, campaign.window_to)
        for campaign in cfg.calendar.campaigns
        if campaign.procedure in procedures and plan.begins <= campaign.window_to <= plan.ends
    ]


def next_due(dates: tuple[DueDate, ...], today: date) -> date | None:
    """The first due date on or after ``today``, None where all have passed or there are none."""
    return next((due.last for due in dates if due.last >= today), None)
