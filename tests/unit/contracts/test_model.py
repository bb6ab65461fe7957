"""Fields, columns and tables as shapes: what is refused, what a frame must be like."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from rsoko_pipeline.contracts import Column, ContractError, Field, Table
from rsoko_pipeline.contracts.model import by_name

NAME = Field("school", "text", "Школа", "Код школы")
COUNT = Field("n", "int16", "Число", "Число участников")
DAY = Field("day", "date", "День", "Календарный день")
SHARE = Field("share", "numeric(6,4)", "Доля", "Доля участников")
SCORES = Field("scores", "int16[]", "Баллы", "Баллы за задания")


def _table(**changes: object) -> Table:
    columns = (
        Column.of(NAME),
        Column.of(COUNT),
        Column.of(DAY, nullable=True),
        Column.of(SHARE, nullable=True, alias="part"),
        Column.of(SCORES, nullable=True),
    )
    given = {"name": "t", "schema": "core", "ru": "Т", "description_ru": "Строка — школа.", "columns": columns}
    return Table(**{**given, "key": ("school",), **changes})  # type: ignore[arg-type]


def _frame(**changes: object) -> pd.DataFrame:
    return pd.DataFrame({"school": ["a", "b"], "n": [1, 2], **changes})


# ---------------------------------------------------------------------------------------------------------- fields
def test_types_and_audiences_are_closed_lists() -> None:
    with pytest.raises(ContractError, match="unknown type 'float'"):
        Field("x", "float", "X")
    with pytest.raises(ContractError, match="unknown type 'numeric'"):
        Field("x", "numeric", "X")
    with pytest.raises(ContractError, match="unknown audience 'all'"):
        Field("x", "text", "X", audience="all")


def test_a_field_knows_its_dtype_and_scale() -> None:
    assert [field.dtype for field in (NAME, COUNT, DAY, SHARE, SCORES)] == [
        "str", "Int16", "datetime64[s]", "float64", "object",
    ]  # fmt: skip
    assert SHARE.scale == (6, 4)
    assert COUNT.scale is None


def test_a_column_is_its_field_under_the_tables_name() -> None:
    column = Column.of(SHARE, nullable=True, alias="part")
    assert (column.name, column.type, column.ru, column.nullable) == ("part", SHARE.type, SHARE.ru, True)
    assert Column.of(SHARE).name == "share"
    assert not Column.of(SHARE).nullable


def test_a_name_stands_once() -> None:
    assert list(by_name([NAME, COUNT])) == ["school", "n"]
    with pytest.raises(ContractError, match="school stands twice"):
        by_name([NAME, COUNT, NAME])


# ---------------------------------------------------------------------------------------------------------- tables
def test_keys_and_partitions_are_columns_without_nulls() -> None:
    with pytest.raises(ContractError, match="pupil is not a column"):
        _table(key=("school", "pupil"))
    with pytest.raises(ContractError, match="event is not a column"):
        _table(partition="event")
    with pytest.raises(ContractError, match="key column day may not be null"):
        _table(key=("day",))
    with pytest.raises(ContractError, match="a column stands twice"):
        _table(columns=(Column.of(NAME), Column.of(NAME)))


def test_an_empty_frame_has_the_tables_columns_and_dtypes() -> None:
    empty = _table().empty()
    assert empty.empty
    assert {name: str(dtype) for name, dtype in empty.dtypes.items()} == _table().dtypes


# -------------------------------------------------------------------------------------------------------- conform
def test_conform_orders_converts_and_numbers_anew() -> None:
    frame = _frame(part=[0.5, 1], day=["2026-04-20", None])[["day", "n", "part", "school"]].iloc[::-1]
    out = _table().conform(frame)
    assert list(out.columns) == _table().names
    assert {name: str(dtype) for name, dtype in out.dtypes.items()} == _table().dtypes
    assert list(out.index) == [0, 1]
    assert list(out["school"]) == ["b", "a"]
    assert out.loc[1, "day"] == pd.Timestamp("2026-04-20")


def test_conform_leaves_what_it_was_given() -> None:
    frame = _frame()
    _table().conform(frame)
    assert str(frame["n"].dtype) == "int64"


def test_a_missing_column_is_null_where_it_may_be() -> None:
    out = _table().conform(_frame())
    assert out[["day", "part", "scores"]].isna().all(axis=None)
    assert list(out["scores"]) == [None, None]
    with pytest.raises(ContractError, match=r"missing columns \['n'\]"):
        _table().conform(_frame().drop(columns="n"))


def test_an_unknown_column_is_refused() -> None:
    with pytest.raises(ContractError, match=r"unknown columns \['extra'\]"):
        _table().conform(_frame(extra=1))


def test_a_null_is_refused_where_it_may_not_be() -> None:
    with pytest.raises(ContractError, match=r"t\.school: null in row 1"):
        _table().conform(_frame(school=["a", None]))


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("n", ["много", "мало"]),
        ("n", [1.5, 2]),
        ("n", [1, 70_000]),
        ("n", pd.array([1, 70_000], dtype="Int64")),
        ("n", pd.array([-40_000, None], dtype="Int32")),
        ("day", ["завтра", "2026-04-20"]),
        ("part", ["0,5", "1"]),
    ],
)
def test_a_value_that_does_not_fit_is_refused(column: str, values: object) -> None:
    with pytest.raises(ContractError, match=rf"t\.{column}: "):
        _table().conform(_frame(**{column: values}))


def test_wider_integers_that_fit_are_taken() -> None:
    columns = tuple(Column.of(field, nullable=True) for field in (NAME, COUNT))
    out = _table(columns=columns, key=()).conform(_frame(n=pd.array([7, None], dtype="Int64")))
    assert str(out["n"].dtype) == "Int16"
    assert out["n"].tolist() == [7, pd.NA]


def test_arrays_go_through_untouched() -> None:
    scores = np.array([1, -1], dtype="int8")
    out = _table().conform(_frame(scores=pd.Series([scores, None], dtype="object")))
    kept, absent = list(out["scores"])
    assert kept is scores
    assert absent is None


def test_no_rows_conform_too() -> None:
    assert _table().conform(_frame().iloc[:0]).empty
