"""Open data of Moscow from the landing folder to the warehouse: nothing is lost, what is not matched is listed."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pandas as pd
import pytest

from ...integration.installation import Installation

DATA = Path(__file__).parents[3].parent / "shared" / "data" / "moscow_ege"
EXAM = "data-9722-2016-10-31.csv"
EVENT = "2016-moscow_ege"
REGISTERS = {"schools_sosh_2013.csv": 1230, "schools_lyceum_2013.csv": 91, "schools_gymnasium_2013.csv": 169}
#: Schools of 2016 that a register of 2013 calls the very same, and no other school with them.
MATCHED = 13

pytestmark = [
    pytest.mark.reference,
    pytest.mark.skipif(not DATA.is_dir(), reason="the data set shared/data/moscow_ege is not beside the repository"),
]


@pytest.fixture(scope="module")
def finished(installation: Installation) -> Installation:
    for path in DATA.glob("*.csv"):
        shutil.copy(path, installation.landing)
    summary = installation.run()
    assert summary.files == {"accepted": 4} and summary.events == [EVENT]
    assert not summary.failed
    return installation


def test_a_year_without_works_is_published(finished: Installation) -> None:
    year = finished.outbox / "2015-2016"
    assert (year / "region" / "procedures.xlsx").is_file() and (year / "validation.html").is_file()
    assert len(list((year / "schools").glob("*/procedures.xlsx"))) == MATCHED
    assert finished.run().did_nothing


def test_the_registers_are_in_the_warehouse_whole(finished: Installation) -> None:
    stored = finished.ask(
        "select f.name, count(*), count(distinct school) from core.dim_school join ops.landing_file f using (file_id)"
        " group by f.name"
    )
    assert {name: (rows, schools) for name, rows, schools in stored} == {
        name: (rows, rows) for name, rows in REGISTERS.items()
    }
    assert finished.one("select count(*) from core.dim_school where name like '%\"%'"), "quotes stay in the names"
    assert finished.one("select count(*) from core.dim_school where name like '%\",\"%'") == 0, "no rows are glued"


def test_every_row_of_the_exam_is_stored_with_its_figures(finished: Installation) -> None:
    with (DATA / EXAM).open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream, delimiter=";"))
    expected = {
        (number, measure): (int(row[numerator]), int(row["PASSED_NUMBER_FULL"]))
        for number, row in enumerate(rows, start=2)
        for measure, numerator in (("over_220", "PASSES_OVER_220"), ("over_160", "PASSER_UNDER_160"))
    }
    stored = finished.ask("select row_number, measure, numerator, denominator from core.fact_measure")
    assert {(number, measure): (float(a), float(b)) for number, measure, a, b in stored} == expected
    assert len(stored) == len(expected) == 2 * 626


def test_rows_without_a_school_are_listed_and_none_is_lost(finished: Installation) -> None:
    rows = pd.read_sql(
        "select distinct row_number, unit_code, unit_name, is_matched from core.fact_measure", finished.engine
    )
    listed = pd.read_sql("select * from ops.quarantine where code = 'RSK-SCHOOL-UNMATCHED'", finished.engine)
    assert len(rows) == 626
    matched, lone = rows[rows["is_matched"]], rows[~rows["is_matched"]]
    assert (len(matched), len(lone)) == (MATCHED, 626 - MATCHED)
    assert set(listed["row_number"]) == set(lone["row_number"])
    assert (listed["action"] == "noted").all() and listed["remedy"].notna().all()
    assert all(name in message for name, message in zip(listed["value"], listed["message"], strict=True))
    names = dict(finished.ask("select school, name from core.dim_school"))
    assert [names[code].lower() for code in matched["unit_code"]] == matched["unit_name"].str.lower().tolist()


def test_schools_found_by_name_are_said(finished: Installation) -> None:
    said = finished.ask("select message from ops.quarantine where code = 'RSK-SCHOOL-BY-NAME'")
    assert len(said) == MATCHED


def test_the_misnamed_column_carries_a_warning_that_people_see(finished: Installation) -> None:
    ((code, message),) = finished.ask("select code, message from ops.landing_file where name = :n", n=EXAM)
    assert code == "RSK-USAGE" and "PASSER_UNDER_160" in message
    assert finished.ask("select message from ops.quarantine where code = 'RSK-USAGE' and event_id = :e", e=EVENT) == [
        (message,)
    ]
