"""A very small region's files, made once."""

from __future__ import annotations

from pathlib import Path

import pytest

from rsoko_pipeline.simulation.landing import simulate

#: The fewest for which the official list is not empty.
SCHOOLS = 6


@pytest.fixture(scope="session")
def small_region(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("small region")
    simulate(folder, schools=SCHOOLS, years=1, seed=7, dirt=0, procedures=False)
    return folder
