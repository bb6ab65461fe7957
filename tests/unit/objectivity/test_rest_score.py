"""Likelihood ratios given the rest of the work: honest differences are measured, and drawn schools have them."""

from __future__ import annotations

from dataclasses import replace
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from rsoko_pipeline.objectivity import preparation, rest_score
from rsoko_pipeline.objectivity.preparation import Inputs
from rsoko_pipeline.objectivity.rest_score import LikelihoodRatio, RestScores
from rsoko_pipeline.objectivity.settings import Settings
from rsoko_pipeline.objectivity.signs import item, lenient
from rsoko_pipeline.objectivity.work import Items
from rsoko_pipeline.simulation.model import make_schools, simulate_work_arrays
from rsoko_pipeline.simulation.parameters import Parameters


def _fitted(results: Any, tasks: Any) -> RestScores:
    work = next(preparation.works(Inputs.of(results, tasks))).work
    assert work is not None
    everybody = np.ones(len(work), dtype=bool)
    return rest_score.fit(*item.tables(work, everybody), everybody, len(work))


def _of(calibration: ModuleType, parameters: Parameters) -> RestScores:
    schools = make_schools(parameters, 250, 3)
    return _fitted(*calibration.frames([simulate_work_arrays(parameters, calibration.works()[0], schools, 3)]))


@pytest.fixture(scope="module")
def scores(clean: Any) -> RestScores:
    return _fitted(clean.results, clean.tasks)


def test_differences_between_schools_are_measured(calibration: ModuleType) -> None:
    none = _of(calibration, Parameters(school_task_sd=0.0, leniency_sd=0.0))
    tasks = _of(calibration, Parameters(school_task_sd=0.4, leniency_sd=0.0))
    markers = _of(calibration, Parameters(school_task_sd=0.1, leniency_sd=0.5))
    assert none.spread.mean() < 0.1 < 0.3 < tasks.spread.mean() < 0.5
    assert max(none.leniency, tasks.leniency) < 0.2 < markers.leniency < 0.7


def test_strong_and_weak_schools_are_drawn(calibration: ModuleType) -> None:
    alike, apart = (_of(calibration, Parameters(icc=icc)).level for icc in (0.02, 0.33))
    assert alike < apart / 2


def _laws(found: LikelihoodRatio, size: int) -> NDArray[np.float64]:
    """p-values of the drawn schools of a size by their own law."""
    place = int(np.flatnonzero(found.sizes == size)[0])
    value = found.honest[place]
    return replace(found, value=value).tail(np.arange(len(value)), np.full(len(value), size))


def test_a_tail_is_the_share_of_drawn_schools_above(scores: RestScores) -> None:
    p = _laws(scores.ratio(np.array([scores.helped(j, _half_told) for j in range(len(scores.laws))])), 40)
    for level, error in ((0.01, 0.012), (0.05, 0.03), (0.10, 0.012), (0.50, 0.012)):
        assert (p <= level).mean() == pytest.approx(level, abs=error)
    assert p.min() > 1e-5


def test_a_tail_between_two_sizes_lies_between_theirs(scores: RestScores) -> None:
    found = scores.ratio(np.array([scores.helped(j, _half_told) for j in range(len(scores.laws))]))
    low, between, high = (found.tail(np.array([0]), np.array([n]))[0] for n in (20, 28, 40))
    assert min(low, high) <= between <= max(low, high)


def _half_told(law: NDArray[np.float64]) -> NDArray[np.float64]:
    out = law / 2
    out[:, -1] += 0.5
    return out


def test_the_order_of_works_changes_nothing(scores: RestScores, settings: Settings) -> None:
    items = scores.items
    order = np.lexsort((np.random.default_rng(1).random(len(items.school)), items.school))
    shuffled = Items(items.school, items.group, items.scores[order], items.max_points, items.tasks)
    again = replace(scores, items=shuffled)
    for sign in ("plain", "_counts"):
        np.testing.assert_array_equal(np.array(getattr(again, sign)[0]), np.array(getattr(scores, sign)[0]))
    np.testing.assert_array_equal(
        item.compute(again, settings.of("ITEM")).p, item.compute(scores, settings.of("ITEM")).p
    )


def test_small_schools_are_pooled_and_have_no_row(scores: RestScores, settings: Settings) -> None:
    found = lenient.compute(scores, settings.of("LENIENT"))
    assert found.portion is not None
    assert found.n.min() >= settings.of("LENIENT").min_n > found.portion.n.min() >= settings.min_pooled
    assert found.law_drawn


@pytest.mark.parametrize("level", [0.3, 0.05, 0.01, 0.001])
def test_the_tail_allows_for_a_scale_known_from_few_draws(level: float) -> None:
    """Honest exponential values have p ≤ level as often as level says, over the chance of the draws too."""
    rng = np.random.default_rng(4)
    value = np.linspace(0.0, 25.0, 5_001)
    units = np.arange(len(value))
    false = []
    for _ in range(600):
        honest = np.repeat(rng.exponential(size=(1, 250)), 2, axis=0)
        p = rest_score.LikelihoodRatio(value, honest, np.array([10, 20])).tail(units, np.full(len(value), 10))
        assert (np.diff(p) <= 1e-12).all()
        false.append(np.exp(-value[np.argmax(p <= level)]))
    assert np.mean(false) == pytest.approx(level, rel=0.12)
