"""ITEM: tasks fully solved far more often than pupils with the same totals solve them elsewhere.

Belongs here: the deviations by task, their sum and the tasks that stand out. Does not belong here: leniency in the
tasks marked by judgement (``lenient``).

With y_ij = 1 for the full mark and P_j(t) its share among the region's pupils with total t, the school's deviation is
r_j = Σ_i(y_ij − P_j(t_i))/max(P_j(t_i), 0.3): the score statistic for «a share of the pupils was told the answer», in
which a full mark counts the more the less it was to be expected. (The plain Σ(x_ij − E_j(t_i)) finds three quarters
of what this finds.) v_j = Var r_j under the region's table, d_j = the response of r_j to a shift of the task's ease;
z_j = r_j/√(v_j + τ_j²d_j²), where τ_j² is the normal school × task variation. The tasks are put together as the
likelihood ratio for «each task was helped with probability ¼»: with μ_j the value of z_j to be expected in this school
if a share ε of its pupils was told the answer, Λ_ε = Σ log(¾ + ¼·exp(μ_j·z_j − μ_j²/2)), and Λ = log(0.1·exp Λ_0.3 +
0.9·exp Λ_0.6): mostly for much help, with something left for little. The law of Λ under honesty is drawn for schools of
each size class from z_j with the correlations and the skewness (of hard tasks to the right, of easy ones to the left)
seen among the reference schools, its far tail exponential.
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
#: Probability that a task was helped; shares of pupils told the answer, with the weight of each in the ratio.
_HELPED = 0.25
_TOLD = ((0.3, 0.1), (0.6, 0.9))
_DRAWS = 6_000
#: The largest draws, whose mean excess gives the tail beyond; schools up to so many times larger share a law.
_TAIL, _CLASS = 0.02, 1.6
#: z above this says no more; z beyond this do not enter the skewness, which is limited too.
_MOST, _FARTHEST, _MOST_SKEW = 40.0, 3.5, 1.0


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
    n = np.bincount(items.school, minlength=len(work))
    units = np.flatnonzero(n >= settings.min_n)
    if not len(units):
        raise NotAvailable(f"нет школ, где не меньше {settings.min_n} работ с баллами за задания")
    fitted_on = reference[units]
    columns = [_task(work, items, j, units, reference, fitted_on) for j in range(len(items.tasks))]
    z, told = (np.column_stack(part) for part in zip(*columns, strict=True))
    value = _ratio(z, told)
    p = _tail(value, told, n[units], _honest(z[fitted_on]))
    named = [[items.tasks[j] for j in np.flatnonzero(row >= _NAMED_FROM)] for row in z]
    details: dict[str, list[Any]] = {
        "tasks": named,
        "profile": [
            dict(zip(items.tasks, np.round(row, 2).tolist(), strict=True)) if names else {}
            for row, names in zip(z, named, strict=True)
        ],
    }
    return SignRows("school", units, n[units], value, to_z(p), p, p, details)


def _task(
    work: Work, items: Items, j: int, units: NDArray, reference: NDArray, fitted_on: NDArray
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Z of one task by unit, and the z to be expected if everybody were told the answer."""
    full = items.scores[:, j] == items.max_points[j]
    share, spread = conditional.moments(full, items.total, items.top, reference[items.school])
    weight = 1 / np.maximum(share, _LEAST_SHARE)
    by_total = np.stack([weight**2 * spread, weight * spread, weight * (1 - share)])
    residual = np.bincount(
        items.school, weights=(weight * (0.0 - share))[items.total] + weight[items.total] * full, minlength=len(work)
    )
    v, d, told = (np.bincount(items.school, weights=part[items.total], minlength=len(work))[units] for part in by_total)
    v, d = np.maximum(v, 1e-9), np.maximum(d, 1e-9)
    natural = funnel.fit(residual[units] / d, v / d**2, fitted_on)
    return natural.z(residual[units] / d, v / d**2), told / d / np.sqrt(v / d**2 + natural.extra_variance)


def _ratio(z: NDArray, told: NDArray) -> NDArray[np.float64]:
    """Λ of the rows of ``z``; ``told`` is a row a row of ``z``, or one row for all."""
    high = np.minimum(z, _MOST)
    parts = []
    for share, weight in _TOLD:
        mu = share * told
        gain = np.logaddexp(np.log(1 - _HELPED), np.log(_HELPED) + mu * (high - mu / 2))
        parts.append(np.log(weight) + gain.sum(axis=1))
    return np.asarray(np.logaddexp.reduce(parts, axis=0))


def _tail(value: NDArray, told: NDArray, n: NDArray, honest: NDArray) -> NDArray[np.float64]:
    """Upper tail of Λ under honesty, by size class of the units; ``honest`` holds draws of z_j."""
    size_class = np.floor(np.log(n) / np.log(_CLASS)).astype(np.int64)
    out = np.empty(len(value))
    for one in np.unique(size_class):
        members = size_class == one
        law = np.sort(_ratio(honest, told[members].mean(axis=0)))
        start = int(len(law) * (1 - _TAIL))
        excess = float(np.mean(law[start:] - law[start]))
        above = len(law) - np.searchsorted(law, value[members], side="left")
        inside = (above + 0.5) / (len(law) + 1)
        far = _TAIL * np.exp(-np.maximum(value[members] - law[start], 0.0) / max(excess, 1e-9))
        out[members] = np.where(value[members] > law[start], far, inside)
    return np.clip(out, 1e-15, 1.0)


def _honest(z: NDArray) -> NDArray[np.float64]:
    """Draws of the tasks' z with the correlations and skewness of the reference schools' z.

    Skewness γ by the law that Wilson and Hilferty's cube root makes normal: (2/γ)·((1 + γx/6 − γ²/36)³ − 1).
    """
    schools, tasks = z.shape
    if schools < 3 * tasks:
        return _normal(tasks)
    low, high = np.quantile(z, [0.01, 0.99], axis=0)
    inner = np.clip(z, low, high)
    told = np.flatnonzero(inner.std(axis=0) > 0)
    correlation = np.eye(tasks)
    if len(told) > 1:
        correlation[np.ix_(told, told)] = np.corrcoef(inner[:, told], rowvar=False)
    values, vectors = np.linalg.eigh(correlation)
    draws = _normal(tasks) @ (vectors * np.sqrt(np.maximum(values, 0.0))).T
    inner = np.clip(z, -_FARTHEST, _FARTHEST)
    centred = inner - inner.mean(axis=0)
    skew = np.clip((centred**3).mean(axis=0) / np.maximum(centred.std(axis=0), 1e-9) ** 3, -_MOST_SKEW, _MOST_SKEW)
    skew = np.where(np.abs(skew) < 1e-3, 1e-3, skew)
    return np.asarray((2 / skew) * ((1 + skew * draws / 6 - skew**2 / 36) ** 3 - 1))


@lru_cache(maxsize=64)
def _normal(tasks: int) -> NDArray[np.float64]:
    """The same standard normal draws every time: a table of numbers, not chance."""
    return np.random.default_rng(20_260_401).standard_normal((_DRAWS, tasks))
