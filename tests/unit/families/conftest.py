"""A small fictional region for the families' tests, and contract frames from few words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import pandas as pd
import pytest

from rsoko_pipeline import contracts
from rsoko_pipeline.configuration import load
from rsoko_pipeline.families import Base
from rsoko_pipeline.indicators import Register, Stamp

#: Columns that every fact has and no test is about.
_ORIGIN = {"file_id": "f", "config_version": "0123456789ab", "run_id": "run-1", "is_matched": True}


@pytest.fixture
def register() -> Register:
    """Three schools in two municipalities and one that was closed."""
    schools = pd.DataFrame(
        [
            ("s1", "Школа № 1", "m1", None),
            ("s2", "Школа № 2", "m1", None),
            ("s3", "Школа № 3", "m2", None),
            ("s4", "Школа № 4", "m2", "2020-08-31"),
        ],
        columns=["school", "name", "municipality", "valid_to"],
    ).assign(valid_from="2000-01-01")
    places = pd.DataFrame(
        [("m1", "Северный район", "99", "2000-01-01"), ("m2", "Южный район", "99", "2000-01-01")],
        columns=["municipality", "name", "region", "valid_from"],
    )
    return Register(
        "99",
        "Вымышленная область",
        contracts.table("dim_school").conform(schools),
        contracts.table("dim_municipality").conform(places),
    )


@pytest.fixture
def base_with(register: Register) -> Callable[..., Base]:
    """A base of the shipped configuration with rows of other tables."""

    def make(others: Mapping[str, pd.DataFrame] | None = None) -> Base:
        return Base(
            load(), register, Stamp("0123456789ab", "run-1", datetime(2026, 6, 1, tzinfo=UTC)), [], others or {}
        )

    return make


@pytest.fixture
def table_of() -> Callable[..., pd.DataFrame]:
    """Rows of a table of ``core`` from few words; what every row shares goes last."""

    def make(table: str, rows: list[tuple[object, ...]], columns: str, **shared: object) -> pd.DataFrame:
        common: dict[str, Any] = {**_ORIGIN, "level": "school", **shared}
        frame = pd.DataFrame(rows, columns=columns.split()).assign(**common)
        frame["row_number"] = range(2, len(frame) + 2)
        return contracts.table(table).conform(frame.reindex(columns=contracts.table(table).names))

    return make
