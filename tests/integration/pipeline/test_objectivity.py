"""Signs of biased results in the warehouse: each work has evidence or says why not; the dishonest schools stand out."""

from __future__ import annotations

import csv
import re
import shutil
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy.engine import Engine

from rsoko_pipeline import contracts
from rsoko_pipeline.objectivity import settings
from rsoko_pipeline.simulation.landing import simulate
from rsoko_pipeline.warehouse.copy import append
from tests.integration.installation import Installation

#: What the olympiads' own statistics have found of a school.
STAGE = {
    "event_id": "2025-vsosh_municipal-ma", "level": "school", "unit_code": "edu990001", "subject": "ma", "n": 8,
    "about_event": "2025-vsosh_school-ma", "first_share": 0.8, "second_share": 0.3, "expected_share": 0.6,
    "mean_change": -0.5, "change_low": -0.6, "change_high": -0.4, "z": 3.29, "p": 0.0005, "q": 0.01,
    "alternatives": "мало участников", "config_version": "0a1b2c3d4e5f", "run_id": "run",
    "computed_at": pd.Timestamp("2026-01-15", tz="UTC"),
}  # fmt: skip


@pytest.fixture(scope="module")
def assessed(tmp_path_factory: pytest.TempPathFactory, module_engine: Engine) -> Installation:
    made = Installation.at(tmp_path_factory.mktemp("signs") / "home", module_engine)
    simulate(made.landing, schools=30, years=2, seed=3, manipulated=0.1, dirt=0)
    for folder in made.landing.glob("*/*/"):
        if not re.search("vpr|remarking|observers|oge-ma-9", folder.name):
            shutil.rmtree(folder)
    for number in range(1, 31):  # what an earlier run may have left
        page = _page(made, f"edu99{number:04}")
        page.parent.mkdir(parents=True)
        page.write_text("прежняя страница", encoding="utf-8")
    append(module_engine, "olympiad_sign", contracts.table("olympiad_sign").conform(pd.DataFrame([STAGE])))
    made.run()
    return made


def _page(made: Installation, school: str) -> Path:
    return made.outbox / "2025-2026" / "schools" / school / "objectivity.html"


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


def test_nobody_is_absent_from_a_work_that_not_everyone_writes(assessed: Installation) -> None:
    by_participation = (
        "select distinct e.participation from mart.{} o join core.dim_event e using (event_id) where sign = 'ABSENCE'"
    )
    assert assessed.ask(by_participation.format("objectivity_sign")) == [("obligatory",)]
    assert ("by_lot",) in assessed.ask(by_participation.format("objectivity_unavailable"))


def test_the_plan_of_re_marking_has_controls_beside_the_flagged(assessed: Installation) -> None:
    samples = dict(assessed.ask("select sample, count(distinct school) from mart.remarking_plan group by sample"))
    assert samples.get("flagged", 0) > 0
    assert any(name.startswith("control") for name in map(str, samples))


def test_every_flagged_school_is_in_the_plan_or_said_to_have_fallen_out(assessed: Installation) -> None:
    flagged = assessed.ask("select event_id, unit_code from mart.objectivity_evidence where evidence >= 2")
    planned = assessed.ask("select distinct event_id, school from mart.remarking_plan where sample = 'flagged'")
    left_out = assessed.ask("select event_id, school from mart.remarking_left_out where why <> ''")
    assert sorted([*planned, *left_out]) == sorted(flagged)


def test_signs_of_re_marking_and_of_olympiads_stand_among_the_others(assessed: Installation) -> None:
    stages = assessed.ask("select event_id, unit_code, p::float from mart.objectivity_sign where sign = 'STAGE'")
    assert stages == [(STAGE["event_id"], STAGE["unit_code"], STAGE["p"])]
    page = _page(assessed, str(STAGE["unit_code"])).read_text(encoding="utf-8")
    assert settings.load().signs["STAGE"].title in page
    again = assessed.one("select count(*) from mart.objectivity_sign where sign = 'REMARK'")
    enough = assessed.one(
        "select count(*) from (select about_event, unit_code from core.fact_second_mark"
        " where level = 'school' group by 1, 2 having count(distinct pupil) >= 10) schools"
    )
    assert again == enough > 0


def test_a_cohort_is_set_against_its_own_earlier_result(assessed: Installation) -> None:
    jumps = dict(
        assessed.ask(
            "select event_id, min(details ->> 'before') from mart.objectivity_sign where sign = 'JUMP' group by 1"
        )
    )
    assert "4 класс" in jumps["2026-vpr-ru-5"] and "2024/2025" in jumps["2026-vpr-ru-5"]
    assert "2024/2025" in jumps["2025-vpr-ru-5"] and "атематика" in jumps["2025-vpr-ru-5"], "no earlier year there"
    assert "ВПР" in jumps["2026-oge-ma-9"] and "8 класс" in jumps["2026-oge-ma-9"]
    assert "2025-vpr-om-4" not in jumps


