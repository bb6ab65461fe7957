"""Deadlines of plans: texts as documents have them, what they are read as, which days they mean."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

import pytest

from rsoko_pipeline import contracts
from rsoko_pipeline.calendar.deadlines import parse_deadline
from rsoko_pipeline.calendar.due_dates import due_dates
from rsoko_pipeline.calendar.terms import After, Deadline, DueDate
from rsoko_pipeline.configuration import Configuration

Dates = Callable[..., list[str]]

SCHOOL_YEAR = date(2020, 9, 1), date(2021, 8, 31)
THREE_YEARS = date(2022, 1, 1), date(2024, 12, 31)
ONE_YEAR = date(2020, 1, 1), date(2020, 12, 31)
#: A procedure written in October 2020.
WINDOWS = [(date(2020, 10, 1), date(2020, 10, 31))]


@pytest.fixture
def dates(cfg: Configuration) -> Dates:
    """The due dates of a text in a plan, «from/by» each, «…/by» where no beginning is named."""

    def said(text: str, period: tuple[date, date], windows: list[tuple[date, date]] | None = None) -> list[str]:
        found = due_dates(parse_deadline(text), *period, windows=windows or [], school_days=cfg.calendar.school_days)
        return [f"{due.first or '…'}/{due.last}" for due in found]

    return said


@pytest.mark.parametrize(
    ("text", "period", "expected"),
    [
        ("до 1 ноября", SCHOOL_YEAR, ["…/2020-11-01"]),
        ("до 1 ноября", THREE_YEARS, ["…/2022-11-01", "…/2023-11-01", "…/2024-11-01"]),
        ("2022 – 2024, до 1 ноября", THREE_YEARS, ["…/2022-11-01", "…/2023-11-01", "…/2024-11-01"]),
        ("2023 – 2024, до 1 ноября", THREE_YEARS, ["…/2023-11-01", "…/2024-11-01"]),
        ("ежегодно, до 1 августа", THREE_YEARS, ["…/2022-08-01", "…/2023-08-01", "…/2024-08-01"]),
        ("ежегодно", THREE_YEARS, ["2022-01-01/2022-12-31", "2023-01-01/2023-12-31", "2024-01-01/2024-12-31"]),
        ("ежегодно", SCHOOL_YEAR, ["2020-09-01/2021-08-31"]),
        ("до 1 декабря 2023 года", THREE_YEARS, ["…/2023-12-01"]),
        ("До 31.12.2020 г.", ONE_YEAR, ["…/2020-12-31"]),
        ("в срок до 04.03.2022", THREE_YEARS, ["…/2022-03-04"]),
        ("01.12.2023", THREE_YEARS, ["2023-12-01/2023-12-01"]),
        ("к 1 сентября", SCHOOL_YEAR, ["…/2020-09-01"]),
        ("Март-апрель 2020 г.", ONE_YEAR, ["2020-03-01/2020-04-30"]),
        ("Март-апрель 2020 г.г.", ONE_YEAR, ["2020-03-01/2020-04-30"]),
        ("сентябрь - октябрь 2020 г.", ONE_YEAR, ["2020-09-01/2020-10-31"]),
        ("октябрь 2020", ONE_YEAR, ["2020-10-01/2020-10-31"]),
        ("Март 2021 год", SCHOOL_YEAR, ["2021-03-01/2021-03-31"]),
        ("июнь – август", SCHOOL_YEAR, ["2021-06-01/2021-08-31"]),
        ("в марте-апреле", SCHOOL_YEAR, ["2021-03-01/2021-04-30"]),
        ("май", SCHOOL_YEAR, ["2021-05-01/2021-05-31"]),
        ("Сентябрь 2021 года", SCHOOL_YEAR, ["2021-09-01/2021-09-30"]),
        ("Октябрь 2020 Март - Апрель 2021г.", SCHOOL_YEAR, ["2020-10-01/2020-10-31", "2021-03-01/2021-04-30"]),
        ("март, июнь 2021 г.", SCHOOL_YEAR, ["2021-03-01/2021-03-31", "2021-06-01/2021-06-30"]),
        ("октябрь, март 2021 г.", SCHOOL_YEAR, ["2020-10-01/2020-10-31", "2021-03-01/2021-03-31"]),
        # over the new year
        ("ноябрь 2020 – февраль 2021 г.", SCHOOL_YEAR, ["2020-11-01/2021-02-28"]),
        ("ноябрь-февраль 2021", SCHOOL_YEAR, ["2020-11-01/2021-02-28"]),
        ("декабрь – январь", SCHOOL_YEAR, ["2020-12-01/2021-01-31"]),
        ("с октября 2020 г. по март 2021 года", SCHOOL_YEAR, ["2020-10-01/2021-03-31"]),
        # spans of days
        ("с 1 сентября по 15 октября 2020 года", SCHOOL_YEAR, ["2020-09-01/2020-10-15"]),
        ("15-20 марта 2021 г.", SCHOOL_YEAR, ["2021-03-15/2021-03-20"]),
        ("с 01.09.2020 по 15.10.2020", SCHOOL_YEAR, ["2020-09-01/2020-10-15"]),
        ("25.12-10.01", SCHOOL_YEAR, ["2020-12-25/2021-01-10"]),
        # parts of a year
        ("IV квартал 2020 года", SCHOOL_YEAR, ["2020-10-01/2020-12-31"]),
        ("I-II квартал", SCHOOL_YEAR, ["2021-01-01/2021-06-30"]),
        ("до конца 3 квартала 2021 г.", SCHOOL_YEAR, ["…/2021-09-30"]),
        ("первое полугодие 2021 года", SCHOOL_YEAR, ["2021-01-01/2021-06-30"]),
        ("до конца марта", SCHOOL_YEAR, ["…/2021-03-31"]),
        ("до ноября", SCHOOL_YEAR, ["…/2020-10-31"]),
        ("до января 2021 г.", SCHOOL_YEAR, ["…/2020-12-31"]),
        ("до конца 2020 года", SCHOOL_YEAR, ["…/2020-12-31"]),
        # the whole of a time
        ("на 2021 год", (date(2021, 1, 1), date(2021, 12, 31)), ["2021-01-01/2021-12-31"]),
        ("2020 – 2021гг.", SCHOOL_YEAR, ["2020-09-01/2021-08-31"]),
        ("2022-2023 гг.", THREE_YEARS, ["2022-01-01/2023-12-31"]),
        ("в течение 2020-2021 учебного года", THREE_YEARS, ["2020-09-01/2021-08-31"]),
        ("в течение года", ONE_YEAR, ["2020-01-01/2020-12-31"]),
        ("в течение года", (date(2022, 1, 1), date(2023, 12, 31)), ["2022-01-01/2022-12-31", "2023-01-01/2023-12-31"]),
        ("постоянно", THREE_YEARS, ["2022-01-01/2024-12-31"]),
        ("Круглогодично", SCHOOL_YEAR, ["2020-09-01/2021-08-31"]),
        ("на постоянной основе", ONE_YEAR, ["2020-01-01/2020-12-31"]),
        # another document, a condition: no day follows
        ("в соответствии с планом-графиком", SCHOOL_YEAR, []),
        ("По особому графику", SCHOOL_YEAR, []),
        ("по мере необходимости", SCHOOL_YEAR, []),
        ("ежегодно (при необходимости)", ONE_YEAR, ["2020-01-01/2020-12-31"]),
        ("2022, по графику Минпросвещения России и Рособрнадзора", THREE_YEARS, ["2022-01-01/2022-12-31"]),
    ],
)  # fmt: skip
def test_texts_and_their_days(text: str, period: tuple[date, date], expected: list[str], dates: Dates) -> None:
    assert parse_deadline(text).is_understood, parse_deadline(text).rest
    assert dates(text, period) == expected


@pytest.mark.parametrize(
    ("text", "last"),
    [
        ("не позднее 1 месяца после", "2020-11-30"),
        ("после проведения мониторингов (не позднее 14 дней)", "2020-11-14"),
        ("в течение двух недель со дня получения результатов", "2020-11-14"),
        ("не позднее 5 рабочих дней после проведения ВПР", "2020-11-06"),
        ("не позднее 3 учебных дней после проведения ВПР", "2020-11-07"),
        ("не позднее чем за 10 дней до начала экзамена", "2020-09-21"),
        ("за 2 рабочих дня до экзамена", "2020-09-29"),
        ("в период проведения ВПР", "2020-10-31"),
    ],
)
def test_days_counted_from_an_event(text: str, last: str, dates: Dates) -> None:
    assert parse_deadline(text).is_understood
    assert [due.split("/")[1] for due in dates(text, SCHOOL_YEAR, WINDOWS)] == [last]
    assert dates(text, SCHOOL_YEAR) == [], "without an event there is no day"


@pytest.mark.parametrize(
    ("text", "count", "first", "last"),
    [
        ("в течение года, ежеквартальный отчет", 4, "2020-03-31", "2020-12-31"),
        ("1 раз в квартал", 4, "2020-03-31", "2020-12-31"),
        ("не реже 1 раза в квартал", 4, "2020-03-31", "2020-12-31"),
        ("ежемесячно", 12, "2020-01-31", "2020-12-31"),
        ("до 15 числа каждого месяца", 12, "2020-01-15", "2020-12-15"),
        ("до 10 числа месяца, следующего за отчетным кварталом", 4, "2020-04-10", "2021-01-10"),
        ("раз в полугодие", 2, "2020-06-30", "2020-12-31"),
        ("два раза в год", 2, "2020-06-30", "2020-12-31"),
        ("один раз в год", 1, "2020-12-31", "2020-12-31"),
    ],
)
def test_again_and_again(text: str, count: int, first: str, last: str, dates: Dates) -> None:
    assert parse_deadline(text).is_understood
    found = [due.split("/")[1] for due in dates(text, ONE_YEAR)]
    assert (len(found), found[0], found[-1]) == (count, first, last)


def test_a_day_that_is_none_is_the_months_last_and_is_named(dates: Dates) -> None:
    deadline = parse_deadline("2022 – 2024, до 31 ноября")
    assert deadline.impossible == ("31 ноября",)
    assert dates(deadline.text, THREE_YEARS) == ["…/2022-11-30", "…/2023-11-30", "…/2024-11-30"]
    assert parse_deadline("29 февраля 2021").impossible == ("29 февраля",)
    assert parse_deadline("29 февраля 2024").impossible == ()
    assert parse_deadline("29 февраля").impossible == (), "some years have it"
    assert dates("до 29 февраля", THREE_YEARS) == ["…/2022-02-28", "…/2023-02-28", "…/2024-02-29"]


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("когда-нибудь потом", "когда-нибудь потом"),
        ("до 45 мая", "45"),
        ("15.13.2020", "15.13"),
        ("до конца учебного года", "конца учебного"),
        ("3 раза в год", "3"),
        ("ежегодно до 1 марта года, следующего за отчетным", "следующего за отчетным"),
        ("", ""),
        ("—", ""),
        ("2", "2"),
        ("с 10 по 5 марта 2021", "с 10 по 5 марта 2021"),
        ("ноябрь 2021 – февраль 2020", "ноябрь 2021-февраль 2020"),
    ],
)
def test_what_is_not_understood_is_said_and_never_guessed(text: str, rest: str) -> None:
    deadline = parse_deadline(text)
    assert not deadline.is_understood
    assert deadline.kind == "unread"
    assert deadline.rest == rest


def test_the_date_of_a_document_is_no_deadline(dates: Dates) -> None:
    assert dates("в соответствии с приказом от 12.03.2020 № 5-п, до 1 мая", ONE_YEAR) == ["…/2020-05-01"]


def test_the_rule_says_how_the_text_was_read() -> None:
    said = {
        "2022 – 2024, до 31 ноября": "не позднее 30.11; годы: 2022–2024",
        "октябрь-ноябрь 2020": "октябрь – ноябрь 2020",
        "после проведения ВПР (не позднее 14 дней)": "не позднее 14 дн. после окончания: проведения ВПР",
        "по особому графику": "даты — в другом документе: по особому графику",
        "по запросу": "условие: по запросу",
        "когда-нибудь": "не прочитано: когда-нибудь",
    }
    assert {text: parse_deadline(text).rule_ru for text in said} == said


def test_kinds_are_those_of_the_contract() -> None:
    texts = {
        "до 1 ноября": "dated",
        "не позднее 1 месяца после": "after_event",
        "в период проведения ВПР": "during_event",
        "1 раз в квартал": "periodic",
        "ежегодно": "yearly",
        "постоянно": "standing",
        "в течение года": "within_period",
        "по особому графику": "by_document",
        "по мере необходимости": "on_condition",
        "когда-нибудь": "unread",
    }
    assert {text: parse_deadline(text).kind for text in texts} == texts
    assert set(texts.values()) == set(contracts.table("dim_measure")["deadline_kind"].allowed or ())


def test_terms_of_months_and_days_are_compared_by_their_extremes() -> None:
    (month,), (days,) = (parse_deadline(text).terms for text in ("не позднее 1 месяца после", "через 14 дней после"))
    assert isinstance(month, After) and isinstance(days, After)
    assert days.at_most < month.at_least
    assert After("", work_days=10).at_most == 14


def test_spelling_makes_no_difference() -> None:
    texts = ("до 1\xa0ноября 2020 г.", "ДО 1 НОЯБРЯ 2020 ГОДА", "до  1 ноября 2020")
    assert {parse_deadline(text).terms for text in texts} == {parse_deadline("до 1 ноября 2020").terms}
    assert parse_deadline("июнь-август").terms == parse_deadline("Июнь — Август").terms


def test_every_deadline_of_every_plan_is_read_or_reported(cfg: Configuration) -> None:
    """The shipped plans are those of the documents; a text that is not understood would be a finding."""
    texts = {plan.deadline_text(measure) for plan in cfg.plans.values() for measure in plan.measures.values()}
    assert len(texts) > 50
    read = {text: parse_deadline(text or "") for text in texts}
    assert [text for text, deadline in read.items() if not deadline.is_understood] == []
    assert {day for deadline in read.values() for day in deadline.impossible} == {"31 ноября"}


def test_a_date_is_as_exact_as_the_text(cfg: Configuration) -> None:
    def precision(text: str) -> set[str]:
        found = due_dates(parse_deadline(text), *ONE_YEAR, windows=WINDOWS, school_days=cfg.calendar.school_days)
        return {due.precision for due in found}

    said = {"до 1 ноября": "day", "март": "month", "ежегодно": "period", "не позднее 1 месяца после": "event"}
    assert {text: precision(text) for text in said} == {text: {value} for text, value in said.items()}


def test_the_same_day_said_twice_is_one_due_date(cfg: Configuration) -> None:
    found = due_dates(parse_deadline("в течение года, до 31.12.2020"), *ONE_YEAR, school_days=cfg.calendar.school_days)
    assert found == (DueDate(None, date(2020, 12, 31), "day"),), "the exact one stays"


def test_no_text_fails(cfg: Configuration) -> None:
    pieces = re.findall(
        r"\S+", "с до 31 ноября 2020 - г. по в течение квартал (не позднее раз ) | после ежегодно 99 IV"
    )
    for first in pieces:
        for second in pieces:
            for third in pieces:
                deadline = parse_deadline(f"{first} {second} {third}")
                assert isinstance(deadline, Deadline)
                days = due_dates(deadline, *ONE_YEAR, windows=WINDOWS, school_days=cfg.calendar.school_days)
                assert all(due.first is None or due.first <= due.last for due in days), deadline.text
