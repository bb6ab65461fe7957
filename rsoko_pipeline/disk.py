"""A disk without room, said in words that help.

Belongs here: errors of writing files on this machine. Does not belong here: the database server's disk (``warehouse``),
what is written.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class NoRoomError(RuntimeError):
    """The disk is full; the text is a Russian sentence for whoever runs the system."""


@contextmanager
def room(folder: Path) -> Iterator[None]:
    """Raise ``NoRoomError`` in place of the system's error where writing into ``folder`` fails for want of room."""
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise NoRoomError(
            f"На диске кончилось место, записать в папку «{folder}» нельзя. Освободите место и повторите; "
            "наполовину записанных файлов не осталось."
        ) from None
