"""The region's workbook as openpyxl reads it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from rsoko_pipeline.reports.inputs import RegionReport
from rsoko_pipeline.reports.region import region_workbook
from tests.unit.reports.fictional import conform, event, finding, make_region, school, without_data

Opened = Callable[[bytes], Any]


@pytest.fixture(scope="module")
def book(region: RegionReport, opened: Opened) -> Any:
    return opened(region_workbook(region))


def texts(sheet: Any) -> list[str]:
    return [cell.value for row in sheet.iter_rows() for cell in row if isinstance(cell.value, str)]


def table(sheet: Any, first_head: str) -> Iterator[dict[str, Any]]:
    """The rows of the sheet's table below the head that begins with ``first_head``."""
    rows = list(sheet.iter_rows(values_only=True))
    (head,) = [number for number, row in enumerate(rows) if row[0] == first_head]
    for row in rows[head + 1 :]:
        if row[0] is None:
            return
        yield dict(zip(rows[head], row, strict=True))


def test_the_sheets_stand_in_order_and_the_first_leads_to_each(book: Any) -> None:
    assert book.sheetnames == [
        "Содержание",
        "Обзор",
        "Охват",
        "Доска загрузки",
        "Загрузка по муниципалитетам",
        "Замечания",
        "Замечания по файлам",
        *(f"{work} {kind}" for work in ("МА 4", "РУ 4") for kind in ("отметки", "баллы", "задания", "журнал")),
    ]
    links = [cell.hyperlink.location for row in book["Содержание"].iter_rows() for cell in row if cell.hyperlink]
    assert [link.rpartition("!")[0].strip("'") for link in links] == book.sheetnames[1:]


def test_the_first_page_says_what_when_and_from_what(book: Any, region: RegionReport) -> None:
    contents = texts(book["Содержание"])
    for fact in ("Приозёрная область", "2025/2026", "01.06.2026 09:30", "0a1b2c3d4e5f", "run-1"):
        assert fact in contents


def test_an_assumed_scale_is_never_shown_as_official(book: Any) -> None:
    warning = "Шкала предполагаемая, не официальная"
    assert warning in texts(book["Содержание"])
    assert warning in texts(book["Обзор"])
    for kind in ("отметки", "баллы", "журнал"):
        assert warning in texts(book[f"МА 4 {kind}"])
        assert not any("не официальная" in text for text in texts(book[f"РУ 4 {kind}"]))
    assert not any("официальная" in text and "не официальная" not in text for sheet in book for text in texts(sheet))


def test_overview_shows_the_region_with_intervals(book: Any, region: RegionReport) -> None:
    frame = region.mark_statistics
    own = frame[(frame["level"] == "region") & (frame["event_id"] == "2026-vpr-ru-4")].iloc[0]
    (row,) = [row for row in table(book["Обзор"], "Работа") if row["Кратко"] == "РУ 4"]
    assert row["Участников в отметках"] == own["participants"]
    assert row["Качество"] == pytest.approx(own["quality"])
    cells = [value for value in row.values() if isinstance(value, str) and "–" in value]
    assert all(cell.endswith(" %") and "," in cell for cell in cells)


def test_overview_s_coverage_is_the_quotient_of_the_numbers_beside_it(region: RegionReport, opened: Opened) -> None:
    """Coverage knows of schools whose works are not counted; its own participants stand beside it."""
    more = region.coverage["level"] == "region"
    coverage = region.coverage.assign(
        participants=region.coverage["participants"].mask(more, region.coverage["participants"] + 5),
        participants_source=region.coverage["participants_source"].mask(more, "mixed"),
    )
    coverage["coverage"] = (coverage["participants"] / coverage["enrolled"]).round(4)
    book = opened(region_workbook(replace(region, coverage=coverage)))
    for row in table(book["Обзор"], "Работа"):
        assert row["Писали"] == row["Участников в отметках"] + 5
        assert row["Охват"] == pytest.approx(row["Писали"] / row["Обучающихся"], abs=1e-4)
        assert row["Источник участников"] == "частью по работам, частью по сводной таблице"
    (own, *_) = table(book["Охват"], "Работа")
    assert own["Источник участников"] == "частью по работам, частью по сводной таблице"


