"""What stands behind ``rsoko db``, from first start to a restored copy."""

from __future__ import annotations

import socket
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import psycopg2
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from rsoko_pipeline import contracts
from rsoko_pipeline.warehouse import admin
from rsoko_pipeline.warehouse.copy import append, read_table, replace_partition
from rsoko_pipeline.warehouse.embedded import EmbeddedPostgres
from rsoko_pipeline.warehouse.engine import get_engine
from rsoko_pipeline.warehouse.errors import WarehouseError
from rsoko_pipeline.warehouse.migrations import drift, migrate

SUBJECTS = pd.DataFrame({"subject": ["ru", "ma"], "name": ["Русский язык", "Математика"], "short_name": ["РУ", "МА"]})


@pytest.fixture(scope="module")
def module_home(make_module_home: Callable[..., Path]) -> Path:
    return make_module_home("папка с пробелом", ".rsoko")


@pytest.fixture
def home(module_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home whose server is quick, not durable."""
    monkeypatch.delenv("RSOKO_WAREHOUSE_URL", raising=False)
    EmbeddedPostgres(module_home, durable=False).start()
    return module_home


@pytest.fixture
def loaded(home: Path) -> Iterator[Engine]:
    engine = get_engine(admin.url(home))
    migrate(engine)
    replace_partition(engine, "dim_subject", subjects(), None)
    yield engine
    engine.dispose()


def subjects() -> pd.DataFrame:
    """The subjects in the shape that the registry has today."""
    table = contracts.table("dim_subject")
    extra = {name: None for name in table.names if name not in SUBJECTS.columns}
    return table.conform(SUBJECTS.assign(**extra))


def test_start_stop_status_url(home: Path) -> None:
    assert admin.status(home).running
    assert admin.url(home) == admin.status(home).url == admin.start(home)
    assert admin.stop(home) is True
    assert not admin.status(home).running
    assert admin.stop(home) is False
    assert admin.url(home)  # starts it
    assert admin.status(home).running


def test_an_external_server_is_not_started_from_here(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RSOKO_WAREHOUSE_URL", "postgres://me:secret@db.example/rsoko")
    assert admin.url(home) == "postgresql+psycopg2://me:secret@db.example/rsoko"
    for refused in (admin.start, admin.stop, admin.status):
        with pytest.raises(WarehouseError, match="внешний сервер"):
            refused(home)


def test_psql_runs_on_the_warehouse(loaded: Engine, home: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert admin.psql(home, ["-X", "-t", "-A", "-c", "SELECT name FROM core.dim_subject ORDER BY 1"]) == 0
    assert capfd.readouterr().out.split("\n") == ["Математика", "Русский язык", ""]
    assert admin.psql(home, ["-X", "-c", "no such statement"]) == 1


def test_granted_users_may_what_their_role_may(loaded: Engine, home: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    admin.grant(loaded, "rsoko_region", "аналитик", "длинный пароль")
    admin.grant(loaded, "rsoko_etl", "loader", "another long one")
    admin.grant(loaded, "rsoko_public", "outsider", "yet another one")
    loaded.dispose()
    admin.start(home, port)

    def engine_of(user: str, password: str) -> Engine:
        url = sa.URL.create("postgresql", user, password, "127.0.0.1", port, "rsoko")
        return get_engine(url, application="test")

    region = engine_of("аналитик", "длинный пароль")
    with region.connect() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM dim_subject")) == 2  # on the search path
        assert connection.scalar(sa.text("SELECT count(*) FROM mart.mark_statistics")) == 0
    for statement in ("SELECT 1 FROM core.fact_result", "SELECT 1 FROM ops.quarantine", "DELETE FROM core.dim_subject"):
        with pytest.raises(sa.exc.ProgrammingError, match="permission denied"), region.begin() as connection:
            connection.execute(sa.text(statement))
    loader = engine_of("loader", "another long one")
    assert migrate(loader) is False
    append(loader, "dim_subject", subjects().assign(subject=["ph", "hi"]))
    assert len(read_table(loader, "dim_subject")) == 4
    outsider = engine_of("outsider", "yet another one")
    with pytest.raises(WarehouseError, match="не хватает прав"):
        read_table(outsider, "dim_subject")
    for engine in (region, loader, outsider):
        engine.dispose()

    at_home = get_engine(admin.url(home))
    admin.grant(at_home, "rsoko_public", "аналитик", "новый длинный пароль")  # another role in place of the first
    with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
        psycopg2.connect(host="127.0.0.1", port=port, dbname="rsoko", user="аналитик", password="длинный пароль")
    with pytest.raises(WarehouseError, match="не хватает прав"):
        read_table(engine_of("аналитик", "новый длинный пароль"), "dim_subject")
    at_home.dispose()


def test_grant_refuses_what_is_unsuitable(loaded: Engine) -> None:
    with loaded.begin() as connection:
        connection.execute(sa.text("CREATE ROLE boss SUPERUSER"))
    for role, user, password, words in (
        ("postgres", "me", "long enough", "Нет роли postgres"),
        ("rsoko_region", "postgres", "long enough", "не подходит"),
        ("rsoko_region", "rsoko_etl", "long enough", "не подходит"),
        ("rsoko_region", "a; DROP", "long enough", "не подходит"),
        ("rsoko_region", "me", "short", "короче 8"),
        ("rsoko_region", "boss", "long enough", "администратор"),
    ):
        with pytest.raises(WarehouseError, match=words):
            admin.grant(loaded, role, user, password)


def test_a_dump_is_restored_as_it_was(loaded: Engine, home: Path, make_home: Callable[..., Path]) -> None:
    file = home.parent / "копия базы.dump"
    assert admin.dump(home, file) == file
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    append(loaded, "dim_subject", subjects().assign(subject=["ph", "hi"]))
    with loaded.begin() as connection:
        connection.execute(sa.text("CREATE TABLE mart.later (n int)"))
    admin.restore(home, file)
    assert len(read_table(loaded, "dim_subject")) == 2
    assert drift(loaded) == []

    other = make_home("другая", ".rsoko")  # a fresh server has not even the roles
    EmbeddedPostgres(other, durable=False).start()
    admin.restore(other, file)
    fresh = get_engine(admin.url(other))
    assert read_table(fresh, "dim_subject")["name"].tolist() == ["Математика", "Русский язык"]
    assert drift(fresh) == []
    with fresh.connect() as connection:
        assert connection.scalar(sa.text("SELECT has_table_privilege('rsoko_region', 'core.dim_subject', 'SELECT')"))
    fresh.dispose()
    assert sorted(path.name for path in home.parent.iterdir()) == [".rsoko", file.name]  # no drafts


def test_a_bad_copy_changes_nothing(loaded: Engine, home: Path, tmp_path: Path) -> None:
    good = admin.dump(home, tmp_path / "good.dump")
    bad = tmp_path / "bad.dump"
    bad.write_bytes(good.read_bytes()[:-2000])
    text = tmp_path / "text.dump"
    text.write_text("это не копия")
    for file, words in ((bad, "повреждён"), (text, "не копия базы"), (home / "nothing", "Нет файла")):
        with pytest.raises(WarehouseError, match=words):
            admin.restore(home, file)
    assert len(read_table(loaded, "dim_subject")) == 2
    with pytest.raises(WarehouseError, match="нельзя записать"):
        admin.dump(home, home / "no such folder" / "x.dump")


def test_a_restore_waits_for_nobody_for_ever(
    loaded: Engine, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = admin.dump(home, tmp_path / "good.dump")
    monkeypatch.setattr(admin, "_LOCK_TIMEOUT", "200ms")
    with loaded.connect() as connection:
        connection.execute(sa.text("SELECT count(*) FROM core.dim_subject"))
        with pytest.raises(WarehouseError, match="пользуются другие программы"):
            admin.restore(home, file)
    assert len(read_table(loaded, "dim_subject")) == 2
