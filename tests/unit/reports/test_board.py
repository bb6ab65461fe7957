"""The upload board: who is expected, and what counts as loaded, empty, refused, late, awaited."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
import pytest

from rsoko_pipeline import contracts
from rsoko_pipeline.reports.board import upload_status
from tests.unit.reports.fictional import STAMP, conform, event, finding, school

RU4 = "2026-vpr-ru-4"
DUE = date(2026, 5, 27)
MORNING, EVENING = (pd.Timestamp(f"2026-05-21 {hour}:00", tz="UTC") for hour in ("08", "18"))


def unit(school_code: str, file_id: str = "f1", **changes: Any) -> dict[str, Any]:
    return {
        "file_id": file_id,
        "event_id": RU4,
        "content": "source_result",
        "school": school_code,
        "rows": 20,
        "status": "accepted",
        "received_at": MORNING,
        **changes,
    }


def file(file_id: str, **changes: Any) -> dict[str, Any]:
    return {
        "file_id": file_id,
        "name": f"{file_id}.xlsx",
        "size": 100,
        "event_id": RU4,
        "status": "accepted",
        "received_at": MORNING,
        "config_version": STAMP["config_version"],
        **changes,
    }


def board(
    *,
    events: list[dict[str, Any]] | None = None,
    schools: list[dict[str, Any]] | None = None,
    units: list[dict[str, Any]] | None = None,
    files: list[dict[str, Any]] | None = None,
    quarantine: list[dict[str, Any]] | None = None,
    contingent: list[dict[str, Any]] | None = None,
    today: date = date(2026, 5, 22),
    dues: dict[str, date] | None = None,
) -> pd.DataFrame:
    return upload_status(
        conform("dim_event", events or [event(RU4)]),
        conform("dim_school", schools or [school(1), school(2)]),
        conform("file_unit", units or []),
        conform("landing_file", files or []),
        conform("quarantine", quarantine or []),
        conform("fact_contingent", contingent or []),
        {RU4: DUE} if dues is None else dues,
        today,
    )


def row_of(frame: pd.DataFrame, school_code: str) -> dict[Any, Any]:
    (row,) = frame[frame["school"] == school_code].to_dict("records")
    return row


def statuses(frame: pd.DataFrame) -> dict[str, str]:
    return dict(zip(frame["school"], frame["status"], strict=True))


def enrolled(school_code: str, grade: int = 4, count: int = 30, year: str = "2025/2026") -> dict[str, Any]:
    return {
        "school": school_code,
        "school_year": year,
        "grade": grade,
        "enrolled": count,
        "file_id": "c",
        "row_number": 1,
    }


def test_the_frame_is_the_contract_without_its_stamp() -> None:
    frame = board()
    stamped = contracts.table("upload_status").conform(frame.assign(**STAMP))
    assert len(stamped) == 2
    assert list(frame.columns) == [name for name in stamped.columns if name not in STAMP]


def test_nothing_sent_is_awaited_up_to_the_deadline_and_late_after_it() -> None:
    assert set(statuses(board(today=DUE)).values()) == {"awaited"}
    assert set(statuses(board(today=date(2026, 5, 28))).values()) == {"late"}


def test_without_a_deadline_the_last_day_of_the_window_counts() -> None:
    frame = board(dues={}, today=date(2026, 5, 21))
    assert list(frame["due"].dt.date.unique()) == [date(2026, 5, 20)]
    assert set(frame["status"]) == {"late"}


def test_an_accepted_file_with_rows_is_loaded() -> None:
    frame = board(units=[unit("edu990001")], files=[file("f1")], today=date(2026, 6, 30))
    assert statuses(frame) == {"edu990001": "loaded", "edu990002": "late"}
    row = row_of(frame, "edu990001")
    assert (row["file_id"], row["received_at"]) == ("f1", MORNING)


@pytest.mark.parametrize(
    ("code", "changes", "expected"),
    [
        ("RSK-FILE-THRESHOLD", {"file_id": "f1"}, {"edu990001": "refused", "edu990002": "loaded"}),
        ("RSK-EVENT-THRESHOLD", {}, {"edu990001": "refused", "edu990002": "refused"}),
        ("RSK-FILE-THRESHOLD", {"file_id": "f1", "action": "released"}, {"edu990001": "loaded", "edu990002": "loaded"}),
    ],
)
def test_what_is_held_with_its_file_or_its_work_is_refused(
    code: str, changes: dict[str, Any], expected: dict[str, str]
) -> None:
    frame = board(
        units=[unit("edu990001"), unit("edu990002", "f2")],
        files=[file("f1"), file("f2")],
        quarantine=[finding(1, code, school=None, **changes)],
    )
    assert statuses(frame) == expected


def test_an_empty_form_is_empty_and_a_refused_one_refused() -> None:
    frame = board(
        files=[
            file("f1", status="refused", code="RSK-FORM-EMPTY"),
            file("f2", status="refused", code="RSK-HEADER-MISSING"),
        ],
        quarantine=[
            finding(1, "RSK-FORM-EMPTY", event_id=None),
            finding(2, "RSK-HEADER-MISSING", file_id="f2", school="edu990002"),
        ],
    )
    assert statuses(frame) == {"edu990001": "empty", "edu990002": "refused"}
    assert list(frame["findings"]) == [1, 1]


def test_an_empty_form_beside_a_refused_file_is_refused() -> None:
    frame = board(
        files=[file("f1", status="refused", code="RSK-FORM-EMPTY", received_at=EVENING), file("f2", status="refused")],
        quarantine=[finding(1, "RSK-FORM-EMPTY"), finding(2, "RSK-HEADER-MISSING", file_id="f2")],
    )
    assert statuses(frame)["edu990001"] == "refused"


def test_what_was_loaded_before_stays_loaded_when_a_later_file_is_refused() -> None:
    frame = board(
        units=[unit("edu990001")],
        files=[file("f1"), file("f2", status="refused", code="RSK-HEADER-MISSING", received_at=EVENING)],
        quarantine=[finding(1, "RSK-HEADER-MISSING", file_id="f2")],
    )
    assert [row_of(frame, "edu990001")[name] for name in ("status", "file_id", "findings")] == ["loaded", "f1", 0]


@pytest.mark.parametrize(
    "quarantine",
    [
        [finding(1, "RSK-UNIT-THRESHOLD")],
        [finding(number, "RSK-SUM", sheet="Протокол", row_number=number) for number in (1, 2)],
    ],
    ids=["the unit is held", "every row is held"],
)
def test_data_held_as_a_whole_are_refused(quarantine: list[dict[str, Any]]) -> None:
    frame = board(units=[unit("edu990001", rows=2)], files=[file("f1")], quarantine=quarantine)
    assert statuses(frame)["edu990001"] == "refused"


def test_some_held_rows_leave_the_rest_loaded_and_are_counted() -> None:
    frame = board(
        units=[unit("edu990001")],
        files=[file("f1")],
        quarantine=[
            finding(1, "RSK-SUM", row_number=5),
            finding(2, "RSK-MARK-SCALE", row_number=5),
            finding(3, "RSK-DECIMAL-COMMA", severity="info", action="noted"),
        ],
    )
    assert [row_of(frame, "edu990001")[name] for name in ("status", "findings")] == ["loaded", 2]


def test_released_rows_count_as_loaded() -> None:
    frame = board(
        units=[unit("edu990001", rows=1)],
        files=[file("f1")],
        quarantine=[finding(1, "RSK-MARK-SCALE", row_number=1, action="released")],
    )
    assert statuses(frame)["edu990001"] == "loaded"


def test_two_rival_files_are_refused_until_somebody_chooses() -> None:
    frame = board(
        units=[unit("edu990001", status="held"), unit("edu990001", "f2", status="held", received_at=EVENING)],
        files=[file("f1", status="held"), file("f2", status="held")],
    )
    assert statuses(frame)["edu990001"] == "refused"


def test_a_superseded_file_gives_way_to_its_successor() -> None:
    frame = board(
        units=[unit("edu990001", status="superseded"), unit("edu990001", "f2", received_at=EVENING)],
        files=[file("f1", status="superseded"), file("f2", received_at=EVENING)],
        quarantine=[finding(1, "RSK-SUM", row_number=5)],
    )
    assert [row_of(frame, "edu990001")[name] for name in ("status", "file_id", "findings")] == ["loaded", "f2", 0]


def test_aggregates_about_the_event_load_no_school() -> None:
    frame = board(units=[unit("", content="source_group_marks")], files=[file("f1")])
    assert statuses(frame) == {"edu990001": "awaited", "edu990002": "awaited"}


def test_contingent_says_which_schools_an_obligatory_event_expects() -> None:
    frame = board(contingent=[enrolled("edu990001"), enrolled("edu990002", grade=5)])
    assert statuses(frame) == {"edu990001": "awaited"}
    assert board(contingent=[enrolled("edu990001", count=0), enrolled("edu990002")])["school"].tolist() == ["edu990002"]


def test_contingent_of_another_year_does_not_narrow_the_expected_schools() -> None:
    assert len(board(contingent=[enrolled("edu990001", year="2024/2025")])) == 2


def test_without_contingent_only_schools_valid_in_the_window_are_expected() -> None:
    closed = school(2, valid_to=pd.Timestamp("2026-01-31"))
    opened = school(3, valid_from=pd.Timestamp("2026-09-01"))
    assert board(schools=[school(1), closed, opened])["school"].tolist() == ["edu990001"]


def test_a_school_stands_under_its_name_and_municipality_of_then() -> None:
    before = school(1, name="Прежнее имя", municipality="reg99_m009", valid_to=pd.Timestamp("2026-06-30"))
    after = school(1, name="Новое имя", valid_from=pd.Timestamp("2026-07-01"))
    frame = board(schools=[after, before])
    assert frame[["school_name", "municipality"]].to_numpy().tolist() == [["Прежнее имя", "reg99_m009"]]


@pytest.mark.parametrize("participation", ["by_choice", "by_lot", "sample"])
def test_other_events_expect_only_those_that_sent_something(participation: str) -> None:
    frame = board(
        events=[event(RU4, participation=participation)],
        units=[unit("edu990002")],
        files=[file("f1")],
        contingent=[enrolled("edu990001"), enrolled("edu990002")],
        today=date(2026, 6, 30),
    )
    assert statuses(frame) == {"edu990002": "loaded"}


def test_a_closed_school_that_sends_data_is_on_the_board_and_an_unknown_one_is_not() -> None:
    frame = board(
        schools=[school(1, valid_to=pd.Timestamp("2020-08-31"))],
        units=[unit("edu990001"), unit("edu990077")],
        files=[file("f1")],
    )
    assert statuses(frame) == {"edu990001": "loaded"}


def test_findings_of_one_event_do_not_hold_the_same_file_in_another() -> None:
    frame = board(
        events=[event(RU4), event("2026-vpr-ma-4")],
        units=[unit("edu990001"), unit("edu990001", event_id="2026-vpr-ma-4")],
        files=[file("f1", event_id=None)],
        quarantine=[finding(1, "RSK-UNIT-THRESHOLD", event_id="2026-vpr-ma-4")],
    )
    mine = frame[frame["school"] == "edu990001"]
    assert dict(zip(mine["event_id"], mine["status"], strict=True)) == {RU4: "loaded", "2026-vpr-ma-4": "refused"}


def test_no_events_and_no_schools_give_an_empty_board() -> None:
    tables = ("dim_event", "dim_school", "file_unit", "landing_file", "quarantine", "fact_contingent")
    events, schools, units, files, quarantine, contingent = (contracts.table(name).empty() for name in tables)
    frame = upload_status(events, schools, units, files, quarantine, contingent, {}, date(2026, 5, 22))
    assert frame.empty
    assert "status" in frame
