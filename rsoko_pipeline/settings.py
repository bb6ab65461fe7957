"""Where this installation keeps its state, read from the environment once.

Belongs here: folders, URLs, the pseudonyms' key. Does not belong here: facts about the region (``configuration``).
"""

from __future__ import annotations

import contextlib
import os
import secrets
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from upath import UPath

#: More of them wait for the one database server.
_MOST_WORKERS = 4
_CHECKOUT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Settings:
    """The installation's places.

    Attributes:
        home: folder of all state (``RSOKO_HOME``; ``.rsoko`` in the checkout, else in the current folder).
        landing: incoming files (``RSOKO_LANDING_URL``), never written by the pipeline.
        outbox: what is published (``RSOKO_OUTBOX_URL``).
        warehouse_url: a PostgreSQL server's URL (``RSOKO_WAREHOUSE_URL``), None for the embedded one.
        ris_url: SQLAlchemy URL of a database of РИС ГИА to read results from (``RSOKO_RIS_URL``), None for none.
        secret: the pseudonyms' key as given (``RSOKO_PSEUDONYM_KEY``), None to keep one in ``home``.
        workers: processes that work side by side (``RSOKO_WORKERS``; one a processor, at most four).
    """

    home: Path
    landing: UPath
    outbox: UPath
    warehouse_url: str | None = None
    ris_url: str | None = None
    secret: str | None = None
    workers: int = 1

    @classmethod
    def from_environment(
        cls, environ: Mapping[str, str] | None = None, **overrides: str | os.PathLike[str] | None
    ) -> Settings:
        """Read the settings; ``overrides`` (home, landing, outbox) win over the environment.

        Raises:
            ValueError: ``RSOKO_WORKERS`` is not a number of processes.
        """
        env = os.environ if environ is None else environ
        given = {name: str(value) for name, value in overrides.items() if value is not None}
        root = _CHECKOUT if (_CHECKOUT / "pyproject.toml").exists() else Path.cwd()
        home = Path(given.get("home") or env.get("RSOKO_HOME") or root / ".rsoko").absolute()
        return cls(
            home=home,
            landing=UPath(given.get("landing") or env.get("RSOKO_LANDING_URL") or home / "landing"),
            outbox=UPath(given.get("outbox") or env.get("RSOKO_OUTBOX_URL") or home / "outbox"),
            warehouse_url=env.get("RSOKO_WAREHOUSE_URL") or None,
            ris_url=env.get("RSOKO_RIS_URL") or None,
            secret=env.get("RSOKO_PSEUDONYM_KEY") or None,
            workers=_workers(env.get("RSOKO_WORKERS", "")),
        )

    @property
    def store(self) -> Path:
        """The immutable copies of everything taken in, by content hash."""
        return self.home / "store"

    @property
    def dagster_home(self) -> Path:
        """``DAGSTER_HOME`` of this installation."""
        return self.home / "dagster"

    @cached_property
    def pseudonym_key(self) -> bytes:
        """The key of the pupils' pseudonyms; made once, readable by its owner only, outside the warehouse.

        Raises:
            ValueError: the key's file is empty; with an empty key anybody could recompute the pseudonyms.
        """
        if self.secret:
            return self.secret.encode()
        path = self.home / "pseudonym.key"
        if not path.exists():
            _make_key(path)
        key = path.read_bytes()
        if not key:
            raise ValueError(f"Ключ псевдонимов {path} пуст: верните его из резервной копии.")
        return key


def _workers(given: str) -> int:
    if given:
        if not given.isdecimal() or not int(given):
            raise ValueError(f"RSOKO_WORKERS: нужно целое число процессов, от 1, а указано «{given}».")
        return int(given)
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(usable, _MOST_WORKERS)


def _make_key(path: Path) -> None:
    """Write a new key, whole from the start; of processes that do so at once, one wins and all read its key."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=".", suffix=".key", dir=path.parent)  # mode 0600
    try:
        with os.fdopen(descriptor, "w") as stream:
            stream.write(secrets.token_hex(32))
        with contextlib.suppress(FileExistsError):
            os.link(name, path)
    finally:
        Path(name).unlink()
