"""What re-marking said of the signs: how many of the schools with evidence it confirmed, how reliable the marks are.

Belongs here: works marked twice put beside the evidence. Does not belong here: one school's agreement and bias
(``signs.remark``), which works are marked again (``remarking``).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from rsoko_pipeline.indicators import wilson
from rsoko_pipeline.objectivity.settings import Settings
from rsoko_pipeline.objectivity.signs import remark

#: Why a school has no evidence in a work: its pupils are too few, nobody's evidence could be judged, it has no results.
FEW, WORK_NOT_JUDGED, NO_RESULTS = "not_judged", "work_not_judged", "no_results"
#: Groups of schools by the evidence they had before the re-marking, in the order of the table.
GROUPS = ("all", "2+", "3", "2", "1", "0", FEW, WORK_NOT_JUDGED, NO_RESULTS)
COLUMNS = [
    *("event_id", "evidence_group", "schools", "confirmed_schools", "precision", "precision_low", "precision_high"),
    *("n", "same", "lower", "higher", "same_share", "same_low", "same_high", "mean_difference"),
]
_KEY = ["school_year", "subject", "grade", "event_id", "school"]
_UNIT = ["event_id", "school"]
_HIGHEST_MARK = 5
_FLAGGED = 2


def pairs(second_marks: pd.DataFrame, events: pd.DataFrame) -> pd.DataFrame:
    """Works marked twice, as ``signs.remark`` and ``outcome`` take them.

    Args:
        second_marks: ``core.fact_second_mark``: ``about_event, level, unit_code, pupil, first_score?, second_score?,
            first_mark?, second_mark?``, several rows of one work in the order in which they were marked.
        events: ``core.dim_event``: ``event_id, subject, grade, school_year, max_score?``.

    Returns:
        The work's key, ``school, pupil, first, second, max_score`` (scores where the work has both and the event a
        largest score, otherwise marks), ``change`` (sign of second − first, of marks where both are known); a row a
        work, its last second marking. Works with neither pair, and those of no known event, have no row.
    """
    rows = second_marks[second_marks["level"] == "school"].rename(columns={"unit_code": "school"})
    rows = rows.drop(columns="event_id", errors="ignore").rename(columns={"about_event": "event_id"})
    rows = rows.drop_duplicates(["event_id", "school", "pupil"], keep="last")
    rows = rows.merge(events[["event_id", "subject", "grade", "school_year", "max_score"]], on="event_id")
    numbers = {
        name: rows[name].to_numpy(dtype=np.float64, na_value=np.nan)
        for name in ("first_score", "second_score", "first_mark", "second_mark", "max_score")
    }
    by_score = ~np.isnan(numbers["first_score"] + numbers["second_score"] + numbers["max_score"])
    by_mark = ~np.isnan(numbers["first_mark"] + numbers["second_mark"])
    first, second = (
        np.where(by_score, numbers[f"{turn}_score"], numbers[f"{turn}_mark"]) for turn in ("first", "second")
    )
    change = np.where(by_mark, numbers["second_mark"] - numbers["first_mark"], second - first)
    out = rows[[*_KEY, "pupil"]].assign(
        first=first,
        second=second,
        max_score=np.where(by_score, numbers["max_score"], _HIGHEST_MARK),
        change=np.sign(change),
    )
    return out[by_score | by_mark].astype({"grade": "int64"}).reset_index(drop=True)


def judge(works: pd.DataFrame, evidence: pd.DataFrame, settings: Settings) -> pd.DataFrame:
    """``signs.remark`` of every school with enough works, and whether the re-marking confirms a sign there.

    Args:
        works: ``pairs``.
        evidence: ``Assessment.evidence`` of the same works, without what re-marking adds to it.
        settings: ``remarking``: which of the rules confirm.

    Returns:
        Columns of ``signs.remark`` with ``evidence`` (null where we did not judge), ``lowered_p`` (mid-p of Fisher's
        exact test that the share of works whose mark fell is above that of the event's other schools of evidence 0;
        null where they have too few works) and ``confirmed``.
    """
    judged = remark.compute(works, settings)
    known = evidence.rename(columns={"unit_code": "school"})[[*_UNIT, "evidence"]]
    judged = judged.merge(known, on=_UNIT, how="left")
    counts = works.assign(fell=works["change"] < 0).groupby(_UNIT)["fell"].agg(["size", "sum"]).reset_index()
    counts = counts.merge(known, on=_UNIT, how="left")
    control = counts[counts["evidence"] == 0].groupby("event_id")[["size", "sum"]].sum()
    own = judged[_UNIT].merge(counts, on=_UNIT, how="left")
    n, fell = (own[name].to_numpy(dtype=np.int64) for name in ("size", "sum"))
    other_n, other_fell = (
        judged["event_id"].map(control[name]).fillna(0).to_numpy(dtype=np.int64) for name in ("size", "sum")
    )
    is_control = (judged["evidence"] == 0).fillna(False).to_numpy(dtype=bool)
    other_n, other_fell = other_n - np.where(is_control, n, 0), other_fell - np.where(is_control, fell, 0)
    enough = other_n >= settings.remarking.control_works
    p = np.where(enough, _fisher(fell, n, other_fell, other_n), np.nan)
    rules = settings.remarking
    said = {
        "kappa": judged["kappa"] < rules.kappa_below,
        "bias": (judged["bias"] >= rules.bias_share) & (judged["bias_low"] > 0),
        "lowered": pd.Series(p <= rules.lowered_p, index=judged.index),
    }
    confirmed = np.any([said[name].to_numpy(dtype=bool) for name in rules.confirmed_by], axis=0)
    return judged.assign(lowered_p=p, confirmed=confirmed if len(judged) else pd.Series([], dtype="bool"))


def _fisher(k: np.ndarray, n: np.ndarray, other_k: np.ndarray, other_n: np.ndarray) -> np.ndarray:
    from scipy.stats import hypergeom

    law = hypergeom(n + other_n, k + other_k, n)
    return np.asarray(law.sf(k) + law.pmf(k) / 2)


def outcome(works: pd.DataFrame, judged: pd.DataFrame, evidence: pd.DataFrame, results: pd.DataFrame) -> pd.DataFrame:
    """The realised precision of the signs, and how many works keep their mark, by event and group of schools.

    Args:
        works: ``pairs``.
        judged: ``judge``.
        evidence: as for ``judge``.
        results: ``event_id, school``: who has rows in the works that were marked again.

    Returns:
        Columns ``COLUMNS``, a row an event × group of ``GROUPS`` that has works marked twice: ``precision`` is the
        share of ``schools`` (with enough such works) that the re-marking confirmed, ``same_share`` that of ``n`` works
        whose mark (score, where marks are not known) stayed, both with Wilson's 95 % interval; null where the
        denominator is 0. ``mean_difference`` is second − first in points of the scale that was compared.
    """
    standing = _standing(works[_UNIT], evidence, results)
    works, judged = works.merge(standing, on=_UNIT), judged.merge(standing, on=_UNIT)
    rows = []
    for event, part in works.groupby("event_id", sort=True):
        schools = judged[judged["event_id"] == event]
        for group in GROUPS:
            mine, seen = (rows_of[_in_group(rows_of["standing"], group)] for rows_of in (part, schools))
            if len(mine):
                rows.append((event, group, *_row(mine, seen)))
    return pd.DataFrame(rows, columns=COLUMNS)


def _standing(units: pd.DataFrame, evidence: pd.DataFrame, results: pd.DataFrame) -> pd.DataFrame:
    """The units, each once, with ``standing``: the level of their evidence as text, or why they have none."""
    levels = evidence.rename(columns={"unit_code": "school"})[[*_UNIT, "evidence"]]
    units = units.drop_duplicates().merge(levels, on=_UNIT, how="left")
    wrote = pd.MultiIndex.from_frame(units[_UNIT]).isin(pd.MultiIndex.from_frame(results[_UNIT]))
    is_judged = units["event_id"].isin(evidence["event_id"])
    without = np.select([~wrote, ~is_judged], [NO_RESULTS, WORK_NOT_JUDGED], FEW)
    level = units["evidence"].astype("Int64").astype("str")
    return units[_UNIT].assign(standing=level.mask(units["evidence"].isna(), pd.Series(without, index=units.index)))


def _in_group(standing: pd.Series, group: str) -> pd.Series:
    if group == "all":
        return pd.Series(True, index=standing.index)
    return standing.isin([str(level) for level in range(_FLAGGED, 4)] if group == "2+" else [group])


def _row(works: pd.DataFrame, schools: pd.DataFrame) -> tuple[object, ...]:
    n, same = len(works), int((works["change"] == 0).sum())
    lower, higher = int((works["change"] < 0).sum()), int((works["change"] > 0).sum())
    found, confirmed = len(schools), int(schools["confirmed"].sum())
    (low, same_low), (high, same_high) = wilson([confirmed, same], [found, n])
    precision = confirmed / found if found else np.nan
    difference = float((works["second"] - works["first"]).mean())
    return (found, confirmed, precision, low, high, n, same, lower, higher, same / n, same_low, same_high, difference)


def confirmed(judged: pd.DataFrame) -> pd.DataFrame:
    """The ``confirmed`` frame of ``assess``: schools and works that the re-marking confirmed."""
    return judged.loc[judged["confirmed"], _KEY].reset_index(drop=True)
