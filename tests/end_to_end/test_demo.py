"""``rsoko demo`` and the commands that a new user types after it."""

from __future__ import annotations

import csv
import json
import re
import shlex
import subprocess

import openpyxl

from rsoko_pipeline.configuration import load
from rsoko_pipeline.families import family_of
from rsoko_pipeline.simulation.landing import planned_works

from ..commands import Commands
from .conftest import SCHOOLS, Demo

YEAR = load().calendar.years[-1]


def test_the_demonstration_goes_through_and_says_where_to_look(demo: Demo) -> None:
    assert demo.said.returncode in (0, 1), demo.said.stderr
    assert "Traceback" not in demo.said.stderr and "Warning" not in demo.said.stderr
    assert f"Моделирую регион: {SCHOOLS} школ" in demo.said.stdout
    cfg = load()
    events = list(cfg.calendar.of_year(YEAR))
    exams = {event.procedure for event in events if cfg.procedures[event.procedure].exam}
    works, corrected = (int(count) for count in re.findall(r"Работы: собрано (\d+)", demo.said.stdout))
    assert works >= len(planned_works(cfg, [YEAR])) + len(exams) and corrected == 1
    assert "исправленный файл" in demo.said.stdout
    others = {event.procedure for event in events if family_of(cfg.procedures[event.procedure])}
    ((built, rows), *_) = re.findall(r"Другие процедуры: собрано (\d+), записей (\d+)", demo.said.stdout)
    assert int(built) >= len(others) > 40 and int(rows) > 1000
    assert str(demo.home / "outbox") in demo.said.stdout


def test_what_the_demonstration_says_to_type_can_be_typed(demo: Demo) -> None:
    (line,) = re.findall(r"хранилище для BI +(.+)", demo.said.stdout)
    told = subprocess.run(
        shlex.split(line), env=Commands(demo.home).environment, capture_output=True, text=True, check=True
    )
    assert told.stdout.startswith("postgresql")


def test_reports_of_region_and_every_school_lie_in_the_outbox(demo: Demo) -> None:
    folder = demo.home / "outbox" / YEAR.replace("/", "-")
    board = openpyxl.load_workbook(folder / "region" / "vpr.xlsx")["Доска загрузки"]
    assert board.max_row > SCHOOLS
    assert len(list((folder / "schools").glob("*/vpr.xlsx"))) == SCHOOLS
    for name in ("procedures.xlsx", "oge.xlsx", "ege.xlsx", "calendar.html", "calendar.ics", "objectivity.html"):
        assert (folder / "region" / name).stat().st_size > 1000, name
    assert len(list((folder / "schools").glob("*/procedures.xlsx"))) == SCHOOLS
    assert "Исправьте баллы за задания или первичный балл" in (folder / "validation.html").read_text(encoding="utf-8")


def test_what_was_planted_is_held(demo: Demo) -> None:
    with (demo.home / "landing" / "truth.csv").open(encoding="utf-8") as stream:
        planted = {row["what"] for row in csv.DictReader(stream, delimiter=";") if row["kind"] == "dirt"}
    listed = Commands(demo.home).run("quarantine", "list", "--all", "--json")
    codes = {row["code"] for row in json.loads(listed.stdout)}
    expected = {
        "wrong_sum": "RSK-SUM", "score_above_max": "RSK-SCORE-MAX", "duplicate_code": "RSK-PUPIL-DUPLICATE",
        "empty_form": "RSK-FORM-EMPTY", "unknown_school": "RSK-SCHOOL-UNKNOWN", "double_year": "RSK-DOUBLE-YEAR",
    }  # fmt: skip
    assert planted >= expected.keys()
    assert codes >= set(expected.values())


def test_a_second_run_finds_nothing_new(demo: Demo) -> None:
    assert (demo.again.returncode, demo.again.stdout) == (0, "Во входящих ничего нового, всё собрано.\n")
    assert demo.again.stderr == ""
