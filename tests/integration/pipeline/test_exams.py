"""A database like that of РИС ГИА and protocols of the same exams, from landing to marts."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from rsoko_pipeline.configuration.places import base_folder
from rsoko_pipeline.landing.ris import NAME, incoming
from rsoko_pipeline.landing.store import Store
from rsoko_pipeline.warehouse.embedded import EmbeddedPostgres

from ..conftest import database
from ..installation import Installation

_TABLES = """
create table rbd_Governments (GovernmentID int primary key, GovernmentCode text, GovernmentName text);
create table rbd_Schools (SchoolID int primary key, SchoolCode text, GovernmentFK int, SchoolKindFK int,
    SchoolPropertyFk int, AreaFK int, TownTypeFK int, People9 int, People11 int);
create table rbd_Participants (ParticipantID text primary key, Surname text, Name text, SecondName text,
    DocumentSeries text, DocumentNumber text, BirthDay date, SchoolFK int, ClassCode text, CategoryCode int);
create table dat_Exams (SubjectCode int, ExamDate date, WaveCode int, ExamType int, Grade int);
create table res_HumanTests (HumanTestID int primary key, ParticipantFK text, SubjectCode int, ExamDate date,
    ProcessCondition int, AppealCode int, VariantCode int);
create table res_Marks (HumanTestFK int, PrimaryMark int, Mark100 int, Mark5 int);
create table res_Answers (HumanTestFK int, PartCode text, TaskNumber int, Points int, MaxPoints int);
create table dats_Borders (SubjectCode int, ExamDate date, PrimaryMark int, ScaleMark int);
insert into rbd_Governments values (1, '001', 'Вымышленный округ');
insert into rbd_Schools values (1, '0010001', 1, 1, 1, 1, 1, 50, 40), (2, '0010002', 1, 1, 1, 1, 1, 30, 20);
insert into dat_Exams values (2, '2025-05-27', 2, 1, 11), (2, '2025-07-03', 2, 1, 11), (1, '2025-06-09', 2, 2, 9);
insert into dats_Borders select 2, d, p, s from unnest(array[date '2025-05-27', date '2025-07-03']) d,
    unnest(array[4, 5, 12], array[22, 27, 70]) as b(p, s);
insert into rbd_Participants
    select 'id-' || n, 'Вымыслов', 'Платон', 'Тихонович', 'ДС9012', 'ДН' || lpad(n::text, 6, '0'), '2007-01-01',
           1 + n % 2, '11А', case when n = 9 then 4 else 1 end from generate_series(0, 9) n;
insert into res_HumanTests
    select n, 'id-' || n, 2, '2025-05-27', case when n = 7 then 3 else 6 end, case when n = 1 then 2 else 0 end, 301
    from generate_series(0, 9) n;
insert into res_HumanTests values (20, 'id-0', 2, '2025-07-03', 6, 0, 302);
insert into res_Marks select HumanTestID, case when HumanTestID = 20 then 4 when HumanTestID = 1 then 5 else 12 end,
    null, null from res_HumanTests where ProcessCondition = 6;
insert into res_Answers
    select HumanTestFK, 'B', t, case when t <= least(PrimaryMark, 10) then 1 else 0 end, null
    from res_Marks, generate_series(1, 10) t
    union all select HumanTestFK, 'C', 1, greatest(PrimaryMark - 10, 0), 4 from res_Marks;
