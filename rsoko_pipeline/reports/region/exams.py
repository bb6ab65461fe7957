"""The page of exams («ГИА»): minimum, bands of test scores, marks, appeals, by category of participants and period."""

from __future__ import annotations

import pandas as pd

from rsoko_pipeline.reports.inputs import RegionReport
from rsoko_pipeline.reports.region.overview import LEVELS, add_page
from rsoko_pipeline.reports.tables import coded, field, fields, notes, tones, with_interval
from rsoko_pipeline.reports.texts import text
from rsoko_pipeline.reports.workbook import Book, Column, Page, plain

_COUNTS = ("participants", "absent", "unfinished", "annulled", "judged", "passed", "below_minimum")
#: Columns that stand only where an exam of the page has them: test scores, marks, both of an exam with appeals.
_WHERE_KNOWN = (
    ("minimum", "band_low", "band_middle", "band_high"),
    ("mean_test_score", "median_test_score", "sd_test_score"),
    ("n2", "n3", "n4", "n5", "mean_mark"),
    ("mean_score",),
    ("top",),
)


def add_exams(book: Book, data: RegionReport) -> Page:
    """Add the page with a row an exam × unit × category × period: the region and its municipalities."""
    page = add_page(
        book, "exams", text("region.exams.counted"), text("region.exams.unknown"), text("contents.interval")
    )
    labels = {work.event_id: work.label for work in data.works}
    frame = data.exam_statistics
    frame = frame[frame["level"].isin(LEVELS) & frame["event_id"].isin(labels)]
    order = pd.DataFrame(
        {
            "event": frame["event_id"].map(list(labels).index),
            "level": frame["level"].map(LEVELS.index),
            "whole": ~(frame[["participant_category", "exam_period"]] == "all").all(axis=1),
        }
    )
    frame = frame.loc[order.assign(unit=frame["unit_code"]).sort_values([*order, "unit"], kind="stable").index]
    participants = plain(frame["participants"])
    page.table(
        [
            Column(text("contents.work"), [labels[event] for event in frame["event_id"]], "word", 10),
            coded("exam_statistics", frame, "level", "levels"),
            field("exam_statistics", frame, "unit_name", width=36),
            coded("exam_statistics", frame, "participant_category", "participant_categories", width=22),
            coded("exam_statistics", frame, "exam_period", "exam_periods", width=18),
            *fields("exam_statistics", frame, *_COUNTS),
            *with_interval("exam_statistics", frame, "passed_share", "passed"),
            *fields("exam_statistics", frame, *(name for names in _WHERE_KNOWN for name in _known(frame, names))),
            *fields("exam_statistics", frame, "appeals", "appeals_granted"),
            *notes(participants),
        ],
        tones=tones(plain(frame["level"]), participants),
        frozen=5,
    )
    return page


def _known(frame: pd.DataFrame, names: tuple[str, ...]) -> tuple[str, ...]:
    return names if frame[list(names)].notna().any(axis=None) else ()
