"""What the rules of pupil rows compare: sums, maxima, marks by the scale, as columns beside the rows.

Belongs here: the columns that checks look at, computed for all rows of a batch at once. Does not belong here: the
checks themselves and what a failing row means (``rules``).

A value is NaN wherever a rule has nothing to say: the rule is not the procedure's, the pupil was absent, nothing was
given. A check then does not ask that row.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rsoko_pipeline import contracts
from rsoko_pipeline.calendar import Event
from rsoko_pipeline.configuration import Configuration, Procedure, Scale


class TaskHead(Protocol):
    """A task of a file's header."""

    @property
    def task(self) -> str:
        """Its label."""

    @property
    def max_points(self) -> int:
        """Its largest score."""


class FileHead(Protocol):
    """What a file's header says of the work."""

    def tasks_in(self, event_id: str) -> Sequence[TaskHead]:
        """The tasks of the event's rows, in the order of the arrays of scores."""

    @property
    def max_score(self) -> float | None:
        """The work's maximum, where the file states it."""


@dataclass(frozen=True)
class Work:
    """An event as its rows are judged.

    Attributes:
        event: the calendar's event.
        procedure: its procedure, with rules and thresholds.
        scale: the scale of its year with known borders; None where there is none.
    """

    event: Event
    procedure: Procedure
    scale: Scale | None

    @classmethod
    def of(cls, event_id: str, cfg: Configuration) -> Work:
        """The event ``event_id`` of the calendar."""
        event = cfg.calendar.events[event_id]
        procedure = cfg.procedures[event.procedure]
        scale = None
        if event.subject is not None and event.grade_programme is not None:
            scale = procedure.scale(event.subject, event.grade_programme, event.year)
        return cls(event, procedure, scale if scale is not None and scale.cuts else None)

    @property
    def is_scale_sure(self) -> bool:
        """Whether the scale may judge a mark and give one: not where borders or years are an assumption."""
        return self.scale is not None and self.scale.shown_status != "assumed"


@dataclass(frozen=True)
class Layout:
    """Files whose headers have the same tasks, and their rows that hold scores.

    Attributes:
        labels, maxima: the tasks.
        rows: positions of the rows.
        scores: rows × tasks.
    """

    labels: tuple[str, ...]
    maxima: NDArray
    rows: NDArray
    scores: NDArray


