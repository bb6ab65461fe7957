"""The migrated database is what the registry says, for everybody who may see it; and migrating is safe and quick."""

from __future__ import annotations

import subprocess
import sys
import threading
import time

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from rsoko_pipeline import contracts
from rsoko_pipeline.warehouse import migrations
from rsoko_pipeline.warehouse.admin import ROLES
from rsoko_pipeline.warehouse.errors import WarehouseError
from rsoko_pipeline.warehouse.metadata import SCHEMAS, build_metadata
from rsoko_pipeline.warehouse.migrations import drift, head, migrate


def run(engine: Engine, *statements: str) -> None:
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(sa.text(statement))


# ---------------------------------------------------------------------- running them


def test_migrating_twice_changes_nothing_and_is_quick(bare_engine: Engine) -> None:
    assert migrate(bare_engine) is True
    assert migrate(bare_engine) is False
    begin = time.perf_counter()
    for _ in range(5):
        migrate(bare_engine)
    assert (time.perf_counter() - begin) / 5 < 0.03
    with bare_engine.connect() as connection:
        assert migrations.current(connection) == head()


def test_alembic_is_not_imported_when_there_is_nothing_to_do(engine: Engine) -> None:
    code = (
        "import sys; from rsoko_pipeline.warehouse.engine import get_engine\n"
        "from rsoko_pipeline.warehouse.migrations import migrate\n"
        "assert migrate(get_engine(sys.argv[1])) is False\n"
        "assert 'alembic' not in sys.modules and 'pandas' in sys.modules"
    )
    url = engine.url.render_as_string(hide_password=False)
    run = subprocess.run([sys.executable, "-c", code, url], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr


def test_several_migrate_at_once(bare_engine: Engine) -> None:
    answers: list[object] = []

    def work() -> None:
        try:
            answers.append(migrate(bare_engine))
        except BaseException as error:
            answers.append(error)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(str, answers)) == ["False"] * 5 + ["True"]


def test_a_failure_leaves_the_database_as_it_was(bare_engine: Engine) -> None:
    run(bare_engine, "CREATE SCHEMA mart", "CREATE TABLE mart.mark_statistics (mine int)")
    with pytest.raises(WarehouseError, match=r"Обновление базы данных.*already exists"):
        migrate(bare_engine)
    tables = [(schema, name) for schema in SCHEMAS for name in sa.inspect(bare_engine).get_table_names(schema=schema)]
    assert tables == [("mart", "mark_statistics")]


def test_a_database_newer_than_the_program_is_refused(engine: Engine) -> None:
    run(engine, "UPDATE ops.alembic_version SET version_num = '9999_future'")
    with pytest.raises(WarehouseError, match="новее программы: в ней версия 9999_future"):
        migrate(engine)


def test_the_foundation_can_be_undone(engine: Engine) -> None:
    from alembic import command

    with engine.begin() as connection:
        command.downgrade(migrations._config(connection), "base")
    assert sa.inspect(engine).get_table_names(schema="ops") == ["alembic_version"]
    assert migrate(engine) is True
    assert drift(engine) == []


# ---------------------------------------------------------------------- the database and the registry


def test_the_migrated_database_is_what_the_registry_says(engine: Engine) -> None:
    """What: every table, column, type, key, index, check and comment, in both directions.

    When it matters: always; a loader would fail at the first run, or a dictionary would lie.
    How to resolve: before the first release ``python -m rsoko_pipeline.warehouse.migrations.regenerate``, later a new
    revision in ``migrations/versions``.
    """
    assert drift(engine) == []


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("ALTER TABLE core.dim_subject ADD COLUMN extra text", "remove_column core dim_subject"),
        ("ALTER TABLE core.dim_subject DROP COLUMN short_name", "add_column core dim_subject"),
        ("CREATE TABLE mart.extra (n int)", "remove_table"),
        ("DROP TABLE mart.coverage", "add_table"),
        ("ALTER TABLE core.dim_subject ALTER name DROP NOT NULL", "modify_nullable core dim_subject name"),
        ("ALTER TABLE mart.coverage ALTER participants TYPE bigint", "modify_type mart coverage participants"),
        ("ALTER TABLE mart.coverage ALTER coverage TYPE numeric(7,4)", "modify_type mart coverage coverage"),
        ("COMMENT ON COLUMN core.dim_subject.name IS 'другое'", "modify_comment core dim_subject name"),
        ("COMMENT ON TABLE core.dim_subject IS NULL", "add_table_comment"),
        ("DROP INDEX ops.ix_quarantine_event_id", "add_index"),
        ("ALTER TABLE core.dim_event DROP CONSTRAINT ck_dim_event_grade", "check core.dim_event.ck_dim_event_grade"),
        (
            "ALTER TABLE core.dim_event DROP CONSTRAINT ck_dim_event_grade,"
            " ADD CONSTRAINT ck_dim_event_grade CHECK (grade > 3)",
            "check core.dim_event.ck_dim_event_grade: CHECK ((grade > 3)) / CHECK",
        ),
    ],
)
def test_any_difference_is_found(engine: Engine, statement: str, words: str) -> None:
    run(engine, statement)
    found = drift(engine)
    assert len(found) >= 1
    assert any(line.startswith(words) for line in found), found
    assert not [name for name in sa.inspect(engine).get_schema_names() if name.startswith("rsoko_probe")]


