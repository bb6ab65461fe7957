from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from rsoko_pipeline.simulation.calibration import calibrate, score_distribution
from rsoko_pipeline.simulation.model import (
    SimulatedRegion,
    ability,
    make_cohort,
    make_schools,
    simulate_work_arrays,
    simulate_works,
)
from rsoko_pipeline.simulation.parameters import Parameters, WorkSpec

from .conftest import MA4, RU4

SPECS = (RU4, MA4)


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.work_id)
def test_marks_come_out_as_asked(region: SimulatedRegion, spec: WorkSpec) -> None:
    work = region.works[spec.work_id]
    shares = [(work.mark[work.present] == mark).mean() for mark in (2, 3, 4, 5)]
    assert shares == pytest.approx(spec.shares, abs=0.02)


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.work_id)
def test_journal_agrees_as_often_as_asked(region: SimulatedRegion, spec: WorkSpec) -> None:
    work = region.works[spec.work_id]
    both = work.present & (work.journal > 0)
    compared = np.sign(work.mark[both] - work.journal[both])
    assert [(compared == sign).mean() for sign in (0, 1, -1)] == pytest.approx((0.56, 0.15, 0.29), abs=0.02)
    assert (work.journal == 0).mean() == pytest.approx(0.01, abs=0.003)


def test_absence_falls_with_ability(region: SimulatedRegion) -> None:
    work = region.works[RU4.work_id]
    assert 1 - work.present.mean() == pytest.approx(0.07, abs=0.01)
    weak, strong = work.ability < -1, work.ability > 1
    assert (~work.present[weak]).mean() > 2 * (~work.present[strong]).mean()


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.work_id)
def test_arrays_are_consistent(region: SimulatedRegion, spec: WorkSpec) -> None:
    work = region.works[spec.work_id]
    assert work.scores.min() == 0
    assert (work.scores.max(axis=0) == spec.max_points).all()
    assert (work.total == work.scores.sum(axis=1)).all()
    assert (work.mark[work.present] == spec.mark(work.total[work.present])).all()
    assert not work.scores[work.not_started].any()
    assert work.not_started.any()
    for values in (work.scores, work.not_started, work.mark, work.total):
        assert not values[~work.present].any()
    assert (np.diff(work.school) >= 0).all()
    assert set(np.unique(work.journal)) <= {0, 2, 3, 4, 5}


def test_mark_is_the_number_of_cuts_reached() -> None:
    assert RU4.mark(np.array([0, 9, 10, 15, 16, 20, 21, 24])).tolist() == [2, 2, 3, 3, 4, 4, 5, 5]


def test_a_work_must_fit_its_cuts() -> None:
    with pytest.raises(ValueError, match="cuts"):
        replace(RU4, cuts=(10, 16, 25))
    with pytest.raises(ValueError, match="labels"):
        replace(RU4, labels=("1",))


def test_levels_of_schools_and_subjects(region: SimulatedRegion) -> None:
    ru, ma = (region.works[spec.work_id] for spec in SPECS)
    n = np.bincount(ru.school, minlength=400)
    mean = np.bincount(ru.school, ru.ability, minlength=400) / np.maximum(n, 1)
    between = np.average(mean**2, weights=n) - len(n) / n.sum() * 0.8
    assert between == pytest.approx(0.20, abs=0.02)
    assert ru.ability.std() == pytest.approx(1.0, abs=0.02)
    assert np.corrcoef(ru.ability, ma.ability)[0, 1] == pytest.approx(0.75, abs=0.02)


def test_sizes(region: SimulatedRegion) -> None:
    sizes = np.bincount(region.works[RU4.work_id].school, minlength=400)
    rural = region.schools.is_rural
    assert rural.mean() == 0.45
    assert np.median(sizes[rural]) == pytest.approx(9, abs=1.5)
    assert np.median(sizes[~rural]) == pytest.approx(62, abs=5)
    assert sum(work.present.sum() for work in region.works.values()) * 13 / 2 == pytest.approx(200_000, rel=0.03)


def test_pupil_codes_and_classes(region: SimulatedRegion) -> None:
    work = region.works[RU4.work_id]
    school = work.school == work.school[-1]
    size = int(school.sum())
    assert work.pupil_code[school].tolist() == list(range(40_001, 40_001 + size))
    per_class = np.bincount(work.class_no[school])[1:]
    assert (per_class > 0).all()
    assert per_class.max() <= region.parameters.class_size
    assert (work.number == region.works[MA4.work_id].number).all()


def test_the_same_seed_gives_the_same_region(small: SimulatedRegion) -> None:
    again = simulate_works(Parameters(), [RU4, MA4], 12, seed=3)
    other = simulate_works(Parameters(), [RU4, MA4], 12, seed=4)
    for spec in SPECS:
        one, two = small.works[spec.work_id], again.works[spec.work_id]
        for name in ("school", "class_no", "present", "scores", "not_started", "total", "mark", "journal"):
            assert (getattr(one, name) == getattr(two, name)).all(), name
    assert len(other.works[RU4.work_id].total) != len(small.works[RU4.work_id].total)


