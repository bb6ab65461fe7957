"""Files in the real layouts, made small; a reader without a child process for tests of anything but the processes.

- ``cfg``: the shipped configuration;
- ``read``: bytes or a path → ``ReadResult``, opened in this process;
- ``f1``, ``form``, ``report``, ``table``: makers of workbooks; ``book`` makes one of plain rows.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

import pytest

from rsoko_pipeline import configuration
from rsoko_pipeline.configuration import Configuration
from rsoko_pipeline.sources import reading, sandbox, worker
from rsoko_pipeline.sources.model import ReadResult
from rsoko_pipeline.sources.sandbox import RawFile

Row = Sequence[Any]
LOGIN, NAME, PLACE = "edu990001", "МБОУ «СОШ № 1»", "Северный муниципальный район"
TASKS = (("1", 2), ("2", 1), ("4К1", 3))


class Read(Protocol):
    def __call__(self, content: bytes | Path, name: str = ..., cfg: Configuration | None = ...) -> ReadResult: ...


def open_here(path: Path, name: str, cfg: Configuration) -> RawFile:
    """Open a file as a child process would, in this process."""
    out = io.BytesIO()
    worker.answer({"path": str(path), "name": name}, cfg.limits, reading.signatures(cfg), out)
    out.seek(0)
    head = json.loads(out.read(int.from_bytes(out.read(4), "big")))
    return sandbox.decode(path, name, head, [out.read(sheet["size"]) for sheet in head["sheets"]])


@pytest.fixture(scope="session")
def cfg() -> Configuration:
    return configuration.load("")


@pytest.fixture
def read(cfg: Configuration, tmp_path: Path) -> Read:
    shipped = cfg

    def read(content: bytes | Path, name: str = "file.xlsx", cfg: Configuration | None = None) -> ReadResult:
        path = content if isinstance(content, Path) else tmp_path / "content"
        if isinstance(content, bytes):
            path.write_bytes(content)
        return reading.read_raw(open_here(path, name, cfg or shipped), cfg or shipped, b"key")

    return read


def _book(sheets: dict[str, Sequence[Row]], hidden: Sequence[str] = ()) -> bytes:
    import openpyxl

    workbook = openpyxl.Workbook()
    workbook.remove(workbook.active)
    for name, rows in sheets.items():
        sheet = workbook.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
        if name in hidden:
            sheet.sheet_state = "hidden"
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()


@pytest.fixture(scope="session")
def book() -> Callable[..., bytes]:
    """A workbook of sheets: name → rows."""
    return _book


def preamble(
    title: str, work: str = "ВПР 2026 Русский язык 4 класс", maximum: float = 6, when: str = "21.04.2026"
) -> list[Row]:
    """Rows 1–6 of a report of ФИС ОКО."""
    return [
        [title],
        [],
        [work],
        ["Предмет:", "Русский язык"],
        ["Максимальный первичный балл:", maximum],
        ["Дата:", when],
    ]


def pupil(
    code: Any, *scores: Any, school: str = LOGIN, total: Any = None, mark: Any = 4, journal: Any = 4
) -> list[Any]:
    """A pupil's row of Ф1."""
    total = sum(s for s in scores if isinstance(s, int)) if total is None else total
    return [school, PLACE, f"{NAME}({school})", code, 1, 1, *scores, total, mark, journal]


def section(declared: int, school: str = LOGIN) -> list[Any]:
    """A school's section row of Ф1."""
    return [f"{NAME}({school}) | Кол-во участников: {declared}"]


@pytest.fixture(scope="session")
def f1() -> Callable[..., bytes]:
    """Ф1 of some rows; ``header`` replaces the header row, ``above`` the rows above it."""

    def make(
        rows: Sequence[Row], *, header: Row | None = None, above: Sequence[Row] | None = None, **changes: Any
    ) -> bytes:
        left = ["ОО", "Муниципалитет", "Название ОО", "Код участника", "Класс", "Вариант"]
        tasks = [f"{name} ({points}б)" for name, points in TASKS]
        usual = [*left, *tasks, "Первичный балл", "Отметка", "Отметка по журналу"]
        levels = [None, None, "Уровень сложности задания", None, None, None, "Б", "Б", "П"]
        top = above if above is not None else [*preamble("Индивидуальные результаты", **changes), levels]
        return _book({"РУ 4 Индивидуальные результаты": [*top, header or usual, *rows]})

    return make


SERVICE: dict[str, Any] = {
    "Логин ОО": LOGIN,
    "Название ОО": NAME,
    "Муниципалитет": f"{PLACE}(reg99_m01)",
    "Предмет": "Русский язык",
    "Класс": 4,
    "Год": 2026,
}
FORM_HEADER = [
    "Код участника",
    "Вариант",
    "1 (2б)",
    "2 (1б)",
    "4К1 (3б)",
    "Порядковый номер класса",
    "Отметка за предыдущий триместр/ четверть/полугодие",
    "Итого баллов",
    None,
    None,
]
TWO_PARTS_HEADER = [
    "Код",
    "Вариант (часть 1)",
    "1 (2б)",
    "2 (1б)",
    "Вариант (часть 2)",
    "4К1 (3б)",
    "Класс № (порядковый номер)",
    "Пол (м/ж)",
    "Отметка за предыдущий триместр/ четверть/полугодие",
    "Итого баллов",
]


@pytest.fixture(scope="session")
def form() -> Callable[..., bytes]:
    """A collection form of some rows, pre-filled to row ``until``."""

    def make(
        rows: Sequence[Row],
        *,
        header: Row = FORM_HEADER,
        service: dict[str, Any] | None = None,
        until: int = 60,
        hidden: Sequence[str] = (),
    ) -> bytes:
        total = list(header).index("Итого баллов")
        empty = [[*[None] * total, 0] for _ in range(until - 1 - len(rows))]
        keys = SERVICE if service is None else service
        sheets: dict[str, Sequence[Row]] = {
            "Протокол": [header, *rows, *empty],
            "Служебный": list(keys.items()),
            "Порядковый номер класса": [["Порядковый номер класса", "Название класса"], [1, "4А"]],
        }
        return _book(sheets, hidden)

    return make


@pytest.fixture(scope="session")
def report() -> Callable[..., bytes]:
    """A report of ФИС ОКО by groups: title, header and rows; ``changes`` go to the rows above."""

    def make(title: str, header: Row, rows: Sequence[Row], **changes: Any) -> bytes:
        return _book({f"РУ 4 {title}"[:31]: [*preamble(title, **changes), [], header, *rows]})

    return make


@pytest.fixture(scope="session")
def table() -> Callable[..., bytes]:
    """A plain table on one sheet."""

    def make(rows: Sequence[Row]) -> bytes:
        return _book({"Лист1": rows})

    return make


def replace_part(workbook: bytes, part: str, change: Callable[[bytes], bytes]) -> bytes:
    """The workbook with one part of its container changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            content = source.read(name)
            target.writestr(name, change(content) if name == part else content)
    return out.getvalue()


def codes(result: ReadResult) -> list[str]:
    """The findings' codes."""
    return [finding.code for finding in result.findings]
