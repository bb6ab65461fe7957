"""The school's workbook as openpyxl reads it, and how the region's frames are shared out to schools."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from rsoko_pipeline import contracts
from rsoko_pipeline.reports.inputs import RegionReport, SchoolReport, school_reports
from rsoko_pipeline.reports.school import school_workbook
from tests.unit.reports.fictional import MAX_POINTS, TASK_COUNT, conform, finding, make_region, without_data

Opened = Callable[[bytes], Any]
CODE = "edu990001"


@pytest.fixture(scope="module")
def report(region: RegionReport, results: pd.DataFrame) -> SchoolReport:
    (only,) = school_reports(region, results, only=[CODE])
    return only


@pytest.fixture(scope="module")
def book(report: SchoolReport, opened: Opened) -> Any:
    return opened(school_workbook(report))


def texts(sheet: Any) -> list[str]:
    return [cell.value for row in sheet.iter_rows() for cell in row if isinstance(cell.value, str)]


def table(sheet: Any, first_head: str) -> Iterator[dict[str, Any]]:
    """The rows of the sheet's first table whose head begins with ``first_head``."""
    rows = list(sheet.iter_rows(values_only=True))
    head = next(number for number, row in enumerate(rows) if row[0] == first_head)
    for row in rows[head + 1 :]:
        if row[0] is None:
            return
        yield dict(zip(rows[head], row, strict=True))


def test_reports_come_by_school_with_their_own_rows_alone(region: RegionReport, results: pd.DataFrame) -> None:
    reports = list(school_reports(region, results))
    assert [one.school for one in reports] == sorted(region.schools["school"])
    for one in reports:
        assert set(one.results["school"]) == {one.school}
        units = one.mark_statistics.groupby("level")["unit_code"].unique()
        assert list(units["school"]) == [one.school]
        assert set(units["class"]) == {f"{one.school}/1", f"{one.school}/2"}
        assert list(units["municipality"]) == [one.municipality]
        assert set(one.findings["school"]) <= {one.school}
    assert sum(len(one.results) for one in reports) == len(results)


def test_a_work_that_the_school_did_not_write_is_left_out(region: RegionReport, results: pd.DataFrame) -> None:
    def without(frame: pd.DataFrame, units: pd.Series) -> pd.DataFrame:
        return frame[~(units.str.startswith(CODE) & (frame["event_id"] == "2026-vpr-ma-4"))]

    marks = without(region.mark_statistics, region.mark_statistics["unit_code"])
    narrowed = replace(region, mark_statistics=marks)
    (one,) = school_reports(narrowed, without(results, results["school"]), only=[CODE])
    assert [work.label for work in one.written] == ["РУ 4"]
    assert set(one.mark_statistics["event_id"]) == {"2026-vpr-ru-4"}


def test_the_first_page_lists_what_was_written_or_expected(report: SchoolReport, opened: Opened) -> None:
    def works(one: SchoolReport) -> list[str]:
        return [row["Кратко"] for row in table(opened(school_workbook(one))["Содержание"], "Работа")]

    assert works(report) == ["МА 4", "РУ 4"]
    board = report.upload_status
    unexpected = replace(
        report,
        results=report.results[report.results["event_id"] == "2026-vpr-ru-4"],
        upload_status=board[board["event_id"] == "2026-vpr-ru-4"],
    )
    assert works(unexpected) == ["РУ 4"]


def test_the_sheets(book: Any) -> None:
    classes = [f"{work} кл. {number}" for work in ("МА 4", "РУ 4") for number in (1, 2)]
    assert book.sheetnames == ["Содержание", "Сводка", "Задания", "Журнал", "Замечания к файлам", *classes]
    links = [cell.hyperlink.location for row in book["Содержание"].iter_rows() for cell in row if cell.hyperlink]
    assert [link.rpartition("!")[0].strip("'") for link in links] == book.sheetnames[1:]


def test_a_class_sheet_has_every_pupil_with_scores(book: Any, results: pd.DataFrame) -> None:
    rows = list(table(book["РУ 4 кл. 1"], "№"))
    own = results[(results["school"] == CODE) & (results["event_id"] == "2026-vpr-ru-4") & (results["class_no"] == 1)]
    assert [row["Код участника"] for row in rows] == sorted(own["pupil_code"])
    for row, pupil in zip(rows, own.sort_values("pupil_code").to_dict("records"), strict=True):
        tasks = [row[str(number)] for number in range(1, TASK_COUNT)] + [row["9.1К2"]]
        if not pupil["present"]:
            assert row["Вариант"] == "отсутствовал"
            assert set(tasks) == {None}
            assert row["Первичный балл"] is None
            continue
        assert tasks == ["X" if score == contracts.NOT_STARTED else score for score in pupil["scores"].tolist()]
        shown = [row[name] for name in ("Первичный балл", "Отметка", "Отметка по журналу")]
        assert shown == [pupil[name] for name in ("primary_score", "mark", "journal_mark")]


