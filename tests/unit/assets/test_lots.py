"""Events shared out into lots."""

from __future__ import annotations

from itertools import chain

from hypothesis import given
from hypothesis import strategies as st

from assets.lots import lots, stretches
from assets.plan import Plan
from rsoko_pipeline.configuration import load
from rsoko_pipeline.families import dependencies


@given(st.lists(st.integers(0, 1000), max_size=40), st.integers(1, 6))
def test_stretches_keep_order_and_balance(sizes: list[int], number: int) -> None:
    events = [f"event {index}" for index in range(len(sizes))]
    weights = dict(zip(events, sizes, strict=True))
    cut = stretches(events, weights, number)
    assert len(cut) == number and list(chain.from_iterable(cut)) == events
    fair = sum(size + 1 for size in sizes) / number
    assert all(sum(weights[event] + 1 for event in part) <= fair + max(sizes) + 1 for part in cut if part)


def test_lots_are_all_events_once_and_need_what_they_are_computed_from() -> None:
    plan = Plan(load())
    events = list(plan.cfg.calendar.events)
    parts = lots(plan, events, {}, 2)
    assert sorted(chain.from_iterable(part.what for part in parts)) == sorted(events)
    assert [set(part.what) for part in parts] == [set(part.gives) for part in parts]
    works = [part for part in parts if set(part.what) <= set(plan.works)]
    assert len(works) == 2 and not any(part.needs for part in works)
    for part in parts:
        assert part.needs == set(chain.from_iterable(dependencies(plan.cfg).get(event, ()) for event in part.what))
    assert any(part.needs & set(plan.works) for part in parts)


def test_nothing_wanted_gives_no_lots() -> None:
    assert lots(Plan(load()), [], {}, 2) == []
