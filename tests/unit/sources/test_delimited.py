"""Tables read by configuration alone."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from rsoko_pipeline import configuration, contracts
from rsoko_pipeline.configuration import Configuration

from .conftest import Read, codes

REGISTER = "Логин ОО;Название ОО;Код муниципалитета;Местность;Малокомплектная;ИНН;Действует с;Углублённое изучение\n"
SAMPLE = """
    source: вымышленная таблица
    status: own
    format: sample
    edition: тест
    title: Опрос
    target: source_measure
    file: {kinds: [csv, xlsx]}
    recognise: {headers: [Школа, Родителей]}
    event: {year_header: Год, year_extract: '(\\d{4})$'}
    columns:
      - {field: unit_code, headers: Школа}
      - {field: unit_name, headers: Название}
    constants: {level: school}
    measures:
      - {measure: satisfied, title: Довольны, numerator: Довольны, denominator: Родителей}
      - {measure: score, title: Балл, value: Балл}
    filters:
      - {header: Вид, differs: [черновик]}
    ignored: [Примечание]
    warnings: [Опрос добровольный.]
"""
CALENDAR = """
    school_year: 2025/2026
    source: тест
    status: own
    campaigns:
      - {id: sample-2026, procedure: sample, title: Опрос, window_from: 2026-03-01, window_to: 2026-03-31}
"""
PROCEDURE = """
    source: тест
    status: own
    name: Опрос родителей
    short: Опрос
    level: regional
    thresholds: {unit_share_failed: 1, event_share_failed: 1}
