"""URLs, SQLAlchemy engines and raw connections: how the rest of the project reaches the warehouse.

Belongs here: which database is meant, one engine per URL in a process, connection settings. Does not belong here:
the embedded server's life (``embedded``), statements (``copy``, ``migrations``, ``admin``).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import sqlalchemy as sa
from sqlalchemy.engine import URL, Engine, make_url
from sqlalchemy.exc import ArgumentError

from rsoko_pipeline.warehouse.embedded import EmbeddedPostgres
from rsoko_pipeline.warehouse.errors import WarehouseError

DRIVER = "postgresql+psycopg2"
VARIABLE = "RSOKO_WAREHOUSE_URL"
APPLICATION = "rsoko"


@runtime_checkable
class Settings(Protocol):
    """What the engine needs of the project's settings, whatever class they are.

    Attributes:
        home: the project's state folder (``RSOKO_HOME``).
        warehouse_url: the warehouse's URL, or None or empty for the embedded server.
    """

    @property
    def home(self) -> Path | str: ...  # noqa: D102
    @property
    def warehouse_url(self) -> str | None: ...  # noqa: D102


def external_url(where: Settings | Path | str) -> str | None:
    """The configured URL of an external server, normalised, or None when the embedded one is meant.

    Args:
        where: settings, which decide alone; or a home folder, and then ``RSOKO_WAREHOUSE_URL`` decides.

    Raises:
        WarehouseError: it is not a URL of PostgreSQL.
    """
    url = os.environ.get(VARIABLE) if isinstance(where, str | Path) else where.warehouse_url
    return normalise(url) if url else None


def home_of(where: Settings | Path | str) -> Path:
    """The home folder out of settings or as given."""
    return Path(where if isinstance(where, str | Path) else where.home)


def warehouse_url(where: Settings | Path | str) -> str:
    """The SQLAlchemy URL of the warehouse; the embedded server is started if it is meant and does not run.

    Args:
        where: settings with ``home`` and ``warehouse_url``, or a home folder.

    Raises:
        WarehouseError: the URL is wrong, or the embedded server does not start.
    """
    return external_url(where) or EmbeddedPostgres(home_of(where)).start()


def normalise(url: str) -> str:
    """The URL with the driver named: ``postgres://`` and ``postgresql://`` become ``postgresql+psycopg2://``.

    SQLAlchemy 2.1 takes a bare ``postgresql://`` for psycopg 3, which is not installed.

    Raises:
        WarehouseError: it is not a URL of PostgreSQL.
    """
    try:
        parsed = make_url(url.strip())
    except (ArgumentError, ValueError) as error:
        raise WarehouseError(
            f"{VARIABLE}: это не адрес базы данных. Нужен вид postgresql://имя:пароль@узел:порт/база."
        ) from error
    if parsed.drivername.partition("+")[0] not in ("postgres", "postgresql"):
        raise WarehouseError(f"{VARIABLE}: поддерживается только PostgreSQL, а указано {parsed.drivername}.")
    return parsed.set(drivername=DRIVER).render_as_string(hide_password=False)


def get_engine(url: str | URL, *, application: str = APPLICATION) -> Engine:
    """The process's engine for a URL: the same URL gives the same engine.

    A forked child gets an engine of its own: connections cannot be shared with the parent.

    Args:
        url: any PostgreSQL URL; normalised here.
        application: name under which the server lists the connections.
    """
    text = url.render_as_string(hide_password=False) if isinstance(url, URL) else url
    return _engine(normalise(text), application, os.getpid())


@lru_cache(maxsize=32)
def _engine(url: str, application: str, process: int) -> Engine:
    del process  # part of the key only
    return sa.create_engine(
        url,
        pool_pre_ping=True,
        pool_size=5,
        max_overflow=10,
        connect_args={
            "application_name": application,
            "connect_timeout": 10,
            # Times are UTC and dates ISO whatever the server's settings, since frames are read back as text.
            "options": "-c timezone=UTC -c datestyle=ISO,YMD -c client_encoding=UTF8 -c bytea_output=hex",
        },
    )


@contextmanager
def raw_connection(engine: Engine) -> Iterator[Any]:
    """A psycopg2 connection in a transaction of its own: committed at the end, rolled back on an error.

    Yields:
        the driver's connection (``psycopg2.extensions.connection``), with ``copy_expert`` on its cursors.
    """
    pooled = engine.raw_connection()
    try:
        yield pooled.driver_connection
        pooled.commit()
    except BaseException:
        if getattr(pooled.driver_connection, "closed", True):
            pooled.invalidate()
        else:
            pooled.rollback()
        raise
    finally:
        pooled.close()
