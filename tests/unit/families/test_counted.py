"""Answers, records and lists at every level."""

from __future__ import annotations

from datetime import UTC, datetime

import pandas as pd
import pytest

from rsoko_pipeline import contracts
from rsoko_pipeline.configuration import load
from rsoko_pipeline.families import FAMILIES, Base
from rsoko_pipeline.indicators import Register, Stamp, wilson

EVENT = "2026-vpr-ru-4"


@pytest.fixture
def base() -> Base:
    """Three schools in two municipalities, one more that has closed, and a kindergarten."""
    schools = pd.DataFrame(
        [
            ("s1", "Школа № 1", "m1", "СОШ", None),
            ("s2", "Школа № 2", "m1", "СОШ", None),
            ("s3", "Школа № 3", "m2", "ООШ", None),
            ("s4", "Школа № 4", "m2", "ООШ", "2020-08-31"),
            ("d1", "Детский сад № 1", "m2", "ДОУ", None),
        ],
        columns=["school", "name", "municipality", "kind", "valid_to"],
    ).assign(valid_from="2000-01-01")
    places = pd.DataFrame(
        [("m1", "Северный район", "99", "2000-01-01"), ("m2", "Южный район", "99", "2000-01-01")],
        columns=["municipality", "name", "region", "valid_from"],
    )
    register = Register(
        "99",
        "Вымышленная область",
        contracts.table("dim_school").conform(schools),
        contracts.table("dim_municipality").conform(places),
    )
    stamp = Stamp("0123456789ab", "run-1", datetime(2026, 6, 1, tzinfo=UTC))
    return Base(load(), register, stamp, [EVENT])


