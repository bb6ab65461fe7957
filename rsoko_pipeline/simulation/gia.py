"""Files of state final attestation («ГИА») in their real layouts: protocols of ОГЭ and ЕГЭ, tables of РИС, essays.

Belongs here: where things stand in these files. Does not belong here: who scores what (frames come from the caller).
Names and documents are made up, the same for a pupil in all files: what the reader has to drop must be there.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

import numpy as np
import pandas as pd

from rsoko_pipeline.contracts import NOT_STARTED
from rsoko_pipeline.simulation import xls, xlsx
from rsoko_pipeline.simulation.xlsx import Cell

#: Surnames, names, patronymics, each of a man and of a woman.
_SURNAMES = (
    ("Вымыслов", "Вымыслова"),
    ("Небылицын", "Небылицына"),
    ("Сказкин", "Сказкина"),
    ("Фантазёров", "Фантазёрова"),
    ("Примеров", "Примерова"),
    ("Образцов", "Образцова"),
    ("Условный", "Условная"),
    ("Неведомский", "Неведомская"),
)
_NAMES = (("Тихон", "Злата"), ("Макар", "Ульяна"), ("Платон", "Василиса"), ("Мирон", "Стефания"))
_PATRONYMICS = (("Платонович", "Платоновна"), ("Миронович", "Мироновна"))
#: Columns of the ОГЭ protocol, and how wide each is: cells are merged, so the columns between hold nothing.
_OGE = ("№", "Код ОО", "Класс", "Код ППЭ", "Аудитория", "Код МСУ", "Фамилия", "Имя", "Отчество", "Серия документа",
        "Номер документа", "Задания с кратким ответом", "Задания с развёрнутым ответом", "Первичный балл",
        "Оценка")  # fmt: skip
_OGE_WIDTHS = (1, 2, 1, 2, 1, 1, 3, 2, 2, 1, 2, 4, 4, 1, 1)
_EGE = ("№", "Код ППЭ", "Код ОО", "Класс", "Код ООП", "Профиль", "Фамилия", "Имя", "Отчество", "Вариант",
        "Код участника", "№ бланка", "Ответы в краткой форме", "Ответы в развернутой форме", "Первичный балл",
        "Итоговый балл")  # fmt: skip
_ESSAY = ("№", "Код ОО", "Класс", "Фамилия", "Имя", "Отчество", "Серия документа", "Номер документа", "Номер темы",
          "Требование 1", "Требование 2", "Критерий 1", "Критерий 2", "Результат")  # fmt: skip
_ORAL = ("№", "Код ОО", "Класс", "Фамилия", "Имя", "Отчество", "Серия документа", "Номер документа", "Вариант",
         "Общее количество баллов", "Результат")  # fmt: skip
_TABLE = ("SchoolCode", "ClassCode", "StationCode", "AuditoriumCode", "GovernmentCell", "SurnameCell", "NameCell",
          "SecondNameCell", "DocumentSeriesCode", "DocumentNumberCode", "TestResultBCell", "TestResultCCell",
          "PrimaryMark", "Mark5")  # fmt: skip
#: Columns that a protocol has where it has something to say in them.
_OPTIONAL = {"category": "Категория участника", "appeal": "Апелляция"}
_SIGNS = {0: "-", 1: "+", NOT_STARTED: "-"}
_PASSED = {True: "Зачёт", False: "Незачёт"}


@dataclass(frozen=True)
class ExamSheet:
    """One exam of one day.

    Attributes:
        code: the subject's code in РИС, «12».
        subject: the subject as РИС calls it.
        day: day of the exam.
        rows: a row a participant: ``school`` (code in РИС), ``class_name`` («9А»), ``pupil`` (any text that is the same
            for a person everywhere), ``primary_score``, and as the exam gives it ``mark``, ``test_score``,
            ``is_passed``; ``variant`` where there is one. A null score is written as «неявка». ``category`` and
            ``appeal``, in words, are columns of the protocol where the frame has them.
        scores: rows × tasks, the short answers first; ``NOT_STARTED`` where a pupil did not start.
        most: greatest scores of the long answers; the tasks before them are short.
    """

    code: str
    subject: str
    day: date
    rows: pd.DataFrame
    scores: np.ndarray
    most: tuple[int, ...] = ()

    @property
    def heading(self) -> str:
        """«12 - Обществознание 2026.07.03»."""
        return f"{self.code} - {self.subject} {self.day:%Y.%m.%d}"


@dataclass(frozen=True)
class _Person:
    surname: str
    name: str
    second_name: str
    series: str
    number: str
    code: str


def oge_protocol(exams: Iterable[ExamSheet], title: str = "Протокол проверки результатов ОГЭ") -> bytes:
    """The protocol of ОГЭ as .xls: exam after exam on one sheet, sparse columns, closing «Средние»."""
    rows: list[list[Cell]] = [[title], []]
    for exam in exams:
        extra = _extra(exam)
        rows += [[exam.heading], [*_spread(_OGE), *extra.values()]]
        for number, (row, person, short, long) in enumerate(_rows(exam), start=1):
            school = str(row["school"])
            place = (number, school, row["class_name"], "0101", "0001", school[:3], *_named(person))
            cells = (*place, short, long, _score(row, "primary_score"), _figure(row, "mark"))
            rows.append([*_spread(cells), *(row[name] for name in extra)])
        rows += [_spread(("Средние", *[None] * 12, _mean(exam, "primary_score"), _mean(exam, "mark"))), []]
    return xls.workbook(rows, "Протокол")


def ege_protocol(exams: Iterable[ExamSheet], title: str | None = None) -> bytes:
    """The protocol of ЕГЭ as .xlsx: exam after exam on one sheet."""
    rows: list[list[Cell]] = [[title]] if title else []
    for exam in exams:
        extra = _extra(exam)
        rows += [[exam.heading], [*_EGE, *extra.values()]]
        for number, (row, person, short, long) in enumerate(_rows(exam), start=1):
            who = (person.surname, person.name, person.second_name, row.get("variant", "301"), person.code)
            result = "mark" if row.get("test_score") is None and "mark" in row else "test_score"
            place = (number, "0101", str(row["school"]), row["class_name"], None, None)
            scores = (_score(row, "primary_score"), _figure(row, result))
            said = (row[name] for name in extra)
            rows.append([*place, *who, f"9{number:012d}", short, long, *scores, *said])
        rows += [["Средние", *[None] * 13, _mean(exam, "primary_score"), _mean(exam, "test_score")], []]
    return xlsx.table("Протокол", rows)


def oge_table(exam: ExamSheet, encoding: str = "utf-8-sig") -> bytes:
    """The table of РИС ГИА-9 as CSV: one exam, named by the file alone."""
    lines = [";".join(_TABLE)]
    for row, person, short, long in _rows(exam):
        school = str(row["school"])
        place = (school, row["class_name"], "0101", "0001", school[:3])
        who = (person.surname, person.name, person.second_name, person.series, person.number)
        lines.append(";".join(map(_plain, (*place, *who, short, long, row["primary_score"], row["mark"]))))
    return ("\r\n".join(lines) + "\r\n").encode(encoding)


def essay_protocol(exams: Iterable[ExamSheet], title: str | None = None) -> bytes:
    """The protocol of the final essay as .xlsx: pass or fail."""
    rows: list[list[Cell]] = [[title]] if title else []
    for exam in exams:
        extra = _extra(exam)
        rows += [[exam.heading], [*_ESSAY, *extra.values()]]
        for number, (row, person, _, _) in enumerate(_rows(exam), start=1):
            result = _PASSED[bool(row["is_passed"])]
            marks = (row.get("variant", "101"), "Зачёт", "Зачёт", result, result, result)
            said = (row[name] for name in extra)
            rows.append([number, str(row["school"]), row["class_name"], *_named(person), *marks, *said])
        rows.append([])
    return xlsx.table("Протокол", rows)


def oral_protocol(exams: Iterable[ExamSheet], title: str | None = None) -> bytes:
    """The list of results of the oral Russian as .xlsx: points, pass or fail."""
    rows: list[list[Cell]] = [[title]] if title else []
    for exam in exams:
        rows += [[exam.heading], list(_ORAL)]
        for number, (row, person, _, _) in enumerate(_rows(exam), start=1):
            marks = (row.get("variant", "1"), _score(row, "primary_score"), _PASSED[bool(row["is_passed"])])
            rows.append([number, str(row["school"]), row["class_name"], *_named(person), *marks])
        rows.append([])
    return xlsx.table("Ведомость", rows)


def _extra(exam: ExamSheet) -> dict[str, str]:
    """The optional columns of an exam: header by name in the frame."""
    return {name: header for name, header in _OPTIONAL.items() if name in exam.rows}


def _rows(exam: ExamSheet) -> Iterable[tuple[dict[str, Cell], _Person, str, str]]:
    """Every participant: the row, the person, the masks of short and of long answers."""
    short = exam.scores.shape[1] - len(exam.most)
    rows = exam.rows.astype(object).where(exam.rows.notna(), None)
    columns = {str(name): values.tolist() for name, values in rows.items()}
    for cells, scores in zip(zip(*columns.values(), strict=True), exam.scores.tolist(), strict=True):
        row: dict[str, Cell] = dict(zip(columns, cells, strict=True))
        came = row.get("primary_score") is not None or "is_passed" in row
        masks = (_short(scores[:short]), _long(scores[short:], exam.most)) if came else ("", "")
        yield row, _person(str(row["pupil"])), *masks


def _short(scores: Sequence[int]) -> str:
    """«++2+-»: a sign a task."""
    return "".join([_SIGNS.get(score) or str(score) for score in scores])


def _long(scores: Sequence[int], most: Sequence[int]) -> str:
    """«1(2)2(3)»: points and maximum a task."""
    return "".join(f"{'X' if score == NOT_STARTED else score}({top})" for score, top in zip(scores, most, strict=True))


def _score(row: dict[str, Cell], name: str) -> Cell:
    """The figure, or the word for somebody who did not come."""
    return "неявка" if row.get(name) is None else _figure(row, name)


def _figure(row: dict[str, Cell], name: str) -> Cell:
    value = row.get(name)
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _mean(exam: ExamSheet, name: str) -> Cell:
    return round(float(exam.rows[name].mean()), 2) if name in exam.rows and exam.rows[name].notna().any() else None


def _spread(cells: Sequence[Cell]) -> list[Cell]:
    """A row of the ОГЭ protocol: a cell stands in the first of its merged columns."""
    out: list[Cell] = []
    for cell, width in zip(cells, _OGE_WIDTHS, strict=True):
        out += [cell, *[None] * (width - 1)]
    return out


def _named(person: _Person) -> tuple[str, ...]:
    return person.surname, person.name, person.second_name, person.series, person.number


def _plain(value: Cell) -> str:
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


@cache
def _person(pupil: str) -> _Person:
    """A made-up person, always the same for the same pupil."""
    number = int.from_bytes(hashlib.blake2b(pupil.encode(), digest_size=8).digest())
    gender = number // 128 % 2
    return _Person(
        surname=_SURNAMES[number % len(_SURNAMES)][gender],
        name=_NAMES[number // 8 % len(_NAMES)][gender],
        second_name=_PATRONYMICS[number // 32 % len(_PATRONYMICS)][gender],
        series=f"{9000 + number // 256 % 100}",
        number=f"{number // 25600 % 1_000_000:06d}",
        code=f"{number % 10**12:012d}",
    )
