"""Protocols of exams (.xls, .xlsx): several exams on a sheet, each with a heading, a header, rows, closing «Средние».

Belongs here: where an exam begins and ends, sparse merged columns. Does not belong here: what the cells mean (``gia``).

In such protocols cells are merged, and a value may stand one or two columns away from its header: a cell belongs to the
last header that begins at or before it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np

from rsoko_pipeline import privacy
from rsoko_pipeline.findings import Finding
from rsoko_pipeline.sources import cells
from rsoko_pipeline.sources.gia import Exams, Sittings, Table
from rsoko_pipeline.sources.header import fits
from rsoko_pipeline.sources.job import Job
from rsoko_pipeline.sources.text import header_key


@dataclass
class _Block:
    """An exam of the sheet: its heading, its header, its rows (places in the grid)."""

    code: str
    subject: str
    day: date | None
    columns: dict[str, tuple[int, int]] = field(default_factory=dict)
    heads: dict[str, str] = field(default_factory=dict)
    rows: list[int] = field(default_factory=list)


def read(job: Job) -> None:
    """Read the protocol into ``source_exam`` and ``source_school``."""
    exams, sittings = Exams(job), Sittings(job)
    for block in _blocks(job):
        if not block.rows:
            continue
        table = _table(job, block)
        exam = exams.find(block.code, block.subject, block.day, len(table))
        sittings.add(table, [exam] * len(table))
    sittings.finish()


def _blocks(job: Job) -> list[_Block]:
    """The exams of the sheet, in order; findings for headers that lack a column or are not known."""
    heading, closing = job.map.anchors.subject, re.compile(job.options["closing"])
    assert heading is not None
    filled = ~job.grid.empty
    out: list[_Block] = []
    is_open = False
    for place in np.flatnonzero(filled.any(axis=1)).tolist():
        columns = np.flatnonzero(filled[place]).tolist()
        texts = [job.grid.text(place, column) for column in columns]
        if found := next((match for text in texts if (match := heading.search(text))), None):
            out.append(_Block(found["code"], found["subject"].strip(), _day(job, found, place)))
            is_open = False
        elif not out:
            continue  # what stands above the first exam
        elif closing.search(texts[0]):
            is_open = False
        elif _is_header(job, texts):
            is_open = _read_header(job, out[-1], columns, texts, place)
        elif is_open and _is_row(job, out[-1], place):
            out[-1].rows.append(place)
    return out


def _day(job: Job, found: re.Match[str], place: int) -> date | None:
    day = cells.day(".".join((found["day"], found["month"], found["year"])))
    if day is None:
        line = int(job.grid.lines[place])
        job.findings.append(
            Finding("RSK-DATE-UNREADABLE", sheet=job.grid.name, row_number=line, value=privacy.mask(found[0]))
        )
    return day


def _is_header(job: Job, texts: Sequence[str]) -> bool:
    """Whether a row holds the headers by which the layout is recognised."""
    keys = {header_key(text) for text in texts}
    return all(header_key(name) in keys for name in job.map.anchors.headers)


def _read_header(job: Job, block: _Block, columns: Sequence[int], texts: Sequence[str], place: int) -> bool:
    """Match a header row with the layout; whether all required columns are there."""
    layout, line = job.map, int(job.grid.lines[place])
    ends = [*columns[1:], job.grid.width]
    unknown = []
    for column, end, text in zip(columns, ends, texts, strict=True):
        key = header_key(text)
        name = next((c.field for c in layout.columns if fits(key, c.headers)), None)
        if name is not None:
            block.columns[name], block.heads[name] = (column, end), text
        elif not fits(key, layout.ignored) and not privacy.is_personal_header(text):
            unknown.append(privacy.mask_label(text))
    missing = [c for c in layout.columns if c.required and c.field not in block.columns]
    for wanted in missing:
        mapping = f'- {{field: {wanted.field}, headers: ["{wanted.headers[0]}", "новое название"]}}'
        job.findings.append(
            Finding("RSK-COLUMN-MISSING", {"mapping": mapping}, job.grid.name, line, wanted.headers[0].rstrip("*"))
        )
    for text in unknown:
        mapping = f'- {{field: …, headers: ["{text}"], required: false}}, или в ignored: "{text}"'
        job.findings.append(Finding("RSK-COLUMN-UNKNOWN", {"mapping": mapping}, job.grid.name, line, text))
    return not missing


def _is_row(job: Job, block: _Block, place: int) -> bool:
    """Whether a row is a participant's: numbered, with a school. Others are second lines of a header, signatures."""
    number, school = (_text(job, block, place, name) for name in ("row_number", "school"))
    return bool(school) if "row_number" not in block.columns else number.isdecimal() and bool(school)


def _table(job: Job, block: _Block) -> Table:
    texts = {name: [_text(job, block, place, name) for place in block.rows] for name in block.columns}
    return Table([int(line) for line in job.grid.lines[block.rows]], block.heads, texts)


def _text(job: Job, block: _Block, place: int, name: str) -> str:
    """The text in the columns of a field, '' without such a column."""
    first, end = block.columns.get(name, (0, 0))
    return next((text for column in range(first, end) if (text := job.grid.text(place, column))), "")
