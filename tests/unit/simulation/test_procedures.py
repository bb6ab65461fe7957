"""Files of the other procedures, made of their samples."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from rsoko_pipeline import sources
from rsoko_pipeline.configuration import Configuration, load
from rsoko_pipeline.families import family_of
from rsoko_pipeline.simulation import pupils
from rsoko_pipeline.simulation.conditions import make_context
from rsoko_pipeline.simulation.landing import simulate
from rsoko_pipeline.simulation.model import SimulatedRegion, in_school, make_cohort, make_schools, simulate_works
from rsoko_pipeline.simulation.parameters import Parameters, WorkSpec
from rsoko_pipeline.simulation.procedures import rows_of
from rsoko_pipeline.simulation.region import make_contingent, make_register
from rsoko_pipeline.simulation.templates import template
from rsoko_pipeline.simulation.units import Unit, units

SEED, SCHOOLS, YEARS = 3, 60, (2025, 2026)
Units = dict[str, list[Unit]]
Said = list[dict[str, str]]


@pytest.fixture(scope="module")
def shipped() -> Configuration:
    return load()


@pytest.fixture(scope="module")
def of_years(shipped: Configuration) -> dict[int, Units]:
    schools = make_schools(Parameters(), SCHOOLS, SEED)
    register = make_register(schools, SEED, shipped.region.code)
    named = shipped.region.code, shipped.region.name
    out = {}
    for year in YEARS:
        grades = {grade: year - grade for grade in range(1, 12)}
        cohorts = {cohort: make_cohort(Parameters(), schools, cohort, SEED) for cohort in grades.values()}
        present = {name: cohort.take(in_school(cohort, year - name)) for name, cohort in cohorts.items()}
        contingent = make_contingent(register, present, grades, f"{year - 1}/{year}")
        context = make_context(register, schools, contingent, f"{year - 1}/{year}", SEED)
        out[year] = units(register, schools.level, named, contingent, context, SEED)
    return out


@pytest.fixture(scope="module")
def of_level(of_years: dict[int, Units]) -> Units:
    return of_years[2026]


@pytest.fixture(scope="module")
def said(shipped: Configuration, of_years: dict[int, Units]) -> Callable[..., Said]:
    """The rows of a procedure's file of a year, by header."""

    def made(procedure: str, year: int = 2026) -> Said:
        one = template(shipped, procedure)
        assert one is not None
        event = event_of(shipped, procedure, school_year=f"{year - 1}/{year}")
        rows = rows_of(one, event, of_years[year], shipped, SEED, family_of(shipped.procedures[procedure]))
        headers = [str(cell) for cell in one.preamble[-1]]
        return [dict(zip(headers, ["" if cell is None else str(cell) for cell in row], strict=True)) for row in rows]

    return made


@pytest.fixture(scope="module")
def landed(tmp_path_factory: pytest.TempPathFactory, shipped: Configuration) -> Path:
    out = tmp_path_factory.mktemp("landed")
    simulate(out, schools=30, years=1, seed=SEED, cfg=shipped)
    return out


@pytest.fixture(scope="module")
def region(shipped: Configuration) -> SimulatedRegion:
    spec = WorkSpec("2026-vpr-ru-4", "ru", 4, 2026, (1, 2, 3, 2, 2, 3, 2, 3, 2, 4), (10, 16, 21))
    return simulate_works(Parameters(), [spec], SCHOOLS, SEED, manipulated=0.2, kinds=[("fill", 0.5)])


@pytest.fixture(scope="module")
def scene(shipped: Configuration, region: SimulatedRegion, of_level: Units) -> pupils.Scene:
    return pupils.Scene(shipped, region, of_level["school"], region.works)


def event_of(cfg: Configuration, procedure: str, subject: str | None = None, school_year: str = "2025/2026"):
    found = [e for e in cfg.calendar.of_year(school_year) if e.procedure == procedure and subject in (None, e.subject)]
    return found[0]


def figure(text: str) -> float:
    return float(text.replace(",", "."))


def test_units_are_the_sums_of_their_schools(of_level: Units) -> None:
    assert len(of_level["school"]) == SCHOOLS
    assert {unit.parent for unit in of_level["school"]} == {unit.code for unit in of_level["municipality"]}
    (region,) = of_level["region"]
    for level in ("school", "municipality"):
        for count in (("pupils", 9), ("pupils", None), ("teachers", None), ("honours", 11)):
            assert sum(unit.counts[count] for unit in of_level[level]) == region.counts[count]


