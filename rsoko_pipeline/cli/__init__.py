"""``rsoko``: the command line.

Belongs here: options, printing, exit codes. Does not belong here: what commands do (``runner``, ``landing``,
``simulation``, ``calendar``, ``warehouse.admin``).

Exit codes: 0 done, 1 findings, 2 misuse, 3 failure. Heavy packages are imported inside commands, so that ``--help``
answers at once.
"""

from __future__ import annotations

import os
import shlex
import sys
from typing import Any

import click

from rsoko_pipeline import memory
from rsoko_pipeline.cli import russian
from rsoko_pipeline.cli.console import FAILURE, MISUSE, Example, say_error
from rsoko_pipeline.program import as_called, hint, program

russian.speak()

_COMMANDS = {
    "demo": "run:demo",
    "simulate": "files:simulate",
    "check": "files:check",
    "run": "run:run",
    "status": "state:status",
    "calendar": "state:calendar",
    "quarantine": "quarantine:quarantine",
    "db": "db:db",
    "ui": "ui:ui",
}


class _Commands(russian.Group):
    """The commands by name, each imported when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module, _, name = _COMMANDS[cmd_name].partition(":")
        imported: Any = __import__(f"rsoko_pipeline.cli.{module}", fromlist=[name])
        command: click.Command = getattr(imported, name)
        return command


@click.command(
    cls=_Commands,
    epilog=Example("demo", "check forms/*.xlsx"),
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(package_name="rsoko-pipeline", message="%(version)s")
def cli() -> None:
    """Региональная система оценки качества образования: от файлов процедур до витрин и отчётов."""


def main() -> None:
    """Run ``rsoko`` and end the process with its exit code."""
    os.environ.setdefault("DAGSTER_DISABLE_TELEMETRY", "yes")
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    memory.spare()
    try:
        sys.exit(cli.main(prog_name=program(), standalone_mode=False) or 0)
    except click.exceptions.Exit as leave:
        sys.exit(leave.exit_code)
    except click.Abort:
        say_error("Прервано.")
        sys.exit(FAILURE)
    except click.ClickException as misuse:
        misuse.show()
        sys.exit(MISUSE)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(FAILURE)
    except Exception as error:  # the last stop: a person gets a sentence, RSOKO_DEBUG=1 gets the trace
        if os.environ.get("RSOKO_DEBUG"):
            raise
        what = f"Непредвиденная ошибка. {type(error).__name__}: {error}"
        say_error(as_called(str(error) if _speaks_russian(error) else what))
        say_error(f"Подробности: RSOKO_DEBUG=1 {hint(shlex.join(sys.argv[1:]))}")
        sys.exit(FAILURE)


def _speaks_russian(error: Exception) -> bool:
    return any("а" <= letter <= "я" for letter in str(error).lower())
