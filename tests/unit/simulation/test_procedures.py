"""Files of the other procedures, made of their samples."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from rsoko_pipeline import sources
from rsoko_pipeline.configuration import Configuration, load
from rsoko_pipeline.families import family_of
from rsoko_pipeline.simulation import pupils
from rsoko_pipeline.simulation.landing import simulate
from rsoko_pipeline.simulation.model import SimulatedRegion, make_schools, simulate_works
from rsoko_pipeline.simulation.parameters import Parameters, WorkSpec
from rsoko_pipeline.simulation.procedures import Unit, rows_of, units
from rsoko_pipeline.simulation.region import make_register
from rsoko_pipeline.simulation.templates import template

SEED, SCHOOLS = 3, 60


@pytest.fixture(scope="module")
def shipped() -> Configuration:
    return load()


@pytest.fixture(scope="module")
def of_level(shipped: Configuration) -> dict[str, list[Unit]]:
    schools = make_schools(Parameters(), SCHOOLS, SEED)
    register = make_register(schools, SEED, shipped.region.code)
    return units(register, schools.level, (shipped.region.code, shipped.region.name))


@pytest.fixture(scope="module")
def region(shipped: Configuration) -> SimulatedRegion:
    spec = WorkSpec("2026-vpr-ru-4", "ru", 4, 2026, (1, 2, 3, 2, 2, 3, 2, 3, 2, 4), (10, 16, 21))
    return simulate_works(Parameters(), [spec], SCHOOLS, SEED, manipulated=0.2, kinds=[("fill", 0.5)])


@pytest.fixture(scope="module")
def scene(shipped: Configuration, region: SimulatedRegion, of_level: dict[str, list[Unit]]) -> pupils.Scene:
    return pupils.Scene(shipped, region, of_level["school"], region.works)


def event_of(cfg: Configuration, procedure: str, subject: str | None = None):
    found = [e for e in cfg.calendar.of_year("2025/2026") if e.procedure == procedure and subject in (None, e.subject)]
    return found[0]


def test_units_stand_in_order_of_their_level(of_level: dict[str, list[Unit]]) -> None:
    assert len(of_level["school"]) == SCHOOLS and len(of_level["region"]) == 1
    assert all(0 < unit.place < 1 for unit in of_level["school"])
    assert {unit.parent for unit in of_level["school"]} == {unit.code for unit in of_level["municipality"]}


def test_every_unit_says_each_thing_once_and_the_sample_chooses_the_words(
    shipped: Configuration, of_level: dict[str, list[Unit]]
) -> None:
    one = template(shipped, "vsosh_control")
    assert one is not None
    family = family_of(shipped.procedures["vsosh_control"])
    assert family is not None
    rows = rows_of(one, event_of(shipped, "vsosh_control"), of_level, shipped, SEED, family.key)
    code, control = one.column("unit_code"), one.column("control")
    assert code is not None and control is not None
    assert {row[code] for row in rows} == {unit.code for unit in of_level["school"]}
    assert {row[control] for row in rows} <= {row[control] for row in one.rows}
    assert rows == rows_of(one, event_of(shipped, "vsosh_control"), of_level, shipped, SEED, family.key)


def test_a_row_moves_to_the_year_of_its_event(shipped: Configuration) -> None:
    one = template(shipped, "vsosh_control")
    assert one is not None
    years = [e for e in shipped.calendar.events.values() if e.procedure == "vsosh_control"]
    assert len(years) > 1, "the calendar has two school years of it"
    moved = [one.of_event(row, event, shipped) for event in years for row in one.rows]
    about = {shipped.calendar.events[work].school_year for row in moved if row and (work := one.about(row, shipped))}
    assert about == {event.school_year for event in years}


def test_the_stages_of_an_olympiad_are_the_same_pupils(shipped: Configuration, scene: pupils.Scene) -> None:
    found = {}
    for stage in ("vsosh_school", "vsosh_municipal", "vsosh_regional"):
        one = template(shipped, stage)
        assert one is not None
        places = [one.column(field) for field in ("unit_code", "pupil_code", "grade")]
        rows = pupils.olympiad_rows(one, event_of(shipped, stage, "ma"), scene)
        found[stage] = {tuple(row[place] for place in places if place is not None) for row in rows}
    assert found["vsosh_regional"] < found["vsosh_municipal"] < found["vsosh_school"]
    assert {grade for *_, grade in found["vsosh_municipal"]} <= set(range(7, 12))
    assert found["vsosh_regional"]


def test_falsified_points_are_found_when_marked_again(shipped: Configuration, scene: pupils.Scene) -> None:
    one = template(shipped, "remarking")
    assert one is not None
    rows = list(pupils.second_mark_rows(one, event_of(shipped, "remarking"), scene))
    code, first, second = (one.column(name) or 0 for name in ("unit_code", "first_score", "second_score"))
    dishonest = {scene.schools[one.school].code for work in scene.works.values() for one in work.truth}
    assert dishonest
    change: dict[bool, list[float]] = {True: [], False: []}
    for row in rows:
        change[row[code] in dishonest].append(float(row[second] or 0) - float(row[first] or 0))
    assert np.mean(change[True]) < -1.5 and abs(np.mean(change[False])) < 0.3
    assert {one.about(row, shipped) for row in rows} == {"2026-vpr-ru-4"}


def test_every_procedure_with_a_sample_is_in_the_landing_folder(tmp_path: Path, shipped: Configuration) -> None:
    simulate(tmp_path, schools=30, years=1, seed=SEED, cfg=shipped)
    wanted = {
        event.event_id
        for event in shipped.calendar.of_year("2025/2026")
        if family_of(shipped.procedures[event.procedure]) and template(shipped, event.procedure)
    }
    written = {path.parent.name for path in tmp_path.rglob("*") if path.is_file()}
    olympiads = {event for event in wanted if "vsosh_regional" in event}  # a small region has no pupil there in most
    assert wanted - olympiads <= written


def test_state_control_is_there_in_the_years_in_which_it_was_held(tmp_path: Path, shipped: Configuration) -> None:
    controls = ("state_control", "state_control_summary")
    held = {e.event_id: e for e in shipped.calendar.events.values() if e.procedure in controls}
    assert {event.school_year for event in held.values()} == {"2020/2021"}
    simulate(tmp_path, schools=30, school_years=["2020/2021"], seed=SEED, dirt=0, cfg=shipped)
    written = {path.parent.name: path for path in tmp_path.rglob("*") if path.parent.name in held}
    assert set(written) == set(held)
    (event,) = (event for event in held.values() if event.procedure == "state_control")
    (read,) = sources.read_many([(written[event.event_id], "контроль.xlsx")], cfg=shipped)
    assert not read.findings
    works = {shipped.calendar.events[work] for work in read.frames["source_second_mark"]["about_event"].unique()}
    assert works and all(work.window_from <= event.window_to for work in works), "no work is checked before its day"
