"""Two school years with a register that changed between them: every result stands where its school stood then."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest
from sqlalchemy.engine import Engine

from rsoko_pipeline.simulation.landing import simulate

from ..installation import Installation

WORKS = ("vpr-ru-4", "oge-ru-9")


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("simulated")
    simulate(folder, schools=12, years=2, seed=1, dirt=0)
    return folder


@pytest.fixture(scope="module")
def changed(simulated: Path) -> dict[str, str]:
    """The school renamed and the school moved."""
    with (simulated / "truth.csv").open(encoding="utf-8") as stream:
        return {
            row["what"]: row["school"] for row in csv.DictReader(stream, delimiter=";") if row["kind"] == "register"
        }


@pytest.fixture(scope="module")
def finished(simulated: Path, tmp_path_factory: pytest.TempPathFactory, module_engine: Engine) -> Installation:
    """The registers and two works of either year."""
    made = Installation.at(tmp_path_factory.mktemp("years") / "home", module_engine)
    wanted = [*simulated.glob("*.xlsx"), *simulated.glob("*/Условия школ *.xlsx")]
    wanted += [path for work in WORKS for path in simulated.glob(f"*/*-{work}/*") if path.suffix in (".xls", ".xlsx")]
    for path in wanted:
        place = made.landing / path.relative_to(simulated)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, place)
    made.run(until="marts")
    return made


def test_nothing_is_found_though_names_places_and_codes_changed(finished: Installation) -> None:
    assert finished.ask("select code, message from ops.quarantine where severity <> 'info'") == []
    assert finished.ask("select sent_code from ops.unknown_school") == []
    assert finished.ask("select check_name, message from ops.check_result where not passed") == []


def test_the_moved_school_is_in_its_municipality_of_the_year(finished: Installation, changed: dict[str, str]) -> None:
    for work in WORKS:
        found = finished.ask(
            "select event_id, parent_code from mart.mark_statistics where unit_code = :school and level = 'school'"
            " and event_id like :work order by 1",
            school=changed["moved"],
            work=f"%{work}",
        )
        places = dict(found)
        assert list(places) == [f"2025-{work}", f"2026-{work}"], "нынешний и прежний код РИС — одна школа"
        assert places[f"2025-{work}"] != places[f"2026-{work}"]


def test_schools_and_municipalities_bear_the_name_of_the_year(finished: Installation, changed: dict[str, str]) -> None:
    names = dict(
        finished.ask(
            "select event_id, min(unit_name) from mart.mark_statistics where unit_code = :school and level = 'school'"
            " and event_id like '%vpr-ru-4' group by 1",
            school=changed["renamed"],
        )
    )
    assert "углублённым" not in names["2025-vpr-ru-4"] and "углублённым" in names["2026-vpr-ru-4"]
    places = finished.ask(
        "select event_id, unit_name from mart.mark_statistics where level = 'municipality'"
        " and event_id like '%vpr-ru-4' and unit_name like '%округ'"
    )
    assert {event for event, _ in places} == {"2026-vpr-ru-4"}


def test_the_context_is_of_either_year(finished: Installation) -> None:
    days = finished.ask("select counted_on::text, count(distinct school) from core.fact_context group by 1 order by 1")
    assert days == [("2024-09-20", 12), ("2025-09-20", 12)]
