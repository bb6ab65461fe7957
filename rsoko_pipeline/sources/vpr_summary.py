"""A region's consolidated tables over several years: marks and primary scores by school.

Belongs here: their columns. Does not belong here: what all yearly tables share (``yearly``), sums of shares
(``validation``).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from rsoko_pipeline.sources import frames, vpr_groups, yearly
from rsoko_pipeline.sources.header import Header
from rsoko_pipeline.sources.job import Job
from rsoko_pipeline.sources.rows import Rows

#: Shares are printed with two decimals, so that four of them may add to 100 ± 0.05.
_TOLERANCE = 0.0005


def read_marks(job: Job) -> None:
    """The table of marks into ``source_group_marks``."""
    header = job.header()
    if header is None:
        return
    rows, kept, columns = _rows(job, header, [header.columns[name] for name in vpr_groups.MARKS])
    if rows is None:
        return
    shares = (
        np.column_stack(
            [rows.numbers_at(header.columns[name], expected="доля в процентах") for name in vpr_groups.MARKS]
        )
        / 100
    )
    blank = np.isnan(shares)
    complete = np.abs(np.nansum(shares, axis=1) - 1) <= _TOLERANCE
    for i, name in enumerate(vpr_groups.MARKS):
        if (blank[:, i] & complete).any():
            job.find("RSK-BLANK-ZERO", column_name=header.name(name))
        rows.fail(
            blank[:, i] & ~complete & ~rows.failed, header.columns[name], "RSK-VALUE", expected="доля в процентах"
        )
        columns[name] = np.where(blank[:, i], 0.0, shares[:, i])
    rows.note_decimal_commas(header.columns[name] for name in vpr_groups.MARKS)
    job.add("source_group_marks", rows, kept & ~rows.failed, columns)
    job.findings.extend(rows.findings)


def read_scores(job: Job) -> None:
    """The table of primary scores into ``source_group_scores``."""
    header = job.header()
    if header is None or not vpr_groups.has_scores(job, header):
        return
    rows, kept, columns = _rows(job, header, list(header.scores))
    if rows is None:
        return
    rows.failed |= ~kept
    vpr_groups.add_scores(job, rows, header, columns)
    job.findings.extend(rows.findings)


def _rows(job: Job, header: Header, values: list[int]) -> tuple[Rows | None, np.ndarray, dict[str, Any]]:
    """The rows, which of them are kept (once each, of works in the calendar), and the columns of units and events."""
    rows = job.rows_below(header)
    job.facts.rows_read = len(rows)
    if not len(rows):
        job.find("RSK-ROWS-NONE")
        return None, np.zeros(0, dtype=bool), {}
    rows.fail_formulas()
    years = yearly.whole(rows, "year", "год")
    grades = yearly.whole(rows, "grade", "номер класса")
    subjects, subject_places = yearly.subjects(rows, job)
    school, name = yearly.schools(rows), rows.texts("school_name")
    participants = yearly.whole(rows, "participants", "целое число")
    yearly.note_name_variants(job, school, name)
    content = [rows.grid.codes[rows.places, column] for column in values]
    kept = yearly.drop_repeats(job, rows, years, [years, grades, subject_places, school[1], participants, *content])
    keys = pd.DataFrame({"year": years, "grade": grades, "subject": np.array(subjects, dtype=object)[subject_places]})
    works = yearly.works(job, keys[kept & ~rows.failed])
    index = {(work.year, work.grade, work.subject): i + 1 for i, work in enumerate(works)}
    found = np.fromiter((index.get(key, 0) for key in keys.itertuples(index=False, name=None)), np.intp, len(keys))
    events = [None, *(work.event_id for work in works)]
    columns = {
        "event_id": frames.text_column(events, found),
        **yearly.units(rows, school, name),
        "participants": frames.integers(participants, "Int32"),
    }
    in_calendar = np.array([event is not None for event in events])[found]
    return rows, kept & in_calendar, columns
