"""Coverage: who counts as enrolled, and schools that sent nothing."""

import numpy as np
import pandas as pd
import pytest

from rsoko_pipeline import contracts
from rsoko_pipeline.indicators import compute, wilson

PRESENT = ("e1", "s1", 1, (1, 2), 5, 5)
ABSENT = ("e1", "s1", 1, None, None, None, False)


@pytest.fixture
def coverage(make, register, stamp):
    """The table of coverage by unit code."""

    def coverage(rows, contingent=(), participation="obligatory", **more):
        out = compute(
            make.results(rows),
            events=make.events(["e1"], participation),
            tasks=make.tasks({"e1": [1, 2]}),
            register=register,
            stamp=stamp,
            contingent=make.contingent(list(contingent)) if contingent else None,
            **more,
        )
        return out["coverage"].set_index("unit_code")

    return coverage


def figures(row):
    return row[["enrolled", "participants", "absent", "enrolled_source"]].tolist()


def test_from_files_where_no_contingent_is_known(coverage):
    out = coverage([PRESENT] * 3 + [ABSENT])
    assert figures(out.loc["s1"]) == [4, 3, 1, "files"]
    assert out.loc["99", "coverage"] == 0.75
    low, high = wilson(3, 4)
    assert out.loc["s1", ["coverage_low", "coverage_high"]].tolist() == pytest.approx([low, high], abs=1e-4)


def test_contingent_counts_before_the_rows_of_files(coverage):
    out = coverage([PRESENT] * 3 + [ABSENT], [("s1", None, 10)])
    assert figures(out.loc["s1"]) == [10, 3, 7, "register"]
    assert figures(out.loc["s1/1"]) == [4, 3, 1, "files"]


def test_school_without_data_stays_in_the_denominators_of_an_obligatory_work(coverage):
    out = coverage([PRESENT] * 3, [("s1", None, 4), ("s2", None, 6), ("s3", None, 10)])
    assert figures(out.loc["s2"]) == [6, 0, 6, "register"]
    assert out.loc["s2", "coverage"] == 0
    assert figures(out.loc["m1"]) == [10, 3, 7, "register"]
    assert out.loc["m2", "coverage"] == 0
    assert figures(out.loc["99"]) == [20, 3, 17, "register"]


def test_obligatory_work_that_nobody_sent(coverage):
    out = coverage([], [("s1", None, 4), ("s3", None, 6)])
    assert out.loc[["s1", "s3", "m1", "m2", "99"], "coverage"].tolist() == [0] * 5


def test_school_without_data_is_not_expected_where_schools_choose(coverage):
    out = coverage([PRESENT] * 3, [("s1", None, 4), ("s2", None, 6)], "by_choice")
    assert "s2" not in out.index
    assert figures(out.loc["99"]) == [4, 3, 1, "register"]


@pytest.mark.parametrize("participation", ["by_lot", "sample"])
def test_only_drawn_classes_are_expected(coverage, participation):
    contingent = [("s1", 1, 20), ("s1", 2, 25), ("s1", 3, 22), ("s2", 1, 30)]
    rows = [PRESENT] * 15 + [("e1", "s1", 3, (1, 2), 5, 5)] * 22
    out = coverage(rows, contingent, participation)
    assert figures(out.loc["s1/1"]) == [20, 15, 5, "register"]
    assert figures(out.loc["s1"]) == [42, 37, 5, "register"]
    assert "s2" not in out.index
    assert "s1/2" not in out.index


def test_drawn_classes_that_the_contingent_lacks_are_counted_from_files(coverage):
    out = coverage([PRESENT, ABSENT, ("e1", "s1", None, (1, 2), 5, 5)], [("s1", None, 60)], "by_lot")
    assert figures(out.loc["s1"]) == [3, 2, 1, "files"]


def test_classes_of_the_contingent(coverage):
    out = coverage([PRESENT] * 3, [("s1", 1, 5), ("s1", 2, 7)])
    assert figures(out.loc["s1/1"]) == [5, 3, 2, "register"]
    assert figures(out.loc["s1/2"]) == [7, 0, 7, "register"]
    assert figures(out.loc["s1"]) == [12, 3, 9, "register"]


def test_whole_grade_counts_before_its_classes_and_the_later_row_before_the_earlier(coverage):
    out = coverage([PRESENT], [("s1", 1, 5), ("s1", None, 11), ("s1", None, 12)])
    assert out.loc["s1", "enrolled"] == 12


def test_other_grades_and_years_are_not_enrolled_here(coverage, make):
    out = coverage([PRESENT], [("s1", None, 30, 5), ("s2", None, 30, 5)])
    assert figures(out.loc["s1"]) == [1, 1, 0, "files"]
    assert "s2" not in out.index


