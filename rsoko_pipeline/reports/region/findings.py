"""Pages about findings: by code and by file. Sentences are those of the catalogue, without the values from the files,
since a value may be a pupil's code.
"""

from __future__ import annotations

import re

import pandas as pd

from rsoko_pipeline import contracts, findings
from rsoko_pipeline.reports.inputs import RegionReport
from rsoko_pipeline.reports.region.overview import add_page
from rsoko_pipeline.reports.texts import text, words
from rsoko_pipeline.reports.workbook import Book, Column, Page, plain

_PLACEHOLDER = re.compile(r"\{[^{}]*\}")


def add_by_code(book: Book, data: RegionReport) -> Page:
    """Add the page with a row a code: how often, in how many files and schools, errors first."""
    page = add_page(book, "findings", text("region.findings.note"))
    found = data.findings.assign(held=data.findings["action"] == "held")
    groups = found.groupby(["code", "severity"])
    counts = groups.agg(
        count=("code", "size"), held=("held", "sum"), files=("file_id", "nunique"), schools=("school", "nunique")
    ).reset_index()
    order = list(words("severity"))
    counts = counts.assign(order=counts["severity"].map(order.index))
    counts = counts.sort_values(["order", "count", "code"], ascending=[True, False, True])
    numbers = [
        Column(text(f"region.findings.{name}"), plain(counts[name]), "int")
        for name in ("count", "held", "files", "schools")
    ]
    page.table([*_kind_columns(counts), *numbers])
    return page


def add_by_file(book: Book, data: RegionReport) -> Page:
    """Add the page with a row a file × school × code; what to do stands on the page by code."""
    page = add_page(book, "files", text("region.findings.note"))
    keys = ["file_name", "school", "event_id", "severity", "code"]
    known = data.findings.assign(**{name: data.findings[name].fillna("") for name in keys})
    counts = known.groupby(keys).size().rename("count").reset_index()
    labels = {work.event_id: work.label for work in data.works}
    works = [labels.get(event, event) for event in plain(counts["event_id"])]
    schools = plain(counts["school"])
    page.table(
        [
            Column(text("region.files.file"), plain(counts["file_name"]), "text", 34),
            Column(text("contents.work"), works, "word", 10),
            Column(contracts.FIELDS["school"].ru, schools, "text", 13),
            Column(text("contents.school"), [data.school_names.get(code, "") for code in schools], "text", 34),
            Column(text("region.findings.count"), plain(counts["count"]), "int"),
            *_kind_columns(counts)[:-1],
        ]
    )
    return page


def _kind_columns(counts: pd.DataFrame) -> list[Column]:
    """Code, severity, general sentence and remedy."""
    kinds, label = findings.catalogue(), contracts.table("quarantine")
    codes, severities = plain(counts["code"]), plain(counts["severity"])
    unknown = text("region.findings.unknown")
    messages = [_general(kinds[code].message) if code in kinds else unknown for code in codes]
    remedies = [_general(kinds[code].remedy) if code in kinds else None for code in codes]
    severity = [words("severity")[code] for code in severities]
    return [
        Column(label["code"].ru, codes, "text", 27),
        Column(label["severity"].ru, severity, "word", 16, severities),
        Column(label["message"].ru, messages, "text", 52),
        Column(label["remedy"].ru, remedies, "text", 52),
    ]


def _general(sentence: str) -> str:
    """A sentence of the catalogue with an ellipsis in place of each value."""
    return _PLACEHOLDER.sub("…", sentence).replace("….", "…")
