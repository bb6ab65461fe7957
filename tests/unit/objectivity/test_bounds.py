"""The oracle of the calibration: its likelihood ratios against enumeration and plain Monte Carlo."""

from __future__ import annotations

from itertools import combinations, product
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from scipy.special import logsumexp

from bench.oracle import Oracle
from rsoko_pipeline.simulation.calibration import WorkModel, calibrate
from rsoko_pipeline.simulation.parameters import Parameters, WorkSpec

SPEC = WorkSpec("a", "ru", 4, 2026, (2, 1, 2, 2, 2), (2, 5, 8))


@pytest.fixture(scope="module")
def model() -> WorkModel:
    return calibrate(Parameters(), SPEC, 3)


@pytest.fixture(scope="module")
def oracle(model: WorkModel) -> Oracle:
    return Oracle(Parameters(), model, knows_level=True)


def _school(oracle: Any, pupils: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Points and abilities of an honest school where all tasks are as easy as elsewhere."""
    rng = np.random.default_rng(seed)
    theta = rng.normal(0.0, 1.0, (pupils, 1))
    chance = oracle.probabilities(theta, np.zeros(5))[:, 0].cumsum(axis=-1)
    return (chance < rng.random((pupils, 5, 1))).sum(axis=-1), theta


def _by_draws(oracle: Any, x: np.ndarray, theta: np.ndarray, sources: np.ndarray) -> float:
    """Log-probability of a school's works, averaged over 15 000 draws of the ease of its tasks."""
    ease = np.random.default_rng(5).multivariate_normal(np.zeros(5), np.linalg.inv(oracle.precision), 15_000)
    logs = [np.log((oracle.probabilities(theta, one)[:, 0] * sources).sum(axis=-1)).sum() for one in ease]
    return float(logsumexp(logs) - np.log(len(ease)))


@pytest.mark.parametrize("strength", [0.5, 0.9])
def test_lifting_loses_nobody(oracle: Any, strength: float) -> None:
    x = np.array(list(product(*(range(most + 1) for most in SPEC.max_points))))
    theta, ease = np.full((len(x), 1), 0.3), np.linspace(-0.4, 0.5, 5)
    untouched = np.take_along_axis(oracle.probabilities(theta, ease), x[:, None, :, None], axis=3)[..., 0]
    before, after = (part[:, 0] for part in oracle.lifted(strength, x, theta, ease))
    under = np.array(SPEC.cuts)
    total = x.sum(axis=1)
    help_ = Parameters().honest_bump
    at, one, two = (np.isin(total, under - lack) for lack in (0, 1, 2))
    chance = untouched.prod(axis=-1)[:, 0]
    honest = chance * np.select([at, one], [before, 1 - help_], 1.0)
    bumped = chance * np.select([at, one, two], [after, (1 - help_) * (1 - strength), 1 - strength], 1.0)
    assert honest.sum() == pytest.approx(1.0)
    assert bumped.sum() == pytest.approx(1.0)
    assert bumped[at].sum() > honest[at].sum()


def test_evidence_is_the_integral_over_ease(oracle: Any) -> None:
    x, theta = _school(oracle, 12, 1)
    nothing = oracle.sources(x, "hints", 0.0)
    lenient = oracle.sources(x, "leniency", 0.3)
    for sources in (nothing, lenient):
        found, _, _ = oracle.evidence(theta, np.zeros((12, 1)), sources, np.zeros(5))
        assert found == pytest.approx(_by_draws(oracle, x, theta, sources), abs=0.05)
    wanted = _by_draws(oracle, x, theta, lenient) - _by_draws(oracle, x, theta, nothing)
    found = oracle.ratio("leniency", 0.3, x, theta, np.zeros((12, 1)), np.random.default_rng(0))
    assert found == pytest.approx(wanted, abs=0.05)


def test_unknown_abilities_are_summed_over(oracle: Any) -> None:
    x, theta = _school(oracle, 12, 2)
    nothing = oracle.sources(x, "hints", 0.0)
    once, _, _ = oracle.evidence(theta, np.zeros((12, 1)), nothing, np.zeros(5))
    halves, _, _ = oracle.evidence(np.tile(theta, 2), np.full((12, 2), np.log(0.5)), nothing, np.zeros(5))
    assert halves == pytest.approx(once)


def test_hints_are_the_mean_over_all_sets_of_tasks(oracle: Any) -> None:
    x, theta = _school(oracle, 20, 3)
    x[:, 1] = 1
    prior = np.zeros((20, 1))
    nothing, told = oracle.sources(x, "hints", 0.0), oracle.sources(x, "hints", 0.6)
    honest, _, _ = oracle.evidence(theta, prior, nothing, np.zeros(5))
    each = []
    for chosen in combinations(range(5), 1):
        mixed = nothing.copy()
        mixed[:, chosen] = told[:, chosen]
        each.append(oracle.evidence(theta, prior, mixed, np.zeros(5))[0] - honest)
    found = oracle.ratio("hints", 0.6, x, theta, prior, np.random.default_rng(0))
    assert found == pytest.approx(logsumexp(each) - np.log(5), abs=0.3)
    assert found > 2.0


def test_the_oracle_tells_lifted_schools_from_honest_ones(calibration: ModuleType) -> None:
    table = calibration.measure_bounds(calibration.BoundTask("bump", 0.5, 7, schools=3))
    assert set(calibration.KNOWN) <= set(table.columns)
    means = table.groupby("is_honest")[list(calibration.KNOWN)].mean()
    assert (means.loc[False] > means.loc[True] + 2).all()


def test_the_limit_leaves_one_honest_school_in_a_hundred_above(calibration: ModuleType) -> None:
    rng = np.random.default_rng(1)
    # Two normal laws of variance μ² round ∓μ²/2: then the value is its own log-likelihood ratio.
    honest, dishonest = (rng.normal(shift * 2.0**2 / 2, 2.0, 4000) for shift in (-1, 1))
    assert calibration.likelihood_limit(honest, dishonest) == pytest.approx(-2.0 + 2.0 * 2.3263, abs=0.1)
    assert calibration.likelihood_limit(honest, dishonest, 0.05) == pytest.approx(-2.0 + 2.0 * 1.6449, abs=0.1)
