"""Statistics of pupil rows: cases counted by hand, and against a slow plain implementation."""

import numpy as np
import pandas as pd
import pytest

from rsoko_pipeline import contracts
from rsoko_pipeline.indicators import TABLES, compute, mean_share, wilson

N = contracts.NOT_STARTED


def unit(frame, level, code, event="e1"):
    rows = frame[(frame["event_id"] == event) & (frame["level"] == level) & (frame["unit_code"] == code)]
    assert len(rows) == 1, f"{len(rows)} rows for {level} {code}"
    return rows.iloc[0]


@pytest.fixture
def run(make, register, stamp):
    def run(rows, **more):
        given = {
            "events": make.events(["e1"]),
            "tasks": make.tasks({"e1": [1, 2]}),
            "register": register,
            "stamp": stamp,
        }
        return compute(make.results(rows), **{**given, **more})

    return run


CLASSES = [
    # event, school, class, scores of two tasks (maxima 1 and 2), mark, journal mark
    ("e1", "s1", 1, (1, 2), 5, 5),
    ("e1", "s1", 1, (1, 1), 4, 5),
    ("e1", "s1", 2, (0, 1), 3, 3),
    ("e1", "s1", None, (N, 0), 2, None),
    ("e1", "s2", 1, (1, 2), 5, 4),
    ("e1", "s3", 1, (0, N), 2, 3),
    ("e1", "s3", 1, None, None, 4, False),
]


def test_every_level_has_its_units(run):
    out = run(CLASSES)
    units = out["mark_statistics"].set_index("unit_code")
    assert set(units.index) == {"99", "m1", "m2", "s1", "s2", "s3", "s1/1", "s1/2", "s2/1", "s3/1"}
    assert units.loc["s1/2", "unit_name"] == "Школа № 1, класс № 2"
    assert units.loc["s1", "unit_name"] == "Школа № 1"
    assert units["parent_code"].fillna("—")[["99", "m1", "s1", "s1/1"]].tolist() == ["—", "99", "m1", "s1"]


def test_contracts_and_stamp(run, stamp):
    out = run(CLASSES)
    assert tuple(out) == TABLES
    for name, frame in out.items():
        table = contracts.table(name)
        assert frame.columns.tolist() == table.names
        assert not frame.duplicated(list(table.key)).any()
        assert set(frame["run_id"]) == {stamp.run_id}
        assert set(frame["config_version"]) == {stamp.config_version}


def test_marks_of_a_school_by_hand(run):
    row = unit(run(CLASSES)["mark_statistics"], "school", "s1")
    assert row[["participants", "marked", "n2", "n3", "n4", "n5"]].tolist() == [4, 4, 1, 1, 1, 1]
    assert row[["quality", "success"]].tolist() == [0.5, 0.75]
    assert row["sou"] == pytest.approx((1 + 0.64 + 0.36 + 0.16) / 4)
    assert row["mean_mark"] == 3.5
    assert row["mean_score"] == 1.5
    assert row["median_score"] == 1.5
    assert row["sd_score"] == pytest.approx(np.std([3, 2, 1, 0], ddof=1), abs=1e-4)
    assert (row["quality_low"], row["quality_high"]) == pytest.approx(wilson(2, 4), abs=1e-4)
    assert row["max_score"] == 3
    assert row["source"] == "pupils"


def test_maximum_of_the_scale_where_no_tasks_are_known(run, make):
    events = make.events(["e1"]).assign(max_score=24.0)
    rows = [("e1", "s1", 1, None, 5, 5, True, 20.0)]
    assert unit(run(rows, events=events, tasks=make_no_tasks())["mark_statistics"], "region", "99")["max_score"] == 24
    assert unit(run(CLASSES, events=events)["mark_statistics"], "region", "99")["max_score"] == 3


def test_sou_of_all_fives_is_one_and_of_all_twos_a_sixth(run):
    out = run([("e1", "s1", 1, (1, 2), 5, 5), ("e1", "s2", 1, (0, 0), 2, 2)])["mark_statistics"]
    assert unit(out, "school", "s1")["sou"] == 1
    assert unit(out, "school", "s2")["sou"] == 0.16


def test_region_is_weighted_by_pupils_and_not_by_schools(run):
    rows = [("e1", "s1", 1, (1, 2), 5, 5)] + [("e1", "s2", 1, (0, 0), 2, 2)] * 9
    assert unit(run(rows)["mark_statistics"], "region", "99")["quality"] == 0.1


def test_absent_pupils_count_in_coverage_alone(run):
    out = run(CLASSES)
    assert unit(out["mark_statistics"], "school", "s3")["participants"] == 1
    assert unit(out["journal_comparison"], "school", "s3")["n"] == 1
    assert unit(out["coverage"], "school", "s3")[["participants", "absent"]].tolist() == [1, 1]


