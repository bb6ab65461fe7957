"""The rules of sittings: states and results, test scores, minima, repeated sittings."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from rsoko_pipeline import contracts
from rsoko_pipeline.configuration import Configuration, load
from rsoko_pipeline.validation.exams import validate_exams
from rsoko_pipeline.validation.results import Validated

MATHS25, MATHS26, OGE, ESSAY = "2025-ege-ma-11", "2026-ege-ma-11", "2026-oge-ma-9", "2025-essay-11"


@pytest.fixture(scope="module")
def cfg() -> Configuration:
    return load("")


def judged(cfg: Configuration, *rows: dict[str, Any]) -> Validated:
    """Sittings that differ from a faultless one of 2025 (primary 12, test score 70) in what is given."""
    usual = {
        "file_id": "f",
        "event_id": MATHS25,
        "school": "edu990001",
        "pupil_code": "a",
        "participant_category": "graduate",
        "exam_period": "main",
        "exam_date": "2025-05-27",
        "primary_score": 12.0,
        "test_score": 70.0,
        "exam_status": "valid",
        "appeal": "none",
    }
    lines = [{**usual, "pupil_code": f"p{number}", "row_number": number, **row} for number, row in enumerate(rows)]
    return validate_exams(contracts.table("source_exam").conform(pd.DataFrame(lines)), cfg=cfg)


def verdict(result: Validated, name: str) -> Any:
    rows = result.checks.set_index("check_name")
    return rows.loc[name]


def test_a_test_score_must_be_that_of_the_scale(cfg: Configuration) -> None:
    result = judged(cfg, {}, {"test_score": 68.0})
    assert result.findings["code"].tolist() == ["RSK-TEST-SCALE"]
    assert "должен быть 70" in result.findings["message"].iloc[0]
    assert result.passed["pupil_code"].tolist() == ["p0"]
    assert verdict(result, "test_scale")["checked"] == 2


def test_without_a_scale_of_the_year_test_scores_are_taken_and_the_check_says_so(cfg: Configuration) -> None:
    result = judged(cfg, {"event_id": MATHS26, "exam_date": "2026-06-08", "test_score": 68.0})
    assert result.findings.empty
    assert "за 2026 год неизвестна" in verdict(result, "test_scale")["message"]
    assert result.passed["is_passed"].isna().all()


def test_the_minimum_says_who_has_passed(cfg: Configuration) -> None:
    result = judged(
        cfg,
        {"primary_score": 5.0, "test_score": 27.0},
        {"primary_score": 4.0, "test_score": 22.0},
        {"test_score": None},
    )
    assert result.passed["is_passed"].tolist()[:2] == [True, False]
    assert pd.isna(result.passed["is_passed"].iloc[2])


def test_a_mark_says_who_has_passed(cfg: Configuration) -> None:
    row = {"event_id": OGE, "exam_date": "2026-06-03", "test_score": None}
    result = judged(cfg, {**row, "mark": 3}, {**row, "mark": 2})
    assert result.passed["is_passed"].tolist() == [True, False]


def test_a_pass_that_the_minimum_denies_is_noted_and_taken(cfg: Configuration) -> None:
    result = judged(cfg, {"primary_score": 4.0, "test_score": 22.0, "is_passed": True})
    assert result.findings[["code", "action"]].to_numpy().tolist() == [["RSK-EXAM-PASSED", "noted"]]
    assert "«сдан»" in result.findings["message"].iloc[0]
    assert result.passed["is_passed"].tolist() == [True]


@pytest.mark.parametrize(
    "row",
    [
        {"primary_score": None, "test_score": None},
        {"exam_status": "absent"},
    ],
    ids=["valid without a result", "absent with a score"],
)
def test_state_and_result_must_agree(cfg: Configuration, row: dict[str, Any]) -> None:
    result = judged(cfg, {}, row)
    assert result.findings["code"].tolist() == ["RSK-EXAM-RESULT"]
    assert len(result.passed) == 1


def test_an_annulled_result_may_keep_its_scores_and_is_not_passed(cfg: Configuration) -> None:
    result = judged(cfg, {"exam_status": "annulled"})
    assert result.findings.empty
    assert result.passed["is_passed"].isna().all()


def test_one_sitting_stated_twice_differently_holds_both(cfg: Configuration) -> None:
    same = {"pupil_code": "x"}
    result = judged(cfg, same, {**same, "primary_score": 13.0, "test_score": 72.0}, {})
    assert result.findings["code"].tolist() == ["RSK-EXAM-TWICE"] * 2
    assert result.passed["pupil_code"].tolist() == ["p2"]


def test_one_sitting_stated_twice_alike_goes_on_once(cfg: Configuration) -> None:
    result = judged(cfg, {"pupil_code": "x"}, {"pupil_code": "x"})
    assert result.findings.empty
    assert len(result.passed) == 1


def test_rules_that_a_procedure_does_not_have_are_not_shown(cfg: Configuration) -> None:
    row = {"event_id": ESSAY, "exam_date": "2025-12-03", "primary_score": None, "test_score": None, "is_passed": True}
    result = judged(cfg, row)
    assert "test_scale" not in set(result.checks["check_name"])
    assert verdict(result, "exam_result")["checked"] == 1
