"""Dagster's history of runs on SQLite, as one process that makes many runs in a row writes it.

Belongs here: how the history is kept open and committed. Does not belong here: what is in it (Dagster), which instance
an installation has (``rsoko_pipeline.runner``).
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import cached_property
from pathlib import Path
from threading import RLock
from typing import Any

import sqlalchemy as sa
from dagster._core.events import (
    ASSET_CHECK_EVENTS,
    ASSET_EVENTS,
    EVENT_TYPE_TO_PIPELINE_RUN_STATUS,
    DagsterEventType,
)
from dagster._core.events.log import EventLogEntry
from dagster._core.instance.ref import InstanceRef
from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecordStatus
from dagster._core.storage.event_log.schema import AssetCheckExecutionsTable, SqlEventLogStorageTable
from dagster._core.storage.event_log.sqlite.sqlite_event_log import INDEX_SHARD_NAME, SqliteEventLogStorage
from dagster._core.storage.sqlite_storage import DagsterSqliteStorage
from dagster._serdes import ConfigurableClassData

#: Seconds to wait for another process that writes.
_PATIENCE = 60
_EVENTS, _CHECKS = SqlEventLogStorageTable, AssetCheckExecutionsTable
#: Events that stand in the database of all runs as well as in their run's own.
_ACROSS_RUNS = {*ASSET_EVENTS, *ASSET_CHECK_EVENTS, *EVENT_TYPE_TO_PIPELINE_RUN_STATUS}


class KeptOpenEvents(SqliteEventLogStorage):
    """Dagster's own event log, whose databases stay open from one event to the next.

    Opening one costs as much as writing ten events, and Dagster opens two or three an event; a run's new database is
    a copy of an empty one, not the work of forty migrations. For a process of its own that ends with its runs; a web
    server would hold a file open for every run that it ever showed.
    """

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        self._open: dict[str, sa.Engine] = {}
        self._joined: dict[str, sa.Connection] = {}
        self._tables: set[str] = set()
        self._waiting: list[EventLogEntry] = []
        self._has_index_columns: bool | None = None
        super().__init__(base_dir, inst_data)
        self._db_lock = RLock()  # type: ignore[assignment]  # a batch holds it while it stores its events

    def store_event(self, event: EventLogEntry) -> None:
        """Store an event; a check's evaluation waits for the next event, or for the first question."""
        with self._db_lock:
            if event.dagster_event_type == DagsterEventType.ASSET_CHECK_EVALUATION:
                self._waiting.append(event)
            else:
                self.store_event_batch([event])

    def store_event_batch(self, events: Sequence[EventLogEntry]) -> None:
        """Store events in one transaction a database: what Dagster enters one by one, table by table."""
        with self._db_lock, ExitStack() as transactions:
            events, self._waiting = [*self._waiting, *events], []
            shards = {INDEX_SHARD_NAME, *(event.run_id for event in events)}
            self._joined = {shard: transactions.enter_context(self._engine(shard).begin()) for shard in shards}
            transactions.callback(self._joined.clear)
            rows = [self._event_to_row(event) for event in events]
            for run_id in shards - {INDEX_SHARD_NAME}:
                self._joined[run_id].execute(_EVENTS.insert(), [row for row in rows if row["run_id"] == run_id])
            shown = [
                (event, row)
                for event, row in zip(events, rows, strict=True)
                if event.dagster_event_type in _ACROSS_RUNS
            ]
            if shown:
                self._store_across_runs(shown)

    def _store_across_runs(self, events: Sequence[tuple[EventLogEntry, dict[str, Any]]]) -> None:
        """Enter events, given with their rows, in the database that is asked about all runs."""
        index = self._joined[INDEX_SHARD_NAME]
        inserted = _EVENTS.insert().returning(_EVENTS.c.id, sort_by_parameter_order=True)
        ids = index.execute(inserted, [row for _, row in events]).scalars().all()
        of_assets: list[tuple[EventLogEntry, int]] = []
        evaluated: list[tuple[EventLogEntry, dict[str, Any], int]] = []
        for (event, row), event_id in zip(events, ids, strict=True):
            if event.dagster_event_type in ASSET_EVENTS:
                of_assets.append((event, event_id))
            elif event.dagster_event_type == DagsterEventType.ASSET_CHECK_EVALUATION:
                evaluated.append((event, row, event_id))
            elif event.dagster_event_type in ASSET_CHECK_EVENTS:
                self.store_asset_check_event(event, event_id)
        if of_assets:
            self._store_asset_event_tags(index, *map(list, zip(*of_assets, strict=True)))
        # The table of assets has the latest event of an asset and kind: entering those before it would change nothing.
        latest = {
            (str(event.get_dagster_event().asset_key), event.dagster_event_type): (event, event_id)
            for event, event_id in of_assets
        }
        for event, event_id in latest.values():
            self._store_asset_event(index, event, event_id)
        if evaluated:
            self._store_evaluations(evaluated)

    def _store_evaluations(self, evaluated: Sequence[tuple[EventLogEntry, dict[str, Any], int]]) -> None:
        """Enter evaluations of checks, given with their rows among the events.

        A check that was planned without partitions has a row already, which Dagster changes; the others get their own.
        """
        index = self._joined[INDEX_SHARD_NAME]
        keys = [_CHECKS.c[name] for name in ("asset_key", "check_name", "run_id", "partition")]
        of_runs = _CHECKS.c.run_id.in_({event.run_id for event, _, _ in evaluated})
        there = set(map(tuple, index.execute(sa.select(*keys).where(of_runs))))
        status = AssetCheckExecutionRecordStatus
        new = {}
        for event, row, event_id in evaluated:
            evaluation: Any = event.get_dagster_event().event_specific_data
            asset = evaluation.asset_key.to_string()
            key = (asset, evaluation.check_name, event.run_id, evaluation.partition)
            if key in there:
                self.store_asset_check_event(event, event_id)
                continue
            target = evaluation.target_materialization_data
            new[key] = {
                **dict(zip((column.name for column in keys), key, strict=True)),
                "execution_status": (status.SUCCEEDED if evaluation.passed else status.FAILED).value,
                "evaluation_event": row["event"],
                "evaluation_event_timestamp": row["timestamp"],
                "evaluation_event_storage_id": event_id,
                "materialization_event_storage_id": target.storage_id if target else None,
            }
        if new:
            index.execute(_CHECKS.insert(), list(new.values()))

    def _has_asset_key_index_cols_on_connection(self, conn: sa.Connection) -> bool:
        """Whether the table of assets has its later columns: asked once."""
        if self._has_index_columns is None:
            self._has_index_columns = super()._has_asset_key_index_cols_on_connection(conn)
        return self._has_index_columns

    def has_table(self, table_name: str) -> bool:
        """Whether the history has a table; what was there once is not asked for again."""
        if table_name not in self._tables and super().has_table(table_name):
            self._tables.add(table_name)
        return table_name in self._tables

    def dispose(self) -> None:
        """Close the databases."""
        if self._waiting:
            self.store_event_batch([])
        for engine in self._open.values():
            engine.dispose()
        self._open.clear()
        super().dispose()

    @contextmanager
    def _connect(self, shard: str) -> Iterator[sa.Connection]:
        with self._db_lock:
            if shard in self._joined:
                yield self._joined[shard]
                return
            if self._waiting:
                self.store_event_batch([])
            with self._engine(shard).begin() as connection:
                yield connection

    def _engine(self, shard: str) -> sa.Engine:
        if shard not in self._open:
            is_new = not Path(self.path_for_shard(shard)).exists()
            engine = _kept(self.conn_string_for_shard(shard))
            if is_new:
                self._copy_empty(engine)
            else:
                self._initdb(engine)
            self._open[shard] = engine
        return self._open[shard]

    def _copy_empty(self, engine: sa.Engine) -> None:
        source: Any = self._empty.raw_connection().driver_connection
        source.backup(engine.raw_connection().driver_connection)
        with engine.connect() as connection:
            connection.execute(sa.text("PRAGMA journal_mode=WAL"))

    @cached_property
    def _empty(self) -> sa.Engine:
        """A database before its first event, in memory."""
        engine = _kept("sqlite://")
        self._initdb(engine)
        return engine


