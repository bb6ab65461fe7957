"""Text with delimiters to rows of cells, whatever its encoding and however its quotes were written.

Belongs here: encodings, delimiters, quotes, lines. Standard library only: it runs in the child processes.
Does not belong here: what a column means (``delimited``).

Real exports leave the quotes inside a quoted field as they are: ``"Лицей № 1546 "Плехановец"","Центральный"``. A file
that does not parse strictly is taken line by line; a line is accepted under the first way of splitting it that gives
exactly as many cells as the header has, so that no row is lost and no two rows are glued.
"""

from __future__ import annotations

import contextlib
import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Literal

from rsoko_pipeline.sources.guard import RefusedError
from rsoko_pipeline.sources.text import header_key

DELIMITERS = (";", ",", "\t", "|")
ENCODINGS = ("utf-8-sig", "cp1251")
_LONGEST_RECORD = 20  # lines
csv.field_size_limit(1 << 24)


@dataclass(frozen=True)
class Signature:
    """How one configured layout is told from a text file's header, and how it is cut into cells.

    Attributes:
        headers: keys (``header_key``) that must all be in the header row.
        header_row: number of the header row, from 1.
        delimiter: the delimiter to try first.
        encodings: encodings to try, in order.
        quoted: whether quotes mean anything.
    """

    headers: frozenset[str]
    header_row: int = 1
    delimiter: str = ";"
    encodings: tuple[str, ...] = ENCODINGS
    quoted: bool = True


@dataclass
class Table:
    """A text file's rows.

    Attributes:
        rows: all rows from the first line on, each with ``width`` cells.
        lines: the number of the line in which each row begins.
        misshapen: line numbers of rows that could not be cut into ``width`` cells, with the number found.
        encoding: the encoding read.
    """

    rows: list[list[str]]
    lines: list[int]
    encoding: str
    misshapen: list[tuple[int, int]] = field(default_factory=list)


def read(data: bytes, signatures: tuple[Signature, ...]) -> Table:
    """Cut a text file into rows under the first signature whose headers it has, else as well as can be.

    Raises:
        RefusedError: no encoding fits.
    """
    decoded: dict[str, str] = {}
    for signature in signatures:
        for encoding in _encodings(data, signature.encodings):
            if encoding not in decoded and (text := _decode(data, encoding)) is not None:
                decoded[encoding] = text
            head = _head(decoded.get(encoding, ""), signature.header_row)
            for delimiter in dict.fromkeys((signature.delimiter, *DELIMITERS)):
                names = _names(head, delimiter, signature.quoted)
                if signature.headers <= {header_key(name) for name in names}:
                    return _cut(decoded[encoding], encoding, delimiter, signature, len(names))
    for encoding in _encodings(data, ENCODINGS):
        if (text := _decode(data, encoding)) is not None:
            head = _head(text, 1)
            delimiter = max(DELIMITERS, key=lambda mark: len(_names(head, mark, True)))
            return _cut(text, encoding, delimiter, Signature(frozenset()), len(_names(head, delimiter, True)))
    raise RefusedError("RSK-FILE-FORMAT", reason="кодировка текста не распознана")


def _encodings(data: bytes, wanted: tuple[str, ...]) -> tuple[str, ...]:
    return ("utf-16",) if data.startswith((b"\xff\xfe", b"\xfe\xff")) else wanted


