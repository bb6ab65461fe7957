"""Consolidated marks and scores, the official list: years entered twice, blanks, names."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from rsoko_pipeline import contracts

from .conftest import Read, codes

Table = Callable[..., bytes]
MARKS = ["Год", "Класс", "Предмет", "Муниципалитет", "Логин", "ОО", "Кол-во участников", "2", "3", "4", "5"]
LABELS = ["Год", "Логин", "Муниципалитет", "ОО", "4 РУ", "4 МА", "5 РУ", "5 МА", "Количество маркеров"]


def row(
    year: int,
    login: str = "edu990001",
    name: str = "Школа № 1",
    *,
    n: int = 30,
    shares: tuple[object, ...] = (10, 40, 30, 20),
) -> list[object]:
    return [year, 4, "Русский язык", "Северный район", login, name, n, *shares]


def test_marks_of_several_years_carry_their_events(read: Read, table: Table) -> None:
    result = read(table([MARKS, row(2026), row(2021, "edu990002", "Школа № 2")]))
    assert codes(result) == []
    frame = result.frames["source_group_marks"]
    assert frame["event_id"].tolist() == ["2026-vpr-ru-4", "2021-vpr-ru-4"]
    assert frame["level"].unique().tolist() == ["school"]
    assert frame[["unit_code", "unit_name", "parent_code"]].iloc[1].tolist() == [
        "edu990002",
        "Школа № 2",
        "Северный район",
    ]
    assert frame[["share2", "share5"]].iloc[0].tolist() == [0.1, 0.2]
    assert frame.equals(contracts.table("source_group_marks").conform(frame))
    assert result.file.event_id is None


def test_a_year_entered_twice_is_read_once_and_said(read: Read, table: Table) -> None:
    result = read(table([MARKS, row(2026), row(2021), row(2026, name="Школа  №  1")]))
    assert codes(result) == ["RSK-DOUBLE-YEAR"]
    assert "2026" in result.findings[0].message and "1 повторных" in result.findings[0].message
    assert result.frames["source_group_marks"]["event_id"].tolist() == ["2026-vpr-ru-4", "2021-vpr-ru-4"]


def test_a_second_row_with_other_values_is_no_repeat(read: Read, table: Table) -> None:
    result = read(table([MARKS, row(2026), row(2026, n=31)]))
    assert codes(result) == []
    assert result.frames["source_group_marks"]["participants"].tolist() == [30, 31]


def test_works_outside_the_calendar_are_left_out_and_counted(read: Read, table: Table) -> None:
    result = read(table([MARKS, row(2026), row(1999), row(1999, "edu990002", "Школа № 2")]))
    assert codes(result) == ["RSK-ROWS-NOT-IN-CALENDAR"]
    assert "1999" in result.findings[0].message and "(2)" in result.findings[0].message
    assert len(result.frames["source_group_marks"]) == 1 and not result.is_refused


def test_one_login_with_two_names_is_said_double_spaces_are_not(read: Read, table: Table) -> None:
    result = read(
        table(
            [
                MARKS,
                row(2026, name="Школа № 1"),
                row(2021, name="Школа  № 1"),
                row(2021, "edu990002", "Лицей"),
                row(2026, "edu990002", "Гимназия"),
            ]
        )
    )
    assert codes(result) == ["RSK-NAME-VARIANTS"]
    assert result.findings[0].school == "edu990002"
    assert "«Лицей», «Гимназия»" in result.findings[0].message
    assert len(result.frames["source_group_marks"]) == 4


def test_a_blank_share_is_zero_only_where_the_others_make_a_hundred(read: Read, table: Table) -> None:
    result = read(table([MARKS, row(2026, shares=(None, 40, 40, 20)), row(2021, shares=(None, 40, 30, 20))]))
    assert [(f.code, f.row_number) for f in result.findings] == [("RSK-BLANK-ZERO", None), ("RSK-VALUE", 3)]
    assert result.frames["source_group_marks"]["share2"].tolist() == [0.0]


@pytest.mark.parametrize(("place", "value"), [(0, "прошлый"), (2, "Латынь"), (4, None), (6, "много"), (7, "мало")])
def test_an_unreadable_cell_costs_its_row_alone(read: Read, table: Table, place: int, value: object) -> None:
    bad = row(2021)
    bad[place] = value
    result = read(table([MARKS, row(2026), bad]))
    assert codes(result) == ["RSK-VALUE"]
    assert (result.findings[0].row_number, result.findings[0].column_name) == (3, MARKS[place])
    assert len(result.frames["source_group_marks"]) == 1


def test_scores_of_several_years(read: Read, table: Table) -> None:
    header = [*MARKS[:7], *(str(score) for score in range(8))]
    shares = [10, 20, 30, 40, 0, 0, 0, None]
    result = read(table([header, [*row(2026)[:7], *shares], [*row(2026)[:7], *shares], [*row(1999)[:7], *shares]]))
    assert sorted(codes(result)) == ["RSK-DOUBLE-YEAR", "RSK-ROWS-NOT-IN-CALENDAR"]
    frame = result.frames["source_group_scores"]
    assert frame["score"].tolist() == [0, 1, 2, 3, 4, 5, 6]
    assert frame["share"].tolist()[:4] == [0.1, 0.2, 0.3, 0.4]
    assert frame["event_id"].unique().tolist() == ["2026-vpr-ru-4"]


def test_the_official_list_gives_a_row_a_marker(read: Read, table: Table) -> None:
    rows = [
        LABELS,
        [2026, "edu990001", "Северный район", "Школа № 1", 1, None, None, 1, 2],
        [2021, "edu990002", "Южный район", "Школа № 2", None, 1, None, None, 1],
    ]
    result = read(table(rows))
    assert codes(result) == []
    frame = result.frames["source_label"]
    assert len(frame) == 8
    marked = frame[frame["marker"] == 1]
    assert marked[["year", "school", "subject", "grade", "event_id"]].values.tolist() == [
        [2026, "edu990001", "ru", 4, "2026-vpr-ru-4"],
        [2026, "edu990001", "ma", 5, "2026-vpr-ma-5"],
        [2021, "edu990002", "ma", 4, "2021-vpr-ma-4"],
    ]
    assert frame["marker"].isna().sum() == 5
    assert frame.equals(contracts.table("source_label").conform(frame))


def test_blank_beside_zero_is_said_for_its_column_and_stays_blank(read: Read, table: Table) -> None:
    rows = [
        LABELS,
        [2026, "edu990001", "Северный район", "Школа № 1", 1, 0, 1, 1, 3],
        [2021, "edu990002", "Южный район", "Школа № 2", 1, None, 1, 1, 3],
    ]
    result = read(table(rows))
    assert [(f.code, f.column_name) for f in result.findings] == [("RSK-BLANK-OR-ZERO", "4 МА")]
    markers = result.frames["source_label"].query("subject == 'ma' and grade == 4")["marker"]
    assert markers.isna().tolist() == [False, True] and markers.iloc[0] == 0


def test_a_doubled_year_and_a_wrong_marker_of_the_list(read: Read, table: Table) -> None:
    good = [2026, "edu990001", "Северный район", "Школа № 1", 1, 1, 1, 1, 4]
    result = read(table([LABELS, good, good, [2026, "edu990002", "Южный район", "Школа № 2", 5, 1, 1, 1, 4]]))
    assert sorted(codes(result)) == ["RSK-DOUBLE-YEAR", "RSK-VALUE"]
    assert result.frames["source_label"]["school"].unique().tolist() == ["edu990001"]


def test_a_marker_column_of_an_unknown_subject_is_said(read: Read, table: Table) -> None:
    result = read(
        table(
            [
                ["Год", "Логин", "Муниципалитет", "ОО", "4 РУ", "4 ЪЪ", "Количество маркеров"],
                [2026, "edu990001", "Р", "Ш", 1, 1, 2],
            ]
        )
    )
    assert codes(result) == ["RSK-COLUMN-UNKNOWN"]
    assert len(result.frames["source_label"]) == 1
