"""Stages of an olympiad: what a participant had at the stage before.

Belongs here: linking the protocols of neighbouring stages. Does not belong here: what is counted from them
(``olympiads``, ``olympiad_sign``).
"""

from __future__ import annotations

import pandas as pd

from rsoko_pipeline.configuration import Configuration
from rsoko_pipeline.families.model import Base

#: The stages in order: a participant of one has gone through the one before.
STAGES = ("school", "municipal", "regional", "final")


def with_previous(facts: pd.DataFrame, base: Base) -> pd.DataFrame:
    """The facts with what the same participants had at the stage before.

    Returns:
        The rows with ``share`` (score in shares of the maximum, NaN where unknown), ``previous_share`` (the same
        pupil's at the stage before, in the same subject and school year; the best of several) and ``previous_event``.
    """
    others = base.others.get("fact_olympiad")
    here = _staged(facts, base.cfg)
    there = here if others is None or others.empty else pd.concat([here, _staged(others, base.cfg)], ignore_index=True)
    one = ["school_year", "subject", "pupil", "place"]
    known = there.dropna(subset=["share"]).sort_values("share", kind="stable").drop_duplicates(one, keep="last")
    before = known.assign(place=known["place"] + 1)[[*one, "share", "event_id"]]
    before = before.rename(columns={"share": "previous_share", "event_id": "previous_event"})
    return here.merge(before, on=one, how="left").drop(columns=["place", "school_year"])


def _staged(facts: pd.DataFrame, cfg: Configuration) -> pd.DataFrame:
    """The rows with the stage's ``place``, the ``school_year`` and the ``share`` of the maximum."""
    years = {event_id: cfg.calendar.events[event_id].school_year for event_id in facts["event_id"].unique()}
    maximum = facts["max_score"].astype("float64")
    return facts.assign(
        place=facts["stage"].map({stage: place for place, stage in enumerate(STAGES)}).astype("int64"),
        school_year=facts["event_id"].map(years).astype("str"),
        share=facts["score"].astype("float64") / maximum.where(maximum > 0),
    )
