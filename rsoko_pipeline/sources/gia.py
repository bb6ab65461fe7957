"""What all files of state final attestation («ГИА») share: whose exam a row is, which event, what its words mean.

Belongs here: a participant's pseudonym, the exam of a code and a day, the frames ``source_exam`` and
``source_school``. Does not belong here: where things stand in a file (``gia_protocol``, ``gia_table``), how answers are
written (``gia_answers``), which of a participant's sittings counts (``landing.exams``).

Names and numbers of documents get as far as ``Identity`` and no further: they go into the keyed hash and are forgotten.
"""

from __future__ import annotations

import hmac
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rsoko_pipeline import contracts, privacy
from rsoko_pipeline.calendar import Event
from rsoko_pipeline.calendar.dates import school_year_of
from rsoko_pipeline.configuration import Configuration
from rsoko_pipeline.configuration.exams import ExamRules, periods_ru
from rsoko_pipeline.findings import Finding
from rsoko_pipeline.sources import cells, gia_answers, work
from rsoko_pipeline.sources.gia_answers import Shape
from rsoko_pipeline.sources.job import Job
from rsoko_pipeline.sources.model import TaskHead
from rsoko_pipeline.sources.text import fold

_T = TypeVar("_T")
#: Length of a pseudonym, hexadecimal digits.
_DIGITS = 24
_PSEUDONYM = re.compile(r"[0-9a-f]{24}")
_CLASS = re.compile(
    r"(?P<grade>\d{1,2})?\s*[-«\"]?\s*(?P<letter>[А-ЯЁа-яёA-Za-z])?[»\"]?|\d{1,2}\s*-\s*(?P<number>\d{1,2})"
)
_LETTERS = "абвгдежзиклмнопрстуфхцчшщэюя"


@dataclass
class Table:
    """Rows under one header.

    Attributes:
        lines: their numbers in the file, from 1.
        heads: header as written by field.
        texts: cells as text by field, a text a row.
        formulas: rows (places in ``lines``) by field whose cell is a formula without a stored value.
    """

    lines: list[int]
    heads: dict[str, str]
    texts: dict[str, list[str]]
    formulas: dict[str, set[int]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.lines)

    def get(self, name: str) -> list[str]:
        """The field's texts, all empty where the file does not have it."""
        return self.texts.get(name) or [""] * len(self)


@dataclass(frozen=True)
class Exam:
    """An exam of one day (None: the file does not say which): its event and period."""

    event: Event
    period: str
    day: date | None


class Identity:
    """Keyed pseudonyms of participants: HMAC-SHA-256 of the exam's own id of a person, else of a document.

    The first of ``groups`` whose cells are all filled is taken, so that a person is the same in all files that carry
    the same kind of id. 96 bits, hexadecimal.
    """

    def __init__(self, key: bytes, groups: Sequence[Sequence[str]], ready: str | None = None) -> None:
        """Set up.

        Args:
            key: the key.
            groups: fields that tell a person, the surest first.
            ready: field that holds the pseudonym already (a snapshot of our own making).
        """
        self._key = key
        self._groups = [tuple(group) for group in groups]
        self._ready = ready

    def of(self, table: Table) -> People:
        """The people of the rows."""
        people = People([None] * len(table), [()] * len(table), self._surest(table))
        if self._ready:
            codes = [text if _PSEUDONYM.fullmatch(text) else None for text in table.get(self._ready)]
            return replace(people, codes=codes)
        columns = {name: _plain(table.get(name)) for group in self._groups for name in group}
        for group in self._groups:
            for row, parts in enumerate(zip(*(columns[name] for name in group), strict=True)):
                if people.codes[row] is None and all(parts):
                    line = "\x1f".join((*group, *parts))
                    people.codes[row] = hmac.digest(self._key, line.encode(), "sha256").hex()[:_DIGITS]
                    people.told_by[row] = group
        return people

    def _surest(self, table: Table) -> tuple[str, ...]:
        """The first group that the table has columns for; where it has them for the last alone, the first of all."""
        has = (group for group in self._groups[:-1] if all(name in table.texts for name in group))
        return next(has, next(iter(self._groups), ()))