"""


@pytest.fixture(scope="module")
def survey(tmp_path_factory: pytest.TempPathFactory) -> Configuration:
    """The shipped configuration and a procedure added by a folder alone."""
    root = tmp_path_factory.mktemp("overlay")
    for name, text in {
        "procedures/sample/procedure.yaml": PROCEDURE,
        "procedures/sample/delimited/sample.yaml": SAMPLE,
        "calendar/2025-2026-sample.yaml": CALENDAR,
    }.items():
        path: Path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), encoding="utf-8")
    return configuration.load(str(root))


def test_a_register_is_read_with_types_and_replacements(read: Read) -> None:
    text = (
        REGISTER
        + "edu990001;МБОУ «СОШ № 1»;reg99_m01;г;нет;0012345678;01.09.2019;да\nedu990002;Лицей;reg99_m02;село;;;;\n"
    )
    result = read(text.encode(), "реестр.csv")
    assert set(codes(result)) == {"RSK-USAGE"}
    frame = result.frames["source_register"]
    assert frame["school"].tolist() == ["edu990001", "edu990002"]
    assert frame["settlement"].tolist() == ["город", "село"]
    assert frame["is_small"].tolist()[0] is False and frame["is_small"].isna()[1]
    assert frame["inn"].tolist()[0] == "0012345678"
    assert frame["valid_from"].dt.strftime("%Y-%m-%d").tolist()[0] == "2019-09-01"
    assert frame["row_number"].tolist() == [2, 3]
    assert frame.equals(contracts.table("source_register").conform(frame))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1251"])
def test_a_byte_order_mark_and_cp1251_change_nothing(read: Read, encoding: str) -> None:
    text = REGISTER + "edu990001;Школа;reg99_m01;;;;;\n"
    result = read(text.encode(encoding), "реестр.csv")
    assert result.frames["source_register"]["school_name"].tolist() == ["Школа"]
    assert ("RSK-ENCODING" in codes(result)) == (encoding == "cp1251")


def test_the_same_register_as_a_workbook(read: Read, table: Callable[..., bytes]) -> None:
    import datetime

    header = ["Логин ОО", "Название ОО", "Код муниципалитета", "Малокомплектная", "Действует с"]
    result = read(table([header, ["edu990001", "Школа", "reg99_m01", "да", datetime.date(2019, 9, 1)]]), "реестр.xlsx")
    row = result.frames["source_register"].iloc[0]
    assert row["is_small"] and str(row["valid_from"].date()) == "2019-09-01"


def test_a_table_on_a_sheet_called_as_the_collection_form_is_known_by_its_headers(read: Read) -> None:
    from rsoko_pipeline.simulation import xlsx

    header = ["Логин ОО", "Название ОО", "Код муниципалитета"]
    result = read(xlsx.table("Протокол", [header, ["edu990001", "Школа", "reg99_m01"]]), "реестр.xlsx")
    assert result.file.format == "register_schools"
    assert len(result.frames["source_register"]) == 1


@pytest.mark.parametrize(
    ("line", "column", "expected"),
    [
        ("edu990002;Школа;reg99_m01;;может быть;;;", "Малокомплектная", "да или нет"),
        ("edu990002;Школа;reg99_m01;;;;31.02.2019;", "Действует с", "дата"),
        (";Школа;reg99_m01;;;;;", "Логин ОО", "непустое значение"),
    ],
)
def test_an_unreadable_cell_costs_its_row_alone(read: Read, line: str, column: str, expected: str) -> None:
    result = read((REGISTER + "edu990001;Школа;reg99_m01;;;;;\n" + line).encode(), "реестр.csv")
    finding = next(f for f in result.findings if f.code == "RSK-VALUE")
    assert (finding.row_number, finding.column_name) == (3, column) and expected in finding.message
    assert result.frames["source_register"]["school"].tolist() == ["edu990001"]


def test_a_repeated_key_is_a_finding_and_the_first_row_stays(read: Read) -> None:
    line = "edu990001;Школа;reg99_m01;;;;;\n"
    result = read((REGISTER + line + "edu990002;Лицей;reg99_m01;;;;;\n" + line).encode(), "реестр.csv")
    finding = next(f for f in result.findings if f.code == "RSK-KEY-TWICE")
    assert finding.row_number == 4 and "edu990001" in finding.message
    assert result.frames["source_register"]["school"].tolist() == ["edu990001", "edu990002"]


def test_a_misshapen_row_is_a_finding_and_not_in_the_frame(read: Read) -> None:
    result = read((REGISTER + "edu990001;Школа\nedu990002;Лицей;reg99_m01;;;;;\n").encode(), "реестр.csv")
    finding = next(f for f in result.findings if f.code == "RSK-ROW-CELLS")
    assert finding.row_number == 2 and "2 полей" in finding.message and "8" in finding.message
    assert result.frames["source_register"]["school"].tolist() == ["edu990002"]


def test_drift_is_reported_on_both_sides_with_the_line_to_add(read: Read) -> None:
    result = read(
        "Логин ОО;Название ОО;Код муниципалитета;Директор\nedu990001;Школа;reg99_m01;И. И.\n".encode(), "р.csv"
    )
    unknown = next(f for f in result.findings if f.code == "RSK-COLUMN-UNKNOWN")
    assert unknown.column_name == "Директор" and '"Директор"' in unknown.remedy and "headers" in unknown.remedy
    result = read("Название ОО;Код муниципалитета\nШкола;reg99_m01\n".encode(), "р.csv")
    missing = next(f for f in result.findings if f.code == "RSK-COLUMN-MISSING")
    assert missing.column_name == "Логин ОО" and "register_schools.yaml" in missing.remedy
    assert result.is_refused and not result.frames


def test_a_missing_column_of_the_recognition_itself_is_named(read: Read) -> None:
    result = read("Логин ОО;Название ОО;Местность\nedu990001;Школа;город\n".encode(), "р.csv")
    assert codes(result) == ["RSK-COLUMN-MISSING"] and result.findings[0].column_name == "Код муниципалитета"


def test_a_column_that_stands_twice_refuses_the_file(read: Read) -> None:
    result = read("Логин ОО;Название ОО;Код муниципалитета;Название ОО\na;b;c;d\n".encode(), "р.csv")
    assert "RSK-COLUMN-TWICE" in codes(result) and result.is_refused


def test_contingent_has_numbers(read: Read) -> None:
    text = "Логин ОО;Учебный год;Класс;Номер класса;Обучающихся\nedu990001;2025/2026;4;1;25\nedu990001;2025/2026;4;;x\n"
    result = read(text.encode(), "контингент.csv")
    frame = result.frames["source_contingent"]
    assert frame[["grade", "class_no", "enrolled"]].values.tolist() == [[4, 1, 25]]
    assert [f.code for f in result.findings if f.row_number] == ["RSK-VALUE"]


SURVEY = "Школа;Название;Год;Вид;Довольны;Родителей;Балл;Примечание\n"


def test_measures_become_a_row_each_with_their_event(read: Read, survey: Configuration) -> None:
    lines = (
        "edu990001;Школа;2025-2026;итог;30;40;4,5;\n"
        "edu990002;Лицей;2025-2026;черновик;1;2;3;\n"
        "edu990003;Гимназия;2025-2026;итог;;50;;\n"
    )
    result = read((SURVEY + lines).encode(), "опрос.csv", survey)
    assert codes(result) == ["RSK-USAGE"] and result.findings[0].message == "Опрос добровольный."
    assert (result.file.format, result.file.event_id, result.file.rows_read) == ("sample", "2026-sample", 2)
    assert result.file.extra["warnings"] == ["Опрос добровольный."]
    frame = result.frames["source_measure"]
    assert frame["unit_code"].tolist() == ["edu990001", "edu990001", "edu990003"]
    assert frame["measure"].tolist() == ["satisfied", "score", "satisfied"]
    assert frame["numerator"].tolist()[0] == 30 and frame["denominator"].tolist()[2] == 50
    assert frame["value"].isna().tolist() == [True, False, True] and frame["value"].iloc[1] == 4.5
    assert frame["event_id"].unique().tolist() == ["2026-sample"]
    assert frame["row_number"].tolist() == [2, 2, 4]
    assert frame.equals(contracts.table("source_measure").conform(frame))


def test_rows_of_years_outside_the_calendar_are_counted(read: Read, survey: Configuration) -> None:
    result = read(
        (SURVEY + "edu990001;Школа;2025-2026;итог;30;40;4;\nedu990001;Школа;2018-2019;итог;30;40;4;\n").encode(),
        "опрос.csv",
        survey,
    )
    finding = next(f for f in result.findings if f.code == "RSK-ROWS-NOT-IN-CALENDAR")
    assert "2019" in finding.message and "(1)" in finding.message
    assert result.frames["source_measure"]["row_number"].unique().tolist() == [2]


def test_a_table_without_rows_is_refused(read: Read) -> None:
    result = read(REGISTER.encode(), "реестр.csv")
    assert "RSK-ROWS-NONE" in codes(result) and result.is_refused


MEASURED = SAMPLE.replace(
    "{measure: score, title: Балл, value: Балл}",
    "{measure: score, title: Балл, value: Балл, standard_error: Ошибка, percent: true, n: Родителей,"
    " fields: {category: опрос}}",
)
RESULTS = """
    source: вымышленная таблица
    status: own
    format: sample_results
    edition: тест
    title: Результаты
    target: source_result
    file: {kinds: [csv, xlsx]}
    recognise: {headers: [Шифр, Сумма]}
    event: {subject_header: Предмет, grade_header: Класс, year_header: Год}
    columns:
      - {field: school, headers: Школа}
      - {field: pupil_code, headers: Шифр}
      - {field: primary_score, headers: Сумма, type: decimal}
