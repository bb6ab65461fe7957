"""Pages of one work: marks, distribution of scores, tasks, comparison with the journal; each a table and a chart."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np
import pandas as pd

from rsoko_pipeline import contracts
from rsoko_pipeline.reports.charts import CHANGE_COLOURS, MARK_COLOURS, SINGLE_COLOUR, Bars, add_bars, bars_height
from rsoko_pipeline.reports.inputs import RegionReport, Work
from rsoko_pipeline.reports.region.overview import LEVELS
from rsoko_pipeline.reports.tables import by_event, field, fields, notes, origins, task_columns, tones, with_interval
from rsoko_pipeline.reports.texts import text
from rsoko_pipeline.reports.workbook import Block, Book, Column, Page, plain

KINDS = ("marks", "scores", "tasks", "journal")
_TAB = "8FBCE6"


class WorkPages:
    """Adds the pages of works to the region's workbook."""

    def __init__(self, book: Book, data: RegionReport) -> None:
        self._book = book
        self._skills = data.tasks[["event_id", "task_no", "skill"]]
        self._marks = by_event(data.mark_statistics, LEVELS)
        sources: tuple[tuple[dict[str, pd.DataFrame], Callable[[Work, pd.DataFrame], Page]], ...] = (
            (self._marks, self._add_marks),
            (by_event(data.score_distribution, LEVELS[:1]), self._add_scores),
            (by_event(data.task_statistics, LEVELS[:1]), self._add_tasks),
            (by_event(data.journal_comparison, LEVELS), self._add_journal),
        )
        self._sources = dict(zip(KINDS, sources, strict=True))

    def add(self, work: Work) -> dict[str, Page]:
        """Add the pages for which there are data; returns them by kind."""
        return {
            kind: add(work, frames[work.event_id])
            for kind, (frames, add) in self._sources.items()
            if work.event_id in frames
        }

    def _page(self, work: Work, kind: str, notes_above: Iterable[str] = ()) -> Page:
        marks = self._marks.get(work.event_id)
        marked = text("contents.no_data") if marks is None else marks["marked"].iloc[0]
        return self._book.page(
            text(f"region.{kind}.sheet", label=work.label),
            title=text(f"region.{kind}.title", title=work.title),
            notes=(text("region.written", window=work.window, marked=marked), *notes_above),
            warning=work.scale_warning,
            tab=_TAB,
        )

    def _add_marks(self, work: Work, frame: pd.DataFrame) -> Page:
        page = self._page(work, "marks", _firm_scale(work))
        marked = plain(frame["marked"])
        shares = fields("mark_statistics", frame, "share2", "share3", "share4", "share5")
        block = page.table(
            [
                field("mark_statistics", frame, "unit_name", width=36),
                *fields("mark_statistics", frame, "participants", "marked", "n2", "n3", "n4", "n5"),
                *shares,
                *with_interval("mark_statistics", frame, "quality"),
                *with_interval("mark_statistics", frame, "success"),
                *fields("mark_statistics", frame, "sou", "mean_mark", "mean_score", "median_score", "sd_score"),
                *origins("mark_statistics", frame),
                *notes(marked),
            ],
            tones=tones(plain(frame["level"]), marked),
        )
        self._add_unit_bars(block, work, "marks", shares, list(MARK_COLOURS.values()))
        return page

    def _add_scores(self, work: Work, frame: pd.DataFrame) -> Page:
        page = self._page(work, "scores", [*_cuts(work), *_firm_scale(work)])
        frame = _every_score(frame, work)
        zones = _zones(frame, work)
        block = page.table(
            [
                field("score_distribution", frame, "score"),
                field("score_distribution", frame, "n", head=contracts.FIELDS["participants"].ru),
                field("score_distribution", frame, "share"),
                *zones,
            ],
            filtered=False,
        )
        bars = Bars(
            _chart_title(work, "scores"),
            contracts.FIELDS["score"].ru,
            [zone.head for zone in zones] or [contracts.FIELDS["share"].ru],
            list(MARK_COLOURS.values()) if zones else [SINGLE_COLOUR],
            "stacked",
            x_title=text("region.scores.axis"),
            gap=12,
        )
        add_bars(block, bars, anchor=f"{'I' if zones else 'E'}{block.head}", width=22, height=11)
        return page

    def _add_tasks(self, work: Work, frame: pd.DataFrame) -> Page:
        page = self._page(work, "tasks", [text("region.tasks.note")])
        frame = frame.merge(self._skills, on=["event_id", "task_no"], how="left").sort_values("task_no")
        counts = plain(frame["n"])
        block = page.table(
            [
                *task_columns(frame),
                field("task_statistics", frame, "n", head=contracts.FIELDS["participants"].ru),
                field("task_statistics", frame, "points_sum"),
                *with_interval("task_statistics", frame, "solved_share", "solved"),
                field("task_statistics", frame, "not_started"),
                *notes(counts),
            ],
            tones=tones([""] * len(counts), counts),
            filtered=False,
        )
        bars = Bars(
            text("region.tasks.chart", label=work.label),
            contracts.FIELDS["task"].ru,
            [contracts.FIELDS["solved_share"].ru],
            [SINGLE_COLOUR],
            x_title=text("region.tasks.axis"),
            top=1,
            gap=40,
        )
        add_bars(block, bars, width=26)
        return page

    def _add_journal(self, work: Work, frame: pd.DataFrame) -> Page:
        page = self._page(work, "journal", [text("region.journal.note")])
        counts = plain(frame["n"])
        shares = fields("journal_comparison", frame, "lowered_share", "confirmed_share", "raised_share")
        block = page.table(
            [
                field("journal_comparison", frame, "unit_name", width=36),
                field("journal_comparison", frame, "n", head=text("region.journal.both"), width=12),
                *fields("journal_comparison", frame, "lowered", "confirmed", "raised"),
                *shares,
                *origins("journal_comparison", frame),
                *notes(counts),
            ],
            tones=tones(plain(frame["level"]), counts),
        )
        self._add_unit_bars(block, work, "journal", shares, CHANGE_COLOURS)
        return page

    @staticmethod
    def _add_unit_bars(block: Block, work: Work, kind: str, shares: list[Column], colours: Sequence[str]) -> None:
        """A bar a unit, made of shares that add to one."""
        bars = Bars(
            _chart_title(work, kind),
            contracts.FIELDS["unit_name"].ru,
            [column.head for column in shares],
            colours,
            "percentStacked",
            horizontal=True,
            gap=40,
        )
        add_bars(block, bars, width=28, height=bars_height(block.last - block.first + 1))


