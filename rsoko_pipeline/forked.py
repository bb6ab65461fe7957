"""Parts of a work done side by side by forked copies of this process, each when what it needs is done.

Belongs here: making the copies, handing out parts, taking back what came of them. Does not belong here: what a part is.

A copy shares with this process all that was imported and read so far (seconds and hundreds of megabytes that a fresh
process would spend again), which is why no pool of the standard library or loky's serves: theirs are to be given
everything by pickle, and the standard library's live on when the parent is killed. Connections cannot be shared: the
caller closes its own before, and the work opens new ones.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import sys
import threading
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from typing import Any, Generic, TypeVar

from rsoko_pipeline import memory

_T = TypeVar("_T")
_R = TypeVar("_R")


@dataclass(frozen=True)
class Part(Generic[_T]):
    """A part of the work.

    Attributes:
        what: what the work takes.
        gives: names of what is there when the part is done.
        needs: names of what it builds upon; of those that no part gives, nothing is expected.
    """

    what: _T
    gives: frozenset[str] = frozenset()
    needs: frozenset[str] = frozenset()


class CopyDiedError(RuntimeError):
    """A copy of the process ended before its part was done."""


def can_copy() -> bool:
    """Whether processes can be copied safely here: elsewhere than on Linux system libraries do not survive it."""
    return sys.platform == "linux"


def carried_out(work: Callable[[_T], _R], parts: Sequence[Part[_T]], copies: int) -> list[_R]:
    """What ``work`` makes of each part, in the order of the parts.

    Args:
        work: what is done with a part, in a copy of this process; what it returns or raises must be picklable.
        parts: begun in their order, though none before what it needs is given.
        copies: number of copies; below two all is done in this process.

    Raises:
        CopyDiedError: a copy was killed.
        Exception: what ``work`` raised; the other copies are ended.
    """
    if copies < 2 or len(parts) < 2 or not can_copy():
        return [work(part.what) for part in parts]
    done: dict[int, _R] = {}
    waiting = list(range(len(parts)))
    busy: dict[Connection, int] = {}
    gc.collect()
    memory.give_back()
    gc.freeze()  # what is shared stays so: no collection of the copies goes through it
    team: list[_Copy] = []
    try:
        for _ in range(min(copies, len(parts))):
            team.append(_Copy(work, parts, [copy.line for copy in team]))
        gc.unfreeze()
        idle = [copy.line for copy in team]
        while waiting or busy:
            for index in _ready(parts, waiting, set(busy.values()))[: len(idle)]:
                line = idle.pop()
                line.send(index)
                busy[line] = index
                waiting.remove(index)
            answering = wait(list(busy))
            for line in [line for line in busy if line in answering]:
                done[busy.pop(line)] = _answer(line)
                idle.append(line)
        for copy in team:
            copy.line.send(None)
    except BaseException:
        for copy in team:
            copy.process.kill()  # it holds nothing that would have to be put in order: what was not committed is undone
        raise
    finally:
        for copy in team:
            copy.line.close()
            copy.process.join()
    return [done[index] for index in range(len(parts))]


def _ready(parts: Sequence[Part[Any]], waiting: Sequence[int], busy: Collection[int]) -> list[int]:
    """Which parts can begin; where they wait for one another in a circle, the first."""
    open_parts = {*waiting, *busy}
    ready = [
        index
        for index in waiting
        if not any(parts[index].needs & parts[other].gives for other in open_parts if other != index)
    ]
    return ready or ([] if busy else list(waiting[:1]))


class _Copy:
    """A copy of this process, at the other end of a line."""

    def __init__(self, work: Callable[[_T], object], parts: Sequence[Part[_T]], lines: Sequence[Connection]) -> None:
        """Make it; ``lines`` are those to the copies made before."""
        fork = multiprocessing.get_context("fork")
        self.line, far = fork.Pipe()
        self.process = fork.Process(target=_serve, args=(far, work, parts, [*lines, self.line]))
        self.process.start()
        far.close()


def _serve(
    line: Connection, work: Callable[[_T], object], parts: Sequence[Part[_T]], of_parent: Sequence[Connection]
) -> None:
    """In the copy: do the parts whose numbers come, until the parent hangs up."""
    for other in of_parent:
        other.close()  # or the parent's hanging up would not be heard
    threading.Thread(target=_end_with_parent, daemon=True).start()
    with suppress(EOFError):
        while (index := line.recv()) is not None:
            try:
                line.send((True, work(parts[index].what)))
            except BaseException as error:
                line.send((False, error))
                if not isinstance(error, Exception):
                    return


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _answer(line: Connection) -> Any:
    try:
        is_done, answer = line.recv()
    except EOFError:
        raise CopyDiedError("процесс, которому была поручена часть работы, прерван") from None
    if not is_done:
        raise answer
    return answer
