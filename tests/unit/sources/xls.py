"""The smallest .xls that is one: a BIFF8 stream in an OLE2 container, for nothing installed here writes it."""

from __future__ import annotations

import struct
from collections.abc import Sequence

_SECTOR = 512
_END, _FREE, _FAT = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD


def workbook(rows: Sequence[Sequence[str | float]]) -> bytes:
    """A book of one sheet «Лист1» with texts and numbers."""
    return _container(_stream(rows))


def _record(kind: int, data: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


def _text(text: str) -> bytes:
    return struct.pack("<HB", len(text), 1) + text.encode("utf-16-le")


def _stream(rows: Sequence[Sequence[str | float]]) -> bytes:
    begin = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0005, 0, 0, 0, 0)) + _record(
        0x0042, struct.pack("<H", 1200)
    )
    name = "Лист1"
    bound = struct.pack("<HBB", 0, len(name), 1) + name.encode("utf-16-le")
    offset = len(begin) + len(_record(0x0085, struct.pack("<I", 0) + bound)) + len(_record(0x000A))
    head = begin + _record(0x0085, struct.pack("<I", offset) + bound) + _record(0x000A)
    cells = b"".join(
        _record(0x0204, struct.pack("<HHH", r, c, 0) + _text(value))
        if isinstance(value, str)
        else _record(0x0203, struct.pack("<HHHd", r, c, 0, value))
        for r, row in enumerate(rows)
        for c, value in enumerate(row)
    )
    dimension = _record(0x0200, struct.pack("<IIHHH", 0, len(rows), 0, max(map(len, rows)), 0))
    sheet = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0, 0, 0, 0)) + dimension + cells + _record(0x000A)
    return head + sheet


def _container(stream: bytes) -> bytes:
    """An OLE2 file of one stream «Workbook»; it is padded to 4,096 bytes, below which another kind of sector is due."""
    size = max(len(stream), 4096)
    sectors = -(-size // _SECTOR)
    padded = stream.ljust(sectors * _SECTOR, b"\0")
    fat = [_FAT, _END, *range(3, sectors + 2), _END]
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16
    header += struct.pack("<HHHHH6xIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 4096, _END, 0, _END, 0)
    header += struct.pack("<I", 0) + struct.pack("<I", _FREE) * 108
    table = b"".join(struct.pack("<I", entry) for entry in fat).ljust(_SECTOR, b"\xff")
    directory = _entry("Root Entry", 5, child=1, start=_END, size=0) + _entry(
        "Workbook", 2, child=_FREE, start=2, size=size
    )
    return header + table + directory.ljust(_SECTOR, b"\0") + padded


def _entry(name: str, kind: int, *, child: int, start: int, size: int) -> bytes:
    encoded = name.encode("utf-16-le") + b"\0\0"
    head = encoded.ljust(64, b"\0") + struct.pack("<HBBIII", len(encoded), kind, 1, _FREE, _FREE, child)
    return head + b"\0" * 36 + struct.pack("<IQ", start, size)
