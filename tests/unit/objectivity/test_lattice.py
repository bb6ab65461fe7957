"""The lattice of scores and the jumps measured on it."""

from __future__ import annotations

import numpy as np
import pytest

from rsoko_pipeline.objectivity.lattice import recognise
from rsoko_pipeline.objectivity.signs.bunch_region import jumps
from rsoko_pipeline.objectivity.work import NotAvailable


def _bell(step: float, size: int, top: float = 40.0) -> np.ndarray:
    grid = np.arange(0, top + step / 2, step)
    weight = np.exp(-(((grid - top * 0.55) / (top * 0.2)) ** 2) / 2)
    return np.repeat(grid, np.rint(size * weight / weight.sum()).astype(int))


def test_whole_scores() -> None:
    lattice = recognise(_bell(1.0, 5000))
    assert (lattice.step, lattice.mixed) == (1.0, False)


def test_halves_used_alike_are_a_lattice_of_halves() -> None:
    lattice = recognise(_bell(0.5, 8000))
    assert (lattice.step, lattice.mixed) == (0.5, False)


def test_rare_halves_do_not_make_the_lattice() -> None:
    score = np.concatenate([_bell(1.0, 9000), _bell(1.0, 2500)[:-1] + 0.5])
    lattice = recognise(score)
    assert (lattice.step, lattice.mixed) == (1.0, True)
    steps, on = lattice.steps(np.array([3.0, 3.5]))
    assert steps.tolist() == [3, 3] and on.tolist() == [True, False]


def test_a_slip_of_typing_does_not_refine_it() -> None:
    assert recognise(np.append(_bell(1.0, 5000), 17.01)).step == 1.0


def test_one_score_only() -> None:
    assert recognise(np.full(10, 4.0)).step == 1.0


def test_a_heap_at_the_cut_is_the_only_jump() -> None:
    score = _bell(1.0, 20_000)
    under = np.flatnonzero((score >= 18) & (score < 20))
    score[under[::2]] = 20
    found = jumps(score, (20.0,))
    assert found.at(20.0) > 8
    others = found.z[(np.abs(found.score - 20) > 3) & ~np.isnan(found.z)]
    assert np.abs(others).max() < 5
    assert np.isnan(found.at(500.0))


def test_a_smooth_distribution_has_no_jump() -> None:
    rng = np.random.default_rng(1)
    assert abs(jumps(rng.binomial(40, 0.55, 20_000), (20.0,)).at(20.0)) < 4


def test_too_few_scores() -> None:
    with pytest.raises(NotAvailable, match="слишком мало"):
        jumps(np.repeat([1.0, 2.0, 3.0], 50), (2.0,))
    with pytest.raises(NotAvailable, match="для сравнения"):
        jumps(np.repeat(np.arange(8.0), 100), (4.0,))
