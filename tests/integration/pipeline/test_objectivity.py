"""Signs of biased results in the warehouse: each work has evidence or says why not; the dishonest schools stand out."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from sqlalchemy.engine import Engine

from rsoko_pipeline.simulation.landing import simulate
from tests.integration.installation import Installation


@pytest.fixture(scope="module")
def assessed(tmp_path_factory: pytest.TempPathFactory, module_engine: Engine) -> Installation:
    made = Installation.at(tmp_path_factory.mktemp("signs") / "home", module_engine)
    simulate(made.landing, schools=30, years=2, seed=3, manipulated=0.1, dirt=0)
    made.run()
    return made


def _dishonest(truth: Path) -> set[str]:
    with truth.open(encoding="utf-8") as stream:
        return {row["school"] for row in csv.DictReader(stream, delimiter=";") if row["kind"] == "manipulation"}


def test_every_work_has_evidence_or_a_reason(assessed: Installation) -> None:
    built = {event for (event,) in assessed.ask("select distinct event_id from core.fact_result")}
    judged = {event for (event,) in assessed.ask("select distinct event_id from mart.objectivity_evidence")}
    excused = {event for (event,) in assessed.ask("select event_id from mart.objectivity_unavailable where sign = ''")}
    assert built == judged | excused
    assert judged


def test_signs_point_at_dishonest_schools_only(assessed: Installation) -> None:
    flagged = {
        school
        for (school,) in assessed.ask("select distinct unit_code from mart.objectivity_evidence where evidence >= 2")
    }
    dishonest = _dishonest(assessed.landing / "truth.csv")
    assert flagged & dishonest
    assert len(flagged - dishonest) <= 1


def test_no_pupil_is_flagged(assessed: Installation) -> None:
    levels = {level for (level,) in assessed.ask("select distinct level from mart.objectivity_sign")}
    assert levels <= {"region", "municipality", "school", "class"}
    assert assessed.one("select count(*) from mart.objectivity_evidence where n is null or p is null or q is null") == 0


def test_the_plan_of_re_marking_has_controls_beside_the_flagged(assessed: Installation) -> None:
    samples = dict(assessed.ask("select sample, count(distinct school) from mart.remarking_plan group by sample"))
    assert samples.get("flagged", 0) > 0
    assert any(name.startswith("control") for name in map(str, samples))


def test_a_cohort_is_set_against_its_own_earlier_result(assessed: Installation) -> None:
    jumps = dict(
        assessed.ask(
            "select event_id, min(details ->> 'before') from mart.objectivity_sign where sign = 'JUMP' group by 1"
        )
    )
    assert "4 класс" in jumps["2026-vpr-ru-5"] and "2024/2025" in jumps["2026-vpr-ru-5"]
    assert "2024/2025" in jumps["2025-vpr-ru-5"] and "атематика" in jumps["2025-vpr-ru-5"], "no earlier year there"
    assert "2025-vpr-om-4" not in jumps
