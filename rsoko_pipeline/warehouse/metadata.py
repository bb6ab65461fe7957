"""SQLAlchemy tables built from the contracts: the shape that the migrations must lead to.

Belongs here: how a contract becomes columns, keys, checks, indexes and comments. Does not belong here: definitions of
tables (``contracts``), changes to a database (``migrations``), rights (the migrations, ``admin``).
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import TypeEngine

from rsoko_pipeline import contracts
from rsoko_pipeline.contracts import Column, Table

#: Schemas of the warehouse and what they are for, as the database's comments say it.
SCHEMAS = {
    "ops": "Служебное: журнал входящих файлов, карантин, состояние событий, версии настроек",
    "core": "Ядро: справочники с историей и факты",
    "mart": "Витрины: то, что читают отчёты и BI",
}

_TYPES: dict[str, TypeEngine[Any]] = {
    "text": sa.Text(),
    "int16": sa.SmallInteger(),
    "int32": sa.Integer(),
    "int64": sa.BigInteger(),
    "bool": sa.Boolean(),
    "date": sa.Date(),
    "timestamp": sa.DateTime(timezone=True),
    "json": postgresql.JSONB(),
    "int16[]": postgresql.ARRAY(sa.SmallInteger()),
}


@functools.cache
def warehouse_metadata() -> sa.MetaData:
    """The metadata of every stored table of the registry."""
    return build_metadata(contracts.STORED)


def build_metadata(tables: Iterable[Table]) -> sa.MetaData:
    """The metadata of some tables of the warehouse.

    Each has a primary key, a CHECK for every column with allowed values or bounds, an index on its partition column
    unless the key begins with it, and comments in Russian on itself and every column.
    """
    metadata = sa.MetaData()
    for table in tables:
        _add(metadata, table)
    return metadata


def _add(metadata: sa.MetaData, table: Table) -> None:
    columns = [
        sa.Column(
            column.name,
            sql_type(column),
            nullable=column.nullable,
            comment=column_comment(column),
            autoincrement="auto" if column.name not in table.key else False,  # keys come with the frame, never SERIAL
        )
        for column in table.columns
    ]
    built = sa.Table(
        table.name,
        metadata,
        *columns,
        sa.PrimaryKeyConstraint(*table.key, name=f"pk_{table.name}"),
        *(
            sa.CheckConstraint(rule, name=f"ck_{table.name}_{column.name}")
            for column in table.columns
            if (rule := check_rule(column))
        ),
        schema=table.schema,
        comment=table_comment(table),
    )
    if table.partition is not None and table.key[0] != table.partition:
        sa.Index(f"ix_{table.name}_{table.partition}", built.c[table.partition])


def sql_type(column: Column) -> TypeEngine[Any]:
    """The column's type in the database."""
    return sa.Numeric(*column.scale) if column.scale else _TYPES[column.type]


def check_rule(column: Column) -> str | None:
    """The SQL condition of a column's allowed values and bounds, or None where it has neither."""
    name = _quoted(column.name)
    rules = []
    if column.allowed is not None:
        rules.append(f"{name} IN ({', '.join(map(_literal, column.allowed))})")
    if column.minimum is not None and column.maximum is not None:
        rules.append(f"{name} BETWEEN {_literal(column.minimum)} AND {_literal(column.maximum)}")
    elif column.minimum is not None:
        rules.append(f"{name} >= {_literal(column.minimum)}")
    elif column.maximum is not None:
        rules.append(f"{name} <= {_literal(column.maximum)}")
    return " AND ".join(rules) or None


def column_comment(column: Column) -> str:
    """Label, meaning and unit in Russian."""
    return _sentences(column.ru, column.description_ru, f"Единица: {column.unit}" if column.unit else "")


def table_comment(table: Table) -> str:
    """Label, meaning and warnings in Russian."""
    return _sentences(table.ru, table.description_ru, *table.warnings_ru)


def _sentences(*parts: str) -> str:
    return " ".join(part if part.endswith((".", "!", "?", "…")) else f"{part}." for part in parts if part)


def _quoted(name: str) -> str:
    return str(postgresql.dialect().identifier_preparer.quote(name))


def _literal(value: str | int | float) -> str:
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return str(int(value)) if float(value).is_integer() else repr(float(value))
