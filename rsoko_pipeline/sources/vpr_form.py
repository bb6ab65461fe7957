"""«Форма сбора результатов»: a school's pupils of one work, filled in by the school, of one part or of two.

Belongs here: which rows are pupils, absent pupils, to which work a form belongs. Does not belong here: tasks
(``tasks``), checks that need a register, a scale or other rows (``validation``).
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath

import numpy as np

from rsoko_pipeline.findings import Finding
from rsoko_pipeline.sources import cells, frames, tasks, work
from rsoko_pipeline.sources.grid import Grid
from rsoko_pipeline.sources.header import Header
from rsoko_pipeline.sources.job import Job
from rsoko_pipeline.sources.rows import Rows
from rsoko_pipeline.sources.text import fold

#: What the sheet «Служебный» is assumed to say: keys in column A, values in column B.
_SERVICE = fold("Служебный")
_LOGIN, _NAME, _PLACE, _SUBJECT, _GRADE, _YEAR, _PROCEDURE = map(
    fold, ("Логин ОО", "Название ОО", "Муниципалитет", "Предмет", "Класс", "Год", "Процедура")
)
_LOGIN_IN_NAME = re.compile(r"(?<![a-z0-9])(?:edu|sch)\d{4,}", re.IGNORECASE)


def read(job: Job) -> None:
    """Read the form into ``source_result`` and ``source_school``."""
    header = job.header()
    if header is None:
        return
    if not header.tasks:
        job.find("RSK-HEADER-MISSING", reason="нет ни одного столбца с заданием вида «1 (5б)»")
        return
    job.facts.tasks = tasks.heads(job.grid, header, job.findings)
    service = _service(job)
    school = job.facts.school = _find_work(job, service)
    pupils, codes_only = _pupils(job.grid, header)
    job.facts.rows_read = len(pupils)
    if not len(pupils):
        job.find("RSK-FORM-EMPTY")
        return
    if codes_only:
        job.find("RSK-FORM-CODES-ONLY", rows=codes_only)
    if school is None:
        job.find("RSK-WORK-UNKNOWN", reason="не указан логин школы")
        return
    pupils.fail_formulas()
    _results(job, header, pupils, school)
    _school(job, pupils, school, service)
    job.findings.extend(pupils.findings)


def _pupils(grid: Grid, header: Header) -> tuple[Rows, int]:
    """The pupils' rows, and how many others hold a pupil's code alone; rows laid out beforehand are looked at once."""
    first = header.row + 1
    some = Rows(grid, header, np.arange(first, min(max(grid.height - grid.repeats, first + 1), grid.height)))
    filled = ~some.is_empty(["variant", "variant_2", "class_no", "journal_mark"])
    filled |= ~some.are_empty(header.tasks)
    codes_only = ~filled & ~some.is_empty(["pupil_code"])
    times = np.ones(len(some), dtype=np.intp)
    times[-1:] += grid.height - first - len(some)
    places = np.arange(first, grid.height)[np.repeat(filled, times)]
    return Rows(grid, header, places), int(times[codes_only].sum())


def _results(job: Job, header: Header, pupils: Rows, school: str) -> None:
    absent_words = frozenset(map(fold, job.options["absent"]))
    scores = tasks.scores(pupils, list(header.tasks), job.options["not_started"])
    variants, places = pupils.texts("variant")
    absent = np.array([fold(variant) in absent_words for variant in variants])[places]
    if "variant_2" in pupils:
        variants, places = _both_parts(pupils, absent_words)
    total = pupils.numbers("primary_score")
    total[absent & (total == 0)] = np.nan
    without_scores = absent & (scores == cells.BLANK).all(axis=1)
    score_rows = frames.arrays(scores)
    score_rows[without_scores] = None
    marks = cells.mark_reader(job.options["no_mark"])
    columns = {
        "school": frames.constant(school, len(pupils)),
        "class_no": frames.integers(pupils.numbers("class_no", cells.integer, expected="порядковый номер класса")),
        "pupil_code": tasks.pupil_codes(pupils),
        "variant": frames.text_column(["" if fold(v) in absent_words else v for v in variants], places),
        "present": frames.booleans(~absent),
        "primary_score": total,
        "journal_mark": frames.integers(pupils.numbers("journal_mark", marks, code="RSK-MARK-VALUE")),
        "scores": score_rows,
    }
    job.add("source_result", pupils, ~pupils.failed, columns)


def _both_parts(pupils: Rows, absent_words: frozenset[str]) -> tuple[list[str], np.ndarray]:
    """«1/2» for a pupil with variant 1 of part 1 and variant 2 of part 2; '' for an absent one."""
    (first, i), (second, j) = pupils.texts("variant"), pupils.texts("variant_2")
    texts = [
        ""
        if fold(one) in absent_words
        else "/".join(part for part in (one, two) if part and fold(part) not in absent_words)
        for one in first
        for two in second
    ]
    return texts, i * len(second) + j


def _school(job: Job, pupils: Rows, school: str, service: dict[str, str]) -> None:
    name, _ = cells.coded(service.get(_NAME, ""))
    municipality, code = cells.coded(service.get(_PLACE, ""))
    rows = Rows(job.grid, pupils.header, pupils.places[:1])
    columns = {
        "school": frames.constant(school, 1),
        "school_name": frames.constant(name, 1),
        "municipality": frames.constant(code, 1),
        "municipality_name": frames.constant(municipality, 1),
        "rows": frames.integers(np.array([float(len(pupils))]), "Int32"),
    }
    job.add("source_school", rows, np.ones(1, dtype=bool), columns)


def _service(job: Job) -> dict[str, str]:
    """The keys and values of the sheet «Служебный»."""
    sheet: Grid | None = next((s for s in job.raw.sheets if s.name and fold(s.name) == _SERVICE), None)
    return {fold(sheet.text(row, 0)).rstrip(":"): sheet.text(row, 1) for row in range(sheet.height)} if sheet else {}


def _find_work(job: Job, service: dict[str, str]) -> str | None:
    """Find the form's event and return its school: from «Служебный», else from the folder and name it came under.

    Works of other procedures come in the same form, with a row «Процедура» on the sheet «Служебный».
    """
    facts, cfg = job.facts, job.cfg
    school = cells.login(service[_LOGIN]) if service.get(_LOGIN) else None
    grade, year = cells.integer(service.get(_GRADE, "")), cells.integer(service.get(_YEAR, ""))
    if named := service.get(_PROCEDURE):
        procedure = cfg.procedure_named(named)
        facts.procedure = procedure.id if procedure else None
    if service.get(_SUBJECT) and grade <= 12 and year <= 2100:
        facts.grade, facts.year = int(grade), int(year)
        work.find_event(facts, cfg, subject=service[_SUBJECT], findings=job.findings)
    else:
        folder = next((part for part in PurePosixPath(facts.name).parts[:-1] if part in cfg.calendar.events), None)
        if folder is None:
            reason = "на листе «Служебный» нет предмета, класса и года, и форма лежит не в папке своей работы"
            job.findings.append(Finding("RSK-WORK-UNKNOWN", {"reason": reason}))
        else:
            event = cfg.calendar.events[folder]
            facts.procedure, facts.subject, facts.grade, facts.year = (
                event.procedure,
                event.subject,
                event.grade,
                event.year,
            )
            facts.event_id = folder
            job.findings.append(Finding("RSK-WORK-FROM-FOLDER", {"folder": folder}))
    if school is None and (found := _LOGIN_IN_NAME.search(PurePosixPath(facts.name).name)):
        school = found[0].lower()
    return school
