"""Control of procedures: coverage of schools and sessions, where an observer is missing."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest

from rsoko_pipeline.families import Base, controls
from rsoko_pipeline.indicators import wilson

EVENT, WORK, LOT = "2025-observers", "2026-vpr-ru-4", "2026-vpr-li-5"
_COLUMNS = "unit_code date session is_present is_trained violations"


@pytest.fixture
def observed(table_of: Callable[..., pd.DataFrame]) -> Callable[..., pd.DataFrame]:
    def make(rows: list[tuple[object, ...]], about: str | None = WORK, control: str = "observer") -> pd.DataFrame:
        return table_of("fact_control", rows, _COLUMNS, event_id=EVENT, about_event=about, control=control)

    return make


@pytest.fixture
def some(observed: Callable[..., pd.DataFrame]) -> pd.DataFrame:
    return observed(
        [
            ("s1", "2026-04-21", "ауд. 7", True, True, 0),
            ("s1", "2026-04-21", "ауд. 8", True, False, 2),
            ("s1", "2026-04-22", None, False, None, None),
            ("s2", "2026-04-21", None, False, True, None),
        ]
    )


def _unit(rows: pd.DataFrame, unit: str) -> pd.Series:
    return rows[rows["unit_code"] == unit].iloc[0]


def test_every_school_of_the_register_is_expected_at_an_obligatory_work(
    some: pd.DataFrame, base_with: Callable[..., Base]
) -> None:
    rows = controls.statistics(some, base_with())

    region = _unit(rows, "99")
    low, high = wilson(1, 3)
    assert (region["expected_source"], region["schools"], region["schools_covered"]) == ("register", 3, 1)
    assert (region["coverage"], region["coverage_low"], region["coverage_high"]) == pytest.approx((1 / 3, low, high))
    counted = region[["sessions", "sessions_covered", "trained", "violations"]].tolist()
    assert counted == [4, 2, 1, 2]
    # A school that no list names is there, without sessions; the closed one is not.
    assert _unit(rows, "s3")[["schools", "schools_covered", "sessions"]].tolist() == [1, 0, 0]
    assert "s4" not in set(rows["unit_code"])
    assert region["series"] == "observer | about_event=2026-vpr-ru-4"


def test_schools_with_results_are_expected_once_they_are_known(
    some: pd.DataFrame, base_with: Callable[..., Base], table_of: Callable[..., pd.DataFrame]
) -> None:
    results = table_of("fact_result", [("s1", "p1"), ("s3", "p2")], "school pupil", event_id=WORK, present=True)

    region = _unit(controls.statistics(some, base_with({"fact_result": results})), "99")

    # s2 has no results yet and is listed.
    assert (region["expected_source"], region["schools"], region["schools_covered"]) == ("results", 3, 1)


def test_schools_of_a_work_by_lot_are_those_of_the_list(observed: Callable, base_with: Callable[..., Base]) -> None:
    facts = observed([("s1", "2026-04-21", None, True, True, 0)], about=LOT)
    region = _unit(controls.statistics(facts, base_with()), "99")
    assert (region["expected_source"], region["schools"], region["coverage"]) == ("listed", 1, 1.0)


def test_kinds_of_control_and_procedures_are_series(
    observed: Callable, some: pd.DataFrame, base_with: Callable[..., Base]
) -> None:
    video = observed([("s1", "2026-04-21", None, True, None, 0)], about=None, control="video")
    rows = controls.statistics(pd.concat([some, video]), base_with())
    assert set(rows["series"]) == {"observer | about_event=2026-vpr-ru-4", "video"}
    assert _unit(rows[rows["series"] == "video"], "99")["schools"] == 1


def test_gaps_are_sessions_without_an_observer_and_schools_without_sessions(
    some: pd.DataFrame, observed: Callable, base_with: Callable[..., Base]
) -> None:
    video = observed([("s1", "2026-04-21", None, False, None, 0)], control="video")

    gaps = controls.observer_gaps(pd.concat([some, video]), base_with())

    found = gaps[["unit_code", "gap", "unit_name"]].to_numpy(dtype=object).tolist()
    assert found == [["s1", "absent", "Школа № 1"], ["s2", "absent", "Школа № 2"], ["s3", "unlisted", "Школа № 3"]]
    assert gaps["date"].dt.strftime("%d.%m").tolist()[:2] == ["22.04", "21.04"]
    assert gaps["date"].isna().tolist() == [False, False, True]
    assert set(gaps["about_event"]) == {WORK}
    assert controls.observer_gaps(video, base_with()).empty


def test_related_are_results_of_what_was_controlled(observed: Callable, base_with: Callable[..., Base]) -> None:
    facts = pd.concat(
        [
            observed([("s1", None, None, True, None, 0)]),
            observed([("s1", None, None, True, None, 0)], "2025-vsosh_school-ma"),
        ]
    )
    assert controls.related(base_with().cfg, [EVENT], facts) == {
        "fact_result": [WORK],
        "fact_group_marks": [WORK],
        "fact_olympiad": ["2025-vsosh_school-ma"],
    }


def test_participants_of_the_school_stage_make_their_school_expected(
    observed: Callable, base_with: Callable[..., Base], table_of: Callable[..., pd.DataFrame]
) -> None:
    stage = "2025-vsosh_school-ma"
    facts = observed([("s1", "2025-10-16", None, True, True, 0)], about=stage)
    taken = table_of(
        "fact_olympiad",
        [("s1", "p1"), ("s2", "p2")],
        "unit_code pupil",
        event_id=stage,
        stage="school",
        subject="ma",
        grade_participation=9,
    )
    region = _unit(controls.statistics(facts, base_with({"fact_olympiad": taken})), "99")
    assert (region["expected_source"], region["schools"], region["coverage"]) == ("results", 2, 0.5)
