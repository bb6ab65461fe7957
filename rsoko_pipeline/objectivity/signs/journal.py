"""SAME and UP: marks that repeat the journal, or rise above it, more often than elsewhere.

Belongs here: the beta-binomial test of the two shares. Does not belong here: the journal comparison of statistics.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rsoko_pipeline.objectivity.exact import NORMAL_FROM, SmallSums, fit_beta_binomial
from rsoko_pipeline.objectivity.combination import to_z
from rsoko_pipeline.objectivity.result import Portion, SignRows
from rsoko_pipeline.objectivity.settings import SignSettings
from rsoko_pipeline.objectivity.work import NotAvailable, Work


def same(work: Work, reference: NDArray, settings: SignSettings) -> SignRows:
    """Share of marks equal to the journal's."""
    if work.journal_n is None or work.same is None:
        raise NotAvailable("нет отметок по журналу")
    return share(work.same, work.journal_n, reference, settings)


def up(work: Work, reference: NDArray, settings: SignSettings) -> SignRows:
    """Share of marks above the journal's."""
    if work.journal_n is None or work.raised is None:
        raise NotAvailable("нет отметок по журналу")
    return share(work.raised, work.journal_n, reference, settings)


def share(k: NDArray, n: NDArray, reference: NDArray, settings: SignSettings) -> SignRows:
    """Beta-binomial test of k of n in every school against the reference schools."""
    units = np.flatnonzero(n >= min(settings.min_n, settings.min_pooled))
    fitted = units[reference[units] & (n[units] >= settings.min_n)]
    if len(fitted) < settings.min_reference:
        raise NotAvailable(f"школ для сравнения меньше {settings.min_reference}")
    if k[fitted].sum() in (0, n[fitted].sum()):
        raise NotAvailable("доля одинакова у всех школ: сравнивать нечего")
    law = fit_beta_binomial(k[fitted], n[fitted], settings.trim)
    k, n = k[units], n[units]
    tail = law.tail(k, n)
    variance = law.variance(n)
    small = np.flatnonzero(variance < NORMAL_FROM)
    exact = SmallSums.of_law(law.law(n[small])) if len(small) else None
    portion = Portion(units, n, k - n * law.p, variance, 0.0, k, exact, small)
    shown = np.flatnonzero(n >= settings.min_n)
    details = {"observed": k[shown].tolist(), "expected": np.round(n[shown] * law.p, 2).tolist()}
    return SignRows(
        "school", units[shown], n[shown], k[shown] / n[shown], to_z(tail.mid[shown]), tail.mid[shown],
        tail.conservative[shown], details, portion,
    )
