"""The child process that opens files nobody trusts: bytes in, cells out.

Belongs here: everything that happens in the child. It imports the standard library and python-calamine alone, so that
it starts in some 50 ms and stays small. Does not belong here: what the cells mean; the parent's side (``sandbox``).

Protocol: the parent writes a line of JSON with the limits and signatures, then a line a file. For every file the child
answers, in order, with the length of a JSON head (4 bytes), the head, and the cells: for every sheet an array of codes
into the sheet's list of different values, row by row; the head says how often the last row repeats. JSON and numbers
only: an answer cannot make the parent run anything, whatever a hostile file made of the child.
"""

from __future__ import annotations

import contextlib
import datetime
import gc
import hashlib
import io
import json
import os
import re
import struct
import sys
import zipfile
import zlib
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, BinaryIO

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from rsoko_pipeline.sources import delimited_text, guard, prefilled
from rsoko_pipeline.sources.guard import RefusedError

if TYPE_CHECKING:
    from rsoko_pipeline.configuration.models import Limits

HEAD = struct.Struct(">I")
#: Where a formula ends (a shared one is written out once); the search flies to the first letter, which is rare.
_FORMULA_END = re.compile(rb"f>")


#: Key of a formula without value among a sheet's values; no cell is a tuple.
_FORMULA = ("formula",)


class _Codes(dict[Any, int]):
    """Numbers values in the order of their first appearance."""

    def __missing__(self, value: object) -> int:
        self[value] = code = len(self)
        return code


class CodedSheet:
    """A sheet as codes: ``values[codes[row * width + column]]`` is a cell. A truth value is the number 1 or 0.

    ``repeats`` rows like the last one follow and are not written out.
    """

    def __init__(self, name: str | None, width: int, *, hidden: bool = False) -> None:
        self.name, self.width, self.hidden = name, width, hidden
        self.lines: list[int] | None = None
        self.formulas: int | None = None
        self.repeats = 0
        self._index = _Codes()
        self._codes = array("H")

    def extend(self, rows: Iterable[Sequence[Any]]) -> None:
        """Add rows of ``width`` cells; runs of equal rows, as in a form filled in beforehand, cost next to nothing."""
        number = self._index.__getitem__
        previous: Sequence[Any] | None = None
        last = self._codes[:0]
        for row in rows:
            if row != previous:
                codes = list(map(number, row))
                try:
                    last = array(self._codes.typecode, codes)
                except OverflowError:
                    self._codes = array("I", self._codes)
                    last = array("I", codes)
                previous = row
            self._codes.extend(last)

    def mark_formulas(self, cells: Iterable[tuple[int, int]]) -> None:
        """Mark the cells (row, column from 0) that hold a formula and no value."""
        self.formulas = code = len(self._index)
        self._index[_FORMULA] = code
        if code > 0xFFFF:
            self._codes = array("I", self._codes)
        for row, column in cells:
            place = row * self.width + column
            if column < self.width and place < len(self._codes):
                self._codes[place] = code

    def head(self) -> dict[str, Any]:
        """What the parent must know to read the codes."""
        return {
            "name": self.name,
            "hidden": self.hidden,
            "width": self.width,
            "type": self._codes.typecode,
            "size": len(self._codes) * self._codes.itemsize,
            "values": list(self._index),
            "formulas": self.formulas,
            "lines": self.lines,
            "repeats": self.repeats,
        }

    def blob(self) -> bytes:
        """The codes."""
        return self._codes.tobytes()


