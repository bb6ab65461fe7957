"""Reports about plans: a wrong plan or number is said in the row's finding, and the row is kept."""

from __future__ import annotations

import pandas as pd

from rsoko_pipeline import contracts
from rsoko_pipeline.configuration import load
from rsoko_pipeline.families import FAMILIES
from rsoko_pipeline.validation import Validated, validate_units


def _judged(*reports: tuple[str, str]) -> Validated:
    table = contracts.table("source_measure_status")
    frame = pd.DataFrame(reports, columns=["plan", "number"]).assign(
        event_id="2025-plan_reports", file_id="f", level="region", unit_code="99", state="done", date="2025-10-28"
    )
    frame["row_number"] = range(2, len(frame) + 2)
    return validate_units(table.conform(frame.reindex(columns=table.names)), FAMILIES["plan_reports"], cfg=load())


def _verdict(judged: Validated, check: str) -> tuple[int, int]:
    row = judged.checks.set_index("check_name").to_dict("index")[check]
    return int(row["checked"]), int(row["failed"])


def test_reports_about_lines_of_a_plan_raise_nothing() -> None:
    judged = _judged(("demo-2025", "1.1"), ("surgut-2022", "2.10"))
    assert judged.findings.empty and len(judged.passed) == 2
    assert _verdict(judged, "plan_line_known") == (2, 0)


def test_an_unknown_plan_is_named_with_those_that_exist_and_the_row_is_kept() -> None:
    judged = _judged(("demo-2024", "1.1"))
    (found,) = judged.findings.to_dict("records")
    assert (found["code"], found["row_number"], found["action"]) == ("RSK-REPORT-PLAN", 2, "noted")
    plans = "belgorod-2020, demo-2025, surgut-2022, tver-2021, vesyegonsk-2020"
    assert found["message"] == f"Плана «demo-2024» нет в настройках; есть: {plans}."
    assert len(judged.passed) == 1
    assert _verdict(judged, "plan_line_known") == (0, 0), "номер неизвестного плана сверять не с чем"


def test_an_unknown_number_is_named_with_the_nearest_ones() -> None:
    judged = _judged(("demo-2025", "1.1"), ("demo-2025", "3.30"))
    (found,) = judged.findings.to_dict("records")
    assert (found["code"], found["row_number"], found["value"]) == ("RSK-REPORT-LINE", 3, "3.30")
    expected = "В плане «Демонстрационная область, 2025/2026» нет мероприятия 3.30; ближайшие номера: 3.3, "
    assert found["message"].startswith(expected)
    assert _verdict(judged, "plan_line_known") == (2, 1)
    assert len(judged.passed) == 2
