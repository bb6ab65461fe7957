"""The sign of the school stage of the olympiad («признак, требует проверки»): high there, much lower at the municipal
stage than other schools' participants with the same results.

Belongs here: rows of ``mart.olympiad_sign`` from protocols. Does not belong here: the test itself
(``objectivity.signs.stage``), its least n and its words (``config/objectivity.yaml``).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from rsoko_pipeline import contracts
from rsoko_pipeline.families.levels import named
from rsoko_pipeline.families.model import Base
from rsoko_pipeline.families.stages import with_previous
from rsoko_pipeline.objectivity import settings as objectivity_settings
from rsoko_pipeline.objectivity.signs import stage
from rsoko_pipeline.objectivity.work import NotAvailable

SIGN = "STAGE"
#: The stage that is compared with the one before it.
_COMPARED = "municipal"


def signs(facts: pd.DataFrame, base: Base, settings: objectivity_settings.Settings | None = None) -> pd.DataFrame:
    """Rows of ``mart.olympiad_sign``: schools whose participants took part in the school and the municipal stage.

    Args:
        facts: rows of ``core.fact_olympiad``; only the municipal stage is judged.
        base: with the other stages of the year in ``others``.
        settings: least n and words; by default the configuration's.

    Returns:
        A row a school × subject with enough participants in both stages, none for a subject with too few schools to
        compare: mean shares of the maximum at both stages, the share expected at the second from the first, the mean
        change with its 95 % interval (Student), z, one-sided p and q (Benjamini–Hochberg) and other explanations.
    """
    settings = settings or objectivity_settings.load()
    own = facts[(facts["stage"] == _COMPARED) & (facts["level"] == "school")]
    rows = with_previous(own, base).dropna(subset=["share", "previous_share"])
    parts = [_event(part, settings) for _, part in rows.groupby("event_id", sort=True)]
    found = [part for part in parts if not part.empty]
    if not found:
        return contracts.table("olympiad_sign").empty()
    words = "; ".join(settings.signs[SIGN].alternatives)
    return base.finished("olympiad_sign", named(pd.concat(found).assign(alternatives=words), base.register, facts))


def _event(rows: pd.DataFrame, settings: objectivity_settings.Settings) -> pd.DataFrame:
    """The schools of one event; per cent inside the test, shares outside."""
    participants = pd.DataFrame(
        {
            "school": rows["unit_code"],
            "subject": rows["subject"],
            "school_share": 100 * rows["previous_share"],
            "municipal_share": 100 * rows["share"],
        }
    )
    try:
        found = stage.compute(participants, settings)
    except NotAvailable:
        return pd.DataFrame()
    changes = rows.assign(change=rows["share"] - rows["previous_share"], school=rows["unit_code"])
    found = found.merge(_intervals(changes.groupby(["school", "subject"])["change"]), on=["school", "subject"])
    return found.assign(
        event_id=rows["event_id"].iloc[0],
        about_event=rows["previous_event"].iloc[0],
        level="school",
        unit_code=found["school"],
        first_share=found["school_mean"] / 100,
        second_share=found["municipal_mean"] / 100,
        expected_share=found["expected"] / 100,
    )


def _intervals(changes: pd.api.typing.SeriesGroupBy) -> pd.DataFrame:
    """Mean change with the 95 % interval of Student, from two participants on."""
    from scipy import stats

    out = changes.agg(["mean", "std", "size"]).reset_index()
    half = stats.t.ppf(0.975, out["size"] - 1) * out["std"] / np.sqrt(out["size"])
    bounds = out.assign(mean_change=out["mean"], change_low=out["mean"] - half, change_high=out["mean"] + half)
    return bounds.drop(columns=["mean", "std", "size"])
