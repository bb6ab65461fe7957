"""The page of a school: its own signs in words, with figures, pictures, other explanations, and nobody else's."""

from __future__ import annotations

import re
import time
import xml.etree.ElementTree as ElementTree

import pandas as pd
import pytest

from rsoko_pipeline.reports.objectivity import (
    Cards,
    ObjectivityYear,
    form_workbook,
    questions,
    school_page,
    schools_with_signs,
)
from tests.unit.reports.fictional import STAMP, conform, event
from tests.unit.reports.objectivity.outline import outline
from tests.unit.reports.objectivity.year import (
    ALIKE,
    CLEAN,
    FLAGGED,
    HOMES,
    NAMES,
    RU,
    WEAK,
    evidence,
    make_policy,
    make_year,
    pooled,
    sign,
)


def _page(school: str, year: ObjectivityYear | None = None) -> str:
    year = year or make_year()
    found = next(one for one in schools_with_signs(year) if one.school == school)
    return school_page(year, found, Cards(year))


def test_pages_are_for_schools_with_evidence_or_an_informative_sign() -> None:
    assert make_year().chosen == [FLAGGED, WEAK, ALIKE]


def test_a_school_found_by_the_sum_of_works_alone_has_a_page() -> None:
    year = make_year(pooled=conform("objectivity_pooled", [pooled("edu990099", 1, 0.001)]))
    text = outline(_page("edu990099", year)).text
    assert "По сумме всех работ года" in text
    assert "только по сумме работ" in text and "Самодиагностика" not in text


def test_a_sign_is_told_in_words_with_figures_comparison_and_other_explanations() -> None:
    text = outline(_page(FLAGGED)).text
    policy = make_policy()
    for code in ("BUNCH", "ITEM", "SAME", "JUMP"):
        about = policy.signs[code]
        assert about.title in text and about.meaning in text and about.comparison in text
        assert all(other in text for other in about.alternatives)
    assert "Признак, требует проверки." in text
    assert "В окнах у границ отметок 25; на границе и чуть выше — 24, ожидалось около 14,2" in text
    assert "Задание 2: шансы на полный балл в 8,4 раза выше" in text and "95 % интервал 3,1–22,0" in text
    assert "28 из 30 (93\N{NO-BREAK SPACE}%; 95 % интервал 79\N{NO-BREAK SPACE}%–98\N{NO-BREAK SPACE}%)" in text
    assert "0,00030" in text and "школ сравнения: 52" in text


def test_signs_that_are_not_informative_are_not_shown() -> None:
    assert make_policy().signs["ABSENCE"].title not in outline(_page(FLAGGED)).text


def test_evidence_without_an_informative_sign_shows_the_sign_of_the_least_p() -> None:
    text = outline(_page(WEAK)).text
    policy = make_policy()
    assert policy.signs["ITEM"].title in text and policy.signs["BUNCH"].title not in text


def test_a_sign_of_a_class_alone_stands_with_its_class() -> None:
    text = outline(_page(ALIKE)).text
    assert "Класс № 1: сравнено пар работ — 276, необычно похожих — 22,8" in text


@pytest.mark.parametrize("school", [FLAGGED, WEAK, ALIKE])
def test_a_page_speaks_of_its_own_school_only(school: str) -> None:
    page = _page(school)
    for other in set(HOMES) - {school}:
        assert other not in page and NAMES[other] not in page
    assert "edu98" not in page


def test_a_page_blames_nobody_names_no_pupil_and_ranks_nothing() -> None:
    for school in (FLAGGED, WEAK, ALIKE):
        text = outline(_page(school)).text.casefold()
        assert not re.search(r"виновн|виноват|рейтинг|списал", text)
        assert not re.search(r"\bp[0-5]\b", text)


def test_a_page_is_one_file_without_scripts_and_its_names_are_escaped() -> None:
    page = _page(FLAGGED)
    parsed = outline(page)
    assert "Школа <Ромашка>" in parsed.text and "<Ромашка>" not in page
    assert "script" not in parsed.tags and "img" not in parsed.tags
    assert all(link.startswith("#") for link in parsed.links)
    assert "http" not in page.replace("http-equiv", "") and "@import" not in page and "url(" not in page


def test_pictures_are_wellformed_and_say_what_they_show() -> None:
    pictures = re.findall(r"<svg.*?</svg>", _page(FLAGGED))
    assert len(pictures) == 4  # distribution, task profile, journal, cohort
    labels = [ElementTree.fromstring(picture).attrib["aria-label"] for picture in pictures]
    assert len(set(labels)) == 4
    assert "NaN" not in "".join(pictures) and "nan" not in "".join(pictures)


def test_only_the_own_municipality_s_signs_are_named() -> None:
    assert "скачок 7,5 при пороге 5" in outline(_page(FLAGGED)).text
    assert "Признаки муниципалитета" not in outline(_page(WEAK)).text


def test_unavailable_signs_say_why_for_the_works_of_the_school() -> None:
    text = outline(_page(FLAGGED)).text
    assert "недоступно, потому что нет отметок по журналу" in text
    assert "границы отметок" not in text.split("Какие признаки недоступны")[1].split("Что делает регион")[0]


def test_the_plan_names_the_works_of_a_flagged_school() -> None:
    assert "Русский язык, 4 класс — 3, из них у границ отметок 1" in outline(_page(FLAGGED)).text
    assert "в плане перепроверки нет" in outline(_page(WEAK)).text


