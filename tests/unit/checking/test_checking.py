"""``check_files``: what a school or the centre learns about files before they are sent."""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from rsoko_pipeline import findings
from rsoko_pipeline.checking import FileReport, check_files
from rsoko_pipeline.configuration.places import base_folder
from rsoko_pipeline.findings import Finding
from rsoko_pipeline.simulation.landing import LATER, TRUTH, simulate

EVENT = "2026-vpr-ru-4"
TITLES = {
    "f1": "Ф1 «Индивидуальные результаты»",
    "forms": "Форма сбора результатов",
}


def _simulated(folder: Path, layout: str, dirt: float = 0, *, procedures: bool = False) -> Path:
    simulate(folder, schools=3, years=1, seed=7, manipulated=0.7, layout=layout, dirt=dirt, procedures=procedures)
    return folder


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("clean")
    return {layout: _simulated(folder / layout, layout, procedures=layout == "f1") for layout in TITLES}


def _files(folder: Path) -> list[tuple[Path, str]]:
    files = (path for path in sorted(folder.rglob("*.*")) if path.is_file() and path.name != TRUTH)
    files = (path for path in files if LATER not in path.relative_to(folder).parts)
    return [(path, str(path.relative_to(folder))) for path in files]


def _form(clean: dict[str, Path]) -> Path:
    return next((clean["forms"] / "2025-2026" / EVENT).glob("Форма*"))


def _f1(clean: dict[str, Path], event: str) -> Path:
    """The pupils' table of a work; ФИС ОКО calls it «Ф1 …» or by a number."""
    files = (clean["f1"] / "2025-2026" / event).iterdir()
    return next(path for path in files if path.name.startswith("Ф1") or path.stem.isdigit())


@pytest.mark.parametrize("layout", TITLES)
def test_clean_files_of_every_format_have_no_findings(clean: dict[str, Path], layout: str) -> None:
    reports = check_files(_files(clean[layout]))
    assert {report.name: report.lines(9) for report in reports if report.has_findings} == {}
    formats = {report.format for report in reports}
    assert formats >= {
        TITLES[layout], "Реестр школ", "Контингент", "Ф3 «Статистика по отметкам»", "Распределение первичных баллов",
        "Сравнение отметок с отметками по журналу", "Сводная таблица отметок", "Сводная таблица первичных баллов",
        "Список школ с признаками необъективных результатов",
    }  # fmt: skip
    assert all(report.is_compared for report in reports)


def test_a_report_says_what_the_file_is(clean: dict[str, Path]) -> None:
    (report,) = check_files([(_form(clean), "форма.xlsx")])
    assert report.name == "форма.xlsx"
    assert report.works == ("ВПР 2026. Русский язык, 4 класс",)
    assert report.rows > 0
    assert report.summary == (
        "Форма сбора результатов, работа из двух частей; ВПР 2026. Русский язык, 4 класс;"
        f" строк: {report.rows}; замечаний нет; школы не сверялись: реестра среди файлов нет"
    )


def test_a_confirmed_code_of_a_school_that_the_register_lacks(tmp_path: Path) -> None:
    """It is found with the register among the files; without one the report says that nothing was compared."""
    procedures = base_folder() / "procedures"
    confirmed = tmp_path / "Подтверждено.csv"
    text = (procedures / "school_aliases" / "sample.csv").read_text(encoding="utf-8")
    confirmed.write_text(text.replace("edu990002", "edu990999"), encoding="utf-8")
    given, register = (confirmed, confirmed.name), (procedures / "register_schools" / "sample.csv", "Реестр.csv")
    (alone,) = check_files([given])
    assert not alone.has_findings
    assert alone.summary.endswith("замечаний нет; школы не сверялись: реестра среди файлов нет")
    compared, _ = check_files([given, register])
    assert compared.lines(9) == [
        "RSK-ALIAS-SCHOOL ошибка, строка 3: Школы с кодом «edu990999» нет в реестре: подтверждение для «edu990912» не"
        " принято.",
        "  Что сделать: Укажите в столбце «Подтверждённый код ОО» код школы из реестра и пришлите файл снова.",
    ]


