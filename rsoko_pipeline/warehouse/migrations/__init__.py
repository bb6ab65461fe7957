"""Bringing a database to the shape that the code expects, by Alembic, without an ``alembic.ini``.

A revision's file is named like the revision (``0001_foundation``), so the newest one is known without importing
Alembic, and a database that is up to date costs one query. All open revisions run in one transaction under a lock:
several processes may migrate at once, and a failure leaves the database as it was.

Belongs here: running revisions, comparing a database with the registry. Does not belong here: the shape itself
(``warehouse.metadata``). ``regenerate`` writes the first revision anew and is for development only.
"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from rsoko_pipeline.warehouse.errors import WarehouseError, translated
from rsoko_pipeline.warehouse.metadata import SCHEMAS, build_metadata, warehouse_metadata

if TYPE_CHECKING:
    from alembic.config import Config

VERSION_TABLE = "alembic_version"
VERSION_SCHEMA = "ops"

_FOLDER = Path(__file__).resolve().parent
_LOCK = 0x72736F6B6F  # «rsoko»
_PROBE = "rsoko_probe_"


@functools.cache
def head() -> str:
    """The newest revision of the code."""
    return max(file.stem for file in (_FOLDER / "versions").glob("[0-9]*.py"))


def current(connection: Connection) -> str | None:
    """The revision of the database, or None where nothing was migrated yet."""
    exists = connection.scalar(sa.text("SELECT to_regclass(:name)"), {"name": f"{VERSION_SCHEMA}.{VERSION_TABLE}"})
    return connection.scalar(sa.text(f"SELECT version_num FROM {exists}")) if exists else None


def migrate(engine: Engine) -> bool:
    """Bring the database to the newest revision.

    Returns:
        False when it was there already.

    Raises:
        WarehouseError: the database is newer than the code, or the server refused; nothing has changed then.
    """
    with translated("обновление базы данных"):
        with engine.connect() as connection:
            if current(connection) == head():
                return False
        with engine.begin() as connection:
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
            if current(connection) == head():  # another process was first
                return False
            connection.execute(sa.text(f"CREATE SCHEMA IF NOT EXISTS {VERSION_SCHEMA}"))
            _upgrade(connection)
            return True


def _upgrade(connection: Connection) -> None:
    from alembic import command
    from alembic.util import CommandError

    try:
        command.upgrade(_config(connection), "head")
    except CommandError as error:
        raise WarehouseError(
            f"База данных новее программы: в ней версия {current(connection)}, а программа знает {head()}. "
            "Обновите программу."
        ) from error


def _config(connection: Connection) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def drift(engine: Engine, metadata: sa.MetaData | None = None) -> list[str]:
    """Differences between a database and the registry, a line each; empty when there are none.

    Compared are tables, columns, types, nullability, keys, indexes, comments (by Alembic) and CHECK constraints (by
    building the tables in a transaction that is rolled back; needs the right to create schemas).

    Args:
        engine: the database.
        metadata: what to compare with; by default the registry.
    """
    wanted = warehouse_metadata() if metadata is None else metadata
    with translated("сравнение базы данных с описанием"), engine.connect() as connection:
        found = [_described(difference) for difference in _differences(connection, wanted)]
        connection.rollback()
        return found + _check_differences(connection, wanted)


def _differences(connection: Connection, metadata: sa.MetaData) -> list[object]:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    def is_ours(name: str | None, kind: str, _: object) -> bool:
        return kind != "schema" or name in SCHEMAS

    options = {
        "include_schemas": True,
        "include_name": is_ours,
        "compare_type": True,
        "compare_server_default": True,
        "version_table": VERSION_TABLE,
        "version_table_schema": VERSION_SCHEMA,
    }
    return list(compare_metadata(MigrationContext.configure(connection, opts=options), metadata))


def _described(difference: object) -> str:
    if isinstance(difference, list):
        return "; ".join(map(_described, difference))
    assert isinstance(difference, tuple)
    return " ".join(str(part) for part in difference if part is not None and part != {})


def _check_differences(connection: Connection, metadata: sa.MetaData) -> list[str]:
    """CHECK constraints that differ by name or by what the server made of them."""
    schemas = sorted({table.schema for table in metadata.tables.values() if table.schema})
    with connection.begin() as transaction:
        for schema in schemas:
            connection.execute(sa.text(f"CREATE SCHEMA {_PROBE}{schema}"))
        translated_map = {schema: _PROBE + schema for schema in schemas}
        metadata.create_all(connection.execution_options(schema_translate_map=translated_map), checkfirst=False)
        have = _checks(connection, {schema: schema for schema in schemas})
        want = _checks(connection, {_PROBE + schema: schema for schema in schemas})
        transaction.rollback()
    return [
        f"check {'.'.join(key)}: {have.get(key, 'missing in the database')} / {want.get(key, 'not in the registry')}"
        for key in sorted(have.keys() | want.keys())
        if have.get(key) != want.get(key)
    ]


def _checks(connection: Connection, schemas: dict[str, str]) -> dict[tuple[str, str, str], str]:
    query = sa.text(
        "SELECT n.nspname, c.relname, k.conname, pg_get_constraintdef(k.oid) FROM pg_constraint k"
        " JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE k.contype = 'c' AND n.nspname = ANY(:schemas)"
    )
    rows = connection.execute(query, {"schemas": list(schemas)})
    return {(schemas[schema], table, name): rule for schema, table, name, rule in rows}


__all__ = ["VERSION_SCHEMA", "VERSION_TABLE", "build_metadata", "current", "drift", "head", "migrate"]
