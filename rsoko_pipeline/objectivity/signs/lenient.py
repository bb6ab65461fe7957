"""LENIENT: the tasks marked by judgement (2 points and more) were given points more freely than elsewhere.

Belongs here: the likelihood ratio for leniency. Does not belong here: single tasks (``item``), the laws and the honest
differences between schools (``rest_score``).

A lenient marker adds a point here and there, and most of all where a pupil would have had none: with ε = 0.3,
P'(k) = (1 − ε)·P(k) + ε·P(k − 1) for k < m, P'(m) = P(m) + ε·P(m − 1). That is not what an easier task looks like, so
part of it can be told from the honest differences between markers; Λ is the log-likelihood ratio with those integrated
out. Its law under honesty is that of honest schools drawn from the region, as for ITEM.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rsoko_pipeline.objectivity.rest_score import RestScores
from rsoko_pipeline.objectivity.result import SignRows, of_tail
from rsoko_pipeline.objectivity.settings import SignSettings
from rsoko_pipeline.objectivity.work import NotAvailable

_ADDED = 0.3


def compute(scores: RestScores, settings: SignSettings) -> SignRows:
    """Test every school with at least ``settings.min_pooled`` pupils with task scores."""
    if scores.judged.all() or not scores.judged.any():
        raise NotAvailable("нет заданий обоих видов: с одним баллом и с развёрнутым ответом (2 балла и больше)")
    lenient = scores.plain.copy()
    for task in np.flatnonzero(scores.judged):
        lenient[task] = scores.helped(int(task), _added)
    found = scores.ratio(lenient)
    units = np.flatnonzero(scores.n >= settings.min_pooled)
    n = scores.n[units]
    above = scores.above(np.flatnonzero(scores.judged))[units] / n
    details = {"points_above_expected": np.round(above, 3).tolist()}
    return of_tail(units, n, above, found.tail(units, n), settings.min_n, details)


def _added(law: NDArray[np.float64]) -> NDArray[np.float64]:
    out = (1 - _ADDED) * law
    out[:, -1] = law[:, -1]
    out[:, 1:] += _ADDED * law[:, :-1]
    return out
