"""Task scores given the rest of the work: likelihood ratios for help that honest differences of schools do not explain.

Belongs here: the region's laws of task scores given the points for all other tasks, how much honest schools differ on
tasks, the likelihood of a school's works with those differences integrated out, honest schools drawn from the region.
Does not belong here: which help a sign looks for (``signs.item``, ``signs.lenient``).

The law of a score k of task j given the rest r = t − k of the work says what a pupil of that ability does with the
task, whatever was done to the score itself: a score that was changed leaves the rest alone. In a school where the task
is easier by e the law is P_j(k | r)·exp(ke)/Σ. Honest schools differ by e_j ~ N(0, τ_j²), by a common e ~ N(0, λ²) on
the tasks marked by judgement, and by a common e ~ N(0, 0.25²) on all tasks, which absorbs what help with other tasks
did to the rest. Likelihoods are kept on a grid of e, so that all these differences are integrated out by sums.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from rsoko_pipeline.objectivity import conditional, funnel
from rsoko_pipeline.objectivity.conditional import ConditionalTables
from rsoko_pipeline.objectivity.work import Items

#: What help does to a law: probabilities of the scores 0..m, shape (rests, m + 1, grid), before and after it.
Help = Callable[[NDArray[np.float64]], NDArray[np.float64]]

BY_JUDGEMENT = 2
#: Shifts of ease at which likelihoods are kept, and the spread of a school's common shift on all tasks.
_GRID = np.linspace(-1.5, 1.5, 25)
_COMMON = 0.25
_PSEUDO_COUNT = 0.25
_LEAST_P, _LEAST_VARIANCE = 1e-12, 1e-9
#: Narrower than this, the grid cannot tell a spread from none.
_LEAST_SPREAD = 0.06
#: The largest of the drawn, whose excess gives the tail beyond.
_TAIL = 0.10
#: Honest schools drawn, the pupils they are drawn from, and the sizes they have.
_DRAWS, _POOL = 250, 4_000
_SMALLEST, _STEP, _LARGEST = 5, 2, 400


@dataclass(frozen=True)
class RestScores:
    """The region's laws given the rest, the schools' works, and works of honest schools drawn from the region.

    Attributes:
        items: the works.
        laws: P_j(k | r) by task, shape (rests, m + 1).
        judged: tasks marked by judgement.
        spread: τ_j by task, without what the judged tasks have in common.
        leniency: λ.
        level: spread of the common shifts by which schools are stronger or weaker.
        z: how far every school stands from the region on every task, in units of the usual difference.
        reference: pupils whose works the laws are of.
        n: pupils by school.
    """

    items: Items
    laws: tuple[NDArray[np.float64], ...]
    judged: NDArray[np.bool_]
    spread: NDArray[np.float64]
    leniency: float
    level: float
    z: NDArray[np.float64]
    reference: NDArray[np.bool_]
    n: NDArray[np.int64]

    @cached_property
    def plain(self) -> NDArray[np.float64]:
        """Log-likelihoods without help: shape (tasks, schools, grid), drawn schools after the real ones."""
        return np.array([self.helped(task, lambda law: law) for task in range(len(self.laws))])

    def helped(self, task: int, help_: Help) -> NDArray[np.float64]:
        """Log-likelihoods of a task's scores with help, its own shift integrated out: shape (schools, grid)."""
        law = self.laws[task][:, :, None] * np.exp(np.multiply.outer(np.arange(self.laws[task].shape[1]), _GRID))
        law = help_(law / law.sum(axis=1, keepdims=True))
        logs = np.log(np.maximum(law, _LEAST_P)).reshape(-1, len(_GRID))
        return _integrated(self._counts[task] @ logs, float(self.spread[task]))

    def above(self, tasks: NDArray[np.intp]) -> NDArray[np.float64]:
        """By school: points for some tasks above those that pupils with the same points for all others have."""
        out = np.zeros(len(self.n))
        for task in tasks.tolist():
            law, points = self.laws[task], self.items.scores[:, task].astype(np.int64)
            expected = law @ np.arange(law.shape[1])
            surplus = points - expected[self.items.total - points]
            out += np.bincount(self.items.school, weights=surplus, minlength=len(out))
        return out

    def ratio(self, helped: NDArray) -> LikelihoodRatio:
        """The ratio of ``helped`` (as ``plain``) to ``plain``, shifts common to tasks integrated out."""
        value = self._marginal(helped) - self._marginal(self.plain)
        return LikelihoodRatio(value[: len(self.n)], value[len(self.n) :].reshape(-1, _DRAWS), self._sizes)

    def _marginal(self, by_task: NDArray) -> NDArray[np.float64]:
        whole = by_task[~self.judged].sum(axis=0) + _integrated(by_task[self.judged].sum(axis=0), self.leniency)
        whole = whole - ((_GRID / _COMMON) ** 2) / 2
        highest = whole.max(axis=1)
        return np.asarray(highest + np.log(np.exp(whole - highest[:, None]).sum(axis=1)))

    @cached_property
    def _sizes(self) -> NDArray[np.int64]:
        largest = int(np.clip(self.n.max(), _SMALLEST + 1, _LARGEST))
        steps = int(np.ceil(np.log(largest / _SMALLEST) / np.log(_STEP)))
        return np.minimum(_SMALLEST * _STEP ** np.arange(steps + 1), _LARGEST).astype(np.int64)

    @cached_property
    def _works(self) -> tuple[NDArray[np.int8], NDArray[np.int64]]:
        """Works and their schools: the real ones, then those drawn, by size."""
        drawn = self._drawn()
        points, school = [self.items.scores], [self.items.school.astype(np.int64)]
        for place, size in enumerate(self._sizes):
            points.append(drawn[:, :size].reshape(-1, drawn.shape[2]))
            school.append(np.repeat(len(self.n) + place * _DRAWS + np.arange(_DRAWS), size))
        return np.concatenate(points), np.concatenate(school)

    @cached_property
    def _counts(self) -> list[NDArray[np.float64]]:
        """Works by task, school and cell (rest × score)."""
        return _counted(*self._works, len(self.n) + len(self._sizes) * _DRAWS, self.items)

    def _drawn(self) -> NDArray[np.int8]:
        """Pupils of honest schools, shape (draws, pupils, tasks): the region's, with weights exp(Σ_j x_j·e_j)."""
        points = self.items.scores[self.reference]
        # Whoever stands where in the data: pupils in the order of their points.
        points = points[np.lexsort(points.T)][:: -(-len(points) // _POOL)]
        normal, uniform = _numbers(points.shape[1], int(self._sizes[-1]))
        ease = normal[:, 2:] * self.spread + normal[:, :1] * self.leniency * self.judged
        ease += normal[:, 1:2] * self.level
        chance = np.cumsum(np.exp(ease @ points.T.astype(np.float64)), axis=1)
        return points[np.stack([np.searchsorted(c, u * c[-1]) for c, u in zip(chance, uniform, strict=True)])]


@dataclass(frozen=True)
class LikelihoodRatio:
    """Logarithms of likelihood ratios.

    Attributes:
        value: by school.
        honest: of drawn honest schools, sizes × draws.
        sizes: how many pupils those have.
    """

    value: NDArray[np.float64]
    honest: NDArray[np.float64]
    sizes: NDArray[np.int64]

    def tail(self, units: NDArray, n: NDArray) -> NDArray[np.float64]:
        """Upper tails of the schools ``units`` under honesty; between the sizes drawn log p is linear in log n.

        Among N drawn and one more every rank is as likely. Beyond the k largest drawn the tail is exponential, and as
        its scale is known from their k excesses alone, which sum up to S, a further excess x has the tail
        (1 + x/S)^−k: the exact law of such a prediction. exp(−xk/S), as if the scale were known, holds half as many
        false signs again at p = 0.001 as it should.
        """
        value = self.value[units]
        log_p = np.empty((len(units), len(self.sizes)))
        for place, law in enumerate(np.sort(self.honest, axis=1)):
            beyond = int(len(law) * _TAIL)
            start = law[-beyond - 1]
            total = max(float(np.sum(law[-beyond:] - start)), 1e-9)
            above = np.where(value > start, beyond, len(law) - np.searchsorted(law, value))
            rank = np.log((above + 1) / (len(law) + 1))
            log_p[:, place] = rank - beyond * np.log1p(np.maximum(value - start, 0.0) / total)
        size = np.log(self.sizes.astype(np.float64))
        place = np.interp(np.log(n), size, np.arange(len(size), dtype=np.float64))
        low, rows = np.minimum(place.astype(np.int64), len(size) - 2), np.arange(len(units))
        between = log_p[rows, low] * (low + 1 - place) + log_p[rows, low + 1] * (place - low)
        return np.clip(np.exp(between), 1e-15, 1.0)


def fit(items: Items, region: ConditionalTables, reference: NDArray, units: int) -> RestScores:
    """Count the laws on the reference schools and measure how much those differ.

    Args:
        items: the works.
        region: the region's conditional tables.
        reference: schools to compare with.
        units: number of schools.
    """
    of_reference = reference[items.school]
    scores = items.scores[of_reference]
    laws = []
    for counts, most in zip(_counted(scores, np.zeros(len(scores), np.int64), 1, items), items.max_points, strict=True):
        whole = counts.reshape(1, items.top + 1, int(most) + 1)
        law = conditional.smoothed(whole)[0] + _PSEUDO_COUNT
        laws.append(law / law.sum(axis=1, keepdims=True))
    judged = items.max_points >= BY_JUDGEMENT
    residual, variance = conditional.deviations(items.scores, items.total, items.school, units, region)
    inside = scores - region.mean[:, items.total[of_reference]].T
    covariance = inside.T @ inside
    z, extra = _by_task(residual, variance, reference)
    spread, leniency = _spreads(residual, variance, extra, covariance, judged, reference)
    level = _levels(items, reference, units)
    n = np.bincount(items.school, minlength=units)
    return RestScores(items, tuple(laws), judged, spread, leniency, level, z, of_reference, n)


def _levels(items: Items, reference: NDArray, units: int) -> float:
    """Spread of the shifts that give schools the levels they have: exp(κt) moves a mean of totals by κ·Var(t)."""
    n = np.bincount(items.school, minlength=units)
    mean = np.bincount(items.school, weights=items.total, minlength=units) / np.maximum(n, 1)
    within = float(np.var((items.total - mean[items.school])[reference[items.school]]))
    known = reference & (n > 0)
    if within <= 0:
        return 0.0
    between = funnel.fit(mean[known], within / n[known], np.ones(int(known.sum()), dtype=bool)).extra_variance
    return float(np.sqrt(between)) / within


def _by_task(residual: NDArray, variance: NDArray, reference: NDArray) -> tuple[NDArray, NDArray]:
    """Z by school and task, and the extra variance of the tasks' shifts r/v."""
    z, extra = np.zeros(residual.shape), np.zeros(residual.shape[1])
    for j, (r, v) in enumerate(zip(residual.T, variance.T, strict=True)):
        known = v > _LEAST_VARIANCE
        natural = funnel.fit(r[known] / v[known], 1 / v[known], reference[known])
        z[known, j] = natural.z(r[known] / v[known], 1 / v[known])
        extra[j] = natural.extra_variance
    return z, extra


def _spreads(
    residual: NDArray, variance: NDArray, extra: NDArray, covariance: NDArray, judged: NDArray, reference: NDArray
) -> tuple[NDArray[np.float64], float]:
    """τ_j by task and λ.

    Given the total, a task that is easier by e moves r_k of every task by Cov(x_j, x_k | t)·e. So the extra variances
    of the single tasks and of all judged tasks together are sums of τ_j² and λ² with known weights.
    """
    own = np.diag(covariance)
    if judged.all() or judged.sum() < 2 or (own <= 0).any():
        return np.sqrt(extra), 0.0
    sums = np.vstack([np.eye(len(own)), judged])
    moved = sums @ covariance
    moved /= (moved * sums).sum(axis=1, keepdims=True)
    v = variance[:, judged].sum(axis=1) * (judged @ covariance @ judged) / own[judged].sum()
    known = v > _LEAST_VARIANCE
    together = funnel.fit(residual[known][:, judged].sum(axis=1) / v[known], 1 / v[known], reference[known])
    from scipy.optimize import nnls

    found, _ = nnls(np.column_stack([moved**2, (moved @ judged) ** 2]), np.append(extra, together.extra_variance))
    return np.sqrt(found[:-1]), float(np.sqrt(found[-1]))


def _counted(points: NDArray, school: NDArray, units: int, items: Items) -> list[NDArray[np.float64]]:
    """Pupils by school and cell (rest × score), a table a task."""
    total = points.sum(axis=1, dtype=np.int64)
    out = []
    for column, most in zip(np.ascontiguousarray(points.T), items.max_points.tolist(), strict=True):
        cells = (items.top + 1) * (most + 1)
        # rest·(m + 1) + score = total·(m + 1) − score·m
        cell = school * cells + total * (most + 1) - column.astype(np.int64) * most
        out.append(np.bincount(cell, minlength=units * cells).reshape(units, cells).astype(np.float64))
    return out


def _integrated(log: NDArray, spread: float) -> NDArray[np.float64]:
    """Log of ∫ exp(log(g + e)) dN(e; 0, spread²) at every g of the grid."""
    if spread < _LEAST_SPREAD:
        return log
    kernel = np.exp(-(((_GRID[:, None] - _GRID[None, :]) / spread) ** 2) / 2)
    kernel /= kernel.sum(axis=0)
    highest = log.max(axis=1, keepdims=True)
    return np.asarray(highest + np.log(np.exp(log - highest) @ kernel + 1e-300))


@lru_cache(maxsize=16)
def _numbers(tasks: int, size: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The same numbers every time, normal and uniform: a table, not chance."""
    rng = np.random.default_rng(20_260_401)
    return rng.standard_normal((_DRAWS, tasks + 2)), rng.random((_DRAWS, size))
