"""Sources: files as people send them to contract frames, file facts and findings.

One reader a file format; a reader turns a file into frames of schema ``source`` or says exactly why not. Files are
opened in child processes with a memory limit and a deadline. What needs a register, a scale or other files is checked
in ``validation``.

Nothing is imported here before it is used: the child processes import this package too and must stay small.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rsoko_pipeline.configuration import Configuration
    from rsoko_pipeline.sources.archive import expand, is_archive
    from rsoko_pipeline.sources.model import FileFacts, ReadResult, TaskHead

__all__ = ["FileFacts", "ReadResult", "TaskHead", "expand", "is_archive", "read", "read_many"]

_HOMES = {
    "FileFacts": "model",
    "ReadResult": "model",
    "TaskHead": "model",
    "expand": "archive",
    "is_archive": "archive",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def read(path: str | Path, *, cfg: Configuration | None = None, name: str | None = None) -> ReadResult:
    """Read one file.

    Args:
        path: the file.
        cfg: configuration; the one in effect by default.
        name: the name under which it was sent, its folder included; by default its path's last part.

    Returns:
        The file's facts, contract frames and findings. A bad file is no exception.
    """
    path = Path(path)
    return next(read_many([(path, name or path.name)], cfg=cfg, workers=1))


def read_many(
    files: Iterable[tuple[Path, str]],
    *,
    cfg: Configuration | None = None,
    workers: int = 2,
    key: bytes | None = None,
) -> Iterator[ReadResult]:
    """Read files; results come in the files' order, as soon as they are there.

    Args:
        files: paths and the names under which the files were sent.
        cfg: configuration; the one in effect by default.
        workers: number of child processes.
        key: the key of pseudonyms; without one a key of this call alone, for whoever stores nothing.
    """
    from rsoko_pipeline import configuration
    from rsoko_pipeline.sources import reading

    return reading.read_many(files, cfg=cfg or configuration.load(), workers=workers, key=key)
