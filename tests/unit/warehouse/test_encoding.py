"""Frames to COPY's text and back, without a database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rsoko_pipeline.contracts import Column, Table
from rsoko_pipeline.warehouse.encoding import ChunkReader, csv_chunks, from_csv, to_arrow
from rsoko_pipeline.warehouse.errors import FrameError


def table_of(type: str, *, nullable: bool = True) -> Table:
    columns = (Column("n", "int32", "Н"), Column("x", type, "Икс", nullable=nullable))
    return Table("t", "core", "Т", "Строка.", columns, ("n",))


def encode(type: str, values: Sequence[object] | pd.Series) -> bytes:
    column = values if isinstance(values, pd.Series) else pd.Series(list(values), dtype=object)
    return b"".join(csv_chunks(to_arrow(table_of(type), pd.DataFrame({"n": range(len(column)), "x": column}))))


def texts(type: str, values: Sequence[object] | pd.Series) -> list[str]:
    """The column as the server would read it, one line a row."""
    return [line.partition(",")[2] for line in encode(type, values).decode().splitlines()]


def test_empty_text_and_null_differ() -> None:
    assert texts("text", ["", None, "a", 'q"', np.nan]) == ['""', "", '"a"', '"q"""', ""]
    assert texts("text", pd.Series(["", None], dtype="str")) == ['""', ""]
    assert texts("text", pd.Series(["b", np.nan, "a"], dtype="category")) == ['"b"', "", '"a"']


def test_integers_of_every_kind() -> None:
    assert texts("int16", pd.Series([1, None, -3], dtype="Int64")) == ["1", "", "-3"]
    assert texts("int16", pd.Series([1.0, np.nan])) == ["1", ""]
    assert texts("int64", pd.Series([2**62], dtype="int64")) == [str(2**62)]
    assert texts("int32", [1, None]) == ["1", ""]


def test_numbers_are_rounded_to_their_scale() -> None:
    sent = pd.Series([0.1 + 0.2, 1 / 3, 12.34565, np.nan, 0.0])
    assert texts("numeric(6,4)", sent) == ["0.3", "0.3333", "12.3456", "", "0"]
    assert float(texts("numeric(22,2)", pd.Series([2.0**60]))[0]) == 2.0**60
    assert texts("numeric(6,2)", pd.Series([1, None], dtype="Int16")) == ["1", ""]


@given(st.floats(-99.9, 99.9))
def test_a_rounded_number_stays_as_it_is(value: float) -> None:
    once = float(texts("numeric(6,4)", pd.Series([value]))[0])
    assert once == np.round(value, 4)
    assert float(texts("numeric(6,4)", pd.Series([once]))[0]) == once


def test_times_dates_and_flags() -> None:
    assert texts("date", pd.Series(["2026-02-28", None], dtype="datetime64[s]")) == ["2026-02-28", ""]
    assert texts("date", [date(1999, 12, 31), None]) == ["1999-12-31", ""]
    moscow = pd.Series(pd.to_datetime(["2026-02-28 03:00"])).dt.tz_localize("Europe/Moscow")
    assert texts("timestamp", pd.concat([moscow, moscow, pd.Series([pd.NaT], dtype=moscow.dtype)])) == [
        '"2026-02-28 00:00:00.000000Z"',
        '"2026-02-28 00:00:00.000000Z"',
        "",
    ]
    assert texts("bool", pd.Series([True, None, False], dtype="boolean")) == ["true", "", "false"]


def test_scores_become_arrays() -> None:
    rows = [np.array([1, -1, 32767], "int16"), None, np.array([], "int16"), [0, 2], np.array([-1], "int8")]
    assert texts("int16[]", rows) == ['"{1,NULL,32767}"', "", '"{}"', '"{0,2}"', '"{NULL}"']
    assert texts("int16[]", [None, None]) == ["", ""]
    assert encode("int16[]", []) == b""


def test_json_of_numpy_and_text() -> None:
    value = {"n": np.int64(1), "a": np.array([1, 2]), "т": "ё", "when": pd.Timestamp("2026-01-02", tz="UTC")}
    (line,) = texts("json", [value])
    assert line == '"{""n"": 1, ""a"": [1, 2], ""т"": ""ё"", ""when"": ""2026-01-02T00:00:00+00:00""}"'
    assert texts("json", [None, np.nan, [], "\\u0000"]) == ["", "", '"[]"', '"""\\\\u0000"""']