def test_the_register_among_the_files_is_used(clean: dict[str, Path], tmp_path: Path) -> None:
    register = clean["forms"] / "Реестр школ.xlsx"
    shortened = openpyxl.load_workbook(register)
    sheet = shortened.worksheets[0]
    schools = [row[0].value for row in sheet.iter_rows()]
    school = _form(clean).stem.rpartition("_")[2]
    sheet.delete_rows(schools.index(school) + 1)
    shortened.save(tmp_path / "реестр.xlsx")
    form, _ = check_files([(_form(clean), "форма.xlsx"), (tmp_path / "реестр.xlsx", "реестр.xlsx")])
    assert form.is_compared
    assert list(form.findings.query("severity == 'error'")["code"]) == ["RSK-SCHOOL-UNKNOWN"]
    assert f"Школы с кодом «{school}» нет в реестре." in "\n".join(form.lines(5))


def test_a_municipality_that_the_register_lacks_is_found_in_tables_of_groups(
    clean: dict[str, Path], tmp_path: Path
) -> None:
    table = next((clean["forms"] / "2025-2026" / EVENT).glob("Ф3*"))
    book = openpyxl.load_workbook(table)
    named = [cell for row in book.worksheets[0].iter_rows() for cell in row if "(reg" in str(cell.value)]
    named[0].value = "Тьмутараканский район(reg99_m999)"
    book.save(tmp_path / "Ф3.xlsx")
    registers = [(path, path.name) for path in clean["forms"].glob("Реестр*")]
    report, *_ = check_files([(tmp_path / "Ф3.xlsx", "Ф3.xlsx"), *registers])
    assert list(report.findings["code"]) == ["RSK-MUNICIPALITY-UNKNOWN"]
    assert "Тьмутараканский район" in report.lines(1)[0]


def test_what_could_not_be_checked_is_said_and_is_no_finding(clean: dict[str, Path]) -> None:
    """No scale of МА 4 is known; that of РУ 4 is."""
    table = _f1(clean, "2026-vpr-ma-4")
    without, known = check_files([(table, "ма4.xlsx"), (_form(clean), "ру4.xlsx")])
    (line,) = [line for line in without.lines(5) if "Отметка" in line]
    assert line.startswith("К сведению. ") and "шкала работы за 2026 год неизвестна" in line
    assert line in without.as_dict()["not_checked"] and not without.has_findings
    assert known.not_checked == ()


def test_a_mark_that_an_assumed_scale_denies_is_said_and_is_no_finding(clean: dict[str, Path], tmp_path: Path) -> None:
    book = openpyxl.load_workbook(_f1(clean, "2026-vpr-ru-5"))
    sheet = book.worksheets[0]
    head = next(row for row in sheet.iter_rows() if any(str(cell.value).startswith("Отметка") for cell in row))
    column = next(cell.column for cell in head if str(cell.value).startswith("Отметка"))
    cell = next(row[column - 1] for row in sheet.iter_rows(min_row=head[0].row + 1) if row[column - 1].value == 5)
    cell.value = 2
    book.save(tmp_path / "ру5.xlsx")
    (report,) = check_files([(tmp_path / "ру5.xlsx", "ру5.xlsx")])
    assert not report.has_findings
    (line,) = [line for line in report.lines(5) if "Отметка" in line]
    assert "по ней не сходится 1 из" in line


def test_mistakes_of_rows_have_place_sentence_and_remedy(tmp_path: Path) -> None:
    folder = _simulated(tmp_path / "soiled", "forms", dirt=1)
    reports = check_files(_files(folder))
    codes = {code for report in reports for code in report.findings["code"]}
    assert {"RSK-SUM", "RSK-SCORE-MAX", "RSK-PUPIL-DUPLICATE", "RSK-FORM-EMPTY", "RSK-SCHOOL-UNKNOWN"} <= codes
    wrong_sum = next(report for report in reports if "RSK-SUM" in set(report.findings["code"]))
    assert wrong_sum.has_findings
    lines = wrong_sum.lines(5)
    assert any(line.startswith("RSK-SUM ошибка, лист Протокол, строка ") for line in lines)
    assert "  Что сделать: Исправьте баллы за задания или первичный балл." in lines


