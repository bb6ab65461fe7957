"""Olympiads («олимпиады»): protocols of the stages of the All-Russian olympiad, and what became of a participant
between two of them.

Belongs here: participation, winners, prizes, rise and fall between stages. Does not belong here: the sign of the school
stage (``olympiad_sign``), observers and violations (``controls``), who may take part (the procedures' configuration).
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from rsoko_pipeline.configuration import Configuration
from rsoko_pipeline.families.levels import UNIT, at_every_level, named, with_share
from rsoko_pipeline.families.model import Base, Family
from rsoko_pipeline.families.olympiad_sign import signs
from rsoko_pipeline.families.stages import with_previous

_BY = [*UNIT, "subject", "grade_participation"]
_COUNTS = ("participants", "winners", "prizes", "linked", "rose", "fell")
#: Two shares of a maximum that differ by less are equal.
_SAME = 1e-9


def other_stages(cfg: Configuration, event_id: str) -> list[str]:
    """The other stages of the same school year and subject."""
    one = cfg.calendar.events[event_id]
    return [
        event.event_id
        for event in cfg.calendar.of_year(one.school_year)
        if event.subject == one.subject
        and event.event_id != event_id
        and "source_olympiad" in cfg.procedures[event.procedure].targets
    ]


def related(cfg: Configuration, events: Sequence[str], facts: pd.DataFrame) -> dict[str, list[str]]:
    """The other stages of the same school years and subjects."""
    stages = {other for event_id in events for other in other_stages(cfg, event_id)}
    return {"fact_olympiad": sorted(stages - set(events))}


def statistics(facts: pd.DataFrame, base: Base) -> pd.DataFrame:
    """Rows of ``mart.olympiad_statistics``.

    A participant is a row with a score or a status; one who was entered and did not come has neither. Rise and fall
    compare shares of the maximum, since stages have different maxima. Intervals: Wilson.
    """
    rows = with_previous(facts[facts["score"].notna() | facts["olympiad_status"].notna()], base)
    change = rows["share"] - rows["previous_share"]
    counted = rows.assign(
        participants=1,
        winners=(rows["olympiad_status"] == "winner").astype("int64"),
        prizes=(rows["olympiad_status"] == "prize").astype("int64"),
        linked=change.notna().astype("int64"),
        rose=(change > _SAME).astype("int64"),
        fell=(change < -_SAME).astype("int64"),
        change=change,
    )
    groups = at_every_level(counted, base.register).groupby(_BY, as_index=False, dropna=False)
    out = groups[list(_COUNTS)].sum().assign(stage=groups["stage"].first()["stage"])
    out = out.assign(mean_share=groups["share"].mean()["share"], mean_change=groups["change"].mean()["change"])
    out = with_share(out, "prize_share", out["winners"] + out["prizes"], out["participants"], "prize")
    out = with_share(out, "rose_share", out["rose"], out["linked"], "rose")
    return base.finished("olympiad_statistics", named(out, base.register, facts))


FAMILY = Family(
    name="olympiads",
    title_ru="Олимпиады",
    source="source_olympiad",
    fact="fact_olympiad",
    mart="olympiad_statistics",
    key=("subject", "grade", "pupil_code"),
    stated=("grade_participation", "score", "max_score", "olympiad_status"),
    statistics=statistics,
    related=related,
    also={"olympiad_sign": signs},
    depends=other_stages,
)
