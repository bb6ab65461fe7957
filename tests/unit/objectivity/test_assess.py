"""``assess`` on simulated regions: what it finds, what it leaves alone, and that nothing else moves it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from rsoko_pipeline import contracts
from rsoko_pipeline.objectivity import Assessment, assess
from rsoko_pipeline.objectivity.assessment import EVIDENCE_COLUMNS, POOLED_COLUMNS, SIGN_COLUMNS, UNAVAILABLE_COLUMNS
from rsoko_pipeline.objectivity.settings import Settings

FOUND_BY = {"bump": "BUNCH", "hints": "ITEM", "fill": "SIM", "journal": "SAME", "absence": "ABSENCE"}


@pytest.fixture(scope="module")
def clean_result(clean: Any) -> Assessment:
    return assess(clean.results, clean.tasks, context=clean.context)


@pytest.fixture(scope="module")
def dirty_result(dirty: Any) -> Assessment:
    region, _ = dirty
    return assess(region.results, region.tasks, context=region.context)


def test_frames_have_their_columns_and_no_missing_value(clean_result: Assessment) -> None:
    assert list(clean_result.signs) == SIGN_COLUMNS
    assert list(clean_result.evidence) == EVIDENCE_COLUMNS
    assert list(clean_result.pooled) == POOLED_COLUMNS
    assert list(clean_result.unavailable) == UNAVAILABLE_COLUMNS
    for frame in (clean_result.signs, clean_result.evidence, clean_result.pooled, clean_result.unavailable):
        assert len(frame) and not frame.isna().any().any()
        assert np.isfinite(frame.select_dtypes("number")).all().all()
    assert clean_result.signs["p"].between(0, 1).all() and clean_result.signs["q"].between(0, 1).all()
    assert (clean_result.signs["p_conservative"] >= clean_result.signs["p"] - 1e-12).all()


def test_frames_fit_the_tables_of_the_warehouse(clean_result: Assessment) -> None:
    stamp: dict[str, Any] = {"config_version": "0", "run_id": "r", "computed_at": pd.Timestamp("2026-05-01", tz="UTC")}
    by_event = {"event_id": "2026-vpr-ru-4", **stamp}
    key = ["school_year", "subject", "grade"]
    one = {name: getattr(clean_result, name).query("subject == 'ru'") for name in ("signs", "evidence", "unavailable")}
    for name, frame in (
        ("objectivity_sign", one["signs"].drop(columns=key).assign(**by_event)),
        ("objectivity_evidence", one["evidence"].assign(**by_event)),
        ("objectivity_unavailable", one["unavailable"].drop(columns=key).assign(**by_event)),
        ("objectivity_pooled", clean_result.pooled.assign(school_year="2025/2026", **stamp)),
    ):
        table = contracts.table(name)
        stored = table.conform(frame)
        assert len(stored) == len(frame) > 0
        assert not stored.duplicated(list(table.key)).any()


def test_every_sign_names_its_comparison_and_a_shown_one_its_alternatives(clean_result: Assessment) -> None:
    row: Any
    for row in clean_result.signs.itertuples():
        assert row.details["comparison"] and row.details["reference_schools"] >= 10
        assert ("alternatives" in row.details) == (row.p <= 0.01)


def test_an_honest_region_shows_few_signs(clean_result: Assessment) -> None:
    school = clean_result.signs[clean_result.signs["level"] == "school"]
    assert (school["p"] <= 0.01).mean() < 0.025
    assert (clean_result.evidence["evidence"] >= 2).sum() <= 1
    assert clean_result.evidence["p"].median() == pytest.approx(0.5, abs=0.1)


def test_what_was_done_is_found_by_the_sign_meant_for_it(dirty: Any, dirty_result: Assessment) -> None:
    _, truth = dirty
    signs = dirty_result.signs[dirty_result.signs["level"] == "school"]
    p = signs.pivot_table(index=["unit_code", "subject"], columns="sign", values="p", observed=True)
    for school, kind in truth.items():
        for subject in ("ru", "ma"):
            assert p.loc[(school, subject), FOUND_BY[kind]] <= 0.001, (kind, subject)
    evidence = dirty_result.evidence.set_index(["unit_code", "subject"])["evidence"]
    assert all(evidence[school, subject] >= 2 for school in truth for subject in ("ru", "ma"))
    honest = dirty_result.evidence[~dirty_result.evidence["unit_code"].isin(truth)]
    assert (honest["evidence"] >= 2).sum() <= 1


def test_hinted_tasks_are_named(dirty: Any, dirty_result: Assessment) -> None:
    _, truth = dirty
    hinted = next(school for school, kind in truth.items() if kind == "hints")
    signs = dirty_result.signs
    rows = signs[(signs["unit_code"] == hinted) & (signs["sign"] == "ITEM")]
    assert all(1 <= len(details["tasks"]) <= 5 for details in rows["details"])


def test_the_class_that_stands_out_is_named_and_pairs_are_not(dirty: Any, dirty_result: Assessment) -> None:
    region, truth = dirty
    filled = next(school for school, kind in truth.items() if kind == "fill")
    touched = {one.class_no for work in region.works for one in work.truth if one.kind == "fill"}
    rows = dirty_result.signs.query("sign == 'SIM' and level == 'school'").query(f"unit_code == '{filled}'")
    assert {details["class_no"] for details in rows["details"]} <= touched
    assert not any("pupil" in str(details) for details in rows["details"])


def test_the_order_of_rows_changes_nothing(dirty: Any, dirty_result: Assessment) -> None:
    region, _ = dirty
    shuffled = region.results.sample(frac=1.0, random_state=3)
    again = assess(shuffled, region.tasks, context=region.context.sample(frac=1.0, random_state=4))
    for name in ("signs", "evidence", "pooled", "unavailable"):
        pd.testing.assert_frame_equal(getattr(again, name), getattr(dirty_result, name), check_exact=True)


def test_the_seed_matters_only_for_classes_above_the_limit(
    dirty: Any, dirty_result: Assessment, settings: Settings
) -> None:
    region, _ = dirty
    again = assess(region.results, region.tasks, context=region.context, seed=5)
    np.testing.assert_allclose(again.signs["p"], dirty_result.signs["p"], rtol=1e-2)
    small = settings.model_copy(update={"max_class": 12})
    one, two = (
        assess(region.results, region.tasks, context=region.context, seed=s, settings=small).signs for s in (1, 2)
    )
    assert not np.allclose(one.query("sign == 'SIM'")["p"], two.query("sign == 'SIM'")["p"])


def test_small_schools_are_judged_over_works_only_and_never_above_one(clean: Any, dirty_result: Assessment) -> None:
    evidence, pooled = dirty_result.evidence, dirty_result.pooled
    assert (evidence["n"] >= 10).all()
    present = clean.results[clean.results["present"]]
    largest = present.groupby(["school", "subject"]).size().groupby("school").max()
    small = pooled[pooled["unit_code"].map(largest) < 10]
    assert len(small) > 5 and (small["evidence"] <= 1).all() and (small["n"] >= 10).all()
    assert not set(pooled["unit_code"]) & set(largest.index[largest < 5])


def test_another_year_of_the_subject_or_a_re_marking_makes_three_of_two(dirty: Any, settings: Settings) -> None:
    region, truth = dirty
    school = next(school for school, kind in truth.items() if kind == "bump")
    results = region.results[region.results["subject"] == "ru"].assign(school_year="2025/2026")
    tasks = region.tasks.assign(school_year="2025/2026")

    def level(**more: Any) -> int:
        found = assess(results, tasks, context=region.context, settings=settings, **more)
        return int(found.evidence.set_index("unit_code")["evidence"][school])

    assert level() == 2
    past = pd.DataFrame({"school_year": ["2024/2025"], "subject": ["ru"], "unit_code": [school], "evidence": [2]})
    assert level(history=past) == 3
    assert level(history=past.assign(subject="ma")) == 2
    assert level(history=past.assign(evidence=1)) == 2
    confirmed = pd.DataFrame({"school_year": ["2025/2026"], "subject": ["ru"], "grade": [4], "school": [school]})
    assert level(confirmed=confirmed) == 3
    assert level(confirmed=confirmed.assign(school_year="2024/2025")) == 2


def test_a_strong_school_alone_is_never_evidence_above_one(clean: Any) -> None:
    results = clean.results[["school", "pupil", "subject", "grade", "present", "primary_score"]].copy()
    school = f"s{clean.large(5):04d}"
    best = (results["school"] == school) & (results["subject"] == "ru")
    results.loc[best, "primary_score"] = np.random.default_rng(1).integers(18, 25, int(best.sum())).astype(float)
    tasks = clean.tasks.drop(columns=["cut3", "cut4", "cut5"])
    found = assess(results, tasks, context=clean.context)
    row: Any = found.evidence.query("unit_code == @school and subject == 'ru'").iloc[0]
    assert row["p"] < 1e-3 and row["evidence"] == 1
    # Absence is known from the rows; nothing else but family C is.
    assert row["families_available"] == ["C", "E"]


def test_last_results_of_the_cohort_open_the_jump(clean: Any) -> None:
    present = clean.results[clean.results["present"] & (clean.results["subject"] == "ma")]
    z = (present["primary_score"] - present["primary_score"].mean()) / present["primary_score"].std()
    prior = z.groupby(present["school"]).agg(["mean", "size"]).reset_index()
    prior.columns = ["school", "mean_z", "n"]
    results = clean.results[clean.results["subject"] == "ru"].copy()
    school = f"s{clean.large(4):04d}"
    results.loc[results["school"] == school, "primary_score"] += 0.0
    lifted = (results["school"] == school) & results["present"]
    results.loc[lifted, "primary_score"] = np.minimum(results.loc[lifted, "primary_score"] + 9, 24)
    found = assess(results, clean.tasks, prior=prior.assign(subject="ru", grade=4))
    jump: Any = found.signs.query("sign == 'JUMP'").set_index("unit_code")
    assert jump["p"].idxmin() == school and jump.loc[school, "p"] < 1e-4
    assert jump.loc[school, "details"]["observed"] > jump.loc[school, "details"]["expected"] + 0.5


def test_enrolment_from_the_register(clean: Any) -> None:
    written = clean.results[clean.results["present"]]
    sizes = written.groupby(["school", "subject", "grade"]).size().rename("enrolled").reset_index()
    school = f"s{clean.large(6):04d}"
    sizes["enrolled"] = np.ceil(sizes["enrolled"] * np.where(sizes["school"] == school, 1.6, 1.06)).astype(int)
    found = assess(written, clean.tasks, enrolment=sizes)
    absence: Any = found.signs.query("sign == 'ABSENCE' and subject == 'ru'").set_index("unit_code")
    assert absence["p"].idxmin() == school
    enrolled = int(sizes.query("school == @school and subject == 'ru'")["enrolled"].iloc[0])
    assert absence.loc[school, "n"] == enrolled
    assert absence.loc[school, "details"]["observed"] == enrolled - len(
        written.query("school == @school and subject == 'ru'")
    )


def test_a_school_whose_rows_were_not_taken_in_has_nobody_absent(clean: Any) -> None:
    written = clean.results[clean.results["present"]]
    sizes = written.groupby(["school", "subject", "grade"]).size().rename("enrolled").reset_index()
    sizes["enrolled"] = np.ceil(sizes["enrolled"] * 1.06).astype(int)
    school = f"s{clean.large(6):04d}"
    is_held = (written["school"] == school) & (written["subject"] == "ru")
    found = assess(written[~is_held], clean.tasks, enrolment=sizes)
    absence = found.signs.query("sign == 'ABSENCE'")
    assert school not in set(absence.query("subject == 'ru'")["unit_code"])
    assert school in set(absence.query("subject == 'ma'")["unit_code"])


def test_absence_is_no_sign_in_a_work_that_not_everyone_writes(clean: Any) -> None:
    results, tasks = (frame.assign(event_id="e-" + frame["subject"]) for frame in (clean.results, clean.tasks))
    sizes = results.groupby(["school", "subject", "grade", "event_id"]).size().rename("enrolled").reset_index()
    for enrolment in (None, sizes):
        found = assess(results, tasks, enrolment=enrolment, not_for_all=["e-ru"])
        assert set(found.signs.query("sign == 'ABSENCE'")["subject"]) == {"ma"}
        (why,) = found.unavailable.query("sign == 'ABSENCE' and subject == 'ru'")["why"]
        assert "по выбору" in why


def test_marks_made_to_fit_the_journal_show_on_its_edges(dirty: Any, dirty_result: Assessment) -> None:
    _, truth = dirty
    copied = next(school for school, kind in truth.items() if kind == "journal")
    signs = dirty_result.signs
    rows = signs[(signs["sign"] == "SAME") & (signs["unit_code"] == copied)]
    assert len(rows) == 2
    for details in rows["details"]:
        assert details["observed"] > details["expected"]
        assert details["at_edges"] > 1.5 * details["at_edges_expected"]


def test_who_stayed_away_is_seen_in_other_works(dirty: Any) -> None:
    region, truth = dirty
    school = next(school for school, kind in truth.items() if kind == "absence")
    known = assess(region.results, region.tasks).signs.query("sign == 'ABSENCE' and subject == 'ru'")
    alone = assess(region.results[region.results["subject"] == "ru"], region.tasks).signs.query("sign == 'ABSENCE'")
    assert {"weakest", "weakest_absent"} <= set(known["details"].iloc[0])
    assert "weakest" not in alone["details"].iloc[0], "nothing but the work itself is known there"
    own = known.set_index("unit_code")
    assert own["p"].idxmin() == school == alone.set_index("unit_code")["p"].idxmin()
    assert own.loc[school, "n"] == alone.set_index("unit_code").loc[school, "n"]


def test_weak_pupils_away_count_for_more_than_strong_ones(clean: Any) -> None:
    results = clean.results.copy()
    school = f"s{clean.large(6):04d}"
    other = results[(results["school"] == school) & (results["subject"] == "ma") & results["present"]]
    by_score = other.sort_values(["primary_score", "pupil"])["pupil"]

    def p(away: pd.Series) -> float:
        missing = results["pupil"].isin(away) & (results["subject"] == "ru")
        changed = results.assign(present=results["present"] & ~missing)
        signs: Any = assess(changed, clean.tasks).signs.query("sign == 'ABSENCE' and subject == 'ru'")
        return float(signs.set_index("unit_code").loc[school, "p"])

    assert p(by_score.head(8)) < 0.3 * p(by_score.tail(8))
