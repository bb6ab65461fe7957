"""Layouts: where things stand in the files of a format.

Belongs here: the models of ``procedures/<id>/layouts/*.yaml`` (formats with a reader of their own) and
``procedures/<id>/delimited/*.yaml`` (tables read by configuration alone). Does not belong here: reading (``sources``).
"""

from __future__ import annotations

import re
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from rsoko_pipeline.configuration.facts import Block, Fact, Grade, Identifier, Year, problem

Pattern = re.Pattern[str]


def _one_or_many(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Texts = Annotated[tuple[str, ...], BeforeValidator(_one_or_many)]


class LayoutColumn(Block):
    """A column of a layout.

    Attributes:
        field: a field of the contracts, or one of the layout's own (``group``: the cell that names a unit).
        headers: accepted headers; compared without regard to case, spaces and look-alike letters; a ``*`` at the end
            stands for any ending.
        required: a file without the column is refused.
    """

    field: Identifier
    headers: Annotated[Texts, Field(min_length=1)]
    required: bool = True


class Anchors(Block):
    """What a file is recognised by; every anchor given must be found.

    Attributes:
        title: pattern of cell A1.
        subject: pattern of the row that names the work, with groups ``year``, ``subject``, ``grade`` as far as there.
        subject_row: number of that row.
        sheets: patterns of the sheets that must exist.
        headers: headers that must stand in the header row.
    """

    title: Pattern | None = None
    subject: Pattern | None = None
    subject_row: Annotated[int, Field(ge=1)] | None = None
    sheets: tuple[Pattern, ...] = ()
    headers: tuple[str, ...] = ()


class Layout(Fact):
    """``procedures/<id>/layouts/<layout id>.yaml``: where things stand in one edition of a format.

    Attributes:
        id: the file's name without ``.yaml``.
        procedure: the folder's name.
        format: id of the format; several editions share one.
        edition: which edition of the format this is.
        title: what the format is called, for people.
        year_from, year_to: years in which the edition was seen; for people, recognition goes by the anchors.
        kinds: ``xlsx`` (workbooks of any kind), ``csv``.
        delimiter: of a text file, the delimiter to try first.
        sheet: pattern of the sheet with the table; the first sheet without one.
        header_row: number of the header row, from 1.
        columns: the columns read.
        ignored: headers that are known and not read.
        other_sheets: patterns of sheets that are known and not read; any other sheet with cells in it is a finding.
        task_header: pattern of a task's header, with groups ``task`` and ``max``.
        score_header: pattern of a column that holds the share of one score, with the group ``score``.
        label_header: pattern of a column that holds a label, with groups ``grade`` and ``subject``.
        options: what only this format's reader understands.
    """

    id: Identifier
    procedure: Identifier
    format: Identifier
    edition: str
    title: str
    year_from: Year | None = None
    year_to: Year | None = None
    kinds: Annotated[tuple[Literal["csv", "xlsx"], ...], Field(min_length=1)] = ("xlsx",)
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] = ";"
    sheet: Pattern | None = None
    header_row: Annotated[int, Field(ge=1)]
    anchors: Anchors
    columns: Annotated[tuple[LayoutColumn, ...], Field(min_length=1)]
    ignored: tuple[str, ...] = ()
    other_sheets: tuple[Pattern, ...] = ()
    task_header: Pattern | None = None
    score_header: Pattern | None = None
    label_header: Pattern | None = None
    options: dict[str, Any] = {}

    def headers_of(self, field: str) -> tuple[str, ...]:
        """The accepted headers of ``field``; empty when the layout has no such column."""
        return next((column.headers for column in self.columns if column.field == field), ())


class Conversion(Block):
    """How the text of a cell becomes a value. The steps run in this order: extract, values, type.

    Attributes:
        extract: pattern; its first group (or the whole match) replaces the text, a text without a match is a finding.
        values: replacements of whole texts; compared without regard to case and spaces around.
        type: ``text``, ``int``, ``decimal``, ``date``, ``bool`` (да/нет, 1/0, true/false) or ``subject`` (a subject as
            files name it → its code).
        date_format: for ``date``, as in ``strptime``.
        empty: texts that mean «no value» besides the empty cell.
        closed: whether a text that ``values`` do not name, nor give, is a finding; so it is anyway where the contract
            has a closed list.
        expected: what to write, in the words of the sender, for findings; else it follows from the rest.
    """

    extract: Pattern | None = None
    values: dict[str, str | int | float | bool | None] = {}
    type: Literal["text", "int", "decimal", "date", "bool", "subject"] = "text"
    date_format: str = "%d.%m.%Y"
    empty: tuple[str, ...] = ()
    closed: bool = False
    expected: str | None = None


