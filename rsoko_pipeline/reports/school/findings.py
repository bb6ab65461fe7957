"""The page about the school's files: what is wrong, where exactly, what to do."""

from __future__ import annotations

from rsoko_pipeline import contracts
from rsoko_pipeline.reports.inputs import SchoolReport
from rsoko_pipeline.reports.school.statistics import add_page
from rsoko_pipeline.reports.tables import coded, field
from rsoko_pipeline.reports.texts import text, words
from rsoko_pipeline.reports.workbook import Book, Column, Page, plain

_WIDTHS = {"sheet": 13.0, "row_number": 8.0, "column_name": 14.0, "value": 13.0, "message": 44.0, "remedy": 44.0}


def add_findings(book: Book, data: SchoolReport) -> Page:
    """Add the page with a row a finding, errors first, then by file and row."""
    page = add_page(book, "findings", "" if len(data.findings) else text("school.findings.none"))
    order = list(words("severity"))
    found = data.findings.assign(order=data.findings["severity"].map(order.index))
    found = found.sort_values(["order", "file_name", "event_id", "row_number", "column_name", "code"])
    labels = {work.event_id: work.label for work in data.works}
    severities = plain(found["severity"])
    page.table(
        [
            Column(text("school.findings.file"), plain(found["file_name"]), "text", 26),
            Column(text("contents.work"), [labels.get(event) for event in plain(found["event_id"])], "word"),
            Column(
                contracts.FIELDS["severity"].ru,
                [words("severity")[code] for code in severities],
                "word",
                16,
                severities,
            ),
            *(field("quarantine", found, name, width=width) for name, width in _WIDTHS.items()),
            coded("quarantine", found, "action", "action", width=12),
            field("quarantine", found, "code", width=27),
        ]
    )
    return page
