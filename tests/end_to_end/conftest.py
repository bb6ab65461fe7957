"""One demonstration region for the whole session, made by the commands that a new user types."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from ..integration.conftest import _homes

_HERE = Path(__file__).parent
_TOKEN = "RSOKO_TEST_TOKEN"
SCHOOLS = 6


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if _HERE in item.path.parents:
            item.add_marker(pytest.mark.end_to_end)


@dataclass(frozen=True)
class Commands:
    """``rsoko`` in processes of its own, on one home; what they start can be found again by a token."""

    home: Path
    token: str = field(default_factory=lambda: secrets.token_hex(8))

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, "RSOKO_HOME": str(self.home), _TOKEN: self.token, "COLUMNS": "200"}

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "rsoko_pipeline.cli", *arguments],
            env=self.environment, capture_output=True, text=True, timeout=200,
        )  # fmt: skip

    def start(self, *arguments: str, log: Path) -> subprocess.Popen[bytes]:
        with log.open("wb") as stream:
            return subprocess.Popen(
                [sys.executable, "-m", "rsoko_pipeline.cli", *arguments],
                env=self.environment, stdout=stream, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip

    def alive(self) -> list[str]:
        """Command lines of all processes that carry the token, wherever they were reparented to."""
        out = []
        for process in Path("/proc").glob("[0-9]*"):
            try:
                if f"{_TOKEN}={self.token}".encode() in (process / "environ").read_bytes().split(b"\0"):
                    out.append((process / "cmdline").read_bytes().replace(b"\0", b" ").decode())
            except OSError:  # ended meanwhile, or somebody else's
                continue
        return out


@dataclass(frozen=True)
class Demo:
    """A home after ``rsoko demo``, and what the command said."""

    home: Path
    said: subprocess.CompletedProcess[str]


@pytest.fixture(scope="session")
def demo() -> Iterator[Demo]:
    with _homes() as make:
        home = make()
        yield Demo(home, Commands(home).run("demo", "--schools", str(SCHOOLS), "--seed", "7"))