@dataclass(frozen=True)
class People:
    """Who the rows of a table are about.

    Attributes:
        codes: a pseudonym a row, None where the row says of nobody.
        told_by: the fields by which each row's person is told, empty where by none.
        surest: the fields by which the table tells people as a rule.
    """

    codes: list[str | None]
    told_by: list[tuple[str, ...]]
    surest: tuple[str, ...]


def _plain(texts: Sequence[str]) -> list[str]:
    """Texts as ids are compared, each different one looked at once."""
    known = {text: fold(text).replace(" ", "").replace("-", "").replace("№", "") for text in dict.fromkeys(texts)}
    return [known[text] for text in texts]


class Exams:
    """The exams that a file may carry, by code or name of the subject and by day."""

    def __init__(self, job: Job) -> None:
        self._job = job
        cfg, options = job.cfg, job.options
        named = [name for name in options["procedures"] if name in cfg.procedures]
        self._rules = {name: rules for name in named if (rules := cfg.procedures[name].exam)}
        self._grade: int = options["grade"]
        self._found: dict[tuple[str, str, date | None, int], Exam | None] = {}

    def find(self, code: str, subject: str, day: date | None, rows: int, grade: int | None = None) -> Exam | None:
        """The exam, None and a finding where the calendar has none.

        Args:
            code: code of the subject in РИС, '' where the file has none.
            subject: the subject as the file writes it.
            day: day of the exam.
            rows: how many rows depend on it, for the finding.
            grade: the grade, where the file says it; else the layout's.
        """
        key = (code, subject, day, grade or self._grade)
        if key not in self._found:
            self._found[key] = self._find(*key, rows)
        return self._found[key]

    def of_event(self, event_id: str) -> Exam | None:
        """The main period of an event named by the file's folder or name."""
        event = self._job.cfg.calendar.events.get(event_id)
        return Exam(event, "main", None) if event and event.procedure in self._rules else None

    def on(self, exam: Exam, day: date | None) -> Exam:
        """The same event on a day of its school year."""
        if day is None:
            return exam
        placed = self._rules[exam.event.procedure].place(day)
        return Exam(exam.event, placed[1] if placed else "main", day)

    def _find(self, code: str, subject: str, day: date | None, grade: int, rows: int) -> Exam | None:
        works = self._works(code, subject)
        placed = [pair for name, rules, known in works if day for pair in self._on(name, rules, known, day, grade)]
        if day is None or not placed:
            title = f"{code} {subject}".strip() + (f" {day:%d.%m.%Y}" if day else "")
            self._job.find("RSK-ROWS-NOT-IN-CALENDAR", work=title, rows=rows)
            return None
        event, period = min(placed, key=lambda pair: pair[1] is None)
        value = f"{day:%d.%m.%Y}"
        if period is None:
            window = periods_ru(self._rules[event.procedure].periods, event.school_year)
            self._job.findings.append(Finding("RSK-EXAM-PERIOD", {"window": window}, value=value))
        if day > work.today(self._job.cfg):
            self._job.findings.append(Finding("RSK-DATE-FUTURE", value=value))
        return Exam(event, period or "main", day)

    def _works(self, code: str, subject: str) -> Iterator[tuple[str, ExamRules, str | None]]:
        """Procedures and subjects that may be meant: by code, and where no procedure knows the code by name."""
        by_code = [(name, rules, rules.codes[code]) for name, rules in self._rules.items() if code in rules.codes]
        known = self._job.cfg.subject_named(subject) if subject and not by_code else None
        yield from by_code
        if known:
            yield from (
                (name, rules, known.code) for name, rules in self._rules.items() if known.code in rules.subjects
            )

    def _on(
        self, procedure: str, rules: ExamRules, subject: str | None, day: date, grade: int
    ) -> Iterator[tuple[Event, str | None]]:
        """The event on ``day`` and its period, None where the day lies in no period."""
        placed = rules.place(day)
        for event in self._job.cfg.calendar.of_year(placed[0] if placed else school_year_of(day)):
            if (event.procedure, event.subject, event.grade) == (procedure, subject, grade):
                yield event, placed[1] if placed else None


