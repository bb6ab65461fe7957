"""Arithmetic of days: school years, quarters, deadlines.

Belongs here: pure functions of dates. Does not belong here: events (``events.py``), what the plan says (``config``).
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, timedelta

MONTHS_RU = [
    "января",
    "февраля",
    "марта",
    "апреля",
    "мая",
    "июня",
    "июля",
    "августа",
    "сентября",
    "октября",
    "ноября",
    "декабря",
]


def school_year_of(day: date) -> str:
    """The school year, «2025/2026», that ``day`` lies in; a school year runs from 1 September to 31 August."""
    first = day.year if day.month >= 9 else day.year - 1
    return f"{first}/{first + 1}"


def school_year_bounds(school_year: str) -> tuple[date, date]:
    """The first and the last day of the school year «2025/2026»: 1 September and 31 August."""
    first = int(school_year[:4])
    return date(first, 9, 1), date(first + 1, 8, 31)


def previous_school_year(school_year: str) -> str:
    """The school year before."""
    first = int(school_year[:4])
    return f"{first - 1}/{first}"


def quarter_of(day: date) -> str:
    """The calendar quarter of ``day``, «2026-Q2»."""
    return f"{day.year}-Q{(day.month + 2) // 3}"


def quarter_bounds(quarter: str) -> tuple[date, date]:
    """The first and the last day of the calendar quarter «2026-Q2»."""
    year, last_month = int(quarter[:4]), 3 * int(quarter[-1])
    return date(year, last_month - 2, 1), date(year, last_month, monthrange(year, last_month)[1])


def quarters_between(first: date, last: date) -> list[str]:
    """The calendar quarters that share a day with ``first``–``last``, in order."""
    numbers = range(first.year * 4 + (first.month - 1) // 3, last.year * 4 + (last.month - 1) // 3 + 1)
    return [f"{number // 4}-Q{number % 4 + 1}" for number in numbers]


def add_months(day: date, months: int) -> date:
    """The same day of the month ``months`` later, or the month's last day where it is shorter."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def parse_day_month(text: str) -> tuple[int, int] | None:
    """Day and month of «1 октября», or None where there is no such day in any year."""
    match = re.fullmatch(r"\s*(\d{1,2})\s+([а-я]+)\s*", text.lower())
    if not match or match[2] not in MONTHS_RU:
        return None
    day, month = int(match[1]), MONTHS_RU.index(match[2]) + 1
    return (day, month) if 1 <= day <= monthrange(2024, month)[1] else None


def next_day_month(after: date, day: int, month: int) -> date:
    """The first ``day``.``month`` on or after ``after``; 29 February is the month's last day in a common year."""

    def in_year(year: int) -> date:
        return date(year, month, min(day, monthrange(year, month)[1]))

    found = in_year(after.year)
    return found if found >= after else in_year(after.year + 1)


def days_between(first: date, last: date) -> list[date]:
    """Every day from ``first`` to ``last``, both inclusive."""
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]
