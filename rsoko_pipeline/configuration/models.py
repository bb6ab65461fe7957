"""The blocks of the configuration files as pydantic models: what may stand in each file and what it means.

Belongs here: the shape of one file and checks within one block. Does not belong here: checks between files
(``checks.py``), reading (``loader.py``), the calendar's events and dates (``rsoko_pipeline.calendar``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from functools import cached_property
from typing import Annotated, Any, Literal, Self, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
from pydantic import AfterValidator, BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from rsoko_pipeline.calendar.dates import parse_day_month
from rsoko_pipeline.configuration.facts import Block, Fact, Status, weakest

Grade = Annotated[int, Field(ge=0, le=12)]
Year = Annotated[int, Field(ge=1990, le=2100)]
Share = Annotated[float, Field(ge=0, le=1)]
Participation = Literal["obligatory", "by_choice", "sample", "by_lot"]
Level = Literal["international", "federal", "regional", "municipal", "school"]


def problem(text: str, remedy: str) -> PydanticCustomError:
    """A complaint of a model's own check, in Russian, with what to do."""
    return PydanticCustomError("rsoko", "{problem}", {"problem": text, "remedy": remedy})


def _identifier(value: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_]*", value):
        raise problem(
            f"код «{value}» не подходит",
            "Код — латинские строчные буквы, цифры и подчёркивание, первой стоит буква: vpr, ru, vpr_f1.",
        )
    return value


def _school_year(value: str) -> str:
    match = re.fullmatch(r"(\d{4})/(\d{4})", value)
    if not match or int(match[2]) != int(match[1]) + 1:
        raise problem(f"учебный год «{value}» не подходит", "Запишите учебный год двумя годами подряд: 2025/2026.")
    return value


