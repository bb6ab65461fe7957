"""What the files in force say of an event: whose rows count, which tasks, pseudonyms, tasks with their skills."""

from __future__ import annotations

import hmac

import pandas as pd
import pytest

from rsoko_pipeline import contracts
from rsoko_pipeline.configuration import Configuration, load
from rsoko_pipeline.findings import Finding
from rsoko_pipeline.landing import assembly
from rsoko_pipeline.sources.model import FileFacts, ReadResult, TaskHead
from tests.unit.landing.files import MA4, RU4, TASKS, result_file, units

A, B, C = "edu990001", "edu990002", "edu990003"


@pytest.fixture(scope="module")
def cfg() -> Configuration:
    return load()


def _schools(gathered: assembly.Gathered, frame: str = "source_result") -> dict[str, set[str]]:
    rows = gathered.rows(frame)
    return {str(file_id): set(mine) for file_id, mine in rows.groupby("file_id")["school"]}


# --------------------------------------------------------------------------------------------------- rows in force
def test_only_the_schools_for_which_a_file_is_in_force_count() -> None:
    region, corrected = result_file("region", A, B, C), result_file("corrected", B)
    gathered = assembly.gather([region, corrected], units(("region", A), ("region", C), ("corrected", B)))
    assert _schools(gathered) == {"region": {A, C}, "corrected": {B}}
    assert _schools(gathered, "source_school") == {"region": {A, C}, "corrected": {B}}
    assert set(gathered.rows("source_result")["event_id"]) == {RU4}
    assert set(gathered.files) == {"region", "corrected"}


def test_a_file_about_many_works_gives_each_its_rows() -> None:
    many = result_file("many", A, B, event=None)
    for name, per_school in (("source_result", 2), ("source_school", 1)):
        many.frames[name]["event_id"] = [RU4] * per_school + [MA4] * per_school
    gathered = assembly.gather([many], units(("many", A)))
    assert _schools(gathered) == {"many": {A}}, "the other work was not asked for"


def test_a_frame_that_no_file_brings_is_empty() -> None:
    gathered = assembly.gather([result_file("a", A)], units(("a", A)))
    assert gathered.rows("source_label").empty
    assert list(gathered.rows("source_label").columns) == contracts.table("source_label").names


def test_findings_of_the_readers_come_along_for_the_events_asked_for() -> None:
    found = Finding("RSK-DATE-FUTURE", value="01.01.2030")
    here = result_file("here", A, findings=[found])
    elsewhere = result_file("elsewhere", A, event=MA4, findings=[found])
    gathered = assembly.gather([here, elsewhere], units(("here", A)))
    assert gathered.findings[["file_id", "event_id", "code"]].to_numpy().tolist() == [["here", RU4, "RSK-DATE-FUTURE"]]


def _group_file(file_id: str, event: str | None, shares: dict[str, float]) -> ReadResult:
    frame = pd.DataFrame({"unit_code": shares.keys(), "share5": shares.values(), "event_id": None if event else RU4})
    frame = frame.assign(
        file_id=file_id, row_number=range(1, len(frame) + 1), level="region", unit_name="Регион", participants=10,
        share2=0.0, share3=0.0, share4=1 - frame["share5"],
    )  # fmt: skip
    table = contracts.table("source_group_marks")
    return ReadResult(FileFacts(file_id, f"{file_id}.xlsx", 1, event_id=event), {table.name: table.conform(frame)})


def test_a_works_own_table_goes_before_one_about_many_works() -> None:
    own = _group_file("own", RU4, {"99": 0.25})
    many = _group_file("many", None, {"99": 0.5, "98": 0.75})
    claims = pd.concat(
        [units(("own", ""), content="source_group_marks:vpr_f3"), units(("many", ""), content="source_group_marks:sum")]
    )
    rows = assembly.gather([many, own], claims).rows("source_group_marks")
    assert dict(zip(rows["unit_code"], rows["share5"], strict=True)) == {"99": 0.25, "98": 0.75}


# ------------------------------------------------------------------------------------------------------------ tasks
def test_a_file_with_other_tasks_than_most_rows_is_held() -> None:
    other = (TaskHead("1", 2), TaskHead("2", 3))
    results = [result_file("usual", A, B), result_file("other", C, tasks=other)]
    gathered = assembly.gather(results, units(("usual", A), ("usual", B), ("other", C)))
    assert _schools(gathered) == {"usual": {A, B}}
    assert gathered.tasks == {RU4: TASKS}
    found = gathered.findings.iloc[0]
    assert (found["code"], found["file_id"], found["event_id"], found["school"]) == ("RSK-TASKS-OTHER", "other", RU4, C)
    assert found["message"] == (
        "Задания в файле «other.xlsx» не те, что у большинства школ по этой работе:"
        " 1 (2б), 2 (3б) вместо 1 (2б), 2 (1б)."
    )


