"""One bad thing each: what it is, what it does to a region's files, what must come of it.

Belongs here: the list of bad input and the hands that make it. Does not belong here: the run and what is asserted.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from rsoko_pipeline.simulation import xls

from ...unit.sources.conftest import replace_part

#: The work that arrives as one Ф1; the others as collection forms.
F1_WORK = "2026-vpr-ru-4"
YEAR = "2025-2026"
SENT = "Прислано"
#: All rows of a school in an event.
ALL = -1
_PREFILLED = re.compile(rb'<row r="(?:[2-9]\d\d|\d{4})">.*?</row>')
ENCRYPTED = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504 + "EncryptedPackage".encode("utf-16-le").ljust(512, b"\0")


def school(number: int) -> str:
    return f"edu99{number:04d}"


@dataclass(frozen=True)
class Spot:
    """What must come of a bad thing.

    Attributes:
        name: the file that the finding names, relative to the landing folder.
        row, column: the place in it, where it has one.
        lost: rows of pupils that are not stored, by event and school.
        status: the file's status.
    """

    name: str
    row: int | None = None
    column: str | None = None
    lost: dict[tuple[str, str], int] = field(default_factory=dict)
    status: str = "accepted"


@dataclass
class Landing:
    """The landing folder of the region, with the same works as Ф1 beside it."""

    root: Path
    as_f1: Path

    def form(self, event: str, number: int) -> Path:
        (path,) = (self.root / YEAR / event).glob(f"Форма*{school(number)}.xlsx")
        return path

    def f1(self, event: str, root: Path | None = None) -> Path:
        folder = (root or self.root) / YEAR / event
        return next(path for path in sorted(folder.iterdir()) if path.name.startswith("Ф1") or path.stem.isdigit())

    def report(self, event: str, beginning: str) -> Path:
        (path,) = (self.root / YEAR / event).glob(f"{beginning}*.xlsx")
        return path

    def sent(self, name: str, content: bytes) -> Path:
        path = self.root / SENT / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
        return path

    def name(self, path: Path) -> str:
        return path.relative_to(self.root).as_posix()


def opened(path: Path) -> openpyxl.Workbook:
    """A workbook; of a form without the hundreds of pre-filled rows that nobody needs and that take long."""
    content = path.read_bytes()
    part = "xl/worksheets/sheet1.xml"
    trimmed = replace_part(content, part, lambda xml: _PREFILLED.sub(b"", xml) if b'<row r="1499">' in xml else xml)
    return openpyxl.load_workbook(io.BytesIO(trimmed))


@contextmanager
def edited(path: Path, sheet: int = 0) -> Iterator[Worksheet]:
    """The sheet of a workbook, saved when the block ends."""
    book = opened(path)
    yield book.worksheets[sheet]
    book.save(path)


def column(sheet: Worksheet, header: str, row: int = 1) -> int:
    return next(cell.column for cell in sheet[row] if str(cell.value).startswith(header))


def rows_of(sheet: Worksheet, login: str) -> list[int]:
    """Numbers of a school's rows in Ф1, without the section row."""
    return [row for row in range(9, sheet.max_row + 1) if sheet.cell(row, 1).value == login]


def says(landing: Landing, event: str, number: int, key: str, value: Any) -> Path:
    """Change what the sheet «Служебный» of a form says."""
    path = landing.form(event, number)
    with edited(path, sheet=1) as sheet:
        row = next(row for row in range(1, sheet.max_row + 1) if sheet.cell(row, 1).value == key)
        sheet.cell(row, 2).value = value
    return path


# --------------------------------------------------------------------------------------------------- rows of a work
_CUTS = (10, 16, 21)
_TASK, _TOTAL, _MARK, _CODE = "1 (2б)", "Первичный балл", "Отметка", "Код участника"


