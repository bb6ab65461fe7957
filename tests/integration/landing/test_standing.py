"""The standing check: what it finds in a warehouse's own tables, and what it leaves out."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
import pytest
from sqlalchemy.engine import Engine

from rsoko_pipeline import contracts
from rsoko_pipeline.configuration import Configuration, load
from rsoko_pipeline.standing import NOTHING_LOADED, Standing, loaded_facts, standing
from rsoko_pipeline.warehouse import copy

NOW = pd.Timestamp("2026-05-01T00:00:00Z").as_unit("us")
EVENT = "2026-vpr-ru-4"
STAMP = {"config_version": "v", "run_id": "r", "computed_at": NOW}
TODAY = date(2026, 6, 1)


@pytest.fixture(scope="module")
def cfg() -> Configuration:
    return load()


def _put(engine: Engine, name: str, *rows: dict[str, Any], **of_all: Any) -> None:
    with engine.begin() as connection:
        copy.upsert(connection, name, contracts.table(name).conform(pd.DataFrame(rows).assign(**of_all)))


def _file(engine: Engine, file_id: str, status: str, **given: Any) -> None:
    row = {"file_id": file_id, "name": f"{file_id}.xlsx", "size": 1, "status": status, "event_id": EVENT}
    _put(engine, "landing_file", {**row, **given}, config_version="v", received_at=NOW)


def _deadline(status: str, due: str, event: str = EVENT) -> dict[str, Any]:
    return {"event_id": event, "title": "Работа", "due_kind": f"{status} {due}", "due": due, "status": status}


def _upload(school: str, status: str, due: str = "2026-05-25") -> dict[str, Any]:
    return {
        "event_id": EVENT, "school": school, "school_name": school, "municipality": "m1", "due": due,
        "status": status, "findings": 0,
    }  # fmt: skip


def _ask(engine: Engine, cfg: Configuration) -> Standing:
    return standing(engine, cfg, TODAY)


def test_a_new_warehouse_is_well(engine: Engine, cfg: Configuration) -> None:
    found = _ask(engine, cfg)
    assert found.is_well
    assert list(found.late.columns) == ["event_id", "title", "due_kind", "due"]
    assert loaded_facts(engine).empty
    assert list(loaded_facts(engine).columns) == list(NOTHING_LOADED.columns)


def test_refused_and_held_files_stand_until_they_are_replaced(engine: Engine, cfg: Configuration) -> None:
    for name, status in (("b", "refused"), ("a", "held"), ("c", "superseded"), ("d", "accepted"), ("e", "duplicate")):
        _file(engine, name, status, code="RSK-FORM-EMPTY", message="Форма пуста.")
    found = _ask(engine, cfg)
    assert not found.is_well
    assert list(found.refused["name"]) == ["a.xlsx", "b.xlsx"]


def test_a_file_that_a_person_dropped_is_no_longer_recalled(engine: Engine, cfg: Configuration) -> None:
    for name in ("dropped", "half", "noted", "held"):
        _file(engine, name, "refused", code="RSK-FORM-EMPTY", message="Форма пуста.")
    actions = [("dropped", "dropped"), ("dropped", "noted"), ("half", "dropped"), ("half", "held"), ("noted", "noted")]
    _put(
        engine, "quarantine",
        *({"quarantine_id": n, "file_id": file, "action": action} for n, (file, action) in enumerate(actions)),
        code="RSK-FORM-EMPTY", event_id=EVENT, severity="error", message="Форма пуста.", received_at=NOW,
    )  # fmt: skip
    assert list(_ask(engine, cfg).refused["name"]) == ["half.xlsx", "held.xlsx", "noted.xlsx"]


def test_held_rows_are_counted_by_event_and_code(engine: Engine, cfg: Configuration) -> None:
    rows = [
        ("RSK-SUM", "s1", "held"),
        ("RSK-SUM", "s1", "held"),
        ("RSK-SUM", "s2", "held"),
        ("RSK-SUM", "s3", "released"),
    ]
    _put(
        engine, "quarantine",
        *({"quarantine_id": n, "code": c, "school": s, "action": a} for n, (c, s, a) in enumerate(rows, start=1)),
        file_id="a", event_id=EVENT, severity="error", message="Сумма не та.", received_at=NOW,
    )  # fmt: skip
    found = _ask(engine, cfg)
    assert found.held.to_numpy().tolist() == [[EVENT, "RSK-SUM", 3, 2]]


def test_an_event_held_as_a_whole_is_named(engine: Engine, cfg: Configuration) -> None:
    _put(
        engine, "check_result",
        {"check_name": "event_threshold", "passed": False, "message": "Слишком много."},
        {"check_name": "score_sum", "passed": False, "message": "Три строки."},
        event_id=EVENT, severity="error", checked=10, failed=3, **STAMP,
    )  # fmt: skip
    assert _ask(engine, cfg).held_events.to_numpy().tolist() == [[EVENT, 3, 10]]


def test_only_deadlines_that_have_passed_are_late(engine: Engine, cfg: Configuration) -> None:
    _file(engine, "a", "accepted")
    dues = [_deadline("late", "2026-05-25"), _deadline("awaited", "2026-06-20"), _deadline("done", "2026-05-01")]
    earlier = _deadline("late", "2025-05-25", event="2025-vpr-ru-4")
    _put(engine, "calendar_status", *dues, earlier, **STAMP)
    late = _ask(engine, cfg).late
    assert late[["event_id", "due_kind"]].to_numpy().tolist() == [[EVENT, "late 2026-05-25"]], (
        "nobody was asked for files of the year before"
    )


def test_missing_uploads_are_counted_by_event(engine: Engine, cfg: Configuration) -> None:
    _file(engine, "a", "accepted")
    board = [_upload("s1", "late"), _upload("s2", "awaited"), _upload("s3", "loaded"), _upload("s4", "empty")]
    _put(engine, "upload_status", *board, **STAMP)
    missing = _ask(engine, cfg).missing
    assert missing.to_numpy().tolist() == [[EVENT, date(2026, 5, 25), 2]]


def test_what_is_loaded_counts_schools_in_force(engine: Engine) -> None:
    entries = [("s1", "accepted"), ("s2", "accepted"), ("s3", "superseded")]
    _put(
        engine, "file_unit", *({"school": school, "status": status} for school, status in entries),
        file_id="a", event_id=EVENT, content="source_result", rows=10, received_at=NOW,
    )  # fmt: skip
    row = loaded_facts(engine).iloc[0]
    assert (row["event_id"], row["loaded"]) == (EVENT, 2)
    assert pd.isna(row["expected"]), "no board says how many schools there should be"
    assert pd.isna(row["loaded_at"]), "nothing is built yet"


def test_reports_older_than_their_marts_are_named_by_school_year(engine: Engine, cfg: Configuration) -> None:
    state = {"event_id": EVENT, "inputs_hash": "h", "is_published": True, "is_reported": False}
    _put(engine, "event_state", state, run_id="r", loaded_at=NOW, rows=1)
    found = _ask(engine, cfg)
    assert found.unreported == [cfg.calendar.events[EVENT].school_year] and not found.is_well
    _put(engine, "event_state", {**state, "is_reported": True}, run_id="r", loaded_at=NOW, rows=1)
    assert _ask(engine, cfg).unreported == []
