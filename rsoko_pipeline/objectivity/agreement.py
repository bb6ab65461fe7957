"""Agreement of two markings of the same works.

Belongs here: coefficients of agreement. Does not belong here: what follows for a school (``signs.remark``).
Agrees with R's psych and irrCAC (tests).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Agreement:
    """Agreement of two markings.

    Attributes:
        exact: share of equal scores.
        kappa: Cohen's κ with quadratic weights (Cohen 1968).
        ac2: Gwet's AC2 with quadratic weights (Gwet 2014), which does not fall when nearly all works have one score.
        alpha: Krippendorff's α with quadratic weights.
    """

    exact: float
    kappa: float
    ac2: float
    alpha: float


def agreement(first: NDArray, second: NDArray, lowest: int, highest: int) -> Agreement:
    """Compare two markings.

    Args:
        first, second: integer scores of the same works.
        lowest, highest: the scale.

    Returns:
        The coefficients; 1 where all scores are equal and there is nothing to disagree on.
    """
    k = highest - lowest + 1
    cell = (np.asarray(first, dtype=np.int64) - lowest) * k + np.asarray(second, dtype=np.int64) - lowest
    table = np.bincount(cell, minlength=k * k).reshape(k, k) / len(cell)
    places = np.arange(k)
    weights = 1 - ((places[:, None] - places[None, :]) / max(k - 1, 1)) ** 2
    observed = float((weights * table).sum())
    rows, columns = table.sum(axis=1), table.sum(axis=0)
    mean = (rows + columns) / 2
    by_chance = float(rows @ weights @ columns)
    gwet = float(weights.sum() * (mean @ (1 - mean)) / (k * (k - 1))) if k > 1 else 1.0
    small = 1 / (2 * len(cell))
    krippendorff = float(mean @ weights @ mean)
    return Agreement(
        exact=float(np.trace(table)),
        kappa=_above(observed, by_chance),
        ac2=_above(observed, gwet),
        alpha=_above((1 - small) * observed + small, krippendorff),
    )


def _above(observed: float, chance: float) -> float:
    return (observed - chance) / (1 - chance) if chance < 1 - 1e-12 else 1.0
