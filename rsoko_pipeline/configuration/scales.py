"""Scales and structures of works: what holds for a subject and a grade in certain years.

Belongs here: the models of ``procedures/<id>/scales.yaml`` (marks and test scores) and ``works.yaml``, and how a year
finds its fact.
Does not belong here: whether scales and works fit each other (``checks.py``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Annotated, Literal, Self, TypeVar

import numpy as np
from pydantic import Field, model_validator

from rsoko_pipeline.configuration.facts import Block, Fact, Grade, Identifier, Status, Year, problem, weakest


class Dated(Fact):
    """A fact about one work (subject × grade) with the years of writing in which it holds.

    Attributes:
        grade: the grade whose programme the work measures.
        year_from, year_to: first and last calendar year of writing, both inclusive, None without a bound. With both
            None the year is not known: such a fact stands in only where no dated one does.
    """

    subject: Identifier
    grade: Grade
    year_from: Year | None = None
    year_to: Year | None = None

    @model_validator(mode="after")
    def _years_in_order(self) -> Self:
        if self.year_from and self.year_to and self.year_from > self.year_to:
            raise problem(f"year_from ({self.year_from}) позже year_to ({self.year_to})", "Поменяйте годы местами.")
        return self

    @property
    def is_dated(self) -> bool:
        """Whether it is known for which years the fact holds."""
        return self.year_from is not None or self.year_to is not None

    def covers(self, year: int) -> bool:
        """Whether the fact is known to hold, or may hold, in ``year``."""
        return (self.year_from or year) <= year <= (self.year_to or year)

    def overlaps(self, other: Dated) -> bool:
        """Whether the two spans of years share a year."""
        return (self.year_from or 0) <= (other.year_to or 9999) and (other.year_from or 0) <= (self.year_to or 9999)


class MarkCondition(Block):
    """What a mark asks for besides the total: at least ``points`` in the tasks ``tasks`` together.

    Without them the mark is one lower (in ОГЭ: two points in geometry for «3», points of literacy for «4» and «5»).
    """

    mark: Literal[3, 4, 5]
    tasks: Annotated[tuple[str, ...], Field(min_length=1)]
    points: Annotated[int, Field(ge=1)]


class Scale(Dated):
    """How primary scores of a work turn into marks.

    Attributes:
        max_score: greatest primary score of the work.
        max_status: how sure the greatest score is; as sure as ``status`` when not given.
        borders: the least primary score for the marks 3, 4 and 5; None where unknown. ``status`` speaks of them.
        validity_status: how sure the years are; ``assumed`` when the source names none.
        conditions: what marks ask for besides the total.
    """

    max_score: Annotated[float, Field(gt=0)]
    max_status: Status | None = None
    borders: dict[Literal[3, 4, 5], float] | None = None
    validity_status: Status | None = None
    conditions: tuple[MarkCondition, ...] = ()

    @model_validator(mode="after")
    def _borders_ascend(self) -> Self:
        if self.borders is None:
            return self
        if set(self.borders) != {3, 4, 5}:
            raise problem("в borders должны быть границы трёх отметок", "Запишите borders: {3: …, 4: …, 5: …}.")
        if not 0 < self.borders[3] < self.borders[4] < self.borders[5]:
            raise problem(
                f"границы отметок не возрастают: {', '.join(f'{m} — {self.borders[m]:g}' for m in (3, 4, 5))}",
                "Граница — наименьший балл за отметку: граница «3» больше нуля, «4» выше «3», «5» выше «4».",
            )
        if self.borders[5] > self.max_score:
            raise problem(
                f"граница «5» ({self.borders[5]:g}) выше максимального балла ({self.max_score:g})",
                "Исправьте borders или max_score.",
            )
        return self

    @property
    def cuts(self) -> tuple[float, float, float] | None:
        """The least scores for 3, 4 and 5, or None where unknown."""
        return (self.borders[3], self.borders[4], self.borders[5]) if self.borders else None

    @property
    def shown_status(self) -> Status:
        """The weakest of the statuses of borders, maximum and years: the only one to be shown to a reader."""
        validity = self.validity_status or (self.status if self.is_dated else "assumed")
        return weakest(self.status, self.max_status or self.status, validity)

    def mark(self, scores: np.ndarray) -> np.ndarray:
        """Marks 2–5 (int8) for an array of primary scores; 0 where the score is NaN.

        Raises:
            ValueError: the borders are unknown.
        """
        if self.cuts is None:
            raise ValueError(f"the borders of {self.subject} {self.grade} are unknown")
        values = np.asarray(scores, dtype="float64")
        marks = (np.searchsorted(self.cuts, values, side="right") + 2).astype("int8")
        marks[np.isnan(values)] = 0
        return marks

    def lowered(self, marks: np.ndarray, labels: Sequence[str], points: np.ndarray) -> np.ndarray:
        """Marks by the total, lowered where a condition is not met; NaN where the tasks do not tell.

        Args:
            marks: marks by the total, NaN where unknown.
            labels: the tasks.
            points: rows × tasks of points; negative ones (not started) count 0.
        """
        out = np.asarray(marks, dtype="float64").copy()
        for condition in sorted(self.conditions, key=lambda one: -one.mark):
            columns = [place for place, label in enumerate(labels) if label in condition.tasks]
            if len(columns) < len(condition.tasks):
                out[out >= condition.mark] = np.nan
                continue
            enough = np.maximum(points[:, columns], 0).sum(axis=1) >= condition.points
            out[(out >= condition.mark) & ~enough] = condition.mark - 1
        return out


class TestScale(Dated):
    """How primary scores of an exam turn into test scores, and the least test score.

    Attributes:
        max_score: greatest primary score, None where unknown.
        test_scores: the test score of every primary score from 0 on; None where unknown. ``status`` speaks of them.
        minimum: least test score with which the exam is passed; None where unknown.
        minimum_status, minimum_source: how sure the minimum is and where it is from; as the table where not given.
    """

    max_score: Annotated[int, Field(gt=0)] | None = None
    test_scores: Annotated[tuple[int, ...], Field(min_length=2)] | None = None
    minimum: Annotated[float, Field(gt=0, le=100)] | None = None
    minimum_status: Status | None = None
    minimum_source: str | None = None

    @model_validator(mode="after")
    def _scores_ascend(self) -> Self:
        if self.test_scores is None:
            if self.minimum is None:
                raise problem("нет ни test_scores, ни minimum", "Укажите таблицу перевода или минимальный балл.")
            return self
        steps = self.test_scores
        if any(later < earlier for earlier, later in pairwise(steps)):
            raise problem("тестовые баллы убывают", "Каждый следующий тестовый балл не меньше предыдущего.")
        if steps[0] < 0 or steps[-1] > 100:
            raise problem("тестовый балл вне пределов 0–100", "Исправьте test_scores.")
        if self.max_score is not None and self.max_score != len(steps) - 1:
            raise problem(
                f"в таблице баллы от 0 до {len(steps) - 1}, а max_score — {self.max_score}",
                "В test_scores должно быть max_score + 1 чисел, начиная с балла за 0 первичных.",
            )
        return self

    @property
    def shown_status(self) -> Status:
        """The weakest of the statuses of table and minimum."""
        known = [self.status] if self.test_scores else []
        known += [self.minimum_status or self.status] if self.minimum is not None else []
        return weakest(*known) if self.is_dated else "assumed"

    def test_score(self, scores: np.ndarray) -> np.ndarray:
        """Test scores for an array of primary scores; NaN where the table is unknown or has no such score."""
        out = np.full(len(scores), np.nan)
        if self.test_scores is None:
            return out
        values = np.asarray(scores, dtype="float64")
        inside = (values >= 0) & (values < len(self.test_scores)) & (values % 1 == 0)
        out[inside] = np.array(self.test_scores, dtype="float64")[values[inside].astype("int64")]
        return out


class Task(Fact):
    """A task of a work: its label as in the files («9.1», «4К1»), greatest score, level of difficulty, skill."""

    task: str
    max_points: Annotated[int, Field(ge=1, le=100)]
    difficulty: Literal["Б", "П", "В"] | None = None
    skill: str | None = None


class Work(Dated):
    """What a work consists of."""

    tasks: Annotated[tuple[Task, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _labels_differ(self) -> Self:
        labels = [task.task for task in self.tasks]
        twice = sorted({label for label in labels if labels.count(label) > 1})
        if twice:
            raise problem(f"задание {', '.join(twice)} записано дважды", "Оставьте одну запись на задание.")
        return self

    @property
    def max_score(self) -> int:
        """The sum of the tasks' greatest scores."""
        return sum(task.max_points for task in self.tasks)

    def fits(self, tasks: Iterable[tuple[str, int]]) -> bool:
        """Whether a file's tasks (label, greatest score) are this work's, in order: only then do its skills apply."""
        return tuple(tasks) == tuple((task.task, task.max_points) for task in self.tasks)


class ScalesFile(Fact):
    """``procedures/<id>/scales.yaml``."""

    scales: tuple[Scale, ...] = ()
    test_scales: tuple[TestScale, ...] = ()


class WorksFile(Fact):
    """``procedures/<id>/works.yaml``."""

    works: tuple[Work, ...]


_D = TypeVar("_D", bound=Dated)


def valid(facts: Iterable[_D], subject: str, grade: int, year: int) -> _D | None:
    """The fact about the work that holds in ``year``: one whose years cover it, else one whose years are not known."""
    found = [fact for fact in facts if fact.subject == subject and fact.grade == grade and fact.covers(year)]
    return max(found, key=lambda fact: fact.is_dated, default=None)


def latest(facts: Iterable[_D], subject: str, grade: int) -> _D | None:
    """The newest fact about the work, whatever its years; one whose years are not known is the oldest."""
    found = [fact for fact in facts if fact.subject == subject and fact.grade == grade]
    return max(found, key=_age, default=None)


def _age(fact: Dated) -> tuple[int, int]:
    open_end = 9999 if fact.year_from else 0
    return fact.year_to or open_end, fact.year_from or 0
