"""Workbooks of the other procedures: a page a family, for the region with its municipalities and for each school.

Belongs here: which columns of a family's mart people see, and in which words. Does not belong here: pupils' works
(``region``, ``school``), what the figures are (``families``). No page ranks schools; the region's holds none of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from rsoko_pipeline import contracts
from rsoko_pipeline.reports.contents import write_links, write_origin
from rsoko_pipeline.reports.inputs import SMALL, ReportHead
from rsoko_pipeline.reports.tables import field, with_interval
from rsoko_pipeline.reports.texts import Texts
from rsoko_pipeline.reports.texts import text as common_text
from rsoko_pipeline.reports.workbook import Book, Column, Page, plain

_TEXTS = Texts("texts/procedures.yaml")
text = _TEXTS.text
#: Levels of the region's workbook.
REGION_LEVELS = ("region", "municipality")
#: Columns that say where a row comes from, not what it says.
_HIDDEN = frozenset({"unit_code", "parent_code", "series", "config_version", "run_id", "computed_at"})
#: The count that a row's figures rest on, the first that the table has.
_COUNTS = ("n", "participants", "respondents", "linked", "schools")
_WIDE = {"unit_name": 34.0, "measure": 34.0, "question": 40.0, "answer": 22.0, "text": 40.0}


@dataclass(frozen=True)
class ProceduresReport:
    """What a workbook of the other procedures is made of.

    Attributes:
        head: what the first page says.
        events: rows of ``core.dim_event``: the year's events of the other procedures.
        procedures: of every event the level of its procedure, as in ``config/procedures``.
        subjects: name by code.
        measures: title by code of a measure.
        works: title by id of every event of the calendar, for what rows are about.
        plans: short title by id of a plan of measures.
        families: title by name of the family's mart, in the order of the pages.
        marts: rows of the families' marts by table.
        school: name of the school whose workbook it is; None for the region's.
    """

    head: ReportHead
    events: pd.DataFrame
    procedures: Mapping[str, str]
    subjects: Mapping[str, str]
    measures: Mapping[str, str]
    works: Mapping[str, str]
    plans: Mapping[str, str]
    families: Mapping[str, str]
    marts: Mapping[str, pd.DataFrame]
    school: str | None = None


def procedures_workbook(data: ProceduresReport) -> bytes:
    """The workbook as bytes of an .xlsx file; the same input gives the same bytes."""
    head = data.head
    title = (
        text("title", school_year=head.school_year)
        if data.school is None
        else text("title_school", school=data.school, school_year=head.school_year)
    )
    book = Book(
        title=title,
        footer=text("footer", region=head.region, school_year=head.school_year),
        made_at=head.made_at,
    )
    written = [(table, rows) for table in data.families if not (rows := data.marts[table]).empty]
    pages = [(_calendar(book, data), text("calendar.about"))] if data.school is None and written else []
    pages += [(_page(book, data, table, rows), contracts.table(table).ru) for table, rows in written]
    contents = book.contents
    contents.widths((34, 60))
    contents.line(text("warning"), "warning")
    if not written:
        contents.line(text("nothing", school_year=head.school_year), "warning")
    write_origin(contents, head)
    write_links(contents, pages)
    return book.to_bytes()


def of_school(data: ProceduresReport, school: str, name: str) -> ProceduresReport:
    """The part of one school, of a report whose marts hold rows of schools."""
    marts = {
        table: rows[(rows["level"] == "school") & (rows["unit_code"] == school)] for table, rows in data.marts.items()
    }
    return replace(data, marts=marts, school=name)


def of_region(data: ProceduresReport) -> ProceduresReport:
    """The rows of the region and its municipalities."""
    marts = {table: rows[rows["level"].isin(REGION_LEVELS)] for table, rows in data.marts.items()}
    return replace(data, marts=marts)


def _calendar(book: Book, data: ProceduresReport) -> Page:
    """Every event of the year with what is there of it."""
    page = book.page(text("calendar.sheet"), title=text("calendar.title"))
    rows = pd.concat([frame["event_id"] for frame in data.marts.values()]).value_counts()
    windows = zip(plain(data.events["window_from"]), plain(data.events["window_to"]), strict=True)
    levels = _TEXTS.words("levels_of_procedure")
    page.table(
        [
            Column(text("event"), plain(data.events["title"]), "text", 52),
            Column(text("level"), [levels[data.procedures[event]] for event in data.events["event_id"]], "word", 16),
            Column(text("window"), [f"{first:%d.%m.%Y}–{last:%d.%m.%Y}" for first, last in windows], "word", 24),
            Column(text("rows"), [int(rows.get(event, 0)) for event in data.events["event_id"]], "int"),
        ]
    )
    return page


def _page(book: Book, data: ProceduresReport, table: str, rows: pd.DataFrame) -> Page:
    contract = contracts.table(table)
    order = {event: place for place, event in enumerate(data.events["event_id"])}
    level = rows["level"].map({name: place for place, name in enumerate(("region", "municipality", "school"))})
    ordered = rows.assign(place=rows["event_id"].map(order), at=level).sort_values(
        ["place", "at", *contract.key[1:]], ignore_index=True
    )
    page = book.page(
        data.families[table],
        title=contract.ru,
        notes=(contract.description_ru, text("small", small=SMALL)),
        warning="\n".join(contract.warnings_ru),
    )
    page.table(list(_columns(data, table, ordered)), frozen=2)
    return page


def _columns(data: ProceduresReport, table: str, rows: pd.DataFrame) -> Iterator[Column]:
    contract = contracts.table(table)
    titles = dict(zip(data.events["event_id"], data.events["title"], strict=True))
    yield Column(text("event"), [titles[event] for event in rows["event_id"]], "text", 30)
    ends = {name for name in contract.names if name.endswith(("_low", "_high"))}
    of_school = {"level", "unit_name"} if data.school is not None else set()
    for name in contract.names:
        if name in _HIDDEN or name in ends or name in of_school or name == "event_id":
            continue
        if name != "unit_name" and rows[name].isna().all():
            continue
        stem = name.removesuffix("_share")
        is_share = contract[name].type == contracts.fields.SHARE
        if f"{stem}_low" in ends and is_share:
            yield from with_interval(table, rows, name, stem)
        elif f"{name}_low" in ends and f"{name}_share" not in contract.names:
            yield field(table, rows, name, form="mean", width=11)
            yield Column(common_text("interval"), _intervals(rows, name), "centre", 16)
        else:
            yield _column(data, table, rows, name)
    counts = next((rows[name] for name in _COUNTS if name in contract.names), None)
    if counts is not None:
        small = [common_text("small") if n is not None and n < SMALL else None for n in plain(counts)]
        if any(small):
            yield Column(text("note"), small, "text", 18)


def _column(data: ProceduresReport, table: str, rows: pd.DataFrame, name: str) -> Column:
    words: Mapping[str, str] | None = {
        "subject": data.subjects,
        "measure": data.measures,
        "about_event": data.works,
        "plan": data.plans,
    }.get(name)
    if words is None and name in _TEXTS.words("words"):
        words = _TEXTS.words(f"words.{name}")
    width = _WIDE.get(name)
    if words is None:
        return field(table, rows, name, width=width)
    values = [None if code is None else words.get(code, code) for code in plain(rows[name])]
    return Column(contracts.table(table)[name].ru, values, "text", width or 20)


def _intervals(rows: pd.DataFrame, name: str) -> Sequence[str | None]:
    pairs = zip(plain(rows[f"{name}_low"]), plain(rows[f"{name}_high"]), strict=True)
    return [None if None in pair else f"{pair[0]:.4g}–{pair[1]:.4g}".replace(".", ",") for pair in pairs]
