"""What a dimension said on a day, and which count of the contingent holds for a work."""

from __future__ import annotations

import pandas as pd
import pytest

from rsoko_pipeline import contracts
from rsoko_pipeline.history import counted, everyone_writes, in_force


def _schools(*rows: tuple[str, str, str, str | None]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["school", "name", "valid_from", "valid_to"])
    return contracts.table("dim_school").conform(frame.assign(municipality="m1"))


@pytest.mark.parametrize(
    ("day", "name"),
    [
        ("1999-01-01", "Первая"),  # not yet begun: the first to come
        ("2021-04-15", "Первая"),
        ("2021-08-31", "Первая"),
        ("2021-09-01", "Вторая"),
        ("2024-01-01", "Вторая"),  # between two periods: the last that ended
        ("2026-05-20", "Третья"),
        ("2031-01-01", "Третья"),  # closed: the last that ended
    ],
)
def test_the_row_of_a_day_is_the_one_in_force_or_the_nearest(day: str, name: str) -> None:
    schools = _schools(
        ("a", "Третья", "2025-09-01", "2030-01-01"),
        ("a", "Первая", "2010-01-01", "2021-08-31"),
        ("a", "Вторая", "2021-09-01", "2023-06-30"),
        ("b", "Другая", "1990-01-01", None),
    )
    found = in_force(schools, "school", pd.Timestamp(day)).set_index("school")["name"]
    assert found.to_dict() == {"a": name, "b": "Другая"}


def test_without_a_day_the_row_that_began_last() -> None:
    schools = _schools(("a", "Новая", "2025-09-01", None), ("a", "Старая", "2010-01-01", "2025-08-31"))
    assert list(in_force(schools, "school")["name"]) == ["Новая"]


def _contingent(*rows: tuple[str, str | None, int | None, int]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["school", "counted_on", "class_no", "enrolled"])
    frame = frame.assign(school_year="2025/2026", grade=4, file_id="f", row_number=range(1, len(rows) + 1))
    return contracts.table("fact_contingent").conform(frame)


WORKS = pd.DataFrame(
    {
        "event_id": ["autumn", "spring"],
        "school_year": "2025/2026",
        "grade": pd.array([4, 4], dtype="Int16"),
        "window_to": pd.to_datetime(["2025-10-10", "2026-05-20"]),
    }
)


def test_the_last_count_before_the_end_of_the_window_holds() -> None:
    contingent = _contingent(
        ("a", "2025-09-05", 1, 20), ("a", "2025-09-05", 2, 21), ("a", "2026-01-15", 1, 40), ("b", None, None, 9),
        ("c", "2026-01-15", 1, 5),
    )  # fmt: skip
    found = counted(contingent, WORKS).groupby(["event_id", "school"])["enrolled"].sum()
    # in January the school put its two classes together: the second class of September does not count any more
    assert found.to_dict() == {("autumn", "a"): 41, ("autumn", "b"): 9, ("spring", "a"): 40, ("spring", "b"): 9,
                               ("spring", "c"): 5}  # fmt: skip


def test_other_years_and_grades_are_not_counted() -> None:
    contingent = _contingent(("a", None, 1, 20))
    assert counted(contingent.assign(school_year="2024/2025"), WORKS).empty
    assert counted(contingent.assign(grade=5), WORKS).empty


def test_only_an_obligatory_work_is_for_everyone() -> None:
    events = pd.DataFrame({"participation": ["obligatory", "by_choice", "sample", "by_lot"]})
    assert everyone_writes(events).tolist() == [True, False, False, False]
