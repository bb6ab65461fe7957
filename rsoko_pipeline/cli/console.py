"""What all commands share: exit codes, printing, JSON, the installation's settings."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable
from typing import Any

import click
import pandas as pd

DONE, FINDINGS, MISUSE, FAILURE = 0, 1, 2, 3


class Example(str):
    """Examples for a command's ``--help``."""

    def __new__(cls, *lines: str) -> Example:
        return super().__new__(cls, "\b\nПримеры:\n" + "\n".join(f"  {line}" for line in lines))


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
    """A frame as JSON-ready records; nulls become None."""
    rows: list[dict[str, Any]] = json.loads(frame.to_json(orient="records", date_format="iso", force_ascii=False))
    return rows


def show_table(heads: Iterable[str], rows: Iterable[Iterable[Any]], *, empty: str) -> None:
    """Print a table; ``empty`` where there are no rows. Wide on a terminal, tab-separated lines in a pipe."""
    lines = [["" if value is None or value is pd.NA or value != value else str(value) for value in row] for row in rows]
    if not lines:
        say(empty)
    elif sys.stdout.isatty():
        from rich.console import Console
        from rich.table import Table

        table = Table(*heads, header_style="bold")
        for line in lines:
            table.add_row(*line)
        Console().print(table)
    else:
        for line in [list(heads), *lines]:
            say("\t".join(line))


class Progress:
    """Progress lines with the seconds since the start: a person sees that long work goes on."""

    def __init__(self) -> None:
        self._start = time.monotonic()

    def __call__(self, text: str) -> None:
        """Print a step."""
        say(f"[{time.monotonic() - self._start:5.1f} с] {text}")