def test_a_table_new_in_the_registry_is_missed(engine: Engine) -> None:
    new = contracts.Table("novelty", "mart", "Новое", "Строка — новое.", (contracts.Column("n", "int32", "Н"),), ("n",))
    found = drift(engine, build_metadata([*contracts.STORED, new]))
    assert len(found) == 1
    assert found[0].startswith("add_table mart.novelty")


def test_everything_has_a_comment_in_russian(engine: Engine) -> None:
    query = sa.text(
        "SELECT c.relname, a.attname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum >= 0 AND NOT a.attisdropped"
        " LEFT JOIN pg_description d ON d.objoid = c.oid AND d.objsubid = a.attnum"
        " WHERE n.nspname = ANY(:schemas) AND c.relkind IN ('r', 'v', 'm') AND c.relname <> 'alembic_version'"
        " AND (d.description IS NULL OR d.description !~ '[а-яА-Я]')"
    )
    with engine.connect() as connection:
        assert connection.execute(query, {"schemas": list(SCHEMAS)}).all() == []


# ---------------------------------------------------------------------- rights


def rights_of(engine: Engine, role: str) -> dict[str, set[str]]:
    """Table name to what the role may do with all of it."""
    query = sa.text(
        "SELECT n.nspname || '.' || c.relname, p FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace,"
        " unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) p"
        " WHERE c.relkind IN ('r', 'v', 'm') AND n.nspname = ANY(:schemas)"
        " AND has_schema_privilege(:role, n.oid, 'USAGE') AND has_table_privilege(:role, c.oid, p)"
    )
    rights: dict[str, set[str]] = {}
    with engine.connect() as connection:
        for name, right in connection.execute(query, {"role": role, "schemas": list(SCHEMAS)}):
            rights.setdefault(name, set()).add(right)
    return rights


def test_the_loader_writes_every_table(engine: Engine) -> None:
    rights = rights_of(engine, "rsoko_etl")
    writes = {"SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE"}
    wanted: dict[str, set[str]] = {f"{table.schema}.{table.name}": writes for table in contracts.STORED}
    assert rights == {**wanted, "ops.alembic_version": {"SELECT"}}


def test_the_region_reads_marts_and_dimensions_and_nothing_else(engine: Engine) -> None:
    readable = {
        f"{table.schema}.{table.name}"
        for table in contracts.STORED
        if table.schema == "mart" or (table.schema == "core" and table.name.startswith("dim_"))
    }
    hidden = {
        f"{table.schema}.{table.name}"
        for table in contracts.STORED
        if any(column.audience == "etl" for column in table.columns)
    }
    assert rights_of(engine, "rsoko_region") == {name: {"SELECT"} for name in readable - hidden}


def test_others_have_nothing_yet(engine: Engine) -> None:
    for role in ("rsoko_municipality", "rsoko_public"):
        assert rights_of(engine, role) == {}


def test_group_roles_cannot_log_in(engine: Engine) -> None:
    query = sa.text("SELECT rolname FROM pg_roles WHERE rolname = ANY(:roles) AND NOT rolcanlogin AND NOT rolsuper")
    with engine.connect() as connection:
        found = connection.execute(query, {"roles": list(ROLES)}).scalars().all()
    assert sorted(found) == sorted(ROLES)
