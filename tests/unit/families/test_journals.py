"""Current marks: distribution by period, comparison with the external mark of the same pupil."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest

from rsoko_pipeline.families import Base, journals
from rsoko_pipeline.indicators import wilson

EVENT = "2025-journals"
_COLUMNS = "unit_code pupil period mark mean_mark"


@pytest.fixture
def journal(table_of: Callable[..., pd.DataFrame]) -> Callable[..., pd.DataFrame]:
    def make(rows: list[tuple[object, ...]]) -> pd.DataFrame:
        return table_of("fact_journal_mark", rows, _COLUMNS, event_id=EVENT, subject="ru", grade=4)

    return make


@pytest.fixture
def works(table_of: Callable[..., pd.DataFrame]) -> Callable[..., pd.DataFrame]:
    def make(event: str, rows: list[tuple[object, ...]]) -> pd.DataFrame:
        return table_of("fact_result", rows, "school pupil present mark", event_id=event)

    return make


def test_marks_by_period_and_level(journal: Callable, base_with: Callable[..., Base]) -> None:
    facts = journal(
        [
            ("s1", "p1", "I четверть", 5, 4.6),
            ("s1", "p2", "I четверть", 3, None),
            ("s1", "p3", "I четверть", None, 3.4),
            ("s1", "p1", "II четверть", 4, 4.1),
            ("s2", "p4", "I четверть", 4, None),
        ]
    )

    found = journals.statistics(facts, base_with())
    rows = {(row["unit_code"], row["period"]): row for row in found.to_dict("records")}

    school = rows["s1", "I четверть"]
    assert (school["n"], school["n3"], school["n5"]) == (2, 1, 1)
    assert school["mean_mark"] == pytest.approx((4.6 + 3 + 3.4) / 3)
    low, high = wilson(2, 3)
    place = rows["m1", "I четверть"]
    assert (place["quality"], place["quality_low"], place["quality_high"]) == pytest.approx((2 / 3, low, high))
    assert rows["99", "II четверть"]["n4"] == 1
    assert (found["linked"] == 0).all()


def test_external_marks_of_the_same_pupil(journal: Callable, works: Callable, base_with: Callable[..., Base]) -> None:
    facts = journal([("s1", f"p{n}", "год", mark, None) for n, mark in enumerate((5, 4, 3, 4, None), start=1)])
    results = pd.concat(
        [
            works("2026-vpr-ru-4", [("s1", "p1", True, 4), ("s1", "p2", True, 4), ("s1", "p3", True, 5)]),
            works("2026-vpr-ru-4", [("s1", "p4", False, None), ("s1", "p5", True, 3)]),
            works("2026-vpr-ma-4", [("s1", "p2", True, 2)]),
            works("2025-vpr-ru-4", [("s1", "p4", True, 2)]),
        ]
    )

    rows = journals.statistics(facts, base_with({"fact_result": results}))

    region = rows[rows["unit_code"] == "99"].iloc[0]
    assert [region[name] for name in ("linked", "lowered", "confirmed", "raised")] == [3, 1, 1, 1]


def test_related_are_works_of_the_year_in_the_same_subjects_and_grades(
    journal: Callable, base_with: Callable[..., Base]
) -> None:
    found = journals.related(base_with().cfg, [EVENT], journal([("s1", "p1", "год", 5, None)]))["fact_result"]
    assert "2026-vpr-ru-4" in found
    assert not [event for event in found if not event.endswith("-ru-4") or event.startswith("2025-vpr")]
