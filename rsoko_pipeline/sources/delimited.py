"""Tables read by configuration alone: which column is which field, how its cells become values, which rows are kept.

Belongs here: everything a ``DelimitedLayout`` can say of a table of cells. Does not belong here: bytes, encodings and
quotes (``delimited_text``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import numpy as np
import pandas as pd

from rsoko_pipeline import contracts
from rsoko_pipeline.calendar.dates import school_year_of
from rsoko_pipeline.configuration import Configuration
from rsoko_pipeline.configuration.models import (
    AboutKey,
    Conversion,
    DelimitedColumn,
    DelimitedLayout,
    EventKey,
    MeasureColumn,
    QuestionColumn,
)
from rsoko_pipeline.contracts import Column
from rsoko_pipeline.findings import Finding
from rsoko_pipeline.privacy import is_personal_header, mask, mask_label
from rsoko_pipeline.sources import cells, frames, work
from rsoko_pipeline.sources.grid import FORMULA, as_text
from rsoko_pipeline.sources.header import Header, fits, personal_columns
from rsoko_pipeline.sources.job import Job
from rsoko_pipeline.sources.rows import Rows
from rsoko_pipeline.sources.text import fold, header_key

_EXPECTED = {
    "text": "текст",
    "int": "целое число",
    "decimal": "число",
    "date": "дата",
    "bool": "да или нет",
    "subject": "предмет из перечня",
}
_TRUTH = {fold(text): text in ("да", "1", "true") for text in ("да", "нет", "1", "0", "true", "false")}
_JOINED = " | "
#: What stands between a day and the time after it.
_TIME = re.compile(r"[\sT]")
#: Fields of free text, kept without what looks like a person in them.
_WORDS = frozenset({"title", "responsible", "remark", "reason", "support"})
#: Fields in which people sign: of their words the position stays.
_SIGNATURES = frozenset({"confirmed_by"})
#: Fields of a unit that respondents may write in different ways.
_OF_FIRST = frozenset({"unit_name"})
#: Numbers of a measure that a file may give in per cent.
_IN_PERCENT = ("value", "standard_error")


#: What turns a cell into a value.
Convert = Callable[[Any], Any]


class _UnreadableError(ValueError):
    """A cell that its column's conversion does not take."""


def read(job: Job) -> None:
    """Read the table into the frame of the layout's target."""
    layout = job.layout
    assert isinstance(layout, DelimitedLayout)
    for warning in layout.warnings:
        job.find("RSK-USAGE", what=warning)
    job.facts.extra["warnings"] = list(layout.warnings)
    header = _header(job, layout)
    if header is None:
        return
    rows = _rows(job, layout, header)
    job.facts.rows_read = len(rows)
    if not len(rows):
        job.find("RSK-ROWS-NONE")
        return
    _drop_misshapen(job, rows, header)
    values = {column.field: _column(job, rows, header, column, layout.target) for column in layout.columns}
    values.update((name, _whole_column(rows, value)) for name, value in layout.constants.items())
    events = _events(job, layout.event, rows, header) if layout.event else None
    if layout.about:
        values["about_event"] = _about(job, layout.about, rows, header)
    _fail_repeats(rows, layout.key, values)
    add = _add_measures if layout.measures else _add_answers if layout.questions else _add
    add(job, layout, rows, values, events)
    if not (layout.key or layout.questions):
        _note_doubled(job, rows)
    if layout.target in contracts.REGISTERS:
        _weigh_failures(job, layout, rows, values)
    of_pupils = "pupil_code" in contracts.table(layout.target).names
    # two fields may be read from one column
    said = {(one.code, one.row_number, one.column_name, one.value): one for one in reversed(rows.findings)}
    job.findings.extend(replace(finding, of_pupil=of_pupils) for finding in reversed(said.values()))


