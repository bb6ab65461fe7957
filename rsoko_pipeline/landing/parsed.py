"""Files read lately by this process, so that the intake's reading serves the events' assets of the same process.

Belongs here: the memory and its bypass. A process that did not take a file in reads it again from the store: any worker
on any host can build any event.

A frame of its own for each of thousands of collection forms would cost ten times its rows; so files are kept in blocks,
their rows put together.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import pandas as pd

from rsoko_pipeline import sources
from rsoko_pipeline.configuration import Configuration
from rsoko_pipeline.landing.assembly import joined, merged_frames
from rsoko_pipeline.landing.store import Store
from rsoko_pipeline.sources.model import ReadResult

#: Files whose rows are put together at once.
BLOCK = 400


class StoredFileError(RuntimeError):
    """The store no longer holds a file that is in force."""


@dataclass(frozen=True)
class Block:
    """Some files, read.

    Attributes:
        results: the files' facts and findings, by file id; their own frames are empty.
        frames: the rows of all of them by name, ``event_id`` filled in.
        config_version: the configuration by which they were read.
    """

    results: dict[str, ReadResult]
    frames: dict[str, pd.DataFrame]
    config_version: str

    @classmethod
    def of(cls, results: Iterable[ReadResult], config_version: str) -> Block:
        """Put the rows of some files together; the files' own frames are given up.

        Thousands of forms of one work have the same tasks: 20 MB, and as much again in every copy of the process.
        """
        by_id = {result.file.file_id: result for result in results}
        frames = merged_frames(by_id.values())
        tasks = {result.file.tasks: result.file.tasks for result in by_id.values()}
        for result in by_id.values():
            result.frames = {}
            result.file.tasks = tasks[result.file.tasks]
        return cls(by_id, frames, config_version)


@dataclass(frozen=True)
class Taken:
    """Files given out: facts and findings a file, the rows of all of them by name."""

    results: list[ReadResult]
    frames: dict[str, pd.DataFrame]


_MEMORY: list[Block] = []


def blocks(results: Iterator[ReadResult]) -> Iterator[list[ReadResult]]:
    """The results, ``BLOCK`` at a time."""
    while block := list(islice(results, BLOCK)):
        yield block


def keep(results: Sequence[ReadResult], config_version: str) -> Block:
    """Remember some files until all are forgotten; their own frames are given up."""
    _MEMORY.append(Block.of(results, config_version))
    return _MEMORY[-1]


def forget() -> None:
    """Forget all files."""
    _MEMORY.clear()


def take(files: pd.DataFrame, store: Store, cfg: Configuration, *, workers: int = 2, key: bytes | None = None) -> Taken:
    """Files from memory or read again from the store.

    Args:
        files: ``file_id`` and ``name``, a row a file.
        store: where the files' copies are.
        cfg: configuration, for the readers.
        workers: child processes for what has to be read again.
        key: the key of pseudonyms, for the readers.

    Raises:
        StoredFileError: a copy is gone or is not what was taken in.
    """
    names = dict(zip(files["file_id"], files["name"], strict=True))
    kept = [block for block in _MEMORY if block.config_version == cfg.version]
    known = {file_id for block in kept for file_id in block.results}
    absent = [(store.path(file_id), name) for file_id, name in names.items() if file_id not in known]
    read = sources.read_many(absent, cfg=cfg, workers=workers, key=key) if absent else iter(())
    found = [*kept, *(Block.of(block, cfg.version) for block in blocks(read))]
    results = {file_id: result for block in found for file_id, result in block.results.items() if file_id in names}
    for file_id, name in names.items():
        if file_id not in results:
            raise StoredFileError(f"Копия файла «{name}» пропала или изменилась: {store.path(file_id)}.")
    parts: dict[str, list[pd.DataFrame]] = {}
    for block in found:
        for frame_name, frame in block.frames.items():
            wanted = frame["file_id"].isin(names)
            if wanted.any():
                parts.setdefault(frame_name, []).append(frame if wanted.all() else frame[wanted])
    frames = {frame_name: joined(rows) for frame_name, rows in parts.items()}
    return Taken([results[file_id] for file_id in names], frames)
