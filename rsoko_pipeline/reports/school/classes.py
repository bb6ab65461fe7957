"""Class sheets: pupil code × task for each work and class of a school.

Belongs here: these sheets. They are most of a school's workbook, so their rows are made from lists, not frames.
"""

from __future__ import annotations

from itertools import repeat
from textwrap import shorten
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from rsoko_pipeline import contracts
from rsoko_pipeline.reports.inputs import SchoolReport, Work
from rsoko_pipeline.reports.tables import is_small
from rsoko_pipeline.reports.texts import text, words
from rsoko_pipeline.reports.workbook import Book, Page, Value, plain

_LEAD = ("pupil_code", "variant")
_TAIL = ("primary_score", "mark", "journal_mark")
_LEAD_WIDTHS, _TASK_WIDTH, _TAIL_WIDTHS = (5, 24, 13), 5.5, (11, 10, 10)
_SKILL_LENGTH, _SKILL_HEIGHT = 62, 170
_NOT_STARTED = "X"

#: Event, level and unit; the region's unit is None.
_Unit = tuple[str, str, str | None]


class ClassSheets:
    """Adds the class sheets of one school to its workbook, work by work."""

    def __init__(self, book: Book, data: SchoolReport) -> None:
        self._book = book
        self._data = data
        self._pupils_of = _pupils_by_class(data.results)
        self._tasks = {str(event): _Tasks(rows) for event, rows in data.tasks.groupby("event_id")}
        self._solved = _solved_shares(data.task_statistics)
        self._means = _means(data.mark_statistics)

    def add(self, work: Work) -> list[tuple[str, Page]]:
        """Add a sheet for each class that wrote the work; returns their short names and pages."""
        return [
            (_class_text("name", class_no), self._sheet(work, class_no, pupils))
            for class_no, pupils in self._pupils_of.get(work.event_id, {}).items()
        ]

    def _sheet(self, work: Work, class_no: int | None, pupils: list[_Pupil]) -> Page:
        tasks = self._tasks.get(work.event_id) or _Tasks(self._data.tasks.head(0))
        page = self._book.page(
            _class_text("sheet", class_no, label=work.label),
            title=_class_text("title", class_no, title=work.title),
            notes=(text("school.class.note"), "" if work.scale_warning else work.scale_note),
            warning=work.scale_warning,
        )
        page.widths((*_LEAD_WIDTHS, *repeat(_TASK_WIDTH, len(tasks.labels)), *_TAIL_WIDTHS))
        page.print_on_one_sheet()
        self._write_head(page, tasks)
        self._write_pupils(page, tasks, pupils)
        self._write_totals(page, work, class_no, tasks)
        self._write_skills(page, tasks)
        return page

    def _write_head(self, page: Page, tasks: _Tasks) -> None:
        head, first = self._book.look("head", "head"), page.next_row
        if any(tasks.difficulty):
            page.row((None, text("school.class.difficulty"), None, *tasks.difficulty, None, None, None), head)
        most = sum(tasks.max_points)
        page.row((None, text("school.class.max_points"), None, *tasks.max_points, most, None, None), head)
        lead, tail = ([contracts.FIELDS[name].ru for name in names] for names in (_LEAD, _TAIL))
        last = page.row((text("school.class.number"), *lead, *tasks.labels, *tail), head, height=32)
        page.freeze(below=last, columns=2)
        page.repeat_rows(first, last)

    def _write_pupils(self, page: Page, tasks: _Tasks, pupils: list[_Pupil]) -> None:
        look = self._book.look
        code, centre, absent = look("code"), look("centre"), look("centre", "absent")
        score_looks, released = tasks.looks(self._book), look("centre", "warning")
        not_known: list[tuple[Value, int]] = [(None, centre)] * len(tasks.labels)
        empty = [None] * (len(tasks.labels) + len(_TAIL))
        for number, pupil in enumerate(pupils, start=1):
            if not pupil.present:
                values = (number, pupil.code, text("school.class.absent"), *empty)
                page.row(values, (centre, code, *repeat(absent, len(values) - 2)))
                continue
            shown = not_known
            if pupil.scores is not None:
                shown = [
                    looks.get(score, (score, released)) for looks, score in zip(score_looks, pupil.scores, strict=True)
                ]
            page.row(
                (number, pupil.code, pupil.variant, *(value for value, _ in shown), *pupil.tail),
                (centre, code, centre, *(score_look for _, score_look in shown), centre, centre, centre),
            )

    def _write_totals(self, page: Page, work: Work, class_no: int | None, tasks: _Tasks) -> None:
        """Write the solved shares of the class, the school, its municipality and the region, as far as known."""
        look, data = self._book.look, self._data
        units = {
            "class": f"{data.school}/{class_no}",
            "school": data.school,
            "municipality": data.municipality,
            "region": None,
        }
        looks = (
            *repeat(look("text", "total"), len(_LEAD) + 1),
            *repeat(look("percent", "total"), len(tasks.labels)),
            *repeat(look("mean", "total"), len(_TAIL)),
        )
        for level, unit in units.items():
            key = (work.event_id, level, unit)
            if key not in self._means:
                continue
            n, score, mark = self._means[key]
            solved = self._solved.get(key, {})
            title = text("school.class.solved", level=words("levels")[level])
            shares = (solved.get(number) for number in tasks.numbers)
            page.row((None, title, _participants(n), *shares, score, mark, None), looks)

    def _write_skills(self, page: Page, tasks: _Tasks) -> None:
        """Write the skills below the table: above it they would fill the part of the screen that stays in sight."""
        if any(tasks.skills):
            head, upright = self._book.look("head", "head"), self._book.look("head_up", "head")
            looks = (head, head, head, *repeat(upright, len(tasks.skills)))
            page.row((None, text("school.class.skill"), None, *tasks.skills), looks, height=_SKILL_HEIGHT)


