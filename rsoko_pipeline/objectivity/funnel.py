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
    mu = float(np.median(y)) if centre is None else centre
    tau2 = 0.0
    # The centre needs the extra variance for its weights, and the extra variance needs the centre.
    for _ in range(1 if centre is not None else 3):
        tau2 = _extra_variance(y - mu, v)
        if centre is None:
            spread = np.sqrt(v + tau2)
            mu += float(np.sum(winsorised((y - mu) / spread) / spread) / np.sum(1 / spread**2))
    return Funnel(mu, tau2)


def _extra_variance(residual: NDArray, v: NDArray) -> float:
    """τ² at which the winsorised z-scores have the second moment of a winsorised standard normal.

    Spiegelhalter's closed formula takes the z-scores without τ², which are a mixture of narrow (small units) and wide
    (large units): winsorising then cuts the large units alone and τ² comes out too small (10 % of false signs too many
    among large schools). Solving for τ² (as R. Paule and J. Mandel, 1982, do without winsorising) removes that.
    """

    def surplus(tau2: float) -> float:
        return float(np.mean(winsorised(residual / np.sqrt(v + tau2)) ** 2)) - WINSORISED_SECOND_MOMENT

    low, high = 0.0, float(np.mean(residual**2))
    if surplus(0.0) <= 0 or high == 0:
        return 0.0
    while surplus(high) > 0:
        high *= 2
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if surplus(middle) > 0 else (low, middle)
        if high - low <= 1e-5 * high:
            break
    return (low + high) / 2


def winsorised(z: NDArray) -> NDArray:
    """The values with those beyond the 10 % and 90 % points moved to them."""
    place = int(_TAIL * (len(z) - 1))
    ordered = np.partition(z, (place, len(z) - 1 - place))
    return np.clip(z, ordered[place], ordered[len(z) - 1 - place])
