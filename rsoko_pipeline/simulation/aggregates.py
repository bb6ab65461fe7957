"""Aggregates by groups of participants: Ф3, comparison with the journal, distribution of scores, consolidated tables.

Belongs here: counting the true works by group and the layout of those reports. Does not belong here: pupils' rows
(``f1``, ``forms``), registers (``registers``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from rsoko_pipeline.simulation import xlsx
from rsoko_pipeline.simulation.f1 import preamble
from rsoko_pipeline.simulation.model import WorkResult
from rsoko_pipeline.simulation.parameters import WorkSpec
from rsoko_pipeline.simulation.protocols import Heading
from rsoko_pipeline.simulation.streams import stream
from rsoko_pipeline.simulation.xlsx import Cell

MARKS_TITLE = "Статистика по отметкам"
JOURNAL_TITLE = "Сравнение отметок с отметками по журналу"
SCORES_TITLE = "Распределение первичных баллов"
WHOLE_SAMPLE = "Вся выборка"
_GROUP_HEADER = ("Группы участников", "Кол-во ОО", "Кол-во участников")
_LIST_HEADER = ("Год", "Логин", "Муниципалитет", "ОО")
_COUNTRY = 88
_JOURNAL_KINDS = (
    "Понизили (Отметка < Отметка по журналу)",
    "Подтвердили (Отметка = Отметке по журналу)",
    "Повысили (Отметка > Отметка по журналу)",
)
_LABEL_COLUMNS = ((4, "РУ", "ru"), (4, "МА", "ma"), (5, "РУ", "ru"), (5, "МА", "ma"))


@dataclass(frozen=True)
class Counts:
    """A work counted by school; schools are the rows of the register in order of login.

    Attributes:
        scores: pupils by primary score (schools × 0..maximum).
        marks: pupils by mark 2–5 (schools × 4).
        journal: pupils whose mark is below, equal to, above the journal's (schools × 3).
    """

    spec: WorkSpec
    scores: np.ndarray
    marks: np.ndarray
    journal: np.ndarray


def count(work: WorkResult, register: pd.DataFrame) -> Counts:
    """Count a work by school; ``register`` is in the order of the simulation's positions."""
    rank = np.argsort(np.argsort(register["school"].to_numpy()))
    here = work.present
    school, mark, journal = rank[work.school[here]], work.mark[here], work.journal[here]
    known = journal > 0
    return Counts(
        work.spec,
        _table(school, work.total[here], len(register), work.spec.max_score + 1),
        _table(school, mark - 2, len(register), 4),
        _table(school[known], 1 + np.sign(mark[known] - journal[known]), len(register), 3),
    )


def _table(row: np.ndarray, column: np.ndarray, rows: int, columns: int) -> np.ndarray:
    return np.bincount(row.astype(np.int64) * columns + column, minlength=rows * columns).reshape(rows, columns)


def _percent(part: np.ndarray | int, whole: np.ndarray | int) -> np.ndarray:
    return np.round(100 * np.asarray(part) / np.maximum(whole, 1), 2)


def _groups(register: pd.DataFrame, region: str) -> list[tuple[str, np.ndarray, bool]]:
    """(name, schools, is a school): the region, then every municipality followed by its schools."""
    ordered = register.sort_values("school", ignore_index=True)
    out = [(region, np.ones(len(ordered), dtype=bool), False)]
    for code, members in ordered.groupby("municipality", sort=True):
        name = members["municipality_name"].iloc[0]
        out.append((f"{name}({code})", (ordered["municipality"] == code).to_numpy(), False))
        for i, school, title in zip(members.index, members["school"], members["school_name"], strict=True):
            alone = np.zeros(len(ordered), dtype=bool)
            alone[i] = True
            out.append((f"{title}({school})", alone, True))
    return out


def _report(
    title: str, heading: Heading, spec: WorkSpec, header: Sequence[Cell], rows: Iterable[Sequence[Cell]]
) -> bytes:
    head = preamble(title, heading, spec.max_score)
    return xlsx.table(heading.sheet(title), [*head, [], header, *rows])


def _by_group(counts: Counts, register: pd.DataFrame, region: str) -> Iterable[tuple[str, int | None, np.ndarray]]:
    """(name, number of schools or None for a school, mask) of the groups that took part."""
    wrote = counts.marks.sum(axis=1) > 0
    for name, schools, is_school in _groups(register, region):
        if (taking_part := schools & wrote).any():
            yield name, None if is_school else int(taking_part.sum()), taking_part


