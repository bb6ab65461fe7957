"""What a reader gives back: the file's facts, frames by contract, findings.

Belongs here: the result's shape. Does not belong here: reading (``reader`` modules), storing (``landing``).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from rsoko_pipeline.findings import Finding


@dataclass(frozen=True)
class TaskHead:
    """A task as the file's header names it: label («9.1»), largest score, level of difficulty (Б/П/В or None)."""

    task: str
    max_points: int
    difficulty: str | None = None


@dataclass
class FileFacts:
    """What a file says of itself.

    Attributes:
        file_id: SHA-256 of the content, hexadecimal.
        name: name under which it was sent (for people only).
        size: bytes.
        format: id of the recognised format (``vpr_f1``, ``vpr_form``, …), None when not recognised.
        edition: which layout map read it.
        procedure, subject, grade, year: what the file says it measures; None where it does not say.
        school: the school whose data alone the file holds; None for files about many schools.
        event_id: the calendar's event, None when there is none or the file carries many or no event.
        max_score: the work's maximum, where the file states it.
        tasks: the tasks in the order of ``scores``.
        tasks_of_event: the tasks of each event, where one file carries several works with tasks of their own.
        rows_read: data rows read.
        extra: further facts of the format (title, date as written, …).
    """

    file_id: str
    name: str
    size: int
    format: str | None = None
    edition: str | None = None
    procedure: str | None = None
    subject: str | None = None
    grade: int | None = None
    year: int | None = None
    school: str | None = None
    event_id: str | None = None
    max_score: float | None = None
    tasks: tuple[TaskHead, ...] = ()
    tasks_of_event: dict[str, tuple[TaskHead, ...]] = field(default_factory=dict)
    rows_read: int = 0
    extra: dict[str, Any] = field(default_factory=dict)

    def tasks_in(self, event_id: str) -> tuple[TaskHead, ...]:
        """The tasks of the event's rows."""
        return self.tasks_of_event.get(event_id, self.tasks)


@dataclass
class ReadResult:
    """One file, read.

    Attributes:
        file: the file's facts.
        frames: contract frames by the name of their table in schema ``source``.
        findings: what is wrong; an ``error`` of scope ``file`` means that ``frames`` must not be stored.
    """

    file: FileFacts
    frames: dict[str, pd.DataFrame] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    @property
    def is_refused(self) -> bool:
        """Whether the whole file is refused."""
        return any(f.severity == "error" and f.kind.scope == "file" for f in self.findings)