def _firm_scale(work: Work) -> list[str]:
    """The note on the scale where it needs no warning."""
    return [] if work.scale_warning else [work.scale_note]


def _cuts(work: Work) -> list[str]:
    """The lines that give the scale's borders and explain the zones."""
    if work.cuts is None:
        return []
    cut3, cut4, cut5 = (f"{cut:g}" for cut in work.cuts)
    top = text("none") if work.max_score is None else f"{work.max_score:g}"
    cuts = text("region.scores.cuts", cut3=cut3, cut4=cut4, cut5=cut5, max_score=top)
    return [cuts, text("region.scores.zones")]


def _chart_title(work: Work, kind: str) -> str:
    title = text(f"region.{kind}.chart", label=work.label)
    return f"{title}. {work.scale_warning}" if work.scale_warning else title


def _every_score(frame: pd.DataFrame, work: Work) -> pd.DataFrame:
    """The distribution with a row for each whole score up to the maximum, so that gaps show as gaps."""
    top = max(work.max_score or 0, frame["score"].max())
    whole = pd.Index(range(int(top) + 1), dtype="float64", name="score")
    frame = frame.set_index("score")[["n", "share"]]
    return frame.reindex(frame.index.union(whole)).fillna(0).reset_index()


def _zones(frame: pd.DataFrame, work: Work) -> list[Column]:
    """The share once more, under the mark that the scale gives for the score."""
    if work.cuts is None:
        return []
    mark = np.digitize(frame["score"], work.cuts) + 2
    return [
        Column(text("region.scores.zone", mark=m), plain(frame["share"].where(mark == m)), "share")
        for m in MARK_COLOURS
    ]
