"""The block of exams, scales of test scores, conditions of marks."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from rsoko_pipeline.configuration import load
from rsoko_pipeline.configuration.exams import ExamRules, passes
from rsoko_pipeline.configuration.scales import Scale, TestScale

FACT: dict[str, Any] = {"source": "проба", "status": "own"}


def rules(**changes: Any) -> ExamRules:
    period = {"period": "main", "begins": "1 июня", "ends": "10 июля", **FACT}
    return ExamRules.model_validate({"result": "mark", "codes": {"01": "ru"}, "periods": [period], **FACT, **changes})


def test_the_published_table_of_2025_turns_primary_scores_into_test_scores() -> None:
    scale = load("").procedures["ege"].test_scale("ma", 11, 2025)
    assert scale is not None
    assert scale.test_score(np.array([0, 5, 12, 32, np.nan, 33])).tolist()[:4] == [0, 27, 70, 100]
    assert np.isnan(scale.test_score(np.array([np.nan, 33, 1.5]))).all()
    assert (scale.minimum, scale.shown_status) == (27, "second-hand")


@pytest.mark.parametrize(
    ("subject", "year", "minimum"),
    [("ru", 2023, 24), ("ob", 2025, 42), ("inf", 2024, 40), ("gg", 2025, 37), ("ki", 2025, 22), ("ru", 2026, None)],
)
def test_minima_hold_for_their_years_alone(subject: str, year: int, minimum: float | None) -> None:
    scale = load("").procedures["ege"].test_scale(subject, 11, year)
    assert (scale.minimum if scale else None) == minimum


def test_a_mark_that_asks_for_geometry_is_lowered_without_it() -> None:
    scale = load("").procedures["oge"].scale("ma", 9, 2023)
    assert scale is not None
    labels = [str(number) for number in range(1, 26)]
    points = np.zeros((3, 25), dtype=int)
    points[:, 0] = [20, 20, 5]
    points[0, 14], points[0, 24] = 1, 1
    marks = scale.mark(np.array([22, 20, 5])).astype(float)
    assert marks.tolist() == [5, 4, 2]
    assert scale.lowered(marks, labels, points).tolist() == [5, 2, 2]
    assert np.isnan(scale.lowered(marks, labels[:10], points[:, :10])[:2]).all()


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"test_scores": (0, 10, 5)}, "убывают"),
        ({"test_scores": (0, 101)}, "0–100"),
        ({"test_scores": (0, 50, 100), "max_score": 3}, "max_score"),
        ({}, "нет ни test_scores, ни minimum"),
    ],
)
def test_a_table_that_cannot_be_is_refused(changes: dict[str, Any], text: str) -> None:
    with pytest.raises(ValidationError, match=text):
        TestScale.model_validate({"subject": "ru", "grade": 11, **FACT, **changes})


def test_periods_that_overlap_are_refused() -> None:
    early = {"period": "early", "begins": "1 мая", "ends": "5 июня", **FACT}
    main = {"period": "main", "begins": "1 июня", "ends": "10 июля", **FACT}
    with pytest.raises(ValidationError, match="пересекаются"):
        rules(periods=[early, main])


def test_a_period_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(ValidationError, match="позже"):
        rules(periods=[{"period": "main", "begins": "10 июля", "ends": "1 июня", **FACT}])


def test_days_in_september_belong_to_the_school_year_that_ended() -> None:
    late = {"period": "additional", "begins": "1 сентября", "ends": "25 сентября", **FACT}
    made = rules(periods=[late])
    assert made.place(date(2026, 9, 5)) == ("2025/2026", "additional")
    assert made.place(date(2026, 10, 5)) is None


def test_days_of_the_first_calendar_year_belong_to_the_school_year_that_begins() -> None:
    winter = {"period": "main", "begins": "25 ноября", "ends": "15 декабря", "calendar_year": "first", **FACT}
    assert rules(periods=[winter]).place(date(2025, 12, 3)) == ("2025/2026", "main")


def test_a_pass_is_not_invented_where_the_minimum_is_unknown() -> None:
    nothing, some = np.array([np.nan]), np.array([50.0])
    assert np.isnan(passes("test_score", mark=nothing, test_score=some, minimum=None)).all()
    assert passes("test_score", mark=nothing, test_score=some, minimum=51).tolist() == [0]
    assert passes("mark", mark=np.array([3.0]), test_score=nothing, minimum=None).tolist() == [1]


def test_a_scale_with_conditions_is_data() -> None:
    scale = Scale.model_validate(
        {
            "subject": "ru", "grade": 9, "max_score": 10, "borders": {3: 3, 4: 5, 5: 8},
            "conditions": [{"mark": 5, "tasks": ["2"], "points": 2}], **FACT,
        }
    )  # fmt: skip
    assert scale.lowered(np.array([5.0, 5.0]), ["1", "2"], np.array([[8, 1], [7, 2]])).tolist() == [4, 5]
