"""What all reports of ФИС ОКО share: the rows above the table, groups of participants with a code.

Belongs here: title, work, maximum, date; region, municipality and school rows. Does not belong here: the tables.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rsoko_pipeline.calendar import Event
from rsoko_pipeline.configuration.models import Layout
from rsoko_pipeline.findings import Finding
from rsoko_pipeline.sources import cells, frames, work
from rsoko_pipeline.sources.header import Header
from rsoko_pipeline.sources.job import Job
from rsoko_pipeline.sources.rows import Rows
from rsoko_pipeline.sources.text import fold

_WHOLE = fold("Вся выборка")


def preamble(job: Job, header: Header) -> Event | None:
    """Read the rows above the table into the file's facts and find the event; findings where something is wrong."""
    layout, facts, grid = job.map, job.facts, job.grid
    anchor, row = layout.anchors.subject, place(layout, header, layout.anchors.subject_row)
    found = anchor.search(grid.text(row, 0)) if anchor and row is not None else None
    said = found.groupdict() if found else {}
    named = job.cfg.procedure_named(said.get("procedure") or "")
    facts.procedure = named.id if named else layout.procedure
    facts.grade = int(said["grade"]) if said.get("grade") else None
    facts.year = int(said["year"]) if said.get("year") else None
    facts.extra["title"] = grid.text(0, 0)
    event = work.find_event(facts, job.cfg, subject=said.get("subject") or "", findings=job.findings)
    row = place(layout, header, layout.options.get("maximum_row"))
    if row is not None and np.isfinite(stated := cells.number(grid.cell(row, 1))):
        facts.max_score = stated
    row = place(layout, header, layout.options.get("date_row"))
    if row is not None and event:
        facts.extra["date"] = grid.text(row, 1)
        work.check_date(grid.text(row, 1), event, job.cfg, findings=job.findings, row_number=row + 1)
    return event


def place(layout: Layout, header: Header, row: int | None) -> int | None:
    """Where the layout's row ``row`` (from 1) lies in the grid: rows above the table move with its header."""
    moved = header.row - (layout.header_row - 1)
    return None if row is None or row - 1 + moved < 0 else row - 1 + moved


def check_max_score(job: Job) -> None:
    """A finding when the stated maximum is not the sum of the tasks' maxima."""
    facts = job.facts
    total = sum(task.max_points for task in facts.tasks)
    if facts.max_score not in (None, total) and "max_score" in job.cfg.procedures[facts.procedure or ""].rules:
        job.findings.append(
            Finding("RSK-MAX-SCORE", {"expected": total}, sheet=job.grid.name, value=f"{facts.max_score:g}")
        )


@dataclass
class Groups:
    """The groups of participants of a report.

    Attributes:
        rows: the rows of the region, its municipalities and schools.
        columns: ``level``, ``unit_code``, ``unit_name`` and ``parent_code`` as typed columns.
        whole: place of the row of the whole sample, if there is one.
    """

    rows: Rows
    columns: dict[str, object]
    whole: int | None


def groups(job: Job, rows: Rows) -> Groups:
    """Levels and codes of the groups by the text of their first column and by their order.

    The whole sample comes first, then the subject of the Federation, then a municipality followed by its schools. A
    group without a code is the region when it is called so or comes first, else a municipality known by its name.
    """
    region = fold(job.cfg.region.name)
    units: list[tuple[str, str, str, str | None]] = []
    mask = np.ones(len(rows), dtype=bool)
    rows.fail(rows.grid.without_value[rows.codes("group")], rows.header.columns["group"], "RSK-FORMULA-EMPTY")
    whole: int | None = None
    municipality: str | None = None
    for i, code in enumerate(rows.codes("group").tolist()):
        text = rows.grid.text_of[code]
        name, unit = cells.coded(text)
        name = name or text
        if fold(text) == _WHOLE or not text:
            whole, mask[i] = (int(rows.places[i]) if text else whole), False
        elif unit is None and (fold(text) == region or not units):
            units.append(("region", job.cfg.region.code, name, None))
        elif unit is not None and cells.is_school_login(unit):
            units.append(("school", unit, name, municipality or job.cfg.region.code))
        else:
            municipality = unit or name
            units.append(("municipality", municipality, name, job.cfg.region.code))
    chosen = rows.subset(mask)
    chosen.findings = rows.findings
    every = np.arange(len(units))
    names = ("level", "unit_code", "unit_name", "parent_code")
    columns = {name: frames.text_column([unit[k] for unit in units] or [""], every) for k, name in enumerate(names)}
    return Groups(chosen, columns, whole)