def test_certificates_and_medals_are_of_the_same_graduates(said: Callable[..., Said], of_level: Units) -> None:
    certificates = {(row["Логин ОО"], int(row["Класс"])): row for row in said("certificates")}
    for unit in of_level["school"]:
        for grade in (9, 11):
            graduates = int(unit.counts["pupils", grade])
            row = certificates.get((unit.code, grade), {"Выпускников": "0"})
            assert int(row["Выпускников"]) == graduates
            if graduates:
                assert int(row["Аттестат с отличием"]) <= int(row["Получили аттестат"]) <= graduates
    medals = said("medals")
    assert {row["Логин ОО"] for row in medals} == {code for code, grade in certificates if grade == 11}
    assert sum(int(row["Медаль I степени"]) for row in medals) > 0
    for row in medals:
        of_same = certificates[row["Логин ОО"], 11]
        assert row["Выпускников 11 классов"] == of_same["Выпускников"]
        given = int(row["Медаль I степени"]) + int(row["Медаль II степени"])
        assert given <= int(of_same["Аттестат с отличием"])


def test_figures_of_a_row_agree_with_each_other_and_with_the_roll(said: Callable[..., Said], of_level: Units) -> None:
    units_by_code = {unit.code: unit for unit in of_level["school"]}
    levels = ("Недостаточный", "Низкий", "Средний", "Повышенный", "Высокий")
    for row in said("functional_literacy"):
        five = [int(row[name]) for name in levels]
        assert sum(five) == int(row["Участвовало"]) <= int(row["Обучающихся"])
        assert sum(five[2:]) == int(row["Справились успешно"]), "the sample counts the three upper levels"
        assert int(row["Обучающихся"]) == units_by_code[row["Логин ОО"]].counts["pupils", int(row["Класс"])]
    for row in said("school_context"):
        if row["Уровень"] == "школа":
            unit = units_by_code[row["Код"]]
            assert figure(row["Вакансий"]) == unit.counts["vacancies", None]
            assert int(row["Учителей"]) == unit.counts["teachers", None]
    for row in said("task_bank"):
        assert int(row["Возможно баллов"]) % int(row["Выполняли"]) == 0


#: Columns that count, by procedure, and what tells one statement from another.
SUMS = {
    "hotline": (("Обращений", "Ответ дан в срок"), ("Тема обращений",)),
    "media": (("Публикаций", "Положительных", "Критических"), ("Тема публикаций",)),
    "pisa_model": (("Участников", "Отобрано учеников", "Школ", "Отобрано школ"), ("Область",)),
    "school_context": (("Обучающихся", "Учителей", "Ставок учителей", "Кабинетов", "Вакансий"), ()),
    "teacher_competence": (("Учителей", "Прошли оценку", "Высокий уровень"), ("Предмет", "Вид компетенции")),
}


@pytest.mark.parametrize("procedure", SUMS)
def test_what_is_counted_of_a_place_is_the_sum_of_what_is_inside(
    said: Callable[..., Said], of_level: Units, procedure: str
) -> None:
    counts, key = SUMS[procedure]
    parents = {unit.code: unit.parent for units in of_level.values() for unit in units}
    rows = said(procedure)
    levels = [level for level in ("школа", "муниципалитет", "регион") if any(row["Уровень"] == level for row in rows)]
    compared = 0
    for row in rows:
        below = levels[: levels.index(row["Уровень"])]
        same = [one for one in rows if all(one[name] == row[name] for name in key)]
        for inner in reversed(below):
            inside = [one for one in same if one["Уровень"] == inner and row["Код"] in _above(one["Код"], parents)]
            for name in counts if inside else ():
                assert figure(row[name]) == pytest.approx(sum(figure(one[name]) for one in inside)), (row, name)
                compared += 1
    assert compared >= len(counts)


def _above(code: str, parents: dict[str, str | None]) -> list[str]:
    above = parents[code]
    return [] if above is None else [above, *_above(above, parents)]


def test_an_average_of_the_region_is_that_of_its_pupils(said: Callable[..., Said]) -> None:
    rows = [row for row in said("pisa_model") if row["Область"] == "Чтение"]
    (region,) = (row for row in rows if row["Уровень"] == "регион")
    schools = [row for row in rows if row["Уровень"] == "школа"]
    pupils = np.array([figure(row["Участников"]) for row in schools])
    for name, exactness in (("Средний балл", 0), ("Ниже порогового уровня, %", 1)):
        expected = (pupils * [figure(row[name]) for row in schools]).sum() / pupils.sum()
        assert figure(region[name]) == round(expected, exactness)
    errors = [figure(row["Стандартная ошибка"]) for row in schools]
    assert figure(region["Стандартная ошибка"]) < min(errors)


