"""Exams («ГИА»): periods, codes of subjects, which result counts.

Belongs here: the block ``exam`` of ``procedure.yaml`` and what follows from it alone. Does not belong here: scales of
marks and of test scores (``scales.py``), choosing a participant's result (``landing.exams``).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import cached_property
from itertools import pairwise
from typing import Annotated, Literal, Self

import numpy as np
from pydantic import AfterValidator, Field, model_validator

from rsoko_pipeline.calendar.dates import parse_day_month, previous_school_year, school_year_of
from rsoko_pipeline.configuration.facts import Fact, Identifier, problem

PeriodName = Literal["early", "main", "additional"]
Category = Literal["graduate", "spo", "earlier", "other"]


def _day(value: str) -> str:
    if parse_day_month(value) is None:
        raise problem(f"«{value}» — не день года", "Запишите число и месяц словом в родительном падеже: 1 июня.")
    return value


Day = Annotated[str, AfterValidator(_day)]


class DaySpan(Fact):
    """Days of a school year, both inclusive, without the year.

    Attributes:
        begins, ends: «20 марта».
        calendar_year: in the first calendar year of the school year or in the second. Days after 31 August of the
            second one (the additional period in September) belong to the school year that ended.
    """

    begins: Day
    ends: Day
    calendar_year: Literal["first", "second"] = "second"

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        first, last = self.days("2000/2001")
        if first > last:
            raise problem(f"{self.begins} позже, чем {self.ends}", "Поменяйте begins и ends местами.")
        return self

    def days(self, school_year: str) -> tuple[date, date]:
        """The first and the last day in ``school_year``."""
        year = int(school_year[:4]) + (self.calendar_year == "second")
        (first_day, first_month), (last_day, last_month) = _parsed(self.begins), _parsed(self.ends)
        return date(year, first_month, first_day), date(year, last_month, last_day)


def _parsed(text: str) -> tuple[int, int]:
    found = parse_day_month(text)
    assert found is not None  # the model has checked it
    return found


class ExamPeriod(DaySpan):
    """A period of an exam: early, main, additional."""

    period: PeriodName


class Retake(DaySpan):
    """Days on which a participant retakes an exam passed before: the later valid result annuls the earlier one.

    Attributes:
        year_from: first calendar year of the rule.
    """

    year_from: int


class ExamRules(Fact):
    """The block ``exam`` of ``procedure.yaml``; a procedure that has one is an exam.

    Attributes:
        result: what is given for the exam: a test score, a mark, or pass and fail.
        codes: subject's code in РИС → our code; None for an exam without subject (the final essay).
        mark_subjects: subjects that have a mark in place of a test score (basic mathematics).
        periods: in which days each period lies; they do not overlap.
        counts: which of a participant's valid results is counted: the last or the best one.
        retakes: days of retaking.
        statistics_categories, statistics_periods: whose results, of which periods, enter the statistics of works.
        bands: least test scores of the middle and of the high group.
    """

    result: Literal["test_score", "mark", "pass"]
    codes: dict[Annotated[str, Field(pattern=r"^\d{2}$")], Identifier | None]
    mark_subjects: tuple[Identifier, ...] = ()
    periods: Annotated[tuple[ExamPeriod, ...], Field(min_length=1)]
    counts: Literal["last_valid", "best_valid"] = "last_valid"
    retakes: tuple[Retake, ...] = ()
    statistics_categories: Annotated[tuple[Category, ...], Field(min_length=1)] = ("graduate",)
    statistics_periods: Annotated[tuple[PeriodName, ...], Field(min_length=1)] = ("main",)
    bands: tuple[float, float] = (61, 81)

    @model_validator(mode="after")
    def _periods_apart(self) -> Self:
        spans = sorted((*period.days("2000/2001"), period.period) for period in self.periods)
        for (_, last, one), (first, _, other) in pairwise(spans):
            if first <= last:
                raise problem(f"периоды {one} и {other} пересекаются", "Разведите begins и ends периодов.")
        if not 0 < self.bands[0] < self.bands[1] <= 100:
            raise problem("границы групп не возрастают", "Запишите bands двумя числами по возрастанию: [61, 81].")
        return self

    def result_of(self, subject: str | None) -> str:
        """What is given for the exam in ``subject``."""
        return "mark" if subject in self.mark_subjects else self.result

    def place(self, day: date) -> tuple[str, PeriodName] | None:
        """The school year and the period that ``day`` belongs to, None outside all periods."""
        this = school_year_of(day)
        for school_year in (this, previous_school_year(this)):
            for period in self.periods:
                first, last = period.days(school_year)
                if first <= day <= last:
                    return school_year, period.period
        return None

    def is_retake(self, day: date) -> bool:
        """Whether a sitting on ``day`` annuls an earlier result."""
        year = school_year_of(day)
        spans = [(retake.days(year), retake.year_from) for retake in self.retakes]
        return any(first <= day <= last and day.year >= since for (first, last), since in spans)

    @cached_property
    def subjects(self) -> frozenset[str | None]:
        """The subjects of the exam."""
        return frozenset(self.codes.values())


def passes(result: str, *, mark: np.ndarray, test_score: np.ndarray, minimum: float | None) -> np.ndarray:
    """Whether an exam is passed, 1 or 0; NaN where that is not known.

    Args:
        result: ``ExamRules.result``.
        mark: marks, NaN where none.
        test_score: test scores, NaN where none.
        minimum: least test score, None where unknown.
    """
    by_mark = np.where(np.isnan(mark), np.nan, mark >= 3)
    if result != "test_score" or minimum is None:
        return by_mark
    by_score = np.where(np.isnan(test_score), np.nan, test_score >= minimum)
    return np.where(np.isnan(by_score), by_mark, by_score)


def periods_ru(periods: Iterable[ExamPeriod], school_year: str) -> str:
    """The days of the periods, for a finding."""
    spans = (period.days(school_year) for period in periods)
    return ", ".join(f"{first:%d.%m.%Y}–{last:%d.%m.%Y}" for first, last in spans)
