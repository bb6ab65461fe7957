"""Candidates for unknown schools: the likeliest first, by name, number and district; by code where there is no name."""

from __future__ import annotations

import io

import openpyxl
import pandas as pd
import pytest

from rsoko_pipeline import contracts
from rsoko_pipeline.landing.candidates import candidates, plain
from rsoko_pipeline.reports.unknown_schools import CONFIRMED, HEADS, unknown_schools_workbook

SCHOOLS = contracts.table("dim_school").conform(
    pd.DataFrame(
        [
            ("edu990001", "МБОУ «Средняя общеобразовательная школа № 3»", "m1"),
            ("edu990002", "МБОУ СОШ № 13", "m1"),
            ("edu990003", "МКОУ «Придумкинская ООШ»", "m2"),
            ("edu990004", "СОШ № 3", "m2"),
        ],
        columns=["school", "name", "municipality"],
    ).assign(valid_from="1990-01-01")
)
PLACES = contracts.table("dim_municipality").conform(
    pd.DataFrame({"municipality": ["m1", "m2"], "name": ["Северный район", "Южный район"]}).assign(
        region="99", valid_from="1990-01-01"
    )
)


def _unknown(*rows: tuple[str, str | None, str | None]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["sent_code", "sent_name", "sent_municipality"])
    return contracts.table("unknown_school").conform(frame.assign(event_id="e", file_id="f", rows=3))


@pytest.mark.parametrize(
    "name", ["МБОУ «СОШ № 3»", "Муниципальное бюджетное общеобразовательное учреждение средняя школа №3", "сош 3"]
)
def test_names_of_one_school_are_alike(name: str) -> None:
    assert plain(name) == "сош 3"


def test_the_number_and_the_district_decide_between_schools_of_one_name() -> None:
    found = candidates(_unknown(("x", "Средняя школа № 3", "Северный район")), SCHOOLS, PLACES)
    assert list(found["school"])[:2] == ["edu990001", "edu990004"]
    assert found["score"].iloc[0] == 100 and found["score"].is_monotonic_decreasing
    in_south = candidates(_unknown(("x", "Средняя школа № 3", "m2")), SCHOOLS, PLACES)
    assert in_south["school"].iloc[0] == "edu990004"


def test_without_a_name_codes_are_compared() -> None:
    found = candidates(_unknown(("edu990030", None, None)), SCHOOLS, PLACES)
    assert found["school"].iloc[0] == "edu990003"


def test_nothing_alike_is_offered_as_nothing() -> None:
    assert candidates(_unknown(("x", "Ветеринарная клиника", None)), SCHOOLS, PLACES).empty
    assert candidates(_unknown(("x", "Школа", None)), SCHOOLS.head(0), PLACES).empty


def test_the_file_holds_a_row_a_code_and_never_a_formula() -> None:
    unknown = _unknown(("=1+1", "Придумкинская школа", "Южный район"), ("x", None, None)).assign(file_name="Ф1.xlsx")
    sheet = openpyxl.load_workbook(
        io.BytesIO(unknown_schools_workbook(unknown, candidates(unknown, SCHOOLS, PLACES)))
    ).active
    heads = [cell.value for cell in sheet[1]]
    assert tuple(heads[: len(HEADS)]) == HEADS and heads[-1] == "Кандидат 5: сходство"
    rows = [dict(zip(heads, (cell.value for cell in row), strict=True)) for row in sheet.iter_rows(min_row=2)]
    assert [(row["Код, как в файле"], row["Кандидат 1: код"], row[CONFIRMED]) for row in rows] == [
        ("=1+1", "edu990003", None), ("x", None, None),
    ]  # fmt: skip
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
