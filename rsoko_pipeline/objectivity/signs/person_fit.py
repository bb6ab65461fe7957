"""PF: the school's answers are improbable for their totals: easy tasks failed, hard ones solved.

Belongs here: the mean standardised conditional log-likelihood of a school. Never a flag on a pupil. Does not belong
here: classical indices of person fit (``guttman``).
l_i = Σ_j log P_j(x_ij | t_i), standardised by mean and SD of l among the region's pupils with the same total; totals at
both ends, where answers leave no choice, are dropped. What the school's task profile (``item``) explains of it is taken
away: that is another sign, and honest schools have profiles too.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rsoko_pipeline.objectivity import conditional, funnel
from rsoko_pipeline.objectivity.conditional import ConditionalTables
from rsoko_pipeline.objectivity.result import Portion, SignRows, of_sum
from rsoko_pipeline.objectivity.settings import SignSettings
from rsoko_pipeline.objectivity.work import Items, NotAvailable, Work

_EDGE = 1


def compute(
    work: Work, reference: NDArray, fitted: tuple[Items, ConditionalTables], settings: SignSettings
) -> SignRows:
    """Test every school with at least ``settings.min_pooled`` usable pupils."""
    items, region = fitted
    total = items.total
    with np.errstate(divide="ignore"):
        log = np.log(region.probability)
    likelihood = np.zeros(len(total))
    for j in range(len(items.tasks)):
        likelihood += log[j, total, items.scores[:, j]]
    usable = (total > _EDGE) & (total < items.top - _EDGE)
    if not (usable & reference[items.school]).any():
        raise NotAvailable("суммы баллов у всех почти нулевые или почти полные: выбора в ответах нет")
    mean, variance = conditional.moments(likelihood, total, items.top, usable & reference[items.school])
    usable &= variance[total] > 1e-9
    fit = np.zeros(len(total))
    fit[usable] = (likelihood[usable] - mean[total[usable]]) / np.sqrt(variance[total[usable]])
    n = np.bincount(items.school[usable], minlength=len(work))
    units = np.flatnonzero(n >= settings.min_pooled)
    size = n[units].astype(np.float64)
    fitted_on = reference[units] & (n[units] >= settings.min_n)
    misfit = -np.bincount(items.school, weights=fit, minlength=len(work))[units] / size
    if fitted_on.any():
        profile = conditional.deviations(items.scores, total, items.school, len(work), region)
        strength = conditional.profile_strength(profile[0][units], profile[1][units], size)
        misfit = conditional.without_profile(misfit, strength, size, fitted_on)
    spread = funnel.fit(misfit, 1 / size, fitted_on)
    portion = Portion(units, n[units], (misfit - spread.centre) * size, size, spread.extra_variance)
    return of_sum(portion, settings.min_n, -misfit, skewed=fitted_on)