def test_results_without_an_observer_that_are_higher_are_told_apart() -> None:
    row = {
        "school_year": "2025/2026", "level": "school", "unit_code": CLEAN, "series": "all", "quantity": "score",
        "n_observed": 20, "n_unobserved": 30, "observed_value": -0.2, "unobserved_value": 0.6, "difference": 0.8,
        "p": 0.002, **STAMP,
    }  # fmt: skip
    year = make_year(observers=conform("objectivity_observer", [row]))
    text = outline(_page(CLEAN, year)).text
    assert "при наблюдателе \N{MINUS SIGN}0,20 (работ: 20), без него 0,60 (работ: 30)" in text
    assert CLEAN not in make_year().chosen


def test_few_participants_are_marked() -> None:
    few = conform(
        "objectivity_sign", [sign("SIM", 0.001, f"{ALIKE}/1", n=7, details={"pairs": 21, "share_alike": 0.4})]
    )
    year = make_year(signs=few.assign(low=float("nan"), high=float("nan")))
    assert "7 (мало участников)" in outline(_page(ALIKE, year)).text


def test_the_scale_that_is_not_known_is_said() -> None:
    year = make_year(evidence=conform("objectivity_evidence", [evidence(FLAGGED, 2, 1e-4)]))
    assert "источник: описание работы 2026 года" in outline(_page(FLAGGED, year)).text


def test_hundreds_of_pages_are_quick() -> None:
    year = make_year()
    codes = [f"edu97{i:04}" for i in range(100)]
    mine = year.signs[year.signs["unit_code"] == FLAGGED]
    signs = pd.concat([mine.assign(unit_code=code) for code in codes], ignore_index=True)
    rows = [evidence(code, 2, 1e-4, signs=("BUNCH",)) for code in codes]
    drawn = year.distribution[year.distribution["unit_code"].isin([FLAGGED, "reg99"])]
    many = make_year(
        signs=signs,
        evidence=conform("objectivity_evidence", rows),
        distribution=pd.concat([drawn, *(drawn[drawn["level"] == "school"].assign(unit_code=code) for code in codes)]),
    )
    start = time.process_time()
    cards = Cards(many)
    made = [
        (school_page(many, found, cards), form_workbook(list(questions(many, found))))
        for found in schools_with_signs(many)
    ]
    spent = time.process_time() - start
    assert len(made) == 101  # and the one by the sum of works
    assert spent < 2.5  # a region of 400 schools: less than 5 s, as few of them have four signs


def test_the_same_year_gives_the_same_page() -> None:
    assert _page(FLAGGED) == _page(FLAGGED)
    assert RU in _page(FLAGGED)


_REMARKED = {
    "kappa": 0.41, "bias": 0.083, "bias_low": 0.05, "bias_high": 0.12, "lowered": 14, "raised": 1, "is_sign": True,
}  # fmt: skip


def test_the_verdict_says_that_re_marking_stands_beside_it() -> None:
    year = make_year()
    remarked = conform("objectivity_sign", [sign("REMARK", 1e-7, CLEAN, family="-", n=20, details=_REMARKED)])
    year = make_year(
        signs=pd.concat([year.signs, remarked.assign(low=None, high=None)], ignore_index=True),
        evidence=pd.concat([year.evidence, conform("objectivity_evidence", [evidence(CLEAN, 0, 0.034)])]),
    )
    text = outline(_page(CLEAN, year)).text
    overview, card = text.split("Проверено ещё раз работ: 20")
    assert "нет Перепроверка разошлась с проверкой (в вывод не входит) 0,034" in overview
    assert "Перепроверка в общее p и в вывод не входит." in overview
    assert "Если вывод «нужна проверка», а перепроверка заметно снизила баллы или отметки" in overview
    assert "Выводы «нет» и «слабый» перепроверка не меняет" in overview
    assert "перепроверка не входит: её p — только об этом расхождении" in card
    assert "Перепроверка в общее p" not in outline(_page(FLAGGED)).text, "nothing of it was marked again"


def test_re_marking_and_olympiads_are_signs_of_the_page_too() -> None:
    year = make_year()
    stage = event("2025-vsosh_municipal-ma-8", grade=None, title="Муниципальный этап. Математика")
    shares = {"first_share": 0.82, "second_share": 0.31, "expected_share": 0.55}
    rows = [
        sign("REMARK", 0.0005, CLEAN, family="-", n=20, details=_REMARKED),
        sign("STAGE", 0.002, CLEAN, stage["event_id"], family="-", details=shares),
    ]
    year = make_year(
        events=pd.concat([year.events, conform("dim_event", [stage])], ignore_index=True),
        signs=pd.concat([year.signs, conform("objectivity_sign", rows).assign(low=None, high=None)], ignore_index=True),
        procedures={**year.procedures, "vsosh_municipal": "ВсОШ, муниципальный этап"},
    )
    text = outline(_page(CLEAN, year)).text.replace("\N{NO-BREAK SPACE}", " ")
    assert "Проверено ещё раз работ: 20; балл ниже — 14, выше — 1" in text and "κ = 0,41" in text
    assert "Школьный этап: в среднем 82 % максимума; муниципальный — 31 %" in text
    assert "Муниципальный этап. Математика в вывод не входит" in text
    found = next(one for one in schools_with_signs(year) if one.school == CLEAN)
    asked = {row[2:7] for row in questions(year, found)}
    policy = make_policy()
    assert asked == {
        ("ВПР", "Русский язык", "4", "2026", f"REMARK. {policy.signs['REMARK'].title}"),
        ("ВсОШ, муниципальный этап", "Математика", "", "2025", f"STAGE. {policy.signs['STAGE'].title}"),
    }
    assert set(year.works) - set(year.assessed) == {stage["event_id"]}
