"""The region workbook's page of exams."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import openpyxl
import pandas as pd
import pytest

from rsoko_pipeline import contracts
from rsoko_pipeline.reports.inputs import RegionReport
from rsoko_pipeline.reports.region import region_workbook


def _statistics(event: str, **changes: Any) -> pd.DataFrame:
    usual = {
        "event_id": event, "level": "region", "unit_code": "99", "unit_name": "Регион", "participants": 100,
        "absent": 2, "unfinished": 0, "annulled": 0, "judged": 100, "passed_count": 90, "appeals": 3,
        "appeals_granted": 1, "config_version": "v", "run_id": "r", "computed_at": datetime(2026, 7, 1, tzinfo=UTC),
    }  # fmt: skip
    usual["passed"] = usual.pop("passed_count")
    cells = [("all", "all"), ("graduate", "main")]
    lines = [{**usual, "participant_category": one, "exam_period": two, **changes} for one, two in cells]
    return contracts.table("exam_statistics").conform(pd.DataFrame(lines))


def _rows(data: RegionReport, sheet: str) -> list[tuple[Any, ...]]:
    book = openpyxl.load_workbook(io.BytesIO(region_workbook(data)))
    return [row for row in book[sheet].iter_rows(values_only=True) if any(value is not None for value in row)]


def test_a_page_of_exams_stands_where_there_are_exams(region: RegionReport) -> None:
    event = region.works[0].event_id
    figures = {"minimum": 27, "band_low": 40, "band_middle": 30, "band_high": 20, "mean_test_score": 58.5}
    figures |= {"passed_share": 0.9, "passed_low": 0.8, "passed_high": 0.95}
    data = replace(region, exam_statistics=_statistics(event, **figures))
    rows = _rows(data, "Экзамены")
    (head,) = [row for row in rows if "Категория участника" in row]
    first, second = rows[rows.index(head) + 1 : rows.index(head) + 3]
    told = dict(zip(head, first, strict=True))
    assert (told["Категория участника"], told["Период экзамена"]) == ("все категории", "все периоды")
    assert (told["Участников"], told["Сдали"], told["Минимум"], told["Средний тестовый балл"]) == (100, 90, 27, 58.5)
    assert "выпускники этого года" in second
    assert "«2», чел." not in head, "no exam of the page has marks"


def test_other_workbooks_have_no_such_page(region: RegionReport) -> None:
    assert "Экзамены" not in openpyxl.load_workbook(io.BytesIO(region_workbook(region))).sheetnames


@pytest.mark.parametrize("level", ["school", "class"])
def test_schools_do_not_stand_on_it(region: RegionReport, level: str) -> None:
    data = replace(region, exam_statistics=_statistics(region.works[0].event_id, level=level, unit_name="Школа № 77"))
    assert not any("Школа № 77" in map(str, row) for row in _rows(data, "Экзамены"))
