"""The database of РИС ГИА as an incoming file: a snapshot that is new when its content is.

Belongs here: reading the database whose URL is given into the store. Does not belong here: the queries and the table
(``sources.ris``), what becomes of a file (``intake``).

From here on it is a file like any other: its hash decides whether there is anything new, the ledger knows it, a later
one takes the place of the earlier one for each school, exam and day.
"""

from __future__ import annotations

import io

import sqlalchemy as sa
from upath import UPath

from rsoko_pipeline.landing.scan import Incoming
from rsoko_pipeline.landing.store import Store
from rsoko_pipeline.sources import ris

#: Under this name the snapshot stands in the ledger.
NAME = "РИС ГИА/результаты.csv"


def incoming(url: str | None, store: Store, key: bytes) -> list[Incoming]:
    """The database as it is now, nothing without a URL; one that cannot be asked is listed with the trouble.

    Args:
        url: SQLAlchemy URL of the database; only read from.
        store: where the snapshot goes.
        key: the key of pseudonyms.
    """
    if not url:
        return []
    try:
        engine = sa.create_engine(_with_driver(url))
        try:
            with engine.connect() as connection:
                content = ris.snapshot(connection, key)
        finally:
            engine.dispose()
    except (sa.exc.SQLAlchemyError, ImportError) as error:
        return [Incoming(NAME, UPath(store.root), None, type(error).__name__, _code(error))]
    stored = store.put(io.BytesIO(content))
    return [Incoming(NAME, UPath(stored.path), stored.file_id)]


def _code(error: Exception) -> str:
    """The finding on a database that cannot be asked. What the driver says is not shown: it may repeat the address."""
    if isinstance(error, sa.exc.OperationalError | sa.exc.InterfaceError):
        return "RSK-RIS-SILENT"
    return "RSK-RIS-QUERY" if isinstance(error, sa.exc.DBAPIError) else "RSK-RIS-ADDRESS"


def _with_driver(url: str) -> sa.URL:
    """A bare ``postgresql://`` means a driver that is not installed."""
    parsed = sa.make_url(url)
    return parsed.set(drivername="postgresql+psycopg2") if parsed.drivername in ("postgresql", "postgres") else parsed
