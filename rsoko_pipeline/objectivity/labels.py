"""The official list of schools with signs beside our evidence: an agreement table, never a target to tune to.

Belongs here: the tables. Does not belong here: reading the list (``sources``), coefficients (``agreement``).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from rsoko_pipeline.objectivity import agreement as coefficients

KEYS = ["school_year", "subject", "grade"]
COLUMNS = [*KEYS, "evidence", "marked", "unmarked", "not_judged"]
YEAR_COLUMNS = [
    "school_year",
    "official_label",
    "our_level",
    "n",
    "agreement",
    "kappa",
    "kappa_low",
    "kappa_high",
]
_OFFICIAL = {"marked": "marked", "unmarked": "unmarked", "not_judged": "not_covered"}
#: Our word against the list's: evidence from which a school stands in the list of those that need a check.
_FLAGGED = 2
_NORMAL_975 = 1.959963984540054


def agreement(evidence: pd.DataFrame, labels: pd.DataFrame) -> pd.DataFrame:
    """How many schools of each level of evidence the official list marks.

    Args:
        evidence: ``Assessment.evidence``.
        labels: ``school_year, subject, grade, school, marker`` (1, 0, or null: not judged there).

    Returns:
        Columns ``COLUMNS``, a row a work × level of evidence (−1: schools of the list that we do not judge); schools
        that the list lacks count as ``not_judged``.
    """
    ours = evidence.rename(columns={"unit_code": "school"})[[*KEYS, "school", "evidence"]]
    both = ours.merge(labels[[*KEYS, "school", "marker"]], on=[*KEYS, "school"], how="outer")
    both["evidence"] = both["evidence"].fillna(-1).astype("int64")
    marker = both["marker"].astype("float64")
    both = both.assign(marked=marker == 1, unmarked=marker == 0, not_judged=marker.isna())
    return both.groupby([*KEYS, "evidence"], sort=True)[["marked", "unmarked", "not_judged"]].sum().reset_index()


def of_year(evidence: pd.DataFrame, labels: pd.DataFrame) -> pd.DataFrame:
    """The table of whole school years, with the agreement of the two words on the schools × works that both judged.

    The list names only schools with a marker: a school that it lacks is unmarked in every work that the list covers.

    Args:
        evidence, labels: as for ``agreement``.

    Returns:
        Columns ``YEAR_COLUMNS``, a row a year × label × level, all of them where the list covers a work of the year.
        ``agreement`` is the share of equal words, ``kappa`` Cohen's κ with the large-sample 95 % interval of Fleiss,
        Cohen and Everitt (1969); null where one of the two said the same of all, so that nothing can agree.
    """
    counts = agreement(evidence, _completed(evidence, labels))
    covered = counts.groupby(KEYS)[["marked", "unmarked"]].transform("sum").sum(axis=1) > 0
    counts = counts[covered]
    parts = [_year(str(year), part) for year, part in counts.groupby("school_year", sort=True)]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=YEAR_COLUMNS)


def _completed(evidence: pd.DataFrame, labels: pd.DataFrame) -> pd.DataFrame:
    """``labels`` with a 0 for each school of ours that the list of a covered work does not name at all."""
    known = [*KEYS, "school", "marker"]
    works = labels.loc[labels["marker"].notna(), KEYS].drop_duplicates()
    ours = evidence.rename(columns={"unit_code": "school"})[[*KEYS, "school"]].merge(works, on=KEYS)
    named = pd.MultiIndex.from_frame(labels[["school_year", "school"]])
    missing = ~pd.MultiIndex.from_frame(ours[["school_year", "school"]]).isin(named)
    return pd.concat([labels[known], ours[missing].assign(marker=0)[known]], ignore_index=True)


def _year(year: str, counts: pd.DataFrame) -> pd.DataFrame:
    n = counts.groupby("evidence")[list(_OFFICIAL)].sum().reindex(range(-1, 4), fill_value=0)
    judged = n.loc[0:]
    flagged = judged.index >= _FLAGGED
    words = ["unmarked", "marked"]
    square = np.array([judged.loc[ours, words].sum() for ours in (~flagged, flagged)])
    levels = {-1: "not_judged", **{level: str(level) for level in range(4)}}
    rows = [
        (year, label, levels[int(level)], int(n.loc[level, word]), *_agreed(square))
        for word, label in _OFFICIAL.items()
        for level in n.index
    ]
    return pd.DataFrame(rows, columns=YEAR_COLUMNS)


def _agreed(square: np.ndarray) -> tuple[float, float, float, float]:
    """Share of equal words, κ and its interval from the 2 × 2 table of counts."""
    nothing = float("nan")
    total = int(square.sum())
    if not total:
        return (nothing,) * 4
    ours, theirs = np.repeat(np.array([0, 0, 1, 1]), square.ravel()), np.repeat(np.array([0, 1, 0, 1]), square.ravel())
    found = coefficients.agreement(ours, theirs, 0, 1)
    if not (square.sum(axis=0).all() and square.sum(axis=1).all()):
        return found.exact, nothing, nothing, nothing
    p = square / total
    rows, columns = p.sum(axis=1), p.sum(axis=0)
    chance = float(rows @ columns)
    kappa = found.kappa
    diagonal = sum(p[i, i] * (1 - (rows[i] + columns[i]) * (1 - kappa)) ** 2 for i in range(2))
    aside = sum(p[i, 1 - i] * (columns[i] + rows[1 - i]) ** 2 for i in range(2)) * (1 - kappa) ** 2
    variance = (diagonal + aside - (kappa - chance * (1 - kappa)) ** 2) / (total * (1 - chance) ** 2)
    half = _NORMAL_975 * float(np.sqrt(max(variance, 0.0)))
    return found.exact, kappa, max(kappa - half, -1.0), min(kappa + half, 1.0)
