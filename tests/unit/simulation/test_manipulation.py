from __future__ import annotations

import numpy as np
import pytest

from rsoko_pipeline.simulation.manipulation import MANIPULATIONS, MEANING, Manipulation, falsify, plan
from rsoko_pipeline.simulation.model import Schools, WorkResult, make_schools, simulate_work_arrays, simulate_works
from rsoko_pipeline.simulation.parameters import Parameters
from rsoko_pipeline.simulation.streams import stream

from .conftest import MA4, RU4

SEED = 11


@pytest.fixture(scope="module")
def schools() -> Schools:
    return make_schools(Parameters(), 30, SEED)


@pytest.fixture(scope="module")
def honest(schools: Schools) -> WorkResult:
    return simulate_work_arrays(Parameters(), RU4, schools, SEED)


@pytest.fixture(scope="module")
def large(honest: WorkResult) -> int:
    return int(np.bincount(honest.school).argmax())


def inject(schools: Schools, school: int, kind: str, strength: float = 1.0) -> WorkResult:
    return simulate_work_arrays(Parameters(), RU4, schools, SEED, [Manipulation(school, kind, strength)])


@pytest.mark.parametrize("kind", sorted(MEANING))
def test_only_the_school_changes_and_truth_says_how_much(
    schools: Schools, honest: WorkResult, large: int, kind: str
) -> None:
    work = inject(schools, large, kind, 0.8)
    elsewhere = work.school != large
    assert (work.scores[elsewhere] == honest.scores[elsewhere]).all()
    assert (work.present[elsewhere] == honest.present[elsewhere]).all()
    assert (work.journal == honest.journal).all()
    changed = (work.present != honest.present) | (work.scores != honest.scores).any(axis=1)
    (truth,) = work.truth
    assert (truth.school, truth.kind, truth.strength) == (large, kind, 0.8)
    assert truth.pupils == changed.sum() > 0


def own(work: WorkResult, school: int) -> np.ndarray:
    return (work.school == school) & work.present


def test_bump_empties_the_scores_under_the_cuts(schools: Schools, honest: WorkResult, large: int) -> None:
    work = inject(schools, large, "bump")
    under = [cut - k for cut in RU4.cuts for k in (1, 2)]
    rows = own(work, large)
    assert np.isin(honest.total[rows], under).any()
    assert not np.isin(work.total[rows], under).any()
    assert (work.total[rows] - honest.total[rows] <= 2).all()


def test_hints_solve_a_quarter_of_the_tasks(schools: Schools, large: int) -> None:
    work = inject(schools, large, "hints")
    solved = (work.scores[own(work, large)] == RU4.max_points).all(axis=0)
    assert solved.sum() >= round(0.27 * len(RU4.max_points))


def test_fill_makes_half_a_class_the_same(schools: Schools, large: int) -> None:
    work = inject(schools, large, "fill")
    (truth,) = work.truth
    members = own(work, large) & (work.class_no == truth.class_no)
    _, counts = np.unique(work.scores[members], axis=0, return_counts=True)
    assert counts.max() >= members.sum() / 2
    typical = work.total[members].max()
    assert typical <= RU4.max_score


def test_journal_marks_are_copied(schools: Schools, large: int) -> None:
    work = inject(schools, large, "journal")
    rows = own(work, large) & (work.journal > 0)
    assert (work.mark[rows] == work.journal[rows]).all()


def test_the_weakest_are_kept_away(schools: Schools, honest: WorkResult, large: int) -> None:
    work = inject(schools, large, "absence")
    members = work.school == large
    weakest = members & (work.ability <= np.quantile(work.ability[members], 0.25))
    assert not work.present[weakest].any()
    assert (work.present[members & ~weakest] == honest.present[members & ~weakest]).all()


def test_leniency_adds_points_where_judgement_decides(schools: Schools, honest: WorkResult, large: int) -> None:
    work = inject(schools, large, "leniency")
    more = (work.scores - honest.scores)[own(work, large)]
    judged = np.array(RU4.max_points) >= 2
    assert (more >= 0).all()
    assert more.max() == 1
    assert not more[:, ~judged].any()


def test_strength_is_graded(schools: Schools, large: int) -> None:
    touched = [inject(schools, large, "leniency", strength).truth[0].pupils for strength in (0.05, 0.3, 0.9)]
    assert touched == sorted(touched)
    assert touched[0] < touched[-1]


def test_share_of_schools_and_every_kind() -> None:
    dealt = plan(np.full(100, 20.0), [RU4, MA4], 0.2, MANIPULATIONS, 0.5, seed=1)
    found = {m.school: (m.kind, m.strength) for one in dealt.values() for m in one}
    assert len(found) == 20
    assert set(found.values()) == set(MANIPULATIONS)
    assert not any(plan(np.full(100, 20.0), [RU4], 0.0, MANIPULATIONS, 0.5, seed=1).values())


def test_a_dishonest_school_keeps_to_its_kind() -> None:
    region = simulate_works(Parameters(), [RU4, MA4], 60, SEED, manipulated=0.3)
    kinds: dict[int, set[str]] = {}
    for work in region.works.values():
        for one in work.truth:
            kinds.setdefault(one.school, set()).add(one.kind)
    assert 16 <= len(kinds) <= 18
    assert all(len(found) == 1 for found in kinds.values())


def test_an_unknown_kind_is_refused() -> None:
    rows = np.arange(2)
    scores = np.zeros((2, len(RU4.max_points)), dtype=np.int8)
    with pytest.raises(ValueError, match="magic"):
        falsify("magic", 1.0, RU4, scores, rows, rows, rows, scores[0], stream(1))
