"""Layout maps: the headers and patterns of real files, and what is wrong with a map."""

from __future__ import annotations

import pytest

from rsoko_pipeline import contracts
from rsoko_pipeline.configuration import Configuration, load
from tests.unit.configuration.conftest import Problems


@pytest.fixture(scope="module")
def cfg() -> Configuration:
    return load("")


def test_every_format_of_vpr_has_a_layout(cfg: Configuration) -> None:
    formats = "vpr_f1 vpr_f3 vpr_form vpr_journal vpr_labels vpr_scores vpr_summary_marks vpr_summary_scores"
    assert " ".join(cfg.procedures["vpr"].formats) == formats
    assert {layout.edition for layout in cfg.layouts.values() if layout.format == "vpr_form"} == {
        "одна часть",
        "две части",
    }
    assert {layout.edition for layout in cfg.layouts.values() if layout.format == "vpr_journal"} == {"2026", "прежняя"}


def test_registers_are_read_by_configuration_alone(cfg: Configuration) -> None:
    assert cfg.delimited["register_schools"].target == "source_register"
    assert cfg.delimited["contingent"].target == "source_contingent"
    for layout in cfg.delimited.values():
        filled = {column.field for column in layout.columns}
        of_school = set(contracts.table("source_school").names) if layout.target == "source_result" else set()
        assert filled <= set(contracts.table(layout.target).names) | of_school


@pytest.mark.parametrize("layout", ["vpr_f1", "vpr_form", "vpr_form_two_parts"])
@pytest.mark.parametrize(
    ("header", "task", "points"),
    [
        ("1 (5б)", "1", "5"),
        ("12.1 (2б)", "12.1", "2"),
        ("4К1 (3б)", "4К1", "3"),
        ("4K1 (3б)", "4K1", "3"),
        ("11.3 k1 (2б)", "11.3 k1", "2"),
        ("11.3 к1(2б.)", "11.3 к1", "2"),
        ("10.2К1 (2 б)", "10.2К1", "2"),
    ],
)
def test_headers_of_tasks(cfg: Configuration, layout: str, header: str, task: str, points: str) -> None:
    pattern = cfg.layouts[layout].task_header
    assert pattern is not None
    match = pattern.fullmatch(header)
    assert match is not None
    assert match.groupdict() == {"task": task, "max": points}


@pytest.mark.parametrize("header", ["Вариант", "Класс", "К1 (3б)", "1", "1 (б)", "Итого баллов", "1 (5б) прим."])
def test_other_headers_are_not_tasks(cfg: Configuration, header: str) -> None:
    pattern = cfg.layouts["vpr_f1"].task_header
    assert pattern is not None
    assert pattern.fullmatch(header) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ВПР 2026 Русский язык 4 класс", ("2026", "Русский язык", "4")),
        ("ВПР 2026. Математика. 8 класс", ("2026", "Математика", "8")),
        ("впр 2025  Окружающий мир  4  класс", ("2025", "Окружающий мир", "4")),
        ("ВПР 2026 Физика (углублённый уровень) 7 класс", ("2026", "Физика (углублённый уровень)", "7")),
    ],
)
def test_the_row_that_names_the_work(cfg: Configuration, text: str, expected: tuple[str, ...]) -> None:
    for layout in ("vpr_f1", "vpr_f3", "vpr_journal", "vpr_scores"):
        anchors = cfg.layouts[layout].anchors
        assert anchors.subject is not None
        assert anchors.subject_row == 3
        match = anchors.subject.search(text)
        assert match is not None
        assert (match["year"], match["subject"], match["grade"]) == expected


def test_the_section_row_of_f1(cfg: Configuration) -> None:
    import re

    match = re.match(
        cfg.layouts["vpr_f1"].options["section"], "МБОУ «СОШ №1 (с углублением)»(edu203389) | Кол-во участников: 89"
    )
    assert match is not None
    assert match.groupdict() == {"name": "МБОУ «СОШ №1 (с углублением)»", "school": "edu203389", "declared": "89"}


