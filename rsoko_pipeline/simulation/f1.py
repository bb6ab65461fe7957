"""Ф1 «Индивидуальные результаты» of ФИС ОКО: one workbook a work for the whole region.

Belongs here: where things stand in Ф1. Does not belong here: what they are (``protocols``), XML (``xlsx``).
"""

from __future__ import annotations

import numpy as np

from rsoko_pipeline.simulation import xlsx
from rsoko_pipeline.simulation.protocols import NOT_STARTED_LETTERS, Heading, Protocol
from rsoko_pipeline.simulation.xlsx import Cell, SharedStrings, letters

TITLE = "Индивидуальные результаты"
_LEFT = ("ОО", "Муниципалитет", "Название ОО", "Код участника", "Класс", "Вариант")
_RIGHT = ("Первичный балл", "Отметка", "Отметка по журналу")
_HEADER_ROW = 8


def preamble(title: str, heading: Heading, max_score: int) -> list[list[Cell]]:
    """Rows 1–6 of every report of ФИС ОКО."""
    return [
        [title],
        [],
        [heading.work],
        ["Предмет:", heading.subject],
        ["Максимальный первичный балл:", max_score],
        ["Дата:", heading.written.strftime("%d.%m.%Y")],
    ]


def task_headers(labels: tuple[str, ...], max_points: tuple[int, ...]) -> list[str]:
    """«1 (2б)», «9.1 (1б)», «4К1 (3б)»."""
    return [f"{label} ({points}б)" for label, points in zip(labels, max_points, strict=True)]


def f1_workbook(protocol: Protocol) -> bytes:
    """The workbook; absent pupils do not stand in Ф1, a school all of whose pupils were absent neither."""
    written = protocol.take(np.flatnonzero(protocol.present))
    spec = written.spec
    strings = SharedStrings()
    head: list[list[Cell]] = preamble(TITLE, written.heading, spec.max_score)
    head.append([None, None, "Уровень сложности задания", None, None, None, *spec.levels])
    labels = next(iter(written.labels_of.values()), written.labels)
    head.append([*_LEFT, *task_headers(labels, spec.max_points), *_RIGHT])
    xml = [xlsx.rows_xml(head, strings)]

    rows = _cells(written, strings)
    number = _HEADER_ROW + 1
    for position, start, stop in written.sections():
        school = written.schools[position]
        declared = written.declared.get(position, stop - start)
        xml.append(xlsx.row_xml(number, [f"{school.titled} | Кол-во участников: {declared}"], strings))
        template = _template(strings[school.login], strings[school.municipality], strings[school.titled], rows.shape[1])
        number += 1
        for values in rows[start:stop].tolist():
            xml.append(template.replace("#", str(number)) % tuple(values))
            number += 1
    xml.append(xlsx.formatted_rows(number, written.trailing, len(head[-1])))
    sheet = xlsx.sheet_part(1, "".join(xml))
    return xlsx.archive([*xlsx.frame_parts((written.heading.sheet(TITLE),)), strings.part(), sheet])


def _cells(written: Protocol, strings: SharedStrings) -> np.ndarray:
    """The inner XML of every cell from «Код участника» on: rows × columns of strings."""
    lowest, highest = -len(NOT_STARTED_LETTERS), max(int(written.cells.max(initial=0)), max(written.spec.max_points))
    points = [f' t="s"><v>{strings[letter]}</v></c>' for letter in reversed(NOT_STARTED_LETTERS)]
    points += [f"><v>{k}</v></c>" for k in range(highest + 1)]
    scores = np.array(points, dtype=object)[written.cells - lowest]
    left = [written.code, written.class_no, written.variant]
    right = [written.total, written.mark]
    plain = [np.array([f"><v>{v}</v></c>" for v in column.tolist()], dtype=object) for column in (*left, *right)]
    marks = np.array(["/>", *(f"><v>{k}</v></c>" for k in range(1, 6))], dtype=object)
    return np.column_stack([*plain[:3], scores, *plain[3:], marks[written.journal]])


def _template(login: int, municipality: int, title: int, columns: int) -> str:
    """A row with ``#`` for its number and ``%s`` for the cells that differ between a school's pupils."""
    texts = zip("ABC", (login, municipality, title), strict=True)
    fixed = "".join(f'<c r="{letter}#" t="s"><v>{index}</v></c>' for letter, index in texts)
    return f'<row r="#">{fixed}' + "".join(f'<c r="{letters(3 + c)}#"%s' for c in range(columns)) + "</row>"
