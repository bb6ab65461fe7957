"""Whatever stands in the cells: a reader answers with frames that conform and findings that have a code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rsoko_pipeline import configuration, contracts
from rsoko_pipeline.configuration import Configuration
from rsoko_pipeline.sources import guard, reading, sandbox
from rsoko_pipeline.sources.sandbox import RawFile
from rsoko_pipeline.sources.worker import CodedSheet

from .conftest import FORM_HEADER, SERVICE, TWO_PARTS_HEADER, preamble, pupil, section
from .test_vpr_groups import F3, JOURNAL, MUNICIPALITY, OLD, REGION, SCHOOL
from .test_yearly import LABELS, MARKS, row

Rows = Sequence[Sequence[Any]]
SERVICE_ROWS: Rows = [list(item) for item in SERVICE.items()]
F1_HEADER = ["ОО", "Муниципалитет", "Название ОО", "Код участника", "Класс", "Вариант", "1 (2б)", "2 (1б)", "4К1 (3б)"]
JOURNAL_TITLE = "Сравнение отметок с отметками по журналу"
REGISTER = ["Логин ОО", "Название ОО", "Код муниципалитета", "Местность", "Малокомплектная", "Действует с"]

BOOKS: dict[str, dict[str, Rows]] = {
    "vpr_f1": {
        "Лист": [
            *preamble("Индивидуальные результаты"),
            [None, None, "Уровень сложности задания", None, None, None, "Б", "Б", "П"],
            [*F1_HEADER, "Первичный балл", "Отметка", "Отметка по журналу"],
            section(2),
            pupil(40001, 2, 1, 3),
            pupil(40002, 0, "X", 1),
        ]
    },
    "vpr_form": {
        "Протокол": [FORM_HEADER, [40001, 1, 2, 1, 3, 1, 4, 6], [40002, "отсутствовал"]],
        "Служебный": SERVICE_ROWS,
    },
    "vpr_form_two": {"Протокол": [TWO_PARTS_HEADER, [40001, 1, 2, 1, 2, 3, 1, "м", 4, 6]], "Служебный": SERVICE_ROWS},
    "vpr_f3": {
        "Лист": [
            *preamble("Статистика по отметкам"),
            [],
            F3,
            [REGION, 2, 60, 10, 40, 30, 20],
            [MUNICIPALITY, 1, 30, 10, 40, 30, 20],
            [SCHOOL, None, 30, 10, 40, 30, 20],
        ]
    },
    "vpr_journal": {"Лист": [*preamble(JOURNAL_TITLE), [], JOURNAL, [REGION, 60, 25, 15, 50, 30, 25, 15]]},
    "vpr_journal_old": {
        "Лист": [
            *preamble(JOURNAL_TITLE),
            [],
            OLD,
            [REGION],
            ["Понизили", 15, 25],
            ["Подтвердили", 30, 50],
            ["Повысили", 15, 25],
            ["Всего", 60, 100],
        ]
    },
    "vpr_scores": {"Лист": [*preamble("Распределение первичных баллов"), [], [*F3[:3], 0, 1], [REGION, 2, 60, 50, 50]]},
    "vpr_summary_marks": {"Лист": [MARKS, row(2026), row(2021), row(2026)]},
    "vpr_summary_scores": {"Лист": [[*MARKS[:7], *map(str, range(8))], [*row(2026)[:7], *[12.5] * 8]]},
    "vpr_labels": {
        "Лист": [
            LABELS,
            [2026, "edu990001", "Р", "Ш", 1, 0, None, 1, 2],
            [2021, "edu990002", "Р", "Ш", 1, None, 0, 1, 2],
        ]
    },
    "register_schools": {
        "Лист": [
            REGISTER,
            ["edu990001", "Школа", "m1", "г", "да", "01.09.2019"],
            ["edu990002", "Лицей", "m2", "с", "нет", None],
        ]
    },
}
WEIRD = st.one_of(
    st.sampled_from(
        [
            "",
            None,
            " ",
            "X",
            "Х",
            "\0formula",
            "нет отметки",
            "отсутствовал",
            "Всего",
            "Вся выборка",
            "()",
            "a(b)",
            "1,5",
            "-1",
            "1e400",
        ]
    ),
    st.floats(allow_nan=True, allow_infinity=True),
    st.integers(-(10**18), 10**18),
    st.text(max_size=8),
    st.booleans(),
)


def raw_file(sheets: Mapping[str, Rows], formulas: Sequence[tuple[int, int]]) -> RawFile:
    grids = []
    for name, rows in sheets.items():
        width = max(map(len, rows))
        sheet = CodedSheet(name, width)
        sheet.extend([["" if v is None else v for v in (*row, *[None] * (width - len(row)))] for row in rows])
        sheet.mark_formulas([place for place in formulas if place[0] < len(rows)])
        head = {**sheet.head(), "values": [float(v) if type(v) is int else v for v in sheet.head()["values"]]}
        grids.append((head, sheet.blob()))
    answer = {"file_id": "f" * 64, "size": 1, "kind": guard.XLSX, "sheets": [head for head, _ in grids], "findings": []}
    return sandbox.decode(Path("x"), "2026-vpr-ru-4/edu990001.xlsx", answer, [blob for _, blob in grids])


@pytest.mark.parametrize("name", BOOKS)
def test_the_book_itself_is_what_it_is_called(name: str, cfg: Configuration) -> None:
    result = reading.read_raw(raw_file(BOOKS[name], []), cfg, b"key")
    assert name.startswith(str(result.file.format)) and not result.is_refused


@pytest.mark.parametrize("name", BOOKS)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_no_cell_breaks_a_reader(name: str, data: st.DataObject) -> None:
    cfg = configuration.load("")
    sheets = {sheet: [list(row) for row in rows] for sheet, rows in BOOKS[name].items()}
    for _ in range(data.draw(st.integers(1, 6))):
        rows = sheets[data.draw(st.sampled_from(sorted(sheets)))]
        row = rows[data.draw(st.integers(0, len(rows) - 1))]
        if row:
            row[data.draw(st.integers(0, len(row) - 1))] = data.draw(WEIRD)
    formulas = data.draw(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), max_size=2))
    result = reading.read_raw(raw_file(sheets, formulas), cfg, b"key")
    assert "внутренняя ошибка" not in " ".join(finding.message for finding in result.findings)
    for table, frame in result.frames.items():
        assert frame.equals(contracts.table(table).conform(frame))
    assert result.frames or any(finding.severity == "error" for finding in result.findings)