def test_the_cells_of_the_official_list(cfg: Configuration) -> None:
    pattern = cfg.layouts["vpr_labels"].label_header
    assert pattern is not None
    for header in ("4 РУ", "5 МА", "10РУ"):
        match = pattern.fullmatch(header)
        assert match is not None
        assert cfg.subject_named(match["subject"]) is not None
    assert pattern.fullmatch("Количество маркеров") is None


def test_fields_of_a_layout_have_headers(cfg: Configuration) -> None:
    assert cfg.layouts["vpr_f1"].headers_of("school") == ("ОО",)
    assert cfg.layouts["vpr_f1"].headers_of("municipality") == ()


MAP = """
    source: проба
    status: own
    format: {id}
    edition: "1"
    title: Проба
"""


@pytest.mark.parametrize(
    ("body", "key", "words"),
    [
        ("columns: [{field: shcool, headers: Школа}]", "columns[0].field", "поля shcool нет"),
        ("columns: []", "columns", "список пуст"),
        ("columns: [{field: school, headers: []}]", "columns[0].headers", "список пуст"),
        ("columns: [{field: school, headers: Школа}]\n    task_header: '('", "task_header", "не регулярное выражение"),
    ],
)
def test_a_wrong_layout(problems: Problems, body: str, key: str, words: str) -> None:
    text = MAP.format(id="probe") + f"    header_row: 1\n    anchors: {{headers: [Школа]}}\n    {body}\n"
    found = problems({"procedures/vpr/layouts/probe.yaml": text})
    assert [problem.key for problem in found] == [key]
    assert words in found[0].text


REGISTER = """    target: source_register
    recognise: {headers: [Школа]}
"""


@pytest.mark.parametrize(
    ("body", "key", "words"),
    [
        (
            "columns: [{field: school, headers: Код}, {field: school_name, headers: Имя}]",
            "columns",
            "поля municipality",
        ),
        (
            "columns: [{field: school, headers: Код}, {field: school_name, headers: Имя}]\n"
            "    constants: {municipality: m01, kindd: СОШ}",
            "constants.kindd",
            "поля kindd нет",
        ),
        (
            "columns: [{field: school, headers: Код}, {field: school_name, headers: Имя}]\n"
            "    constants: {municipality: m01}\n    key: [ogrn]",
            "key",
            "ключевого поля ogrn нет",
        ),
        ("columns: [{field: school}]", "columns[0]", "ровно одно из двух"),
        (
            "columns: [{field: school, headers: Код}]\n    measures: [{measure: n, title: Число, value: Число}]",
            "",
            "не подходят друг к другу",
        ),
        (
            "columns: [{field: school, headers: Код}]\n    questions: [{question: В, headers: В, answers: {да: да}}]",
            "",
            "questions и target",
        ),
        ("columns: [{field: school, headers: Код}]\n    replaces: event", "", "replaces: event и target"),
    ],
)
def test_a_wrong_delimited_layout(problems: Problems, body: str, key: str, words: str) -> None:
    found = problems({"procedures/vpr/delimited/probe.yaml": MAP.format(id="probe") + REGISTER + f"    {body}\n"})
    assert [problem.key for problem in found] == [key]
    assert words in found[0].text


def test_results_must_say_to_which_event_they_belong(problems: Problems) -> None:
    body = """    target: source_result
    recognise: {headers: [Школа]}
    columns: [{field: school, headers: Школа}, {field: pupil_code, headers: Код}]
"""
    (problem,) = problems({"procedures/vpr/delimited/probe.yaml": MAP.format(id="probe") + body})
    assert "к какому событию" in problem.text
    (problem,) = problems(
        {"procedures/vpr/delimited/probe.yaml": MAP.format(id="probe") + body + "    event: {grade: 11}\n"}
    )
    assert (problem.key, problem.text) == ("event", "год события не задан")


def test_the_name_of_a_layout_is_unique(problems: Problems) -> None:
    text = (
        MAP.format(id="vpr_f1")
        + "    header_row: 1\n    anchors: {headers: [Школа]}\n    columns: [{field: school, headers: Школа}]\n"
    )
    (problem,) = problems({"procedures/contingent/layouts/vpr_f1.yaml": text})
    assert "карта vpr_f1 уже есть" in problem.text
