"""Child processes that open untrusted files: memory limit, deadline a file, blame on the guilty file alone.

Belongs here: starting, feeding, watching and replacing the children. Does not belong here: what they do (``worker``),
what the cells mean (readers).

Why not a pool of the standard library or pebble's: their children import the parent's ``__main__`` (Dagster's takes
1.3 s and 150 MB each), answer in pickles (a hostile file that took a child over could run code in the parent), inherit
the environment with its secrets, and cannot be started from daemonic processes such as Celery's. A child here is a
plain ``python -I`` with its two pipes. It gets the next files while it works, so that a busy parent does not keep it
waiting.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Generator, Iterable, Sequence
from concurrent.futures import Future
from dataclasses import asdict, dataclass, field
from itertools import islice
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from rsoko_pipeline.privacy import mask_label
from rsoko_pipeline.sources.delimited_text import Signature
from rsoko_pipeline.sources.grid import FORMULA, Grid

if TYPE_CHECKING:
    from rsoko_pipeline.configuration.models import Limits

_ROOT = Path(__file__).resolve().parents[2]
_START = "import sys; sys.path.insert(0, sys.argv[1]); from rsoko_pipeline.sources.worker import main; main()"
_LIMITS = (
    "max_file_bytes",
    "max_unpacked_bytes",
    "max_ratio",
    "max_rows",
    "max_columns",
    "max_members",
    "seconds_per_file",
    "memory_bytes",
)
_SECRETS = ("RSOKO_", "PG", "AWS_")
_PIPE = 1 << 20
#: Files in a child's hands at once, and the bytes above which it gets no further one.
_AHEAD, _AHEAD_BYTES = 4, 1 << 18
#: Files in hand per child, those already read and waiting for their turn included.
_WINDOW = 8


@dataclass
class RawFile:
    """A file's cells, or why there are none.

    Attributes:
        path, name: as given.
        file_id: SHA-256 of the content, None when it could not be read.
        size: bytes.
        kind: kind of the content (``guard``), None when it was refused before that was known.
        encoding: encoding of a text file.
        misshapen: line number and number of cells of a text file's rows that could not be cut like its header.
        sheets: all worksheets, hidden ones included.
        findings: codes with the values of their sentences.
    """

    path: Path
    name: str
    file_id: str | None = None
    size: int = 0
    kind: str | None = None
    encoding: str | None = None
    misshapen: list[tuple[int, int]] = field(default_factory=list)
    sheets: list[Grid] = field(default_factory=list)
    findings: list[tuple[str, dict[str, Any]]] = field(default_factory=list)


def open_files(
    files: Iterable[tuple[Path, str]], *, limits: Limits, signatures: Sequence[Signature] = (), workers: int = 2
) -> Generator[RawFile, None, None]:
    """Open files in child processes; the order is that of ``files``, a bad file never stops the others.

    Args:
        files: paths and the names under which they were sent; taken as they are needed.
        limits: memory, deadline and size limits.
        signatures: how configured text layouts are recognised.
        workers: number of child processes.
    """
    pool = _Pool(limits, signatures, workers)
    try:
        incoming = iter(files)
        in_hand: deque[Future[RawFile]] = deque()
        while True:
            in_hand.extend(
                pool.submit(Path(path), name) for path, name in islice(incoming, _WINDOW * workers - len(in_hand))
            )
            if not in_hand:
                return
            yield in_hand.popleft().result()
    finally:
        pool.close()


@dataclass
class _Task:
    path: Path
    name: str
    size: int
    future: Future[RawFile] = field(default_factory=Future)


class _Child:
    """One child process; used by one thread, killed by the watchdog's."""

    def __init__(self, settings: bytes) -> None:
        environment = {key: value for key, value in os.environ.items() if not key.startswith(_SECRETS)}
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-c", _START, str(_ROOT)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, pipesize=_PIPE,
            env={**environment, "RUST_BACKTRACE": "0"},
        )  # fmt: skip
        self.handed = 0
        self.answered = 0
        self.due = float("inf")
        with contextlib.suppress(OSError):
            self._input.write(settings)

    @property
    def _input(self) -> IO[bytes]:
        assert self._process.stdin is not None
        return self._process.stdin

    def send(self, task: _Task) -> None:
        """Hand over a task; a dead child is noticed by ``receive``."""
        with contextlib.suppress(OSError):
            self._input.write(json.dumps({"path": str(task.path), "name": task.name}).encode() + b"\n")
            self._input.flush()
        self.handed += 1

    def receive(self, most: int) -> tuple[dict[str, Any], list[bytes]]:
        """The next answer: its head and the sheets' codes.

        Args:
            most: bytes that a part of an answer may have.

        Raises:
            EOFError: the child died.
            ValueError: the answer is not one that a child in its right mind gives.
        """
        length = int.from_bytes(self._read(4, most), "big")
        head = json.loads(self._read(length, most))
        return head, [self._read(sheet["size"], most) for sheet in head["sheets"]]

    def _read(self, size: int, most: int) -> bytes:
        if size > most:
            raise ValueError("an answer larger than the child's memory")
        assert self._process.stdout is not None
        data = self._process.stdout.read(size)
        if len(data) < size:
            raise EOFError
        return data

    def kill(self) -> None:
        """End the process at once."""
        self._process.kill()

    def close(self) -> None:
        """End the process and free what belongs to it."""
        self.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                with contextlib.suppress(OSError):
                    pipe.close()


