"""The plan of procedures: what a file of ``calendar/`` says of one school year.

Belongs here: the models of the calendar's files. Does not belong here: events and dates made of them
(``assemble.py``, ``rsoko_pipeline.calendar``).
"""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from rsoko_pipeline.calendar.dates import parse_day_month
from rsoko_pipeline.configuration.facts import Fact, Grade, Identifier, Share, problem

Participation = Literal["obligatory", "by_choice", "sample", "by_lot"]
ShownBy = Literal["loaded", "analysed", "none"]
#: By what a procedure's deadline is seen to be met where it does not say so itself.
_SHOWN_BY: dict[str, ShownBy] = {"загрузка": "loaded", "анализ": "analysed"}


def _school_year(value: str) -> str:
    match = re.fullmatch(r"(\d{4})/(\d{4})", value)
    if not match or int(match[2]) != int(match[1]) + 1:
        raise problem(f"учебный год «{value}» не подходит", "Запишите учебный год двумя годами подряд: 2025/2026.")
    return value


SchoolYearKey = Annotated[str, AfterValidator(_school_year)]


class Span(Fact):
    """Days from–to, both inclusive, with a name: holidays, a quarter of the school year."""

    name: str
    begins: date
    ends: date

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.begins > self.ends:
            raise problem(f"«{self.name}»: начало позже конца", "Поменяйте begins и ends местами.")
        return self


class DueRule(Fact):
    """A deadline as a rule.

    Attributes:
        kind: what must be there: ``загрузка``, ``анализ``, ``рекомендации``, ``отчёт``, …
        title: what exactly, for people.
        after: the day from which is counted: the window's or the quarter's last day, the school year's first or last.
        months, days, school_days: how long after that day.
        day_month: or the first such day on or after it, «1 октября».
        fact: what in the warehouse shows that it is done: schools loaded, statistics computed; ``none`` where the
            data cannot show it; not given, what the kind says: ``загрузка`` is seen by ``loaded``, ``анализ`` by
            ``analysed``.
        responsible: who.
    """

    kind: str
    title: str | None = None
    after: Literal["window_to", "quarter_end", "year_start", "year_end"]
    months: Annotated[int, Field(ge=0, le=24)] = 0
    days: Annotated[int, Field(ge=0, le=730)] = 0
    school_days: Annotated[int, Field(ge=0, le=200)] = 0
    day_month: str | None = None
    fact: ShownBy | None = None
    responsible: str | None = None

    @property
    def shown_by(self) -> ShownBy:
        """What in the warehouse shows that it is done."""
        return self.fact or _SHOWN_BY.get(self.kind, "none")

    @model_validator(mode="after")
    def _one_way_of_counting(self) -> Self:
        given = [name for name in ("months", "days", "school_days", "day_month") if getattr(self, name)]
        if len(given) > 1:
            raise problem(
                f"срок задан сразу несколькими способами: {', '.join(given)}",
                "Оставьте один из ключей months, days, school_days, day_month.",
            )
        if self.day_month is not None and parse_day_month(self.day_month) is None:
            raise problem(
                f"«{self.day_month}» — не день года", "Запишите число и месяц словом в родительном падеже: 1 октября."
            )
        return self


class PeriodicDue(DueRule):
    """A deadline that belongs to no event: a quarterly report, the year's summary.

    Its kind says nothing of the data: an analysis at the year's end is people's work.
    """

    id: Annotated[str, Field(pattern=r"^[a-z0-9-]+$")]
    title: str
    fact: ShownBy = "none"

    @model_validator(mode="after")
    def _not_after_a_window(self) -> Self:
        if self.after == "window_to":
            raise problem(
                "у срока без события нет окна проведения", "Укажите after: quarter_end, year_start или year_end."
            )
        return self


class WorkGroup(Fact):
    """Works of a campaign that share grades and conditions; what is None is as in the campaign.

    Attributes:
        drawn: how many of the subjects each class writes, for ``by_lot``.
    """

    subjects: Annotated[tuple[Identifier, ...], Field(min_length=1)] | None = None
    grades: Annotated[tuple[Grade, ...], Field(min_length=1)] | None = None
    participation: Participation | None = None
    coverage_target: Share | None = None
    drawn: Annotated[int, Field(ge=1)] | None = None
    window_from: date | None = None
    window_to: date | None = None

    @model_validator(mode="after")
    def _drawn_by_lot(self) -> Self:
        if self.drawn is not None and self.participation != "by_lot":
            raise problem(
                "drawn указан, а participation — не by_lot", "Уберите drawn или поставьте participation: by_lot."
            )
        return self


class Campaign(Fact):
    """A procedure's campaign: a window and the works written in it.

    Attributes:
        id: unique in the calendar.
        programme: ``current`` or ``previous``: the works measure the programme of the grade before (autumn ВПР).
        works: without any, the campaign is one event with neither subject nor grade.
    """

    id: Annotated[str, Field(pattern=r"^[a-z0-9_-]+$")]
    procedure: Identifier
    title: str
    window_from: date
    window_to: date
    programme: Literal["current", "previous"] = "current"
    participation: Participation = "obligatory"
    coverage_target: Share | None = None
    responsible: str | None = None
    works: tuple[WorkGroup, ...] = ()
    dues: tuple[DueRule, ...] = ()

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        for start, end in ((self.window_from, self.window_to), *self._own_windows()):
            if start > end:
                raise problem(
                    f"окно {start:%d.%m.%Y} – {end:%d.%m.%Y}: начало позже конца", "Исправьте window_from и window_to."
                )
        kinds = [due.kind for due in self.dues]
        if len(set(kinds)) < len(kinds):
            raise problem("вид срока (kind) повторяется", "У одной кампании каждый вид срока — один раз.")
        return self

    def _own_windows(self) -> list[tuple[date, date]]:
        return [(group.window_from or self.window_from, group.window_to or self.window_to) for group in self.works]


class YearFrame(Fact):
    """The school year itself: first and last school day, quarters, holidays."""

    begins: date
    ends: date
    quarters: tuple[Span, ...] = ()
    holidays: tuple[Span, ...] = ()


class YearFile(Fact):
    """``calendar/<school year>….yaml``; several files may speak of one school year, one of them holds ``year``."""

    school_year: SchoolYearKey
    year: YearFrame | None = None
    campaigns: tuple[Campaign, ...] = ()
    dues: tuple[PeriodicDue, ...] = ()
