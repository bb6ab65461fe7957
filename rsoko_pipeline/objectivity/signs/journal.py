"""SAME and UP: marks that repeat the journal, or rise above it, more often than elsewhere.

Belongs here: the beta-binomial test of the two shares. Does not belong here: the journal comparison of statistics.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rsoko_pipeline.objectivity import shares
from rsoko_pipeline.objectivity.combination import to_z
from rsoko_pipeline.objectivity.exact import GRID, SmallSums
from rsoko_pipeline.objectivity.result import Portion, SignRows
from rsoko_pipeline.objectivity.settings import SignSettings
from rsoko_pipeline.objectivity.work import NotAvailable, Work


def same(work: Work, reference: NDArray, settings: SignSettings) -> SignRows:
    """Share of marks equal to the journal's."""
    if work.journal_n is None or work.same is None:
        raise NotAvailable("нет отметок по журналу")
    return share(work, work.same, work.journal_n, reference, settings)


def up(work: Work, reference: NDArray, settings: SignSettings) -> SignRows:
    """Share of marks above the journal's."""
    if work.journal_n is None or work.raised is None:
        raise NotAvailable("нет отметок по журналу")
    return share(work, work.raised, work.journal_n, reference, settings)


def share(
    work: Work, k: NDArray, n: NDArray, reference: NDArray, settings: SignSettings, *, curved: bool = True
) -> SignRows:
    """Beta-binomial test of k of n in every school against reference schools of its level."""
    units = np.flatnonzero(n >= min(settings.min_n, settings.min_pooled))
    fitted = reference[units] & (n[units] >= settings.min_n)
    if fitted.sum() < settings.min_reference:
        raise NotAvailable(f"школ для сравнения меньше {settings.min_reference}")
    k, n = k[units], n[units]
    if k[fitted].sum() in (0, n[fitted].sum()):
        raise NotAvailable("доля одинакова у всех школ: сравнивать нечего")
    law = shares.fit(k, n, work.level_z[units], fitted, curved=curved)
    tail = law.tail(k)
    reach = n / (GRID * 3 // 4 - 1)
    small = np.flatnonzero(reach <= 1)
    exact = SmallSums.of_law(law.take(small).law()) if len(small) else None
    portion = Portion(units, n, k - n * law.p, law.variance, 0.0, k, reach, exact)
    shown = np.flatnonzero(n >= settings.min_n)
    details = {"observed": k[shown].tolist(), "expected": np.round(n * law.p, 2)[shown].tolist()}
    return SignRows(
        "school",
        units[shown],
        n[shown],
        k[shown] / n[shown],
        to_z(tail.mid[shown]),
        tail.mid[shown],
        tail.conservative[shown],
        details,
        portion,
    )
