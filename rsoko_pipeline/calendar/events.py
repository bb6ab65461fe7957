"""The calendar's events and deadlines, in the order of the partitions.

Belongs here: the shapes and what follows from them alone. Does not belong here: how the files of ``config/calendar``
become events (``configuration.assemble``), plan against fact (``status.py``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from rsoko_pipeline.calendar.dates import school_year_of


@dataclass(frozen=True)
class Due:
    """A deadline.

    Attributes:
        kind: what must be there, in Russian: загрузка, анализ, рекомендации, отчёт, …
        date: the last day.
        source, status: where the deadline is from and how sure it is.
        title: what exactly.
        fact: what in the warehouse shows that it is done: ``loaded``, ``analysed`` or ``none``.
        responsible: who.
    """

    kind: str
    date: date
    source: str
    status: str
    title: str
    fact: str = "none"
    responsible: str | None = None


@dataclass(frozen=True)
class PlanItem:
    """A deadline that belongs to no event: a quarterly report, the summary of a year.

    Attributes:
        item_id: unique, «2026-Q2-quarterly-report», «2025-2026-year-summary».
        rule: id of the rule in the calendar's file, «year-summary».
        title: what the rule asks for; ``due.title`` names the period too.
        school_year: the school year whose calendar asks for it.
        period: what it covers, a quarter or a school year.
    """

    item_id: str
    rule: str
    title: str
    school_year: str
    period: str
    due: Due


@dataclass(frozen=True)
class Event:
    """One work or procedure of the calendar.

    Attributes:
        event_id: «2026-vpr-ru-4»: calendar year of writing, procedure, subject, grade.
        grade: the grade that writes.
        grade_programme: the grade whose programme is measured (in autumn the one before).
        school_year: the school year of writing.
        school_year_measured: the school year whose result is measured.
        participation: ``obligatory``, ``by_choice``, ``sample`` or ``by_lot``.
        coverage_target: share of the contingent that should take part, 0–1, None where nothing is set.
        drawn: how many of the works drawn by lot a class writes, None where there is no lot.
        campaign: id of the campaign.
        dues: deadlines by date.
        source, status: where the event is from and how sure it is.
    """

    event_id: str
    title: str
    procedure: str
    subject: str | None
    grade: int | None
    grade_programme: int | None
    school_year: str
    school_year_measured: str
    window_from: date
    window_to: date
    participation: str
    coverage_target: float | None
    drawn: int | None
    responsible: str | None
    dues: tuple[Due, ...]
    campaign: str
    source: str
    status: str

    @property
    def year(self) -> int:
        """The calendar year of writing, by which scales and works are chosen."""
        return int(self.event_id.partition("-")[0])

    def due(self, kind: str) -> date | None:
        """The date of the deadline of that kind, or None."""
        return next((due.date for due in self.dues if due.kind == kind), None)


@dataclass(frozen=True)
class Holiday:
    """Days without school, both inclusive."""

    name: str
    first: date
    last: date


@dataclass(frozen=True)
class CampaignWindow:
    """A campaign as a whole: what a schedule needs to know."""

    campaign: str
    title: str
    procedure: str
    school_year: str
    window_from: date
    window_to: date
    event_ids: tuple[str, ...]


class SchoolDays:
    """Which days are school days: not a Sunday, not a holiday, between the first and the last day of lessons.

    A school year that the calendar does not describe has lessons from 1 September to 31 May.
    """

    def __init__(self, holidays: Iterable[Holiday], years: Mapping[str, tuple[date, date]]) -> None:
        self._free = {h.first + timedelta(days=n) for h in holidays for n in range((h.last - h.first).days + 1)}
        self._years = dict(years)

    def __contains__(self, day: date) -> bool:
        year = school_year_of(day)
        first, last = self._years.get(year) or (date(int(year[:4]), 9, 1), date(int(year[-4:]), 5, 31))
        return day.weekday() != 6 and first <= day <= last and day not in self._free

    def after(self, day: date, count: int) -> date:
        """The ``count``-th school day after ``day``; ``day`` itself when ``count`` is 0.

        Where a year's last school day is passed, counting goes on with the next year's first.
        """
        found = day
        while count:
            found += timedelta(days=1)
            count -= found in self
        return found


@dataclass(frozen=True)
class Calendar:
    """The whole calendar.

    Attributes:
        events: by id, ordered by school year, campaign in time, obligatory works first, grade, subject (as in
            ``subjects.yaml``): the order of the partitions, in which what arrives together stands together.
        items: deadlines that belong to no event, by date.
        campaigns: by the window's last day.
        school_days: which days are school days.
        years: the school years, in order.
        holidays: days without school.
    """

    events: dict[str, Event]
    items: tuple[PlanItem, ...]
    campaigns: tuple[CampaignWindow, ...]
    school_days: SchoolDays
    years: tuple[str, ...]
    holidays: tuple[Holiday, ...]

    def find(self, procedure: str, subject: str | None, grade: int | None, year: int) -> Event | None:
        """The event of that work written in the calendar year ``year``, or None."""
        return self._by_key.get((procedure, subject, grade, year))

    def of_year(self, school_year: str) -> Iterator[Event]:
        """The events of a school year of writing, in order."""
        return (event for event in self.events.values() if event.school_year == school_year)

    def is_school_day(self, day: date) -> bool:
        """Whether ``day`` is a school day."""
        return day in self.school_days

    @cached_property
    def _by_key(self) -> dict[tuple[str, str | None, int | None, int], Event]:
        return {(e.procedure, e.subject, e.grade, e.year): e for e in self.events.values()}
