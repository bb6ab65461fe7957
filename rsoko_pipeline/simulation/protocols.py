"""What a file of pupils' works is going to say: the true works laid out for printing.

Belongs here: the printable form of a work, shared by Ф1 and collection forms; mistakes are made on it (``dirt``), never
on the true works. Does not belong here: cells and XML (``f1``, ``forms``).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np
import pandas as pd

from rsoko_pipeline.simulation.model import WorkResult
from rsoko_pipeline.simulation.parameters import WorkSpec
from rsoko_pipeline.simulation.streams import stream

#: How X is printed; a cell of a protocol holds −1−k for the k-th letter: Latin X, x, Cyrillic Х, х.
NOT_STARTED_LETTERS = ("X", "x", "Х", "х")


@dataclass(frozen=True)
class Heading:
    """The names of a work in files: «Русский язык», «РУ», 4, 2026, the date of writing, the school year."""

    procedure: str
    subject: str
    short: str
    grade: int
    year: int
    written: date
    school_year: str

    @property
    def work(self) -> str:
        """Row 3 of the reports: «ВПР 2026 Русский язык 4 класс»."""
        return f"{self.procedure} {self.year} {self.subject} {self.grade} класс"

    def sheet(self, title: str) -> str:
        """The sheet's name: Excel allows 31 characters."""
        return f"{self.short} {self.grade} {title}"[:31]


@dataclass(frozen=True)
class SchoolText:
    """How a file names a school: login, name, municipality without and with its code."""

    login: str
    name: str
    municipality: str
    municipality_code: str

    @property
    def titled(self) -> str:
        """«МБОУ «СОШ №1 …»(edu990001)»."""
        return f"{self.name}({self.login})"


@dataclass
class Protocol:
    """One work, ready to print. Rows are sorted as files are: by school (login), then by pupil.

    Attributes:
        spec: the work.
        heading: its names.
        position: the school's position in the region (rows).
        code, class_no, variant: pupil code, ordinal of the class, 1 or 2 (rows).
        present: wrote the work (rows).
        cells: points, or −1−k for the k-th letter of ``NOT_STARTED_LETTERS`` (rows × tasks).
        total, mark, journal: primary score, mark, journal mark with 0 for none (rows).
        schools: how each school is named, by position.
        labels: the tasks' labels.
        labels_of: how one school's file prints the labels, by position; Ф1 has one header for all.
        declared: declared counts that are not the true ones, by position.
        trailing: formatted empty rows below the table.
    """

    spec: WorkSpec
    heading: Heading
    position: np.ndarray
    code: np.ndarray
    class_no: np.ndarray
    variant: np.ndarray
    present: np.ndarray
    cells: np.ndarray
    total: np.ndarray
    mark: np.ndarray
    journal: np.ndarray
    schools: dict[int, SchoolText]
    labels: tuple[str, ...]
    labels_of: dict[int, tuple[str, ...]] = field(default_factory=dict)
    declared: dict[int, int] = field(default_factory=dict)
    trailing: int = 0

    def __len__(self) -> int:
        return len(self.code)

    def take(self, rows: np.ndarray) -> Protocol:
        """The protocol of some rows alone."""
        names = ("position", "code", "class_no", "variant", "present", "cells", "total", "mark", "journal")
        positions = set(np.unique(self.position[rows]).tolist())
        return replace(
            self,
            **{name: getattr(self, name)[rows] for name in names},
            schools={p: text for p, text in self.schools.items() if p in positions},
            declared={p: n for p, n in self.declared.items() if p in positions},
            labels_of={p: labels for p, labels in self.labels_of.items() if p in positions},
        )

    def sections(self) -> list[tuple[int, int, int]]:
        """(position, first row, row after the last) of every school in order."""
        if not len(self):
            return []
        starts = np.flatnonzero(np.r_[True, self.position[1:] != self.position[:-1]])
        stops = np.r_[starts[1:], len(self)]
        return list(zip(self.position[starts].tolist(), starts.tolist(), stops.tolist(), strict=True))

    def rows_of(self, position: int) -> np.ndarray:
        """Rows of one school."""
        return np.flatnonzero(self.position == position)


def school_texts(register: pd.DataFrame) -> dict[int, SchoolText]:
    """How the register names the schools, by position."""
    columns = register[["school", "school_name", "municipality_name", "municipality"]].itertuples(index=False)
    return {i: SchoolText(*row) for i, row in enumerate(columns)}


def protocol(work: WorkResult, heading: Heading, schools: dict[int, SchoolText], seed: int) -> Protocol:
    """Lay out a work for printing, free of mistakes."""
    logins = np.array([schools[p].login for p in range(len(schools))])
    rank = np.argsort(np.argsort(logins))
    rows = np.argsort(rank[work.school], kind="stable")
    variant = stream(seed, "variant", work.spec.work_id).integers(1, 3, rows.size).astype(np.int8)
    return Protocol(
        spec=work.spec,
        heading=heading,
        position=work.school[rows],
        code=work.pupil_code[rows],
        class_no=work.class_no[rows],
        variant=variant,
        present=work.present[rows],
        cells=np.where(work.not_started, -1, work.scores).astype(np.int16)[rows],
        total=work.total[rows],
        mark=work.mark[rows],
        journal=work.journal[rows],
        schools=dict(schools),
        labels=work.spec.labels,
    )
