"""Which event of the calendar a file belongs to.

Belongs here: subject, grade, year and date as a file writes them → event, with findings. Does not belong here: where
in the file they stand (readers), the calendar itself.
"""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import numpy as np

from rsoko_pipeline.calendar import Event
from rsoko_pipeline.configuration import Configuration
from rsoko_pipeline.configuration.models import AboutKey, EventKey
from rsoko_pipeline.findings import Finding
from rsoko_pipeline.sources import cells
from rsoko_pipeline.sources.model import FileFacts


def today(cfg: Configuration) -> date:
    """Today in the region."""
    return datetime.now(ZoneInfo(cfg.region.timezone)).date()


def find_event(facts: FileFacts, cfg: Configuration, *, subject: str, findings: list[Finding]) -> Event | None:
    """The event of what ``facts`` say (procedure, grade, year), with ``facts`` filled in; a finding when there is none.

    Args:
        facts: the file's facts; gets ``subject`` and ``event_id``.
        subject: the subject as the file writes it.
        findings: gets what is wrong.
    """
    known = cfg.subject_named(subject)
    if known is None or facts.procedure is None or facts.grade is None or facts.year is None:
        said = {"предмет": known, "класс": facts.grade, "год": facts.year, "процедура": facts.procedure}
        lacking = ", ".join(name for name, value in said.items() if value is None)
        given = f"; предмет записан как «{subject}»" if subject and known is None else ""
        findings.append(Finding("RSK-WORK-UNKNOWN", {"reason": f"не определяется {lacking}{given}"}))
        return None
    facts.subject = known.code
    return event_of(facts, cfg, findings=findings)


def event_of(facts: FileFacts, cfg: Configuration, *, findings: list[Finding]) -> Event | None:
    """The event of the procedure, subject, grade and year of ``facts``; an event may have no subject and no grade."""
    if facts.procedure is None or facts.year is None:
        findings.append(Finding("RSK-WORK-UNKNOWN", {"reason": "не определяется год"}))
        return None
    event = cfg.calendar.find(facts.procedure, facts.subject, facts.grade, facts.year)
    if event is None:
        findings.append(_no_event(facts, cfg))
        return None
    facts.event_id = event.event_id
    return event


def event_about(cfg: Configuration, key: AboutKey, said: dict[str, str]) -> str | None:
    """The event that the cells of one row name, by header; None when there is none."""

    def cell(name: str | None) -> str:
        return said[name].strip() if name else ""

    procedure = cfg.procedures.get(key.procedure) if key.procedure else cfg.procedure_named(cell(key.procedure_header))
    subject = cfg.subject_named(cell(key.subject_header)) if cell(key.subject_header) else None
    grade, year = cells.number(cell(key.grade_header)), year_said(key, cell(key.year_header))
    if procedure is None or year is None or (cell(key.subject_header) and subject is None) or np.isinf(grade):
        return None
    event = cfg.calendar.find(
        procedure.id, subject.code if subject else None, None if np.isnan(grade) else int(grade), year
    )
    return event.event_id if event else None


def year_said(key: AboutKey | EventKey, text: str) -> int | None:
    """The calendar year of a row: the key's own, else the one in a cell; None when there is none."""
    if key.year is not None:
        return key.year
    if key.year_extract:
        match = key.year_extract.search(text)
        text = "" if match is None else match[1] if match.re.groups else match[0]
    number = cells.number(text)
    return int(number) if np.isfinite(number) else None


def check_date(
    text: str, event: Event, cfg: Configuration, *, findings: list[Finding], row_number: int | None = None
) -> None:
    """Findings for a date of the work that is not in the event's window or lies in the future."""
    if "date_window" not in cfg.procedures[event.procedure].rules:
        return
    when = cells.day(text)
    if when is None:
        if text:
            findings.append(Finding("RSK-DATE-UNREADABLE", row_number=row_number, value=text))
        return
    value = f"{when:%d.%m.%Y}"
    if when > today(cfg):
        findings.append(Finding("RSK-DATE-FUTURE", row_number=row_number, value=value))
    if not event.window_from <= when <= event.window_to:
        window = f"{event.window_from:%d.%m.%Y}–{event.window_to:%d.%m.%Y}"
        findings.append(Finding("RSK-DATE-OUTSIDE", {"window": window}, row_number=row_number, value=value))


def _no_event(facts: FileFacts, cfg: Configuration) -> Finding:
    procedure = cfg.procedures[facts.procedure or ""].short
    subject = cfg.subjects[facts.subject].name if facts.subject else None
    grade = f"{facts.grade} класс" if facts.grade is not None else None
    work = ", ".join(part for part in (procedure, subject, grade) if part)
    years = sorted(
        {
            event.year
            for event in cfg.calendar.events.values()
            if (event.procedure, event.subject, event.grade) == (facts.procedure, facts.subject, facts.grade)
        }
    )
    if years:
        return Finding("RSK-WORK-OTHER-YEAR", {"work": work, "year": facts.year, "years": ", ".join(map(str, years))})
    return Finding("RSK-WORK-NOT-IN-CALENDAR", {"work": f"{work}, {facts.year} год"})