class Sittings:
    """The sittings of a file on their way into the frames."""

    def __init__(self, job: Job) -> None:
        """Set up.

        Args:
            job: the file.
        """
        self.job = job
        self._columns: dict[str, list[Any]] = {name: [] for name in contracts.table("source_exam").names}
        self._shapes: list[Shape | None] = []
        self._known: dict[str, dict[str, Any]] = {}
        self._unread: Counter[tuple[str, str]] = Counter()

    def add(self, table: Table, exams: Sequence[Exam | None]) -> None:
        """Add the rows of a table whose exam is known; a cell that cannot be read is a finding and fails its row."""
        self.job.facts.rows_read += len(exams)
        known = {place: exam for place, exam in enumerate(exams) if exam is not None}
        if not known:
            return
        people = Identity(self.job.key, self.job.options["identity"], self.job.options.get("pseudonym")).of(table)
        self._note_less_sure(table, known, people)
        rows = _Rows(self, table, list(known), list(known.values()))
        columns, shapes = rows.sittings([people.codes[place] for place in known])
        self._unread.update(
            (columns["event_id"][row], columns["school"][row]) for row in np.flatnonzero(rows.failed).tolist()
        )
        good = np.flatnonzero(~rows.failed).tolist()
        for name, kept in self._columns.items():
            values = columns[name]
            kept += values if len(good) == len(values) else [values[row] for row in good]
        self._shapes += [shapes[row] for row in good]

    def _note_less_sure(self, table: Table, exams: Mapping[int, Exam], people: People) -> None:
        """A finding for every exam in which some people are told by something less sure than the others of the table.

        Args:
            table: the rows.
            exams: the exam of every row, by its place, that has one.
            people: whom the rows are about.
        """
        of_exam: dict[Exam, list[int]] = {}
        for place, exam in exams.items():
            of_exam.setdefault(exam, []).append(place)
        for exam, places in of_exam.items():
            unsure = [place for place in places if people.told_by[place] not in ((), people.surest)]
            if not unsure:
                continue
            by = Counter(people.told_by[place] for place in unsure)
            words = {
                "exam": exam.event.title + (f" {exam.day:%d.%m.%Y}" if exam.day else ""),
                "rows": len(unsure),
                "total": len(places),
                "instead": ", ".join(f"{self._headers(table, fields)} — {count}" for fields, count in by.items()),
            }
            line, column = table.lines[unsure[0]], self._headers(table, people.surest)
            self.job.findings.append(Finding("RSK-EXAM-IDENTITY", words, self.job.grid.name, line, column))

    def _headers(self, table: Table, fields: Sequence[str]) -> str:
        """The columns of some fields as the file calls them, else as the layout does first."""
        usual = {column.field: column.headers[0] for column in self.job.map.columns}
        return " + ".join(table.heads.get(name, usual[name]) for name in fields)

    def meanings(self, option: str) -> dict[str, Any]:
        """The words of one of the layout's options as they are compared, and what each means; the first one counts."""
        if option not in self._known:
            known = self._known[option] = {}
            for word, meaning in self.job.options.get(option, {}).items():
                known.setdefault(fold(str(word)), meaning)
        return self._known[option]

    def finish(self) -> None:
        """Put the frames and the tasks of every exam into the file's result."""
        job = self.job
        if not self._shapes:
            if not job.result.is_refused:
                job.find("RSK-ROWS-NONE")
            return
        events = self._columns["event_id"]
        usual = _usual(zip(events, self._shapes, strict=True))
        for event_id, shape in usual.items():
            job.facts.tasks_of_event[event_id] = self._heads(event_id, shape)
        is_other = [
            shape is not None and shape != usual[event_id] for event_id, shape in zip(events, self._shapes, strict=True)
        ]
        if any(is_other):
            self._take_away(is_other, usual)
        if len(kept := set(self._columns["event_id"])) == 1:
            self._name_event(kept.pop())
        table = contracts.table("source_exam")
        sittings = job.result.frames["source_exam"] = table.conform(pd.DataFrame(self._columns))
        schools = job.result.frames["source_school"] = self._schools(sittings)
        keys = schools[["event_id", "school", "row_number"]].itertuples(index=False, name=None)
        job.facts.extra["unread"] = {(event, line): self._unread[event, school] for event, school, line in keys}

    def _name_event(self, event_id: str) -> None:
        event = self.job.cfg.calendar.events[event_id]
        facts = self.job.facts
        facts.event_id, facts.procedure, facts.subject = event_id, event.procedure, event.subject
        facts.grade, facts.year = event.grade, event.year

    def _take_away(self, is_other: Sequence[bool], usual: Mapping[str, Shape]) -> None:
        """Take the rows away that have other tasks than most of their exam, with a finding each."""
        columns = self._columns
        for row in np.flatnonzero(is_other).tolist():
            event_id, school, shape = columns["event_id"][row], columns["school"][row], self._shapes[row]
            place = {"sheet": self.job.grid.name, "row_number": columns["row_number"][row]}
            expected = {"expected": _count(usual[event_id])}
            self.job.findings.append(
                Finding("RSK-SCORE-COUNT", expected, school=school, value=str(_count(shape or (0, ()))), **place)
            )
            self._unread[event_id, school] += 1
        for name, values in columns.items():
            columns[name] = [value for value, other in zip(values, is_other, strict=True) if not other]

    def _heads(self, event_id: str, shape: Shape) -> tuple[TaskHead, ...]:
        """The tasks of an exam: those of the configuration where they are as many; else numbered, short answers first.

        The protocol does not say how much a short answer is worth: without a description of the work it is the most
        that anybody in the file got for it, and at least 1.
        """
        short, most = shape
        known = configured(self.job.cfg, event_id, _count(shape))
        if known:
            return known
        given = [
            scores[:short]
            for event, its, scores in zip(self._columns["event_id"], self._shapes, self._columns["scores"], strict=True)
            if event == event_id and its is not None and its[0] == short
        ]
        best = np.maximum(np.max(given, axis=0), 1).tolist() if given else []
        return tuple(TaskHead(str(number), points) for number, points in enumerate((*best, *most), start=1))

    def _schools(self, sittings: pd.DataFrame) -> pd.DataFrame:
        """A row a school × event: how many rows the file has of it, unreadable ones included."""
        table = contracts.table("source_school")
        key = ["event_id", "school"]
        first = sittings.drop_duplicates(key)
        read = sittings.groupby(key, sort=False).size().to_numpy()
        unread = [self._unread[pair] for pair in first[key].itertuples(index=False, name=None)]
        rows = first.assign(rows=read + np.array(unread, dtype="int64"))
        return table.conform(rows[[name for name in table.names if name in _OF_SCHOOL]].reset_index(drop=True))