def _pupil_of_f1(number: int, change: Callable[[Worksheet, int], str], lost: int = 1) -> Callable[[Landing], Spot]:
    """Change the first row of a school in Ф1 for which one point more changes neither mark nor maximum."""

    def spoil(landing: Landing) -> Spot:
        path = landing.f1(F1_WORK)
        with edited(path) as sheet:
            task, total = column(sheet, _TASK, 8), column(sheet, _TOTAL, 8)
            fits = (
                row
                for row in rows_of(sheet, school(number))[:-1]
                if sheet.cell(row, task).value == 2 and sheet.cell(row, total).value + 1 not in (*_CUTS, 25)
            )
            row = next(fits)
            header = change(sheet, row)
        return Spot(landing.name(path), row, header, {(F1_WORK, school(number)): lost})

    return spoil


def _above_maximum(sheet: Worksheet, row: int) -> str:
    sheet.cell(row, column(sheet, _TASK, 8)).value = 3
    sheet.cell(row, column(sheet, _TOTAL, 8)).value += 1
    return "1"


def _another_mark(sheet: Worksheet, row: int) -> str:
    cell = sheet.cell(row, column(sheet, _MARK, 8))
    cell.value = 2 if cell.value > 2 else 5
    return _MARK


def _another_sum(sheet: Worksheet, row: int) -> str:
    sheet.cell(row, column(sheet, _TOTAL, 8)).value += 1
    return _TOTAL


def _code_of_the_next(sheet: Worksheet, row: int) -> str:
    code = column(sheet, _CODE, 8)
    sheet.cell(row, code).value = sheet.cell(row + 1, code).value
    return _CODE


def _code_of_another_grade(sheet: Worksheet, row: int) -> str:
    sheet.cell(row, column(sheet, _CODE, 8)).value += 10_000
    return _CODE


def _section(number: int, change: Callable[[str], str]) -> Callable[[Landing], Spot]:
    """Change a school's section row in Ф1, and its login in the rows below where it changes in the section."""

    def spoil(landing: Landing) -> Spot:
        path, login = landing.f1(F1_WORK), school(number)
        with edited(path) as sheet:
            rows = rows_of(sheet, login)
            head = sheet.cell(rows[0] - 1, 1)
            head.value = change(head.value)
            for row in rows if login not in head.value else []:
                sheet.cell(row, 1).value = "edu999999"
                sheet.cell(row, 3).value = sheet.cell(row, 3).value.replace(login, "edu999999")
        return Spot(landing.name(path), rows[0] - 1, None, {(F1_WORK, login): ALL})

    return spoil


def _one_more(text: str) -> str:
    head, _, declared = text.rpartition(" ")
    return f"{head} {int(declared) + 1}"


# ------------------------------------------------------------------------------------------------- a school's form
def _form(
    event: str, number: int, change: Callable[[Worksheet], tuple[int | None, str | None]], lost: int = ALL
) -> Callable[[Landing], Spot]:
    """Change the sheet «Протокол» of a form."""

    def spoil(landing: Landing) -> Spot:
        path = landing.form(event, number)
        with edited(path) as sheet:
            row, header = change(sheet)
        status = "refused" if lost == ALL else "accepted"
        return Spot(landing.name(path), row, header, {(event, school(number)): lost} if lost else {}, status)

    return spoil


def _without_pupils(sheet: Worksheet) -> tuple[None, None]:
    sheet.delete_rows(2, sheet.max_row)
    return None, None


def _without_header(sheet: Worksheet) -> tuple[int, None]:
    for cell in sheet[1]:
        cell.value = None if cell.value is None else f"поле {cell.column}"
    return 1, None


def _without_column(sheet: Worksheet) -> tuple[None, str]:
    sheet.cell(1, column(sheet, "Порядковый номер класса")).value = "Кл."
    return None, "Порядковый номер класса"


def _with_column(sheet: Worksheet) -> tuple[int, str]:
    sheet.cell(1, sheet.max_column + 1).value = "Профиль"
    return 1, "Профиль"


