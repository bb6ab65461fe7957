from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest
from python_calamine import CalamineWorkbook

from rsoko_pipeline.simulation import aggregates, forms, xlsx
from rsoko_pipeline.simulation.f1 import f1_workbook
from rsoko_pipeline.simulation.forms import FormWriter
from rsoko_pipeline.simulation.model import SimulatedRegion
from rsoko_pipeline.simulation.protocols import Protocol

from .conftest import HEADING, MA4, RU4

Rows = list[list[Any]]


def calamine(data: bytes, sheet: int = 0) -> Rows:
    return CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(sheet).to_python()


def full(data: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(data))


def form_writer(second_part: int | None = None) -> FormWriter:
    return FormWriter(RU4.labels, RU4.max_points, HEADING, second_part)


# ------------------------------------------------------------------------------------------------------------- xlsx
def test_workbook_holds_what_was_given() -> None:
    data = xlsx.table("РУ 4 «А & Б»", [["текст <&>", 7, 2.5, None, "  два  пробела "], [], [None] * 30 + ["AE"]])
    book = full(data)
    assert book.sheetnames == ["РУ 4 «А & Б»"]
    assert [cell.value for cell in book.active[1]][:5] == ["текст <&>", 7, 2.5, None, "  два  пробела "]
    assert book.active["AE3"].value == "AE"
    assert calamine(data)[0][:5] == ["текст <&>", 7.0, 2.5, "", "  два  пробела "]
    assert zipfile.ZipFile(io.BytesIO(data)).testzip() is None


def test_no_part_knows_when_it_was_written() -> None:
    entries = zipfile.ZipFile(io.BytesIO(xlsx.table("Лист", [["a"]]))).infolist()
    assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}


@pytest.mark.parametrize(("column", "name"), [(0, "A"), (25, "Z"), (26, "AA"), (51, "AZ"), (52, "BA"), (702, "AAA")])
def test_column_letters(column: int, name: str) -> None:
    assert xlsx.letters(column) == name


# --------------------------------------------------------------------------------------------------------------- Ф1
def test_f1_preamble_and_header(ru: Protocol) -> None:
    data = f1_workbook(ru)
    sheet = full(data)["РУ 4 Индивидуальные результаты"]
    assert sheet["A1"].value == "Индивидуальные результаты"
    assert sheet["A3"].value == "ВПР 2026 Русский язык 4 класс"
    assert [sheet[f"{c}{r}"].value for r in (4, 5, 6) for c in "AB"] == [
        "Предмет:", "Русский язык", "Максимальный первичный балл:", 24, "Дата:", "22.04.2026",
    ]  # fmt: skip
    levels = [cell.value for cell in sheet[7]]
    assert levels[2] == "Уровень сложности задания"
    assert tuple(levels[6:18]) == RU4.levels
    header = [cell.value for cell in sheet[8]]
    assert header[:8] == [
        "ОО",
        "Муниципалитет",
        "Название ОО",
        "Код участника",
        "Класс",
        "Вариант",
        "1К1 (4б)",
        "1К2 (3б)",
    ]
    assert header[-3:] == ["Первичный балл", "Отметка", "Отметка по журналу"]


def test_f1_rows_are_the_pupils_who_wrote(ru: Protocol, small: SimulatedRegion, register: pd.DataFrame) -> None:
    rows = calamine(f1_workbook(ru))[8:]
    sections = [row for row in rows if row[3] == ""]
    pupils = [row for row in rows if row[3] != ""]
    work = small.works[RU4.work_id]
    assert len(pupils) == work.present.sum()
    declared = [int(row[0].rpartition(" ")[2]) for row in sections]
    read = pd.Series([row[0] for row in pupils]).value_counts(sort=False)
    assert declared == read.tolist()
    logins = [row[0].partition("(")[2].partition(")")[0] for row in sections]
    assert logins == sorted(logins) == read.index.tolist()
    assert set(logins) <= set(register["school"])

    points = [[0 if value == "X" else value for value in row[6:18]] for row in pupils]
    assert [sum(row) for row in points] == [row[18] for row in pupils]
    assert [int(row[19]) for row in pupils] == RU4.mark(np.array([row[18] for row in pupils])).tolist()
    assert sum(value == "X" for row in pupils for value in row[6:18]) == work.not_started.sum()
    assert {row[5] for row in pupils} == {1, 2}
    assert {row[20] for row in pupils} <= {"", 2, 3, 4, 5}
    first = pupils[0]
    assert first[2].endswith(f"({first[0]})")


