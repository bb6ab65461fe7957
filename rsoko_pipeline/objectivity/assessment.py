"""``assess``: from a region's results to signs and evidence.

Belongs here: works in, frames out; years, re-marking, labels of the rows. Does not belong here: tests (``signs``),
their combination (``evidence``), storage and pages.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rsoko_pipeline.objectivity import compatibility, pooling, preparation
from rsoko_pipeline.objectivity.combination import benjamini_hochberg, to_z
from rsoko_pipeline.objectivity.evidence import FLAGGED, REPEATED, Judged, Sign, judge
from rsoko_pipeline.objectivity.preparation import Aggregates, Inputs
from rsoko_pipeline.objectivity.result import SignRows
from rsoko_pipeline.objectivity.settings import APART, Settings, load
from rsoko_pipeline.objectivity.work import KEYS, NotAvailable, Work, WorkKey

SIGN_COLUMNS = [
    *KEYS,
    "level",
    "unit_code",
    "sign",
    "family",
    "statistic",
    "z",
    "p",
    "p_conservative",
    "q",
    "n",
    "details",
]
EVIDENCE_COLUMNS = [
    *KEYS,
    "level",
    "unit_code",
    "n",
    "evidence",
    "p",
    "q",
    "signs",
    "families_available",
]
POOLED_COLUMNS = ["level", "unit_code", "n", "works", "evidence", "p", "q", "signs", "families_available"]
POOLED_SIGN_COLUMNS = ["level", "unit_code", "sign", "family", "p"]
UNAVAILABLE_COLUMNS = [*KEYS, "sign", "why"]
RULE_COLUMNS = [*KEYS, "unit_code", "rule", "meaning"]


@dataclass(frozen=True)
class Assessment:
    """What ``assess`` found.

    Attributes:
        signs: a row a work × unit × sign: columns ``SIGN_COLUMNS``; ``details`` is a dict.
        evidence: a row a work × school with enough pupils: columns ``EVIDENCE_COLUMNS``; ``signs`` lists those with
            p at most ``informative_p``, ``families_available`` the families that could say anything about the school.
        pooled: a row a school over all works given (``POOLED_COLUMNS``): the only place where schools with fewer than
            10 pupils a work are judged.
        pooled_signs: a row a school × sign over all works given (``POOLED_SIGN_COLUMNS``).
        unavailable: what could not be computed, and why (ru); ``sign`` is empty where it concerns the whole work.
        rules: schools flagged by the rules in common use (``RULE_COLUMNS``); empty unless they are switched on.
    """

    signs: pd.DataFrame
    evidence: pd.DataFrame
    pooled: pd.DataFrame
    pooled_signs: pd.DataFrame
    unavailable: pd.DataFrame
    rules: pd.DataFrame


def assess(
    results: pd.DataFrame,
    tasks: pd.DataFrame,
    *,
    enrolment: pd.DataFrame | None = None,
    context: pd.DataFrame | None = None,
    prior: pd.DataFrame | None = None,
    seed: int = 0,
    aggregates: Aggregates | None = None,
    not_for_all: Collection[str] = (),
    history: pd.DataFrame | None = None,
    confirmed: pd.DataFrame | None = None,
    region: str = "region",
    settings: Settings | None = None,
) -> Assessment:
    """Look for signs of biased results in every work and judge how strong the evidence is.

    Pure and deterministic: the same rows in any order give the same frames. A sign is never a proof.

    Args:
        results: a row a pupil × work: ``school, class_no, pupil, subject, grade, present, primary_score, mark,
            journal_mark`` and ``scores`` (array in the order of ``tasks``, -1 = not started, or null); ``school_year``
            where years differ, ``event_id`` where a subject and grade have several works in a year. Only ``school``,
            ``subject``, ``grade`` are required. A pupil of a school stands in a work once.
        tasks: a row a task: ``subject, grade, task, max_points``, the work's ``cut3, cut4, cut5`` (in any of its rows),
            ``school_year`` and ``event_id`` as in ``results``; ``task_no`` fixes the order, otherwise the
            order of the rows does.
        enrolment: ``school, subject, grade, enrolled``; without it absent pupils' rows are counted. A school without a
            row of the work, or an aggregate of it, is not judged by it.
        context: ``school`` and covariates (numbers, texts, flags); ``municipality`` is no covariate but a level.
        prior: ``school, subject, grade, mean_z`` of the same cohort's last result (subject and grade of the work now),
            ``n`` and ``before`` (which result it is, ru) where known; ``cohort.prior`` makes it.
        seed: chooses the pupils of classes above ``max_class``.
        aggregates: tables for works that ``results`` lacks.
        not_for_all: ``event_id`` of works that not everyone enrolled is to write: nobody counts as absent there.
        history: ``evidence`` of earlier years: level 3 by repetition.
        confirmed: ``school, subject, grade`` of schools whose works re-marking found wrong: level 3.
        region: code of the region in ``unit_code``.
        settings: by default ``config/objectivity.yaml``.

    Raises:
        ConfigurationError: the settings' file is wrong.
        ValueError: a frame lacks columns that are required, or a pupil has several rows of one work.
    """
    settings = load() if settings is None else settings
    inputs = Inputs.of(
        results,
        tasks,
        enrolment=enrolment,
        context=context,
        prior=prior,
        aggregates=aggregates,
        not_for_all=not_for_all,
        seed=seed,
    )
    judged: list[Judged] = []
    unavailable: list[tuple[str, str, int, str, str, str]] = []
    for prepared in preparation.works(inputs):
        unavailable += [(*prepared.key, "", note) for note in prepared.notes]
        if prepared.work is None:
            unavailable.append((*prepared.key, "", prepared.reason))
            continue
        try:
            one = judge(prepared.work, settings)
        except NotAvailable as answer:
            unavailable.append((*prepared.key, "", str(answer)))
            continue
        judged.append(one)
        unavailable += [
            (*prepared.key, sign, reason) for sign, reason in (one.unavailable | prepared.inadmissible).items()
        ]
    pooled = pooling.pool(judged, settings)
    raised = _Raised.of(judged, pooled, history)
    evidence = _frame([_evidence_frame(one, raised, settings) for one in judged], EVIDENCE_COLUMNS)
    return Assessment(
        signs=_frame([_sign_frame(one, region, settings) for one in judged], SIGN_COLUMNS),
        evidence=evidence if confirmed is None else confirm(evidence, confirmed),
        pooled=_pooled_frame(pooled, settings),
        pooled_signs=_pooled_signs_frame(pooled, settings),
        unavailable=_unavailable_frame(unavailable),
        rules=_frame([_rule_frame(one.work, settings) for one in judged], RULE_COLUMNS),
    )


@dataclass(frozen=True)
class _Raised:
    """What raises the level of one work: the school's other works, other years.

    Attributes:
        over_works: schools of level 2 over all their works.
        years: years of level 2 by (subject, school).
    """

    over_works: frozenset[str]
    years: dict[tuple[str, str], frozenset[str]]

    @classmethod
    def of(
        cls,
        judged: list[Judged],
        pooled: pooling.Pooled | None,
        history: pd.DataFrame | None,
    ) -> _Raised:
        years: dict[tuple[str, str], set[str]] = {}
        for one in judged:
            for school in one.work.schools[one.evidence.level >= FLAGGED]:
                years.setdefault((one.work.key.subject, str(school)), set()).add(one.work.key.school_year)
        if history is not None:
            for row in history[history["evidence"] >= FLAGGED].itertuples(index=False):
                years.setdefault((str(row.subject), str(row.unit_code)), set()).add(str(row.school_year))
        over_works = () if pooled is None else pooled.schools[pooled.evidence.level >= FLAGGED]
        return cls(frozenset(map(str, over_works)), {key: frozenset(found) for key, found in years.items()})

    def level(self, key: WorkKey, school: str, level: int, p: float, settings: Settings) -> int:
        """The level of a school in a work.

        Evidence 2 over all works of the school makes an informative p of this work evidence 2 as well; evidence 2
        becomes 3 by evidence 2 in another year of the same subject.
        """
        if level < FLAGGED and school in self.over_works and p <= settings.informative_p:
            level = FLAGGED
        if level != FLAGGED:
            return level
        again = self.years.get((key.subject, school), frozenset()) - {key.school_year}
        return REPEATED if again else level


def confirm(evidence: pd.DataFrame, confirmed: pd.DataFrame) -> pd.DataFrame:
    """``Assessment.evidence`` with level 3 where it was 2 and re-marking confirmed the school's work.

    Args:
        evidence: ``Assessment.evidence`` of ``assess`` without ``confirmed``.
        confirmed: as for ``assess``.
    """
    found = pd.MultiIndex.from_frame(preparation.keyed(confirmed)[[*KEYS, "school"]])
    raised = pd.MultiIndex.from_frame(evidence[[*KEYS, "unit_code"]]).isin(found) & (evidence["evidence"] == FLAGGED)
    return evidence.assign(evidence=evidence["evidence"].mask(raised, REPEATED))


def _unavailable_frame(rows: list[tuple[str, str, int, str, str, str]]) -> pd.DataFrame:
    """A row a work × sign, several reasons joined."""
    frame = pd.DataFrame(rows, columns=UNAVAILABLE_COLUMNS)
    joined = frame.groupby([*KEYS, "sign"], sort=False)["why"].agg("; ".join).reset_index()
    return joined.astype({name: "int64" if name == "grade" else "str" for name in UNAVAILABLE_COLUMNS})


def _rule_frame(work: Work, settings: Settings) -> pd.DataFrame:
    if not settings.compatibility.enabled:
        return _frame([], RULE_COLUMNS)
    flagged = compatibility.flags(work, settings.compatibility, settings.min_school)
    rows = [
        (*work.key, str(school), rule, compatibility.RULES[rule])
        for rule, schools in flagged.items()
        for school in work.schools[schools]
    ]
    return pd.DataFrame(rows, columns=RULE_COLUMNS)


def _frame(parts: list[pd.DataFrame], columns: list[str]) -> pd.DataFrame:
    if not parts:
        return pd.DataFrame({name: pd.Series([], dtype="object") for name in columns})
    return pd.concat(parts, ignore_index=True)[columns]


def _unit_codes(work: Work, level: str, unit: NDArray, region: str) -> list[str]:
    if level == "class":
        return [f"{work.schools[work.group_school[u]]}/{work.group_class[u]}" for u in unit]
    if level == "school":
        return [str(code) for code in work.schools[unit]]
    return [str(code) for code in work.municipalities[unit]] if level == "municipality" else [region] * len(unit)


def _sign_frame(one: Judged, region: str, settings: Settings) -> pd.DataFrame:
    parts = []
    for sign in one.signs:
        rows = sign.rows
        if rows.level == "class":
            parts.append(_rows_frame(one, sign.name, _schools_of_classes(one.work, sign), region, settings, sign.null))
            known = one.work.group_class[rows.unit] > 0
            rows = _picked(rows, np.flatnonzero(known))
        parts.append(_rows_frame(one, sign.name, rows, region, settings, sign.null))
    parts += [_rows_frame(one, "BUNCH_REGION", rows, region, settings, None) for rows in one.apart]
    return _frame(parts, SIGN_COLUMNS)


def _picked(rows: SignRows, at: NDArray) -> SignRows:
    return SignRows(
        rows.level,
        rows.unit[at],
        rows.n[at],
        rows.statistic[at],
        rows.z[at],
        rows.p[at],
        rows.p_conservative[at],
        {name: [values[int(i)] for i in at] for name, values in rows.details.items()},
    )


def _schools_of_classes(work: Work, sign: Sign) -> SignRows:
    """A class sign at the level of the school: the combination of its classes, with the class that stands out most."""
    rows = sign.rows
    school = work.group_school[rows.unit]
    n = np.bincount(school, weights=rows.n, minlength=len(work)).astype(np.int64)
    units = np.flatnonzero(~np.isnan(sign.by_school))
    best = np.full(len(work), -1)
    upward = np.argsort(rows.z, kind="stable")
    best[school[upward]] = upward  # the last one written is the highest
    p = sign.by_school[units]
    details = {
        "classes": np.bincount(school, minlength=len(work))[units].tolist(),
        "class_no": [int(work.group_class[rows.unit[i]]) for i in best[units]],
    }
    return SignRows("school", units, n[units], rows.statistic[best[units]], to_z(p), p, p, details)


def _rows_frame(
    one: Judged, name: str, rows: SignRows, region: str, settings: Settings, null: tuple[float, float] | None
) -> pd.DataFrame:
    text = settings.signs[name]
    common: dict[str, Any] = {"comparison": text.comparison, "reference_schools": int(one.reference.sum())}
    if null is not None:
        common["empirical_null"] = {"median": round(null[0], 3), "spread": round(null[1], 3)}
    shown = rows.p <= settings.informative_p
    names = list(rows.details)
    details = [
        {
            **dict(zip(names, values, strict=True)),
            **common,
            **({"alternatives": list(text.alternatives)} if is_shown else {}),
        }
        for values, is_shown in zip(
            zip(*rows.details.values(), strict=True) if names else [()] * len(rows.unit), shown, strict=True
        )
    ]
    size = len(rows.unit)
    return pd.DataFrame(
        {
            "school_year": pd.array([one.work.key.school_year] * size, dtype="str"),
            "subject": pd.array([one.work.key.subject] * size, dtype="str"),
            "grade": one.work.key.grade,
            "event_id": pd.array([one.work.key.event_id] * size, dtype="str"),
            "level": pd.array([rows.level] * size, dtype="str"),
            "unit_code": pd.array(_unit_codes(one.work, rows.level, rows.unit, region), dtype="str"),
            "sign": pd.array([name] * size, dtype="str"),
            "family": pd.array([text.family] * size, dtype="str"),
            "statistic": rows.statistic,
            "z": rows.z,
            "p": rows.p,
            "p_conservative": rows.p_conservative,
            "q": benjamini_hochberg(rows.p),
            "n": rows.n,
            "details": pd.Series(details, dtype="object"),
        }
    )


def _evidence_frame(one: Judged, raised: _Raised, settings: Settings) -> pd.DataFrame:
    work, evidence = one.work, one.evidence
    units = np.flatnonzero(evidence.judged)
    by_sign = {sign.name: sign.by_school for sign in one.signs}
    size = len(units)
    return pd.DataFrame(
        {
            "school_year": pd.array([work.key.school_year] * size, dtype="str"),
            "subject": pd.array([work.key.subject] * size, dtype="str"),
            "grade": work.key.grade,
            "event_id": pd.array([work.key.event_id] * size, dtype="str"),
            "level": pd.array(["school"] * size, dtype="str"),
            "unit_code": pd.array([str(code) for code in work.schools[units]], dtype="str"),
            "n": work.n[units],
            "evidence": [
                raised.level(work.key, str(work.schools[u]), int(evidence.level[u]), float(evidence.p[u]), settings)
                for u in units
            ],
            "p": evidence.p[units],
            "q": evidence.q[units],
            "signs": pd.Series(list(_named(by_sign, units, settings)), dtype="object"),
            "families_available": pd.Series(_available(evidence.families[units], evidence.names), dtype="object"),
        }
    )


def _named(by_sign: dict[str, NDArray], units: NDArray, settings: Settings) -> Iterator[list[dict[str, Any]]]:
    for u in units:
        found = [(float(p[u]), name) for name, p in by_sign.items() if p[u] <= settings.informative_p]
        yield [
            {"sign": name, "family": settings.signs[name].family, "p": p, "strong": p <= settings.strong_p}
            for p, name in sorted(found)
        ]


def _available(families: NDArray, names: tuple[str, ...]) -> list[list[str]]:
    known = ~np.isnan(families)
    return [[name for name, has in zip(names, row, strict=True) if has and name != APART] for row in known]


def _pooled_frame(pooled: pooling.Pooled | None, settings: Settings) -> pd.DataFrame:
    if pooled is None:
        return _frame([], POOLED_COLUMNS)
    evidence = pooled.evidence
    units = np.flatnonzero(evidence.judged)
    by_sign = {name: pooled.p[:, column] for column, name in enumerate(pooled.signs)}
    return pd.DataFrame(
        {
            "level": pd.array(["school"] * len(units), dtype="str"),
            "unit_code": pd.array([str(code) for code in pooled.schools[units]], dtype="str"),
            "n": pooled.n[units],
            "works": pooled.works[units],
            "evidence": evidence.level[units],
            "p": evidence.p[units],
            "q": evidence.q[units],
            "signs": pd.Series(list(_named(by_sign, units, settings)), dtype="object"),
            "families_available": pd.Series(_available(evidence.families[units], evidence.names), dtype="object"),
        }
    )


def _pooled_signs_frame(pooled: pooling.Pooled | None, settings: Settings) -> pd.DataFrame:
    if pooled is None:
        return _frame([], POOLED_SIGN_COLUMNS)
    units, columns = np.nonzero(~np.isnan(pooled.p) & pooled.evidence.judged[:, None])
    names = [pooled.signs[column] for column in columns]
    return pd.DataFrame(
        {
            "level": pd.array(["school"] * len(units), dtype="str"),
            "unit_code": pd.array([str(code) for code in pooled.schools[units]], dtype="str"),
            "sign": pd.array(names, dtype="str"),
            "family": pd.array([settings.signs[name].family for name in names], dtype="str"),
            "p": pooled.p[units, columns],
        }
    )
