"""LOW_SD: results of a class differ less than those of classes with the same mean.

Belongs here: the class's variance against the expected one. Does not belong here: similarity of answers
(``similarity``). The expected SD comes from a regression of log SD on the class's mean; log SD itself has a long
lower tail in small classes, so the ratio of variances is judged by its cube root, 1 − 2/(9f) ± √(2/(9f)) with f = n−1
(E. Wilson, M. Hilferty 1931), and the funnel widens that to what is seen.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rsoko_pipeline.objectivity import funnel
from rsoko_pipeline.objectivity.result import SignRows, of_z
from rsoko_pipeline.objectivity.settings import SignSettings
from rsoko_pipeline.objectivity.work import NotAvailable, Work

_LEAST_SD = 0.5


def compute(work: Work, reference: NDArray, settings: SignSettings) -> SignRows:
    """Test every class with at least ``settings.min_n`` scores, low tail."""
    groups = len(work.group_school)
    n = np.bincount(work.group, minlength=groups)
    units = np.flatnonzero(n >= settings.min_n)
    fitted = reference[work.group_school[units]]
    if fitted.sum() < settings.min_reference:
        raise NotAvailable(f"классов для сравнения меньше {settings.min_reference}")
    scale = work.score.std()
    z = work.z
    mean = np.bincount(work.group, weights=z, minlength=groups)[units] / n[units]
    square = np.bincount(work.group, weights=z * z, minlength=groups)[units]
    freedom = (n[units] - 1).astype(np.float64)
    # Half a point is the spread of a class whose scores are equal but for rounding; a logarithm needs a floor.
    sd = np.sqrt(np.maximum((square - n[units] * mean**2) / freedom, (_LEAST_SD / scale) ** 2 / 12))
    log_sd = np.log(sd) + 1 / (2 * freedom)
    design = np.column_stack([np.ones(len(units)), mean, mean**2])
    expected = design @ _robust(design[fitted], log_sd[fitted], freedom[fitted])
    ratio = np.exp(2 * (log_sd - 1 / (2 * freedom) - expected))
    cube, variance = np.cbrt(ratio) - 1 + 2 / (9 * freedom), 2 / (9 * freedom)
    spread = funnel.fit(cube, variance, fitted)
    value = -spread.z(cube, variance)
    details = {"sd": np.round(sd * scale, 3).tolist(), "sd_expected": np.round(np.exp(expected) * scale, 3).tolist()}
    return of_z("class", units, n[units], sd * scale, value, details)


def _robust(x: NDArray, y: NDArray, weight: NDArray) -> NDArray[np.float64]:
    """Weighted least squares with Huber weights, three steps."""
    w = weight.copy()
    beta = np.zeros(x.shape[1])
    for _ in range(3):
        root = np.sqrt(w)
        beta = np.linalg.lstsq(x * root[:, None], y * root, rcond=None)[0]
        r = (y - x @ beta) * np.sqrt(weight)
        spread = max(1.4826 * float(np.median(np.abs(r))), 1e-9)
        w = weight * np.minimum(1.0, 1.5 * spread / np.maximum(np.abs(r), 1e-12))
    return beta
