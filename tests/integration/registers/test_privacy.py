"""Privacy at the door: people planted in every kind of incoming file are nowhere afterwards.

Nowhere: no table of any schema, no published file, no log, no file of Dagster's storage. The copies of the files as
they were sent lie in the store alone, which nobody but the system's own account may enter.
"""

from __future__ import annotations

import csv as csv_files
import io
import json
import logging
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import sqlalchemy as sa
from python_calamine import CalamineWorkbook
from sqlalchemy.engine import Engine

from rsoko_pipeline.configuration import load
from rsoko_pipeline.configuration.places import base_folder

from ..installation import Installation
from .files import book, csv, f1, put

PERSON = "Зябликовкин Еремей Лукьянович"
HIM, HER = "Зябликовкина Еремея Лукьяновича", "Журавлёвкиной Агнии Лукьяновне"
PLANTED = [
    ("ФИО", PERSON),
    ("Фамилия", "Зябликовкин"),
    ("Имя", "Еремей"),
    ("Отчество", "Лукьянович"),
    ("Дата рождения", "07.11.2013"),
    ("Серия", "4517"),
    ("Номер документа", "836204"),
    ("Паспорт", "4517 836204"),
    ("СНИЛС", "158-273-964 05"),
    ("Телефон", "+7 915 204-77-31"),
    ("E-mail", "zyablik@pochta.example"),
    ("Примечание к ученику", f"{PERSON}, 07.11.2013 г.р., тел. +7 915 204-77-31"),
]
#: Columns that are read: people in the titles of orders, in other cases than the nominative, and who answers for them.
READ = {
    "Содержание решения": f"О поощрении учителя {HIM} и о премии {HER}",
    "Ответственный": "главный специалист Зябликовкина Е. Л.",
}
#: What must not be found anywhere, in small letters.
SOUGHT = ("зябликовкин", "лукьянов", "еремей", "еремея", "журавлёвкин", "агнии", "836204", "158-273-964",
          "204-77-31", "zyablik", "07.11.2013", "2013-11-07")  # fmt: skip
FORM_HEADS = ["Код участника", "Вариант", "1 (2б)", "2 (1б)", "3 (3б)", "Порядковый номер класса",
              "Отметка за предыдущий триместр/ четверть/полугодие", "Итого баллов"]  # fmt: skip


@pytest.fixture(scope="module")
def module_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("privacy")


