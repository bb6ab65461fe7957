"""JUMP: the same cohort did far better than its last result foretold (ВПР 4→5, ВПР 8→ОГЭ 9, РУ against МА).

Belongs here: the weighted regression on the earlier result and its residuals. Does not belong here: which works
follow one another (the caller's ``prior``).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rsoko_pipeline.objectivity import funnel
from rsoko_pipeline.objectivity.result import Portion, SignRows, of_sum
from rsoko_pipeline.objectivity.settings import SignSettings
from rsoko_pipeline.objectivity.work import NotAvailable, Work


@dataclass(frozen=True)
class Regression:
    """A weighted regression of the later result on the earlier one.

    Attributes:
        predicted: fitted values.
        standardised: residuals over their own standard errors (internally studentised).
        studentised: the same with the error of the fit without the unit.
        p: upper tail of ``studentised`` in Student's t of the degrees of freedom given.
    """

    predicted: NDArray[np.float64]
    standardised: NDArray[np.float64]
    studentised: NDArray[np.float64]
    p: NDArray[np.float64]


def regress(later: NDArray, earlier: NDArray, n_later: NDArray, n_earlier: NDArray) -> Regression:
    """Weighted least squares of ``later`` on ``earlier``, as in the published screening of New Mexico's classes.

    Source: the Atlanta Journal-Constitution's analysis of 2012: weights n_later + n_earlier, one regression a year ×
    subject × grade, Student's t with min(n_later, n_earlier) − 1 degrees of freedom, so that a small class must stand
    out more.
    """
    from scipy.special import stdtr

    root = np.sqrt((n_later + n_earlier).astype(np.float64))
    degrees = np.maximum(np.minimum(n_later, n_earlier) - 1.0, 1.0)
    x = np.column_stack([np.ones(len(earlier)), earlier]) * root[:, None]
    q, _ = np.linalg.qr(x)
    fitted = q @ (q.T @ (later * root))
    residual = later * root - fitted
    leverage = (q**2).sum(axis=1)
    freedom = len(later) - 2
    variance = float(residual @ residual) / freedom
    standardised = residual / np.sqrt(variance * (1 - leverage))
    studentised = standardised * np.sqrt((freedom - 1) / np.maximum(freedom - standardised**2, 1e-12))
    return Regression(fitted / root, standardised, studentised, stdtr(degrees, -studentised))


def compute(work: Work, reference: NDArray, settings: SignSettings) -> SignRows:
    """Test every school with at least ``settings.min_n`` pupils now and at the earlier work."""
    if work.prior is None:
        raise NotAvailable("нет прошлого результата этих же обучающихся")
    n = work.n
    enough = np.ones(len(work), dtype=bool) if work.prior_n is None else work.prior_n >= settings.min_pooled
    units = np.flatnonzero((n >= settings.min_pooled) & ~np.isnan(work.prior) & enough)
    fitted = reference[units] & (n[units] >= settings.min_n)
    if fitted.sum() < settings.min_reference:
        raise NotAvailable(f"школ с прошлым результатом меньше {settings.min_reference}")
    earlier, later = work.prior[units], work.mean_z[units]
    size = n[units].astype(np.float64)
    before = size if work.prior_n is None else work.prior_n[units]
    if np.ptp(earlier[fitted]) == 0:
        raise NotAvailable("прошлый результат у всех школ одинаков")
    weight = (size + before)[fitted]
    slope, constant = np.polyfit(earlier[fitted], later[fitted], 1, w=np.sqrt(weight))
    within = float(np.mean((work.z - work.mean_z[work.school]) ** 2))
    # Chance in both means: σ²/n now, and the slope's share of it before.
    variance = within * (1 / size + slope**2 / np.maximum(before, 1.0))
    residual = later - constant - slope * earlier
    spread = funnel.fit(residual, variance, fitted)
    precision = 1 / variance
    portion = Portion(units, n[units], (residual - spread.centre) * precision, precision, spread.extra_variance)
    if work.prior_n is not None:
        portion = _with_n(portion, np.minimum(n[units], work.prior_n[units].astype(np.int64)))
    details = {
        **({"before": [work.prior_title] * len(units)} if work.prior_title else {}),
        "earlier": np.round(earlier, 3).tolist(),
        "expected": np.round(constant + slope * earlier, 3).tolist(),
        "observed": np.round(later, 3).tolist(),
    }
    return of_sum(portion, settings.min_n, residual, details=details)


def _with_n(portion: Portion, n: NDArray) -> Portion:
    return Portion(portion.unit, n, portion.excess, portion.variance, portion.extra)