def _formula(sheet: Worksheet) -> tuple[int, str]:
    sheet.cell(2, 3).value = "=1+0"
    return 2, str(sheet.cell(1, 3).value)


def _hidden_sheet(landing: Landing) -> Spot:
    path = landing.form("2026-vpr-fi-8", 5)
    book = opened(path)
    sheet = book.create_sheet("Черновик")
    sheet.append(["что-то"])
    sheet.sheet_state = "hidden"
    book.save(path)
    return Spot(landing.name(path))


def _bytes(event: str, number: int, change: Callable[[bytes], bytes]) -> Callable[[Landing], Spot]:
    """Change the bytes of a form, which cannot be read then."""

    def spoil(landing: Landing) -> Spot:
        path = landing.form(event, number)
        path.write_bytes(change(path.read_bytes()))
        return Spot(landing.name(path), lost={(event, school(number)): ALL}, status="refused")

    return spoil


def _with_bomb(content: bytes) -> bytes:
    out = io.BytesIO(content)
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as book:
        book.writestr("xl/media/image1.bin", bytes(80 << 20))
    return out.getvalue()


def _with_entity(content: bytes) -> bytes:
    declaration = b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
    return replace_part(content, "xl/sharedStrings.xml", lambda xml: xml.replace(b"?>", b"?>" + declaration, 1))


def _unknown_municipality(landing: Landing) -> Spot:
    path = says(landing, "2026-vpr-ma-6", 1, "Муниципалитет", "городской округ город Краснолугск(reg99_m777)")
    return Spot(landing.name(path))


# ---------------------------------------------------------------------------------------------- files beside others
def _rival(landing: Landing) -> Spot:
    path = landing.form("2026-vpr-ma-5", 1)
    copy = landing.sent("МА5 ещё раз.xlsx", path.read_bytes())
    with edited(copy) as sheet:
        sheet.cell(2, 2).value = 3 - int(sheet.cell(2, 2).value)
    return Spot(landing.name(path), lost={("2026-vpr-ma-5", school(1)): ALL}, status="held")


def _copy(landing: Landing) -> Spot:
    path = landing.form("2026-vpr-ma-5", 2)
    return Spot(landing.name(landing.sent("копия.xlsx", path.read_bytes())), status="duplicate")


def _archive_with_path(landing: Landing) -> Spot:
    path = landing.form("2026-vpr-ma-5", 3)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("../../../формы/МА5.xlsx", path.read_bytes())
    path.unlink()
    return Spot(landing.name(landing.sent("архив.zip", out.getvalue())))


def _truncated_archive(landing: Landing) -> Spot:
    path = landing.form("2026-vpr-ma-5", 7)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.write(path, path.name)
    path.unlink()
    sent = landing.sent("оборван.zip", out.getvalue()[:-500])
    return Spot(landing.name(sent), lost={("2026-vpr-ma-5", school(7)): ALL}, status="refused")


def _archive_bomb(landing: Landing) -> Spot:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("нули.xlsx", bytes(80 << 20))
    return Spot(landing.name(landing.sent("нули.zip", out.getvalue())), status="refused")


def _without_rows(landing: Landing) -> Spot:
    path = landing.sent("Ф1 без участников.xlsx", landing.f1("2026-vpr-ma-4", landing.as_f1).read_bytes())
    with edited(path) as sheet:
        sheet.delete_rows(9, sheet.max_row)
    return Spot(landing.name(path), status="refused")


def _million_rows(landing: Landing) -> Spot:
    path = landing.sent("Ф1 без конца.xlsx", landing.f1("2026-vpr-ma-6", landing.as_f1).read_bytes())
    cells = "".join(f'<row r="{row}"><c r="A{row}"><v>1</v></c></row>' for row in range(1000, 1_001_000)).encode()
    content = replace_part(
        path.read_bytes(), "xl/worksheets/sheet1.xml", lambda xml: xml.replace(b"</sheetData>", cells + b"</sheetData>")
    )
    path.write_bytes(content)
    return Spot(landing.name(path), status="refused")