def test_f1_trailing_rows_are_formatted_and_empty(ru: Protocol) -> None:
    ru.trailing = 40
    sheet = full(f1_workbook(ru)).active
    filled = int(ru.present.sum()) + len(ru.take(np.flatnonzero(ru.present)).sections()) + 8
    assert sheet.max_row == filled + 40
    assert sheet.cell(filled + 1, 1).has_style
    assert all(cell.value is None for row in sheet.iter_rows(min_row=filled + 1) for cell in row)


# ------------------------------------------------------------------------------------------------------------- forms
def test_form_of_one_part(ru: Protocol) -> None:
    position, start, stop = max(ru.sections(), key=lambda section: section[2] - section[1])
    data = form_writer().form(ru, position, start, stop)
    book = full(data)
    assert book.sheetnames == ["Протокол", "Служебный", "Порядковый номер класса"]
    rows = calamine(data)
    assert len(rows) == 1_499
    header = rows[0]
    assert header[:4] == ["Код участника", "Вариант", "1К1 (4б)", "1К2 (3б)"]
    assert header[14:] == [
        "Порядковый номер класса", "Отметка за предыдущий триместр/ четверть/полугодие", "Итого баллов", "", "",
    ]  # fmt: skip
    pupils = rows[1 : 1 + stop - start]
    absent = [row for row in pupils if row[1] == "отсутствовал"]
    assert [row[0] for row in pupils] == ru.code[start:stop].tolist()
    assert len(absent) == (~ru.present[start:stop]).sum() > 0
    assert all(set(row[2:16]) == {""} and row[16] == 0 for row in absent)
    written = [row for row in pupils if row[1] != "отсутствовал"]
    assert all(sum(0 if v == "X" else v for v in row[2:14]) == row[16] for row in written)
    assert {row[15] for row in written} <= {2, 3, 4, 5, "нет отметки"}
    empty = rows[1 + stop - start :]
    assert {tuple(row[:16]) for row in empty} == {("",) * 16}
    assert {row[16] for row in empty} == {0}
    school = ru.schools[position]
    service = {row[0]: row[1] for row in calamine(data, 1)}
    assert service == {
        "Логин ОО": school.login, "Название ОО": school.name, "Предмет": "Русский язык", "Класс": 4, "Год": 2026,
        "Муниципалитет": f"{school.municipality}({school.municipality_code})",
    }  # fmt: skip
    assert calamine(data, 2)[1] == [1, "4А"]


def test_form_of_two_parts(ru: Protocol) -> None:
    position, start, stop = ru.sections()[0]
    rows = calamine(form_writer(5).form(ru, position, start, stop))
    header = rows[0]
    assert header[:3] == ["Код", "Вариант (часть 1)", "1К1 (4б)"]
    assert header[7] == "Вариант (часть 2)"
    assert header[15].startswith("Класс № (")
    assert header[16:19] == ["Пол (м/ж)", "Отметка за предыдущий триместр/ четверть/полугодие", "Итого баллов"]
    for row, is_present in zip(rows[1:], ru.present[start:stop], strict=False):
        assert (row[1] != "отсутствовал") == is_present
        if is_present:
            assert {row[1], row[7]} == {1, 2}
            assert sum(0 if v == "X" else v for v in row[2:7] + row[8:15]) == row[18]


def test_empty_form_has_no_pupil(ru: Protocol) -> None:
    rows = calamine(form_writer().form(ru, ru.sections()[0][0], 0, 0))
    assert len(rows) == 1_499
    assert {row[0] for row in rows[1:]} == {""}


def test_large_form_ends_at_the_same_row(ru: Protocol) -> None:
    many = ru.take(np.zeros(400, dtype=int))
    rows = calamine(form_writer().form(many, int(many.position[0]), 0, 400))
    assert len(rows) == 1_499
    assert sum(row[0] != "" for row in rows[1:]) == 400


def test_a_form_packs_nothing_that_stays_the_same(ru: Protocol, monkeypatch: pytest.MonkeyPatch) -> None:
    """Speed by counting: once the first form is written, the next packs its rows and its service sheet, no more."""
    writer = form_writer()
    sections = ru.sections()
    writer.form(ru, *sections[0])
    packed: list[str] = []
    tails: list[int] = []
    plain, after = xlsx.part, xlsx.Tail.after

    def counted(name: str, text: str | bytes) -> xlsx.Part:
        packed.append(name)
        return plain(name, text)

    def counted_after(tail: xlsx.Tail, name: str, head: str) -> xlsx.Part:
        tails.append(len(head))
        return after(tail, name, head)

    monkeypatch.setattr(xlsx, "part", counted)
    monkeypatch.setattr(xlsx.Tail, "after", counted_after)
    for section in sections[1:4]:
        writer.form(ru, *section)
    assert packed == ["xl/worksheets/sheet2.xml"] * 3
    assert len(tails) == 3
    whole = len(writer._empty_rows(2, forms.LAST_ROW + 1))
    assert max(tails) < whole / 3


