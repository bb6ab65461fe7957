"""An installation with its own landing folder and database, and a small simulated region to put into it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine
from upath import UPath

from rsoko_pipeline import runner
from rsoko_pipeline.landing import parsed
from rsoko_pipeline.settings import Settings
from rsoko_pipeline.simulation.landing import simulate

SCHOOLS = 8


@dataclass
class Installation:
    """Settings of an installation on a test database, with shortcuts."""

    settings: Settings
    engine: Engine

    @property
    def landing(self) -> Path:
        return Path(str(self.settings.landing))

    @property
    def outbox(self) -> Path:
        return Path(str(self.settings.outbox))

    def run(self, **options: object) -> runner.RunSummary:
        parsed.forget()
        summary = runner.run(self.settings, **options)  # type: ignore[arg-type]
        assert not summary.failed, summary.failed
        return summary

    def ask(self, query: str, **values: object) -> list[tuple[object, ...]]:
        with self.engine.connect() as connection:
            return [tuple(row) for row in connection.execute(sa.text(query), values)]

    def one(self, query: str, **values: object) -> object:
        ((value,),) = self.ask(query, **values)
        return value


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


def _installation(home: Path, engine: Engine) -> Installation:
    url = engine.url.render_as_string(hide_password=False)
    settings = Settings(
        home=home, landing=UPath(home / "landing"), outbox=UPath(home / "outbox"), warehouse_url=url, secret="test key"
    )
    Path(str(settings.landing)).mkdir(parents=True)
    return Installation(settings, engine)


@pytest.fixture
def installation(tmp_path: Path, engine: Engine) -> Installation:
    """An empty installation of the test's own."""
    return _installation(tmp_path / "home", engine)


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory, module_engine: Engine, region: Path) -> Installation:
    """An installation that has run the clean region once."""
    made = _installation(tmp_path_factory.mktemp("finished") / "home", module_engine)
    shutil.copytree(region, made.landing, dirs_exist_ok=True)
    made.run()
    return made


@pytest.fixture
def deliver() -> Iterator[Callable[[Path, Installation], None]]:
    """Put files of a folder into an installation's landing folder."""

    def put(folder: Path, installation: Installation) -> None:
        shutil.copytree(folder, installation.landing, dirs_exist_ok=True)

    yield put