def test_mixed_sources(coverage):
    out = coverage([PRESENT, ("e1", "s2", 1, (1, 2), 5, 5)], [("s1", None, 2)])
    assert figures(out.loc["m1"]) == [3, 2, 1, "mixed"]


def test_more_participants_than_enrolled_is_shown_and_has_no_interval(coverage):
    row = coverage([PRESENT] * 3, [("s1", None, 2)]).loc["s1"]
    assert row["coverage"] == 1.5
    assert row["absent"] == 0
    assert row[["coverage_low", "coverage_high"]].isna().all()


def test_target(coverage):
    out = coverage([PRESENT], targets={"e1": 1.0})
    assert out.loc["99", "target"] == 1
    assert np.isnan(coverage([PRESENT]).loc["99", "target"])


def groups(rows):
    """``fact_group_marks`` from (level, unit, participants)."""
    table = contracts.table("fact_group_marks")
    frame = pd.DataFrame(rows, columns=["level", "unit_code", "participants"])
    shares = dict.fromkeys(["share2", "share3", "share4", "share5"], 0.25)
    frame = frame.assign(event_id="e1", file_id="f", row_number=range(len(frame)), unit_name="?", **shares)
    return {"fact_group_marks": table.conform(frame.assign(config_version="c", run_id="r"))}


def test_participants_of_aggregate_tables(coverage):
    tables = groups([("region", "99", 60), ("municipality", "m1", 60), ("school", "s1", 20), ("school", "s2", 40)])
    out = coverage([], [("s1", None, 25), ("s2", None, 40)], group_tables=tables)
    assert figures(out.loc["s1"]) == [25, 20, 5, "register"]
    assert figures(out.loc["m1"]) == [65, 60, 5, "register"]
    assert out.loc["99", "participants"] == 60


def test_pupil_rows_count_before_aggregate_tables(coverage):
    out = coverage([PRESENT] * 3, [("s1", None, 4)], group_tables=groups([("school", "s1", 2), ("region", "99", 2)]))
    assert out.loc[["s1", "99"], "participants"].tolist() == [3, 3]


def test_the_row_says_what_its_participants_come_from(coverage):
    """Marks of a region with pupil rows are of these alone; coverage counts schools of aggregate tables, too."""
    contingent = [("s1", None, 4), ("s2", None, 6), ("s3", None, 5)]
    tables = groups([("school", "s2", 5), ("municipality", "m1", 8), ("region", "99", 9)])
    out = coverage([PRESENT] * 3, contingent, group_tables=tables)
    assert figures(out.loc["99"]) == [15, 8, 7, "register"]
    sources = out["participants_source"].dropna().to_dict()
    assert sources == {"s1": "pupils", "s1/1": "pupils", "s2": "aggregate", "m1": "mixed", "99": "mixed"}
    alone = coverage([], contingent, group_tables=tables)
    assert alone.loc[["m1", "99"], "participants_source"].tolist() == ["aggregate"] * 2
    stated = coverage([], contingent, group_tables=groups([("region", "99", 9)]))
    assert stated["participants_source"].dropna().to_dict() == {"99": "aggregate"}


def test_school_without_denominator_is_left_out_of_its_municipality(coverage):
    out = coverage([PRESENT, ABSENT], group_tables=groups([("school", "s2", 2)]))
    assert figures(out.loc["m1"]) == [2, 1, 1, "files"]
    assert out.loc["99", "coverage"] == 0.5
    assert np.isnan(out.loc["s2", "coverage"])


def test_no_denominator_at_all_no_coverage(coverage):
    out = coverage([], group_tables=groups([("school", "s1", 3), ("school", "s2", 2)]))
    assert out.loc[["s2", "m1", "99"], "coverage"].isna().all()
    assert out.loc[["s2", "m1", "99"], "participants"].tolist() == [2, 5, 5]


def test_municipality_known_from_its_own_row_alone(coverage):
    tables = groups([("municipality", "m1", 20), ("municipality", "m2", 5)])
    out = coverage([], [("s1", None, 25)], group_tables=tables)
    assert figures(out.loc["m1"]) == [25, 20, 5, "register"]
    assert out.loc["m2", "participants"] == 5
    assert np.isnan(out.loc["m2", "coverage"])


def test_municipality_that_the_register_lacks_is_none(coverage):
    tables = groups([("municipality", "m1", 20), ("municipality", "m7", 5)])
    out = coverage([], [("s1", None, 25)], group_tables=tables)
    assert set(out.index) == {"99", "m1", "s1"}
