"""An installation of a test's own: settings on a test database, with shortcuts.

Belongs here: what every test of whole runs needs. Does not belong here: which files it is given (the tests' folders).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine
from upath import UPath

from rsoko_pipeline import runner
from rsoko_pipeline.landing import parsed
from rsoko_pipeline.settings import Settings


@dataclass
class Installation:
    """Settings of an installation on a test database, with shortcuts."""

    settings: Settings
    engine: Engine

    @classmethod
    def at(
        cls, home: Path, engine: Engine, *, landing: UPath | None = None, outbox: UPath | None = None
    ) -> Installation:
        """An installation below ``home``, its landing folder made."""
        settings = Settings(
            home=home,
            landing=landing or UPath(home / "landing"),
            outbox=outbox or UPath(home / "outbox"),
            warehouse_url=engine.url.render_as_string(hide_password=False),
            secret="test key",
        )
        settings.landing.mkdir(parents=True, exist_ok=True)
        return cls(settings, engine)

    @property
    def landing(self) -> Path:
        return Path(str(self.settings.landing))

    @property
    def outbox(self) -> Path:
        return Path(str(self.settings.outbox))

    def run(self, **options: object) -> runner.RunSummary:
        parsed.forget()
        summary = runner.run(self.settings, **options)  # type: ignore[arg-type]
        assert not summary.failed, summary.failed
        return summary

    def ask(self, query: str, **values: object) -> list[tuple[Any, ...]]:
        with self.engine.connect() as connection:
            return [tuple(row) for row in connection.execute(sa.text(query), values)]

    def one(self, query: str, **values: object) -> Any:
        ((value,),) = self.ask(query, **values)
        return value
