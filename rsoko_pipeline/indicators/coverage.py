"""Coverage: participants of those enrolled, for every unit of a work, schools without data included.

Belongs here: who counts as enrolled and from which source. Does not belong here: results of the work (``statistics``).

Who is enrolled depends on the event's participation (``dim_event.participation``):

* ``obligatory``: every school of the contingent in the work's grade, whether or not it sent anything;
* ``by_choice``: the schools with data, their whole grade;
* ``sample``, ``by_lot``: the classes with data, since the others were not drawn.

A school that the contingent lacks counts its participants and absent rows (``enrolled_source`` files); a school known
from an aggregate table alone, which has no absent rows, then has no denominator, and what it is part of is counted
without it: numerator and denominator are always of the same schools.

Coverage asks who wrote, so a school that only an aggregate table speaks of counts here; the marks of a unit with pupil
rows (``mart.mark_statistics``) are of those rows alone. ``participants_source`` says what the participants come from.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from rsoko_pipeline.history import counted, everyone_writes
from rsoko_pipeline.indicators import aggregates
from rsoko_pipeline.indicators.intervals import wilson
from rsoko_pipeline.indicators.units import UNIT_COLUMNS, Units

_WHOLE = {"obligatory", "by_choice"}
_FIGURES = ["participants", "absent", "enrolled", "source", "origin"]
_SCHOOL = ["event", "school"]


def compute(
    attendance: pd.DataFrame,
    groups: Mapping[str, pd.DataFrame],
    units: Units,
    events: pd.DataFrame,
    contingent: pd.DataFrame | None,
    targets: Mapping[str, float],
) -> pd.DataFrame:
    """Coverage of every unit: ``mart.coverage`` without the stamp.

    Args:
        attendance: ``event``, ``school`` (codes of ``units``), ``class_no`` (0: unknown), ``participants``, ``absent``.
        groups: aggregate tables by name.
        units: codes and names of the units.
        events: rows of ``core.dim_event``, in the order of ``units.events``.
        contingent: rows of ``core.fact_contingent``; the last count on or before the event's last day counts, of two
            rows for one class the later, and a row for the whole grade before the sum of its classes.
        targets: target by event id.
    """
    enrolled = _enrolled(contingent, units, events)
    kind = pd.Series(events["participation"].to_numpy())
    everyone = pd.Series(everyone_writes(events).to_numpy())
    stated = aggregates.participants(groups, units)
    attendance = attendance.assign(origin="pupils")
    classes = _classes(attendance, enrolled, everyone)
    schools = _schools(attendance, classes, enrolled, kind, everyone, _codes(stated, units))
    schools["municipality"] = units.municipality_of(schools["event"].to_numpy(), schools["school"].to_numpy())
    listed = classes[classes["class_no"] > 0]
    parts = [
        _described(units, "region", _sums(schools, ["event"]).assign(unit=0)),
        _described(units, "municipality", _sums(schools[schools["municipality"] >= 0], ["event", "municipality"])),
        _described(units, "school", schools),
        _described(units, "class", listed),
    ]
    out = _with_stated(pd.concat(parts, ignore_index=True), stated)
    low, high = wilson(out["participants"], out["enrolled"])
    return out.assign(
        coverage=out["participants"] / out["enrolled"].where(out["enrolled"] > 0),
        coverage_low=low,
        coverage_high=high,
        enrolled_source=out["source"],
        participants_source=out["origin"],
        target=out["event_id"].map(dict(targets)).astype("float64"),
    ).drop(columns=["source", "origin"])


def _enrolled(contingent: pd.DataFrame | None, units: Units, events: pd.DataFrame) -> pd.DataFrame:
    """The contingent by ``event``, ``school``, ``class_no`` (0: the whole grade): column ``register``."""
    if contingent is None or contingent.empty:
        return pd.DataFrame(
            {name: pd.Series(dtype="int64") for name in (*_SCHOOL, "class_no")}
            | {"register": pd.Series(dtype="float64")}
        )
    rows = counted(contingent, events)
    rows = rows.assign(
        event=units.events.get_indexer(pd.Index(rows["event_id"])),
        school=units.school_codes(rows["school"]),
        class_no=rows["class_no"].fillna(0),
    ).drop_duplicates([*_SCHOOL, "class_no"], keep="last")
    rows = rows.rename(columns={"enrolled": "register"}).astype({"class_no": "int64", "register": "float64"})
    rows = rows[[*_SCHOOL, "class_no", "register"]]
    whole = rows.groupby(_SCHOOL, as_index=False)["register"].sum().assign(class_no=0)
    return pd.concat([rows, whole], ignore_index=True).drop_duplicates([*_SCHOOL, "class_no"])


def _classes(attendance: pd.DataFrame, enrolled: pd.DataFrame, everyone: pd.Series) -> pd.DataFrame:
    """Figures by class; in obligatory works also the classes of the contingent without data."""
    expected = enrolled[(enrolled["class_no"] > 0) & enrolled["event"].map(everyone)]
    by = [*_SCHOOL, "class_no"]
    rows = attendance.merge(expected[by], on=by, how="outer").merge(
        enrolled[enrolled["class_no"] > 0], on=by, how="left"
    )
    return _figures(rows)


def _schools(
    attendance: pd.DataFrame,
    classes: pd.DataFrame,
    enrolled: pd.DataFrame,
    kind: pd.Series,
    everyone: pd.Series,
    stated: pd.DataFrame,
) -> pd.DataFrame:
    """Figures by school: counted from rows, stated by aggregate tables, or expected by the contingent alone."""
    whole = enrolled.loc[enrolled["class_no"] == 0, [*_SCHOOL, "register"]]
    whole = whole[whole["event"].map(kind).isin(_WHOLE)]
    drawn = classes[classes["origin"].notna() & ~classes["event"].map(kind).isin(_WHOLE)]
    drawn = drawn.assign(register=drawn["enrolled"].where(drawn["source"] == "register"))
    sizes = drawn.groupby(_SCHOOL)["register"].agg(lambda values: values.sum(skipna=False)).reset_index()
    counted = attendance.groupby([*_SCHOOL, "origin"], as_index=False)[["participants", "absent"]].sum()
    others = stated.merge(counted[_SCHOOL], on=_SCHOOL, how="left", indicator=True)
    others = others.loc[others["_merge"] == "left_only", [*_SCHOOL, "participants"]].assign(origin="aggregate")
    counted = pd.concat([counted, others], ignore_index=True)
    expected = whole.loc[whole["event"].map(everyone), _SCHOOL]
    rows = counted.merge(expected, on=_SCHOOL, how="outer")
    return _figures(rows.merge(pd.concat([whole, sizes], ignore_index=True), on=_SCHOOL, how="left"))


def _figures(rows: pd.DataFrame) -> pd.DataFrame:
    """``_FIGURES`` from counts of rows and what the register says (column ``register``), null where there is none."""
    registered = rows["register"].notna()
    participants = rows["participants"].fillna(0)
    absent = (rows["register"] - participants).clip(lower=0).where(registered, rows["absent"])
    return rows.drop(columns="register").assign(
        participants=participants,
        absent=absent,
        enrolled=rows["register"].fillna(participants + rows["absent"]),
        source=np.where(registered, "register", "files"),
    )


def _sums(schools: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Figures added up over the schools whose denominator is known; where it is of none, their participants alone."""
    known = schools["enrolled"].notna()
    any_known = known.groupby([schools[name] for name in by]).transform("any")
    groups = schools[known | ~any_known].assign(register=schools["source"] == "register").groupby(by)
    out = groups[["participants", "absent", "enrolled"]].sum(min_count=1)
    share = groups["register"].mean()
    out["source"] = np.select([share == 1, share == 0], ["register", "files"], "mixed")
    out["origin"] = groups["origin"].first().mask(groups["origin"].nunique() > 1, "mixed")
    return out.reset_index().rename(columns={"municipality": "unit"})


