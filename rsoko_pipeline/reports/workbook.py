"""Workbooks: pages of rows with looks, links, frozen heads, print set-up, written as the same bytes for the same input.

Belongs here: what every workbook shares. Does not belong here: which tables a workbook holds (``region``, ``school``),
how cells look (``styles``), charts (``charts``).

openpyxl makes the workbook: sheets, styles, widths, filters, links, charts, print set-up. The rows themselves are put
into its sheets as ready XML when the file is packed, because a school's workbook holds some forty sheets of a thousand
cells and openpyxl's own row writer needs most of the time a workbook may take. The same packing step fixes all time
stamps. Text always becomes an inline string, never a formula.
"""

from __future__ import annotations

import io
import math
import re
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from itertools import repeat
from textwrap import wrap
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from rsoko_pipeline.reports.styles import FORMATS, dress
from rsoko_pipeline.reports.texts import text

if TYPE_CHECKING:
    import pandas as pd

Value = str | int | float | date | None

SHEET_NAME_LENGTH = 31
_CELL_LENGTH = 32_767
_FOOTER_LENGTH = 80
_ROWS_OF_A_SHEET = 40
_ZIP_TIME = (1980, 1, 1, 0, 0, 0)
_EXCEL_EPOCH = date(1899, 12, 30).toordinal()
_FORBIDDEN_IN_NAME = re.compile(r"[\\/*?:\[\]\x00-\x1f]")
_FORBIDDEN_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LIKE_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_SHEET_DATA = re.compile(rb"<sheetData\s*/>|<sheetData>.*?</sheetData>", re.DOTALL)
_DIMENSION = re.compile(rb'<dimension ref="[^"]*"')
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_LETTERS = (*_ALPHABET, *(first + second for first in _ALPHABET for second in _ALPHABET))


@dataclass(frozen=True)
class Column:
    """A column of a table on a page.

    Attributes:
        head: the column's label.
        values: its values from top to bottom.
        format: a name of ``styles.FORMATS``.
        width: least width in characters; the column is wide enough for the longest word of its label in any case.
        tones: the cells' own tones; an empty one leaves the row's tone.
    """

    head: str
    values: Sequence[Value]
    format: str = "text"
    width: float = 9
    tones: Sequence[str] | None = None

    @property
    def full_width(self) -> float:
        """The width that the column gets."""
        return max(self.width, max(map(len, self.head.split()), default=0) + 1.5)

    @property
    def room(self) -> int:
        """How many letters of a text fit into a line of the column."""
        return int(self.full_width * 1.05)


@dataclass(frozen=True)
class Block:
    """Where a table stands: its page, the row of its head, its first and last row (last < first: no rows)."""

    page: Page
    head: int
    first: int
    last: int
    heads: tuple[str, ...]

    def reference(self, head: str, *, with_head: bool) -> Any:
        """The cells of the column called ``head`` as openpyxl's charts want them."""
        from openpyxl.chart import Reference

        column = self.heads.index(head) + 1
        top = self.head if with_head else self.first
        return Reference(self.page.sheet, min_col=column, min_row=top, max_row=self.last)


