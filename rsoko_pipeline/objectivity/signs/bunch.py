"""BUNCH: in this school, too many pupils stand exactly at a cut and too few just under it.

Belongs here: the test of a school. Does not belong here: the same for the region (``bunch_region``).

Model: within the windows {c−2, c−1, c, c+1} of the cuts (windows that overlap are one) a pupil's score k has the
probability P(k | school) ∝ b_k·exp(β·k·m), m the school's mean: the region's own shape, heaps of honest help included,
tilted by how strong the school is. A pupil counts −1 at c−2 and c−1, +2 at c, 0 elsewhere: the score statistic for
«a share of those under the cut was lifted to it», more powerful than counting those at or above the cut
(Neyman–Pearson), and of mean 0 on a smooth slope. The sum is compared with its law under the model, exactly for all but
the largest schools.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rsoko_pipeline.objectivity import funnel
from rsoko_pipeline.objectivity.exact import GRID, SmallSums
from rsoko_pipeline.objectivity.lattice import recognise
from rsoko_pipeline.objectivity.result import Portion, SignRows, of_sum
from rsoko_pipeline.objectivity.settings import SignSettings
from rsoko_pipeline.objectivity.work import NotAvailable, Work

_BELOW, _ABOVE = 2, 1
_LIFTED = 2
_LEAST_IN_WINDOW = 30


@dataclass(frozen=True)
class _Window:
    """A run of neighbouring scores, as steps of the lattice, with what a pupil there counts."""

    first: int
    weights: NDArray[np.int64]
    at_or_above: NDArray[np.bool_]


def compute(work: Work, reference: NDArray, settings: SignSettings) -> SignRows:
    """Test every school with at least ``settings.min_pooled`` pupils.

    Args:
        work: the work.
        reference: schools on which the model is fitted.
        settings: least n and least variance.
    """
    if not work.cuts:
        raise NotAvailable("для работы не заданы границы отметок")
    if work.by_marks:
        raise NotAvailable("нет первичных баллов, известны только отметки")
    lattice = recognise(work.score)
    steps, on_lattice = lattice.steps(work.score)
    top = int(lattice.steps(np.array([work.max_score if work.max_score is not None else work.score.max()]))[0][0])
    cuts = [lattice.first_at(cut) for cut in work.cuts.values()]
    units = np.flatnonzero(work.n >= settings.min_pooled)
    observed, expected, variance = (np.zeros(len(work)) for _ in range(3))
    above, above_expected, inside = (np.zeros(len(work)) for _ in range(3))
    law: SmallSums | None = None
    windows = _windows(cuts, top)
    laws: list[tuple[NDArray, NDArray, NDArray]] = []
    for window in windows:
        place = steps - window.first
        inner = on_lattice & (place >= 0) & (place < len(window.weights))
        size = len(window.weights)
        counts = np.bincount(
            work.school[inner].astype(np.int64) * size + place[inner], minlength=len(work) * size
        ).reshape(len(work), size)
        if counts[reference].sum() < _LEAST_IN_WINDOW or (counts[reference].sum(axis=0) > 0).sum() < 2:
            continue
        p = _fit(counts, work.level_z, reference)
        n = counts.sum(axis=1)
        w = window.weights.astype(np.float64)
        mean = p @ w
        observed += counts @ w
        expected += n * mean
        variance += n * (p @ w**2 - mean**2)
        above += counts @ window.at_or_above
        above_expected += n * (p @ window.at_or_above)
        inside += n
        laws.append((window.weights, p, n))
    if not laws:
        raise NotAvailable("у границ отметок слишком мало работ")
    units = units[variance[units] > 1e-9]
    # Weights of 2 make the sum lean to the right well above a variance of 9: exact wherever the grid holds it.
    reach = inside[units] / (GRID // 4)
    small = np.flatnonzero(reach <= 1)
    for weights, p, n in laws:
        one = SmallSums.of_draws(weights, p[units[small]], n[units[small]])
        law = one if law is None else law * one
    v = variance[units]
    excess = (observed - expected)[units]
    fitted = reference[units] & (v >= settings.min_variance)
    extra = funnel.fit(excess / v, 1 / v, fitted, centre=0.0).extra_variance if fitted.any() else 0.0
    portion = Portion(units, work.n[units], excess, v, extra, np.rint(observed[units]).astype(np.int64), reach, law)
    return of_sum(
        portion,
        settings.min_n,
        excess / v,
        settings.min_variance,
        {
            "window": inside[units].astype(int).tolist(),
            "at_or_above": above[units].astype(int).tolist(),
            "at_or_above_expected": np.round(above_expected[units], 2).tolist(),
        },
    )


def _windows(cuts: list[int], top: int) -> list[_Window]:
    ranges = [(c - _BELOW, c + _ABOVE, c) for c in cuts if c - _BELOW >= 0 and c + _ABOVE <= top]
    merged: list[tuple[int, int, list[int]]] = []
    for first, last, cut in ranges:
        if merged and first <= merged[-1][1]:
            merged[-1] = (merged[-1][0], last, [*merged[-1][2], cut])
        else:
            merged.append((first, last, [cut]))
    out = []
    for first, last, inner in merged:
        scores = np.arange(first, last + 1)
        weights = np.zeros(len(scores), dtype=np.int64)
        for cut in inner:
            weights[(scores >= cut - _BELOW) & (scores < cut)] -= 1
            weights[scores == cut] += _LIFTED
        nearest = np.array([max([c for c in inner if c - _BELOW <= s], default=inner[0]) for s in scores])
        out.append(_Window(first, weights, scores >= nearest))
    return out


def _fit(counts: NDArray, level: NDArray, reference: NDArray) -> NDArray[np.float64]:
    """P(k | school) for all schools: Newton's method on log b_k (k > 0) and β, with a small ridge for stability."""
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
