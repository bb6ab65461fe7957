"""The ledger on a real server: supersession by school × work, pending events, decisions."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from sqlalchemy.engine import Engine

from rsoko_pipeline import contracts, findings
from rsoko_pipeline.findings import Finding
from rsoko_pipeline.landing.ledger import Decision, Ledger, as_quarantine
from rsoko_pipeline.warehouse import copy

NOW = pd.Timestamp("2026-05-01T00:00:00Z").as_unit("us")
EVENT = "2026-vpr-ru-4"
NOTHING = contracts.table("quarantine").empty()


def _files(*names: str, status: str = "accepted", version: str = "v1") -> pd.DataFrame:
    frame = pd.DataFrame({"file_id": names, "name": [f"{n}.xlsx" for n in names], "size": 1, "event_id": EVENT})
    return contracts.table("landing_file").conform(frame.assign(status=status, config_version=version, received_at=NOW))


def _units(file_id: str, *schools: str, event: str = EVENT, status: str = "accepted") -> pd.DataFrame:
    frame = pd.DataFrame({"file_id": file_id, "event_id": event, "content": "source_result", "school": schools})
    return contracts.table("file_unit").conform(frame.assign(rows=10, status=status, received_at=NOW))


@pytest.fixture
def ledger(engine: Engine) -> Ledger:
    return Ledger(engine)


def _numbers(held: pd.DataFrame) -> list[int]:
    return held["quarantine_id"].tolist()


def _in_force(ledger: Ledger) -> list[tuple[str, str]]:
    units = ledger.active_units([EVENT])
    return list(zip(units["school"], units["file_id"], strict=True))


def test_a_correction_replaces_exactly_its_school(ledger: Ledger) -> None:
    ledger.record(_files("region"), _units("region", "edu990001", "edu990002"), NOTHING)
    ledger.record(_files("fixed"), _units("fixed", "edu990002"), NOTHING)
    assert sorted(_in_force(ledger)) == [("edu990001", "region"), ("edu990002", "fixed")]
    statuses = copy.read_table(ledger.engine, "landing_file").set_index("file_id")["status"]
    assert statuses.to_dict() == {"region": "accepted", "fixed": "accepted"}


def test_a_file_replaced_for_all_its_schools_is_superseded(ledger: Ledger) -> None:
    ledger.record(_files("old"), _units("old", "edu990001"), NOTHING)
    ledger.record(_files("new"), _units("new", "edu990001"), NOTHING)
    statuses = copy.read_table(ledger.engine, "landing_file").set_index("file_id")["status"]
    assert statuses.to_dict() == {"old": "superseded", "new": "accepted"}


def test_a_whole_table_leaves_nothing_of_the_earlier_one_in_its_event(ledger: Ledger) -> None:
    other = "2026-vpr-ma-4"

    def units(file_id: str, *schools: str, content: str = "source_measure:whole", event: str = EVENT) -> pd.DataFrame:
        return _units(file_id, *schools, event=event).assign(content=content)

    earlier = [
        units("old", "edu990001", "edu990002"),
        units("old", "edu990001", event=other),
        units("beside", "edu990001", content="source_measure:other"),
    ]
    ledger.record(_files("old", "beside"), pd.concat(earlier), NOTHING)
    assert len(_in_force(ledger)) == 3
    ledger.record(_files("new"), units("new", "edu990002", "edu990003"), NOTHING, {"source_measure:whole"})
    assert sorted(_in_force(ledger)) == [("edu990001", "beside"), ("edu990002", "new"), ("edu990003", "new")]
    assert ledger.active_units([other])["file_id"].tolist() == ["old"]


def test_a_held_unit_leaves_the_earlier_one_in_force(ledger: Ledger) -> None:
    ledger.record(_files("old"), _units("old", "edu990001"), NOTHING)
    rivals = pd.concat([_units("a", "edu990001", status="held"), _units("b", "edu990001", status="held")])
    ledger.record(_files("a", "b"), rivals, NOTHING)
    assert _in_force(ledger) == [("edu990001", "old")]


def test_earlier_units_are_those_that_were_in_force_the_latest_first(ledger: Ledger) -> None:
    for number, name in enumerate(("first", "second", "third")):
        later = pd.Timestamp(NOW) + pd.Timedelta(days=number)
        ledger.record(_files(name), _units(name, "edu990001").assign(received_at=later), NOTHING)
    assert ledger.earlier_units([EVENT])["file_id"].tolist() == ["second", "first"]
    assert ledger.earlier_units(["2026-vpr-ma-4"]).empty


def test_a_rival_that_nobody_chose_is_no_earlier_unit(ledger: Ledger) -> None:
    numbers = _record_rivals(ledger)
    ledger.decide(numbers[:1], Decision("released", "Иванова", "сверено"))
    chosen = ledger.active_units([EVENT])["file_id"].tolist()
    ledger.record(_files("later"), _units("later", "edu990001"), NOTHING)
    assert ledger.earlier_units([EVENT])["file_id"].tolist() == chosen


def test_the_files_follow_what_validation_made_of_them(ledger: Ledger) -> None:
    files = _files("region", "form").assign(rows_read=[20, 10], rows_accepted=[20, 10], rows_quarantined=0)
    ledger.record(files, pd.concat([_units("region", "edu990001", "edu990002"), _units("form", "edu990003")]), NOTHING)
    found = pd.concat(
        [
            _held("RSK-DECLARED", "region", school="edu990001", row_number=8),
            _held("RSK-SUM", "region", school="edu990001", row_number=9),
            _held("RSK-SUM", "region", school="edu990002", row_number=30),
            _held("RSK-SUM", "region", school="edu990002", row_number=31),
            _held("RSK-DECLARED", "form", school="edu990003", row_number=8),
        ]
    )
    copy.upsert(ledger.engine, "quarantine", found)
    ledger.decide(_numbers(found)[2:3], Decision("dropped", "Иванова", "лишняя строка"))
    ledger.count_rows([EVENT])
    shown = ["rows_accepted", "rows_quarantined", "status", "code"]
    stored = copy.read_table(ledger.engine, "landing_file").set_index("file_id")[shown]
    assert list(stored.loc["region"]) == [8, 11, "accepted", "RSK-DECLARED"]
    assert list(stored.loc["form"]) == [0, 10, "held", "RSK-DECLARED"]
    ledger.record(_files("other"), _units("other", "edu990004"), NOTHING)
    assert copy.read_table(ledger.engine, "landing_file").set_index("file_id").loc["form", "status"] == "held"
    ledger.decide(_numbers(found)[-1:], Decision("released", "Иванова", "сверено"))
    ledger.count_rows([EVENT])
    stored = copy.read_table(ledger.engine, "landing_file").set_index("file_id")[shown]
    assert list(stored.loc["form"]) == [10, 0, "accepted", "RSK-DECLARED"]


def _held(code: str, file_id: str, event: str | None = EVENT, **place: Any) -> pd.DataFrame:
    return as_quarantine(findings.frame([Finding(code, **place)], file_id=file_id, event_id=event), NOW)


def _record_rivals(ledger: Ledger) -> list[int]:
    """Two files of one intake for one school; the numbers of their findings."""
    rivals = pd.concat([_units("a", "edu990001", status="held"), _units("b", "edu990001", status="held")])
    found = pd.concat([_held("RSK-UNIT-TWICE", name, school="edu990001") for name in ("a", "b")])
    ledger.record(_files("a", "b", status="held"), rivals, found)
    return _numbers(found)


def _actions(ledger: Ledger) -> dict[str, str]:
    rows = ledger.quarantined(everything=True)
    return dict(zip(rows["file_id"], rows["action"], strict=True))


def test_release_of_a_rival_puts_it_in_force_and_settles_the_other(ledger: Ledger) -> None:
    numbers = _record_rivals(ledger)
    assert _in_force(ledger) == []
    decided = ledger.decide(numbers[:1], Decision("released", "Иванова", "верный файл"))
    assert list(decided["released_by"]) == ["Иванова"]
    assert _in_force(ledger) == [("edu990001", "a")]
    assert _actions(ledger) == {"a": "released", "b": "dropped"}


def test_a_third_file_settles_two_rivals(ledger: Ledger) -> None:
    numbers = _record_rivals(ledger)
    ledger.record(_files("other"), _units("other", "edu990002"), NOTHING)
    assert _actions(ledger) == {"a": "held", "b": "held"}, "another school's file has no say"
    ledger.record(_files("c"), _units("c", "edu990001"), NOTHING)
    assert ("edu990001", "c") in _in_force(ledger)
    assert _actions(ledger) == {"a": "dropped", "b": "dropped"}
    statuses = copy.read_table(ledger.engine, "landing_file").set_index("file_id")["status"]
    assert statuses[["a", "b"]].tolist() == ["superseded", "superseded"]
    assert ledger.decide(numbers, Decision("released", "Иванова", "поздно")).empty


def test_what_was_held_of_a_replaced_file_waits_no_more(ledger: Ledger) -> None:
    held = pd.concat([_held("RSK-SUM", "region", row_number=9), _held("RSK-VALUE", "register", None, row_number=3)])
    register = _units("register", "edu990001", event="").assign(content="source_register")
    ledger.record(_files("region", "register"), pd.concat([_units("region", "edu990001", "edu990002"), register]), held)
    ledger.record(_files("part"), _units("part", "edu990001"), NOTHING)
    assert _actions(ledger) == {"region": "held", "register": "held"}, "both are still in force for something"
    ledger.record(_files("rest"), _units("rest", "edu990002"), NOTHING)
    corrected = _units("corrected", "edu990001", event="").assign(content="source_register")
    ledger.record(_files("corrected"), corrected, NOTHING)
    assert _actions(ledger) == {"region": "dropped", "register": "dropped"}
    assert set(ledger.quarantined(everything=True)["reason"]) == {"заменён более поздним файлом"}


def test_a_decision_is_taken_once(ledger: Ledger) -> None:
    held = as_quarantine(findings.frame([Finding("RSK-SUM", row_number=9)], file_id="a", event_id=EVENT), NOW)
    ledger.record(_files("a"), _units("a", "edu990001"), held)
    number = _numbers(held)
    assert len(ledger.decide(number, Decision("dropped", "Иванова", "дубль"))) == 1
    assert ledger.decide(number, Decision("released", "Петров", "передумал")).empty
    assert list(ledger.quarantined(event_id=EVENT, everything=True)["action"]) == ["dropped"]


def test_pending_follows_files_decisions_registers_and_configuration(ledger: Ledger) -> None:
    order = [EVENT, "2026-vpr-ma-4"]
    assert ledger.pending_events("v1", order) == []
    held = as_quarantine(findings.frame([Finding("RSK-SUM", row_number=9)], file_id="a", event_id=EVENT), NOW)
    ledger.record(_files("a"), _units("a", "edu990001"), held)
    assert ledger.pending_events("v1", order) == [EVENT]
    _build(ledger, "v1")
    assert ledger.pending_events("v1", order) == []
    assert ledger.pending_events("v2", order) == [EVENT]

    ledger.decide(_numbers(held), Decision("released", "Иванова", "сверено"))
    assert ledger.pending_events("v1", order) == [EVENT]
    _build(ledger, "v1")

    register = _units("r", "edu990001", event="").assign(content="source_register")
    ledger.record(_files("r"), register, NOTHING)
    assert ledger.pending_events("v1", order) == [EVENT]
    _build(ledger, "v1")

    ledger.record(_files("b"), _units("b", "edu990002"), NOTHING)
    assert ledger.pending_events("v1", order) == [EVENT]


def _build(ledger: Ledger, version: str) -> None:
    hashes = ledger.input_hashes(version)
    state = pd.DataFrame(
        {"event_id": hashes.keys(), "inputs_hash": hashes.values(), "rows": 1, "loaded_at": NOW, "run_id": "r"}
    )
    copy.replace_partition(
        ledger.engine, "event_state", state.assign(is_published=False, is_reported=False), list(hashes)
    )
    assert ledger.pending_events(version, list(hashes)) == list(hashes), "facts without marts are not enough"
    ledger.mark_published(list(hashes))


def test_a_refused_file_is_read_again_under_another_configuration(ledger: Ledger) -> None:
    ledger.record(_files("a", status="refused"), contracts.table("file_unit").empty(), NOTHING)
    assert list(ledger.known_files("v1")["file_id"]) == ["a"]
    assert ledger.known_files("v2").empty


def test_a_later_file_of_the_school_settles_its_refused_one(ledger: Ledger) -> None:
    empty = findings.frame([Finding("RSK-FORM-EMPTY", school="edu990001")], file_id="empty", event_id=EVENT)
    ledger.record(_files("empty", status="refused"), contracts.table("file_unit").empty(), as_quarantine(empty, NOW))
    assert len(ledger.quarantined()) == 1
    ledger.record(_files("other"), _units("other", "edu990002"), NOTHING)
    assert len(ledger.quarantined()) == 1
    ledger.record(_files("filled"), _units("filled", "edu990001"), NOTHING)
    assert ledger.quarantined().empty
    statuses = copy.read_table(ledger.engine, "landing_file").set_index("file_id")["status"]
    assert statuses["empty"] == "superseded"


@pytest.mark.parametrize("first", ["empty", "data", "together"])
def test_an_empty_form_of_a_school_with_data_asks_for_nothing(ledger: Ledger, first: str) -> None:
    empty = _held("RSK-FORM-EMPTY", "empty", school="edu990001")
    nothing, units = contracts.table("file_unit").empty(), _units("data", "edu990001", "edu990002")
    if first == "together":
        ledger.record(pd.concat([_files("data"), _files("empty", status="refused")]), units, empty)
    else:
        intakes = [(_files("empty", status="refused"), nothing, empty), (_files("data"), units, NOTHING)]
        for intake in intakes if first == "empty" else reversed(intakes):
            ledger.record(*intake)
    assert ledger.quarantined().empty
    statuses = copy.read_table(ledger.engine, "landing_file").set_index("file_id")["status"]
    assert statuses.to_dict() == {"data": "accepted", "empty": "superseded"}


@pytest.mark.parametrize(
    ("code", "school", "rows"),
    [("RSK-FORM-EMPTY", "edu990003", 10), ("RSK-FORM-EMPTY", "edu990001", 0), ("RSK-HEADER-MISSING", "edu990001", 10)],
    ids=["of another school", "without rows", "not empty"],
)
def test_a_refused_file_waits_unless_it_is_empty_and_its_school_has_data(
    ledger: Ledger, code: str, school: str, rows: int
) -> None:
    files = pd.concat([_files("data"), _files("refused", status="refused")])
    ledger.record(files, _units("data", "edu990001").assign(rows=rows), _held(code, "refused", school=school))
    assert ledger.quarantined()["file_id"].tolist() == ["refused"]
    statuses = copy.read_table(ledger.engine, "landing_file").set_index("file_id")["status"]
    assert statuses["refused"] == "refused"


def test_unreadable_files_are_forgotten_once_they_can_be_read(ledger: Ledger) -> None:
    ledger.record(
        _files("unreadable-1", "unreadable-2", status="refused"), contracts.table("file_unit").empty(), NOTHING
    )
    ledger.forget_unreadable(["unreadable-2"])
    assert list(ledger.known_files("v1")["file_id"]) == ["unreadable-2"]
