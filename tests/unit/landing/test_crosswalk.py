"""Which school a code or name means on the day of an event, and files of one school that came under two codes."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
import pytest

from rsoko_pipeline import contracts
from rsoko_pipeline.landing.assembly import Gathered
from rsoko_pipeline.landing.crosswalk import Crosswalk

OLD, NEW = "2021-vpr-ru-4", "2026-vpr-ru-4"
DAYS = {OLD: date(2021, 4, 20), NEW: date(2026, 5, 20)}


def _frame(name: str, rows: list[tuple], columns: list[str], **common: Any) -> pd.DataFrame:
    return contracts.table(name).conform(pd.DataFrame(rows, columns=columns).assign(**common))


@pytest.fixture
def crosswalk() -> Crosswalk:
    return Crosswalk(
        _frame("dim_school", [("a", "Школа № 1"), ("b", "Лицей"), ("c", "Лицей")], ["school", "name"],
               municipality="m", valid_from="1990-01-01"),
        _frame("school_code", [
            ("a", "login", "old", "1990-01-01", "2022-08-31"),
            ("b", "login", "old", "2022-09-01", None),
            ("a", "inn", "77", "1990-01-01", None),
            ("b", "inn", "88", "1990-01-01", None),
            ("c", "inn", "88", "1990-01-01", None),
            ("c", "login", "gone", "1990-01-01", "2000-01-01"),
        ], ["school", "code_kind", "school_code", "valid_from", "valid_to"]),
        _frame("school_alias", [
            ("x", None, "a", "1990-01-01"), ("x", None, "b", "2025-09-01"), (None, "Наша  школа", "c", "1990-01-01"),
        ], ["sent_code", "sent_name", "school", "valid_from"], confirmed_by="методист", confirmed_at="2026-01-01",
            file_id="f", row_number=1),
        DAYS,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("event", "code", "name", "school"),
    [
        (NEW, "a", None, "a"),
        (NEW, "77", None, "a"),
        (OLD, "old", None, "a"),  # a login that another school has today
        (NEW, "old", None, "b"),
        (NEW, "gone", None, "c"),  # out of its days, but never anybody else's
        (NEW, "88", None, None),  # two schools' at once
        (OLD, "x", None, "a"),
        (NEW, "x", None, "b"),  # confirmed anew since September
        (NEW, "y", "наша школа", "c"),
        (NEW, "y", "Лицей", None),  # a name alone is nobody's word
        (NEW, "y", None, None),
    ],
)
def test_a_code_is_the_schools_that_had_it_on_the_day(
    crosswalk: Crosswalk, event: str, code: str, name: str | None, school: str | None
) -> None:
    assert crosswalk.school(event, code, name) == school


def _units(*rows: tuple[str, str, str]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["file_id", "school", "received_at"])
    return frame.assign(
        event_id=NEW,
        content="source_result",
        name=frame["file_id"] + ".xlsx",
        received_at=pd.to_datetime(frame["received_at"], utc=True),
    )


def test_the_later_file_of_a_school_counts_whatever_its_code(crosswalk: Crosswalk) -> None:
    units = _units(("f1", "77", "2026-05-01"), ("f2", "a", "2026-05-02"), ("f3", "b", "2026-05-01"))
    stay, found = crosswalk.settle(units)
    assert list(zip(stay["file_id"], stay["school"], strict=True)) == [("f2", "a"), ("f3", "b")]
    assert found[["file_id", "code", "school", "value", "action"]].to_numpy().tolist() == [
        ["f1", "RSK-UNIT-REPLACED", "a", "77", "noted"]
    ]


def test_two_files_of_one_intake_for_one_school_are_both_held(crosswalk: Crosswalk) -> None:
    stay, found = crosswalk.settle(_units(("f1", "77", "2026-05-02"), ("f2", "a", "2026-05-02")))
    assert stay.empty
    assert found[["file_id", "code", "action"]].to_numpy().tolist() == [
        ["f1", "RSK-UNIT-CODES", "held"], ["f2", "RSK-UNIT-CODES", "held"],
    ]  # fmt: skip
    assert "f2.xlsx" in found["message"].iloc[0]


def test_a_file_with_both_codes_of_a_school_is_no_rival_of_itself(crosswalk: Crosswalk) -> None:
    units = _units(("f1", "77", "2026-05-02"), ("f1", "a", "2026-05-02"))
    stay, found = crosswalk.settle(units)
    assert len(stay) == 2 and found.empty


def test_rows_come_under_the_register_and_what_stays_unknown_is_listed(crosswalk: Crosswalk) -> None:
    results = pd.DataFrame({"school": ["77", "a", "zz", "zz"], "pupil_code": ["1", "2", "3", "4"]}).assign(
        event_id=NEW, file_id="f", row_number=range(4), present=True
    )
    schools = pd.DataFrame({"school": ["zz"], "school_name": ["Иванов Иван"], "municipality_name": ["Север"]}).assign(
        event_id=NEW, file_id="f", row_number=1, rows=2
    )
    measures = pd.DataFrame({"unit_code": ["99", "q", "w"], "unit_name": ["Регион", "Школа № 1", None]}).assign(
        event_id=NEW, file_id="g", row_number=range(3), level=["region", "school", "school"], measure="m", value=1.0
    )
    gathered = Gathered(
        {
            name: contracts.table(name).conform(rows)
            for name, rows in (("source_result", results), ("source_school", schools), ("source_measure", measures))
        }
    )
    crosswalk.place(gathered)
    assert list(gathered.rows("source_result")["school"]) == ["a", "a", "zz", "zz"]
    unknown = crosswalk.unknown(gathered)
    assert unknown[["file_id", "sent_code", "sent_name", "sent_municipality", "rows"]].astype(object).where(
        unknown.notna().drop(columns="event_id"), None
    ).to_numpy().tolist() == [["f", "zz", "‹имя›", "Север", 2], ["g", "w", None, None, 1]]  # fmt: skip


def test_without_a_register_nobody_is_unknown() -> None:
    schools, known, aliases = (contracts.table(name).empty() for name in ("dim_school", "school_code", "school_alias"))
    nothing = Crosswalk(schools, known, aliases, DAYS)
    rows = pd.DataFrame({"school": ["zz"], "pupil_code": ["3"], "event_id": [NEW]})
    gathered = Gathered(
        {
            "source_result": contracts.table("source_result").conform(
                rows.assign(file_id="f", row_number=1, present=True)
            )
        }
    )
    assert nothing.unknown(gathered).empty
