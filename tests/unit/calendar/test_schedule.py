"""Schedules follow from the calendar."""

from __future__ import annotations

import re
from datetime import date

from rsoko_pipeline.calendar.schedule import ScheduleRule, schedule_plan
from rsoko_pipeline.configuration import Configuration


def rules_of(cfg: Configuration) -> dict[str, ScheduleRule]:
    return {rule.name: rule for rule in schedule_plan(cfg)}


def test_names_fit_dagster_and_crons_have_five_fields(cfg: Configuration) -> None:
    rules = schedule_plan(cfg)
    assert len({rule.name for rule in rules}) == len(rules)
    for rule in rules:
        assert re.fullmatch(r"[A-Za-z0-9_]+", rule.name)
        assert len(rule.cron.split()) == 5
        assert rule.description_ru.endswith(".")
        assert rule.runs


def test_a_campaign_is_computed_on_the_day_after_its_window(cfg: Configuration) -> None:
    rule = rules_of(cfg)["after_vpr_2026"]
    assert (rule.cron, rule.kind) == ("0 6 21 5 *", "events")
    assert rule.is_due(date(2026, 5, 21))
    assert not rule.is_due(date(2027, 5, 21)), "в следующем году окно другое"
    written = {event.event_id for event in cfg.calendar.of_year("2025/2026") if event.campaign == "vpr-2026"}
    assert set(rule.keys) == written
    assert rule.keys_on(date(2026, 5, 21)) == rule.keys
    assert rule.keys_on(date(2026, 5, 22)) == ()


def test_the_quarterly_run_is_on_the_first_day_after_the_quarter(cfg: Configuration) -> None:
    rule = rules_of(cfg)["quarterly_report"]
    assert (rule.cron, rule.kind) == ("0 6 1 1,4,7,10 *", "quarter")
    assert rule.keys_on(date(2026, 4, 1)) == ("2025/2026",)
    assert rule.keys_on(date(2025, 10, 1)) == ("2024/2025",), "третий квартал начинается в прошлом учебном году"
    assert not rule.is_due(date(2022, 4, 1)), "за этот год плана нет"


def test_the_year_is_summed_up_on_1_october(cfg: Configuration) -> None:
    rule = rules_of(cfg)["year_summary"]
    assert (rule.cron, rule.kind) == ("0 6 1 10 *", "year")
    assert rule.keys_on(date(2026, 10, 1)) == ("2025/2026",)
    assert rule.keys == ("2024/2025", "2025/2026")


def test_deadlines_that_people_meet_start_nothing(cfg: Configuration) -> None:
    assert not {"gia_roadmap", "school_reports", "subject_analysis"} & set(rules_of(cfg))
