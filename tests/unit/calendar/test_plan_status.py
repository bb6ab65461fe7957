"""Plans against reports: done, awaited, late, or not to be seen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pandas as pd
import pytest

from rsoko_pipeline import contracts
from rsoko_pipeline.calendar import dimensions
from rsoko_pipeline.calendar.gantt import calendar_page
from rsoko_pipeline.calendar.plan_status import due_table, finding_table, measure_status, unmatched_reports
from rsoko_pipeline.calendar.status import calendar_status
from rsoko_pipeline.configuration import Configuration
from rsoko_pipeline.standing import NOTHING_LOADED

STAMP: dict[str, Any] = {"run_id": "run-1", "computed_at": datetime(2023, 1, 1, tzinfo=UTC)}
Reports = Callable[..., pd.DataFrame]
Line = Callable[..., dict[Any, Any]]


@pytest.fixture
def reports() -> Reports:
    """Rows of ``core.fact_measure_status``: number, unit, state, date, due date, document."""

    def make(*rows: tuple[str, str, str, str, str | None, str | None], plan: str = "surgut-2022") -> pd.DataFrame:
        frame = pd.DataFrame(rows, columns=["number", "unit_code", "state", "date", "due", "document"])
        frame = frame.assign(
            plan=plan, event_id="2022-plan_reports", file_id="f", row_number=range(2, len(rows) + 2), level="school",
            is_matched=True, config_version="0", run_id="r",
        )  # fmt: skip
        table = contracts.table("fact_measure_status")
        return table.conform(frame.reindex(columns=table.names))

    return make


@pytest.fixture
def line(cfg: Configuration) -> Line:
    """The row of one due date of Surgut's plan on a day, by number and due number."""

    def row(number: str, due_no: int, today: date, reports: pd.DataFrame) -> dict[Any, Any]:
        frame = measure_status(cfg, reports, today, **STAMP)
        (found,) = frame.query("plan == 'surgut-2022' and number == @number and due_no == @due_no").to_dict("records")
        return found

    return row


def test_without_reports_a_line_is_awaited_and_then_unconfirmed(line: Line, reports: Reports) -> None:
    assert line("4.1", 1, date(2022, 8, 1), reports())["status"] == "awaited", "the last day counts"
    assert line("4.1", 1, date(2022, 8, 2), reports())["status"] == "unconfirmed"
    assert line("3.5", 0, date(2024, 12, 31), reports())["status"] == "awaited"
    assert line("3.5", 0, date(2025, 1, 1), reports())["status"] == "unconfirmed", "no day: the plan's end"


def test_done_when_all_who_report_say_so(line: Line, reports: Reports) -> None:
    given = reports(
        ("4.1", "s1", "done", "2022-07-20", None, "отчёт № 1"), ("4.1", "s2", "done", "2022-08-05", None, None)
    )
    row = line("4.1", 1, date(2022, 9, 1), given)
    assert (row["status"], row["reports"], row["reports_done"], row["days_late"]) == ("done", 2, 2, 4)
    assert str(row["done_at"].date()) == "2022-08-05"
    assert row["document"] == "отчёт № 1", "the last that any of them names"
    assert line("4.1", 2, date(2022, 9, 1), given)["status"] == "awaited", "the next year's is another"


@pytest.mark.parametrize("state", ["partly", "late", "no"])
def test_a_report_that_it_is_not_done_makes_it_late_only_when_the_day_has_passed(
    state: str, line: Line, reports: Reports
) -> None:
    given = reports(("4.1", "s1", "done", "2022-07-20", None, None), ("4.1", "s2", state, "2022-07-25", None, None))
    before, after = line("4.1", 1, date(2022, 7, 30), given), line("4.1", 1, date(2022, 8, 11), given)
    assert before["status"] == "awaited" and pd.isna(before["days_late"])
    assert (after["status"], after["days_late"], after["reports"], after["reports_done"]) == ("late", 10, 2, 1)


