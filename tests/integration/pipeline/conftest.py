"""An installation with its own landing folder and database, and a small simulated region to put into it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy.engine import Engine

from rsoko_pipeline.simulation.landing import simulate

from ..installation import Installation

SCHOOLS = 8


@pytest.fixture(scope="session")
def region(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Landing files of a small clean region, one school year, as Ф1."""
    folder = tmp_path_factory.mktemp("region")
    simulate(folder, schools=SCHOOLS, years=1, seed=7, dirt=0)
    return folder


@pytest.fixture(scope="session")
def soiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with the usual dirt of real files."""
    folder = tmp_path_factory.mktemp("soiled")
    simulate(folder, schools=SCHOOLS, years=1, seed=7)
    return folder


@pytest.fixture
def installation(tmp_path: Path, engine: Engine) -> Installation:
    """An empty installation of the test's own."""
    return Installation.at(tmp_path / "home", engine)


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory, module_engine: Engine, region: Path) -> Installation:
    """An installation that has run the clean region once."""
    made = Installation.at(tmp_path_factory.mktemp("finished") / "home", module_engine)
    shutil.copytree(region, made.landing, dirs_exist_ok=True)
    made.run()
    return made


@pytest.fixture
def deliver() -> Iterator[Callable[[Path, Installation], None]]:
    """Put files of a folder into an installation's landing folder."""

    def put(folder: Path, installation: Installation) -> None:
        shutil.copytree(folder, installation.landing, dirs_exist_ok=True)

    yield put