@pytest.mark.parametrize(
    ("type", "values", "words", "row"),
    [
        ("text", ["a", "b\0"], "символ с кодом 0 в тексте", 1),
        ("text", ["a", 1], "не подходят к типу text", None),
        ("text", [1, 2], "нужен текст", None),
        ("int16", [1, 40_000], "не подходят к типу int16", None),
        ("int16", pd.Series([1.5]), "не подходят к типу int16", None),
        ("int16", ["1"], "нужны целые числа", None),
        ("int32", [True], "нужны целые числа", None),
        ("bool", [0, 1], "нужны значения да/нет", None),
        ("numeric(6,4)", pd.Series([1.0, 100.0]), r"число 100.0 не помещается в numeric\(6,4\)", 1),
        ("numeric(6,4)", pd.Series([99.99999]), "не помещается", 0),
        ("numeric(6,4)", pd.Series([1.0, np.inf]), "число inf не помещается", 1),
        ("date", pd.Series(["2026-01-01", "2026-01-01 12:00"], dtype="datetime64[s]"), "нужна дата", 1),
        ("timestamp", pd.Series(pd.to_datetime(["2026-01-01"])), "без часового пояса", None),
        ("json", [None, {"a": object()}], "не записывается в JSON", 1),
        ("json", [{"a": np.nan}], "не записывается в JSON", 0),
        ("json", ["\0"], "символ с кодом 0 в JSON", 0),
        ("json", ["\ud800"], "не записывается в JSON", 0),
        ("int16[]", [np.array([1]), np.array([-2])], "балл -2 вне границ", 1),
        ("int16[]", [np.array([], int), None, np.array([1, 40_000])], "балл 40000 вне границ", 2),
        ("int16[]", [np.array([1.5])], "нужен массив целых чисел", None),
        ("int16[]", [None, 5], "нужен одномерный массив", 1),
        ("int16[]", [np.zeros((2, 2), int)], "нужен одномерный массив", 0),
    ],
)
def test_what_does_not_fit_is_named(type: str, values: Sequence[object], words: str, row: int | None) -> None:
    with pytest.raises(FrameError, match=words) as caught:
        encode(type, values)
    assert (caught.value.table, caught.value.column, caught.value.row) == ("core.t", "x", row)


def test_columns_must_be_the_contracts() -> None:
    table = table_of("text", nullable=False)
    good = pd.DataFrame({"x": ["a", "b"], "n": [1, 2]})
    assert to_arrow(table, good).column_names == ["n", "x"]
    for wrong, words in (
        (good.assign(y=1), "лишние столбцы: y"),
        (good[["n"]], "нет столбцов: x"),
        (pd.concat([good, good[["x"]]], axis=1), "столбцы повторяются: x"),
        (good.assign(x=pd.Series(["a", None], dtype="str")), "строка 1: пустое значение"),
    ):
        with pytest.raises(FrameError, match=words):
            to_arrow(table, wrong)


def test_the_index_of_a_frame_does_not_matter() -> None:
    frame = pd.DataFrame({"n": [1, 2], "x": ["a", None]}, index=[7, 7])
    assert b"".join(csv_chunks(to_arrow(table_of("text"), frame))) == b'1,"a"\n2,\n'


def test_reading_keeps_empty_text_and_null_apart() -> None:
    columns = table_of("text").columns
    got = from_csv(columns, b'1,""\n2,\n3,"a\n""b"""\n4,\\N\n5,NULL\n')
    assert [None if pd.isna(text) else text for text in got["x"]] == ["", None, 'a\n"b"', "\\N", "NULL"]
    assert got.dtypes.astype(str).to_dict() == {"n": "Int32", "x": "str"}


def test_reading_one_column_of_nulls() -> None:
    assert from_csv(table_of("text").columns[1:], b"\n\n").isna()["x"].tolist() == [True, True]


def test_reading_scores() -> None:
    got = from_csv(table_of("int16[]").columns, b'1,"{1,NULL,-7}"\n2,\n3,{}\n4,{5}\n')["x"].tolist()
    assert [None if row is None else row.tolist() for row in got] == [[1, -1, -7], None, [], [5]]
    same = from_csv(table_of("int16[]").columns, b'1,"{1,2}"\n2,"{3,4}"\n')["x"]
    assert same.shape == (2,)
    assert same[1].dtype == np.int16


def test_chunks_are_read_in_parts_of_the_size_asked_for() -> None:
    reader = ChunkReader(iter([b"abc", b"", b"defg"]))
    parts = []
    while part := reader.read(2):
        parts.append(part)
    assert b"".join(parts) == b"abcdefg"
    assert max(map(len, parts)) == 2
    assert reader.readable()