def test_both_absent_pupils_and_not_started_tasks_are_in_the_data(results: pd.DataFrame) -> None:
    own = results[results["school"] == CODE]
    assert not own["present"].all()
    assert (np.vstack(own.loc[own["present"], "scores"].to_list()) == contracts.NOT_STARTED).any()


def test_the_head_of_a_class_sheet_names_points_level_and_skill(book: Any) -> None:
    rows = list(book["РУ 4 кл. 1"].iter_rows(values_only=True))
    by_label = {row[1]: row for row in rows if row[1]}
    points = [MAX_POINTS[number % len(MAX_POINTS)] for number in range(TASK_COUNT)]
    assert list(by_label["Максимальный балл"][3 : 4 + TASK_COUNT]) == [*points, sum(points)]
    assert set(by_label["Уровень сложности"][3 : 3 + TASK_COUNT]) == {"Б", "П", "В"}
    skills = by_label["Проверяемое умение"][3 : 3 + TASK_COUNT]
    assert all(skills)
    assert max(map(len, skills)) <= 62


def test_totals_are_the_solved_shares_of_class_school_municipality_and_region(book: Any, report: SchoolReport) -> None:
    rows = {row[1]: row for row in book["РУ 4 кл. 1"].iter_rows(values_only=True) if row[1]}
    units = {"класс": f"{CODE}/1", "школа": CODE, "муниципалитет": report.municipality, "регион": "99"}
    statistics = report.task_statistics[report.task_statistics["event_id"] == "2026-vpr-ru-4"]
    for level, unit in units.items():
        expected = statistics[statistics["unit_code"] == unit].sort_values("task_no")["solved_share"]
        assert list(rows[f"Выполнение: {level}"][3 : 3 + TASK_COUNT]) == pytest.approx(list(expected))
    assert rows["Выполнение: класс"][2] == "участников: 8, мало участников"


def test_the_head_stays_in_sight_and_is_repeated_on_paper(book: Any) -> None:
    sheet = book["РУ 4 кл. 1"]
    numbers = [row[0].row for row in sheet.iter_rows() if row[0].value == "№"]
    assert sheet.freeze_panes == f"C{numbers[0] + 1}"
    assert sheet.print_title_rows == f"${numbers[0] - 2}:${numbers[0]}"
    assert sheet.page_setup.fitToHeight == 1


def test_scores_are_told_apart_by_colour(book: Any) -> None:
    sheet = book["РУ 4 кл. 1"]
    colours: dict[str, set[str]] = {}
    for row in sheet.iter_rows(min_col=4, max_col=4):
        if row[0].value in ("X", 0, 1, 2) and row[0].number_format == "General" and not row[0].font.bold:
            colours.setdefault(str(row[0].value), set()).add(row[0].fill.fgColor.rgb)
    assert all(len(found) == 1 for found in colours.values())
    assert len(set.union(*colours.values())) == len(colours) >= 2


def test_a_score_above_the_maximum_that_a_person_released_is_shown_as_it_is(
    report: SchoolReport, opened: Opened
) -> None:
    results = report.results.reset_index(drop=True)
    of_class = results["present"] & (results["event_id"] == "2026-vpr-ru-4") & (results["class_no"] == 1)
    place = int(np.flatnonzero(of_class)[0])
    scores = results["scores"].to_list()
    scores[place] = np.array([77, *scores[place][1:]], dtype="int16")
    results["scores"] = pd.Series(scores, dtype="object")
    sheet = opened(school_workbook(replace(report, results=results)))["РУ 4 кл. 1"]
    shown = {row["Код участника"]: row["1"] for row in table(sheet, "№")}
    assert shown[results["pupil_code"].iloc[place]] == 77


def test_codes_are_ordered_as_numbers_and_classes_without_a_number_come_last(
    report: SchoolReport, opened: Opened
) -> None:
    results = report.results[report.results["event_id"] == "2026-vpr-ru-4"].head(3)
    results = results.assign(
        pupil_code=["100010", "99999", "б/н"], class_no=pd.array([None, None, None], dtype="Int16")
    )
    book = opened(school_workbook(replace(report, results=results)))
    assert book.sheetnames[-1] == "РУ 4 без класса"
    assert [row["Код участника"] for row in table(book["РУ 4 без класса"], "№")] == ["99999", "100010", "б/н"]


def test_works_without_tasks_still_get_class_sheets(report: SchoolReport, opened: Opened) -> None:
    results = report.results.assign(scores=None)
    bare = replace(report, results=results, tasks=report.tasks.head(0), task_statistics=report.task_statistics.head(0))
    rows = list(table(opened(school_workbook(bare))["РУ 4 кл. 1"], "№"))
    assert list(rows[0]) == ["№", "Код участника", "Вариант", "Первичный балл", "Отметка", "Отметка по журналу"]
    assert any(row["Отметка"] for row in rows)


