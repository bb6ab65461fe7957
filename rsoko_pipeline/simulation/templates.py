"""A procedure's sample file as a template: the same table for other units, another year, with other rows.

Belongs here: which cell of a sample is which field, how cells of another unit and year are written, files of the
sample's kind. Does not belong here: what stands in the rows (``procedures``), reading what people send (``sources``).

The sample in ``config/procedures/<id>/`` is in the real layout; what is made of it is so too.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from pathlib import Path

from rsoko_pipeline.calendar import Event
from rsoko_pipeline.configuration import Configuration
from rsoko_pipeline.configuration.models import AboutKey, DelimitedLayout, EventKey
from rsoko_pipeline.configuration.names import comparable
from rsoko_pipeline.configuration.places import config_folders
from rsoko_pipeline.simulation import xlsx
from rsoko_pipeline.simulation.xlsx import Cell
from rsoko_pipeline.sources.work import event_about, year_said

Row = list[Cell]
#: A year within words: of a date, «2025 год».
_IN_TEXT = re.compile(r"(?<=\d\d\.\d\d\.)\d{4}\b|\b\d{4}(?= год)")


@dataclass(frozen=True)
class Template:
    """A sample with its layout.

    Attributes:
        layout: the map of its columns.
        preamble: the rows down to the header, the header included.
        rows: the rows below it.
        is_csv: delimited text; else a workbook.
        sheet: name of a workbook's sheet.
    """

    layout: DelimitedLayout
    preamble: tuple[Row, ...]
    rows: tuple[Row, ...]
    is_csv: bool
    sheet: str

    @cached_property
    def _places(self) -> dict[str, int]:
        return {comparable(str(cell)): place for place, cell in enumerate(self.preamble[-1]) if cell is not None}

    def place(self, headers: Iterable[str]) -> int | None:
        """The column under the first of these headers that the sample has."""
        return next((self._places[key] for name in headers if (key := comparable(name)) in self._places), None)

    def column(self, field: str) -> int | None:
        """The column of a field of the contract; None where the layout or the sample has none."""
        headers = next((column.headers for column in self.layout.columns if column.field == field), ())
        return self.place(headers)

    def with_fields(self, row: Row, fields: Mapping[str, Cell]) -> Row:
        """The row with other values in the columns of these fields; fields without a column are left out."""
        out = list(row)
        for field, value in fields.items():
            if (place := self.column(field)) is not None:
                out[place] = value
        return out

    def row(self, event: Event, cfg: Configuration, fields: Mapping[str, Cell], about: Event | None = None) -> Row:
        """A row of the event that is written anew.

        Args:
            event: whose file it is.
            cfg: configuration, for names.
            fields: cells by field of the contract; fields without a column are left out.
            about: the work that the row is about.
        """
        out = self.with_fields([None] * len(self.preamble[-1]), fields)
        key, of_work = self.layout.event, self.layout.about
        cells: dict[str | None, Cell] = {}
        if key:
            cells[key.subject_header] = cfg.subjects[event.subject].name if event.subject else None
            cells[key.grade_header] = event.grade
            cells[key.year_header] = _year_text(key, event, self._text(out, key.year_header))
        if of_work and about:
            cells[of_work.procedure_header] = cfg.procedures[about.procedure].short
            cells[of_work.subject_header] = cfg.subjects[about.subject].name if about.subject else None
            cells[of_work.grade_header] = about.grade
            cells[of_work.year_header] = _year_text(of_work, about, self._text(out, of_work.year_header))
        for header, cell in cells.items():
            if header and (place := self.place([header])) is not None:
                out[place] = cell
        return out

    def of_event(self, row: Row, event: Event, cfg: Configuration) -> Row | None:
        """The row with the years and dates of ``event``; None where it is about a work that those years lack."""
        out = list(row)
        event_key, about = self.layout.event, self.layout.about
        named = event_key.year_header if event_key else None
        year = year_said(event_key, self._text(row, named)) if event_key and named else None
        shift = 0 if year is None else event.year - year
        formats = {
            self.place(column.headers): column.date_format for column in self.layout.columns if column.type == "date"
        }
        named_years = [self.place([header]) for header in (named, about.year_header if about else None) if header]
        whole = {place for place in {*named_years, *formats} if place is not None}
        for place, cell in enumerate(out):
            if place in whole:
                out[place] = _in_year(cell, shift, formats.get(place, "%d.%m.%Y"))
            elif isinstance(cell, str):
                out[place] = _IN_TEXT.sub(lambda found: str(int(found[0]) + shift), cell)
        said = any(self._text(out, header) for header in about.headers) if about else False
        return None if said and self.about(out, cfg) is None else out

    def about(self, row: Row, cfg: Configuration) -> str | None:
        """The calendar's event that a row is about; None where it names none, or one that the calendar lacks."""
        key = self.layout.about
        return event_about(cfg, key, {header: self._text(row, header) for header in key.headers}) if key else None

    def _text(self, row: Row, header: str | None) -> str:
        place = self.place([header]) if header else None
        return "" if place is None or row[place] is None else str(row[place]).strip()

    def file(self, rows: Iterable[Row]) -> tuple[str, bytes]:
        """Suffix and bytes of the sample's table with these rows."""
        table = [*self.preamble, *rows]
        if not self.is_csv:
            return ".xlsx", xlsx.table(self.sheet, table)
        stream = io.StringIO()
        writer = csv.writer(stream, delimiter=self.layout.file.delimiter, lineterminator="\r\n")
        writer.writerows([["" if cell is None else cell for cell in row] for row in table])
        return ".csv", stream.getvalue().encode("utf-8-sig")


