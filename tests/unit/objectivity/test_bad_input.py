"""What is missing or wrong: a reason in Russian, never a crash, never a missing number in the tables."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from rsoko_pipeline.objectivity import Aggregates, Assessment, assess


def _checked(found: Assessment) -> Assessment:
    for frame in (found.signs, found.evidence, found.pooled, found.unavailable):
        assert not frame.isna().any().any()
        assert np.isfinite(frame.select_dtypes("number")).all().all()
    return found


def _reason(found: Assessment, sign: str, subject: str = "ru") -> str:
    rows = found.unavailable.query("sign == @sign and subject == @subject")["why"]
    return "; ".join(rows)


@pytest.fixture
def one_work(clean: Any) -> tuple[pd.DataFrame, pd.DataFrame]:
    results = clean.results[clean.results["subject"] == "ru"].reset_index(drop=True)
    return results, clean.tasks[clean.tasks["subject"] == "ru"].reset_index(drop=True)


def test_a_work_without_cuts(one_work: Any) -> None:
    results, tasks = one_work
    found = _checked(assess(results, tasks.assign(cut3=np.nan, cut4=np.nan, cut5=np.nan)))
    assert _reason(found, "BUNCH") == "для работы не заданы границы отметок"
    assert set(found.signs["sign"]) >= {"ITEM", "SIM", "SAME", "MEAN"}
    assert all("A" not in families for families in found.evidence["families_available"])


def test_cuts_that_do_not_increase(one_work: Any) -> None:
    results, tasks = one_work
    found = _checked(assess(results, tasks.assign(cut3=16, cut4=10)))
    assert "границы отметок не возрастают: 16, 10, 21" in _reason(found, "")
    assert "BUNCH" not in set(found.signs["sign"])


def test_one_school_only(one_work: Any) -> None:
    results, tasks = one_work
    found = _checked(assess(results[results["school"] == results["school"].iloc[0]], tasks))
    assert found.signs.empty and found.evidence.empty
    assert "сравнивать не с чем" in _reason(found, "")


def test_all_scores_equal(one_work: Any) -> None:
    results, tasks = one_work
    scores = pd.Series([np.ones(len(tasks), dtype=np.int16)] * len(results))
    found = _checked(assess(results.assign(primary_score=13.0, scores=scores, mark=3), tasks))
    assert found.signs.empty
    assert "один и тот же балл" in _reason(found, "")


def test_nobody_wrote(one_work: Any) -> None:
    results, tasks = one_work
    absent = results.assign(present=False, primary_score=np.nan, mark=np.nan, scores=None)
    assert "никто" in _reason(_checked(assess(absent, tasks)), "") or "сравнивать не с чем" in _reason(
        assess(absent, tasks), ""
    )
    empty = _checked(assess(results.iloc[:0], tasks))
    assert empty.signs.empty and "никто не писал" in _reason(empty, "")


def test_no_rows_and_no_tasks_at_all(one_work: Any) -> None:
    results, tasks = one_work
    found = assess(results.iloc[:0], tasks.iloc[:0])
    assert found.signs.empty and found.evidence.empty and found.unavailable.empty


def test_no_journal_marks(one_work: Any) -> None:
    results, tasks = one_work
    for frame in (results.assign(journal_mark=np.nan), results.drop(columns="journal_mark")):
        found = _checked(assess(frame, tasks))
        assert _reason(found, "SAME") == _reason(found, "UP") == "нет отметок по журналу"


def test_a_task_that_nobody_has_a_score_for(one_work: Any) -> None:
    results, tasks = one_work

    def without_third(scores: Any) -> Any:
        return None if scores is None else [None if place == 2 else int(x) for place, x in enumerate(scores)]

    found = _checked(assess(results.assign(scores=results["scores"].map(without_third)), tasks))
    assert f"задания без единого балла: {tasks['task'].iloc[2]}" in _reason(found, "")
    assert {"ITEM", "PF", "SIM"} <= set(found.signs["sign"])


def test_scores_of_another_length_or_none(one_work: Any) -> None:
    results, tasks = one_work
    found = _checked(assess(results.assign(scores=None), tasks))
    assert _reason(found, "ITEM") == _reason(found, "SIM") == "нет баллов за задания"
    short = results["scores"].map(lambda scores: None if scores is None else scores[:-1])
    assert _reason(_checked(assess(results.assign(scores=short), tasks)), "PF") == "нет баллов за задания"


def test_a_score_above_the_maximum_is_left_out_and_said(one_work: Any) -> None:
    results, tasks = one_work
    wrong = results.copy()
    first = wrong.index[wrong["present"]][:3]
    wrong.loc[first[0], "primary_score"] = 99.0
    wrong.at[first[1], "scores"] = np.full(len(tasks), 9, dtype=np.int16)
    found = _checked(assess(wrong, tasks))
    assert "не учтены работы с баллом вне допустимых: 2" in _reason(found, "")
    without = assess(results.drop(index=first[:2]), tasks)
    pd.testing.assert_frame_equal(found.signs, without.signs)


def test_one_municipality_with_nearly_all_pupils(one_work: Any, clean: Any) -> None:
    results, tasks = one_work
    context = clean.context.assign(municipality=np.where(np.arange(len(clean.context)) % 20 == 0, "m2", "m1"))
    found = _checked(assess(results, tasks, context=context))
    assert len(found.evidence) > 50


def test_no_structure_of_the_work(one_work: Any) -> None:
    results, tasks = one_work
    found = _checked(assess(results, tasks.iloc[:0]))
    assert "структура работы неизвестна" in _reason(found, "")
    assert {"MEAN", "SAME"} <= set(found.signs["sign"])


def test_classes_that_are_not_known(one_work: Any) -> None:
    results, tasks = one_work
    found = _checked(assess(results.assign(class_no=pd.NA), tasks))
    assert set(found.signs["level"]) <= {"school", "region"}
    assert "SIM" in set(found.signs["sign"])


def test_context_of_constants_and_gaps(one_work: Any, clean: Any) -> None:
    results, tasks = one_work
    context = clean.context.assign(
        same=1.0, other="x", gaps=np.nan, half=np.where(clean.context.index % 2, 3.0, np.nan)
    )
    context.loc[:10, "kind"] = None
    found = _checked(assess(results, tasks, context=context.iloc[5:]))
    names = found.signs.query("sign == 'MEAN'")["details"].iloc[0]["covariates"]
    assert "log_size" in names and "settlement: село" in names and not {"same", "other", "gaps"} & set(names)


def test_aggregates_alone(one_work: Any) -> None:
    results, tasks = one_work
    present = results[results["present"]]
    scores = present.groupby(["school", "subject", "grade", "primary_score"]).size().rename("n").reset_index()
    scores = scores.rename(columns={"primary_score": "score"})
    both = present.dropna(subset=["mark", "journal_mark"])
    journal = both.assign(
        confirmed=both["mark"] == both["journal_mark"], raised=both["mark"] > both["journal_mark"], n=1
    )
    journal = journal.groupby(["school", "subject", "grade"])[["n", "confirmed", "raised"]].sum().reset_index()
    found = _checked(assess(results.iloc[:0], tasks, aggregates=Aggregates(scores=scores, journal=journal)))
    full = assess(results, tasks)
    for sign in ("BUNCH", "SAME", "UP", "MEAN"):
        ours, theirs = (
            frame[(frame["sign"] == sign) & (frame["level"] == "school")].set_index("unit_code")
            for frame in (found.signs, full.signs)
        )
        if sign == "SAME":  # from pupils' scores it also sees which works lie on the edges of the journal's mark
            assert ours["p"].corr(theirs["p"].reindex(ours.index), method="spearman") > 0.6
            continue
        np.testing.assert_allclose(ours["p"], theirs["p"].reindex(ours.index), rtol=1e-6, err_msg=sign)
    assert _reason(found, "ITEM") == "есть только сводные таблицы, без баллов за задания"
    assert found.evidence["families_available"].map(tuple).unique().tolist() == [("A", "C", "D")]


def test_a_school_with_a_comparison_with_the_journal_alone_has_nobody_absent(one_work: Any) -> None:
    results, tasks = one_work
    present = results[results["present"]]
    key = ["school", "subject", "grade"]
    sizes = results.groupby(key).size().rename("enrolled").reset_index()
    scores = present.groupby([*key, "primary_score"]).size().rename("n").reset_index()
    scores = scores.rename(columns={"primary_score": "score"})
    journal = sizes.rename(columns={"enrolled": "n"}).assign(confirmed=lambda rows: rows["n"], raised=0)
    school = present["school"].value_counts().index[3]
    tables = Aggregates(scores=scores[scores["school"] != school], journal=journal)
    found = _checked(assess(results.iloc[:0], tasks, enrolment=sizes, aggregates=tables))
    absence = found.signs.query("sign == 'ABSENCE'")["unit_code"]
    assert len(absence) and school not in set(absence)


def test_tables_of_marks_alone(one_work: Any) -> None:
    results, tasks = one_work
    present = results[results["present"]]
    marks = present.groupby(["school", "subject", "grade", "mark"]).size().unstack(fill_value=0)
    marks.columns = [f"n{int(mark)}" for mark in marks.columns]
    found = _checked(assess(results.iloc[:0], tasks, aggregates=Aggregates(marks=marks.reset_index())))
    assert _reason(found, "BUNCH") == "нет первичных баллов, известны только отметки"
    assert "MEAN" in set(found.signs["sign"])


@pytest.mark.parametrize("kind", ["constant schools", "nearly full", "zeros", "tiny schools", "two tasks"])
def test_degenerate_works_give_reasons_not_numbers(kind: str) -> None:
    rng = np.random.default_rng(7)
    schools, tasks = 30, 2 if kind == "two tasks" else 6
    sizes = rng.integers(1, 5, schools) if kind == "tiny schools" else rng.integers(5, 30, schools)
    school = np.repeat(np.arange(schools), sizes)
    if kind == "constant schools":
        points = rng.integers(0, 3, (schools, tasks))[school]
    else:
        share = {"nearly full": 0.98, "zeros": 0.0}.get(kind, 0.5)
        points = rng.binomial(2, share, (len(school), tasks))
    results = pd.DataFrame(
        {
            "school": np.char.mod("s%02d", school),
            "class_no": 1,
            "pupil": np.arange(len(school)).astype(str),
            "subject": "ru",
            "grade": 5,
            "present": True,
            "primary_score": points.sum(axis=1).astype(float),
            "mark": 3,
            "journal_mark": 3,
            "scores": list(points.astype(np.int16)),
        }
    )
    work = {
        "subject": "ru",
        "grade": 5,
        "task": np.arange(tasks).astype(str),
        "max_points": 2,
        "cut3": 2,
        "cut4": 3,
        "cut5": 4,
    }
    with np.errstate(divide="raise", invalid="raise", over="raise"):
        found = _checked(assess(results, pd.DataFrame(work)))
    assert len(found.unavailable)
    assert "доля одинакова у всех школ" in _reason(found, "SAME") or found.signs.empty


@pytest.mark.parametrize(
    ("lacking", "why"),
    [
        (["mark"], "нет отметок за работу"),
        (["journal_mark"], "нет отметок по журналу"),
        (["mark", "journal_mark"], "нет отметок ни за работу, ни по журналу"),
    ],
)
def test_a_missing_column_of_marks_is_called_by_its_name(one_work: Any, lacking: list[str], why: str) -> None:
    results, tasks = one_work
    found = _checked(assess(results.drop(columns=lacking), tasks))
    assert _reason(found, "SAME") == _reason(found, "UP") == why


def test_marks_of_pupils_who_never_have_both(one_work: Any) -> None:
    results, tasks = one_work
    odd = np.arange(len(results)) % 2 == 1
    apart = results.assign(mark=results["mark"].where(odd), journal_mark=results["journal_mark"].where(~odd))
    assert _reason(assess(apart, tasks), "UP").startswith("ни у одного участника нет сразу двух отметок")


def test_neither_scores_nor_marks(one_work: Any) -> None:
    results, tasks = one_work
    found = _checked(assess(results.drop(columns=["primary_score", "scores", "mark"]), tasks))
    assert found.signs.empty and "нет ни баллов, ни отметок участников" in _reason(found, "")


@pytest.mark.parametrize(
    ("frame", "columns"),
    [("results", ["school", "grade"]), ("tasks", ["max_points"]), ("enrolment", ["enrolled"]), ("prior", ["mean_z"])],
)
def test_a_frame_without_a_required_column_is_refused_by_name(one_work: Any, frame: str, columns: list[str]) -> None:
    results, tasks = one_work
    unit = results[["school", "subject", "grade"]].drop_duplicates()
    frames = {
        "results": results,
        "tasks": tasks,
        "enrolment": unit.assign(enrolled=30),
        "prior": unit.assign(mean_z=0.1),
    }
    frames[frame] = frames[frame].drop(columns=columns)
    with pytest.raises(ValueError, match=f"В таблице {frame} нет столбцов: {', '.join(columns)}"):
        assess(**frames)


def test_a_pupil_who_stands_twice_in_a_work_is_refused(one_work: Any) -> None:
    results, tasks = one_work
    twice = pd.concat([results, results.iloc[[5, 9]]], ignore_index=True)
    with pytest.raises(ValueError, match=f"лишних строк: 2 .* {results['pupil'].iloc[5]}"):
        assess(twice, tasks)
    other = results.iloc[[5]].assign(event_id="другая")
    assess(pd.concat([results, other], ignore_index=True).fillna({"event_id": ""}), tasks)
    nameless = results.iloc[[5, 5]].assign(pupil=None)
    assess(pd.concat([results, nameless], ignore_index=True), tasks)