def marks_report(counts: Counts, heading: Heading, register: pd.DataFrame, region: str) -> bytes:
    """Ф3 «Статистика по отметкам»."""
    schools, pupils = int((counts.marks.sum(axis=1) > 0).sum()), int(counts.marks.sum())
    country = (round(100 * share, 2) for share in counts.spec.shares)
    rows: list[list[Cell]] = [[WHOLE_SAMPLE, schools * _COUNTRY, pupils * _COUNTRY, *country]]
    for name, n_schools, mask in _by_group(counts, register, region):
        marks = counts.marks[mask].sum(axis=0)
        n = int(marks.sum())
        rows.append([name, n_schools, n, *_percent(marks, n).tolist()])
    return _report(MARKS_TITLE, heading, counts.spec, [*_GROUP_HEADER, 2, 3, 4, 5], rows)


def journal_report(counts: Counts, heading: Heading, register: pd.DataFrame, region: str) -> bytes:
    """«Сравнение отметок с отметками по журналу», the layout with a row a group; pupils with a journal mark count."""
    header: list[Cell] = ["Группы участников", "Кол-во участников(всего)"]
    for kind in _JOURNAL_KINDS:
        header += [f"{kind} %", f"{kind} Кол-во участников"]
    rows: list[list[Cell]] = []
    for name, _, mask in _by_group(counts, register, region):
        compared = counts.journal[mask].sum(axis=0)
        n = int(compared.sum())
        pairs = zip(_percent(compared, n).tolist(), compared.tolist(), strict=True)
        rows.append([name, n, *(value for pair in pairs for value in pair)])
    return _report(JOURNAL_TITLE, heading, counts.spec, header, rows)


def scores_report(counts: Counts, heading: Heading, register: pd.DataFrame, region: str) -> bytes:
    """«Распределение первичных баллов»."""
    rows: list[list[Cell]] = []
    for name, n_schools, mask in _by_group(counts, register, region):
        scores = counts.scores[mask].sum(axis=0)
        n = int(scores.sum())
        rows.append([name, n_schools, n, *_percent(scores, n).tolist()])
    return _report(SCORES_TITLE, heading, counts.spec, [*_GROUP_HEADER, *range(counts.spec.max_score + 1)], rows)


def consolidated_marks(works: Sequence[tuple[Counts, Heading]], register: pd.DataFrame) -> list[list[Cell]]:
    """The region's consolidated table of marks, header first, a row a work × school."""
    return _consolidated(works, register, "marks", ["2", "3", "4", "5"])


def consolidated_scores(works: Sequence[tuple[Counts, Heading]], register: pd.DataFrame) -> list[list[Cell]]:
    """The region's consolidated table of primary scores; blank beyond the work's maximum."""
    top = max((counts.spec.max_score for counts, _ in works), default=0)
    return _consolidated(works, register, "scores", [str(score) for score in range(top + 1)])


def _consolidated(
    works: Sequence[tuple[Counts, Heading]], register: pd.DataFrame, what: str, columns: list[str]
) -> list[list[Cell]]:
    ordered = register.sort_values("school", ignore_index=True)
    names = ordered[["municipality_name", "school", "school_name"]].to_numpy().tolist()
    out: list[list[Cell]] = [["Год", "Класс", "Предмет", "Муниципалитет", "Логин", "ОО", "Кол-во участников", *columns]]
    for counts, heading in works:
        table = getattr(counts, what)
        n = table.sum(axis=1)
        percent = _percent(table, n[:, None])
        key: list[Cell] = [heading.year, heading.grade, heading.subject]
        out += [[*key, *names[i], int(n[i]), *percent[i].tolist()] for i in np.flatnonzero(n).tolist()]
    return out


def official_list(
    works: Sequence[tuple[WorkResult, Heading]], register: pd.DataFrame, year: int, seed: int
) -> list[list[Cell]]:
    """The official list of schools with signs, header first.

    Half of the dishonest schools of a work and a few honest ones have a marker; blank where nobody wrote.
    """
    rng = stream(seed, "official-list", year)
    written = {(head.grade, work.spec.subject): work for work, head in works if head.year == year}
    columns = [written.get((grade, subject)) for grade, _, subject in _LABEL_COLUMNS]
    cells = np.full((len(register), len(columns)), -1)
    for k, work in enumerate(columns):
        if work is None:
            continue
        chance = np.full(len(register), 0.015)
        chance[[one.school for one in work.truth]] = 0.5
        wrote = np.bincount(work.school[work.present], minlength=len(register)) > 0
        cells[:, k] = np.where(wrote, rng.random(len(register)) < chance, -1)
    names = (f"{grade} {short}" for grade, short, _ in _LABEL_COLUMNS)
    header: list[Cell] = [*_LIST_HEADER, *names, "Количество маркеров"]
    rows: list[list[Cell]] = []
    for i in np.argsort(register["school"].to_numpy()).tolist():
        total = int((cells[i] == 1).sum())
        if total:
            school = register.iloc[i]
            values: list[Cell] = [None if v < 0 else int(v) for v in cells[i]]
            rows.append([year, school["school"], school["municipality_name"], school["school_name"], *values, total])
    return [header, *rows]
