"""From many p-values to one: half-Cauchy combination, false discovery rate, the empirical null.

Belongs here: arithmetic of p- and z-values. Does not belong here: which signs make a family (``settings``), what a
level of evidence means (``evidence``).
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

#: p-values are kept inside these limits before the combination.
P_LIMITS = (1e-15, 1 - 1e-9)
#: Draws of the law of a combination, and where its tail begins, which is known without drawing.
_DRAWS, _TAIL = 65_536, 0.01
#: A null whose median or spread leaves these bounds is replaced by the empirical one.
NULL_MEDIAN, NULL_SPREAD = 0.15, (0.85, 1.15)
_NULL_UNITS = 50
_QUARTILE_SPREAD = 1.3489795003921634


def half_cauchy(p: NDArray, weights: NDArray | None = None) -> NDArray[np.float64]:
    """Half-Cauchy combination of the rows of ``p``, missing values (NaN) left out.

    T = Σ w·cot(pπ/2) / Σ w, a weighted mean of half-Cauchy variables under honesty. As with the Cauchy combination
    (Y. Liu, J. Xie, JASA 2020; 115: 393–402) the far tail holds under dependence, but a p-value near 1 cannot outweigh
    a small one (L. Gui, Y. Jiang, J. Wang, «Aggregating dependent signals with heavy-tailed combination tests»,
    Biometrika 2025, discuss such truncated laws). p is read from the law of T for independent p-values: drawn once for
    each set of weights, beyond 1 % in proportion to the tail of one half-Cauchy variable.

    Args:
        p: p-values, shape (units, tests).
        weights: a weight a test; equal by default.

    Returns:
        A p-value a unit; NaN only where all values are missing.
    """
    known = ~np.isnan(p)
    w = np.ones(p.shape[-1]) if weights is None else np.asarray(weights, dtype=np.float64)
    term = 1 / np.tan(np.clip(np.where(known, p, 0.5), *P_LIMITS) * np.pi / 2)
    out = np.full(len(p), np.nan)
    patterns, pattern = np.unique(known & (w > 0), axis=0, return_inverse=True)
    for number, used in enumerate(patterns):
        rows = np.flatnonzero(pattern.ravel() == number)
        if not used.any():
            continue
        share = w[used] / w[used].sum()
        mean = term[np.ix_(rows, np.flatnonzero(used))] @ share
        out[rows] = _one_tail(mean) if used.sum() == 1 else _upper_tail(mean, _law(tuple(sorted(share.round(9)))))
    return out


def _one_tail(value: NDArray) -> NDArray[np.float64]:
    """Upper tail of one half-Cauchy variable."""
    return np.asarray(np.arctan2(1.0, value) * 2 / np.pi)


def _upper_tail(value: NDArray, law: NDArray) -> NDArray[np.float64]:
    start = law[int(len(law) * (1 - _TAIL))]
    inside = (len(law) - np.searchsorted(law, value, side="left") + 0.5) / (len(law) + 1)
    return np.where(value > start, _TAIL * _one_tail(value) / _one_tail(start), np.minimum(inside, 1.0))


@lru_cache(maxsize=256)
def _law(shares: tuple[float, ...]) -> NDArray[np.float64]:
    """Sorted draws of Σ w·X, X independent half-Cauchy: a Latin hypercube, the same every time."""
    rng = np.random.default_rng(20_260_401)
    total = np.zeros(_DRAWS)
    for share in shares:
        total += share / np.tan((rng.permutation(_DRAWS) + 0.5) / _DRAWS * np.pi / 2)
    return np.sort(total)


def benjamini_hochberg(p: NDArray) -> NDArray[np.float64]:
    """Benjamini–Hochberg q-values of one set of p-values without missing ones."""
    from scipy.stats import false_discovery_control

    return np.asarray(false_discovery_control(p, method="bh")) if len(p) else np.empty(0)


def to_z(p: NDArray) -> NDArray[np.float64]:
    """The z-score whose upper tail is p (p limited to [1e-15, 1 − 1e-15])."""
    from scipy.special import ndtri

    return -ndtri(np.clip(p, 1e-15, 1 - 1e-15))


def log_to_z(log_p: NDArray) -> NDArray[np.float64]:
    """The z-score whose upper tail has this logarithm: exact where the tail itself is too small for a number."""
    from scipy.special import ndtri_exp

    return np.asarray(-ndtri_exp(log_p))


def to_p(z: NDArray) -> NDArray[np.float64]:
    """Upper tail of a z-score."""
    from scipy.special import ndtr

    return np.asarray(ndtr(-np.asarray(z)))


def small_sample(z: NDArray, reference: int) -> NDArray[np.float64]:
    """The z-scores with tails that allow for a comparison with few units.

    Expectation and spread are themselves measured on the reference; with ``reference`` units a standardised deviation
    has the tails of Student's law with one degree of freedom less, which is turned into a normal one.
    """
    from scipy.special import ndtri, stdtr

    far = np.abs(z)
    tail = np.clip(stdtr(max(reference - 1, 1), -far), 1e-300, 0.5)
    return np.sign(z) * -ndtri(tail)


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
