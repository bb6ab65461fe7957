"""Pages of the upload board: school × work, and its counts by municipality."""

from __future__ import annotations

import pandas as pd

from rsoko_pipeline import contracts
from rsoko_pipeline.reports.charts import Bars, add_bars, bars_height
from rsoko_pipeline.reports.inputs import RegionReport
from rsoko_pipeline.reports.region.overview import add_page
from rsoko_pipeline.reports.tables import field
from rsoko_pipeline.reports.texts import text, words
from rsoko_pipeline.reports.workbook import Book, Column, Page, plain

#: Columns before those of the works.
_LEAD = 3
_COLOURS = {"loaded": "8CC79A", "empty": "FFD966", "refused": "E06666", "late": "F4B084", "awaited": "BDD7EE"}


def add_board(book: Book, data: RegionReport) -> Page:
    """Add the board: a row a school by municipality and code, a column a work, the state in words and colours."""
    page = add_page(book, "board")
    board, works = data.upload_status, data.works
    schools = board.sort_values(["municipality", "school"]).drop_duplicates("school")
    matrix = board.pivot(index="school", columns="event_id", values="status")
    matrix = matrix.reindex(index=schools["school"], columns=[work.event_id for work in works])
    counts = board.groupby("school")["findings"].sum().reindex(schools["school"])
    names = data.municipality_names
    homes = [names.get(code, code) for code in plain(schools["municipality"])]
    _write_legend(page)
    _write_loaded(page, matrix)
    page.table(
        [
            Column(contracts.FIELDS["municipality_name"].ru, homes, "text", 30),
            field("upload_status", schools, "school", width=13),
            field("upload_status", schools, "school_name", width=44),
            *(_status_column(work.label, plain(matrix[work.event_id])) for work in works),
            Column(text("region.board.findings"), plain(counts), "int"),
        ],
        frozen=_LEAD,
    )
    return page


def _status_column(label: str, codes: list[str | None]) -> Column:
    word = words("upload_status")
    cells = [text("unexpected") if code is None else word[code] for code in codes]
    return Column(label, cells, "word", 12, [code or "unexpected" for code in codes])


def _write_legend(page: Page) -> None:
    note = page.book.look("note")
    word = {**words("upload_status"), "unexpected": text("unexpected")}
    colours = [page.book.look("word", code) for code in word]
    page.row([text("region.board.legend"), None, None, *word.values()], [*[note] * _LEAD, *colours])
    meanings = [f"{word[code]} — {meaning}" for code, meaning in words("upload_status_meaning").items()]
    page.line("; ".join(meanings[:3]) + ";", "note")
    page.line("; ".join(meanings[3:]) + ".", "note")


def _write_loaded(page: Page, matrix: pd.DataFrame) -> None:
    pairs = zip((matrix == "loaded").sum(), matrix.notna().sum(), strict=True)
    counts = [text("region.board.of", loaded=loaded, expected=expected) for loaded, expected in pairs]
    looks = [*[page.book.look("note")] * _LEAD, *[page.book.look("word")] * len(counts)]
    page.row([text("region.board.loaded"), None, None, *counts], looks)


def add_progress(book: Book, data: RegionReport) -> Page:
    """Add the page with a row a municipality: how many school × work cells of the board are in which state."""
    page = add_page(book, "progress")
    board, word = data.upload_status, words("upload_status")
    counts = pd.crosstab(board["municipality"], board["status"]).reindex(columns=list(word), fill_value=0).sort_index()
    total = counts.sum().to_frame(text("region.progress.total")).T
    rows = pd.concat([total, counts]) if len(counts) else counts
    expected = rows.sum(axis="columns")
    units = [data.municipality_names.get(code, code) for code in rows.index]
    block = page.table(
        [
            Column(text("contents.municipality"), units, "text", 40),
            Column(text("region.progress.expected"), plain(expected), "int", 12),
            *(Column(label, plain(rows[code]), "int", 12) for code, label in word.items()),
            Column(text("region.progress.share"), plain(rows["loaded"] / expected), "share", 12),
        ],
        tones=["total", *[""] * len(counts)][: len(rows)],
    )
    bars = Bars(
        text("region.progress.chart"),
        text("contents.municipality"),
        list(word.values()),
        [_COLOURS[code] for code in word],
        "percentStacked",
        horizontal=True,
        gap=40,
    )
    add_bars(block, bars, width=26, height=bars_height(len(rows)))
    return page
