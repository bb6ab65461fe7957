"""How the user of an installation calls its commands.

Belongs here: the program's name and commands as people can type them where they are. Does not belong here: what the
commands do and print (``cli``).
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import sys
from pathlib import Path

_NAME = "rsoko"
#: Environment variable by which a command tells the processes that it starts how its user has called it.
PROGRAM = "RSOKO_PROGRAM"
#: A command as texts outside the command line name it.
_NAMED = re.compile(rf"`{_NAME} ([^`]+)`")


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
