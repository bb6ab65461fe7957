"""Plans against reports: which lines of plans are done, late, awaited, by their due dates.

Belongs here: comparing due dates with what schools and municipalities have reported. Does not belong here: reading
reports (``sources``), what a unit has reported in sum (``families.plan_reports``), asking the warehouse.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import pandas as pd

from rsoko_pipeline import contracts
from rsoko_pipeline.calendar.plans import MeasureDue, measure_dues
from rsoko_pipeline.calendar.status import STATUS_RU

if TYPE_CHECKING:
    from rsoko_pipeline.configuration import Configuration

_Record = Mapping[Hashable, Any]
#: Plan, number of the line, number of the due date.
_Key = tuple[str, str, int]
#: Headings of ``due_table`` and ``finding_table``.
DUE_COLUMNS = ("Срок", "План", "Пункт", "Мероприятие", "Ответственные", "Состояние", "Отчётов", "Опоздание, дней")
FINDING_COLUMNS = ("План", "Пункт", "Код", "Замечание", "Что сделать")


def measure_status(
    cfg: Configuration, reports: pd.DataFrame, today: date, *, run_id: str, computed_at: datetime
) -> pd.DataFrame:
    """A row a line of a plan × due date; contract ``mart.measure_status``.

    Of each unit's reports about one due date the last one counts. The state is ``done`` when every unit that has
    reported says so, on the day of the last of them. With any other report the line is ``awaited`` until it is due
    (or, where it has no date, until the plan ends) and ``late`` from then on; without any report it becomes
    ``unconfirmed`` instead: nobody has said that it is not done.

    Args:
        cfg: the configuration: the plans.
        reports: rows of ``core.fact_measure_status``. One that names no due date counts for the date nearest to its
            own; one of a line that no plan has is left out, see ``unmatched_reports``.
        today: the day to judge by, in the region's time.
        run_id, computed_at: stamp of the rows.
    """
    table = contracts.table("measure_status")
    latest = _latest(cfg, reports)
    rows = [
        _row(due, latest.get((due.plan.id, due.measure.number, due.due_no), []), today) for due in measure_dues(cfg)
    ]
    frame = pd.DataFrame(rows, columns=table.names)
    frame["config_version"], frame["run_id"], frame["computed_at"] = cfg.version, run_id, computed_at
    return table.conform(frame)


def unmatched_reports(cfg: Configuration, reports: pd.DataFrame) -> pd.DataFrame:
    """The rows of ``reports`` about lines that no plan has: a wrong plan or number in the file."""
    keys = zip(reports["plan"], reports["number"], strict=True)
    return reports[pd.Series([key not in cfg.measures for key in keys], index=reports.index, dtype="bool")]


def due_table(cfg: Configuration, status: pd.DataFrame, school_year: str | None = None) -> pd.DataFrame:
    """The due dates of plans for people, by date, headings ``DUE_COLUMNS``, texts throughout.

    Args:
        cfg: the configuration.
        status: what ``measure_status`` returned.
        school_year: «2025/2026»: the due dates within it; None for all, those without a date last.
    """
    years = {(due.plan.id, due.measure.number, due.due_no): due.school_year for due in measure_dues(cfg)}
    rows = [
        _due_texts(cfg, row)
        for row in status.sort_values("due", kind="stable", na_position="last").to_dict("records")
        if school_year in (None, years[row["plan"], row["number"], row["due_no"]])
    ]
    return pd.DataFrame(rows, columns=list(DUE_COLUMNS), dtype="str")


def finding_table(cfg: Configuration, findings: pd.DataFrame, school_year: str | None = None) -> pd.DataFrame:
    """Findings about the plans for people, headings ``FINDING_COLUMNS``, texts throughout.

    Args:
        cfg: the configuration.
        findings: rows of ``core.plan_finding``.
        school_year: only of plans that have a due date in it; None for all.
    """
    wanted = {due.plan.id for due in measure_dues(cfg) if school_year in (None, due.school_year)}
    rows = [
        (cfg.plans[row["plan"]].short, _point(cfg, row), row["code"], row["message"], row["remedy"])
        for row in findings.to_dict("records")
        if row["plan"] in wanted
    ]
    return pd.DataFrame(rows, columns=list(FINDING_COLUMNS), dtype="str")


def _point(cfg: Configuration, row: _Record) -> str:
    plan = cfg.plans[row["plan"]]
    return "" if pd.isna(row["number"]) else plan.point_of(plan.measures[row["number"]])


def _due_texts(cfg: Configuration, row: _Record) -> tuple[str, ...]:
    reports = f"{row['reports_done']} из {row['reports']}" if row["reports"] else ""
    return (
        "" if pd.isna(row["due"]) else f"{row['due']:%d.%m.%Y}",
        row["plan_name"],
        _point(cfg, row),
        row["text"],
        "" if pd.isna(row["responsible"]) else row["responsible"],
        STATUS_RU[row["status"]],
        reports,
        "" if pd.isna(row["days_late"]) or not row["days_late"] else str(row["days_late"]),
    )


def _latest(cfg: Configuration, reports: pd.DataFrame) -> dict[_Key, list[_Record]]:
    """By plan, number and due date: the last report of every unit, by date."""
    dues: dict[tuple[str, str], list[MeasureDue]] = {}
    for due in measure_dues(cfg):
        dues.setdefault((due.plan.id, due.measure.number), []).append(due)
    last: dict[_Key, dict[tuple[str, str], _Record]] = {}
    for report in reports.sort_values(["date", "file_id", "row_number"], kind="stable").to_dict("records"):
        plan, number = report["plan"], report["number"]
        if (plan, number) not in dues:
            continue
        day = report["date"] if pd.isna(report["due"]) else report["due"]
        of_due = last.setdefault((plan, number, _due_no(dues[plan, number], day.date())), {})
        unit = report["level"], report["unit_code"]
        of_due.pop(unit, None)
        of_due[unit] = report
    return {key: list(of_due.values()) for key, of_due in last.items()}


def _due_no(dues: list[MeasureDue], day: date) -> int:
    """The number of the due date nearest to ``day``; the earlier of two that are as near."""
    dated = [(abs((due.due.last - day).days), due.due_no) for due in dues if due.due]
    return min(dated)[1] if dated else 0


def _row(due: MeasureDue, reports: list[_Record], today: date) -> dict[str, object]:
    day = due.due.last if due.due else None
    done = [report for report in reports if report["state"] == "done"]
    documents = [report["document"] for report in reports if pd.notna(report["document"])]
    is_past = today > (day or due.plan.ends)
    done_at = None
    if reports and len(done) == len(reports):
        status, done_at = "done", done[-1]["date"].date()
    else:
        status = ("late" if reports else "unconfirmed") if is_past else "awaited"
    judged = done_at or (today if status == "late" else None)
    return {
        "plan": due.plan.id,
        "plan_name": due.plan.short,
        "number": due.measure.number,
        "due_no": due.due_no,
        "due_from": due.due.first if due.due else None,
        "due": day,
        "precision": due.due.precision if due.due else None,
        "text": due.measure.text,
        "responsible": "; ".join(due.measure.responsible) or None,
        "status": status,
        "done_at": done_at,
        "reports": len(reports),
        "reports_done": len(done),
        "document": documents[-1] if documents else None,
        "days_late": max(0, (judged - day).days) if judged and day else None,
    }
