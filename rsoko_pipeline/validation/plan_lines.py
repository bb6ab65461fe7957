"""Reports about plans: the plan and the number that a report names must be those of a plan.

Belongs here: the checks of ``source_measure_status`` that look at the plans. Does not belong here: the checks of the
table as such (``tables``), the plans themselves (``config/measures``), what counts as done (``calendar.plan_status``).
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rsoko_pipeline.configuration import Configuration
from rsoko_pipeline.validation.checks import Check

SOURCE = "source_measure_status"
CHECKS: tuple[Check, ...] = (
    Check("plan_known", "RSK-REPORT-PLAN", "between", ("is_plan",), minimum=1),
    Check("plan_line_known", "RSK-REPORT-LINE", "between", ("is_line",), minimum=1),
)
#: How many of a plan's numbers are offered in place of one that it lacks.
_OFFERED = 3


def compared(rows: pd.DataFrame, cfg: Configuration) -> dict[str, NDArray]:
    """Whether each row's plan exists, and whether it has the number; the second is NaN where there is no plan."""
    is_plan = rows["plan"].isin(cfg.plans).to_numpy()
    is_line = np.array([pair in cfg.measures for pair in zip(rows["plan"], rows["number"], strict=True)], dtype="bool")
    return {"is_plan": is_plan.astype("float64"), "is_line": np.where(is_plan, is_line, np.nan)}


def words(code: str, rows: pd.DataFrame, cfg: Configuration) -> dict[str, Any]:
    """The words of the findings of ``rows``; none for codes of other checks."""
    if code == CHECKS[0].code:
        return {"value": rows["plan"], "expected": ", ".join(sorted(cfg.plans))}
    if code == CHECKS[1].code:
        plans = [cfg.plans[plan] for plan in rows["plan"]]
        nearest = [
            get_close_matches(number, plan.measures, _OFFERED, cutoff=0)
            for plan, number in zip(plans, rows["number"], strict=True)
        ]
        return {
            "value": rows["number"],
            "plan": [plan.short for plan in plans],
            "expected": [", ".join(numbers) for numbers in nearest],
        }
    return {}