# ---------------------------------------------------------------------------------------------------------- header
def _header(job: Job, layout: DelimitedLayout) -> Header | None:
    """The header row; ``columns`` holds every header that the layout names, by its key."""
    grid, row = job.grid, layout.file.header_row - 1
    header = Header(row, grid.row_texts(row))
    keys = grid.row_keys(row)
    named = {header_key(name) for name in named_headers(layout)}
    for column, key in enumerate(keys):
        if not key:
            continue
        if is_personal_header(header.texts[column]):
            if not fits(key, layout.ignored):
                header.personal.append(header.texts[column])
        elif key in header.columns:
            header.findings.append(
                Finding("RSK-COLUMN-TWICE", sheet=grid.name, row_number=row + 1, column_name=header.texts[column])
            )
        elif key in named:
            header.columns[key] = column
        elif not fits(key, layout.ignored):
            text = mask_label(header.texts[column])
            mapping = f'- {{field: …, headers: ["{text}"]}}, или в ignored: "{text}"'
            header.findings.append(Finding("RSK-COLUMN-UNKNOWN", {"mapping": mapping}, grid.name, row + 1, text))
    for names in _required(layout):
        if not any(header_key(name) in header.columns for name in names):
            mapping = f'headers: ["{names[0]}", "новое название"] в {layout.procedure}/delimited/{layout.id}.yaml'
            header.findings.append(
                Finding("RSK-COLUMN-MISSING", {"mapping": mapping}, sheet=grid.name, column_name=names[0])
            )
    job.findings.extend([*header.findings, *personal_columns(header, grid)])
    return header if header.is_complete else None


def named_headers(layout: DelimitedLayout) -> Iterable[str]:
    """Every header that the layout reads."""
    for column in layout.columns:
        yield from (*column.headers, *column.join)
    for measure in layout.measures:
        yield from (name for names in _origins(measure).values() for name in names)
    for question in layout.questions:
        yield from question.headers
    for rule in layout.filters:
        yield rule.header
    if layout.event:
        yield from layout.event.headers
    if layout.about:
        yield from layout.about.headers


def _required(layout: DelimitedLayout) -> Iterable[tuple[str, ...]]:
    """Sets of headers of each of which the file must have one."""
    for column in layout.columns:
        if column.required:
            yield from [column.headers] if column.headers else [(name,) for name in column.join]
    for measure in layout.measures:
        yield from (names for names in _origins(measure).values() if names and measure.required)
    yield from (question.headers for question in layout.questions if question.required)
    if layout.event:
        named = (layout.event.subject_header, layout.event.grade_header, layout.event.day_header)
        yield from ((name,) for name in named if name)
    if layout.about:
        yield from ((name,) for name in layout.about.headers)
    yield from ((rule.header,) for rule in layout.filters)


def _place(header: Header, names: Iterable[str]) -> int | None:
    """The column of the first of ``names`` that the file has."""
    return next((header.columns[key] for name in names if (key := header_key(name)) in header.columns), None)


# ------------------------------------------------------------------------------------------------------------ rows
def _rows(job: Job, layout: DelimitedLayout, header: Header) -> Rows:
    rows = job.rows_below(header)
    kept = np.ones(len(rows), dtype=bool)
    for rule in layout.filters:
        column = _place(header, [rule.header])
        assert column is not None
        equals, differs = set(map(fold, rule.equals)), set(map(fold, rule.differs))

        if rule.filled:
            differs.add("")

        def passes(value: Any, equals: set[str] = equals, differs: set[str] = differs) -> bool:
            text = fold(as_text(value))
            return (not equals or text in equals) and text not in differs

        kept &= job.grid.map(job.grid.codes[rows.places, column], passes, bool)
    return rows.subset(kept)


def _drop_misshapen(job: Job, rows: Rows, header: Header) -> None:
    lines = rows.lines
    for line, count in job.raw.misshapen:
        rows.failed |= lines == line
        rows.findings.append(
            Finding("RSK-ROW-CELLS", {"expected": job.grid.width, "value": count}, row_number=line, value=str(count))
        )


def _fail_repeats(rows: Rows, key: tuple[str, ...], values: dict[str, pd.Series]) -> None:
    """Fail every row whose key stands in an earlier row too."""
    if not key:
        return
    keys = pd.DataFrame({name: values[name] for name in key})
    repeated = keys.duplicated().to_numpy() & ~rows.failed
    if not repeated.any():
        return
    rows.failed |= repeated
    for line, values_of_row in zip(rows.lines[repeated].tolist(), keys[repeated].to_numpy(dtype=object), strict=True):
        text = _JOINED.join(as_text(value) for value in values_of_row if value is not None)
        rows.findings.append(
            Finding("RSK-KEY-TWICE", {"unit": text}, sheet=rows.grid.name, row_number=line, value=text)
        )


