"""One work of the region as arrays: what every sign looks at.

Belongs here: the arrays, their order, what follows from them alone. Does not belong here: reading frames
(``preparation``), tests (``signs``).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class NotAvailable(Exception):  # noqa: N818 - not an error but an answer: the sign cannot be judged, because …
    """A sign cannot be computed for a work; the message says why, in Russian, for the report."""


class WorkKey(NamedTuple):
    """Which work it is; ``event_id`` tells apart works of one subject, grade and school year (else it is empty)."""

    school_year: str
    subject: str
    grade: int
    event_id: str = ""


#: Columns that name a work in every frame, in the order of ``WorkKey``.
KEYS = list(WorkKey._fields)


#: Where a score stands against the scores of the journal mark: below them, the lowest of them, between, the highest,
#: above. The ends of the scale are no edges: they are «between».
PLACES = ("below", "lowest", "between", "highest", "above")
#: Where a pupil stands among the school's pupils by other works of the year: weakest quarter, second quarter, upper
#: half; not known.
STANDINGS = ("weakest", "second", "upper", "unknown")


@dataclass(frozen=True)
class Items:
    """Task scores of the pupils who have them.

    Attributes:
        school, group: positions of the pupil's school and class, sorted.
        scores: points, pupils × tasks (int8); not started counts 0.
        max_points: the tasks' maxima; tasks without any data are left out.
        tasks: their labels.
    """

    school: NDArray[np.int32]
    group: NDArray[np.int32]
    scores: NDArray[np.int8]
    max_points: NDArray[np.int64]
    tasks: tuple[str, ...]

    @cached_property
    def total(self) -> NDArray[np.int64]:
        """Sums of points over the tasks kept."""
        return self.scores.sum(axis=1, dtype=np.int64)

    @property
    def top(self) -> int:
        """The largest possible sum."""
        return int(self.max_points.sum())

    @cached_property
    def pairs(self) -> Pairs:
        """All pairs of classmates with the number of tasks on which they have the same points."""
        starts = np.flatnonzero(np.r_[True, self.group[1:] != self.group[:-1]]) if len(self.group) else np.empty(0, int)
        sizes = np.diff(np.r_[starts, len(self.group)])
        firsts, seconds = [], []
        for size in np.unique(sizes[sizes >= 2]):
            a, b = np.triu_indices(int(size), 1)
            base = starts[sizes == size][:, None]
            firsts.append((base + a).ravel())
            seconds.append((base + b).ravel())
        first = np.concatenate(firsts) if firsts else np.empty(0, int)
        second = np.concatenate(seconds) if seconds else np.empty(0, int)
        same = np.zeros(len(first), dtype=np.int16)
        for column in np.ascontiguousarray(self.scores.T):
            same += column[first] == column[second]
        return Pairs(self.group[first], self.total[first], self.total[second], same)

    def at_most(self, size: int) -> Items:
        """The same with at most ``size`` pupils a class, the first ones in the (seeded) order of pupils."""
        starts = np.flatnonzero(np.r_[True, self.group[1:] != self.group[:-1]]) if len(self.group) else np.empty(0, int)
        place = np.arange(len(self.group)) - np.repeat(starts, np.diff(np.r_[starts, len(self.group)]))
        keep = place < size
        if keep.all():
            return self
        return Items(self.school[keep], self.group[keep], self.scores[keep], self.max_points, self.tasks)


@dataclass(frozen=True)
class Pairs:
    """Pairs of classmates: their class, both totals, number of tasks with equal points."""

    group: NDArray[np.int32]
    total_a: NDArray[np.int64]
    total_b: NDArray[np.int64]
    same: NDArray[np.int16]


@dataclass(frozen=True)
class Work:
    """A work of the region. Pupils are those present, sorted by school, class and a seeded hash of their key.

    Attributes:
        key: which work.
        schools: codes of the schools, sorted; positions in it stand for schools everywhere.
        school: the pupil's school, int32.
        group: the pupil's class as a position in ``group_school``, int32.
        group_school, group_class: school and class number of every class; number 0 where the class is not known.
        score: primary scores (or marks where ``by_marks``) of the pupils who have one.
        cuts: least scores by mark, increasing; empty where they are not known.
        max_score: largest possible score, or None where the tasks are unknown.
        by_marks: ``score`` holds marks, because nothing finer is known.
        journal_n, same, raised: by school, pupils with both marks, equal ones, raised ones; None where there are none.
        no_journal: why there are none (ru).
        journal_places: pupils with a score and a journal mark by school, journal mark (2–5) and place of the score
            (``PLACES``); None where scores, cuts or journal marks are not known.
        enrolled, absent: by school, None where not known; enrolled 0 where a school's is not known.
        kept: pupils by school, standing in other works (``STANDINGS``) and presence (0 present, 1 absent); None where
            pupils or their other works are not known.
        items: task scores, None where there are none.
        no_items: why there are none (ru).
        covariates: by school, columns without the constant; empty without context.
        covariate_names: what they are (ru).
        prior: by school, z-scaled mean of the same cohort's last result, NaN where unknown; None without it.
        prior_n: by school, pupils behind it; None where not known.
        prior_title: which result that is (ru); empty where not known.
        municipality: by school, position in ``municipalities``; -1 where unknown.
        municipalities: their codes, sorted.
    """

    key: WorkKey
    schools: NDArray[np.str_]
    school: NDArray[np.int32]
    group: NDArray[np.int32]
    group_school: NDArray[np.int32]
    group_class: NDArray[np.int32]
    score: NDArray[np.float64]
    cuts: dict[int, float]
    max_score: float | None
    by_marks: bool
    journal_n: NDArray[np.int64] | None
    same: NDArray[np.int64] | None
    raised: NDArray[np.int64] | None
    no_journal: str
    journal_places: NDArray[np.int64] | None
    enrolled: NDArray[np.int64] | None
    absent: NDArray[np.int64] | None
    kept: NDArray[np.int64] | None
    items: Items | None
    no_items: str
    covariates: NDArray[np.float64]
    covariate_names: tuple[str, ...]
    prior: NDArray[np.float64] | None
    prior_n: NDArray[np.float64] | None
    prior_title: str
    municipality: NDArray[np.int32]
    municipalities: NDArray[np.str_]

    def __len__(self) -> int:
        return len(self.schools)

    @cached_property
    def n(self) -> NDArray[np.int64]:
        """Pupils with a score by school."""
        return np.bincount(self.school, minlength=len(self))

    @cached_property
    def z(self) -> NDArray[np.float64]:
        """Scores scaled to mean 0 and variance 1 over the region's pupils.

        Raises:
            NotAvailable: there is nothing to scale.
        """
        if len(self.score) < 2:
            raise NotAvailable(
                "работу никто не писал: нет ни одного балла" if not len(self.score) else "работу писал один участник"
            )
        spread = float(self.score.std())
        if spread == 0:
            raise NotAvailable("у всех участников один и тот же балл: сравнивать нечего")
        return (self.score - self.score.mean()) / spread

    def require_spread(self) -> None:
        """Raise NotAvailable where the scores do not differ: no sign can say anything then."""
        _ = self.z

    @cached_property
    def mean_z(self) -> NDArray[np.float64]:
        """Mean of ``z`` by school, 0 for schools without scores."""
        return np.bincount(self.school, weights=self.z, minlength=len(self)) / np.maximum(self.n, 1)

    @cached_property
    def level_z(self) -> NDArray[np.float64]:
        """The same, drawn towards the region in small schools (as if a fifth of the variance lay between schools)."""
        return self.mean_z * self.n / (self.n + 4.0)
