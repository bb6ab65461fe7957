"""Codes by which other systems call a school.

Belongs here: from such a code to the register's own, where the register leaves no doubt. Does not belong here: schools
that are not found (``landing``), history of the register (``history``).
"""

from __future__ import annotations

import pandas as pd


def by_ris_code(schools: pd.DataFrame) -> dict[str, str]:
    """The school by code in РИС ГИА, of codes that belong to one school and are no school's own code.

    Args:
        schools: rows of ``core.dim_school``.
    """
    pairs = schools[["ris_code", "school"]].dropna().drop_duplicates()
    alone = ~pairs["ris_code"].duplicated(keep=False) & ~pairs["ris_code"].isin(schools["school"])
    return dict(zip(pairs.loc[alone, "ris_code"], pairs.loc[alone, "school"], strict=True))


def of_register(codes: pd.Series, schools: pd.DataFrame) -> pd.Series:
    """Codes of schools with the register's own in place of those of РИС; others as they are."""
    return codes.map(by_ris_code(schools)).astype("str").fillna(codes)