def _decode(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def _head(text: str, row: int) -> str:
    lines = text[: 1 << 20].split("\n", row)
    return lines[row - 1].rstrip("\r") if len(lines) >= row else ""


def _names(head: str, delimiter: str, quoted: bool) -> list[str]:
    if not quoted:
        return head.split(delimiter)
    return next(csv.reader([head], delimiter=delimiter), [])


def _cut(text: str, encoding: str, delimiter: str, signature: Signature, width: int) -> Table:
    try:
        table = _cut_strictly(text, encoding, delimiter, signature.quoted)
    except csv.Error:
        pass
    else:
        if all(len(row) in (0, width) for row in table.rows[signature.header_row - 1 :]):
            _square(table, width)
            return table
    table = _cut_by_lines(text, encoding, delimiter, width, signature)
    _square(table, width)
    return table


def _cut_strictly(text: str, encoding: str, delimiter: str, quoted: bool) -> Table:
    stream = io.StringIO(text, newline="")
    quoting: Literal[0, 3] = csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE
    reader = csv.reader(stream, delimiter=delimiter, strict=True, quoting=quoting)
    rows, lines, line = [], [], 1
    for row in reader:
        rows.append(row)
        lines.append(line)
        line = reader.line_num + 1
    return Table(rows, lines, encoding)


def _cut_by_lines(text: str, encoding: str, delimiter: str, width: int, signature: Signature) -> Table:
    table = Table([], [], encoding)
    physical = [line.removesuffix("\r") for line in text.split("\n")]
    number = 0
    while number < len(physical):
        line = physical[number]
        table.lines.append(number + 1)
        taken = 1
        if not line.strip() or number < signature.header_row - 1:
            table.rows.append(_names(line, delimiter, signature.quoted))
        elif cells := _split(line, delimiter, width, signature.quoted):
            table.rows.append(cells)
        else:
            taken, cells = _split_several(physical, number, delimiter, width) if signature.quoted else (1, None)
            if not cells:
                cells = line.split(delimiter)
                table.misshapen.append((number + 1, len(cells)))
            table.rows.append(cells)
        number += taken
    return table


def _split(line: str, delimiter: str, width: int, quoted: bool) -> list[str] | None:
    """The line's cells under the first way of splitting that gives ``width`` of them."""
    ways = chain(_quoted_ways(line, delimiter) if quoted else (), (line.split(delimiter),))
    return next((cells for cells in ways if len(cells) == width), None)


def _quoted_ways(line: str, delimiter: str) -> Iterator[list[str]]:
    with contextlib.suppress(csv.Error, StopIteration):
        yield next(csv.reader(io.StringIO(line, newline=""), delimiter=delimiter, strict=True))
    body = line.removesuffix(delimiter)
    if len(body) > 1 and body[0] == body[-1] == '"':
        trailing = [""] if line.endswith(delimiter) else []
        yield [_unescape(cell) for cell in body[1:-1].split(f'"{delimiter}"')] + trailing
    yield _split_loosely(line, delimiter)


def _split_loosely(line: str, delimiter: str) -> list[str]:
    """Cells of a line in which a quote closes a field only before a delimiter or the line's end."""
    mark = re.escape(delimiter)
    pattern = re.compile(rf'"(.*?)"(?={mark}|$)|([^{mark}]*)', re.DOTALL)
    cells, position = [], 0
    while position <= len(line) and (match := pattern.match(line, position)):
        cells.append(_unescape(match[1]) if match[1] is not None else match[2])
        position = match.end() + 1
    return cells


def _unescape(cell: str) -> str:
    return cell.replace('""', '"')


def _split_several(lines: list[str], first: int, delimiter: str, width: int) -> tuple[int, list[str] | None]:
    """A record of several lines: how many, and its cells; lines that are records by themselves are never taken in."""
    for last in range(first + 1, min(first + _LONGEST_RECORD, len(lines))):
        if _split(lines[last], delimiter, width, quoted=True):
            break
        record = "\n".join(lines[first : last + 1])
        if cells := next((cells for cells in _quoted_ways(record, delimiter) if len(cells) == width), None):
            return last - first + 1, cells
    return 1, None


def _square(table: Table, width: int) -> None:
    """Give every row ``width`` cells; the empty rows at the end go."""
    while table.rows and not any(table.rows[-1]):
        table.rows.pop()
        table.lines.pop()
    for row in table.rows:
        if len(row) != width:
            row[width:] = []
            row.extend([""] * (width - len(row)))
