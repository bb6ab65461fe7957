"""From the signs of one work to the evidence of its schools.

Belongs here: order of the signs, empirical null, combination inside and across families, levels 1–2, the refit without
flagged schools. Does not belong here: the tests themselves (``signs``), years and re-marking (``assessment``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from rsoko_pipeline.objectivity import rest_score
from rsoko_pipeline.objectivity.combination import (
    benjamini_hochberg,
    empirical_null,
    half_cauchy,
    small_sample,
    to_p,
    to_z,
)
from rsoko_pipeline.objectivity.result import SignRows
from rsoko_pipeline.objectivity.settings import APART, Settings
from rsoko_pipeline.objectivity.signs import (
    absence,
    bunch,
    bunch_region,
    item,
    journal,
    jump,
    lenient,
    low_sd,
    mean,
    person_fit,
    similarity,
)
from rsoko_pipeline.objectivity.work import NotAvailable, Work

REPEATED, FLAGGED, WEAK = 3, 2, 1


@dataclass(frozen=True)
class Sign:
    """One sign of one work, calibrated.

    Attributes:
        name: its id.
        rows: units of its own level.
        null: median and spread of the empirical null where it replaced the standard normal.
        by_school: p-values by school (NaN where the sign says nothing): of classes, their combination.
    """

    name: str
    rows: SignRows
    null: tuple[float, float] | None
    by_school: NDArray[np.float64]


@dataclass(frozen=True)
class SchoolEvidence:
    """Evidence by school of one work; NaN and 0 for schools that are not judged.

    Attributes:
        judged: schools with enough pupils and at least one sign.
        p, q: combined over families; false discovery rate over the judged schools.
        level: 0, 1, 2, or 3 where two families are strong.
        families: p-values by family, schools × families in the order of ``names``.
        names: the families.
    """

    judged: NDArray[np.bool_]
    p: NDArray[np.float64]
    q: NDArray[np.float64]
    level: NDArray[np.int64]
    families: NDArray[np.float64]
    names: tuple[str, ...]


@dataclass(frozen=True)
class Judged:
    """One work, judged.

    Attributes:
        work: the work.
        signs: the signs that could be computed.
        apart: signs of the region and municipalities.
        unavailable: reasons (ru) by sign.
        evidence: evidence by school.
        reference: schools that everybody was compared with.
    """

    work: Work
    signs: tuple[Sign, ...]
    apart: tuple[SignRows, ...]
    unavailable: dict[str, str]
    evidence: SchoolEvidence
    reference: NDArray[np.bool_]


def judge(work: Work, settings: Settings) -> Judged:
    """Compute all signs, then once more with the flagged schools left out of everything they are compared with."""
    everybody = work.n >= settings.min_pooled
    signs, unavailable = _signs(work, everybody, settings)
    evidence = combine(work, signs, settings)
    reference = everybody & (evidence.level < FLAGGED)
    if (reference != everybody).any() and reference.sum() >= settings.min_reference:
        signs, unavailable = _signs(work, reference, settings)
        evidence = combine(work, signs, settings)
    else:
        reference = everybody
    try:
        apart = tuple(bunch_region.compute(work, settings.of("BUNCH_REGION")))
    except NotAvailable as answer:
        apart, unavailable["BUNCH_REGION"] = (), str(answer)
    return Judged(work, signs, apart, unavailable, evidence, reference)


def _signs(work: Work, reference: NDArray, settings: Settings) -> tuple[tuple[Sign, ...], dict[str, str]]:
    unavailable: dict[str, str] = {}
    found: list[Sign] = []

    def attempt(name: str, compute: Callable[[], SignRows]) -> None:
        try:
            found.append(_calibrated(name, compute(), work, reference))
        except NotAvailable as answer:
            unavailable[name] = str(answer)

    schools = int(reference.sum())
    if schools < settings.min_reference:
        raise NotAvailable(
            f"школ с {settings.min_pooled} участниками и больше — {schools}, нужно {settings.min_reference}: "
            "сравнивать не с чем"
        )
    work.require_spread()
    attempt("BUNCH", lambda: bunch.compute(work, reference, settings.of("BUNCH")))
    try:
        fitted = item.tables(work, reference)
    except NotAvailable as answer:
        unavailable |= dict.fromkeys(("ITEM", "LENIENT", "PF", "SIM"), str(answer))
    else:
        sampled = fitted[0].at_most(settings.max_class)
        scores = rest_score.fit(*fitted, reference, len(work))
        attempt("ITEM", lambda: item.compute(scores, settings.of("ITEM")))
        attempt("LENIENT", lambda: lenient.compute(scores, settings.of("LENIENT")))
        attempt("PF", lambda: person_fit.compute(work, reference, fitted, settings.of("PF")))
        attempt("SIM", lambda: similarity.compute(work, reference, sampled, fitted[1], settings.of("SIM")))
    attempt("MEAN", lambda: mean.compute(work, reference, settings.of("MEAN")))
    attempt("JUMP", lambda: jump.compute(work, reference, settings.of("JUMP")))
    attempt("LOW_SD", lambda: low_sd.compute(work, reference, settings.of("LOW_SD")))
    attempt("SAME", lambda: journal.same(work, reference, settings.of("SAME")))
    attempt("UP", lambda: journal.up(work, reference, settings.of("UP")))
    attempt("ABSENCE", lambda: absence.compute(work, reference, settings.of("ABSENCE")))
    return tuple(found), unavailable


def _calibrated(name: str, rows: SignRows, work: Work, reference: NDArray) -> Sign:
    school = work.group_school[rows.unit] if rows.level == "class" else rows.unit
    null = None if rows.law_drawn else empirical_null(rows.z, reference[school])
    median, spread = (0.0, 1.0) if null is None else null
    size = len(np.unique(school[reference[school]]))
    z = small_sample((rows.z - median) / spread, size)
    conservative = to_p(small_sample((to_z(rows.p_conservative) - median) / spread, size))
    rows = replace(rows, z=z, p=to_p(z), p_conservative=np.maximum(conservative, to_p(z)))
    by_school = np.full(len(work), np.nan)
    if rows.level == "class":
        order = np.argsort(school, kind="stable")
        schools, sizes = np.unique(school, return_counts=True)
        place = np.arange(len(order)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        table = np.full((len(schools), int(sizes.max(initial=1))), np.nan)
        table[np.repeat(np.arange(len(schools)), sizes), place] = rows.p[order]
        by_school[schools] = half_cauchy(table)
    else:
        by_school[rows.unit] = rows.p
    return Sign(name, rows, null, by_school)


def combine(work: Work, signs: tuple[Sign, ...], settings: Settings) -> SchoolEvidence:
    """Half-Cauchy combination inside families, then across them; q over the judged schools; levels."""
    names = tuple(settings.families)
    families = np.full((len(work), len(names)), np.nan)
    for position, family in enumerate(names):
        members = [sign for sign in signs if settings.signs[sign.name].family == family]
        if members:
            p = np.column_stack([sign.by_school for sign in members])
            families[:, position] = half_cauchy(p, settings.weights([sign.name for sign in members]))
    judged = (work.n >= settings.min_school) & ~np.isnan(families).all(axis=1)
    return levels(families, names, judged, settings)


def levels(families: NDArray, names: tuple[str, ...], judged: NDArray, settings: Settings) -> SchoolEvidence:
    """Combined p, q and level from p-values by family."""
    p, q = np.full(len(judged), np.nan), np.full(len(judged), np.nan)
    level = np.zeros(len(judged), dtype=np.int64)
    p[judged] = half_cauchy(families[judged], settings.family_weights)
    q[judged] = benjamini_hochberg(p[judged])
    counted = np.array([name not in settings.never_alone and name != APART for name in names])
    with np.errstate(invalid="ignore"):
        level[q <= settings.q_weak] = WEAK
        own = np.nanmin(np.where(np.isnan(families), 1.0, families)[:, counted], axis=1, initial=1.0)
        flagged = (q <= settings.q_flag) & (p <= settings.strong_p) & (own <= settings.informative_p)
        level[flagged] = FLAGGED
        strong = families <= settings.strong_p
        two = (strong.sum(axis=1) >= 2) & (strong & counted).any(axis=1)
    level[flagged & two] = REPEATED
    return SchoolEvidence(judged, p, q, level, families, names)