def main() -> None:
    """Serve until the parent closes the pipe."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    settings = json.loads(sys.stdin.buffer.readline())
    limits: Limits = SimpleNamespace(**settings["limits"])  # type: ignore[assignment]
    signatures = tuple(
        delimited_text.Signature(
            **{**entry, "headers": frozenset(entry["headers"]), "encodings": tuple(entry["encodings"])}
        )
        for entry in settings["signatures"]
    )
    _confine(limits)
    gc.disable()  # cells are trees: they go when nobody holds them
    for line in sys.stdin.buffer:
        _allow_time(limits)
        out_of_memory = answer(json.loads(line), limits, signatures, answers)
        answers.flush()
        if out_of_memory:
            return


def answer(
    task: dict[str, str], limits: Limits, signatures: tuple[delimited_text.Signature, ...], out: BinaryIO
) -> bool:
    """Read the file of ``task`` and write the answer; True when memory ran out and the process should not go on."""
    head: dict[str, Any] = {"sheets": [], "findings": []}
    sheets: list[CodedSheet] = []
    out_of_memory = False
    try:
        sheets = _read(Path(task["path"]), task["name"], limits, signatures, head)
    except RefusedError as refusal:
        head["findings"].append([refusal.code, refusal.values])
    except MemoryError:
        sheets, out_of_memory = [], True
        head["findings"].append(["RSK-FILE-DEADLINE", {"seconds": limits.seconds_per_file}])
    except Exception:  # whatever else a hostile file brings about is this file's fault alone
        head["findings"].append(["RSK-FILE-DAMAGED", {"reason": "содержимое не разбирается"}])
    head["sheets"] = [sheet.head() for sheet in sheets]
    text = json.dumps(head, ensure_ascii=False, default=_plain).encode("utf-8", "replace")
    out.write(HEAD.pack(len(text)))
    out.write(text)
    for sheet in sheets:
        out.write(sheet.blob())
    return out_of_memory


def _read(
    path: Path, name: str, limits: Limits, signatures: tuple[delimited_text.Signature, ...], head: dict[str, Any]
) -> list[CodedSheet]:
    data = _content(path, limits, head)
    kind = guard.kind_of(data, limits)
    expected = guard.expected_kind(name)
    if expected and expected != kind and kind != guard.ARCHIVE:
        head["findings"].append(["RSK-FILE-EXTENSION", {"actual": guard.KINDS_RU[kind]}])
    if kind == guard.GZIP:
        data = guard.unpack_gzip(data, limits)
        guard.check_size(len(data), limits)
        kind = guard.kind_of(data, limits)
    if kind in (guard.GZIP, guard.ARCHIVE):
        raise RefusedError("RSK-FILE-FORMAT", reason="внутри архив, а в нём — не таблица")
    head["kind"] = kind
    return [_read_text(data, limits, signatures, head)] if kind == guard.TEXT else _read_book(data, kind, limits)


def _content(path: Path, limits: Limits, head: dict[str, Any]) -> bytes:
    try:
        with path.open("rb") as stream:
            head["size"] = os.fstat(stream.fileno()).st_size
            if head["size"] > limits.max_file_bytes:
                head["file_id"] = hashlib.file_digest(stream, "sha256").hexdigest()
                guard.check_size(head["size"], limits)
            data = stream.read()
    except PermissionError as error:
        raise RefusedError("RSK-FILE-PERMISSION") from error
    except OSError as error:
        raise RefusedError("RSK-FILE-UNREADABLE", reason=error.strerror or type(error).__name__) from error
    head["file_id"] = hashlib.sha256(data).hexdigest()
    guard.check_size(len(data), limits)
    return data


# ------------------------------------------------------------------------------------------------------------ text
def _read_text(
    data: bytes, limits: Limits, signatures: tuple[delimited_text.Signature, ...], head: dict[str, Any]
) -> CodedSheet:
    table = delimited_text.read(data, signatures)
    width = max(map(len, table.rows), default=0)
    _check_shape(len(table.rows), width, limits)
    head["encoding"] = table.encoding
    head["misshapen"] = table.misshapen
    sheet = CodedSheet(None, width)
    sheet.extend(table.rows)
    if table.lines != list(range(1, len(table.lines) + 1)):
        sheet.lines = table.lines
    return sheet


# ----------------------------------------------------------------------------------------------------------- books
def _read_book(data: bytes, kind: str, limits: Limits) -> list[CodedSheet]:
    seen = _look_through(data) if kind == guard.XLSX else _Seen(data)
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(seen.data)) as book:
            names = [
                (entry.name, entry.visible) for entry in book.sheets_metadata if entry.typ == SheetTypeEnum.WorkSheet
            ]
            sheets = [
                _code(book.get_sheet_by_name(name), visible, seen.cuts.get(name), limits) for name, visible in names
            ]
    except PasswordError as error:
        raise RefusedError("RSK-FILE-ENCRYPTED") from error
    except (CalamineError, ValueError, OSError) as error:
        raise RefusedError("RSK-FILE-DAMAGED", reason="содержимое книги не разбирается") from error
    except MemoryError:
        raise
    except BaseException as error:  # a panic of the parser is no Exception
        if isinstance(error, RefusedError | KeyboardInterrupt | SystemExit):
            raise
        raise RefusedError("RSK-FILE-DAMAGED", reason="содержимое книги не разбирается") from error
    for sheet in sheets:
        if sheet.name in seen.formulas:
            sheet.mark_formulas(seen.formulas[sheet.name])
    return sheets


def _code(sheet: CalamineSheet, visible: SheetVisibleEnum, cut: prefilled.Cut | None, limits: Limits) -> CodedSheet:
    """The sheet from A1 on; calamine fills rows above the first cell, columns before it are filled here.

    The rows that were left out come back if the one they repeat holds anything: calamine ends where values do.
    """
    hidden = visible != SheetVisibleEnum.Visible
    if sheet.start is None or sheet.end is None:
        return CodedSheet(sheet.name, 0, hidden=hidden)
    height, width = sheet.end[0] + 1, sheet.end[1] + 1
    repeats = cut.repeats if cut and cut.row == height else 0
    _check_shape(height + repeats, width, limits)
    coded = CodedSheet(sheet.name, width, hidden=hidden)
    before = [""] * sheet.start[1]
    coded.extend((before + row for row in sheet.iter_rows()) if before else sheet.iter_rows())
    coded.repeats = repeats
    return coded


def _check_shape(height: int, width: int, limits: Limits) -> None:
    for what, actual, limit in (("строк", height, limits.max_rows), ("столбцов", width, limits.max_columns)):
        if actual > limit:
            raise guard.too_large(what, actual, limit)


@dataclass
class _Seen:
    """A book as the parser gets it, and what its parts show before that, by the sheet's name.

    Attributes:
        data: the book.
        formulas: row and column (from 0) of formulas without a stored value: calamine gives such a cell as empty.
        cuts: the sheets without the rows that repeat at their end.
    """

    data: bytes
    formulas: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    cuts: dict[str, prefilled.Cut] = field(default_factory=dict)


def _look_through(data: bytes) -> _Seen:
    formulas: dict[str, list[tuple[int, int]]] = {}
    cuts: dict[str, prefilled.Cut] = {}
    book = io.BytesIO(data)
    with zipfile.ZipFile(book, "a") as container:
        for part in container.infolist():
            if not (part.filename.startswith("xl/worksheets/") and part.filename.endswith(".xml")):
                continue
            xml = _inflate(data, part)
            found = prefilled.cut(xml)
            if _FORMULA_END.search(found.xml if found else xml) and (cells := list(_formulas_without_value(xml))):
                formulas[part.filename] = cells
            elif found and zlib.crc32(xml) == part.CRC:
                cuts[part.filename] = found
        names = _sheets_by_part(container) if formulas or cuts else {}
        cuts = {part: found for part, found in cuts.items() if part in names}
        for name, shorter in cuts.items():
            prefilled.replace(container, name, shorter.xml)
    return _Seen(
        book.getvalue(),
        {names[part]: cells for part, cells in formulas.items() if part in names},
        {names[part]: found for part, found in cuts.items()},
    )


def _inflate(data: bytes, part: zipfile.ZipInfo) -> bytes:
    """A part's bytes, in half the time of ``zipfile`` with its check sums; calamine looks at them."""
    start = part.header_offset + 30
    start += sum(struct.unpack_from("<HH", data, part.header_offset + 26))
    packed = data[start : start + part.compress_size]
    return zlib.decompress(packed, -zlib.MAX_WBITS, part.file_size) if part.compress_type else packed


