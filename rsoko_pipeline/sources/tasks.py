"""Tasks in a header and the scores under them.

Belongs here: labels, largest scores, levels of difficulty, the block of scores. Does not belong here: sums and maxima
(``validation``).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from rsoko_pipeline.findings import Finding
from rsoko_pipeline.sources import cells, frames
from rsoko_pipeline.sources.grid import Grid
from rsoko_pipeline.sources.header import Header
from rsoko_pipeline.sources.model import TaskHead
from rsoko_pipeline.sources.rows import Rows
from rsoko_pipeline.sources.text import clean, fold

_LEVELS = {fold(level): level for level in "БПВ"}
_CRITERION = str.maketrans("KkКк", "КККК")


def label(text: str) -> str:
    """A task's label as it is compared: «11.3 k1» is «11.3К1» (Cyrillic К)."""
    return clean(text).replace(" ", "").translate(_CRITERION)


def heads(
    grid: Grid, header: Header, findings: list[Finding], *, difficulty_row: int | None = None
) -> tuple[TaskHead, ...]:
    """The tasks of a header, left to right.

    Args:
        grid: the sheet.
        header: its header.
        findings: gets a task that stands twice.
        difficulty_row: place of the row with the levels Б, П, В, from 0.
    """
    out: list[TaskHead] = []
    for column, match in header.tasks.items():
        name = label(match["task"])
        if any(name == task.task for task in out):
            findings.append(
                Finding(
                    "RSK-COLUMN-TWICE", sheet=grid.name, row_number=header.row + 1, column_name=header.texts[column]
                )
            )
        level = None if difficulty_row is None else _LEVELS.get(fold(grid.text(difficulty_row, column)))
        out.append(TaskHead(name, int(match["max"]), level))
    return tuple(out)


def scores(rows: Rows, columns: list[int], not_started: Sequence[str]) -> np.ndarray:
    """The scores under the tasks: rows × tasks of small integers; a cell that is no score fails its row.

    Args:
        rows: the pupils' rows.
        columns: the tasks' columns.
        not_started: texts that mean «не приступал».
    """
    block = rows.block(columns)
    out = rows.grid.map(block, cells.score_reader(not_started), np.int16)
    for task in np.flatnonzero((out == cells.BAD_SCORE).any(axis=0)).tolist():
        rows.fail(out[:, task] == cells.BAD_SCORE, columns[task], "RSK-SCORE-VALUE")
    crosses = [text for text in rows.grid.distinct(block) if isinstance(text, str) and clean(text) in not_started]
    if len({clean(cross).isascii() for cross in crosses}) > 1:
        rows.findings.append(Finding("RSK-LOOKALIKE", {"what": "X латинская и Х русская"}, sheet=rows.grid.name))
    return out.astype(np.int8) if out.size and out.max() <= np.iinfo(np.int8).max else out


def pupil_codes(rows: Rows) -> Any:
    """The pupils' codes as a text column; a code that is empty or not of digits fails its row."""
    texts, places = rows.texts("pupil_code")
    wrong = np.array([not text.isdecimal() for text in texts])[places]
    rows.fail(wrong, rows.header.columns["pupil_code"], "RSK-PUPIL-CODE")
    return frames.text_column(texts, places)
