"""The calendar as dimensions of the warehouse: events, subjects, days, measures of plans and what is wrong with them.

Belongs here: frames of the contracts ``dim_event``, ``dim_subject``, ``dim_date``, ``dim_measure``, ``plan_finding``.
Does not belong here: storing them.

Findings about plans have a table of their own and not a place in ``ops.quarantine``: a plan is configuration, no file
that somebody sent, so there is nothing to hold back or release, and each calculation replaces them all.
"""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import TYPE_CHECKING

import pandas as pd

from rsoko_pipeline import contracts
from rsoko_pipeline.calendar.dates import days_between, quarter_of, school_year_bounds, school_year_of
from rsoko_pipeline.calendar.events import Event
from rsoko_pipeline.calendar.plan_findings import plan_findings
from rsoko_pipeline.calendar.plans import dates_of, next_due

if TYPE_CHECKING:
    from rsoko_pipeline.configuration import Configuration
    from rsoko_pipeline.configuration.models import Measure, Plan, Section


#: Columns of ``dim_event`` that an event itself has.
_OF_EVENT = [
    "event_id",
    "title",
    "procedure",
    "subject",
    "grade",
    "grade_programme",
    "school_year",
    "school_year_measured",
    "window_from",
    "window_to",
    "participation",
    "responsible",
]


def dim_event(cfg: Configuration) -> pd.DataFrame:
    """A row an event, in partition order, with the scale of its year where one is known; contract ``dim_event``.

    ``scale_status`` is the weakest of the statuses of borders, maximum and years, so that an assumed scale never looks
    official.
    """
    return _frame("dim_event", [_event_row(cfg, event) for event in cfg.calendar.events.values()])


def _event_row(cfg: Configuration, event: Event) -> dict[str, object]:
    procedure = cfg.procedures[event.procedure]
    scale = None
    if event.subject is not None and event.grade_programme is not None:
        scale = procedure.scale(event.subject, event.grade_programme, event.year)
    row: dict[str, object] = {name: getattr(event, name) for name in _OF_EVENT}
    row["procedure_name"] = procedure.name
    if scale:
        row |= {"max_score": scale.max_score, "scale_status": scale.shown_status, "scale_source": scale.source}
        row |= dict(zip(("cut3", "cut4", "cut5"), scale.cuts or (None, None, None), strict=True))
    return row


def dim_subject(cfg: Configuration) -> pd.DataFrame:
    """A row a subject, in the order of ``subjects.yaml``; contract ``dim_subject``."""
    rows: list[dict[str, object]] = [
        {"subject": s.code, "name": s.name, "short_name": s.short} for s in cfg.subjects.values()
    ]
    return _frame("dim_subject", rows)


def dim_date(cfg: Configuration) -> pd.DataFrame:
    """A row a day, from the first day of the first school year to the last day of the last; contract ``dim_date``."""
    years = cfg.calendar.years
    days = days_between(school_year_bounds(years[0])[0], school_year_bounds(years[-1])[1]) if years else []
    return _frame("dim_date", [_date_row(cfg, day) for day in days])


def _date_row(cfg: Configuration, day: date) -> dict[str, object]:
    return {
        "date": day,
        "year": day.year,
        "quarter": quarter_of(day),
        "month": day.month,
        "school_year": school_year_of(day),
        "is_school_day": cfg.calendar.is_school_day(day),
    }


def dim_measure(cfg: Configuration, today: date) -> pd.DataFrame:
    """A row a line of a plan, in the order of the documents; contract ``dim_measure``.

    Args:
        cfg: the configuration.
        today: the day from which ``next_due`` is looked for.
    """
    rows = [
        _measure_row(cfg, plan, section, measure, today)
        for plan in cfg.plans.values()
        for section in plan.sections
        for measure in section.measures
    ]
    return _frame("dim_measure", rows)


def _measure_row(cfg: Configuration, plan: Plan, section: Section, measure: Measure, today: date) -> dict[str, object]:
    deadline, dates = plan.deadline_of(measure), dates_of(cfg, plan, measure)
    return {
        "plan": plan.id,
        "plan_name": plan.short,
        "territory": plan.territory,
        "section": section.title,
        "number": measure.number,
        "text": measure.text,
        "deadline_text": plan.deadline_text(measure),
        "deadline_kind": deadline.kind if deadline.text else None,
        "deadline_rule": deadline.rule_ru or None,
        "first_due": dates[0].last if dates else None,
        "next_due": next_due(dates, today),
        "last_due": dates[-1].last if dates else None,
        "dues": len(dates),
        "responsible": "; ".join(measure.responsible) or None,
        "document_kind": measure.document_kind,
        "expected_result": measure.result,
        "concerns": "; ".join(measure.concerns) or None,
        "indicator": measure.indicator,
        "document": plan.document,
        "point": plan.point_of(measure),
        "source": measure.source,
        "status": measure.status,
    }


def plan_finding(cfg: Configuration) -> pd.DataFrame:
    """A row a finding about a plan, numbered within the plan; contract ``plan_finding``."""
    counts: Counter[str] = Counter()
    rows: list[dict[str, object]] = []
    for found in plan_findings(cfg):
        counts[found.plan] += 1
        finding = found.finding
        rows.append(
            {
                "plan": found.plan,
                "finding_no": counts[found.plan],
                "number": found.number,
                "code": finding.code,
                "severity": finding.severity,
                "message": finding.message,
                "remedy": finding.remedy,
            }
        )
    return _frame("plan_finding", rows)


def _frame(name: str, rows: list[dict[str, object]]) -> pd.DataFrame:
    table = contracts.table(name)
    return table.conform(pd.DataFrame(rows, columns=table.names)) if rows else table.empty()