class Book:
    """A workbook in the making; its first page is the contents.

    Args:
        title: title of the workbook and of its first page.
        footer: left part of the footer of every sheet of paper; the number of the page stands on the right.
        made_at: when the figures were computed, with a time zone: stands in the footer and as the file's time.
    """

    def __init__(self, *, title: str, footer: str, made_at: datetime) -> None:
        from openpyxl import Workbook

        self._workbook = Workbook()
        self._workbook.properties.title = title
        self._workbook.properties.creator = text("creator")
        self._made_at = made_at
        self._footer = (
            footer[:_FOOTER_LENGTH].replace("&", "&&"),
            text("print.date", day=f"{made_at:%d.%m.%Y}"),
            text("print.page"),
        )
        self._looks: dict[tuple[str, str, bool], int] = {}
        self._quoted: dict[int, int] = {}
        self._pages: list[Page] = []
        self.contents = self._new_page(self._workbook.active, text("contents.sheet"), title)

    def page(
        self, name: str, *, title: str, notes: Iterable[str] = (), warning: str = "", tab: str | None = None
    ) -> Page:
        """Add a page with its title, a link to the contents, notes and a warning above the table.

        Args:
            name: wanted name of the sheet; made valid and unique.
            title: first line of the page.
            notes: further lines.
            warning: a line that stands out, such as that of a scale that is not official.
            tab: colour of the sheet's tab, RRGGBB.
        """
        page = self._new_page(self._workbook.create_sheet(), name, title)
        page.sheet.sheet_properties.tabColor = tab
        page.line(text("contents.back"), "link")
        page.link(1, self.contents)
        for note in filter(None, notes):
            page.line(note, "note")
        if warning:
            page.line(warning, "warning")
        return page

    def _new_page(self, sheet: Any, name: str, title: str) -> Page:
        sheet.title = sheet_name(name, [page.sheet.title for page in self._pages])
        page = Page(self, sheet)
        page.set_up_print(self._footer)
        self._pages.append(page)
        page.line(title, "title")
        return page

    def look(self, format_name: str, tone: str = "") -> int:
        """The number of the look in this workbook."""
        return self._look(format_name, tone, quoted=False)

    def _look(self, format_name: str, tone: str, *, quoted: bool) -> int:
        key = (format_name, tone, quoted)
        if key not in self._looks:
            from openpyxl.cell import Cell

            self._looks[key] = dress(Cell(self._pages[0].sheet, row=1, column=1), format_name, tone, quoted=quoted)
        return self._looks[key]

    def quoted(self, look: int) -> int:
        """The same look for a text that Excel would take for a formula were it typed."""
        if look not in self._quoted:
            format_name, tone = next((f, t) for (f, t, _), number in self._looks.items() if number == look)
            self._quoted[look] = self._look(format_name, tone, quoted=True)
        return self._quoted[look]

    def to_bytes(self) -> bytes:
        """The workbook as the bytes of an .xlsx file."""
        properties = self._workbook.properties
        moment = self._made_at.astimezone(UTC).replace(tzinfo=None, microsecond=0)
        plain = io.BytesIO()
        self._workbook.save(plain)
        properties.created = properties.modified = moment
        pages = {page.path: page for page in self._pages}
        packed = io.BytesIO()
        with zipfile.ZipFile(plain) as source, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as target:
            for name in source.namelist():
                content = source.read(name)
                if name in pages:
                    content = pages[name].fill(content)
                elif name == "docProps/core.xml":
                    content = _serialised(properties)
                info = zipfile.ZipInfo(name, _ZIP_TIME)
                info.compress_type = zipfile.ZIP_DEFLATED
                info.external_attr = 0o600 << 16
                target.writestr(info, content)
        return packed.getvalue()


