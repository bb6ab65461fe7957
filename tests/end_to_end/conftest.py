"""One demonstration region for the whole session, made by the commands that a new user types."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from ..commands import Commands
from ..integration.conftest import _homes

_HERE = Path(__file__).parent
SCHOOLS = 6


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if _HERE in item.path.parents:
            item.add_marker(pytest.mark.end_to_end)


@dataclass(frozen=True)
class Demo:
    """A home after ``rsoko demo``, and what the command said; ``again`` is a ``rsoko run`` right after it.

    Other tests of the session build events again in this home, so what a second run says is asked before them.
    """

    home: Path
    said: subprocess.CompletedProcess[str]
    again: subprocess.CompletedProcess[str]


@pytest.fixture(scope="session")
def demo() -> Iterator[Demo]:
    with _homes() as make:
        home = make()
        commands = Commands(home)
        said = commands.run("demo", "--schools", str(SCHOOLS), "--seed", "7")
        yield Demo(home, said, commands.run("run"))
