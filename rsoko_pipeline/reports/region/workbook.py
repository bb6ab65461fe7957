"""The region's workbook as a whole: which pages it has, and its first page."""

from __future__ import annotations

from rsoko_pipeline.reports.contents import scale_look, write_links, write_origin
from rsoko_pipeline.reports.inputs import RegionReport
from rsoko_pipeline.reports.region import board, exams, findings, overview, works
from rsoko_pipeline.reports.texts import text
from rsoko_pipeline.reports.workbook import Book, Page

_COMMON = {
    "overview": overview.add_overview,
    "exams": exams.add_exams,
    "coverage": overview.add_coverage,
    "board": board.add_board,
    "progress": board.add_progress,
    "findings": findings.add_by_code,
    "files": findings.add_by_file,
}
_WIDTHS = (30, 12, 23, 13, 11, 11, 11, 11, 62)


def region_workbook(data: RegionReport) -> bytes:
    """The workbook as bytes of an .xlsx file; the same input gives the same bytes.

    A year without data gives a workbook that says so on its first page.
    """
    head = data.head
    book = Book(
        title=text("region.title", procedure=head.procedure, school_year=head.school_year),
        footer=text("region.footer", region=head.region, procedure=head.procedure, school_year=head.school_year),
        made_at=head.made_at,
    )
    wanted = _COMMON if len(data.exam_statistics) else _COMMON.keys() - {"exams"}
    common = [(add(book, data), text(f"region.{key}.about")) for key, add in _COMMON.items() if key in wanted]
    work_pages = works.WorkPages(book, data)
    _write_contents(book, data, common, {work.event_id: work_pages.add(work) for work in data.works})
    return book.to_bytes()


def _write_contents(
    book: Book, data: RegionReport, common: list[tuple[Page, str]], by_work: dict[str, dict[str, Page]]
) -> None:
    page = book.contents
    page.widths(_WIDTHS)
    page.line(text("region.warning"), "warning")
    if data.mark_statistics.empty:
        nothing = text("contents.empty_region", school_year=data.head.school_year, procedure=data.head.procedure)
        page.line(nothing, "warning")
    write_origin(page, data.head)
    write_links(page, common)
    page.skip()
    page.line(text("contents.works"), "heading")
    heads = [text(f"contents.{key}") for key in ("work", "label", "window", "participants")]
    heads += [text(f"region.{kind}.column") for kind in works.KINDS]
    page.row([*heads, text("contents.scale")], book.look("head", "head"))
    regional = data.mark_statistics[data.mark_statistics["level"] == "region"]
    participants = dict(zip(regional["event_id"], regional["participants"].tolist(), strict=True))
    title, word, count, link = (book.look(name) for name in ("text", "word", "int", "link_cell"))
    for work in data.works:
        pages = by_work[work.event_id]
        wrote = participants.get(work.event_id, text("contents.no_data"))
        links = [text("contents.open") if kind in pages else None for kind in works.KINDS]
        looks = [link if kind in pages else word for kind in works.KINDS]
        page.row(
            (work.title, work.label, work.window, wrote, *links, work.scale_note),
            (title, word, word, count, *looks, scale_look(book, work)),
        )
        for column, kind in enumerate(works.KINDS, start=5):
            if kind in pages:
                page.link(column, pages[kind])
