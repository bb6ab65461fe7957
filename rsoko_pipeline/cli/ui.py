"""``rsoko ui``: Dagster's web pages and daemon on the installation's home."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import click

from rsoko_pipeline.cli.console import DONE, FAILURE, Example, say
from rsoko_pipeline.cli.russian import Command
from rsoko_pipeline.program import PROGRAM, program
from rsoko_pipeline.settings import Settings

#: Seconds that Dagster's processes have to end by themselves.
_PATIENCE = 30


@click.command(cls=Command, epilog=Example("ui", "ui --read-only --port 3001"))
@click.option("--port", type=click.IntRange(1, 65535), default=3000, show_default=True, help="Порт на этой машине.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Адрес, на котором слушать.")
@click.option("--read-only", is_flag=True, help="Только смотреть: запуски и переключатели недоступны.")
def ui(port: int, host: str, read_only: bool) -> int:
    """Открыть веб-интерфейс Dagster: происхождение данных, проверки, расписания. Конец — Ctrl+C."""
    from rsoko_pipeline.runner import dagster_instance

    settings = Settings.from_environment()
    with dagster_instance(settings):
        pass  # the home is initialised once, before several processes meet on it
    bin_folder = Path(sys.executable).parent
    module = ["-m", "rsoko_pipeline.definitions"]
    web = [
        _program(bin_folder, "dagster-webserver"),
        *module,
        "-h",
        host,
        "-p",
        str(port),
        *(["--read-only"] if read_only else []),
    ]
    daemon = [_program(bin_folder, "dagster-daemon"), "run", *module]
    commands = [web] if read_only else [web, daemon]
    homes = {"DAGSTER_HOME": str(settings.dagster_home), "RSOKO_HOME": str(settings.home)}
    environment = {**os.environ, **homes, PROGRAM: program()}
    say(f"Открываю http://{host}:{port} (Ctrl+C — закончить)")
    children = [subprocess.Popen(command, env=environment, start_new_session=True) for command in commands]
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        code = children[0].wait()
    except KeyboardInterrupt:
        code = DONE
    finally:
        _end(children)
    return DONE if code == DONE else FAILURE


def _program(folder: Path, name: str) -> str:
    own = folder / name
    return str(own) if own.exists() else (shutil.which(name) or name)


def _end(children: list[subprocess.Popen[bytes]]) -> None:
    """Ask each to end, which ends what it started; what is left of its group after half a minute is ended too."""
    for child in children:
        if child.poll() is None:
            child.send_signal(signal.SIGINT)
    for child in children:
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(_PATIENCE)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGTERM)
        child.wait()
