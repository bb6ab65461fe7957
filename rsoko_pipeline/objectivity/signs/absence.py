"""ABSENCE: more pupils stayed away from the work than elsewhere, and weaker ones.

Belongs here: absent of enrolled, with what is known of the absent pupils from other works. Does not belong here:
coverage of statistics.

Where pupils' other works of the year are known, a pupil of a standing (weakest quarter of the school by those works,
second quarter, upper half; unknown) is absent or present with the region's probability, ``tilted`` by the school's
level, and is weighted by the likelihood ratio for «four fifths of the weakest quarter were kept away»: an absent pupil
of the weakest quarter says most, and one who came speaks against. Otherwise the absent are counted.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rsoko_pipeline.objectivity import tilted
from rsoko_pipeline.objectivity.result import SignRows, of_sum
from rsoko_pipeline.objectivity.settings import SignSettings
from rsoko_pipeline.objectivity.signs.journal import require, share
from rsoko_pipeline.objectivity.tilted import Draws
from rsoko_pipeline.objectivity.work import NotAvailable, Work

#: Share of the weakest kept away in the likelihood ratio, and how finely its weights are kept.
_KEPT_AWAY, _SCALE = 0.8, 3.0
#: P(weakest quarter in this work | standing in others) at a correlation of 0.65, by standing.
_WEAKEST = (0.58, 0.27, 0.075, 0.25)
_LEAST_PUPILS = 30
_LEAST_VARIANCE = 0.75
_ABSENT = np.array([0, 1])


def compute(work: Work, reference: NDArray, settings: SignSettings) -> SignRows:
    """Test the absent among the enrolled of every school."""
    if work.enrolled is None or work.absent is None:
        raise NotAvailable("неизвестно число обучающихся: нет контингента и нет строк об отсутствовавших")
    if not work.absent.any():
        raise NotAvailable("отсутствовавших нет ни в одной школе")
    require(reference & (work.enrolled >= settings.min_n), work.absent, work.enrolled, settings)
    draws = [] if work.kept is None else _draws(work, work.kept, reference)
    units = np.flatnonzero(work.enrolled >= settings.min_pooled)
    portion = tilted.summed(draws, units, work.enrolled, reference, _LEAST_VARIANCE) if draws else None
    if portion is None or work.kept is None:
        return share(work, work.absent, work.enrolled, reference, settings, curved=False)
    units = portion.unit
    return of_sum(
        portion,
        settings.min_n,
        work.absent[units] / work.enrolled[units],
        details={
            "observed": work.absent[units].tolist(),
            "expected": np.round(tilted.expected(draws, _ABSENT)[units], 2).tolist(),
            "weakest_absent": work.kept[units, 0, 1].tolist(),
            "weakest": work.kept[units, 0].sum(axis=1).tolist(),
        },
    )


def _draws(work: Work, kept: NDArray, reference: NDArray) -> list[Draws]:
    out = []
    for standing, weakest in enumerate(_WEAKEST):
        counts = kept[:, standing]
        whole = counts[reference].sum(axis=0)
        if whole.sum() < _LEAST_PUPILS:
            continue
        before = (whole + 0.5) / (whole + 0.5).sum()
        away = _KEPT_AWAY * weakest * before[0]
        weights = tilted.weights(before, before + np.array([-away, away]), _SCALE)
        out.append(Draws(counts, tilted.fit(counts, work.level_z, reference), weights))
    return out
