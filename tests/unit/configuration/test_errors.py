"""A wrong configuration is refused with file, key, what is wrong and what to do: all problems at once."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from rsoko_pipeline.configuration import ConfigurationError, load
from tests.unit.configuration.conftest import Problems

YEAR = """
    school_year: 2026/2027
    source: проба
    status: own
"""
CAMPAIGN = """
      - id: vpr-2027
        procedure: vpr
        title: ВПР 2027
        window_from: 2027-04-20
        window_to: 2027-05-20
"""


def test_an_unknown_key_is_named_with_the_likely_one(problems: Problems) -> None:
    (problem,) = problems(
        {
            "region.yaml": """
            code: "99"
            name: Область
            timezon: Europe/Moscow
            timezone: Europe/Moscow
            source: проба
            status: own
        """
        }
    )
    assert (problem.file, problem.key, problem.line) == ("region.yaml", "timezon", 4)
    assert "неизвестный ключ timezon" in problem.text
    assert "timezone" in problem.remedy


def test_all_problems_of_all_files_come_at_once(problems: Problems) -> None:
    found = problems(
        {
            "region.yaml": "code: '99'\nname: Область\ntimezone: Europe/Moscva\nsource: проба\nstatus: own\n",
            "limits.yaml": "source: проба\nstatus: own\nmax_rows: много\n",
            "subjects.yaml": """
            source: проба
            status: guess
            subjects: []
        """,
        }
    )
    assert {problem.file for problem in found} == {"region.yaml", "limits.yaml", "subjects.yaml"}
    keys = {(problem.file, problem.key) for problem in found}
    assert ("limits.yaml", "max_rows") in keys
    assert ("limits.yaml", "max_columns") in keys
    assert ("subjects.yaml", "status") in keys


def test_the_message_reads_as_file_key_line_problem_remedy(problems: Problems) -> None:
    found = problems(
        {
            "calendar/2026-2027.yaml": f"""{YEAR}
    campaigns:{CAMPAIGN}
        works:
          - {{subjects: [ru], grades: [четвёртый]}}
        """
        }
    )
    (problem,) = found
    assert problem.key == "campaigns[0].works[0].grades[0]"
    text = str(problem)
    assert text.startswith("calendar/2026-2027.yaml: campaigns[0].works[0].grades[0] (строка ")
    assert "значение «четвёртый» не подходит: ожидается целое число" in text
    assert "Что сделать:" in text
    assert problem.folder is not None
    assert str(problem.folder) in text


@pytest.mark.parametrize(
    ("works", "key", "words"),
    [
        ("{subjects: [zz], grades: [4]}", "campaigns[0].works[0].subjects[0]", "предмета с кодом zz нет"),
        ("{subjects: [ru], grades: [14]}", "campaigns[0].works[0].grades[0]", "не больше 12"),
        ("{subjects: [], grades: [4]}", "campaigns[0].works[0].subjects", "список пуст"),
        ("{subjects: [ru], grades: [4], coverage_target: 100}", "campaigns[0].works[0].coverage_target", "не больше 1"),
        ("{subjects: [ru], grades: [4], drawn: 1}", "campaigns[0].works[0]", "drawn указан"),
        ("{subjects: [ru], grades: [4], participation: все}", "campaigns[0].works[0].participation", "by_choice"),
        ("{subjects: [ru, ru], grades: [4]}", "campaigns[0].works", "событие 2027-vpr-ru-4 уже есть"),
        ("{subjects: [ru], grades: [4], window_to: 2027-04-01}", "campaigns[0]", "начало позже конца"),
    ],
)
def test_a_wrong_work_of_a_campaign(problems: Problems, works: str, key: str, words: str) -> None:
    found = problems({"calendar/2026-2027.yaml": f"{YEAR}\n    campaigns:{CAMPAIGN}        works: [{works}]\n"})
    assert [problem.key for problem in found] == [key]
    assert words in found[0].text
    assert found[0].remedy


def test_a_campaign_must_fit_the_procedures_the_year_and_the_other_campaigns(problems: Problems) -> None:
    campaign = CAMPAIGN.replace("procedure: vpr", "procedure: unheard").replace("2027-04-20", "2026-04-20")
    found = problems(
        {
            "calendar/2026-2027.yaml": f"{YEAR}\n    campaigns:{campaign.replace('id: vpr-2027', 'id: vpr-2026')}",
        }
    )
    by_key = {problem.key: problem for problem in found}
    assert "процедуры unheard нет" in by_key["campaigns[0].procedure"].text
    assert "procedures/unheard/" in by_key["campaigns[0].procedure"].remedy
    assert "не входит в учебный год 2026/2027" in by_key["campaigns[0].window_from"].text
    assert "код кампании vpr-2026 уже занят" in by_key["campaigns[0].id"].text


def test_the_name_of_a_year_file_must_agree_with_its_year(problems: Problems) -> None:
    (problem,) = problems({"calendar/2026-2027.yaml": YEAR.replace("2026/2027", "2027/2028")})
    assert problem.key == "school_year"
    assert "calendar/2027-2028.yaml" in problem.remedy


def test_a_year_is_described_once(problems: Problems) -> None:
    year = "    year: {begins: 2025-09-01, ends: 2026-05-26}\n"
    (problem,) = problems({"calendar/2025-2026-more.yaml": YEAR.replace("2026/2027", "2025/2026") + year})
    assert problem.key == "year"
    assert "calendar/2025-2026" in problem.text


@pytest.mark.parametrize("year", ["2026", "2026/2028", "2026-2027"])
def test_a_school_year_is_two_years_in_a_row(problems: Problems, year: str) -> None:
    (problem,) = problems({"calendar/2026-2027.yaml": YEAR.replace("2026/2027", f'"{year}"')})
    assert problem.key == "school_year"
    assert "2025/2026" in problem.remedy


@pytest.mark.parametrize(
    ("due", "words"),
    [
        ("{kind: отчёт, after: window_to, days: 1, months: 1}", "сразу несколькими способами"),
        ("{kind: отчёт, after: window_to, day_month: 31 ноября}", "не день года"),
        ("{kind: отчёт, after: сразу, days: 1}", "допустимы 'window_to'"),
    ],
)
def test_a_deadline_that_cannot_be_a_date(problems: Problems, due: str, words: str) -> None:
    found = problems({"calendar/2026-2027.yaml": f"{YEAR}\n    campaigns:{CAMPAIGN}        dues: [{due}]\n"})
    assert [problem.key for problem in found if words in problem.text], found


SCALES = "    source: проба\n    status: own\n    scales:\n"


@pytest.mark.parametrize(
    ("scale", "key", "words"),
    [
        ("{subject: ru, grade: 4, max_score: 24, borders: {3: 10, 4: 10, 5: 21}}", "scales[0]", "не возрастают"),
        ("{subject: ru, grade: 4, max_score: 20, borders: {3: 10, 4: 16, 5: 21}}", "scales[0]", "выше максимального"),
        ("{subject: ru, grade: 4, max_score: 24, borders: {3: 10, 4: 16}}", "scales[0]", "границы трёх отметок"),
        ("{subject: ru, grade: 4, max_score: 0}", "scales[0].max_score", "больше 0"),
        ("{subject: ru, grade: 4, max_score: 9, year_from: 2026, year_to: 2025}", "scales[0]", "позже year_to"),
        ("{subject: yy, grade: 4, max_score: 9}", "scales[0].subject", "предмета с кодом yy нет"),
        ("{grade: 4, max_score: 9}", "scales[0].subject", "нет обязательного ключа subject"),
    ],
)
def test_a_wrong_scale(problems: Problems, scale: str, key: str, words: str) -> None:
    found = problems(
        {"procedures/vpr/scales.yaml": f"{SCALES}      - {scale}\n", "procedures/vpr/works.yaml": WORKS_NONE}
    )
    assert [(problem.file, problem.key) for problem in found] == [("procedures/vpr/scales.yaml", key)]
    assert words in found[0].text


WORKS_NONE = "source: проба\nstatus: own\nworks: []\n"


def test_scales_of_one_work_may_not_overlap(problems: Problems) -> None:
    (problem,) = problems(
        {
            "procedures/vpr/scales.yaml": f"""{SCALES}
      - {{subject: ru, grade: 4, year_to: 2025, max_score: 38}}
      - {{subject: ru, grade: 5, year_from: 2025, max_score: 45}}
      - {{subject: ru, grade: 4, year_from: 2025, max_score: 24}}
    """,
            "procedures/vpr/works.yaml": WORKS_NONE,
        }
    )
    assert problem.key == "scales[2]"
    assert "пересекаются с записью scales[0]" in problem.text
    assert "year_to" in problem.remedy


def test_tasks_add_up_to_the_scale_of_the_same_year(problems: Problems) -> None:
    (problem,) = problems(
        {
            "procedures/vpr/scales.yaml": f"""{SCALES}
      - {{subject: ru, grade: 4, year_from: 2026, max_score: 24}}
      - {{subject: ru, grade: 4, year_to: 2025, max_score: 38}}
    """,
            "procedures/vpr/works.yaml": """
            source: проба
            status: own
            works:
              - {subject: ru, grade: 4, year_to: 2025, tasks: [{task: "1", max_points: 38}]}
              - subject: ru
                grade: 4
                year_from: 2026
                tasks: [{task: "1", max_points: 20}, {task: 2К1, max_points: 3}]
        """,
        }
    )
    assert problem.key == "works[1].tasks"
    assert "в сумме дают 23" in problem.text
    assert "24" in problem.text


def test_a_task_is_written_once(problems: Problems) -> None:
    (problem,) = problems(
        {
            "procedures/vpr/works.yaml": """
            source: проба
            status: own
            works:
              - {subject: hi, grade: 9, tasks: [{task: "1", max_points: 3}, {task: "1", max_points: 3}]}
        """
        }
    )
    assert problem.key == "works[0]"
    assert "задание 1 записано дважды" in problem.text


@pytest.mark.parametrize("key", ["source", "status"])
def test_a_fact_without_source_or_status_is_refused(problems: Problems, key: str) -> None:
    region = {"code": "'99'", "name": "Область", "timezone": "Europe/Moscow", "source": "проба", "status": "own"}
    del region[key]
    (problem,) = problems({"region.yaml": "\n".join(f"{name}: {value}" for name, value in region.items())})
    assert problem.key == key
    assert "в начале файла" in problem.remedy


def test_a_key_written_twice_is_refused(problems: Problems) -> None:
    (problem,) = problems({"region.yaml": "code: '99'\nname: Область\nname: Край\nsource: проба\nstatus: own\n"})
    assert (problem.file, problem.line) == ("region.yaml", 3)
    assert "ключ name записан дважды" in problem.text


@pytest.mark.parametrize(
    ("text", "place", "what", "remedy"),
    [
        ("name: Край: Север\n", (1, 11), "двоеточие", "возьмите в кавычки"),
        ("name: Край\n code: 1\n", (2, 6), "двоеточие", "отступ"),
        ("code: '99'\nname: [a\n", (2, 7), "не закрыта квадратная скобка", "Закройте"),
        ("code: '99'\nname: {a: 1\n", (2, 7), "не закрыта фигурная скобка", "Закройте"),
        ("code: '99'\nname: 'Об\nstatus: own\n", (2, 7), "не закрыта кавычка", "закрывающую"),
        ("code:\n\tname: Область\n", (2, 1), "недопустимым знаком", "не табуляцией"),
        ("code: 1\nname\nstatus: own\n", (2, 1), "нет двоеточия", "двоеточие и пробел"),
        ("code:\n  - 1\n -2\n", (3, 2), "отступе", "Выровняйте"),
        ("- a\nb: 1\n", (2, 1), "строка без «-»", "Начните"),
        ("code: - 1\n", (1, 7), "список", "следующую строку"),
        ("code: *x\n", (1, 7), "«*»", "кавычки"),
        ("code: !x 1\n", (1, 7), "«!»", "кавычки"),
        ('code: "\\q"\n', (1, 8), "обратная косая", "одинарные"),
        ("}\n", (1, 1), "лишний знак", "Проверьте"),
        ("code: 1\n---\nname: 2\n", (2, 1), "«---»", "одну часть"),
    ],
)
def test_broken_yaml_is_told_in_russian_with_its_place(
    problems: Problems, text: str, place: tuple[int, int], what: str, remedy: str
) -> None:
    (problem,) = problems({"region.yaml": text})
    assert (problem.file, (problem.line, problem.column)) == ("region.yaml", place)
    assert "не читается как YAML" in problem.text and what in problem.text and remedy in problem.remedy
    assert f"region.yaml (строка {place[0]}, знак {place[1]})" in str(problem)
    assert not re.search("[a-z]{2}", problem.text.replace("YAML", "")), "no word of the parser's own"


def test_signs_that_no_text_has_are_refused_in_words(problems: Problems) -> None:
    (problem,) = problems({"region.yaml": "code: \x07\n"})
    assert "знаки, которых в тексте быть не может" in problem.text and "UTF-8" in problem.remedy


def test_a_file_in_another_encoding_is_refused(tmp_path: Path) -> None:
    (tmp_path / "region.yaml").write_bytes("code: '99'\nname: Область\n".encode("cp1251"))
    with pytest.raises(ConfigurationError, match="UTF-8"):
        load(str(tmp_path))


def test_an_empty_file_is_refused(problems: Problems) -> None:
    (problem,) = problems({"region.yaml": "# только примечание\n"})
    assert "нет ни одного ключа" in problem.text


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("calender/2026-2027.yaml", "calendar"),
        ("subject.yaml", "subjects.yaml"),
        ("calendar/2026-2027.yml", "файлы .yaml"),
        ("procedures/vpr/scale.yaml", "scales.yaml"),
        ("procedures/vpr/layout/f1.yaml", "layouts/"),
    ],
)
def test_a_file_that_would_be_passed_over_because_of_its_name_is_reported(
    problems: Problems, name: str, words: str
) -> None:
    found = problems({name: "source: проба\nstatus: own\n"})
    assert name in {problem.file for problem in found}
    assert any(words in problem.remedy for problem in found)


def test_a_missing_overlay_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="RSOKO_CONFIG"):
        load(os.pathsep.join([str(tmp_path), str(tmp_path / "нет такой")]))


def test_two_subjects_may_not_share_a_name(problems: Problems) -> None:
    found = problems(
        {
            "subjects.yaml": """
            source: проба
            status: own
            subjects:
              - {code: ru, name: Русский язык, short: РУ}
              - {code: rus, name: Русский как родной, short: PУ}
        """
        }
    )
    mine = [problem for problem in found if problem.file == "subjects.yaml"]
    assert [problem.key for problem in mine] == ["subjects[1]"]
    assert "уже занято предметом ru" in mine[0].text


def test_the_texts_of_findings_are_checked(problems: Problems) -> None:
    found = problems(
        {
            "findings.yaml": """
            source: проба
            status: own
            findings:
              RSK-ONE: {severity: fatal, scope: file, message: "Плохо.", remedy: "Исправьте."}
        """
        }
    )
    (problem,) = found
    assert problem.key == "findings.RSK-ONE.severity"
    assert "'error'" in problem.text


LIMITS = """
    source: проба
    status: own
    max_file_bytes: 1000
    max_unpacked_bytes: 1000
    max_ratio: 100
    max_rows: 1000
    max_columns: 10
    max_members: 10
    max_depth: 1
    seconds_per_file: 10
    memory_bytes: 1000