class Page:
    """A sheet that is filled from top to bottom."""

    def __init__(self, book: Book, sheet: Any) -> None:
        self.book = book
        self.sheet = sheet
        self._rows: list[str] = []
        self._next = 1
        self._width = 1

    @property
    def path(self) -> str:
        """Name of the sheet's part in the packed file, known once openpyxl has saved the workbook."""
        return str(self.sheet.path).lstrip("/")

    @property
    def next_row(self) -> int:
        """Number of the row that is written next."""
        return self._next

    # ------------------------------------------------------------------ rows
    def row(self, values: Sequence[Value], looks: int | Sequence[int], *, height: float | None = None) -> int:
        """Write a row and return its number.

        Args:
            values: the cells from column A on; None is an empty cell.
            looks: a look for each of them (``Book.look``), or one for all.
            height: height in points; by default that of one line.
        """
        number = self._next
        every = repeat(looks, len(values)) if isinstance(looks, int) else looks
        places = (f"{letter}{number}" for letter in _LETTERS[: len(values)])
        cells = [_cell(*cell, self.book) for cell in zip(places, values, every, strict=True)]
        size = "" if height is None else f' ht="{height:g}"'
        self._rows.append(f'<row r="{number}"{size}>{"".join(cells)}</row>')
        self._width = max(self._width, len(cells))
        self._next += 1
        return number

    def line(self, content: Value, format_name: str = "plain") -> int:
        """Write a row of one cell and return its number."""
        return self.row((content,), (self.book.look(format_name),))

    def skip(self, rows: int = 1) -> None:
        """Leave rows empty."""
        self._next += rows

    def table(
        self,
        columns: Sequence[Column],
        *,
        tones: Sequence[str] | None = None,
        frozen: int = 1,
        filtered: bool = True,
    ) -> Block:
        """Write the page's table: head, rows, widths, filter, frozen panes, repeated head on paper.

        Args:
            columns: the columns; all as long as each other.
            tones: a tone for each row.
            frozen: how many columns stay in sight when one scrolls to the right.
            filtered: whether the head gets filter buttons.
        """
        self.widths([column.full_width for column in columns])
        head = self._head_row(columns)
        block = self.rows(columns, head=head, tones=tones)
        self.freeze(below=head, columns=frozen)
        self.repeat_rows(head, head)
        if filtered and block.last >= block.first:
            self.sheet.auto_filter.ref = f"A{head}:{_LETTERS[len(columns) - 1]}{block.last}"
        return block

    def small_table(self, columns: Sequence[Column], *, tones: Sequence[str] | None = None) -> Block:
        """Write one more table below: head and rows in the widths that the page has already."""
        return self.rows(columns, head=self._head_row(columns), tones=tones)

    def rows(self, columns: Sequence[Column], *, head: int, tones: Sequence[str] | None = None) -> Block:
        """Write the rows of a table whose head stands in row ``head`` already."""
        first = self._next
        looks = [self._looks(column, tones) for column in columns]
        wrapped = [(number, column.room) for number, column in enumerate(columns) if FORMATS[column.format].wrap]
        cells = zip(*(column.values for column in columns), strict=True)
        for values, row_looks in zip(cells, zip(*looks, strict=True), strict=True):
            lines = max((_lines(values[number], room) for number, room in wrapped if values[number]), default=1)
            self.row(values, row_looks, height=_height(lines) if lines > 1 else None)
        return Block(self, head, first, self._next - 1, tuple(column.head for column in columns))

    def _head_row(self, columns: Sequence[Column]) -> int:
        lines = max(_lines(column.head, column.room) for column in columns)
        heads = [column.head for column in columns]
        return self.row(heads, self.book.look("head", "head"), height=_height(lines))

    def _looks(self, column: Column, row_tones: Sequence[str] | None) -> list[int]:
        none = [""] * len(column.values)
        own, whole = (none if tones is None else tones for tones in (column.tones, row_tones))
        return [self.book.look(column.format, mine or row) for mine, row in zip(own, whole, strict=True)]

    # ------------------------------------------------------------------ the sheet
    def widths(self, widths: Sequence[float]) -> None:
        """Set the widths of the columns from A on, in characters."""
        for letter, width in zip(_LETTERS, widths, strict=False):
            self.sheet.column_dimensions[letter].width = width

    def freeze(self, *, below: int, columns: int) -> None:
        """Keep the rows down to ``below`` and the first ``columns`` columns in sight."""
        self.sheet.freeze_panes = f"{_LETTERS[columns]}{below + 1}"

    def repeat_rows(self, first: int, last: int) -> None:
        """Print these rows at the top of each sheet of paper."""
        self.sheet.print_title_rows = f"{first}:{last}"

    def print_on_one_sheet(self) -> None:
        """Print the page as one sheet of paper."""
        self.sheet.page_setup.fitToHeight = 1

    def keep_together(self, block: Block, *, from_row: int) -> None:
        """Print the table and what stands from ``from_row`` on as one sheet of paper, or the latter on a new one."""
        if block.last - block.first < _ROWS_OF_A_SHEET:
            self.print_on_one_sheet()
        else:
            from openpyxl.worksheet.pagebreak import Break

            self.sheet.row_breaks.append(Break(id=from_row - 1))

    def link(self, column: int, target: Page) -> None:
        """Let the cell of the row written last lead to the top of another page."""
        from openpyxl.utils import quote_sheetname
        from openpyxl.worksheet.hyperlink import Hyperlink

        cell = self.sheet.cell(row=self._next - 1, column=column)
        cell.hyperlink = Hyperlink(ref=cell.coordinate, location=f"{quote_sheetname(target.sheet.title)}!A1")

    def set_up_print(self, footer: tuple[str, str, str]) -> None:
        """A4 across, one page wide, with the left, middle and right part of the footer."""
        sheet = self.sheet
        sheet.page_setup.orientation = "landscape"
        sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
        sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
        sheet.sheet_properties.pageSetUpPr.fitToPage = True
        margins = sheet.page_margins
        margins.left = margins.right = 0.4
        margins.top, margins.bottom, margins.footer = 0.5, 0.6, 0.3
        parts = (sheet.oddFooter.left, sheet.oddFooter.center, sheet.oddFooter.right)
        for part, content in zip(parts, footer, strict=True):
            part.text, part.size = content, 8

    def fill(self, content: bytes) -> bytes:
        """The sheet's part with the rows of this page in it."""
        rows = "".join(self._rows).encode()
        size = f"A1:{_LETTERS[self._width - 1]}{max(self._next - 1, 1)}".encode()
        content, count = _SHEET_DATA.subn(lambda _: b"<sheetData>" + rows + b"</sheetData>", content, count=1)
        if count != 1:
            raise RuntimeError(f"{self.path}: openpyxl wrote a sheet without sheetData")
        return _DIMENSION.sub(b'<dimension ref="' + size + b'"', content, count=1)


