"""Ф3, comparison with the journal in both layouts, distribution of scores."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from rsoko_pipeline import contracts

from .conftest import NAME, Read, codes

Report = Callable[..., bytes]
REGION = "Демонстрационная область"
MUNICIPALITY = "Северный муниципальный район(reg99_m01)"
SCHOOL = f"{NAME}(edu990001)"
F3 = ["Группы участников", "Кол-во ОО", "Кол-во участников", 2, 3, 4, 5]
WHOLE = ["Вся выборка", 35589, 1722202, 5.06, 32.92, 44.33, 17.69]


def test_groups_have_levels_codes_and_parents(read: Read, report: Report) -> None:
    rows = [
        WHOLE,
        [REGION, 2, 60, 10, 40, 30, 20],
        [MUNICIPALITY, 1, 30, 10, 40, 30, 20],
        [SCHOOL, None, 30, 10, 40, 30, 20],
        ["Южный район", 1, 30, 10, 40, 30, 20],
        ["Лицей(edu990005)", None, 30, 10, 40, 30, 20],
    ]
    result = read(report("Статистика по отметкам", F3, rows))
    assert codes(result) == []
    assert (result.file.format, result.file.event_id, result.file.rows_read) == ("vpr_f3", "2026-vpr-ru-4", 5)
    frame = result.frames["source_group_marks"]
    assert frame["level"].tolist() == ["region", "municipality", "school", "municipality", "school"]
    assert frame["unit_code"].tolist() == ["99", "reg99_m01", "edu990001", "Южный район", "edu990005"]
    assert frame["unit_name"].tolist()[:3] == [REGION, "Северный муниципальный район", NAME]
    assert frame["parent_code"].tolist()[1:] == ["99", "reg99_m01", "99", "Южный район"]
    assert frame["row_number"].tolist() == [10, 11, 12, 13, 14]
    assert frame["share2"].tolist() == [0.1] * 5 and frame["participants"].tolist() == [60, 30, 30, 30, 30]
    assert frame["schools"].isna().tolist() == [False, False, True, False, True]
    assert result.file.extra["whole_sample"]["participants"] == 1722202
    assert result.file.extra["whole_sample"]["share5"] == pytest.approx(0.1769)
    assert frame.equals(contracts.table("source_group_marks").conform(frame))


def test_shares_are_kept_as_read(read: Read, report: Report) -> None:
    frame = read(report("Статистика по отметкам", F3, [[REGION, 2, 60, 110, "40,5", 30, -20]])).frames[
        "source_group_marks"
    ]
    assert frame[["share2", "share3", "share5"]].iloc[0].tolist() == pytest.approx([1.1, 0.405, -0.2])


def test_a_group_whose_name_is_a_formula_without_value_is_quarantined(read: Read, report: Report) -> None:
    rows = [[REGION, 2, 60, 10, 40, 30, 20], ["=A1", 1, 30, 10, 40, 30, 20], [SCHOOL, None, 30, 10, 40, 30, 20]]
    result = read(report("Статистика по отметкам", F3, rows))
    assert [(f.code, f.row_number) for f in result.findings] == [("RSK-FORMULA-EMPTY", 10)]
    assert result.frames["source_group_marks"]["level"].tolist() == ["region", "school"]


def test_an_unreadable_or_empty_share_is_quarantined(read: Read, report: Report) -> None:
    rows = [
        [REGION, 2, 60, 10, 40, 30, 20],
        [MUNICIPALITY, 1, 30, "н/д", 40, 30, 20],
        [SCHOOL, None, 30, 10, None, 30, 20],
    ]
    result = read(report("Статистика по отметкам", F3, rows))
    assert [(f.code, f.row_number, f.column_name) for f in result.findings] == [
        ("RSK-VALUE", 10, "2"),
        ("RSK-VALUE", 11, "3"),
    ]
    assert result.frames["source_group_marks"]["level"].tolist() == ["region"]


JOURNAL = [
    "Группы участников",
    "Кол-во участников(всего)",
    "Понизили (Отметка < Отметка по журналу) %",
    "Понизили (Отметка < Отметка по журналу) Кол-во участников",
    "Подтвердили (Отметка = Отметке по журналу) %",
    "Подтвердили (Отметка = Отметке по журналу) Кол-во участников",
    "Повысили (Отметка > Отметка по журналу) %",
    "Повысили (Отметка > Отметка по журналу) Кол-во участников",
]
OLD = ["Группы участников", "Кол-во участников", "%"]


def test_both_layouts_of_the_journal_comparison_give_the_same(read: Read, report: Report) -> None:
    title = "Сравнение отметок с отметками по журналу"
    new = read(report(title, JOURNAL, [[REGION, 60, 25, 15, 50, 30, 25, 15], [SCHOOL, 20, 10, 2, 90, 18, 0, 0]]))
    rows = [
        [REGION],
        ["Понизили (Отметка < Отметка по журналу)", 15, 25],
        ["Подтвердили (Отметка = Отметке по журналу)", 30, 50],
        ["Повысили (Отметка > Отметка по журналу)", 15, 25],
        ["Всего", 60, 100],
        [SCHOOL],
        ["Понизили (Отметка < Отметка по журналу)", 2, 10],
        ["Подтвердили (Отметка = Отметке по журналу)", 18, 90],
        ["Повысили (Отметка > Отметка по журналу)", 0, 0],
        ["Всего", 20, 100],
    ]
    old = read(report(title, OLD, rows))
    assert codes(new) == codes(old) == []
    assert (new.file.edition, old.file.edition) == ("2026", "прежняя")
    frames = [result.frames["source_group_journal"] for result in (new, old)]
    same = [name for name in frames[0].columns if name not in ("file_id", "row_number", "sheet")]
    assert frames[0][same].equals(frames[1][same])
    assert frames[0][["lowered", "confirmed", "raised", "lowered_share"]].iloc[1].tolist() == [2, 18, 0, 0.1]
    assert frames[1]["row_number"].tolist() == [9, 14]


def test_an_incomplete_group_of_the_old_layout_is_quarantined(read: Read, report: Report) -> None:
    rows = [[REGION], ["Понизили", 15, 25], ["Подтвердили", 30, 50], ["Всего", 60, 100]]
    result = read(report("Сравнение отметок с отметками по журналу", OLD, rows))
    assert codes(result) == ["RSK-VALUE"] and result.findings[0].row_number == 9
    assert result.frames["source_group_journal"].empty


def test_scores_become_a_row_each_and_blanks_none(read: Read, report: Report) -> None:
    header = ["Группы участников", "Кол-во ОО", "Кол-во участников", 0, 1, 2]
    result = read(
        report(
            "Распределение первичных баллов", header, [[REGION, 2, 60, 10, 40, 50], [SCHOOL, None, 30, 0, 100, None]]
        )
    )
    assert codes(result) == []
    frame = result.frames["source_group_scores"]
    assert frame[["unit_code", "score", "share"]].values.tolist() == [
        ["99", 0.0, 0.1],
        ["99", 1.0, 0.4],
        ["99", 2.0, 0.5],
        ["edu990001", 0.0, 0.0],
        ["edu990001", 1.0, 1.0],
    ]
    assert frame["row_number"].tolist() == [9, 9, 9, 10, 10]


@pytest.mark.parametrize(
    "title", ["Статистика по отметкам", "Сравнение отметок с отметками по журналу", "Распределение первичных баллов"]
)
def test_a_report_without_groups_is_refused(read: Read, report: Report, title: str) -> None:
    header = {"Ст": F3, "Ср": JOURNAL, "Ра": ["Группы участников", "Кол-во ОО", "Кол-во участников", 0, 1]}[title[:2]]
    result = read(report(title, header, []))
    assert codes(result) == ["RSK-ROWS-NONE"] and result.is_refused
