"""LENIENT: the tasks marked by judgement (2 points and more) bring more than pupils with the same totals get elsewhere.

Belongs here: the contrast between tasks marked by judgement and by a key. Does not belong here: single tasks (``item``).
A lenient marker adds to the first and not to the second; given the total, the first then look too good together. One
direction in place of the many of ITEM: far more power against small, even help.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rsoko_pipeline.objectivity import conditional, funnel
from rsoko_pipeline.objectivity.result import Portion, SignRows, of_sum
from rsoko_pipeline.objectivity.settings import SignSettings
from rsoko_pipeline.objectivity.work import Items, NotAvailable, Work

_BY_JUDGEMENT = 2


def compute(work: Work, reference: NDArray, items: Items, settings: SignSettings) -> SignRows:
    """Test every school with at least ``settings.min_pooled`` pupils with task scores."""
    judged = items.max_points >= _BY_JUDGEMENT
    if judged.all() or not judged.any():
        raise NotAvailable("нет заданий обоих видов: с одним баллом и с развёрнутым ответом (2 балла и больше)")
    part = items.scores[:, judged].sum(axis=1, dtype=np.int64)
    mean, variance = conditional.moments(part, items.total, items.top, reference[items.school])
    n = np.bincount(items.school, minlength=len(work))
    excess = np.bincount(items.school, weights=part - mean[items.total], minlength=len(work))
    v = np.bincount(items.school, weights=variance[items.total], minlength=len(work))
    units = np.flatnonzero((n >= settings.min_pooled) & (v > 1e-9))
    fitted = reference[units] & (n[units] >= settings.min_n)
    spread = funnel.fit(excess[units] / v[units], 1 / v[units], fitted)
    portion = Portion(units, n[units], excess[units] - spread.centre * v[units], v[units], spread.extra_variance)
    details = {
        "observed": np.bincount(items.school, weights=part, minlength=len(work))[units].astype(int).tolist(),
        "excess_per_pupil": np.round(excess[units] / n[units], 3).tolist(),
    }
    return of_sum(portion, settings.min_n, excess[units] / n[units], details=details)
