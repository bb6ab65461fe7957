"""From many p-values to one: Cauchy combination, false discovery rate, the empirical null.

Belongs here: arithmetic of p- and z-values. Does not belong here: which signs make a family (``settings``), what a
level of evidence means (``evidence``).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

#: p-values are kept inside these limits before the combination: a p of exactly 1 would outweigh everything.
P_LIMITS = (1e-15, 1 - 1e-4)
#: A null whose median or spread leaves these bounds is replaced by the empirical one.
NULL_MEDIAN, NULL_SPREAD = 0.15, (0.85, 1.15)
_NULL_UNITS = 50
_QUARTILE_SPREAD = 1.3489795003921634


def cauchy(p: NDArray, weights: NDArray | None = None) -> NDArray[np.float64]:
    """Cauchy combination of the rows of ``p``, missing values (NaN) left out.

    T = Σ w·tan((½ − p)π) / Σ w, p = ½ − arctan(T)/π; valid in the tail under any dependence (Y. Liu, J. Xie, JASA 2020;
    115: 393–402).

    Args:
        p: p-values, shape (units, tests).
        weights: a weight a test; equal by default.

    Returns:
        A p-value a unit; NaN only where all values are missing.
    """
    known = ~np.isnan(p)
    w = np.where(known, np.ones(p.shape[-1]) if weights is None else weights, 0.0)
    whole = w.sum(axis=-1)
    inside = np.clip(np.where(known, p, 0.5), *P_LIMITS)
    # tan((½ − p)π) = 1/tan(pπ), which keeps its precision at small p.
    total = (w / np.tan(inside * np.pi)).sum(axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = total / whole
        # ½ − arctan(T)/π = arctan(1/T)/π for T > 0, without cancellation.
        combined = np.where(mean > 0, np.arctan(1 / mean) / np.pi, 0.5 - np.arctan(mean) / np.pi)
    return np.where(whole > 0, combined, np.nan)


def benjamini_hochberg(p: NDArray) -> NDArray[np.float64]:
    """Benjamini–Hochberg q-values of one set of p-values without missing ones."""
    from scipy.stats import false_discovery_control

    return np.asarray(false_discovery_control(p, method="bh")) if len(p) else np.empty(0)


def to_z(p: NDArray) -> NDArray[np.float64]:
    """The z-score whose upper tail is p (p limited to [1e-15, 1 − 1e-15])."""
    from scipy.special import ndtri

    return -ndtri(np.clip(p, 1e-15, 1 - 1e-15))


def to_p(z: NDArray) -> NDArray[np.float64]:
    """Upper tail of a z-score."""
    from scipy.special import ndtr

    return np.asarray(ndtr(-np.asarray(z)))


def empirical_null(z: NDArray, reference: NDArray) -> tuple[float, float] | None:
    """Median and robust spread of the reference z-scores, where the standard normal does not describe them.

    After B. Efron, «Large-scale simultaneous hypothesis testing» (JASA 2004; 99: 96–104), with quartiles in the place
    of his density fit.

    Returns:
        None where the standard normal will do, or where fewer than 50 reference units allow no judgement.
    """
    clean = z[reference]
    if len(clean) < _NULL_UNITS:
        return None
    low, median, high = np.quantile(clean, [0.25, 0.5, 0.75])
    spread = (high - low) / _QUARTILE_SPREAD
    if abs(median) <= NULL_MEDIAN and NULL_SPREAD[0] <= spread <= NULL_SPREAD[1]:
        return None
    return (float(median), float(spread)) if spread > 0 else None


def without_skew(z: NDArray, reference: NDArray) -> NDArray[np.float64]:
    """z-scores whose upper tail allows for the right skew of the reference units.

    A standardised gamma law of the reference's skewness γ (from z limited to ±3.5; 0 ≤ γ ≤ 1) is turned into a normal
    one by its cube root (E. Wilson, M. Hilferty 1931). Quantities that honest variation moves by its square, such as
    likeness of works, lean to the right, and without this their far tail holds several times the false signs it should.
    """
    clean = np.clip(z[reference], -3.5, 3.5)
    if len(clean) < _NULL_UNITS or clean.std() == 0:
        return z
    skew = float(np.clip(np.mean(((clean - clean.mean()) / clean.std()) ** 3), 0.0, 1.0))
    if skew < 0.02:
        return z
    root = np.cbrt(np.maximum(1 + skew * z / 2, 1e-9))
    # Only the upper tail is corrected: below the centre the law is as good as normal.
    return np.where(z > 0, (root - 1 + skew**2 / 36) * 6 / skew, z)
