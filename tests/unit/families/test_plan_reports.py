"""Reports about plans in sum: measures done, partly, late, with a document, by unit and plan."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from rsoko_pipeline.families import Base, plan_reports
from rsoko_pipeline.indicators import wilson

TableOf = Callable[..., pd.DataFrame]
#: Unit, number, state, date, document.
ROWS: list[tuple[object, ...]] = [
    ("s1", "1.1", "done", "2026-01-10", "акт"),
    ("s1", "1.2", "no", "2026-01-10", None),
    ("s1", "1.2", "done", "2026-02-01", "акт № 2"),  # a later report about the same measure
    ("s2", "1.1", "partly", "2026-01-10", None),
    ("s3", "1.1", "late", "2026-01-10", None),
]


@pytest.fixture
def rows(base_with: Callable[..., Base], table_of: TableOf) -> dict[tuple[str, str], dict[Any, Any]]:
    facts = table_of(
        "fact_measure_status", ROWS, "unit_code number state date document", event_id="2025-plan_reports", plan="p"
    )
    found = plan_reports.statistics(facts, base_with())
    return {(row["level"], row["unit_code"]): row for row in found.to_dict("records")}


def test_of_a_schools_reports_about_one_measure_the_last_counts(rows: dict[tuple[str, str], dict[Any, Any]]) -> None:
    row = rows["school", "s1"]
    assert (row["measures"], row["done"], row["not_done"], row["documented"]) == (2, 2, 0, 2)
    assert row["unit_name"] == "Школа № 1" and row["done_share"] == 1.0


def test_municipalities_and_the_region_count_their_schools(rows: dict[tuple[str, str], dict[Any, Any]]) -> None:
    place, region = rows["municipality", "m1"], rows["region", "99"]
    assert (place["units"], place["measures"], place["done"], place["partly"], place["late"]) == (2, 3, 2, 1, 0)
    assert (region["units"], region["measures"], region["done"], region["late"]) == (3, 4, 2, 1)
    low, high = wilson(2, 4)
    assert (region["done_low"], region["done_high"]) == pytest.approx((float(low), float(high)))
    assert region["parent_code"] is None or pd.isna(region["parent_code"])