def test_of_a_units_reports_the_last_counts(line: Line, reports: Reports) -> None:
    given = reports(("4.1", "s1", "done", "2022-08-10", None, "акт"), ("4.1", "s1", "no", "2022-08-02", None, None))
    row = line("4.1", 1, date(2022, 9, 1), given)
    assert (row["status"], row["reports"], row["days_late"]) == ("done", 1, 9)


def test_a_report_belongs_to_the_due_date_it_names_or_else_to_the_nearest(line: Line, reports: Reports) -> None:
    given = reports(
        ("4.1", "s1", "done", "2023-06-01", "2022-08-01", None), ("4.1", "s2", "done", "2023-06-01", None, None)
    )
    first, second = (line("4.1", number, date(2023, 7, 1), given) for number in (1, 2))
    assert (first["reports"], first["days_late"]) == (1, 304)
    assert (second["reports"], second["days_late"]) == (1, 0)


def test_a_line_without_a_day_is_done_by_report_and_never_days_late(line: Line, reports: Reports) -> None:
    row = line("3.5", 0, date(2023, 1, 1), reports(("3.5", "s1", "done", "2022-11-01", None, None)))
    assert row["status"] == "done" and pd.isna(row["days_late"])


def test_reports_about_no_known_line_are_listed_and_change_nothing(cfg: Configuration, reports: Reports) -> None:
    given = reports(("9.9", "s1", "done", "2022-07-20", None, None), ("4.1", "s1", "done", "2022-07-20", None, None))
    assert list(unmatched_reports(cfg, given)["number"]) == ["9.9"]
    frame = measure_status(cfg, given, date(2022, 9, 1), **STAMP)
    assert frame["reports"].sum() == 1
    assert unmatched_reports(cfg, reports()).empty


def test_every_line_has_a_row_and_the_order_of_reports_does_not_matter(cfg: Configuration, reports: Reports) -> None:
    given = reports(*(("4.1", f"s{n}", "done", f"2022-07-{n + 10}", None, None) for n in range(5)))
    frame = measure_status(cfg, given, date(2022, 9, 1), **STAMP)
    assert set(zip(frame["plan"], frame["number"], strict=True)) == set(cfg.measures)
    assert not frame.duplicated(["plan", "number", "due_no"]).any()
    pd.testing.assert_frame_equal(frame, measure_status(cfg, given.iloc[::-1], date(2022, 9, 1), **STAMP))


# ----------------------------------------------------------------------------------------------------- for people
def test_the_table_of_a_year_has_its_due_dates_by_date(cfg: Configuration, reports: Reports) -> None:
    given = reports(("4.1", "s1", "done", "2022-08-03", None, None))
    status = measure_status(cfg, given, date(2022, 9, 1), **STAMP)
    table = due_table(cfg, status, "2021/2022")
    days = pd.to_datetime(table["Срок"], format="%d.%m.%Y")
    assert days.is_monotonic_increasing and days.between("2021-09-01", "2022-08-31").all()
    (report,) = table[table["Пункт"] == "п. 4.1"].to_dict("records")
    assert report["Состояние"] == "выполнено" and report["Отчётов"] == "1 из 1" and report["Опоздание, дней"] == "2"
    assert len(due_table(cfg, status)) == len(status), "without a year everything, also what has no date"


def test_findings_of_a_year_are_those_of_its_plans(cfg: Configuration) -> None:
    table = finding_table(cfg, dimensions.plan_finding(cfg), "2023/2024")
    assert set(table["План"]) == {"Сургутский район, 2022–2024"}
    assert "п. 1.2" in set(table["Пункт"])
    assert len(finding_table(cfg, dimensions.plan_finding(cfg))) == len(dimensions.plan_finding(cfg))


