"""Small schools: the sums of a sign over all works of a school, years included.

Belongs here: adding up what the signs leave as ``Portion``. Does not belong here: single works (``evidence``).
Schools with 5–9 pupils a work are judged in this way only, and never above evidence 1; for the others it adds power
where little is done in many works.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rsoko_pipeline.objectivity import funnel
from rsoko_pipeline.objectivity.combination import half_cauchy, small_sample, to_p, to_z, without_skew
from rsoko_pipeline.objectivity.evidence import WEAK, Judged, SchoolEvidence, levels
from rsoko_pipeline.objectivity.exact import GRID, MOST_VARIANCE, SmallSums
from rsoko_pipeline.objectivity.result import Portion
from rsoko_pipeline.objectivity.settings import Settings

#: Fewer schools do not tell the width of the pooled z; and how narrow it may come out.
_LEAST_SCHOOLS, _NARROWEST = 50, 0.8


@dataclass(frozen=True)
class Pooled:
    """Evidence over works.

    Attributes:
        schools: codes, sorted.
        n: pupil-works behind it.
        works: number of works behind it.
        p: p-values by sign, schools × signs in the order of ``signs``.
        signs: the signs pooled.
        evidence: as for one work; never above 1 where no single work had enough pupils.
    """

    schools: NDArray[np.str_]
    n: NDArray[np.int64]
    works: NDArray[np.int64]
    p: NDArray[np.float64]
    signs: tuple[str, ...]
    evidence: SchoolEvidence


def pool(judged: Sequence[Judged], settings: Settings) -> Pooled | None:
    """Pool all works given; None where there are fewer than two."""
    if len(judged) < 2:
        return None
    schools = np.unique(np.concatenate([one.work.schools for one in judged]))
    at = [np.searchsorted(schools, one.work.schools) for one in judged]
    n, works, largest = (np.zeros(len(schools), dtype=np.int64) for _ in range(3))
    flagged = np.zeros(len(schools), dtype=bool)
    for one, where in zip(judged, at, strict=True):
        usable = one.work.n >= settings.min_pooled
        n[where] += np.where(usable, one.work.n, 0)
        works[where] += usable
        largest[where] = np.maximum(largest[where], one.work.n)
        flagged[where] |= usable & ~one.reference
    names = tuple(name for name in settings.signs if any(_portion(one, name) is not None for one in judged))
    eligible = (works >= 2) & (n >= settings.min_school)
    p = np.full((len(schools), len(names)), np.nan)
    for column, name in enumerate(names):
        parts = [
            (where, part) for one, where in zip(judged, at, strict=True) if (part := _portion(one, name)) is not None
        ]
        p[:, column] = _pooled_p(parts, len(schools), eligible, flagged)
    families = np.full((len(schools), len(settings.families)), np.nan)
    for position, family in enumerate(settings.families):
        members = [column for column, name in enumerate(names) if settings.signs[name].family == family]
        if members:
            families[:, position] = half_cauchy(p[:, members], settings.weights([names[column] for column in members]))
    known = eligible & ~np.isnan(families).all(axis=1)
    evidence = levels(families, tuple(settings.families), known, settings)
    evidence.level[largest < settings.min_school] = np.minimum(evidence.level, WEAK)[largest < settings.min_school]
    return Pooled(schools, n, works, p, names, evidence)


def _portion(one: Judged, name: str) -> Portion | None:
    """What the sign leaves to be pooled; of signs that are no sums (tasks, classes), their z-scores, weighted by √n."""
    sign = next((sign for sign in one.signs if sign.name == name), None)
    if sign is None or sign.rows.portion is not None:
        return None if sign is None else sign.rows.portion
    units = np.flatnonzero(~np.isnan(sign.by_school))
    size = one.work.n[units].astype(np.float64)
    return Portion(units, one.work.n[units], to_z(sign.by_school[units]) * np.sqrt(size), size, 0.0)


def _pooled_p(
    parts: Sequence[tuple[NDArray, Portion]], size: int, eligible: NDArray, flagged: NDArray
) -> NDArray[np.float64]:
    excess, variance, extra = (np.zeros(size) for _ in range(3))
    observed = np.zeros(size, dtype=np.int64)
    has_law = np.ones(size, dtype=bool)
    for where, part in parts:
        unit = where[part.unit]
        excess[unit] += part.excess
        variance[unit] += part.variance
        extra[unit] += part.extra * part.variance**2
        if part.observed is None:
            has_law[unit] = False
        else:
            observed[unit] += part.observed
    out = np.full(size, np.nan)
    units = np.flatnonzero(eligible & (variance > 0))
    if not len(units):
        return out
    inflation = np.sqrt(1 + extra[units] / variance[units])
    z = without_skew(excess[units] / (np.sqrt(variance[units]) * inflation), ~flagged[units])
    exact = np.flatnonzero(has_law[units] & (variance[units] <= MOST_VARIANCE))
    if len(exact):
        small = units[exact]
        tail = _law(parts, small, size).tail(observed[small], observed[small] - excess[small])
        z[exact] = to_z(tail.mid) / inflation[exact]
    honest = z[~flagged[units]]
    out[units] = to_p(small_sample(z / _scale(honest), len(honest)))
    return out


def _scale(z: NDArray) -> float:
    """By how much the pooled z of honest schools are wider, or narrower, than normal: the works' own fits add up."""
    if len(z) < _LEAST_SCHOOLS:
        return 1.0
    second_moment = float(np.mean(funnel.winsorised(z) ** 2)) / funnel.WINSORISED_SECOND_MOMENT
    return max(float(np.sqrt(second_moment)), _NARROWEST)


def _law(parts: Sequence[tuple[NDArray, Portion]], units: NDArray, size: int) -> SmallSums:
    """Exact laws of the pooled sums of some units, all of whose sums are exact."""
    row = np.full(size, -1)
    row[units] = np.arange(len(units))
    phi = np.ones((len(units), GRID // 2 + 1), dtype=np.complex128)
    for where, part in parts:
        target = row[where[part.unit[part.exact]]]
        if part.law is not None:
            phi[target[target >= 0]] *= part.law.phi[target >= 0]
    return SmallSums(phi)