_OF_SCHOOL = {"file_id", "sheet", "row_number", "event_id", "school", "rows"}
#: Fields that may be shown: those of ``Identity`` are not among them.
_FIELDS = (
    "school",
    "class_no",
    "variant",
    "participant_category",
    "exam_period",
    "exam_status",
    "appeal",
    "primary_score",
    "test_score",
    "mark",
    "is_passed",
    "short_answers",
    "long_answers",
)
#: A word that no option of the layout knows, a number that cannot be read.
_STRANGE = object()


class _Rows:
    """Rows of a table whose exams are known, read a column at a time, each different text once.

    Attributes:
        failed: in which rows something could not be read.
    """

    def __init__(self, sittings: Sittings, table: Table, places: Sequence[int], exams: Sequence[Exam]) -> None:
        self._job, self._meanings, self._heads = sittings.job, sittings.meanings, table.heads
        self._exams = exams
        self._lines = [table.lines[place] for place in places]
        self._said = {name: [texts[place] for place in places] for name in _FIELDS for texts in [table.get(name)]}
        self._findings: list[tuple[int, Finding]] = []
        self.failed = np.zeros(len(places), dtype="bool")
        self._formulas = {
            name: np.array([place in rows for place in places], dtype="bool")
            for name, rows in table.formulas.items()
            if name in _FIELDS
        }

    def sittings(self, people: Sequence[str | None]) -> tuple[dict[str, list[Any]], list[Shape | None]]:
        """The columns of ``source_exam``, and the shapes of the rows' answers.

        Args:
            people: the participants' pseudonyms.
        """
        exams, said, n = self._exams, self._said, len(self._exams)
        for name, rows in self._formulas.items():
            self._find(rows, name, "RSK-FORMULA-EMPTY")
        schools = self._each("school", cells.login)
        self._fail([not school for school in schools], "school", "RSK-VALUE", expected="код школы")
        self._fail([person is None for person in people], None, "RSK-EXAM-PERSON")
        status = self._status()
        answers = gia_answers.read(said["short_answers"], said["long_answers"], self._job.options["answers"])
        self._fail(answers.short_unread, "short_answers", "RSK-EXAM-MASK", expected="++2+-")
        self._fail(answers.long_unread, "long_answers", "RSK-EXAM-MASK", expected="1(2)2(3)")
        test_score, mark = self._numbers("test_score"), self._numbers("mark", whole=True)
        for row in self._given_as_score(mark):
            test_score[row], mark[row] = None, test_score[row]
        grades = [exam.event.grade for exam in exams]
        columns: dict[str, list[Any]] = {
            "file_id": [self._job.facts.file_id] * n,
            "sheet": [self._job.grid.name] * n,
            "row_number": self._lines,
            "event_id": [exam.event.event_id for exam in exams],
            "school": schools,
            "class_no": [class_number(text, grade) for text, grade in zip(said["class_no"], grades, strict=True)],
            "pupil_code": list(people),
            "participant_category": self._words("participant_category", "categories", ["graduate"] * n),
            "exam_period": self._words("exam_period", "waves", [exam.period for exam in exams]),
            "exam_date": [exam.day for exam in exams],
            "variant": [text or None for text in said["variant"]],
            "primary_score": self._numbers("primary_score"),
            "test_score": test_score,
            "mark": mark,
            "is_passed": self._words("is_passed", "passed", [None] * n),
            "exam_status": status,
            "appeal": self._words("appeal", "appeals", ["none"] * n),
            "scores": answers.scores,
        }
        self._job.findings.extend(finding for _, finding in sorted(self._findings, key=lambda pair: pair[0]))
        return columns, answers.shapes

    def _status(self) -> list[str]:
        """The states; a word of a state that stands in place of a figure is taken for what it is, and out."""
        n = len(self._exams)
        status = self._words("exam_status", "statuses", ["valid"] * n, self._job.options.get("status_otherwise"))
        written = self._meanings("status_words")
        for name in ("primary_score", "test_score", "mark"):
            for row, meaning in enumerate(self._each(name, lambda text: written.get(fold(text)))):
                if meaning is not None:
                    status[row], self._said[name][row] = meaning, ""
        return status

    def _given_as_score(self, mark: Sequence[float | None]) -> list[int]:
        """Rows without a mark of exams that give marks: the figure in the column of test scores is the mark."""
        procedures, rows = self._job.cfg.procedures, []
        for row, exam in enumerate(self._exams):
            rules = procedures[exam.event.procedure].exam
            if mark[row] is None and rules and exam.event.subject in rules.mark_subjects:
                rows.append(row)
        return rows

    def _each(self, name: str, function: Callable[[str], _T]) -> list[_T]:
        """``function`` of every text of a column, called once for each different one."""
        texts = self._said[name]
        known = {text: function(text) for text in dict.fromkeys(texts)}
        return [known[text] for text in texts]

    def _numbers(self, name: str, *, whole: bool = False) -> list[float | None]:
        most, column = cells.largest(name), contracts.table("source_exam")[name]

        def number(text: str) -> Any:
            value = cells.integer(text) if whole else cells.number(text)
            is_bad = abs(value) > most or not column.is_within(value)
            return _STRANGE if is_bad else None if value != value else value

        read = self._each(name, number)
        expected = contracts.limits_ru(column.minimum, column.maximum)
        self._fail([value is _STRANGE for value in read], name, "RSK-VALUE", expected=expected)
        return [None if value is _STRANGE else value for value in read]

    def _words(self, name: str, option: str, empty: Sequence[Any], otherwise: Any = None) -> list[Any]:
        """What the cells' words mean by an option of the layout; ``empty`` for empty cells, ``otherwise`` for a word
        that is not known.
        """
        known = self._meanings(option)

        def meaning(text: str) -> Any:
            word = fold(text)
            return known.get(word, _STRANGE) if word else None

        read = self._each(name, meaning)
        if otherwise is None:
            words = ", ".join(map(str, self._job.options.get(option, {})))
            self._fail([value is _STRANGE for value in read], name, "RSK-VALUE", expected=f"одно из: {words}")
        return [
            instead if value is None else otherwise if value is _STRANGE else value
            for value, instead in zip(read, empty, strict=True)
        ]

    def _fail(self, bad: Sequence[bool] | NDArray[np.bool_], name: str | None, code: str, **values: Any) -> None:
        """A finding for every row that is ``bad``, about the column of a field; the row fails.

        A formula without value is bad already and has a finding of its own.
        """
        self._find(np.asarray(bad) & ~self._formulas.get(name or "", np.zeros(1, dtype="bool")), name, code, **values)

    def _find(self, bad: NDArray[np.bool_], name: str | None, code: str, **values: Any) -> None:
        sheet, head = self._job.grid.name, self._heads.get(name) if name else None
        for row in np.flatnonzero(bad).tolist():
            self.failed[row] = True
            shown = privacy.mask_cell(self._said[name][row]) if name else None
            self._findings.append((row, Finding(code, values, sheet, self._lines[row], head, value=shown)))


