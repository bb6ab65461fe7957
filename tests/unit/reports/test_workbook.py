"""The shared tools of workbooks: safe text, looks, names of sheets, print set-up, the same bytes for the same input."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pandas as pd
import pytest

from rsoko_pipeline.reports.charts import Bars, add_bars
from rsoko_pipeline.reports.workbook import Book, Column, plain, sheet_name

MADE = datetime(2026, 6, 1, 9, 30, tzinfo=UTC)
Opened = Callable[[bytes], Any]


def test_openpyxl_is_not_imported_before_a_workbook_is_made() -> None:
    modules = ("region", "school", "board", "inputs", "dictionary")
    imports = "; ".join(f"import rsoko_pipeline.reports.{name}" for name in modules)
    check = f"{imports}; import sys; sys.exit('openpyxl' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0


def a_book() -> Book:
    return Book(title="Книга", footer="Область & район", made_at=MADE)


def written(values: list[Any], opened: Opened, format_name: str = "text") -> list[Any]:
    """Cells of a column as openpyxl reads them back."""
    book = a_book()
    page = book.page("Лист", title="Таблица")
    block = page.table([Column("Значение", values, format_name)])
    sheet = opened(book.to_bytes())["Лист"]
    return [sheet.cell(row=row, column=1) for row in range(block.first, block.last + 1)]


@pytest.mark.parametrize("value", ["=1+1", "+7 900", "-1", "@имя", "\t=1", "\r=1", '=HYPERLINK("http://x","y")'])
def test_text_that_looks_like_a_formula_stays_text(value: str, opened: Opened) -> None:
    (cell,) = written([value], opened)
    assert cell.data_type == "s"
    assert cell.value.strip() == value.strip()
    assert cell.quotePrefix


def test_ordinary_text_carries_no_apostrophe(opened: Opened) -> None:
    (cell,) = written(["Школа № 1 – имени А. С. Пушкина"], opened)
    assert cell.value == "Школа № 1 – имени А. С. Пушкина"
    assert not cell.quotePrefix


def test_no_formula_stands_anywhere_in_the_file() -> None:
    book = a_book()
    book.page("=A1", title="=1+1", notes=["+1"]).table([Column("=2", ["=3", "@4"])])
    with zipfile.ZipFile(io.BytesIO(book.to_bytes())) as archive:
        sheets = [archive.read(name) for name in archive.namelist() if name.startswith("xl/worksheets/sheet")]
    assert len(sheets) == 2
    assert not any(b"<f>" in sheet or b"<f " in sheet for sheet in sheets)


def test_text_that_xml_cannot_hold_does_not_break_the_file(opened: Opened) -> None:
    cells = written(["a<b>&\"c'", "до\x0bпосле", "я" * 40_000, "\ud800", " с краю "], opened)
    values = [cell.value for cell in cells]
    assert values[:2] == ["a<b>&\"c'", "до\ufffdпосле"]
    assert len(values[2]) == 32_767
    assert values[3:] == ["\ufffd", " с краю "]


def test_values_keep_their_types(opened: Opened) -> None:
    values = [None, 5, 0.125, date(2026, 5, 20)]
    empty, number, share, _ = written(values, opened, "share")
    assert (empty.value, number.value, share.value) == (None, 5, 0.125)
    assert share.number_format == "0.0%"
    (day,) = written([date(2026, 5, 20)], opened, "date")
    assert day.value == datetime(2026, 5, 20)


def test_same_input_same_bytes_and_fixed_times(opened: Opened) -> None:
    def make() -> bytes:
        book = a_book()
        block = book.page("Лист", title="Таблица").table(
            [Column("Имя", ["а", "б"]), Column("Доля", [0.1, 0.2], "share")]
        )
        add_bars(block, Bars("Доли", "Имя", ["Доля"], ["112233"]), width=10)
        return book.to_bytes()

    first = make()
    assert make() == first
    properties = opened(first).properties
    assert (properties.created, properties.modified) == (datetime(2026, 6, 1, 9, 30), datetime(2026, 6, 1, 9, 30))
    with zipfile.ZipFile(io.BytesIO(first)) as archive:
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_a_table_has_frozen_head_filter_and_print_set_up(opened: Opened) -> None:
    book = a_book()
    page = book.page("Лист", title="Таблица", notes=["Пояснение"])
    block = page.table([Column("Имя", ["а", "б"], width=20), Column("Доля", [0.1, 0.2], "share")], frozen=1)
    sheet = opened(book.to_bytes())["Лист"]
    assert block.head == 4
    assert sheet.freeze_panes == "B5"
    assert sheet.auto_filter.ref == "A4:B6"
    assert sheet.print_title_rows == "$4:$4"
    assert sheet.page_setup.orientation == "landscape"
    assert (sheet.page_setup.paperSize, sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (9, 1, 0)
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.oddFooter.left.text == "Область && район"
    assert sheet.oddFooter.center.text == "Данные на 01.06.2026"
    assert "&P" in sheet.oddFooter.right.text
    assert sheet.column_dimensions["A"].width == 20
    assert sheet.dimensions == "A1:B6"


def test_a_table_without_rows_has_a_head_and_no_filter(opened: Opened) -> None:
    book = a_book()
    block = book.page("Лист", title="Таблица").table([Column("Имя", []), Column("Доля", [], "share")])
    add_bars(block, Bars("Доли", "Имя", ["Доля"], ["112233"]), width=10)
    sheet = opened(book.to_bytes())["Лист"]
    assert [cell.value for cell in sheet[3]] == ["Имя", "Доля"]
    assert sheet.auto_filter.ref is None
    assert sheet._charts == []


@pytest.mark.parametrize(("rows", "sheets", "breaks"), [(5, 1, []), (60, 0, [65])])
def test_a_chart_stays_on_its_tables_paper_or_starts_a_new_one(
    rows: int, sheets: int, breaks: list[int], opened: Opened
) -> None:
    book = a_book()
    block = book.page("Лист", title="Таблица").table(
        [Column("Имя", ["а"] * rows), Column("Доля", [0.1] * rows, "share")]
    )
    add_bars(block, Bars("Доли", "Имя", ["Доля"], ["112233"]), width=10)
    sheet = opened(book.to_bytes())["Лист"]
    assert sheet.page_setup.fitToHeight == sheets
    assert [one.id for one in sheet.row_breaks.brk] == breaks


def test_long_text_gets_a_higher_row(opened: Opened) -> None:
    book = a_book()
    block = book.page("Лист", title="Таблица").table([Column("Имя", ["кратко", "слово " * 20], width=20)])
    sheet = opened(book.to_bytes())["Лист"]
    assert sheet.row_dimensions[block.first].height is None
    assert sheet.row_dimensions[block.last].height > 60


def test_pages_and_contents_lead_to_each_other(opened: Opened) -> None:
    book = a_book()
    page = book.page("Школа 'Луч'", title="Таблица")
    book.contents.line("к таблице", "link")
    book.contents.link(1, page)
    workbook = opened(book.to_bytes())
    assert workbook["Школа 'Луч"]["A2"].hyperlink.location == "'Содержание'!A1"
    assert workbook["Содержание"]["A2"].hyperlink.location == "'Школа ''Луч'!A1"
    assert workbook["Содержание"]["A2"].value == "к таблице"


@pytest.mark.parametrize(
    ("wanted", "taken", "expected"),
    [
        ("РУ 4: отметки/баллы [1]*?\\", [], "РУ 4 отметки баллы 1"),
        ("я" * 40, [], "я" * 31),
        ("РУ 4", ["ру 4"], "РУ 4 (2)"),
        ("я" * 31, ["я" * 31, "я" * 27 + " (2)"], "я" * 27 + " (3)"),
        ("'в кавычках'", [], "в кавычках"),
        ("///", [], "Лист"),
        ("", ["Лист"], "Лист (2)"),
    ],
)
def test_sheet_names_are_valid_and_unique(wanted: str, taken: list[str], expected: str) -> None:
    assert sheet_name(wanted, taken) == expected


def test_plain_values_have_none_for_what_is_missing() -> None:
    assert plain(pd.Series([1, None], dtype="Int64")) == [1, None]
    assert plain(pd.Series([0.5, float("nan"), float("inf")])) == [0.5, None, None]
    assert plain(pd.Series(["а", None], dtype="str")) == ["а", None]
    assert plain(pd.Series([pd.Timestamp("2026-05-20"), pd.NaT])) == [date(2026, 5, 20), None]
    assert all(type(value) is int for value in plain(pd.Series([1, 2], dtype="int64")))
