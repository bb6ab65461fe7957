"""What ``config/README.md`` shows of adding a procedure works as it is written there."""

from __future__ import annotations

from pathlib import Path

import pytest

from rsoko_pipeline.checking import check_files
from rsoko_pipeline.configuration import load
from rsoko_pipeline.families import family_of
from tests.examples import write_readme_example

REGISTER = Path(__file__).parents[1] / "bundles" / "register.csv"


@pytest.fixture
def sample(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The example's sample; its folder lies over the shipped configuration."""
    written = {path.name: path for path in write_readme_example(tmp_path)}
    assert sorted(written) == ["2025-2026-meals.yaml", "meals.yaml", "procedure.yaml", "sample.csv"]
    monkeypatch.setenv("RSOKO_CONFIG", str(tmp_path))
    return written["sample.csv"]


def test_the_example_is_a_procedure_with_an_event_and_a_family(sample: Path) -> None:
    cfg = load()
    family = family_of(cfg.procedures["meals"])
    assert family is not None and family.name == "measures"
    assert cfg.calendar.events["2026-meals"].procedure == "meals"


def test_nothing_is_found_in_the_sample_of_the_example(sample: Path) -> None:
    _, report = check_files([(REGISTER, "Реестр школ.csv"), (sample, "sample.csv")])
    assert (report.format, report.works, report.rows) == ("Опрос о питании", ("Питание 2026",), 2)
    assert not report.has_findings, report.lines(5)
