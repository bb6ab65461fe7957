"""Zip archives of files: unpacked member by member into a content-addressed store.

Belongs here: what an archive holds and how its members are called for people. Does not belong here: workbooks (zip
containers too), which readers open; where the store keeps content (``landing.store``).

A member's name never becomes a path: the store names files by their content, and the name only travels along.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol, cast

from rsoko_pipeline.findings import Finding
from rsoko_pipeline.privacy import mask_file_name
from rsoko_pipeline.sources import guard
from rsoko_pipeline.sources.guard import RefusedError

if TYPE_CHECKING:
    from rsoko_pipeline.configuration.models import Limits

_UTF8_FLAG = 0x800
#: Parts of workbooks with which they begin; a look at the first member saves opening every workbook twice.
_BOOK_BEGINS = (b"[Content_Types].xml", b"_rels/.rels", b"docProps/", b"xl/workbook", b"xl/styles")
#: What file managers leave behind.
_PASSED_OVER = ("__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini")


class StoredFile(Protocol):
    """A file in the store."""

    @property
    def file_id(self) -> str:
        """SHA-256 of the content, hexadecimal."""

    @property
    def size(self) -> int:
        """Bytes."""

    @property
    def path(self) -> Path:
        """Where it lies."""


class FileStore(Protocol):
    """Where members go: ``landing.store.Store``."""

    def put(self, stream: BinaryIO) -> StoredFile:
        """Copy the stream in under the hash of its content."""


@dataclass(frozen=True)
class Member:
    """A file of an archive: its place in the store and its name for people, the archive's name first."""

    stored: StoredFile
    name: str


def is_archive(path: Path) -> bool:
    """Whether the file is a zip archive of files, and no workbook."""
    with path.open("rb") as stream:
        head = stream.read(64)
        if not head.startswith((b"PK\x03\x04", b"PK\x05\x06")) or head[30:].startswith(_BOOK_BEGINS):
            return False
        try:
            names = set(zipfile.ZipFile(stream).namelist())
        except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
            return False
    return "[Content_Types].xml" not in names and not {"mimetype", "content.xml"} <= names


def expand(path: Path, name: str, store: FileStore, limits: Limits, findings: list[Finding]) -> Iterator[Member]:
    """The files of an archive, those of archives inside it included, in the archive's order.

    Args:
        path: the archive.
        name: its name for people.
        store: where the members go.
        limits: bounds on sizes, members and depth.
        findings: gets what is wrong with the archive or a member; the other members come all the same.
    """
    yield from _expand(path, name, store, limits, findings, depth=0)


def _expand(
    path: Path, name: str, store: FileStore, limits: Limits, findings: list[Finding], depth: int
) -> Iterator[Member]:
    if depth > limits.max_depth:
        findings.append(Finding("RSK-ARCHIVE-NESTED", {"name": name, "limit": limits.max_depth}))
        return
    with path.open("rb") as stream:
        try:
            container = guard.open_zip(stream, limits)
        except RefusedError as refusal:
            findings.append(Finding(refusal.code, {"name": name, **refusal.values}))
            return
        for member in container.infolist():
            written = _written_name(member)
            parts = [part for part in written.replace("\\", "/").split("/") if part not in ("", ".")]
            safe = [part for part in parts if part != ".." and not part.endswith(":")]
            if member.is_dir() or not safe or any(part in _PASSED_OVER or part.startswith("~$") for part in safe):
                continue
            if safe != parts or written.startswith(("/", "\\")):
                findings.append(Finding("RSK-ARCHIVE-PATH", {"name": name, "member": mask_file_name(written)}))
            inside = mask_file_name("/".join(safe))
            shown = f"{name}/{inside}"
            stored = _store(container, member, store, limits, findings, name=name, shown=inside)
            if stored is None:
                continue
            if is_archive(stored.path):
                yield from _expand(stored.path, shown, store, limits, findings, depth + 1)
            else:
                yield Member(stored, shown)


def _store(
    container: zipfile.ZipFile,
    member: zipfile.ZipInfo,
    store: FileStore,
    limits: Limits,
    findings: list[Finding],
    *,
    name: str,
    shown: str,
) -> StoredFile | None:
    """Copy a member into the store; a finding and None when it is too large or damaged."""
    if member.file_size > limits.max_file_bytes:
        size, limit = guard.megabytes(member.file_size), guard.megabytes(limits.max_file_bytes)
        findings.append(
            Finding(
                "RSK-ARCHIVE-MEMBER", {"name": name, "member": shown, "reason": f"его размер {size}, разрешено {limit}"}
            )
        )
        return None
    try:
        with container.open(member) as stream:
            return store.put(cast(BinaryIO, stream))
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError):
        findings.append(
            Finding(
                "RSK-ARCHIVE-MEMBER",
                {"name": name, "member": shown, "reason": "он повреждён или сжат неизвестным способом"},
            )
        )
        return None


def _written_name(member: zipfile.ZipInfo) -> str:
    """The member's name as its sender saw it: programs that do not say UTF-8 write it in UTF-8 or in DOS's cp866."""
    if member.flag_bits & _UTF8_FLAG:
        return member.filename
    raw = member.filename.encode("cp437", "replace")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("cp866")
