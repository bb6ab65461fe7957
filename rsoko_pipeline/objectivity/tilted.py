"""Multinomial laws tilted by the school's level, and score statistics on them.

Belongs here: the fit of the laws, sums of integer weights over a school's pupils with their exact law. Does not belong
here: which categories and weights a sign looks at (``signs.bunch``, ``signs.journal``, ``signs.absence``).

A pupil of a school of level m falls into category k with probability ∝ b_k·exp(β·k·m): the region's own shape, tilted
by how strong the school is. Weights near log(P₁(k)/P₀(k)), P₁ the law if the school did what the sign looks for, make
the sum the most powerful statistic against that (Neyman, Pearson 1933).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rsoko_pipeline.objectivity import funnel
from rsoko_pipeline.objectivity.exact import MOST_VARIANCE, SmallSums
from rsoko_pipeline.objectivity.result import Portion


@dataclass(frozen=True)
class Draws:
    """Pupils by school and category, all of one kind.

    Attributes:
        counts: schools × categories.
        p: probabilities of the categories by school.
        weights: integer weights of the categories.
    """

    counts: NDArray[np.int64]
    p: NDArray[np.float64]
    weights: NDArray[np.int64]

    @property
    def n(self) -> NDArray[np.int64]:
        """Pupils by school."""
        return np.asarray(self.counts.sum(axis=1))


def weights(before: NDArray, after: NDArray, scale: float) -> NDArray[np.int64]:
    """Integer weights of categories: log(after/before), times ``scale``, rounded."""
    return np.rint(scale * np.log(after / before)).astype(np.int64)


def expected(draws: Sequence[Draws], members: NDArray) -> NDArray[np.float64]:
    """Expected numbers of pupils by school in the categories marked in ``members``, over all draws."""
    return np.sum([one.n * (one.p @ members) for one in draws], axis=0)


def summed(
    draws: Sequence[Draws], units: NDArray, n: NDArray, reference: NDArray, min_variance: float
) -> Portion | None:
    """Weighted sums over a school's draws, with the extra variance between honest schools.

    Args:
        draws: independent kinds of draws.
        units: schools that may be tested.
        n: pupils by school, as the sign counts them.
        reference: schools on which the extra variance is fitted, those of at least ``min_variance`` among them.
        min_variance: of the sum.

    Returns:
        The portion of those units whose sum can vary; None where there is none.
    """
    observed = np.zeros(len(n), dtype=np.int64)
    mean, variance = np.zeros(len(n)), np.zeros(len(n))
    for one in draws:
        each = one.p @ one.weights
        observed += one.counts @ one.weights
        mean += one.n * each
        variance += one.n * (one.p @ one.weights**2 - each**2)
    units = units[variance[units] > 1e-9]
    if not len(units):
        return None
    v, excess = variance[units], (observed - mean)[units]
    law = SmallSums.certain(int((v <= MOST_VARIANCE).sum()))
    small = units[v <= MOST_VARIANCE]
    for one in draws:
        law = law * SmallSums.of_draws(one.weights, one.p[small], one.n[small])
    fitted = reference[units] & (v >= min_variance)
    extra = funnel.fit(excess / v, 1 / v, fitted, centre=0.0).extra_variance if fitted.any() else 0.0
    return Portion(units, n[units], excess, v, extra, observed[units], law)


def fit(counts: NDArray, level: NDArray, reference: NDArray) -> NDArray[np.float64]:
    """P(k | school) for all schools: Newton's method on log b_k (k > 0) and β, with a small ridge for stability.

    Args:
        counts: schools × categories.
        level: z-scaled level by school.
        reference: schools to fit on.
    """
    kept = counts[reference]
    m = level[reference]
    n = kept.sum(axis=1)
    size = counts.shape[1]
    k = np.arange(size)
    marginal = kept.sum(axis=0) + 0.5
    b = np.log(marginal / marginal[0])
    beta = 0.0
    for _ in range(25):
        p = _tilted(b, beta, m, k)
        mean_k = p @ k
        gradient = np.append((kept - n[:, None] * p).sum(axis=0)[1:], m @ (kept @ k - n * mean_k))
        weighted = p * n[:, None]
        hessian = np.empty((size, size))
        hessian[:-1, :-1] = np.diag(weighted.sum(axis=0)[1:]) - weighted[:, 1:].T @ p[:, 1:]
        hessian[-1, :-1] = hessian[:-1, -1] = (weighted[:, 1:] * (k[1:] - mean_k[:, None])).T @ m
        hessian[-1, -1] = (n * m**2 * (p @ k**2 - mean_k**2)).sum()
        hessian[np.diag_indices(size)] += 1e-3
        step = np.clip(np.linalg.solve(hessian, gradient), -1.0, 1.0)
        b[1:] += step[:-1]
        beta += step[-1]
        if np.abs(step).max() < 1e-8:
            break
    return _tilted(b, beta, level, k)


def _tilted(b: NDArray, beta: float, level: NDArray, k: NDArray) -> NDArray[np.float64]:
    log = b[None, :] + beta * level[:, None] * k[None, :]
    p = np.exp(log - log.max(axis=1, keepdims=True))
    return np.asarray(p / p.sum(axis=1, keepdims=True))
