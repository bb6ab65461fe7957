"""The store: an immutable copy of every file taken in, under the hash of its content.

Belongs here: copying bytes in, whole or not at all, and finding them again. Does not belong here: what the bytes mean
(``sources``), what is known of them (``ledger``).
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from rsoko_pipeline.disk import room

_CHUNK = 1 << 20
_INCOMING = ".incoming-"
#: The copies are what was sent, personal data and all: only the system's own account may enter (files are 0600).
_PRIVATE = 0o700
#: A copy that has not grown for so long, seconds, belongs to a process that is gone.
_ABANDONED = 24 * 3600


@dataclass(frozen=True)
class Stored:
    """A file in the store: SHA-256 of its content (hexadecimal), size in bytes, path."""

    file_id: str
    size: int
    path: Path


def digest(stream: BinaryIO) -> str:
    """SHA-256 of the stream's rest, hexadecimal."""
    hasher = hashlib.sha256()
    for block in _blocks(stream):
        hasher.update(block)
    return hasher.hexdigest()


def _blocks(stream: BinaryIO) -> Iterator[bytes]:
    return iter(lambda: stream.read(_CHUNK), b"")


class Store:
    """Content-addressed files under one folder.

    A name that somebody gave a file never becomes a path here. A copy appears under its final name only when it is
    whole: a full disk or a killed process leaves nothing half-written that could be taken for a file.
    """

    def __init__(self, root: Path) -> None:
        self.root = Path(root)

    def path(self, file_id: str) -> Path:
        """Where the content ``file_id`` lies or would lie."""
        return self.root / file_id[:2] / file_id

    def put(self, stream: BinaryIO, file_id: str | None = None) -> Stored:
        """Copy the stream in and return its place; content already there is not written again.

        Args:
            stream: binary stream at its beginning.
            file_id: the content's SHA-256 where the caller knows it already.

        Raises:
            NoRoomError: the disk is full; nothing of the copy is left.
            OSError: the copy could not be written for another reason; nothing of it is left either.
        """
        if file_id and (known := self.path(file_id)).exists():
            return Stored(file_id, known.stat().st_size, known)
        with room(self.root):
            return self._copy(stream)

    def _copy(self, stream: BinaryIO) -> Stored:
        self.root.mkdir(mode=_PRIVATE, parents=True, exist_ok=True)
        self.root.chmod(_PRIVATE)  # a folder that an earlier version made
        descriptor, name = tempfile.mkstemp(prefix=_INCOMING, dir=self.root)
        temporary = Path(name)
        try:
            hasher = hashlib.sha256()
            with os.fdopen(descriptor, "wb") as out:
                for block in _blocks(stream):
                    hasher.update(block)
                    out.write(block)
                size = out.tell()
            actual = hasher.hexdigest()
            target = self.path(actual)
            target.parent.mkdir(mode=_PRIVATE, exist_ok=True)
            temporary.replace(target)
            return Stored(actual, size, target)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise

    def sweep(self) -> int:
        """Remove what interrupted copies left behind, not what another process may still be writing; how many."""
        since = time.time() - _ABANDONED
        leftovers = [path for path in self.root.glob(f"{_INCOMING}*") if path.stat().st_mtime < since]
        for path in leftovers:
            path.unlink()
        return len(leftovers)
