"""Frames into and out of tables by COPY: partitions replaced whole, in one transaction, one writer at a time.

Where a function takes a *place*, that is an engine (a transaction of its own), or a SQLAlchemy or psycopg2 connection
(its transaction is joined; a SQLAlchemy connection outside of a transaction gets one that is committed here).

Belongs here: what a write or read of a whole frame does. Does not belong here: how values look as text (``encoding``),
which frames there are (``contracts``), which of them a step writes (``resources``, ``assets``).
"""

from __future__ import annotations

import hashlib
import io
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any, TypeAlias

import pandas as pd
import psycopg2
import pyarrow as pa
import pyarrow.compute as pc
from psycopg2 import sql
from sqlalchemy.engine import Connection, Engine

from rsoko_pipeline import contracts
from rsoko_pipeline.contracts import Table
from rsoko_pipeline.warehouse.encoding import ChunkReader, csv_chunks, from_csv, qualified, to_arrow
from rsoko_pipeline.warehouse.engine import raw_connection
from rsoko_pipeline.warehouse.errors import DiskFullError, FrameError, WarehouseError, translated
from rsoko_pipeline.warehouse.postmaster import data_folder

Place: TypeAlias = Engine | Connection | Any  # Any: a psycopg2 connection, which has no types
TableLike: TypeAlias = Table | str

_BUFFER = 1 << 20  # bytes that psycopg2 asks for at a time
_GROWTH = 4  # a row's bytes in table, index and log, over its bytes in Arrow; measured 3.6 on narrow rows
_RESERVE = 64 << 20  # bytes that must stay free on the disk of a server on this machine
_MANY_LOCKS = 200  # partitions of one table; above, the table is locked as a whole


@dataclass(frozen=True)
class _Write:
    table: Table
    data: pa.Table
    values: list[Any] | None


def replace_partition(
    place: Place, table: TableLike, frame: pd.DataFrame, partition_values: Sequence[Any] | None
) -> int:
    """Replace exactly the rows of some partitions by those of a frame.

    Args:
        place: engine or connection.
        table: a stored table of the registry, or its name.
        frame: all columns of the table, in any order; may have no rows, and the partitions are then emptied.
        partition_values: the partitions, None among them for rows without one; None instead of a list means the
            whole table.

    Returns:
        number of rows written.

    Raises:
        FrameError: the frame does not fit the table, or has a row of another partition.
        WarehouseError: the server refused or went away; nothing has changed then.
    """
    return replace_many(place, [(table, frame, partition_values)])[0]


def replace_many(place: Place, writes: Sequence[tuple[TableLike, pd.DataFrame, Sequence[Any] | None]]) -> list[int]:
    """Replace partitions of several tables in one transaction: all of them change, or none does.

    Args:
        place: engine or connection.
        writes: for each table what ``replace_partition`` takes; no table twice.

    Returns:
        number of rows written, by table in the order given.

    Raises:
        FrameError, WarehouseError: as ``replace_partition``.
    """
    prepared = [_prepared(stored(table), frame, values) for table, frame, values in writes]
    names = [qualified(write.table) for write in prepared]
    if len(set(names)) != len(names):
        raise ValueError(f"a table stands twice: {names}")
    with _transaction(place, f"запись в {', '.join(names)}") as cursor:
        _lock(cursor, [key for write in prepared for key in _lock_keys(write.table, write.values)])
        for write in prepared:
            condition = sql.SQL("true") if write.values is None else _among(write.table.partition or "", write.values)
            cursor.execute(sql.SQL("DELETE FROM {} WHERE {}").format(_identifier(write.table), condition))
        return [_copy_in(cursor, _identifier(write.table), write.data) for write in prepared]


def append(place: Place, table: TableLike, frame: pd.DataFrame) -> int:
    """Add the rows of a frame.

    Returns:
        number of rows written.

    Raises:
        FrameError: the frame does not fit the table.
        WarehouseError: a key exists already, or the server refused or went away; nothing has changed then.
    """
    target = stored(table)
    data = to_arrow(target, frame)
    with _transaction(place, f"запись в {qualified(target)}") as cursor:
        _lock(cursor, [(_lock_key(target), True)])
        return _copy_in(cursor, _identifier(target), data)