@cache
def class_number(text: str, grade: int | None) -> int | None:
    """The ordinal of a class in its grade: «9А» is 1, «11-2» is 2; None where the text names the grade alone."""
    match = _CLASS.fullmatch(text.strip())
    if match is None:
        return None
    if match["number"]:
        return int(match["number"]) or None
    letter = fold(match["letter"] or "")
    if letter:
        return _LETTERS.index(letter) + 1 if letter in _LETTERS else None
    number = int(match["grade"]) if match["grade"] else None
    return number if number and number != grade and number < 9 else None


def _usual(shapes: Iterable[tuple[str, Shape | None]]) -> dict[str, Shape]:
    """The shape of most rows of every exam, of equally frequent ones always the same; (0, ()) where no row has answers.

    Args:
        shapes: event and shape of every row.
    """
    counts: dict[str, Counter[Shape]] = {}
    for (event_id, shape), n in Counter(shapes).items():
        counts.setdefault(event_id, Counter())
        if shape is not None:
            counts[event_id][shape] = n
    return {
        event_id: min(of, key=lambda shape: (-of[shape], shape), default=(0, ())) for event_id, of in counts.items()
    }


def _count(shape: Shape) -> int:
    return shape[0] + len(shape[1])


def configured(cfg: Configuration, event_id: str, count: int) -> tuple[TaskHead, ...] | None:
    """The tasks of an exam as the configuration describes them, where it does and they are ``count``."""
    event = cfg.calendar.events[event_id]
    if event.subject is None or event.grade is None:
        return None
    described = cfg.procedures[event.procedure].work(event.subject, event.grade, event.year)
    if described is None or len(described.tasks) != count:
        return None
    return tuple(TaskHead(task.task, task.max_points, task.difficulty) for task in described.tasks)
