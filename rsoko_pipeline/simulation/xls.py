"""The smallest .xls that is one: a BIFF8 stream in an OLE2 container, one sheet of texts and numbers.

Belongs here: records and sectors. Does not belong here: what stands in the cells. РИС still gives out protocols in this
format; python-calamine and LibreOffice read what is written here. Source of the layout: [MS-XLS], [MS-CFB].
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence

Cell = str | int | float | None

_SECTOR = 512
_IN_SECTOR = _SECTOR // 4
#: Below so many bytes a stream would have to lie in sectors of another kind.
_LEAST = 4096
_END, _FREE, _FAT = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD
_TEXT_CELL, _NUMBER_CELL = struct.Struct("<HHHHHHB").pack, struct.Struct("<HHHHHd").pack
#: Sectors of the table of sectors that the header itself can name.
_MOST_TABLES = 109


def workbook(rows: Iterable[Sequence[Cell]], sheet: str = "Лист1") -> bytes:
    """A book of one sheet; an empty cell is not written.

    Raises:
        ValueError: more than 65,536 rows, or more than some 7 MB, which this writer has no room for.
    """
    return _container(_stream([list(row) for row in rows], sheet))


def _record(kind: int, data: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


def _cell(row: int, column: int, value: str | int | float) -> bytes:
    """The record of a cell: kind, length, place, style, value."""
    if isinstance(value, str):
        text = value.encode("utf-16-le")
        return _TEXT_CELL(0x0204, 9 + len(text), row, column, 0, len(value), 1) + text
    return _NUMBER_CELL(0x0203, 14, row, column, 0, value)


def _stream(rows: Sequence[Sequence[Cell]], name: str) -> bytes:
    if len(rows) > 0xFFFF:
        raise ValueError(f"{len(rows)} rows do not fit into a sheet of this format")
    begin = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0005, 0, 0, 0, 0)) + _record(
        0x0042, struct.pack("<H", 1200)
    )
    bound = struct.pack("<HBB", 0, len(name), 1) + name.encode("utf-16-le")
    offset = len(begin) + len(_record(0x0085, struct.pack("<I", 0) + bound)) + len(_record(0x000A))
    head = begin + _record(0x0085, struct.pack("<I", offset) + bound) + _record(0x000A)
    cells = b"".join(
        _cell(r, c, value) for r, row in enumerate(rows) for c, value in enumerate(row) if value not in (None, "")
    )
    width = max(map(len, rows), default=0)
    dimension = _record(0x0200, struct.pack("<IIHHH", 0, len(rows), 0, width, 0))
    sheet = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0, 0, 0, 0)) + dimension + cells + _record(0x000A)
    return head + sheet


def _container(stream: bytes) -> bytes:
    """An OLE2 file of one stream «Workbook»: header, tables of sectors, directory, the stream's sectors."""
    size = max(len(stream), _LEAST)
    sectors = -(-size // _SECTOR)
    tables = 1
    while tables + 1 + sectors > tables * _IN_SECTOR:
        tables += 1
    if tables > _MOST_TABLES:
        raise ValueError(f"{len(stream)} bytes do not fit into a file of this writer")
    first = tables + 1
    chain = [_FAT] * tables + [_END] + list(range(first + 1, first + sectors)) + [_END]
    chain += [_FREE] * (tables * _IN_SECTOR - len(chain))
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16
    header += struct.pack("<HHHHH6xIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, tables, tables, 0, _LEAST, _END, 0, _END, 0)
    header += struct.pack(f"<{_MOST_TABLES}I", *range(tables), *[_FREE] * (_MOST_TABLES - tables))
    directory = _entry("Root Entry", 5, child=1, start=_END, size=0)
    directory += _entry("Workbook", 2, child=_FREE, start=first, size=size)
    body = struct.pack(f"<{len(chain)}I", *chain) + directory.ljust(_SECTOR, b"\0")
    return header + body + stream.ljust(sectors * _SECTOR, b"\0")


def _entry(name: str, kind: int, *, child: int, start: int, size: int) -> bytes:
    encoded = name.encode("utf-16-le") + b"\0\0"
    head = encoded.ljust(64, b"\0") + struct.pack("<HBBIII", len(encoded), kind, 1, _FREE, _FREE, child)
    return head + b"\0" * 36 + struct.pack("<IQ", start, size)
