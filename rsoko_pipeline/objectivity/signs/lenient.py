"""LENIENT: the tasks marked by judgement (2 points and more) were given points more freely than elsewhere.

Belongs here: the contrast between tasks marked by judgement and by a key. Does not belong here: single tasks
(``item``). A lenient marker adds a point here and there in the first and none in the second; given the total, the
first then look too good together. A score of k counts P(k−1 | t)/P(k | t) (0 for k = 0) less 1 if k is below the
maximum: the score statistic for «a share of the works was given one point more on each such task»; the sum over
pupils is set against its mean and variance given the total, over-dispersed by the honest differences between markers.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rsoko_pipeline.objectivity import conditional, funnel
from rsoko_pipeline.objectivity.conditional import ConditionalTables
from rsoko_pipeline.objectivity.result import Portion, SignRows, of_sum
from rsoko_pipeline.objectivity.settings import SignSettings
from rsoko_pipeline.objectivity.work import Items, NotAvailable, Work

_BY_JUDGEMENT = 2
_LEAST_SHARE = 0.1


def compute(
    work: Work, reference: NDArray, fitted: tuple[Items, ConditionalTables], settings: SignSettings
) -> SignRows:
    """Test every school with at least ``settings.min_pooled`` pupils with task scores."""
    items, region = fitted
    judged = np.flatnonzero(items.max_points >= _BY_JUDGEMENT)
    if len(judged) in (0, len(items.tasks)):
        raise NotAvailable("нет заданий обоих видов: с одним баллом и с развёрнутым ответом (2 балла и больше)")
    value = np.zeros(len(items.school))
    for j in judged:
        value += _weights(region.probability[j], int(items.max_points[j]))[items.total, items.scores[:, j]]
    mean, variance = conditional.moments(value, items.total, items.top, reference[items.school])
    n = np.bincount(items.school, minlength=len(work))
    excess = np.bincount(items.school, weights=value - mean[items.total], minlength=len(work))
    v = np.bincount(items.school, weights=variance[items.total], minlength=len(work)).astype(np.float64)
    units = np.flatnonzero((n >= settings.min_pooled) & (v > 1e-9))
    fitted_on = reference[units] & (n[units] >= settings.min_n)
    spread = funnel.fit(excess[units] / v[units], 1 / v[units], fitted_on)
    portion = Portion(units, n[units], excess[units] - spread.centre * v[units], v[units], spread.extra_variance)
    points = items.scores[:, judged].sum(axis=1, dtype=np.int64)
    expected = region.mean[judged].sum(axis=0)[items.total]
    above = np.bincount(items.school, weights=points - expected, minlength=len(work))[units] / n[units]
    details = {"points_above_expected": np.round(above, 3).tolist()}
    return of_sum(portion, settings.min_n, above, details=details, skewed=fitted_on)


def _weights(probability: NDArray, most: int) -> NDArray[np.float64]:
    """What a score counts, by total and score."""
    out = np.zeros_like(probability)
    out[:, 1:] = probability[:, :-1] / np.maximum(probability[:, 1:], _LEAST_SHARE)
    out[:, :most] -= 1.0
    out[:, most + 1 :] = 0.0
    return out
