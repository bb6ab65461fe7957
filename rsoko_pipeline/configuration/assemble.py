"""From the calendar's files to events: works times grades, deadlines by rule, the order of the partitions.

Belongs here: putting together what the files say. Does not belong here: what they may say (``models.py``), whether the
parts fit each other (``checks.py``), what the calendar can answer (``rsoko_pipeline.calendar``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from rsoko_pipeline.calendar.dates import (
    add_months,
    next_day_month,
    parse_day_month,
    previous_school_year,
    quarter_bounds,
    quarters_between,
    school_year_bounds,
)
from rsoko_pipeline.calendar.events import Calendar, CampaignWindow, Due, Event, Holiday, PlanItem, SchoolDays
from rsoko_pipeline.configuration.general import Subject
from rsoko_pipeline.configuration.plan import Campaign, DueRule, PeriodicDue, WorkGroup, YearFile
from rsoko_pipeline.configuration.procedures import Procedure


def build_calendar(
    files: Iterable[YearFile], procedures: Mapping[str, Procedure], subjects: Mapping[str, Subject]
) -> Calendar:
    """The calendar of the checked files ``files``."""
    files = sorted(files, key=lambda file: file.school_year)
    frames = {file.school_year: file.year for file in files if file.year}
    holidays = tuple(Holiday(h.name, h.begins, h.ends) for frame in frames.values() for h in frame.holidays)
    school_days = SchoolDays(holidays, {year: (frame.begins, frame.ends) for year, frame in frames.items()})
    events: list[tuple[tuple[object, ...], Event]] = []
    campaigns: list[CampaignWindow] = []
    places = {code: place for place, code in enumerate(subjects)}
    items: list[PlanItem] = []
    for file in files:
        for campaign in file.campaigns:
            made = list(_events(file, campaign, procedures[campaign.procedure], subjects, school_days))
            events.extend((_order(campaign, event, places), event) for event in made)
            campaigns.append(
                CampaignWindow(
                    campaign.id,
                    campaign.title,
                    campaign.procedure,
                    file.school_year,
                    min(event.window_from for event in made),
                    max(event.window_to for event in made),
                    tuple(event.event_id for event in made),
                )
            )
        items.extend(item for rule in file.dues for item in _plan_items(file.school_year, rule, school_days))
    return Calendar(
        events={event.event_id: event for _, event in sorted(events, key=lambda pair: pair[0])},
        items=tuple(sorted(items, key=lambda item: (item.due.date, item.item_id))),
        campaigns=tuple(sorted(campaigns, key=lambda window: (window.window_to, window.campaign))),
        school_days=school_days,
        years=tuple(dict.fromkeys(file.school_year for file in files)),
        holidays=holidays,
    )


def event_ids(campaign: Campaign) -> list[str]:
    """The ids of a campaign's events, in the order in which the file names them."""
    return [
        "-".join(str(part) for part in (_year(campaign, group), campaign.procedure, subject, grade) if part is not None)
        for group, subject, grade in _works(campaign)
    ]


def _works(campaign: Campaign) -> list[tuple[WorkGroup | None, str | None, int | None]]:
    if not campaign.works:
        return [(None, None, None)]
    return [
        (group, subject, grade)
        for group in campaign.works
        for grade in group.grades or (None,)
        for subject in group.subjects or (None,)
    ]


def _year(campaign: Campaign, group: WorkGroup | None) -> int:
    return ((group and group.window_from) or campaign.window_from).year


def _order(campaign: Campaign, event: Event, places: Mapping[str, int]) -> tuple[object, ...]:
    """What arrives together stands together, in order of time: the statistics of a later procedure (a stage of the
    olympiad) may need the facts of an earlier one. Every school sends the obligatory works, some send the others.
    """
    is_extra = event.participation != "obligatory"
    subject = -1 if event.subject is None else places[event.subject]
    grade = -1 if event.grade is None else event.grade
    return event.school_year, campaign.window_from, event.procedure, campaign.id, is_extra, grade, subject


def _events(
    file: YearFile, campaign: Campaign, procedure: Procedure, subjects: Mapping[str, Subject], school_days: SchoolDays
) -> Iterable[Event]:
    previous = campaign.programme == "previous"
    for event_id, (group, subject, grade) in zip(event_ids(campaign), _works(campaign), strict=True):
        target = group.coverage_target if group else None
        fact = group or campaign
        window_to = (group and group.window_to) or campaign.window_to
        yield Event(
            event_id=event_id,
            title=_title(procedure, event_id, subjects[subject].name if subject else None, grade, previous),
            procedure=campaign.procedure,
            subject=subject,
            grade=grade,
            grade_programme=grade - 1 if previous and grade is not None else grade,
            school_year=file.school_year,
            school_year_measured=previous_school_year(file.school_year) if previous else file.school_year,
            window_from=(group and group.window_from) or campaign.window_from,
            window_to=window_to,
            participation=(group and group.participation) or campaign.participation,
            coverage_target=campaign.coverage_target if target is None else target,
            drawn=group.drawn if group else None,
            responsible=campaign.responsible,
            dues=_dues(campaign, window_to, school_days),
            campaign=campaign.id,
            source=fact.source,
            status=fact.status,
        )


def _title(procedure: Procedure, event_id: str, subject: str | None, grade: int | None, previous: bool) -> str:
    work = ", ".join(part for part in (subject, f"{grade} класс" if grade is not None else None) if part)
    programme = f" (по программе {grade - 1} класса)" if previous and grade is not None else ""
    return f"{procedure.short} {event_id[:4]}" + (f". {work}" if work else "") + programme


def _dues(campaign: Campaign, window_to: date, school_days: SchoolDays) -> tuple[Due, ...]:
    dues = [
        _due(rule, rule.title or rule.kind.capitalize(), _date(rule, window_to, school_days), campaign.responsible)
        for rule in campaign.dues
    ]
    return tuple(sorted(dues, key=lambda due: (due.date, due.kind)))


def _plan_items(school_year: str, rule: PeriodicDue, school_days: SchoolDays) -> Iterable[PlanItem]:
    first, last = school_year_bounds(school_year)
    if rule.after == "quarter_end":
        quarters = [q for q in quarters_between(first, last) if first <= quarter_bounds(q)[1] <= last]
        periods = [(quarter, quarter, quarter_bounds(quarter)[1]) for quarter in quarters]
    else:
        periods = [(school_year, school_year.replace("/", "-"), first if rule.after == "year_start" else last)]
    for period, key, anchor in periods:
        due = _due(rule, f"{rule.title}, {_period_ru(period)}", _date(rule, anchor, school_days), None)
        yield PlanItem(f"{key}-{rule.id}", rule.id, rule.title, school_year, period, due)


def _period_ru(period: str) -> str:
    year, _, quarter = period.partition("-Q")
    return f"{('I', 'II', 'III', 'IV')[int(quarter) - 1]} квартал {year} года" if quarter else f"{period} учебный год"


def _due(rule: DueRule, title: str, day: date, responsible: str | None) -> Due:
    return Due(rule.kind, day, rule.source, rule.status, title, rule.shown_by, rule.responsible or responsible)


def _date(rule: DueRule, anchor: date, school_days: SchoolDays) -> date:
    if rule.day_month:
        parsed = parse_day_month(rule.day_month)
        assert parsed is not None  # the model has checked it
        return next_day_month(anchor, *parsed)
    if rule.school_days:
        return school_days.after(anchor, rule.school_days)
    return add_months(anchor, rule.months) + timedelta(days=rule.days)
