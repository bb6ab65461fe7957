"""The ЕГЭ and the essay of a simulated year, from protocols to marts: which of a participant's results counts where."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from rsoko_pipeline.configuration import load
from rsoko_pipeline.simulation.exams import exam_files
from rsoko_pipeline.simulation.model import SimulatedRegion, make_schools
from rsoko_pipeline.simulation.parameters import Parameters
from rsoko_pipeline.simulation.region import make_register
from rsoko_pipeline.simulation.registers import register_workbook
from rsoko_pipeline.warehouse.embedded import EmbeddedPostgres

from ..conftest import database
from ..installation import Installation

SCHOOLS, SEED, RUSSIAN, BASIC = 25, 3, "2026-ege-ru-11", "2026-ege-mab-11"


@pytest.fixture(scope="module")
def landed(server: EmbeddedPostgres, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """An installation that has run the obligatory exams of grade 11 once."""
    cfg, schools = load(), make_schools(Parameters(), SCHOOLS, SEED)
    register = make_register(schools, SEED, cfg.region.code)
    region = SimulatedRegion(Parameters(), SEED, schools, {})
    with database(server, template) as engine:
        made = Installation.at(tmp_path_factory.mktemp("exams") / "home", engine)
        (made.landing / "Реестр школ.xlsx").write_bytes(register_workbook(register.assign(valid_to=None)))
        for event, name, data in exam_files("2025/2026", region, register, cfg):
            if cfg.calendar.events[event].procedure in ("ege", "essay"):
                (made.landing / event).mkdir(exist_ok=True)
                (made.landing / event / name).write_bytes(data)
        made.run(until="marts")
        yield made


def test_nothing_is_refused_or_held(landed: Installation) -> None:
    assert landed.ask("SELECT name, status, code FROM ops.landing_file WHERE status <> 'accepted'") == []
    assert landed.ask("SELECT DISTINCT code FROM ops.quarantine WHERE action = 'held'") == []


def test_one_result_of_a_participant_counts(landed: Installation) -> None:
    several = "SELECT max(n) FROM (SELECT count(*) n FROM core.fact_exam WHERE {} GROUP BY event_id, pupil) counts"
    assert landed.one(several.format("is_counted")) == 1
    assert landed.one(several.format("is_statistical")) == 1
    assert landed.one(several.format("exam_status = 'valid'")) > 1


def test_works_are_those_of_graduates_in_the_main_period(landed: Installation) -> None:
    works = landed.ask("SELECT pupil FROM core.fact_result WHERE event_id = :event ORDER BY 1", event=RUSSIAN)
    main = """SELECT DISTINCT pupil FROM core.fact_exam WHERE event_id = :event AND exam_period = 'main'
              AND participant_category = 'graduate' ORDER BY 1"""
    assert works == landed.ask(main, event=RUSSIAN)


def test_a_retake_in_july_stands_in_the_works_in_place_of_the_annulled_result(landed: Installation) -> None:
    retaken = """SELECT later.primary_score, work.primary_score, before.exam_status
                 FROM core.fact_exam later JOIN core.fact_exam before USING (event_id, pupil)
                 JOIN core.fact_result work USING (event_id, pupil)
                 WHERE later.exam_date BETWEEN '2026-07-01' AND '2026-07-15' AND before.exam_date < '2026-07-01'"""
    found = landed.ask(retaken)
    assert found
    assert all(given == counted and status == "annulled" for given, counted, status in found)


def test_the_additional_period_counts_outside_the_works(landed: Installation) -> None:
    autumn = """SELECT autumn.is_counted, autumn.is_statistical, autumn.primary_score > work.primary_score
                FROM core.fact_exam autumn JOIN core.fact_result work USING (event_id, pupil)
                WHERE autumn.exam_period = 'additional' AND event_id = :event"""
    found = landed.ask(autumn, event=BASIC)
    assert found
    assert set(found) == {(True, False, True)}


def test_statistics_by_category_and_period(landed: Installation) -> None:
    figures = """SELECT participant_category, exam_period, participants FROM mart.exam_statistics
                 WHERE level = 'region' AND event_id = :event"""
    of_cell = {(category, period): n for category, period, n in landed.ask(figures, event=RUSSIAN)}
    assert {"graduate", "earlier", "all"} <= {category for category, _ in of_cell}
    assert {"early", "main", "all"} <= {period for _, period in of_cell}
    together = sum(n for (category, period), n in of_cell.items() if period == "all" and category != "all")
    assert together == of_cell["all", "all"]
    assert of_cell["graduate", "main"] < of_cell["graduate", "all"] < of_cell["all", "all"]
