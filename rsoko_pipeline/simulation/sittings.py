"""Who sits an exam in which wave: early, main and reserve days, retakes, appeals, those who left school earlier.

Belongs here: the persons, scores and appeals of every wave of one exam. Does not belong here: who takes the exam and on
which days (``exams``), what the pupils know (``model``), how a sitting looks in a protocol (``gia``).

Those who miss the main day or fall short of the minimum come on the reserve day, those who still fall short come in the
additional period. A result retaken by choice may be a worse one, and it counts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Literal

import numpy as np

from rsoko_pipeline.simulation.model import Cohort, WorkResult

Wave = Literal["early", "main", "reserve", "retake", "additional"]

GRADUATE, COLLEGE, EARLIER = "ВТГ", "СПО", "ВПЛ"
NO_APPEAL, REJECTED, GRANTED = "нет", "отклонена", "удовлетворена"
#: Share of this year's graduates and of the others who come in the early period.
_EARLY = {GRADUATE: 0.02, COLLEGE: 0.0, EARLIER: 0.5}
#: Share of those who missed the main day, or fell short of the minimum, who come the next time.
_COMES_AGAIN = 0.9
#: Share of those whose turn it is who retake by choice.
_BY_CHOICE = 0.4
#: Share of results that are appealed against, share of these appeals that are granted.
_APPEALED, _GRANTED = 0.01, 0.3
#: By how much of the region's ranking a retaken result is higher: after falling short, by choice.
_AFTER_FAIL, _ANOTHER_TRY = (0.01, 0.15), (-0.05, 0.25)


@dataclass(frozen=True)
class Sittings:
    """Sittings of one exam in one wave, an array position a person, sorted by school.

    Attributes:
        cohort, school, class_no, number: who it is; class 0 for somebody who is in no class.
        category, appeal: in the words of protocols.
        present: came.
        scores: points by task (int8, persons × tasks), 0 for the absent.
    """

    cohort: np.ndarray
    school: np.ndarray
    class_no: np.ndarray
    number: np.ndarray
    category: np.ndarray
    appeal: np.ndarray
    present: np.ndarray
    scores: np.ndarray

    def __len__(self) -> int:
        return len(self.school)

    @cached_property
    def total(self) -> np.ndarray:
        """Primary scores, 0 for the absent."""
        return self.scores.sum(axis=1, dtype=np.int16)

    def take(self, rows: np.ndarray) -> Sittings:
        """The sittings of some rows (positions or truth values)."""
        return Sittings(*(getattr(self, field.name)[rows] for field in fields(self)))

    def with_others(self, others: Sittings) -> Sittings:
        """These and others, sorted by school."""
        columns = ((getattr(self, field.name), getattr(others, field.name)) for field in fields(self))
        both = Sittings(*map(np.concatenate, columns))
        return both.take(np.argsort(both.school, kind="stable"))


def of_work(work: WorkResult, rows: np.ndarray) -> Sittings:
    """This year's graduates with what they write in ``work``."""
    cohort = np.full(rows.size, work.spec.cohort)
    return _sittings(work, rows, cohort, work.class_no[rows], GRADUATE, work.present[rows], work.scores[rows])


def without_class(people: Cohort | WorkResult, year: int, rows: np.ndarray, category: str, tasks: int) -> Sittings:
    """People of the cohort of ``year`` who are no pupils any more; they have not written anything yet."""
    none, scores = np.zeros(rows.size, dtype=np.int16), np.zeros((rows.size, tasks), dtype=np.int8)
    return _sittings(people, rows, np.full(rows.size, year), none, category, none.astype(bool), scores)


def _sittings(
    people: Cohort | WorkResult,
    rows: np.ndarray,
    cohort: np.ndarray,
    class_no: np.ndarray,
    category: str,
    present: np.ndarray,
    scores: np.ndarray,
) -> Sittings:
    categories, appeals = (np.full(rows.size, word, dtype=object) for word in (category, NO_APPEAL))
    return Sittings(cohort, people.school[rows], class_no, people.number[rows], categories, appeals, present, scores)


