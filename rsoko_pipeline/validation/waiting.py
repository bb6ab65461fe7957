"""How many rows of a file findings keep back: single rows, and all rows of what is held as a whole.

Belongs here: from findings to numbers of rows. Does not belong here: making findings (``results``, ``tables``), storing
the numbers (``landing``), showing them (``report``).
"""

from __future__ import annotations

import pandas as pd

from rsoko_pipeline.findings import catalogue
from rsoko_pipeline.validation.found import among

#: What is said of a file in which nothing was filled in: there are no data in it that could wait.
EMPTY_CODES = ("RSK-FORM-EMPTY", "RSK-FILE-EMPTY", "RSK-ROWS-NONE")
_WORK = ["file_id", "event_id"]
_UNIT = [*_WORK, "school"]


def rows_kept_back(findings: pd.DataFrame, units: pd.DataFrame) -> pd.Series:
    """Numbers of rows by file id; a row with several findings counts once, a file without any is not in it.

    Args:
        findings: rows of ``ops.quarantine`` that keep something back.
        units: rows of ``ops.file_unit`` of the same files. A school stands there under the code that it was sent with;
            a file's only school is found whatever the register calls it.
    """
    pupils = units[(units["content"] == "source_result") & units["status"].isin(["accepted", "held"])]
    pupils = pupils.assign(is_alone=~pupils.duplicated(_WORK, keep=False))
    whole = pupils[(pupils["status"] == "held") | _is_whole(pupils, findings)]
    single = findings[findings["code"].map(_scopes()).eq("row") & findings["row_number"].notna()]
    alone = whole[whole["is_alone"]]
    single = single[~among(single, whole, _UNIT) & ~among(single, alone, _WORK)]
    single = single.drop_duplicates(["file_id", "sheet", "row_number"])
    sums = whole.groupby("file_id")["rows"].sum().astype("int64")
    return sums.add(single.groupby("file_id").size(), fill_value=0).astype("int64")


def _is_whole(pupils: pd.DataFrame, findings: pd.DataFrame) -> pd.Series:
    """Which units a finding on the school, on the file or on the whole work holds."""
    of_units = findings[findings["code"].map(_scopes()).eq("unit")]
    return (
        among(pupils, of_units, _UNIT)
        | (among(pupils, of_units, _WORK) & pupils["is_alone"])
        | held_with_others(pupils, findings)
    )


def held_with_others(units: pd.DataFrame, findings: pd.DataFrame) -> pd.Series:
    """Which units (``file_id``, ``event_id``) a finding on their file or on the whole work holds."""
    of_files = findings[findings["code"].isin(["RSK-FILE-THRESHOLD", "RSK-STRUCTURE"])]
    of_works = findings[findings["code"] == "RSK-EVENT-THRESHOLD"]
    return among(units, of_files, _WORK) | units["event_id"].isin(of_works["event_id"])


def _scopes() -> dict[str, str]:
    return {code: kind.scope for code, kind in catalogue().items()}