def _note_doubled(job: Job, rows: Rows) -> None:
    """One finding for the file where rows say in every cell that is read what an earlier row says."""
    cells_read = pd.DataFrame(rows.block(rows.header.columns.values()))
    doubled = np.flatnonzero(cells_read.duplicated().to_numpy() & ~rows.failed)
    if len(doubled):
        line = int(rows.lines[doubled[0]])
        job.findings.append(Finding("RSK-ROW-TWICE", {"rows": len(doubled)}, sheet=rows.grid.name, row_number=line))


# ---------------------------------------------------------------------------------------------------------- values
def _column(job: Job, rows: Rows, header: Header, column: DelimitedColumn, target: str) -> pd.Series:
    """A field's values, a row each; None where empty."""
    contract = _contract(target, column.field)
    if target == "source_result":  # its rules have findings of their own
        contract = replace(contract, minimum=None, maximum=None)
    convert, expected = _converter(column, contract), _expected(column, contract)
    if column.type == "subject":
        convert = _subject(job.cfg, convert)
    if column.field in _WORDS:
        convert = _masked(convert, mask)
    elif column.field in _SIGNATURES:
        convert = _masked(convert, mask_label)
    if column.join:
        return _joined(rows, header, column.join, convert, expected)
    place = _place(header, column.headers)
    if place is None:
        return _whole_column(rows, column.default)
    return _convert(rows, place, convert, expected, column.default)


def _contract(target: str, field: str) -> Column:
    """The contract's column of a field; results of pupils may carry their school's fields."""
    return next(table[field] for table in map(contracts.table, (target, "source_school")) if field in table.names)


def _joined(rows: Rows, header: Header, names: Sequence[str], convert: Convert, expected: str) -> pd.Series:
    """A key put together from several columns; None when all of them are empty."""
    keys = [header_key(name) for name in names]
    parts = [rows.texts(key) for key in keys]
    cells_of_rows = zip(*([texts[place] for place in places.tolist()] for texts, places in parts), strict=True)
    places, different = pd.factorize(np.array([_JOINED.join(row) for row in cells_of_rows], dtype=object))
    values, bad = _values(convert, different.tolist(), None)
    rows.fail(bad[places], header.columns[keys[0]], "RSK-VALUE", expected=expected)
    return pd.Series(values[places], dtype=object)


def _convert(rows: Rows, place: int, convert: Convert, expected: str, default: Any = None) -> pd.Series:
    """The cells of a column as ``convert`` makes them; one it does not take fails its row."""
    codes = rows.grid.codes[rows.places, place]
    used = rows.grid.used(codes)
    values = np.empty(len(rows.grid.values), dtype=object)
    bad = np.zeros(len(values), dtype=bool)
    values[used], bad[used] = _values(convert, [rows.grid.values[code] for code in used.tolist()], default)
    rows.fail(bad[codes], place, "RSK-VALUE", expected=expected)
    return pd.Series(values[codes], dtype=object)


def _values(convert: Convert, different: list[Any], default: Any) -> tuple[np.ndarray, np.ndarray]:
    """The values of different cells (``default`` where empty), and which of them cannot be read."""
    values = np.empty(len(different), dtype=object)
    bad = np.zeros(len(different), dtype=bool)
    for i, cell in enumerate(different):
        try:
            value = convert(cell)
        except _UnreadableError:
            bad[i] = True
        else:
            values[i] = default if value is None else value
    return values, bad


def _converter(conversion: Conversion, column: Column | None = None) -> Convert:
    """A cell → value that the contract's column takes, None when empty; raises ``_UnreadableError``."""
    empty = frozenset(map(fold, conversion.empty))
    replaced = {fold(text): value for text, value in conversion.values.items()}
    listed = set(conversion.values.values()) | set((column and column.allowed) or ())
    is_closed = _is_closed(conversion, column)

    def convert(cell: Any) -> Any:
        if cell is FORMULA:
            raise _UnreadableError
        text = as_text(cell)
        if not text.strip(_JOINED) or (empty and fold(text) in empty):
            return None
        if conversion.extract:
            match = conversion.extract.search(text)
            if match is None:
                raise _UnreadableError
            text = match[1] if match.re.groups else match[0]
        if replaced and (key := fold(text)) in replaced:
            value = replaced[key]
        else:
            value = _typed(text, conversion.type, conversion.date_format)
            if is_closed and value not in listed:
                raise _UnreadableError
        return value if column is None or value is None else _fitting(value, column)

    return convert