"""


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("max_ratio", "1", "должно быть больше 1"),
        ("max_depth", "-1", "должно быть не меньше 0"),
        ("max_rows", "10.5", "ожидается целое число"),
        ("seconds_per_file", "долго", "ожидается число"),
        ("source", "''", "пустой текст"),
        ("status", "[own]", "допустимы 'official'"),
    ],
)
def test_a_wrong_value_is_told_with_what_is_expected(problems: Problems, key: str, value: str, words: str) -> None:
    lines = [f"    {key}: {value}" if line.strip().startswith(f"{key}:") else line for line in LIMITS.splitlines()]
    (problem,) = problems({"limits.yaml": "\n".join(lines)})
    assert problem.key == key
    assert words in problem.text


@pytest.mark.parametrize(
    ("text", "key", "words"),
    [
        ("    campaigns: всё\n", "campaigns", "ожидается список"),
        ("    campaigns: [всё]\n", "campaigns[0]", "блок вида «ключ: значение»"),
        ("    year: 2026\n", "year", "блок вида «ключ: значение»"),
        ("    year: {begins: 1 сентября, ends: 2027-05-26}\n", "year.begins", "дата вида 2026-04-20"),
        (
            "    year:\n      begins: 2026-09-01\n      ends: 2027-05-26\n"
            "      holidays: [{name: Зима, begins: 2027-01-09, ends: 2027-01-01}]\n",
            "year.holidays[0]",
            "начало позже конца",
        ),
        ("    dues: [{id: q, kind: отчёт, title: Отчёт, after: window_to}]\n", "dues[0]", "нет окна проведения"),
        (
            "    dues: [{id: Отчёт, kind: отчёт, title: Отчёт, after: year_end}]\n",
            "dues[0].id",
            "не подходит под образец",
        ),
        (
            f"    campaigns:{CAMPAIGN}        dues: [&due {{kind: анализ, after: window_to}}, *due]\n",
            "campaigns[0]",
            "вид срока (kind) повторяется",
        ),
        (
            f"    campaigns:{CAMPAIGN}        programme: previous\n        works: [{{subjects: [ru], grades: [1]}}]\n",
            "campaigns[0].works[0].grades",
            "у 1 класса нет программы прошлого года",
        ),
    ],
)
def test_a_wrong_block_of_a_year(problems: Problems, text: str, key: str, words: str) -> None:
    (problem,) = problems({"calendar/2026-2027.yaml": YEAR + text})
    assert problem.key == key
    assert words in problem.text
    assert problem.line is not None


def test_a_code_is_an_identifier(problems: Problems) -> None:
    (problem,) = problems(
        {"subjects.yaml": "source: проба\nstatus: own\nsubjects: [{code: РУ, name: Русский язык, short: РУ}]\n"}
    )
    assert problem.key == "subjects[0].code"
    assert "латинские строчные буквы" in problem.remedy
