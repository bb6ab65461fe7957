"""The form of self-examination: what a school is asked, a workbook that opens and comes back as it was."""

from __future__ import annotations

import io
import zipfile
from typing import Any

from openpyxl import load_workbook

from rsoko_pipeline.reports.objectivity import form_workbook, questions, schools_with_signs
from tests.unit.reports.objectivity.year import FLAGGED, WEAK, make_year

COLUMNS = ("Логин ОО", "Учебный год", "Предмет", "Класс", "Признак", "Вопрос", "Ответ (да/нет)", "Пояснение")


def _rows(school: str) -> list[tuple[str, ...]]:
    year = make_year()
    return list(questions(year, next(one for one in schools_with_signs(year) if one.school == school)))


def _sheet(content: bytes) -> Any:
    return load_workbook(io.BytesIO(content)).active


def test_every_sign_of_the_school_asks_its_questions() -> None:
    rows = _rows(FLAGGED)
    assert {row[:4] for row in rows} == {(FLAGGED, "2025/2026", "Русский язык", "4")}
    assert {row[4].split(".")[0] for row in rows} == {"BUNCH", "ITEM", "SAME", "JUMP"}
    assert len(rows) == len({row[4:] for row in rows}) and all(row[5].endswith("?") for row in rows)
    assert {row[4].split(".")[0] for row in _rows(WEAK)} == {"ITEM"}


def test_the_workbook_has_the_columns_of_the_format_and_room_for_answers() -> None:
    rows = _rows(FLAGGED)
    sheet = _sheet(form_workbook(rows))
    found = list(sheet.iter_rows(values_only=True))
    assert found[0] == COLUMNS
    assert found[1:] == [(*row, None, None) for row in rows]
    (choice,) = sheet.data_validations.dataValidation
    assert choice.formula1 == '"да,нет"' and "G2" in choice.cells


def test_texts_are_never_formulas_and_odd_characters_do_no_harm() -> None:
    row = ("edu<1>&", "2025/2026", "=1+1", "4", "@X", "\x07-2?")
    cells = list(_sheet(form_workbook([row]))[2])
    assert [cell.value for cell in cells[:6]] == ["edu<1>&", "2025/2026", "=1+1", "4", "@X", "-2?"]
    assert {cell.data_type for cell in cells[:6]} <= {"s", "inlineStr"}


def test_the_same_rows_give_the_same_bytes() -> None:
    rows = _rows(FLAGGED)
    assert form_workbook(rows) == form_workbook(rows)
    with zipfile.ZipFile(io.BytesIO(form_workbook(rows))) as packed:
        assert packed.testzip() is None
        assert b"20" not in packed.read("docProps/core.xml").split(b"<dcterms:created")[1].split(b"T")[0]
