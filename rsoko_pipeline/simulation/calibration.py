"""A work's tasks and the constants that make its marginals come out as asked, found without drawing a pupil.

Belongs here: the generalised partial credit model (Muraki 1992) of a work, and the numerical solution for the constants
of ability, absence and journal marks by integration over ability. Does not belong here: pupils (``model``).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from rsoko_pipeline.simulation.parameters import Parameters, WorkSpec
from rsoko_pipeline.simulation.streams import stream

#: Ability is cut here before it is warped, so that the warp stays increasing.
ABILITY_LIMIT = 3.2
_CURVATURE_LIMIT = 0.15
_STEP = 0.55
_LEVEL_EASE = {"Б": -0.6, "П": 0.4, "В": 1.2}


@dataclass(frozen=True)
class WorkModel:
    """A calibrated work.

    Attributes:
        spec: the work.
        slopes: discrimination of every task.
        offsets: for every task the sums b_1, b_1+b_2, … of its step difficulties (length = largest score).
        warp: (c0, c1, c2); a pupil of standard-normal ability z meets the tasks with c0 + c1·(z + c2·(z²−1)).
        absence: log-odds of absence at ability 0.
        journal: least journal-side abilities for marks 3, 4, 5.
        journal_noise: standard deviation of the journal's own error, schools included.
    """

    spec: WorkSpec
    slopes: tuple[float, ...]
    offsets: tuple[tuple[float, ...], ...]
    warp: tuple[float, float, float]
    absence: float
    journal: tuple[float, float, float]
    journal_noise: float

    def effective(self, ability: np.ndarray) -> np.ndarray:
        """Ability on the scale of the tasks."""
        return _warp(np.asarray(self.warp), ability)


def _warp(c: np.ndarray, ability: np.ndarray) -> np.ndarray:
    z = np.clip(ability, -ABILITY_LIMIT, ABILITY_LIMIT)
    return c[0] + c[1] * (z + c[2] * (z * z - 1))


def category_weights(slope: float, offsets: tuple[float, ...], theta: np.ndarray) -> np.ndarray:
    """Unnormalised probabilities of scores 0..m: shape (m+1, pupils), the first row is 1."""
    m = len(offsets)
    weights = np.empty((m + 1, theta.size))
    weights[0] = 0.0
    np.multiply.outer(slope * np.arange(1, m + 1), theta, out=weights[1:])
    weights[1:] -= slope * np.asarray(offsets)[:, None]
    return np.exp(weights, out=weights)


def score_distribution(
    slopes: tuple[float, ...], offsets: tuple[tuple[float, ...], ...], theta: np.ndarray
) -> np.ndarray:
    """P(total = t | theta) by the recursion of Lord and Wingersky (1984): shape (abilities, maximum + 1)."""
    out = np.ones((theta.size, 1))
    for slope, steps in zip(slopes, offsets, strict=True):
        p = category_weights(slope, steps, theta)
        p /= p.sum(axis=0)
        longer = np.zeros((theta.size, out.shape[1] + len(steps)))
        for k in range(len(steps) + 1):
            longer[:, k : k + out.shape[1]] += out * p[k][:, None]
        out = longer
    return out


def _tasks(
    parameters: Parameters, spec: WorkSpec, seed: int
) -> tuple[tuple[float, ...], tuple[tuple[float, ...], ...]]:
    rng = stream(seed, "tasks", spec.subject, spec.grade, spec.max_points)
    n = len(spec.max_points)
    slopes = np.exp(rng.normal(0.0, parameters.discrimination_sd, n))
    ladder = np.linspace(-0.8, 0.8, n)
    noise = rng.normal(0.0, 0.35, n)
    offsets = []
    for j, (most, level) in enumerate(zip(spec.max_points, spec.levels, strict=True)):
        middle = (_LEVEL_EASE[level] if level in _LEVEL_EASE else ladder[j]) + noise[j]
        steps = middle + _STEP * (np.arange(1, most + 1) - (most + 1) / 2) + rng.normal(0.0, 0.1, most)
        offsets.append(tuple(np.cumsum(steps).tolist()))
    return tuple(slopes.tolist()), tuple(offsets)


@lru_cache(maxsize=256)
def calibrate(parameters: Parameters, spec: WorkSpec, seed: int) -> WorkModel:
    """Draw a work's tasks and solve for its constants.

    The three constants of ability answer to the three free shares of marks, the log-odds of absence to the share of
    absent pupils, shift and noise of the journal to the shares of marks confirmed and raised.
    """
    from scipy.optimize import brentq, least_squares
    from scipy.special import expit, logit, ndtr, ndtri

    z = np.linspace(-5.0, 5.0, 121)
    weight = np.exp(-z * z / 2)
    weight /= weight.sum()
    slopes, offsets = _tasks(parameters, spec, seed)
    cuts = np.asarray(spec.cuts)
    below = np.cumsum(spec.shares)[:3]

    alpha = brentq(lambda a: weight @ expit(a - parameters.absence_slope * z) - parameters.absence, -12.0, 12.0)
    writes = weight * expit(parameters.absence_slope * z - alpha)
    writes /= writes.sum()

    def totals(c: np.ndarray) -> np.ndarray:
        given = score_distribution(slopes, offsets, _warp(c, z))
        lifted = given[:, cuts - 1] * parameters.honest_bump
        given[:, cuts - 1] -= lifted
        given[:, cuts] += lifted
        return given

    def marks_missed(c: np.ndarray) -> np.ndarray:
        under = np.cumsum(writes @ totals(c))[cuts - 1]
        return logit(np.clip(under, 1e-9, 1 - 1e-9)) - logit(below)

    warp = least_squares(
        marks_missed, (0.0, 0.8, 0.0), bounds=((-6.0, 0.1, -_CURVATURE_LIMIT), (6.0, 4.0, _CURVATURE_LIMIT))
    ).x

    cumulative = np.cumsum(totals(warp), axis=1)[:, cuts - 1]
    mark = -np.diff(np.column_stack([np.ones(z.size), 1 - cumulative, np.zeros(z.size)]), axis=1)
    borders = ndtri(below)

    def journal_shares(x: np.ndarray) -> tuple[float, float]:
        at_least = ndtr((z[:, None] - borders + x[0]) / np.exp(x[1]))
        journal = -np.diff(np.column_stack([np.ones(z.size), at_least, np.zeros(z.size)]), axis=1)
        joint = np.einsum("q,qi,qj->ij", writes, mark, journal)
        return float(np.trace(joint)), float(np.tril(joint, -1).sum())

    def journal_missed(x: np.ndarray) -> np.ndarray:
        confirmed, raised = journal_shares(x)
        return np.array([confirmed - parameters.confirmed, raised - parameters.raised])

    shift, log_noise = least_squares(journal_missed, (0.2, -0.5), bounds=((-3.0, -2.5), (3.0, 1.5))).x
    return WorkModel(
        spec=spec,
        slopes=slopes,
        offsets=offsets,
        warp=tuple(warp.tolist()),
        absence=float(alpha),
        journal=tuple((borders - shift).tolist()),
        journal_noise=float(np.exp(log_noise)),
    )
