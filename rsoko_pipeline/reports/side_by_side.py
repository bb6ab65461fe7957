"""Workbooks made by several processes side by side: each takes a second, and a region has hundreds of schools.

Belongs here: handing out the work and taking it back in order. Does not belong here: what is made.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from itertools import chain, islice
from typing import TypeVar

_T = TypeVar("_T")

#: With fewer reports the start of the processes takes longer than they save.
FEW = 24
#: Reports handed out ahead, a process: so many are in memory at once.
_AHEAD = 4


def made(make: Callable[[_T], bytes], reports: Iterable[tuple[str, _T]], workers: int) -> Iterator[tuple[str, bytes]]:
    """What ``make`` makes of each report, under the report's name, in their order.

    Args:
        make: a function of a module, since the processes import it.
        reports: names with what ``make`` takes; drawn as they are needed.
        workers: number of processes; below two all is made in this one, as it is where the reports are few.
    """
    coming = iter(reports)
    first = list(islice(coming, FEW))
    if workers < 2 or len(first) < FEW:
        yield from ((name, make(report)) for name, report in chain(first, coming))
        return
    from loky import ProcessPoolExecutor  # unlike the standard library's it starts no process with the caller's script

    with ProcessPoolExecutor(workers) as pool:
        waiting: deque[tuple[str, Future[bytes]]] = deque()
        for name, report in chain(first, coming):
            waiting.append((name, pool.submit(make, report)))
            if len(waiting) >= workers * _AHEAD:
                done, content = waiting.popleft()
                yield done, content.result()
        for done, content in waiting:
            yield done, content.result()
