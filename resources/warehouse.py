"""The warehouse as Dagster sees it: a resource that gives an engine, an IO manager that replaces partitions.

Belongs here: what ties Dagster's partitions and metadata to ``rsoko_pipeline.warehouse``. Does not belong here: SQL.
"""

import os
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import dagster as dg
import pandas as pd
import sqlalchemy as sa
from pydantic import PrivateAttr

from rsoko_pipeline import contracts
from rsoko_pipeline.landing.ledger import Ledger
from rsoko_pipeline.settings import Settings
from rsoko_pipeline.warehouse import admin, copy
from rsoko_pipeline.warehouse.engine import get_engine

#: Metadata of an asset definition: the tables its value carries, the main one first.
TABLES = "rsoko/tables"
#: Metadata of an asset definition: tables written in the same transaction that are not part of the value when read.
COMPANIONS = "rsoko/companions"


@lru_cache(maxsize=1)
def _writers(process: int) -> ThreadPoolExecutor:
    """Two tables at a time: the server takes one in while this process makes the other's text."""
    del process  # part of the key only: a forked copy has none of its parent's threads
    return ThreadPoolExecutor(2, "copy")


@dataclass(frozen=True)
class Writing:
    """Tables that are being replaced: an asset's value whose write has begun.

    Attributes:
        frames: contract frames by table.
        partitions: the partitions that they replace; None for the whole tables.
        done: the write; all tables change in one transaction, or none does.
    """

    frames: dict[str, pd.DataFrame]
    partitions: list[str] | None
    done: Future[list[int]]


class Warehouse(dg.ConfigurableResource):
    """The PostgreSQL warehouse («хранилище»).

    Attributes:
        home: the installation's folder, where the embedded server lives.
        url: a server's URL; None starts and uses the embedded one.
    """

    home: str
    url: str | None = None

    @property
    def pseudonym_key(self) -> bytes:
        """The key of the pupils' pseudonyms; it stays outside the warehouse."""
        return Settings.from_environment(home=self.home).pseudonym_key

    @property
    def engine(self) -> sa.Engine:
        """The process's engine for this warehouse; starts the embedded server and migrates at first use."""
        return connect(self.home, self.url)

    @property
    def ledger(self) -> Ledger:
        """The ledger of landing files."""
        return Ledger(self.engine)

    def read(self, table: str, partitions: list[str] | None = None, **options: Any) -> pd.DataFrame:
        """A table's rows, of these partitions or all."""
        return copy.read_table(self.engine, table, partitions, **options)

    def begin(self, frames: dict[str, pd.DataFrame], partitions: list[str] | None) -> Writing:
        """Begin to replace partitions of some tables, in one transaction, and come back at once.

        Args:
            frames: a frame a table; made to fit its contract.
            partitions: the partitions that they replace; None for the whole tables; without any (a school year
                without works) nothing is written.

        Raises:
            dg.Failure: rows without a partition to put them into.
        """
        fitted = {name: contracts.table(name).conform(frame) for name, frame in frames.items()}
        if partitions == []:
            if any(len(frame) for frame in fitted.values()):
                raise dg.Failure(f"{', '.join(frames)}: the run names no partition")
            nothing: Future[list[int]] = Future()
            nothing.set_result([0] * len(fitted))
            return Writing(fitted, partitions, nothing)
        writes = [(name, frame, partitions) for name, frame in fitted.items()]
        return Writing(fitted, partitions, _writers(os.getpid()).submit(copy.replace_many, self.engine, writes))


_READY: dict[tuple[str, str | None], str] = {}


def connect(home: str, url: str | None = None) -> sa.Engine:
    """The process's engine of a warehouse whose server runs and whose tables are up to date."""
    if (home, url) not in _READY:
        address = url or admin.start(Path(home))
        admin.migrate(get_engine(address))
        _READY[home, url] = address
    return get_engine(_READY[home, url])


class WarehouseIOManager(dg.ConfigurableIOManager):
    """Passes frames between assets through the warehouse, by COPY, a partition replaced in one transaction.

    An asset names its tables in its metadata (``rsoko/tables``, ``rsoko/companions``). Its value is a frame when there
    is one table and no companion, else a dict of frames by table name; or a ``Writing`` of the same tables, when the
    asset has something else to do meanwhile. An output is handled when its tables are committed.
    What this process has written in the same run is given on without being read back.
    """

    warehouse: Warehouse
    _written: dict[tuple[str, str], Writing] = PrivateAttr(default_factory=dict)

    def handle_output(
        self, context: dg.OutputContext, obj: pd.DataFrame | dict[str, pd.DataFrame] | Writing | None
    ) -> None:
        """Replace the partitions' rows in all tables of the asset; an asset without a value stores nothing here."""
        if obj is None:
            return
        asset = context.asset_key.to_user_string()
        names = _names(context.definition_metadata, TABLES) + _names(context.definition_metadata, COMPANIONS)
        frames = obj if isinstance(obj, dict) else obj.frames if isinstance(obj, Writing) else {names[0]: obj}
        if set(frames) != set(names):
            raise dg.Failure(f"{asset}: tables {sorted(names)} expected, got {sorted(frames)}")
        if not isinstance(obj, Writing):
            keys = sorted(context.asset_partition_keys) if context.has_asset_partitions else None
            obj = self.warehouse.begin(frames, keys)
        obj.done.result()
        for stale in [key for key in self._written if key[0] != context.run_id]:
            del self._written[stale]
        self._written[context.run_id, asset] = obj

    def load_input(self, context: dg.InputContext) -> pd.DataFrame | dict[str, pd.DataFrame]:
        """The value of an upstream asset for the partitions that the input asks for."""
        upstream = context.upstream_output
        metadata = upstream.definition_metadata if upstream else context.definition_metadata
        names = _names(metadata, TABLES)
        keys = sorted(context.asset_partition_keys) if context.has_asset_partitions else None
        written = self._written.get((_run_of(upstream), context.asset_key.to_user_string()))
        if written and written.partitions == keys:
            frames = {name: written.frames[name] for name in names}
        else:
            frames = {name: self.warehouse.read(name, keys) for name in names}
        return frames if len(names) > 1 else frames[names[0]]


def _run_of(upstream: dg.OutputContext | None) -> str:
    """The run that writes the upstream output in this very process, empty when it was another run."""
    try:
        return upstream.run_id if upstream else ""
    except dg.DagsterInvariantViolationError:
        return ""


def _names(metadata: Any, key: str) -> list[str]:
    text = (metadata or {}).get(key, "")
    return str(getattr(text, "value", text)).split()
