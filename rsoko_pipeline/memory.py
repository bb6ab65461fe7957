"""How a process of this project uses memory: what it asks of the allocators, once, and gives back.

Belongs here: settings of the allocators. Does not belong here: what is kept in memory.

A run makes and drops frames of a hundred megabytes all the time. Arrow's own pool and the arena that glibc keeps for
every thread hold on to what is dropped: a third of the memory of a run, and as nothing of it is shared by copies of the
process, once more in each.
"""

from __future__ import annotations

import ctypes
import os
import sys
from contextlib import suppress

#: glibc's ``M_ARENA_MAX`` and how many arenas there may be.
_ARENA_MAX, _ARENAS = -8, 2


def spare() -> None:
    """Let dropped memory be used again by whoever needs it next; to be called before pandas is imported."""
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    if "MALLOC_ARENA_MAX" not in os.environ:
        _glibc("mallopt", _ARENA_MAX, _ARENAS)


def give_back() -> None:
    """Give back to the system what is dropped and still held."""
    import pyarrow as pa

    pa.default_memory_pool().release_unused()
    _glibc("malloc_trim", 0)


def _glibc(function: str, *arguments: int) -> None:
    """Call a function of glibc, where that is the C library."""
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):
            getattr(ctypes.CDLL(None), function)(*arguments)
