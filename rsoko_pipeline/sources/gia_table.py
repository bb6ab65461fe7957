"""Tables of РИС read by column name (CSV): a row a sitting.

Belongs here: the exam of a row, by its columns or by the folder and name under which the file came. Does not belong
here: what the cells mean (``gia``), cutting text into cells (``delimited_text``).
"""

from __future__ import annotations

import re
from collections import Counter
from datetime import date
from pathlib import PurePosixPath

from rsoko_pipeline import privacy
from rsoko_pipeline.findings import Finding
from rsoko_pipeline.sources import cells
from rsoko_pipeline.sources.gia import Exam, Exams, Sittings, Table
from rsoko_pipeline.sources.header import fits
from rsoko_pipeline.sources.job import Job
from rsoko_pipeline.sources.text import header_key

_WORD = re.compile(r"[^\s_]+")
_DAY = re.compile(r"(\d{4})[.-](\d{2})[.-](\d{2})")


def read(job: Job) -> None:
    """Read the table into ``source_exam`` and ``source_school``."""
    table = _table(job)
    if table is None:
        return
    sittings = Sittings(job)
    exams = _exams(job, table)
    if exams is not None:
        sittings.add(table, exams)
        sittings.finish()


def _table(job: Job) -> Table | None:
    """The rows under the header; None (and findings) where a required column is missing."""
    layout, grid, row = job.map, job.grid, job.map.header_row - 1
    columns: dict[str, int] = {}
    heads: dict[str, str] = {}
    for column, text in enumerate(grid.row_texts(row)):
        key = header_key(text)
        name = next((c.field for c in layout.columns if fits(key, c.headers)), None)
        if name is not None:
            columns[name], heads[name] = column, text
        elif key and not fits(key, layout.ignored) and not privacy.is_personal_header(text):
            shown = privacy.mask_label(text)
            mapping = f'- {{field: …, headers: ["{shown}"], required: false}}, или в ignored: "{shown}"'
            job.findings.append(Finding("RSK-COLUMN-UNKNOWN", {"mapping": mapping}, grid.name, row + 1, shown))
    for wanted in layout.columns:
        if wanted.required and wanted.field not in columns:
            mapping = f'- {{field: {wanted.field}, headers: ["{wanted.headers[0]}", "новое название"]}}'
            job.findings.append(
                Finding("RSK-COLUMN-MISSING", {"mapping": mapping}, grid.name, column_name=wanted.headers[0])
            )
    if job.result.is_refused:
        return None
    misshapen = dict(job.raw.misshapen)
    places = [place for place in range(row + 1, grid.height) if not grid.empty[place].all()]
    kept = []
    for place in places:
        line = int(grid.lines[place])
        if line in misshapen:
            words = {"expected": grid.width}
            job.findings.append(Finding("RSK-ROW-CELLS", words, row_number=line, value=str(misshapen[line])))
        else:
            kept.append(place)
    texts = {name: [grid.text(place, column) for place in kept] for name, column in columns.items()}
    return Table([int(grid.lines[place]) for place in kept], heads, texts)


def _exams(job: Job, table: Table) -> list[Exam | None] | None:
    """The exam of every row; None (and a finding) where neither the rows nor the file's name tell."""
    exams = Exams(job)
    days = [cells.day(text) for text in table.get("exam_date")]
    if "exam_code" in table.texts:
        codes = [text.zfill(2) if text.isdecimal() else "" for text in table.get("exam_code")]
        names = table.get("exam_code")
        grades = [int(text) if text.isdecimal() else None for text in table.get("grade")]
        keys = list(zip(codes, names, days, grades, strict=True))
        counts = Counter(keys)
        return [exams.find(code, name, day, counts[key], grade) for key in keys for code, name, day, grade in [key]]
    event_id, day = _by_name(job, exams)
    exam = exams.of_event(event_id) if event_id else None
    if exam is None:
        reason = (
            "в таблице нет столбцов с предметом и датой, поэтому назовите файл или его папку кодом экзамена"
            " из календаря, например 2026-oge-ma-9"
        )
        job.findings.append(Finding("RSK-WORK-UNKNOWN", {"reason": reason}))
        return None
    job.findings.append(Finding("RSK-WORK-FROM-FOLDER", {"folder": exam.event.event_id}))
    return [exams.on(exam, own or day) for own in days]


def _by_name(job: Job, exams: Exams) -> tuple[str | None, date | None]:
    """The event and the day in the folders and the name under which the file came."""
    path = PurePosixPath(job.facts.name)
    words = [word for part in (*path.parts[:-1], path.stem) for word in _WORD.findall(part)]
    event_id = next((word for word in words if exams.of_event(word)), None)
    found = _DAY.search(path.stem.replace(event_id or "", ""))
    return event_id, cells.day(".".join(reversed(found.groups()))) if found else None
