"""Files read lately by this process, so that the intake's reading serves the events' assets of the same process.

Belongs here: the memory and its bypass. A process that did not take a file in reads it again from the store: any worker
on any host can build any event.
"""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from rsoko_pipeline import sources
from rsoko_pipeline.configuration import Configuration
from rsoko_pipeline.landing.store import Store
from rsoko_pipeline.sources.model import ReadResult
from rsoko_pipeline.sources.reading import unreadable_id

__all__ = ["StoredFileError", "forget", "keep", "take", "unreadable_id"]

_MEMORY: dict[tuple[str, str], ReadResult] = {}


class StoredFileError(RuntimeError):
    """The store no longer holds a file that is in force."""


def keep(result: ReadResult, config_version: str) -> None:
    """Remember a file's result until it is taken or forgotten."""
    _MEMORY[result.file.file_id, config_version] = result


def forget() -> None:
    """Forget all results."""
    _MEMORY.clear()


def take(files: pd.DataFrame, store: Store, cfg: Configuration, *, workers: int = 2) -> Iterator[ReadResult]:
    """The results of files, from memory or read again from the store; each is forgotten once given.

    Args:
        files: ``file_id`` and ``name``, a row a file.
        store: where the files' copies are.
        cfg: configuration, for the readers.
        workers: child processes for what has to be read again.

    Raises:
        StoredFileError: a copy is gone or is not what was taken in.
    """
    wanted = list(zip(files["file_id"], files["name"], strict=True))
    absent = [(store.path(file_id), name) for file_id, name in wanted if (file_id, cfg.version) not in _MEMORY]
    again = sources.read_many(absent, cfg=cfg, workers=workers) if absent else iter(())
    for file_id, name in wanted:
        key = (file_id, cfg.version)
        result = _MEMORY.pop(key) if key in _MEMORY else next(again)
        if result.file.file_id != file_id:
            raise StoredFileError(f"Копия файла «{name}» пропала или изменилась: {store.path(file_id)}.")
        yield result
