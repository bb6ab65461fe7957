"""Where a run finds files: the landing folder and its store, the outbox.

Belongs here: Dagster resources around folders and fsspec URLs. Does not belong here: reading
(``rsoko_pipeline.sources``), what is published (``rsoko_pipeline.reports``).
"""

from pathlib import Path

import dagster as dg
from upath import UPath

from rsoko_pipeline.disk import room
from rsoko_pipeline.landing.store import Store
from rsoko_pipeline.reports.atomic import write_atomic
from rsoko_pipeline.settings import Settings


class Landing(dg.ConfigurableResource):
    """Incoming files («входящие»).

    Attributes:
        url: the landing folder, a path or an fsspec URL; only read from.
        store_folder: where immutable copies of what was taken in are kept.
        workers: child processes that open workbooks.
    """

    url: str
    store_folder: str
    workers: int = 2

    @property
    def ris_url(self) -> str | None:
        """A database of РИС ГИА to read beside the folder; from the environment, since it may hold a password."""
        return Settings.from_environment().ris_url

    @property
    def folder(self) -> UPath:
        """The landing folder."""
        return UPath(self.url)

    @property
    def store(self) -> Store:
        """The store of immutable copies."""
        return Store(Path(self.store_folder))


class Outbox(dg.ConfigurableResource):
    """What is published («исходящие»).

    Attributes:
        url: the outbox folder, a path or an fsspec URL.
        workers: processes that make schools' workbooks.
    """

    url: str
    workers: int = 2

    def write(self, name: str, content: bytes) -> str:
        """Write one file whole or not at all; unchanged content is left alone.

        Args:
            name: path below the outbox, made by the pipeline itself, never from data that somebody sent.
            content: the file's bytes.

        Returns:
            The file's full path or URL.

        Raises:
            NoRoomError: the disk is full; what stood there before stands there still.
        """
        target = UPath(self.url) / name
        if target.exists() and target.read_bytes() == content:
            return str(target)
        if target.protocol in ("", "file", "local"):
            with room(Path(target.path).parent):
                write_atomic(Path(target.path), content)
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)  # object stores show an object only when it is whole
        return str(target)

    def remove(self, name: str) -> None:
        """Take away what an earlier run published and this one has no reason for; nothing there is no error.

        Args:
            name: path below the outbox, made by the pipeline itself.
        """
        target = UPath(self.url) / name
        if target.exists():
            target.unlink()