class _Pool:
    """Children, each with a thread that feeds it, and a watchdog over their deadlines."""

    def __init__(self, limits: Limits, signatures: Sequence[Signature], workers: int) -> None:
        self._limits = limits
        plain = [{**asdict(s), "headers": sorted(s.headers), "encodings": list(s.encodings)} for s in signatures]
        chosen = {name: getattr(limits, name) for name in _LIMITS}
        self._settings = json.dumps({"limits": chosen, "signatures": plain}).encode() + b"\n"
        self._tasks: deque[_Task] = deque()
        self._changed = threading.Condition()
        self._closed = threading.Event()
        self._failure: BaseException | None = None
        self._children: list[_Child | None] = [None] * workers
        self._threads = [threading.Thread(target=self._work, args=(slot,), daemon=True) for slot in range(workers)]
        self._threads.append(threading.Thread(target=self._watch, daemon=True))
        for thread in self._threads:
            thread.start()

    def submit(self, path: Path, name: str) -> Future[RawFile]:
        """Queue a file."""
        try:
            size = path.stat().st_size
        except OSError:
            size = 0
        task = _Task(path, name, size)
        with self._changed:
            if self._failure:
                raise self._failure
            self._tasks.append(task)
            self._changed.notify()
        return task.future

    def close(self) -> None:
        """End all children, at once; files not yet read are given up."""
        with self._changed:
            self._closed.set()
            self._changed.notify_all()
            for child in self._children:
                if child:
                    child.kill()
        for thread in self._threads:
            thread.join()

    def _work(self, slot: int) -> None:
        """One child's thread. What goes wrong here and is no file's fault is raised where results are awaited."""
        sent: deque[_Task] = deque()
        try:
            self._serve(slot, sent)
        except BaseException as error:
            with self._changed:
                self._failure = error
                for task in (*sent, *self._tasks):
                    task.future.set_exception(error)
                self._tasks.clear()
        finally:
            if child := self._children[slot]:
                child.close()

    def _serve(self, slot: int, sent: deque[_Task]) -> None:
        while self._take(sent):
            child = self._children[slot]
            if child is None:
                child = self._start(slot)
                if child is None:
                    return
                unsent = list(sent)
            else:
                unsent = list(islice(sent, child.handed - child.answered, None))
            for task in unsent:
                child.send(task)
            child.due = time.monotonic() + self._limits.seconds_per_file
            try:
                raw = decode(sent[0].path, sent[0].name, *child.receive(self._limits.memory_bytes))
            except (EOFError, ValueError, LookupError, TypeError):
                if not self._closed.is_set():
                    self._children[slot] = None
                    self._bury(child, sent)
            else:
                child.due = float("inf")
                child.answered += 1
                sent.popleft().future.set_result(raw)

    def _start(self, slot: int) -> _Child | None:
        """A new child, None when the pool closes."""
        with self._changed:
            if not self._closed.is_set():
                self._children[slot] = _Child(self._settings)
            return self._children[slot]

    def _take(self, sent: deque[_Task]) -> bool:
        """Put new tasks into ``sent``, a child's hands; waits while they are empty; False when the pool closes."""
        with self._changed:
            while not (sent or self._tasks or self._closed.is_set()):
                self._changed.wait()
            weight = sum(task.size for task in sent)
            while self._tasks and (not sent or (len(sent) < _AHEAD and weight < _AHEAD_BYTES)):
                sent.append(self._tasks.popleft())
                weight += sent[-1].size
        return not self._closed.is_set()

    def _bury(self, child: _Child, sent: deque[_Task]) -> None:
        """Blame the first file in a dead child's hands; one that came upon a used child gets a fresh one first."""
        is_late = time.monotonic() >= child.due
        child.close()
        if is_late or not child.answered:
            task = sent.popleft()
            finding = ("RSK-FILE-DEADLINE", {"seconds": f"{self._limits.seconds_per_file:g}"})
            task.future.set_result(RawFile(task.path, task.name, size=task.size, findings=[finding]))

    def _watch(self) -> None:
        while not self._closed.wait(0.1):
            now = time.monotonic()
            for child in self._children:
                if child and now > child.due:
                    child.kill()


def decode(path: Path, name: str, head: dict[str, Any], blobs: list[bytes]) -> RawFile:
    """A child's answer as a file's cells."""
    return RawFile(
        path=path,
        name=name,
        file_id=head.get("file_id"),
        size=head.get("size", 0),
        kind=head.get("kind"),
        encoding=head.get("encoding"),
        misshapen=[(line, cells) for line, cells in head.get("misshapen", ())],
        sheets=[_grid(sheet, blob) for sheet, blob in zip(head["sheets"], blobs, strict=True)],
        findings=[(code, values) for code, values in head["findings"]],
    )


def _grid(sheet: dict[str, Any], blob: bytes) -> Grid:
    values = sheet["values"]
    if sheet["formulas"] is not None:
        values[sheet["formulas"]] = FORMULA
    codes = np.frombuffer(blob, dtype=np.dtype(sheet["type"]))
    codes = codes.reshape(-1, sheet["width"]) if sheet["width"] else codes.reshape(0, 0)
    if codes.size and codes.max() >= len(values):
        raise ValueError("a code without a value")
    repeats = sheet["repeats"]
    if repeats:
        codes = np.concatenate([codes, np.broadcast_to(codes[-1], (repeats, codes.shape[1]))])
    given = sheet["lines"]
    lines = np.arange(1, len(codes) + 1, dtype="int32") if given is None else np.array(given, dtype="int32")
    name = None if sheet["name"] is None else mask_label(sheet["name"])
    return Grid(name, sheet["hidden"], values, codes, lines, repeats)