def _another_work(key: str, value: Any, name: str) -> Callable[[Landing], Spot]:
    def spoil(landing: Landing) -> Spot:
        path = landing.form("2026-vpr-ma-6", 2)
        original = path.read_bytes()
        says(landing, "2026-vpr-ma-6", 2, key, value)
        sent = landing.sent(name, path.read_bytes())
        path.write_bytes(original)
        return Spot(landing.name(sent), status="refused")

    return spoil


# ----------------------------------------------------------------------------------------------- tables and registers
def _shares(landing: Landing) -> Spot:
    path = landing.report("2026-vpr-ru-5", "Ф3")
    with edited(path) as sheet:
        row = next(row for row in range(9, sheet.max_row + 1) if school(1) in str(sheet.cell(row, 1).value))
        sheet.cell(row, 4).value += 10
    return Spot(landing.name(path), row)


def _municipality_of_a_table(landing: Landing) -> Spot:
    path = landing.report("2026-vpr-ru-7", "Ф3")
    with edited(path) as sheet:
        row = next(row for row in range(9, sheet.max_row + 1) if "(reg" in str(sheet.cell(row, 1).value))
        sheet.cell(row, 1).value = "Тьмутараканский район(reg99_m999)"
    return Spot(landing.name(path), row)


def _decimal_comma(landing: Landing) -> Spot:
    path = landing.report("2026-vpr-ma-6", "Распределение")
    with edited(path) as sheet:
        for row in sheet.iter_rows(min_row=9, min_col=4):
            for cell in row:
                if isinstance(cell.value, float):
                    cell.value = f"{cell.value:.2f}".replace(".", ",")
    return Spot(landing.name(path))


def _contingent(numbers: tuple[int, ...], name: str, write: Callable[[list[list[Any]]], bytes]) -> Callable[..., Spot]:
    """Send the contingent of some schools as a file of its own, in another form."""

    def spoil(landing: Landing) -> Spot:
        (path,) = (landing.root / YEAR).glob("Контингент*.xlsx")
        schools = {school(number) for number in numbers}
        with edited(path) as sheet:
            header, *rows = sheet.iter_rows(values_only=True)
            mine = [list(row) for row in rows if row[0] in schools]
            for number in range(sheet.max_row, 1, -1):
                if sheet.cell(number, 1).value in schools:
                    sheet.delete_rows(number)
        return Spot(landing.name(landing.sent(name, write([list(header), *mine]))))

    return spoil


def _csv(rows: list[list[Any]]) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=";", lineterminator="\r\n").writerows(rows)
    return out.getvalue()


def _xls(rows: list[list[Any]]) -> bytes:
    return xls.workbook([[value if isinstance(value, str) else float(value) for value in row] for row in rows])


#: What cannot be read by the account that the pipeline runs under.
FORBIDDEN = ("2026-vpr-ma-5", 6)


def _forbidden(landing: Landing) -> Spot:
    event, number = FORBIDDEN
    return Spot(landing.name(landing.form(event, number)), lost={(event, school(number)): ALL}, status="refused")


def forbid(patch: pytest.MonkeyPatch, path: Path, kind: type[Any]) -> None:
    """Make a file unreadable for root, too."""
    path.chmod(0)
    really = kind.open

    def refuse(self: Path, *args: Any, **options: Any) -> Any:
        if str(self) == str(path):
            raise PermissionError(13, "Permission denied", str(path))
        return really(self, *args, **options)

    patch.setattr(kind, "open", refuse)


_MA5, _FI8 = "2026-vpr-ma-5", "2026-vpr-fi-8"

