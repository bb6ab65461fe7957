"""Statistics restored from aggregate tables."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rsoko_pipeline import contracts
from rsoko_pipeline.indicators import compute
from rsoko_pipeline.indicators.measures import whole_counts


@pytest.fixture
def run(make, register, stamp):
    def run(rows=(), **tables):
        return compute(
            make.results(list(rows)),
            events=make.events(["e1"]),
            tasks=make.tasks({"e1": [1, 2]}),
            register=register,
            stamp=stamp,
            group_tables={f"fact_group_{name}": frame for name, frame in tables.items()},
        )

    return run


def table(name, rows, columns):
    frame = pd.DataFrame(rows, columns=["level", "unit_code", "parent_code", *columns])
    frame = frame.assign(
        event_id="e1",
        file_id="f",
        row_number=range(len(frame)),
        unit_name="Имя из файла",
        config_version="c",
        run_id="r",
    )
    return contracts.table(f"fact_group_{name}").conform(frame)


def marks(*rows):
    return table("marks", rows, ["participants", "share2", "share3", "share4", "share5"])


def journal(*rows):
    lines = [(level, unit, parent, sum(counts), *counts, 0.0, 0.0, 0.0) for level, unit, parent, *counts in rows]
    names = ["lowered", "confirmed", "raised"]
    return table("journal", lines, ["participants", *names, *(f"{name}_share" for name in names)])


def scores(unit, participants, shares, level="school", parent="m1"):
    return table(
        "scores", [(level, unit, parent, participants, score, share) for score, share in shares.items()],
        ["participants", "score", "share"],
    )  # fmt: skip


def test_real_row_of_the_whole_country_gives_back_its_counts(run):
    """Ф3 of РУ 4, 2026: 1,722,202 pupils, 5.06/32.92/44.33/17.69 per cent."""
    out = run(marks=marks(("region", "reg", None, 1722202, 0.0506, 0.3292, 0.4433, 0.1769)))["mark_statistics"]
    row = out.iloc[0]
    assert row["unit_code"] == "99"
    assert row["source"] == "aggregate"
    assert row[["n2", "n3", "n4", "n5"]].sum() == row["marked"] == row["participants"] == 1722202
    assert row[["share2", "share3", "share4", "share5"]].tolist() == [0.0506, 0.3292, 0.4433, 0.1769]
    assert row["quality"] == pytest.approx(0.6202)


def test_small_counts_are_restored_exactly(run):
    """7 pupils: 1, 2, 3, 1, of which the table shows 14.29, 28.57, 42.86, 14.29 (together 100.01)."""
    row = run(marks=marks(("school", "s1", "m1", 7, 0.1429, 0.2857, 0.4286, 0.1429)))["mark_statistics"].iloc[0]
    assert row[["n2", "n3", "n4", "n5"]].tolist() == [1, 2, 3, 1]
    assert row["quality"] == pytest.approx(4 / 7, abs=1e-4)
    assert row[["mean_score", "median_score", "sd_score"]].isna().all()


def test_units_are_added_up_from_schools_by_their_pupils(run):
    schools = marks(("school", "s1", "x", 90, 0, 0, 1, 0), ("school", "s2", "x", 10, 1, 0, 0, 0))
    out = run(marks=schools)["mark_statistics"].set_index("unit_code")
    assert out.loc["m1", "quality"] == 0.9
    assert out.loc["99", "quality"] == 0.9
    assert out.loc[["s1", "m1", "99"], "unit_name"].tolist() == ["Школа № 1", "Северный район", "Вымышленная область"]
    assert out.loc[["s1", "m1"], "parent_code"].tolist() == ["m1", "99"]


def test_own_row_counts_before_the_sum_of_schools(run):
    rows = marks(("school", "s1", "m1", 90, 0, 0, 1, 0), ("municipality", "m1", "99", 200, 0.5, 0.5, 0, 0))
    out = run(marks=rows)["mark_statistics"].set_index("unit_code")
    assert out.loc["m1", "participants"] == 200
    assert out.loc["99", "participants"] == 90


def test_region_from_municipalities_where_no_school_is_given(run):
    rows = marks(("municipality", "m1", "99", 30, 0, 0, 1, 0), ("municipality", "m2", "99", 10, 1, 0, 0, 0))
    assert run(marks=rows)["mark_statistics"].set_index("unit_code").loc["99", "quality"] == 0.75


def test_pupil_rows_win_unit_by_unit(run):
    pupils = [("e1", "s1", 1, (1, 2), 5, 5)]
    tables = marks(("school", "s1", "m1", 9, 1, 0, 0, 0), ("school", "s3", "m2", 4, 0, 1, 0, 0))
    out = run(pupils, marks=tables)["mark_statistics"].set_index("unit_code")
    assert out.loc[["s1", "m1", "99"], "source"].tolist() == ["pupils"] * 3
    assert out.loc["s1", "participants"] == 1
    assert out.loc[["s3", "m2"], "source"].tolist() == ["aggregate"] * 2


def test_marks_of_the_table_beside_the_scores_of_pupils_without_marks(run):
    """A collection form of a work whose scale is unknown gives scores, Ф3 the marks."""
    pupils = [("e1", "s1", 1, (1, 2), None, None), ("e1", "s1", 1, (0, 0), None, None)]
    out = run(pupils, marks=marks(("school", "s1", "m1", 2, 0.5, 0, 0, 0.5)))
    row = out["mark_statistics"].set_index("unit_code").loc["s1"]
    assert row[["source", "participants", "marked", "n2", "n5"]].tolist() == ["aggregate", 2, 2, 1, 1]
    assert row[["mean_score", "median_score"]].tolist() == [1.5, 1.5]
    classes = out["mark_statistics"].set_index("unit_code").loc["s1/1"]
    assert classes[["source", "marked", "mean_score"]].tolist() == ["pupils", 0, 1.5]
    assert set(out["score_distribution"]["source"]) == {"pupils"}


def test_school_that_the_register_lacks_keeps_the_file_s_name_and_place(run):
    out = run(marks=marks(("school", "s7", "m2", 4, 0, 1, 0, 0)))["mark_statistics"].set_index("unit_code")
    assert out.loc["s7", "unit_name"] == "Имя из файла"
    assert out.loc["s7", "parent_code"] == "m2"
    assert out.loc["m2", "participants"] == 4


@pytest.mark.parametrize("name", ["marks", "journal", "scores"])
def test_municipality_that_the_register_lacks_is_no_municipality(run, name):
    """Neither its own row makes one, nor a school said to lie in it, which counts in the region alone."""
    make = {
        "marks": lambda level, unit, parent: marks((level, unit, parent, 4, 0, 1, 0, 0)),
        "journal": lambda level, unit, parent: journal((level, unit, parent, 1, 2, 1)),
        "scores": lambda level, unit, parent: scores(unit, 4, {1: 0.5, 2: 0.5}, level, parent),
    }[name]
    rows = [("municipality", "m9", "99"), ("school", "s7", "m9"), ("school", "s1", "m9"), ("school", "s3", "m2")]
    out = run(**{name: pd.concat([make(*row) for row in rows], ignore_index=True)})
    filled = {key: frame for key, frame in out.items() if not frame.empty and key != "coverage"}
    assert filled
    for frame in filled.values():
        units = frame.drop_duplicates("unit_code").set_index("unit_code")
        assert set(units.index) == {"99", "m1", "m2", "s1", "s3", "s7"}
        assert pd.isna(units.loc["s7", "parent_code"])
    size = "participants" if "mark_statistics" in filled else "n"
    whole = filled["mark_statistics" if "mark_statistics" in filled else "journal_comparison"].set_index("unit_code")
    assert whole.loc["99", size] == 12


def test_scores(run):
    out = run(scores=scores("s1", 8, {0: 0.125, 1: 0.25, 1.5: 0.5, 2: 0.125, 3: 0.0}))
    distribution = out["score_distribution"].query("level == 'school'").set_index("score")
    assert distribution["n"].to_dict() == {0: 1, 1: 2, 1.5: 4, 2: 1}
    assert set(distribution["source"]) == {"aggregate"}
    row = out["mark_statistics"].query("level == 'region'").iloc[0]
    values = [0, 1, 1, 1.5, 1.5, 1.5, 1.5, 2]
    assert row[["participants", "marked"]].tolist() == [8, 0]
    assert row[["n2", "n3", "n4", "n5", "quality"]].isna().all()
    assert row[["mean_score", "median_score", "sd_score"]].tolist() == pytest.approx(
        [np.mean(values), np.median(values), np.std(values, ddof=1)], abs=1e-4
    )


def test_marks_and_scores_of_one_unit_stand_in_one_row(run):
    out = run(
        marks=marks(("school", "s1", "m1", 4, 0, 0.5, 0.5, 0)), scores=scores("s1", 4, {1: 0.5, 2: 0.5})
    )["mark_statistics"]  # fmt: skip
    row = out.set_index("unit_code").loc["s1"]
    assert row[["n3", "n4", "mean_score"]].tolist() == [2, 2, 1.5]


def test_journal(run):
    out = run(journal=journal(("school", "s1", "m1", 2, 5, 3), ("school", "s2", "m1", 0, 10, 0)))["journal_comparison"]
    row = out.set_index("unit_code").loc["m1"]
    assert row[["n", "lowered", "confirmed", "raised"]].tolist() == [20, 2, 15, 3]
    assert row[["lowered_share", "confirmed_share", "raised_share"]].tolist() == [0.1, 0.75, 0.15]
    assert set(out["source"]) == {"aggregate"}


def test_group_without_participants_has_no_row(run):
    assert run(marks=marks(("school", "s1", "m1", 0, 0, 0, 0, 0)))["mark_statistics"].empty


def test_rows_of_other_events_are_left_alone(run):
    other = marks(("school", "s1", "m1", 5, 0, 1, 0, 0)).assign(event_id="e9")
    assert run(marks=other)["mark_statistics"].empty


@given(st.lists(st.lists(st.integers(0, 500), min_size=1, max_size=6), min_size=1, max_size=5))
def test_whole_counts_come_back_from_per_cents_with_two_decimals(groups):
    """Up to a few hundred pupils, two decimals of a per cent determine the counts."""
    group = np.repeat(np.arange(len(groups)), [len(counts) for counts in groups])
    counts = np.concatenate(groups)
    totals = np.bincount(group, counts, minlength=len(groups)).astype(int)
    shares = np.round(counts / np.maximum(totals, 1)[group], 4)
    restored = whole_counts(shares, group, totals)
    np.testing.assert_array_equal(np.bincount(group, restored, minlength=len(groups)), totals)
    assert np.abs(restored - counts).max() <= (0 if totals.max() < 1000 else 1)
