"""Re-marking closes the loop: which signs it confirms, how reliable the marks are; observers, with against without."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

from rsoko_pipeline.objectivity import apart, observers, outcome
from rsoko_pipeline.objectivity.settings import Settings

EVENT = "2026-vpr-ru-4"
EVENTS = pd.DataFrame(
    {"event_id": [EVENT], "subject": ["ru"], "grade": [4], "school_year": ["2025/2026"], "max_score": [24.0]}
)


def _second_marks(schools: dict[str, float], works: int = 20) -> pd.DataFrame:
    """Works of schools, of which the given share loses three points and a mark."""
    rng = np.random.default_rng(5)
    parts = []
    for school, share in schools.items():
        first = rng.integers(8, 24, works)
        falls = np.arange(works) < round(share * works)
        parts.append(
            pd.DataFrame(
                {
                    "event_id": "2026-remarking",
                    "about_event": EVENT,
                    "level": "school",
                    "unit_code": school,
                    "pupil": [f"{school}-{i}" for i in range(works)],
                    "first_score": first.astype(float),
                    "second_score": (first - 3 * falls).astype(float),
                    "first_mark": 4.0,
                    "second_mark": np.where(falls, 3.0, 4.0),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def _evidence(levels: dict[str, int]) -> pd.DataFrame:
    return pd.DataFrame({"event_id": EVENT, "unit_code": list(levels), "evidence": list(levels.values())})


@pytest.fixture
def evidence() -> pd.DataFrame:
    return _evidence({"guilty": 2, "again": 3, "wronged": 2, "calm": 0, "quiet": 0, "weak": 1})


@pytest.fixture
def works() -> pd.DataFrame:
    shares = {"guilty": 0.6, "again": 0.5, "wronged": 0.05, "calm": 0.05, "quiet": 0.0, "weak": 0.0, "unknown": 0.1}
    return outcome.pairs(_second_marks(shares), EVENTS)


def test_what_fell_more_than_in_control_schools_is_confirmed(
    works: pd.DataFrame, evidence: pd.DataFrame, settings: Settings
) -> None:
    judged: Any = outcome.judge(works, evidence, settings).set_index("school")
    assert {school for school in judged.index if judged.loc[school, "confirmed"]} == {"guilty", "again"}
    assert judged.loc["guilty", "lowered_p"] < 1e-4 < 0.05 < judged.loc["wronged", "lowered_p"]
    # A control school is compared with the other ones: 1 of 20 against 0 of 20.
    assert judged.loc["calm", "lowered_p"] == pytest.approx(0.25)
    assert outcome.confirmed(judged.reset_index())["school"].tolist() == ["again", "guilty"]


def test_the_rule_that_confirms_is_data(works: pd.DataFrame, evidence: pd.DataFrame, settings: Settings) -> None:
    def confirmed(**rules: object) -> int:
        changed = settings.model_copy(update={"remarking": settings.remarking.model_copy(update=rules)})
        return int(outcome.judge(works, evidence, changed)["confirmed"].sum())

    assert confirmed(confirmed_by=("lowered",), lowered_p=1e-9) == 0
    assert confirmed(confirmed_by=("lowered",), control_works=1000) == 0, "no control sample, nothing to compare with"
    assert confirmed(confirmed_by=("bias",), bias_share=0.01) >= 2


def test_realised_precision_and_reliability(works: pd.DataFrame, evidence: pd.DataFrame, settings: Settings) -> None:
    found: Any = outcome.outcome(works, outcome.judge(works, evidence, settings), evidence, works)
    assert list(found) == outcome.COLUMNS
    by_group = found.set_index("evidence_group")
    assert list(by_group.index) == ["all", "2+", "3", "2", "1", "0", "not_judged"]
    flagged = by_group.loc["2+"]
    assert (flagged["schools"], flagged["confirmed_schools"]) == (3, 2)
    assert flagged["precision"] == pytest.approx(2 / 3)
    assert flagged["precision_low"] == pytest.approx(0.2077, abs=1e-4)
    assert flagged["precision_high"] == pytest.approx(0.9385, abs=1e-4)
    whole = by_group.loc["all"]
    assert (whole["n"], whole["same"], whole["lower"], whole["higher"]) == (140, 114, 26, 0)
    assert whole["same_low"] < whole["same_share"] < whole["same_high"]
    assert whole["same_share"] == pytest.approx(114 / 140)
    assert whole["mean_difference"] == pytest.approx(-3 * 26 / 140)
    assert by_group.loc["not_judged", "n"] == 20


def test_schools_with_few_works_count_for_reliability_only(evidence: pd.DataFrame, settings: Settings) -> None:
    works = outcome.pairs(_second_marks({"guilty": 1.0}, works=9), EVENTS)
    found: Any = outcome.outcome(works, outcome.judge(works, evidence, settings), evidence, works).set_index(
        "evidence_group"
    )
    assert found.loc["2+", "schools"] == 0 and np.isnan(found.loc["2+", "precision"])
    assert found.loc["2+", "n"] == 9 and found.loc["2+", "same_share"] == 0


def test_pairs_take_the_last_marking_and_marks_where_scores_are_missing() -> None:
    rows = _second_marks({"a": 0.0}, works=3)
    rows.loc[1, "second_score"] = np.nan
    rows.loc[2, ["second_score", "second_mark"]] = np.nan
    again = rows.head(1).assign(second_score=rows["first_score"][0] - 1)
    region = rows.head(1).assign(level="region", pupil="x")
    found = outcome.pairs(pd.concat([rows, again, region]), EVENTS).sort_values("pupil")
    assert found["pupil"].tolist() == ["a-0", "a-1"]
    assert found["max_score"].tolist() == [24, 5]
    assert (found["second"] - found["first"]).tolist() == [-1, 0]
    assert found["change"].tolist() == [0, 0], "a mark that stayed is confirmed, whatever its points"


def test_nothing_marked_twice_is_no_row(evidence: pd.DataFrame, settings: Settings) -> None:
    works = outcome.pairs(_second_marks({"a": 0.0}).head(0), EVENTS)
    judged = outcome.judge(works, evidence, settings)
    assert judged.empty and outcome.confirmed(judged).empty
    assert outcome.outcome(works, judged, evidence, works).empty
    assert apart.of_remarking(judged, settings).empty


def test_a_school_without_evidence_is_told_why(evidence: pd.DataFrame, settings: Settings) -> None:
    here = outcome.pairs(_second_marks({"guilty": 0.5, "small": 0.1, "silent": 0.0}), EVENTS)
    elsewhere = outcome.pairs(
        _second_marks({"other": 0.0}).assign(about_event="2026-vpr-ma-4"), EVENTS.assign(event_id="2026-vpr-ma-4")
    )
    works = pd.concat([here, elsewhere], ignore_index=True)
    results = works.loc[works["school"] != "silent", ["event_id", "school"]]
    judged = outcome.judge(works, evidence, settings)
    found = outcome.outcome(works, judged, evidence, results).set_index(["event_id", "evidence_group"])["schools"]
    assert found.loc[EVENT].to_dict() == {"all": 3, "2+": 1, "2": 1, "not_judged": 1, "no_results": 1}
    assert found.loc["2026-vpr-ma-4"].to_dict() == {"all": 1, "work_not_judged": 1}


def test_re_marking_is_a_sign_among_the_others(works: pd.DataFrame, evidence: pd.DataFrame, settings: Settings) -> None:
    judged = outcome.judge(works, evidence, settings)
    rows: Any = apart.of_remarking(judged, settings).set_index("unit_code")
    assert len(rows) == len(judged) and set(rows["sign"]) == {"REMARK"} and set(rows["event_id"]) == {EVENT}
    assert rows.loc["guilty", "p"] == pytest.approx(0.5**13) and rows.loc["guilty", "n"] == 20
    assert (rows["p_conservative"] >= rows["p"]).all() and (rows["q"] >= rows["p"]).all()
    assert rows.loc["guilty", "z"] > 3.5 and rows.loc["quiet", "z"] == pytest.approx(0)
    details = rows.loc["guilty", "details"]
    assert details["lowered"] == 12 and details["confirmed"] and details["alternatives"]
    json.dumps(details, allow_nan=False)


def test_the_stages_of_an_olympiad_are_a_sign_among_the_others(settings: Settings) -> None:
    one = {
        "event_id": "2025-vsosh_municipal-ma", "about_event": "2025-vsosh_school-ma", "level": "school",
        "unit_code": "s1", "subject": "ma", "n": 9, "first_share": 0.8, "second_share": 0.3, "expected_share": 0.5,
        "mean_change": -0.5, "z": 3.1, "p": 0.001, "q": 0.02,
    }  # fmt: skip
    signs = pd.DataFrame([{**one, "subject": "fi", "p": 0.2}, one, {**one, "unit_code": "s2", "p": 0.6}])
    rows: Any = apart.of_olympiads(signs, settings).set_index("unit_code")
    assert rows["p"].to_dict() == {"s1": 0.001, "s2": 0.6} and set(rows["sign"]) == {"STAGE"}
    assert rows.loc["s1", "statistic"] == pytest.approx(-0.2)
    assert rows.loc["s1", "details"]["about_event"] == "2025-vsosh_school-ma"
    assert apart.of_olympiads(signs.head(0), settings).empty


# --- observers


def _assessed(shift: float, flagged: int, schools: int = 60) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Two works of schools, every second one observed; the others better by ``shift``, ``flagged`` with signs."""
    rng = np.random.default_rng(3)
    own = rng.normal(0, 0.2, schools)
    watched = np.arange(schools) % 2 == 0
    evidence, signs, observed = [], [], []
    for event in ("e1", "e2"):
        code = [f"s{i:02d}" for i in range(schools)]
        p = np.full(schools, 0.5)
        p[np.flatnonzero(~watched)[:flagged]] = 0.001
        value = own + rng.normal(0, 0.1, schools) + shift * ~watched
        evidence.append(pd.DataFrame({"event_id": event, "unit_code": code, "p": p}))
        signs.append(
            pd.DataFrame({"event_id": event, "unit_code": code, "level": "school", "sign": "MEAN", "statistic": value})
        )
        observed.append(pd.DataFrame({"event_id": event, "school": code, "observed": watched}))
    return pd.concat(evidence), pd.concat(signs), pd.concat(observed)


