"""Bad input that is a matter of the file: each gets its code, its place and a sentence for whoever sent it."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from rsoko_pipeline.configuration import Configuration
from rsoko_pipeline.simulation import xls
from rsoko_pipeline.sources import work

from .conftest import LOGIN, Read, codes, preamble, pupil, replace_part, section

F1 = Callable[..., bytes]
HEADER = [
    "ОО",
    "Муниципалитет",
    "Название ОО",
    "Код участника",
    "Класс",
    "Вариант",
    "1 (2б)",
    "2 (1б)",
    "4К1 (3б)",
    "Первичный балл",
    "Отметка",
    "Отметка по журналу",
]
ROWS = [section(1), pupil(40001, 2, 1, 3)]


def test_an_empty_file(read: Read) -> None:
    result = read(b"")
    assert codes(result) == ["RSK-FILE-EMPTY"] and "file.xlsx" in result.findings[0].message


def test_a_truncated_workbook(read: Read, f1: F1) -> None:
    result = read(f1(ROWS)[:-200], "Ф1.xlsx")
    assert codes(result) == ["RSK-FILE-DAMAGED"] and "Ф1.xlsx" in result.findings[0].message


def test_a_workbook_whose_sheet_is_damaged(read: Read, f1: F1) -> None:
    result = read(replace_part(f1(ROWS), "xl/worksheets/sheet1.xml", lambda xml: xml[: len(xml) // 2]))
    assert codes(result) == ["RSK-FILE-DAMAGED"]


def test_a_workbook_whose_packed_bytes_are_damaged(read: Read, f1: F1) -> None:
    data = bytearray(f1(ROWS))
    with zipfile.ZipFile(io.BytesIO(bytes(data))) as container:
        start = container.getinfo("xl/worksheets/sheet1.xml").header_offset
    data[start + 80 : start + 120] = b"\xff" * 40
    assert codes(read(bytes(data))) == ["RSK-FILE-DAMAGED"]


def test_a_file_that_may_not_be_read(read: Read, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Path, *_: object, **__: object) -> None:
        raise PermissionError(13, "denied")

    path = tmp_path / "secret.xlsx"
    path.write_bytes(b"x")
    monkeypatch.setattr(Path, "open", refuse)
    result = read(path, "secret.xlsx")
    assert codes(result) == ["RSK-FILE-PERMISSION"]
    assert result.file.file_id.startswith("unreadable-")


def test_a_file_that_is_not_there_or_no_file(read: Read, tmp_path: Path) -> None:
    assert codes(read(tmp_path / "none.xlsx")) == ["RSK-FILE-UNREADABLE"]
    assert codes(read(tmp_path)) == ["RSK-FILE-UNREADABLE"]


def test_another_extension_is_a_warning_and_the_content_is_read(read: Read, f1: F1) -> None:
    result = read(f1(ROWS), "Ф1.xls")
    assert codes(result) == ["RSK-FILE-EXTENSION"] and "xlsx" in result.findings[0].message
    assert len(result.frames["source_result"]) == 1
    text = "Логин ОО;Название ОО;Код муниципалитета\nedu990001;Школа;reg99_m01\n"
    result = read(text.encode("cp1251"), "реестр.xlsx")
    assert {"RSK-FILE-EXTENSION", "RSK-ENCODING"} <= set(codes(result))
    assert len(result.frames["source_register"]) == 1


def test_a_real_xls_is_read_whatever_it_is_called(read: Read) -> None:
    rows = [
        ["Логин ОО", "Название ОО", "Код муниципалитета"],
        [LOGIN, "Школа", "reg99_m01"],
        ["edu990002", "Лицей", "reg99_m02"],
    ]
    for name, expected in (("реестр.xls", set()), ("реестр.xlsx", {"RSK-FILE-EXTENSION"})):
        result = read(xls.workbook(rows), name)
        assert set(codes(result)) - {"RSK-USAGE"} == expected
        assert result.frames["source_register"]["school"].tolist() == [LOGIN, "edu990002"]


def test_a_compressed_table_is_read(read: Read) -> None:
    text = "Логин ОО;Название ОО;Код муниципалитета\nedu990001;Школа;reg99_m01\n"
    result = read(gzip.compress(text.encode()), "реестр.csv.gz")
    assert set(codes(result)) == {"RSK-USAGE"} and len(result.frames["source_register"]) == 1
    twice = read(gzip.compress(gzip.compress(text.encode())), "реестр.csv.gz")
    assert codes(twice) == ["RSK-FILE-FORMAT"]


def test_a_million_rows_and_a_thousand_columns(read: Read, cfg: Configuration, f1: F1) -> None:
    for change, what in (({"max_rows": 5}, "строк"), ({"max_columns": 5}, "столбцов")):
        limits = cfg.limits.model_copy(update=change)
        strict = cfg.__class__(**{**{f: getattr(cfg, f) for f in cfg.__dataclass_fields__}, "limits": limits})
        result = read(f1(ROWS), cfg=strict)
        assert codes(result) == ["RSK-FILE-TOO-LARGE"] and f"{what} 1" in result.findings[0].message


def test_rows_formatted_to_the_sheets_end_do_not_matter(read: Read, f1: F1) -> None:
    def with_tail(sheet: bytes) -> bytes:
        empty = b"".join(b'<row r="%d"><c r="A%d" s="0"/></row>' % (row, row) for row in range(20, 3000))
        return sheet.replace(b"</sheetData>", empty + b'<row r="1048576"><c r="L1048576" s="0"/></row></sheetData>')

    result = read(replace_part(f1(ROWS), "xl/worksheets/sheet1.xml", with_tail))
    assert codes(result) == [] and result.file.rows_read == 1


def test_a_title_alone_is_a_header_missing(read: Read, f1: F1) -> None:
    result = read(f1(ROWS, header=["что-то", "другое"]))
    assert codes(result) == ["RSK-HEADER-MISSING"] and "Код участника" in result.findings[0].message
    assert result.findings[0].row_number == 8


def test_a_header_that_moved_is_found(read: Read, f1: F1) -> None:
    above = preamble("Индивидуальные результаты")
    above.insert(1, [])
    result = read(f1(ROWS, above=[*above, [None] * 6 + ["Б", "Б", "П"]]))
    assert "RSK-WORK-UNKNOWN" not in codes(result)
    assert result.file.event_id == "2026-vpr-ru-4" and result.file.tasks[2].difficulty == "П"


def test_an_unknown_column_is_reported_with_the_line_to_add(read: Read, f1: F1) -> None:
    result = read(f1([section(1), [*pupil(40001, 2, 1, 3), "х"]], header=[*HEADER, "Профиль"]))
    assert codes(result) == ["RSK-COLUMN-UNKNOWN"]
    finding = result.findings[0]
    assert finding.column_name == "Профиль" and '"Профиль"' in finding.remedy
    assert len(result.frames["source_result"]) == 1


def test_columns_with_personal_data_are_named_and_not_read(read: Read, f1: F1) -> None:
    result = read(f1([section(1), [*pupil(40001, 2, 1, 3), "1", "2"]], header=[*HEADER, "СНИЛС", "Ф.И.О."]))
    assert codes(result) == ["RSK-PERSONAL-DATA"] and "«СНИЛС», «Ф.И.О.»" in result.findings[0].message
    assert len(result.frames["source_result"]) == 1


def test_a_missing_column_refuses_with_the_line_to_add(read: Read, f1: F1) -> None:
    header = ["ОО", "Муниципалитет", "Название ОО", "Код участника", "Кл.", *HEADER[5:]]
    result = read(f1(ROWS, header=header))
    missing = next(f for f in result.findings if f.code == "RSK-COLUMN-MISSING")
    assert missing.column_name == "Класс" and "field: class_no" in missing.remedy
    assert "Кл." in {f.column_name for f in result.findings if f.code == "RSK-COLUMN-UNKNOWN"}
    assert result.is_refused and not result.frames


def test_an_optional_column_may_be_missing(read: Read, f1: F1) -> None:
    result = read(f1([section(1), pupil(40001, 2, 1, 3)[:-1]], header=HEADER[:-1]))
    assert codes(result) == [] and result.frames["source_result"]["journal_mark"].isna().all()


def test_a_doubled_column_refuses(read: Read, f1: F1) -> None:
    result = read(f1([section(1), [*pupil(40001, 2, 1, 3), 4]], header=[*HEADER, "Отметка"]))
    assert codes(result) == ["RSK-COLUMN-TWICE"] and result.is_refused
    twice = [*HEADER[:7], "1 (1б)", *HEADER[8:]]
    assert "RSK-COLUMN-TWICE" in codes(read(f1(ROWS, header=twice)))


def test_headers_in_another_writing_are_the_same_headers(read: Read, f1: F1) -> None:
    header = [
        "OO",
        "муниципалитет",
        "Название  ОО",
        "КОД УЧАСТНИКА",
        "Класс",
        "Вариант",
        "1(2 б)",
        "2 (1б.)",
        "4K1 (3б)",
        "Первичный балл ",
        "Отметка",
        "Отметка по  журналу",
    ]
    result = read(f1(ROWS, header=header))
    assert codes(result) == [] and [task.task for task in result.file.tasks] == ["1", "2", "4К1"]


def test_a_header_without_tasks_refuses(read: Read, f1: F1) -> None:
    result = read(f1([section(1), [*pupil(40001)[:6], 3, 4, 4]], header=[*HEADER[:6], *HEADER[9:]]))
    assert "RSK-HEADER-MISSING" in codes(result) and "заданием" in result.findings[-1].message


@pytest.mark.parametrize(
    ("work_row", "code", "said"),
    [
        ("ВПР 2019 Русский язык 4 класс", "RSK-WORK-OTHER-YEAR", "2019"),
        ("ВПР 2026 Астрономия 4 класс", "RSK-WORK-NOT-IN-CALENDAR", "Астрономия"),
        ("ВПР 2026 Черчение 4 класс", "RSK-WORK-UNKNOWN", "Черчение"),
        ("Русский язык", "RSK-WORK-UNKNOWN", "класс"),
    ],
)
def test_a_work_outside_the_calendar_refuses(read: Read, f1: F1, work_row: str, code: str, said: str) -> None:
    result = read(f1(ROWS, work=work_row))
    assert codes(result) == [code] and result.is_refused
    assert said in result.findings[0].message


def test_dates_outside_the_window_and_in_the_future(read: Read, f1: F1, monkeypatch: pytest.MonkeyPatch) -> None:
    import datetime

    monkeypatch.setattr(work, "today", lambda cfg: datetime.date(2026, 4, 25))
    assert codes(read(f1(ROWS, when="21.04.2026"))) == []
    assert codes(read(f1(ROWS, when="21.03.2026"))) == ["RSK-DATE-OUTSIDE"]
    assert codes(read(f1(ROWS, when="28.04.2026"))) == ["RSK-DATE-FUTURE"]
    result = read(f1(ROWS, when="весна"))
    assert codes(result) == ["RSK-DATE-UNREADABLE"] and result.findings[0].row_number == 6
    assert len(result.frames["source_result"]) == 1


def test_a_strange_workbook_says_what_it_begins_with(read: Read, table: Callable[..., bytes]) -> None:
    result = read(table([["Меню столовой", "Понедельник"], ["Каша", 1]]))
    assert codes(result) == ["RSK-FILE-FORMAT"] and "Меню столовой | Понедельник" in result.findings[0].message
    assert read(table([])).is_refused


@pytest.mark.parametrize(("hidden", "code"), [(["Черновик"], "RSK-SHEET-HIDDEN"), ([], "RSK-SHEET-OTHER")])
def test_a_second_sheet_is_mentioned_and_not_read(
    read: Read, book: Callable[..., bytes], hidden: list[str], code: str
) -> None:
    register = [["Логин ОО", "Название ОО", "Код муниципалитета"], [LOGIN, "Школа", "reg99_m01"]]
    result = read(book({"Реестр": register, "Черновик": [*register, register[1]], "Пусто": []}, hidden))
    assert set(codes(result)) == {"RSK-USAGE", code}
    finding = next(finding for finding in result.findings if finding.code == code)
    assert finding.sheet == "Черновик" and "«Черновик»" in finding.message
    assert len(result.frames["source_register"]) == 1


def test_a_workbook_of_hidden_sheets_alone_has_no_rows(read: Read, book: Callable[..., bytes]) -> None:
    result = read(book({"a": [["x"]], "Лист2": []}, ["a"]))
    assert codes(result) == ["RSK-ROWS-NONE"]


def test_a_reader_that_fails_costs_its_file_alone(read: Read, f1: F1, monkeypatch: pytest.MonkeyPatch) -> None:
    from rsoko_pipeline.sources import reading

    def fail(job: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setitem(reading.READERS, "vpr_f1", fail)
    result = read(f1(ROWS))
    assert codes(result) == ["RSK-FILE-UNREADABLE"] and "ZeroDivisionError" in result.findings[0].message
    assert not result.frames


def test_a_table_of_libreoffice_is_read(read: Read) -> None:
    def row(*values: str) -> str:
        cell = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
        return f"<table:table-row>{''.join(map(cell.format, values))}</table:table-row>"

    urn = 'xmlns:{0}="urn:oasis:names:tc:opendocument:xmlns:{0}:1.0"'
    rows = row("Логин ОО", "Название ОО", "Код муниципалитета") + row(LOGIN, "Школа", "reg99_m01")
    sheet = f'<office:spreadsheet><table:table table:name="Лист1">{rows}</table:table></office:spreadsheet>'
    names = " ".join(map(urn.format, ("office", "table", "text")))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as container:
        container.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        container.writestr("META-INF/manifest.xml", "<manifest/>")
        container.writestr(
            "content.xml", f"<office:document {names}><office:body>{sheet}</office:body></office:document>"
        )
    result = read(out.getvalue(), "реестр.ods")
    assert set(codes(result)) == {"RSK-USAGE"}
    assert result.frames["source_register"]["school"].tolist() == [LOGIN]