#: Every line of bad input: its name, the code of its finding, what makes it.
CASES: dict[str, tuple[str, Callable[[Landing], Spot]]] = {
    "empty form": ("RSK-FORM-EMPTY", _form(_FI8, 1, _without_pupils)),
    "no pupil rows": ("RSK-ROWS-NONE", _without_rows),
    "wrong header": ("RSK-HEADER-MISSING", _form(_FI8, 2, _without_header)),
    "missing column": ("RSK-COLUMN-MISSING", _form(_FI8, 3, _without_column)),
    "unknown column": ("RSK-COLUMN-UNKNOWN", _form(_FI8, 4, _with_column, lost=0)),
    "hidden sheet": ("RSK-SHEET-HIDDEN", _hidden_sheet),
    "formula without value": ("RSK-FORMULA-EMPTY", _form(_FI8, 6, _formula, lost=1)),
    "truncated workbook": ("RSK-FILE-DAMAGED", _bytes(_FI8, 7, lambda content: content[:-300])),
    "external entity": ("RSK-FILE-ENTITY", _bytes(_FI8, 8, _with_entity)),
    "score above maximum": ("RSK-SCORE-MAX", _pupil_of_f1(1, _above_maximum)),
    "mark against the scale": ("RSK-MARK-SCALE", _pupil_of_f1(2, _another_mark)),
    "sum of tasks": ("RSK-SUM", _pupil_of_f1(3, _another_sum)),
    "duplicate pupil code": ("RSK-PUPIL-DUPLICATE", _pupil_of_f1(4, _code_of_the_next, lost=2)),
    "code of another grade": ("RSK-PUPIL-GRADE", _pupil_of_f1(5, _code_of_another_grade)),
    "declared against read": ("RSK-DECLARED", _section(6, _one_more)),
    "unknown school": ("RSK-SCHOOL-UNKNOWN", _section(7, lambda text: text.replace(school(7), "edu999999"))),
    "unknown municipality": ("RSK-MUNICIPALITY-UNKNOWN", _unknown_municipality),
    "unknown municipality of a table": ("RSK-MUNICIPALITY-UNKNOWN", _municipality_of_a_table),
    "work not in the calendar": ("RSK-WORK-NOT-IN-CALENDAR", _another_work("Предмет", "Астрономия", "АС6.xlsx")),
    "file of another year": ("RSK-WORK-OTHER-YEAR", _another_work("Год", 2019, "МА6 2019.xlsx")),
    "same file twice": ("RSK-FILE-DUPLICATE", _copy),
    "two files for one school": ("RSK-UNIT-TWICE", _rival),
    "percentages": ("RSK-PERCENT-SUM", _shares),
    "decimal comma": ("RSK-DECIMAL-COMMA", _decimal_comma),
    "cp1251": ("RSK-ENCODING", _contingent((1, 2), "cp1251.csv", lambda rows: _csv(rows).encode("cp1251"))),
    "BOM": ("RSK-USAGE", _contingent((3, 4), "bom.csv", lambda rows: _csv(rows).encode("utf-8-sig"))),
    "xls renamed xlsx": ("RSK-FILE-EXTENSION", _contingent((5, 6), "старый.xlsx", _xls)),
    "csv renamed xlsx": ("RSK-FILE-EXTENSION", _contingent((7,), "текст.xlsx", lambda rows: _csv(rows).encode())),
    "encrypted workbook": ("RSK-FILE-ENCRYPTED", _bytes(_MA5, 4, lambda _: ENCRYPTED)),
    "zip bomb in a workbook": ("RSK-FILE-BOMB", _bytes(_MA5, 5, _with_bomb)),
    "zip bomb": ("RSK-FILE-BOMB", _archive_bomb),
    "million-row sheet": ("RSK-FILE-TOO-LARGE", _million_rows),
    "path in an archive": ("RSK-ARCHIVE-PATH", _archive_with_path),
    "truncated zip": ("RSK-FILE-DAMAGED", _truncated_archive),
    "unreadable": ("RSK-FILE-PERMISSION", _forbidden),
}
