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
    smooth = np.where(possible, _smoothed(counts) + _PSEUDO_COUNT, 0.0)
    probability = smooth / smooth.sum(axis=2, keepdims=True)
    mean = probability @ np.arange(values)
    variance = probability @ np.arange(values) ** 2 - mean**2
    return ConditionalTables(probability, mean, np.maximum(variance, 0.0))


def moments(value: NDArray, total: NDArray, top: int, reference: NDArray) -> tuple[NDArray, NDArray]:
    """Mean and variance, by total 0..``top``, of any quantity of a pupil, smoothed with the same kernel.

    Totals that nobody near them has get the overall mean and variance.
    """
    v, t = value[reference].astype(np.float64), total[reference].astype(np.int64)
    sums = [np.bincount(t, weights=w, minlength=top + 1) for w in (np.ones_like(v), v, v * v)]
    n, s, q = (_smoothed(part[None, :, None])[0, :, 0] for part in sums)
    overall = v.mean(), v.var()
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(n > 0, s / n, overall[0])
        variance = np.where(n > 0, np.maximum(q / n - mean**2, 0.0), overall[1])
    return mean, variance


def _smoothed(counts: NDArray) -> NDArray:
    """Smooth along the second of three axes with the kernel 1-2-3-2-1, scaled to keep a count a count."""
    out = np.zeros_like(counts)
    reach, size = len(_KERNEL) // 2, counts.shape[1]
    for shift, weight in zip(range(-reach, reach + 1), _KERNEL / _KERNEL.sum(), strict=True):
        here, there = slice(max(0, shift), min(size, size + shift)), slice(max(0, -shift), min(size, size - shift))
        out[:, here] += weight * counts[:, there]
    return out
