from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from rsoko_pipeline.configuration import Configuration, load
from rsoko_pipeline.simulation.model import SimulatedRegion, simulate_works
from rsoko_pipeline.simulation.parameters import MARK_SHARES, Parameters, WorkSpec
from rsoko_pipeline.simulation.protocols import Heading, Protocol, protocol, school_texts
from rsoko_pipeline.simulation.region import make_register

RU4 = WorkSpec(
    "2026-vpr-ru-4",
    "ru",
    4,
    2026,
    (4, 3, 1, 3, 2, 1, 2, 2, 2, 1, 1, 2),
    (10, 16, 21),
    labels=("1К1", "1К2", "2", "3.1", "3.2", "4", "5", "6", "7", "8", "9", "10"),
    levels=("Б", "Б", "Б", "Б", "П", "Б", "Б", "П", "Б", "Б", "П", "В"),
    shares=MARK_SHARES["ru", 4],
)
MA4 = WorkSpec(
    "2026-vpr-ma-4", "ma", 4, 2026, (1, 1, 2, 1, 2, 2, 1, 1, 2, 1, 2, 1, 2, 1), (6, 10, 15), shares=MARK_SHARES["ma", 4]
)
HEADING = Heading("ВПР", "Русский язык", "РУ", 4, 2026, date(2026, 4, 22), "2025/2026")

SCALES = """
source: вымышленные шкалы
status: own
scales:
  - {subject: ru, grade: 4, max_score: 24, borders: {3: 10, 4: 16, 5: 21}}
  - {subject: ma, grade: 4, max_score: 20, borders: {3: 6, 4: 10, 5: 15}}
  - {subject: ru, grade: 5, max_score: 12, borders: {3: 4, 4: 7, 5: 10}}
  - {subject: ma, grade: 5, max_score: 12}
"""
WORKS = """
source: вымышленные работы
status: own
works:
  - {subject: ru, grade: 4, tasks: [
      {task: 1К1, max_points: 4, difficulty: Б}, {task: 1К2, max_points: 3, difficulty: Б},
      {task: "2", max_points: 1},
      {task: "3.1", max_points: 3},
      {task: "3.2", max_points: 1}, {task: "4", max_points: 12, difficulty: В}]}
  - {subject: ma, grade: 4, tasks: [
      {task: "1", max_points: 1}, {task: "2", max_points: 4}, {task: "3", max_points: 5}, {task: "4", max_points: 5},
      {task: "5", max_points: 5}]}
  - {subject: ru, grade: 5, tasks: [
      {task: "1", max_points: 2}, {task: "2", max_points: 5}, {task: "3К1", max_points: 5}]}
  - {subject: ma, grade: 5, tasks: [{task: "1", max_points: 12}]}
"""


@pytest.fixture(scope="session")
def region() -> SimulatedRegion:
    """An honest region of usual size."""
    return simulate_works(Parameters(), [RU4, MA4], 400, seed=1)


@pytest.fixture(scope="session")
def small() -> SimulatedRegion:
    return simulate_works(Parameters(), [RU4, MA4], 12, seed=3)


@pytest.fixture(scope="session")
def register(small: SimulatedRegion) -> pd.DataFrame:
    return make_register(small.schools, 3, "99")


@pytest.fixture
def ru(small: SimulatedRegion, register: pd.DataFrame) -> Protocol:
    """The small region's Russian, ready to print; fresh for every test."""
    return protocol(small.works[RU4.work_id], HEADING, school_texts(register), small.seed)


@pytest.fixture(scope="session")
def cfg(tmp_path_factory: pytest.TempPathFactory) -> Configuration:
    """The shipped configuration with few works: Russian and maths of grade 4, Russian of grade 5."""
    overlay: Path = tmp_path_factory.mktemp("overlay")
    folder = overlay / "procedures" / "vpr"
    folder.mkdir(parents=True)
    (folder / "scales.yaml").write_text(SCALES, encoding="utf-8")
    (folder / "works.yaml").write_text(WORKS, encoding="utf-8")
    return load(str(overlay))
