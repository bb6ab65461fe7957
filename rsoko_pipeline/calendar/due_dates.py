"""From a deadline's rule to days in the period of a plan.

Belongs here: arithmetic of terms and periods. Does not belong here: reading a text (``deadlines.py``), the terms
themselves (``terms.py``).
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta

from rsoko_pipeline.calendar.dates import add_months, quarter_bounds, quarters_between
from rsoko_pipeline.calendar.events import SchoolDays
from rsoko_pipeline.calendar.terms import After, Deadline, DueDate, During, Every, Precision, Span, Term, Whole

#: First and last day of an event, both inclusive.
Window = tuple[date, date]


def due_dates(
    deadline: Deadline, begins: date, ends: date, *, windows: Sequence[Window] = (), school_days: SchoolDays
) -> tuple[DueDate, ...]:
    """The days that the deadline means in a plan that lasts from ``begins`` to ``ends``, by date.

    A day or month without a year comes in every year of the plan; «ежегодно» alone means the last day of each of the
    plan's years (which begin on the day and month of ``begins``), «постоянно» its last day. Where the text names the
    year, the day is kept even outside the plan's period.

    Args:
        deadline: what ``parse_deadline`` returned.
        begins, ends: the plan's first and last day.
        windows: first and last day of the events that «после проведения …» and «в период проведения …» count from.
        school_days: which days are school days.
    """
    period = _narrowed(deadline, begins, ends)
    found: list[DueDate] = []
    for term in deadline.terms:
        found += _dates_of(term, deadline, period, windows, school_days)
    if not found and not deadline.terms and deadline.years:
        found = [DueDate(*period, "period")]
    by_day: dict[date, DueDate] = {}
    for due in found:
        known = by_day.get(due.last)
        if known is None or _EXACTNESS.index(due.precision) < _EXACTNESS.index(known.precision):
            by_day[due.last] = due
    return tuple(by_day[day] for day in sorted(by_day))


_EXACTNESS: tuple[Precision, ...] = ("day", "event", "month", "period")


def _narrowed(deadline: Deadline, begins: date, ends: date) -> Window:
    """The plan's period within the years that the text names; these years themselves where the two do not meet."""
    if deadline.years is None:
        return begins, ends
    first, last = deadline.years
    named = (date(first, 9, 1), date(last, 8, 31)) if deadline.school_year else (date(first, 1, 1), date(last, 12, 31))
    common = max(begins, named[0]), min(ends, named[1])
    return common if common[0] <= common[1] else named


def _dates_of(
    term: Term, deadline: Deadline, period: Window, windows: Sequence[Window], school_days: SchoolDays
) -> Iterator[DueDate]:
    match term:
        case Span():
            yield from _span_dates(term, period)
        case Every(months=12):
            if not any(isinstance(other, Span | After | During) for other in deadline.terms):
                yield from (DueDate(first, last, "period") for first, last in _plan_years(period))
        case Every():
            yield from _every_dates(term, period)
        case After():
            yield from (_after_window(term, window, school_days) for window in windows)
        case During():
            yield from (DueDate(first, last, "event") for first, last in windows)
        case Whole(is_standing=True):
            yield DueDate(*period, "period")
        case Whole():
            yield from (DueDate(first, last, "period") for first, last in _plan_years(period))


def _span_dates(term: Span, period: Window) -> Iterator[DueDate]:
    if term.last_year is not None:
        yield _in_year(term, term.last_year)
        return
    for year in range(period[0].year, period[1].year + 2):
        due = _in_year(term, year)
        if period[0] <= due.last <= period[1]:
            yield due


def _in_year(term: Span, year: int) -> DueDate:
    last = _day_of(year, term.last_month, term.last_day)
    if term.first_month is None:
        return DueDate(None, last, term.precision)
    first_year = term.first_year
    if first_year is None:
        starts_before = (term.first_month, term.first_day) > (last.month, last.day)
        first_year = year - 1 if starts_before else year
    return DueDate(_day_of(first_year, term.first_month, term.first_day), last, term.precision)


def _day_of(year: int, month: int, day: int | None) -> date:
    last = monthrange(year, month)[1]
    return date(year, month, min(day or last, last))


def _every_dates(term: Every, period: Window) -> Iterator[DueDate]:
    for first, last in _sub_periods(term.months, period):
        if term.day is None:
            yield DueDate(first, last, "period")
        elif term.months == 1:
            yield DueDate(None, _day_of(last.year, last.month, term.day), "day")
        else:
            after = last + timedelta(days=1)
            yield DueDate(None, _day_of(after.year, after.month, term.day), "day")


def _sub_periods(months: int, period: Window) -> Iterable[Window]:
    """The calendar months, quarters or half-years that end within ``period``."""
    ends = (quarter_bounds(quarter)[1] for quarter in quarters_between(*period))
    if months == 1:
        ends = (_day_of(end.year, end.month - back, None) for end in ends for back in (2, 1, 0))
    step = max(months, 1)
    for end in ends:
        if period[0] <= end <= period[1] and (months != 6 or end.month in (6, 12)):
            yield max(period[0], add_months(end + timedelta(days=1), -step)), end


def _plan_years(period: Window) -> Iterator[Window]:
    """The years of the plan: each begins on the day and month on which the plan begins."""
    first, last = period
    while first <= last:
        following = add_months(first, 12)
        yield first, min(last, following - timedelta(days=1))
        first = following


def _after_window(term: After, window: Window, school_days: SchoolDays) -> DueDate:
    if term.is_before:
        day = add_months(window[0], -term.months) - timedelta(days=term.days + term.school_days)
        return DueDate(None, _work_days_from(day, -term.work_days), "event")
    counted = _work_days_from(school_days.after(window[1], term.school_days), term.work_days)
    return DueDate(window[1], add_months(counted, term.months) + timedelta(days=term.days), "event")


def _work_days_from(day: date, count: int) -> date:
    """The day ``count`` work days (Monday to Friday) after ``day``, before it where ``count`` is negative."""
    step = 1 if count > 0 else -1
    while count:
        day += timedelta(days=step)
        count -= step * (day.weekday() < 5)
    return day
