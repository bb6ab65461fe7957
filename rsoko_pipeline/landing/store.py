"""The store: an immutable copy of every file taken in, under the hash of its content.

Belongs here: copying bytes in, whole or not at all, and finding them again. Does not belong here: what the bytes mean
(``sources``), what is known of them (``ledger``).
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

_CHUNK = 1 << 20


@dataclass(frozen=True)
class Stored:
    """A file in the store: SHA-256 of its content (hexadecimal), size in bytes, path."""

    file_id: str
    size: int
    path: Path


def digest(stream: BinaryIO) -> str:
    """SHA-256 of the stream's rest, hexadecimal."""
    return hashlib.file_digest(stream, "sha256").hexdigest()


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
            OSError: the copy could not be written; nothing of it is left.
        """
        if file_id and (known := self.path(file_id)).exists():
            return Stored(file_id, known.stat().st_size, known)
        self.root.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(prefix=".incoming-", dir=self.root)
        temporary = Path(name)
        try:
            hasher = hashlib.sha256()
            with os.fdopen(descriptor, "wb") as out:
                while block := stream.read(_CHUNK):
                    hasher.update(block)
                    out.write(block)
                size = out.tell()
            actual = hasher.hexdigest()
            target = self.path(actual)
            target.parent.mkdir(exist_ok=True)
            temporary.replace(target)
            return Stored(actual, size, target)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise

    def sweep(self) -> int:
        """Remove what an interrupted copy left behind; the number of files removed."""
        leftovers = list(self.root.glob(".incoming-*")) if self.root.exists() else []
        for path in leftovers:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        return len(leftovers)