def test_the_same_bytes_every_time(ru: Protocol) -> None:
    section = ru.sections()[0]
    assert f1_workbook(ru) == f1_workbook(ru)
    assert form_writer().form(ru, *section) == form_writer().form(ru, *section)


# -------------------------------------------------------------------------------------------------------- aggregates
@pytest.fixture(scope="module")
def counts(small: SimulatedRegion, register: pd.DataFrame) -> aggregates.Counts:
    return aggregates.count(small.works[RU4.work_id], register)


def test_counts_add_up(small: SimulatedRegion, counts: aggregates.Counts) -> None:
    work = small.works[RU4.work_id]
    assert counts.marks.sum() == counts.scores.sum() == work.present.sum()
    assert counts.journal.sum() == (work.present & (work.journal > 0)).sum()
    assert (counts.marks.sum(axis=1) == counts.scores.sum(axis=1)).all()


def test_f3(counts: aggregates.Counts, register: pd.DataFrame) -> None:
    data = aggregates.marks_report(counts, HEADING, register, "Демонстрационная область")
    assert full(data).sheetnames == ["РУ 4 Статистика по отметкам"]
    rows = calamine(data)
    assert rows[0][0] == "Статистика по отметкам"
    assert rows[7] == ["Группы участников", "Кол-во ОО", "Кол-во участников", 2, 3, 4, 5]
    assert rows[8][0] == "Вся выборка"
    assert rows[9][:3] == ["Демонстрационная область", (counts.marks.sum(axis=1) > 0).sum(), counts.marks.sum()]
    groups = rows[9:]
    assert all(abs(sum(row[3:7]) - 100) <= 0.05 for row in groups)
    schools = [row for row in groups if "(edu" in row[0]]
    municipalities = [row for row in groups if "(reg99_m" in row[0]]
    assert all(row[1] == "" for row in schools)
    assert sum(row[2] for row in schools) == sum(row[2] for row in municipalities) == rows[9][2]
    assert len(schools) + len(municipalities) + 1 == len(groups)


def test_journal_comparison(counts: aggregates.Counts, register: pd.DataFrame) -> None:
    data = aggregates.journal_report(counts, replace(HEADING, short="МА"), register, "Область")
    assert full(data).sheetnames == ["МА 4 Сравнение отметок с отметк"]
    rows = calamine(data)
    assert rows[7][:4] == [
        "Группы участников", "Кол-во участников(всего)", "Понизили (Отметка < Отметка по журналу) %",
        "Понизили (Отметка < Отметка по журналу) Кол-во участников",
    ]  # fmt: skip
    assert all(row[3] + row[5] + row[7] == row[1] for row in rows[8:])
    lowered, confirmed, raised = counts.journal.sum(axis=0)
    assert [rows[8][k] for k in (3, 5, 7)] == [lowered, confirmed, raised]


def test_distribution_of_scores(counts: aggregates.Counts, register: pd.DataFrame) -> None:
    rows = calamine(aggregates.scores_report(counts, HEADING, register, "Область"))
    assert rows[7][3:] == list(range(25))
    region = rows[8]
    found = np.rint(np.array(region[3:]) * region[2] / 100)
    assert found.tolist() == counts.scores.sum(axis=0).tolist()


def test_consolidated_tables(small: SimulatedRegion, register: pd.DataFrame, counts: aggregates.Counts) -> None:
    maths = (aggregates.count(small.works[MA4.work_id], register), replace(HEADING, subject="Математика", short="МА"))
    works = [(counts, HEADING), maths]
    marks = aggregates.consolidated_marks(works, register)
    scores = aggregates.consolidated_scores(works, register)
    assert marks[0] == [
        "Год", "Класс", "Предмет", "Муниципалитет", "Логин", "ОО", "Кол-во участников", "2", "3", "4", "5",
    ]  # fmt: skip
    assert scores[0][7:] == [str(score) for score in range(25)]
    assert sum(row[6] for row in marks[1:] if row[2] == "Математика") == maths[0].marks.sum()  # type: ignore[misc]
    assert {len(row) for row in scores[1:]} == {7 + 25, 7 + 21}


def test_official_list(register: pd.DataFrame, small: SimulatedRegion) -> None:
    listed = aggregates.official_list([(work, HEADING) for work in small.works.values()], register, 2026, seed=1)
    assert listed[0] == ["Год", "Логин", "Муниципалитет", "ОО", "4 РУ", "4 МА", "5 РУ", "5 МА", "Количество маркеров"]
    for row in listed[1:]:
        assert row[8] == sum(value == 1 for value in row[4:8]) > 0
        assert row[6:8] == [None, None]