def sheet_name(wanted: str, taken: Iterable[str]) -> str:
    """A valid name for a sheet: no forbidden characters, at most 31 of them, unlike every name in ``taken``.

    Excel compares the names of sheets without regard to case and forbids an apostrophe at either end.
    """
    names = {name.casefold() for name in taken}
    base = " ".join(_FORBIDDEN_IN_NAME.sub(" ", wanted).split()).strip("'")[:SHEET_NAME_LENGTH].strip(" '") or text(
        "sheet"
    )
    name, number = base, 1
    while name.casefold() in names:
        number += 1
        ending = f" ({number})"
        name = base[: SHEET_NAME_LENGTH - len(ending)].rstrip() + ending
    return name


def plain(values: pd.Series) -> list[Any]:
    """The series as ordinary Python values: None for what is missing, dates for days."""
    if values.dtype.kind == "M":
        return [None if missing else moment.date() for moment, missing in zip(values, values.isna(), strict=True)]
    missing = values.isna()
    return [None if absent else _finite(value) for value, absent in zip(values.tolist(), missing, strict=True)]


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _cell(place: str, value: Value, look: int, book: Book) -> str:
    if value is None:
        return f'<c r="{place}" s="{look}"/>'
    if isinstance(value, str):
        content, like_a_formula = _inline(value)
        return f'<c r="{place}" s="{book.quoted(look) if like_a_formula else look}" t="inlineStr">{content}</c>'
    if isinstance(value, date):
        value = value.toordinal() - _EXCEL_EPOCH
    return f'<c r="{place}" s="{look}"><v>{value}</v></c>'


@lru_cache(maxsize=65_536)
def _inline(value: str) -> tuple[str, bool]:
    """The text as an inline string, and whether it would be a formula were it typed into the cell."""
    clean = _FORBIDDEN_IN_XML.sub("\N{REPLACEMENT CHARACTER}", value)[:_CELL_LENGTH]
    return f'<is><t xml:space="preserve">{escape(clean)}</t></is>', clean.startswith(_LIKE_A_FORMULA)


@lru_cache(maxsize=16_384)
def _lines(content: str, room: int) -> int:
    """How many lines a text takes in a cell with room for so many characters a line."""
    return 1 if len(content) <= room else len(wrap(content, room))


def _height(lines: int) -> float:
    """Height in points of a row of so many lines."""
    return 5 + 12.75 * lines


def _serialised(properties: Any) -> bytes:
    from openpyxl.xml.functions import tostring

    return bytes(tostring(properties.to_tree()))
