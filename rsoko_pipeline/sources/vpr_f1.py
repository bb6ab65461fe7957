"""Ф1 «Индивидуальные результаты» of ФИС ОКО: a region's pupils of one work.

Belongs here: section rows of schools, pupils' rows. Does not belong here: the preamble (``fis_oko``), tasks
(``tasks``), checks that need a register, a scale or other rows (``validation``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from rsoko_pipeline.sources import cells, fis_oko, frames, tasks
from rsoko_pipeline.sources.header import Header
from rsoko_pipeline.sources.job import Job
from rsoko_pipeline.sources.rows import Rows


def read(job: Job) -> None:
    """Read the file into ``source_result`` and ``source_school``."""
    header = job.header()
    if header is None:
        return
    if not header.tasks:
        job.find("RSK-HEADER-MISSING", reason="нет ни одного столбца с заданием вида «1 (2б)»")
        return
    fis_oko.preamble(job, header)
    difficulty = fis_oko.place(job.map, header, job.options.get("difficulty_row"))
    job.facts.tasks = tasks.heads(job.grid, header, job.findings, difficulty_row=difficulty)
    fis_oko.check_max_score(job)
    below = job.rows_below(header)
    alone = below.is_empty([name for name in header.columns if name != "school"])
    alone &= below.are_empty(header.tasks)
    pupils = below.subset(~alone)
    job.facts.rows_read = len(pupils)
    if not len(pupils):
        job.find("RSK-ROWS-NONE")
        return
    pupils.fail_formulas()
    _results(job, header, pupils)
    _schools(job, pupils, _sections(job, below.subset(alone)))
    job.findings.extend(pupils.findings)


def _results(job: Job, header: Header, pupils: Rows) -> None:
    scores = tasks.scores(pupils, list(header.tasks), job.options["not_started"])
    schools, places = pupils.texts("school", cells.login)
    pupils.fail(
        np.array([not school for school in schools])[places],
        header.columns["school"],
        "RSK-VALUE",
        expected="логин школы",
    )
    columns = {
        "school": frames.text_column(schools, places),
        "class_no": frames.integers(pupils.numbers("class_no", cells.integer, expected="номер класса")),
        "pupil_code": tasks.pupil_codes(pupils),
        "variant": pupils.text_column("variant"),
        "present": frames.booleans(np.ones(len(pupils), dtype=bool)),
        "primary_score": pupils.numbers("primary_score"),
        "mark": frames.integers(pupils.numbers("mark", cells.mark_reader(), code="RSK-MARK-VALUE")),
        "journal_mark": frames.integers(pupils.numbers("journal_mark", cells.mark_reader(), code="RSK-MARK-VALUE")),
        "scores": frames.arrays(scores),
    }
    pupils.note_decimal_commas([*header.tasks, header.columns["primary_score"]])
    job.add("source_result", pupils, ~pupils.failed, columns)


@dataclass
class _Section:
    """A section row: where it stands, what it calls the school, how many pupils it declares."""

    place: int
    name: str
    declared: int


def _sections(job: Job, alone: Rows) -> dict[str, _Section]:
    """The section rows by school; a school whose rows come in several sections declares their sum."""
    pattern = re.compile(job.options["section"])
    column = alone.header.columns["school"]
    out: dict[str, _Section] = {}
    for place in alone.places.tolist():
        match = pattern.match(job.grid.text(place, column))
        if match is None:
            alone.fail(
                alone.places == place,
                column,
                "RSK-VALUE",
                expected="строка школы «название(логин) | Кол-во участников: число»",
            )
            continue
        school = cells.login(match["school"])
        before = out.get(school)
        declared = int(match["declared"]) + (before.declared if before else 0)
        out[school] = _Section(before.place if before else place, match["name"].strip(), declared)
    job.findings.extend(alone.findings)
    return out


def _schools(job: Job, pupils: Rows, sections: dict[str, _Section]) -> None:
    """A row a school in the order of the file: declared count from its section, names from its first pupil's row."""
    logins, places = pupils.texts("school", cells.login)
    counts = np.bincount(places, minlength=len(logins))
    first = {
        logins[place]: row for place, row in zip(*np.unique(places, return_index=True), strict=True) if logins[place]
    }
    starts = {school: int(pupils.places[row]) for school, row in first.items()}
    starts.update((school, section.place) for school, section in sections.items())
    units = sorted(starts, key=starts.__getitem__)
    read = dict(zip(logins, counts.tolist(), strict=True))
    names, municipalities = pupils.texts("school_name"), pupils.texts("municipality_name")

    def of_first(texts: tuple[list[str], np.ndarray], school: str, otherwise: str) -> tuple[str, str | None]:
        return cells.coded(texts[0][texts[1][first[school]]]) if school in first else (otherwise, None)

    shown = [of_first(names, unit, sections[unit].name if unit in sections else "")[0] for unit in units]
    belongs = [of_first(municipalities, unit, "") for unit in units]
    declared = [float(sections[unit].declared) if unit in sections else np.nan for unit in units]
    each = np.arange(len(units))
    columns = {
        "school": frames.text_column(units, each),
        "school_name": frames.text_column(shown, each),
        "municipality": frames.text_column([code for _, code in belongs], each),
        "municipality_name": frames.text_column([name for name, _ in belongs], each),
        "declared": frames.integers(np.array(declared), "Int32"),
        "rows": frames.integers(np.array([float(read.get(unit, 0)) for unit in units]), "Int32"),
    }
    rows = Rows(job.grid, pupils.header, np.array([starts[unit] for unit in units], dtype=np.intp))
    job.add("source_school", rows, np.ones(len(units), dtype=bool), columns)
