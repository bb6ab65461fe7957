"""What a person reads of the quarantine and of the warehouse's server."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from rsoko_pipeline import contracts
from rsoko_pipeline.cli import cli, quarantine
from rsoko_pipeline.warehouse.embedded import Status

FINDINGS = pd.DataFrame(
    {
        "quarantine_id": [4021160000000001, 7339050000000002, 7339059000000003],
        "file_id": "f" * 64,
        "event_id": "2026-vpr-ru-4",
        "school": "edu990001",
        "sheet": ["Лист1", None, None],
        "row_number": [1000.0, None, None],
        "code": ["RSK-SUM", "RSK-DECLARED", "RSK-DECLARED"],
        "severity": ["error", "warning", "error"],
        "message": ["Сумма не та.", "Строк меньше.", "Строк больше."],
        "action": ["held", "dropped", "held"],
        "received_at": pd.Timestamp("2026-05-25T21:00:00.123456Z"),
    }
)


class _Ledger:
    """The ledger of these findings."""

    def __init__(self) -> None:
        names = contracts.table("quarantine").names
        self.rows = FINDINGS.reindex(columns=[*names, "name"]).assign(name="Ф1.xlsx")

    def quarantined(self, *, everything: bool = False, ids: list[int] | None = None, **_: object) -> pd.DataFrame:
        rows = self.rows[everything | (self.rows["action"] == "held")]
        return rows if ids is None else rows[rows["quarantine_id"].isin(ids)]


@pytest.fixture(autouse=True)
def ledger(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quarantine, "_ledger", _Ledger)


def _said(*arguments: str) -> str:
    done = CliRunner().invoke(cli, list(arguments), standalone_mode=False)
    return done.output if done.exception is None else str(done.exception)


def test_the_list_is_aligned_russian_and_has_short_numbers() -> None:
    head, first, second = _said("quarantine", "list").splitlines()
    assert first.split()[:2] == ["402116", "2026-vpr-ru-4"] and second.split()[0] == "7339059"
    assert first.index("edu990001") == second.index("edu990001") == head.index("Школа")
    assert " 1000 " in first and "удержано" in first and "held" not in first


def test_what_has_one_cause_is_shown_thrice_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    schools = pd.DataFrame({"school": [f"edu99{number:04}" for number in range(40)]})
    rivals = FINDINGS.iloc[[2]].drop(columns="school").assign(code="RSK-UNIT-TWICE").merge(schools, how="cross")
    rivals["quarantine_id"] += rivals.index
    ledger = _Ledger()
    ledger.rows = pd.concat([ledger.rows, rivals], ignore_index=True)
    monkeypatch.setattr(quarantine, "_ledger", lambda: ledger)
    said = _said("quarantine", "list")
    assert said.count(" RSK-UNIT-TWICE ") == 3 and "и ещё 37 таких же RSK-UNIT-TWICE" in said
    assert _said("quarantine", "list", "--code", "RSK-UNIT-TWICE").count(" RSK-UNIT-TWICE ") == 40
    assert all(code in said for code in ("RSK-SUM", "RSK-DECLARED"))


def test_a_finding_is_shown_by_its_short_number_in_words() -> None:
    shown = dict(line.split(": ", 1) for line in _said("quarantine", "show", "402116").splitlines())
    assert shown["Файл"] == "Ф1.xlsx" and FINDINGS["file_id"][0] not in shown.values()
    assert (shown["Важность"], shown["Состояние"], shown["Строка"]) == ("ошибка", "удержано", "1000")
    assert "26.05.2026 00:00:00" in shown.values(), "the region's clock, whole seconds"


def test_too_short_a_number_names_the_findings_it_may_be() -> None:
    said = _said("quarantine", "release", "733905", "--reason", "сверено")
    assert all(str(number) in said for number in FINDINGS["quarantine_id"][1:]) and "Допишите цифры" in said


def test_the_server_tells_its_state_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    from rsoko_pipeline.warehouse import admin

    log = Path("home/postgres.log")
    running = Status(True, 77, 5433, "postgresql://адрес", Path("home/data"), log)
    monkeypatch.setattr(admin, "status", lambda _: running)
    said = _said("db", "status")
    assert "Сервер работает, процесс 77." in said and "127.0.0.1:5433" in said and "postgresql://адрес" in said
    monkeypatch.setattr(admin, "status", lambda _: Status(False, None, None, None, None, log))
    said = _said("db", "status")
    assert "Сервер не работает" in said and "появятся при первом запуске" in said and "None" not in said