class _Pupil(NamedTuple):
    """A row of a class sheet; ``tail`` holds the values of ``_TAIL``."""

    code: str | None
    present: bool
    variant: str | None
    scores: list[int] | None
    tail: list[Any]


class _Tasks:
    """The tasks of a work as lists."""

    def __init__(self, rows: pd.DataFrame) -> None:
        rows = rows.sort_values("task_no")
        self.numbers: list[int] = plain(rows["task_no"])
        self.labels: list[str] = plain(rows["task"])
        self.max_points: list[int] = plain(rows["max_points"])
        self.difficulty: list[str | None] = plain(rows["difficulty"])
        self.skills: list[str | None] = [
            skill and shorten(skill, _SKILL_LENGTH, placeholder=" …") for skill in plain(rows["skill"])
        ]

    def looks(self, book: Book) -> list[dict[int, tuple[Value, int]]]:
        """For each task what to write and how for each score up to the maximum."""
        none, zero = (_NOT_STARTED, book.look("centre", "not_started")), (0, book.look("centre", "zero"))
        part, full = book.look("centre", "partial"), book.look("centre", "full")
        return [
            {
                contracts.NOT_STARTED: none,
                **{score: (score, part) for score in range(1, top)},
                top: (top, full),
                0: zero,
            }
            for top in self.max_points
        ]


def _participants(n: int) -> str:
    counted = text("school.class.participants", n=n)
    return f"{counted}, {text('small')}" if is_small(n) else counted


def _class_text(key: str, class_no: int | None, **values: str) -> str:
    """A text about a class, in its variant for a class whose number the file does not give."""
    if class_no is None:
        return text(f"school.class.{key}_unknown", **values)
    return text(f"school.class.{key}", class_no=class_no, **values)


def _pupils_by_class(results: pd.DataFrame) -> dict[str, dict[int | None, list[_Pupil]]]:
    """The pupils of each event and class, by code; classes by number, those without one last.

    Codes are ordered as numbers, so that 40010 follows 40009; codes that are not numbers come last.
    """
    number = pd.to_numeric(results["pupil_code"], errors="coerce")
    ordered = results.assign(_number=number).sort_values(["event_id", "class_no", "_number", "pupil_code"])
    names = ("event_id", "class_no", "pupil_code", "present", "variant", "scores", *_TAIL)
    out: dict[str, dict[int | None, list[_Pupil]]] = {}
    for event, class_no, code, present, variant, scores, *tail in zip(
        *(_values(ordered[name]) for name in names), strict=True
    ):
        out.setdefault(event, {}).setdefault(class_no, []).append(_Pupil(code, present, variant, scores, tail))
    return out


def _values(column: pd.Series) -> list[Any]:
    """Plain values; arrays of scores as lists."""
    if column.name != "scores":
        return plain(column)
    return [scores.tolist() if isinstance(scores, np.ndarray) else None for scores in column]


def _unit_keys(frame: pd.DataFrame) -> list[_Unit]:
    region = frame["level"] == "region"
    units = [None if whole else unit for whole, unit in zip(region, frame["unit_code"], strict=True)]
    return list(zip(frame["event_id"], frame["level"], units, strict=True))


def _solved_shares(frame: pd.DataFrame) -> dict[_Unit, dict[int, float | None]]:
    """Solved share by task number of each unit."""
    out: dict[_Unit, dict[int, float | None]] = {}
    numbers, shares = plain(frame["task_no"]), plain(frame["solved_share"])
    for key, number, share in zip(_unit_keys(frame), numbers, shares, strict=True):
        out.setdefault(key, {})[number] = share
    return out


def _means(frame: pd.DataFrame) -> dict[_Unit, tuple[Any, ...]]:
    """Participants, mean score and mean mark of each unit."""
    columns = (plain(frame[name]) for name in ("participants", "mean_score", "mean_mark"))
    return dict(zip(_unit_keys(frame), zip(*columns, strict=True), strict=True))
