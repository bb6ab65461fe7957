"""The statistics of works for class, school, municipality and region, all events of a run at once.

Belongs here: marks, scores, tasks and comparison with the journal counted from pupil rows, and which source a unit's
figures come from. Does not belong here: formulas (``measures``), figures of aggregate tables (``aggregates``), coverage
(``coverage``), targets and dynamics.

Figures are sums over pupils, never averages of smaller units' percentages. Absent pupils count in coverage alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rsoko_pipeline import contracts
from rsoko_pipeline.indicators import aggregates, coverage
from rsoko_pipeline.indicators.intervals import mean_share
from rsoko_pipeline.indicators.measures import CENT, MARKS, SCORE_COLUMNS, Distribution, journal_columns, mark_columns
from rsoko_pipeline.indicators.units import LEVELS, UNIT_KEY, Register, Units

#: Tables of schema ``mart`` that ``compute`` fills.
TABLES = ("mark_statistics", "score_distribution", "task_statistics", "journal_comparison", "coverage")


@dataclass(frozen=True)
class Stamp:
    """By which configuration and run, and when (UTC), figures were computed."""

    config_version: str
    run_id: str
    computed_at: datetime


def compute(
    results: pd.DataFrame,
    *,
    events: pd.DataFrame,
    tasks: pd.DataFrame,
    register: Register,
    stamp: Stamp,
    contingent: pd.DataFrame | None = None,
    group_tables: Mapping[str, pd.DataFrame] | None = None,
    targets: Mapping[str, float] | None = None,
) -> dict[str, pd.DataFrame]:
    """All statistics of the given events.

    For one unit of one event pupil rows win; a unit without them takes its own row of an aggregate table; a
    municipality or region without either is added up from the rows of its schools there. ``source`` says which. Where
    pupil rows hold no mark at all (a collection form of a work whose scale is unknown) the marks of the aggregate table
    stand beside the pupils' scores, and ``source`` is ``aggregate``.

    Args:
        results: rows of ``core.fact_result``.
        events: rows of ``core.dim_event``: the events to compute, with or without results.
        tasks: rows of ``core.dim_task`` of these events; a row's ``scores`` follow ``task_no``.
        register: names and subordination with their history.
        stamp: origin of the figures.
        contingent: rows of ``core.fact_contingent``.
        group_tables: rows of ``fact_group_marks``, ``fact_group_journal``, ``fact_group_scores``, by table name.
        targets: target of coverage (0–1) by event id.

    Returns:
        Contract frames of schema ``mart`` by name, those of ``TABLES``.

    Raises:
        ValueError: a row's event is not among ``events``, or it does not have its work's number of task scores.
    """
    groups = dict(group_tables or {})
    schools = [results["school"]] + [frame.loc[frame["level"] == "school", "unit_code"] for frame in groups.values()]
    if contingent is not None:
        schools.append(contingent["school"])
    units = Units(register, events, schools)
    rows = PupilRows(results, units)
    max_scores = _max_scores(events, tasks)
    counted = {
        "mark_statistics": mark_statistics(rows, max_scores),
        "score_distribution": score_distribution(rows),
        "task_statistics": task_statistics(rows, tasks),
        "journal_comparison": journal_comparison(rows),
    }
    restored = aggregates.compute(groups, units, max_scores)
    frames = {name: _pupils_win(frame, restored.get(name)) for name, frame in counted.items()}
    if "mark_statistics" in restored:
        frames["mark_statistics"] = _marks_win(counted["mark_statistics"], restored["mark_statistics"])
    frames["coverage"] = coverage.compute(rows.attendance(), groups, units, events, contingent, targets or {})
    return {name: _finish(name, frames[name], stamp) for name in TABLES}


class PupilRows:
    """Pupil rows in the order event, municipality, school, class: a unit of any level is then one slice of them.

    Attributes:
        units: codes and names of the units.
        frame: texts of all units of all levels (columns ``units.UNIT_COLUMNS``), a row a unit.
        event: code of each unit's event.
        start, end: each unit's slice of the rows.
        unit_of: by level, the unit's number in ``frame`` for every row, -1 where the level has none for it.
        present, mark, journal, cents: columns of the rows; mark and journal are 0 and cents -1 where null or absent.
        scores: arrays of task scores or None; None for absent pupils.
    """

    def __init__(self, results: pd.DataFrame, units: Units) -> None:
        self.units = units
        event = units.events.get_indexer(results["event_id"])
        if (event < 0).any():
            raise ValueError(
                f"results of an event that is not computed: {results['event_id'].iloc[int(event.argmin())]}"
            )
        school = units.school_codes(results["school"])
        class_no = _whole(results["class_no"])
        place = units.municipality_of(event, school)
        widths = np.array([len(units.municipalities) + 1, len(units.schools), int(class_no.max(initial=0)) + 1])
        key = ((event * widths[0] + place + 1) * widths[1] + school) * widths[2] + class_no
        order = np.argsort(key, kind="stable")
        key, place = key[order], place[order]
        self._school, self._class_no = school[order], class_no[order]
        self._event = event[order]
        self._slices(key, widths, place, units)
        self.present = results["present"].to_numpy(dtype="bool", na_value=False)[order]
        self.mark = np.where(self.present, _whole(results["mark"])[order], 0)
        self.journal = np.where(self.present, _whole(results["journal_mark"])[order], 0)
        points = results["primary_score"].to_numpy(dtype="float64", na_value=np.nan)[order]
        known = self.present & ~np.isnan(points)
        self.cents = np.where(known, np.rint(np.nan_to_num(points) * CENT), -1).astype("int64")
        self.scores = results["scores"].to_numpy(dtype="object")[order]
        self.scores[~self.present] = None

    def _slices(self, key: NDArray, widths: NDArray, place: NDArray, units: Units) -> None:
        """Cut the rows into the units of every level; a null class and an unknown municipality are no units."""
        starts, ends, frames = [], [], []
        self.unit_of: dict[str, NDArray] = {}
        counted = 0
        for level, width in zip(LEVELS, (widths.prod(), widths[1] * widths[2], widths[2], 1), strict=True):
            bounds = (
                np.flatnonzero(np.diff(key // width, prepend=-1, append=-1)) if len(key) else np.zeros(1, dtype="int64")
            )
            start, end = bounds[:-1], bounds[1:]
            exists = np.ones(len(start), dtype="bool")
            if level == "class":
                exists = self._class_no[start] > 0
            elif level == "municipality":
                exists = place[start] >= 0
            numbers = np.where(exists, counted + np.cumsum(exists) - 1, -1)
            self.unit_of[level] = np.repeat(numbers, end - start)
            start, end = start[exists], end[exists]
            unit = place[start] if level == "municipality" else self._school[start]
            frames.append(units.describe(level, self._event[start], unit, self._class_no[start]))
            starts.append(start)
            ends.append(end)
            counted += len(start)
        self.frame = pd.concat(frames, ignore_index=True)
        self.start, self.end = np.concatenate(starts), np.concatenate(ends)
        self.event = self._event[self.start]

    def sums(self, values: NDArray) -> NDArray:
        """Sums over every unit of ``values``, which has an entry (or a line) a row."""
        return slice_sums(values, self.start, self.end)

    def of(self, unit: NDArray) -> pd.DataFrame:
        """The texts of units by number, a row an entry."""
        return self.frame.take(unit).reset_index(drop=True)

    def attendance(self) -> pd.DataFrame:
        """Rows by event, school (codes) and class (0 where null): ``participants`` and ``absent``."""
        rows = pd.DataFrame(
            {
                "event": self._event,
                "school": self._school,
                "class_no": self._class_no,
                "participants": self.present.astype("int64"),
                "absent": (~self.present).astype("int64"),
            }
        )
        return rows.groupby(["event", "school", "class_no"], as_index=False, sort=True).sum()


def slice_sums(values: NDArray, start: NDArray, end: NDArray) -> NDArray:
    """Exact integer sums of slices of ``values`` along the first axis; slices may be empty and may overlap."""
    running = np.zeros((len(values) + 1, *values.shape[1:]), dtype="int64")
    np.cumsum(values, axis=0, out=running[1:])
    return running[end] - running[start]


def mark_statistics(rows: PupilRows, max_scores: pd.Series) -> pd.DataFrame:
    """Marks and scores of every unit that has participants: ``mart.mark_statistics`` without the stamp.

    Args:
        rows: pupil rows.
        max_scores: the work's maximum by event id.
    """
    participants = rows.sums(rows.present)
    marks = np.column_stack([rows.sums(rows.mark == mark) for mark in MARKS])
    columns = [rows.frame, mark_columns(marks), _distribution(rows).columns(len(rows.frame))]
    out = pd.concat(columns, axis=1).assign(
        participants=participants, source="pupils", max_score=max_scores.reindex(rows.frame["event_id"]).to_numpy()
    )
    return out[participants > 0]


def score_distribution(rows: PupilRows) -> pd.DataFrame:
    """Participants of every unit by primary score: ``mart.score_distribution`` without the stamp."""
    counts = _distribution(rows)
    totals = counts.totals(len(rows.frame))
    return rows.of(counts.unit).assign(
        source="pupils", score=counts.cents / CENT, n=counts.n, share=counts.n / totals[counts.unit]
    )


def _distribution(rows: PupilRows) -> Distribution:
    parts = []
    for unit in rows.unit_of.values():
        counted = (unit >= 0) & (rows.cents >= 0)
        parts.append(Distribution.of(unit[counted], rows.cents[counted]))
    return Distribution(*(np.concatenate([getattr(part, name) for part in parts]) for name in ("unit", "cents", "n")))


def journal_comparison(rows: PupilRows) -> pd.DataFrame:
    """Marks against the journal where both are known: ``mart.journal_comparison`` without the stamp."""
    both = (rows.mark > 0) & (rows.journal > 0)
    counts = (rows.sums(both & (sign == np.sign(rows.mark - rows.journal))) for sign in (-1, 0, 1))
    out = pd.concat([rows.frame, journal_columns(*counts)], axis=1).assign(source="pupils")
    return out[out["n"] > 0]


def task_statistics(rows: PupilRows, tasks: pd.DataFrame) -> pd.DataFrame:
    """Points of every unit by task: ``mart.task_statistics`` without the stamp.

    «Не приступал» counts 0 points and, apart, in ``not_started``. Rows without task scores are left out of n.
    """
    tasks = tasks.sort_values(["event_id", "task_no"]).reset_index(drop=True)
    parts = [
        _points(rows, event, tasks.index[tasks["event_id"] == rows.units.events[event]])
        for event in np.unique(rows.event)
    ]
    if not parts:
        return contracts.table("task_statistics").empty()
    unit, task, n, points, skipped = (np.concatenate(column) for column in zip(*parts, strict=True))
    heads = tasks[["task_no", "task", "max_points", "difficulty"]].take(task).reset_index(drop=True)
    maximum = heads["max_points"].to_numpy(dtype="float64") * n
    low, high = mean_share(points, n, heads["max_points"])
    return pd.concat([rows.of(unit), heads], axis=1).assign(
        n=n,
        points_sum=points,
        solved_share=points / np.where(maximum > 0, maximum, np.nan),
        solved_low=low,
        solved_high=high,
        not_started=skipped,
    )


def _points(rows: PupilRows, event: int, tasks: NDArray) -> tuple[NDArray, ...]:
    """Units, positions in the frame of tasks, n, points and not started of one event, an entry a unit × task."""
    unit = np.flatnonzero(rows.event == event)
    first, last = rows.start[unit].min(), rows.end[unit].max()
    scores = rows.scores[first:last]
    known = pd.notna(scores)
    lengths = np.fromiter(map(len, scores[known]), dtype="int64", count=int(known.sum()))
    if (lengths != len(tasks)).any():
        wrong = lengths[lengths != len(tasks)][0]
        raise ValueError(f"{rows.units.events[event]}: a row has {wrong} task scores, the work has {len(tasks)} tasks")
    # What precedes each row among the rows with scores turns slices of all rows into slices of those.
    before = np.concatenate([[0], np.cumsum(known)])
    start, end = before[rows.start[unit] - first], before[rows.end[unit] - first]
    unit, start, end = unit[end > start], start[end > start], end[end > start]
    matrix = np.concatenate([np.zeros(0, dtype="int8"), *scores[known]]).reshape(-1, len(tasks) or 1)
    shape = (len(unit), len(tasks))
    return (
        np.repeat(unit, len(tasks)),
        np.tile(tasks, len(unit)),
        np.broadcast_to((end - start)[:, None], shape).ravel(),
        slice_sums(np.maximum(matrix, 0), start, end).reshape(shape).ravel(),
        slice_sums(matrix == contracts.NOT_STARTED, start, end).reshape(shape).ravel(),
    )


def _max_scores(events: pd.DataFrame, tasks: pd.DataFrame) -> pd.Series:
    """A work's maximum by event id: the sum over the tasks of its files, else what the scale says."""
    summed = tasks.groupby("event_id")["max_points"].sum().astype("float64")
    stated = events.set_index("event_id")["max_score"].astype("float64")
    return summed.reindex(stated.index).fillna(stated)