def test_rows_decide_which_tasks_are_usual_not_files() -> None:
    other = (TaskHead("1", 2), TaskHead("2", 3))
    results = [result_file("f1", A), result_file("f2", B), result_file("large", C, tasks=other, pupils=5)]
    gathered = assembly.gather(results, units(("f1", A), ("f2", B), ("large", C)))
    assert gathered.tasks == {RU4: other}
    assert sorted(gathered.findings["school"]) == [A, B]


def test_equally_frequent_tasks_are_settled_alike_whatever_the_order() -> None:
    other = (TaskHead("1", 2), TaskHead("2", 3))
    claims = units(("a", A), ("b", B))
    one, two = result_file("a", A), result_file("b", B, tasks=other)
    assert assembly.gather([one, two], claims).tasks == assembly.gather([two, one], claims).tasks


def test_a_level_of_difficulty_is_no_other_task() -> None:
    graded = tuple(TaskHead(task.task, task.max_points, "Б") for task in TASKS)
    gathered = assembly.gather([result_file("a", A), result_file("b", B, tasks=graded)], units(("a", A), ("b", B)))
    assert gathered.findings.empty
    assert len(gathered.rows("source_result")) == 4


def test_dim_task_takes_difficulty_and_skill_where_the_tasks_are_the_works(cfg: Configuration) -> None:
    work = cfg.procedures["vpr"].work("ru", 4, 2026)
    assert work is not None
    heads = tuple(TaskHead(task.task, task.max_points) for task in work.tasks)
    rows = assembly.dim_task({RU4: heads}, cfg)
    assert list(rows["task_no"]) == list(range(1, len(heads) + 1))
    assert list(rows["task"]) == [task.task for task in work.tasks]
    assert list(rows["skill"]) == [task.skill for task in work.tasks]
    assert list(rows["difficulty"]) == [task.difficulty for task in work.tasks]


def test_dim_task_borrows_nothing_from_a_work_with_other_tasks(cfg: Configuration) -> None:
    work = cfg.procedures["vpr"].work("ru", 4, 2026)
    assert work is not None
    heads = tuple(TaskHead(task.task, task.max_points, "В") for task in work.tasks[:-1])
    rows = assembly.dim_task({RU4: heads}, cfg)
    assert rows["skill"].isna().all()
    assert set(rows["difficulty"]) == {"В"}, "the file's own level stands"


# ------------------------------------------------------------------------------------------------------- pseudonyms
def _pupils(*rows: tuple[str, str, str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["event_id", "school", "pupil_code"])


def test_a_pupil_has_one_pseudonym_in_all_works_of_a_year(cfg: Configuration) -> None:
    rows = _pupils((RU4, A, "40001"), (MA4, A, "40001"), (RU4, A, "40002"), (RU4, B, "40001"))
    made = assembly.pseudonyms(rows, cfg, b"key")
    assert made[0] == made[1]
    assert len(set(made)) == 3, "another pupil, another school: another pseudonym"


def test_a_pupil_of_another_year_or_grade_is_another(cfg: Configuration) -> None:
    rows = _pupils((RU4, A, "40001"), ("2025-vpr-ru-4", A, "40001"), ("2026-vpr-ru-5", A, "40001"))
    assert assembly.pseudonyms(rows, cfg, b"key").nunique() == 3


def test_pseudonyms_are_stable_keyed_and_say_nothing(cfg: Configuration) -> None:
    rows = _pupils((RU4, A, "40001"), (RU4, A, "40002")).set_axis([7, 3])
    made = assembly.pseudonyms(rows, cfg, b"key")
    assert list(made.index) == [7, 3]
    line = "\x1f".join([A, "2025/2026", "4", "40001"])
    assert made[7] == hmac.new(b"key", line.encode(), "sha256").hexdigest()[:24]
    assert not set(made) & set(assembly.pseudonyms(rows, cfg, b"another key"))
    assert made.str.fullmatch("[0-9a-f]{24}").all()
    assert made.loc[[3]].equals(assembly.pseudonyms(rows.loc[[3]], cfg, b"key")), "whatever else is in the batch"


def test_pseudonyms_of_no_rows(cfg: Configuration) -> None:
    assert assembly.pseudonyms(_pupils().astype("str"), cfg, b"key").empty


# ------------------------------------------------------------------------------------------------------ group facts
def test_group_tables_are_all_there_stamped_or_empty(cfg: Configuration) -> None:
    rows = assembly.gather([_group_file("own", RU4, {"99": 0.5})], units(("own", ""), content="source_group_marks:x"))
    facts = assembly.group_facts({"source_group_marks": rows.rows("source_group_marks")}, cfg, "run")
    assert set(facts) == set(assembly.GROUP_CONTENTS.values())
    assert facts["fact_group_marks"][["config_version", "run_id"]].to_numpy().tolist() == [[cfg.version, "run"]]
    assert all(frame.empty for name, frame in facts.items() if name != "fact_group_marks")
