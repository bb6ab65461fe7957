"""A table that one sender makes whole takes the place of the earlier one in its event; others replace unit by unit."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from sqlalchemy.engine import Engine

from rsoko_pipeline.configuration.places import base_folder

from ..installation import Installation

FOLDER = base_folder() / "procedures"
REGISTER = Path(__file__).parents[2] / "unit" / "bundles" / "register.csv"


@pytest.mark.parametrize(
    ("procedure", "fact", "keeps"), [("niko", "fact_measure", False), ("school_lists", "fact_list_member", True)]
)
def test_a_unit_that_a_later_table_leaves_out(
    engine: Engine, tmp_path: Path, procedure: str, fact: str, keeps: bool
) -> None:
    made = Installation.at(tmp_path / "home", engine)
    shutil.copy(REGISTER, made.landing / "Реестр школ.csv")
    header, *rows = (FOLDER / procedure / "sample.csv").read_text(encoding="utf-8-sig").splitlines()
    (made.landing / "первая.csv").write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    made.run(until="marts")
    units = f"select distinct unit_code from core.{fact}"
    before = {code for (code,) in made.ask(units)}
    gone = rows[-1].split(";")[header.split(";").index("Код" if procedure == "niko" else "Логин ОО")]
    kept = [row for row in rows if gone not in row.split(";")]
    assert gone in before and kept
    (made.landing / "вторая.csv").write_text("\n".join([header, *kept]) + "\n", encoding="utf-8")
    made.run(until="marts")
    assert {code for (code,) in made.ask(units)} == (before if keeps else before - {gone})