def test_nothing_is_stored(clean: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home, temporary = tmp_path / "home", tmp_path / "tmp"
    home.mkdir()
    temporary.mkdir()
    monkeypatch.setenv("RSOKO_HOME", str(home))
    monkeypatch.setenv("TMPDIR", str(temporary))
    monkeypatch.setattr("tempfile.tempdir", None)
    archive = tmp_path / "школа.zip"
    with zipfile.ZipFile(archive, "w") as bundle:
        bundle.write(_form(clean), "формы/форма.xlsx")
    before = {path: path.stat().st_mtime_ns for path in clean["forms"].rglob("*")}
    report, member = check_files([(archive, "школа.zip")])
    assert list(home.iterdir()) == [] and list(temporary.glob("rsoko*")) == []
    assert {path: path.stat().st_mtime_ns for path in clean["forms"].rglob("*")} == before
    assert (report.summary, member.name) == ("Архив; файлов: 1; замечаний нет", "школа.zip/формы/форма.xlsx")
    assert member.works and not member.has_findings


def test_bad_files_do_not_stop_the_others(clean: dict[str, Path], tmp_path: Path) -> None:
    (tmp_path / "письмо.xlsx").write_text("это не таблица")
    (tmp_path / "пусто.csv").touch()
    (tmp_path / "обрывок.zip").write_bytes(b"PK\x03\x04 and then nothing")
    names = ["письмо.xlsx", "пусто.csv", "обрывок.zip"]
    *bad, form = check_files([*((tmp_path / name, name) for name in names), (_form(clean), "форма.xlsx")])
    assert [report.summary for report in bad] == ["формат не распознан"] * 3
    assert all(report.has_findings for report in bad)
    assert {report.name: report.findings["code"][0] for report in bad}["пусто.csv"] == "RSK-FILE-EMPTY"
    assert not form.has_findings


def test_the_same_content_twice_is_no_mistake(clean: dict[str, Path], tmp_path: Path) -> None:
    shutil.copy(_form(clean), tmp_path / "копия.xlsx")
    first, again = check_files([(_form(clean), "форма.xlsx"), (tmp_path / "копия.xlsx", "копия.xlsx")])
    assert not first.has_findings and not again.has_findings
    assert list(again.findings["code"]) == ["RSK-FILE-DUPLICATE"]


def test_two_files_for_one_school_and_work_are_told_of_each_other(clean: dict[str, Path], tmp_path: Path) -> None:
    book = openpyxl.load_workbook(_form(clean))
    book.properties.title = "сохранено ещё раз"
    book.save(tmp_path / "вторая.xlsx")
    reports = check_files([(_form(clean), "первая.xlsx"), (tmp_path / "вторая.xlsx", "вторая.xlsx")])
    for report, other in zip(reports, ("вторая.xlsx", "первая.xlsx"), strict=True):
        (message,) = report.findings.query("code == 'RSK-UNIT-TWICE'")["message"]
        assert other in message


def test_findings_beyond_the_limit_are_counted() -> None:
    found = [Finding("RSK-SUM", {"expected": n, "value": str(n + 1)}, sheet="Л", row_number=n) for n in range(1, 14)]
    report = FileReport("файл", "Ф1", (), 13, findings.frame(found, file_id="f"))
    lines = report.lines(10)
    assert len([line for line in lines if line.startswith("RSK-SUM ошибка")]) == 10
    assert "RSK-SUM … и ещё 3" in lines
    assert sum("Что сделать" in line for line in lines) == 1
    assert report.summary.endswith("ошибок: 13")


def test_information_alone_is_no_finding() -> None:
    report = FileReport(
        "файл", "Ф1", (), 1, findings.frame([Finding("RSK-ENCODING", {"encoding": "cp1251"})], file_id="f")
    )
    assert not report.has_findings
    assert report.lines(1)[0].startswith("RSK-ENCODING к сведению: Файл прочитан в кодировке cp1251.")


def test_as_dict_is_json_with_every_finding(clean: dict[str, Path]) -> None:
    found = [Finding("RSK-SUM", {"expected": n, "value": "1"}, row_number=n) for n in range(30)]
    report = FileReport("файл", "Ф1", ("работа",), 30, findings.frame(found, file_id="f"))
    said = json.loads(json.dumps(report.as_dict(), ensure_ascii=False))
    assert said["ok"] is False and said["works"] == ["работа"]
    assert [finding["row_number"] for finding in said["findings"]] == list(range(30))
    assert said["findings"][0].keys() == set(findings.COLUMNS) - {"file_id", "action"}
    assert said["findings"][0]["sheet"] is None


def test_no_files_no_reports() -> None:
    assert check_files([]) == []


def test_truth_of_a_simulation_lists_exactly_the_files_checked(clean: dict[str, Path]) -> None:
    truth = pd.read_csv(clean["f1"] / TRUTH, sep=";")
    assert sorted(truth.query("kind == 'file'")["what"]) == sorted(name for _, name in _files(clean["f1"]))
