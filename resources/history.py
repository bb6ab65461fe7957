"""Dagster's history of runs on SQLite, as one process that makes many runs in a row writes it.

Belongs here: how the history is kept open and committed. Does not belong here: what is in it (Dagster), which instance
an installation has (``rsoko_pipeline.runner``).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from dagster._core.instance.ref import InstanceRef
from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._core.storage.sqlite_storage import DagsterSqliteStorage
from dagster._serdes import ConfigurableClassData

#: Seconds to wait for another process that writes.
_PATIENCE = 60


class KeptOpenEvents(SqliteEventLogStorage):
    """Dagster's own event log, whose databases stay open from one event to the next.

    Opening one costs as much as writing ten events, and Dagster opens two or three an event. For a process of its own
    that ends with its runs; a web server would hold a file open for every run that it ever showed.
    """

    def __init__(self, *arguments: Any, **named: Any) -> None:
        self._open: dict[str, sa.Engine] = {}
        super().__init__(*arguments, **named)

    @contextmanager
    def _connect(self, shard: str) -> Iterator[sa.Connection]:
        with self._db_lock:
            if shard not in self._open:
                engine = sa.create_engine(
                    self.conn_string_for_shard(shard),
                    poolclass=sa.StaticPool,
                    connect_args={"timeout": _PATIENCE, "check_same_thread": False},
                )
                self._initdb(engine)
                self._open[shard] = engine
            with self._open[shard].begin() as connection:
                yield connection

    def dispose(self) -> None:
        """Close the databases."""
        for engine in self._open.values():
            engine.dispose()
        self._open.clear()
        super().dispose()


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
