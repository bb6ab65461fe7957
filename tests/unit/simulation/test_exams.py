"""Protocols of the exams of a simulated region."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from rsoko_pipeline.configuration import Configuration, load
from rsoko_pipeline.simulation.exams import _portions, exam_files
from rsoko_pipeline.simulation.gia import ExamSheet
from rsoko_pipeline.simulation.model import SimulatedRegion, make_cohort, make_schools
from rsoko_pipeline.simulation.parameters import Parameters
from rsoko_pipeline.simulation.region import make_register

SEED, YEAR = 4, "2025/2026"


@pytest.fixture(scope="module")
def cfg() -> Configuration:
    return load()


@pytest.fixture(scope="module")
def written(cfg: Configuration) -> dict[str, tuple[str, bytes]]:
    schools = make_schools(Parameters(), 12, SEED)
    region = SimulatedRegion(Parameters(), SEED, schools, {})
    register = make_register(schools, SEED, cfg.region.code)
    return {event: (name, data) for event, name, data in exam_files(YEAR, region, register, cfg)}


def test_every_exam_procedure_of_the_calendar_is_written(
    cfg: Configuration, written: dict[str, tuple[str, bytes]]
) -> None:
    wanted = {e.procedure for e in cfg.calendar.of_year(YEAR) if cfg.procedures[e.procedure].exam}
    assert {cfg.calendar.events[event].procedure for event in written} == wanted
    assert written["2026-oge-ma-9"][0].endswith(".xls")


def test_the_same_seed_gives_the_same_files(cfg: Configuration, written: dict[str, tuple[str, bytes]]) -> None:
    schools = make_schools(Parameters(), 12, SEED)
    region = SimulatedRegion(Parameters(), SEED, schools, {})
    again = list(exam_files(YEAR, region, make_register(schools, SEED, cfg.region.code), cfg))
    assert {event: (name, data) for event, name, data in again} == written


def test_grade_nine_is_the_cohort_of_the_grade_eight_before(
    cfg: Configuration, written: dict[str, tuple[str, bytes]], tmp_path: Path
) -> None:
    from rsoko_pipeline import sources

    path = tmp_path / "ОГЭ.xls"
    path.write_bytes(written["2026-oge-ma-9"][1])
    rows = sources.read(path).frames["source_exam"]
    cohort = make_cohort(Parameters(), make_schools(Parameters(), 12, SEED), 2026 - 9, SEED)
    assert len(rows) == len(cohort), "all of grade 9 are on the list, those who did not come too"
    assert set(rows["mark"].dropna().astype(int)) <= {2, 3, 4, 5}
    assert (rows["exam_status"] == "absent").any()


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
