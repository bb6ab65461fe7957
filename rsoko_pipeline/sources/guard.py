"""What an incoming file is by its first bytes, and whether it may be opened at all.

Belongs here: checks that need neither a parser nor trust in the file: magic bytes, limits on zip containers, encrypted
books, document types inside markup. Standard library only: the child processes (``worker``) run it before anything
else touches the bytes, and ``archive`` uses it for archives. Does not belong here: reading sheets.
"""

from __future__ import annotations

import gzip
import io
import re
import zipfile
import zlib
from pathlib import PurePath
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # never in the child processes
    from rsoko_pipeline.configuration.models import Limits

XLSX, XLS, ODS, TEXT, GZIP, ARCHIVE = "xlsx", "xls", "ods", "text", "gzip", "archive"

#: What each kind of content is called in a finding, and the extensions under which it is expected.
KINDS_RU = {
    XLSX: "книга Excel (xlsx)",
    XLS: "книга Excel 97–2003 (xls)",
    ODS: "таблица OpenDocument (ods)",
    TEXT: "текст с разделителями (csv)",
    GZIP: "сжатый файл (gz)",
    ARCHIVE: "архив zip",
}
_EXTENSIONS = {
    ".xlsx": XLSX, ".xlsm": XLSX, ".xlsb": XLSX, ".xls": XLS, ".ods": ODS, ".csv": TEXT, ".txt": TEXT, ".tsv": TEXT,
    ".gz": GZIP, ".zip": ARCHIVE,
}  # fmt: skip
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_FOREIGN = {
    b"%PDF": "внутри документ PDF, а не таблица",
    b"Rar!": "внутри архив RAR; пришлите файлы в архиве zip",
    b"7z\xbc\xaf": "внутри архив 7z; пришлите файлы в архиве zip",
    b"\x89PNG": "внутри картинка, а не таблица",
    b"\xff\xd8\xff": "внутри картинка, а не таблица",
    b"{\\rtf": "внутри документ RTF, а не таблица",
}
_MARKUP = re.compile(rb"\s*<(?:!doctype|html|head|table|\?xml|meta)", re.IGNORECASE)
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_DECLARATION = re.compile(rb"<!(?:DOCTYPE|ENTITY)")
#: A ratio of unpacking says nothing about a small file.
_SMALL = 4 << 20


class RefusedError(Exception):
    """The file is not to be read.

    Attributes:
        code: a code of the catalogue of findings.
        values: what fills its sentence.
    """

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code)
        self.code = code
        self.values = values


def megabytes(size: float) -> str:
    """A size for a person: «12,5 МБ»."""
    return f"{size / (1 << 20):.1f} МБ".replace(".", ",")


def too_large(what: str, actual: object, limit: object) -> RefusedError:
    """The refusal of a file of which something is above its limit."""
    return RefusedError("RSK-FILE-TOO-LARGE", what=what, actual=actual, limit=limit)


def check_size(size: int, limits: Limits) -> None:
    """Refuse an empty file and one above the limit."""
    if size == 0:
        raise RefusedError("RSK-FILE-EMPTY")
    if size > limits.max_file_bytes:
        raise too_large("размер файла", megabytes(size), megabytes(limits.max_file_bytes))


def kind_of(data: bytes, limits: Limits) -> str:
    """What the bytes are: one of the keys of ``KINDS_RU``.

    Args:
        data: the whole content.
        limits: limits for zip containers.

    Raises:
        RefusedError: a format that is not read, an encrypted or damaged book, a container beyond the limits.
    """
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        with open_zip(io.BytesIO(data), limits) as container:
            kind = _kind_of_zip(container)
            if kind != ARCHIVE:
                _refuse_declarations(container)
            return kind
    if data.startswith(_OLE):
        return _kind_of_ole(data)
    if data.startswith(b"\x1f\x8b"):
        return GZIP
    for magic, reason in _FOREIGN.items():
        if data.startswith(magic):
            raise RefusedError("RSK-FILE-FORMAT", reason=reason)
    if _MARKUP.match(data, 3 if data.startswith(b"\xef\xbb\xbf") else 0):
        if _DECLARATION.search(data[:4096]) and b"SYSTEM" in data[:4096]:
            raise RefusedError("RSK-FILE-ENTITY")
        raise RefusedError("RSK-FILE-FORMAT", reason="внутри веб-страница или XML, а не таблица; сохраните её как xlsx")
    if b"\0" in data and not data.startswith(_UTF16):
        raise RefusedError("RSK-FILE-FORMAT", reason="внутри двоичные данные неизвестного вида")
    return TEXT