def test_schools_with_signs_have_a_page_and_a_form_and_no_other_has(assessed: Installation) -> None:
    folder = _page(assessed, "x").parent.parent
    known = {
        str(school)
        for (school,) in assessed.ask(
            "select split_part(unit_code, '/', 1) from mart.objectivity_sign join core.dim_event using (event_id)"
            " where school_year = '2025/2026' and level in ('school', 'class') and p <= 0.01"
            " union select unit_code from mart.objectivity_evidence where event_id like '2026-%' and evidence > 0"
            " union select unit_code from mart.objectivity_pooled"
            " where school_year = '2025/2026' and (evidence > 0 or jsonb_array_length(signs) > 0)"
            " union select unit_code from mart.objectivity_observer"
            " where school_year = '2025/2026' and level = 'school' and p <= 0.01"
        )
    }
    pages = {path.parent.name: path.read_text(encoding="utf-8") for path in folder.glob("*/objectivity.html")}
    assert known and pages.keys() == known
    for school, page in pages.items():
        assert page != "прежняя страница" and settings.load().caption in page.casefold()
        assert not any(other in page for other in known - {school})
    asked = {path.parent.name for path in folder.glob("*/self_diagnosis.xlsx")}
    assert asked and asked <= known


def test_the_region_s_page_leads_to_pages_that_are_there(assessed: Installation) -> None:
    folder = assessed.outbox / "2025-2026" / "region"
    page = (folder / "objectivity.html").read_text(encoding="utf-8")
    links = re.findall(r'href="([^"#]+)"', page)
    assert any("schools" in link for link in links)
    assert all((folder / link).resolve().exists() for link in links)
    flagged = assessed.ask(
        "select distinct unit_code from mart.objectivity_evidence where evidence >= 2 and event_id like '2026-%'"
    )
    assert all(f"/{school}/" in page for (school,) in flagged)


def test_the_official_list_is_set_against_every_school_that_it_covers(assessed: Installation) -> None:
    listed = assessed.one("select count(*) from core.fact_label where marker = 1")
    assert listed > 0
    assert assessed.one("select sum(n) from mart.objectivity_agreement where official_label = 'marked'") == listed
    covered = assessed.one(
        "select count(*) from mart.objectivity_evidence e where exists"
        " (select 1 from core.fact_label l where l.event_id = e.event_id and l.marker is not null)"
    )
    judged = assessed.one("select sum(n) from mart.objectivity_agreement where our_level <> 'not_judged'")
    assert judged == covered
    assert assessed.one("select count(*) from mart.objectivity_rule") == 0  # off until switched on


def test_re_marking_says_how_often_the_signs_were_right(assessed: Installation) -> None:
    groups = {
        group: (int(schools), int(confirmed), int(works), int(same))
        for group, schools, confirmed, works, same in assessed.ask(
            "select evidence_group, sum(schools), sum(confirmed_schools), sum(n), sum(same)"
            " from mart.remarking_outcome group by 1"
        )
    }
    flagged, calm, whole = groups["2+"], groups["0"], groups["all"]
    assert flagged[0] > 5 and flagged[1] / flagged[0] > 0.7 > 0.3 > calm[1] / calm[0]
    assert flagged[3] / flagged[2] < whole[3] / whole[2] < calm[3] / calm[2]
    assert assessed.one("select count(*) from mart.remarking_outcome where precision_low > precision") == 0
    years = {year for (year,) in assessed.ask("select distinct school_year from mart.remarking_outcome")}
    assert years == {"2024/2025", "2025/2026"}
    # What re-marking confirmed is evidence 3 in the work itself, and no evidence of its own precision.
    assert assessed.one("select count(*) from mart.objectivity_evidence where evidence = 3") > 0


def test_works_with_and_without_an_observer_are_compared(assessed: Installation) -> None:
    region = assessed.ask(
        "select school_year, quantity, n_observed, n_unobserved, difference_low <= difference,"
        " difference <= difference_high from mart.objectivity_observer where level = 'region' and series = 'all'"
    )
    assert {(year, quantity) for year, quantity, *_ in region} == {
        (year, quantity) for year in ("2024/2025", "2025/2026") for quantity in ("signs", "residual")
    }
    assert all(watched >= 10 and alone >= 10 and low and high for _, _, watched, alone, low, high in region)
    schools = assessed.ask("select p, n_observed, n_unobserved from mart.objectivity_observer where level = 'school'")
    assert schools and all(0 < p <= 1 and watched >= 10 and alone >= 10 for p, watched, alone in schools)
