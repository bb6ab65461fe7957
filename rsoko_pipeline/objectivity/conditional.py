"""Conditional tables: how pupils of a given total score did on each task, in the region.

Belongs here: P(task score | total) and what follows from it. Does not belong here: tests on it (``signs``).
No item-response model is fitted: given the total, a pupil's ability says next to nothing more about a task.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_KERNEL = np.array([1.0, 2.0, 3.0, 2.0, 1.0])
_PSEUDO_COUNT = 0.5


@dataclass(frozen=True)
class ConditionalTables:
    """The region's tables of one work.

    Attributes:
        probability: P_j(k | t), shape (tasks, totals, scores); 0 where a score is impossible.
        mean, variance: E_j(t), Var_j(t), shape (tasks, totals).
    """

    probability: NDArray[np.float64]
    mean: NDArray[np.float64]
    variance: NDArray[np.float64]


def fit(scores: NDArray, total: NDArray, max_points: NDArray, reference: NDArray) -> ConditionalTables:
    """Count and smooth.

    Args:
        scores: points, pupils × tasks (small integers).
        total: the pupils' sums of points.
        max_points: the tasks' maxima.
        reference: which pupils to count.
    """
    top = int(max_points.sum())
    values = int(max_points.max()) + 1
    tasks = len(max_points)
    counts = np.empty((tasks, top + 1, values))
    for j in range(tasks):
        cell = total[reference].astype(np.int64) * values + scores[reference, j]
        counts[j] = np.bincount(cell, minlength=(top + 1) * values).reshape(top + 1, values)
    k, t = np.arange(values)[None, :], np.arange(top + 1)[:, None]
    most = max_points.astype(np.int64)[:, None, None]
    possible = (k <= most) & (k <= t) & (t - k <= top - most)
    smooth = np.where(possible, smoothed(counts) + _PSEUDO_COUNT, 0.0)
    probability = smooth / smooth.sum(axis=2, keepdims=True)
    columns = [moments(scores[:, j], total, top, reference) for j in range(tasks)]
    mean, variance = (np.array(part) for part in zip(*columns, strict=True))
    return ConditionalTables(probability, mean, variance)


def moments(value: NDArray, total: NDArray, top: int, reference: NDArray) -> tuple[NDArray, NDArray]:
    """Mean and variance, by total 0..``top``, of any quantity of a pupil, smoothed with the same kernel.

    The mean is a local line, the variance that around the means of the single totals: averaging neighbours' raw moments
    would count the slope of the mean as variance. Totals that nobody near them has get the overall mean and variance.
    """
    v, t = value[reference].astype(np.float64), total[reference].astype(np.int64)
    n, s, q = (np.bincount(t, weights=w, minlength=top + 1) for w in (np.ones_like(v), v, v * v))
    within = np.maximum(q - s * s / np.maximum(n, 1.0), 0.0)
    s0, s1, s2, t0, t1, ss, df = (
        smoothed(part[None, :, None], offset)[0, :, 0]
        for part, offset in ((n, 0), (n, 1), (n, 2), (s, 0), (s, 1), (within, 0), (np.maximum(n - 1, 0.0), 0))
    )
    determinant = s0 * s2 - s1 * s1
    with np.errstate(invalid="ignore", divide="ignore"):
        line = np.where(determinant > 1e-9 * s0 * s0, (s2 * t0 - s1 * t1) / determinant, t0 / s0)
        mean = np.where(s0 > 0, line, v.mean())
        variance = np.where(df > 0, ss / df, v.var())
    return mean, variance


def deviations(
    scores: NDArray, total: NDArray, unit: NDArray, units: int, region: ConditionalTables
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Sums r_j = Σ(x_ij − E_j(t_i)) and v_j = ΣVar_j(t_i) by unit: shape (units, tasks) each."""
    tasks = scores.shape[1]
    residual, variance = np.empty((units, tasks)), np.empty((units, tasks))
    for j in range(tasks):
        residual[:, j] = np.bincount(unit, weights=scores[:, j] - region.mean[j, total], minlength=units)
        variance[:, j] = np.bincount(unit, weights=region.variance[j, total], minlength=units)
    return residual, variance


def profile_strength(residual: NDArray, variance: NDArray, n: NDArray) -> NDArray[np.float64]:
    """How far a unit's tasks depart from the region's, a pupil: Σ(r_j²/v_j − 1)/n.

    Twice the log-likelihood that the unit's own task effects would explain, less what chance does. Honest schools have
    such effects (textbooks, order of topics), and every measure of fit or likeness moves with them.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        terms = np.where(variance > 1e-9, residual**2 / variance - 1.0, 0.0)
    return terms.sum(axis=1) / np.maximum(n, 1)


def without_profile(value: NDArray, strength: NDArray, precision: NDArray, reference: NDArray) -> NDArray[np.float64]:
    """``value`` less what the usual range of task profiles explains of it.

    A robust line on the strength, which is limited at the 95th percentile of the reference units.

    Beyond the usual range nothing is taken away: a school unlike any other must not be excused by being so.
    """
    low, high = np.quantile(strength[reference], [0.0, 0.95])
    x = np.clip(strength, low, high)
    w = precision[reference]
    x0 = float(np.average(x[reference], weights=w))
    y, dx = value[reference], x[reference] - x0
    slope = 0.0
    for _ in range(3):
        r = y - slope * dx
        middle = float(np.median(r))
        scale = max(1.4826 * float(np.median(np.abs((r - middle) * np.sqrt(w)))), 1e-12)
        huber = w * np.minimum(1.0, 1.5 * scale / np.maximum(np.abs(r - middle) * np.sqrt(w), 1e-12))
        centre = float(np.average(dx, weights=huber))
        spread = float(huber @ (dx - centre) ** 2)
        slope = float(huber @ ((dx - centre) * (y - np.average(y, weights=huber)))) / spread if spread > 0 else 0.0
    return value - slope * (x - x0)


def smoothed(counts: NDArray, power: int = 0) -> NDArray:
    """Smooth along the second of three axes with the kernel 1-2-3-2-1, scaled to keep a count a count.

    With ``power`` every neighbour is also weighted by its signed distance to that power.
    """
    out = np.zeros_like(counts)
    reach, size = len(_KERNEL) // 2, counts.shape[1]
    for shift, weight in zip(range(-reach, reach + 1), _KERNEL / _KERNEL.sum(), strict=True):
        here, there = slice(max(0, -shift), min(size, size - shift)), slice(max(0, shift), min(size, size + shift))
        out[:, here] += weight * float(shift) ** power * counts[:, there]
    return out
