"""Plan against fact: which deadlines are met, awaited, missed.

Belongs here: comparing the calendar with what the warehouse says. Does not belong here: asking the warehouse.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

import pandas as pd

from rsoko_pipeline import contracts
from rsoko_pipeline.calendar.events import Due, Event

if TYPE_CHECKING:
    from rsoko_pipeline.configuration import Configuration

STATUS_RU = {
    "done": "выполнено",
    "awaited": "ожидается",
    "late": "просрочено",
    "unconfirmed": "срок прошёл, исполнение по данным не видно",
}
PARTICIPATION_RU = {
    "obligatory": "обязательно",
    "by_choice": "по решению школы",
    "sample": "выборка",
    "by_lot": "по жребию",
}
#: The columns of the table for people, see ``plan_table``.
PLAN_COLUMNS = ("Событие", "Что", "Окно проведения", "Участие", "Срок", "Что должно быть", "Состояние", "Школ", "Опоздание, дней")


@dataclass(frozen=True)
class Fact:
    """What the warehouse knows of an event: schools loaded, schools expected (None: not known), time of the last load."""

    loaded: int = 0
    expected: int | None = None
    loaded_at: pd.Timestamp | None = None


def calendar_status(
    cfg: Configuration, loaded: pd.DataFrame, today: date, *, run_id: str, computed_at: datetime
) -> pd.DataFrame:
    """A row a deadline of the calendar, of events and of the plan; contract ``mart.calendar_status``.

    A deadline for loading is met when as many schools are loaded as are expected (where that is not known: when its day
    has passed with any school loaded); one for analysis when anything was computed after the window closed. Other
    deadlines cannot be seen in the data and become ``unconfirmed`` once they have passed, and so does loading where
    no school was bound to take part.

    Args:
        cfg: the configuration.
        loaded: a row an event with columns ``event_id``, ``loaded`` (schools), ``expected`` (schools, may be null),
            ``loaded_at`` (UTC, may be null); an event without a row has nothing loaded.
        today: the day to judge by, in the region's time.
        run_id, computed_at: stamp of the rows.
    """
    facts = _facts(loaded)
    rows = [
        _event_row(event, due, facts.get(event.event_id, Fact()), today)
        for event in cfg.calendar.events.values()
        for due in event.dues
    ]
    rows += [
        {
            "event_id": item.item_id, "title": item.due.title, "due_kind": item.due.kind, "due": item.due.date,
            "status": "awaited" if today <= item.due.date else "unconfirmed",
        }
        for item in cfg.calendar.items
    ]
    table = contracts.table("calendar_status")
    frame = pd.DataFrame(rows, columns=table.names)
    frame["config_version"], frame["run_id"], frame["computed_at"] = cfg.version, run_id, computed_at
    return table.conform(frame)


def plan_table(cfg: Configuration, status: pd.DataFrame, school_year: str | None = None) -> pd.DataFrame:
    """The plan for people: a row a deadline, by date, Russian headings ``PLAN_COLUMNS``, texts throughout.

    Args:
        cfg: the configuration.
        status: what ``calendar_status`` returned.
        school_year: «2025/2026», or None for all.
    """
    rows = [row for row in _plan_rows(cfg, status) if school_year in (None, row.pop("school_year"))]
    frame = pd.DataFrame(rows, columns=[*PLAN_COLUMNS, "day"]).sort_values("day", kind="stable")
    return frame.drop(columns="day").reset_index(drop=True).astype("str")


def _facts(loaded: pd.DataFrame) -> dict[str, Fact]:
    return {
        row.event_id: Fact(
            int(row.loaded),
            None if pd.isna(row.expected) else int(row.expected),
            None if pd.isna(row.loaded_at) else pd.Timestamp(row.loaded_at),
        )
        for row in loaded.itertuples()
    }


def _event_row(event: Event, due: Due, fact: Fact, today: date) -> dict[str, object]:
    is_done = _is_done(event, due, fact, today)
    return {
        "event_id": event.event_id,
        "title": event.title,
        "due_kind": due.kind,
        "due": due.date,
        "status": "done" if is_done else _not_done(event, due, fact, today),
        "done_at": fact.loaded_at if is_done else None,
        "expected": fact.expected,
        "loaded": fact.loaded,
    }


def _is_done(event: Event, due: Due, fact: Fact, today: date) -> bool:
    if not fact.loaded:
        return False
    if due.fact == "analysed":
        return fact.loaded_at is not None and fact.loaded_at.date() > event.window_to
    if due.fact == "loaded":
        return today > due.date if fact.expected is None else fact.loaded >= fact.expected
    return False


def _not_done(event: Event, due: Due, fact: Fact, today: date) -> str:
    if today <= due.date:
        return "awaited"
    is_bound = event.participation == "obligatory" or bool(fact.expected)
    return "late" if due.fact != "none" and is_bound else "unconfirmed"


def _plan_rows(cfg: Configuration, status: pd.DataFrame) -> Iterator[dict[str, object]]:
    items = {item.item_id: item for item in cfg.calendar.items}
    for row in status.itertuples():
        event = cfg.calendar.events.get(row.event_id)
        day = row.due.date()
        yield {
            "Событие": row.event_id,
            "Что": row.title,
            "Окно проведения": f"{event.window_from:%d.%m.%Y} – {event.window_to:%d.%m.%Y}" if event else "",
            "Участие": PARTICIPATION_RU[event.participation] if event else "",
            "Срок": f"{day:%d.%m.%Y}",
            "Что должно быть": row.due_kind,
            "Состояние": STATUS_RU[row.status],
            "Школ": "" if not event else f"{row.loaded}" + ("" if pd.isna(row.expected) else f" из {row.expected}"),
            "Опоздание, дней": _days_late(row.status, day, row.done_at, row.computed_at),
            "day": day,
            "school_year": event.school_year if event else items[row.event_id].school_year,
        }


def _days_late(status: str, due: date, done_at: pd.Timestamp, computed_at: pd.Timestamp) -> str:
    until = {"done": done_at, "late": computed_at}.get(status)
    days = 0 if until is None or pd.isna(until) else (until.date() - due).days
    return str(days) if days > 0 else ""
