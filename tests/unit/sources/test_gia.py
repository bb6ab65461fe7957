"""Files of state final attestation: protocols, tables of РИС, what may leave the reader and what may not."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest

from rsoko_pipeline.configuration import Configuration
from rsoko_pipeline.contracts import NOT_STARTED
from rsoko_pipeline.simulation import gia, xls
from rsoko_pipeline.sources import gia as shared
from rsoko_pipeline.sources import reading
from rsoko_pipeline.sources.model import ReadResult

from .conftest import Read, codes, open_here

MATHS, SOCIAL = "2026-oge-ma-9", "2026-oge-ob-9"


def exam(
    code: str = "02",
    subject: str = "Математика",
    day: date = date(2026, 6, 3),
    *,
    scores: Sequence[Sequence[int]] = ((1, 0, 2), (1, 1, NOT_STARTED)),
    most: tuple[int, ...] = (2,),
    **columns: Any,
) -> gia.ExamSheet:
    """An exam of pupils p0, p1, … of school 0010001, class 9А; ``columns`` are added or replaced."""
    array = np.array(scores)
    rows = pd.DataFrame(
        {
            "school": "0010001",
            "class_name": "9А",
            "pupil": [f"p{number}" for number in range(len(array))],
            "primary_score": np.maximum(array, 0).sum(axis=1).astype("float64"),
            "mark": 4.0,
        }
    ).assign(**columns)
    return gia.ExamSheet(code, subject, day, rows, array, most)


def sittings(result: ReadResult) -> Any:
    return result.frames["source_exam"].set_index("event_id")


def test_several_exams_of_one_sheet_become_sittings_of_their_events(read: Read) -> None:
    social = exam("12", "Обществознание", date(2026, 7, 3), scores=((1, 2, 0),), most=(), mark=[3.0])
    result = read(gia.oge_protocol([exam(), social]), "протокол.xls")
    assert codes(result) == []
    assert result.file.format == "gia_protocol"
    assert result.file.event_id is None
    assert result.file.rows_read == 3
    rows = sittings(result)
    assert rows.loc[[MATHS], "primary_score"].tolist() == [3.0, 2.0]
    assert rows.loc[MATHS, "scores"].iloc[1].tolist() == [1, 1, NOT_STARTED]
    assert rows.loc[SOCIAL, "scores"].tolist() == [1, 2, 0]
    assert rows.loc[SOCIAL, "exam_date"] == pd.Timestamp("2026-07-03")
    assert rows.loc[SOCIAL, "exam_period"] == "main"
    assert rows.loc[SOCIAL, "class_no"] == 1
    heads = result.file.tasks_of_event
    assert [(task.task, task.max_points) for task in heads[SOCIAL]] == [("1", 1), ("2", 2), ("3", 1)]
    assert [(task.task, task.max_points) for task in heads[MATHS]] == [("1", 1), ("2", 1), ("3", 2)]
    assert result.frames["source_school"]["rows"].tolist() == [2, 1]


def test_a_value_beside_its_merged_header_belongs_to_the_header_before_it(read: Read) -> None:
    header = ["№", "Код ОО", None, "Класс", "Код участника", None, "Задания с кратким ответом", None]
    header += ["Задания с развёрнутым ответом", "Первичный балл", None, "Оценка"]
    row = [1, None, "0010001", "9Б", None, "77", None, "++-", "1(2)", None, 3, 4]
    rows: list[list[Any]] = [["12 - Обществознание 2026.06.09"], header, row, ["Средние", *[None] * 9, 3]]
    result = read(xls.workbook(rows), "протокол.xls")
    (sitting,) = result.frames["source_exam"].to_dict("records")
    assert (sitting["school"], sitting["class_no"], sitting["primary_score"], sitting["mark"]) == ("0010001", 2, 3.0, 4)
    assert sitting["scores"].tolist() == [1, 1, 0, 1]


def test_names_and_documents_do_not_leave_the_reader(read: Read) -> None:
    for content, name in (
        (gia.oge_protocol([exam()]), "протокол.xls"),
        (gia.oge_table(exam()), f"{MATHS}.csv"),
        (gia.ege_protocol([exam("02", "Математика профильная", date(2026, 6, 8), test_score=60.0)]), "ege.xlsx"),
    ):
        result = read(content, name)
        person = gia._person("p0")
        everything = repr(result.file) + repr(result.findings)
        everything += "".join(frame.to_csv() for frame in result.frames.values())
        for secret in (person.surname, person.name, person.second_name, person.series + person.number, person.number):
            assert secret not in everything
        assert result.frames["source_exam"]["pupil_code"].str.fullmatch("[0-9a-f]{24}").all()


def test_a_personal_value_out_of_place_is_masked_in_the_finding(read: Read) -> None:
    table = pd.read_csv(io.BytesIO(gia.oge_table(exam())), sep=";", dtype=str)
    table.loc[0, "Mark5"] = "Вымыслов"
    result = read(table.to_csv(sep=";", index=False).encode(), f"{MATHS}.csv")
    assert codes(result) == ["RSK-WORK-FROM-FOLDER", "RSK-VALUE"]
    assert "Вымыслов" not in repr(result.findings)
    assert len(result.frames["source_exam"]) == 1


def test_a_person_is_the_same_in_all_files_and_another_under_another_key(cfg: Configuration, tmp_path: Path) -> None:
    def people(content: bytes, name: str, key: bytes) -> list[str]:
        path = tmp_path / "content"
        path.write_bytes(content)
        result = reading.read_raw(open_here(path, name, cfg), cfg, key)
        return result.frames["source_exam"]["pupil_code"].tolist()

    protocol, table = gia.oge_protocol([exam()]), gia.oge_table(exam(day=date(2026, 6, 9)))
    assert people(protocol, "a.xls", b"one") == people(table, f"{MATHS}.csv", b"one")
    assert not set(people(protocol, "a.xls", b"one")) & set(people(protocol, "a.xls", b"two"))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1251"])
def test_a_table_of_ris_is_read_by_column_names(read: Read, encoding: str) -> None:
    content = gia.oge_table(exam(), encoding)
    result = read(content, f"Выгрузка/{MATHS} 2026-06-03.csv")
    assert [code for code in codes(result) if code != "RSK-ENCODING"] == ["RSK-WORK-FROM-FOLDER"]
    rows = result.frames["source_exam"]
    assert rows["event_id"].tolist() == [MATHS, MATHS]
    assert rows["exam_date"].tolist() == [pd.Timestamp("2026-06-03")] * 2
    assert rows["scores"].iloc[0].tolist() == [1, 0, 2]


def test_the_order_of_columns_and_unknown_ones_do_not_matter(read: Read) -> None:
    table = pd.read_csv(io.BytesIO(gia.oge_table(exam())), sep=";", dtype=str)
    table.insert(0, "NewColumn", "x")
    content = table[table.columns[::-1]].to_csv(sep=";", index=False).encode()
    result = read(content, f"{MATHS}.csv")
    assert codes(result) == ["RSK-COLUMN-UNKNOWN", "RSK-WORK-FROM-FOLDER"]
    assert result.frames["source_exam"]["primary_score"].tolist() == [3.0, 2.0]


def test_a_table_that_says_nothing_of_its_exam_is_refused(read: Read) -> None:
    result = read(gia.oge_table(exam()), "export.csv")
    assert codes(result) == ["RSK-WORK-UNKNOWN"]
    assert result.is_refused


def test_basic_maths_has_a_mark_where_other_exams_have_a_test_score(read: Read) -> None:
    day = date(2026, 6, 8)
    basic = exam("22", "Математика базовая", day, scores=((1, 0, 1),), most=(), mark=[4.0])
    russian = exam("01", "Русский язык", date(2026, 6, 4), scores=((1, 2, 20),), most=(22,), mark=None, test_score=71.0)
    rows = sittings(read(gia.ege_protocol([basic, russian]), "ege.xlsx"))
    assert (rows.loc["2026-ege-mab-11", "mark"], rows.loc["2026-ege-ru-11", "test_score"]) == (4, 71.0)
    assert pd.isna(rows.loc["2026-ege-mab-11", "test_score"])
    assert pd.isna(rows.loc["2026-ege-ru-11", "mark"])


def test_a_word_in_place_of_a_score_is_a_state(read: Read) -> None:
    result = read(gia.oge_protocol([exam(primary_score=[np.nan, 2.0], mark=[np.nan, 3.0])]), "протокол.xls")
    rows = result.frames["source_exam"]
    assert rows["exam_status"].tolist() == ["absent", "valid"]
    assert rows["scores"].tolist()[0] is None
    assert pd.isna(rows["primary_score"].iloc[0])


@pytest.mark.parametrize(
    ("day", "event", "period"),
    [
        (date(2026, 4, 22), MATHS, "early"),
        (date(2026, 7, 3), MATHS, "main"),
        (date(2026, 9, 8), MATHS, "additional"),
    ],
)
def test_the_day_says_event_and_period(read: Read, day: date, event: str, period: str) -> None:
    rows = read(gia.oge_protocol([exam(day=day)]), "протокол.xls").frames["source_exam"]
    assert set(rows["event_id"]) == {event}
    assert set(rows["exam_period"]) == {period}


def test_a_day_outside_all_periods_is_noted(read: Read) -> None:
    result = read(gia.oge_protocol([exam(day=date(2026, 3, 3))]), "протокол.xls")
    assert codes(result) == ["RSK-EXAM-PERIOD"]
    assert set(result.frames["source_exam"]["exam_period"]) == {"main"}


def test_a_trial_exam_is_told_by_the_word_in_the_first_row(read: Read) -> None:
    content = gia.oge_protocol([exam(day=date(2026, 2, 20))], "Пробный ОГЭ")
    assert read(content, "протокол.xls").file.event_id == "2026-trial_oge-ma-9"


def test_gve_stands_in_the_protocol_of_oge_under_its_own_code(read: Read) -> None:
    assert read(gia.oge_protocol([exam("52")]), "протокол.xls").file.event_id == "2026-gve-ma-9"


def test_an_essay_is_passed_or_not(read: Read) -> None:
    essay = exam("20", "Сочинение", date(2025, 12, 3), scores=((), ()), most=(), is_passed=[True, False])
    essay = gia.ExamSheet(
        essay.code, essay.subject, essay.day, essay.rows.drop(columns=["primary_score"]), essay.scores
    )
    result = read(gia.essay_protocol([essay]), "essay.xlsx")
    assert codes(result) == []
    assert result.file.event_id == "2025-essay-11"
    assert result.frames["source_exam"]["is_passed"].tolist() == [True, False]


def test_an_exam_that_the_calendar_lacks_leaves_the_others_alone(read: Read) -> None:
    result = read(gia.oge_protocol([exam("99", "Астрология"), exam()]), "протокол.xls")
    assert codes(result) == ["RSK-ROWS-NOT-IN-CALENDAR"]
    assert set(result.frames["source_exam"]["event_id"]) == {MATHS}


def test_a_row_of_nobody_and_answers_that_are_none_fail_alone(read: Read) -> None:
    table = pd.read_csv(io.BytesIO(gia.oge_table(exam(scores=((1, 0, 2),) * 4))), sep=";", dtype=str)
    table.loc[0, ["DocumentSeriesCode", "DocumentNumberCode", "SurnameCell"]] = None
    table.loc[1, "TestResultBCell"] = "+?"
    table.loc[2, "TestResultCCell"] = "2(2)1(3)"
    result = read(table.to_csv(sep=";", index=False).encode(), f"{MATHS}.csv")
    found = {finding.code: finding.row_number for finding in result.findings}
    assert found == {
        "RSK-WORK-FROM-FOLDER": None,
        "RSK-EXAM-PERSON": 2,
        "RSK-EXAM-MASK": 3,
        "RSK-SCORE-COUNT": 4,
    }
    assert result.frames["source_exam"]["row_number"].tolist() == [5]
    assert result.frames["source_school"]["rows"].tolist() == [4]


@pytest.mark.parametrize("header", ["Первичный балл", "Код ОО", "Ответы в краткой форме"])
def test_a_formula_without_value_is_quarantined(read: Read, header: str) -> None:
    result = read(_ege_without(1, header=header, instead="=A1"), "ege.xlsx")
    assert [(found.code, found.column_name) for found in result.findings] == [("RSK-FORMULA-EMPTY", header)]
    assert len(result.frames["source_exam"]) == 3


def _ege_without(*rows: int, header: str = "Код участника", instead: str | None = None) -> bytes:
    """The protocol of profile mathematics with other cells of ``header``, empty ones, in some of its rows, from 0."""
    four = exam("02", "Математика профильная", date(2026, 6, 8), scores=((1, 0, 2),) * 4, test_score=60.0)
    book = openpyxl.load_workbook(io.BytesIO(gia.ege_protocol([four])))
    sheet = book.active
    line, column = next(
        (cell.row, cell.column) for cells in sheet.iter_rows() for cell in cells if cell.value == header
    )
    for row in rows:
        sheet.cell(line + 1 + row, column).value = instead
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize("blank", [(2,), (0, 1, 2, 3)])
def test_participants_without_the_surest_id_are_one_finding_for_their_exam(read: Read, blank: tuple[int, ...]) -> None:
    result = read(_ege_without(*blank), "ege.xlsx")
    (finding,) = result.findings
    assert (finding.code, finding.severity, finding.column_name) == ("RSK-EXAM-IDENTITY", "warning", "Код участника")
    assert f"{len(blank)} из 4" in finding.message
    assert f"Код ОО + Фамилия + Имя + Отчество — {len(blank)}" in finding.message
    first = read(_ege_without(), "ege.xlsx").frames["source_exam"]
    assert finding.row_number == first["row_number"].iloc[blank[0]]
    codes_now = result.frames["source_exam"]["pupil_code"]
    assert [code != same for code, same in zip(codes_now, first["pupil_code"], strict=True)] == [
        row in blank for row in range(4)
    ]


def test_a_protocol_whose_form_has_no_code_is_told_by_documents_without_a_finding(read: Read) -> None:
    assert codes(read(gia.oge_protocol([exam()]), "протокол.xls")) == []
    table = pd.read_csv(io.BytesIO(gia.oge_table(exam())), sep=";", dtype=str)
    table.loc[0, ["DocumentSeriesCode", "DocumentNumberCode"]] = None
    result = read(table.to_csv(sep=";", index=False).encode(), f"{MATHS}.csv")
    assert codes(result) == ["RSK-WORK-FROM-FOLDER", "RSK-EXAM-IDENTITY"]


def test_a_protocol_that_tells_people_by_name_alone_says_so(read: Read) -> None:
    header = ["№", "Код ОО", "Класс", "Фамилия", "Имя", "Отчество", "Задания с кратким ответом",
              "Задания с развёрнутым ответом", "Первичный балл", "Оценка"]  # fmt: skip
    row: list[Any] = [1, "0010001", "9Б", "Придуманный", "Пробник", "Примерович", "++-", "1(2)", 3, 4]
    result = read(xls.workbook([["12 - Обществознание 2026.06.09"], header, row]), "протокол.xls")
    (finding,) = result.findings
    assert finding.code == "RSK-EXAM-IDENTITY"
    assert "1 из 1" in finding.message and "Придуманный" not in finding.message
    assert len(result.frames["source_exam"]) == 1


def test_a_test_score_beyond_its_limits_is_named_as_the_protocol_names_it(read: Read) -> None:
    maths = exam("02", "Математика профильная", date(2026, 6, 8), test_score=[60.0, 160.0])
    (finding,) = read(gia.ege_protocol([maths]), "ege.xlsx").findings
    assert (finding.code, finding.column_name, finding.value) == ("RSK-VALUE", "Итоговый балл", "160")
    assert "число от 0 до 100" in finding.message


@pytest.mark.parametrize(
    ("text", "grade", "number"),
    [
        ("9А", 9, 1),
        ("11 «Б»", 11, 2),
        ("11-3", 11, 3),
        ("9", 9, None),
        ("2", 9, 2),
        ("9A", 9, 1),
        ("вечерний", 9, None),
    ],
)
def test_class_names_are_numbers_of_classes(text: str, grade: int, number: int | None) -> None:
    assert shared.class_number(text, grade) == number


def test_a_protocol_without_its_columns_is_refused_with_the_line_to_add(read: Read) -> None:
    rows: list[list[Any]] = [
        ["12 - Обществознание 2026.06.09"],
        ["№", "Код ОО", "Первичный балл", "Оценка", "Класс"],
        [1, "1", 3, 4, "9А"],
    ]
    rows[1].remove("№")
    result = read(xls.workbook(rows), "протокол.xls")
    assert codes(result)[0] == "RSK-COLUMN-MISSING"
    assert result.is_refused
