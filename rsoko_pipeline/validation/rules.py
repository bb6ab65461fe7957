"""The rules of pupil rows and of the schools in a file, and the finding that each gives.

Belongs here: which check a rule is, which code and which words a failing row gets. Does not belong here: what is
compared (``measured``, ``places``), what becomes of a failing row (``results``).
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rsoko_pipeline import contracts
from rsoko_pipeline.contracts import BLANK, FIELDS
from rsoko_pipeline.validation.checks import CONTRACT, Check, Outcome, contract_checks, expected
from rsoko_pipeline.validation.found import findings, together
from rsoko_pipeline.validation.measured import Measured
from rsoko_pipeline.validation.places import Places

_MARK_CODES = {"pupil_code": "RSK-PUPIL-CODE", "mark": "RSK-MARK-VALUE", "journal_mark": "RSK-MARK-VALUE"}

#: The checks of pupil rows: those of the contract, then the rules.
ROW_CHECKS = (
    *contract_checks(contracts.table("source_result"), _MARK_CODES),
    Check(CONTRACT, "RSK-VALUE", "unique", ("line_key",)),
    Check("score_count", "RSK-SCORE-COUNT", "between", ("tasks_missing",), minimum=0, maximum=0),
    Check("score_range", "RSK-SCORE-MAX", "between", ("over_max",), maximum=0),
    Check("score_given", "RSK-SCORE-BLANK", "between", ("tasks_blank",), maximum=0),
    Check("score_given", "RSK-PUPIL-BLANK", "between", ("nothing_given",), maximum=0),
    Check("score_sum", "RSK-SUM", "equal", ("given_score", "tasks_sum")),
    Check("total_range", "RSK-SCORE-TOTAL-MAX", "at_most", ("limited_score", "work_max")),
    Check("mark_values", "RSK-MARK-VALUE", "in_set", ("asked_mark",), allowed=(2, 3, 4, 5)),
    Check("mark_scale", "RSK-MARK-SCALE", "equal", ("scaled_mark", "scale_mark")),
    Check("mark_scale", None, "equal", ("assumed_mark", "scale_mark")),
    Check("absent_blank", "RSK-ABSENT-FILLED", "between", ("absent_filled",), maximum=0),
    Check("pupil_unique", "RSK-PUPIL-DUPLICATE", "unique", ("pupil_key",)),
    Check("pupil_grade", "RSK-PUPIL-GRADE", "equal", ("code_grade", "work_grade")),
)
#: The checks of the schools of a file.
SCHOOL_CHECKS = (
    Check("declared_count", "RSK-DECLARED", "equal", ("declared_rows", "read_rows")),
    Check("school_known", "RSK-SCHOOL-UNKNOWN", "between", ("is_known",), minimum=1),
    Check("municipality_known", "RSK-MUNICIPALITY-UNKNOWN", "between", ("is_place_known",), minimum=1),
    Check("municipality_own", "RSK-MUNICIPALITY-OTHER", "between", ("is_own_place",), minimum=1),
    Check("school_name", "RSK-SCHOOL-RENAMED", "between", ("is_same_name",), minimum=1),
    Check("scale_max", "RSK-MAX-SCALE", "equal", ("file_max", "scale_max")),
)
#: Checks of how many rows failed, by what they hold as a whole: a school, a file, an event.
THRESHOLDS = ("unit_threshold", "file_threshold", "event_threshold")
#: Names of all checks of pupil rows, in the order in which they are shown.
RESULT_CHECKS = (
    "structure",
    *dict.fromkeys(check.name for check in (*ROW_CHECKS, *SCHOOL_CHECKS)),
    *THRESHOLDS,
)
#: Checks of every event, whatever the rules of its procedure.
ALWAYS = frozenset({"structure", CONTRACT, "pupil_unique", *THRESHOLDS})
#: Checks that go with a rule of the procedure under another name.
PART_OF = {
    "score_given": "score_range",
    "score_count": "score_range",
    "scale_max": "mark_scale",
    "municipality_own": "municipality_known",
    "school_name": "school_known",
}
#: Code of the finding by check: what to do is said there.
RESULT_CODES = {
    **{check.name: check.code for check in reversed((*ROW_CHECKS, *SCHOOL_CHECKS)) if check.code},
    "structure": "RSK-STRUCTURE",
    CONTRACT: "RSK-VALUE",
    "unit_threshold": "RSK-UNIT-THRESHOLD",
    "file_threshold": "RSK-FILE-THRESHOLD",
    "event_threshold": "RSK-EVENT-THRESHOLD",
}


def row_findings(measured: Measured, outcome: Outcome) -> pd.DataFrame:
    """The findings of a check of pupil rows, with ``check`` and ``position`` (the row) beside ``findings.COLUMNS``."""
    code, at = outcome.check.code, outcome.failed
    if code is None or not len(at):
        return together([])
    if code == "RSK-SCORE-MAX":
        return together(_over_max(measured, at)).assign(check=outcome.check.name)
    rows, columns = measured.rows.iloc[at], measured.columns
    match code:
        case "RSK-SCORE-COUNT":
            lengths = rows["scores"].map(len)
            words = {"value": lengths, "expected": lengths + columns["tasks_missing"][at].astype("int64")}
        case "RSK-SCORE-BLANK":
            words = {"column": _blank_tasks(measured, at)}
        case "RSK-SUM":
            words = {
                "column": _ru("primary_score"),
                "value": rows["primary_score"],
                "expected": columns["tasks_sum"][at],
            }
        case "RSK-SCORE-TOTAL-MAX":
            words = {
                "column": _ru("primary_score"),
                "value": rows["primary_score"],
                "expected": columns["work_max"][at],
            }
        case "RSK-MARK-SCALE":
            words = {"column": _ru("mark"), "value": rows["mark"], "expected": columns["scale_mark"][at]}
        case "RSK-PUPIL-DUPLICATE" | "RSK-PUPIL-GRADE":
            words = {"column": _ru("pupil_code"), "value": rows["pupil_code"], "expected": columns["work_grade"][at]}
        case "RSK-ABSENT-FILLED" | "RSK-PUPIL-BLANK":
            words = {}
        case _:
            name = "mark" if outcome.check.columns == ("asked_mark",) else outcome.check.columns[0]
            name = "row_number" if name == "line_key" else name
            words = {"column": _ru(name), "value": rows[name], "expected": expected(outcome.check)}
    return findings(rows, code, **words).assign(check=outcome.check.name, position=at)


def school_findings(places: Places, outcome: Outcome) -> pd.DataFrame:
    """The findings of a check of schools, with ``check`` and ``position`` (the school) beside ``findings.COLUMNS``."""
    code, at = outcome.check.code, outcome.failed
    if code is None or not len(at):
        return together([])
    rows, columns = places.rows.iloc[at], places.columns
    match code:
        case "RSK-DECLARED":
            words = {"value": columns["read_rows"][at], "expected": columns["declared_rows"][at]}
        case "RSK-MUNICIPALITY-UNKNOWN" | "RSK-MUNICIPALITY-OTHER":
            said = rows["municipality_name"].fillna(rows["municipality"])
            words = {"value": said, "expected": places.registered_municipality.iloc[at]}
        case "RSK-SCHOOL-RENAMED":
            words = {"value": rows["school_name"], "expected": places.registered_name.iloc[at]}
        case "RSK-MAX-SCALE":
            rows = rows[["event_id", "file_id"]]
            words = {"value": columns["file_max"][at], "expected": columns["scale_max"][at]}
        case _:
            words = {"value": rows["school"]}
    return findings(rows, code, **words).assign(check=outcome.check.name, position=at)


def _over_max(measured: Measured, at: NDArray) -> list[pd.DataFrame]:
    """A finding for every score above its task's maximum."""
    out = []
    for layout in measured.layouts:
        mine = np.isin(layout.rows, at)
        row, task = np.nonzero(layout.scores[mine] > layout.maxima)
        position = layout.rows[mine][row]
        found = findings(
            measured.rows.iloc[position],
            "RSK-SCORE-MAX",
            column=[layout.labels[number] for number in task],
            value=layout.scores[mine][row, task],
            expected=layout.maxima[task],
        )
        out.append(found.assign(position=position))
    return out


def _blank_tasks(measured: Measured, at: NDArray) -> list[str]:
    """For every row the labels of the tasks without a score."""
    labels = {}
    for layout in measured.layouts:
        mine = np.isin(layout.rows, at)
        for row, blank in zip(layout.rows[mine], layout.scores[mine] == BLANK, strict=True):
            labels[int(row)] = ", ".join(layout.labels[number] for number in np.flatnonzero(blank))
    return [labels[int(row)] for row in at]


def _ru(name: str) -> str:
    return FIELDS[name].ru
