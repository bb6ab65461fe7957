"""Tables of the other procedures: subjects by name, the work that a row is about, fields and figures of measures."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from rsoko_pipeline import configuration, contracts
from rsoko_pipeline.configuration import Configuration
from rsoko_pipeline.configuration.errors import ConfigurationError

from .conftest import Read, codes

PROCEDURE = """
    source: тест
    status: own
    name: {name}
    short: {name}
    level: regional
    thresholds: {{unit_share_failed: 1, event_share_failed: 1}}
"""
AGAIN = """
    source: вымышленная таблица
    status: own
    format: again
    edition: тест
    title: Проверили ещё раз
    target: source_second_mark
    recognise: {headers: [Школа, Балл 2]}
    event: {year_header: Учебный год, year_extract: '/(\\d{4})'}
    about: {procedure_header: Процедура, subject_header: Предмет, grade_header: Класс, year_header: Год}
    columns:
      - {field: unit_code, headers: Школа}
      - {field: pupil_code, headers: Код}
      - {field: first_score, headers: Балл 1, type: decimal}
      - {field: second_score, headers: Балл 2, type: decimal}
    constants: {level: school, second_kind: remarking}
"""
STUDY = """
    source: вымышленная таблица
    status: own
    format: study
    edition: тест
    title: Исследование
    target: source_measure
    recognise: {headers: [Регион, Балл]}
    event: {year_header: Год}
    columns:
      - {field: unit_code, headers: Регион}
      - {field: subject, headers: Предмет, type: subject, required: false}
    constants: {level: region}
    measures:
      - measure: mean
        title: Средний балл
        value: Балл
        standard_error: Ошибка
        n: Участников
        fields: {domain: всего}
      - {measure: low, title: Ниже порога, numerator: Ниже порога, denominator: Участников, fields: {domain: порог}}
"""
CALENDAR = """
    school_year: 2025/2026
    source: тест
    status: own
    campaigns:
      - {id: again-2026, procedure: again, title: Ещё раз, window_from: 2026-03-01, window_to: 2026-03-31}
      - {id: study-2026, procedure: study, title: Исследование, window_from: 2026-03-01, window_to: 2026-03-31}