def test_no_more_people_answer_than_there_are(said: Callable[..., Said], of_level: Units) -> None:
    answered: dict[tuple[str, str, str, str], int] = defaultdict(int)
    for row in said("surveys"):
        answered[row["Логин ОО"], row["Кто отвечал"], row["Категория"], row["Вопрос"]] += int(row["Ответили так"])
    counts = {unit.code: unit.counts for unit in of_level["school"]}
    people = {"родители": "pupils", "ученики": "pupils", "учителя": "teachers"}
    asked = [(count, counts[code], who, category) for (code, who, category, _), count in answered.items()]
    assert {who for _, _, who, _ in asked} > set(people)
    for count, of_unit, who, category in asked:
        grades = range(1, 5) if category == "1–4 классы" else [None]
        assert count <= (sum(of_unit[people[who], grade] for grade in grades) if who in people else 1)


@pytest.mark.parametrize(
    "procedure", ["surveys", "risk_profile", "vsoko", "functional_literacy", "metasubject", "noko", "teacher_training"]
)
def test_what_schools_say_differs(said: Callable[..., Said], procedure: str) -> None:
    contents: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    for row in said(procedure):
        contents[row["Логин ОО"]].append(tuple(row[name] for name in row if name not in ("Логин ОО", "ОО")))
    assert len({tuple(rows) for rows in contents.values()}) >= 0.9 * len(contents) > 5


@pytest.mark.parametrize(
    ("procedure", "part", "whole"),
    [
        ("noko", "Общий балл", None),
        ("functional_literacy", "Справились успешно", "Участвовало"),
        ("certificates", "Аттестат с отличием", "Выпускников"),
        ("task_bank_use", "Учеников выполнили", "Обучающихся"),
    ],
)
def test_figures_follow_the_level_and_persist(
    said: Callable[..., Said], of_level: Units, procedure: str, part: str, whole: str | None
) -> None:
    years = []
    for year in YEARS:
        sums: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
        for row in said(procedure, year):
            sums[row["Логин ОО"]][0] += figure(row[part])
            sums[row["Логин ОО"]][1] += 1.0 if whole is None else figure(row[whole])
        years.append([sums[unit.code][0] / sums[unit.code][1] for unit in of_level["school"]])
    level = [unit.level for unit in of_level["school"]]
    first, second = (np.corrcoef(values, level)[0, 1] for values in years)
    assert first > 0.4 and second > 0.4
    assert np.corrcoef(years[0], years[1])[0, 1] > 0.3
    assert years[0] != years[1]


def test_lists_are_of_schools_that_fit_their_names(said: Callable[..., Said], of_level: Units) -> None:
    lists: dict[str, set[str]] = defaultdict(set)
    for row in said("school_lists"):
        lists[row["Список школ"]].add(row["Логин ОО"])
    assert all(0.05 * SCHOOLS <= len(schools) <= 0.16 * SCHOOLS for schools in lists.values())
    low, high = lists["ШНОР"], lists["с высокими результатами"]
    assert not low & high and not low & lists["резильентные"]
    level = {unit.code: unit.level for unit in of_level["school"]}
    others = [code for code in level if code not in low | high]
    assert max(level[code] for code in low) <= min(level[code] for code in others)
    assert min(level[code] for code in high) >= max(level[code] for code in others)
    poor = {unit.code: unit.counts["low_income", None] / unit.counts["pupils", None] for unit in of_level["school"]}
    for name in ("в сложных условиях", "резильентные"):
        assert np.mean([poor[code] for code in lists[name]]) > np.mean(list(poor.values()))
    assert {row["Логин ОО"] for row in said("risk_profile")} <= low | lists["в сложных условиях"]
    assert {row["Логин ОО"] for row in said("school_lists", 2025) if row["Список школ"] == "ШНОР"} == low


def test_graduates_are_those_who_sit_the_exams(landed: Path, shipped: Configuration) -> None:
    folder = landed / "2025-2026"
    register = pd.read_excel(landed / "Реестр школ.xlsx", dtype=str, engine="openpyxl")
    logins = dict(zip(register["Код РИС"], register["Код ОО"], strict=True))
    with next((folder / "2026-certificates").iterdir()).open(encoding="utf-8-sig") as stream:
        rows = list(csv.DictReader(stream, delimiter=";"))
    for event, grade in (("2026-oge-ru-9", "9"), ("2026-ege-ru-11", "11")):
        paths = sorted((folder / event).iterdir())
        read = sources.read_many([(path, path.name) for path in paths], cfg=shipped, key=b"key")
        sat = pd.concat([one.frames["source_exam"] for one in read], ignore_index=True)
        listed = sat[sat["event_id"].eq(event) & sat["class_no"].notna()].groupby("school")["pupil_code"].nunique()
        graduates = {row["Логин ОО"]: int(row["Выпускников"]) for row in rows if row["Класс"] == grade}
        assert {logins[code]: count for code, count in listed.items()} == graduates


