"""Rules of olympiad protocols: scores against their maximum, the class of participation against that of study.

Belongs here: the checks of ``source_olympiad`` that look at two columns or at the procedure. Does not belong here: the
checks of the table as such (``tables``), which grades a stage is for (``config/procedures``).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rsoko_pipeline.configuration import Configuration
from rsoko_pipeline.validation.checks import Check

SOURCE = "source_olympiad"
CHECKS: tuple[Check, ...] = (
    Check("olympiad_score", "RSK-OLYMPIAD-SCORE", "at_most", ("score", "max_score")),
    Check("olympiad_grade", "RSK-OLYMPIAD-GRADE", "at_most", ("grade", "grade_participation")),
    Check("olympiad_admitted", "RSK-OLYMPIAD-NOT-ADMITTED", "between", ("is_admitted",), minimum=1),
)
#: Columns whose values the finding of a code shows: the value and what it is compared with.
_SHOWN = {"RSK-OLYMPIAD-SCORE": ("score", "max_score"), "RSK-OLYMPIAD-GRADE": ("grade_participation", "grade")}


def compared(rows: pd.DataFrame, cfg: Configuration) -> dict[str, NDArray]:
    """``is_admitted``: whether the stage is for the class of participation in the subject; NaN where nobody says."""
    pairs = zip(_admitted(rows, cfg), rows["grade_participation"], strict=True)
    return {"is_admitted": np.array([float(grade in grades) if grades else np.nan for grades, grade in pairs])}


def words(code: str, rows: pd.DataFrame, cfg: Configuration) -> dict[str, Any]:
    """The words of the findings of ``rows``; none for codes of other checks."""
    if code in _SHOWN:
        value, expected = _SHOWN[code]
        return {"value": rows[value], "expected": rows[expected]}
    if code != CHECKS[2].code:
        return {}
    admitted = [", ".join(map(str, sorted(grades))) for grades in _admitted(rows, cfg)]
    names = [cfg.subjects[subject].name for subject in rows["subject"]]
    return {"value": rows["grade_participation"], "expected": admitted, "subject": names}


def _admitted(rows: pd.DataFrame, cfg: Configuration) -> list[frozenset[int]]:
    """The grades that each row's stage is for in its subject."""
    known = {
        (event_id, subject): cfg.procedures[cfg.calendar.events[event_id].procedure].admitted(subject)
        for event_id, subject in rows[["event_id", "subject"]].drop_duplicates().itertuples(index=False, name=None)
    }
    return [known[pair] for pair in zip(rows["event_id"], rows["subject"], strict=True)]
