"""BUNCH: in this school, too many pupils stand exactly at a cut and too few just under it.

Belongs here: the test of a school. Does not belong here: the same for the region (``bunch_region``).

Model: within the windows {c−2, c−1, c, c+1} of the cuts (windows that overlap are one) scores follow the region's own
shape, heaps of honest help included, tilted by how strong the school is (``tilted``). The weights of the scores are
those of the likelihood ratio for «half of those at c−2 and c−1 were lifted to c» at the region's shape: about −2 at c−2
and c−1, +1 or +2 at c. The sum is compared with its law under the model, exactly for all but the largest schools.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rsoko_pipeline.objectivity import tilted
from rsoko_pipeline.objectivity.lattice import recognise
from rsoko_pipeline.objectivity.result import SignRows, of_sum
from rsoko_pipeline.objectivity.settings import SignSettings
from rsoko_pipeline.objectivity.tilted import Draws
from rsoko_pipeline.objectivity.work import NotAvailable, Work

_BELOW, _ABOVE = 2, 1
#: Share lifted in the likelihood ratio, and how finely its weights are kept.
_LIFTED, _SCALE = 0.5, 3.0
_LEAST_IN_WINDOW = 30


@dataclass(frozen=True)
class _Window:
    """A run of neighbouring scores, as steps of the lattice, with the cuts in it."""

    first: int
    size: int
    cuts: tuple[int, ...]

    @property
    def at_or_above(self) -> NDArray[np.bool_]:
        """Scores at or above the cut they belong to: the nearest one not more than ``_BELOW`` above."""
        scores = self.first + np.arange(self.size)
        nearest = [max([c for c in self.cuts if c - _BELOW <= s], default=self.cuts[0]) for s in scores]
        return scores >= np.array(nearest)

    def weights(self, p: NDArray) -> NDArray[np.int64]:
        """Weights of the scores where ``p`` are their shares in the region.

        Where the whole region lifted nearly everybody, little is left to lift and the ratio has nothing to say: the cut
        then counts what it would in a flat distribution.
        """
        after = p.copy()
        for cut in reversed(self.cuts):
            under = slice(cut - _BELOW - self.first, cut - self.first)
            after[cut - self.first] += _LIFTED * after[under].sum()
            after[under] *= 1 - _LIFTED
        out = tilted.weights(p, after, _SCALE)
        at = np.array(self.cuts) - self.first
        out[at] = np.where(out[at] < 1, round(_SCALE * np.log1p(_LIFTED * _BELOW)), out[at])
        return out


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
    draws: list[Draws] = []
    above, above_expected, inside = (np.zeros(len(work)) for _ in range(3))
    for window in _windows(cuts, top):
        place = steps - window.first
        inner = on_lattice & (place >= 0) & (place < window.size)
        counts = np.bincount(
            work.school[inner].astype(np.int64) * window.size + place[inner], minlength=len(work) * window.size
        ).reshape(len(work), window.size)
        whole = counts[reference].sum(axis=0)
        if whole.sum() < _LEAST_IN_WINDOW or (whole > 0).sum() < 2:
            continue
        p = tilted.fit(counts, work.level_z, reference)
        one = Draws(counts, p, window.weights((whole + 0.5) / (whole + 0.5).sum()))
        draws.append(one)
        above += counts @ window.at_or_above
        above_expected += tilted.expected([one], window.at_or_above)
        inside += one.n
    units = np.flatnonzero(work.n >= settings.min_pooled)
    portion = tilted.summed(draws, units, work.n, reference, settings.min_variance) if draws else None
    if portion is None:
        raise NotAvailable("у границ отметок слишком мало работ")
    units = portion.unit
    return of_sum(
        portion,
        settings.min_n,
        portion.excess / portion.variance,
        settings.min_variance,
        {
            "window": inside[units].astype(int).tolist(),
            "at_or_above": above[units].astype(int).tolist(),
            "at_or_above_expected": np.round(above_expected[units], 2).tolist(),
        },
    )


def _windows(cuts: list[int], top: int) -> list[_Window]:
    merged: list[tuple[int, int, tuple[int, ...]]] = []
    for cut in cuts:
        first, last = cut - _BELOW, cut + _ABOVE
        if first < 0 or last > top:
            continue
        if merged and first <= merged[-1][1]:
            merged[-1] = (merged[-1][0], last, (*merged[-1][2], cut))
        else:
            merged.append((first, last, (cut,)))
    return [_Window(first, last - first + 1, inner) for first, last, inner in merged]
