"""The lattice of scores and the jumps measured on it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from rsoko_pipeline.objectivity import assess
from rsoko_pipeline.objectivity.lattice import recognise
from rsoko_pipeline.objectivity.settings import Settings
from rsoko_pipeline.objectivity.signs.bunch_region import TooFewPlacebos, jumps, smooth_jumps
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


def test_a_region_that_lifts_to_its_cut_shows_it_and_its_honest_municipality_does_not(settings: Settings) -> None:
    rng = np.random.default_rng(5)
    school = np.repeat(np.arange(120), 50)
    score = rng.binomial(60, 0.55, len(school))
    lifted = (school < 80) & np.isin(score, [33, 34]) & (rng.random(len(school)) < 0.7)
    score[lifted] = 35
    results = pd.DataFrame(
        {"school": np.char.mod("s%03d", school), "subject": "ru", "grade": 8, "primary_score": score.astype(float)}
    )
    tasks = pd.DataFrame({"subject": ["ru"], "grade": [8], "task": ["1"], "max_points": [60], "cut3": [35.0]})
    context = pd.DataFrame({"school": np.char.mod("s%03d", np.arange(120))})
    context["municipality"] = np.where(context["school"] < "s080", "m1", "m2")
    found = assess(results, tasks, context=context, region="99")
    rows: Any = found.signs.query("sign == 'BUNCH_REGION'").set_index(["level", "unit_code"])
    assert list(rows.index) == [("region", "99"), ("municipality", "m1"), ("municipality", "m2")]
    assert rows["details"].map(lambda details: details["is_sign"]).tolist() == [True, True, False]
    # One cut, against placebo jumps: the score says how large the jump is, however small its p.
    np.testing.assert_allclose(rows["z"], rows["statistic"], rtol=1e-9)
    assert rows["z"].iloc[0] > 12 and rows["p"].iloc[0] < 1e-15
    assert (rows["family"] == "-").all()
    # Nor does it enter the evidence of a school.
    assert found.evidence["families_available"].map(tuple).unique().tolist() == [("A", "C")]


@pytest.mark.parametrize(("top", "cuts"), [(24, (10.0, 16.0, 21.0)), (20, (6.0, 10.0, 15.0)), (18, (5.0, 8.0, 11.0))])
def test_short_works_are_judged_against_a_smooth_curve(top: int, cuts: tuple[float, ...]) -> None:
    rng = np.random.default_rng(6)
    score = rng.binomial(top, rng.beta(4, 2.5, 20_000)).astype(float)
    with pytest.raises(TooFewPlacebos):
        jumps(score, cuts)
    honest = smooth_jumps(score, cuts)
    assert max(abs(honest.at(cut)) for cut in cuts) < 4
    assert np.isfinite(honest.freedom) and honest.freedom >= 3
    lifted = (score == cuts[1] - 1) & (rng.random(len(score)) < 0.35)
    found = smooth_jumps(score + lifted, cuts)
    assert found.at(cuts[1]) > 6 and abs(found.at(cuts[0])) < 5
    assert np.isnan(found.at(cuts[1] - 1)), "judged at the cuts only"


def test_a_work_of_few_scores_has_no_curve_either() -> None:
    score = np.repeat(np.arange(9.0), 200)
    with pytest.raises(NotAvailable, match="гладкой кривой"):
        smooth_jumps(score, (3.0, 5.0, 7.0))