def _expected(conversion: Conversion, column: Column) -> str:
    """What to write in a cell, for the sender of the file: in the words of the layout where it has a list of them."""
    if conversion.expected:
        return conversion.expected
    if conversion.values and _is_closed(conversion, column):
        words = {str(value): text for text, value in reversed(conversion.values.items())}
        return "одно из значений: " + ", ".join(reversed(words if conversion.extract else words.values()))
    if conversion.type in ("int", "decimal"):
        return contracts.limits_ru(column.minimum, column.maximum, _EXPECTED[conversion.type])
    return _EXPECTED[conversion.type]


def _is_closed(conversion: Conversion, column: Column | None) -> bool:
    return conversion.closed or bool(column and column.allowed)


def _subject(cfg: Configuration, convert: Convert) -> Convert:
    """The subject's code in place of its name."""

    def coded(cell: Any) -> Any:
        name = convert(cell)
        if name is None:
            return None
        subject = cfg.subject_named(name)
        if subject is None:
            raise _UnreadableError
        return subject.code

    return coded


def _masked(convert: Convert, hide: Callable[[str], str]) -> Convert:
    """The text without what ``hide`` takes for a person."""

    def masked(cell: Any) -> Any:
        text = convert(cell)
        return None if text is None else hide(text)

    return masked


def _typed(text: str, kind: str, date_format: str) -> Any:
    """The text as a value of the configured type."""
    if kind in ("text", "subject"):
        return text
    if kind == "date":
        return _date(text, date_format)
    if kind == "bool":
        return _truth(text)
    number = cells.number(text)
    if number == cells.UNREADABLE or (kind == "int" and number % 1):
        raise _UnreadableError
    return int(number) if kind == "int" else number


def _fitting(value: Any, column: Column) -> Any:
    """The value as the contract's column takes it."""
    if column.dtype == "str":
        return as_text(value)
    if column.dtype == "boolean":
        return value if isinstance(value, bool) else _truth(as_text(value))
    if column.dtype.startswith("datetime"):
        return value if isinstance(value, date) else _date(as_text(value), "%d.%m.%Y")
    number = cells.number(value)
    if not abs(number) <= cells.largest(column.name) or (column.dtype != "float64" and number % 1):
        raise _UnreadableError
    if not column.is_within(number):
        raise _UnreadableError
    return number


def _truth(text: str) -> bool:
    if fold(text) not in _TRUTH:
        raise _UnreadableError
    return _TRUTH[fold(text)]


def _date(text: str, date_format: str) -> date:
    """A date in the configured form; a workbook's own dates come as ISO text."""
    for form in (date_format, "%Y-%m-%d"):
        try:
            return datetime.strptime(text, form).date()
        except ValueError:
            continue
    raise _UnreadableError


def _whole_column(rows: Rows, value: Any) -> pd.Series:
    return pd.Series([value], dtype=object).repeat(len(rows)).reset_index(drop=True)


# ---------------------------------------------------------------------------------------------------------- events
def _events(job: Job, key: EventKey, rows: Rows, header: Header) -> pd.Series:
    """The event of every row; rows of a work that the calendar does not have fail with one finding a work."""
    job.facts.subject, job.facts.grade = key.subject, key.grade
    if not _is_named_by_row(key, header):
        job.facts.year = key.year
        event = work.event_of(job.facts, job.cfg, findings=job.findings)
        return _whole_column(rows, event.event_id if event else None)
    named = {
        "subject": (key.subject_header, key.subject, Conversion(type="subject"), "предмет из перечня"),
        "grade": (key.grade_header, key.grade, Conversion(type="int"), "класс"),
        "year": (key.year_header, key.year, Conversion(extract=key.year_extract, type="int"), _year_ru(key)),
    }
    said = pd.DataFrame({name: _said(job, rows, header, *what) for name, what in named.items()})
    if key.day_header and (place := _place(header, [key.day_header])) is not None:
        said["year"] = _convert(rows, place, _year_of_day(job), _EXPECTED["date"])
    works, statements = pd.factorize(pd.MultiIndex.from_frame(said))
    found: list[str | None] = []
    for number, (subject, grade, year) in enumerate(statements.to_list()):
        of_work = works == number
        if pd.isna(year):
            rows.failed |= of_work
            found.append(None)
            continue
        subject, grade = (None if pd.isna(subject) else subject), (None if pd.isna(grade) else int(grade))
        event = job.cfg.calendar.find(job.facts.procedure or "", subject, grade, int(year))
        found.append(event.event_id if event else None)
        if event is None and (lost := int((of_work & ~rows.failed).sum())):
            job.find("RSK-ROWS-NOT-IN-CALENDAR", work=_work_words(job, subject, grade, int(year)), rows=lost)
            rows.failed |= of_work
    if len(events := {event for event in found if event}) == 1:
        (job.facts.event_id,) = events
        job.facts.year = job.cfg.calendar.events[job.facts.event_id].year
    return pd.Series([found[number] for number in works], dtype=object)


