"""Files read lately by this process, so that the intake's reading serves the events' assets of the same process.

Belongs here: the memory and its bypass. A process that did not take a file in reads it again from the store: any worker
on any host can build any event.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import pandas as pd

from rsoko_pipeline import sources
from rsoko_pipeline.configuration import Configuration
from rsoko_pipeline.landing.store import Store
from rsoko_pipeline.sources.model import ReadResult

_MEMORY: dict[tuple[str, str], ReadResult] = {}


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
    """
    wanted = list(zip(files["file_id"], files["name"], strict=True))
    absent = [(store.path(file_id), name) for file_id, name in wanted if (file_id, cfg.version) not in _MEMORY]
    again = {r.file.file_id: r for r in sources.read_many(absent, cfg=cfg, workers=workers)} if absent else {}
    for file_id, _ in wanted:
        yield _MEMORY.pop((file_id, cfg.version), None) or again.pop(file_id)


def unreadable_id(name: str) -> str:
    """A stand-in for the hash of a file that could not be read, from its name."""
    return "unreadable-" + hashlib.sha256(name.encode()).hexdigest()[:32]
