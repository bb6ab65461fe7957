"""What lies in the landing folder: names and content hashes.

Belongs here: walking the folder (a local one or any fsspec URL). Does not belong here: what is new (``intake``).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from upath import UPath

from rsoko_pipeline.landing.store import digest
from rsoko_pipeline.privacy import mask_file_name

#: Lock files of office programs and of file managers, the simulation's answers, and downloads that are still under way.
_PASSED_OVER = ("~$", ".", "Thumbs.db", "desktop.ini", "truth.csv")
_UNFINISHED = (".part", ".crdownload", ".tmp")


@dataclass(frozen=True)
class Incoming:
    """A file of the landing folder, or what stands beside it.

    Attributes:
        name: relative to the folder.
        path: where it is.
        file_id: the content's hash, None where it cannot be read.
        trouble: why there is none, as the program says it.
        code: the finding that tells people so.
    """

    name: str
    path: UPath
    file_id: str | None
    trouble: str | None = None
    code: str = "RSK-FILE-UNREADABLE"


def names(landing: UPath) -> Iterator[tuple[str, UPath]]:
    """Every file of the landing folder by name, sorted, without lock files and unfinished downloads.

    What looks like a person's name in a file's name is masked here, before anything keeps it.
    """
    if not landing.exists():
        return
    found = ((str(path.relative_to(landing)), path) for path in landing.rglob("*"))
    for name, path in sorted(found):
        parts = name.split("/")
        if any(part.startswith(_PASSED_OVER) for part in parts) or name.endswith(_UNFINISHED):
            continue
        if path.is_file():
            yield mask_file_name(name), path


def scan(landing: UPath) -> list[Incoming]:
    """Hash every file of the landing folder; one that cannot be read is listed with the trouble."""
    out = []
    for name, path in names(landing):
        try:
            with path.open("rb") as stream:
                out.append(Incoming(name, path, digest(stream)))
        except PermissionError as error:
            out.append(Incoming(name, path, None, type(error).__name__, "RSK-FILE-PERMISSION"))
        except OSError as error:
            out.append(Incoming(name, path, None, type(error).__name__))
    return out


def fingerprint(incoming: list[Incoming]) -> str:
    """One hash of all names and contents: the landing sensor's cursor."""
    lines = (f"{item.file_id or item.trouble} {item.name}" for item in incoming)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
