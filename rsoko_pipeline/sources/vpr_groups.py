"""Reports of ФИС ОКО by groups of participants: Ф3, comparison with the journal, distribution of primary scores.

Belongs here: the tables of groups. Does not belong here: the preamble and the groups themselves (``fis_oko``), sums of
shares (``validation``). Shares stand in the files in per cent and in the frames as 0–1.
"""

from __future__ import annotations

import numpy as np

from rsoko_pipeline.sources import cells, fis_oko, frames
from rsoko_pipeline.sources.fis_oko import Groups
from rsoko_pipeline.sources.header import Header, fits
from rsoko_pipeline.sources.job import Job
from rsoko_pipeline.sources.rows import Rows
from rsoko_pipeline.sources.text import header_key

MARKS = ("share2", "share3", "share4", "share5")
_JOURNAL = ("lowered", "confirmed", "raised")


def read_marks(job: Job) -> None:
    """Ф3 «Статистика по отметкам» into ``source_group_marks``."""
    header = job.header()
    groups = _groups(job, header) if header else None
    if header is None or groups is None:
        return
    rows = groups.rows
    columns = {
        **groups.columns,
        "schools": _count(rows, "schools"),
        "participants": required_count(rows, "participants"),
    }
    columns.update({name: required_share(rows, header.columns[name]) for name in MARKS})
    job.facts.extra["whole_sample"] = _whole_sample(job, header, groups)
    _finish(job, "source_group_marks", rows, columns)


def read_scores(job: Job) -> None:
    """«Распределение первичных баллов» into ``source_group_scores``: a row a group × score that somebody got."""
    header = job.header()
    groups = _groups(job, header) if header and has_scores(job, header) else None
    if header is None or groups is None:
        return
    rows = groups.rows
    columns = {
        **groups.columns,
        "schools": _count(rows, "schools"),
        "participants": required_count(rows, "participants"),
    }
    add_scores(job, rows, header, columns)
    job.findings.extend(rows.findings)


def read_journal(job: Job) -> None:
    """«Сравнение отметок с отметками по журналу», of either layout, into ``source_group_journal``."""
    header = job.header()
    if header is None:
        return
    if "journal_count" in header.columns:
        _read_old_journal(job, header)
        return
    groups = _groups(job, header)
    if groups is None:
        return
    rows = groups.rows
    columns = {**groups.columns, "participants": required_count(rows, "participants")}
    for name in _JOURNAL:
        columns[name] = required_count(rows, name)
        columns[f"{name}_share"] = required_share(rows, header.columns[f"{name}_share"])
    _finish(job, "source_group_journal", rows, columns)


def has_scores(job: Job, header: Header) -> bool:
    """Whether the header has a column for a score; a finding when it has none."""
    if not header.scores:
        job.find("RSK-HEADER-MISSING", reason="нет ни одного столбца с баллом")
    return bool(header.scores)


def required_count(rows: Rows, field: str) -> object:
    """A column of whole numbers; an empty cell fails its row."""
    column = rows.header.columns[field]
    values = rows.numbers(field, cells.integer, expected="целое число")
    rows.fail(np.isnan(values) & ~rows.failed, column, "RSK-VALUE", expected="целое число")
    return frames.integers(values, "Int32")


def required_share(rows: Rows, column: int) -> np.ndarray:
    """A column of per cents as shares; an empty cell fails its row."""
    values = rows.numbers_at(column, expected="доля в процентах")
    rows.fail(np.isnan(values) & ~rows.failed, column, "RSK-VALUE", expected="доля в процентах")
    return values / 100