class DelimitedColumn(Conversion):
    """A column of a file that configuration alone describes.

    Attributes:
        field: the field of the target's contract that the column fills.
        headers: accepted headers.
        join: headers of several columns joined by one « | » into a key, in place of ``headers``.
        required: a file without the column is refused.
        default: the value where the cell is empty.
    """

    field: Identifier
    headers: Texts = ()
    join: tuple[str, ...] = ()
    required: bool = True
    default: str | int | float | bool | None = None

    @model_validator(mode="after")
    def _has_one_origin(self) -> Self:
        if bool(self.headers) == bool(self.join):
            raise problem(
                f"у столбца {self.field} должно быть ровно одно из двух: headers или join",
                "headers — варианты заголовка одного столбца, join — заголовки столбцов, из которых складывается ключ.",
            )
        return self


class MeasureColumn(Block):
    """A measure of a unit, read from one row: the headers of its numbers.

    Attributes:
        measure: its code.
        title: what it is called, for people.
        value, numerator, denominator: headers of the value, or of the counts whose share it is.
        n: header of the number of participants behind the value, its weight where units are put together.
        standard_error: header of the value's standard error.
        percent: the file gives the value and its error in per cent; they are kept as shares.
        minimum, maximum: what the value, or the share of the counts, may be (as kept: a share is at most 1).
        total_of: measures of the same row whose weighted sum the value must be, with their weights.
        tolerance: by how much it may differ from that sum, for rounding.
        fields: fields of the contract that have one value for this measure: its domain, category, subject.
        required: whether the file must have the measure's columns.
    """

    measure: Identifier
    title: str
    value: Texts = ()
    numerator: Texts = ()
    denominator: Texts = ()
    n: Texts = ()
    standard_error: Texts = ()
    percent: bool = False
    minimum: float | None = None
    maximum: float | None = None
    total_of: dict[Identifier, float] = {}
    tolerance: Annotated[float, Field(ge=0)] = 0.0
    fields: dict[Identifier, str | int] = {}
    required: bool = True

    @model_validator(mode="after")
    def _has_something(self) -> Self:
        if not (self.value or self.numerator):
            raise problem(
                f"у показателя {self.measure} нет ни value, ни numerator", "Укажите заголовок столбца с величиной."
            )
        return self


class QuestionColumn(Block):
    """A question of a form whose export has a row a respondent: a column of answers, counted at reading.

    Attributes:
        question: as it is kept.
        headers: the question as forms write it.
        answers: the words of the form, and the answer that each is kept as; compared without regard to case and spaces
            around.
        other: what any other text counts as; its words are kept nowhere, for they are the respondent's own.
        separator: what stands between the answers of a cell where several may be chosen.
        required: a file without the column is refused.
    """

    question: str
    headers: Annotated[Texts, Field(min_length=1)]
    answers: Annotated[dict[str, str], Field(min_length=1)]
    other: str = "другой ответ"
    separator: Annotated[str, Field(min_length=1)] | None = None
    required: bool = True


class Filter(Block):
    """Rows to keep: those whose cell under ``header`` is one of ``equals``, is not one of ``differs``, is filled."""

    header: str
    equals: tuple[str, ...] = ()
    differs: tuple[str, ...] = ()
    filled: bool = False


class _YearKey(Block):
    """Which columns or words say subject, grade and year of an event.

    Attributes:
        subject_header, grade_header: columns that name subject and grade row by row.
        year: calendar year of writing, when it is one for the whole file.
        year_header: else the header of the column that names it row by row.
        year_extract: pattern whose first group is the year in such a cell.
    """

    subject_header: str | None = None
    grade_header: str | None = None
    year: Year | None = None
    year_header: str | None = None
    year_extract: Pattern | None = None

    _called: ClassVar[str] = "год"

    @model_validator(mode="after")
    def _year_is_known(self) -> Self:
        ways = self._ways()
        if sum(value is not None for value in ways.values()) != 1:
            raise problem(f"{self._called} не задан", f"Укажите ровно одно: {' или '.join(ways)}.")
        return self

    def _ways(self) -> dict[str, object]:
        """The ways to say the year."""
        return {"year": self.year, "year_header": self.year_header}


class EventKey(_YearKey):
    """To which event the file belongs.

    Attributes:
        subject, grade: of the event, where no column names them; None where the event has none.
        day_header: else the header of the column with the day of filling in, whatever the time after it: the event is
            the procedure's in the school year of that day.
    """

    subject: Identifier | None = None
    grade: Grade | None = None
    day_header: str | None = None

    _called: ClassVar[str] = "год события"

    def _ways(self) -> dict[str, object]:
        return {**super()._ways(), "day_header": self.day_header}

    @property
    def headers(self) -> tuple[str, ...]:
        """The headers of the columns that say it row by row."""
        named = (self.subject_header, self.grade_header, self.year_header, self.day_header)
        return tuple(header for header in named if header is not None)

    @model_validator(mode="after")
    def _subject_and_grade_are_said_once(self) -> Self:
        if (self.subject and self.subject_header) or (self.grade is not None and self.grade_header):
            raise problem(
                "предмет или класс события задан дважды",
                "Оставьте одно: subject или subject_header, grade или grade_header.",
            )
        return self


