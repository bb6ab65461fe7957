"""The same statistics where no pupil rows exist, restored from aggregate tables: Ф3, journal comparison, scores.

Belongs here: whole counts restored from per cents, and the sums of schools where a table has schools only.
Does not belong here: the choice between pupils and aggregates (``statistics``).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from rsoko_pipeline.indicators.measures import (
    CENT,
    MARKS,
    SCORE_COLUMNS,
    Distribution,
    journal_columns,
    mark_columns,
    whole_counts,
)
from rsoko_pipeline.indicators.units import UNIT_COLUMNS, UNIT_KEY, Units

_SHARES = [f"share{mark}" for mark in MARKS]
_COUNTS = [f"n{mark}" for mark in MARKS]
_JOURNAL = ["lowered", "confirmed", "raised"]


def compute(groups: Mapping[str, pd.DataFrame], units: Units, max_scores: pd.Series) -> dict[str, pd.DataFrame]:
    """Statistics of the units that aggregate tables name, and of municipalities and the region added up from schools.

    Args:
        groups: any of ``fact_group_marks``, ``fact_group_journal``, ``fact_group_scores`` by name.
        units: codes and names of the units.
        max_scores: the work's maximum by event id.

    Returns:
        ``mark_statistics``, ``score_distribution`` and ``journal_comparison`` without the stamp, as far as there are
        tables for them; ``source`` is ``aggregate``.
    """
    marks = _marks(groups.get("fact_group_marks"), units)
    scores = _scores(groups.get("fact_group_scores"), units)
    journal = _journal(groups.get("fact_group_journal"), units)
    out = {}
    if marks is not None or scores is not None:
        out["mark_statistics"] = _mark_statistics(marks, scores, max_scores)
    if scores is not None:
        total = scores.groupby(UNIT_KEY)["n"].transform("sum")
        out["score_distribution"] = scores.assign(
            source="aggregate", score=scores["cents"] / CENT, share=scores["n"] / total
        ).drop(columns="cents")
    if journal is not None:
        counts = (journal[name].to_numpy(dtype="int64") for name in _JOURNAL)
        columns = journal_columns(*counts).set_axis(journal.index)
        both = pd.concat([journal[UNIT_COLUMNS], columns], axis=1).assign(source="aggregate")
        out["journal_comparison"] = both[both["n"] > 0]
    return out


def participants(groups: Mapping[str, pd.DataFrame], units: Units) -> pd.DataFrame:
    """Participants by unit as aggregate tables state them: ``UNIT_COLUMNS`` and ``participants``, a row a unit."""
    stated = [
        _placed(groups[name], units)[[*UNIT_COLUMNS, "participants"]]
        for name in ("fact_group_marks", "fact_group_scores")
        if name in groups
    ]
    if not stated:
        return pd.DataFrame(
            {name: pd.Series(dtype="str") for name in UNIT_COLUMNS} | {"participants": pd.Series(dtype="int64")}
        )
    return pd.concat(stated, ignore_index=True).drop_duplicates(UNIT_KEY, ignore_index=True)


def _marks(table: pd.DataFrame | None, units: Units) -> pd.DataFrame | None:
    if table is None or table.empty:
        return None
    rows = _placed(table, units)
    group = np.repeat(np.arange(len(rows)), len(MARKS))
    counts = whole_counts(
        rows[_SHARES].to_numpy(dtype="float64").ravel(), group, rows["participants"].to_numpy(dtype="int64")
    )
    rows[_COUNTS] = counts.reshape(-1, len(MARKS))
    return _added_up(rows[[*UNIT_COLUMNS, "participants", *_COUNTS]], units)


def _scores(table: pd.DataFrame | None, units: Units) -> pd.DataFrame | None:
    """Participants by unit and score in hundredths of a point: ``UNIT_COLUMNS``, ``cents``, ``n``."""
    if table is None or table.empty:
        return None
    rows = _placed(table, units)
    group = rows.groupby(UNIT_KEY, sort=False).ngroup().to_numpy()
    totals = rows["participants"].groupby(group).first().to_numpy(dtype="int64")
    rows["cents"] = np.rint(rows["score"].to_numpy(dtype="float64") * CENT).astype("int64")
    rows["n"] = whole_counts(rows["share"].to_numpy(dtype="float64"), group, totals)
    return _added_up(rows.loc[rows["n"] > 0, [*UNIT_COLUMNS, "cents", "n"]], units, by=["cents"])


def _journal(table: pd.DataFrame | None, units: Units) -> pd.DataFrame | None:
    if table is None or table.empty:
        return None
    return _added_up(_placed(table, units)[[*UNIT_COLUMNS, *_JOURNAL]], units)


def _mark_statistics(marks: pd.DataFrame | None, scores: pd.DataFrame | None, max_scores: pd.Series) -> pd.DataFrame:
    parts = [] if marks is None else [marks]
    if scores is not None:
        totals = scores.groupby(UNIT_COLUMNS, dropna=False)["n"].sum().rename("participants").reset_index()
        parts.append(totals.assign(**dict.fromkeys(_COUNTS, 0)))
    rows = pd.concat(parts, ignore_index=True).drop_duplicates(UNIT_KEY)
    rows = rows[rows["participants"] > 0].reset_index(drop=True)
    columns = [rows[[*UNIT_COLUMNS, "participants"]], mark_columns(rows[_COUNTS].to_numpy(dtype="int64"))]
    if scores is not None:
        unit = pd.MultiIndex.from_frame(rows[UNIT_KEY]).get_indexer(pd.MultiIndex.from_frame(scores[UNIT_KEY]))
        listed = unit >= 0
        counts = Distribution.of(unit[listed], scores["cents"].to_numpy()[listed], scores["n"].to_numpy()[listed])
        columns.append(counts.columns(len(rows)))
    out = pd.concat(columns, axis=1).reindex(columns=[*columns[0], *columns[1], *SCORE_COLUMNS])
    return out.assign(source="aggregate", max_score=max_scores.reindex(out["event_id"]).to_numpy())


def _placed(table: pd.DataFrame, units: Units) -> pd.DataFrame:
    """Rows of the computed events, named and placed as in the register.

    A school that it does not know stays as in the file; of a municipality that it does not know there is no row.
    """
    is_stranger = (table["level"] == "municipality") & ~_is_place(table["unit_code"], units)
    rows = table[table["event_id"].isin(units.events) & ~is_stranger].reset_index(drop=True)
    region, is_school = rows["level"] == "region", rows["level"] == "school"
    rows.loc[region, "unit_code"] = units.register.region
    names, parents = _registered(rows[is_school], "school", units)
    places, _ = _registered(rows[rows["level"] == "municipality"], "municipality", units)
    names = pd.concat([names, places]).reindex(rows.index)
    rows["unit_name"] = names.fillna(rows["unit_name"]).mask(region, units.register.region_name)
    stated = rows["parent_code"].where(_is_place(rows["parent_code"], units))
    parents = parents.reindex(rows.index).fillna(stated)
    rows["parent_code"] = parents.mask(rows["level"] == "municipality", units.register.region).mask(region)
    return rows


def _is_place(codes: pd.Series, units: Units) -> pd.Series:
    """Which codes are those of municipalities; every one where the register has none."""
    return codes.isin(units.municipalities) | units.municipalities.empty


def _registered(rows: pd.DataFrame, level: str, units: Units) -> tuple[pd.Series, pd.Series]:
    """Name and unit above of the units that the register knows, on the days of their events."""
    known = rows[rows["unit_code"].isin(units.registered[level])]
    codes = units.schools if level == "school" else units.municipalities
    event, unit = units.events.get_indexer(known["event_id"]), codes.get_indexer(pd.Index(known["unit_code"]))
    if known.empty:
        return pd.Series(dtype="str"), pd.Series(dtype="str")
    described = units.describe(level, event, unit).set_index(known.index)
    return described["unit_name"], described["parent_code"]


def _added_up(rows: pd.DataFrame, units: Units, by: list[str] | None = None) -> pd.DataFrame:
    """The rows, and the municipalities and region that have none of their own as sums of what lies in them.

    Args:
        rows: ``UNIT_COLUMNS``, the columns ``by`` and counts.
        units: codes and names of the units.
        by: further columns that tell one row of a unit from another.
    """
    schools = rows[rows["level"] == "school"]
    out = _with_sums(
        rows, schools.dropna(subset="parent_code"), "municipality", schools["parent_code"], units, by or []
    )
    places = rows[(rows["level"] == "municipality") & ~rows["event_id"].isin(schools["event_id"])]
    inside = pd.concat([schools, places], ignore_index=True)
    return _with_sums(
        out, inside, "region", pd.Series(units.register.region, inside.index, dtype="str"), units, by or []
    )


def _with_sums(
    rows: pd.DataFrame, inside: pd.DataFrame, level: str, code: pd.Series, units: Units, by: list[str]
) -> pd.DataFrame:
    counts = [name for name in rows.columns if name not in UNIT_COLUMNS and name not in by]
    sums = (
        inside.assign(unit_code=code.astype("str"), level=level).groupby([*UNIT_KEY, *by], as_index=False)[counts].sum()
    )
    if level == "region":
        sums["unit_name"], sums["parent_code"] = units.register.region_name, None
    else:
        sums["unit_name"] = _registered(sums, level, units)[0].reindex(sums.index).fillna(sums["unit_code"])
        sums["parent_code"] = units.register.region
    own = pd.MultiIndex.from_frame(rows[UNIT_KEY])
    missing = sums[~pd.MultiIndex.from_frame(sums[UNIT_KEY]).isin(own)]
    return pd.concat([rows, missing.astype({"unit_name": "str", "parent_code": "str"})], ignore_index=True)[
        rows.columns
    ]