"""


@pytest.fixture
def ris(server: EmbeddedPostgres, template: str) -> Iterator[Engine]:
    """A fictional copy of РИС: ten participants of maths in 2025, a retake, an invalid result, an earlier year."""
    with database(server, template) as engine:
        with engine.begin() as connection:
            for statement in _TABLES.split(";\n"):
                if statement.strip():
                    connection.execute(sa.text(statement))
        yield engine


@pytest.fixture
def installed(tmp_path: Path, engine: Engine, ris: Engine, monkeypatch: pytest.MonkeyPatch) -> Installation:
    """An installation that reads the database, with a register of its schools."""
    url = ris.url.render_as_string(hide_password=False)
    monkeypatch.setenv("RSOKO_RIS_URL", url)
    monkeypatch.setenv("RSOKO_PSEUDONYM_KEY", "test key")
    made = Installation.at(tmp_path / "home", engine)
    made.settings = replace(made.settings, ris_url=url)
    register = (
        "Код ОО;Название ОО;Код муниципалитета;Код РИС\nedu990001;Школа 1;m1;0010001\nedu990002;Школа 2;m2;0010002\n"
    )
    (made.landing / "register.csv").write_text(register, encoding="utf-8")
    return made


def test_a_database_of_ris_becomes_facts_and_statistics(installed: Installation, ris: Engine) -> None:
    summary = installed.run(until="marts")
    event = "2025-ege-ma-11"
    assert summary.events == [event]
    sittings = """select count(*), count(*) filter (where is_counted), count(*) filter (where is_statistical)
                  from core.fact_exam"""
    assert installed.ask(sittings) == [(11, 9, 9)]
    assert installed.one("select exam_status from core.fact_exam where exam_date = '2025-05-27' and not is_counted"
                         " and exam_status <> 'unfinished'") == "annulled"  # fmt: skip
    figures = """select participants, unfinished, passed, below_minimum, minimum, band_low, band_middle, appeals_granted
                 from mart.exam_statistics where level = 'region' and participant_category = :category
                 and exam_period = 'all'"""
    assert installed.ask(figures, category="all") == [(9, 1, 8, 1, 27, 1, 7, 1)]
    assert installed.ask(figures, category="graduate") == [(8, 1, 7, 1, 27, 1, 6, 1)]
    works = "select count(*), count(*) filter (where present), max(cardinality(scores)) from core.fact_result"
    assert installed.ask(works) == [(9, 8, 11)]
    assert installed.one("select count(*) from mart.task_statistics where level = 'region'") == 11
    assert installed.ask("select distinct school from core.fact_exam order by 1") == [("edu990001",), ("edu990002",)]
    everything = b"".join(path.read_bytes() for path in installed.settings.home.rglob("*") if path.is_file())
    for secret in ("Вымыслов", "Тихонович", "ДС9012", "ДН000003", "id-3"):
        assert secret.encode() not in everything, secret
    assert installed.run(until="marts").did_nothing

    with ris.begin() as connection:
        connection.execute(sa.text("update res_Marks set PrimaryMark = 5 where HumanTestFK = 3"))
        connection.execute(sa.text("update res_Answers set Points = case when TaskNumber <= 5 and PartCode = 'B' then 1"
                                   " else 0 end where HumanTestFK = 3"))  # fmt: skip
    assert installed.run(until="marts").files == {"accepted": 1}
    statuses = "select status from ops.landing_file where name = :name order by received_at"
    assert installed.ask(statuses, name=NAME) == [("superseded",), ("accepted",)]
    assert installed.ask(figures, category="all") == [(9, 1, 8, 1, 27, 2, 6, 1)]


def test_an_early_exam_that_nobody_finished_is_stored(installed: Installation, ris: Engine) -> None:
    with ris.begin() as connection:
        connection.execute(sa.text("update dat_Exams set WaveCode = 1"))
        connection.execute(sa.text("update res_HumanTests set ProcessCondition = 0"))
    installed.run(until="marts")
    sittings = "select exam_period, exam_status, is_counted, count(*) from core.fact_exam group by 1, 2, 3"
    assert installed.ask(sittings) == [("early", "unfinished", False, 11)]
    assert installed.one("select count(*) from ops.quarantine where action = 'held'") == 0
    figures = """select exam_period, participants, unfinished from mart.exam_statistics where level = 'region'
                 and participant_category = 'all' order by 1"""
    assert installed.ask(figures) == [("all", 0, 10), ("early", 0, 10)]


def test_protocols_of_the_samples_reach_the_marts_beside_each_other(tmp_path: Path, engine: Engine) -> None:
    made = Installation.at(tmp_path / "home", engine)
    procedures = base_folder() / "procedures"
    register = Path(__file__).parents[2] / "unit" / "bundles" / "register.csv"
    for name, path in {
        "register.csv": register,
        "oge.xls": procedures / "oge" / "sample.xls",
        "ege.xlsx": procedures / "ege" / "sample.xlsx",
        "essay.xlsx": procedures / "essay" / "sample.xlsx",
    }.items():
        (made.landing / name).write_bytes(path.read_bytes())
    made.run()
    passed = "select event_id, participants, absent, passed from mart.exam_statistics where level = 'region'" \
             " and participant_category = 'all' and exam_period = 'all' order by 1"  # fmt: skip
    rows = {event: tuple(figures) for event, *figures in made.ask(passed)}
    assert rows["2025-essay-11"] == (30, 0, 29)
    assert rows["2026-oge-ob-9"][:2] == (29, 1)
    assert rows["2026-ege-ma-11"] == (15, 0, None)
    assert made.one("select count(*) from ops.quarantine where action = 'held'") == 0
    assert (made.outbox / "2025-2026" / "region" / "oge.xlsx").exists()
    assert made.ask(
        "select distinct status from mart.upload_status where event_id = '2026-oge-ma-9' and file_id is not null"
    ) == [("loaded",)]


def test_a_result_changed_by_an_appeal_takes_the_place_of_the_earlier_one_alone(tmp_path: Path, engine: Engine) -> None:
    made = Installation.at(tmp_path / "home", engine)
    register = Path(__file__).parents[2] / "unit" / "bundles" / "register.csv"
    (made.landing / "register.csv").write_bytes(register.read_bytes())
    (made.landing / "ege.xlsx").write_bytes(_protocol())
    made.run(until="marts")
    sittings = """select e.pupil, e.test_score, e.appeal, f.name from core.fact_exam e
                  join ops.landing_file f using (file_id) where e.event_id = '2026-ege-ru-11'"""
    before = {pupil: said for pupil, *said in made.ask(sittings)}
    assert len(before) > 20 and [49.0, "none", "ege.xlsx"] in before.values()

    (made.landing / "Апелляции.xlsx").write_bytes(_protocol(appeals_only=True))
    assert made.run(until="marts").events == ["2026-ege-ru-11"]
    after = {pupil: said for pupil, *said in made.ask(sittings)}
    (changed,) = (pupil for pupil in before if before[pupil] != after[pupil])
    assert before.keys() == after.keys()
    assert (before[changed], after[changed]) == ([49.0, "none", "ege.xlsx"], [57.0, "granted", "Апелляции.xlsx"])
    work = "select primary_score from core.fact_result where pupil = :pupil and event_id = '2026-ege-ru-11'"
    assert made.ask(work, pupil=changed) == [(28.0,)]
    assert made.ask("select code, action, message from ops.quarantine where code like 'RSK-EXAM%'") == [
        ("RSK-EXAM-APPEAL", "noted", "Апелляция удовлетворена: результат участника взят отсюда, 57 вместо 49 в файле"
         " «ege.xlsx».")
    ]  # fmt: skip
    granted = """select appeals, appeals_granted from mart.exam_statistics where event_id = '2026-ege-ru-11'
                 and level = 'region' and participant_category = 'all' and exam_period = 'all'"""
    assert made.ask(granted) == [(1, 1)]
    assert made.run(until="marts").did_nothing

    (made.landing / "ege после апелляций.xlsx").write_bytes(_protocol(appeals_only=False))
    made.run(until="marts")
    whole = {pupil: said for pupil, *said in made.ask(sittings)}
    assert whole[changed] == [57.0, "granted", "ege после апелляций.xlsx"]
    assert {pupil: said[:2] for pupil, said in whole.items()} == {pupil: said[:2] for pupil, said in after.items()}


def _protocol(appeals_only: bool | None = None) -> bytes:
    """The sample's protocols; with the result of one appeal in the exam of Russian, or that result alone."""
    book = openpyxl.load_workbook(base_folder() / "procedures" / "ege" / "sample.xlsx")
    sheet = book.worksheets[0]
    if appeals_only is not None:
        assert [sheet.cell(4, column).value for column in (14, 15, 16)] == ["14(22)", 24, 49]
        for column, value in zip((14, 15, 16), ("18(22)", 28, 57), strict=True):
            sheet.cell(4, column).value = value
        sheet.cell(2, 17).value, sheet.cell(4, 17).value = "Апелляция", "удовлетворена"
    if appeals_only:
        sheet.delete_rows(5, sheet.max_row)
        sheet.delete_rows(3)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_database_that_cannot_be_asked_is_told_and_stops_nothing(tmp_path: Path, bare_engine: Engine) -> None:
    (found,) = incoming(bare_engine.url.render_as_string(hide_password=False), Store(tmp_path), b"key")
    assert (found.name, found.file_id) == (NAME, None)
    assert (found.trouble, found.code) == ("ProgrammingError", "RSK-RIS-QUERY")
    assert incoming(None, Store(tmp_path), b"key") == []


def test_the_same_content_gives_the_same_snapshot(tmp_path: Path, ris: Engine) -> None:
    url = ris.url.render_as_string(hide_password=False)
    (first,) = incoming(url, Store(tmp_path), b"key")
    with ris.begin() as connection:
        connection.execute(sa.text("update res_HumanTests set VariantCode = VariantCode"))
    (second,) = incoming(url, Store(tmp_path), b"key")
    assert first.file_id == second.file_id
    (other,) = incoming(url, Store(tmp_path), b"another key")
    assert other.file_id != first.file_id
