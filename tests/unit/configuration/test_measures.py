"""Plans of measures as configuration: what a file may leave out, what is refused and how."""

from __future__ import annotations

import pytest

from tests.unit.configuration.conftest import Overlay, Problems

NAME = "measures/city-2026.yaml"
HEAD = """
    source: приказ о плане
    status: own
    title: План города
    short: Город, 2026
    territory: Город
    level: municipal
    document: приказ № 1
    begins: 2026-01-01
    ends: 2026-12-31
    sections:
      - title: Раздел
        measures:
"""
FIRST = "sections[0].measures[0]"
LINE = """
          - {number: "1.10", text: Сделать, deadline: до 1 мая}
"""


def test_a_plan_is_a_file_and_its_name_is_its_id(overlay: Overlay) -> None:
    cfg = overlay({NAME: HEAD + LINE})
    plan = cfg.plans["city-2026"]
    measure = cfg.measures["city-2026", "1.10"]
    assert plan.measures == {"1.10": measure}
    assert (measure.source, measure.status, plan.point_of(measure)) == ("приказ о плане", "own", "п. 1.10")
    assert set(cfg.plans) > {"city-2026", "surgut-2022"}, "the shipped plans stay"


def test_a_line_without_a_deadline_has_that_of_the_plan(overlay: Overlay) -> None:
    cfg = overlay(
        {NAME: HEAD.replace("begins:", "deadline: на 2026 год\n    begins:") + LINE.replace(", deadline: до 1 мая", "")}
    )
    plan = cfg.plans["city-2026"]
    assert plan.deadline_text(plan.measures["1.10"]) == "на 2026 год"
    assert plan.deadline_of(plan.measures["1.10"]).years == (2026, 2026)


@pytest.mark.parametrize(
    ("text", "key", "said", "remedy"),
    [
        (HEAD + LINE.replace("text: Сделать, ", ""), f"{FIRST}.text", "нет обязательного ключа", "text"),
        (HEAD + LINE.replace("deadline", "dedline"), f"{FIRST}.dedline", "неизвестный ключ", "deadline"),
        (HEAD + LINE.replace('"1.10"', '"1.10."'), f"{FIRST}.number", "номер «1.10.»", "кавычках"),
        (HEAD + LINE.replace('"1.10"', "1.1"), f"{FIRST}.number", "записан числом", "в кавычки"),
        (HEAD + LINE + LINE, "sections[0].measures[1].number", "стоит в плане дважды", "свой номер"),
        (HEAD + LINE.replace("}", ', based_on: ["9.9"]}'), f"{FIRST}.based_on", "опирается на 9.9", "номер"),
        (HEAD + LINE.replace("}", ', based_on: ["1.10"]}'), f"{FIRST}.based_on", "опирается на", "другого"),
        (HEAD.replace("2026-12-31", "2025-12-31") + LINE, "", "кончается раньше, чем начинается", "begins и ends"),
        (HEAD.replace("municipal", "town") + LINE, "level", "допустимы", ""),
        (HEAD.replace("    status: own\n", "") + LINE, "status", "не указан статус", "official"),
        (HEAD.replace("2026-01-01", "весна") + LINE, "begins", "дата", ""),
        (HEAD + "          []\n", "sections[0].measures", "список пуст", ""),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_file_key_and_remedy(
    text: str, key: str, said: str, remedy: str, problems: Problems
) -> None:
    (problem, *_) = problems({NAME: text})
    assert (problem.file, problem.key) == (NAME, key)
    assert said in problem.text
    assert remedy in problem.remedy and problem.remedy


def test_the_name_of_the_file_is_a_code(problems: Problems) -> None:
    (problem,) = problems({"measures/План города.yaml": HEAD + LINE})
    assert problem.key == "id" and "образец" in problem.text


def test_a_slip_in_the_folders_name_is_not_passed_over(problems: Problems) -> None:
    (problem,) = problems({"measure/city-2026.yaml": HEAD + LINE})
    assert "measures" in problem.remedy
