"""The collection form that a school fills in, pre-filled down to row 1,499: a workbook a school × work.

Belongs here: where things stand in a form, of one part and of two. Does not belong here: what they are (``protocols``).
A form is put together from constant packed parts; only the pupils' rows and the sheet «Служебный» are made anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from rsoko_pipeline.simulation import xlsx
from rsoko_pipeline.simulation.f1 import task_headers
from rsoko_pipeline.simulation.protocols import NOT_STARTED_LETTERS, Heading, Protocol
from rsoko_pipeline.simulation.xlsx import Cell, Part, SharedStrings, Tail, letters

SHEETS = ("Протокол", "Служебный", "Порядковый номер класса")
ABSENT = "отсутствовал"
NO_JOURNAL_MARK = "нет отметки"
LAST_ROW = 1_499
SERVICE_KEYS = ("Логин ОО", "Название ОО", "Муниципалитет", "Предмет", "Класс", "Год")
JOURNAL = "Отметка за предыдущий триместр/ четверть/полугодие"
_CLASS_LETTERS = "АБВГДЕЖЗИКЛМНОП"
_TAIL_EVERY = 256
_HELPERS = 2


class FormWriter:
    """Writes the forms of one work.

    Args:
        labels: the tasks' labels as the header prints them.
        max_points: their largest scores.
        heading: the work's names.
        second_part: position of the first task of part 2, None for a work of one part.
    """

    def __init__(
        self, labels: tuple[str, ...], max_points: tuple[int, ...], heading: Heading, second_part: int | None = None
    ) -> None:
        self._heading = heading
        self._second_part = second_part
        self._n_tasks = len(labels)
        self._strings = SharedStrings()
        header: list[Cell] = list(self._header(task_headers(labels, max_points)))
        self._columns = len(header) + _HELPERS
        self._total = len(header) - 1
        self._head = xlsx.SHEET_BEGIN + xlsx.row_xml(1, header, self._strings)
        words = {word: self._strings[word] for word in (*NOT_STARTED_LETTERS, ABSENT, NO_JOURNAL_MARK, "м", "ж")}
        self._text = {word: f' t="s"><v>{index}</v></c>' for word, index in words.items()}
        names: list[list[Cell]] = [[k, f"{heading.grade}{letter}"] for k, letter in enumerate(_CLASS_LETTERS, 1)]
        header_of_names: list[Cell] = ["Порядковый номер класса", "Название класса"]
        classes = xlsx.sheet_part(3, xlsx.rows_xml([header_of_names, *names], self._strings))
        self._service_keys = [self._strings[key] for key in SERVICE_KEYS]
        self._constant: tuple[Part, ...] = (*xlsx.frame_parts(SHEETS), self._strings.part(), classes)
        self._empty_row = self._make_empty_row()
        self._tail = cache(self._make_tail)

    def _header(self, tasks: Sequence[str]) -> list[str]:
        if self._second_part is None:
            return ["Код участника", "Вариант", *tasks, "Порядковый номер класса", JOURNAL, "Итого баллов"]
        k = self._second_part
        return [
            "Код",
            "Вариант (часть 1)",
            *tasks[:k],
            "Вариант (часть 2)",
            *tasks[k:],
            "Класс № (порядковый номер)",
            "Пол (м/ж)",
            JOURNAL,
            "Итого баллов",
        ]

    def _make_empty_row(self) -> str:
        style = f' s="{xlsx.BORDERED}"'
        cells = "".join(f'<c r="{letters(c)}#"{style}/>' for c in range(self._total))
        cells += f'<c r="{letters(self._total)}#"{style}><v>0</v></c>'
        cells += "".join(f'<c r="{letters(c)}#"><v>0</v></c>' for c in range(self._total + 1, self._columns))
        return f'<row r="#">{cells}</row>'

    def _empty_rows(self, first: int, stop: int) -> str:
        """Pre-filled rows: formatted cells, 0 in «Итого баллов» and in the helper columns."""
        return "".join(self._empty_row.replace("#", str(number)) for number in range(first, stop))

    def _make_tail(self, first: int) -> Tail:
        return Tail.of((self._empty_rows(first, LAST_ROW + 1) + xlsx.SHEET_END).encode())

    def form(self, protocol: Protocol, position: int, start: int, stop: int) -> bytes:
        """The form of one school: rows ``start`` to ``stop`` (excluded) of the protocol; none for an empty form."""
        rows = [self._row(protocol, i, number) for number, i in enumerate(range(start, stop), 2)]
        empty = 2 + len(rows)
        constant = min(-(-empty // _TAIL_EVERY) * _TAIL_EVERY, LAST_ROW + 1)
        head = self._head + "".join(rows) + self._empty_rows(empty, constant)
        sheet = self._tail(constant).after(xlsx.sheet_name(1), head)
        school = protocol.schools[position]
        place = f"{school.municipality}({school.municipality_code})"
        values = (school.login, school.name, place, self._heading.subject, self._heading.grade, self._heading.year)
        return xlsx.archive([*self._constant, sheet, self._service(values)])

    def _row(self, protocol: Protocol, i: int, number: int) -> str:
        if not protocol.present[i]:
            parts = [ABSENT] if self._second_part is None else [ABSENT, ABSENT]
            values: list[Cell] = [int(protocol.code[i]), *self._with_variants([None] * self._n_tasks, parts)]
            values += [None] * (self._total - len(values)) + [0, 0, 0]
        else:
            tasks: list[Cell] = [NOT_STARTED_LETTERS[-1 - k] if k < 0 else k for k in protocol.cells[i].tolist()]
            variant = int(protocol.variant[i])
            parts_here: list[Cell] = [variant] if self._second_part is None else [variant, 3 - variant]
            journal = int(protocol.journal[i]) or NO_JOURNAL_MARK
            values = [int(protocol.code[i]), *self._with_variants(tasks, parts_here), int(protocol.class_no[i])]
            values += [] if self._second_part is None else ["мж"[int(protocol.code[i]) % 2]]
            values += [journal, int(protocol.total[i]), self._n_tasks, 1]
        cells = "".join(self._cell(c, number, v) for c, v in enumerate(values) if v is not None)
        return f'<row r="{number}">{cells}</row>'

    def _with_variants(self, tasks: list[Cell], variants: Sequence[Cell]) -> list[Cell]:
        if self._second_part is None:
            return [*variants, *tasks]
        return [variants[0], *tasks[: self._second_part], variants[1], *tasks[self._second_part :]]

    def _cell(self, column: int, number: int, value: Cell) -> str:
        inner = self._text[value] if isinstance(value, str) else f"><v>{value}</v></c>"
        return f'<c r="{letters(column)}{number}"{inner}'

    def _service(self, values: Sequence[str | int]) -> Part:
        rows = []
        for number, (key, value) in enumerate(zip(self._service_keys, values, strict=True), 1):
            cell = xlsx.inline_cell(f"B{number}", value)
            rows.append(f'<row r="{number}"><c r="A{number}" t="s"><v>{key}</v></c>{cell}</row>')
        return xlsx.sheet_part(2, "".join(rows))