def facts(family: str, rows: list[dict[str, object]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows).assign(
        event_id=EVENT,
        file_id="f",
        row_number=range(len(rows)),
        is_matched=True,
        config_version="0123456789ab",
        run_id="run-1",
    )
    return contracts.table(FAMILIES[family].fact).conform(frame)


def answer(unit: str, answer: str, n: int, level: str = "school", **more: object) -> dict[str, object]:
    row = {"level": level, "unit_code": unit, "respondent": "родители", "question": "Довольны?", "answer": answer}
    return {**row, "n": n, **more}


def at(frame: pd.DataFrame, level: str, unit: str) -> pd.DataFrame:
    return frame[(frame["level"] == level) & (frame["unit_code"] == unit)]


def test_answers_of_schools_are_added_up_with_their_intervals(base: Base) -> None:
    given = facts(
        "answers", [answer("s1", "да", 8), answer("s1", "нет", 2), answer("s2", "да", 1), answer("s3", "да", 4)]
    )
    out = FAMILIES["answers"].statistics(given, base)
    north = at(out, "municipality", "m1").set_index("answer")
    assert north["n"].to_dict() == {"да": 9, "нет": 2}
    assert north["respondents"].unique().tolist() == [11]
    assert north.loc["да", "unit_name"] == "Северный район"
    low, high = wilson(9, 11)
    yes = north.to_dict("index")["да"]
    assert [yes[name] for name in ("share", "share_low", "share_high")] == pytest.approx([9 / 11, low, high])
    assert at(out, "region", "99").set_index("answer")["n"].to_dict() == {"да": 13, "нет": 2}
    assert out["series"].nunique() == 2


def test_what_a_municipality_states_is_not_added_to_its_schools(base: Base) -> None:
    rows = [answer("s1", "да", 8), answer("s2", "затрудняюсь", 2), answer("m1", "да", 30, "municipality")]
    out = FAMILIES["answers"].statistics(facts("answers", [*rows, answer("s3", "нет", 10)]), base)
    assert at(out, "municipality", "m1")[["answer", "n"]].to_numpy().tolist() == [["да", 30]]
    assert at(out, "municipality", "m2")[["answer", "n"]].to_numpy().tolist() == [["нет", 10]]
    # the region takes the nearest level that answered: the one municipality, without its own and others' schools
    assert at(out, "region", "99")[["answer", "n"]].to_numpy().tolist() == [["да", 30]]


def test_answers_to_one_question_in_two_categories_stay_apart(base: Base) -> None:
    given = [answer("s1", "да", 3, category="1–4 классы"), answer("s1", "да", 5, category="5–9 классы")]
    out = at(FAMILIES["answers"].statistics(facts("answers", given), base), "school", "s1")
    assert out.set_index("category")["n"].to_dict() == {"1–4 классы": 3, "5–9 классы": 5}
    assert (out["share"] == 1).all()


def record(level: str, unit: str, kind: str, **more: object) -> dict[str, object]:
    return {"level": level, "unit_code": unit, "record_kind": kind, "title": "Название", **more}


def test_deeds_count_for_the_unit_and_all_above_it(base: Base) -> None:
    given = [
        record("municipality", "m1", "свидетельство", direction="ВПР", step=1),
        record("municipality", "m1", "свидетельство", direction="ВПР", step=1),
        record("municipality", "m2", "свидетельство", direction="ВПР", step=1),
        record("school", "s3", "свидетельство", direction="ВПР", step=2),
    ]
    out = FAMILIES["records"].statistics(facts("records", given), base)
    region = at(out, "region", "99").set_index("step")
    assert region[["n", "units"]].to_numpy().tolist() == [[3, 2], [1, 1]]
    assert at(out, "municipality", "m2").set_index("step")["n"].to_dict() == {1: 1, 2: 1}
    assert at(out, "school", "s3")["unit_name"].tolist() == ["Школа № 3"]


def test_a_deed_counts_once_in_each_of_its_audiences(base: Base) -> None:
    given = [
        record("region", "99", "совещание", audience="руководители школ; учителя-предметники"),
        record("region", "99", "совещание", audience="учителя-предметники"),
        record("region", "99", "приказ"),
    ]
    out = FAMILIES["records"].statistics(facts("records", given), base)
    whole, by_audience = out[out["audience"].isna()], out[out["audience"].notna()]
    assert whole.set_index("record_kind")["n"].to_dict() == {"приказ": 1, "совещание": 2}
    assert by_audience.set_index("audience")["n"].to_dict() == {"руководители школ": 1, "учителя-предметники": 2}


def member(school: str, kind: str = "ШНОР", **more: object) -> dict[str, object]:
    return {"level": "school", "unit_code": school, "list_kind": kind, **more}


def test_shares_of_lists_are_of_schools_that_work_now(base: Base) -> None:
    out = FAMILIES["lists"].statistics(facts("lists", [member("s1"), member("s1", "резильентные")]), base)
    shnor = out[out["list_kind"] == "ШНОР"].set_index("unit_code")
    assert shnor[["schools", "n"]].loc[["m1", "m2", "99"]].to_numpy().tolist() == [[1, 2], [0, 1], [1, 3]]
    assert shnor.loc["m2", "share"] == 0
    assert len(out) == 8


def test_a_school_that_left_the_list_before_the_window_closed_is_not_on_it(base: Base) -> None:
    given = [
        member("s1", valid_from="2025-09-01", valid_to="2025-12-31"),
        member("s2", valid_from="2025-09-01"),
        member("s3", valid_from="2027-09-01"),
    ]
    out = FAMILIES["lists"].statistics(facts("lists", given), base)
    assert at(out, "region", "99")["schools"].tolist() == [1]
    assert set(out.loc[out["level"] == "school", "unit_code"]) == {"s2"}


def test_a_list_with_more_schools_than_the_register_has_no_share(base: Base) -> None:
    given = [member(code) for code in ("s1", "s2", "s3", "x1")]
    out = FAMILIES["lists"].statistics(facts("lists", given), base)
    region = at(out, "region", "99").iloc[0]
    assert (region["schools"], region["n"]) == (4, 3)
    assert pd.isna(region["share"]) and pd.isna(region["share_low"])
