"""The official list of schools with signs beside our evidence: an agreement table, never a target to tune to.

Belongs here: the table. Does not belong here: reading the list (``sources``).
"""

from __future__ import annotations

import pandas as pd

KEYS = ["school_year", "subject", "grade"]
COLUMNS = [*KEYS, "evidence", "marked", "unmarked", "not_judged"]


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