"""
HEAD = "Школа;Код;Балл 1;Балл 2;Учебный год;Процедура;Предмет;Класс;Год\n"


def overlay(root: Path, files: dict[str, str]) -> Configuration:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), encoding="utf-8")
    return configuration.load(str(root))


FILES = {
    "procedures/again/procedure.yaml": PROCEDURE.format(name="Ещё раз"),
    "procedures/again/delimited/again.yaml": AGAIN,
    "procedures/study/procedure.yaml": PROCEDURE.format(name="Исследование"),
    "procedures/study/delimited/study.yaml": STUDY,
    "calendar/2025-2026-more.yaml": CALENDAR,
}


@pytest.fixture(scope="module")
def more(tmp_path_factory: pytest.TempPathFactory) -> Configuration:
    return overlay(tmp_path_factory.mktemp("overlay"), FILES)


def test_a_row_is_about_the_work_that_it_names(read: Read, more: Configuration) -> None:
    text = (
        HEAD
        + "edu990001;40001;10;9;2025/2026;ВПР;Русский язык;4;2026\n"
        + "edu990001;80001;10;12;2025/2026;впр;матем.;8;2026\n"
    )
    frame = read(text.encode(), "ещё раз.csv", more).frames["source_second_mark"]
    assert frame["about_event"].tolist() == ["2026-vpr-ru-4", "2026-vpr-ma-8"]
    assert frame["second_score"].tolist() == [9, 12]
    assert set(frame["second_kind"]) == {"remarking"}
    assert frame.equals(contracts.table("source_second_mark").conform(frame))


@pytest.mark.parametrize(
    "work",
    ["ВПР;Русский язык;4;1995", "ВПР;Волшебство;4;2026", "Неизвестная;Русский язык;4;2026", "ВПР;Русский язык;ё;2026"],
)
def test_a_row_about_a_work_that_the_calendar_lacks_is_held_and_the_others_go_on(
    read: Read, more: Configuration, work: str
) -> None:
    text = HEAD + f"edu990001;40001;10;9;2025/2026;{work}\nedu990001;40002;10;9;2025/2026;ВПР;Русский язык;4;2026\n"
    result = read(text.encode(), "ещё раз.csv", more)
    assert codes(result).count("RSK-ABOUT-UNKNOWN") == 1
    found = next(f for f in result.findings if f.code == "RSK-ABOUT-UNKNOWN")
    assert found.row_number == 2 and found.severity == "error"
    assert result.frames["source_second_mark"]["pupil_code"].tolist() == ["40002"]


def test_a_row_that_must_be_about_a_work_and_names_none_is_held(read: Read, more: Configuration) -> None:
    text = HEAD + "edu990001;40001;10;9;2025/2026;;;;\nedu990001;40002;10;9;2025/2026;ВПР;Русский язык;4;2026\n"
    result = read(text.encode(), "ещё раз.csv", more)
    assert result.frames["source_second_mark"]["pupil_code"].tolist() == ["40002"]


def test_a_measure_has_its_own_fields_its_error_and_its_number(read: Read, more: Configuration) -> None:
    text = "Регион;Год;Предмет;Балл;Ошибка;Участников;Ниже порога\n99;2026;Математика;512,5;3,1;1200;240\n"
    result = read(text.encode(), "исследование.csv", more)
    frame = result.frames["source_measure"].set_index("measure")
    mean, low = frame.to_dict("index")["mean"], frame.to_dict("index")["low"]
    said = [mean[name] for name in ("value", "standard_error", "n", "domain", "subject")]
    assert said == [512.5, 3.1, 1200, "всего", "ma"]
    assert [low[name] for name in ("numerator", "denominator", "domain")] == [240, 1200, "порог"]
    assert frame["n"].isna().tolist() == [False, True]
    whole = result.frames["source_measure"]
    assert whole.equals(contracts.table("source_measure").conform(whole))


def test_a_subject_that_nobody_knows_fails_its_row(read: Read, more: Configuration) -> None:
    text = "Регион;Год;Предмет;Балл;Ошибка;Участников;Ниже порога\n99;2026;Волшебство;512,5;3,1;1200;240\n"
    result = read(text.encode(), "исследование.csv", more)
    (found,) = [f for f in result.findings if f.code == "RSK-VALUE"]
    assert found.column_name == "Предмет" and "предмет из перечня" in found.message


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("again", "about: {procedure_header: Процедура,", "about: {", "процедура не задана"),
        ("again", ", year_header: Год}", "}", "год не задан"),
        (
            "study",
            "target: source_measure",
            "target: source_measure\n    about: {procedure: vpr, year_header: Год2}",
            None,
        ),
        ("study", "fields: {domain: всего}", "fields: {colour: всего}", "поля colour нет"),
        (
            "again",
            "event: {year_header: Учебный год, year_extract: '/(\\d{4})'}",
            "",
            "к какому событию относится файл",
        ),
    ],
)
def test_a_layout_that_cannot_be_right_says_why(
    tmp_path: Path, file: str, old: str, new: str, said: str | None
) -> None:
    name = f"procedures/{file}/delimited/{file}.yaml"
    assert old in FILES[name]
    files = FILES | {name: FILES[name].replace(old, new)}
    if said is None:
        assert overlay(tmp_path, files).delimited[file].about is not None
        return
    with pytest.raises(ConfigurationError) as caught:
        overlay(tmp_path, files)
    assert said in str(caught.value) and f"{file}.yaml" in str(caught.value)


def test_a_procedures_tables_are_of_one_kind(tmp_path: Path) -> None:
    other = STUDY.replace("format: study", "format: other")
    files = FILES | {"procedures/again/delimited/other.yaml": other}
    with pytest.raises(ConfigurationError) as caught:
        overlay(tmp_path, files)
    assert "source_measure, source_second_mark" in str(caught.value)
