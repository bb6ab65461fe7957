"""Rivals of one intake, units of frames, stable numbers of findings."""

from __future__ import annotations

from typing import Any

import pandas as pd

from rsoko_pipeline import contracts, findings
from rsoko_pipeline.findings import Finding
from rsoko_pipeline.landing.intake import hold_rivals
from rsoko_pipeline.landing.ledger import as_quarantine, quarantine_ids
from rsoko_pipeline.sources.model import FileFacts, ReadResult

NOW = pd.Timestamp("2026-05-01T00:00:00Z").as_unit("us")


def _units(*rows: tuple[str, str]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["file_id", "school"])
    return contracts.table("file_unit").conform(
        frame.assign(event_id="2026-vpr-ru-4", content="source_result", rows=10, status="accepted", received_at=NOW)
    )


def _results(*names: str) -> list[ReadResult]:
    return [ReadResult(FileFacts(name, f"{name}.xlsx", 1)) for name in names]


def test_two_files_for_one_school_are_both_held_and_nobody_else() -> None:
    results = _results("a", "b")
    units = hold_rivals(_units(("a", "edu990001"), ("a", "edu990002"), ("b", "edu990001")), results)
    assert list(units["status"]) == ["held", "accepted", "held"]
    assert [(r.file.name, f.code, f.school, f.values["other"]) for r in results for f in r.findings] == [
        ("a.xlsx", "RSK-UNIT-TWICE", "edu990001", "b.xlsx"),
        ("b.xlsx", "RSK-UNIT-TWICE", "edu990001", "a.xlsx"),
    ]


def test_several_files_for_one_school_are_all_named() -> None:
    results = _results("a", "b", "c")
    hold_rivals(_units(*((name, "edu990001") for name in "abc")), results)
    (found,) = results[1].findings
    assert found.message.endswith(" пришли сразу в нескольких файлах: b.xlsx, a.xlsx, c.xlsx.")


def test_without_rivals_nothing_is_held() -> None:
    results = _results("a", "b")
    units = hold_rivals(_units(("a", "edu990001"), ("b", "edu990002")), results)
    assert set(units["status"]) == {"accepted"}
    assert not any(result.findings for result in results)


def _found(**changes: Any) -> pd.DataFrame:
    place: dict[str, Any] = {"sheet": "Лист1", "row_number": 9, "column_name": "1 (2б)", "value": "3"}
    return findings.frame(
        [Finding("RSK-SCORE-MAX", {"expected": 2}, **{**place, **changes})], file_id="a", event_id="e"
    )


def test_a_findings_number_depends_on_its_place_alone() -> None:
    number = quarantine_ids(_found())[0]
    assert quarantine_ids(_found())[0] == number
    assert quarantine_ids(_found(value="4"))[0] == number
    assert quarantine_ids(_found(row_number=10))[0] != number
    assert quarantine_ids(_found(column_name="2 (1б)"))[0] != number
    assert 0 < number < 2**53


def test_decisions_outlive_a_rebuild() -> None:
    first = as_quarantine(_found(), NOW)
    decided = first.assign(action="released", released_by="Иванова", reason="сверено", released_at=NOW)
    again = as_quarantine(_found(), NOW, decided)
    assert again[["action", "released_by", "reason"]].to_numpy()[0].tolist() == ["released", "Иванова", "сверено"]
    assert as_quarantine(_found(row_number=10), NOW, decided).loc[0, "action"] == "held"


def test_quarantine_rows_say_what_and_what_to_do() -> None:
    row = as_quarantine(_found(), NOW).iloc[0]
    assert row["message"] == "Балл 3 за задание 1 (2б) больше максимума 2."
    assert row["remedy"]
    assert row["action"] == "held"