def _width(row: Any) -> float:
    return float(row["difference_high"] - row["difference_low"])


def test_schools_without_an_observer_that_stand_out_are_seen(settings: Settings) -> None:
    found: Any = observers.compare(*_assessed(0.4, 9), settings)
    assert list(found) == observers.COLUMNS
    assert found["series"].tolist() == [observers.ALL] * 2 + ["e1"] * 2 + ["e2"] * 2
    table = found.set_index(["series", "quantity"])
    assert (table[["n_observed", "n_unobserved"]].loc["e1"] == 30).all().all()
    assert table.loc[("e1", "signs"), "unobserved_value"] == pytest.approx(0.3)
    assert table.loc[("e1", "signs"), "difference_low"] > 0.1
    # Newcombe's method 10 of 9/30 against 0/30.
    assert table.loc[("e1", "signs"), "difference_low"] == pytest.approx(0.1249, abs=2e-4)
    assert table.loc[("e1", "signs"), "difference_high"] == pytest.approx(0.4788, abs=2e-4)
    assert table.loc[("e1", "residual"), "difference"] == pytest.approx(0.4, abs=0.15)
    together, alone = table.loc[(observers.ALL, "residual")], table.loc[("e1", "residual")]
    # The schools are the same ones in both works, so the second work adds little certainty.
    assert _width(together) > 0.8 * _width(alone)