def _is_named_by_row(key: EventKey, header: Header) -> bool:
    return any(_place(header, [name]) is not None for name in key.headers)


def _year_of_day(job: Job) -> Convert:
    """A day, whatever the time after it → the year of the procedure's event in the school year of that day."""
    events = job.cfg.calendar.events.values()
    years = {event.school_year: event.year for event in events if event.procedure == job.facts.procedure}

    def year(cell: Any) -> Any:
        text = as_text(cell)
        if not text:
            return None
        day = cells.day(_TIME.split(text)[0].replace("/", "-"))
        if day is None:
            raise _UnreadableError
        return years.get(school_year_of(day), day.year)

    return year


def _said(
    job: Job, rows: Rows, header: Header, name: str | None, constant: Any, conversion: Conversion, expected: str
) -> pd.Series:
    """What every row says under the header ``name``, or the constant where there is no such header."""
    place = _place(header, [name]) if name else None
    if place is None:
        return _whole_column(rows, constant)
    convert = _converter(conversion)
    if conversion.type == "subject":
        convert = _subject(job.cfg, convert)
    return _convert(rows, place, convert, expected)


def _year_ru(key: EventKey) -> str:
    return "учебный год, например 2025/2026" if key.year_extract else "год, например 2026"


def _work_words(job: Job, subject: str | None, grade: int | None, year: int) -> str:
    title = job.cfg.procedures[job.facts.procedure or ""].short
    name = job.cfg.subjects[subject].name if subject else None
    return ", ".join(part for part in (title, name, f"{grade} класс" if grade else None, f"{year} год") if part)


def _about(job: Job, key: AboutKey, rows: Rows, header: Header) -> pd.Series:
    """The event that every row is about, None where its cells are empty; a row that names no known event fails."""
    places = {name: place for name in key.headers if (place := _place(header, [name])) is not None}
    texts = [rows.texts(header_key(name)) for name in places]
    said = zip(*([different[i] for i in at.tolist()] for different, at in texts), strict=True)
    codes, statements = pd.factorize(np.array([_JOINED.join(row) for row in said], dtype=object))
    found = [work.event_about(job.cfg, key, dict(zip(places, text.split(_JOINED), strict=True))) for text in statements]
    is_empty = np.array([not text.strip(_JOINED) for text in statements], dtype=bool)
    unknown = np.array([event is None for event in found], dtype=bool) & ~is_empty
    for bad in np.flatnonzero(unknown):
        at, text = np.flatnonzero(codes == bad), str(statements[bad])
        rows.failed[at] = True
        line = int(rows.lines[at[0]])
        job.findings.append(
            Finding("RSK-ABOUT-UNKNOWN", {"rows": len(at)}, sheet=rows.grid.name, row_number=line, value=text)
        )
    return pd.Series([found[code] for code in codes], dtype=object)


# --------------------------------------------------------------------------------------------------------- targets
def _add(job: Job, layout: DelimitedLayout, rows: Rows, values: dict[str, pd.Series], events: pd.Series | None) -> None:
    """Add the target's frame, and the schools beside the results of pupils."""
    table = contracts.table(layout.target)
    if layout.target == "source_result":
        values.setdefault("present", _whole_column(rows, True))
    if events is not None:
        values["event_id"] = events
    columns = {}
    for name, series in values.items():
        if name in table.names:
            _fail_empty(job, layout, rows, name, series)
            columns[name] = _typed_column(series, table[name].dtype)
    job.add(layout.target, rows, ~rows.failed, columns)
    if layout.target == "source_result":
        _add_schools(job, rows, values)


