"""Ф1 of a few pupils and tables in csv, for tests of registers and of privacy."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openpyxl

TASKS = ("1 (2б)", "2 (1б)", "3 (3б)")
LEFT = ("ОО", "Муниципалитет", "Название ОО", "Код участника", "Класс", "Вариант")
RIGHT = ("Первичный балл", "Отметка", "Отметка по журналу")


def book(rows: Sequence[Sequence[Any]], title: str = "Лист1") -> bytes:
    """A workbook of one sheet."""
    workbook = openpyxl.Workbook()
    workbook.active.title = title
    for row in rows:
        workbook.active.append(list(row))
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()


def f1(
    schools: dict[str, str],
    *,
    year: int = 2026,
    pupils: int = 3,
    place: str = "Северный район",
    more: Sequence[tuple[str, Any]] = (),
    codes: Sequence[Any] = (),
    sheet: str = "РУ 4 Индивидуальные результаты",
) -> bytes:
    """Ф1 of Russian in grade 4.

    Args:
        schools: name by login; every school has ``pupils`` pupils.
        more: further columns: header and what stands in every row.
        codes: codes of the pupils of every school in place of 40001, 40002, …
    """
    rows: list[list[Any]] = [
        ["Индивидуальные результаты"],
        [],
        [f"ВПР {year} Русский язык 4 класс"],
        ["Предмет:", "Русский язык"],
        ["Максимальный первичный балл:", 6],
        ["Дата:", f"21.04.{year}"],
        [*[None] * 6, "Б", "Б", "П"],
        [*LEFT, *TASKS, *RIGHT, *(header for header, _ in more)],
    ]
    for login, name in schools.items():
        rows.append([f"{name}({login}) | Кол-во участников: {pupils}"])
        for number in range(pupils):
            code = codes[number] if codes else 40001 + number
            row = [login, place, f"{name}({login})", code, 1, 1, 2, 1, number % 3, 3 + number % 3, 4, 4]
            rows.append([*row, *(value for _, value in more)])
    return book(rows, sheet)


def csv(text: str) -> bytes:
    """A text table as Excel saves it."""
    return text.encode("utf-8-sig")


def put(landing: Path, name: str, content: bytes) -> Path:
    """Lay a file into the landing folder."""
    path = landing / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path
