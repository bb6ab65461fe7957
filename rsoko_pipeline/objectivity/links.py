"""Which work the same pupils wrote before: ВПР 4 before ВПР 5, ВПР 8 before ОГЭ 9, mathematics beside Russian.

Belongs here: applying the rules of ``config/objectivity.yaml`` to the calendar's events. Does not belong here: the
rules themselves (the file), results (``cohort``), the sign (``signs.jump``).
"""

from __future__ import annotations

from collections.abc import Collection

import pandas as pd

from rsoko_pipeline.objectivity.settings import CohortLink, Settings
from rsoko_pipeline.objectivity.work import KEYS

COLUMNS = [*KEYS, "before_event", "before", "rank"]


def find(events: pd.DataFrame, now: Collection[str], settings: Settings) -> pd.DataFrame:
    """Other works that the cohorts of these wrote, by every rule that applies.

    Args:
        events: ``core.dim_event`` of all years: ``event_id, title, procedure, subject, grade, school_year, window_to``.
        now: events whose earlier results are asked for.
        settings: ``cohort_links``, the preferred ones first.

    Returns:
        Columns ``COLUMNS``: the key of the work now, ``before_event`` and what that is (ru), ``rank`` from 1, the
        lowest to be preferred: rules in their order, of several works under one rule the one nearest in time first.
    """
    works = events.dropna(subset=["subject", "grade"]).sort_values("event_id", kind="stable")
    rows = []
    for _, work in works[works["event_id"].isin(set(now))].iterrows():
        rank = 0
        for rule in settings.cohort_links:
            for _, before in _before(work, rule, works).iterrows():
                rank += 1
                title = f"{before['title']}, {before['school_year']}"
                rows.append((*(work[name] for name in KEYS), before["event_id"], title, rank))
    return pd.DataFrame(rows, columns=COLUMNS).astype({"grade": "int64", "rank": "int64"})


def _before(work: pd.Series, rule: CohortLink, works: pd.DataFrame) -> pd.DataFrame:
    """Works that the rule names for this one, the nearest in time first; none where the rule is about others."""
    now, before = rule.now, rule.before
    subject, grade = str(work["subject"]), int(work["grade"])
    if work["procedure"] != now.procedure or now.subject not in (None, subject) or now.grade not in (None, grade):
        return works.head(0)
    is_before = (
        (works["procedure"] == before.procedure)
        & (works["subject"] == (before.subject or subject))
        & (works["grade"] == (before.grade or grade - rule.lag))
        & (works["school_year"] == _years_before(str(work["school_year"]), rule.lag))
        & (works["event_id"] != work["event_id"])
    )
    days = (pd.to_datetime(works["window_to"]) - pd.Timestamp(work["window_to"])).abs()
    return works[is_before].loc[days[is_before].sort_values(kind="stable").index]


def _years_before(school_year: str, lag: int) -> str:
    return "/".join(str(int(year) - lag) for year in school_year.split("/"))