def _fail_empty(job: Job, layout: DelimitedLayout, rows: Rows, name: str, series: pd.Series) -> None:
    """Fail the rows in which a field that the contract requires is empty."""
    if contracts.table(layout.target)[name].nullable:
        return
    column = next((c for c in layout.columns if c.field == name), None)
    place = _place(rows.header, (*column.headers, *column.join)) if column else None
    empty = series.isna().to_numpy() & ~rows.failed
    if place is not None:
        rows.fail(empty, place, "RSK-VALUE", expected="непустое значение")
    rows.failed |= empty


def _weigh_failures(job: Job, layout: DelimitedLayout, rows: Rows, values: dict[str, pd.Series]) -> None:
    """Refuse a register of whose rows too many fail, more than one and more than the procedure's share.

    Of the others the facts keep what the failing rows are about, as far as it can be read: ``failed``, frames by name.
    """
    failed, total = int(rows.failed.sum()), len(rows)
    limit = job.cfg.procedures[layout.procedure].thresholds.event_share_failed
    if failed > max(1, limit * total):
        job.find("RSK-REGISTER-THRESHOLD", rows=failed, total=total, expected=f"{100 * limit:g} %".replace(".", ","))
    nothing = _whole_column(rows, None)
    about = {
        column.name: _typed_column(values.get(column.name, nothing)[rows.failed], column.dtype)
        for column in contracts.table(layout.target).columns
    }
    job.facts.extra["failed"] = {layout.target: pd.DataFrame(about).assign(file_id=job.facts.file_id)}


def _add_schools(job: Job, rows: Rows, values: dict[str, pd.Series]) -> None:
    """A row a school, in the order of their first rows."""
    places, firsts = pd.factorize(values["school"])
    first = np.full(len(firsts), -1, dtype=np.intp)
    known = places >= 0
    first[places[known][::-1]] = np.flatnonzero(known)[::-1]
    schools = Rows(rows.grid, rows.header, rows.places[first])
    columns: dict[str, Any] = {"school": _typed_column(values["school"].iloc[first], "str")}
    for name in ("school_name", "municipality", "municipality_name"):
        if name in values:
            columns[name] = _typed_column(values[name].iloc[first], "str")
    counts = np.bincount(places[known], minlength=len(firsts)).astype("float64")
    columns["rows"] = frames.integers(counts, "Int32")
    job.add("source_school", schools, np.ones(len(firsts), dtype=bool), columns)


def _add_measures(
    job: Job, layout: DelimitedLayout, rows: Rows, values: dict[str, pd.Series], events: pd.Series | None
) -> None:
    """Add the target: a row of the file gives a row a measure, none where the measure's cells are empty."""
    table = contracts.table(layout.target)
    numbers = [
        {
            kind: _number(rows, names, table[kind] if kind in table.names else None)
            / (100 if measure.percent and kind in _IN_PERCENT else 1)
            for kind, names in _origins(measure).items()
        }
        for measure in layout.measures
    ]
    for name in values:
        if name in table.names:
            _fail_empty(job, layout, rows, name, values[name])
    kept = np.flatnonzero(~rows.failed)
    row = np.repeat(kept, len(layout.measures))
    which = np.tile(np.arange(len(layout.measures)), len(kept))
    columns: dict[str, Any] = {
        name: _typed_column(series.iloc[row], table[name].dtype)
        for name, series in values.items()
        if name in table.names
    }
    if events is not None:
        columns["event_id"] = _typed_column(events.iloc[row], "str")
    columns["measure"] = frames.text_column([measure.measure for measure in layout.measures], which)
    for kind in (kind for kind in numbers[0] if kind in table.names):
        stacked = np.array([entry[kind] for entry in numbers])
        columns[kind] = _typed_numbers(stacked[which, row], table[kind].dtype)
    for name in {name for measure in layout.measures for name in measure.fields}:
        own = pd.Series([measure.fields.get(name) for measure in layout.measures], dtype=object).iloc[which]
        given = values[name].iloc[row].to_numpy(dtype=object) if name in values else np.full(len(row), None)
        columns[name] = _typed_column(own.reset_index(drop=True).fillna(pd.Series(given)), table[name].dtype)
    long = Rows(rows.grid, rows.header, rows.places[row])
    # the measures of a context share a denominator, which alone says nothing of them
    telling = ("value", "numerator") if layout.target == "source_context" else tuple(numbers[0])
    said = np.array([[entry[kind] for kind in telling] for entry in numbers])
    is_given = ~np.isnan(said).all(axis=1)[which, row]
    job.add(layout.target, long, is_given, columns)


