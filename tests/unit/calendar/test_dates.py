"""Arithmetic of days."""

from __future__ import annotations

from datetime import date

import pytest

from rsoko_pipeline.calendar import dates


@pytest.mark.parametrize(
    ("day", "year"),
    [(date(2025, 8, 31), "2024/2025"), (date(2025, 9, 1), "2025/2026"), (date(2026, 1, 1), "2025/2026")],
)
def test_a_school_year_begins_on_1_september(day: date, year: str) -> None:
    assert dates.school_year_of(day) == year
    first, last = dates.school_year_bounds(year)
    assert first <= day <= last


def test_the_school_year_before() -> None:
    assert dates.previous_school_year("2025/2026") == "2024/2025"


@pytest.mark.parametrize(
    ("day", "quarter"),
    [
        (date(2026, 1, 1), "2026-Q1"),
        (date(2026, 3, 31), "2026-Q1"),
        (date(2026, 4, 1), "2026-Q2"),
        (date(2026, 12, 31), "2026-Q4"),
    ],
)
def test_quarters(day: date, quarter: str) -> None:
    assert dates.quarter_of(day) == quarter
    first, last = dates.quarter_bounds(quarter)
    assert first <= day <= last
    assert dates.quarter_of(first) == dates.quarter_of(last) == quarter


def test_quarters_of_a_span() -> None:
    assert dates.quarters_between(date(2025, 9, 1), date(2026, 8, 31)) == [
        "2025-Q3", "2025-Q4", "2026-Q1", "2026-Q2", "2026-Q3",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 5, 20), 1, date(2026, 6, 20)),
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2020, 10, 31), 1, date(2020, 11, 30)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
        (date(2026, 3, 31), 12, date(2027, 3, 31)),
        (date(2026, 5, 20), 0, date(2026, 5, 20)),
    ],
)
def test_a_month_later(day: date, months: int, expected: date) -> None:
    assert dates.add_months(day, months) == expected


@pytest.mark.parametrize(
    ("text", "expected"), [("1 октября", (1, 10)), ("31 Августа", (31, 8)), (" 29  февраля ", (29, 2))]
)
def test_a_day_of_the_year_in_words(text: str, expected: tuple[int, int]) -> None:
    assert dates.parse_day_month(text) == expected


@pytest.mark.parametrize("text", ["31 ноября", "0 мая", "октябрь", "1 октябрь", "1.10", ""])
def test_what_is_not_a_day_of_the_year(text: str) -> None:
    assert dates.parse_day_month(text) is None


@pytest.mark.parametrize(
    ("after", "day", "month", "expected"),
    [
        (date(2026, 8, 31), 1, 10, date(2026, 10, 1)),
        (date(2026, 10, 1), 1, 10, date(2026, 10, 1)),
        (date(2026, 10, 2), 1, 10, date(2027, 10, 1)),
        (date(2025, 9, 1), 29, 2, date(2026, 2, 28)),
        (date(2027, 9, 1), 29, 2, date(2028, 2, 29)),
    ],
)
def test_the_next_such_day(after: date, day: int, month: int, expected: date) -> None:
    assert dates.next_day_month(after, day, month) == expected


def test_the_days_of_a_span_include_both_ends() -> None:
    days = dates.days_between(date(2026, 2, 27), date(2026, 3, 2))
    assert [day.day for day in days] == [27, 28, 1, 2]
