"""Events that are to be built, shared out into lots for processes that work side by side.

Belongs here: what is built together and what before what. Does not belong here: the processes (``forked``), building.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from assets.plan import Plan
from rsoko_pipeline.families import dependencies
from rsoko_pipeline.forked import Part


def lots(plan: Plan, events: Sequence[str], sizes: Mapping[str, int], copies: int) -> list[Part[list[str]]]:
    """The events in lots: works in so many as there are processes, then family by family.

    Works of one lot are read and validated together, and so are a family's events; every lot more costs what Great
    Expectations costs a batch.

    Args:
        plan: the calendar as partitions.
        events: the events to build.
        sizes: how much each is, in any unit; an event that it lacks is small.
        copies: number of processes.

    Returns:
        Parts whose events are in partition order; each needs the lots from whose facts it is computed.
    """
    wanted = set(events)
    works = [event for event in plan.works if event in wanted]
    families = [[event for event in plan.of_family(family) if event in wanted] for family in plan.families]
    below = dependencies(plan.cfg)
    return [
        Part(lot, frozenset(lot), frozenset(other for event in lot for other in below.get(event, ())))
        for lot in (*stretches(works, sizes, copies), *families)
        if lot
    ]


def stretches(events: Sequence[str], sizes: Mapping[str, int], number: int) -> list[list[str]]:
    """The events in ``number`` stretches of about the same total size, in their order; some may be empty."""
    weights = [sizes.get(event, 0) + 1 for event in events]
    total, before = sum(weights), 0
    out: list[list[str]] = [[] for _ in range(number)]
    for event, weight in zip(events, weights, strict=True):
        out[int((before + weight / 2) * number / total)].append(event)
        before += weight
    return out
