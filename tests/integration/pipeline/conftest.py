"""A small simulated region and installations that have run it, each built once a session and copied for a test."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy.engine import Engine

from resources.warehouse import connect
from rsoko_pipeline.simulation.landing import simulate
from rsoko_pipeline.warehouse.embedded import EmbeddedPostgres

from ..conftest import database
from ..installation import Installation

SCHOOLS = 6


@pytest.fixture(scope="session")
def region(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Landing files of a small clean region, one school year, as Ф1."""
    folder = tmp_path_factory.mktemp("region")
    simulate(folder, schools=SCHOOLS, years=1, seed=7, dirt=0, procedures=False)
    return folder


@pytest.fixture(scope="session")
def soiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with the usual dirt of real files."""
    folder = tmp_path_factory.mktemp("soiled")
    simulate(folder, schools=SCHOOLS, years=1, seed=7, procedures=False)
    return folder


@pytest.fixture
def installation(tmp_path: Path, engine: Engine) -> Installation:
    """An empty installation of the test's own."""
    return Installation.at(tmp_path / "home", engine)


@contextmanager
def _ran(server: EmbeddedPostgres, template: str, home: Path, files: Path) -> Iterator[Installation]:
    with database(server, template) as engine:
        made = Installation.at(home, engine)
        shutil.copytree(files, made.landing, dirs_exist_ok=True)
        made.run()
        yield made


@contextmanager
def _copied(server: EmbeddedPostgres, original: Installation, home: Path) -> Iterator[Installation]:
    shutil.copytree(original.settings.home, home)
    connect(str(original.settings.home), original.settings.warehouse_url).dispose()
    original.engine.dispose()  # a database with sessions cannot be copied
    with database(server, str(original.engine.url.database)) as engine:
        yield Installation.at(home, engine)


@pytest.fixture(scope="session")
def finished(
    server: EmbeddedPostgres, template: str, tmp_path_factory: pytest.TempPathFactory, region: Path
) -> Iterator[Installation]:
    """An installation that has run the clean region once; only for looking at."""
    with _ran(server, template, tmp_path_factory.mktemp("finished") / "home", region) as made:
        yield made


@pytest.fixture(scope="session")
def finished_soiled(
    server: EmbeddedPostgres, template: str, tmp_path_factory: pytest.TempPathFactory, soiled: Path
) -> Iterator[Installation]:
    """An installation that has run the soiled region once; only for looking at."""
    with _ran(server, template, tmp_path_factory.mktemp("finished_soiled") / "home", soiled) as made:
        yield made


@pytest.fixture
def clean_copy(server: EmbeddedPostgres, finished: Installation, tmp_path: Path) -> Iterator[Installation]:
    """A copy of ``finished`` of the test's own."""
    with _copied(server, finished, tmp_path / "home") as made:
        yield made


@pytest.fixture
def soiled_copy(server: EmbeddedPostgres, finished_soiled: Installation, tmp_path: Path) -> Iterator[Installation]:
    """A copy of ``finished_soiled`` of the test's own."""
    with _copied(server, finished_soiled, tmp_path / "home") as made:
        yield made


@pytest.fixture
def deliver() -> Callable[[Path, Installation], None]:
    """Put files of a folder into an installation's landing folder."""

    def put(folder: Path, installation: Installation) -> None:
        shutil.copytree(folder, installation.landing, dirs_exist_ok=True)

    return put
