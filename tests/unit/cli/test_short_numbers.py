"""Numbers of findings as a person types them."""

from __future__ import annotations

import pytest

from rsoko_pipeline.cli.short_numbers import meant, shortened

NUMBERS = [4021160000000001, 4021169000000002, 7339050000000003, 12]


def test_a_number_is_cut_where_it_is_told_from_the_others() -> None:
    assert shortened(NUMBERS) == {
        4021160000000001: "4021160",
        4021169000000002: "4021169",
        7339050000000003: "733905",
        12: "12",
    }
    assert shortened([]) == {}


def test_a_short_number_finds_its_finding() -> None:
    for number, short in shortened(NUMBERS).items():
        assert meant(int(short), NUMBERS) == [number]
        assert meant(number, NUMBERS) == [number]


@pytest.mark.parametrize("short", [402116, 4])
def test_too_few_digits_are_several_findings(short: int) -> None:
    assert meant(short, NUMBERS) == NUMBERS[:2]


def test_a_whole_number_is_not_the_beginning_of_another() -> None:
    assert meant(12, [12, 1234567]) == [12]
    assert meant(99, NUMBERS) == []