def expected_kind(name: str) -> str | None:
    """The kind that the name's extension promises, None when it promises nothing."""
    return _EXTENSIONS.get(PurePath(name).suffix.lower())


def open_zip(stream: io.BufferedIOBase, limits: Limits) -> zipfile.ZipFile:
    """Open a zip container after checking what its directory declares.

    Raises:
        RefusedError: damaged or cut off, encrypted, too many members, too much unpacked, a bomb.
    """
    size = stream.seek(0, io.SEEK_END)
    stream.seek(0)
    try:
        container = zipfile.ZipFile(stream)
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise RefusedError(
            "RSK-FILE-DAMAGED", reason="не находится конец архива, в который упакована таблица"
        ) from error
    members = container.infolist()
    if len(members) > limits.max_members:
        raise too_large("частей в архиве", len(members), limits.max_members)
    if any(member.flag_bits & 1 for member in members):
        raise RefusedError("RSK-FILE-ENCRYPTED")
    unpacked = sum(member.file_size for member in members)
    # Parts that overlap in the container are the bomb that declares modest sizes.
    ratio = max(unpacked / size, sum(member.compress_size for member in members) / size * limits.max_ratio)
    if ratio > limits.max_ratio and unpacked > _SMALL:
        raise RefusedError("RSK-FILE-BOMB", ratio=round(unpacked / size))
    if unpacked > limits.max_unpacked_bytes:
        raise too_large("размер после распаковки", megabytes(unpacked), megabytes(limits.max_unpacked_bytes))
    return container


def unpack_gzip(data: bytes, limits: Limits) -> bytes:
    """The content of a gzip file, never more than the limits allow.

    Raises:
        RefusedError: damaged, cut off, or larger unpacked than allowed.
    """
    ratio = max(limits.max_ratio, _SMALL / len(data))
    allowed = min(int(ratio * len(data)), limits.max_unpacked_bytes)
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as stream:
            out = stream.read(allowed + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise RefusedError("RSK-FILE-DAMAGED", reason="сжатые данные обрываются") from error
    if len(out) <= allowed:
        return out
    if allowed < limits.max_unpacked_bytes:
        raise RefusedError("RSK-FILE-BOMB", ratio=f"больше {ratio:.0f}")
    limit = megabytes(limits.max_unpacked_bytes)
    raise too_large("размер после распаковки", f"больше {limit}", limit)


def _kind_of_zip(container: zipfile.ZipFile) -> str:
    names = set(container.namelist())
    if "[Content_Types].xml" in names:
        if not names & {"xl/workbook.xml", "xl/workbook.bin"}:
            raise RefusedError("RSK-FILE-FORMAT", reason="внутри документ Word или презентация, а не таблица")
        return XLSX
    if {"mimetype", "content.xml"} <= names:
        return ODS
    return ARCHIVE


def _kind_of_ole(data: bytes) -> str:
    if "EncryptedPackage".encode("utf-16-le") in data:
        raise RefusedError("RSK-FILE-ENCRYPTED")
    if not any(name.encode("utf-16-le") in data for name in ("Workbook", "Book", "WORKBOOK", "BOOK")):
        raise RefusedError("RSK-FILE-FORMAT", reason="внутри документ старого Word или другой программы, а не таблица")
    return XLS


def _refuse_declarations(container: zipfile.ZipFile) -> None:
    """Refuse a book any part of which opens with a document type: spreadsheets never have one."""
    for member in container.infolist():
        if member.filename.endswith((".xml", ".rels")):
            try:
                with container.open(member) as part:
                    head = part.read(1024)
            except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
                raise RefusedError(
                    "RSK-FILE-DAMAGED", reason=f"часть «{member.filename}» не распаковывается"
                ) from error
            if _DECLARATION.search(head):
                raise RefusedError("RSK-FILE-ENTITY")