def add_scores(job: Job, rows: Rows, header: Header, columns: dict[str, object]) -> None:
    """Add ``source_group_scores``: the shares of all scores, an empty cell is no row.

    Args:
        job: the file.
        rows: the groups' rows.
        header: its header with the columns of scores.
        columns: the groups' other columns, a value a row.
    """
    places = list(header.scores)
    shares = np.column_stack([rows.numbers_at(column, expected="доля в процентах") for column in places]) / 100
    group, score = np.nonzero(~np.isnan(shares) & ~rows.failed[:, None])
    points = np.array([float(header.scores[column]["score"]) for column in places])
    long = Rows(rows.grid, header, rows.places[group])
    repeated = {name: values[group] for name, values in columns.items()}  # type: ignore[index]
    repeated.update(score=points[score], share=shares[group, score])
    rows.note_decimal_commas(places)
    job.add("source_group_scores", long, np.ones(len(group), dtype=bool), repeated)


def _groups(job: Job, header: Header) -> Groups | None:
    fis_oko.preamble(job, header)
    groups = fis_oko.groups(job, job.rows_below(header))
    job.facts.rows_read = len(groups.rows)
    if not len(groups.rows):
        job.find("RSK-ROWS-NONE")
        return None
    return groups


def _count(rows: Rows, field: str) -> object:
    return frames.integers(rows.numbers(field, cells.integer, expected="целое число"), "Int32")


def _finish(job: Job, name: str, rows: Rows, columns: dict[str, object]) -> None:
    rows.note_decimal_commas(rows.header.columns.values())
    job.add(name, rows, ~rows.failed, columns)
    job.findings.extend(rows.findings)


def _whole_sample(job: Job, header: Header, groups: Groups) -> dict[str, float] | None:
    """The shares of marks in the whole sample, for reports to show beside the region's; None where one is missing."""
    if groups.whole is None:
        return None
    row = {name: cells.number(job.grid.cell(groups.whole, header.columns[name])) for name in ("participants", *MARKS)}
    if not np.isfinite(list(row.values())).all():
        return None
    return {name: value if name == "participants" else value / 100 for name, value in row.items()}


def _read_old_journal(job: Job, header: Header) -> None:
    """The older layout: a group's name, then its rows «Понизили», «Подтвердили», «Повысили», «Всего»."""
    fis_oko.preamble(job, header)
    below = job.rows_below(header)
    kinds = {name: (pattern,) for name, pattern in job.options["rows"].items()}
    of_row = [
        next(
            (
                kind
                for kind, variants in kinds.items()
                if fits(header_key(job.grid.text(place, header.columns["group"])), variants)
            ),
            None,
        )
        for place in below.places.tolist()
    ]
    names = below.subset(np.array([kind is None for kind in of_row]))
    groups = fis_oko.groups(job, names)
    order = {int(place): i for i, place in enumerate(groups.rows.places)}
    counts = {kind: np.full(len(order), np.nan) for kind in kinds}
    shares = {kind: np.full(len(order), np.nan) for kind in kinds}
    all_counts = below.numbers("journal_count", cells.integer, expected="целое число")
    all_shares = below.numbers("journal_share", expected="доля в процентах")
    current: int | None = None
    for row, kind in enumerate(of_row):
        if kind is None:
            current = order.get(int(below.places[row]))
        elif current is not None:
            counts[kind][current], shares[kind][current] = all_counts[row], all_shares[row]
    rows = groups.rows
    job.facts.rows_read = len(rows)
    if not len(rows):
        job.find("RSK-ROWS-NONE")
        return
    incomplete = np.isnan(np.array([*counts.values(), *(shares[name] for name in _JOURNAL)])).any(axis=0)
    rows.fail(
        incomplete,
        header.columns["group"],
        "RSK-VALUE",
        expected="группа со строками «Понизили», «Подтвердили», «Повысили», «Всего»",
    )
    columns = {**groups.columns, "participants": frames.integers(counts["participants"], "Int32")}
    for name in _JOURNAL:
        columns[name] = frames.integers(counts[name], "Int32")
        columns[f"{name}_share"] = shares[name] / 100
    job.findings.extend(below.findings)
    _finish(job, "source_group_journal", rows, columns)
