"""Workbooks made side by side: all of them, in order, the same as one after another."""

from __future__ import annotations

import os

import pytest

from rsoko_pipeline.reports.side_by_side import FEW, made


def shout(word: str) -> bytes:
    """The word in capitals."""
    return word.upper().encode()


def place(_: str) -> bytes:
    """Which process makes it."""
    return str(os.getpid()).encode()


def stumble(word: str) -> bytes:
    """Fails at one of many."""
    if word == f"слово {FEW}":
        raise ValueError(word)
    return word.encode()


def reports(count: int) -> list[tuple[str, str]]:
    return [(f"{number}.xlsx", f"слово {number}") for number in range(count)]


@pytest.mark.parametrize(("count", "workers"), [(0, 2), (3, 2), (3 * FEW, 2), (3 * FEW, 1)])
def test_everything_is_made_once_and_in_order(count: int, workers: int) -> None:
    given = reports(count)
    assert list(made(shout, iter(given), workers)) == [(name, word.upper().encode()) for name, word in given]


def test_many_are_made_elsewhere_and_few_here() -> None:
    here = str(os.getpid()).encode()
    assert {content for _, content in made(place, reports(FEW - 1), 2)} == {here}
    assert here not in {content for _, content in made(place, reports(FEW), 2)}


def test_one_that_cannot_be_made_is_not_passed_over() -> None:
    with pytest.raises(ValueError, match=f"слово {FEW}"):
        list(made(stumble, reports(2 * FEW), 2))
