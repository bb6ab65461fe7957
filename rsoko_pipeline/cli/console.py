"""What all commands share: exit codes, printing, tables, JSON.

Belongs here: how things look on a terminal and in a pipe. Does not belong here: what is said (the commands).
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import sys
import time
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    import pandas as pd

DONE, FINDINGS, MISUSE, FAILURE = 0, 1, 2, 3
_NAME = "rsoko"
#: Environment variable by which a command tells the processes that it starts how its user has called it.
PROGRAM = "RSOKO_PROGRAM"
#: A command as texts outside the command line name it.
_NAMED = re.compile(rf"`{_NAME} ([^`]+)`")
#: A column is given this width, if it needs so much, before any other gets more.
_SHORT = 10
#: Between the columns of a table in a pipe.
_GAP = "  "


def program() -> str:
    """This program as the user can call it again: by its name on PATH, else by its path, from the folder at hand."""
    if given := os.environ.get(PROGRAM):
        return given
    running = Path(sys.argv[0])
    if running.parts[-3:] == ("rsoko_pipeline", "cli", "__main__.py"):
        return f"{shlex.quote(_path(Path(sys.executable)))} -m rsoko_pipeline.cli"
    if running.stem != _NAME or running == Path(running.name):
        return _NAME
    found = shutil.which(_NAME)
    is_on_path = found is not None and Path(found).absolute() == running.absolute()
    return _NAME if is_on_path else shlex.quote(_path(running))


def _path(file: Path) -> str:
    """The file from the current folder where it lies below it; a bare name would be looked for on PATH."""
    whole = file.absolute()
    if not whole.is_relative_to(Path.cwd()):
        return str(whole)
    below = whole.relative_to(Path.cwd())
    return str(below) if len(below.parts) > 1 else f"{os.curdir}{os.sep}{below}"


def hint(arguments: str) -> str:
    """A command of this program as the user can type it."""
    return f"{program()} {arguments}"


def as_called(text: str) -> str:
    """A text with the commands that it names in backquotes as the user can type them."""
    return _NAMED.sub(lambda found: f"`{hint(found[1])}`", text)


class Example(str):
    """Examples for a command's ``--help``."""

    def __new__(cls, *lines: str) -> Example:
        """The examples, a line each without the program's name, under their heading."""
        return super().__new__(cls, "\b\nПримеры:\n" + "\n".join(f"  {hint(line)}" for line in lines))


def say(text: str = "") -> None:
    """Print a line for the person."""
    click.echo(text)


def say_error(text: str) -> None:
    """Print a line to standard error."""
    click.echo(text, err=True)


def show_json(value: Any) -> None:
    """Print a value as JSON: for scripts."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """A frame as JSON-ready records; nulls become None, days and times ISO 8601."""
    rows: list[dict[str, Any]] = json.loads(frame.to_json(orient="records", date_format="iso", force_ascii=False))
    return rows


def show_table(heads: Iterable[str], rows: Iterable[Iterable[Any]], *, empty: str) -> None:
    """Print a table; ``empty`` where there are no rows. Framed on a terminal, aligned by spaces in a pipe."""
    lines = [[_cell(value) for value in row] for row in rows]
    if not lines:
        say(empty)
    elif sys.stdout.isatty():
        from rich.console import Console
        from rich.table import Table

        table = Table(header_style="bold")
        for head, *cells in zip(heads, *lines, strict=True):
            longest = max(map(len, [*head.split(), *cells]))
            table.add_column(head, overflow="fold", min_width=min(longest, _SHORT))
        for line in lines:
            table.add_row(*line)
        Console(markup=False, highlight=False).print(table)
    else:
        whole = [list(heads), *lines]
        widths = [max(map(len, column)) for column in zip(*whole, strict=True)]
        for line in whole:
            say(_GAP.join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def _cell(value: Any) -> str:
    """A value as one line of text, nothing for a null; a whole number is one also where the column has nulls."""
    from pandas import isna  # what prints tables has imported it already

    if isna(value):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return " ".join(str(value).split()) if type(value) is not date else f"{value:%d.%m.%Y}"


class Progress:
    """Progress lines with the seconds since the start: a person sees that long work goes on."""

    def __init__(self) -> None:
        self._start = time.monotonic()

    def __call__(self, text: str) -> None:
        """Print a step."""
        say(f"[{time.monotonic() - self._start:5.1f} с] {text}")
