"""A table with every type of the contracts, and frames for it. Also run as a plain file by tests' child processes."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd
import pytest
from sqlalchemy.engine import Engine

from rsoko_pipeline.contracts import Column, Table
from rsoko_pipeline.warehouse.metadata import build_metadata

COLUMNS = (
    Column("event_id", "text", "Событие"),
    Column("number", "int32", "Номер", minimum=0),
    Column("kind", "text", "Вид", allowed=("новый", "старый"), nullable=True),
    Column("note", "text", "Текст", nullable=True),
    Column("small", "int16", "Малое", nullable=True),
    Column("large", "int64", "Большое", nullable=True),
    Column("share", "numeric(6,4)", "Доля", minimum=0, maximum=1, nullable=True),
    Column("amount", "numeric(12,2)", "Сумма", nullable=True),
    Column("flag", "bool", "Признак", nullable=True),
    Column("day", "date", "День", nullable=True),
    Column("moment", "timestamp", "Время", nullable=True),
    Column("details", "json", "Подробности", nullable=True),
    Column("scores", "int16[]", "Баллы", nullable=True),
)
EVERYTHING = Table("everything", "core", "Всё", "Строка — проверка.", COLUMNS, ("event_id", "number"), "event_id")


def make_frame(rows: int, event: str = "a", version: int = 0) -> pd.DataFrame:
    """A frame of ``EVERYTHING``; ``large`` is the version in every row."""
    random = np.random.default_rng(version)
    frame = pd.DataFrame(
        {
            "event_id": event,
            "number": range(rows),
            "kind": "новый",
            "note": [f"строка {n}" for n in range(rows)],
            "small": random.integers(-5, 5, rows),
            "large": version,
            "share": random.random(rows),
            "amount": random.random(rows) * 1000,
            "flag": random.random(rows) > 0.5,
            "day": pd.Timestamp("2026-02-28"),
            "moment": pd.Timestamp("2026-02-28 12:34:56.789012", tz="UTC"),
            "details": None,
            "scores": None,
        }
    )
    frame["details"] = pd.Series([{"n": n, "текст": "да"} for n in range(rows)], dtype=object)
    frame["scores"] = pd.Series(list(random.integers(-1, 4, (rows, 5)).astype("int16")), dtype=object)
    return EVERYTHING.conform(frame)


@pytest.fixture(scope="module")
def everything() -> Table:
    return EVERYTHING


@pytest.fixture(scope="module")
def frame() -> Callable[..., pd.DataFrame]:
    return make_frame


@pytest.fixture
def place(engine: Engine) -> Engine:
    """A database of the test's own that has the table ``core.everything``."""
    build_metadata([EVERYTHING]).create_all(engine)
    return engine


@pytest.fixture(scope="module")
def module_place(module_engine: Engine) -> Iterator[Engine]:
    """A database of the module's own that has the table ``core.everything``."""
    build_metadata([EVERYTHING]).create_all(module_engine)
    yield module_engine
