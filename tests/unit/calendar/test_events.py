"""What the shipped calendars say: order of events, 2020/2021 as in the seeds, 2025/2026 by its own rules."""

from __future__ import annotations

from datetime import date

import pytest

from rsoko_pipeline.calendar.events import Event
from rsoko_pipeline.configuration import Configuration


def written(cfg: Configuration, campaign: str) -> list[Event]:
    return [event for event in cfg.calendar.events.values() if event.campaign == campaign]


def grades_of(events: list[Event], subject: str) -> set[int | None]:
    return {event.grade for event in events if event.subject == subject}


def test_events_stand_in_partition_order(cfg: Configuration) -> None:
    places = {code: place for place, code in enumerate(cfg.subjects)}
    begins = {window.campaign: window.window_from for window in cfg.calendar.campaigns}
    keys = [
        (
            event.school_year,
            begins[event.campaign],
            event.procedure,
            event.campaign,
            event.participation != "obligatory",
            -1 if event.grade is None else event.grade,
            places.get(event.subject or "", -1),
        )
        for event in cfg.calendar.events.values()
    ]
    assert keys == sorted(keys)
    assert all(key == event.event_id for key, event in cfg.calendar.events.items())


def test_stages_of_an_olympiad_stand_in_order_of_time(cfg: Configuration) -> None:
    stages = [event.procedure for event in cfg.calendar.of_year("2025/2026") if event.procedure.startswith("vsosh_")]
    in_order = list(dict.fromkeys(stage for stage in stages if stage not in ("vsosh_control", "vsosh_satisfaction")))
    assert in_order == ["vsosh_school", "vsosh_municipal", "vsosh_regional"]


def test_the_id_of_an_event_says_year_procedure_subject_grade(cfg: Configuration) -> None:
    event = cfg.calendar.events["2026-vpr-ru-4"]
    assert (event.year, event.procedure, event.subject, event.grade) == (2026, "vpr", "ru", 4)
    assert event.title == "ВПР 2026. Русский язык, 4 класс"
    assert cfg.calendar.find("vpr", "ru", 4, 2026) is event
    assert cfg.calendar.find("vpr", "ru", 4, 2027) is None
    assert cfg.calendar.find("vpr", "ru", 9, 2026) is None


def test_the_school_years(cfg: Configuration) -> None:
    assert cfg.calendar.years == ("2020/2021", "2024/2025", "2025/2026")
    assert {event.school_year for event in cfg.calendar.of_year("2025/2026")} == {"2025/2026"}


# --- 2020/2021 -------------------------------------------------------------------------------------------------------
def test_the_autumn_works_of_2020_measure_the_programme_of_the_year_before(cfg: Configuration) -> None:
    events = written(cfg, "vpr-2020-autumn")
    assert {event.grade for event in events} == {5, 6, 7, 8, 9}
    for event in events:
        assert event.grade is not None
        assert event.grade_programme == event.grade - 1
        assert (event.school_year, event.school_year_measured) == ("2020/2021", "2019/2020")
        assert (event.window_from, event.window_to) == (date(2020, 10, 1), date(2020, 10, 31))
    assert cfg.calendar.events["2020-vpr-om-5"].title == "ВПР 2020. Окружающий мир, 5 класс (по программе 4 класса)"
    assert grades_of(events, "om") == {5}, "окружающий мир — программа 4 класса"


def test_the_scale_of_an_autumn_work_is_that_of_the_programme(cfg: Configuration) -> None:
    event = cfg.calendar.events["2020-vpr-ru-5"]
    assert event.grade_programme is not None
    scale = cfg.procedures["vpr"].scale("ru", event.grade_programme, event.year)
    assert scale is not None
    assert (scale.grade, scale.max_score) == (4, 38)


def test_grades_4_to_8_are_obligatory_in_spring_2021_and_10_and_11_are_not(cfg: Configuration) -> None:
    events = written(cfg, "vpr-2021-spring")
    assert {event.grade for event in events} == {4, 5, 6, 7, 8, 10, 11}
    assert all((event.window_from, event.window_to) == (date(2021, 3, 1), date(2021, 4, 30)) for event in events)
    assert all(event.grade_programme == event.grade for event in events)
    for event in events:
        if event.subject in ("ru", "ma"):
            assert (event.participation, event.coverage_target) == ("obligatory", 1.0), event.event_id
        if event.grade in (10, 11):
            assert (event.participation, event.coverage_target) == ("by_choice", None), event.event_id
    assert grades_of(events, "ru") == grades_of(events, "ma") == {4, 5, 6, 7, 8}