def upsert(place: Place, table: TableLike, frame: pd.DataFrame) -> int:
    """Insert rows with new keys and change those whose values differ; rows that are the same are not touched.

    Args:
        place: engine or connection.
        table: a stored table of the registry, or its name.
        frame: all columns of the table; each key once.

    Returns:
        number of rows inserted or changed.

    Raises:
        FrameError: the frame does not fit the table, or a key stands in it twice.
        WarehouseError: the server refused or went away; nothing has changed then.
    """
    target = stored(table)
    data = to_arrow(target, frame)
    keys = list(target.key)
    double = frame.duplicated(subset=keys).to_numpy()
    if double.any():
        raise FrameError("ключ повторяется", table=qualified(target), row=int(double.argmax()))
    rest = [name for name in target.names if name not in keys]
    staging = sql.Identifier(f"staging_{target.name}")
    with _transaction(place, f"запись в {qualified(target)}") as cursor:
        _lock(cursor, [(_lock_key(target), False)])
        cursor.execute(
            sql.SQL("CREATE TEMPORARY TABLE {} (LIKE {}) ON COMMIT DROP").format(staging, _identifier(target))
        )
        _copy_in(cursor, staging, data)
        cursor.execute(_merge(target, staging, keys, rest))
        changed = int(cursor.rowcount)
        cursor.execute(sql.SQL("DROP TABLE {}").format(staging))
        return changed


def read_table(
    place: Place,
    table: TableLike,
    partition_values: Sequence[Any] | None = None,
    columns: Sequence[str] | None = None,
    where: Mapping[str, Any] | None = None,
) -> pd.DataFrame:
    """A table or a part of it as a frame with contract dtypes.

    Args:
        place: engine or connection.
        table: a stored table of the registry, or its name.
        partition_values: only these partitions (None among them for rows without one); all when None.
        columns: only these columns, in this order; all when None.
        where: only rows whose columns equal a value, are one of a list of values, or are null (None).

    Returns:
        rows ordered by key; ``int16[]`` columns hold numpy arrays that are views of one array: copy before changing.

    Raises:
        WarehouseError: a column is unknown, or the server refused or went away.
    """
    source = stored(table)
    wanted = list(source.names if columns is None else columns)
    unknown = [name for name in [*wanted, *(where or {})] if name not in source.names]
    if unknown:
        raise WarehouseError(f"В таблице {qualified(source)} нет столбцов: {', '.join(unknown)}.")
    conditions = [_among(name, _listed(value)) for name, value in (where or {}).items()]
    if partition_values is not None:
        conditions.append(_among(_partition(source), _listed(list(partition_values))))
    query = sql.SQL("COPY (SELECT {} FROM {} WHERE {} ORDER BY {}) TO STDOUT (FORMAT csv)").format(
        sql.SQL(", ").join(map(sql.Identifier, wanted)),
        _identifier(source),
        sql.SQL(" AND ").join(conditions) if conditions else sql.SQL("true"),
        sql.SQL(", ").join(_ordering(source[name]) for name in source.key),
    )
    output = io.BytesIO()
    with _transaction(place, f"чтение {qualified(source)}") as cursor:
        cursor.copy_expert(query, output, _BUFFER)
    return from_csv([source[name] for name in wanted], output.getbuffer())


def stored(table: TableLike) -> Table:
    """The registry's table, by itself or by name.

    Raises:
        WarehouseError: it is not a table of the warehouse.
    """
    found = contracts.table(table) if isinstance(table, str) else table
    if not found.is_stored:
        raise WarehouseError(f"{found.name} — таблица из файла, в базе её нет.")
    return found


# ---------------------------------------------------------------------- parts of statements


def _prepared(table: Table, frame: pd.DataFrame, values: Sequence[Any] | None) -> _Write:
    data = to_arrow(table, frame)
    if values is None:
        return _Write(table, data, None)
    if isinstance(values, str) or not len(values):
        raise ValueError(f"{qualified(table)}: partition_values must be a list that is not empty, or None")
    column = data[_partition(table)]
    allowed = pa.array([value for value in values if value is not None], column.type)
    mask = pc.is_in(column, value_set=allowed)
    if None in values:
        mask = pc.or_(mask, pc.is_null(column))
    if not pc.all(mask).as_py() and len(mask):
        row = mask.index(False).as_py()
        raise FrameError(
            f"строка другого раздела: {column[row].as_py()!r}", table=qualified(table), column=table.partition, row=row
        )
    return _Write(table, data, list(values))


def _partition(table: Table) -> str:
    if table.partition is None:
        raise ValueError(f"{qualified(table)} has no partitions: it is replaced and read as a whole")
    return table.partition


def _identifier(table: Table) -> sql.Identifier:
    return sql.Identifier(table.schema, table.name)


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple | set | frozenset | pd.Series | pd.Index) else [value]


