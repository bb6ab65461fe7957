"""A wrong file among good ones, from landing to marts: it waits as a whole, the others go on."""

from __future__ import annotations

import io
from pathlib import Path

import openpyxl
import pytest
from sqlalchemy.engine import Engine

from rsoko_pipeline.landing.ledger import Decision, Ledger

from ..installation import Installation
from ..registers.files import csv, f1, put

EVENT = "2026-vpr-ru-4"
SCHOOLS = {f"edu99000{number}": f"Школа № {number}" for number in range(1, 5)}
REGISTER = "Код ОО;Название ОО;Код муниципалитета;Муниципалитет\n" + "".join(
    f"{code};{name};m1;Северный район\n" for code, name in SCHOOLS.items()
)


@pytest.fixture
def installation(tmp_path: Path, engine: Engine) -> Installation:
    made = Installation.at(tmp_path / "home", engine)
    put(made.landing, "Реестр.csv", csv(REGISTER))
    return made


def _part(*numbers: int) -> dict[str, str]:
    return {code: name for code, name in SCHOOLS.items() if int(code[-1]) in numbers}


def _spoilt(file: bytes, rows: int) -> bytes:
    """The file with wrong primary scores in its last rows."""
    book = openpyxl.load_workbook(io.BytesIO(file))
    sheet = book.active
    (score,) = (cell.column for row in sheet.iter_rows() for cell in row if cell.value == "Первичный балл")
    for line in range(sheet.max_row - rows + 1, sheet.max_row + 1):
        sheet.cell(line, score).value = 6
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _stored(installation: Installation) -> dict[str, int]:
    query = "select school, count(*) from core.fact_result where event_id = :event group by 1"
    return dict(installation.ask(query, event=EVENT))


def test_one_wrong_file_holds_neither_the_event_nor_the_others(installation: Installation) -> None:
    put(installation.landing, "Хороший.xlsx", f1(_part(1, 2), pupils=10))
    put(installation.landing, "Плохой.xlsx", _spoilt(f1(_part(3, 4), pupils=10), rows=9))
    installation.run(until="marts")
    assert _stored(installation) == {"edu990001": 10, "edu990002": 10}
    over = "select f.name, q.school, q.quarantine_id from ops.quarantine q join ops.landing_file f using (file_id)" \
           " where q.code = 'RSK-FILE-THRESHOLD'"  # fmt: skip
    ((name, school, number),) = installation.ask(over)
    assert (name, school) == ("Плохой.xlsx", None)
    verdicts = "select check_name, checked, failed from ops.check_result where check_name like '%threshold' order by 1"
    assert installation.ask(verdicts) == [
        ("event_threshold", 20, 0),
        ("file_threshold", 2, 1),
        ("unit_threshold", 4, 1),
    ]

    Ledger(installation.engine).decide([number], Decision("released", "методист", "сверено"))
    installation.run(until="marts")
    assert _stored(installation) == {"edu990001": 10, "edu990002": 10, "edu990003": 10}


def test_a_correction_that_is_held_with_its_file_leaves_what_was_there(installation: Installation) -> None:
    put(installation.landing, "Первый.xlsx", f1(_part(1, 2), pupils=10))
    installation.run(until="marts")
    put(
        installation.landing,
        "Исправленный.xlsx",
        _spoilt(f1(_part(1, 2), pupils=10, codes=range(40011, 40021)), rows=9),
    )
    installation.run(until="marts")
    assert _stored(installation) == {"edu990001": 10, "edu990002": 10}
    assert set(installation.ask("select school from ops.quarantine where code = 'RSK-UNIT-EARLIER'")) == {
        ("edu990001",),
        ("edu990002",),
    }
