"""Plan against fact."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pandas as pd
import pytest

from rsoko_pipeline import contracts
from rsoko_pipeline.calendar.status import PLAN_COLUMNS, SUMMARY_COLUMNS, calendar_status, plan_summary, plan_table
from rsoko_pipeline.configuration import Configuration

RU, LOT, CHOICE = "2026-vpr-ru-4", "2026-vpr-om-4", "2026-vpr-mau-7"


def facts(*rows: tuple[str, int, int | None, str | None]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["event_id", "loaded", "expected", "loaded_at"])
    frame["loaded_at"] = pd.to_datetime(frame["loaded_at"], utc=True)
    return frame.astype({"loaded": "Int32", "expected": "Int32"})


def status_on(cfg: Configuration, today: date, *rows: tuple[str, int, int | None, str | None]) -> pd.DataFrame:
    computed_at = datetime(today.year, today.month, today.day, 12, tzinfo=UTC)
    return calendar_status(cfg, facts(*rows), today, run_id="run", computed_at=computed_at)


def of(status: pd.DataFrame, event_id: str, kind: str) -> str:
    return str(status[(status["event_id"] == event_id) & (status["due_kind"] == kind)]["status"].item())


def test_the_frame_keeps_its_contract(cfg: Configuration) -> None:
    status = status_on(cfg, date(2026, 6, 1), (RU, 3, 4, "2026-05-22"))
    table = contracts.table("calendar_status")
    assert list(status.columns) == table.names
    assert not status.duplicated(list(table.key)).any()
    assert status["status"].isin(table["status"].allowed or ()).all()
    dues = sum(len(event.dues) for event in cfg.calendar.events.values()) + len(cfg.calendar.items)
    assert len(status) == dues


@pytest.mark.parametrize(
    ("today", "loaded", "loading", "analysis"),
    [
        (date(2026, 5, 25), (RU, 0, 4, None), "awaited", "awaited"),
        (date(2026, 5, 26), (RU, 0, 4, None), "late", "awaited"),
        (date(2026, 5, 26), (RU, 3, 4, "2026-05-22"), "late", "done"),
        (date(2026, 5, 26), (RU, 4, 4, "2026-05-22"), "done", "done"),
        (
            date(2026, 5, 10),
            (RU, 4, 4, "2026-05-08"),
            "done",
            "awaited",
        ),  # computed inside the window: not the analysis
        (date(2026, 6, 21), (RU, 4, 4, "2026-05-08"), "done", "late"),
        (date(2026, 6, 21), (RU, 0, 4, None), "late", "late"),
    ],
)
def test_an_obligatory_work(
    cfg: Configuration, today: date, loaded: tuple[str, int, int | None, str | None], loading: str, analysis: str
) -> None:
    status = status_on(cfg, today, loaded)
    assert of(status, RU, "загрузка") == loading
    assert of(status, RU, "анализ") == analysis


@pytest.mark.parametrize("event_id", [LOT, CHOICE])
def test_nobody_is_late_with_a_work_that_nobody_had_to_write(cfg: Configuration, event_id: str) -> None:
    after = date(2026, 7, 1)
    assert of(status_on(cfg, after), event_id, "загрузка") == "unconfirmed"
    assert of(status_on(cfg, after, (event_id, 2, None, "2026-05-22")), event_id, "загрузка") == "done"
    assert of(status_on(cfg, date(2026, 5, 22), (event_id, 2, None, "2026-05-22")), event_id, "загрузка") == "awaited"
    assert of(status_on(cfg, after, (event_id, 2, 3, "2026-05-22")), event_id, "загрузка") == "late", "жребий известен"


def test_loaded_reports_about_plans_are_seen(cfg: Configuration) -> None:
    reports = "2025-plan_reports"
    after = date(2026, 8, 2)
    assert of(status_on(cfg, after, (reports, 44, None, "2026-07-30")), reports, "загрузка") == "done"
    assert of(status_on(cfg, after), reports, "загрузка") == "late"


def test_what_the_data_cannot_show_is_never_called_late(cfg: Configuration) -> None:
    status = status_on(cfg, date(2027, 1, 1), (RU, 4, 4, "2026-05-22"))
    assert of(status, RU, "рекомендации") == "unconfirmed"
    assert of(status, "2025-2026-year-summary", "отчёт") == "unconfirmed"
    assert of(status_on(cfg, date(2026, 10, 1)), "2025-2026-year-summary", "отчёт") == "awaited"


def test_done_says_when(cfg: Configuration) -> None:
    status = status_on(cfg, date(2026, 6, 1), (RU, 4, 4, "2026-05-22"))
    row = status[(status["event_id"] == RU) & (status["due_kind"] == "загрузка")].iloc[0]
    assert row["done_at"] == pd.Timestamp("2026-05-22", tz="UTC")
    assert (row["loaded"], row["expected"], row["run_id"]) == (4, 4, "run")
    assert row["config_version"] == cfg.version


def test_the_table_for_people(cfg: Configuration) -> None:
    status = status_on(cfg, date(2026, 6, 1), (RU, 3, 4, "2026-05-22"), ("2026-vpr-ma-4", 4, 4, "2026-05-28"))
    plan = plan_table(cfg, status, "2025/2026")
    assert tuple(plan.columns) == PLAN_COLUMNS
    rows = {(row["Событие"], row["Что должно быть"]): row for row in plan.to_dict("records")}
    late = rows[RU, "загрузка"]
    assert late["Что"] == "ВПР 2026. Русский язык, 4 класс"
    assert late["Окно проведения"] == "20.04.2026 – 20.05.2026"
    assert (late["Участие"], late["Срок"]) == ("обязательно", "25.05.2026")
    assert (late["Состояние"], late["Школ"], late["Опоздание, дней"]) == ("просрочено", "3 из 4", "7")
    assert rows["2026-vpr-ma-4", "загрузка"]["Опоздание, дней"] == "3", "выполнено, но на три дня позже"
    assert rows["2026-vpr-ma-4", "анализ"]["Опоздание, дней"] == ""
    assert not plan["Событие"].str.startswith("2025-vpr").any()
    days = pd.to_datetime(plan["Срок"], format="%d.%m.%Y")
    assert days.is_monotonic_increasing


def test_the_summary_counts_events_by_campaign_and_deadline(cfg: Configuration) -> None:
    status = status_on(cfg, date(2026, 6, 1), (RU, 4, 4, "2026-05-22"))
    summary = plan_summary(cfg, status, "2025/2026")
    assert tuple(summary.columns) == SUMMARY_COLUMNS
    loading = summary[
        (summary["Процедура"] == "ВПР, весна 2026 года") & (summary["Что должно быть"] == "загрузка")
    ].iloc[0]
    of_year = list(cfg.calendar.of_year("2025/2026"))
    events = [event for event in of_year if event.campaign == "vpr-2026"]
    obligatory = sum(event.participation == "obligatory" for event in events)
    assert loading["Событий"] == len(events)
    assert (loading["Выполнено"], loading["Просрочено"]) == (1, obligatory - 1)
    assert loading["Не видно по данным"] == len(events) - obligatory
    deadlines = {
        (due.date, due.kind, event.campaign, event.window_from, event.window_to)
        for event in of_year
        for due in event.dues
    }
    items = sum(item.school_year == "2025/2026" for item in cfg.calendar.items)
    assert len(summary) == len(deadlines) + items