def _among(column: str, values: list[Any]) -> sql.Composable:
    """``column`` is one of ``values``; None among them stands for null."""
    name = sql.Identifier(column)
    some = [value.item() if hasattr(value, "item") else value for value in values if value is not None]
    parts: list[sql.Composable] = []
    if some:
        parts.append(sql.SQL("{} IN ({})").format(name, sql.SQL(", ").join(map(sql.Literal, some))))
    if len(some) < len(values):
        parts.append(sql.SQL("{} IS NULL").format(name))
    return sql.SQL("({})").format(sql.SQL(" OR ").join(parts)) if parts else sql.SQL("false")


def _ordering(column: contracts.Column) -> sql.Composed:
    """Order that does not depend on the server's language."""
    return sql.SQL('{} COLLATE "C"' if column.type == "text" else "{}").format(sql.Identifier(column.name))


def _merge(table: Table, staging: sql.Identifier, keys: list[str], rest: list[str]) -> sql.Composed:
    def listed(names: list[str], form: str = "{}") -> sql.Composed:
        return sql.SQL(", ").join(sql.SQL(form).format(sql.Identifier(name)) for name in names)

    if rest:
        action = sql.SQL("DO UPDATE SET ({names}) = ROW({new}) WHERE ({old}) IS DISTINCT FROM ({new})").format(
            names=listed(rest), new=listed(rest, "excluded.{}"), old=listed(rest, "target.{}")
        )
    else:
        action = sql.SQL("DO NOTHING")
    return sql.SQL(
        "INSERT INTO {target} AS target ({all}) SELECT {all} FROM {staging} ON CONFLICT ({keys}) {action}"
    ).format(target=_identifier(table), all=listed([*keys, *rest]), staging=staging, keys=listed(keys), action=action)


def _copy_in(cursor: Any, target: sql.Identifier, data: pa.Table) -> int:
    if not data.num_rows:
        return 0
    _require_space(cursor.connection, _GROWTH * data.nbytes)
    names = sql.SQL(", ").join(map(sql.Identifier, data.column_names))
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT csv)").format(target, names)
    cursor.copy_expert(statement, ChunkReader(csv_chunks(data)), _BUFFER)
    return int(cursor.rowcount)


def _require_space(link: Any, size: int) -> None:
    """Refuse what would fill the disk of a server on this machine: a full disk brings the server itself down.

    Args:
        link: the psycopg2 connection.
        size: bytes that the write may need.

    Raises:
        DiskFullError: there is too little room.
    """
    folder = data_folder(link.info.host, link.info.port)
    if folder is not None and shutil.disk_usage(folder).free < size + _RESERVE:
        need, free = ((number >> 20) + 1 for number in (size + _RESERVE, shutil.disk_usage(folder).free))
        raise DiskFullError(
            f"На диске базы данных ({folder}) мало места: нужно {need} МБ, свободно {free} МБ. "
            "Освободите место и повторите; записано ничего не было."
        )


# ---------------------------------------------------------------------- transactions and locks


@contextmanager
def _transaction(place: Place, doing: str) -> Iterator[Any]:
    """A psycopg2 cursor in a transaction; see the module's head for whose transaction it is."""
    with translated(doing), _link(place) as link:
        try:
            with link.cursor() as cursor:
                yield cursor
        except psycopg2.OperationalError as error:
            if error.pgcode is None:  # the server went away: perhaps for want of room
                _require_space(link, 0)
            raise


@contextmanager
def _link(place: Place) -> Iterator[Any]:
    if isinstance(place, Engine):
        with raw_connection(place) as link:
            yield link
    elif isinstance(place, Connection):
        with nullcontext() if place.in_transaction() else place.begin():
            yield place.connection.driver_connection
    else:
        yield place


def _lock_key(table: Table, value: object = None) -> int:
    name = f"rsoko\0{qualified(table)}" + ("" if value is None else f"\0{value}")
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)


def _lock_keys(table: Table, values: list[Any] | None) -> list[tuple[int, bool]]:
    """Advisory locks as (key, shared): a partition's writer shares the table with writers of other partitions."""
    if values is None or len(values) > _MANY_LOCKS:
        return [(_lock_key(table), False)]
    return [
        (_lock_key(table), True),
        *((_lock_key(table, value if value is not None else "\0"), False) for value in values),
    ]


def _lock(cursor: Any, keys: list[tuple[int, bool]]) -> None:
    """Take the locks until the transaction ends; always in the same order, so that nobody waits in a circle."""
    exclusive = {key for key, shared in keys if not shared}
    for key in sorted({key for key, _ in keys}):
        function = "pg_advisory_xact_lock" if key in exclusive else "pg_advisory_xact_lock_shared"
        cursor.execute(f"SELECT {function}(%s)", (key,))
