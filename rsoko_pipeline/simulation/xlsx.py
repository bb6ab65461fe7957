"""Spreadsheet workbooks written straight as XML: the same content always gives the same bytes, and fast.

Belongs here: zip parts, shared strings, cells. Does not belong here: what stands in the cells (``files``, ``forms``).
openpyxl and xlsxwriter are 20 and more times slower here and put the time of day into the file.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from xml.sax.saxutils import escape, quoteattr

_DATE_1980 = 0x21
_LEVEL, _TAIL_LEVEL = 4, 6
Cell = str | int | float | None

_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"

SHEET_BEGIN = f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetData>'
SHEET_END = "</sheetData></worksheet>"
#: Style of a cell that is formatted and empty (a thin border).
BORDERED = 1
_STYLES = (
    f'{_HEAD}<styleSheet xmlns="{_MAIN}"><fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="2"><border><left/><right/><top/><bottom/><diagonal/></border><border><left style="thin"/>'
    '<right style="thin"/><top style="thin"/><bottom style="thin"/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="2"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="0" fontId="0" fillId="0" borderId="1" xfId="0" applyBorder="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)


@dataclass(frozen=True)
class Part:
    """A file inside the zip, packed already: usable in any number of workbooks."""

    name: str
    crc: int
    size: int
    packed: bytes


def part(name: str, text: str | bytes) -> Part:
    """Pack one part."""
    data = text.encode() if isinstance(text, str) else text
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, -15)
    return Part(name, zlib.crc32(data), len(data), packer.compress(data) + packer.flush())


@dataclass(frozen=True)
class Tail:
    """The constant end of a part, packed once; a new head is packed alone and set before it."""

    data: bytes
    packed: bytes

    @classmethod
    def of(cls, data: bytes) -> Tail:
        """Pack the end; more pains are taken than with other parts, since it is done once and written often."""
        packer = zlib.compressobj(_TAIL_LEVEL, zlib.DEFLATED, -15)
        return cls(data, packer.compress(data) + packer.flush())

    def after(self, name: str, head: str) -> Part:
        """The part made of ``head`` and this end: a deflate stream may be continued after a full flush."""
        data = head.encode()
        packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, -15)
        packed = packer.compress(data) + packer.flush(zlib.Z_FULL_FLUSH)
        return Part(name, zlib.crc32(self.data, zlib.crc32(data)), len(data) + len(self.data), packed + self.packed)


def archive(parts: Iterable[Part]) -> bytes:
    """A zip of the parts, all dated 1 January 1980."""
    body, directory, offset, count = [], [], 0, 0
    for one in parts:
        name = one.name.encode()
        common = struct.pack(
            "<5H3L2H", 20, 0, zlib.DEFLATED, 0, _DATE_1980, one.crc, len(one.packed), one.size, len(name), 0
        )
        body += [b"PK\x03\x04", common, name, one.packed]
        directory += [b"PK\x01\x02\x14\x00", common, struct.pack("<3H2L", 0, 0, 0, 0, offset), name]
        offset += 4 + len(common) + len(name) + len(one.packed)
        count += 1
    size = sum(map(len, directory))
    return b"".join([*body, *directory, b"PK\x05\x06", struct.pack("<4H2LH", 0, 0, count, count, size, offset, 0)])


class SharedStrings:
    """The workbook's table of strings."""

    def __init__(self) -> None:
        self._index: dict[str, int] = {}

    def __getitem__(self, text: str) -> int:
        """The string's number; a new one is added."""
        return self._index.setdefault(text, len(self._index))

    def part(self) -> Part:
        """The table as a part of the workbook."""
        items = "".join(f'<si><t xml:space="preserve">{escape(text)}</t></si>' for text in self._index)
        count = len(self._index)
        return part("xl/sharedStrings.xml", f'{_HEAD}<sst xmlns="{_MAIN}" uniqueCount="{count}">{items}</sst>')


@cache
def letters(column: int) -> str:
    """The column's letters, from 0: A, B, …, Z, AA."""
    return (letters(column // 26 - 1) if column >= 26 else "") + chr(65 + column % 26)


def row_xml(number: int, values: Sequence[Cell], strings: SharedStrings) -> str:
    """A row; None is no cell."""
    cells = []
    for column, value in enumerate(values):
        if value is None:
            continue
        place = f"{letters(column)}{number}"
        if isinstance(value, str):
            cells.append(f'<c r="{place}" t="s"><v>{strings[value]}</v></c>')
        else:
            cells.append(f'<c r="{place}"><v>{value}</v></c>')
    return f'<row r="{number}">{"".join(cells)}</row>'


def inline_cell(place: str, value: str | int | float) -> str:
    """A cell whose text stands in it and not among the shared strings."""
    if isinstance(value, str):
        return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'
    return f'<c r="{place}"><v>{value}</v></c>'


def rows_xml(rows: Iterable[Sequence[Cell]], strings: SharedStrings, first: int = 1) -> str:
    """Rows from number ``first`` on."""
    return "".join(row_xml(number, values, strings) for number, values in enumerate(rows, first))


def formatted_rows(first: int, count: int, columns: int) -> str:
    """``count`` empty rows with borders: what is left when somebody formats a whole table."""
    cells = "".join(f'<c r="{letters(c)}{{0}}" s="{BORDERED}"/>' for c in range(columns))
    row = f'<row r="{{0}}">{cells}</row>'
    return "".join(row.format(number) for number in range(first, first + count))


def sheet_part(position: int, rows: str) -> Part:
    """The sheet in place ``position`` (from 1) made of its rows."""
    return part(sheet_name(position), f"{SHEET_BEGIN}{rows}{SHEET_END}")


def sheet_name(position: int) -> str:
    """Name of the part of the sheet in place ``position``, from 1."""
    return f"xl/worksheets/sheet{position}.xml"


@cache
def frame_parts(titles: tuple[str, ...]) -> tuple[Part, ...]:
    """Everything in a workbook but its sheets and strings."""
    n = len(titles)
    overrides = sheets = links = ""
    for i, title in enumerate(titles, 1):
        overrides += f'<Override PartName="/{sheet_name(i)}" ContentType="{_TYPE}.worksheet+xml"/>'
        sheets += f'<sheet name={quoteattr(title)} sheetId="{i}" r:id="rId{i}"/>'
        links += f'<Relationship Id="rId{i}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{i}.xml"/>'
    return (
        part(
            "[Content_Types].xml",
            f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            '<Default Extension="xml" ContentType="application/xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>{overrides}'
            f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/>'
            f'<Override PartName="/xl/sharedStrings.xml" ContentType="{_TYPE}.sharedStrings+xml"/></Types>',
        ),
        part(
            "_rels/.rels",
            f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">'
            f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        ),
        part(
            "xl/workbook.xml",
            f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{sheets}</sheets></workbook>',
        ),
        part(
            "xl/_rels/workbook.xml.rels",
            f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{links}'
            f'<Relationship Id="rId{n + 1}" Type="{_OFFICE}/styles" Target="styles.xml"/>'
            f'<Relationship Id="rId{n + 2}" Type="{_OFFICE}/sharedStrings" Target="sharedStrings.xml"/>'
            "</Relationships>",
        ),
        part("xl/styles.xml", _STYLES),
    )


def table(title: str, rows: Iterable[Sequence[Cell]]) -> bytes:
    """A workbook of one sheet."""
    strings = SharedStrings()
    sheet = sheet_part(1, rows_xml(rows, strings))
    return archive([*frame_parts((title,)), strings.part(), sheet])
