"""Tables that a region keeps over several years: years entered twice, schools named in two ways, works of many events.

Belongs here: what consolidated marks, consolidated scores and the official list share. Does not belong here: their
columns (``vpr_summary``, ``vpr_labels``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from rsoko_pipeline.findings import Finding
from rsoko_pipeline.sources import cells, frames
from rsoko_pipeline.sources.job import Job
from rsoko_pipeline.sources.rows import Rows

_SHOWN = 4


@dataclass(frozen=True)
class Work:
    """A work as the table names it, and its event if the calendar has one."""

    year: int
    grade: int
    subject: str
    event_id: str | None


def works(job: Job, keys: pd.DataFrame) -> list[Work]:
    """The different works of ``keys`` (columns ``year``, ``grade``, ``subject``); a finding for each without event."""
    out = []
    counted = keys.groupby(["year", "grade", "subject"], sort=True, as_index=False).size()
    for year, grade, subject, rows in counted.itertuples(index=False, name=None):
        event = job.cfg.calendar.find(job.map.procedure, subject, int(grade), int(year))
        out.append(Work(int(year), int(grade), subject, event.event_id if event else None))
        if event is None:
            procedure = job.cfg.procedures[job.map.procedure]
            name = f"{procedure.short}, {job.cfg.subjects[subject].name}, {grade:.0f} класс, {year:.0f} год"
            job.find("RSK-ROWS-NOT-IN-CALENDAR", work=name, rows=int(rows))
    return out


def subjects(rows: Rows, job: Job) -> tuple[list[str], np.ndarray]:
    """The rows' subjects as codes; an unknown subject fails its row."""
    texts, places = rows.texts("subject")
    known = [job.cfg.subject_named(text) for text in texts]
    rows.fail(
        np.array([subject is None for subject in known])[places],
        rows.header.columns["subject"],
        "RSK-VALUE",
        expected="название предмета",
    )
    return [subject.code if subject else "" for subject in known], places


def whole(rows: Rows, field: str, expected: str) -> np.ndarray:
    """A column of whole numbers that every row must have."""
    values = rows.numbers(field, cells.integer, expected=expected)
    rows.fail(np.isnan(values) & ~rows.failed, rows.header.columns[field], "RSK-VALUE", expected=expected)
    return values


def schools(rows: Rows) -> tuple[list[str], np.ndarray]:
    """The rows' schools; a row without one fails."""
    texts, places = rows.texts("school", cells.login)
    rows.fail(
        np.array([not text for text in texts])[places],
        rows.header.columns["school"],
        "RSK-VALUE",
        expected="логин школы",
    )
    return texts, places


def drop_repeats(job: Job, rows: Rows, years: np.ndarray, fields: Sequence[np.ndarray]) -> np.ndarray:
    """Which rows are the first of their kind; a finding a year for the rows that repeat an earlier one word for word.

    Args:
        job: gets the findings.
        rows: the rows.
        years: their years.
        fields: everything that makes two rows the same, a value a row.
    """
    repeated = pd.DataFrame({str(i): values for i, values in enumerate(fields)}).duplicated().to_numpy()
    for year, count in zip(*np.unique(years[repeated & ~rows.failed], return_counts=True), strict=True):
        job.find("RSK-DOUBLE-YEAR", year=int(year), rows=int(count))
    return ~repeated


def note_name_variants(job: Job, schools: tuple[list[str], np.ndarray], names: tuple[list[str], np.ndarray]) -> None:
    """A finding for every school that the table names in several ways; double spaces are no difference."""
    pairs = np.unique(np.column_stack([schools[1], names[1]]), axis=0)
    places, starts, counts = np.unique(pairs[:, 0], return_index=True, return_counts=True)
    for place, start, count in zip(places.tolist(), starts.tolist(), counts.tolist(), strict=True):
        said = [names[0][name] for name in pairs[start : start + count, 1] if names[0][name]]
        if len(said) > 1:
            what = ", ".join(f"«{name}»" for name in said[:_SHOWN]) + (" и ещё иначе" if len(said) > _SHOWN else "")
            school = schools[0][place]
            job.findings.append(Finding("RSK-NAME-VARIANTS", {"what": what}, sheet=job.grid.name, school=school))


def units(rows: Rows, school: tuple[list[str], np.ndarray], name: tuple[list[str], np.ndarray]) -> dict[str, Any]:
    """``level``, ``unit_code``, ``unit_name`` (the login where it is empty) and ``parent_code`` of rows of schools."""
    nameless = np.array([not text for text in name[0]])[name[1]]
    texts, places = rows.texts("municipality_name")
    coded = [cells.coded(text) for text in texts]
    return {
        "level": frames.constant("school", len(rows)),
        "unit_code": frames.text_column(*school),
        "unit_name": frames.text_column([*name[0], *school[0]], np.where(nameless, len(name[0]) + school[1], name[1])),
        "parent_code": frames.text_column([code or municipality for municipality, code in coded], places),
    }
