"""The page of the region: counts, who needs a check, the plan, what the official list says, never a ranking."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from rsoko_pipeline import contracts
from rsoko_pipeline.reports.objectivity import CommonRule, ObjectivityYear, region_page
from tests.unit.reports.fictional import STAMP, conform, event
from tests.unit.reports.objectivity.outline import Outline, outline
from tests.unit.reports.objectivity.year import (
    ALIKE,
    CLEAN,
    FLAGGED,
    MA,
    RU,
    WEAK,
    evidence,
    make_policy,
    make_year,
    pooled,
    sign,
)


def _page(methodology: str = "", **changes: Any) -> Outline:
    return outline(
        region_page(make_year(**changes), lambda school: f"../schools/{school}/objectivity.html", methodology)
    )


def test_schools_stand_by_municipality_and_name_not_by_evidence() -> None:
    rows = [evidence(FLAGGED, 3, 1e-9), evidence(WEAK, 2, 1e-4), evidence(ALIKE, 3, 1e-6)]
    page = _page(evidence=conform("objectivity_evidence", rows))
    listed = page.text.split("Школы, где нужна проверка")[1]
    places = [listed.index(name) for name in ("Берёзовский", "Гимназия № 3", "Школа № 2", "Ясный", "Школа <Ромашка>")]
    assert places == sorted(places)


def test_schools_are_sorted_as_people_sort() -> None:
    year = make_year()
    names = {FLAGGED: "СОШ № 12", WEAK: "Ёлочка", ALIKE: "сОШ № 3", CLEAN: "Жар"}
    schools = year.schools.assign(name=year.schools["school"].map(names), municipality="reg99_m001")
    rows = [evidence(code, 2, 1e-4) for code in names]
    listed = _page(schools=schools, evidence=conform("objectivity_evidence", rows)).text.split("Школы, где нужна")[1]
    places = [listed.index(name) for name in ("Ёлочка", "Жар", "сОШ № 3", "СОШ № 12")]
    assert places == sorted(places)


def test_a_school_leads_to_its_page_and_clean_schools_to_none() -> None:
    page = _page()
    assert f"../schools/{FLAGGED}/objectivity.html" in page.links
    assert not any(CLEAN in link for link in page.links)
    assert "школам без признаков — нет: 1 из 4 школ" in page.text


def test_a_school_of_evidence_over_all_works_alone_needs_a_check_too() -> None:
    page = _page(pooled=conform("objectivity_pooled", [pooled(WEAK, 2, 1e-5)]))
    assert f"../schools/{WEAK}/objectivity.html" in page.links


def test_small_schools_stand_apart() -> None:
    page = _page(pooled=conform("objectivity_pooled", [pooled("edu990077", 1, 0.002)]))
    assert "edu990077" in page.text and "Школы нет в реестре" in page.text
    assert "Малых школ с признаками нет" in _page().text


def test_counts_by_level_and_by_sign_stand_beside_what_chance_gives() -> None:
    text = _page().text
    assert "Русский язык, 4 класс 4 2 1 1 0 недоступно" in text
    assert "Скопление работ на границе отметки Баллы у границ отметок 3 1 0 1 1" in text


def test_the_plan_has_flagged_and_control_schools_without_pupils() -> None:
    text = _page().text
    assert "с признаками 1 2 3" in text and "контрольная, случайная 1 2 3" in text
    assert " p0 " not in text


def test_no_list_is_said_to_be_missing() -> None:
    assert "Официальный список за этот учебный год не загружен" in _page().text


@pytest.mark.parametrize(("kappa", "expected"), [(0.61, "κ = 0,61 (95 % интервал 0,37–0,84)"), (None, "не вычислить")])
def test_the_official_list_is_beside_our_evidence(kappa: float | None, expected: str) -> None:
    rows = [
        {
            "school_year": "2025/2026", "official_label": label, "our_level": level, "n": n, "agreement": 0.82,
            "kappa": kappa, "kappa_low": kappa and 0.37, "kappa_high": kappa and 0.84, **STAMP,
        }
        for label, level, n in (("marked", "2", 13), ("marked", "0", 5), ("unmarked", "0", 28), ("unmarked", "2", 4))
    ]  # fmt: skip
    text = _page(agreement=conform("objectivity_agreement", rows)).text
    assert "Внешняя метка, не настройка" in text and "нужна проверка 13 4 0" in text
    assert "82,0" in text and expected in text


def _with_rules(false: tuple[float, float] | None) -> dict[str, Any]:
    rows = [
        {"event_id": RU, "level": "school", "unit_code": code, "rule": "mean", **STAMP} for code in (FLAGGED, CLEAN)
    ]
    policy = make_policy(rules={"mean": CommonRule("нижняя граница интервала выше среднего", false)})
    return {"policy": policy, "rules": conform("objectivity_rule", rows)}


def test_rules_in_common_use_are_off_unless_switched_on() -> None:
    assert "Правила, которыми пользуются обычно" not in _page().text


def test_rules_in_common_use_stand_beside_their_measured_false_rates() -> None:
    text = _page(**_with_rules((0.224, 0.253))).text
    share = "40\N{NO-BREAK SPACE}%"
    assert f"нижняя граница интервала выше среднего 2 {share} 22–25\N{NO-BREAK SPACE}% 1" in text
    assert "не измерено" in _page(**_with_rules(None)).text


def test_the_outcome_of_re_marking_says_how_often_the_signs_were_right() -> None:
    row = {
        "school_year": "2025/2026", "event_id": RU, "evidence_group": "2+", "schools": 5, "confirmed_schools": 4,
        "precision": 0.8, "precision_low": 0.38, "precision_high": 0.96, "n": 90, "same": 60, "lower": 25, "higher": 5,
        "same_share": 0.667, "same_low": 0.56, "same_high": 0.76, "mean_difference": 0.5, **STAMP,
    }  # fmt: skip
    text = _page(outcomes=conform("remarking_outcome", [row])).text
    nbsp = "\N{NO-BREAK SPACE}"
    assert f"с выводом «нужна проверка» 5 4 80{nbsp}% (38{nbsp}%–96{nbsp}%) 90 25 5" in text
    assert "Итогов перепроверки за этот учебный год нет" in _page().text


def test_observed_works_stand_beside_the_others() -> None:
    row = {
        "school_year": "2025/2026", "level": "region", "unit_code": "reg99", "series": "all", "quantity": "residual",
        "n_observed": 20, "n_unobserved": 40, "observed_value": 0.0, "unobserved_value": 0.1, "difference": 0.1,
        "difference_low": -0.05, "difference_high": 0.25, **STAMP,
    }  # fmt: skip
    text = _page(observers=conform("objectivity_observer", [row])).text
    assert "остаток среднего балла 20 40 0,00 0,10 0,10 (\N{MINUS SIGN}0,05–0,25)" in text


def test_unavailable_signs_are_listed_with_their_reasons_and_works() -> None:
    text = _page().text
    assert "недоступно, потому что для работы не заданы границы отметок МА 4" in text


def test_the_methodology_is_linked_where_there_is_one() -> None:
    assert "methodology.html" in _page("methodology.html").links
    assert not any("methodology" in link for link in _page().links)


def test_a_year_without_works_says_so() -> None:
    names = {
        "signs": "objectivity_sign",
        "evidence": "objectivity_evidence",
        "pooled": "objectivity_pooled",
        "unavailable": "objectivity_unavailable",
        "plan": "remarking_plan",
    }
    empty: dict[str, Any] = {name: contracts.table(table).empty() for name, table in names.items()}
    text = _page(**empty).text
    assert "признаки не посчитаны" in text and "Работ оценено" not in text


def test_pages_of_aggregates_alone_have_what_there_is() -> None:
    year: ObjectivityYear = make_year(
        evidence=conform("objectivity_evidence", [evidence(CLEAN, 0, 0.5, MA)]),
        distribution=contracts.table("score_distribution").empty(),
    )
    page = outline(region_page(year, lambda school: school))
    assert "svg" not in page.tags and "Математика, 4 класс 1 1 0 0 0 недоступно" in page.text


def test_the_share_of_schools_with_signs_is_in_per_cent() -> None:
    row = {
        "school_year": "2025/2026", "level": "region", "unit_code": "reg99", "series": "all", "quantity": "signs",
        "n_observed": 200, "n_unobserved": 400, "observed_value": 0.055, "unobserved_value": 0.08, "difference": 0.025,
        "difference_low": -0.021, "difference_high": 0.064, **STAMP,
    }  # fmt: skip
    text = _page(observers=conform("objectivity_observer", [row])).text.replace("\N{NO-BREAK SPACE}", " ")
    assert "200 400 5,5 % 8,0 % 2,5 п. п. (\N{MINUS SIGN}2,1–6,4)" in text


def test_every_sign_that_was_evaluated_is_counted() -> None:
    year = make_year()
    more = [
        sign("REMARK", 0.001, FLAGGED, family="-"),
        sign("REMARK", 0.3, WEAK, family="-"),
        sign("STAGE", 0.6, CLEAN, "2025-vsosh_municipal-ma-8", family="-"),
    ]
    signs = pd.concat([year.signs, conform("objectivity_sign", more)], ignore_index=True)
    watched = {
        "school_year": "2025/2026", "level": "school", "series": "all", "quantity": "score", "n_observed": 20,
        "n_unobserved": 40, "difference": 0.1, **STAMP,
    }  # fmt: skip
    observers = [{**watched, "unit_code": code, "p": p} for code, p in ((FLAGGED, 0.0004), (CLEAN, 0.7), (WEAK, 0.02))]
    page = _page(signs=signs, observers=conform("objectivity_observer", observers))
    policy = make_policy()
    counts = {"BUNCH_REGION": "1 1 0 1 0", "REMARK": "2 1 0 1 0", "STAGE": "1 0 0 0 0", "OBSERVED": "3 1 0 1 0"}
    for code, expected in counts.items():
        assert f"{policy.signs[code].title} нет {expected}" in page.text, code


def test_a_note_on_a_work_that_was_judged_makes_no_sign_unavailable() -> None:
    note = {"event_id": RU, "sign": "", "why": "не учтены работы с баллом вне допустимых: 2", **STAMP}
    text = _page(unavailable=conform("objectivity_unavailable", [note])).text
    assert "Скопление работ на границе отметки Баллы у границ отметок 3 1 0 1 0" in text
    note = {**note, "event_id": MA, "why": "работу никто не писал"}
    text = _page(unavailable=conform("objectivity_unavailable", [note])).text
    assert "Скопление работ на границе отметки Баллы у границ отметок 3 1 0 1 1" in text


def test_a_work_without_judged_schools_says_why() -> None:
    rows = [evidence(FLAGGED, 2, 1e-4)]
    whole = {"event_id": MA, "sign": "", "why": "школ с 5 участниками и больше — 3, нужно 10", **STAMP}
    told = _page(
        evidence=conform("objectivity_evidence", rows), unavailable=conform("objectivity_unavailable", [whole])
    )
    assert "Математика, 4 класс школ с 5 участниками и больше — 3, нужно 10 0 0 0 0 0" in told.text
    small = _page(evidence=conform("objectivity_evidence", rows))
    assert "Математика, 4 класс ни в одной школе нет 10 участников" in small.text


def test_works_of_one_subject_and_grade_are_told_apart() -> None:
    year = make_year()
    other = "2026-rpr-ru-4"
    events = conform("dim_event", [event(RU), event(MA), event(other, window_from=pd.Timestamp("2026-02-10"))])
    rows = pd.concat([year.evidence, conform("objectivity_evidence", [evidence(FLAGGED, 2, 1e-4, other)])])
    text = _page(events=events, evidence=rows).text
    assert "Русский язык, 4 класс (ВПР, 04.2026)" in text and "Русский язык, 4 класс (РПР, 02.2026)" in text
    assert "РУ 4 02.2026 (РПР)" in text and "Математика, 4 класс (" not in text


def test_schools_that_fell_out_of_the_plan_are_listed() -> None:
    why = "не хватило бюджета: нужно работ 45, оставалось 12"
    row = {"event_id": RU, "school": WEAK, "evidence": 2, "n": 45, "why": why, **STAMP}
    text = _page(left_out=conform("remarking_left_out", [row])).text
    assert f"Берёзовский район Школа № 2 Русский язык, 4 класс {why}" in text
    assert "Не вошли в план" not in _page().text


@pytest.mark.parametrize(
    ("group", "words"),
    [
        ("not_judged", "не оценивались: мало участников"),
        ("work_not_judged", "работа не оценена ни в одной школе"),
        ("no_results", "нет данных: результатов этой работы у школы нет"),
    ],
)
def test_the_outcome_says_why_a_school_was_not_judged(group: str, words: str) -> None:
    row = {
        "school_year": "2025/2026", "event_id": RU, "evidence_group": group, "schools": 1, "confirmed_schools": 0,
        "precision": 0.0, "precision_low": 0.0, "precision_high": 0.8, "n": 9, "same": 9, "lower": 0, "higher": 0,
        "same_share": 1.0, "same_low": 0.7, "same_high": 1.0, "mean_difference": 0.0, **STAMP,
    }  # fmt: skip
    assert words in _page(outcomes=conform("remarking_outcome", [row])).text
