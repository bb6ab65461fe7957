"""Ф1: pupils, section rows, tasks and what can be wrong with them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rsoko_pipeline import contracts
from rsoko_pipeline.contracts import BLANK, NOT_STARTED
from rsoko_pipeline.sources.model import TaskHead

from .conftest import LOGIN, NAME, PLACE, Read, codes, pupil, section

F1 = Callable[..., bytes]
OTHER = "edu990002"


def test_every_pupil_is_read_with_place_tasks_and_scores(read: Read, f1: F1) -> None:
    rows = [section(2), pupil(40001, 2, 1, 3, mark=5), pupil(40002, 0, "X", 1, mark=2, journal=None)]
    result = read(f1([*rows, section(1, OTHER), pupil(40001, 1, 1, 1, school=OTHER)]))
    assert codes(result) == []
    facts = result.file
    assert (facts.format, facts.event_id, facts.subject, facts.grade, facts.year) == (
        "vpr_f1",
        "2026-vpr-ru-4",
        "ru",
        4,
        2026,
    )
    assert facts.tasks == (TaskHead("1", 2, "Б"), TaskHead("2", 1, "Б"), TaskHead("4К1", 3, "П"))
    assert (facts.max_score, facts.rows_read, facts.extra["date"]) == (6.0, 3, "21.04.2026")
    frame = result.frames["source_result"]
    assert frame["row_number"].tolist() == [10, 11, 13]
    assert frame["school"].tolist() == [LOGIN, LOGIN, OTHER]
    assert frame["pupil_code"].tolist() == ["40001", "40002", "40001"]
    assert frame["scores"].map(list).tolist() == [[2, 1, 3], [0, NOT_STARTED, 1], [1, 1, 1]]
    assert frame["scores"].iloc[0].dtype == np.int8
    assert frame["primary_score"].tolist() == [6.0, 1.0, 3.0]
    assert frame["journal_mark"].isna().tolist() == [False, True, False]
    assert frame["present"].all()
    assert frame["sheet"].unique().tolist() == ["РУ 4 Индивидуальные результаты"]


def test_schools_carry_declared_and_read_counts(read: Read, f1: F1) -> None:
    result = read(f1([section(2), pupil(40001, 2, 1, 3), section(5, OTHER)]))
    schools = result.frames["source_school"]
    assert schools["school"].tolist() == [LOGIN, OTHER]
    assert schools["school_name"].tolist() == [NAME, NAME]
    assert schools["municipality_name"].tolist()[0] == PLACE
    assert schools["declared"].tolist() == [2, 5]
    assert schools["rows"].tolist() == [1, 0]
    assert schools["row_number"].tolist() == [9, 11]


def test_a_row_that_cannot_be_read_still_counts_as_read(read: Read, f1: F1) -> None:
    result = read(f1([section(2), pupil(40001, 2, 1, 3), pupil(40002, "два", 1, 3)]))
    assert result.frames["source_school"]["rows"].tolist() == [2]
    assert len(result.frames["source_result"]) == 1


def test_frames_are_exactly_the_contract(read: Read, f1: F1) -> None:
    result = read(f1([section(1), pupil(40001, 2, 1, 3)]))
    for name, frame in result.frames.items():
        assert frame.equals(contracts.table(name).conform(frame))
        assert frame.dtypes.astype("str").to_dict() == contracts.table(name).dtypes


@pytest.mark.parametrize("cross", ["X", "x", "Х", "х", " Х "])
def test_not_started_is_no_zero_and_no_blank(read: Read, f1: F1, cross: str) -> None:
    result = read(f1([section(1), pupil(40001, cross, 0, None)]))
    assert list(result.frames["source_result"]["scores"].iloc[0]) == [NOT_STARTED, 0, BLANK]


def test_crosses_of_two_alphabets_are_mentioned_once(read: Read, f1: F1) -> None:
    result = read(f1([section(2), pupil(40001, "X", "Х", 0), pupil(40002, "х", 1, 0)]))
    assert codes(result) == ["RSK-LOOKALIKE"]


@pytest.mark.parametrize("value", ["два", "1б", -1, 1.5, "1-2", "40000"])
def test_an_unreadable_score_is_quarantined_with_its_place(read: Read, f1: F1, value: object) -> None:
    result = read(f1([section(2), pupil(40001, 2, value, 3, total=5), pupil(40002, 1, 1, 1)]))
    assert codes(result) == ["RSK-SCORE-VALUE"]
    finding = result.findings[0]
    assert (finding.row_number, finding.column_name, finding.value) == (10, "2 (1б)", str(value))
    assert finding.place == "лист РУ 4 Индивидуальные результаты, строка 10, столбец 2 (1б)"
    assert f"«{value}» в столбце «2 (1б)»" in finding.message, "the header is no name of a task"
    assert result.frames["source_result"]["pupil_code"].tolist() == ["40002"]


def test_scores_outside_their_range_are_left_to_validation(read: Read, f1: F1) -> None:
    result = read(f1([section(1), pupil(40001, 99, 1, 3, total=400, mark=7)]))
    row = result.frames["source_result"].iloc[0]
    assert (list(row["scores"]), row["primary_score"], row["mark"]) == ([99, 1, 3], 400.0, 7)
    assert codes(result) == []


@pytest.mark.parametrize("code", ["4000A", "", None, "—"])
def test_an_unreadable_pupil_code_is_quarantined(read: Read, f1: F1, code: object) -> None:
    result = read(f1([section(2), pupil(code, 2, 1, 3), pupil(40002, 1, 1, 1)]))
    assert codes(result) == ["RSK-PUPIL-CODE"]
    assert result.findings[0].row_number == 10
    assert len(result.frames["source_result"]) == 1


@pytest.mark.parametrize(
    ("place", "column"), [(0, "ОО"), (1, "Муниципалитет"), (2, "Название ОО"), (3, "Код участника"), (5, "Вариант")]
)
def test_a_formula_without_value_in_a_column_of_text_is_quarantined(
    read: Read, f1: F1, place: int, column: str
) -> None:
    bad = pupil(40002, 1, 1, 1)
    bad[place] = "=A1"
    result = read(f1([section(2), pupil(40001, 2, 1, 3), bad]))
    assert [(f.code, f.row_number, f.column_name) for f in result.findings] == [("RSK-FORMULA-EMPTY", 11, column)]
    assert result.frames["source_result"]["pupil_code"].tolist() == ["40001"]


def test_unreadable_marks_and_classes_name_their_column(read: Read, f1: F1) -> None:
    bad = pupil(40001, 2, 1, 3, mark="отл")
    bad[4] = "А"
    result = read(f1([section(2), bad, pupil(40002, 1, 1, 1)]))
    assert {(f.code, f.column_name) for f in result.findings} == {("RSK-MARK-VALUE", "Отметка"), ("RSK-VALUE", "Класс")}
    assert len(result.frames["source_result"]) == 1


def test_numbers_with_a_comma_are_read_and_mentioned(read: Read, f1: F1) -> None:
    result = read(f1([section(1), pupil("40001", "2", "1", "3", total="5,5")]))
    assert result.frames["source_result"]["primary_score"].tolist() == [5.5]
    assert list(result.frames["source_result"]["scores"].iloc[0]) == [2, 1, 3]
    assert codes(result) == ["RSK-DECIMAL-COMMA"]


def test_logins_with_cyrillic_letters_are_the_same_logins(read: Read, f1: F1) -> None:
    result = read(f1([section(1), pupil(40001, 2, 1, 3, school="еdu990001")]))
    assert result.frames["source_result"]["school"].tolist() == [LOGIN]
    assert result.frames["source_school"]["rows"].tolist() == [1]


def test_a_stated_maximum_that_is_not_the_tasks_refuses_the_file(read: Read, f1: F1) -> None:
    result = read(f1([section(1), pupil(40001, 2, 1, 3)], maximum=38))
    assert codes(result) == ["RSK-MAX-SCORE"]
    assert result.is_refused and not result.frames
    assert "38" in result.findings[0].message and "6" in result.findings[0].message


def test_no_pupils_refuse_the_file(read: Read, f1: F1) -> None:
    result = read(f1([section(0)]))
    assert codes(result) == ["RSK-ROWS-NONE"] and result.is_refused


def test_a_section_row_that_cannot_be_read_is_named(read: Read, f1: F1) -> None:
    result = read(f1([["Кол-во участников не указано"], pupil(40001, 2, 1, 3)]))
    assert codes(result) == ["RSK-VALUE"]
    assert result.findings[0].row_number == 9
    assert result.frames["source_school"]["declared"].isna().all()


LABELS = st.tuples(
    st.integers(1, 40), st.integers(0, 9), st.integers(0, 9), st.sampled_from("КкKk"), st.booleans(), st.integers(1, 30)
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(LABELS, min_size=1, max_size=12, unique_by=lambda t: t[:3]))
def test_task_headers_are_understood_however_they_are_written(
    read: Read, f1: F1, labels: list[tuple[int, int, int, str, bool, int]]
) -> None:
    def written(label: tuple[int, int, int, str, bool, int]) -> tuple[str, TaskHead]:
        number, part, criterion, letter, spaced, points = label
        head = f"{number}" + (f".{part}" if part else "")
        said = head + (f"{' ' if spaced else ''}{letter}{criterion}" if criterion else "")
        return f"{said} ({points}б)", TaskHead(head + (f"К{criterion}" if criterion else ""), points)

    pairs = [written(label) for label in labels]
    left = ["ОО", "Муниципалитет", "Название ОО", "Код участника", "Класс", "Вариант"]
    header = [*left, *(text for text, _ in pairs), "Первичный балл", "Отметка", "Отметка по журналу"]
    row = [LOGIN, PLACE, NAME, 40001, 1, 1, *range(len(pairs)), 3, 4, 4]
    result = read(f1([section(1), row], header=header, maximum=sum(head.max_points for _, head in pairs)))
    assert codes(result) == []
    assert [(t.task, t.max_points) for t in result.file.tasks] == [(h.task, h.max_points) for _, h in pairs]
    assert list(result.frames["source_result"]["scores"].iloc[0]) == list(range(len(pairs)))
