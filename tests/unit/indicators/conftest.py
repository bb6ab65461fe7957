"""A small fictional region for the statistics' tests."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from rsoko_pipeline import contracts
from rsoko_pipeline.indicators import Register, Stamp

STAMP = Stamp("0123456789ab", "run-1", datetime(2026, 6, 1, tzinfo=UTC))


@pytest.fixture
def stamp() -> Stamp:
    return STAMP


@pytest.fixture
def register() -> Register:
    """Three schools in two municipalities; s1 was renamed and moved."""
    schools = pd.DataFrame(
        [
            ("s1", "Школа 1 (прежнее имя)", "m2", "2000-01-01", "2020-08-31"),
            ("s1", "Школа № 1", "m1", "2020-09-01", None),
            ("s2", "Школа № 2", "m1", "2000-01-01", None),
            ("s3", "Школа № 3", "m2", "2000-01-01", None),
        ],
        columns=["school", "name", "municipality", "valid_from", "valid_to"],
    )
    municipalities = pd.DataFrame(
        [("m1", "Северный район", "99", "2000-01-01"), ("m2", "Южный район", "99", "2000-01-01")],
        columns=["municipality", "name", "region", "valid_from"],
    )
    return Register(
        "99",
        "Вымышленная область",
        contracts.table("dim_school").conform(schools),
        contracts.table("dim_municipality").conform(municipalities),
    )


@pytest.fixture
def make() -> SimpleNamespace:
    """Functions that make contract frames from few words."""
    return SimpleNamespace(events=make_events, tasks=make_tasks, results=make_results, contingent=make_contingent)


def make_events(ids: list[str], participation: str = "obligatory") -> pd.DataFrame:
    frame = pd.DataFrame({"event_id": ids})
    return contracts.table("dim_event").conform(
        frame.assign(
            title="Работа",
            procedure="vpr",
            procedure_name="ВПР",
            grade=4,
            grade_programme=4,
            school_year="2025/2026",
            school_year_measured="2025/2026",
            window_from="2026-04-20",
            window_to="2026-05-20",
            participation=participation,
        )
    )


def make_tasks(maxima: dict[str, list[int]]) -> pd.DataFrame:
    rows = [
        (event, number, str(number), points, "Б")
        for event, tasks in maxima.items()
        for number, points in enumerate(tasks, start=1)
    ]
    return contracts.table("dim_task").conform(
        pd.DataFrame(rows, columns=["event_id", "task_no", "task", "max_points", "difficulty"])
    )


def make_results(rows: list[tuple]) -> pd.DataFrame:
    """Rows of ``fact_result`` from (event, school, class, scores or None, mark, journal mark[, present[, total]])."""
    records = []
    for number, (event, school, class_no, scores, mark, journal, *rest) in enumerate(rows):
        present = rest[0] if rest else True
        total = rest[1] if len(rest) > 1 else None if scores is None else float(sum(max(s, 0) for s in scores))
        records.append(
            {
                "event_id": event,
                "school": school,
                "class_no": class_no,
                "pupil": f"p{number}",
                "present": present,
                "primary_score": total,
                "mark": mark,
                "journal_mark": journal,
                "scores": None if scores is None else np.array(scores, dtype="int8"),
                "file_id": "f",
                "row_number": number + 1,
                "config_version": "c",
                "run_id": "r",
            }
        )
    table = contracts.table("fact_result")
    return table.conform(pd.DataFrame(records)) if records else table.empty()


def make_contingent(rows: list[tuple]) -> pd.DataFrame:
    """Rows of ``fact_contingent`` from (school, class or None, enrolled[, grade])."""
    records = [
        (school, "2025/2026", rest[0] if rest else 4, class_no, enrolled, "f", number)
        for number, (school, class_no, enrolled, *rest) in enumerate(rows, start=1)
    ]
    table = contracts.table("fact_contingent")
    return table.conform(pd.DataFrame(records, columns=[name for name in table.names if name != "counted_on"]))
