"""An earlier file sent once more takes the later one back; an archive of everything ever sent decides nothing."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import pytest
from sqlalchemy.engine import Engine

from rsoko_pipeline.configuration.places import base_folder

from ..installation import Installation

SAMPLE = base_folder() / "procedures" / "surveys" / "sample.csv"
REGISTER = Path(__file__).parents[2] / "unit" / "bundles" / "register.csv"


@pytest.fixture
def made(engine: Engine, tmp_path: Path) -> Installation:
    """An installation in which a wrong table has taken the place of a right one."""
    made = Installation.at(tmp_path / "home", engine)
    shutil.copy(REGISTER, made.landing / "Реестр школ.csv")
    shutil.copy(SAMPLE, made.landing / "Опросы.csv")
    made.run(until="marts")
    assert answers(made) != {1}
    header, *rows = SAMPLE.read_text(encoding="utf-8-sig").splitlines()
    wrong = [header, *(f"{row.rpartition(';')[0]};1" for row in rows)]
    (made.landing / "Опросы, новые.csv").write_text("\n".join(wrong) + "\n", encoding="utf-8")
    made.run(until="marts")
    assert answers(made) == {1}
    return made


def answers(made: Installation) -> set[float]:
    return {float(n) for (n,) in made.ask("select distinct n from core.fact_answer")}


def statuses(made: Installation) -> dict[str, tuple[str, str | None]]:
    said = made.ask("select name, status, code from ops.landing_file where name like 'Опросы%'")
    return {name: (status, code) for name, status, code in said}


def test_the_earlier_file_sent_again_is_in_force_again(made: Installation) -> None:
    shutil.copy(SAMPLE, made.landing / "Опросы, верные.csv")
    made.run(until="marts")
    assert answers(made) != {1} and 118 in answers(made)
    assert statuses(made) == {
        "Опросы.csv": ("accepted", None),
        "Опросы, новые.csv": ("superseded", None),
        "Опросы, верные.csv": ("duplicate", "RSK-FILE-AGAIN"),
    }
    assert made.run(until="marts").did_nothing


def test_what_comes_together_with_its_correction_stays_replaced(made: Installation) -> None:
    with zipfile.ZipFile(made.landing / "всё.zip", "w") as archive:
        for name in ("Опросы.csv", "Опросы, новые.csv"):
            archive.write(made.landing / name, f"копии/{name}")
    made.run(until="marts")
    assert answers(made) == {1}
    assert statuses(made)["Опросы.csv"][0] == "superseded"
