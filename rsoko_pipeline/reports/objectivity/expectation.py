"""What distribution of scores one would expect of a school: the region's shape, tilted to the school's own level.

Belongs here: the line drawn over a school's distribution. Does not belong here: tests (``objectivity``).
The region's shares f(s) are multiplied by exp(βs + γs²), with β and γ such that the mean, and the spread where it is
wanted, are the school's: heaps that the work itself makes stay, those of the school alone stand out. (Exponential
tilting; the sign BUNCH tilts the windows at the cuts in the same way.)
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_STEPS = 60
_RIDGE = 1e-9


def plain(region: NDArray, n: float) -> NDArray[np.float64]:
    """The region's own shape for ``n`` pupils."""
    return np.asarray(n * region / region.sum(), dtype=np.float64)


def tilted(scores: NDArray, region: NDArray, own: NDArray, *, spread: bool) -> NDArray[np.float64]:
    """Pupils expected at each score.

    Args:
        scores: the scores.
        region, own: pupils of the region and of the school at each.
        spread: whether the standard deviation is fitted to the school's, too.

    Returns:
        Expected numbers, adding up to the school's; zero where the region has none.
    """
    n = float(own.sum())
    scale = max(float(scores.max() - scores.min()), 1.0)
    x = (scores - scores.mean()) / scale
    terms = np.stack([x, x**2]) if spread else x[None, :]
    wanted = terms @ own / n
    with np.errstate(divide="ignore"):
        log = np.log(region / region.sum())
    weights = np.zeros(len(terms))
    share = region / region.sum()
    for _ in range(_STEPS):
        mean = terms @ share
        centred = terms - mean[:, None]
        slope = (centred * share) @ centred.T + _RIDGE * np.eye(len(terms))
        step = np.clip(np.linalg.solve(slope, wanted - mean), -5, 5)
        weights = weights + step
        exponent = log + weights @ terms
        share = np.exp(exponent - exponent.max())
        share /= share.sum()
        if np.abs(step).max() < 1e-6:
            break
    return np.asarray(n * share)