def test_no_difference_without_one_and_the_order_does_not_matter(settings: Settings) -> None:
    frames = _assessed(0.0, 0)
    found: Any = observers.compare(*frames, settings)
    assert ((found["difference_low"] <= 0) & (found["difference_high"] >= 0)).all()
    evidence, signs, observed = (frame.sample(frac=1.0, random_state=1) for frame in frames)
    shuffled = observers.compare(evidence, signs, observed, settings)
    pd.testing.assert_frame_equal(shuffled, found)


def test_too_few_observed_schools_have_no_row(settings: Settings) -> None:
    evidence, signs, observed = _assessed(0.0, 0)
    few = observed.assign(observed=observed["school"] < "s04")
    assert observers.compare(evidence, signs, few, settings).empty
    some = observed.assign(observed=observed["school"] < "s06")
    assert set(observers.compare(evidence, signs, some, settings)["series"]) == {observers.ALL}, "twelve in two works"
    assert observers.compare(evidence, signs, observed.head(0), settings).empty


def test_one_present_observer_of_several_is_enough(settings: Settings) -> None:
    evidence, signs, observed = _assessed(0.4, 9)
    absent_too = pd.concat([observed, observed[observed["observed"]].assign(observed=False)])
    pd.testing.assert_frame_equal(
        observers.compare(evidence, signs, absent_too, settings), observers.compare(evidence, signs, observed, settings)
    )


def test_schools_that_the_lists_lack_had_no_observer() -> None:
    control = pd.DataFrame(
        {
            "about_event": "e1",
            "level": ["school", "school", "municipality"],
            "unit_code": ["a", "b", "c"],
            "is_present": [True, False, True],
        }
    )
    results = pd.DataFrame({"event_id": ["e1"] * 4 + ["e2"], "school": ["a", "a", "b", "c", "a"]})
    found = observers.observed_schools(control, results)
    assert found.to_dict("records") == [
        {"event_id": "e1", "school": "a", "observed": True},
        {"event_id": "e1", "school": "b", "observed": False},
        {"event_id": "e1", "school": "c", "observed": False},
    ], "nothing is known of the second work"


@pytest.mark.parametrize("pupils", [20, 60])
def test_a_school_better_where_nobody_watched(pupils: int, settings: Settings) -> None:
    rng = np.random.default_rng(4)
    results = pd.DataFrame(
        {
            "event_id": np.repeat(["e1", "e2"], 4 * pupils),
            "school": np.tile(np.repeat(["a", "b", "c", "d"], pupils), 2),
            "present": True,
            "primary_score": rng.normal(12, 4, 8 * pupils),
        }
    )
    results.loc[(results["school"] == "a") & (results["event_id"] == "e2"), "primary_score"] += 6
    observed = pd.DataFrame(
        {"event_id": ["e1", "e2"] * 2, "school": ["a", "a", "b", "b"], "observed": [True, False] * 2}
    )
    found: Any = observers.within_schools(results, observed, settings).set_index("unit_code")
    assert list(found.index) == ["a", "b"], "the others have no work of either kind"
    assert found.loc["a", "p"] < 0.01 < 0.02 < found.loc["b", "p"] < 0.98
    assert found.loc["a", "difference"] > 0.7
    assert (found[["n_observed", "n_unobserved"]] == pupils).all().all()
