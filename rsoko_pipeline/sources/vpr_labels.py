"""The official list of schools with signs of biased results: a school × year a row, a marker a class × subject.

Belongs here: its columns. Does not belong here: what all yearly tables share (``yearly``); our own signs, with which
the list is compared and by which it never is replaced.
"""

from __future__ import annotations

import numpy as np

from rsoko_pipeline.findings import Finding
from rsoko_pipeline.sources import cells, frames, yearly
from rsoko_pipeline.sources.job import Job
from rsoko_pipeline.sources.rows import Rows


def read(job: Job) -> None:
    """Read the list into ``source_label``: a row a school × year × marker's column, a blank marker is null."""
    header = job.header()
    if header is None:
        return
    subjects = {column: job.cfg.subject_named(match["subject"]) for column, match in header.labels.items()}
    for column, subject in subjects.items():
        if subject is None:
            job.find(
                "RSK-COLUMN-UNKNOWN",
                column_name=header.texts[column],
                mapping="название предмета в aliases файла subjects.yaml",
            )
    columns = [column for column, subject in subjects.items() if subject]
    rows = job.rows_below(header)
    job.facts.rows_read = len(rows)
    if not (len(rows) and columns):
        job.find("RSK-ROWS-NONE") if columns else job.find(
            "RSK-HEADER-MISSING", reason="нет ни одного столбца вида «4 РУ»"
        )
        return
    rows.fail_formulas()
    years = yearly.whole(rows, "year", "год")
    school, name = yearly.schools(rows), rows.texts("school_name")
    markers = np.column_stack([rows.numbers_at(column, cells.integer, expected="0, 1 или пусто") for column in columns])
    for i, column in enumerate(columns):
        rows.fail(markers[:, i] > 1, column, "RSK-VALUE", expected="0, 1 или пусто")
        if np.isnan(markers[:, i]).any() and (markers[:, i] == 0).any():
            job.findings.append(Finding("RSK-BLANK-OR-ZERO", sheet=job.grid.name, column_name=header.texts[column]))
    yearly.note_name_variants(job, school, name)
    kept = yearly.drop_repeats(job, rows, years, [years, school[1], *markers.T]) & ~rows.failed
    _add(job, rows, kept, columns, years, markers)
    job.findings.extend(rows.findings)


def _add(job: Job, rows: Rows, kept: np.ndarray, columns: list[int], years: np.ndarray, markers: np.ndarray) -> None:
    row = np.repeat(np.flatnonzero(kept), len(columns))
    which = np.tile(np.arange(len(columns)), int(kept.sum()))
    found = [job.cfg.subject_named(rows.header.labels[column]["subject"]) for column in columns]
    codes = [subject.code if subject else None for subject in found]
    grades = np.array([float(rows.header.labels[column]["grade"]) for column in columns])
    long = Rows(rows.grid, rows.header, rows.places[row])
    municipality, places = long.texts("municipality_name")
    events: dict[str | None, int] = {}
    event_of = np.empty(len(row), dtype=np.intp)
    for i, (year, k) in enumerate(zip(years[row].tolist(), which.tolist(), strict=True)):
        event = job.cfg.calendar.find(job.map.procedure, codes[k], int(grades[k]), int(year))
        event_of[i] = events.setdefault(event.event_id if event else None, len(events))
    values = {
        "event_id": frames.text_column(list(events), event_of),
        "year": frames.integers(years[row]),
        "school": long.text_column("school", cells.login),
        "school_name": long.text_column("school_name"),
        "municipality_name": frames.text_column([cells.coded(text)[0] for text in municipality], places),
        "subject": frames.text_column(codes, which),
        "grade": frames.integers(grades[which]),
        "marker": frames.integers(markers[row, which]),
    }
    job.add("source_label", long, np.ones(len(row), dtype=bool), values)
