"""The same pupils over time: last results for JUMP, and falls that look back on them.

Belongs here: means of schools by work, the frame of earlier results, the retrospective sign. Does not belong here:
which works follow one another (``links``), the test itself (``signs.jump``).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from rsoko_pipeline.objectivity.combination import benjamini_hochberg
from rsoko_pipeline.objectivity.preparation import keyed
from rsoko_pipeline.objectivity.settings import Settings
from rsoko_pipeline.objectivity.signs.jump import regress
from rsoko_pipeline.objectivity.work import KEYS, NotAvailable

FALL_COLUMNS = ["school", "n_before", "n_after", "before", "expected_before", "after", "z", "p", "q"]


def school_means(results: pd.DataFrame) -> pd.DataFrame:
    """Means of schools by work: the work's key, ``school, n, mean_z``; works of equal scores have no rows.

    Args:
        results: as for ``assess``.
    """
    frame = keyed(results)
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
        links: ``links.find``.

    Returns:
        The key of the work now, ``school, n, mean_z, before``, of the preferred work that has results.
    """
    earlier = means[["event_id", "school", "n", "mean_z"]].rename(columns={"event_id": "before_event"})
    joined = links.merge(earlier, on="before_event")
    preferred = joined.groupby("event_id")["rank"].transform("min") == joined["rank"]
    return joined.loc[preferred, [*KEYS, "school", "n", "mean_z", "before"]].reset_index(drop=True)


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
