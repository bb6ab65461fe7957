"""What all files of state final attestation («ГИА») share: whose exam a row is, which event, masks of answers.

Belongs here: a participant's pseudonym, the exam of a code and a day, answers «++2+-» and «1(2)2(3)», the frames
``source_exam`` and ``source_school``. Does not belong here: where things stand in a file (``gia_protocol``,
``gia_table``), which of a participant's sittings counts (``landing.exams``).

Names and numbers of documents get as far as ``Identity`` and no further: they go into the keyed hash and are forgotten.
"""

from __future__ import annotations

import hmac
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from rsoko_pipeline import contracts, privacy
from rsoko_pipeline.calendar import Event
from rsoko_pipeline.calendar.dates import school_year_of
from rsoko_pipeline.configuration import Configuration
from rsoko_pipeline.configuration.exams import ExamRules, periods_ru
from rsoko_pipeline.contracts import NOT_STARTED
from rsoko_pipeline.findings import Finding
from rsoko_pipeline.sources import cells, work
from rsoko_pipeline.sources.job import Job
from rsoko_pipeline.sources.model import TaskHead
from rsoko_pipeline.sources.text import fold

#: Length of a pseudonym, hexadecimal digits.
_DIGITS = 24
_PSEUDONYM = re.compile(r"[0-9a-f]{24}")
_LONG = re.compile(r"(?P<score>\d{1,2}|[^\d()\s])\s*\((?P<most>\d{1,2})\)")
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
    """

    lines: list[int]
    heads: dict[str, str]
    texts: dict[str, list[str]]

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


@dataclass(frozen=True)
class Masks:
    """Answers of a row: points of the short tasks (``NOT_STARTED`` where the pupil did not start), of the long ones,
    and the most for each long one.
    """

    short: tuple[int, ...]
    long: tuple[int, ...]
    most: tuple[int, ...]

    @property
    def shape(self) -> tuple[int, tuple[int, ...]]:
        """Number of short tasks, maxima of long ones: one for all variants of an exam."""
        return len(self.short), self.most


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

    def of(self, table: Table) -> list[str | None]:
        """A pseudonym a row, None where the row says of nobody."""
        if self._ready:
            return [text if _PSEUDONYM.fullmatch(text) else None for text in table.get(self._ready)]
        columns = {name: table.get(name) for group in self._groups for name in group}
        return [self._of({name: texts[row] for name, texts in columns.items()}) for row in range(len(table))]

    def _of(self, said: Mapping[str, str]) -> str | None:
        for group in self._groups:
            parts = [_plain(said[name]) for name in group]
            if all(parts):
                line = "\x1f".join((*group, *parts))
                return hmac.digest(self._key, line.encode(), "sha256").hex()[:_DIGITS]
        return None


def _plain(text: str) -> str:
    return fold(text).replace(" ", "").replace("-", "").replace("№", "")


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


@dataclass
class Sittings:
    """The sittings of a file on their way into the frames.

    Attributes:
        job: the file.
        rows: a dictionary a sitting, fields of ``source_exam``.
    """

    job: Job
    rows: list[dict[str, Any]] = field(default_factory=list)
    _known: dict[str, dict[str, Any]] = field(default_factory=dict)
    _masks: dict[str, list[Masks | None]] = field(default_factory=dict)
    _unread: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, table: Table, exams: Sequence[Exam | None]) -> None:
        """Add the rows of a table whose exam is known; a cell that cannot be read is a finding and fails its row."""
        job = self.job
        people = Identity(job.key, job.options["identity"], job.options.get("pseudonym")).of(table)
        said = {name: table.get(name) for name in _FIELDS}
        for place, exam in enumerate(exams):
            job.facts.rows_read += 1
            if exam is None:
                continue
            row = _Row(self, table, place, {name: texts[place] for name, texts in said.items()})
            sitting = row.sitting(exam, people[place])
            if row.failed:
                self._unread[exam.event.event_id, cells.login(row.said["school"])] += 1
                continue
            self.rows.append(sitting)
            self._masks.setdefault(exam.event.event_id, []).append(row.masks)

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
        if not self.rows:
            if not job.result.is_refused:
                job.find("RSK-ROWS-NONE")
            return
        shapes = {event: _usual(masks) for event, masks in self._masks.items()}
        counted: Counter[str] = Counter()
        kept = []
        for sitting in self.rows:
            event = sitting["event_id"]
            masks = self._masks[event][counted[event]]
            counted[event] += 1
            if masks is not None and masks.shape != shapes[event]:
                self._other_tasks(sitting, masks, shapes[event])
                continue
            sitting["scores"] = None if masks is None else np.array(masks.short + masks.long, dtype="int16")
            kept.append(sitting)
        for event, shape in shapes.items():
            job.facts.tasks_of_event[event] = _heads(job.cfg, event, shape, self._masks[event])
        self.rows = kept
        events = {sitting["event_id"] for sitting in kept}
        if len(events) == 1:
            self._name_event(events.pop())
        table = contracts.table("source_exam")
        job.result.frames["source_exam"] = table.conform(pd.DataFrame(kept, columns=table.names))
        schools = job.result.frames["source_school"] = self._schools()
        keys = schools[["event_id", "school", "row_number"]].itertuples(index=False, name=None)
        job.facts.extra["unread"] = {(event, line): self._unread[event, school] for event, school, line in keys}

    def _name_event(self, event_id: str) -> None:
        event = self.job.cfg.calendar.events[event_id]
        facts = self.job.facts
        facts.event_id, facts.procedure, facts.subject = event_id, event.procedure, event.subject
        facts.grade, facts.year = event.grade, event.year

    def _other_tasks(self, sitting: Mapping[str, Any], masks: Masks, usual: tuple[int, tuple[int, ...]]) -> None:
        place = {"sheet": self.job.grid.name, "row_number": sitting["row_number"]}
        given, expected = len(masks.short) + len(masks.long), usual[0] + len(usual[1])
        self.job.findings.append(
            Finding("RSK-SCORE-COUNT", {"expected": expected}, school=sitting["school"], value=str(given), **place)
        )
        self._unread[sitting["event_id"], sitting["school"]] += 1

    def _schools(self) -> pd.DataFrame:
        """A row a school × event: how many rows the file has of it, unreadable ones included."""
        table = contracts.table("source_school")
        rows: dict[tuple[str, str], dict[str, Any]] = {}
        for sitting in self.rows:
            key = sitting["event_id"], sitting["school"]
            row = rows.setdefault(key, {**sitting, "rows": self._unread[key]})
            row["rows"] += 1
        return table.conform(pd.DataFrame(rows.values())[[name for name in table.names if name in _OF_SCHOOL]])


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


class _Row:
    """One row: its values, and whether something in it could not be read."""

    def __init__(self, sittings: Sittings, table: Table, place: int, said: dict[str, str]) -> None:
        self._job = sittings.job
        self._meanings = sittings.meanings
        self._table = table
        self._line = table.lines[place]
        self.said = said
        self.failed = False
        self.masks: Masks | None = None

    def sitting(self, exam: Exam, person: str | None) -> dict[str, Any]:
        """The row as fields of ``source_exam``; ``scores`` are put in when the exam's tasks are known."""
        said, options = self.said, self._job.options
        school = cells.login(said["school"])
        if not school:
            self._fail("school", "RSK-VALUE", expected="код школы")
        if person is None:
            self._fail(None, "RSK-EXAM-PERSON")
        status = self._word("exam_status", "statuses", "valid", options.get("status_otherwise"))
        written = self._meanings("status_words")
        for name in ("primary_score", "test_score", "mark"):
            if (meaning := written.get(fold(said[name]))) is not None:
                status, said[name] = meaning, ""
        self.masks = self._answers()
        test_score, mark = self._number("test_score"), self._number("mark", whole=True)
        rules = self._job.cfg.procedures[exam.event.procedure].exam
        if rules and exam.event.subject in rules.mark_subjects and mark is None:
            test_score, mark = None, test_score
        return {
            "file_id": self._job.facts.file_id,
            "sheet": self._job.grid.name,
            "row_number": self._line,
            "event_id": exam.event.event_id,
            "school": school,
            "class_no": class_number(said["class_no"], exam.event.grade),
            "pupil_code": person,
            "participant_category": self._word("participant_category", "categories", "graduate"),
            "exam_period": self._word("exam_period", "waves", exam.period),
            "exam_date": exam.day,
            "variant": said["variant"] or None,
            "primary_score": self._number("primary_score"),
            "test_score": test_score,
            "mark": mark,
            "is_passed": self._word("is_passed", "passed", None),
            "exam_status": status,
            "appeal": self._word("appeal", "appeals", "none"),
        }

    def _number(self, name: str, *, whole: bool = False) -> float | None:
        value = cells.integer(self.said[name]) if whole else cells.number(self.said[name])
        if value != value:
            return None
        if abs(value) > cells.largest(name):
            self._fail(name, "RSK-VALUE", expected="число")
            return None
        return value

    def _word(self, name: str, option: str, empty: Any, otherwise: Any = None) -> Any:
        """What the cell's word means by an option of the layout; ``empty`` for an empty cell, ``otherwise`` for a word
        that is not known.
        """
        text = fold(self.said[name])
        if not text:
            return empty
        known = self._meanings(option)
        if text in known:
            return known[text]
        if otherwise is None:
            words = map(str, self._job.options.get(option, {}))
            self._fail(name, "RSK-VALUE", expected="одно из: " + ", ".join(words))
        return otherwise

    def _answers(self) -> Masks | None:
        """The masks of answers, None where the row has none."""
        short, long = self.said["short_answers"], self.said["long_answers"]
        if not (short or long):
            return None
        marks = self._job.options["answers"]
        points = _short(short, marks["right"], marks["wrong"], marks["not_started"])
        scores = _long(long, marks["wrong"], marks["not_started"])
        for name, read, form in (("short_answers", points, "++2+-"), ("long_answers", scores, "1(2)2(3)")):
            if read is None:
                self._fail(name, "RSK-EXAM-MASK", expected=form)
        if points is None or scores is None:
            return None
        return Masks(points, tuple(score for score, _ in scores), tuple(most for _, most in scores))

    def _fail(self, name: str | None, code: str, **values: Any) -> None:
        self.failed = True
        head = self._table.heads.get(name) if name else None
        shown = privacy.mask_cell(self.said[name]) if name else None
        self._job.findings.append(
            Finding(code, values, sheet=self._job.grid.name, row_number=self._line, column_name=head, value=shown)
        )


