"""Registers from several files: history, periods, which file counts for which school."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from rsoko_pipeline import contracts
from rsoko_pipeline.configuration import Configuration, load
from rsoko_pipeline.findings import Finding
from rsoko_pipeline.landing import registers
from rsoko_pipeline.sources.model import FileFacts, ReadResult
from tests.unit.landing.files import taken, units

A, B = "edu990001", "edu990002"


@pytest.fixture(scope="module")
def cfg() -> Configuration:
    return load()


def _register(file_id: str, *entries: dict[str, Any]) -> ReadResult:
    rows = [
        {"school_name": "Школа", "municipality": "m1", "row_number": number, **entry}
        for number, entry in enumerate(entries, start=2)
    ]
    table = contracts.table("source_register")
    return ReadResult(
        FileFacts(file_id, f"{file_id}.csv", 1), {table.name: table.conform(pd.DataFrame(rows).assign(file_id=file_id))}
    )


def _contingent(file_id: str, *entries: tuple[str, str, int]) -> ReadResult:
    rows = pd.DataFrame(entries, columns=["school", "school_year", "enrolled"])
    rows = rows.assign(file_id=file_id, row_number=range(2, 2 + len(rows)), grade=4)
    table = contracts.table("source_contingent")
    return ReadResult(FileFacts(file_id, f"{file_id}.csv", 1), {table.name: table.conform(rows)})


def _claims(*entries: tuple[str, str], period: str = "", content: str = "source_register") -> pd.DataFrame:
    return units(*entries, event=period, content=content)


def _days(column: pd.Series) -> list[str | None]:
    return [None if pd.isna(day) else f"{day:%Y-%m-%d}" for day in column]


def test_a_period_ends_the_day_before_the_next(cfg: Configuration) -> None:
    result = _register(
        "r",
        {"school": A, "school_name": "Новая", "municipality": "m2", "valid_from": "2024-09-01"},
        {"school": A, "school_name": "Старая"},
        {"school": B},
    )
    schools = registers.build(taken(result), _claims(("r", A), ("r", B)), cfg).tables["dim_school"]
    assert list(schools["name"]) == ["Старая", "Новая", "Школа"]
    assert _days(schools["valid_from"]) == ["1990-01-01", "2024-09-01", "1990-01-01"]
    assert _days(schools["valid_to"]) == ["2024-08-31", None, None]


def test_an_end_that_the_register_states_stands(cfg: Configuration) -> None:
    result = _register(
        "r",
        {"school": A, "valid_to": "2020-05-31"},
        {"school": A, "valid_from": "2024-09-01", "valid_to": "2030-01-01"},
    )
    schools = registers.build(taken(result), _claims(("r", A)), cfg).tables["dim_school"]
    assert _days(schools["valid_to"]) == ["2020-05-31", "2030-01-01"]


def test_of_entries_for_one_day_that_say_different_things_none_counts(cfg: Configuration) -> None:
    result = _register(
        "r", {"school": A, "school_name": "Первая"}, {"school": A, "school_name": "Вторая"}, {"school": B}
    )
    built = registers.build(taken(result), _claims(("r", A), ("r", B)), cfg)
    assert list(built.tables["dim_school"]["school"]) == [B]
    assert built.findings[["file_id", "row_number", "school", "code", "action"]].to_numpy().tolist() == [
        ["r", 2, A, "RSK-REGISTER-TWICE", "held"], ["r", 3, A, "RSK-REGISTER-TWICE", "held"],
    ]  # fmt: skip
    assert built.findings["event_id"].isna().all()


def test_rows_of_the_contingent_that_fail_are_held_and_the_rest_counts(cfg: Configuration) -> None:
    content = "source_contingent"
    result = _contingent("c", (A, "2025/2026", 50), (A, "2025/2026", 51), (B, "2025/2026", 7), ("edu9", "2025/2026", 3))
    claims = _claims(("c", A), ("c", B), ("c", "edu9"), period="2025/2026", content=content)
    register = _register("r", {"school": A}, {"school": B})
    result.findings.append(Finding("RSK-USAGE", {"what": "Класс целиком."}))
    built = registers.build(taken(register, result), pd.concat([claims, _claims(("r", A), ("r", B))]), cfg)
    assert list(
        zip(built.tables["fact_contingent"]["school"], built.tables["fact_contingent"]["enrolled"], strict=True)
    ) == [(B, 7), ("edu9", 3)]
    assert sorted(built.findings["code"]) == [
        "RSK-CONTINGENT-TWICE", "RSK-CONTINGENT-TWICE", "RSK-SCHOOL-UNMATCHED", "RSK-USAGE",
    ]  # fmt: skip
    assert built.findings["event_id"].isna().all()


def test_each_school_comes_from_the_file_in_force_for_it(cfg: Configuration) -> None:
    old = _register("old", {"school": A, "school_name": "Старое"}, {"school": B, "school_name": "Б"})
    new = _register("new", {"school": A, "school_name": "Новое"})
    schools = registers.build(taken(old, new), _claims(("old", B), ("new", A)), cfg).tables["dim_school"]
    assert schools[["school", "name", "file_id"]].to_numpy().tolist() == [[A, "Новое", "new"], [B, "Б", "old"]]


def test_municipalities_are_named_as_the_latest_entry_names_them(cfg: Configuration) -> None:
    result = _register(
        "r",
        {"school": A, "municipality_name": "Новый округ", "valid_from": "2024-09-01"},
        {"school": B, "municipality_name": "Старый район", "valid_from": "2020-09-01"},
        {"school": B, "municipality": "m2", "valid_from": "2024-09-01"},
    )
    built = registers.build(taken(result), _claims(("r", A), ("r", B)), cfg).tables["dim_municipality"]
    assert built[["municipality", "name", "region"]].to_numpy().tolist() == [
        ["m1", "Новый округ", cfg.region.code],
        ["m2", "m2", cfg.region.code],
    ]
    assert _days(built["valid_to"]) == [None, None]


def test_contingent_of_each_school_year_comes_from_the_file_in_force_for_it(cfg: Configuration) -> None:
    old = _contingent("old", (A, "2024/2025", 50), (A, "2025/2026", 51))
    new = _contingent("new", (A, "2025/2026", 60))
    content = "source_contingent"
    claims = pd.concat(
        [
            _claims(("old", A), period="2024/2025", content=content),
            _claims(("new", A), period="2025/2026", content=content),
        ]
    )
    built = registers.build(taken(old, new), claims, cfg).tables["fact_contingent"]
    assert built[["school_year", "enrolled"]].to_numpy().tolist() == [["2024/2025", 50], ["2025/2026", 60]]


def test_without_registers_the_dimensions_are_empty(cfg: Configuration) -> None:
    built = registers.build(taken(), units(), cfg)
    assert tuple(built.tables) == registers.TABLES
    for name, frame in built.tables.items():
        assert frame.empty
        assert list(frame.columns) == contracts.table(name).names


def _municipalities(file_id: str, *entries: dict[str, Any]) -> ReadResult:
    rows = pd.DataFrame([{"row_number": number, **entry} for number, entry in enumerate(entries, start=2)])
    table = contracts.table("source_municipality")
    return ReadResult(
        FileFacts(file_id, f"{file_id}.csv", 1), {table.name: table.conform(rows.assign(file_id=file_id))}
    )


def test_schools_follow_the_merger_of_their_municipality(cfg: Configuration) -> None:
    result = _register(
        "r",
        {"school": A},
        {"school": B, "valid_to": "2022-06-30"},
        {"school": "edu990003", "municipality": "m4"},
    )
    places = _municipalities(
        "m",
        {"municipality": "m1", "municipality_name": "Район", "valid_to": "2023-12-31"},
        {"municipality": "m2", "municipality_name": "Округ", "predecessor": "m1; m9", "valid_from": "2024-01-01"},
        {"municipality": "m4", "municipality_name": "Город"},
    )
    claims = pd.concat(
        [
            _claims(("r", A), ("r", B), ("r", "edu990003")),
            _claims(("m", "m1"), ("m", "m2"), ("m", "m4"), content="source_municipality"),
        ]
    )
    built = registers.build(taken(result, places), claims, cfg).tables
    schools = built["dim_school"]
    assert list(zip(schools["school"], schools["municipality"], strict=True)) == [
        (A, "m1"), (A, "m2"), (B, "m1"), ("edu990003", "m4"),
    ]  # fmt: skip
    assert _days(schools["valid_from"])[:2] == ["1990-01-01", "2024-01-01"]
    assert _days(schools["valid_to"]) == ["2023-12-31", None, "2022-06-30", None]
    assert list(built["dim_municipality"]["name"]) == ["Район", "Округ", "Город"]
    assert set(built["school_code"]["school_code"]) == {A, B, "edu990003"}