class AboutKey(_YearKey):
    """Which event of the calendar a row is about: the work that was observed, marked again, compared.

    Attributes:
        procedure: the event's procedure, or ``procedure_header``: the column that names it.

    A row whose cells are all empty is about no event.
    """

    procedure: Identifier | None = None
    procedure_header: str | None = None

    @model_validator(mode="after")
    def _procedure_is_known(self) -> Self:
        if (self.procedure is None) == (self.procedure_header is None):
            raise problem("процедура не задана", "Укажите одно из двух: procedure или procedure_header.")
        return self

    @property
    def headers(self) -> tuple[str, ...]:
        """The headers that the file must have."""
        named = (self.procedure_header, self.subject_header, self.grade_header, self.year_header)
        return tuple(header for header in named if header is not None)


class FileShape(Block):
    """How the bytes become a table.

    A delimiter at the end of every line, quotes not escaped inside quoted fields, decimal commas and points need no
    setting: the reader copes with them.

    Attributes:
        kinds: ``csv`` and ``xlsx`` as far as the format comes so.
        encodings: tried in this order; ``utf-8-sig`` reads UTF-8 with and without a mark.
        delimiter: the delimiter to try first.
        quoting: ``none`` where quotes are ordinary characters.
        header_row: number of the header row, from 1.
        sheet: pattern of a workbook's sheet; the first one without it.
    """

    kinds: Annotated[tuple[Literal["csv", "xlsx"], ...], Field(min_length=1)] = ("csv",)
    encodings: Annotated[tuple[str, ...], Field(min_length=1)] = ("utf-8-sig", "cp1251")
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] = ";"
    quoting: Literal["standard", "none"] = "standard"
    header_row: Annotated[int, Field(ge=1)] = 1
    sheet: Pattern | None = None


class Recognition(Block):
    """What a delimited file is recognised by.

    Attributes:
        headers: headers that must all be there.
        name: pattern of the file's name; only to tell apart editions whose columns are the same.
    """

    headers: Annotated[tuple[str, ...], Field(min_length=1)]
    name: Pattern | None = None


#: Frames that a delimited layout may fill.
Target = Literal[
    "source_result",
    "source_label",
    "source_register",
    "source_contingent",
    "source_municipality",
    "source_school_code",
    "source_school_alias",
    "source_context",
    "source_measure",
    "source_olympiad",
    "source_control",
    "source_second_mark",
    "source_journal_mark",
    "source_answer",
    "source_record",
    "source_list_member",
    "source_measure_status",
]


class DelimitedLayout(Fact):
    """``procedures/<id>/delimited/<layout id>.yaml``: a csv or Excel table read by configuration alone.

    Attributes:
        target: the contract of the frame that comes out.
        file: how bytes become a table.
        recognise: what the file is recognised by.
        event: to which event it belongs; None for registers.
        about: which event each row is about, for targets with the field ``about_event``.
        key: fields by which a row is told from another; a repeated key is a finding.
        columns: columns to fields; for ``source_result`` also fields of ``source_school``.
        constants: fields that have one value for the whole file.
        measures: for ``source_measure``: a row of the file gives a row a measure.
        replaces: what a later file of the format takes the place of: the units that it lists; or the whole event, and
            a unit that it leaves out is gone. The latter is for tables that one sender alone makes, always whole.
        questions: for ``source_answer``: a row of the file is a respondent, the answers to each question are counted.
        filters: rows to keep.
        ignored: headers that are known and not read; any other header is a finding.
        warnings: what an analyst must know before using the data, in Russian.
    """

    id: Identifier
    procedure: Identifier
    format: Identifier
    edition: str
    title: str
    target: Target
    file: FileShape = FileShape()
    recognise: Recognition
    event: EventKey | None = None
    replaces: Literal["unit", "event"] = "unit"
    about: AboutKey | None = None
    key: tuple[Identifier, ...] = ()
    columns: Annotated[tuple[DelimitedColumn, ...], Field(min_length=1)]
    constants: dict[Identifier, str | int | float | bool] = {}
    measures: tuple[MeasureColumn, ...] = ()
    questions: tuple[QuestionColumn, ...] = ()
    filters: tuple[Filter, ...] = ()
    ignored: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _measures_where_they_belong(self) -> Self:
        if bool(self.measures) != (self.target in ("source_measure", "source_context")):
            raise problem(
                f"measures и target: {self.target} не подходят друг к другу",
                "measures нужны при target: source_measure и source_context и только при них.",
            )
        return self

    @model_validator(mode="after")
    def _questions_where_they_belong(self) -> Self:
        if self.questions and self.target != "source_answer":
            raise problem(
                f"questions и target: {self.target} не подходят друг к другу",
                "questions бывают только при target: source_answer.",
            )
        return self

    @model_validator(mode="after")
    def _replaces_what_it_has(self) -> Self:
        if self.replaces == "event" and (self.event is None or self.target == "source_result"):
            raise problem(
                f"replaces: event и target: {self.target} не подходят друг к другу",
                "Заменять событие целиком может таблица другой процедуры: не реестр и не работы участников.",
            )
        return self