def _short(text: str, right: str, wrong: str, not_started: str) -> tuple[int, ...] | None:
    """Points of short answers, a sign a task; None where a sign is not known."""
    out = []
    for sign in text.replace(" ", ""):
        if sign in right:
            out.append(1)
        elif sign in wrong:
            out.append(0)
        elif sign in not_started:
            out.append(NOT_STARTED)
        elif sign.isdecimal():
            out.append(int(sign))
        else:
            return None
    return tuple(out)


def _long(text: str, wrong: str, not_started: str) -> tuple[tuple[int, int], ...] | None:
    """Points and maximum of each long answer, «1(2)2(3)»; None where the text is something else."""
    plain = text.replace(" ", "")
    out, position = [], 0
    while position < len(plain):
        match = _LONG.match(plain, position)
        if match is None:
            return None
        score, most = match["score"], int(match["most"])
        if score in not_started:
            out.append((NOT_STARTED, most))
        elif score in wrong:
            out.append((0, most))
        elif score.isdecimal():
            out.append((int(score), most))
        else:
            return None
        position = match.end()
    return tuple(out)


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


def _usual(masks: Iterable[Masks | None]) -> tuple[int, tuple[int, ...]]:
    """The shape of most rows of an exam, of equally frequent ones always the same; (0, ()) where no row has answers."""
    counts = Counter(mask.shape for mask in masks if mask is not None)
    return min(counts, key=lambda shape: (-counts[shape], shape), default=(0, ()))


def _heads(
    cfg: Configuration, event_id: str, shape: tuple[int, tuple[int, ...]], masks: Iterable[Masks | None]
) -> tuple[TaskHead, ...]:
    """The tasks of an exam: those of the configuration where they are as many; else numbered, short answers first.

    The protocol does not say how much a short answer is worth: without a description of the work it is the most that
    anybody in the file got for it, and at least 1.
    """
    short, most = shape
    known = configured(cfg, event_id, short + len(most))
    if known:
        return known
    best = [1] * short
    for mask in masks:
        if mask is not None and len(mask.short) == short:
            best = [max(pair) for pair in zip(best, mask.short, strict=True)]
    return tuple(TaskHead(str(number), points) for number, points in enumerate((*best, *most), start=1))


def configured(cfg: Configuration, event_id: str, count: int) -> tuple[TaskHead, ...] | None:
    """The tasks of an exam as the configuration describes them, where it does and they are ``count``."""
    event = cfg.calendar.events[event_id]
    if event.subject is None or event.grade is None:
        return None
    described = cfg.procedures[event.procedure].work(event.subject, event.grade, event.year)
    if described is None or len(described.tasks) != count:
        return None
    return tuple(TaskHead(task.task, task.max_points, task.difficulty) for task in described.tasks)