"""
WORKS = """
    school_year: 2025/2026
    source: тест
    status: own
    campaigns:
      - id: sample-works-2026
        procedure: sample_works
        title: Работы
        window_from: 2026-03-01
        window_to: 2026-03-31
        works: [{subjects: [ma, ru], grades: [6]}]
"""


@pytest.fixture
def shipped_and(tmp_path: Path) -> Callable[[dict[str, str]], Configuration]:
    """The shipped configuration and some files."""

    def make(files: dict[str, str]) -> Configuration:
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(textwrap.dedent(text), encoding="utf-8")
        return configuration.load(str(tmp_path))

    return make


def test_measures_in_per_cent_are_kept_as_shares_with_their_error_and_weight(
    read: Read, shipped_and: Callable[[dict[str, str]], Configuration]
) -> None:
    cfg = shipped_and(
        {
            "procedures/sample/procedure.yaml": PROCEDURE,
            "procedures/sample/delimited/sample.yaml": MEASURED,
            "calendar/2025-2026-sample.yaml": CALENDAR,
        }
    )
    text = "Школа;Название;Год;Вид;Довольны;Родителей;Балл;Ошибка\nedu990001;Школа;2025-2026;итог;30;40;75,5;1,5\n"
    frame = read(text.encode(), "опрос.csv", cfg).frames["source_measure"].set_index("measure")
    score = frame.loc["score"]
    assert (score["value"], score["standard_error"], score["n"], score["category"]) == (0.755, 0.015, 40, "опрос")
    assert frame.loc["satisfied", "numerator"] == 30 and frame["category"].isna()["satisfied"]


def test_events_are_named_row_by_row(read: Read, shipped_and: Callable[[dict[str, str]], Configuration]) -> None:
    cfg = shipped_and(
        {
            "procedures/sample_works/procedure.yaml": PROCEDURE,
            "procedures/sample_works/delimited/sample_results.yaml": RESULTS,
            "calendar/2025-2026-sample.yaml": WORKS,
        }
    )
    lines = (
        "edu990001;Математика;6;2026;60001;5\n"
        "edu990001;Рус. яз.;6;2026;60001;7\n"
        "edu990001;Математика;7;2026;70001;7\n"
        "edu990001;Чтение мыслей;6;2026;60002;7\n"
        "edu990001;Математика;6;;60003;7\n"
    )
    result = read(("Школа;Предмет;Класс;Год;Шифр;Сумма\n" + lines).encode(), "работы.csv", cfg)
    frame = result.frames["source_result"]
    assert frame["event_id"].tolist() == ["2026-sample_works-ma-6", "2026-sample_works-ru-6"]
    assert frame["primary_score"].tolist() == [5, 7]
    assert sorted(codes(result)) == ["RSK-ROWS-NOT-IN-CALENDAR", "RSK-VALUE"]
    assert "Математика, 7 класс, 2026 год" in " ".join(finding.message for finding in result.findings)


def test_a_table_is_the_layout_that_knows_most_of_its_columns(
    read: Read, shipped_and: Callable[[dict[str, str]], Configuration]
) -> None:
    wider = MEASURED.replace("format: sample", "format: wider")
    cfg = shipped_and(
        {
            "procedures/sample/procedure.yaml": PROCEDURE,
            "procedures/sample/delimited/sample.yaml": SAMPLE,
            "procedures/sample/delimited/wider.yaml": wider,
            "calendar/2025-2026-sample.yaml": CALENDAR,
        }
    )
    narrow = "Школа;Название;Год;Вид;Довольны;Родителей;Балл\nedu990001;Школа;2025-2026;итог;30;40;75,5\n"
    assert read(narrow.encode(), "опрос.csv", cfg).file.format == "sample"
    wide = narrow.replace("Балл\n", "Балл;Ошибка\n").replace("75,5\n", "75,5;1,5\n")
    assert read(wide.encode(), "опрос.csv", cfg).file.format == "wider"


def test_free_text_is_kept_without_names(read: Read, cfg: Configuration) -> None:
    text = (
        "Логин ОО;Учебный год;Процедура;Предмет;Класс;Год проведения;Признак;Вопрос;Ответ (да/нет);Пояснение\n"
        "edu990001;2025/2026;ВПР;Русский язык;4;2026;JUMP. Скачок;Был наблюдатель?;нет;"
        "болела Иванова Мария Петровна, 8 9123456789\n"
    )
    (remark,) = read(text.encode(), "форма.csv", cfg).frames["source_answer"]["remark"]
    assert remark.startswith("болела ") and "Иванова" not in remark and "345" not in remark


def test_of_whoever_confirms_a_school_the_position_alone_is_kept(read: Read) -> None:
    text = "Код, как в файле;Подтверждённый код ОО;Кто подтвердил\n"
    signed = ["Иванова Мария Петровна, методист", "методист Петров", "специалист РЦОИ"]
    text += "".join(f"edu99077{number};edu990001;{who}\n" for number, who in enumerate(signed))
    kept = read(text.encode(), "Подтверждено.csv").frames["source_school_alias"]["confirmed_by"].tolist()
    assert kept == ["‹имя›, методист", "методист ‹имя›", "специалист РЦОИ"]


def test_a_finding_speaks_in_the_words_and_columns_of_the_file(read: Read) -> None:
    head = "Учебный год;Кто отчитывается;Код;Код плана;№ мероприятия;Состояние;Дата\n"
    rows = (
        "2025/2026;регион;99;demo-2025;1.1;почти;28.10.2025\n2025/2026;регион;99;demo-2025;1.1;исполнено;28.10.2025\n"
    )
    plan = read((head + rows).encode(), "план.csv")
    said = [finding.message for finding in plan.findings if finding.code == "RSK-VALUE"]
    assert said == [
        "Значение «почти» в столбце «Состояние» прочитать нельзя: ожидается одно из значений: выполнено, частично,"
        " просрочено, не выполнено."
    ]
    assert plan.frames["source_measure_status"]["state"].tolist() == ["done"]
    head = "Логин ОО;Учебный год;Кто отвечал;Вопрос;Вариант ответа;Ответили так\n"
    survey = read((head + "edu990001;2026;родители;В?;да;-3\n").encode(), "опрос.csv")
    said = [f"{finding.column_name}: {finding.message}" for finding in survey.findings if finding.code == "RSK-VALUE"]
    assert [text.split(":")[0] for text in said] == ["Ответили так", "Учебный год"]
    assert "ожидается целое число не меньше 0" in said[0]
    assert "ожидается учебный год, например 2025/2026" in said[1]


@pytest.mark.parametrize(
    ("head", "good", "bad", "column"),
    [
        ("Логин ОО;Учебный год;Список школ;Основание включения", "edu1;2025/2026;ШНОР;акт",
         "самые плохие", "Список школ"),
        ("Логин ОО;Учебный год;Кто отвечал;Вопрос;Вариант ответа;Ответили так", "edu1;2025/2026;родители;В?;да;3",
         "соседи", "Кто отвечал"),
    ],
)  # fmt: skip
def test_a_value_outside_a_closed_list_is_a_finding_of_its_row(
    read: Read, head: str, good: str, bad: str, column: str
) -> None:
    other = good.split(";")
    other[head.split(";").index(column)] = bad
    result = read("\n".join([head, good, ";".join(other), ""]).encode(), "таблица.csv")
    (finding,) = [finding for finding in result.findings if finding.code == "RSK-VALUE"]
    assert (finding.row_number, finding.column_name) == (3, column)
    (frame,) = result.frames.values()
    assert frame["row_number"].tolist() == [2]


def test_rows_that_stand_in_a_file_twice_are_told_of_once(read: Read) -> None:
    head = "Логин ОО;Учебный год;Кто отвечал;Вопрос;Вариант ответа;Ответили так\n"
    rows = "".join(f"edu99000{number};2025/2026;родители;В?;да;3\n" for number in range(3))
    assert "RSK-ROW-TWICE" not in codes(read((head + rows).encode(), "опрос.csv"))
    (finding,) = [one for one in read((head + 2 * rows).encode(), "опрос.csv").findings if one.code == "RSK-ROW-TWICE"]
    assert finding.row_number == 5 and finding.message.startswith("Строк, которые полностью повторяют другие строки")
    assert finding.values["rows"] == 3


def test_answers_are_about_the_work_that_they_name(read: Read, cfg: Configuration) -> None:
    head = "Логин ОО;Учебный год;Процедура;Предмет;Класс;Год проведения;Признак;Вопрос;Ответ (да/нет);Пояснение\n"
    rows = (
        "edu990001;2025/2026;ВПР;Русский язык;4;2026;JUMP. Скачок;Был наблюдатель?;да;\n"
        "edu990001;2025/2026;ВПР;Физкультура;4;2026;JUMP. Скачок;Был наблюдатель?;да;\n"
    )
    result = read((head + rows).encode(), "форма.csv", cfg)
    assert result.frames["source_answer"]["about_event"].tolist() == ["2026-vpr-ru-4"]
    assert codes(result) == ["RSK-ABOUT-UNKNOWN"]