class Measured:
    """The rows of a batch with everything that is compared.

    Attributes:
        rows: the rows, columns of ``source_result``, index from 0.
        works: the events by code.
        event: code of each row's event.
        layouts: the task scores.
        columns: the compared values by name, a float a row.
    """

    def __init__(self, rows: pd.DataFrame, works: Sequence[Work], files: Mapping[str, FileHead]) -> None:
        self.rows = rows
        self.works = works
        self.event = pd.Index([work.event.event_id for work in works]).get_indexer(pd.Index(rows["event_id"]))
        file, file_ids = pd.factorize(rows["file_id"])
        #: Place of each row's file and event among the pairs of the batch, and what the files say of them.
        self._file, pairs = pd.factorize(file * max(len(works), 1) + self.event)
        split = [divmod(int(pair), len(works)) for pair in pairs]
        named = [(files.get(file_ids[file]), works[work].event.event_id) for file, work in split]
        self._tasks_of_file = [_tasks(head, event_id) for head, event_id in named]
        self._most = [most_points(head, event_id) for head, event_id in named]
        self.present = rows["present"].to_numpy(dtype="bool", na_value=False)
        self.layouts: list[Layout] = []
        self.columns: dict[str, NDArray] = {}
        self._tasks()
        self._scores_and_marks()
        self._pupils()

    def asks(self, rule: str) -> NDArray:
        """In which rows the procedure has this rule."""
        return np.array([rule in work.procedure.rules for work in self.works], dtype="bool")[self.event]

    def frame(self) -> pd.DataFrame:
        """Rows and compared values, as the checks see them: without arrays, whole numbers as floats."""
        plain: dict[str, NDArray | pd.Series] = {
            str(name): values.to_numpy(dtype="float64", na_value=np.nan) if values.dtype.kind in "iufb" else values
            for name, values in self.rows.items()
            if name != "scores"
        }
        return pd.DataFrame({**plain, **self.columns})

    # ------------------------------------------------------------------ tasks
    def _tasks(self) -> None:
        n = len(self.rows)
        total, over, blank, missing = (np.full(n, np.nan) for _ in range(4))
        filled = np.zeros(n, dtype="bool")
        for layout in self._layouts(missing):
            self.layouts.append(layout)
            scores, rows = layout.scores, layout.rows
            empty = (scores == contracts.BLANK).sum(axis=1)
            total[rows] = np.where(empty > 0, np.nan, np.maximum(scores, 0).sum(axis=1, dtype="int64"))
            over[rows] = (scores > layout.maxima).sum(axis=1)
            blank[rows] = empty
            filled[rows] = (scores >= 0).any(axis=1)
        here = self.present
        self.tasks_sum = np.where(here, total, np.nan)
        self.columns["over_max"] = np.where(here & self.asks("score_range"), over, np.nan)
        self.columns["tasks_blank"] = np.where(here & self.asks("score_range"), blank, np.nan)
        self.columns["tasks_missing"] = missing
        self._filled = filled

    def _layouts(self, missing: NDArray) -> Iterator[Layout]:
        """The rows with scores by the tasks of their file; a row with another number of scores goes to ``missing``."""
        scores = self.rows["scores"].to_numpy(dtype="object")
        known = pd.notna(scores)
        lengths = np.zeros(len(scores), dtype="int64")
        lengths[known] = np.fromiter(map(len, scores[known]), dtype="int64", count=int(known.sum()))
        numbers: dict[tuple[tuple[str, int], ...], int] = {}
        of_file = np.array([numbers.setdefault(head, len(numbers)) for head in self._tasks_of_file], dtype="int64")
        of_row = of_file[self._file] if len(of_file) else np.zeros(0, dtype="int64")
        for head, number in numbers.items():
            mine = (of_row == number) & known
            missing[mine] = len(head) - lengths[mine]
            rows = np.flatnonzero(mine & (lengths == len(head)))
            if len(head) and len(rows):
                matrix = np.concatenate(scores[rows].tolist()).reshape(-1, len(head))
                yield Layout(tuple(task for task, _ in head), np.array([most for _, most in head]), rows, matrix)

    # ------------------------------------------------------------------ scores and marks
    def _scores_and_marks(self) -> None:
        given = self.rows["primary_score"].to_numpy(dtype="float64", na_value=np.nan)
        mark = self.rows["mark"].to_numpy(dtype="float64", na_value=np.nan)
        here = self.present
        #: The primary score: as given, else the sum of the tasks.
        self.total = np.where(here & np.isnan(given), self.tasks_sum, given)
        most = np.array(self._most)[self._file] if self._most else np.zeros(0)
        scale_most = np.array([work.scale.max_score if work.scale else np.nan for work in self.works])[self.event]
        self.most = np.where(np.isnan(most), scale_most, most)
        self.fits_scale = np.isnan(most) | (most == scale_most)
        by_scale = np.full(len(mark), np.nan)
        for code, work in enumerate(self.works):
            if work.scale is not None:
                mine = np.flatnonzero((self.event == code) & self.fits_scale & here & ~np.isnan(self.total))
                by_scale[mine] = work.scale.mark(self.total[mine])
        self._lower_by_tasks(by_scale)
        sure = np.array([work.is_scale_sure for work in self.works], dtype="bool")[self.event]
        self.sure_mark = np.where(sure, by_scale, np.nan)
        asked, nothing = self.asks("mark_scale"), self._nothing(given, mark)
        self.columns |= {
            "given_score": np.where(here & self.asks("score_sum"), np.round(given, 2), np.nan),
            "tasks_sum": self.tasks_sum,
            "limited_score": np.where(here & self.asks("total_range"), given, np.nan),
            "work_max": self.most,
            "asked_mark": np.where(self.asks("mark_values"), mark, np.nan),
            "scaled_mark": np.where(asked & sure, mark, np.nan),
            "assumed_mark": np.where(asked & ~sure, mark, np.nan),
            "scale_mark": by_scale,
            "nothing_given": np.where(here & self.asks("score_range"), nothing, np.nan),
            "tasks_blank": np.where(nothing, np.nan, self.columns["tasks_blank"]),
            "absent_filled": np.where(
                ~here & self.asks("absent_blank"), self._filled | (given > 0) | ~np.isnan(mark), np.nan
            ),
        }

    def _lower_by_tasks(self, marks: NDArray) -> None:
        """Lower marks by the total where the scale asks for points in certain tasks; without tasks it cannot tell."""
        for code, work in enumerate(self.works):
            if work.scale is None or not work.scale.conditions:
                continue
            known = np.zeros(len(marks), dtype="bool")
            for layout in self.layouts:
                mine = self.event[layout.rows] == code
                rows = layout.rows[mine]
                marks[rows] = work.scale.lowered(marks[rows], layout.labels, layout.scores[mine])
                known[rows] = True
            least = min(condition.mark for condition in work.scale.conditions)
            marks[(self.event == code) & ~known & (marks >= least)] = np.nan

    def _nothing(self, given: NDArray, mark: NDArray) -> NDArray:
        """Whether a pupil has neither a task score (X is one) nor a total nor a mark."""
        blank = np.isnan(self.columns["tasks_blank"])
        for layout in self.layouts:
            blank[layout.rows] = (layout.scores == contracts.BLANK).all(axis=1)
        return blank & np.isnan(given) & np.isnan(mark)

    # ------------------------------------------------------------------ pupils
    def _pupils(self) -> None:
        school, schools = pd.factorize(self.rows["school"])
        pupil, pupils = pd.factorize(self.rows["pupil_code"])
        key = (self.event * max(len(schools), 1) + school) * float(max(len(pupils), 1)) + pupil
        number = pd.to_numeric(pd.Series(pupils), errors="coerce").to_numpy(dtype="float64", na_value=np.nan)
        first = np.floor_divide(np.nan_to_num(number, nan=-1.0), 10_000)
        grade = np.array([_or_nan(work.event.grade) for work in self.works])[self.event]
        line = self.rows["row_number"].to_numpy(dtype="float64", na_value=np.nan)
        # Asked whatever the procedure's rules: the warehouse has room for one row of a pupil and a line of a file.
        self.columns |= {
            "pupil_key": np.where((pupil >= 0) & (school >= 0), key, np.nan),
            "line_key": self._file * 2.0**32 + line,
            "code_grade": np.where(
                (pupil >= 0) & self.asks("pupil_grade"), first[pupil] if len(first) else np.nan, np.nan
            ),
            "work_grade": grade,
        }


def _tasks(head: FileHead | None, event_id: str) -> tuple[tuple[str, int], ...]:
    return tuple((task.task, task.max_points) for task in head.tasks_in(event_id)) if head is not None else ()


def most_points(head: FileHead | None, event_id: str) -> float:
    """The maximum of a file's work: the sum over its tasks, else what it states."""
    if tasks := _tasks(head, event_id):
        return float(sum(points for _, points in tasks))
    return _or_nan(head.max_score if head is not None else None)


def _or_nan(value: float | None) -> float:
    return np.nan if value is None else float(value)
