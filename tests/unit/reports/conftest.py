"""Fixtures of the report tests: a small fictional region-year, and opening a workbook."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from rsoko_pipeline.reports.inputs import RegionReport
from tests.unit.reports.fictional import make_region


@pytest.fixture(scope="session")
def region_and_results() -> tuple[RegionReport, pd.DataFrame]:
    return make_region()


@pytest.fixture(scope="session")
def region(region_and_results: tuple[RegionReport, pd.DataFrame]) -> RegionReport:
    return region_and_results[0]


@pytest.fixture(scope="session")
def results(region_and_results: tuple[RegionReport, pd.DataFrame]) -> pd.DataFrame:
    return region_and_results[1]


@pytest.fixture(scope="session")
def opened() -> Callable[[bytes], Any]:
    """Opens the bytes of a workbook with openpyxl."""
    from openpyxl import load_workbook

    return lambda content: load_workbook(io.BytesIO(content))
