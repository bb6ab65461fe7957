"""What stands beside the evidence: re-marking, observers, olympiad stages, cohorts, the fuzzy index, the old rules."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from rsoko_pipeline.objectivity import assess, cohort, compatibility, labels, preparation, remarking, task_profile
from rsoko_pipeline.objectivity.agreement import agreement
from rsoko_pipeline.objectivity.guttman import guttman
from rsoko_pipeline.objectivity.mantel_haenszel import common_odds
from rsoko_pipeline.objectivity.preparation import Inputs
from rsoko_pipeline.objectivity.settings import Settings
from rsoko_pipeline.objectivity.signs import invalsi, observed, remark, stage
from rsoko_pipeline.objectivity.work import NotAvailable, Work


def _works(region: Any) -> list[Work]:
    inputs = Inputs.of(region.results, region.tasks)
    return [prepared.work for prepared in preparation.works(inputs) if prepared.work is not None]


# --- agreement and re-marking


def test_agreement_of_equal_and_of_opposite_markings() -> None:
    marks = np.array([0, 1, 2, 3, 3, 2, 1, 0])
    same = agreement(marks, marks, 0, 3)
    assert same.kappa == same.ac2 == same.alpha == same.exact == 1.0
    assert agreement(marks, 3 - marks, 0, 3).kappa == pytest.approx(-1.0)
    assert agreement(np.full(5, 2), np.full(5, 2), 0, 3).kappa == 1.0


def _marked(first: np.ndarray, second: np.ndarray, school: str = "a") -> pd.DataFrame:
    return pd.DataFrame(
        {
            "school_year": "",
            "subject": "ru",
            "grade": 4,
            "school": school,
            "first": first,
            "second": second,
            "max_score": 24,
        }
    )


def test_remarking_confirms_what_was_marked_too_high(settings: Settings) -> None:
    rng = np.random.default_rng(1)
    true = rng.integers(6, 20, 30)
    works = pd.concat(
        [
            _marked(true + rng.integers(1, 4, 30), true, "high"),
            _marked(true, true, "equal"),
            _marked(true, np.clip(true + rng.integers(1, 4, 30), 0, 24), "low"),
            _marked(true[:9], true[:9], "few"),
            _marked(true, rng.permutation(true), "noise"),
        ]
    )
    judged: Any = remark.compute(works, settings).set_index("school")
    assert list(judged.index) == ["equal", "high", "low", "noise"]
    assert judged["is_sign"].to_dict() == {"equal": False, "high": True, "low": False, "noise": True}
    assert judged.loc["high", "bias_low"] > 0.04 and judged.loc["high", "p"] < 1e-6
    assert judged.loc["low", "bias"] < 0 and judged.loc["low", "p"] > 0.999
    assert judged.loc["equal", "p"] == pytest.approx(0.5) and judged.loc["equal", "bias_high"] == 0
    assert judged.loc["high", "p_conservative"] == pytest.approx(0.5**30) and judged.loc["equal", "p_conservative"] == 1
    assert judged.loc["high", "lowered"] == 30 and judged.loc["high", "raised"] == 0


def test_the_plan_takes_border_works_of_flagged_schools_and_as_many_control_schools(
    dirty: Any, settings: Settings
) -> None:
    region, truth = dirty
    found = assess(region.results, region.tasks, context=region.context)
    planned = remarking.plan(region.results, region.tasks, found.evidence, 2000, settings, seed=1).works
    assert list(planned) == remarking.COLUMNS
    schools = planned.drop_duplicates(["subject", "school"])
    groups = schools["sample"].value_counts()
    assert set(schools.loc[schools["sample"] == "flagged", "school"]) >= set(truth)
    assert groups["flagged"] == groups["control_high"] + groups["control_random"]
    assert abs(groups["control_high"] - groups["control_random"]) <= 1
    assert not planned.duplicated(["subject", "school", "pupil"]).any()
    key = ["subject", "school", "pupil"]
    scores = planned.merge(region.results, on=key)[["subject", "choice", "primary_score", "school"]]
    assert len(scores) == len(planned), "every planned work was written"
    russian = scores[(scores["subject"] == "ru") & (scores["choice"] == "border")]["primary_score"]
    assert set(russian) <= {8, 9, 10, 11, 14, 15, 16, 17, 19, 20, 21, 22}
    assert scores[scores["choice"] == "random"].groupby(["subject", "school"]).size().max() <= 10
    assert planned.groupby("priority")["evidence"].first().iloc[0] == found.evidence["evidence"].max()


def test_the_plan_keeps_to_its_budget(dirty: Any, settings: Settings) -> None:
    region, _ = dirty
    found = assess(region.results, region.tasks, context=region.context)
    whole = remarking.plan(region.results, region.tasks, found.evidence, 10_000, settings)
    full = whole.works
    assert whole.left_out.empty and list(whole.left_out) == remarking.LEFT_OUT_COLUMNS
    first = full[full["priority"] <= 2]
    small = remarking.plan(region.results, region.tasks, found.evidence, len(first), settings)
    pd.testing.assert_frame_equal(small.works, first)
    assert remarking.plan(region.results, region.tasks, found.evidence, 5, settings).works.empty
    shuffled = region.results.sample(frac=1.0, random_state=1)
    again = remarking.plan(shuffled, region.tasks, found.evidence, 10_000, settings)
    pd.testing.assert_frame_equal(again.works, full)


def test_flagged_schools_that_the_plan_lacks_are_listed_with_the_reason(dirty: Any, settings: Settings) -> None:
    region, _ = dirty
    found = assess(region.results, region.tasks, context=region.context)
    flagged = found.evidence[found.evidence["evidence"] >= 2]
    key = ["subject", "school"]
    units = set(flagged.rename(columns={"unit_code": "school"})[key].itertuples(index=False, name=None))
    full = remarking.plan(region.results, region.tasks, found.evidence, 10_000, settings).works
    budget = int((full["priority"] <= 2).sum())
    small = remarking.plan(region.results, region.tasks, found.evidence, budget, settings)
    planned = set(small.works.loc[small.works["sample"] == "flagged", key].itertuples(index=False, name=None))
    listed = set(small.left_out[key].itertuples(index=False, name=None))
    assert planned and listed and planned | listed == units and not planned & listed
    first = small.left_out.iloc[0]
    pair = full[full["priority"].isin([3, 4])]
    assert first["school"] == pair["school"].iloc[0] and first["n"] == len(pair)
    assert first["why"] == f"не хватило бюджета: нужно работ {len(pair)}, оставалось 0"
    no_scores = remarking.plan(
        region.results.assign(primary_score=np.nan), region.tasks, found.evidence, 10_000, settings
    )
    assert no_scores.works.empty and len(no_scores.left_out) == len(units)
    assert set(no_scores.left_out["why"]) == {"нет работ участников с первичными баллами"}
    assert set(no_scores.left_out["n"]) == {0}


# --- observers, stages, cohorts


def test_observers(settings: Settings) -> None:
    rng = np.random.default_rng(2)
    frame = pd.DataFrame(
        {
            "school": np.repeat(["fair", "watched", "few"], [40, 40, 14]),
            "observed": np.r_[np.tile([True, False], 40), np.arange(14) < 9],
        }
    )
    frame["z"] = rng.normal(0, 1, len(frame)) + 1.5 * ((frame["school"] == "watched") & ~frame["observed"])
    found: Any = observed.compute(frame, settings).set_index("school")
    assert list(found.index) == ["fair", "watched"]
    assert found.loc["watched", "p"] < 0.001 < 0.02 < found.loc["fair", "p"]
    assert found.loc["watched", "difference"] == pytest.approx(1.5, abs=0.6)
    shuffled = observed.compute(frame.sample(frac=1.0, random_state=1), settings)
    pd.testing.assert_frame_equal(shuffled, found.reset_index())


def test_olympiad_stages(settings: Settings) -> None:
    rng = np.random.default_rng(3)
    school = np.repeat([f"s{i:02d}" for i in range(40)], 12)
    level = np.repeat(rng.normal(50, 8, 40), 12)
    frame = pd.DataFrame(
        {"school": school, "subject": "ma", "school_share": np.clip(level + rng.normal(0, 12, 480), 0, 100)}
    )
    frame["municipal_share"] = np.clip(0.7 * frame["school_share"] - 5 + rng.normal(0, 8, 480), 0, 100)
    inflated = frame["school"] == "s07"
    frame.loc[inflated, "school_share"] = 90.0
    found: Any = stage.compute(frame, settings).set_index("school")
    assert found["p"].idxmin() == "s07" and found.loc["s07", "q"] < 0.001
    assert (found["p"] <= 0.01).sum() <= 2
    weak = found["school_mean"] < frame["school_share"].mean()
    assert (found.loc[weak, "p"] >= 0.5).all()
    with pytest.raises(NotAvailable, match="участников обоих этапов"):
        stage.compute(frame[frame["school"] < "s05"], settings)


def test_cohorts_are_linked_and_falls_are_found(clean: Any, settings: Settings) -> None:
    now = clean.results.assign(school_year="2025/2026", event_id="2026-" + clean.results["subject"])
    before = clean.results.assign(school_year="2024/2025", grade=3, event_id="2025-" + clean.results["subject"])
    means = cohort.school_means(pd.concat([now, before]))
    for _, part in means.groupby(cohort.KEYS):
        assert np.average(part["mean_z"], weights=part["n"]) == pytest.approx(0.0, abs=1e-9)
    links = pd.DataFrame(
        {
            "school_year": "2025/2026",
            "subject": "ru",
            "grade": 4,
            "event_id": "2026-ru",
            "before_event": ["2025-never", "2025-ma", "2026-ma"],
            "before": ["нет", "МА 3", "МА 4"],
            "rank": [1, 2, 3],
        }
    )
    prior: Any = cohort.prior(means, links)
    assert set(prior["before"]) == {"МА 3"}, "the preferred work that has results"
    source = means.query("school_year == '2024/2025' and subject == 'ma'").set_index("school")["mean_z"]
    assert prior.set_index("school")["mean_z"].to_dict() == source.to_dict()
    assert set(prior["subject"]) == {"ru"} and set(prior["grade"]) == {4}
    later: Any
    earlier, later = (
        means.query(f"school_year == '{year}' and subject == 'ru'").copy() for year in ("2024/2025", "2025/2026")
    )
    later["mean_z"] += np.random.default_rng(4).normal(0, 0.15, len(later))
    school = later.loc[later["n"].idxmax(), "school"]
    later.loc[later["school"] == school, "mean_z"] -= 1.0
    found: Any = cohort.falls(earlier, later, settings).set_index("school")
    assert found["p"].idxmin() == school and (found[["n_before", "n_after"]] >= 10).all().all()
    with pytest.raises(NotAvailable):
        cohort.falls(earlier.head(3), later, settings)


# --- indices, labels and old rules


def test_the_official_list_is_compared_and_nothing_more() -> None:
    key = {"school_year": "2025/2026", "subject": "ru", "grade": 4}
    evidence = pd.DataFrame({**key, "unit_code": list("abcd"), "evidence": [2, 0, 0, 3]})
    listed = pd.DataFrame({**key, "school": list("abce"), "marker": [1, 0, None, 1]})
    found = labels.agreement(evidence, listed).set_index("evidence")
    assert found[["marked", "unmarked", "not_judged"]].to_dict("index") == {
        -1: {"marked": 1, "unmarked": 0, "not_judged": 0},
        0: {"marked": 0, "unmarked": 1, "not_judged": 1},
        2: {"marked": 1, "unmarked": 0, "not_judged": 0},
        3: {"marked": 0, "unmarked": 0, "not_judged": 1},
    }


def test_guttman_errors_by_hand() -> None:
    # The first task is solved most often; of the other two, equally often, the earlier counts as the easier.
    scores = np.array([[1, 1, 0], [1, 0, 1], [0, 1, 1], [1, 0, 0], [1, 1, 1], [0, 0, 0]])
    found = guttman(scores, 1)
    assert found.errors.tolist() == [0, 1, 2, 0, 0, 0]
    np.testing.assert_allclose(found.normed[:4], [0.0, 0.5, 1.0, 0.0])
    assert np.isnan(found.normed[4:]).all() and np.isnan(found.u3[4:]).all()
    assert found.u3[2] == pytest.approx(1.0) and found.u3[0] == pytest.approx(0.0)


def test_common_odds_of_one_table() -> None:
    solved = np.repeat([True, False, True, False], [30, 10, 40, 60])
    member = np.repeat([True, True, False, False], [30, 10, 40, 60])
    found = common_odds(solved, member, np.zeros(140, dtype=int))
    assert found is not None
    assert found.ratio == pytest.approx(4.5) and found.low < 4.5 < found.high
    assert common_odds(np.ones(9, dtype=bool), np.arange(9) < 3, np.zeros(9, dtype=int)) is None


def test_the_task_profile_of_a_school_with_hints(dirty: Any) -> None:
    region, truth = dirty
    school = next(school for school, kind in truth.items() if kind == "hints")
    results, tasks = (frame[frame["subject"] == "ru"] for frame in (region.results, region.tasks))
    profile: Any = task_profile.task_profiles(results, tasks, [school])
    assert profile["task"].tolist() == tasks["task"].tolist()
    clear = profile[profile["odds_low"] > 2]
    assert 2 <= len(clear) <= 5 and (clear["share"] > clear["expected"]).all()
    assert np.average(profile["share"] - profile["expected"], weights=profile["max_points"]) == pytest.approx(
        0, abs=0.01
    )
    with pytest.raises(NotAvailable, match="у школы нет работ"):
        task_profile.task_profiles(results, tasks, ["nobody"])
    with pytest.raises(ValueError, match="2 were given"):
        task_profile.task_profiles(region.results, region.tasks, [school])


def test_the_fuzzy_index_points_at_high_and_equal_classes(dirty: Any) -> None:
    region, _ = dirty
    work = _works(region)[1]
    units, membership = invalsi.compute(work)
    assert ((membership >= 0) & (membership <= 1)).all()
    mean = np.bincount(work.items.group, weights=work.items.total, minlength=len(work.group_school))[units]  # type: ignore[union-attr]
    mean = mean / np.bincount(work.items.group, minlength=len(work.group_school))[units]  # type: ignore[union-attr]
    assert np.corrcoef(mean, membership)[0, 1] > 0.5
    np.testing.assert_array_equal(invalsi.compute(work)[1], membership)


def test_rules_in_common_use_flag_many_honest_schools(clean: Any, settings: Settings) -> None:
    assert not settings.compatibility.enabled
    for work in _works(clean):
        flagged = compatibility.flags(work, settings.compatibility, settings.min_school)
        assert set(flagged) == set(compatibility.RULES)
        judged = work.n >= settings.min_school
        for name, schools in flagged.items():
            assert not schools[~judged].any()
            assert 0.10 < schools[judged].mean() < 0.85, name


def test_the_rules_are_shown_only_where_switched_on(clean: Any, settings: Settings) -> None:
    assert assess(clean.results, clean.tasks).rules.empty
    on = settings.compatibility.model_copy(update={"enabled": True})
    shown = assess(clean.results, clean.tasks, settings=settings.model_copy(update={"compatibility": on})).rules
    assert set(shown["rule"]) == set(compatibility.RULES)
    assert (shown["meaning"] == shown["rule"].map(compatibility.RULES)).all()
