"""What a dimension with history, or a count with a date, said on a given day, and of which events it is the measure.

Belongs here: choosing rows of ``core.dim_school``, ``core.dim_municipality``, ``core.fact_contingent`` by day, for
whoever places results (``validation``, ``indicators``, ``objectivity``, ``reports``). Does not belong here: building
the history (``landing.registers``).

The day of an event is the last one of its window.
"""

from __future__ import annotations

import pandas as pd


def in_force(history: pd.DataFrame, key: str, day: pd.Timestamp | None = None) -> pd.DataFrame:
    """The row of each ``key`` that is in force on ``day``, else the nearest: the last that ended, the first to come.

    Args:
        history: columns ``key`` and ``valid_from``; ``valid_to`` may be absent.
        key: ``school`` or ``municipality``.
        day: the day; the row that began last when None.
    """
    ordered = history.sort_values("valid_from", kind="stable")
    if day is None:
        return ordered.drop_duplicates(key, keep="last")
    begun = ordered["valid_from"] <= day
    is_valid = begun & ~(ordered["valid_to"] < day) if "valid_to" in ordered else begun
    # The first to come stands last of those to come, and all of them before those that have begun.
    to_come = ordered[~begun].iloc[::-1]
    return pd.concat([to_come, ordered[begun & ~is_valid], ordered[is_valid]]).drop_duplicates(key, keep="last")


def everyone_writes(events: pd.DataFrame) -> pd.Series:
    """Whether every pupil enrolled is to write the event: who does not is absent then, and only then.

    Args:
        events: rows of ``core.dim_event``: ``participation``. By choice, by lot or in a sample nobody has to come of
            those whom the event does not concern.
    """
    return events["participation"] == "obligatory"


def counted(contingent: pd.DataFrame, works: pd.DataFrame) -> pd.DataFrame:
    """The contingent of each work: of each school and grade the last count on or before the last day of the window.

    Args:
        contingent: rows of ``core.fact_contingent``; a row without a date counts from the year's beginning.
        works: rows of ``core.dim_event``: ``event_id``, ``school_year``, ``grade``, ``window_to``.

    Returns:
        The rows of ``contingent`` that count, with ``event_id``; of two rows for one class both, in their order.
    """
    by = ["event_id", "school"]
    wanted = works[["event_id", "school_year", "grade", "window_to"]].dropna(subset=["grade"])
    rows = contingent.merge(wanted, on=["school_year", "grade"])
    since = rows["counted_on"].fillna(pd.Timestamp.min.as_unit("s"))
    rows = rows.assign(since=since)[since <= rows["window_to"]]
    latest = rows.groupby(by)["since"].transform("max")
    return rows[rows["since"] == latest].drop(columns=["since", "window_to"]).reset_index(drop=True)
