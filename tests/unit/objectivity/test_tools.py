"""The shared tools against brute force and against scipy and statsmodels."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy import stats

from rsoko_pipeline.objectivity import combination, conditional, funnel, random_intercept, shares
from rsoko_pipeline.objectivity.exact import BetaBinomial, SmallSums, fit_rare


def test_the_law_of_a_small_sum_is_the_one_of_enumeration() -> None:
    values, p = np.array([-1, 0, 2]), np.array([[0.5, 0.2, 0.3], [0.1, 0.1, 0.8]])
    tail = SmallSums.of_draws(values, p, np.array([3, 4])).tail(np.array([1, 5]), np.zeros(2))
    for row, (count, observed) in enumerate(((3, 1), (4, 5))):
        above = here = 0.0
        for draw in itertools.product(range(3), repeat=count):
            chance = float(np.prod(p[row][list(draw)]))
            total = int(values[list(draw)].sum())
            above += chance * (total > observed)
            here += chance * (total == observed)
        assert tail.mid[row] == pytest.approx(above + here / 2, abs=1e-12)
        assert tail.conservative[row] == pytest.approx(above + here, abs=1e-12)


def test_laws_of_independent_sums_multiply() -> None:
    one = SmallSums.of_draws(np.array([0, 1]), np.array([[0.7, 0.3]]), np.array([5]))
    two = SmallSums.of_draws(np.array([0, 1]), np.array([[0.7, 0.3]]), np.array([4]))
    assert (one * two).tail(np.array([6]), np.array([2.7])).conservative[0] == pytest.approx(
        stats.binom.sf(5, 9, 0.3), abs=1e-12
    )


def test_beta_binomial_agrees_with_scipy() -> None:
    n, p, rho = np.array([7, 30, 150, 30]), np.array([0.2, 0.56, 0.15, 0.4]), 0.03
    law = BetaBinomial(n, p, rho)
    k = np.array([3, 25, 40, 0])
    whole = (1 - rho) / rho
    expected = stats.betabinom.sf(k - 1, n, p * whole, (1 - p) * whole)
    np.testing.assert_allclose(law.tail(k).conservative, expected, rtol=1e-9)
    np.testing.assert_allclose(law.variance, stats.betabinom.var(n, p * whole, (1 - p) * whole), rtol=1e-9)
    np.testing.assert_allclose(law.law().sum(axis=1), 1.0, rtol=1e-9)


def test_a_rare_event_is_fitted_without_its_dishonest_units() -> None:
    rng = np.random.default_rng(1)
    n = rng.choice([100, 190, 300], 600)
    p = rng.beta(0.015 * 300, 0.985 * 300, 600)
    k = rng.binomial(n, p)
    k[:12] += 40
    share, rho = fit_rare(k, n, 0.03)
    assert share == pytest.approx(0.015, abs=0.0015)
    assert rho == pytest.approx(1 / 301, abs=0.0025)


def test_shares_expect_more_of_schools_of_higher_level() -> None:
    rng = np.random.default_rng(2)
    level = rng.normal(0, 0.5, 500)
    n = rng.integers(10, 80, 500)
    truth = 1 / (1 + np.exp(-0.3 - 0.8 * level))
    k = rng.binomial(n, rng.beta(truth * 49, (1 - truth) * 49))
    law = shares.fit(k, n, level, np.ones(500, dtype=bool))
    assert np.abs(law.p - truth).mean() < 0.015
    assert law.rho == pytest.approx(0.02, abs=0.01)


def test_the_funnel_finds_the_variation_of_honest_units_of_unlike_sizes() -> None:
    rng = np.random.default_rng(3)
    variance = 1 / rng.integers(5, 300, 4000)
    value = rng.normal(0.4, np.sqrt(variance + 0.05**2))
    value[:100] += 5
    fitted = funnel.fit(value, variance, np.ones(4000, dtype=bool))
    assert fitted.centre == pytest.approx(0.4, abs=0.01)
    assert 0.7 * 0.05**2 < fitted.extra_variance < 1.7 * 0.05**2
    z = fitted.z(value, variance)[100:]
    for part in (z[variance[100:] < 0.01], z[variance[100:] > 0.05]):
        assert part.std() == pytest.approx(1.0, abs=0.12)


def test_the_funnel_adds_nothing_to_pure_chance() -> None:
    rng = np.random.default_rng(4)
    variance = np.full(2000, 0.01)
    fitted = funnel.fit(rng.normal(0, 0.09, 2000), variance, np.ones(2000, dtype=bool), centre=0.0)
    assert fitted.extra_variance == 0.0
    assert funnel.fit(np.array([1.0, 3.0]), np.ones(2), np.ones(2, dtype=bool)).extra_variance == 0.0


def test_half_cauchy_combination() -> None:
    p = np.array([[0.01, 0.5, 0.9], [0.2, np.nan, np.nan], [np.nan] * 3, [1e-300, 1.0, 1.0], [0.01, 0.5, 1.0]])
    combined = combination.half_cauchy(p)
    assert combined[0] == pytest.approx(0.03, rel=0.1), "the least of three p-values, three times over"
    assert combined[1] == pytest.approx(0.2)
    assert np.isnan(combined[2])
    assert 0 < combined[3] < 1e-14
    assert combined[4] == pytest.approx(combined[0], rel=0.05), "a p-value of 1 takes nothing away"
    weighted = combination.half_cauchy(p[:1], np.array([1.0, 0.0, 0.0]))
    assert weighted[0] == pytest.approx(0.01)
    heavy, light = (combination.half_cauchy(p[:1], np.array([w, 1.0, 1.0]))[0] for w in (5.0, 0.2))
    assert heavy < combined[0] < light


@pytest.mark.parametrize("weights", [[1.0, 1.0], [6.0, 8.0, 1.0, 4.0, 3.0]])
def test_combined_p_values_are_uniform_under_honesty(weights: list[float]) -> None:
    p = np.random.default_rng(7).random((100_000, len(weights)))
    combined = combination.half_cauchy(p, np.array(weights))
    for level in (0.001, 0.01, 0.1, 0.5, 0.9):
        error = np.sqrt(level * (1 - level) / len(p))
        assert (combined <= level).mean() == pytest.approx(level, abs=4 * error + 0.03 * level)


def test_empirical_null_speaks_only_where_the_normal_does_not_fit() -> None:
    z = stats.norm.ppf((np.arange(400) + 0.5) / 400)
    everyone = np.ones(400, dtype=bool)
    assert combination.empirical_null(z, everyone) is None
    assert combination.empirical_null(z * 1.4, everyone) == pytest.approx((0.0, 1.4), abs=0.02)
    assert combination.empirical_null(z + 0.3, everyone) == pytest.approx((0.3, 1.0), abs=0.02)
    assert combination.empirical_null(z[:30] * 9, everyone[:30]) is None


def test_skew_is_taken_out_of_the_upper_tail() -> None:
    gamma = (stats.gamma.ppf((np.arange(5000) + 0.5) / 5000, 25) - 25) / 5
    straight = combination.without_skew(gamma, np.ones(5000, dtype=bool))
    assert gamma.max() > 4.5
    assert straight.max() == pytest.approx(stats.norm.ppf(1 - 1e-4), abs=0.15)
    normal = stats.norm.ppf((np.arange(5000) + 0.5) / 5000)
    np.testing.assert_array_equal(combination.without_skew(normal, np.ones(5000, dtype=bool)), normal)


def test_conditional_tables_are_probabilities_and_their_means_add_to_the_total() -> None:
    rng = np.random.default_rng(5)
    most = np.array([1, 2, 1, 3])
    ability = rng.normal(0, 1, 4000)
    scores = np.column_stack([rng.binomial(m, 1 / (1 + np.exp(-ability))) for m in most]).astype(np.int8)
    total = scores.sum(axis=1).astype(np.int64)
    tables = conditional.fit(scores, total, most, np.ones(4000, dtype=bool))
    np.testing.assert_allclose(tables.probability.sum(axis=2), 1.0)
    assert (tables.probability[:, 0, 1:] == 0).all(), "a total of 0 leaves no points"
    inner = np.arange(1, 7)
    np.testing.assert_allclose(tables.mean.sum(axis=0)[inner], inner, atol=0.15)
    assert (tables.variance >= 0).all()


def test_moments_do_not_count_the_slope_of_the_mean_as_variance() -> None:
    rng = np.random.default_rng(6)
    total = rng.integers(0, 21, 20_000)
    value = 0.75 * total + rng.normal(0, 1, 20_000)
    mean, variance = conditional.moments(value, total, 20, np.ones(20_000, dtype=bool))
    np.testing.assert_allclose(mean, 0.75 * np.arange(21), atol=0.08)
    np.testing.assert_allclose(variance, 1.0, atol=0.1)


def test_random_intercept_agrees_with_statsmodels() -> None:
    from statsmodels.regression.mixed_linear_model import MixedLM

    rng = np.random.default_rng(7)
    unit = np.repeat(np.arange(40), rng.integers(3, 30, 40))
    x = np.column_stack([np.ones(len(unit)), rng.normal(0, 1, len(unit))])
    y = x @ [1.0, 0.5] + rng.normal(0, 0.6, 40)[unit] + rng.normal(0, 1, len(unit))
    ours = random_intercept.fit(y, x, unit)
    theirs = MixedLM(y, x, groups=unit).fit(reml=True)
    np.testing.assert_allclose(ours.beta, theirs.fe_params, atol=1e-4)
    assert ours.between == pytest.approx(np.asarray(theirs.cov_re).item(), rel=2e-3)
    assert ours.within == pytest.approx(theirs.scale, rel=1e-3)


def test_random_intercept_of_equal_units_has_no_variance_between() -> None:
    y = np.tile([0.0, 1.0, 2.0], 10)
    model = random_intercept.fit(y, np.ones((30, 1)), np.repeat(np.arange(10), 3))
    assert model.between == 0.0
    effect, error = model.effects(np.array([0.5]), np.array([3]))
    assert effect[0] == 0.0 and error[0] == 0.0


def test_few_schools_to_compare_with_need_a_larger_deviation() -> None:
    z = np.array([-3.0, 0.0, 2.0, 3.0, 8.0])
    few, many = combination.small_sample(z, 22), combination.small_sample(z, 100_000)
    np.testing.assert_allclose(many, z, atol=0.01)
    np.testing.assert_allclose(combination.to_p(few), stats.t.sf(z, 21), rtol=1e-9)
    assert (np.abs(few) <= np.abs(z)).all() and few[0] == pytest.approx(-few[3])
    assert np.isfinite(combination.small_sample(np.array([300.0]), 400)).all()
