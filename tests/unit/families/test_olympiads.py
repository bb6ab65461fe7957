"""Olympiads: participation, prizes, rise and fall between stages, the sign of the school stage."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from rsoko_pipeline.configuration import load
from rsoko_pipeline.families import Base, olympiads
from rsoko_pipeline.families.olympiad_sign import signs
from rsoko_pipeline.indicators import Register, wilson

SCHOOL, MUNICIPAL, REGIONAL = "2025-vsosh_school-ma", "2025-vsosh_municipal-ma", "2026-vsosh_regional-ma"
_COLUMNS = "unit_code pupil grade_participation score max_score olympiad_status"


@pytest.fixture
def stage(table_of: Callable[..., pd.DataFrame]) -> Callable[..., pd.DataFrame]:
    def make(event: str, rows: list[tuple[object, ...]]) -> pd.DataFrame:
        name = event.split("-")[1].removeprefix("vsosh_")
        return table_of("fact_olympiad", rows, _COLUMNS, event_id=event, stage=name, subject="ma", grade=9)

    return make


def _row(rows: pd.DataFrame, unit: str, grade: int = 9) -> pd.Series:
    found = rows[(rows["unit_code"] == unit) & (rows["grade_participation"] == grade)]
    assert len(found) == 1
    return found.iloc[0]


def test_participants_and_prizes_at_every_level(stage: Callable, base_with: Callable[..., Base]) -> None:
    facts = stage(
        SCHOOL,
        [
            ("s1", "p1", 9, 30, 40, "winner"),
            ("s1", "p2", 9, 10, 40, "participant"),
            ("s1", "p3", 9, None, 40, None),
            ("s2", "p4", 9, 20, 40, "prize"),
            ("s3", "p5", 9, 5, 40, "participant"),
            ("s3", "p6", 10, 25, 50, "prize"),
            ("unknown", "p7", 9, 0, 40, "participant"),
        ],
    )

    rows = olympiads.statistics(facts, base_with())

    school, place, region = _row(rows, "s1"), _row(rows, "m1"), _row(rows, "99")
    assert (school["participants"], school["winners"], school["prizes"]) == (2, 1, 0)
    assert school["mean_share"] == pytest.approx(0.5)
    assert (place["participants"], place["winners"], place["prizes"]) == (3, 1, 1)
    assert place["unit_name"] == "Северный район"
    assert (region["participants"], region["stage"]) == (5, "school")
    low, high = wilson(2, 3)
    assert (place["prize_share"], place["prize_low"], place["prize_high"]) == pytest.approx((2 / 3, low, high))
    assert _row(rows, "99", 10)["participants"] == 1
    assert rows["linked"].sum() == 0
    assert rows["rose_share"].isna().all()


def test_rise_and_fall_compare_shares_of_the_maximum(stage: Callable, base_with: Callable[..., Base]) -> None:
    before = stage(
        SCHOOL, [("s1", "p1", 9, 20, 40, None), ("s1", "p2", 9, 30, 40, None), ("s2", "p3", 9, 10, 40, None)]
    )
    facts = stage(
        MUNICIPAL,
        [
            ("s1", "p1", 9, 60, 100, None),
            ("s1", "p2", 10, 50, 100, None),
            ("s2", "p3", 9, 25, 100, None),
            ("s2", "p9", 9, 99, 100, None),
        ],
    )

    rows = olympiads.statistics(facts, base_with({"fact_olympiad": before}))

    region = _row(rows, "99")
    assert (region["participants"], region["linked"], region["rose"], region["fell"]) == (3, 2, 1, 0)
    assert region["mean_change"] == pytest.approx((0.1 + 0) / 2)
    assert region["rose_share"] == 0.5
    # A class of participation above the one before links all the same: one pupil, one subject.
    assert _row(rows, "s1", 10)["fell"] == 1
    assert set(rows["event_id"]) == {MUNICIPAL}


def test_a_stage_is_compared_with_the_one_right_before_it(stage: Callable, base_with: Callable[..., Base]) -> None:
    others = pd.concat(
        [stage(SCHOOL, [("s1", "p1", 9, 4, 40, None)]), stage(MUNICIPAL, [("s1", "p1", 9, 80, 100, None)])]
    )
    facts = stage(REGIONAL, [("s1", "p1", 9, 28, 56, None)])

    region = _row(olympiads.statistics(facts, base_with({"fact_olympiad": others})), "99")

    assert (region["linked"], region["fell"]) == (1, 1)
    assert region["mean_change"] == pytest.approx(0.5 - 0.8)


def test_related_are_the_other_stages_of_the_year_and_subject(stage: Callable) -> None:
    facts = stage(MUNICIPAL, [("s1", "p1", 9, 1, 2, None)])
    assert olympiads.related(load(), [MUNICIPAL], facts) == {"fact_olympiad": [SCHOOL, REGIONAL]}


def test_the_sign_finds_the_school_whose_results_fall(stage: Callable, base_with: Callable[..., Base]) -> None:
    rng = np.random.default_rng(5)
    schools = [f"s{number}" for number in range(1, 21)]
    first, second = [], []
    for school in schools:
        for number in range(10):
            level = float(np.clip(rng.normal(0.55, 0.12), 0.1, 0.95))
            later = float(np.clip(0.7 * level + rng.normal(0, 0.06), 0, 1))
            shown = min(level + (0.3 if school == "s7" else 0), 1)
            first.append((school, f"{school}-{number}", 9, round(40 * shown), 40, None))
            second.append((school, f"{school}-{number}", 9, round(100 * later), 100, None))
    others = {"fact_olympiad": stage(SCHOOL, first)}

    found = signs(stage(MUNICIPAL, second), base_with(others)).set_index("unit_code")

    assert len(found) == 20
    assert found["p"].idxmin() == "s7"
    flagged = found.loc["s7"]
    assert flagged["p"] < 0.001
    assert flagged["n"] == 10
    assert flagged["second_share"] < flagged["expected_share"]
    assert flagged["change_low"] < flagged["mean_change"] < flagged["change_high"] < 0
    assert flagged["mean_change"] == pytest.approx(flagged["second_share"] - flagged["first_share"])
    assert flagged["about_event"] == SCHOOL
    assert "задания этапов проверяют разное" in flagged["alternatives"]
    assert (found.drop(index="s7")["q"] > 0.05).all()


def test_no_sign_with_too_few_schools_or_for_another_stage(stage: Callable, base_with: Callable[..., Base]) -> None:
    before = stage(SCHOOL, [("s1", f"p{n}", 9, 30 + n % 3, 40, None) for n in range(6)])
    facts = stage(MUNICIPAL, [("s1", f"p{n}", 9, 10, 40, None) for n in range(6)])
    base = base_with({"fact_olympiad": before})
    assert signs(facts, base).empty
    assert signs(before, base).empty
    assert list(signs(facts, base).columns) == list(signs(facts.head(0), base).columns)


def test_unknown_schools_count_for_the_region_alone(stage: Callable, base_with: Callable, register: Register) -> None:
    rows = olympiads.statistics(stage(SCHOOL, [("foreign", "p1", 9, 1, 2, None)]), base_with())
    assert sorted(rows["level"]) == ["region", "school"]