@pytest.fixture(scope="module")
def logged() -> Iterator[io.StringIO]:
    """Everything that any logger says meanwhile."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    logging.getLogger().addHandler(handler)
    yield stream
    logging.getLogger().removeHandler(handler)


@pytest.fixture(scope="module")
def installation(module_home: Path, module_engine: Engine, logged: io.StringIO) -> Installation:
    """An installation that has taken in the samples of all procedures and files full of people."""
    made = Installation.at(module_home / "home", module_engine)
    names = list(_samples(made.landing)) + list(_by_hand(made.landing))
    made.run()
    assert len(names) > 50
    return made


def _samples(landing: Path) -> Iterator[str]:
    """The sample of every procedure with columns of people added."""
    people = {**dict(PLANTED), **READ}
    for sample in sorted((base_folder() / "procedures").glob("*/sample.*")):
        rows = _rows(sample)
        head = max(range(min(len(rows), 12)), key=lambda place: sum(bool(str(cell).strip()) for cell in rows[place]))
        planted = [[*row] for row in rows]
        for place in range(head, len(rows)):
            for column, header in enumerate(rows[head]):
                if place > head and header in people:
                    planted[place][column] = people[str(header)]
            planted[place] += [plant[0 if place == head else 1] for plant in PLANTED]
        name = f"{sample.parent.name}/{PERSON} {sample.stem}{'.csv' if sample.suffix == '.csv' else '.xlsx'}"
        put(landing, name, _csv(planted) if sample.suffix == ".csv" else book(planted, f"Лист {PERSON}"[:31]))
        yield name


def _rows(sample: Path) -> list[list[Any]]:
    if sample.suffix == ".csv":
        return list(csv_files.reader(sample.read_text(encoding="utf-8-sig").splitlines(), delimiter=";"))
    workbook = CalamineWorkbook.from_path(str(sample))
    return workbook.get_sheet_by_index(0).to_python(skip_empty_area=False)


def _csv(rows: Sequence[Sequence[Any]]) -> bytes:
    out = io.StringIO()
    csv_files.writer(out, delimiter=";").writerows(rows)
    return csv(out.getvalue())


def _by_hand(landing: Path) -> Iterator[str]:
    """Files with people where no column of people is: in codes, names of schools, marks, sheets, archives."""
    schools = {"edu990002": "МБОУ «СОШ № 2»"}
    files = {
        "Ф1 Зябликовкин Еремей.xlsx": f1(schools, year=2025, more=PLANTED),
        "Ф1 2021.xlsx": f1(schools, year=2021, codes=[PERSON, "Зябликовкин", "4517836204"]),
        "Ф1 2022.xlsx": f1({PERSON: PERSON, "edu990778": f"Школа, {PERSON}"}, place=PERSON, sheet=PERSON),
        "список.csv": csv(f"{PERSON};07.11.2013;4517 836204;158-273-964 05\n" * 3),
        "неизвестно что.xlsx": book([["Зябликовкин", "Еремей", "Лукьянович", "07.11.2013"]] * 3, PERSON),
        "Контингент.csv": csv(f"Код ОО;Учебный год;Класс;Обучающихся;ФИО\nedu990001;2025/2026;4;{PERSON};{PERSON}\n"),
        "ОГЭ.csv": csv(
            "SchoolCode;ClassCode;SurnameCell;NameCell;SecondNameCell;DocumentSeriesCode;DocumentNumberCode;PrimaryMark;"
            "Mark5\n990001;9А;Зябликовкин;Еремей;Лукьянович;4517;836204;20;4\n"
        ),
        "формы/edu990001 Зябликовкин.xlsx": _form(),
        "битый Зябликовкин Еремей.xlsx": b"PK\x03\x04" + PERSON.encode(),
    }
    for name, content in files.items():
        put(landing, name, content)
        yield name
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as container:
        container.writestr(f"{PERSON}.csv", csv(f"Кто;Когда\n{PERSON};07.11.2013\n"))
        container.writestr("../Зябликовкин Еремей/лист.csv", csv("а;б\n1;2\n"))
    put(landing, f"архив {PERSON}.zip", archive.getvalue())
    yield "архив"


def _form() -> bytes:
    workbook = openpyxl.Workbook()
    workbook.active.title = "Протокол"
    workbook.active.append([*FORM_HEADS, None, "ФИО", "Комментарий"])
    workbook.active.append([40001, 1, 2, 1, 3, 1, 4, 6, None, PERSON, PERSON])
    workbook.active.append([40002, 1, "Зябликовкин", 1, "07.11.2013", 1, 4, 6, None, PERSON, PERSON])
    workbook.active.append([PERSON, 1, 2, 1, 3, 1, PERSON, 6, None, None, None])
    service = workbook.create_sheet("Служебный")
    for row in (("Логин ОО", "edu990001"), ("Название ОО", PERSON), ("Муниципалитет", "Северный(m1)"),
                ("Предмет", "Русский язык"), ("Класс", 4), ("Год", 2021), ("Заполнил", PERSON)):  # fmt: skip
        service.append(row)
    workbook.create_sheet("Порядковый номер класса").append([1, f"4А, {PERSON}"])
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()


def _found(text: str) -> list[str]:
    low = text.casefold()
    return [sought for sought in SOUGHT if sought in low or json.dumps(sought)[1:-1] in low]


def test_the_files_were_read_and_what_they_hold_of_people_is_said(installation: Installation) -> None:
    statuses = dict(installation.ask("select status, count(*) from ops.landing_file group by 1"))
    assert statuses["accepted"] > 40
    told = installation.one("select count(distinct file_id) from ops.quarantine where code = 'RSK-PERSONAL-DATA'")
    assert told > 40
    assert installation.one("select count(*) from core.fact_result") > 0


def test_no_table_of_the_warehouse_holds_a_person(installation: Installation) -> None:
    tables = [
        f'"{schema}"."{table}"'
        for schema in sa.inspect(installation.engine).get_schema_names()
        if schema not in ("information_schema", "pg_catalog")
        for table in sa.inspect(installation.engine).get_table_names(schema=schema)
    ]
    assert len(tables) > 40
    leaks: dict[str, tuple[Any, str]] = {}
    for table in tables:
        for (row,) in installation.ask(f"select t::text from {table} t"):
            if found := _found(row):
                leaks.setdefault(table, (found, row[:300]))
    assert leaks == {}
    kept = installation.ask("select distinct title, responsible from core.fact_record where title like 'О поощрении%'")
    assert list(kept) == [("О поощрении учителя ‹имя› и о премии ‹имя›", "главный специалист ‹имя›")]


def test_nothing_published_holds_a_person(installation: Installation) -> None:
    leaks = {}
    published = [path for path in installation.outbox.rglob("*") if path.is_file()]
    assert any(path.suffix == ".xlsx" for path in published)
    for path in published:
        texts = [str(path), *_texts(path)]
        if found := sorted({sought for text in texts for sought in _found(text)}):
            leaks[path.name] = found
    assert leaks == {}


def _texts(path: Path) -> Iterator[str]:
    content = path.read_bytes()
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as container:
            for name in container.namelist():
                yield name
                yield container.read(name).decode("utf-8", "replace")
    else:
        yield content.decode("utf-8", "replace")


def test_neither_logs_nor_dagsters_storage_hold_a_person(installation: Installation, logged: io.StringIO) -> None:
    assert _found(logged.getvalue()) == []
    stored = [path for path in installation.settings.dagster_home.rglob("*") if path.is_file()]
    assert any(path.suffix == ".db" for path in stored)
    texts = {path.name: path.read_bytes().decode("utf-8", "replace") for path in stored}
    assert {name: found for name, text in texts.items() if (found := _found(text))} == {}


def test_the_copies_of_what_was_sent_are_for_the_system_alone(installation: Installation) -> None:
    store = installation.settings.store
    copies = [path for path in store.rglob("*") if path.is_file()]
    assert copies and {path.stat().st_mode & 0o777 for path in copies} == {0o600}
    folders = [store, *(path for path in store.rglob("*") if path.is_dir())]
    assert {path.stat().st_mode & 0o777 for path in folders} == {0o700}


def test_no_shipped_layout_reads_a_column_of_people() -> None:
    from rsoko_pipeline.privacy import is_personal_header
    from rsoko_pipeline.sources.delimited import named_headers

    cfg = load("")
    read = [(layout.id, header) for layout in cfg.delimited.values() for header in named_headers(layout)]
    # protocols of exams name a person by nothing else: their reader makes the pseudonym of it and keeps only that
    works = [layout for layout in cfg.layouts.values() if layout.procedure == "vpr"]
    read += [(layout.id, header) for layout in works for column in layout.columns for header in column.headers]
    assert works and [pair for pair in read if is_personal_header(pair[1])] == []
