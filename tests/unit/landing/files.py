"""Fictional files as readers give them, and their entries in the ledger."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from rsoko_pipeline import contracts
from rsoko_pipeline.findings import Finding
from rsoko_pipeline.landing.parsed import Block, Taken
from rsoko_pipeline.sources.model import FileFacts, ReadResult, TaskHead

RU4, MA4 = "2026-vpr-ru-4", "2026-vpr-ma-4"
NOW = pd.Timestamp("2026-05-01T00:00:00Z").as_unit("us")
TASKS = (TaskHead("1", 2), TaskHead("2", 1))


def result_file(
    file_id: str,
    *schools: str,
    event: str | None = RU4,
    pupils: int = 2,
    tasks: tuple[TaskHead, ...] = TASKS,
    findings: Iterable[Finding] = (),
    **changes: Any,
) -> ReadResult:
    """A file of pupil rows: so many pupils a school, one point for every task; ``changes`` to all its rows."""
    rows = [
        {"school": school, "pupil_code": str(40001 + number), "row_number": 9 + place * pupils + number}
        for place, school in enumerate(schools)
        for number in range(pupils)
    ]
    scores = pd.Series([np.ones(len(tasks), dtype="int8") for _ in rows], dtype="object")
    frame = pd.DataFrame(rows).assign(
        file_id=file_id, sheet="Лист1", class_no=1, variant="1", present=True, primary_score=len(tasks), scores=scores
    )
    entries = pd.DataFrame(
        {"file_id": file_id, "row_number": range(8, 8 + len(schools)), "school": schools, "rows": pupils}
    )
    return ReadResult(
        FileFacts(file_id, f"{file_id}.xlsx", 1, format="vpr_f1", event_id=event, tasks=tasks, rows_read=len(rows)),
        {
            "source_result": contracts.table("source_result").conform(frame.assign(**changes)),
            "source_school": contracts.table("source_school").conform(entries),
        },
        list(findings),
    )


def units(*entries: tuple[str, str], event: str = RU4, content: str = "source_result") -> pd.DataFrame:
    """Rows of ``ops.file_unit`` in force: file and school."""
    frame = pd.DataFrame(entries, columns=["file_id", "school"])
    return contracts.table("file_unit").conform(
        frame.assign(event_id=event, content=content, rows=2, status="accepted", received_at=NOW)
    )


def landing_files(**statuses: str) -> pd.DataFrame:
    """Rows of ``ops.landing_file``: status by file id."""
    frame = pd.DataFrame({"file_id": statuses.keys(), "status": statuses.values()}, dtype="str")
    return contracts.table("landing_file").conform(
        frame.assign(name=frame["file_id"] + ".xlsx", size=1, config_version="v", received_at=NOW)
    )


def taken(*results: ReadResult) -> Taken:
    """Files as ``parsed.take`` gives them."""
    block = Block.of(results, "any version")
    return Taken(list(results), block.frames)
