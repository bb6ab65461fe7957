"""Exams from sittings to facts: units by day, the result that counts, one set of tasks, thresholds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest

from rsoko_pipeline import contracts
from rsoko_pipeline.configuration import Configuration, load
from rsoko_pipeline.landing import assembly, exams
from rsoko_pipeline.landing.building import Built, build_events
from rsoko_pipeline.landing.crosswalk import Crosswalk
from rsoko_pipeline.landing.intake import claimed_units, hold_rivals
from rsoko_pipeline.sources.model import FileFacts, ReadResult, TaskHead
from tests.unit.landing.files import NOW, landing_files, taken

EGE, OGE, ESSAY = "2026-ege-ma-11", "2026-oge-ma-9", "2025-essay-11"
SCHOOL = "edu990001"
HEADS = (TaskHead("1", 1), TaskHead("2", 2))


@pytest.fixture(scope="module")
def cfg() -> Configuration:
    return load("")


def sitting(pupil: str = "a", **changes: Any) -> dict[str, Any]:
    """A valid sitting of the main day with 2 of 3 points."""
    usual = {
        "event_id": EGE,
        "school": SCHOOL,
        "class_no": 1,
        "pupil_code": pupil,
        "participant_category": "graduate",
        "exam_period": "main",
        "exam_date": "2026-06-08",
        "primary_score": 2.0,
        "test_score": 40.0,
        "exam_status": "valid",
        "appeal": "none",
    }
    return usual | changes


def file(file_id: str, *rows: dict[str, Any], heads: tuple[TaskHead, ...] = HEADS, unread: int = 0) -> ReadResult:
    """A file of sittings; a row with points has as many tasks as ``heads``."""
    places = range(3, 3 + len(rows))
    lines = [
        {"scores": np.array([1, 1], dtype="int16") if row["primary_score"] == 2.0 and heads else None, **row}
        for row in rows
    ]
    frame = pd.DataFrame(lines).assign(file_id=file_id, row_number=places)
    table = contracts.table("source_exam")
    schools = frame.groupby(["event_id", "school"], as_index=False).agg(
        row_number=("row_number", "min"), rows=("row_number", "size")
    )
    known = dict.fromkeys(zip(schools["event_id"], schools["row_number"], strict=True), unread)
    facts = FileFacts(file_id, f"{file_id}.xls", 1, format="gia_protocol", extra={"unread": known})
    facts.tasks_of_event = dict.fromkeys(frame["event_id"].unique(), heads)
    listed = contracts.table("source_school").conform(schools.assign(file_id=file_id, rows=schools["rows"] + unread))
    return ReadResult(facts, {"source_exam": table.conform(frame), "source_school": listed})


def counted(cfg: Configuration, *rows: dict[str, Any]) -> pd.DataFrame:
    table = contracts.table("source_exam")
    frame = pd.DataFrame(rows).assign(file_id="f", row_number=range(len(rows)))
    return exams.counted(table.conform(frame), cfg)


def build(cfg: Configuration, results: Sequence[ReadResult], events: Sequence[str] = (EGE,)) -> Built:
    empty = {name: contracts.table(name).empty() for name in ("dim_school", "dim_municipality", "quarantine")}
    units = hold_rivals(claimed_units(list(results), NOW), list(results))
    names = {result.file.file_id: result.file.name for result in results}
    return build_events(
        taken(*results),
        units[units["status"] == "accepted"].assign(name=units["file_id"].map(names)),
        events,
        cfg=cfg,
        schools=empty["dim_school"],
        municipalities=empty["dim_municipality"],
        crosswalk=Crosswalk.stored(lambda name: contracts.table(name).empty(), cfg),
        before=empty["quarantine"],
        files=landing_files(**{result.file.file_id: "accepted" for result in results}),
        input_hashes={event: event for event in events},
        key=b"key",
        run_id="run",
    )


# ---------------------------------------------------------------------------------------------- the result that counts
def test_the_last_valid_sitting_counts(cfg: Configuration) -> None:
    rows = counted(
        cfg,
        sitting(exam_date="2026-06-25", test_score=30.0),
        sitting(exam_date="2026-06-08", test_score=70.0),
        sitting("b", exam_date="2026-06-08"),
        sitting("b", exam_date="2026-06-25", exam_status="absent", primary_score=None, test_score=None),
    )
    assert rows["is_counted"].tolist() == [True, False, True, False]
    assert rows["is_statistical"].tolist() == [True, False, True, False]
    assert rows["exam_status"].tolist() == ["valid", "valid", "valid", "absent"]


def test_a_retake_in_july_annuls_the_earlier_result_even_if_it_is_worse(cfg: Configuration) -> None:
    rows = counted(cfg, sitting(test_score=90.0), sitting(exam_date="2026-07-09", test_score=20.0), sitting("b"))
    assert rows["exam_status"].tolist() == ["annulled", "valid", "valid"]
    assert rows["is_counted"].tolist() == [False, True, True]


def test_a_retake_that_gave_no_result_leaves_the_earlier_one(cfg: Configuration) -> None:
    nothing: dict[str, Any] = {"primary_score": None, "test_score": None}
    rows = counted(cfg, sitting(), sitting(exam_date="2026-07-09", exam_status="absent", **nothing))
    assert rows["exam_status"].tolist() == ["valid", "absent"]
    assert rows["is_counted"].tolist() == [True, False]


def test_before_2024_nothing_was_annulled_by_a_retake(cfg: Configuration) -> None:
    rules = cfg.procedures["ege"].exam
    assert rules is not None
    assert [rules.is_retake(pd.Timestamp(day).date()) for day in ("2023-07-05", "2024-07-05")] == [False, True]


def test_early_periods_and_other_categories_count_for_the_pupil_and_not_for_the_statistics(cfg: Configuration) -> None:
    rows = counted(
        cfg,
        sitting("a", exam_period="early", exam_date="2026-03-27"),
        sitting("b", participant_category="spo"),
        sitting("c"),
        sitting("c", exam_period="additional", exam_date="2026-09-05"),
    )
    assert rows["is_counted"].tolist() == [True, True, False, True]
    assert rows["is_statistical"].tolist() == [False, False, True, False]


def test_a_pass_once_given_is_not_lost(cfg: Configuration) -> None:
    essay: dict[str, Any] = {"event_id": ESSAY, "primary_score": None, "test_score": None}
    rows = counted(
        cfg,
        sitting(**essay, exam_date="2025-12-03", is_passed=True),
        sitting(**essay, exam_date="2026-02-04", exam_period="additional", is_passed=False),
        sitting("b", **essay, exam_date="2025-12-03", is_passed=False),
        sitting("b", **essay, exam_date="2026-02-04", exam_period="additional", is_passed=True),
    )
    assert rows["is_counted"].tolist() == [True, False, False, True]


def test_the_order_of_rows_does_not_matter(cfg: Configuration) -> None:
    rows = [sitting(exam_date=day, test_score=score) for day, score in (("2026-06-08", 1.0), ("2026-06-25", 2.0))]
    for order in (rows, rows[::-1]):
        found = counted(cfg, *order)
        assert found.loc[found["is_counted"], "test_score"].tolist() == [2.0]


# ------------------------------------------------------------------------------------------------ from files to facts
def test_sittings_become_facts_and_the_one_that_counts_a_work(cfg: Configuration) -> None:
    main = file("main", sitting(), sitting("b", primary_score=None, test_score=None, exam_status="absent"))
    reserve = file("reserve", sitting("b", exam_date="2026-06-25"))
    built = build(cfg, [main, reserve])
    all_sittings, works = built.facts["fact_exam"], built.facts["fact_result"]
    assert len(all_sittings) == 3
    assert sorted(works["pupil"]) == ["a", "b"]
    assert works["pupil_code"].isna().all()
    assert works["present"].all()
    assert set(works["file_id"]) == {"main", "reserve"}
    assert built.facts["dim_task"]["max_points"].tolist() == [1, 2]
    assert built.facts["event_state"]["rows"].tolist() == [2]


def test_a_participant_who_never_came_is_absent_in_the_works(cfg: Configuration) -> None:
    built = build(cfg, [file("f", sitting(), sitting("b", primary_score=None, test_score=None, exam_status="absent"))])
    works: Any = built.facts["fact_result"].set_index("pupil")
    assert works["present"].to_dict() == {"a": True, "b": False}
    assert pd.isna(works.loc["b", "primary_score"])


def test_a_unit_is_a_school_an_exam_and_a_day(cfg: Configuration) -> None:
    first, second = file("first", sitting()), file("second", sitting(exam_date="2026-06-25"))
    units = claimed_units([first, second], NOW)
    assert sorted(units["content"]) == ["source_result:2026-06-08", "source_result:2026-06-25"]
    assert set(hold_rivals(units, [first, second])["status"]) == {"accepted"}
    again = hold_rivals(claimed_units([first, file("again", sitting())], NOW), [first, file("again", sitting())])
    assert set(again["status"]) == {"held"}


# ------------------------------------------------------------------------------------------------------------- appeals
GRANTED = {"appeal": "granted", "primary_score": 3.0, "test_score": 60.0, "scores": np.array([1, 2], dtype="int16")}


def of_sitting(built: Built) -> dict[str, list[Any]]:
    rows = built.facts["fact_exam"]
    return {pupil: said for pupil, *said in rows[["pupil", "file_id", "test_score", "appeal"]].itertuples(index=False)}


def test_a_file_of_appeals_has_a_unit_a_participant() -> None:
    units = claimed_units([file("appeals", sitting("a", **GRANTED), sitting("b", appeal="rejected"))], NOW)
    assert sorted(units["content"]) == [f"source_result:2026-06-08:appeal:{pupil}" for pupil in "ab"]
    protocol = claimed_units([file("protocol", sitting("a", **GRANTED), sitting("b"))], NOW)
    assert protocol["content"].tolist() == ["source_result:2026-06-08"]


def test_a_granted_appeal_takes_the_place_of_that_sitting_alone(cfg: Configuration) -> None:
    first = file("main", sitting("a"), sitting("b"), sitting("c"))
    built = build(cfg, [first, file("appeals", sitting("b", **GRANTED))])
    assert of_sitting(built) == {
        "a": ["main", 40.0, "none"],
        "b": ["appeals", 60.0, "granted"],
        "c": ["main", 40.0, "none"],
    }
    works: Any = built.facts["fact_result"].set_index("pupil")
    assert works["primary_score"].to_dict() == {"a": 2.0, "b": 3.0, "c": 2.0}
    assert built.facts["fact_exam"]["is_counted"].all()
    (said,) = built.facts["quarantine"].to_dict("records")
    assert (said["code"], said["file_id"], said["action"]) == ("RSK-EXAM-APPEAL", "appeals", "noted")
    assert said["message"] == (
        "Апелляция удовлетворена: результат участника взят отсюда, 60 вместо 40 в файле «main.xls»."
    )


def test_a_protocol_that_says_how_the_appeal_ended_counts(cfg: Configuration) -> None:
    whole = file("whole", sitting("a"), sitting("b", **GRANTED | {"test_score": 62.0}))
    built = build(cfg, [whole, file("appeals", sitting("b", **GRANTED))])
    assert of_sitting(built)["b"] == ["whole", 62.0, "granted"]
    assert built.facts["quarantine"].empty


def test_an_appeal_is_about_the_sitting_of_its_day(cfg: Configuration) -> None:
    days = (
        file("main", sitting("a"), sitting("z")),
        file("reserve", sitting("a", exam_date="2026-06-25"), sitting("y", exam_date="2026-06-25")),
    )
    built = build(cfg, [*days, file("appeals", sitting("a", **GRANTED))])
    rows = built.facts["fact_exam"].query("pupil == 'a'").sort_values("exam_date")
    assert rows[["file_id", "appeal", "is_counted"]].values.tolist() == [
        ["appeals", "granted", False],
        ["reserve", "none", True],
    ]


def test_a_file_in_force_for_one_day_brings_that_day_alone(cfg: Configuration) -> None:
    both = file("f", sitting(), sitting("b", exam_date="2026-06-25"))
    units = claimed_units([both], NOW).assign(name="f")
    units = units[units["content"] == "source_result:2026-06-25"]
    gathered = assembly.gather([both], units)
    assert gathered.rows("source_exam")["pupil_code"].tolist() == ["b"]


def test_files_of_one_exam_agree_on_what_a_short_answer_is_worth(cfg: Configuration) -> None:
    poor = file("poor", sitting("a"), heads=(TaskHead("1", 1), TaskHead("2", 1)))
    bare = file("bare", sitting("c", school="edu990003"), heads=())
    built = build(cfg, [poor, file("rich", sitting("b", school="edu990002")), bare])
    assert built.facts["quarantine"].empty
    assert built.facts["dim_task"]["max_points"].tolist() == [1, 2]
    assert len(built.facts["fact_result"]) == 3


def test_sittings_that_do_not_count_are_no_failed_rows(cfg: Configuration) -> None:
    rows = [
        sitting("a"),
        sitting("b", exam_period="early", exam_date="2026-04-01"),
        sitting("c", participant_category="spo"),
    ]
    built = build(cfg, [file("f", *rows)])
    assert built.facts["quarantine"].empty
    assert (len(built.facts["fact_exam"]), len(built.facts["fact_result"])) == (3, 1)


@pytest.mark.parametrize(
    "outside",
    [
        {"exam_period": "early", "exam_date": "2026-03-27"},
        {"participant_category": "earlier"},
        {"participant_category": "spo", "exam_status": "unfinished", "primary_score": None, "test_score": None},
    ],
    ids=["early", "earlier graduates", "unfinished of СПО"],
)
def test_an_exam_without_a_work_for_the_statistics_keeps_its_sittings(
    cfg: Configuration, outside: dict[str, Any]
) -> None:
    built = build(cfg, [file("f", sitting("a", **outside), sitting("b", **outside))])
    assert built.facts["quarantine"].empty
    assert built.facts["check_result"]["passed"].dropna().all()
    rows = built.facts["fact_exam"]
    assert sorted(rows["pupil"]) == ["a", "b"]
    assert rows["is_counted"].tolist() == [outside.get("exam_status") is None] * 2
    assert built.facts["fact_result"].empty


def test_an_exam_none_of_whose_sittings_finished_keeps_them_all(cfg: Configuration) -> None:
    nothing = {"exam_status": "unfinished", "primary_score": None, "test_score": None}
    built = build(cfg, [file("f", sitting("a", **nothing), sitting("b", **nothing))])
    assert built.facts["quarantine"].empty
    assert built.facts["fact_exam"]["exam_status"].tolist() == ["unfinished", "unfinished"]
    assert not built.facts["fact_exam"]["is_counted"].any()
    assert not built.facts["fact_result"]["present"].any()


def test_an_exam_all_of_whose_sittings_fail_is_not_said_to_be_empty(cfg: Configuration) -> None:
    contradiction = {"exam_status": "absent", "test_score": 40.0}
    built = build(cfg, [file("f", sitting("a", **contradiction), sitting("b", **contradiction))])
    assert set(built.facts["quarantine"]["code"]) == {"RSK-EXAM-RESULT", "RSK-UNIT-THRESHOLD"}
    assert built.facts["fact_exam"].empty


def test_rows_that_could_not_be_read_count_for_the_threshold(cfg: Configuration) -> None:
    built = build(cfg, [file("f", *(sitting(str(number)) for number in range(3)), unread=2)])
    assert "RSK-UNIT-THRESHOLD" in set(built.facts["quarantine"]["code"])
    assert built.facts["fact_exam"].empty
    assert built.facts["fact_result"].empty


def test_a_work_that_is_held_takes_its_sitting_with_it(cfg: Configuration) -> None:
    wrong = sitting("wrong", scores=np.array([0, 0], dtype="int16"))
    built = build(cfg, [file("f", *(sitting(str(number)) for number in range(9)), wrong)])
    assert built.facts["quarantine"]["code"].tolist() == ["RSK-SUM"]
    assert "wrong" not in set(built.facts["fact_exam"]["pupil"])
    assert len(built.facts["fact_exam"]) == 9


def test_several_exams_of_one_file_keep_their_own_tasks(cfg: Configuration) -> None:
    other = {"event_id": OGE, "exam_date": "2026-06-03", "test_score": None, "mark": 4, "primary_score": 1.0}
    result = file("f", sitting(), sitting("b", **other, scores=np.array([1], dtype="int16")))
    result.file.tasks_of_event[OGE] = (TaskHead("1", 1),)
    built = build(cfg, [result], [EGE, OGE])
    assert built.facts["dim_task"].groupby("event_id").size().to_dict() == {EGE: 2, OGE: 1}
    assert len(built.facts["fact_result"]) == 2
