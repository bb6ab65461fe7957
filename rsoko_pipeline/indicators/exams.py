"""Statistics of exams («ГИА»): participants, minimum, bands of test scores, marks, appeals, by category and period.

Belongs here: ``mart.exam_statistics`` from the sittings of ``core.fact_exam``. Does not belong here: marks, scores and
tasks of the works that count (``statistics``), which sitting counts (``landing.exams``), scales (``configuration``).

A participant stands once in each cell: with the sitting that counts or, in a period other than its own, with the last
valid sitting there; one without a valid sitting is absent, unfinished or annulled as the last sitting says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from rsoko_pipeline import contracts
from rsoko_pipeline.indicators.intervals import wilson
from rsoko_pipeline.indicators.statistics import Stamp
from rsoko_pipeline.indicators.units import LEVELS, Register, Units

#: Stands for all categories, for all periods.
ALL = "all"
_PERIODS = ("early", "main", "additional")
_CELL = ["event", "unit", "participant_category", "exam_period"]
_MARKS = (2, 3, 4, 5)
_TOP_TEST_SCORE = 100


@dataclass(frozen=True)
class ExamScale:
    """What the figures of one exam need to know of its scales.

    Attributes:
        has_test_scores: whether test scores are given; bands exist only then.
        minimum: least test score, None where unknown.
        status: how sure the minimum is, None where unknown.
        bands: least test scores of the middle and of the high group.
        max_score: greatest primary score, None where unknown; the top result of an exam without test scores.
    """

    has_test_scores: bool
    minimum: float | None
    status: str | None
    bands: tuple[float, float]
    max_score: float | None


def compute(
    sittings: pd.DataFrame,
    *,
    events: pd.DataFrame,
    scales: Mapping[str, ExamScale],
    register: Register,
    stamp: Stamp,
) -> pd.DataFrame:
    """``mart.exam_statistics`` of the given events; no rows for events without sittings.

    Args:
        sittings: rows of ``core.fact_exam``.
        events: rows of ``core.dim_event``; those of the sittings are among them.
        scales: what is known of each exam's scales, by event id.
        register: current names and subordination.
        stamp: origin of the figures.
    """
    table = contracts.table("exam_statistics")
    if sittings.empty:
        return table.empty()
    units = Units(register, events, [sittings["school"]])
    people = pd.concat([_one_each(sittings, by_period=True), _one_each(sittings, by_period=False)], ignore_index=True)
    people = _scored(people, scales)
    both = pd.concat([people, people.assign(participant_category=ALL)], ignore_index=True)
    parts = [_of_level(level, both, units, scales) for level in LEVELS]
    frame = pd.concat(parts, ignore_index=True)
    return table.conform(frame.assign(**vars(stamp))[table.names])


def _one_each(sittings: pd.DataFrame, *, by_period: bool) -> pd.DataFrame:
    """One row a participant of an event, or of each of its periods: the valid sitting that counts, else the last."""
    order = {
        "_valid": sittings["exam_status"] == "valid",
        "_counted": sittings["is_counted"].fillna(False),
        "_period": sittings["exam_period"].map(_PERIODS.index),
    }
    rows = sittings.assign(**order).sort_values(
        ["_valid", "_counted", "_period", "exam_date", "row_number"], kind="stable", na_position="first"
    )
    if not by_period:
        rows = rows.assign(exam_period=ALL)
    return rows.drop_duplicates(["event_id", "pupil", "exam_period"], keep="last")


def _scored(people: pd.DataFrame, scales: Mapping[str, ExamScale]) -> pd.DataFrame:
    """The figures of each row that are added up: 1, 0, or NaN where a figure does not apply."""
    valid = (people["exam_status"] == "valid").to_numpy()
    test, primary, mark, passed = (
        np.where(valid, people[name].to_numpy(dtype="float64", na_value=np.nan), np.nan)
        for name in ("test_score", "primary_score", "mark", "is_passed")
    )
    of_event = people["event_id"]
    low, middle, high, top = (
        of_event.map({event: value(scale) for event, scale in scales.items()}).to_numpy(dtype="float64")
        for value in (
            lambda scale: scale.minimum,
            lambda scale: scale.bands[0],
            lambda scale: scale.bands[1],
            lambda scale: _TOP_TEST_SCORE if scale.has_test_scores else scale.max_score,
        )
    )
    given = np.where(of_event.map({event: scale.has_test_scores for event, scale in scales.items()}), test, primary)
    states = {name: (people["exam_status"] == name).to_numpy() for name in ("absent", "annulled")}
    states["unfinished"] = people["exam_status"].isin(["removed", "unfinished"]).to_numpy()
    return people.assign(
        participants=valid,
        **states,
        test_score=test,
        primary_score=primary,
        mark=mark,
        judged=~np.isnan(passed),
        passed=np.nan_to_num(passed) == 1,
        band_low=(test >= low) & (test < middle),
        band_middle=(test >= middle) & (test < high),
        band_high=test >= high,
        top=given >= top,
        **{f"n{number}": mark == number for number in _MARKS},
        appeals=(people["appeal"] != "none").to_numpy(),
        appeals_granted=(people["appeal"] == "granted").to_numpy(),
    )


_COUNTS = (
    "participants",
    "absent",
    "unfinished",
    "annulled",
    "judged",
    "passed",
    "band_low",
    "band_middle",
    "band_high",
    "top",
    *(f"n{number}" for number in _MARKS),
    "appeals",
    "appeals_granted",
)


def _of_level(level: str, people: pd.DataFrame, units: Units, scales: Mapping[str, ExamScale]) -> pd.DataFrame:
    """The figures of all units of a level."""
    school = units.school_codes(people["school"])
    class_no = people["class_no"].to_numpy(dtype="int64", na_value=0)
    event = units.events.get_indexer(people["event_id"])
    place = units.municipality_of(event, school)
    unit = {"region": np.zeros(len(people), dtype="int64"), "municipality": place}.get(level, school)
    exists = {"municipality": place >= 0, "class": class_no > 0}.get(level, np.ones(len(people), dtype="bool"))
    number = class_no if level == "class" else np.zeros(len(people), dtype="int64")
    rows = people.assign(event=event, unit=unit, number=number)[exists]
    groups = rows.groupby([*_CELL, "number"], sort=True)
    counts = groups[list(_COUNTS)].sum()
    test, primary = groups["test_score"], groups["primary_score"]
    figures = counts.assign(
        mean_test_score=test.mean(),
        median_test_score=test.median(),
        sd_test_score=test.std(),
        mean_score=primary.mean(),
        mean_mark=groups["mark"].mean(),
        _tested=test.count(),
        _marked=groups["mark"].count(),
    ).reset_index()
    described = units.describe(
        level, figures["event"].to_numpy(), figures["unit"].to_numpy(), figures["number"].to_numpy()
    )
    return pd.concat([described, _finished(figures, described["event_id"], scales)], axis=1)


def _finished(figures: pd.DataFrame, events: pd.Series, scales: Mapping[str, ExamScale]) -> pd.DataFrame:
    """Shares and intervals; figures that do not apply or are not known become null."""
    low, high = wilson(figures["passed"], figures["judged"])
    minimum = events.map({event: scale.minimum for event, scale in scales.items()}).astype("float64")
    top = events.map(
        {event: scale.has_test_scores or scale.max_score is not None for event, scale in scales.items()}
    ).astype("bool")
    tested, marked = figures["_tested"] > 0, figures["_marked"] > 0
    judged = figures["judged"].where(figures["judged"] > 0)
    return figures.assign(
        passed=figures["passed"].where(judged.notna()),
        below_minimum=judged - figures["passed"],
        passed_share=figures["passed"] / judged,
        passed_low=low,
        passed_high=high,
        minimum=minimum,
        scale_status=events.map({event: scale.status for event, scale in scales.items()}),
        band_low=figures["band_low"].where(tested & minimum.notna()),
        band_middle=figures["band_middle"].where(tested),
        band_high=figures["band_high"].where(tested),
        top=figures["top"].where(top),
        **{f"n{number}": figures[f"n{number}"].where(marked) for number in _MARKS},
    )
