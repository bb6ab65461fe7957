"""What all commands share: exit codes, printing, tables, JSON.

Belongs here: how things look on a terminal and in a pipe. Does not belong here: what is said (the commands).
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Any

import click

from rsoko_pipeline.program import hint

if TYPE_CHECKING:
    import pandas as pd

DONE, FINDINGS, MISUSE, FAILURE = 0, 1, 2, 3
#: A column is given this width, if it needs so much, before any other gets more.
_SHORT = 10
#: Between the columns of a table in a pipe.
_GAP = "  "


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