def test_all_absent_leave_coverage_only(run):
    out = run([("e1", "s1", 1, None, None, 4, False)])
    assert unit(out["coverage"], "school", "s1")["coverage"] == 0
    assert all(out[name].empty for name in TABLES if name != "coverage")


def test_marks_of_an_absent_pupil_are_not_counted(run):
    out = run([("e1", "s1", 1, (1, 2), 5, 5, False), ("e1", "s1", 1, (0, 0), 2, 2)])
    assert unit(out["mark_statistics"], "school", "s1")[["marked", "n5", "mean_score"]].tolist() == [1, 0, 0]
    assert unit(out["task_statistics"].query("task_no == 1"), "school", "s1")["points_sum"] == 0


def test_no_rows_at_all(run):
    assert all(frame.empty for frame in run([]).values())


def test_unknown_marks_are_null_not_zero(run):
    row = unit(run([("e1", "s1", 1, (1, 1), None, None)])["mark_statistics"], "region", "99")
    assert row[["participants", "marked"]].tolist() == [1, 0]
    assert row[["n2", "n3", "n4", "n5", "share2", "quality", "quality_low", "success_high"]].isna().all()
    assert row[["sou", "mean_mark"]].isna().all()
    assert row["mean_score"] == 2
    assert np.isnan(row["sd_score"])


def test_no_journal_marks_no_comparison(run):
    assert run([("e1", "s1", 1, (1, 1), 4, None)])["journal_comparison"].empty


def test_journal_by_hand(run):
    row = unit(run(CLASSES)["journal_comparison"], "region", "99")
    assert row[["n", "lowered", "confirmed", "raised"]].tolist() == [5, 2, 2, 1]
    assert row[["lowered_share", "confirmed_share", "raised_share"]].tolist() == [0.4, 0.4, 0.2]


def test_distribution_by_hand(run):
    out = run(CLASSES)["score_distribution"]
    region = out[out["level"] == "region"].set_index("score")
    assert region["n"].to_dict() == {0.0: 2, 1.0: 1, 2.0: 1, 3.0: 2}
    assert region["share"].sum() == pytest.approx(1, abs=1e-3)


def test_fractional_scores_are_one_key_each(run):
    """0.1 + 0.2 and 0.3 are the same score."""
    rows = [("e1", "s1", 1, None, 3, 3, True, total) for total in (0.1 + 0.2, 0.3, 7.35, 7.35)]
    out = run(rows, tasks=make_no_tasks())["score_distribution"]
    assert out[out["level"] == "region"].set_index("score")["n"].to_dict() == {0.3: 2, 7.35: 2}


def make_no_tasks():
    return contracts.table("dim_task").empty()


def test_tasks_by_hand(run):
    out = run(CLASSES)["task_statistics"].set_index("task_no")
    first = unit(out.loc[[1]], "region", "99")
    assert first[["n", "points_sum", "not_started", "max_points"]].tolist() == [6, 3, 1, 1]
    assert (first["solved_low"], first["solved_high"]) == pytest.approx(wilson(3, 6), abs=1e-4)
    second = unit(out.loc[[2]], "region", "99")
    assert second[["n", "points_sum", "not_started", "solved_share"]].tolist() == [6, 6, 1, 0.5]
    assert (second["solved_low"], second["solved_high"]) == pytest.approx(mean_share(6, 6, 2), abs=1e-4)
    assert set(out["difficulty"]) == {"Б"}


def test_rows_without_task_scores_are_not_in_their_n(run):
    rows = [
        ("e1", "s1", 1, (1, 2), 5, 5),
        ("e1", "s1", 1, None, 3, 3, True, 2.0),
        ("e1", "s2", 1, None, 3, 3, True, 1.0),
    ]
    out = run(rows)
    assert unit(out["task_statistics"].query("task_no == 2"), "region", "99")["n"] == 1
    assert "s2" not in set(out["task_statistics"]["unit_code"])
    assert unit(out["mark_statistics"], "region", "99")["mean_score"] == 2


def test_wrong_number_of_task_scores_is_an_error(run):
    with pytest.raises(ValueError, match="e1: a row has 3 task scores, the work has 2 tasks"):
        run([("e1", "s1", 1, (1, 2, 0), 5, 5)])


def test_row_of_another_event_is_an_error(run):
    with pytest.raises(ValueError, match="e2"):
        run([("e1", "s1", 1, (1, 2), 5, 5), ("e2", "s1", 1, (1, 2), 5, 5)])


def test_unregistered_school_counts_in_the_region_alone(run):
    out = run([("e1", "s9", 1, (1, 2), 5, 5), ("e1", "s1", 1, (0, 0), 2, 2)])["mark_statistics"]
    assert unit(out, "school", "s9")["unit_name"] == "s9"
    assert pd.isna(unit(out, "school", "s9")["parent_code"])
    assert unit(out, "region", "99")["participants"] == 2
    assert set(out.loc[out["level"] == "municipality", "unit_code"]) == {"m1"}


