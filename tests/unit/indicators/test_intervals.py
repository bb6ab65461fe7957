"""Intervals of shares."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint

from rsoko_pipeline.indicators import mean_share, wilson


def test_agrees_with_statsmodels():
    k, n = np.array([0, 1, 7, 50, 99, 100]), np.array([1, 9, 9, 100, 100, 100])
    expected = proportion_confint(k, n, method="wilson")
    np.testing.assert_allclose(wilson(k, n), expected, atol=1e-12)


def test_other_confidence():
    np.testing.assert_allclose(wilson(3, 10, 0.99), proportion_confint(3, 10, alpha=0.01, method="wilson"), atol=1e-12)


def test_published_example():
    """Newcombe, Statistics in Medicine 17 (1998), 857–872, table I: 81 of 263 and 15 of 148, method 3."""
    low, high = wilson([81, 15], [263, 148])
    assert low.round(4).tolist() == [0.2553, 0.0624]
    assert high.round(4).tolist() == [0.3662, 0.1605]


@pytest.mark.parametrize(("k", "n"), [(0, 0), (1, 0), (11, 10), (-1, 10)])
def test_what_is_no_share_has_no_interval(k, n):
    assert np.isnan(wilson(k, n)).all()


def test_ends_are_exact():
    low, high = wilson([0, 10], [10, 10])
    assert low[0] == 0
    assert high[1] == 1


@given(st.integers(1, 10_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_holds_the_share_and_stays_in_range(case):
    k, n = case
    low, high = wilson(k, n)
    assert 0 <= low <= k / n <= high <= 1


def test_mean_share_of_one_point_is_wilson():
    k, n = np.arange(11), np.full(11, 10)
    np.testing.assert_array_equal(mean_share(k, n, 1), wilson(k, n))


def test_mean_share_of_no_maximum():
    assert np.isnan(mean_share([0, 3], [5, 5], [0, 0])).all()


def test_mean_share_covers_at_least_as_often_as_promised():
    """Tasks of three points, 30 pupils: the interval must hold the true share in at least 95 % of samples."""
    rng = np.random.default_rng(1)
    for chances in ([0.4, 0.1, 0.1, 0.4], [0.1, 0.4, 0.4, 0.1], [0.05, 0.05, 0.1, 0.8]):
        truth = np.dot(chances, range(4)) / 3
        points = rng.choice(4, p=chances, size=(4000, 30)).sum(axis=1)
        low, high = mean_share(points, 30, 3)
        assert ((low <= truth) & (truth <= high)).mean() >= 0.945
