"""Lists of schools: with low results (ШНОР), in hard conditions, resilient, with high results, as a body drew them up.

Belongs here: how many schools of a municipality and of the region are on each list. Does not belong here: lists that
the system computes itself (``improvement``); these lists serve the department's own work and are not published.
"""

from __future__ import annotations

import pandas as pd

from rsoko_pipeline.families.levels import UNIT, at_every_level, named, with_share
from rsoko_pipeline.families.model import Base, Family
from rsoko_pipeline.history import in_force

#: Organisations of the register that are no schools.
NOT_SCHOOLS = ("ДОУ",)


def statistics(facts: pd.DataFrame, base: Base) -> pd.DataFrame:
    """Rows of ``mart.list_statistics``: the schools on a list when the event's window closes, and their share.

    ``n`` is the number of the register's schools in the unit. A municipality without a school on a list that others are
    on has a row with 0. Where the register knows fewer schools than are on the list the share is empty.
    """
    members = facts[_in_force(facts, base)]
    counted = at_every_level(members, base.register).groupby([*UNIT, "list_kind"])["own_level"].size()
    rows = counted.rename("schools").reset_index().merge(_totals(facts, base), on=[*UNIT, "list_kind"], how="outer")
    schools = rows["schools"].fillna(0).astype("int64")
    n = rows["n"].fillna(schools.where(rows["level"] == "school", 0)).astype("int64")
    rows = with_share(rows.assign(schools=schools, n=n), "share", schools, n)
    return base.finished("list_statistics", named(rows, base.register, facts))


def _in_force(facts: pd.DataFrame, base: Base) -> pd.Series:
    """Which rows hold on the last day of their event's window."""
    day = _last_days(facts["event_id"], base)
    begun = facts["valid_from"].isna() | (facts["valid_from"] <= day)
    return begun & (facts["valid_to"].isna() | (facts["valid_to"] >= day))


def _last_days(events: pd.Series, base: Base) -> pd.Series:
    known = base.cfg.calendar.events
    return events.map({event: pd.Timestamp(known[event].window_to) for event in events.unique()})


def _totals(facts: pd.DataFrame, base: Base) -> pd.DataFrame:
    """The number of schools of every municipality and of the region, a row an event and list."""
    schools = in_force(base.register.schools, "school")
    schools = schools[schools["valid_to"].isna() & ~schools["kind"].isin(NOT_SCHOOLS)]
    units = at_every_level(pd.DataFrame({"level": "school", "unit_code": schools["school"]}), base.register)
    sizes = units[units["level"] != "school"].groupby(["level", "unit_code"]).size().rename("n").reset_index()
    return facts[["event_id", "list_kind"]].drop_duplicates().merge(sizes, how="cross")


FAMILY = Family(
    name="lists",
    title_ru="Списки школ",
    source="source_list_member",
    fact="fact_list_member",
    mart="list_statistics",
    key=("list_kind", "valid_from"),
    stated=("valid_to", "reason", "support", "document"),
    statistics=statistics,
)
