"""Pages that set the school's results beside those of its municipality and the region."""

from __future__ import annotations

import numpy as np
import pandas as pd

from rsoko_pipeline import contracts
from rsoko_pipeline.reports.charts import COMPARISON_COLOURS, Bars, add_bars
from rsoko_pipeline.reports.inputs import SchoolReport
from rsoko_pipeline.reports.tables import field, fields, notes, origins, task_columns, tones, with_interval
from rsoko_pipeline.reports.texts import text, words
from rsoko_pipeline.reports.workbook import Block, Book, Column, Page, plain

TAB = "1F4E9E"
LEVELS = ("school", "municipality", "region")


def add_page(book: Book, key: str, *notes_above: str) -> Page:
    """Add a page about all works of the school; ``key`` is its group of texts in ``school``."""
    return book.page(text(f"school.{key}.sheet"), title=text(f"school.{key}.title"), notes=notes_above, tab=TAB)


def add_summary(book: Book, data: SchoolReport) -> Page:
    """Add the page with marks, quality and means of each work: school, municipality, region."""
    page = add_page(book, "summary", text("contents.interval"), *_scale_warnings(data))
    frame = _unit_rows(data, data.mark_statistics)
    marked = plain(frame["marked"])
    counts = ("participants", "marked", "n2", "n3", "n4", "n5", "share2", "share3", "share4", "share5")
    block = page.table(
        [
            *_unit_columns(data, "mark_statistics", frame),
            *fields("mark_statistics", frame, *counts),
            *with_interval("mark_statistics", frame, "quality"),
            *with_interval("mark_statistics", frame, "success"),
            *fields("mark_statistics", frame, "sou", "mean_mark", "mean_score", "max_score"),
            *origins("mark_statistics", frame),
            *notes(marked),
        ],
        tones=tones(plain(frame["level"]), marked, total="school"),
        frozen=2,
    )
    if data.written:
        _add_quality_chart(page, data, block, frame)
    return page


def _add_quality_chart(page: Page, data: SchoolReport, above: Block, frame: pd.DataFrame) -> None:
    """Quality of the school, the municipality and the region by work, as a small table with a chart beside it."""
    quality = frame.pivot(index="event_id", columns="level", values="quality")
    quality = quality.reindex(index=[work.event_id for work in data.written], columns=list(LEVELS))
    page.skip()
    page.line(text("school.summary.chart_table"), "heading")
    labels = Column(text("contents.work"), [work.label for work in data.written], "word")
    levels = [Column(words("levels")[level], plain(quality[level]), "share") for level in LEVELS]
    block = page.small_table([labels, *levels])
    bars = Bars(text("school.summary.chart"), labels.head, [level.head for level in levels], COMPARISON_COLOURS, top=1)
    add_bars(block, bars, anchor=f"F{above.last + 3}", width=24)


def add_journal(book: Book, data: SchoolReport) -> Page:
    """Add the page with lowered, confirmed and raised marks of each work: school, municipality, region."""
    page = add_page(book, "journal", text("region.journal.note"))
    frame = _unit_rows(data, data.journal_comparison)
    counts = plain(frame["n"])
    numbers = ("lowered", "confirmed", "raised", "lowered_share", "confirmed_share", "raised_share")
    page.table(
        [
            *_unit_columns(data, "journal_comparison", frame),
            field("journal_comparison", frame, "n", head=text("region.journal.both"), width=12),
            *fields("journal_comparison", frame, *numbers),
            *origins("journal_comparison", frame),
            *notes(counts),
        ],
        tones=tones(plain(frame["level"]), counts, total="school"),
        frozen=2,
    )
    return page


def add_tasks(book: Book, data: SchoolReport) -> Page:
    """Add the page with each task: solved share of the school with its interval, of the municipality, of the region."""
    page = add_page(book, "tasks", text("school.tasks.note"))
    frame = _task_rows(data)
    counts, verdicts = plain(frame["n"]), _verdicts(frame)
    labels = {work.event_id: work.label for work in data.works}
    verdict_words = [verdict and text(f"school.tasks.{verdict}") for verdict in verdicts]
    colours = [verdict if verdict in ("below", "above") else "" for verdict in verdicts]
    page.table(
        [
            Column(text("contents.work"), [labels[event] for event in frame["event_id"]], "word", 10),
            *task_columns(frame),
            Column(text("school.tasks.school_n"), counts, "int", 11),
            *with_interval("task_statistics", frame, "solved_share", "solved"),
            Column(text("school.tasks.municipality"), plain(frame["municipality"]), "share"),
            Column(text("school.tasks.region"), plain(frame["region"]), "share"),
            Column(text("school.tasks.difference"), plain(frame["solved_share"] - frame["region"]), "points", 10),
            Column(text("school.tasks.verdict"), verdict_words, "word", 15, colours),
            *notes(counts),
        ],
        tones=tones([""] * len(counts), counts),
        frozen=2,
    )
    return page


def _unit_rows(data: SchoolReport, frame: pd.DataFrame) -> pd.DataFrame:
    """The rows of the school, its municipality and the region, work after work."""
    works = {work.event_id: number for number, work in enumerate(data.written)}
    levels = {level: number for number, level in enumerate(LEVELS)}
    part = frame[frame["level"].isin(levels) & frame["event_id"].isin(works)]
    return part.take(np.lexsort((part["level"].map(levels), part["event_id"].map(works))))


def _unit_columns(data: SchoolReport, table: str, frame: pd.DataFrame) -> list[Column]:
    labels = {work.event_id: work.label for work in data.works}
    own = words("levels")["school"]
    units = [own if level == "school" else name for level, name in zip(frame["level"], frame["unit_name"], strict=True)]
    return [
        Column(text("contents.work"), [labels[event] for event in frame["event_id"]], "word", 10),
        Column(contracts.table(table)["unit_name"].ru, units, "text", 34),
    ]


def _scale_warnings(data: SchoolReport) -> list[str]:
    """Each warning on a scale once, with the works that it is about."""
    labels: dict[str, list[str]] = {}
    for work in data.written:
        labels.setdefault(work.scale_warning, []).append(work.label)
    return [f"{warning}: {', '.join(of)}" for warning, of in labels.items() if warning]


def _task_rows(data: SchoolReport) -> pd.DataFrame:
    """The school's row of each task with ``municipality``, ``region`` and ``skill`` beside it, work after work."""
    frame, key = data.task_statistics, ["event_id", "task_no"]
    own = frame[frame["level"] == "school"].merge(data.tasks[[*key, "skill"]], on=key, how="left")
    for level in ("municipality", "region"):
        other = frame.loc[frame["level"] == level, [*key, "solved_share"]]
        own = own.merge(other.rename(columns={"solved_share": level}), on=key, how="left")
    order = {work.event_id: number for number, work in enumerate(data.works)}
    return own.take(np.lexsort((own["task_no"], own["event_id"].map(order))))


def _verdicts(frame: pd.DataFrame) -> list[str | None]:
    """For each task «below», «above» or «same» by whether the region lies outside the school's interval."""
    low, high, region = frame["solved_low"], frame["solved_high"], frame["region"]
    known = low.notna() & high.notna() & region.notna()
    verdicts = np.select([~known, high < region, low > region], ["", "below", "above"], "same")
    return [str(verdict) or None for verdict in verdicts]
