"""What a sign returns, before it becomes rows of a table.

Belongs here: the shape shared by all signs. Does not belong here: the signs, the frames (``assessment``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rsoko_pipeline.objectivity.combination import to_p, to_z, without_skew
from rsoko_pipeline.objectivity.exact import MOST_VARIANCE, SmallSums


@dataclass(frozen=True)
class Portion:
    """What a school adds to a sum pooled over works: excess over expectation, its variance, its exact law if small.

    Attributes:
        unit: positions of schools.
        n: pupils behind the sum.
        excess: observed − expected.
        variance: of the sum (extra variance between honest schools not included).
        extra: extra variance as a multiple of ``variance``² (τ² of the sign in this work).
        observed: the integer sum; None for sums that are not integers.
        law: laws of the sums of the units in ``exact``; None where ``observed`` is.
    """

    unit: NDArray[np.int64]
    n: NDArray[np.int64]
    excess: NDArray[np.float64]
    variance: NDArray[np.float64]
    extra: float
    observed: NDArray[np.int64] | None = None
    law: SmallSums | None = None

    @property
    def exact(self) -> NDArray[np.int64]:
        """Positions in ``unit`` that ``law`` describes, in its order: those whose law is small enough."""
        return np.empty(0, np.int64) if self.law is None else np.flatnonzero(self.variance <= MOST_VARIANCE)


@dataclass(frozen=True)
class SignRows:
    """One sign over the units of one level.

    Attributes:
        level: ``school``, ``class``, ``municipality`` or ``region``.
        unit: positions of the units (schools, classes, municipalities).
        n: pupils behind the statistic.
        statistic: the sign's own quantity.
        z, p, p_conservative: score and p-values, one-sided.
        details: further quantities by name, a value a unit.
        portion: what goes into pooling, or None.
        law_drawn: the law under honesty was drawn from the region's own works; only its upper tail is to be trusted,
            and no empirical null is looked for in the middle.
    """

    level: str
    unit: NDArray[np.int64]
    n: NDArray[np.int64]
    statistic: NDArray[np.float64]
    z: NDArray[np.float64]
    p: NDArray[np.float64]
    p_conservative: NDArray[np.float64]
    details: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    portion: Portion | None = None
    law_drawn: bool = False


def of_z(
    level: str,
    unit: NDArray,
    n: NDArray,
    statistic: NDArray,
    z: NDArray,
    details: Mapping[str, Sequence[Any]] | None = None,
    portion: Portion | None = None,
) -> SignRows:
    """Rows of a statistic that is normal under honesty."""
    p = to_p(z)
    return SignRows(level, unit, n, statistic, z, p, p, details or {}, portion)


def of_sum(
    portion: Portion,
    min_n: int,
    statistic: NDArray,
    min_variance: float = 0.0,
    details: Mapping[str, Sequence[Any]] | None = None,
    skewed: NDArray | None = None,
) -> SignRows:
    """Rows of a sum: z = excess/√(V + τ²V²), exact where the law is known.

    Args:
        portion: sums of all schools that may be pooled.
        min_n: least n of a row; smaller schools are pooled only.
        statistic: the sign's quantity by unit of the portion.
        min_variance: least V of a row.
        details: by unit of the portion.
        skewed: reference units of the portion, where honest sums may lean to the right (``without_skew``).
    """
    v = portion.variance
    inflation = np.sqrt(1 + portion.extra * v)
    z = portion.excess / (np.sqrt(v) * inflation)
    if skewed is not None:
        z = without_skew(z, skewed)
    conservative = to_p(z)
    if portion.law is not None and portion.observed is not None:
        small = portion.exact
        observed = portion.observed[small]
        tail = portion.law.tail(observed, observed - portion.excess[small])
        # The exact tail knows chance only; the variation between honest schools widens it as it widens the normal one.
        z[small] = to_z(tail.mid) / inflation[small]
        conservative[small] = to_p(to_z(tail.conservative) / inflation[small])
    shown = np.flatnonzero((portion.n >= min_n) & (v >= min_variance))
    p = to_p(z)
    picked = {name: [values[int(i)] for i in shown] for name, values in (details or {}).items()}
    return SignRows(
        "school",
        portion.unit[shown],
        portion.n[shown],
        statistic[shown],
        z[shown],
        p[shown],
        np.maximum(conservative, p)[shown],
        picked,
        portion,
    )


def of_tail(
    unit: NDArray, n: NDArray, statistic: NDArray, p: NDArray, min_n: int, details: Mapping[str, Sequence[Any]]
) -> SignRows:
    """Rows of a statistic whose upper tail was drawn from the region; over works its z count with the weight √n.

    Args:
        unit: all schools that may be pooled.
        n, statistic, p, details: by ``unit``.
        min_n: least n of a row; smaller schools are pooled only.
    """
    z = to_z(p)
    size = n.astype(np.float64)
    portion = Portion(unit, n, z * np.sqrt(size), size, 0.0)
    shown = np.flatnonzero(n >= min_n)
    picked = {name: [values[int(i)] for i in shown] for name, values in details.items()}
    return SignRows(
        "school", unit[shown], n[shown], statistic[shown], z[shown], p[shown], p[shown], picked, portion, law_drawn=True
    )
