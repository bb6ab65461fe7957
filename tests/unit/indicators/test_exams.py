"""Figures of exams by category and period."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from rsoko_pipeline import contracts
from rsoko_pipeline.indicators import Register, Stamp, wilson
from rsoko_pipeline.indicators.exams import ExamScale, compute

EGE, OGE = "2026-ege-ma-11", "2026-oge-ma-9"
SCALES = {
    EGE: ExamScale(True, 27, "public", (61, 81), 32.0),
    OGE: ExamScale(False, None, None, (61, 81), 31.0),
}


@pytest.fixture
def figures(register: Register, stamp: Stamp, make: SimpleNamespace) -> Any:
    """Statistics of some sittings, indexed by level, unit, category and period."""

    def figures(*rows: dict[str, Any], scales: dict[str, ExamScale] = SCALES) -> pd.DataFrame:
        usual = {
            "event_id": EGE,
            "school": "s1",
            "class_no": 1,
            "participant_category": "graduate",
            "exam_period": "main",
            "exam_date": "2026-06-08",
            "exam_status": "valid",
            "appeal": "none",
            "is_counted": True,
            "is_statistical": True,
            "file_id": "f",
            "config_version": "v",
            "run_id": "r",
        }
        lines = [{**usual, "pupil": f"p{number}", "row_number": number, **row} for number, row in enumerate(rows)]
        sittings = contracts.table("fact_exam").conform(pd.DataFrame(lines))
        frame = compute(sittings, events=make.events([EGE, OGE]), scales=scales, register=register, stamp=stamp)
        return frame.set_index(["event_id", "level", "unit_code", "participant_category", "exam_period"])

    return figures


def scored(test: float, **changes: Any) -> dict[str, Any]:
    return {"test_score": test, "primary_score": test / 4, "is_passed": test >= 27, **changes}


def test_bands_minimum_and_means_of_the_region(figures: Any) -> None:
    row = figures(*(scored(test) for test in (20, 27, 60, 61, 80, 81, 100))).loc[(EGE, "region", "99", "all", "all")]
    counts = row[["participants", "below_minimum", "band_low", "band_middle", "band_high", "top"]]
    assert counts.tolist() == [7, 1, 2, 2, 2, 1]
    assert (row["judged"], row["passed"]) == (7, 6)
    low, high = wilson(6, 7)
    assert row["passed_share"] == pytest.approx(6 / 7)
    assert (row["passed_low"], row["passed_high"]) == (pytest.approx(float(low)), pytest.approx(float(high)))
    assert (row["mean_test_score"], row["median_test_score"]) == (pytest.approx(429 / 7), 61)
    assert row["sd_test_score"] == pytest.approx(pd.Series([20, 27, 60, 61, 80, 81, 100]).std())
    assert (row["minimum"], row["scale_status"]) == (27, "public")
    assert row[["n2", "n3", "n4", "n5"]].isna().all()


def test_every_level_category_and_period_has_its_cell_and_totals(figures: Any) -> None:
    frame = figures(
        scored(50.0),
        scored(70.0, school="s3", participant_category="spo"),
        scored(90.0, exam_period="early", exam_date="2026-03-27"),
    )
    participants = frame["participants"]
    region = participants.loc[(EGE, "region", "99")].to_dict()
    assert region == {
        ("all", "all"): 3, ("all", "early"): 1, ("all", "main"): 2,
        ("graduate", "all"): 2, ("graduate", "early"): 1, ("graduate", "main"): 1,
        ("spo", "all"): 1, ("spo", "main"): 1,
    }  # fmt: skip
    assert participants.loc[(EGE, "municipality", "m1", "all", "all")] == 2
    assert participants.loc[(EGE, "municipality", "m2", "all", "all")] == 1
    assert participants.loc[(EGE, "school", "s3", "spo", "main")] == 1
    assert participants.loc[(EGE, "class", "s1/1", "all", "all")] == 2


def test_a_participant_stands_once_with_the_result_that_counts(figures: Any) -> None:
    frame = figures(
        scored(20.0, pupil="x", is_counted=False, exam_status="annulled"),
        scored(90.0, pupil="x", exam_date="2026-07-09"),
        scored(30.0, pupil="y", exam_period="early", exam_date="2026-03-27", is_counted=False),
        scored(40.0, pupil="y"),
    )
    means = frame["mean_test_score"].loc[(EGE, "region", "99", "all")].to_dict()
    assert means == {"all": 65.0, "main": 65.0, "early": 30.0}
    assert frame.loc[(EGE, "region", "99", "all", "all"), "annulled"] == 0


def test_who_has_no_result_is_counted_by_the_state(figures: Any) -> None:
    nothing = {"is_counted": False}
    row = figures(
        scored(50.0),
        {**nothing, "exam_status": "absent"},
        {**nothing, "exam_status": "removed"},
        {**nothing, "exam_status": "unfinished"},
        {**nothing, "exam_status": "annulled", "test_score": 80.0, "primary_score": 20.0},
        {**nothing, "pupil": "late", "exam_status": "absent"},
        scored(60.0, pupil="late", exam_date="2026-06-25"),
    ).loc[(EGE, "region", "99", "all", "all")]
    assert row[["participants", "absent", "unfinished", "annulled"]].tolist() == [2, 1, 2, 1]
    assert row["mean_test_score"] == 55


def test_what_is_not_known_is_empty_and_not_zero(figures: Any) -> None:
    scales = {EGE: ExamScale(True, None, None, (61, 81), None)}
    row = figures(scored(70.0, is_passed=None), scales=scales).loc[(EGE, "region", "99", "all", "all")]
    assert row[["passed", "below_minimum", "passed_share", "minimum", "band_low"]].isna().all()
    assert (row["band_middle"], row["judged"]) == (1, 0)


def test_an_exam_with_marks_has_marks_and_no_bands(figures: Any) -> None:
    marks = ({"event_id": OGE, "mark": mark, "primary_score": score} for mark, score in ((2, 5), (4, 20), (5, 31)))
    row = figures(*marks).loc[(OGE, "region", "99", "all", "all")]
    assert row[["n2", "n3", "n4", "n5"]].tolist() == [1, 0, 1, 1]
    assert row["mean_mark"] == pytest.approx(11 / 3)
    assert row["top"] == 1
    assert row[["band_low", "band_middle", "band_high", "mean_test_score"]].isna().all()


def test_appeals_are_counted(figures: Any) -> None:
    row = figures(scored(50.0, appeal="granted"), scored(50.0, appeal="rejected"), scored(50.0)).loc[
        (EGE, "region", "99", "all", "all")
    ]
    assert (row["appeals"], row["appeals_granted"]) == (2, 1)


def test_no_sittings_give_no_rows(register: Register, stamp: Stamp, make: SimpleNamespace) -> None:
    nothing = contracts.table("fact_exam").empty()
    assert compute(nothing, events=make.events([EGE]), scales=SCALES, register=register, stamp=stamp).empty
