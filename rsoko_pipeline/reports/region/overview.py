"""Pages about all works at once: overview and coverage."""

from __future__ import annotations

import pandas as pd

from rsoko_pipeline import contracts
from rsoko_pipeline.reports.charts import MARK_COLOURS, Bars, add_bars
from rsoko_pipeline.reports.inputs import RegionReport, Work
from rsoko_pipeline.reports.tables import by_event, coded, field, fields, notes, origins, tones, with_interval
from rsoko_pipeline.reports.texts import text
from rsoko_pipeline.reports.workbook import Book, Column, Page, plain

TAB = "1F4E9E"
LEVELS = ("region", "municipality")


def add_page(book: Book, key: str, *notes_above: str) -> Page:
    """Add a page about all works; ``key`` is its group of texts in ``region``."""
    return book.page(text(f"region.{key}.sheet"), title=text(f"region.{key}.title"), notes=notes_above, tab=TAB)


def add_overview(book: Book, data: RegionReport) -> Page:
    """Add the page with a row a work: participants, coverage, quality, success, means for the region."""
    page = add_page(book, "overview", text("contents.interval"), text("region.overview.both"))
    written = set(data.mark_statistics.loc[data.mark_statistics["level"] == "region", "event_id"])
    works = [work for work in data.works if work.event_id in written]
    marks, coverage = _region_rows(data.mark_statistics, works), _region_rows(data.coverage, works)
    warned = ["warning" if work.scale_warning else "" for work in works]
    block = page.table(
        [
            Column(text("contents.work"), [work.title for work in works], "text", 26),
            Column(text("contents.label"), [work.label for work in works], "word"),
            field("coverage", coverage, "enrolled"),
            field("coverage", coverage, "participants", head=text("region.overview.written")),
            *with_interval("coverage", coverage, "coverage"),
            *_participants_source(coverage),
            field("mark_statistics", marks, "participants", head=text("region.overview.counted")),
            field("mark_statistics", marks, "marked"),
            *with_interval("mark_statistics", marks, "quality"),
            *with_interval("mark_statistics", marks, "success"),
            *fields("mark_statistics", marks, "sou", "mean_mark", "mean_score", "max_score"),
            *origins("mark_statistics", marks),
            *notes(plain(marks["marked"])),
            Column(text("contents.scale"), [work.scale_note for work in works], "text", 38, warned),
        ],
        frozen=2,
    )
    shares = [contracts.FIELDS[name].ru for name in ("quality", "success")]
    colours = (MARK_COLOURS[5], MARK_COLOURS[4])
    add_bars(block, Bars(text("region.overview.chart"), text("contents.label"), shares, colours, top=1), width=26)
    return page


def add_coverage(book: Book, data: RegionReport) -> Page:
    """Add the page with a row a work × unit: enrolled, written, share, target."""
    page = add_page(book, "coverage", text("contents.interval"))
    labels = {work.event_id: work.label for work in data.works}
    by_work = by_event(data.coverage, LEVELS)
    parts = [by_work[event] for event in labels if event in by_work]
    frame = pd.concat(parts) if parts else data.coverage.head(0)
    gaps = plain(frame["coverage"] - frame["target"])
    missed = ["below" if gap is not None and gap < 0 else "" for gap in gaps]
    enrolled = plain(frame["enrolled"])
    page.table(
        [
            Column(text("contents.work"), [labels[event] for event in frame["event_id"]], "word", 10),
            coded("coverage", frame, "level", "levels"),
            field("coverage", frame, "unit_code", width=14),
            field("coverage", frame, "unit_name", width=38),
            *fields("coverage", frame, "enrolled", "participants", "absent"),
            *with_interval("coverage", frame, "coverage"),
            *fields("coverage", frame, "target"),
            Column(text("region.coverage.gap"), gaps, "points", 9, missed),
            coded("coverage", frame, "enrolled_source", "enrolled_sources", width=20),
            *_participants_source(frame),
            *notes(enrolled),
        ],
        tones=tones(plain(frame["level"]), enrolled),
        frozen=4,
    )
    return page


def _participants_source(coverage: pd.DataFrame) -> list[Column]:
    """The column that says whose participants are known from consolidated tables, where there are any."""
    if not coverage["participants_source"].isin(["aggregate", "mixed"]).any():
        return []
    return [coded("coverage", coverage, "participants_source", "participants_sources", width=20)]


def _region_rows(frame: pd.DataFrame, works: list[Work]) -> pd.DataFrame:
    """The region's row of each work, in their order; a work without one gets an empty row."""
    region = frame[frame["level"] == "region"].set_index("event_id")
    return region.reindex([work.event_id for work in works])