def _add_answers(
    job: Job, layout: DelimitedLayout, rows: Rows, values: dict[str, pd.Series], events: pd.Series | None
) -> None:
    """Add the target: how many respondents of a unit gave each answer, under the row of the first of them."""
    table = contracts.table(layout.target)
    for name in values:
        _fail_empty(job, layout, rows, name, values[name])
    given = values if events is None else {**values, "event_id": events}
    people = pd.DataFrame(given).loc[~rows.failed]
    parts = []
    for question in layout.questions:
        if (place := _place(rows.header, question.headers)) is not None:
            answers, strange = _answers(rows, place, question)
            told = people.assign(question=question.question, answer=answers[people.index]).explode("answer")
            parts.append(told[told["answer"].notna()].rename_axis("row").reset_index())
            if count := int(strange[people.index].sum()):
                what = f"вопрос «{question.question}»: не из перечня — {count}, сосчитаны как «{question.other}»"
                job.find("RSK-USAGE", what=what)
    if not parts:
        job.find("RSK-ROWS-NONE")
        return
    every = pd.concat(parts, ignore_index=True)
    # a respondent who chose two answers that are kept as one has given it once
    keys = [name for name in (*given, "question", "answer") if name not in _OF_FIRST]
    every = every.drop_duplicates([*keys, "row"])
    counted = every.groupby(keys, dropna=False, sort=False)
    every = every.assign(n=counted["row"].transform("size")).drop_duplicates(keys, ignore_index=True)
    columns = {name: _typed_column(every[name], table[name].dtype) for name in (*given, "question", "answer", "n")}
    first = Rows(rows.grid, rows.header, rows.places[every["row"].to_numpy(dtype="intp")])
    job.add(layout.target, first, np.ones(len(every), dtype=bool), columns)


def _answers(rows: Rows, place: int, question: QuestionColumn) -> tuple[np.ndarray, np.ndarray]:
    """The answers of every respondent (a list each), and who gave one that is not on the list."""
    known = {fold(text): answer for text, answer in question.answers.items()}

    codes = rows.grid.codes[rows.places, place]
    answers = np.empty(len(rows.grid.values), dtype=object)
    strange = np.zeros(len(answers), dtype=bool)
    for code in rows.grid.used(codes).tolist():
        text = as_text(rows.grid.values[code])
        words = [fold(word) for word in (text.split(question.separator) if question.separator else [text])]
        answers[code] = [known.get(word, question.other) for word in words if word]
        strange[code] = any(word and word not in known for word in words)
    return answers[codes], strange[codes]


def _origins(measure: MeasureColumn) -> dict[str, tuple[str, ...]]:
    """The headers of each of the measure's numbers."""
    return {name: getattr(measure, name) for name in ("value", "numerator", "denominator", "n", "standard_error")}


def _number(rows: Rows, names: tuple[str, ...], column: Column | None) -> np.ndarray:
    place = _place(rows.header, names)
    if place is None:
        return np.full(len(rows), np.nan)
    expected = contracts.limits_ru(column.minimum, column.maximum) if column else "число"
    numbers = rows.numbers_at(place, limit=cells.largest("value"), expected=expected)
    if column:
        low, high = column.bounds
        rows.fail((numbers < low) | (numbers > high), place, "RSK-VALUE", expected=expected)
    return numbers


def _typed_column(series: pd.Series, dtype: str) -> Any:
    """An object column as the contract's type."""
    values = series.to_numpy(dtype=object)
    if dtype == "str":
        places, different = pd.factorize(values)
        places[places < 0] = len(different)
        return frames.text_column([*(as_text(value) for value in different), None], places)
    if dtype in ("Int16", "Int32", "Int64", "float64"):
        return _typed_numbers(np.array([np.nan if value is None else float(value) for value in values.tolist()]), dtype)
    return pd.Series(values, dtype=dtype).array


def _typed_numbers(numbers: np.ndarray, dtype: str) -> Any:
    return numbers if dtype == "float64" else frames.integers(numbers, dtype)