def test_grades_6_and_8_drew_two_subjects_in_spring_2021(cfg: Configuration) -> None:
    drawn = [event for event in written(cfg, "vpr-2021-spring") if event.participation == "by_lot"]
    assert {event.grade for event in drawn} == {6, 8}
    assert {event.drawn for event in drawn} == {2}
    assert all(event.coverage_target is None for event in drawn)


def test_the_documents_of_2020_2021_are_named(cfg: Configuration) -> None:
    sources = " ".join(event.source for event in cfg.calendar.of_year("2020/2021"))
    assert "Весьегонского района" in sources
    assert "Тверской области" in sources
    assert cfg.calendar.events["2021-vpr-ru-4"].status == "official"


# --- 2024/2025 and 2025/2026 -----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("campaign", "window"),
    [("vpr-2025", (date(2025, 4, 11), date(2025, 5, 16))), ("vpr-2026", (date(2026, 4, 20), date(2026, 5, 20)))],
)
def test_since_2025_grades_4_to_8_and_10_write(cfg: Configuration, campaign: str, window: tuple[date, date]) -> None:
    events = written(cfg, campaign)
    assert {(event.window_from, event.window_to) for event in events} == {window}
    assert {event.grade for event in events} == {4, 5, 6, 7, 8, 10}
    obligatory = {(event.subject, event.grade) for event in events if event.participation == "obligatory"}
    assert obligatory == {(subject, grade) for subject in ("ru", "ma") for grade in (4, 5, 6, 7, 8, 10)}
    assert {event.status for event in events} <= {"second-hand", "assumed"}


@pytest.mark.parametrize("campaign", ["vpr-2025", "vpr-2026"])
def test_since_2025_one_subject_is_drawn_in_grade_4_and_two_in_the_others(cfg: Configuration, campaign: str) -> None:
    lots: dict[int | None, set[tuple[str, int]]] = {}
    for event in written(cfg, campaign):
        if event.participation == "by_lot":
            group = "наука" if event.subject in ("gg", "bi", "hi", "fi", "inf") else "гуманитарная"
            lots.setdefault(event.grade, set()).add((group if event.drawn == 1 else "общая", event.drawn or 0))
    drawn = {grade: sum(count for _, count in groups) for grade, groups in lots.items()}
    assert drawn == {4: 1, 5: 2, 6: 2, 7: 2, 8: 2, 10: 2}


def test_social_studies_left_grades_6_and_7_in_2026(cfg: Configuration) -> None:
    assert grades_of(written(cfg, "vpr-2025"), "ob") == {6, 7, 8, 10}
    assert grades_of(written(cfg, "vpr-2026"), "ob") == {8, 10}


def test_advanced_works_are_works_of_their_own(cfg: Configuration) -> None:
    event = cfg.calendar.events["2026-vpr-mau-7"]
    assert event.participation == "by_choice"
    assert event.title == "ВПР 2026. Математика (углублённый уровень), 7 класс"


# --- school days -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2025, 9, 1), True),
        (date(2025, 9, 6), True),  # Saturday
        (date(2025, 9, 7), False),  # Sunday
        (date(2025, 10, 30), False),  # autumn holidays
        (date(2025, 11, 4), False),  # a public holiday
        (date(2025, 11, 5), True),
        (date(2026, 5, 11), False),  # a day off moved from a Saturday
        (date(2026, 5, 26), True),
        (date(2026, 5, 27), False),  # lessons are over
        (date(2026, 7, 1), False),
        (date(2022, 10, 12), True),  # a year that the calendar does not describe
        (date(2023, 7, 1), False),
    ],
)
def test_school_days(cfg: Configuration, day: date, expected: bool) -> None:
    assert cfg.calendar.is_school_day(day) is expected


def test_counting_school_days_passes_over_holidays(cfg: Configuration) -> None:
    days = cfg.calendar.school_days
    assert days.after(date(2025, 10, 24), 1) == date(2025, 11, 5)
    assert days.after(date(2025, 9, 5), 2) == date(2025, 9, 8)
    assert days.after(date(2025, 9, 7), 0) == date(2025, 9, 7)
    assert days.after(date(2026, 5, 26), 1) == date(2026, 9, 1)
