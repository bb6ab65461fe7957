"""Second marking: agreement by marks, by scores where marks are missing, the first marking from the pupil's result."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest

from rsoko_pipeline.families import Base, second_marks
from rsoko_pipeline.indicators import wilson

EVENT, WORK = "2026-remarking", "2026-vpr-ru-4"
_COLUMNS = "unit_code pupil first_score first_mark second_score second_mark"


@pytest.fixture
def checked(table_of: Callable[..., pd.DataFrame]) -> Callable[..., pd.DataFrame]:
    def make(rows: list[tuple[object, ...]], kind: str = "remarking") -> pd.DataFrame:
        return table_of("fact_second_mark", rows, _COLUMNS, event_id=EVENT, about_event=WORK, second_kind=kind)

    return make


def _unit(rows: pd.DataFrame, unit: str) -> pd.Series:
    return rows[rows["unit_code"] == unit].iloc[0]


def test_agreement_by_marks_and_else_by_scores(checked: Callable, base_with: Callable[..., Base]) -> None:
    facts = checked(
        [
            ("s1", "p1", 16, 4, 15, 4),
            ("s1", "p2", 21, 5, 20, 4),
            ("s1", "p3", 12, None, 12, 3),
            ("s2", "p4", 9, 2, 10, 3),
            ("s3", "p5", None, None, 11, 3),
        ]
    )

    rows = second_marks.statistics(facts, base_with())

    school = _unit(rows, "s1")
    assert (school["n"], school["same"], school["lower"], school["higher"]) == (3, 2, 1, 0)
    assert school["mean_difference"] == pytest.approx(-2 / 3)
    region = _unit(rows, "99")
    low, high = wilson(2, 4)
    assert (region["n"], region["higher"]) == (4, 1)
    assert (region["same_share"], region["same_low"], region["same_high"]) == pytest.approx((0.5, low, high))
    assert "s3" not in set(rows["unit_code"])


def test_the_first_marking_comes_from_the_result(
    checked: Callable, base_with: Callable[..., Base], table_of: Callable[..., pd.DataFrame]
) -> None:
    results = table_of(
        "fact_result",
        [("s1", "p1", True, 16, 4), ("s1", "p2", True, 21, 5)],
        "school pupil present primary_score mark",
        event_id=WORK,
    )
    facts = checked([("s1", "p1", None, None, 14, 3), ("s1", "p2", 20, 4, 20, 4), ("s1", "other", None, None, 1, 2)])

    school = _unit(second_marks.statistics(facts, base_with({"fact_result": results})), "s1")

    assert (school["n"], school["same"], school["lower"]) == (2, 1, 1)
    assert school["mean_difference"] == pytest.approx(-1.0)
    assert second_marks.related(base_with().cfg, [EVENT], facts) == {"fact_result": [WORK]}


def test_works_chosen_at_random_stand_apart(checked: Callable, base_with: Callable[..., Base]) -> None:
    facts = checked([("s1", "p1", 5, 3, 5, 3), ("s1", "p2", 9, 4, 7, 3), ("s2", "p3", 5, 3, 5, 3)])
    facts["choice"] = pd.array(["random", "border", None], dtype="str")
    rows = second_marks.statistics(facts, base_with())
    low, high = wilson(1, 1)
    found = _unit(rows, "99")[["n", "random_n", "random_share", "random_low", "random_high"]].tolist()
    assert found == pytest.approx([3, 1, 1.0, low, high])
    assert _unit(rows, "s2")[["random_n", "random_share"]].isna().tolist() == [False, True]


def test_kinds_stand_apart(checked: Callable, base_with: Callable[..., Base]) -> None:
    facts = pd.concat([checked([("s1", "p1", 5, 3, 5, 3)]), checked([("s1", "p1", 5, 3, 4, 2)], "cross_check")])
    rows = second_marks.statistics(facts, base_with())
    shares = rows[rows["level"] == "region"].set_index("second_kind")["same_share"].to_dict()
    assert shares == {"remarking": 1.0, "cross_check": 0.0}
