"""Deadlines: rules become dates, of events and of the plan."""

from __future__ import annotations

from datetime import date

import pytest

from rsoko_pipeline.configuration import Configuration, load


def test_analysis_is_due_within_a_month_of_the_window(cfg: Configuration) -> None:
    event = cfg.calendar.events["2026-vpr-ma-8"]
    assert event.due("анализ") == date(2026, 6, 20)
    assert cfg.calendar.events["2020-vpr-ma-8"].due("анализ") == date(2020, 11, 30)
    assert cfg.calendar.events["2021-vpr-ma-8"].due("анализ") == date(2021, 5, 30)
    assert event.due("нет такого") is None


def test_recommendations_come_before_the_analysis_as_the_document_says_and_both_are_kept(cfg: Configuration) -> None:
    event = cfg.calendar.events["2026-vpr-ru-5"]
    assert [due.kind for due in event.dues] == ["загрузка", "рекомендации", "анализ"]
    assert [due.date for due in event.dues] == [date(2026, 5, 25), date(2026, 6, 3), date(2026, 6, 20)]
    assert "раньше срока анализа" in event.dues[1].source


def test_deadlines_of_the_plan(cfg: Configuration) -> None:
    items = {item.item_id: item for item in cfg.calendar.items}
    assert items["2025-2026-year-summary"].due.date == date(2026, 10, 1)
    assert items["2025-2026-school-reports"].due.date == date(2026, 8, 1)
    assert items["2025-2026-gia-roadmap"].due.date == date(2025, 11, 1)
    assert items["2020-2021-subject-analysis"].due.date == date(2021, 8, 31)
    assert items["2020-2021-error-prone-topics"].due.date == date(2021, 9, 30)
    assert [item.due.date for item in cfg.calendar.items] == sorted(item.due.date for item in cfg.calendar.items)


def test_a_quarterly_report_is_asked_for_each_quarter_that_ends_in_the_school_year(cfg: Configuration) -> None:
    reports = [i for i in cfg.calendar.items if i.rule == "quarterly-report" and i.school_year == "2025/2026"]
    assert [(report.period, report.due.date) for report in reports] == [
        ("2025-Q3", date(2025, 10, 10)),
        ("2025-Q4", date(2026, 1, 10)),
        ("2026-Q1", date(2026, 4, 10)),
        ("2026-Q2", date(2026, 7, 10)),
    ]
    assert reports[0].due.title.endswith("III квартал 2025 года")


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("days: 14", date(2027, 2, 11)),
        ("months: 1", date(2027, 2, 28)),
        ("school_days: 3", date(2027, 2, 2)),
        ("day_month: 1 февраля", date(2027, 2, 1)),
        ("day_month: 1 января", date(2028, 1, 1)),
        ("days: 0", date(2027, 1, 28)),
    ],
)
def test_every_way_of_counting(tmp_path_factory: pytest.TempPathFactory, rule: str, expected: date) -> None:
    folder = tmp_path_factory.mktemp("overlay")
    (folder / "calendar").mkdir()
    (folder / "calendar" / "2026-2027.yaml").write_text(
        f"""
school_year: 2026/2027
source: проба
status: own
year:
  begins: 2026-09-01
  ends: 2027-05-26
  holidays:
    - {{name: Пятница, begins: 2027-01-29, ends: 2027-01-29}}
campaigns:
  - id: probe
    procedure: vpr
    title: Проба
    window_from: 2027-01-18
    window_to: 2027-01-30
    works:
      - {{subjects: [ru], grades: [9], window_to: 2027-01-28}}
    dues:
      - {{kind: отчёт, after: window_to, {rule}}}
""",
        encoding="utf-8",
    )
    event = load(str(folder)).calendar.events["2027-vpr-ru-9"]
    assert event.window_to == date(2027, 1, 28)
    assert event.due("отчёт") == expected