def _one_or_many(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Identifier = Annotated[str, AfterValidator(_identifier)]
SchoolYearKey = Annotated[str, AfterValidator(_school_year)]
Pattern = re.Pattern[str]
Texts = Annotated[tuple[str, ...], BeforeValidator(_one_or_many)]


# ---------------------------------------------------------------------------------------- region, limits, subjects
class Municipality(Fact):
    """A municipality named in the configuration; as a rule they come from the register's file instead."""

    code: str
    name: str
    oktmo: str | None = None


class Region(Fact):
    """``region.yaml``: the region the system works for.

    Attributes:
        code: code of the subject of the Federation; the first two digits of a school's login.
        timezone: IANA name; days of windows and deadlines are days of this zone.
    """

    code: Annotated[str, Field(pattern=r"^\d{2,3}$")]
    name: str
    timezone: str
    municipalities: tuple[Municipality, ...] = ()

    @model_validator(mode="after")
    def _timezone_exists(self) -> Self:
        try:
            ZoneInfo(self.timezone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise problem(
                f"часового пояса «{self.timezone}» нет", "Укажите timezone по базе IANA, например Europe/Moscow."
            ) from error
        return self


class Limits(Fact):
    """``limits.yaml``: what an incoming file may cost at most; sizes in bytes, time in seconds."""

    max_file_bytes: Annotated[int, Field(gt=0)]
    max_unpacked_bytes: Annotated[int, Field(gt=0)]
    max_ratio: Annotated[float, Field(gt=1)]
    max_rows: Annotated[int, Field(gt=0)]
    max_columns: Annotated[int, Field(gt=0)]
    max_members: Annotated[int, Field(gt=0)]
    max_depth: Annotated[int, Field(ge=0)]
    seconds_per_file: Annotated[float, Field(gt=0)]
    memory_bytes: Annotated[int, Field(gt=0)]


class Subject(Fact):
    """A subject: its code, how it is called in full and in short, and how files call it."""

    code: Identifier
    name: str
    short: str
    aliases: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Every way of writing the subject: name, short name, aliases, code."""
        return (self.name, self.short, *self.aliases, self.code)


class SubjectsFile(Fact):
    """``subjects.yaml``."""

    subjects: tuple[Subject, ...]


class FindingText(Block):
    """An entry of the catalogue of findings; ``rsoko_pipeline.findings`` uses it, here it is only checked."""

    severity: Literal["error", "warning", "info"]
    scope: Literal["file", "unit", "row", "none"]
    message: str
    remedy: str
    releasable: bool = True


class FindingsFile(Fact):
    """``findings.yaml``."""

    findings: dict[Annotated[str, Field(pattern=r"^RSK(-[A-Z0-9]+)+$")], FindingText]


# ------------------------------------------------------------------------------------------------ scales and works
class Dated(Fact):
    """A fact about one work (subject × grade) with the years of writing in which it holds.

    Attributes:
        grade: the grade whose programme the work measures.
        year_from, year_to: first and last calendar year of writing, both inclusive, None without a bound. With both
            None the year is not known: such a fact stands in only where no dated one does.
    """

    subject: Identifier
    grade: Grade
    year_from: Year | None = None
    year_to: Year | None = None

    @model_validator(mode="after")
    def _years_in_order(self) -> Self:
        if self.year_from and self.year_to and self.year_from > self.year_to:
            raise problem(
                f"year_from ({self.year_from}) позже year_to ({self.year_to})", "Поменяйте годы местами."
            )
        return self

    @property
    def is_dated(self) -> bool:
        """Whether it is known for which years the fact holds."""
        return self.year_from is not None or self.year_to is not None

    def covers(self, year: int) -> bool:
        """Whether the fact is known to hold, or may hold, in ``year``."""
        return (self.year_from or year) <= year <= (self.year_to or year)

    def overlaps(self, other: Dated) -> bool:
        """Whether the two spans of years share a year."""
        return (self.year_from or 0) <= (other.year_to or 9999) and (other.year_from or 0) <= (self.year_to or 9999)


class Scale(Dated):
    """How primary scores of a work turn into marks.

    Attributes:
        max_score: greatest primary score of the work.
        max_status: how sure the greatest score is; as sure as ``status`` when not given.
        borders: the least primary score for the marks 3, 4 and 5; None where unknown. ``status`` speaks of them.
        validity_status: how sure the years are; ``assumed`` when the source names none.
    """

    max_score: Annotated[float, Field(gt=0)]
    max_status: Status | None = None
    borders: dict[Literal[3, 4, 5], float] | None = None
    validity_status: Status | None = None

    @model_validator(mode="after")
    def _borders_ascend(self) -> Self:
        if self.borders is None:
            return self
        if set(self.borders) != {3, 4, 5}:
            raise problem("в borders должны быть границы трёх отметок", "Запишите borders: {3: …, 4: …, 5: …}.")
        if not 0 < self.borders[3] < self.borders[4] < self.borders[5]:
            raise problem(
                f"границы отметок не возрастают: {', '.join(f'{m} — {self.borders[m]:g}' for m in (3, 4, 5))}",
                "Граница — наименьший балл за отметку: граница «3» больше нуля, «4» выше «3», «5» выше «4».",
            )
        if self.borders[5] > self.max_score:
            raise problem(
                f"граница «5» ({self.borders[5]:g}) выше максимального балла ({self.max_score:g})",
                "Исправьте borders или max_score.",
            )
        return self

    @property
    def cuts(self) -> tuple[float, float, float] | None:
        """The least scores for 3, 4 and 5, or None where unknown."""
        return (self.borders[3], self.borders[4], self.borders[5]) if self.borders else None

    @property
    def shown_status(self) -> Status:
        """The weakest of the statuses of borders, maximum and years: the only one to be shown to a reader."""
        validity = self.validity_status or (self.status if self.is_dated else "assumed")
        return weakest(self.status, self.max_status or self.status, validity)

    def mark(self, scores: np.ndarray) -> np.ndarray:
        """Marks 2–5 (int8) for an array of primary scores; 0 where the score is NaN.

        Raises:
            ValueError: the borders are unknown.
        """
        if self.cuts is None:
            raise ValueError(f"the borders of {self.subject} {self.grade} are unknown")
        values = np.asarray(scores, dtype="float64")
        marks = (np.searchsorted(self.cuts, values, side="right") + 2).astype("int8")
        marks[np.isnan(values)] = 0
        return marks


class Task(Fact):
    """A task of a work: its label as in the files («9.1», «4К1»), greatest score, level of difficulty, skill."""

    task: str
    max_points: Annotated[int, Field(ge=1, le=100)]
    difficulty: Literal["Б", "П", "В"] | None = None
    skill: str | None = None


class Work(Dated):
    """What a work consists of."""

    tasks: Annotated[tuple[Task, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _labels_differ(self) -> Self:
        labels = [task.task for task in self.tasks]
        twice = sorted({label for label in labels if labels.count(label) > 1})
        if twice:
            raise problem(f"задание {', '.join(twice)} записано дважды", "Оставьте одну запись на задание.")
        return self

    @property
    def max_score(self) -> int:
        """The sum of the tasks' greatest scores."""
        return sum(task.max_points for task in self.tasks)


class ScalesFile(Fact):
    """``procedures/<id>/scales.yaml``."""

    scales: tuple[Scale, ...]


class WorksFile(Fact):
    """``procedures/<id>/works.yaml``."""

    works: tuple[Work, ...]


# --------------------------------------------------------------------------------------------------------- layouts
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
        sheet: pattern of the sheet with the table; the first sheet without one.
        header_row: number of the header row, from 1.
        columns: the columns read.
        ignored: headers that are known and not read.
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
    sheet: Pattern | None = None
    header_row: Annotated[int, Field(ge=1)]
    anchors: Anchors
    columns: Annotated[tuple[LayoutColumn, ...], Field(min_length=1)]
    ignored: tuple[str, ...] = ()
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
        type: ``text``, ``int``, ``decimal``, ``date`` or ``bool`` (да/нет, 1/0, true/false).
        date_format: for ``date``, as in ``strptime``.
        empty: texts that mean «no value» besides the empty cell.
    """

    extract: Pattern | None = None
    values: dict[str, str | int | float | bool | None] = {}
    type: Literal["text", "int", "decimal", "date", "bool"] = "text"
    date_format: str = "%d.%m.%Y"
    empty: tuple[str, ...] = ()


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
    """A measure of a unit, read from one row: the headers of its value, numerator and denominator."""

    measure: Identifier
    title: str
    value: Texts = ()
    numerator: Texts = ()
    denominator: Texts = ()

    @model_validator(mode="after")
    def _has_something(self) -> Self:
        if not (self.value or self.numerator):
            raise problem(
                f"у показателя {self.measure} нет ни value, ни numerator", "Укажите заголовок столбца с величиной."
            )
        return self


class Filter(Block):
    """Rows to keep: those whose cell under ``header`` is one of ``equals`` (or is not one of ``differs``)."""

    header: str
    equals: tuple[str, ...] = ()
    differs: tuple[str, ...] = ()


class EventKey(Block):
    """To which event the file belongs: constants, or a header whose cells say it, with ``extract`` as in a column.

    ``year`` is the calendar year of writing. What is None is not part of the event.
    """

    subject: Identifier | None = None
    grade: Grade | None = None
    year: Year | None = None
    year_header: str | None = None
    year_extract: Pattern | None = None


class FileShape(Block):
    """How the bytes become a table.

    Attributes:
        kinds: ``csv`` and ``xlsx`` as far as the format comes so.
        encodings: tried in this order; ``utf-8-sig`` reads UTF-8 with and without a mark.
        delimiter: one character.
        quoting: ``standard`` (inner quotes doubled), ``inner`` (fields are quoted, quotes inside are not escaped),
            ``none``.
        trailing_delimiter: every line ends with a delimiter that begins no column.
        decimal: decimal mark; with ``,`` both a comma and a point are read.
        header_row: number of the header row, from 1.
        sheet: pattern of a workbook's sheet; the first one without it.
    """

    kinds: Annotated[tuple[Literal["csv", "xlsx"], ...], Field(min_length=1)] = ("csv",)
    encodings: Annotated[tuple[str, ...], Field(min_length=1)] = ("utf-8-sig", "cp1251")
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] = ";"
    quoting: Literal["standard", "inner", "none"] = "standard"
    trailing_delimiter: bool = False
    decimal: Literal[",", "."] = ","
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


class DelimitedLayout(Fact):
    """``procedures/<id>/delimited/<layout id>.yaml``: a csv or Excel table read by configuration alone.

    Attributes:
        target: the contract of the frame that comes out.
        file: how bytes become a table.
        recognise: what the file is recognised by.
        event: to which event it belongs; None for registers.
        key: fields by which a row is told from another; a repeated key is a finding.
        columns: columns to fields; for ``source_result`` also fields of ``source_school``.
        constants: fields that have one value for the whole file.
        measures: for ``source_measure``: a row of the file gives a row a measure.
        filters: rows to keep.
        ignored: headers that are known and not read; any other header is a finding.
        warnings: what an analyst must know before using the data, in Russian.
    """

    id: Identifier
    procedure: Identifier
    format: Identifier
    edition: str
    title: str
    target: Literal["source_result", "source_measure", "source_register", "source_contingent", "source_label"]
    file: FileShape = FileShape()
    recognise: Recognition
    event: EventKey | None = None
    key: tuple[Identifier, ...] = ()
    columns: Annotated[tuple[DelimitedColumn, ...], Field(min_length=1)]
    constants: dict[Identifier, str | int | float | bool] = {}
    measures: tuple[MeasureColumn, ...] = ()
    filters: tuple[Filter, ...] = ()
    ignored: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _measures_where_they_belong(self) -> Self:
        if bool(self.measures) != (self.target == "source_measure"):
            raise problem(
                f"measures и target: {self.target} не подходят друг к другу",
                "measures нужны при target: source_measure и только при нём.",
            )
        return self


# ------------------------------------------------------------------------------------------------------ procedures
#: Rules that a procedure may switch on, with what each asks.
RULES_RU: dict[str, str] = {
    "score_range": "балл за задание от 0 до максимума",
    "score_sum": "сумма баллов за задания равна первичному баллу, X считается нулём",
    "total_range": "первичный балл не больше максимума работы",
    "mark_values": "отметка от 2 до 5",
    "mark_scale": "отметка соответствует первичному баллу по шкале, если шкала известна",
    "absent_blank": "у отсутствовавшего нет баллов",
    "pupil_unique": "код участника не повторяется в работе школы",
    "pupil_grade": "код участника начинается с номера класса",
    "declared_count": "прочитано столько строк, сколько участников заявлено",
    "max_score": "максимальный балл в файле равен сумме максимумов заданий",
    "school_known": "школа есть в реестре",
    "municipality_known": "муниципалитет есть в реестре",
    "date_window": "дата проведения попадает в окно события",
    "share_range": "доли от 0 до 100 %",
    "share_sum": "доли отметок в сумме дают 100 % ± 0,05",
    "group_unique": "группа участников не повторяется",
}


class Thresholds(Fact):
    """Shares of failed rows above which everything is held back: of one school's work, of the whole event."""

    unit_share_failed: Share
    event_share_failed: Share


class ProcedureFile(Fact):
    """``procedures/<id>/procedure.yaml``."""

    name: str
    short: str
    aliases: tuple[str, ...] = ()
    level: Level
    legal_source: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    thresholds: Thresholds
    rules: frozenset[Literal[tuple(RULES_RU)]] = frozenset()  # type: ignore[valid-type]


_D = TypeVar("_D", bound=Dated)


class Procedure(ProcedureFile):
    """A procedure with everything its folder holds.

    Attributes:
        id: the folder's name.
        layouts: maps of the formats that have a reader of their own, by layout id.
        delimited: maps of the tables read by configuration alone, by layout id.
    """

    id: Identifier
    scales: tuple[Scale, ...] = ()
    works: tuple[Work, ...] = ()
    layouts: dict[str, Layout] = {}
    delimited: dict[str, DelimitedLayout] = {}

    @cached_property
    def formats(self) -> list[str]:
        """Ids of the procedure's formats, sorted."""
        return sorted({layout.format for layout in (*self.layouts.values(), *self.delimited.values())})

    def scale(self, subject: str, grade: int, year: int) -> Scale | None:
        """The scale of a work written in ``year``: one whose years are known to cover it, else one without years."""
        return _valid(self.scales, subject, grade, year)

    def work(self, subject: str, grade: int, year: int) -> Work | None:
        """The structure of a work written in ``year``, chosen as a scale is."""
        return _valid(self.works, subject, grade, year)

    def latest_scale(self, subject: str, grade: int) -> Scale | None:
        """The newest scale of the work, whatever its years. For the simulation; never to judge a real mark."""
        return _latest(self.scales, subject, grade)

    def latest_work(self, subject: str, grade: int) -> Work | None:
        """The newest structure of the work, whatever its years. For the simulation."""
        return _latest(self.works, subject, grade)


def _valid(facts: Iterable[_D], subject: str, grade: int, year: int) -> _D | None:
    found = [f for f in facts if f.subject == subject and f.grade == grade and f.covers(year)]
    return max(found, key=lambda f: f.is_dated, default=None)


def _latest(facts: Iterable[_D], subject: str, grade: int) -> _D | None:
    found = [f for f in facts if f.subject == subject and f.grade == grade]
    return max(found, key=lambda f: (f.year_to or (9999 if f.year_from else 0), f.year_from or 0), default=None)


# -------------------------------------------------------------------------------------------------- calendar files
class Span(Fact):
    """Days from–to, both inclusive, with a name: holidays, a quarter of the school year."""

    name: str
    begins: date
    ends: date

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.begins > self.ends:
            raise problem(f"«{self.name}»: начало позже конца", "Поменяйте begins и ends местами.")
        return self


class DueRule(Fact):
    """A deadline as a rule.

    Attributes:
        kind: what must be there: ``загрузка``, ``анализ``, ``рекомендации``, ``отчёт``, …
        title: what exactly, for people.
        after: the day from which is counted: the window's or the quarter's last day, the school year's first or last.
        months, days, school_days: how long after that day.
        day_month: or the first such day on or after it, «1 октября».
        fact: what in the warehouse shows that it is done: schools loaded, statistics computed; ``none`` where the
            data cannot show it.
        responsible: who.
    """

    kind: str
    title: str | None = None
    after: Literal["window_to", "quarter_end", "year_start", "year_end"]
    months: Annotated[int, Field(ge=0, le=24)] = 0
    days: Annotated[int, Field(ge=0, le=730)] = 0
    school_days: Annotated[int, Field(ge=0, le=200)] = 0
    day_month: str | None = None
    fact: Literal["loaded", "analysed", "none"] = "none"
    responsible: str | None = None

    @model_validator(mode="after")
    def _one_way_of_counting(self) -> Self:
        given = [name for name in ("months", "days", "school_days", "day_month") if getattr(self, name)]
        if len(given) > 1:
            raise problem(
                f"срок задан сразу несколькими способами: {', '.join(given)}",
                "Оставьте один из ключей months, days, school_days, day_month.",
            )
        if self.day_month is not None and parse_day_month(self.day_month) is None:
            raise problem(
                f"«{self.day_month}» — не день года", "Запишите число и месяц словом в родительном падеже: 1 октября."
            )
        return self


class PeriodicDue(DueRule):
    """A deadline that belongs to no event: a quarterly report, the year's summary."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9-]+$")]
    title: str

    @model_validator(mode="after")
    def _not_after_a_window(self) -> Self:
        if self.after == "window_to":
            raise problem("у срока без события нет окна проведения", "Укажите after: quarter_end, year_start или year_end.")
        return self


class WorkGroup(Fact):
    """Works of a campaign that share grades and conditions; what is None is as in the campaign.

    Attributes:
        drawn: how many of the subjects each class writes, for ``by_lot``.
    """

    subjects: Annotated[tuple[Identifier, ...], Field(min_length=1)] | None = None
    grades: Annotated[tuple[Grade, ...], Field(min_length=1)] | None = None
    participation: Participation | None = None
    coverage_target: Share | None = None
    drawn: Annotated[int, Field(ge=1)] | None = None
    window_from: date | None = None
    window_to: date | None = None

    @model_validator(mode="after")
    def _drawn_by_lot(self) -> Self:
        if self.drawn is not None and self.participation != "by_lot":
            raise problem("drawn указан, а participation — не by_lot", "Уберите drawn или поставьте participation: by_lot.")
        return self


class Campaign(Fact):
    """A procedure's campaign: a window and the works written in it.

    Attributes:
        id: unique in the calendar.
        programme: ``current`` or ``previous``: the works measure the programme of the grade before (autumn ВПР).
        works: without any, the campaign is one event with neither subject nor grade.
    """

    id: Annotated[str, Field(pattern=r"^[a-z0-9_-]+$")]
    procedure: Identifier
    title: str
    window_from: date
    window_to: date
    programme: Literal["current", "previous"] = "current"
    participation: Participation = "obligatory"
    coverage_target: Share | None = None
    responsible: str | None = None
    works: tuple[WorkGroup, ...] = ()
    dues: tuple[DueRule, ...] = ()

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        for start, end in ((self.window_from, self.window_to), *self._own_windows()):
            if start > end:
                raise problem(f"окно {start:%d.%m.%Y}–{end:%d.%m.%Y}: начало позже конца", "Исправьте window_from и window_to.")
        kinds = [due.kind for due in self.dues]
        if len(set(kinds)) < len(kinds):
            raise problem("вид срока (kind) повторяется", "У одной кампании каждый вид срока — один раз.")
        return self

    def _own_windows(self) -> list[tuple[date, date]]:
        return [(group.window_from or self.window_from, group.window_to or self.window_to) for group in self.works]


class YearFrame(Fact):
    """The school year itself: first and last school day, quarters, holidays."""

    begins: date
    ends: date
    quarters: tuple[Span, ...] = ()
    holidays: tuple[Span, ...] = ()


class YearFile(Fact):
    """``calendar/<school year>….yaml``; several files may speak of one school year, one of them holds ``year``."""

    school_year: SchoolYearKey
    year: YearFrame | None = None
    campaigns: tuple[Campaign, ...] = ()
    dues: tuple[PeriodicDue, ...] = ()
