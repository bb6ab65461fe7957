"""The same pupils over time: last results for JUMP, and falls that look back on them.

Belongs here: means of schools by work, the link from one work to the next, the retrospective sign. Does not belong
here: which works follow one another (the calendar; here a table), the test itself (``signs.jump``).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from rsoko_pipeline.objectivity.combination import benjamini_hochberg
from rsoko_pipeline.objectivity.settings import Settings
from rsoko_pipeline.objectivity.signs.jump import regress
from rsoko_pipeline.objectivity.work import NotAvailable

KEYS = ["school_year", "subject", "grade"]
FALL_COLUMNS = ["school", "n_before", "n_after", "before", "expected_before", "after", "z", "p", "q"]


def school_means(results: pd.DataFrame) -> pd.DataFrame:
    """Means of schools by work: ``school_year, subject, grade, school, n, mean_z``; works of equal scores have no rows.

    Args:
        results: as for ``assess``.
    """
    frame = results if "school_year" in results.columns else results.assign(school_year="")
    present = (
        frame["present"].fillna(True).astype(bool) if "present" in frame.columns else pd.Series(True, index=frame.index)
    )
    frame = frame[present & frame["primary_score"].notna()]
    score = frame["primary_score"].astype("float64")
    by_work = score.groupby([frame[name] for name in KEYS], observed=True)
    spread = by_work.transform("std", ddof=0)
    z = ((score - by_work.transform("mean")) / spread.where(spread > 0)).rename("z")
    table = pd.concat([frame[[*KEYS, "school"]], z], axis=1).dropna(subset=["z"])
    out = table.groupby([*KEYS, "school"], sort=True, observed=True)["z"].agg(["size", "mean"]).reset_index()
    return out.rename(columns={"size": "n", "mean": "mean_z"})


def prior(means: pd.DataFrame, links: pd.DataFrame) -> pd.DataFrame:
    """The ``prior`` frame of ``assess``: every school's mean of the same cohort in the work before.

    Args:
        means: ``school_means`` of all works.
        links: a row a link: ``school_year, subject, grade`` of the work now and ``before_year, before_subject,
            before_grade`` of the work before (ВПР 4→5, ВПР 8→ОГЭ 9, МА→РУ of one year).
    """
    before = means.rename(columns=dict(zip(KEYS, ["before_year", "before_subject", "before_grade"], strict=True)))
    joined = links.merge(before, on=["before_year", "before_subject", "before_grade"])
    return joined[[*KEYS, "school", "n", "mean_z"]]


def falls(before: pd.DataFrame, after: pd.DataFrame, settings: Settings) -> pd.DataFrame:
    """High then and a fall next: schools whose earlier mean was far above what the later one of the same cohort
    implies.

    Args:
        before, after: ``school, n, mean_z`` of the earlier and the later work.
        settings: least n of JUMP in both works, least number of schools.

    Returns:
        Columns ``FALL_COLUMNS``, one-sided Student p of the studentised residual.

    Raises:
        NotAvailable: too few schools have both.
    """
    both = before[["school", "n", "mean_z"]].merge(
        after[["school", "n", "mean_z"]], on="school", suffixes=("_before", "_after")
    )
    least = settings.signs["JUMP"].min_n
    both = both[(both["n_before"] >= least) & (both["n_after"] >= least)].sort_values("school", ignore_index=True)
    if len(both) < settings.min_reference:
        raise NotAvailable(f"школ с обоими результатами меньше {settings.min_reference}")
    was, now = both["mean_z_before"].to_numpy(dtype=np.float64), both["mean_z_after"].to_numpy(dtype=np.float64)
    if np.ptp(now) == 0 or np.ptp(was) == 0:
        raise NotAvailable("результат у всех школ одинаков")
    fit = regress(was, now, both["n_before"].to_numpy(), both["n_after"].to_numpy())
    return pd.DataFrame(
        {
            "school": both["school"],
            "n_before": both["n_before"],
            "n_after": both["n_after"],
            "before": was,
            "expected_before": fit.predicted,
            "after": now,
            "z": fit.studentised,
            "p": fit.p,
            "q": benjamini_hochberg(fit.p),
        }
    )[FALL_COLUMNS]
