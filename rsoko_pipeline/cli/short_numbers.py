"""Numbers of findings as short as they can be typed: their first digits, as many as tell them apart.

Belongs here: shortening numbers and finding the number meant. Does not belong here: the numbers (``landing.ledger``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

#: Fewer digits than these would soon be ambiguous as findings come in.
_LEAST = 6


def shortened(numbers: Iterable[int]) -> dict[int, str]:
    """Of each number its first digits that no other of them begins with, at least six."""
    texts = sorted({str(number) for number in numbers})
    if not texts:
        return {}
    shared = [0, *(_shared(*pair) for pair in pairwise(texts)), 0]
    lengths = (max(before, after) + 1 for before, after in pairwise(shared))
    return {int(text): text[: max(length, _LEAST)] for text, length in zip(texts, lengths, strict=True)}


def _shared(one: str, other: str) -> int:
    """How many first digits two numbers share."""
    digits = enumerate(zip(one, other, strict=False))
    return next((at for at, (left, right) in digits if left != right), min(len(one), len(other)))


def meant(short: int, numbers: Iterable[int]) -> Sequence[int]:
    """The numbers that ``short`` may stand for: itself where it is one of them, else those that begin with it."""
    known = sorted({int(number) for number in numbers})
    return [short] if short in known else [number for number in known if str(number).startswith(str(short))]
