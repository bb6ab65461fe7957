"""The collection form: which rows are pupils, absent pupils, to which work and school a form belongs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from rsoko_pipeline import contracts
from rsoko_pipeline.contracts import BLANK, NOT_STARTED

from .conftest import FORM_HEADER, LOGIN, NAME, PLACE, SERVICE, TWO_PARTS_HEADER, Read, codes, replace_part

Form = Callable[..., bytes]
ABSENT = [40003, "отсутствовал", None, None, None, None, None, 0, 0, 0]


def filled(code: Any, *scores: Any, variant: Any = 1, journal: Any = 4, total: Any = None) -> list[Any]:
    total = sum(s for s in scores if isinstance(s, int)) if total is None else total
    return [code, variant, *scores, 1, journal, total, 3, 1]


def test_pupils_are_read_and_prefilled_rows_are_not(read: Read, form: Form) -> None:
    result = read(form([filled(40001, 2, 1, 3), filled(40002, 0, "Х", 1, journal="нет отметки")], until=1499))
    assert codes(result) == []
    assert (result.file.format, result.file.edition, result.file.event_id) == (
        "vpr_form",
        "одна часть",
        "2026-vpr-ru-4",
    )
    assert result.file.rows_read == 2
    frame = result.frames["source_result"]
    assert frame["row_number"].tolist() == [2, 3]
    assert frame["school"].unique().tolist() == [LOGIN]
    assert frame["variant"].tolist() == ["1", "1"]
    assert frame["scores"].map(list).tolist() == [[2, 1, 3], [0, NOT_STARTED, 1]]
    assert frame["primary_score"].tolist() == [6.0, 1.0]
    assert frame["journal_mark"].isna().tolist() == [False, True]
    assert frame["mark"].isna().all()
    for name, made in result.frames.items():
        assert made.equals(contracts.table(name).conform(made))


def test_the_school_comes_from_the_service_sheet(read: Read, form: Form) -> None:
    school = read(form([filled(40001, 2, 1, 3)])).frames["source_school"].iloc[0]
    assert (school["school"], school["school_name"], school["rows"]) == (LOGIN, NAME, 1)
    assert (school["municipality"], school["municipality_name"]) == ("reg99_m01", PLACE)


def test_an_absent_pupil_has_no_results_and_counts(read: Read, form: Form) -> None:
    result = read(form([filled(40001, 2, 1, 3), ABSENT]))
    assert codes(result) == []
    absent = result.frames["source_result"].iloc[1]
    assert not absent["present"] and absent["scores"] is None and np.isnan(absent["primary_score"])
    assert result.frames["source_school"]["rows"].tolist() == [2]


def test_an_absent_pupil_with_scores_keeps_them_for_validation(read: Read, form: Form) -> None:
    row = read(form([[40003, "отсутствовал", 2, 1, 3, 1, 4, 6]])).frames["source_result"].iloc[0]
    assert not row["present"]
    assert (list(row["scores"]), row["primary_score"]) == ([2, 1, 3], 6.0)


def test_a_form_of_two_parts_has_a_variant_between_the_tasks(read: Read, form: Form) -> None:
    rows = [
        [40001, 1, 2, 1, 2, 3, 1, "м", 4, 6],
        [40002, "отсутствовал", None, None, "отсутствовал", None, None, None, None, 0],
        [40003, 2, 1, 1, None, None, 1, "ж", 3, 2],
    ]
    result = read(form(rows, header=TWO_PARTS_HEADER))
    assert codes(result) == [] and result.file.edition == "две части"
    frame = result.frames["source_result"]
    assert frame["variant"].tolist()[0] == "1/2" and frame["variant"].tolist()[2] == "2"
    assert frame["present"].tolist() == [True, False, True]
    assert [list(scores) for scores in frame["scores"].iloc[[0, 2]]] == [[2, 1, 3], [1, 1, BLANK]]
    assert [task.task for task in result.file.tasks] == ["1", "2", "4К1"]


def test_an_empty_form_is_refused_with_its_own_code(read: Read, form: Form) -> None:
    result = read(form([], until=1499))
    assert codes(result) == ["RSK-FORM-EMPTY"] and result.is_refused and not result.frames
    assert result.file.event_id == "2026-vpr-ru-4"


def test_rows_of_codes_alone_are_no_pupils_but_are_mentioned(read: Read, form: Form) -> None:
    result = read(form([filled(40001, 2, 1, 3), [40002], [40003]]))
    assert codes(result) == ["RSK-FORM-CODES-ONLY"]
    assert "2 строк" in result.findings[0].message
    assert len(result.frames["source_result"]) == 1


def test_a_form_that_does_not_say_its_work_is_found_by_its_folder(read: Read, form: Form) -> None:
    content = form([filled(40001, 2, 1, 3)], service={"Примечание": "черновик"})
    result = read(content, "год/2026-vpr-ma-5/форма edu990007.xlsx")
    assert codes(result) == ["RSK-WORK-FROM-FOLDER"]
    assert (result.file.event_id, result.file.subject, result.file.grade) == ("2026-vpr-ma-5", "ma", 5)
    assert result.frames["source_result"]["school"].tolist() == ["edu990007"]


@pytest.mark.parametrize("name", ["форма edu990007.xlsx", "папка/форма.xlsx"])
def test_a_form_of_an_unknown_work_is_refused(read: Read, form: Form, name: str) -> None:
    result = read(form([filled(40001, 2, 1, 3)], service={}), name)
    assert "RSK-WORK-UNKNOWN" in codes(result) and result.is_refused


def test_a_known_work_without_a_school_is_refused(read: Read, form: Form) -> None:
    service = {key: value for key, value in SERVICE.items() if key != "Логин ОО"}
    result = read(form([filled(40001, 2, 1, 3)], service=service), "форма.xlsx")
    assert codes(result) == ["RSK-WORK-UNKNOWN"]
    assert "логин" in result.findings[0].message


@pytest.mark.parametrize(
    ("changes", "code", "said"),
    [
        ({"Год": 2019}, "RSK-WORK-OTHER-YEAR", "2019"),
        ({"Предмет": "Латинский язык"}, "RSK-WORK-UNKNOWN", "Латинский язык"),
        ({"Предмет": "Физика"}, "RSK-WORK-NOT-IN-CALENDAR", "Физика"),
    ],
)
def test_a_work_that_is_not_in_the_calendar_refuses_the_form(
    read: Read, form: Form, changes: dict[str, Any], code: str, said: str
) -> None:
    result = read(form([filled(40001, 2, 1, 3)], service={**SERVICE, **changes}))
    assert codes(result) == [code] and result.is_refused
    assert said in result.findings[0].message


def test_the_service_sheet_is_read_even_when_hidden(read: Read, form: Form) -> None:
    result = read(form([filled(40001, 2, 1, 3)], hidden=["Служебный"]))
    assert codes(result) == [] and result.file.event_id == "2026-vpr-ru-4"


def test_a_hidden_list_of_classes_is_a_part_of_the_form(read: Read, form: Form) -> None:
    assert codes(read(form([filled(40001, 2, 1, 3)], hidden=["Порядковый номер класса"]))) == []


@pytest.mark.parametrize(
    ("cell", "column"),
    [({"total": "=SUM(C3:E3)"}, "Итого баллов"), ({"variant": '=IF(1,"отсутствовал",1)'}, "Вариант")],
)
def test_a_formula_without_value_is_quarantined(read: Read, form: Form, cell: dict[str, str], column: str) -> None:
    result = read(form([filled(40001, 2, 1, 3), filled(40002, 1, 1, 1, **cell)]))
    assert codes(result) == ["RSK-FORMULA-EMPTY"]
    finding = result.findings[0]
    assert (finding.row_number, finding.column_name) == (3, column)
    assert "прочитать её нельзя" in finding.message
    assert result.frames["source_result"]["pupil_code"].tolist() == ["40001"]


def test_every_formula_without_value_of_a_row_is_told_once(read: Read, form: Form) -> None:
    result = read(form([filled(40001, 2, 1, 3), filled("=A2+1", 1, 1, 1, variant="=B2", total="=SUM(C3:E3)")]))
    told = [(finding.code, finding.column_name) for finding in result.findings]
    assert sorted(told) == [("RSK-FORMULA-EMPTY", name) for name in ("Вариант", "Итого баллов", "Код участника")]
    assert len(result.frames["source_result"]) == 1


def test_formulas_without_value_in_helper_columns_do_not_matter(read: Read, form: Form) -> None:
    row = filled(40001, 2, 1, 3)
    row[-1] = "=COUNT(C2:E2)"
    result = read(form([row]))
    assert codes(result) == [] and len(result.frames["source_result"]) == 1


@pytest.mark.parametrize("prefixed", [False, True])
def test_formulas_with_a_stored_value_are_values(read: Read, form: Form, prefixed: bool) -> None:
    def with_values(sheet: bytes) -> bytes:
        sheet = sheet.replace(b"<v></v>", b"<v>6</v>").replace(b"<v />", b"<v>6</v>")
        if prefixed:
            for tag in (
                b"worksheet",
                b"sheetData",
                b"row",
                b"c",
                b"f",
                b"v",
                b"is",
                b"t",
                b"dimension",
                b"sheetViews",
                b"sheetView",
                b"sheetFormatPr",
                b"pageMargins",
                b"selection",
                b"sheetPr",
                b"outlinePr",
                b"pageSetUpPr",
            ):
                for end in (b">", b" ", b"/"):
                    sheet = sheet.replace(b"<" + tag + end, b"<x:" + tag + end).replace(
                        b"</" + tag + end, b"</x:" + tag + end
                    )
            sheet = sheet.replace(b"xmlns=", b"xmlns:x=")
        return sheet

    content = replace_part(form([filled(40001, 2, 1, 3, total="=SUM(C2:E2)")]), "xl/worksheets/sheet1.xml", with_values)
    result = read(content)
    assert codes(result) == []
    assert result.frames["source_result"]["primary_score"].tolist() == [6.0]


def test_a_form_without_the_service_sheet_is_still_a_form(read: Read, book: Callable[..., bytes]) -> None:
    content = book({"Протокол": [FORM_HEADER, filled(40001, 2, 1, 3)]})
    result = read(content, "2026-vpr-ru-4/edu990001.xlsx")
    assert codes(result) == ["RSK-WORK-FROM-FOLDER"] and len(result.frames["source_result"]) == 1


@pytest.mark.parametrize(
    ("last", "pupils", "said"),
    [
        pytest.param([40001, *[None] * 5], 1, ["RSK-FORM-CODES-ONLY"], id="codes"),
        pytest.param(filled(40001, 2, 1, 3), 201, [], id="pupils"),
        pytest.param([], 1, [], id="nothing"),
    ],
)
def test_rows_that_are_all_alike_are_counted_one_by_one(
    read: Read, form: Form, last: list[Any], pupils: int, said: list[str]
) -> None:
    result = read(form([filled(40001, 1, 1, 3), *[last] * 200], until=202))
    assert codes(result) == said and result.file.rows_read == pupils == len(result.frames["source_result"])
    assert all(finding.values["rows"] == 200 for finding in result.findings)


def test_a_form_may_name_another_procedure(read: Read, form: Form) -> None:
    service = {
        **SERVICE,
        "Процедура": "Региональная проверочная работа",
        "Предмет": "Математика",
        "Класс": 6,
        "Год": 2026,
    }
    result = read(form([filled(60001, 2, 1, 3)], service=service))
    assert (result.file.procedure, result.file.event_id) == ("rpr", "2026-rpr-ma-6")


def test_a_form_of_an_unknown_procedure_belongs_to_no_event(read: Read, form: Form) -> None:
    result = read(form([filled(40001, 2, 1, 3)], service={**SERVICE, "Процедура": "Небывалая работа"}))
    assert "RSK-WORK-UNKNOWN" in codes(result) and result.file.event_id is None
