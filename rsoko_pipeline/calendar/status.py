"""Plan against fact: which deadlines are met, awaited, missed.

Belongs here: comparing the calendar with what the warehouse says. Does not belong here: asking the warehouse.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from rsoko_pipeline import contracts
from rsoko_pipeline.calendar.events import Calendar, Due, Event

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
#: The columns of the tables for people, see ``plan_table`` and ``plan_summary``.
PLAN_COLUMNS = (
    "Событие", "Что", "Окно проведения", "Участие", "Срок", "Что должно быть", "Состояние", "Школ", "Опоздание, дней",
)  # fmt: skip
SUMMARY_COLUMNS = (
    "Срок", "Что должно быть", "Процедура", "Окно проведения", "Событий", "Выполнено", "Ожидается", "Просрочено",
    "Не видно по данным",
)  # fmt: skip


@dataclass(frozen=True)
class Fact:
    """What the warehouse knows of an event: schools loaded, expected (None: not known), time of the last load."""

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
            "event_id": item.item_id,
            "title": item.due.title,
            "due_kind": item.due.kind,
            "due": item.due.date,
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
    rows = [_plan_row(cfg.calendar, row) for row in _rows_of(cfg.calendar, status, school_year)]
    return pd.DataFrame(rows, columns=list(PLAN_COLUMNS), dtype="str")


def plan_summary(cfg: Configuration, status: pd.DataFrame, school_year: str | None = None) -> pd.DataFrame:
    """The plan in short: a row a campaign × deadline with counts of events, headings ``SUMMARY_COLUMNS``.

    Args:
        cfg: the configuration.
        status: what ``calendar_status`` returned.
        school_year: «2025/2026», or None for all.
    """
    calendar = cfg.calendar
    titles = {window.campaign: window.title for window in calendar.campaigns}
    rows = []
    for deadline, counts in deadline_counts(cfg, status, school_year).items():
        texts = (f"{deadline.day:%d.%m.%Y}", deadline.kind, titles.get(deadline.about, deadline.about), deadline.window)
        rows.append((*texts, counts.total(), *(counts[name] for name in STATUS_RU)))
    return pd.DataFrame(rows, columns=list(SUMMARY_COLUMNS))


class Deadline(NamedTuple):
    """A deadline of a campaign's events, or one that belongs to no campaign.

    Attributes:
        day, kind: when, and what has to be there.
        about: the campaign's id, else the deadline's own title.
        window: the days of the events as people read them, '' where there are none.
    """

    day: date
    kind: str
    about: str
    window: str


def deadline_counts(
    cfg: Configuration, status: pd.DataFrame, school_year: str | None = None
) -> dict[Deadline, Counter[str]]:
    """By deadline, how many events are in each state: what every table and picture that sums the plan up says.

    Args:
        cfg: the configuration.
        status: what ``calendar_status`` returned.
        school_year: «2025/2026», or None for all.
    """
    out: dict[Deadline, Counter[str]] = {}
    for row in _rows_of(cfg.calendar, status, school_year):
        event = cfg.calendar.events.get(row["event_id"])
        about = event.campaign if event else row["title"]
        out.setdefault(Deadline(row["due"].date(), row["due_kind"], about, _window(event)), Counter())[
            row["status"]
        ] += 1
    return out


def _facts(loaded: pd.DataFrame) -> dict[str, Fact]:
    return {
        row["event_id"]: Fact(
            int(row["loaded"]),
            None if pd.isna(row["expected"]) else int(row["expected"]),
            None if pd.isna(row["loaded_at"]) else pd.Timestamp(row["loaded_at"]),
        )
        for row in loaded.to_dict("records")
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


def _rows_of(calendar: Calendar, status: pd.DataFrame, school_year: str | None) -> list[dict[Hashable, Any]]:
    """The rows of ``status`` of that school year as records, by date."""
    years = {event_id: event.school_year for event_id, event in calendar.events.items()}
    years |= {item.item_id: item.school_year for item in calendar.items}
    chosen = status if school_year is None else status[status["event_id"].map(years) == school_year]
    return chosen.sort_values("due", kind="stable").to_dict("records")


def _plan_row(calendar: Calendar, row: dict[Hashable, Any]) -> tuple[str, ...]:
    event = calendar.events.get(row["event_id"])
    schools = f"{row['loaded']}" + ("" if pd.isna(row["expected"]) else f" из {row['expected']}")
    return (
        row["event_id"],
        row["title"],
        _window(event),
        PARTICIPATION_RU[event.participation] if event else "",
        f"{row['due']:%d.%m.%Y}",
        row["due_kind"],
        STATUS_RU[row["status"]],
        schools if event else "",
        _days_late(row),
    )


def _window(event: Event | None) -> str:
    return f"{event.window_from:%d.%m.%Y} – {event.window_to:%d.%m.%Y}" if event else ""


def _days_late(row: dict[Hashable, Any]) -> str:
    until = {"done": row["done_at"], "late": row["computed_at"]}.get(row["status"])
    days = 0 if until is None or pd.isna(until) else (until.date() - row["due"].date()).days
    return str(days) if days > 0 else ""
