"""Registers with bad rows through whole runs: what fails is quarantined, the rest is in force, decisions stay."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy.engine import Engine

from rsoko_pipeline.configuration.places import base_folder
from rsoko_pipeline.landing.ledger import Decision, Ledger

from ..installation import Installation
from .spoil import forbid

REGISTER = """Код ОО;Название ОО;Код муниципалитета;Муниципалитет;Местность;Действует с;Действует по
edu990001;Школа № 1;m1;Северный район;город;;31.08.2024
edu990001;Лицей «Звезда»;m1;Северный район;город;01.09.2024;
edu990002;Школа № 2;m2;Южный район;село;01.09.2000;
edu990002;Школа № 2;m1;Северный район;село;01.09.2020;
edu990003;Школа № 3;m1;Северный район;село;;
edu990003;Школа № 3;m2;Южный район;село;;
edu990004;Школа № 4;m2;Южный район;хутор;;
"""
CONTINGENT = """Код ОО;Учебный год;Класс;Номер класса;Обучающихся
edu990001;2025/2026;4;1;25
edu990001;2025/2026;4;2;24
edu990002;2025/2026;4;;12
edu990002;2025/2026;4;;13
edu990099;2025/2026;4;;9
edu990001;2025/2026;5;1;много
"""


@pytest.fixture
def installation(tmp_path: Path, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Installation:
    """An installation that has taken in both files; half of such short ones may fail."""
    for name in ("register_schools", "contingent"):
        shipped = (base_folder() / "procedures" / name / "procedure.yaml").read_text(encoding="utf-8")
        assert "event_share_failed: 0.05" in shipped
        own = tmp_path / "config" / "procedures" / name / "procedure.yaml"
        own.parent.mkdir(parents=True)
        own.write_text(shipped.replace("event_share_failed: 0.05", "event_share_failed: 0.5"), encoding="utf-8")
    monkeypatch.setenv("RSOKO_CONFIG", str(tmp_path / "config"))
    made = Installation.at(tmp_path / "home", engine)
    deliver(made, "Реестр.csv", REGISTER)
    deliver(made, "Контингент.csv", CONTINGENT)
    made.run(until="marts")
    return made


def deliver(installation: Installation, name: str, text: str) -> None:
    (installation.landing / name).write_text(text, encoding="utf-8-sig")


def findings(installation: Installation) -> list[tuple[object, ...]]:
    return installation.ask(
        "select f.name, row_number, q.code, action from ops.quarantine q join ops.landing_file f using (file_id)"
        " where q.code <> 'RSK-USAGE' order by 1, 2"
    )


def test_rows_that_fail_are_quarantined_and_the_rest_is_in_force(installation: Installation) -> None:
    assert findings(installation) == [
        ("Контингент.csv", 5, "RSK-KEY-TWICE", "held"),
        ("Контингент.csv", 6, "RSK-SCHOOL-UNMATCHED", "noted"),
        ("Контингент.csv", 7, "RSK-VALUE", "held"),
        ("Реестр.csv", 7, "RSK-KEY-TWICE", "held"),
        ("Реестр.csv", 8, "RSK-VALUE", "held"),
    ]
    assert installation.one("select count(*) from ops.quarantine where event_id is not null") == 0
    assert installation.ask("select school, grade, class_no, enrolled from core.fact_contingent order by 1, 2, 3") == [
        ("edu990001", 4, 1, 25), ("edu990001", 4, 2, 24), ("edu990002", 4, None, 12), ("edu990099", 4, None, 9),
    ]  # fmt: skip


def test_a_school_keeps_its_history(installation: Installation) -> None:
    history = installation.ask(
        "select school, name, municipality, valid_from::text, valid_to::text from core.dim_school order by 1, 4"
    )
    assert history == [
        ("edu990001", "Школа № 1", "m1", "1990-01-01", "2024-08-31"),
        ("edu990001", "Лицей «Звезда»", "m1", "2024-09-01", None),
        ("edu990002", "Школа № 2", "m2", "2000-09-01", "2020-08-31"),
        ("edu990002", "Школа № 2", "m1", "2020-09-01", None),
        ("edu990003", "Школа № 3", "m1", "1990-01-01", None),
    ]
    assert installation.ask("select municipality, name from core.dim_municipality order by 1") == [
        ("m1", "Северный район"), ("m2", "Южный район"),
    ]  # fmt: skip


def test_a_decision_stays_when_the_registers_are_rebuilt(installation: Installation) -> None:
    ledger = Ledger(installation.engine)
    number = installation.one("select quarantine_id from ops.quarantine where value = 'хутор'")
    ledger.decide([int(str(number))], Decision("dropped", "Иванова", "школа закрыта"))
    deliver(installation, "Контингент 2.csv", CONTINGENT.splitlines()[0] + "\nedu990001;2025/2026;6;1;20\n")
    installation.run(until="marts")
    assert installation.ask(
        "select action, released_by, reason from ops.quarantine where quarantine_id = :n", n=number
    ) == [("dropped", "Иванова", "школа закрыта")]


def test_a_corrected_register_settles_what_was_held(installation: Installation) -> None:
    header = REGISTER.splitlines()[0]
    deliver(installation, "Реестр исправлен.csv", header + "\nedu990003;Школа № 3;m2;Южный район;село;;\n")
    installation.run(until="marts")
    assert installation.ask("select municipality from core.dim_school where school = 'edu990003'") == [("m2",)]
    assert ("Реестр.csv", 7, "RSK-KEY-TWICE", "held") in findings(installation), "the rest of that file is in force"
    assert installation.one("select count(*) from core.dim_school where school = 'edu990001'") == 2


def test_a_file_is_taken_in_once_it_can_be_read(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    deliver(installation, "Реестр 2.csv", REGISTER.splitlines()[0] + "\nedu990005;Школа № 5;m2;Южный район;село;;\n")
    path = installation.landing / "Реестр 2.csv"
    with monkeypatch.context() as patch:
        forbid(patch, path, type(installation.settings.landing))
        assert installation.run(until="marts").files == {"refused": 1}
        assert ("Реестр 2.csv", None, "RSK-FILE-PERMISSION", "held") in findings(installation)
        assert installation.run(until="marts").did_nothing
    path.chmod(0o644)
    assert installation.run(until="marts").files == {"accepted": 1}
    assert installation.one("select count(*) from core.dim_school where school = 'edu990005'") == 1
    assert "RSK-FILE-PERMISSION" not in {code for _, _, code, _ in findings(installation)}