def test_a_work_does_not_depend_on_what_is_simulated_beside_it(small: SimulatedRegion) -> None:
    alone = simulate_work_arrays(Parameters(), MA4, make_schools(Parameters(), 12, 3), 3)
    assert (alone.scores == small.works[MA4.work_id].scores).all()


def test_the_same_pupils_a_year_on_and_a_grade_up() -> None:
    later = replace(RU4, work_id="2027-vpr-ru-5", grade=5, school_year=2027)
    found = simulate_works(Parameters(), [RU4, later], 60, seed=5)
    now, then = found.works[RU4.work_id], found.works[later.work_id]
    assert (now.school == then.school).all()
    assert (now.class_no == then.class_no).all()
    assert (then.pupil_code - now.pupil_code == 10_000).all()
    assert np.corrcoef(now.ability, then.ability)[0, 1] == pytest.approx(0.92, abs=0.015)
    assert (now.scores != then.scores).any()


def test_another_cohort_has_other_pupils() -> None:
    other = replace(RU4, work_id="2027-vpr-ru-4", school_year=2027)
    found = simulate_works(Parameters(), [RU4, other], 60, seed=5)
    one, two = found.works[RU4.work_id], found.works[other.work_id]
    assert len(one.school) != len(two.school) or (one.ability != two.ability).all()


def test_stress_settings_reach_the_works() -> None:
    usual = Parameters()

    def jump(parameters: Parameters) -> float:
        work = simulate_works(parameters, [RU4], 200, seed=2).works[RU4.work_id]
        counts = np.bincount(work.total[work.present])
        return counts[16] / counts[15]

    assert jump(replace(usual, honest_bump=0.3)) > jump(usual) * 1.3

    def spread(parameters: Parameters) -> float:
        """Variance between schools of the solved share of one task beside the school's other tasks."""
        work = simulate_works(parameters, [RU4], 200, seed=2).works[RU4.work_id]
        school, share = work.school[work.present], work.scores[work.present] / np.array(RU4.max_points)
        large = np.flatnonzero(np.bincount(school) >= 40)
        means = np.array([share[school == s].mean(axis=0) for s in large])
        return float((means - means.mean(axis=1, keepdims=True)).std(axis=0).mean())

    assert spread(replace(usual, school_task_sd=0.6)) > spread(usual) * 1.3

    schools = make_schools(usual, 200, 2)
    cohort = make_cohort(usual, schools, RU4.cohort, 2)
    loose = ability(replace(usual, icc=0.05), schools, cohort, RU4, 2)
    tight = ability(replace(usual, icc=0.5), schools, cohort, RU4, 2)
    means = [np.bincount(cohort.school, z) / np.maximum(np.bincount(cohort.school), 1) for z in (loose, tight)]
    assert means[1].std() > 2 * means[0].std()


def test_score_distribution_is_the_convolution_of_tasks() -> None:
    theta = np.array([-1.0, 0.5])
    found = score_distribution((1.0, 0.7), ((0.2,), (-0.5, 0.4)), theta)
    one = np.exp(theta - 0.2)
    p = np.array([1 / (1 + one), one / (1 + one)])
    weights = np.array([np.ones(2), np.exp(0.7 * (theta + 0.5)), np.exp(0.7 * (2 * theta - 0.4))])
    q = weights / weights.sum(axis=0)
    expected = [p[0] * q[0], p[0] * q[1] + p[1] * q[0], p[0] * q[2] + p[1] * q[1], p[1] * q[2]]
    np.testing.assert_allclose(found.T, expected)


def test_calibration_knows_nothing_of_chance() -> None:
    assert calibrate(Parameters(), RU4, 1) is calibrate(Parameters(), RU4, 1)
    assert calibrate(Parameters(), RU4, 1).slopes != calibrate(Parameters(), RU4, 2).slopes


def test_works_are_written_by_those_they_are_for() -> None:
    ninth = WorkSpec("9", "ru", 9, 2025, (1, 2, 3, 4), (2, 4, 6))
    tenth, eleventh = (replace(ninth, work_id=str(grade), grade=grade, school_year=2016 + grade) for grade in (10, 11))
    advanced = replace(ninth, work_id="8", subject="mau", grade=8, school_year=2024, is_advanced=True)
    made = simulate_works(Parameters(), [ninth, tenth, eleventh, advanced], 30, 5)

    def pupils(work_id: str) -> set[tuple[int, int]]:
        work = made.works[work_id]
        return set(zip(work.school.tolist(), work.number.tolist(), strict=True))

    assert pupils("10") == pupils("11") < pupils("9")
    assert len(pupils("10")) == pytest.approx(0.55 * len(pupils("9")), rel=0.1)
    special = made.works["8"]
    assert special.school.size and made.schools.is_strong[special.school].all() and (special.class_no == 1).all()


def test_nobody_falsifies_an_invented_work() -> None:
    invented = replace(MA4, is_invented=True)
    made = simulate_works(Parameters(), [RU4, invented], 40, 5, manipulated=1.0)
    assert made.works[RU4.work_id].truth and not made.works[invented.work_id].truth
