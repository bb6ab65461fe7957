"""Protocols of olympiads: scores, classes of participation, which grades a stage is for."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from rsoko_pipeline import contracts
from rsoko_pipeline.configuration import Configuration, load
from rsoko_pipeline.families import FAMILIES
from rsoko_pipeline.validation import Validated, validate_units

_COLUMNS = "pupil_code subject grade grade_participation score max_score"


def _judged(event: str, rows: list[tuple[object, ...]]) -> Validated:
    frame = pd.DataFrame(rows, columns=_COLUMNS.split()).assign(
        event_id=event, file_id="f", level="school", unit_code="edu990001", stage="school"
    )
    frame["row_number"] = range(2, len(frame) + 2)
    table = contracts.table("source_olympiad")
    return validate_units(table.conform(frame.reindex(columns=table.names)), FAMILIES["olympiads"], cfg=_lenient())


def _lenient() -> Configuration:
    """The shipped configuration, but no threshold: the tables here are shorter than those that thresholds are for."""
    cfg = load()
    nothing = {"unit_share_failed": 1.0, "file_share_failed": 1.0, "event_share_failed": 1.0}
    procedures = {
        name: procedure.model_copy(update={"thresholds": procedure.thresholds.model_copy(update=nothing)})
        for name, procedure in cfg.procedures.items()
    }
    return replace(cfg, procedures=procedures)


def _found(judged: Validated) -> list[tuple[str, int]]:
    rows = judged.findings
    return sorted(zip(rows["code"].tolist(), rows["row_number"].tolist(), strict=True))


def test_a_row_that_contradicts_itself_is_held() -> None:
    judged = _judged(
        "2025-vsosh_school-ma",
        [
            ("1", "ma", 9, 9, 35, 35),
            ("2", "ma", 9, 10, 1, 35),
            ("3", "ma", 9, 8, 1, 35),
            ("4", "ma", 9, 9, 36, 35),
            ("5", "ma", 9, 9, None, 35),
        ],
    )
    assert _found(judged) == [("RSK-OLYMPIAD-GRADE", 4), ("RSK-OLYMPIAD-SCORE", 5)]
    assert judged.passed["pupil_code"].tolist() == ["1", "2", "5"]
    grade, score = judged.findings.sort_values("row_number")["message"]
    assert grade == "Класс участия 8 ниже класса обучения 9."
    assert score == "Балл 36 больше максимума 35."


@pytest.mark.parametrize(
    ("event", "grade", "is_admitted"),
    [
        ("2025-vsosh_school-ma", 4, True),
        ("2025-vsosh_school-ru", 4, True),
        ("2025-vsosh_school-fi", 4, False),
        ("2025-vsosh_school-fi", 5, True),
        ("2025-vsosh_municipal-ma", 6, False),
        ("2025-vsosh_municipal-ma", 7, True),
        ("2026-vsosh_regional-ma", 8, False),
        ("2026-vsosh_regional-ma", 9, True),
    ],
)
def test_a_stage_is_for_its_grades(event: str, grade: int, is_admitted: bool) -> None:
    judged = _judged(event, [("1", event.rsplit("-", 1)[1], grade, grade, 1, 35)])
    assert _found(judged) == ([] if is_admitted else [("RSK-OLYMPIAD-NOT-ADMITTED", 2)])
    assert len(judged.passed) == 1


def test_the_finding_names_the_grades_of_the_stage() -> None:
    (message,) = _judged("2025-vsosh_municipal-ma", [("1", "ma", 5, 6, 1, 35)]).findings["message"]
    expected = (
        "6 класс по предмету «Математика» на этом этапе не участвует: этап проводится для классов 7, 8, 9, 10, 11."
    )
    assert message == expected


def test_a_participant_stands_once_in_a_subject() -> None:
    same, other = ("1", "ma", 9, 9, 5, 35), ("2", "ma", 9, 9, 5, 35)
    judged = _judged("2025-vsosh_school-ma", [same, same, other, ("2", "ma", 9, 9, 6, 35)])
    assert _found(judged) == [("RSK-STATEMENT-TWICE", 4), ("RSK-STATEMENT-TWICE", 5)]
    assert judged.passed["pupil_code"].tolist() == ["1"]