# ----------------------------------------------------------------------------------------------------- the picture
@pytest.fixture
def page(cfg: Configuration, reports: Reports) -> str:
    today = date(2021, 3, 15)
    status = calendar_status(cfg, NOTHING_LOADED, today, **STAMP)
    done = reports(("1.2", "s1", "done", "2020-09-20", None, None), plan="vesyegonsk-2020")
    measures = measure_status(cfg, done, today, **STAMP)
    return calendar_page(cfg, "2020/2021", status, measures, today=today, made_at=datetime(2021, 3, 15, 9, 30))


def test_the_page_shows_windows_deadlines_and_measures(page: str) -> None:
    assert page.startswith("<!doctype html>") and page.rstrip().endswith("</html>")
    assert "ВПР, весна 2021 года: 01.03.2021 – 30.04.2021" in page
    assert "загрузка, ВПР, осень 2020 года: 05.11.2020 — просрочено" in page
    assert "Срок: «Сентябрь 2020 г. Март-Апрель 2021г.», 30.09.2020 — выполнено" in page
    assert 'class="today"' in page and "<title>Сегодня</title>" in page
    assert "RSK-PLAN-YEARS" in page, "what is wrong with the plans stands below"
    assert page.count('<rect class="window"') >= 2
    assert "Сургутский район" not in page, "nothing of it is due in that year"


def test_a_mark_of_several_works_says_what_their_table_says(cfg: Configuration) -> None:
    """«Выполнено» is what all works have done; works that nobody had to write and that have no data are not done."""
    events = [event for event in cfg.calendar.of_year("2025/2026") if event.campaign == "vpr-2026"]
    bound = [event.event_id for event in events if event.participation == "obligatory"]
    others = len(events) - len(bound)
    assert 0 < len(bound) < len(events)
    page = _page_of_loaded(cfg, bound)
    said = f"выполнено: {len(bound)}; срок прошёл, исполнение по данным не видно: {others}"
    half = '<path d="M0-5A5 5 0 0 0 0 5Z" class="done"/><circle r="5" class="partly"/>'
    assert f"{half}<title>загрузка, ВПР, весна 2026 года: 25.05.2026 — {said}</title>" in page
    assert "выполнено не всеми: остальных по данным не видно" in page, "the legend"
    assert f"<td>{len(events)}</td><td>{len(bound)}</td><td>0</td><td>0</td><td>{others}</td>" in page
    whole = _page_of_loaded(cfg, [event.event_id for event in events])
    said = "загрузка, ВПР, весна 2026 года: 25.05.2026 — выполнено"
    assert f'<circle r="5" class="done"/><title>{said}</title>' in whole


def _page_of_loaded(cfg: Configuration, events: list[str]) -> str:
    """The page of 2025/2026 a week after the works of spring, with the data of some of them."""
    today = date(2026, 6, 1)
    loaded = pd.DataFrame(
        {"event_id": events, "loaded": 4, "expected": 4, "loaded_at": pd.Timestamp("2026-05-22", tz="UTC")}
    )
    status = calendar_status(cfg, loaded, today, **STAMP)
    measures = measure_status(cfg, contracts.table("fact_measure_status").empty(), today, **STAMP)
    return calendar_page(cfg, "2025/2026", status, measures, today=today, made_at=datetime(2026, 6, 1, 9, 30))


def test_the_page_is_complete_without_a_network_and_has_no_script(page: str) -> None:
    assert "http" not in page and "<script" not in page and "src=" not in page


def test_texts_of_the_configuration_are_escaped(cfg: Configuration, reports: Reports) -> None:
    region = cfg.region.model_copy(update={"name": "<b>&"})
    odd = replace(cfg, region=region)
    status = calendar_status(odd, NOTHING_LOADED, date(2021, 3, 15), **STAMP)
    measures = measure_status(odd, reports(), date(2021, 3, 15), **STAMP)
    text = calendar_page(odd, "2020/2021", status, measures, today=date(2030, 1, 1), made_at=datetime(2030, 1, 1))
    assert "&lt;b&gt;&amp;" in text and "<b>&" not in text
    assert 'class="today"' not in text, "another year's day"
