"""The over-dispersed standardiser: honest units differ by more than chance, and the funnel must be as wide as they do.

Belongs here: z-scores that allow for variation between honest units. Does not belong here: exact tests (``exact``).
Source: D. Spiegelhalter, «Handling over-dispersion of performance indicators» (Qual Saf Health Care 2005; 14: 347–351)
and D. Spiegelhalter et al., «Statistical methods for healthcare regulation» (JRSS A 2012; 175: 1–47).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

#: Expectation of z² after winsorising a standard normal z at its 10 % and 90 % points.
WINSORISED_SECOND_MOMENT = 0.67865
_TAIL = 0.10


@dataclass(frozen=True)
class Funnel:
    """Centre and extra variance of the honest units."""

    centre: float
    extra_variance: float

    def z(self, value: NDArray, variance: NDArray) -> NDArray[np.float64]:
        """z-scores of values with their sampling variances (> 0)."""
        return (value - self.centre) / np.sqrt(variance + self.extra_variance)


def fit(value: NDArray, variance: NDArray, reference: NDArray, *, centre: float | None = None) -> Funnel:
    """Fit the funnel to the reference units.

    Args:
        value: the statistic by unit.
        variance: its sampling variance (> 0).
        reference: which units to fit on.
        centre: the centre where theory fixes it; otherwise the weighted mean of the reference, winsorised.

    Returns:
        The funnel; with fewer than 3 reference units, one of no extra variance.
    """
    y, v = value[reference], variance[reference]
    if len(y) < 3:
        return Funnel(float(np.mean(y)) if centre is None and len(y) else float(centre or 0.0), 0.0)
    mu, tau2 = (float(np.median(y)) if centre is None else centre), 0.0
    # The centre needs the extra variance for its weights, and the extra variance needs the centre.
    for _ in range(1 if centre is not None else 4):
        if centre is None:
            z = _winsorised((y - mu) / np.sqrt(v + tau2))
            mu += float(np.sum(z / np.sqrt(v + tau2)) / np.sum(1 / (v + tau2)))
        tau2 = _extra_variance(y - mu, v)
    return Funnel(mu, tau2)


def _extra_variance(residual: NDArray, v: NDArray) -> float:
    z0 = _winsorised(residual / np.sqrt(v))
    units = len(z0)
    phi = float(np.mean(z0**2)) / WINSORISED_SECOND_MOMENT
    w = 1 / v
    denominator = w.sum() - (w**2).sum() / w.sum()
    return max(0.0, (units * phi - (units - 1)) / denominator) if denominator > 0 else 0.0


def _winsorised(z: NDArray) -> NDArray:
    low, high = np.quantile(z, [_TAIL, 1 - _TAIL])
    return np.clip(z, low, high)
