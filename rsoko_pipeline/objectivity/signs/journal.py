"""SAME and UP: marks that repeat the journal, or rise above it, more often than elsewhere.

Belongs here: the tests of the two shares. Does not belong here: the journal comparison of statistics.

Where a mark was made to fit the journal, the score was moved no further than it had to be: such works lie on the lowest
or highest score of the journal's mark. Where scores are known, a pupil of a journal mark therefore falls into one of
five places (below the mark's scores, lowest, between, highest, above; ``tilted`` by the school's level), weighted by
the likelihood ratio for «four of five marks that differed were made to fit». Otherwise equal marks are counted.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from rsoko_pipeline.objectivity import shares, tilted
from rsoko_pipeline.objectivity.combination import to_z
from rsoko_pipeline.objectivity.exact import MOST_VARIANCE, SmallSums
from rsoko_pipeline.objectivity.result import Portion, SignRows, of_sum
from rsoko_pipeline.objectivity.settings import SignSettings
from rsoko_pipeline.objectivity.tilted import Draws
from rsoko_pipeline.objectivity.work import PLACES, NotAvailable, Work

#: Share of differing marks made to fit in the likelihood ratio, and how finely its weights are kept.
_FITTED, _SCALE = 0.8, 2.0
_EDGES = ("lowest", "highest")
_LEAST_PUPILS = 30
_LEAST_VARIANCE = 0.75


def same(work: Work, reference: NDArray, settings: SignSettings) -> SignRows:
    """Marks equal to the journal's: how many, and where scores are known, how many of them on an edge."""
    if work.journal_n is None or work.same is None:
        raise NotAvailable(work.no_journal)
    if work.journal_places is None:
        return share(work, work.same, work.journal_n, reference, settings)
    draws = list(_draws(work, work.journal_places, reference))
    units = np.flatnonzero(work.journal_n >= settings.min_pooled)
    require(reference & (work.journal_n >= settings.min_n), work.same, work.journal_n, settings)
    portion = tilted.summed(draws, units, work.journal_n, reference, _LEAST_VARIANCE) if draws else None
    if portion is None:
        return share(work, work.same, work.journal_n, reference, settings)
    units = portion.unit
    edges = np.array([place in _EDGES for place in PLACES])
    equal = np.array([place in ("between", *_EDGES) for place in PLACES])
    counted = work.journal_places.sum(axis=1)
    return of_sum(
        portion,
        settings.min_n,
        work.same[units] / work.journal_n[units],
        details={
            "observed": work.same[units].tolist(),
            "expected": np.round(tilted.expected(draws, equal)[units], 2).tolist(),
            "at_edges": (counted @ edges)[units].tolist(),
            "at_edges_expected": np.round(tilted.expected(draws, edges)[units], 2).tolist(),
        },
    )


def _draws(work: Work, places: NDArray, reference: NDArray) -> Iterator[Draws]:
    """Pupils of each journal mark that enough pupils of the reference have."""
    for mark in range(places.shape[1]):
        counts = places[:, mark]
        whole = counts[reference].sum(axis=0)
        if whole.sum() < _LEAST_PUPILS or (whole > 0).sum() < 2:
            continue
        before = (whole + 0.5) / (whole + 0.5).sum()
        below, above = _FITTED * before[0], _FITTED * before[-1]
        # The lowest and the highest mark have one edge only, so nothing is moved to the other.
        after = before + np.array([-below, below, 0.0, above, -above])
        yield Draws(counts, tilted.fit(counts, work.level_z, reference), tilted.weights(before, after, _SCALE))


def up(work: Work, reference: NDArray, settings: SignSettings) -> SignRows:
    """Share of marks above the journal's."""
    if work.journal_n is None or work.raised is None:
        raise NotAvailable(work.no_journal)
    return share(work, work.raised, work.journal_n, reference, settings)


def share(
    work: Work, k: NDArray, n: NDArray, reference: NDArray, settings: SignSettings, *, curved: bool = True
) -> SignRows:
    """Beta-binomial test of k of n in every school against reference schools of its level."""
    require(reference & (n >= settings.min_n), k, n, settings)
    units = np.flatnonzero(n >= min(settings.min_n, settings.min_pooled))
    fitted = reference[units] & (n[units] >= settings.min_n)
    k, n = k[units], n[units]
    law = shares.fit(k, n, work.level_z[units], fitted, curved=curved)
    tail = law.tail(k)
    small = np.flatnonzero(law.variance <= MOST_VARIANCE)
    portion = Portion(units, n, k - n * law.p, law.variance, 0.0, k, SmallSums.of_law(law.take(small).law()))
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


def require(fitted: NDArray, k: NDArray, n: NDArray, settings: SignSettings) -> None:
    """Raise NotAvailable where there are too few schools to compare with, or nothing to compare."""
    if fitted.sum() < settings.min_reference:
        raise NotAvailable(f"школ для сравнения меньше {settings.min_reference}")
    if k[fitted].sum() in (0, n[fitted].sum()):
        raise NotAvailable("доля одинакова у всех школ: сравнивать нечего")