def test_marks_stand_by_municipality_with_the_region_first(book: Any) -> None:
    rows = list(table(book["РУ 4 отметки"], "Единица"))
    assert [row["Единица"] for row in rows] == [
        "Приозёрная область",
        "Берёзовский муниципальный округ",
        "город Приозёрск",
        "Заречный муниципальный район",
        "Лесной муниципальный округ",
    ]
    assert all(
        row["«2», чел."] + row["«3», чел."] + row["«4», чел."] + row["«5», чел."] == row["С отметкой"] for row in rows
    )


def test_a_small_group_is_shown_and_marked(opened: Opened) -> None:
    region, _ = make_region(schools=5, classes=1, pupils=6)
    rows = {row["Единица"]: row for row in table(opened(region_workbook(region))["РУ 4 отметки"], "Единица")}
    small, whole = rows["Берёзовский муниципальный округ"], rows["Приозёрная область"]
    assert small["Участников"] < 10 <= whole["Участников"]
    assert small["Примечание"] == "мало участников"
    assert small["Качество"] is not None
    assert whole["Примечание"] is None


def test_the_distribution_has_every_score_under_its_mark(book: Any, region: RegionReport) -> None:
    rows = list(table(book["РУ 4 баллы"], "Балл"))
    assert [row["Балл"] for row in rows] == list(range(25))
    assert sum(row["Доля"] for row in rows) == pytest.approx(1)
    for row in rows:
        mark = 2 + sum(row["Балл"] >= cut for cut in (10, 16, 21))
        assert [m for m in (2, 3, 4, 5) if row[f"«{m}»"] is not None] == [mark]
    assert "Наименьшие баллы: «3» — 10, «4» — 16, «5» — 21. Наибольший балл за работу — 24." in texts(
        book["РУ 4 баллы"]
    )


def test_without_a_scale_the_distribution_has_no_marks(region: RegionReport, opened: Opened) -> None:
    events = conform("dim_event", [event("2026-vpr-ru-4", cut3=None, cut4=None, cut5=None, scale_status=None)])
    sheet = opened(region_workbook(replace(region, events=events)))["РУ 4 баллы"]
    assert list(next(table(sheet, "Балл")))[:3] == ["Балл", "Участников", "Доля"]
    assert any("Шкала не задана" in text for text in texts(sheet))
    assert len(sheet._charts) == 1


def test_tasks_have_level_skill_share_and_interval(book: Any) -> None:
    rows = list(table(book["РУ 4 задания"], "Задание"))
    assert len(rows) == 12
    assert rows[-1]["Задание"] == "9.1К2"
    assert {row["Уровень сложности"] for row in rows} == {"Б", "П", "В"}
    assert all(
        row["Проверяемое умение"] and 0 <= row["Выполнение"] <= 1 and "–" in row["95 % интервал"] for row in rows
    )


def test_every_work_has_its_charts(book: Any) -> None:
    charts = {sheet.title: len(sheet._charts) for sheet in book if sheet._charts}
    works = [name for name in book.sheetnames if name.startswith(("РУ", "МА"))]
    assert charts == dict.fromkeys(["Обзор", "Загрузка по муниципалитетам", *works], 1)


def test_the_board_says_the_state_in_words_and_colours(book: Any) -> None:
    sheet = book["Доска загрузки"]
    rows = list(table(sheet, "Муниципалитет"))
    assert [(row["Муниципалитет"], row["Код ОО"]) for row in rows] == [
        ("Берёзовский муниципальный округ", "edu990004"),
        ("город Приозёрск", "edu990001"),
        ("город Приозёрск", "edu990005"),
        ("Заречный муниципальный район", "edu990002"),
        ("Заречный муниципальный район", "edu990006"),
        ("Лесной муниципальный округ", "edu990003"),
    ]
    assert [row["РУ 4"] for row in rows] == ["ожидается", "просрочено", "загружено", "отклонено", "загружено", "пусто"]
    assert {row["МА 4"] for row in rows} == {"загружено"}
    words = {
        cell.value: cell.fill.fgColor.rgb for row in sheet.iter_rows(min_col=4, max_col=9) for cell in row if cell.value
    }
    assert len({words[word] for word in ("загружено", "пусто", "отклонено", "просрочено", "ожидается")}) == 5
    assert any("пришла только незаполненная форма" in text for text in texts(sheet))
    assert "2 из 6" in texts(sheet)