def test_every_unit_says_each_thing_once_and_the_sample_chooses_the_words(
    shipped: Configuration, of_level: Units
) -> None:
    one = template(shipped, "vsosh_control")
    assert one is not None
    family = family_of(shipped.procedures["vsosh_control"])
    assert family is not None
    rows = rows_of(one, event_of(shipped, "vsosh_control"), of_level, shipped, SEED, family)
    code, control = one.column("unit_code"), one.column("control")
    assert code is not None and control is not None
    assert {row[code] for row in rows} == {unit.code for unit in of_level["school"]}
    assert {row[control] for row in rows} <= {row[control] for row in one.rows}
    assert rows == rows_of(one, event_of(shipped, "vsosh_control"), of_level, shipped, SEED, family)


def test_a_row_moves_to_the_year_of_its_event(shipped: Configuration) -> None:
    one = template(shipped, "vsosh_control")
    assert one is not None
    years = [e for e in shipped.calendar.events.values() if e.procedure == "vsosh_control"]
    assert len(years) > 1, "the calendar has two school years of it"
    moved = [one.of_event(row, event, shipped) for event in years for row in one.rows]
    about = {shipped.calendar.events[work].school_year for row in moved if row and (work := one.about(row, shipped))}
    assert about == {event.school_year for event in years}


def test_years_within_words_move_too(said: Callable[..., Said]) -> None:
    orders = {year: [row for row in said("decisions", year) if row["Вид решения"] == "приказ"] for year in YEARS}
    for year, rows in orders.items():
        assert any(row["Содержание решения"] == f"О проведении ВПР в {year} году" for row in rows)
        assert rows and all(row["Документ"].endswith(f" от {row['Дата']}") for row in rows)


def test_the_stages_of_an_olympiad_are_the_same_pupils(shipped: Configuration, scene: pupils.Scene) -> None:
    found = {}
    for stage in ("vsosh_school", "vsosh_municipal", "vsosh_regional"):
        one = template(shipped, stage)
        assert one is not None
        places = [one.column(field) for field in ("unit_code", "pupil_code", "grade")]
        rows = pupils.olympiad_rows(one, event_of(shipped, stage, "ma"), scene)
        found[stage] = {tuple(row[place] for place in places if place is not None) for row in rows}
    assert found["vsosh_regional"] < found["vsosh_municipal"] < found["vsosh_school"]
    assert {grade for *_, grade in found["vsosh_municipal"]} <= set(range(7, 12))
    assert found["vsosh_regional"]


def test_falsified_points_are_found_when_marked_again(shipped: Configuration, scene: pupils.Scene) -> None:
    one = template(shipped, "remarking")
    assert one is not None
    rows = list(pupils.second_mark_rows(one, event_of(shipped, "remarking"), scene))
    code, first, second = (one.column(name) or 0 for name in ("unit_code", "first_score", "second_score"))
    dishonest = {scene.schools[one.school].code for work in scene.works.values() for one in work.truth}
    assert dishonest
    change: dict[bool, list[float]] = {True: [], False: []}
    for row in rows:
        change[row[code] in dishonest].append(float(row[second] or 0) - float(row[first] or 0))
    assert np.mean(change[True]) < -1.5 and abs(np.mean(change[False])) < 0.3
    assert {one.about(row, shipped) for row in rows} == {"2026-vpr-ru-4"}


def test_every_procedure_with_a_sample_is_in_the_landing_folder(landed: Path, shipped: Configuration) -> None:
    wanted = {
        event.event_id
        for event in shipped.calendar.of_year("2025/2026")
        if family_of(shipped.procedures[event.procedure]) and template(shipped, event.procedure)
    }
    written = {path.parent.name for path in landed.rglob("*") if path.is_file()}
    olympiads = {event for event in wanted if "vsosh_regional" in event}  # a small region has no pupil there in most
    assert wanted - olympiads <= written


def test_state_control_is_there_in_the_years_in_which_it_was_held(tmp_path: Path, shipped: Configuration) -> None:
    controls = ("state_control", "state_control_summary")
    held = {e.event_id: e for e in shipped.calendar.events.values() if e.procedure in controls}
    assert {event.school_year for event in held.values()} == {"2020/2021"}
    simulate(tmp_path, schools=30, school_years=["2020/2021"], seed=SEED, dirt=0, cfg=shipped)
    written = {path.parent.name: path for path in tmp_path.rglob("*") if path.parent.name in held}
    assert set(written) == set(held)
    (event,) = (event for event in held.values() if event.procedure == "state_control")
    (read,) = sources.read_many([(written[event.event_id], "контроль.xlsx")], cfg=shipped)
    assert not read.findings
    works = {shipped.calendar.events[work] for work in read.frames["source_second_mark"]["about_event"].unique()}
    assert works and all(work.window_from <= event.window_to for work in works), "no work is checked before its day"
