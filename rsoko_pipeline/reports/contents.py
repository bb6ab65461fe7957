"""The first page of a workbook: what it is about, when and from what it was made, links to its pages.

Belongs here: the parts that the first pages of all workbooks share.
"""

from __future__ import annotations

from collections.abc import Iterable

from rsoko_pipeline.reports.inputs import SMALL, ReportHead, Work
from rsoko_pipeline.reports.texts import text
from rsoko_pipeline.reports.workbook import Book, Page


def write_origin(page: Page, head: ReportHead, *who: tuple[str, str]) -> None:
    """Write who and what the workbook is about, when, by which configuration and run it was made, and how to read it.

    Args:
        page: the first page.
        head: what it says.
        who: further facts before the others: key of a text in ``contents`` and value.
    """
    looks = (page.book.look("note"), page.book.look("plain"))
    facts = (
        *who,
        ("region", head.region),
        ("procedure", head.procedure),
        ("school_year", head.school_year),
        ("made_at", f"{head.made_at:%d.%m.%Y %H:%M}"),
        ("config_version", head.config_version),
        ("run_id", head.run_id),
    )
    page.skip()
    for key, value in facts:
        page.row((text(f"contents.{key}"), value), looks)
    page.line(text("contents.interval"), "note")
    page.line(text("contents.small", small=SMALL), "note")


def write_links(page: Page, targets: Iterable[tuple[Page, str]]) -> None:
    """Write the list of sheets, each a link, with what it is about."""
    looks = (page.book.look("link"), page.book.look("plain"))
    page.skip()
    page.line(text("contents.sheets"), "heading")
    for target, about in targets:
        page.row((target.sheet.title, about), looks)
        page.link(1, target)


def scale_look(book: Book, work: Work) -> int:
    """The look of the note on a work's scale: it stands out where the scale is not official or not known."""
    return book.look("text", "warning" if work.scale_warning else "")