def _described(units: Units, level: str, rows: pd.DataFrame) -> pd.DataFrame:
    rows = rows.reset_index(drop=True)
    unit = rows["unit"] if "unit" in rows else rows["school"]
    class_no = rows["class_no"].to_numpy() if level == "class" else None
    return pd.concat(
        [units.describe(level, rows["event"].to_numpy(), unit.to_numpy(), class_no), rows[_FIGURES]], axis=1
    )


def _codes(stated: pd.DataFrame, units: Units) -> pd.DataFrame:
    """Participants that aggregate tables state for schools, by codes."""
    rows = stated[stated["level"] == "school"]
    return pd.DataFrame(
        {
            "event": units.events.get_indexer(rows["event_id"]),
            "school": units.school_codes(rows["unit_code"]),
            "participants": rows["participants"].to_numpy(dtype="float64"),
        }
    )


def _with_stated(rows: pd.DataFrame, stated: pd.DataFrame) -> pd.DataFrame:
    """Participants as an aggregate table states them for a municipality or region none of whose schools has data."""
    wide = stated[stated["level"].isin(["municipality", "region"])]
    rows = rows.merge(wide, on=UNIT_COLUMNS[:3], how="outer", suffixes=("", "_stated"))
    take = rows["origin"].isna() & rows["participants_stated"].notna()
    rows["origin"] = rows["origin"].mask(take, "aggregate")
    rows["participants"] = rows["participants_stated"].where(take, rows["participants"])
    rows["absent"] = rows["absent"].mask(take, (rows["enrolled"] - rows["participants"]).clip(lower=0))
    for name in ("unit_name", "parent_code"):
        rows[name] = rows[name].fillna(rows[f"{name}_stated"])
    return rows.assign(source=rows["source"].fillna("files"))[[*UNIT_COLUMNS, *_FIGURES]]
