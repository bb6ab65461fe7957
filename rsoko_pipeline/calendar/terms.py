"""What a plan's deadline can say: the terms, the deadline put together from them, the rule in Russian words.

Belongs here: shapes and what follows from them alone. Does not belong here: reading a text (``deadlines.py``), dates
(``due_dates.py``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Literal

#: How exactly the text names a day: the day itself, a month, a year or the plan's period, days counted from an event.
Precision = Literal["day", "month", "period", "event"]


@dataclass(frozen=True)
class Span:
    """Days of a year, from–to or «by» alone, with the year where the text names it.

    Attributes:
        last_month, last_day: the last day; ``last_day`` None is the month's last.
        first_month, first_day: the first day; None for «до …», which names no beginning.
        first_year, last_year: None where the text names no year: then the span comes in every year of the plan.
        precision: ``day`` or ``month``.
    """

    last_month: int
    last_day: int | None = None
    first_month: int | None = None
    first_day: int = 1
    first_year: int | None = None
    last_year: int | None = None
    precision: Precision = "month"

    @property
    def is_in_order(self) -> bool:
        """Whether the first day is not after the last, as far as the years are named."""
        if self.first_month is None or self.first_year is None or self.last_year is None:
            return True
        first = self.first_year, self.first_month, self.first_day
        return first <= (self.last_year, self.last_month, self.last_day or 31)


@dataclass(frozen=True)
class Every:
    """Again and again: by the end of every period of ``months`` months, or ``day`` of the month after it."""

    months: int
    day: int | None = None


@dataclass(frozen=True)
class After:
    """So long after the end of an event, or before its beginning where ``is_before``.

    Attributes:
        anchor: the event in the document's words, empty where it names none.
        months, days: calendar months and days.
        work_days: Monday to Friday; public holidays are not known here.
        school_days: as the calendar counts them.
    """

    anchor: str
    months: int = 0
    days: int = 0
    work_days: int = 0
    school_days: int = 0
    is_before: bool = False

    @property
    def at_least(self) -> int:
        """The shortest that the term can be, in calendar days."""
        return 28 * self.months + self.days + self.work_days + self.school_days

    @property
    def at_most(self) -> int:
        """The longest that the term can be, in calendar days; five work days or school days are a week at most."""
        in_weeks = -(-(self.work_days + self.school_days) // 5) * 7
        return 31 * self.months + self.days + in_weeks


@dataclass(frozen=True)
class During:
    """While an event lasts."""

    anchor: str


@dataclass(frozen=True)
class Whole:
    """All the time of the plan, or within each of its years."""

    is_standing: bool


Term = Span | Every | After | During | Whole


@dataclass(frozen=True)
class Deadline:
    """A deadline's text, understood as far as it can be.

    Attributes:
        text: exactly as in the document.
        terms: what it says, in the order in which pieces are read.
        years: first and last calendar year that the text names apart from any day («2022 – 2024, до 1 ноября»).
        school_year: whether these two years are one school year.
        depends_on: the other document that holds the dates («в соответствии с планом Рособрнадзора»).
        condition: what it depends on («при необходимости», «по запросу»).
        impossible: days in the text that no calendar has («31 ноября»), each read as the month's last day.
        rest: words that were not understood.
    """

    text: str
    terms: tuple[Term, ...] = ()
    years: tuple[int, int] | None = None
    school_year: bool = False
    depends_on: str | None = None
    condition: str | None = None
    impossible: tuple[str, ...] = ()
    rest: str = ""

    @property
    def is_understood(self) -> bool:
        """Whether every word of the text was understood, and there was something to understand."""
        said = self.terms or self.years or self.depends_on or self.condition
        return bool(said) and not self.rest

    @property
    def is_repeated(self) -> bool:
        """Whether the text asks for the same again in every period."""
        return any(isinstance(term, Every) for term in self.terms)

    @property
    def kind(self) -> str:
        """The kind of rule in one word, as ``core.dim_measure.deadline_kind`` lists them."""
        if not self.is_understood:
            return "unread"
        for kind, cls in _KIND_OF:
            if any(isinstance(term, cls) for term in self.terms):
                return kind
        if any(isinstance(term, Every) and term.months < 12 for term in self.terms):
            return "periodic"
        if self.is_repeated:
            return "yearly"
        if any(isinstance(term, Whole) and term.is_standing for term in self.terms):
            return "standing"
        if self.years or self.terms:
            return "within_period"
        return "by_document" if self.depends_on else "on_condition"

    @property
    def rule_ru(self) -> str:
        """The rule in Russian, as it was understood: beside the text it shows how the system read it."""
        parts = [_TERM_RU[type(term)](term) for term in self.terms]
        if self.years:
            first, last = self.years
            years = str(first) if first == last else f"{first}–{last}"
            parts.append(f"{first}/{last} учебный год" if self.school_year else f"годы: {years}")
        parts += [f"даты — в другом документе: {self.depends_on}"] if self.depends_on else []
        parts += [f"условие: {self.condition}"] if self.condition else []
        parts += [f"не прочитано: {self.rest}"] if self.rest else []
        return "; ".join(parts)


#: The first that a text holds gives the kind of the rule.
_KIND_OF: tuple[tuple[str, type[Term]], ...] = (("after_event", After), ("dated", Span), ("during_event", During))


@dataclass(frozen=True)
class DueDate:
    """A deadline as days: ``last`` is the day by which it must be done, ``first`` the day it may begin."""

    first: date | None
    last: date
    precision: Precision


#: Names of the months, as they stand alone.
MONTHS = (
    "январь", "февраль", "март", "апрель", "май", "июнь", "июль", "август", "сентябрь", "октябрь", "ноябрь", "декабрь",
)  # fmt: skip


def _span_ru(term: Span) -> str:
    last = _day_ru(term.last_day, term.last_month, term.last_year)
    if term.first_month is None:
        return f"не позднее {last}" if term.last_day else f"до конца месяца: {last}"
    first_year = None if term.first_year == term.last_year else term.first_year
    first = _day_ru(term.first_day if term.last_day else None, term.first_month, first_year)
    is_one = (term.first_month, term.first_day if term.last_day else None) == (term.last_month, term.last_day)
    said = last if is_one and first_year is None else f"{first} – {last}"
    return said if term.last_year else f"{said}, каждый год плана"


def _day_ru(day: int | None, month: int, year: int | None) -> str:
    words, separator = (MONTHS[month - 1], " ") if day is None else (f"{day:02d}.{month:02d}", ".")
    return f"{words}{separator}{year}" if year else words


def _every_ru(term: Every) -> str:
    often = {12: "каждый год", 6: "каждое полугодие", 3: "каждый квартал", 1: "каждый месяц"}[term.months]
    if term.day is None:
        return often
    return f"{often}, до {term.day} числа" + ("" if term.months == 1 else " следующего месяца")


def _after_ru(term: After) -> str:
    sizes = (
        (term.months, "мес."),
        (term.days, "дн."),
        (term.work_days, "рабочих дн."),
        (term.school_days, "учебных дн."),
    )
    length = " ".join(f"{size} {unit}" for size, unit in sizes if size)
    where = "до начала" if term.is_before else "после окончания"
    return f"не позднее {length} {where}: {term.anchor or 'событие не названо'}"


def _whole_ru(term: Whole) -> str:
    return "постоянно, весь срок плана" if term.is_standing else "в течение года"


_TERM_RU: dict[type, Callable[..., str]] = {
    Span: _span_ru,
    Every: _every_ru,
    After: _after_ru,
    During: lambda term: f"во время: {term.anchor}",
    Whole: _whole_ru,
}
