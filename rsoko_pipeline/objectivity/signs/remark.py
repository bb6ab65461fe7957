"""REMARK: the second marking of a school's works departs from the first.

Belongs here: agreement and bias by school. Does not belong here: which works to mark again (``remarking``), what the
result says of the signs (``outcome``).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from rsoko_pipeline.objectivity.agreement import agreement
from rsoko_pipeline.objectivity.preparation import keyed
from rsoko_pipeline.objectivity.settings import Settings
from rsoko_pipeline.objectivity.work import KEYS

UNIT = [*KEYS, "school"]
COLUMNS = [
    *UNIT,
    "n",
    "kappa",
    "ac2",
    "exact",
    "bias",
    "bias_low",
    "bias_high",
    "lowered",
    "raised",
    "p",
    "p_conservative",
    "is_sign",
]
_LEVEL = 0.975


def compute(works: pd.DataFrame, settings: Settings) -> pd.DataFrame:
    """Judge every school and work with enough works marked twice.

    Args:
        works: a row a work: ``school_year, subject, grade, school, first, second, max_score`` (integer scores).
        settings: ``remarking`` and the least n of REMARK.

    Returns:
        Columns ``COLUMNS``: ``bias`` is mean(first − second) as a share of the maximum with its 95 % interval,
        ``lowered`` and ``raised`` the works whose second score is lower or higher, ``p`` the one-sided sign test on
        them (mid-p), ``p_conservative`` with the whole probability of what was seen.
    """
    rows = []
    for key, part in keyed(works).dropna(subset=["first", "second"]).groupby(UNIT, sort=True, observed=True):
        n = len(part)
        if n < settings.signs["REMARK"].min_n:
            continue
        rows.append((*key, n, *_judged(part, settings)))
    return pd.DataFrame(rows, columns=COLUMNS)


def _judged(
    part: pd.DataFrame, settings: Settings
) -> tuple[float, float, float, float, float, float, int, int, float, float, bool]:
    from scipy.special import bdtr, stdtrit

    first, second = part["first"].to_numpy(dtype=np.int64), part["second"].to_numpy(dtype=np.int64)
    top = int(part["max_score"].max())
    n = len(part)
    found = agreement(first, second, 0, top)
    difference = (first - second) / top
    bias = float(difference.mean())
    half = float(stdtrit(n - 1, _LEVEL) * difference.std(ddof=1) / np.sqrt(n))
    lowered, raised = int((difference > 0).sum()), int((difference < 0).sum())
    changed = lowered + raised
    # K binomial(changed, ½): P(K < lowered), and P(K > lowered) + ½·P(K = lowered).
    below = float(bdtr(lowered - 1, changed, 0.5)) if lowered else 0.0
    p = 1.0 - 0.5 * (float(bdtr(lowered, changed, 0.5)) + below)
    rules = settings.remarking
    is_biased = bias >= rules.bias_share and bias - half > 0
    return (
        found.kappa,
        found.ac2,
        found.exact,
        bias,
        bias - half,
        bias + half,
        lowered,
        raised,
        p,
        1.0 - below,
        bool(found.kappa < rules.kappa_below or is_biased),
    )