def _kept(address: str) -> sa.Engine:
    """An engine of one connection, which stays open."""
    return sa.create_engine(
        address, poolclass=sa.StaticPool, connect_args={"timeout": _PATIENCE, "check_same_thread": False}
    )


class KeptOpenStorage(DagsterSqliteStorage):
    """Dagster's own storage with ``KeptOpenEvents``."""

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        super().__init__(base_dir, inst_data)
        self._event_log_storage = KeptOpenEvents(self._event_log_storage._base_dir)

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData | None, config_value: Any) -> "KeptOpenStorage":
        """The storage that a Dagster instance's settings describe."""
        return cls.from_local(inst_data=inst_data, **config_value)


def kept_open(ref: InstanceRef) -> InstanceRef:
    """The instance with ``KeptOpenStorage``, where its storage is Dagster's own on SQLite."""
    storage = ref.storage_data
    if storage is None or storage.class_name != DagsterSqliteStorage.__name__:
        return ref
    kept = ConfigurableClassData(__name__, KeptOpenStorage.__name__, storage.config_yaml)
    return ref._replace(storage_data=kept)


@sa.event.listens_for(sa.Engine, "connect")
def _do_not_wait_for_the_disk(connection: Any, _: object) -> None:
    """A commit of the history need not reach the disk before the next of hundreds of events.

    A killed process loses nothing by it; a power cut may cost the last events of the history, never a figure: those are
    in PostgreSQL, which does wait.
    """
    if type(connection).__module__ == "sqlite3":
        connection.execute("PRAGMA synchronous=OFF")