def _pupils_win(counted: pd.DataFrame, restored: pd.DataFrame | None) -> pd.DataFrame:
    """Rows counted from pupils, and those restored from aggregate tables for units that the former lack."""
    if restored is None or restored.empty:
        return counted
    known = pd.MultiIndex.from_frame(counted[UNIT_KEY])
    others = restored[~pd.MultiIndex.from_frame(restored[UNIT_KEY]).isin(known)]
    return pd.concat([counted, others], ignore_index=True)


def _marks_win(counted: pd.DataFrame, restored: pd.DataFrame) -> pd.DataFrame:
    """As ``_pupils_win``; where pupils have no mark and the aggregate table has, its row, with the pupils' scores."""
    with_marks = pd.MultiIndex.from_frame(restored.loc[restored["marked"] > 0, UNIT_KEY])
    bare = (counted["marked"] == 0) & pd.MultiIndex.from_frame(counted[UNIT_KEY]).isin(with_marks)
    out = _pupils_win(counted[~bare], restored)
    exact = counted[bare].set_index(UNIT_KEY)[list(SCORE_COLUMNS)].reindex(pd.MultiIndex.from_frame(out[UNIT_KEY]))
    known = exact["mean_score"].notna().to_numpy()
    out.loc[known, list(SCORE_COLUMNS)] = exact[known].to_numpy()
    return out


def _finish(name: str, frame: pd.DataFrame, stamp: Stamp) -> pd.DataFrame:
    """The contract frame: values rounded to the contract's scale, the stamp in every row."""
    table = contracts.table(name)
    out = frame.assign(
        config_version=stamp.config_version, run_id=stamp.run_id, computed_at=pd.Timestamp(stamp.computed_at)
    )
    rounding = {column.name: column.scale[1] for column in table.columns if column.scale and column.name in out.columns}
    return table.conform(out.round(rounding)[table.names])


def _whole(values: pd.Series) -> NDArray:
    """A nullable integer column with 0 for null."""
    return values.to_numpy(dtype="int64", na_value=0)