def test_the_summary_sets_the_school_beside_municipality_and_region(book: Any, report: SchoolReport) -> None:
    rows = list(table(book["Сводка"], "Работа"))
    assert [(row["Работа"], row["Единица"]) for row in rows] == [
        (work, unit) for work in ("МА 4", "РУ 4") for unit in ("школа", report.municipality_name, "Приозёрная область")
    ]
    marks = report.mark_statistics.query("event_id == '2026-vpr-ru-4' and level == 'school'").iloc[0]
    assert (rows[3]["С отметкой"], rows[3]["Качество"]) == (marks["marked"], pytest.approx(marks["quality"]))
    assert len(book["Сводка"]._charts) == 1
    assert "Шкала предполагаемая, не официальная: МА 4" in texts(book["Сводка"])


def test_tasks_are_judged_by_the_interval_alone(report: SchoolReport, opened: Opened) -> None:
    statistics = report.task_statistics
    first = (statistics["event_id"] == "2026-vpr-ru-4") & (statistics["level"] == "school")
    for task, low, high in ((1, 0.0, 0.01), (2, 0.99, 1.0), (3, 0.0, 1.0)):
        chosen = first & (statistics["task_no"] == task)
        statistics = statistics.assign(
            solved_low=statistics["solved_low"].mask(chosen, low),
            solved_high=statistics["solved_high"].mask(chosen, high),
        )
    rows = table(opened(school_workbook(replace(report, task_statistics=statistics)))["Задания"], "Работа")
    verdicts = [row["Вывод"] for row in rows if row["Работа"] == "РУ 4"]
    assert verdicts[:3] == ["ниже региона", "выше региона", "как в регионе"]


def test_findings_say_where_and_what_to_do(book: Any) -> None:
    rows = list(table(book["Замечания к файлам"], "Файл"))
    assert [(row["Лист"], row["Строка"], row["Столбец"], row["Значение в файле"]) for row in rows] == [
        ("Протокол", 3, "Отметка", "5"),
        ("Протокол", 12, "Код участника", "40007"),
    ]
    assert rows[1]["Замечание"] == "Код участника 40007 встречается в работе школы edu990001 больше одного раза."
    assert rows[1]["Что сделать"] == "Исправьте."
    assert {row["Состояние"] for row in rows} == {"удержано"}


def test_values_from_files_cannot_become_formulas(report: SchoolReport, opened: Opened) -> None:
    found = conform(
        "quarantine", [finding(1, "RSK-VALUE", value="=2+5", sheet="-лист", column_name="+столбец", message="@Плохо")]
    )
    hostile = replace(
        report, findings=found.assign(file_name="=файл.xlsx"), school_name="=ШКОЛА()", municipality_name="-район"
    )
    cells = [cell for sheet in opened(school_workbook(hostile)) for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f"]
    assert {"=2+5", "-лист", "+столбец", "@Плохо", "=файл.xlsx", "-район"} <= {
        cell.value for cell in cells if cell.quotePrefix
    }


def test_a_school_without_data_gets_its_findings(region: RegionReport, results: pd.DataFrame, opened: Opened) -> None:
    bare = replace(without_data(region), findings=region.findings, upload_status=region.upload_status)
    (one,) = school_reports(bare, results.head(0), only=[CODE])
    book = opened(school_workbook(one))
    assert any("данных этой школы нет" in text for text in texts(book["Содержание"]))
    assert "просрочено" in texts(book["Содержание"])
    assert book.sheetnames == ["Содержание", "Сводка", "Задания", "Журнал", "Замечания к файлам"]
    assert len(list(table(book["Замечания к файлам"], "Файл"))) == 2


def test_a_school_without_findings_reads_that_there_are_none(report: SchoolReport, opened: Opened) -> None:
    book = opened(school_workbook(replace(report, findings=report.findings.head(0))))
    assert "Замечаний к файлам школы нет." in texts(book["Замечания к файлам"])


def test_no_other_school_and_no_pseudonym_is_named(book: Any, region: RegionReport, results: pd.DataFrame) -> None:
    others = {code for code in region.schools["school"] if code != CODE} | set(results["pupil"])
    everything = {cell for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row}
    assert not others & everything


def test_same_input_same_bytes(report: SchoolReport) -> None:
    shuffled = replace(report, results=report.results.sample(frac=1, random_state=3))
    assert school_workbook(report) == school_workbook(shuffled)


def test_every_class_of_every_work_has_its_sheet(opened: Opened) -> None:
    region, results = make_region(schools=1, classes=11, pupils=4)
    (one,) = school_reports(region, results)
    names = opened(school_workbook(one)).sheetnames
    assert [name for name in names if " кл. " in name] == [
        f"{work} кл. {number}" for work in ("МА 4", "РУ 4") for number in range(1, 12)
    ]
