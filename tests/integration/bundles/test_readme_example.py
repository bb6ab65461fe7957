"""A procedure that a folder of data alone adds goes from the landing folder to its mart."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from sqlalchemy.engine import Engine

from tests.examples import write_readme_example

from ..installation import Installation

REGISTER = Path(__file__).parents[2] / "unit" / "bundles" / "register.csv"


def test_the_example_of_the_readme_runs(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_readme_example(tmp_path / "config")
    monkeypatch.setenv("RSOKO_CONFIG", str(tmp_path / "config"))
    installation = Installation.at(tmp_path / "home", engine)
    shutil.copy(REGISTER, installation.landing / "Реестр школ.csv")
    shutil.copy(tmp_path / "config" / "procedures" / "meals" / "sample.csv", installation.landing / "Питание.csv")
    assert installation.run(until="marts").events == ["2026-meals"]
    found = installation.ask(
        "select level, unit_code, denominator, value from mart.measure_statistics where event_id = '2026-meals'"
        " and measure = 'satisfied' order by level, unit_code"
    )
    shares = {(level, code): (n, round(float(value), 3)) for level, code, n, value in found}
    assert shares["school", "edu990001"] == (240, 0.825)
    assert shares["region", "99"] == (336, round(259 / 336, 3))
    assert installation.one("select bool_and(passed) from ops.check_result where event_id = '2026-meals'")