def _year_text(key: EventKey | AboutKey, event: Event, written: str) -> Cell:
    """A cell that names the event's year as the layout reads it; what is ``written`` already stays if it does."""
    texts: tuple[Cell, ...] = (written, event.year, event.school_year)
    return next((text for text in texts if year_said(key, str(text)) == event.year), event.year)


def _in_year(cell: Cell, years: int, date_format: str = "%d.%m.%Y") -> Cell:
    """A year, a school year («2025/2026») or a date, moved by a number of years."""
    if not years or cell is None:
        return cell
    text = str(cell).strip()
    for form in (date_format, "%Y-%m-%d", "%Y-%m-%d %H:%M:%S"):
        try:
            day = datetime.strptime(text, form).date()
        except ValueError:
            continue
        return f"{_moved(day, years):{date_format}}"
    parts = text.split("/")
    moved = "/".join(str(int(part) + years) if part.isdigit() and len(part) == 4 else part for part in parts)
    return int(moved) if isinstance(cell, int) else moved


def _moved(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February
        return day.replace(year=day.year + years, day=28)


def template(cfg: Configuration, procedure: str) -> Template | None:
    """The sample of a procedure whose files are read by configuration alone; None where there is none."""
    path = next(
        (
            path
            for folder in reversed(config_folders())
            for path in sorted((folder / "procedures" / procedure).glob("sample.*"))
        ),
        None,
    )
    if path is None or not cfg.procedures[procedure].delimited:
        return None
    sheet, table = _cells(path, cfg, procedure)
    for layout in cfg.procedures[procedure].delimited.values():
        header = layout.file.header_row
        named = (
            {comparable(str(cell)) for cell in table[header - 1] if cell is not None} if len(table) >= header else set()
        )
        if all(comparable(name) in named for name in layout.recognise.headers):
            body = tuple(row for row in table[header:] if any(cell not in (None, "") for cell in row))
            return Template(layout, tuple(table[:header]), body, path.suffix == ".csv", sheet)
    return None


def _cells(path: Path, cfg: Configuration, procedure: str) -> tuple[str, list[Row]]:
    if path.suffix == ".csv":
        delimiter = next(iter(cfg.procedures[procedure].delimited.values())).file.delimiter
        text = path.read_text(encoding="utf-8-sig")
        return "", [[cell or None for cell in row] for row in csv.reader(io.StringIO(text), delimiter=delimiter)]
    import openpyxl

    sheet = openpyxl.load_workbook(path, data_only=True).worksheets[0]
    return sheet.title, [list(row) for row in sheet.iter_rows(values_only=True)]
