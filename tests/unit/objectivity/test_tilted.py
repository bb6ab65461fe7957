"""Tilted multinomial laws: the fit, the weights, sums and their exact law."""

from __future__ import annotations

import numpy as np
import pytest

from rsoko_pipeline.objectivity import tilted
from rsoko_pipeline.objectivity.exact import SmallSums


def test_the_fit_finds_shape_and_tilt() -> None:
    rng = np.random.default_rng(1)
    level = rng.normal(0, 1, 400)
    law = np.exp(np.log([0.4, 0.3, 0.2, 0.1])[None, :] + 0.5 * level[:, None] * np.arange(4))
    law /= law.sum(axis=1, keepdims=True)
    counts = np.stack([rng.multinomial(50, row) for row in law])
    found = tilted.fit(counts, level, np.ones(400, dtype=bool))
    np.testing.assert_allclose(found, law, atol=0.02)
    unseen = tilted.fit(counts, level, np.arange(400) < 200)
    np.testing.assert_allclose(unseen, law, atol=0.04)


def test_weights_are_a_rounded_likelihood_ratio() -> None:
    before, after = np.array([0.5, 0.3, 0.2]), np.array([0.25, 0.3, 0.45])
    assert tilted.weights(before, after, 3.0).tolist() == [-2, 0, 2]


def test_sums_have_the_law_of_the_draws() -> None:
    p = np.array([[0.2, 0.5, 0.3]] * 30)
    counts = np.random.default_rng(2).multinomial(12, p[0], 30)
    draws = tilted.Draws(counts, p, np.array([-2, 0, 3]))
    everybody = np.ones(30, dtype=bool)
    portion = tilted.summed([draws, draws], np.arange(30), np.full(30, 12), everybody, 0.0)
    assert portion is not None and portion.observed is not None and portion.law is not None
    np.testing.assert_array_equal(portion.observed, 2 * counts @ draws.weights)
    assert portion.variance[0] == pytest.approx(24 * (0.2 * 4 + 0.3 * 9 - 0.5**2))
    tail = portion.law.tail(portion.observed, portion.observed - portion.excess)
    rng = np.random.default_rng(3)
    drawn = rng.multinomial(24, p[0], 200_000) @ draws.weights
    for unit in range(5):
        assert tail.conservative[unit] == pytest.approx((drawn >= portion.observed[unit]).mean(), abs=0.005)


def test_the_law_of_a_sum_far_from_zero_does_not_wrap_round() -> None:
    n = 400
    one = SmallSums.of_draws(np.array([0, 1]), np.array([[0.1, 0.9]]), np.array([n]))
    from scipy import stats

    tail = one.tail(np.array([370]), np.array([360.0]))
    assert tail.conservative[0] == pytest.approx(stats.binom.sf(369, n, 0.9), rel=1e-9)


def test_nothing_that_varies_has_no_portion() -> None:
    draws = tilted.Draws(np.array([[3, 0]]), np.array([[1.0, 0.0]]), np.array([0, 1]))
    assert tilted.summed([draws], np.array([0]), np.array([3]), np.array([True]), 0.0) is None