def test_a_work_that_a_school_is_not_expected_to_write_is_a_dash(region: RegionReport, opened: Opened) -> None:
    board = region.upload_status
    gone = (board["school"] == "edu990003") & (board["event_id"] == "2026-vpr-ma-4")
    sheet = opened(region_workbook(replace(region, upload_status=board[~gone])))["Доска загрузки"]
    (row,) = [row for row in table(sheet, "Муниципалитет") if row["Код ОО"] == "edu990003"]
    assert row["МА 4"] == "–"
    assert "5 из 5" in texts(sheet)


def test_progress_counts_by_municipality(book: Any) -> None:
    rows = {row["Муниципалитет"]: row for row in table(book["Загрузка по муниципалитетам"], "Муниципалитет")}
    assert rows["Всего"]["Ожидается"] == 12
    assert rows["Всего"]["загружено"] == 8
    assert rows["город Приозёрск"]["просрочено"] == 1
    assert rows["город Приозёрск"]["Загружено, доля"] == 0.75


def test_findings_stand_by_code_errors_first(book: Any) -> None:
    rows = list(table(book["Замечания"], "Код замечания"))
    assert [row["Код замечания"] for row in rows] == ["RSK-MARK-SCALE", "RSK-PUPIL-DUPLICATE", "RSK-DECIMAL-COMMA"]
    assert rows[1]["Замечание"] == "Код участника … встречается в работе школы … больше одного раза."
    assert (rows[0]["Важность"], rows[0]["Из них удержано"], rows[2]["Из них удержано"]) == ("ошибка", 1, 0)
    files = list(table(book["Замечания по файлам"], "Файл"))
    assert {(row["Файл"], row["Код ОО"]) for row in files} == {
        ("РУ 4, школа 1.xlsx", "edu990001"),
        ("2849657.xlsx", "edu990002"),
    }


def test_no_pupil_code_stands_anywhere(region: RegionReport, results: pd.DataFrame, book: Any) -> None:
    codes = set(results["pupil_code"]) | {"40007"}
    everything = [
        str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row if cell is not None
    ]
    assert not [text for text in everything if any(code in text for code in codes)]


def test_figures_of_single_schools_stand_on_the_board_alone(region: RegionReport, book: Any) -> None:
    schools = set(region.schools["school"]) | set(region.schools["name"])
    naming = {sheet.title for sheet in book if schools & set(texts(sheet))}
    assert naming == {"Доска загрузки", "Замечания по файлам"}


def test_text_from_files_cannot_become_a_formula(region: RegionReport, opened: Opened) -> None:
    register = conform("dim_school", [school(1, name='=HYPERLINK("http://x")')])
    board = region.upload_status[region.upload_status["school"] == "edu990001"].assign(school_name="+cmd|' /C calc'!A0")
    found = conform("quarantine", [finding(1, "RSK-VALUE")]).assign(file_name="@файл.xlsx")
    book = opened(region_workbook(replace(region, schools=register, upload_status=board, findings=found)))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f"]
    quoted = {cell.value for cell in cells if cell.quotePrefix}
    assert quoted == {"+cmd|' /C calc'!A0", "@файл.xlsx", '=HYPERLINK("http://x")'}


def test_a_year_without_data_says_so(region: RegionReport, opened: Opened) -> None:
    book = opened(region_workbook(without_data(region)))
    assert any("данных нет: ни одна работа не загружена" in text for text in texts(book["Содержание"]))
    assert "нет данных" in texts(book["Содержание"])
    assert len(book.sheetnames) == 7
    assert list(table(book["Доска загрузки"], "Муниципалитет")) == []
    assert not any(sheet._charts for sheet in book)


def test_a_year_without_events_gives_a_workbook(region: RegionReport, opened: Opened) -> None:
    nothing = without_data(replace(region, events=region.events.head(0), schools=region.schools.head(0)))
    assert opened(region_workbook(nothing)).sheetnames[0] == "Содержание"


def test_rows_from_consolidated_tables_are_named(region: RegionReport, opened: Opened) -> None:
    marks = region.mark_statistics.assign(source="aggregate")
    sheet = opened(region_workbook(replace(region, mark_statistics=marks)))["РУ 4 отметки"]
    assert {row["Основание"] for row in table(sheet, "Единица")} == {"по сводной таблице"}


def test_same_input_same_bytes(region: RegionReport) -> None:
    assert region_workbook(region) == region_workbook(region)
    shuffled = {
        name: getattr(region, name).sample(frac=1, random_state=7)
        for name in ("mark_statistics", "task_statistics", "score_distribution", "upload_status", "findings", "events")
    }
    assert region_workbook(replace(region, **shuffled)) == region_workbook(region)
