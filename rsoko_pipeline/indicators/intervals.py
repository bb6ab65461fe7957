"""Confidence intervals of shares, vectorised.

Belongs here: intervals of a proportion and of a mean share of points. Does not belong here: which quantity gets an
interval (``statistics``), tests of hypotheses (``objectivity``).
"""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike, NDArray

#: Confidence of every interval that is stored.
CONFIDENCE = 0.95


def wilson(successes: ArrayLike, n: ArrayLike, confidence: float = CONFIDENCE) -> tuple[NDArray, NDArray]:
    """Wilson score interval of a proportion.

    Source: E. B. Wilson, «Probable inference, the law of succession, and statistical inference», JASA 22 (1927),
    209–212; without continuity correction, as Brown, Cai, DasGupta, Statistical Science 16 (2001), 101–133, recommend.

    Args:
        successes: numerators, real numbers in 0..n.
        n: denominators; broadcast against ``successes``.
        confidence: coverage of the two-sided interval.

    Returns:
        Lower and upper ends, 0–1; NaN where n = 0 and where the numerator lies outside 0..n (then it is no share).
    """
    k, total = np.broadcast_arrays(np.asarray(successes, dtype="float64"), np.asarray(n, dtype="float64"))
    z2 = NormalDist().inv_cdf((1 + confidence) / 2) ** 2
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where((total > 0) & (k >= 0) & (k <= total), k / total, np.nan)
        middle = (k + z2 / 2) / (total + z2)
        half = np.sqrt(z2 * (k * (1 - share) + z2 / 4)) / (total + z2)
        # The ends are exact at 0 and 1; elsewhere rounding may not move an end past the share itself.
        return np.clip(middle - half, 0, share), np.clip(middle + half, share, 1)


def mean_share(points_sum: ArrayLike, n: ArrayLike, max_points: ArrayLike) -> tuple[NDArray, NDArray]:
    """Interval of a task's solved share: the mean over n pupils of points / max_points.

    The Wilson interval with the mean share in the place of the proportion and n pupils as the number of trials. Among
    all variables on [0, 1] with a given mean μ the variance is at most μ(1−μ), reached by a 0/1 variable (Bhatia,
    Davis, American Mathematical Monthly 107 (2000), 353–357), so for tasks of several points the interval is on the
    safe side; for ``max_points`` = 1 it is the Wilson interval itself. It needs only the stored numerator and
    denominator.

    Args:
        points_sum: points of the n pupils together.
        n: pupils.
        max_points: the task's maximum.

    Returns:
        Lower and upper ends, 0–1; NaN where n or the maximum is 0 and where the points exceed n · max_points.
    """
    maximum = np.asarray(max_points, dtype="float64")
    with np.errstate(divide="ignore", invalid="ignore"):
        return wilson(np.where(maximum > 0, np.asarray(points_sum, dtype="float64") / maximum, np.nan), n)
