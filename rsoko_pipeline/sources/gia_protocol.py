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
from rsoko_pipeline.sources.grid import Grid
from rsoko_pipeline.sources.header import fits
from rsoko_pipeline.sources.job import Job
from rsoko_pipeline.sources.text import fold, header_key


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
    heading, closing, grid = job.map.anchors.subject, re.compile(job.options["closing"]), job.grid
    assert heading is not None
    filled = ~grid.empty
    names_exam = np.logical_or.reduce(_cells_with(grid, heading), axis=1)
    closes = _cells_with(grid, closing)[np.arange(grid.height), filled.argmax(axis=1)]
    is_header = _headers(job)
    out: list[_Block] = []
    participants: list[int] = []
    is_open = False
    for place in np.flatnonzero(filled.any(axis=1)).tolist():
        if not (names_exam[place] or closes[place] or is_header[place]):
            if is_open:
                participants.append(place)
            continue
        if out:
            out[-1].rows += _participants(grid, out[-1], participants)
        participants, is_open = [], False
        columns = np.flatnonzero(filled[place]).tolist()
        texts = [grid.text(place, column) for column in columns]
        if names_exam[place]:
            found = next(match for text in texts if (match := heading.search(text)))
            out.append(_Block(found["code"], found["subject"].strip(), _day(job, found, place)))
        elif out and not closes[place]:  # what stands above the first exam is passed over
            is_open = _read_header(job, out[-1], columns, texts, place)
    if out:
        out[-1].rows += _participants(grid, out[-1], participants)
    return out


def _cells_with(grid: Grid, pattern: re.Pattern[str]) -> np.ndarray:
    """Matrix of truth values: the cell's text has the pattern; an empty cell has none."""
    found = np.fromiter((pattern.search(text) is not None for text in grid.text_of), bool, len(grid.values))
    return found[grid.codes] & ~grid.empty


def _headers(job: Job) -> np.ndarray:
    """Which rows hold the headers by which the layout is recognised."""
    grid, wanted = job.grid, list(dict.fromkeys(map(header_key, job.map.anchors.headers)))
    places = {key: place for place, key in enumerate(wanted)}
    begins = {first: fold(first) in {key[0] for key in wanted} for first in {text[:1] for text in grid.text_of}}
    named = np.array(
        [places.get(header_key(text), -1) if begins[text[:1]] else -1 for text in grid.text_of], dtype=np.int8
    )[grid.codes]
    return np.logical_and.reduce([(named == place).any(axis=1) for place in places.values()])


def _day(job: Job, found: re.Match[str], place: int) -> date | None:
    day = cells.day(".".join((found["day"], found["month"], found["year"])))
    if day is None:
        line = int(job.grid.lines[place])
        job.findings.append(
            Finding("RSK-DATE-UNREADABLE", sheet=job.grid.name, row_number=line, value=privacy.mask(found[0]))
        )
    return day


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


def _participants(grid: Grid, block: _Block, places: Sequence[int]) -> list[int]:
    """Of some rows those of participants: numbered, with a school. Others are second lines of a header, signatures."""
    numbers, schools = (_texts(grid, block, places, name) for name in ("row_number", "school"))
    needs_number = "row_number" in block.columns
    unread = _formulas(grid, block, places, "school", schools)
    return [
        place
        for row, (place, number, school) in enumerate(zip(places, numbers, schools, strict=True))
        if (school or row in unread) and (number.isdecimal() or not needs_number)
    ]


def _table(job: Job, block: _Block) -> Table:
    texts = {name: _texts(job.grid, block, block.rows, name) for name in block.columns}
    found = ((name, _formulas(job.grid, block, block.rows, name, said)) for name, said in texts.items())
    formulas = {name: rows for name, rows in found if rows}
    return Table([int(line) for line in job.grid.lines[block.rows]], block.heads, texts, formulas)


def _formulas(grid: Grid, block: _Block, places: Sequence[int], name: str, texts: Sequence[str]) -> set[int]:
    """Which of some rows have no text in the columns of a field, but a formula without value."""
    first, end = block.columns.get(name, (0, 0))
    if first == end or not places or not grid.without_value.any():
        return set()
    codes = grid.codes[np.asarray(places), first:end]
    found = np.flatnonzero(grid.without_value[codes].any(axis=1)).tolist()
    return {row for row in found if not texts[row]}


def _texts(grid: Grid, block: _Block, places: Sequence[int], name: str) -> list[str]:
    """The texts in the columns of a field, a row each: that of the first cell that has one; '' without such columns."""
    first, end = block.columns.get(name, (0, 0))
    if first == end or not places:
        return [""] * len(places)
    codes = grid.codes[np.asarray(places), first:end]
    at = grid.has_text[codes].argmax(axis=1)
    return grid.texts(codes[np.arange(len(places)), at])
