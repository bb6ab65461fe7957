"""When the pipeline should run by itself, derived from the calendar.

Belongs here: the rules as pure data. Does not belong here: Dagster's schedules (``assets.automation`` makes them).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Literal

from rsoko_pipeline.calendar.dates import quarter_bounds, school_year_of
from rsoko_pipeline.calendar.events import Calendar, CampaignWindow, PlanItem

if TYPE_CHECKING:
    from rsoko_pipeline.configuration import Configuration

#: Runs start at six in the morning of the region's time: schools are not yet sending files.
HOUR = 6


@dataclass(frozen=True)
class ScheduleRule:
    """One schedule.

    Attributes:
        name: identifier of letters, digits and underscores.
        cron: when to look, in the region's time; cron knows no year, so ``is_due`` has the last word.
        description_ru: what runs and when, for people.
        kind: what the keys are: ``events`` (event ids), ``quarter`` or ``year`` (both school years).
        runs: day of the run → keys to compute.
    """

    name: str
    cron: str
    description_ru: str
    kind: Literal["events", "quarter", "year"]
    runs: Mapping[date, tuple[str, ...]]

    @property
    def keys(self) -> tuple[str, ...]:
        """All keys of all runs, once each, in order."""
        return tuple(dict.fromkeys(key for keys in self.runs.values() for key in keys))

    def is_due(self, day: date) -> bool:
        """Whether the schedule runs on ``day``."""
        return day in self.runs

    def keys_on(self, day: date) -> tuple[str, ...]:
        """The keys to compute on ``day``."""
        return self.runs.get(day, ())


def schedule_plan(cfg: Configuration) -> list[ScheduleRule]:
    """The schedules that the calendar asks for.

    One a campaign, on the day after its window; one for each periodic report that the pipeline computes: the quarterly
    one on the day after the quarter, the yearly one on the morning of its deadline.
    """
    calendar = cfg.calendar
    computed: dict[str, list[PlanItem]] = {}
    for item in calendar.items:
        if item.due.fact == "analysed":
            computed.setdefault(item.rule, []).append(item)
    return [
        *(_after_campaign(window) for window in calendar.campaigns),
        *(_periodic(rule, items, calendar) for rule, items in computed.items()),
    ]


def _after_campaign(window: CampaignWindow) -> ScheduleRule:
    day = window.window_to + timedelta(days=1)
    return ScheduleRule(
        name="after_" + window.campaign.replace("-", "_"),
        cron=f"0 {HOUR} {day.day} {day.month} *",
        description_ru=f"{window.title}: сбор и расчёт наутро после окна проведения, {day:%d.%m.%Y}.",
        kind="events",
        runs={day: window.event_ids},
    )


def _periodic(rule: str, items: list[PlanItem], calendar: Calendar) -> ScheduleRule:
    is_quarterly = "-Q" in items[0].period
    runs: dict[date, tuple[str, ...]] = {}
    for item in items:
        if is_quarterly:
            first, last = quarter_bounds(item.period)
            day, key = last + timedelta(days=1), school_year_of(first)
        else:
            day, key = item.due.date, item.period
        if key in calendar.years:
            runs[day] = tuple(dict.fromkeys((*runs.get(day, ()), key)))
    days = sorted(runs)
    months = ",".join(str(month) for month in sorted({day.month for day in days}))
    of_month = ",".join(str(number) for number in sorted({day.day for day in days}))
    when = "на следующий день после квартала" if is_quarterly else f"утром в день срока, {days[-1]:%d.%m}"
    return ScheduleRule(
        name=rule.replace("-", "_"),
        cron=f"0 {HOUR} {of_month} {months} *",
        description_ru=f"{items[0].title}: {when}.",
        kind="quarter" if is_quarterly else "year",
        runs={day: runs[day] for day in days},
    )
