"""The calendar as an iCalendar file (RFC 5545) for Outlook, Яндекс Календарь and the like.

Belongs here: windows and deadlines, those of plans of measures too, as all-day entries, in text. Does not belong here:
writing the file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from rsoko_pipeline.calendar.events import Due, Event
from rsoko_pipeline.calendar.plans import MeasureDue, measure_dues

if TYPE_CHECKING:
    from rsoko_pipeline.configuration import Configuration


def to_ics(cfg: Configuration, school_year: str | None = None, *, stamp: datetime | None = None) -> str:
    """The calendar of a school year, or all of it, as text with CRLF line ends.

    One entry for each window of a campaign and for each deadline; works that share a window or a deadline share the
    entry. An entry keeps its UID when its dates move, so that a calendar subscribed to the file moves it too. A line of
    a plan has an entry for each of its due dates; one from which no day follows has none.

    Args:
        cfg: the configuration.
        school_year: «2025/2026»; None for every year.
        stamp: time of making, UTC; now when None.
    """
    made = f"{(stamp or datetime.now(UTC)).astimezone(UTC):%Y%m%dT%H%M%SZ}"
    entries = sorted(_entries(cfg, school_year), key=lambda entry: (entry[1], entry[2], entry[0]))
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//RSOKO pipeline//calendar//RU",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{_text(f'РСОКО: {cfg.region.name}')}",
        f"X-WR-TIMEZONE:{cfg.region.timezone}",
    ]
    for key, first, last, summary, description, category in entries:
        lines += [
            "BEGIN:VEVENT",
            f"UID:{hashlib.sha256(key.encode()).hexdigest()[:32]}@rsoko-{cfg.region.code}",
            f"DTSTAMP:{made}",
            f"DTSTART;VALUE=DATE:{first:%Y%m%d}",
            f"DTEND;VALUE=DATE:{last + timedelta(days=1):%Y%m%d}",
            f"SUMMARY:{_text(summary)}",
            f"DESCRIPTION:{_text(description)}",
            f"CATEGORIES:{_text(category)}",
            "TRANSP:TRANSPARENT",
            "END:VEVENT",
        ]
    lines.append("END:VCALENDAR")
    return "".join(_folded(line) for line in lines)


#: Key of the UID, first day, last day, summary, description, category.
_Entry = tuple[str, date, date, str, str, str]


def _entries(cfg: Configuration, school_year: str | None) -> Iterator[_Entry]:
    calendar = cfg.calendar
    for campaign in calendar.campaigns:
        if school_year not in (None, campaign.school_year):
            continue
        events = [calendar.events[event_id] for event_id in campaign.event_ids]
        yield from _windows(campaign.title, events)
        yield from _deadlines(campaign.title, events)
    for item in calendar.items:
        if school_year in (None, item.school_year):
            due = item.due
            yield f"item|{item.item_id}", due.date, due.date, f"Срок: {due.title}", _about(due), "срок"
    for one in measure_dues(cfg):
        if one.due and school_year in (None, one.school_year):
            key = f"measure|{one.plan.id}|{one.measure.number}|{one.due_no}"
            yield key, one.due.last, one.due.last, f"Срок: {one.title}", _about_measure(one), "план"


def _about_measure(one: MeasureDue) -> str:
    plan, measure = one.plan, one.measure
    said = (
        ("Срок в документе", plan.deadline_text(measure)),
        ("Ответственные", ", ".join(measure.responsible)),
        ("Вид документа", measure.document_kind),
        ("Ожидаемый результат", measure.result),
        ("Основание", f"{plan.document}, {plan.point_of(measure)}"),
    )
    return "\n".join(f"{name}: {text}" for name, text in said if text)


def _windows(title: str, events: Iterable[Event]) -> Iterator[_Entry]:
    windows: dict[tuple[date, date], list[Event]] = {}
    for event in events:
        windows.setdefault((event.window_from, event.window_to), []).append(event)
    for (first, last), same in windows.items():
        yield f"window|{same[0].event_id}", first, last, title, _works(same), "проведение"


def _deadlines(title: str, events: Iterable[Event]) -> Iterator[_Entry]:
    deadlines: dict[tuple[str, date], list[tuple[Event, Due]]] = {}
    for event in events:
        for due in event.dues:
            deadlines.setdefault((due.kind, due.date), []).append((event, due))
    for (kind, day), pairs in deadlines.items():
        event, due = pairs[0]
        about = f"{_about(due)}\n{_works([event for event, _ in pairs])}"
        yield f"due|{event.event_id}|{kind}", day, day, f"Срок: {due.title} — {title}", about, "срок"


def _works(events: Iterable[Event]) -> str:
    return "\n".join(event.title for event in events)


def _about(due: Due) -> str:
    responsible = f"Ответственный: {due.responsible}\n" if due.responsible else ""
    return f"{responsible}Основание: {due.source}"


def _text(value: str) -> str:
    """A TEXT value: backslash, semicolon, comma and line end escaped (RFC 5545, 3.3.11)."""
    escaped = value.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return escaped.replace("\r\n", "\\n").replace("\n", "\\n")


def _folded(line: str) -> str:
    """The line in pieces of at most 75 octets, continued by CRLF and a space (RFC 5545, 3.1); letters stay whole."""
    pieces: list[str] = []
    piece, octets = "", 0
    for letter in line:
        size = len(letter.encode())
        if octets + size > 75:
            pieces.append(piece)
            piece, octets = " ", 1
        piece += letter
        octets += size
    return "\r\n".join([*pieces, piece]) + "\r\n"
