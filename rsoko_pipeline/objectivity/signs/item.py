"""ITEM: tasks on which the school does far better than pupils with the same totals do elsewhere.

Belongs here: the sum of squared task deviations and the tasks that stand out. Does not belong here: leniency in the tasks
marked by judgement (``lenient``).

r_j = Σ_i(x_ij − E_j(t_i)), v_j = ΣVar_j(t_i); z_j = r_j/√(v_j + τ_j²v_j²), where τ_j² is the normal school × task
variation; Q = Σz_j². The r_j of a school add to zero and tasks marked in one way go together, so Q is compared with g·χ²_h
of the same mean and variance (Satterthwaite), both taken from the correlations of z_j over the reference schools.
"""

from __future__ import annotations

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


def tables(work: Work, reference: NDArray) -> tuple[Items, ConditionalTables]:
    """The work's task scores and the region's conditional tables on the reference schools."""
    if work.items is None:
        raise NotAvailable(work.no_items)
    items = work.items
    if len(items.tasks) < _LEAST_TASKS:
        raise NotAvailable(f"заданий с баллами меньше {_LEAST_TASKS}")
    return items, conditional.fit(items.scores, items.total, items.max_points, reference[items.school])


def compute(work: Work, reference: NDArray, fitted: tuple[Items, ConditionalTables], settings: SignSettings) -> SignRows:
    """Test every school with at least ``settings.min_n`` pupils with task scores."""
    from scipy.special import chdtrc

    items, region = fitted
    n = np.bincount(items.school, minlength=len(work))
    tasks = len(items.tasks)
    residual, variance = conditional.deviations(items.scores, items.total, items.school, len(work), region)
    units = np.flatnonzero((n >= settings.min_n) & (variance.sum(axis=1) > 0))
    if not len(units):
        raise NotAvailable(f"нет школ, где не меньше {settings.min_n} работ с баллами за задания")
    v = np.maximum(variance[units], 1e-9)
    fitted_on = reference[units]
    z = np.empty_like(v)
    for j in range(tasks):
        natural = funnel.fit(residual[units, j] / v[:, j], 1 / v[:, j], fitted_on)
        z[:, j] = natural.z(residual[units, j] / v[:, j], 1 / v[:, j])
    q = (z**2).sum(axis=1)
    mean, spread = _moments(z[fitted_on])
    scale, freedom = spread / (2 * mean), 2 * mean**2 / spread
    p = chdtrc(freedom, q / scale)
    named = [[items.tasks[j] for j in np.flatnonzero(row >= _NAMED_FROM)] for row in z]
    details = {
        "tasks": named,
        "profile": [dict(zip(items.tasks, np.round(row, 2).tolist(), strict=True)) if names else {}
                    for row, names in zip(z, named, strict=True)],
    }
    return SignRows("school", units, n[units], q, to_z(p), p, p, details)


def _moments(z: NDArray) -> tuple[float, float]:
    """Mean and variance of Σz_j² when z is normal with the correlations seen among the reference schools."""
    schools, tasks = z.shape
    if schools < 3 * tasks:
        return float(tasks - 1), 2.0 * (tasks - 1)
    low, high = np.quantile(z, [0.01, 0.99], axis=0)
    covariance = np.cov(np.clip(z, low, high), rowvar=False)
    # Chance correlations between unrelated tasks add about (trace)²/schools to the sum of squares.
    squares = float((covariance**2).sum() - np.trace(covariance) ** 2 / schools)
    return float(np.trace(covariance)), 2 * max(squares, float(np.trace(covariance)))
