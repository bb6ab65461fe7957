"""A small calendar, two procedures and a register for the validation's tests."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from rsoko_pipeline import contracts
from rsoko_pipeline.calendar import Event
from rsoko_pipeline.configuration import Procedure, Scale
from rsoko_pipeline.configuration.models import RULES_RU, Thresholds
from rsoko_pipeline.validation import ResultBatch

SOURCE = {"source": "тест", "status": "own"}
#: A work of three tasks with 1, 2 and 3 points; «3» from 2 points, «4» from 4, «5» from 5.
MAXIMA = (1, 2, 3)


def make_scale(**changes: Any) -> Scale:
    given = {
        "subject": "ru", "grade": 4, "year_from": 2026, "year_to": 2026, "max_score": 6, "borders": {3: 2, 4: 4, 5: 5}
    }  # fmt: skip
    return Scale(**{**SOURCE, "status": "public", **given, **changes})


def make_event(event_id: str, subject: str, grade: int, procedure: str = "vpr") -> Event:
    return Event(
        event_id=event_id, title=event_id, procedure=procedure, subject=subject, grade=grade, grade_programme=grade,
        school_year="2025/2026", school_year_measured="2025/2026", window_from=date(2026, 4, 20),
        window_to=date(2026, 5, 20), participation="obligatory", coverage_target=None, drawn=None, responsible=None,
        dues=(), campaign="c", source="тест", status="own",
    )  # fmt: skip


def make_cfg(
    unit: float = 1.0, event: float = 1.0, scales: tuple[Scale, ...] | None = None, file: float | None = None
) -> Any:
    """A configuration with thresholds, and scales of ВПР; the procedure «other» has no rules."""
    thresholds = Thresholds(unit_share_failed=unit, file_share_failed=file, event_share_failed=event, **SOURCE)
    names = {"name": "Работа", "short": "Р", "level": "federal", "thresholds": thresholds, **SOURCE}
    events = [
        make_event("2026-vpr-ma-4", "ma", 4),
        make_event("2026-vpr-ru-4", "ru", 4),
        make_event("2026-vpr-ru-10", "ru", 10),
        make_event("2026-other-ru-4", "ru", 4, "other"),
    ]
    vpr = Procedure(id="vpr", rules=frozenset(RULES_RU), scales=(make_scale(),) if scales is None else scales, **names)
    return SimpleNamespace(
        calendar=SimpleNamespace(events={event.event_id: event for event in events}),
        procedures={"vpr": vpr, "other": Procedure(id="other", **names)},
    )


def make_batch(
    rows: Sequence[dict[str, Any]], schools: Sequence[dict[str, Any]] = (), files: dict[str, Any] | None = None
) -> ResultBatch:
    """A batch of rows that differ from a faultless one in what is given: pupils 40001, 40002, … of one school."""
    results = [_row(number, **row) for number, row in enumerate(rows, start=1)]
    kind = contracts.table("source_result")
    frame = pd.DataFrame(results).astype(kind.dtypes)[kind.names] if rows else kind.empty()
    table = contracts.table("source_school")
    places = [
        {"file_id": "f1", "row_number": 8, "event_id": "2026-vpr-ru-4", "school": "edu990001", **s} for s in schools
    ]
    heads = {file_id: make_head() for file_id in frame["file_id"].unique()}
    return ResultBatch(
        frame, table.conform(pd.DataFrame(places)) if places else table.empty(), {**heads, **(files or {})}
    )


def make_head(maxima: tuple[int, ...] = MAXIMA, max_score: float | None = None) -> Any:
    tasks = [SimpleNamespace(task=str(number), max_points=most) for number, most in enumerate(maxima, start=1)]
    return SimpleNamespace(tasks_in=lambda event_id: tasks, max_score=max_score)


def _row(number: int, **changes: Any) -> dict[str, Any]:
    row = {
        "file_id": "f1", "sheet": "Лист", "row_number": number + 8, "event_id": "2026-vpr-ru-4", "school": "edu990001",
        "class_no": 1, "pupil_code": str(40000 + number), "variant": "1", "present": True, "primary_score": 3.0,
        "mark": 3, "journal_mark": 4, "scores": (1, 2, 0),
    }  # fmt: skip
    row.update(changes)
    if row["scores"] is not None:
        row["scores"] = np.array(row["scores"], dtype="int8")
    return row


REGISTER = contracts.table("dim_school").conform(
    pd.DataFrame(
        [
            ("edu990001", "МБОУ «СОШ № 1»", "m1", "2000-01-01", "123", "991001"),
            ("edu990002", "Старое имя", "m1", "2000-01-01", "222", "991002"),
            ("edu990002", "МБОУ «СОШ № 2»", "m2", "2020-09-01", "222", "991002"),
        ],
        columns=["school", "name", "municipality", "valid_from", "ogrn", "ris_code"],
    )
)
MUNICIPALITIES = contracts.table("dim_municipality").conform(
    pd.DataFrame(
        [("m1", "Северный район", "99", "2000-01-01"), ("m2", "Южный район", "99", "2000-01-01")],
        columns=["municipality", "name", "region", "valid_from"],
    )
)


@pytest.fixture
def cfg() -> Any:
    return make_cfg()


@pytest.fixture(scope="session")
def make() -> SimpleNamespace:
    """Functions that make configurations, batches and their parts."""
    return SimpleNamespace(
        cfg=make_cfg,
        batch=make_batch,
        head=make_head,
        scale=make_scale,
        schools=REGISTER,
        municipalities=MUNICIPALITIES,
    )
