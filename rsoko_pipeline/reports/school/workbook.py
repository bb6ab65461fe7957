"""The school's workbook as a whole: which pages it has, and its first page."""

from __future__ import annotations

from rsoko_pipeline import contracts
from rsoko_pipeline.reports.contents import scale_look, write_links, write_origin
from rsoko_pipeline.reports.inputs import SchoolReport
from rsoko_pipeline.reports.school import findings, statistics
from rsoko_pipeline.reports.school.classes import ClassSheets
from rsoko_pipeline.reports.texts import text, words
from rsoko_pipeline.reports.workbook import Book, Page, plain

_PAGES = {
    "summary": statistics.add_summary,
    "tasks": statistics.add_tasks,
    "journal": statistics.add_journal,
    "findings": findings.add_findings,
}
_WIDTHS = (30, 12, 23, 15, 62, *[11] * 12)


def school_workbook(data: SchoolReport) -> bytes:
    """The workbook as bytes of an .xlsx file; the same input gives the same bytes.

    A school without accepted works gets a workbook that says so and lists the findings of its files.
    """
    head = data.head
    book = Book(
        title=text("school.title", school=data.school_name, procedure=head.procedure, school_year=head.school_year),
        footer=text("school.footer", school=data.school, procedure=head.procedure, school_year=head.school_year),
        made_at=head.made_at,
    )
    common = [(add(book, data), text(f"school.{key}.about")) for key, add in _PAGES.items()]
    classes = ClassSheets(book, data)
    _write_contents(book, data, common, {work.event_id: classes.add(work) for work in data.works})
    return book.to_bytes()


def _write_contents(
    book: Book, data: SchoolReport, common: list[tuple[Page, str]], classes: dict[str, list[tuple[str, Page]]]
) -> None:
    page, head = book.contents, data.head
    page.widths(_WIDTHS)
    page.line(text("school.warning"), "warning")
    if not data.written:
        page.line(text("contents.empty_school", school_year=head.school_year, procedure=head.procedure), "warning")
    who = (("school", f"{data.school_name} ({data.school})"), ("municipality", data.municipality_name))
    write_origin(page, head, *who)
    page.line(text("school.codes"), "note")
    write_links(page, common)
    page.skip()
    page.line(text("contents.works"), "heading")
    heads = [text(f"contents.{key}") for key in ("work", "label", "window")]
    heads += [contracts.table("upload_status")["status"].ru, text("contents.scale"), text("contents.classes")]
    most = max((len(sheets) for sheets in classes.values()), default=0)
    page.row([*heads, *[None] * (most - 1)], book.look("head", "head"))
    status = dict(zip(data.upload_status["event_id"], plain(data.upload_status["status"]), strict=True))
    title, word, link = (book.look(name) for name in ("text", "word", "link_cell"))
    for work in data.works:
        sheets, code = classes[work.event_id], status.get(work.event_id)
        if not sheets and code is None:
            continue
        blank = most - len(sheets)
        state = code and words("upload_status")[code]
        links = [*(name for name, _ in sheets), *[None] * blank]
        looks = [*[link] * len(sheets), *[word] * blank]
        page.row(
            (work.title, work.label, work.window, state, work.scale_note, *links),
            (title, word, word, book.look("word", code or ""), scale_look(book, work), *looks),
        )
        for column, (_, target) in enumerate(sheets, start=6):
            page.link(column, target)
