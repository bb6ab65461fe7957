"""A real server for a whole test session, and fresh databases in it that cost milliseconds.

- ``server``: the session's embedded PostgreSQL (one a worker under xdist), not durable, gone at the end;
- ``engine``: a migrated database of the test's own; ``module_engine``: of the module's; ``bare_engine``: an empty one;
- ``make_home``: short folders for tests that start servers of their own, which are stopped and removed afterwards.
"""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine, make_url

from rsoko_pipeline.warehouse.embedded import EmbeddedPostgres
from rsoko_pipeline.warehouse.engine import get_engine
from rsoko_pipeline.warehouse.migrations import migrate

_HERE = Path(__file__).parent
_PREFIX = "rsoko-test-"
_TEMPLATE = "template_migrated"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if _HERE in item.path.parents:
            item.add_marker(pytest.mark.integration)


def _short_folder() -> Path:
    """A folder whose path is short and that a server's account may enter (pytest's own are closed to others)."""
    folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir="/tmp"))
    folder.chmod(0o755)
    return folder


def _remove_with_server(folder: Path) -> None:
    for state in folder.rglob("postgres/server.json"):
        EmbeddedPostgres(state.parent.parent).remove()
    shutil.rmtree(folder, ignore_errors=True)


def _remove_leftovers() -> None:
    """Servers of test sessions that were killed before they could clean up."""
    for folder in Path("/tmp").glob(f"{_PREFIX}*"):
        owner = folder.name.removeprefix(_PREFIX).split("-")[0]
        if owner.isdigit() and not Path(f"/proc/{owner}").exists() and folder.stat().st_uid == os.geteuid():
            _remove_with_server(folder)


@pytest.fixture(scope="session")
def server() -> Iterator[EmbeddedPostgres]:
    if Path("/proc/self").exists():
        _remove_leftovers()
    folder = _short_folder()
    running = EmbeddedPostgres(folder / "home", durable=False)
    try:
        running.start()
        yield running
    finally:
        _remove_with_server(folder)


@pytest.fixture(scope="session")
def template(server: EmbeddedPostgres) -> str:
    """The name of a migrated database that others are copied from."""
    with _administrator(server) as connection:
        connection.execute(sa.text(f"CREATE DATABASE {_TEMPLATE}"))
    migrated = _engine_of(server, _TEMPLATE)
    migrate(migrated)
    migrated.dispose()  # a database with sessions cannot be copied
    return _TEMPLATE


@contextmanager
def _administrator(server: EmbeddedPostgres) -> Iterator[sa.Connection]:
    engine = _engine_of(server, "postgres")
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        yield connection


def _engine_of(server: EmbeddedPostgres, database: str) -> Engine:
    return get_engine(make_url(server.start()).set(database=database))


@contextmanager
def database(server: EmbeddedPostgres, template: str) -> Iterator[Engine]:
    name = f"test_{secrets.token_hex(6)}"
    with _administrator(server) as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name} TEMPLATE {template}"))
    engine = _engine_of(server, name)
    try:
        yield engine
    finally:
        engine.dispose()
        with _administrator(server) as connection:
            connection.execute(sa.text(f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture
def engine(server: EmbeddedPostgres, template: str) -> Iterator[Engine]:
    with database(server, template) as engine:
        yield engine


@pytest.fixture(scope="module")
def module_engine(server: EmbeddedPostgres, template: str) -> Iterator[Engine]:
    with database(server, template) as engine:
        yield engine


@pytest.fixture
def bare_engine(server: EmbeddedPostgres) -> Iterator[Engine]:
    with database(server, "template1") as engine:
        yield engine


@contextmanager
def _homes() -> Iterator[Callable[..., Path]]:
    folder = _short_folder()

    def make(*parts: str) -> Path:
        home = folder.joinpath(*parts) if parts else folder / "home"
        home.parent.mkdir(parents=True, exist_ok=True)
        return home

    try:
        yield make
    finally:
        _remove_with_server(folder)


@pytest.fixture
def make_home() -> Iterator[Callable[..., Path]]:
    """Make home folders below a short folder; the servers in them are removed after the test."""
    with _homes() as make:
        yield make


@pytest.fixture(scope="module")
def make_module_home() -> Iterator[Callable[..., Path]]:
    """Like ``make_home``; the servers are removed after the module."""
    with _homes() as make:
        yield make
