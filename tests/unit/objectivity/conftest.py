"""Simulated regions for the signs: the generator of the calibration, small."""

from __future__ import annotations

from types import ModuleType

import pandas as pd
import pytest

from bench import calibration as bench_calibration
from rsoko_pipeline.objectivity import settings as objectivity_settings
from rsoko_pipeline.simulation.manipulation import Manipulation
from rsoko_pipeline.simulation.model import make_schools, simulate_work_arrays
from rsoko_pipeline.simulation.parameters import Parameters


@pytest.fixture(scope="session")
def calibration() -> ModuleType:
    """``bench/calibration.py`` as a module."""
    return bench_calibration


@pytest.fixture(scope="session")
def settings() -> objectivity_settings.Settings:
    return objectivity_settings.load()


class Region:
    """A simulated region with its frames."""

    def __init__(self, calibration: ModuleType, seed: int, schools: int, manipulations: list[Manipulation]) -> None:
        self.schools = make_schools(Parameters(), schools, seed)
        self.works = [
            simulate_work_arrays(Parameters(), spec, self.schools, seed, manipulations) for spec in calibration.works()
        ]
        self.results, self.tasks = calibration.frames(self.works)
        self.context: pd.DataFrame = calibration.context(self.schools)

    def large(self, position: int) -> int:
        """The school in that place by size."""
        return int(self.schools.size.argsort()[::-1][position])


@pytest.fixture(scope="session")
def clean(calibration: ModuleType) -> Region:
    """A region where nobody did anything."""
    return Region(calibration, 11, 120, [])


@pytest.fixture(scope="session")
def dirty(calibration: ModuleType, clean: Region) -> tuple[Region, dict[str, str]]:
    """The same region where five large schools each did one thing in both works."""
    kinds = [("bump", 0.9), ("hints", 0.9), ("fill", 0.9), ("journal", 0.9), ("absence", 1.0)]
    manipulations = [Manipulation(clean.large(3 + i), kind, strength) for i, (kind, strength) in enumerate(kinds)]
    truth = {f"s{one.school:04d}": one.kind for one in manipulations}
    return Region(calibration, 11, 120, manipulations), truth
