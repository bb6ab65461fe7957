"""Classical indices of person fit, for describing answers beside the sign PF. Never shown for a single pupil.

Belongs here: Guttman errors and what is normed by them. Does not belong here: the conditional likelihood
(``signs.person_fit``). Agrees with R's PerFit 1.4.6 (tests): steps of tasks are ordered by a stable sort of their
decreasing shares.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Guttman:
    """Indices by pupil.

    Attributes:
        errors: Guttman errors: pairs of an easier step not taken and a harder one taken (E. Molenaar 1991).
        normed: the same over the largest number possible at the total.
        u3: U3 of van der Flier (1982), for scores above 1 its form by Emons (2008).
        normed, u3: NaN where the total leaves no choice.
    """

    errors: NDArray[np.float64]
    normed: NDArray[np.float64]
    u3: NDArray[np.float64]


def guttman(scores: NDArray, max_points: int) -> Guttman:
    """Indices of all pupils.

    Args:
        scores: pupils × tasks, integers 0..``max_points``.
        max_points: the tasks' common maximum.
    """
    pupils, tasks = scores.shape
    levels = np.arange(1, max_points + 1)
    taken = (scores[:, :, None] >= levels).reshape(pupils, tasks * max_points)
    share = taken.mean(axis=0)
    order = np.argsort(-share, kind="stable")
    steps, share = taken[:, order].astype(np.float64), share[order]
    missed_before = np.cumsum(1 - steps, axis=1) - (1 - steps)
    errors = (steps * missed_before).sum(axis=1)
    with np.errstate(divide="ignore"):
        logit = np.log(share) - np.log1p(-share)
    finite = np.clip(logit, -30.0, 30.0)
    weight = steps @ finite
    total = scores.sum(axis=1)
    worst_errors, worst_weight = _worst(share, order, finite, tasks, max_points)
    best_weight = np.r_[0.0, np.cumsum(finite)]
    with np.errstate(invalid="ignore", divide="ignore"):
        normed = errors / worst_errors[total]
        u3 = (best_weight[total] - weight) / (best_weight[total] - worst_weight[total])
    inner = (total > 0) & (total < tasks * max_points)
    return Guttman(errors, np.where(inner, normed, np.nan), np.where(inner, u3, np.nan))


def _worst(
    share: NDArray, order: NDArray, weight: NDArray, tasks: int, max_points: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Most Guttman errors and least weight by total; a task's steps are taken in their order, so a knapsack by task."""
    inverse = np.empty(len(order), dtype=np.int64)
    inverse[order] = np.arange(len(order))
    place = inverse.reshape(tasks, max_points)
    most = np.full(tasks * max_points + 1, -np.inf)
    least = np.full(tasks * max_points + 1, np.inf)
    most[0] = least[0] = 0.0
    for j in range(tasks):
        gain = np.r_[0.0, np.cumsum(place[j])]
        cost = np.r_[0.0, np.cumsum(weight[place[j]])]
        next_most, next_least = most.copy(), least.copy()
        for k in range(1, max_points + 1):
            next_most[k:] = np.maximum(next_most[k:], most[:-k] + gain[k])
            next_least[k:] = np.minimum(next_least[k:], least[:-k] + cost[k])
        most, least = next_most, next_least
    # Σ places of the steps taken − Σ of the first t places = Σ of missed steps before them = Guttman errors.
    t = np.arange(len(most))
    return most - t * (t - 1) / 2, least
