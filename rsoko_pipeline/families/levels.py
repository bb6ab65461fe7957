"""Facts of units as facts of every level above them: school, municipality, region.

Belongs here: which unit a fact counts for at each level, names of units, keys of series, shares with their
intervals. Does not belong here: what is counted (a family's own module).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from rsoko_pipeline.history import in_force
from rsoko_pipeline.indicators import Register, wilson

UNIT = ["event_id", "level", "unit_code"]


def at_every_level(facts: pd.DataFrame, register: Register) -> pd.DataFrame:
    """Every fact once for its own unit and once for each unit above it.

    Args:
        facts: rows with ``level`` and ``unit_code``; other columns are carried along.
        register: which municipality a school lies in; one that it lacks counts for the region alone, a unit that is
            neither school nor municipality (a class of a country, a cluster) for itself alone.

    Returns:
        The rows with ``level`` and ``unit_code`` of the unit counted for, and ``own_level``, the fact's own.
    """
    homes = in_force(register.schools, "school").set_index("school")["municipality"]
    own = facts.assign(own_level=facts["level"])
    is_school, is_place = own["level"] == "school", own["level"] == "municipality"
    to_places = own[is_school].assign(level="municipality", unit_code=own["unit_code"].map(homes).astype("str"))
    to_region = own[is_school | is_place].assign(level="region", unit_code=register.region)
    return pd.concat([own, to_places.dropna(subset=["unit_code"]), to_region], ignore_index=True)


def stated_or_below(facts: pd.DataFrame, register: Register, by: Sequence[str]) -> pd.DataFrame:
    """Every fact for its own unit, and for each unit above that states nothing of its kind: nothing counts twice.

    Args:
        facts: rows with the columns ``by`` and what ``at_every_level`` needs.
        register: as there.
        by: the unit's columns and what tells one kind of statement from another.

    Returns:
        The rows of ``at_every_level`` that count, with ``is_own``. Of the levels below a unit only the nearest one
        that has the statement counts: what a municipality states contains what its schools do.
    """
    by = list(by)
    levels = at_every_level(facts, register)
    levels = levels.assign(is_own=levels["level"] == levels["own_level"])
    own, below = levels[levels["is_own"]], levels[~levels["is_own"]]
    below = below.merge(own[by].drop_duplicates(), on=by, how="left", indicator="stated")
    below = below[below["stated"] == "left_only"].drop(columns="stated")
    is_place = below["own_level"] == "municipality"
    has_places = is_place.groupby([below[name] for name in by]).transform("any")
    return pd.concat([own, below[is_place | ~has_places]], ignore_index=True)


def named(rows: pd.DataFrame, register: Register, stated: pd.DataFrame | None = None) -> pd.DataFrame:
    """The rows with ``unit_name`` and ``parent_code``: the register's, else what the files state.

    Args:
        rows: columns ``level``, ``unit_code``.
        register: current names and subordination.
        stated: facts with ``level``, ``unit_code``, ``unit_name``, ``parent_code``.
    """
    schools = in_force(register.schools, "school").set_index("school")
    places = in_force(register.municipalities, "municipality").set_index("municipality")
    of_school, of_place = rows["level"] == "school", rows["level"] == "municipality"
    names = rows["unit_code"].map(schools["name"]).where(of_school)
    names = names.fillna(rows["unit_code"].map(places["name"]).where(of_place))
    names = names.mask((rows["level"] == "region") & (rows["unit_code"] == register.region), register.region_name)
    parents = rows["unit_code"].map(schools["municipality"]).where(of_school)
    parents = parents.mask(of_place, register.region)
    out = rows.assign(unit_name=names.astype("str"), parent_code=parents.astype("str"))
    if stated is None or stated.empty:
        return out
    said = stated.drop_duplicates(["level", "unit_code"]).set_index(["level", "unit_code"])
    said = said[["unit_name", "parent_code"]].reindex(pd.MultiIndex.from_frame(rows[["level", "unit_code"]]))
    said.index = rows.index
    return out.assign(
        unit_name=out["unit_name"].fillna(said["unit_name"]), parent_code=out["parent_code"].fillna(said["parent_code"])
    )


def with_share(rows: pd.DataFrame, column: str, part: pd.Series, whole: pd.Series, stem: str = "") -> pd.DataFrame:
    """The rows with a share (0–1) and its 95 % interval by Wilson; empty where there is nothing to take a share of.

    Args:
        rows: what gets the columns.
        column: name of the share.
        part, whole: counts, a row each; a part above its whole gives no share.
        stem: the interval is ``<stem>_low``, ``<stem>_high``; the name of the share by default.
    """
    low, high = wilson(part, whole)
    share = (part / whole.where((whole > 0) & (part <= whole))).astype("float64")
    columns: dict[str, Any] = {column: share, f"{stem or column}_low": low, f"{stem or column}_high": high}
    return rows.assign(**columns)


def series(rows: pd.DataFrame, columns: Sequence[str]) -> pd.Series:
    """One text key of several columns, nulls left out: ``name`` and ``name2=…`` parts joined by « | »."""
    first, *others = columns
    key = rows[first].astype("str").fillna("")
    for name in others:
        part = rows[name].astype("str")
        key = key + (" | " + name + "=" + part).fillna("")
    return key