def _sheets_by_part(container: zipfile.ZipFile) -> dict[str, str]:
    from xml.etree import ElementTree

    relation = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
    targets = {
        entry.get("Id"): "xl/" + entry.get("Target", "").removeprefix("/xl/")
        for entry in ElementTree.fromstring(container.read("xl/_rels/workbook.xml.rels"))
    }
    book = ElementTree.fromstring(container.read("xl/workbook.xml"))
    return {
        targets[entry.get(relation)]: entry.get("name", "")
        for entry in book.iter()
        if entry.tag.endswith("}sheet") and entry.get(relation) in targets
    }


def _formulas_without_value(sheet: bytes) -> Iterable[tuple[int, int]]:
    """Row and column (from 0) of every cell with a formula and no value."""
    prefix = match[1] if (match := re.search(rb"<(\w+:)?worksheet\b", sheet[:4096])) and match[1] else b""
    empty = re.compile(
        rb"<%(p)sf\b[^>]*(?:/>|>[^<]*</%(p)sf>)\s*(?:<%(p)sv\s*/>|<%(p)sv>\s*</%(p)sv>)?\s*</%(p)sc>" % {b"p": prefix}
    )
    for match in empty.finditer(sheet):
        cell = sheet.rfind(b"<%sc " % prefix, 0, match.start())
        place = re.match(rb'[^>]*?\br="([A-Z]+)([0-9]+)"', sheet[cell : match.start()])
        if place:
            yield int(place[2]) - 1, _column(place[1])


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1


# --------------------------------------------------------------------------------------------------------- process
def _plain(value: object) -> str:
    """Dates and times as ISO text; a date at midnight is a date."""
    if isinstance(value, datetime.datetime) and value.time() == datetime.time():
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, datetime.date | datetime.time) else str(value)


def _confine(limits: Limits) -> None:
    """Bound the memory of this process where the system can; no core files."""
    try:
        import resource
    except ImportError:
        return
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (limits.memory_bytes, limits.memory_bytes))


def _allow_time(limits: Limits) -> None:
    """Bound the processor time of the next file, so that a child whose parent was killed ends by itself."""
    try:
        import resource
    except ImportError:
        return
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(
            resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime + limits.seconds_per_file) + 2, hard)
        )


if __name__ == "__main__":
    main()
