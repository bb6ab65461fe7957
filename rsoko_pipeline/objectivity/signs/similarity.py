"""SIM: works of one class are more alike than their totals explain.

Belongs here: pairwise ω in a class. Does not belong here: who copied from whom; a pair is never named.
ω = (M − Σp)/√Σp(1−p), M the tasks with equal points, p_j = Σ_k P_aj(k)·P_bj(k) at the two totals; the class's mean ω
and number of pairs with ω > 2: the mean over-dispersed, the number beta-binomial (it is a rare event, and a normal
approximation of it flags far too many honest classes). After the ω of J. Wollack (Applied Psychological Measurement
1997; 21: 307–320), with conditional tables in the place of a model.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rsoko_pipeline.objectivity import conditional, funnel
from rsoko_pipeline.objectivity.combination import half_cauchy, to_p, to_z, without_skew
from rsoko_pipeline.objectivity.conditional import ConditionalTables
from rsoko_pipeline.objectivity.exact import BetaBinomial, fit_rare
from rsoko_pipeline.objectivity.result import SignRows
from rsoko_pipeline.objectivity.settings import SignSettings
from rsoko_pipeline.objectivity.work import Items, NotAvailable, Work

_ALIKE = 2.0
_LEAST_CHANCE = 1.0


def compute(
    work: Work, reference: NDArray, sampled: Items, region: ConditionalTables, settings: SignSettings
) -> SignRows:
    """Test every class with at least ``settings.min_n`` pupils.

    Args:
        work: the work.
        reference: schools on which the spread is fitted.
        sampled: task scores with a limited number of pupils a class.
        region: conditional tables.
        settings: least n.
    """
    pairs = sampled.pairs
    size = np.bincount(sampled.group, minlength=len(work.group_school))
    units = np.flatnonzero(size >= settings.min_n)
    if not len(units):
        raise NotAvailable(f"нет классов, где не меньше {settings.min_n} работ с баллами за задания")
    totals = sampled.top + 1
    flat = region.probability
    expected, chance = np.zeros((totals, totals)), np.zeros((totals, totals))
    for j in range(flat.shape[0]):
        p = flat[j] @ flat[j].T
        expected += p
        chance += p * (1 - p)
    # Near the ends of the scale works cannot differ, and a pair says nothing.
    told = chance[pairs.total_a, pairs.total_b] >= _LEAST_CHANCE
    cell = (pairs.total_a * totals + pairs.total_b)[told]
    group = pairs.group[told]
    omega = (pairs.same[told] - expected.ravel()[cell]) / np.sqrt(chance.ravel()[cell])
    number = np.bincount(group, minlength=len(size))
    units = units[number[units] > 0]
    size, number = size[units], number[units]
    mean = np.bincount(group, weights=omega, minlength=len(work.group_school))[units] / number
    alike = np.bincount(group[omega > _ALIKE], minlength=len(work.group_school))[units]
    fitted = reference[work.group_school[units]]
    if fitted.any():
        profile = conditional.deviations(sampled.scores, sampled.total, sampled.group, len(work.group_school), region)
        strength = conditional.profile_strength(profile[0][units], profile[1][units], size)
        mean = conditional.without_profile(mean, strength, size, fitted)
    z_mean = without_skew(_standardised(mean, size, number, fitted), fitted)
    if alike[fitted].any():
        share, rho = fit_rare(alike[fitted], number[fitted], settings.trim)
        # Pairs that share a pupil make the far tail longer than the beta-binomial one.
        p_share = to_p(without_skew(to_z(_tail(alike, number, share, rho)), fitted))
        p = half_cauchy(np.column_stack([to_p(z_mean), p_share]))
    else:
        p = to_p(z_mean)
    details = {
        "mean_omega": np.round(mean, 3).tolist(),
        "share_alike": np.round(alike / number, 4).tolist(),
        "pairs": number.tolist(),
    }
    return SignRows("class", units, size, mean, to_z(p), p, p, details)


def _standardised(value: NDArray, size: NDArray, pairs: NDArray, reference: NDArray) -> NDArray[np.float64]:
    """Z of a mean over pairs: sampling variance fitted as a/n + b/pairs, over-dispersed."""
    y = value[reference]
    centre = float(np.average(y, weights=pairs[reference])) if len(y) else 0.0
    squares = (value - centre) ** 2
    design = np.column_stack([1 / size, 1 / pairs])
    variance = _variance(squares, design, reference)
    return funnel.fit(value, variance, reference).z(value, variance)


def _variance(squares: NDArray, design: NDArray, reference: NDArray) -> NDArray[np.float64]:
    from scipy.optimize import nnls

    x, y = design[reference], squares[reference]
    if len(y) < 10:
        return np.maximum(design[:, 1], 1e-9)
    weights = np.ones(len(y))
    for _ in range(3):
        limit = np.quantile(y * weights, 0.95)
        coefficients, _ = nnls(x * weights[:, None], np.minimum(y * weights, limit))
        fitted = np.maximum(x @ coefficients, 1e-9)
        weights = 1 / fitted
    return np.maximum(design @ coefficients, 1e-9)


def _tail(k: NDArray, n: NDArray, share: float, rho: float) -> NDArray[np.float64]:
    """Mid-p of the counts; equal pairs of count and size are computed once."""
    pairs, where = np.unique(np.stack([k, n]), axis=1, return_inverse=True)
    law = BetaBinomial(pairs[1], np.full(pairs.shape[1], share), rho)
    return law.tail(pairs[0]).mid[where.ravel()]
