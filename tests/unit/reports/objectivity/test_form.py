"""The form of self-diagnosis: what a school is asked, a workbook that opens, and what is read when it comes back."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from rsoko_pipeline import configuration, sources
from rsoko_pipeline.objectivity import settings
from rsoko_pipeline.reports.objectivity import form_workbook, questions, schools_with_signs
from rsoko_pipeline.sources.model import ReadResult
from tests.unit.reports.objectivity.year import FLAGGED, RU, WEAK, make_year

COLUMNS = (
    *("Логин ОО", "Учебный год", "Процедура", "Предмет", "Класс", "Год проведения"),
    *("Признак", "Вопрос", "Ответ (да/нет)", "Пояснение"),
)
SIGN, ANSWER = COLUMNS.index("Признак"), COLUMNS.index("Ответ (да/нет)")


def _rows(school: str) -> list[tuple[str, ...]]:
    year = make_year()
    return list(questions(year, next(one for one in schools_with_signs(year) if one.school == school)))


def _sheet(content: bytes) -> Any:
    return load_workbook(io.BytesIO(content)).active


def test_every_sign_of_the_school_asks_its_questions() -> None:
    rows = _rows(FLAGGED)
    assert {row[:SIGN] for row in rows} == {(FLAGGED, "2025/2026", "ВПР", "Русский язык", "4", "2026")}
    assert {row[SIGN].split(".")[0] for row in rows} == {"BUNCH", "ITEM", "SAME", "JUMP"}
    assert len(rows) == len({row[SIGN:] for row in rows}) and all(row[-1].endswith("?") for row in rows)
    assert {row[SIGN].split(".")[0] for row in _rows(WEAK)} == {"ITEM"}


def test_the_workbook_has_the_columns_of_the_format_and_room_for_answers() -> None:
    rows = _rows(FLAGGED)
    sheet = _sheet(form_workbook(rows))
    found = list(sheet.iter_rows(values_only=True))
    assert found[0] == COLUMNS
    assert found[1:] == [(*row, None, None) for row in rows]
    (choice,) = sheet.data_validations.dataValidation
    assert choice.formula1 == '"да,нет"' and "I2" in choice.cells


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


Returned = Callable[[dict[int, dict[int, str]]], ReadResult]


@pytest.fixture
def returned(tmp_path: Path) -> Returned:
    """The form of the flagged school read as it comes back: by row of the form, the cells that the school wrote."""

    def returned(written: dict[int, dict[int, str]]) -> ReadResult:
        book = load_workbook(io.BytesIO(form_workbook(_rows(FLAGGED))))
        for row, cells in written.items():
            for column, text in cells.items():
                book.active.cell(row + 2, column + 1, text)
        path = tmp_path / "ответ школы.xlsx"
        book.save(path)
        return sources.read(path)

    return returned


def test_the_form_comes_back_as_what_it_is_called(returned: Returned) -> None:
    result = returned({row: {ANSWER: "да"} for row in range(len(_rows(FLAGGED)))})
    cfg = configuration.load("")
    layout = cfg.delimited[str(result.file.format)]
    assert not result.findings and layout.procedure == "self_diagnosis"
    assert _sheet(form_workbook(_rows(FLAGGED))).title == cfg.procedures[layout.procedure].short
    rows = result.frames["source_answer"]
    assert rows["category"].tolist() == [row[SIGN] for row in _rows(FLAGGED)]
    assert set(rows["about_event"]) == {RU} and set(rows["answer"]) == {"да"}


def test_a_form_without_answers_is_one_sentence(returned: Returned) -> None:
    (finding,) = returned({}).findings
    assert finding.code == "RSK-ROWS-NONE"


def test_a_question_without_an_answer_is_not_counted(returned: Returned) -> None:
    result = returned({0: {ANSWER: "нет"}})
    assert not result.findings and result.frames["source_answer"]["answer"].tolist() == ["нет"]


@pytest.mark.parametrize(
    ("column", "text"), [(ANSWER, "может быть"), (SIGN, "Отметки завышены"), (SIGN, "OTHER. Другой признак")]
)
def test_an_answer_or_a_sign_that_is_not_on_the_list_is_refused(returned: Returned, column: int, text: str) -> None:
    answered = {row: {ANSWER: "да"} for row in range(3)}
    answered[1] |= {column: text}
    result = returned(answered)
    (finding,) = result.findings
    assert finding.code == "RSK-VALUE" and finding.value == text and finding.column_name == COLUMNS[column]
    assert len(result.frames["source_answer"]) == 2


def test_the_signs_that_come_back_are_those_of_the_settings() -> None:
    layout = configuration.load("").delimited["self_diagnosis"]
    accepted = next(column.values for column in layout.columns if column.field == "category")
    signs = {code: f"{code}. {sign.title}" for code, sign in settings.load().signs.items()}
    del signs["BUNCH_REGION"]  # says nothing of a school
    assert accepted == signs
