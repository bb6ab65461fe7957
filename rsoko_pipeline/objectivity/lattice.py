"""The lattice of attainable scores, recognised from the scores themselves.

Belongs here: finding the step and which scores lie on it. Does not belong here: tests on it (``signs``).
Where markers may give halves of a step but mostly do not, the counts on the fine grid alternate between many and few,
and every jump measured on it drowns in that; the coarse grid that carries the many is the one to look at.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_UNIT = 1000
_MIXTURES = (10, 5, 4, 3, 2)
_CLEAR = 0.80
_LEAST = 20
#: A grid finer than the common one is noise (a typing slip) when no more than this share of scores needs it.
_STRAY = 0.001


@dataclass(frozen=True)
class Lattice:
    """Scores 0, step, 2·step, …; ``mixed`` if a finer grid is in use and was set aside."""

    step: float
    mixed: bool

    def steps(self, score: NDArray) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """The scores in steps (rounded down), and which of them lie on the lattice."""
        exact = np.asarray(score, dtype=np.float64) / self.step
        near = np.rint(exact)
        on = np.abs(exact - near) < 1e-3
        return np.where(on, near, np.floor(exact)).astype(np.int64), on

    def first_at(self, score: float) -> int:
        """The first step at or above a score."""
        return int(np.ceil(score / self.step - 1e-6))


def recognise(score: NDArray) -> Lattice:
    """Find the lattice of the scores given.

    The fine step is the greatest that carries all but a thousandth of the scores. If the grid m times coarser holds a
    clear majority at most places (a score on it has more pupils than each of its neighbours off it, at four places of
    five), the coarse grid is the lattice.
    """
    units = np.rint(np.asarray(score, dtype=np.float64) * _UNIT).astype(np.int64)
    values, counts = np.unique(units, return_counts=True)
    if len(values) < 2:
        return Lattice(1.0, False)
    fine = _common_step(values, counts)
    on = values % fine == 0
    place = values[on] // fine
    offset = place.min()
    table = np.bincount(place - offset, weights=counts[on])
    for m in _MIXTURES:
        if _carries(table, int(offset), m):
            return Lattice(m * fine / _UNIT, True)
    return Lattice(fine / _UNIT, False)


def _common_step(values: NDArray, counts: NDArray) -> int:
    whole = counts.sum()
    step = int(np.gcd.reduce(values))
    for candidate in (1000, 500, 250, 200, 100, 50, 25, 20, 10, 5, 2):
        if candidate > step and counts[values % candidate != 0].sum() <= _STRAY * whole:
            return candidate
    return max(step, 1)


def _carries(table: NDArray, offset: int, m: int) -> bool:
    """Whether every m-th place of the table stands above all places between, nearly everywhere."""
    if len(table) < 4 * m:
        return False
    places = np.arange(len(table))
    coarse = places[((places + offset) % m == 0) & (places >= m) & (places < len(table) - m)]
    between = np.concatenate([coarse[:, None] - np.arange(1, m), coarse[:, None] + np.arange(1, m)], axis=1)
    judged = table[coarse] + table[between].max(axis=1) >= _LEAST
    if judged.sum() < 4:
        return False
    return bool(np.mean(table[coarse[judged]] > table[between[judged]].max(axis=1)) >= _CLEAR)
