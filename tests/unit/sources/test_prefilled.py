"""Rows laid out beforehand: a sheet is read the same whether its equal rows are left out for the parser or not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pytest

from rsoko_pipeline.configuration import Configuration
from rsoko_pipeline.sources import prefilled
from rsoko_pipeline.sources.grid import FORMULA

from .conftest import Row, open_here, replace_part

#: A row as a form has it before a pupil is entered; # stands for its number.
EMPTY = '<row r="#" spans="1:4"><c r="A#" s="1"/><c r="B#" s="1"/><c r="C#"><f>SUM(A#:B#)</f><v>0</v></c></row>'
SHEET = "xl/worksheets/sheet1.xml"


def rows(text: str, first: int, last: int) -> bytes:
    return "".join(text.replace("#", str(number)) for number in range(first, last + 1)).encode()


def with_rows(more: bytes, book: bytes) -> bytes:
    return replace_part(book, SHEET, lambda xml: xml.replace(b"</sheetData>", more + b"</sheetData>"))


@pytest.fixture
def table(book: Callable[..., bytes]) -> bytes:
    """Two sheets; four rows in the first."""
    head: Sequence[Row] = [("код", "вариант", "балл"), *((60000 + k, 1, k) for k in range(3))]
    return book({"Протокол": head, "Служебный": [("Логин ОО", "edu990001")]})


def sheet(xml: bytes) -> bytes:
    return b"<worksheet><sheetData>" + xml + b"</sheetData></worksheet>"


@pytest.mark.parametrize(
    ("more", "is_cut", "height"),
    [
        pytest.param(rows(EMPTY, 5, 1_499), True, 1_499, id="formulas with values"),
        pytest.param(rows(EMPTY, 5, 30), False, 30, id="few rows"),
        pytest.param(rows('<row r="#"><c r="A#" s="1"/></row>', 5, 1_499), True, 4, id="rows without values"),
        pytest.param(
            rows('<row r="#"><c r="A#" s="1"/><c r="C#"><f>A#</f></c></row>', 5, 1_499), False, 4, id="no stored value"
        ),
        pytest.param(rows('<row r="#"><c r="AB#"><v>#</v></c></row>', 5, 300), False, 300, id="numbers that count up"),
        pytest.param(
            rows('<row r="#"><c r="A#" t="str"><v>A#</v></c></row>', 5, 300), False, 300, id="texts that count up"
        ),
        pytest.param(
            rows('<row r="#"><c r="A#" t="inlineStr"><is><t>A#</t></is></c></row>', 5, 300),
            False,
            300,
            id="texts inside cells",
        ),
        pytest.param(
            rows(EMPTY, 5, 200) + rows(EMPTY.replace("<v>0", "<v>1"), 201, 201) + rows(EMPTY, 202, 400),
            True,
            400,
            id="a pupil in the midst of empty rows",
        ),
        pytest.param(rows(EMPTY, 5, 200) + rows(EMPTY, 202, 400), True, 400, id="a row that is missing"),
    ],
)
def test_the_cells_are_the_same(
    more: bytes,
    is_cut: bool,
    height: int,
    table: bytes,
    cfg: Configuration,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = tmp_path / "form.xlsx"
    path.write_bytes(with_rows(more, table))
    replaced: list[str] = []
    replace = prefilled.replace

    def note(book: ZipFile, part: str, content: bytes) -> None:
        replaced.append(part)
        replace(book, part, content)

    monkeypatch.setattr(prefilled, "replace", note)
    found = open_here(path, path.name, cfg)
    assert replaced == ([SHEET] if is_cut else [])
    monkeypatch.setattr(prefilled, "cut", lambda _: None)
    whole = open_here(path, path.name, cfg)
    assert not whole.findings
    assert [grid.name for grid in found.sheets] == ["Протокол", "Служебный"]
    assert [grid.values for grid in found.sheets] == [grid.values for grid in whole.sheets]
    for mine, expected in zip(found.sheets, whole.sheets, strict=True):
        np.testing.assert_array_equal(mine.codes, expected.codes)
    assert found.sheets[0].height == height
    assert found.sheets[1].cell(0, 1) == "edu990001"


def test_formulas_without_value_are_marked_in_every_row(table: bytes, cfg: Configuration, tmp_path: Path) -> None:
    row = '<row r="#"><c r="A#"><v>7</v></c><c r="C#"><f>A#</f></c></row>'
    (tmp_path / "form.xlsx").write_bytes(with_rows(rows(row, 5, 1_499), table))
    grid = open_here(tmp_path / "form.xlsx", "form.xlsx", cfg).sheets[0]
    assert grid.height == 1_499 and {grid.cell(place, 2) for place in range(4, 1_499)} == {FORMULA}


def test_a_checksum_that_is_wrong_is_found_as_ever(table: bytes, cfg: Configuration, tmp_path: Path) -> None:
    data = bytearray(with_rows(rows(EMPTY, 5, 1_499), table))
    entry = data.index(b"PK\x01\x02", data.rindex(SHEET.encode()) - 46)
    data[entry + 16] ^= 0xFF
    (tmp_path / "form.xlsx").write_bytes(data)
    found = open_here(tmp_path / "form.xlsx", "form.xlsx", cfg)
    assert [code for code, _ in found.findings] == ["RSK-FILE-DAMAGED"] and not found.sheets


def test_only_the_rows_that_follow_the_first_equal_one_are_left_out() -> None:
    xml = sheet(b'<row r="1"><c r="A1"><v>5</v></c></row>' + rows(EMPTY, 2, 500))
    found = prefilled.cut(xml)
    assert found is not None and (found.row, found.repeats) == (2, 498)
    assert found.xml == sheet(b'<row r="1"><c r="A1"><v>5</v></c></row>' + rows(EMPTY, 2, 2))
    assert prefilled.cut(sheet(rows(EMPTY, 1, 500))) == prefilled.Cut(sheet(rows(EMPTY, 1, 1)), 1, 499)


@pytest.mark.parametrize(
    "xml",
    [
        b"",
        b"</row>",
        sheet(b""),
        sheet(b'<row r="1048576"><c r="A1048576" s="0"/></row>'),
        sheet(b'<row r="99999999999999999999"/></row>'),
        sheet(rows('<x:row r="#"><x:c r="A#"/></x:row>', 1, 300)),
        sheet(rows('<row r="#"><row r="#"></row></row>', 1, 300)),
    ],
)
def test_strange_parts_are_left_to_the_parser(xml: bytes) -> None:
    assert prefilled.cut(xml) is None