@dataclass(frozen=True)
class Takers:
    """Those who take one exam of a year, and by which rules.

    Attributes:
        graduates: this year's, with what they write on their first day.
        others: who else takes it, without results.
        waves: the waves that the exam has; the main one is always among them.
        least: least primary score that is enough.
        may_retake: whether who falls short comes again in the same year.
        by_choice: which of how many subjects this is when each pupil has one to retake by choice.
        most: greatest points of the tasks that experts mark, the last ones: those are appealed against.
    """

    graduates: Sittings
    others: Sittings
    waves: frozenset[Wave]
    least: float
    may_retake: bool
    by_choice: tuple[int, int]
    most: tuple[int, ...]

    def sit(self, rng: np.random.Generator) -> Iterator[tuple[Wave, Sittings]]:
        """The waves that anybody comes to, in order of time."""
        written = self.graduates.take(self.graduates.present)
        if not len(written) or self.waves == {"main"}:
            yield "main", self.graduates
            return
        known = _Results(written)
        first = self.graduates.with_others(known.again(self.others, _ANOTHER_TRY, rng))
        share = np.select([first.category == category for category in _EARLY], list(_EARLY.values()))
        is_early = first.present & (rng.random(len(first)) < share) & ("early" in self.waves)
        first = self._appealed(first, rng) if "early" in self.waves else first
        main = first.take(~is_early)
        waves: dict[Wave, Sittings] = {"early": first.take(is_early), "main": main}
        due = first.take(self._comes_again(first, rng))
        for wave in ("reserve", "additional"):
            if wave in self.waves:
                waves[wave] = known.again(due, _AFTER_FAIL, rng)
                due = waves[wave].take(self._comes_again(waves[wave], rng))
            if wave == "reserve" and "retake" in self.waves:
                waves["retake"] = known.again(main.take(self._tries_again(main, rng)), _ANOTHER_TRY, rng)
        yield from ((wave, sittings) for wave, sittings in waves.items() if len(sittings))

    def _comes_again(self, sittings: Sittings, rng: np.random.Generator) -> np.ndarray:
        short = sittings.present & (sittings.total < self.least) & self.may_retake
        is_due = (short | ~sittings.present) & (sittings.category == GRADUATE)
        return is_due & (rng.random(len(sittings)) < _COMES_AGAIN)

    def _tries_again(self, sittings: Sittings, rng: np.random.Generator) -> np.ndarray:
        turn, subjects = self.by_choice
        is_turn = (sittings.number + 3 * sittings.school) % subjects == turn
        wishes = is_turn & (rng.random(len(sittings)) < _BY_CHOICE)
        return wishes & sittings.present & (sittings.total >= self.least) & (sittings.category == GRADUATE)

    def _appealed(self, sittings: Sittings, rng: np.random.Generator) -> Sittings:
        """With appeals; a granted one adds a point to the first long answer that has room for it."""
        if not self.most:
            return sittings
        appealed = sittings.present & (rng.random(len(sittings)) < _APPEALED)
        room = sittings.scores[:, -len(self.most) :] < np.asarray(self.most, dtype=np.int8)
        granted = appealed & room.any(axis=1) & (rng.random(len(sittings)) < _GRANTED)
        scores = sittings.scores.copy()
        task = scores.shape[1] - len(self.most) + room.argmax(axis=1)
        scores[granted, task[granted]] += 1
        words = np.select([granted, appealed], [GRANTED, REJECTED], NO_APPEAL).astype(object)
        return replace(sittings, scores=scores, appeal=words)


class _Results:
    """What the region's pupils write in an exam, lowest first: results of those who sit it another time."""

    def __init__(self, written: Sittings) -> None:
        order = np.argsort(written.total, kind="stable")
        self._totals, self._scores = written.total[order], written.scores[order]

    def again(self, people: Sittings, rise: tuple[float, float], rng: np.random.Generator) -> Sittings:
        """What people write the next time: somewhat above their last place, anything where they have none."""
        n = len(self._totals)
        last = np.searchsorted(self._totals, people.total, side="right") / n
        place = np.where(people.present, last, rng.random(len(people))) + rng.uniform(*rise, len(people))
        scores = self._scores[np.clip((place * n).astype("int64"), 0, n - 1)]
        none = np.full(len(people), NO_APPEAL, dtype=object)
        return replace(people, present=np.ones(len(people), dtype=bool), scores=scores, appeal=none)
