"""ITEM: tasks fully solved far more often than pupils with the same totals solve them elsewhere.

Belongs here: the deviations by task, their sum and the tasks that stand out. Does not belong here: leniency in the
tasks marked by judgement (``lenient``).

With y_ij = 1 for the full mark and P_j(t) its share among the region's pupils with total t, the school's deviation is
r_j = Σ_i(y_ij − P_j(t_i))/max(P_j(t_i), 0.3): the score statistic for «a share of the pupils was told the answer», in
which a full mark counts the more the less it was to be expected. (The plain Σ(x_ij − E_j(t_i)) finds three quarters
of what this finds.) v_j = Var r_j under the region's table, d_j = the response of r_j to a shift of the task's ease;
z_j = r_j/√(v_j + τ_j²d_j²), where τ_j² is the normal school × task variation. The tasks are put together as
Λ = Σ log(¾ + ¼·exp(1.5·z_j − 1.125)), the likelihood ratio for «each task was helped with probability ¼», whose law
under honesty is a gamma law with the moments of Λ for normal z_j of the correlations seen among the reference schools.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rsoko_pipeline.objectivity import conditional, funnel
from rsoko_pipeline.objectivity.combination import to_z
from rsoko_pipeline.objectivity.conditional import ConditionalTables
from rsoko_pipeline.objectivity.result import SignRows
from rsoko_pipeline.objectivity.settings import SignSettings
from rsoko_pipeline.objectivity.work import Items, NotAvailable, Work

_LEAST_TASKS = 4
_NAMED_FROM = 3.0
_LEAST_SHARE = 0.3
_HELPED, _SHIFT = 0.25, 1.5
_DRAWS = 20_000


def tables(work: Work, reference: NDArray) -> tuple[Items, ConditionalTables]:
    """The work's task scores and the region's conditional tables on the reference schools."""
    if work.items is None:
        raise NotAvailable(work.no_items)
    items = work.items
    if len(items.tasks) < _LEAST_TASKS:
        raise NotAvailable(f"заданий с баллами меньше {_LEAST_TASKS}")
    if not reference[items.school].any():
        raise NotAvailable("в школах сравнения нет баллов за задания")
    return items, conditional.fit(items.scores, items.total, items.max_points, reference[items.school])


def compute(work: Work, reference: NDArray, items: Items, settings: SignSettings) -> SignRows:
    """Test every school with at least ``settings.min_n`` pupils with task scores."""
    from scipy.special import gammaincc

    n = np.bincount(items.school, minlength=len(work))
    units = np.flatnonzero(n >= settings.min_n)
    if not len(units):
        raise NotAvailable(f"нет школ, где не меньше {settings.min_n} работ с баллами за задания")
    fitted_on = reference[units]
    z = np.column_stack([_task_z(work, items, j, units, reference, fitted_on) for j in range(len(items.tasks))])
    value = _together(z)
    location, shape, scale = _null(z[fitted_on])
    p = gammaincc(shape, np.maximum(value - location, 0.0) / scale)
    named = [[items.tasks[j] for j in np.flatnonzero(row >= _NAMED_FROM)] for row in z]
    details: dict[str, list[Any]] = {
        "tasks": named,
        "profile": [
            dict(zip(items.tasks, np.round(row, 2).tolist(), strict=True)) if names else {}
            for row, names in zip(z, named, strict=True)
        ],
    }
    return SignRows("school", units, n[units], value, to_z(p), p, p, details)


def _task_z(
    work: Work, items: Items, j: int, units: NDArray, reference: NDArray, fitted_on: NDArray
) -> NDArray[np.float64]:
    full = items.scores[:, j] == items.max_points[j]
    share, spread = conditional.moments(full, items.total, items.top, reference[items.school])
    weight = 1 / np.maximum(share, _LEAST_SHARE)
    by_total = np.stack([weight**2 * spread, weight * spread])
    residual = np.bincount(
        items.school, weights=(weight * (0.0 - share))[items.total] + weight[items.total] * full, minlength=len(work)
    )
    v, d = (np.bincount(items.school, weights=part[items.total], minlength=len(work))[units] for part in by_total)
    v, d = np.maximum(v, 1e-9), np.maximum(d, 1e-9)
    natural = funnel.fit(residual[units] / d, v / d**2, fitted_on)
    return natural.z(residual[units] / d, v / d**2)


def _together(z: NDArray) -> NDArray[np.float64]:
    return np.log(1 - _HELPED + _HELPED * np.exp(_SHIFT * np.minimum(z, 40.0) - _SHIFT**2 / 2)).sum(axis=1)


def _null(z: NDArray) -> tuple[float, float, float]:
    """Location, shape and scale of the gamma law of Λ among honest schools."""
    schools, tasks = z.shape
    correlation = np.eye(tasks)
    if schools >= 3 * tasks:
        low, high = np.quantile(z, [0.01, 0.99], axis=0)
        inner = np.clip(z, low, high)
        told = np.flatnonzero(inner.std(axis=0) > 0)
        if len(told) > 1:
            correlation[np.ix_(told, told)] = np.corrcoef(inner[:, told], rowvar=False)
    values, vectors = np.linalg.eigh(correlation)
    draws = _together(_normal(tasks) @ (vectors * np.sqrt(np.maximum(values, 0.0))).T)
    mean, spread = float(draws.mean()), float(draws.std())
    skew = float(np.mean(((draws - mean) / spread) ** 3))
    shape = 4 / skew**2
    scale = spread * skew / 2
    return mean - shape * scale, shape, scale


@lru_cache(maxsize=64)
def _normal(tasks: int) -> NDArray[np.float64]:
    """The same standard normal draws every time: a table of numbers, not chance."""
    return np.random.default_rng(20_260_401).standard_normal((_DRAWS, tasks))
