"""Protocols of the exams of a simulated region."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from rsoko_pipeline import sources
from rsoko_pipeline.configuration import Configuration, load
from rsoko_pipeline.landing.exams import counted
from rsoko_pipeline.simulation import gia
from rsoko_pipeline.simulation.exams import _portions, exam_files
from rsoko_pipeline.simulation.gia import ExamSheet
from rsoko_pipeline.simulation.model import SimulatedRegion, make_cohort, make_schools
from rsoko_pipeline.simulation.parameters import Parameters
from rsoko_pipeline.simulation.region import make_register

SEED, YEAR, SCHOOLS = 4, "2025/2026", 40
Files = dict[tuple[str, str], bytes]


@pytest.fixture(scope="module")
def cfg() -> Configuration:
    return load()


@pytest.fixture(scope="module")
def written(cfg: Configuration) -> Files:
    schools = make_schools(Parameters(), SCHOOLS, SEED)
    region = SimulatedRegion(Parameters(), SEED, schools, {})
    register = make_register(schools, SEED, cfg.region.code)
    return {(event, name): data for event, name, data in exam_files(YEAR, region, register, cfg)}


@pytest.fixture(scope="module")
def sittings(written: Files, cfg: Configuration, tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    """All files as they are read, with what counts by the rules, and the procedure of each sitting."""
    folder = tmp_path_factory.mktemp("exams")
    paths = []
    for (event, name), data in written.items():
        path = folder / f"{event} {name}"
        path.write_bytes(data)
        paths.append(path)
    read = list(sources.read_many(((path, path.name) for path in paths), cfg=cfg, key=b"key"))
    codes = {finding.code for one in read for finding in one.findings}
    assert codes <= {"RSK-DATE-FUTURE"}, "all that is written is read; whether a day is past hangs on when this is run"
    rows = pd.concat([one.frames["source_exam"] for one in read], ignore_index=True)
    return counted(rows, cfg).assign(procedure=rows["event_id"].str.split("-").str[1])


def test_every_exam_procedure_of_the_calendar_is_written(cfg: Configuration, written: Files) -> None:
    wanted = {e.procedure for e in cfg.calendar.of_year(YEAR) if cfg.procedures[e.procedure].exam}
    assert {cfg.calendar.events[event].procedure for event, _ in written} == wanted
    assert ("2026-oge-ma-9", "ОГЭ Математика.xls") in written
    assert ("2025-essay-11", "Сочинение.xlsx") in written, "what the procedure's name says is not said again"


def test_the_same_seed_gives_the_same_files(cfg: Configuration, written: Files) -> None:
    schools = make_schools(Parameters(), SCHOOLS, SEED)
    region = SimulatedRegion(Parameters(), SEED, schools, {})
    again = list(exam_files(YEAR, region, make_register(schools, SEED, cfg.region.code), cfg))
    assert {(event, name): data for event, name, data in again} == written


def test_a_persons_names_are_of_one_gender() -> None:
    people = [gia._person(f"2015-1-{number}") for number in range(300)]
    is_woman = [person.second_name.endswith("вна") for person in people]
    assert len(set(is_woman)) == 2
    assert [person.surname.endswith(("а", "ая")) for person in people] == is_woman
    assert [person.name[-1] in "ая" for person in people] == is_woman


def test_grade_nine_is_the_cohort_of_the_grade_eight_before(sittings: pd.DataFrame) -> None:
    rows = sittings[sittings["event_id"] == "2026-oge-ma-9"]
    cohort = make_cohort(Parameters(), make_schools(Parameters(), SCHOOLS, SEED), 2026 - 9, SEED)
    assert rows["pupil_code"].nunique() == len(cohort), "all of grade 9 are on the list, those who did not come too"
    assert set(rows["mark"].dropna().astype(int)) <= {2, 3, 4, 5}
    assert (rows["exam_status"] == "absent").any()


def test_exams_have_the_periods_and_categories_of_their_rules(sittings: pd.DataFrame, cfg: Configuration) -> None:
    for procedure in ("oge", "ege", "gve", "essay", "oral"):
        rules = cfg.procedures[procedure].exam
        assert rules is not None
        periods = set(sittings.loc[sittings["procedure"] == procedure, "exam_period"])
        missing = {period.period for period in rules.periods} - periods
        assert not missing or procedure == "gve", "few take ГВЭ"
    categories = sittings.groupby("procedure")["participant_category"].agg(set)
    assert categories["ege"] == categories["essay"] == {"graduate", "spo", "earlier"}
    assert categories["oge"] == categories["oral"] == {"graduate"}
    others = sittings[sittings["participant_category"] != "graduate"]
    assert others["class_no"].isna().all()
    assert not others["is_statistical"].any() and others["is_counted"].any()
    assert not (
        set(others["pupil_code"]) & set(sittings.loc[sittings["participant_category"] == "graduate", "pupil_code"])
    )


def test_who_falls_short_comes_again_and_does_better(sittings: pd.DataFrame) -> None:
    rows = sittings[(sittings["event_id"] == "2026-oge-ma-9") & (sittings["exam_status"] == "valid")]
    ordered = rows.sort_values(["pupil_code", "exam_date"])
    several = ordered[ordered.duplicated("pupil_code", keep=False)].groupby("pupil_code")
    first, last = several.first(), several.last()
    assert (first["mark"] == 2).all() and (last["primary_score"] >= first["primary_score"]).all()
    assert (last["mark"] > 2).mean() > 0.5
    in_autumn = ordered[ordered["exam_period"] == "additional"]
    assert len(in_autumn) and in_autumn["is_counted"].all() and not in_autumn["is_statistical"].any()
    earlier = ordered[ordered["pupil_code"].isin(in_autumn["pupil_code"]) & (ordered["exam_period"] == "main")]
    assert not earlier["is_counted"].any()
    assert earlier.groupby("pupil_code")["is_statistical"].sum().eq(1).all()


def test_who_missed_the_main_day_comes_on_the_reserve_day(sittings: pd.DataFrame) -> None:
    rows = sittings[(sittings["event_id"] == "2026-oge-ru-9") & (sittings["exam_period"] == "main")]
    assert rows["exam_date"].nunique() == 2
    absent = rows.loc[rows["exam_status"] == "absent", "pupil_code"]
    made_up = rows[rows["pupil_code"].isin(absent) & (rows["exam_status"] == "valid")]
    assert 0 < len(made_up) < len(absent) and made_up["is_statistical"].all()


def test_a_retake_by_choice_annuls_the_earlier_result_even_a_better_one(sittings: pd.DataFrame) -> None:
    rows = sittings[sittings["procedure"] == "ege"]
    retaken = rows[(rows["exam_date"].dt.month == 7) & (rows["exam_period"] == "main")]
    before = rows[rows["exam_status"] == "annulled"]
    assert len(retaken) == len(before) > 5
    assert retaken["is_counted"].all() and retaken["is_statistical"].all()
    assert not before["is_counted"].any() and not before["is_statistical"].any()
    assert retaken["pupil_code"].is_unique, "one subject a participant"
    both = retaken.merge(before, on=["event_id", "pupil_code"], suffixes=("", "_before"))
    change = both["primary_score"] - both["primary_score_before"]
    assert len(both) == len(retaken) and (change > 0).any() and (change < 0).any()


def test_an_early_result_counts_outside_the_statistics(sittings: pd.DataFrame) -> None:
    early = sittings[(sittings["exam_period"] == "early") & (sittings["participant_category"] == "graduate")]
    assert early["is_counted"].any() and not early["is_statistical"].any()


def test_appeals_are_told_and_granted_ones_are_in_the_scores(sittings: pd.DataFrame) -> None:
    appealed = sittings[sittings["appeal"] != "none"]
    assert set(appealed["procedure"]) >= {"oge", "ege"}
    assert set(appealed["appeal"]) == {"rejected", "granted"}
    sums = [sum(max(score, 0) for score in scores) for scores in appealed["scores"]]
    assert sums == appealed["primary_score"].tolist()


def test_a_failed_essay_is_written_again(sittings: pd.DataFrame) -> None:
    rows = sittings[sittings["event_id"] == "2025-essay-11"]
    failed = rows[(rows["exam_period"] == "main") & ~rows["is_passed"] & (rows["participant_category"] == "graduate")]
    again = rows[(rows["exam_period"] == "additional") & rows["pupil_code"].isin(failed["pupil_code"])]
    assert len(again) and again["is_passed"].any()
    passed = again.loc[again["is_passed"], "pupil_code"]
    assert rows[rows["pupil_code"].isin(passed) & rows["is_counted"]]["is_passed"].all()


def test_large_exams_are_split_between_schools() -> None:
    rows = pd.DataFrame({"school": np.repeat([f"s{n:03}" for n in range(300)], 60), "pupil": range(18_000)})
    sheets = [ExamSheet("01", "Русский язык", date(2026, 6, 1), rows, np.zeros((18_000, 2), dtype="int8"))] * 2
    portions = list(_portions(sheets))
    sizes = [sum(len(one.rows) for one in portion) for portion in portions]
    assert sum(sizes) == 36_000 and max(sizes) <= 8_000 and min(sizes[:-1]) > 7_900
    for which in range(2):
        parts = [one.rows for portion in portions for one in portion]
        together = pd.concat(parts, ignore_index=True).iloc[which * 18_000 : (which + 1) * 18_000]
        assert together["pupil"].tolist() == rows["pupil"].tolist()
    schools = [set(one.rows["school"]) for portion in portions for one in portion]
    assert sum(len(found) for found in schools) == 600, "no school is split"