def test_the_order_of_rows_does_not_matter(run):
    straight, reverse = run(CLASSES), run(CLASSES[::-1])
    for name in TABLES:
        pd.testing.assert_frame_equal(straight[name], reverse[name])


def plain(results, events, tasks, municipality_of, region):
    """The same figures by loops over units: slow, and simple enough to be read as the definition."""
    marks, distribution, points, journal = [], [], [], []
    results = results.assign(municipality=results["school"].map(municipality_of), region=region)
    klass = results["school"] + "/" + results["class_no"].astype("str")
    results["class"] = klass.where(results["class_no"].notna())
    for level in ("region", "municipality", "school", "class"):
        for (event, code), rows in results[results["present"]].groupby(["event_id", level]):
            key = (event, level, code)
            mark = rows["mark"].dropna().astype(int)
            score = rows["primary_score"].dropna().round(2)
            n = len(mark) or np.nan
            marks.append(
                (
                    *key,
                    len(rows),
                    len(mark),
                    *(int((mark == m).sum()) if len(mark) else None for m in (2, 3, 4, 5)),
                    (mark >= 4).sum() / n,
                    (mark >= 3).sum() / n,
                    mark.map({2: 0.16, 3: 0.36, 4: 0.64, 5: 1.0}).sum() / n,
                    mark.sum() / n,
                    score.mean(),
                    score.median(),
                    score.std(),
                )
            )
            distribution += [(*key, value, count, count / len(score)) for value, count in score.value_counts().items()]
            both = rows.dropna(subset=["mark", "journal_mark"])
            if len(both):
                signs = np.sign(both["mark"].astype(int) - both["journal_mark"].astype(int))
                journal.append((*key, len(both), *(int((signs == s).sum()) for s in (-1, 0, 1))))
            known = rows["scores"].dropna()
            for task in tasks[tasks["event_id"] == event].itertuples():
                if len(known):
                    own = np.array([scores[task.task_no - 1] for scores in known])
                    total = np.maximum(own, 0).sum()
                    points.append(
                        (*key, task.task_no, len(own), total, total / len(own) / task.max_points, (own == N).sum())
                    )
    return {
        "mark_statistics": marks,
        "score_distribution": distribution,
        "task_statistics": points,
        "journal_comparison": journal,
    }


COMPARED = {
    "mark_statistics": ["participants", "marked", "n2", "n3", "n4", "n5", "quality", "success", "sou", "mean_mark",
                        "mean_score", "median_score", "sd_score"],
    "score_distribution": ["score", "n", "share"],
    "task_statistics": ["task_no", "n", "points_sum", "solved_share", "not_started"],
    "journal_comparison": ["n", "lowered", "confirmed", "raised"],
}  # fmt: skip


@pytest.mark.parametrize("seed", range(6))
def test_against_plain_loops(seed, make, register, stamp):
    rng = np.random.default_rng(seed)
    maxima = {"e1": [1, 2, 3], "e2": [4] * int(rng.integers(1, 6))}
    rows = []
    for _ in range(int(rng.integers(1, 300))):
        event = str(rng.choice(["e1", "e2"]))
        scores = [int(rng.integers(-1, m + 1)) for m in maxima[event]] if rng.random() < 0.9 else None
        total = sum(max(s, 0) for s in scores) if scores else rng.choice([np.nan, 1.05, 2.35, 3.0])
        rows.append(
            (
                event,
                str(rng.choice(["s1", "s2", "s3", "s8"])),
                int(rng.integers(1, 4)) if rng.random() < 0.9 else None,
                scores,
                int(rng.integers(2, 6)) if rng.random() < 0.8 else None,
                int(rng.integers(1, 6)) if rng.random() < 0.8 else None,
                bool(rng.random() < 0.9),
                total,
            )
        )
    results, tasks = make.results(rows), make.tasks(maxima)
    out = compute(results, events=make.events(["e1", "e2"]), tasks=tasks, register=register, stamp=stamp)
    expected = plain(results, make.events(["e1", "e2"]), tasks, {"s1": "m1", "s2": "m1", "s3": "m2"}, "99")
    for name, columns in COMPARED.items():
        order = [*contracts.table(name).key]
        names = ["event_id", "level", "unit_code", *columns]
        want = pd.DataFrame(expected[name], columns=names).sort_values(order, ignore_index=True)
        want = want.astype({f"n{mark}": "Int32" for mark in (2, 3, 4, 5) if f"n{mark}" in want})
        got = out[name][names].sort_values(order, ignore_index=True)
        if "median_score" in columns:  # stored to two decimals
            np.testing.assert_allclose(got.pop("median_score"), want.pop("median_score"), atol=0.0051, rtol=0)
        pd.testing.assert_frame_equal(got, want, check_dtype=False, check_exact=False, atol=6e-5, rtol=0)
