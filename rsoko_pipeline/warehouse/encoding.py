"""Frames to the text of COPY and back, a column at a time through Arrow.

The text is CSV in which a quoted empty string is '' and an unquoted one is NULL. What does not fit a contract is
refused here, by column and row, before anything is sent to the server.

Belongs here: how each contract type is written and read. Does not belong here: transactions and statements (``copy``),
rules about what values mean (``validation``).
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from rsoko_pipeline.contracts import NOT_STARTED, Column, Table
from rsoko_pipeline.warehouse.errors import FrameError

_CHUNK_ROWS = 25_000
_BLOCK_BYTES = 1 << 24
_INT16 = np.iinfo(np.int16)
_EXACT = 2.0**53  # above it neighbouring floats are at least 1 apart
_EMPTY, _COMMA = pa.scalar("", pa.large_string()), pa.scalar(",", pa.large_string())
_NUL_IN_JSON = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")


def qualified(table: Table) -> str:
    """The table's name with its schema, for people: ``core.fact_result``."""
    return f"{table.schema}.{table.name}"


# ---------------------------------------------------------------------- frame to text


def to_arrow(table: Table, frame: pd.DataFrame) -> pa.Table:
    """The frame as an Arrow table that ``csv_chunks`` can write, checked against its contract.

    Args:
        table: the contract; every one of its columns must be in the frame, in any order, and no other.
        frame: contract dtypes, or others that hold the same values (numpy integers, objects of one type).

    Returns:
        columns in the contract's order; numbers rounded to their scale (half to even); times, arrays and JSON as text.

    Raises:
        FrameError: a column is unknown, missing or double; a value is null where it may not be, of another type, out
            of its type's range, holds a NUL character, or is no JSON.
    """
    name = qualified(table)
    have = [str(column) for column in frame.columns]
    for problem, columns in (
        ("лишние столбцы", [column for column in have if column not in table.names]),
        ("нет столбцов", [column for column in table.names if column not in have]),
        ("столбцы повторяются", sorted({column for column in have if have.count(column) > 1})),
    ):
        if columns:
            raise FrameError(f"{problem}: {', '.join(columns)}", table=name)
    arrays = []
    for column in table.columns:
        array = _encode(name, column, frame[column.name])
        if not column.nullable and array.null_count:
            raise FrameError("пустое значение", table=name, column=column.name, row=_first(pc.is_null(array)))
        arrays.append(array)
    return pa.table(arrays, names=table.names)


def csv_chunks(data: pa.Table) -> Iterator[bytes]:
    """The rows of ``to_arrow`` as CSV without a header, some tens of thousands of rows at a time.

    The next chunk is written while the server takes in the one given.
    """
    with ThreadPoolExecutor(1, "csv") as ahead:
        following = None
        for begin in range(0, data.num_rows, _CHUNK_ROWS):
            current, following = following, ahead.submit(_csv, data.slice(begin, _CHUNK_ROWS))
            if current:
                yield current.result()
        if following:
            yield following.result()


def _csv(rows: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    csv.write_csv(rows, sink, csv.WriteOptions(include_header=False, batch_size=_CHUNK_ROWS))
    return sink.getvalue().to_pybytes()


class ChunkReader(io.RawIOBase):
    """A file to read that consists of chunks, for ``copy_expert``."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._current = io.BytesIO()

    def readable(self) -> bool:
        """Always."""
        return True

    def read(self, size: int = -1) -> bytes:
        """At most ``size`` bytes, of one chunk; nothing at the end."""
        while True:
            part = self._current.read(size)
            if part:
                return part
            following = next(self._chunks, None)
            if following is None:
                return b""
            self._current = io.BytesIO(following)


def _encode(table: str, column: Column, values: pd.Series) -> pa.Array:
    encode = _ENCODERS.get(column.type, _numeric)
    try:
        array = encode(column, values)
    except _BadValueError as error:
        raise FrameError(str(error), table=table, column=column.name, row=error.row) from None
    except (pa.ArrowException, TypeError, ValueError, OverflowError) as error:
        raise FrameError(
            f"значения не подходят к типу {column.type}: {error}", table=table, column=column.name
        ) from error
    return array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array


class _BadValueError(ValueError):
    def __init__(self, text: str, row: int | None = None) -> None:
        super().__init__(text)
        self.row = row


def _first(mask: pa.Array | np.ndarray) -> int:
    return int(np.flatnonzero(np.asarray(mask))[0])


def _plain(values: pd.Series) -> pa.Array:
    array = pa.array(values, from_pandas=True)
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    return array.dictionary_decode() if pa.types.is_dictionary(array.type) else array


def _text(_: Column, values: pd.Series) -> pa.Array:
    array = _plain(values)
    if not (pa.types.is_string(array.type) or pa.types.is_large_string(array.type) or pa.types.is_null(array.type)):
        raise _BadValueError(f"нужен текст, а в таблице {array.type}")
    array = array.cast(pa.large_string())
    _refuse(pc.match_substring(array, "\0"), "символ с кодом 0 в тексте")
    return array


def _refuse(mask: pa.Array, text: str) -> None:
    if pc.any(mask).as_py():
        raise _BadValueError(text, _first(mask.fill_null(False)))


def _integer(column: Column, values: pd.Series) -> pa.Array:
    array = _plain(values)
    if pa.types.is_boolean(array.type) or pa.types.is_string(array.type) or pa.types.is_large_string(array.type):
        raise _BadValueError(f"нужны целые числа, а в таблице {array.type}")
    return array.cast(column.type)


def _boolean(_: Column, values: pd.Series) -> pa.Array:
    array = _plain(values)
    if not (pa.types.is_boolean(array.type) or pa.types.is_null(array.type)):
        raise _BadValueError(f"нужны значения да/нет, а в таблице {array.type}")
    return array.cast(pa.bool_())


def _numeric(column: Column, values: pd.Series) -> pa.Array:
    assert column.scale is not None
    precision, scale = column.scale
    numbers = _plain(values).cast(pa.float64()).to_numpy(zero_copy_only=False)
    with np.errstate(invalid="ignore", over="ignore"):
        rounded = np.where(np.abs(numbers) < _EXACT / 10.0**scale, np.round(numbers, scale), numbers)
        bad = np.abs(rounded) >= 10.0 ** (precision - scale)
    if bad.any():  # infinity too
        row = _first(bad)
        raise _BadValueError(f"число {numbers[row]} не помещается в {column.type}", row)
    return pa.array(rounded, from_pandas=True)


def _date(_: Column, values: pd.Series) -> pa.Array:
    array = _plain(values)
    days = array.cast(pa.date32())
    if pa.types.is_timestamp(array.type):
        _refuse(pc.not_equal(days.cast(array.type), array), "нужна дата, а есть время суток")
    return days


def _timestamp(_: Column, values: pd.Series) -> pa.Array:
    array = _plain(values)
    if pa.types.is_timestamp(array.type) and array.type.tz is None:
        raise _BadValueError("время без часового пояса; нужно время UTC")
    stamps = array.cast(pa.timestamp("us", "UTC"), safe=False).dictionary_encode()  # a table has few different ones
    return stamps.dictionary.cast(pa.large_string()).take(stamps.indices)


def _json(_: Column, values: pd.Series) -> pa.Array:
    texts: list[str | None] = []
    for row, value in enumerate(values):
        if value is None or value is pd.NA or (isinstance(value, float) and np.isnan(value)):
            texts.append(None)
            continue
        try:
            text = json.dumps(value, ensure_ascii=False, allow_nan=False, default=_jsonable)
            text.encode()
        except (TypeError, ValueError) as error:
            raise _BadValueError(f"значение не записывается в JSON: {error}", row) from error
        if _NUL_IN_JSON.search(text):
            raise _BadValueError("символ с кодом 0 в JSON", row)
        texts.append(text)
    return pa.array(texts, pa.large_string())


def _jsonable(value: object) -> object:
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, pd.Timestamp):
        return value.isoformat()
    raise TypeError(type(value).__name__)


def _scores(_: Column, values: pd.Series) -> pa.Array:
    items = values.to_numpy(dtype=object)
    missing = pd.isna(values).to_numpy() if len(items) else np.zeros(0, bool)
    rows = [item for item, absent in zip(items, missing, strict=True) if not absent]
    if not all(map(_is_row_of_scores, rows)):
        bad = next(row for row, item in enumerate(items) if not missing[row] and not _is_row_of_scores(item))
        raise _BadValueError("нужен одномерный массив целых чисел", bad)
    lengths = np.zeros(len(items) + 1, np.int32)
    lengths[1:][~missing] = [len(item) for item in rows]
    offsets = np.cumsum(lengths, dtype=np.int32)
    flat = np.concatenate([np.asarray(item) for item in rows if len(item)]) if offsets[-1] else np.zeros(0, np.int16)
    if flat.dtype.kind not in "iu":
        raise _BadValueError(f"нужен массив целых чисел, а не {flat.dtype}")
    outside = (flat < NOT_STARTED) | (flat > _INT16.max)
    if outside.any():
        at = _first(outside)
        row = int(np.searchsorted(offsets, at, side="right")) - 1
        raise _BadValueError(f"балл {flat[at]} вне границ от {NOT_STARTED} до {_INT16.max}", row)
    top = int(flat.max()) if len(flat) else 0
    words = pa.array(["NULL", *map(str, range(top + 1))])
    listed = pa.ListArray.from_arrays(pa.array(offsets), words.take(pa.array(flat.astype(np.int32) + 1)))
    texts = pc.binary_join_element_wise("{", pc.binary_join(listed, ","), "}", "")
    return pc.if_else(pa.array(missing), pa.scalar(None, pa.string()), texts)


def _is_row_of_scores(item: object) -> bool:
    return item.ndim == 1 if isinstance(item, np.ndarray) else isinstance(item, list | tuple) and np.ndim(item) == 1


_ENCODERS: dict[str, Callable[[Column, pd.Series], pa.Array]] = {
    "text": _text,
    "int16": _integer,
    "int32": _integer,
    "int64": _integer,
    "bool": _boolean,
    "date": _date,
    "timestamp": _timestamp,
    "json": _json,
    "int16[]": _scores,
}

# ---------------------------------------------------------------------- text to frame


def from_csv(columns: Sequence[Column], text: pa.Buffer | bytes) -> pd.DataFrame:
    """A frame with contract dtypes from the CSV that COPY wrote for exactly these columns.

    Args:
        columns: the columns in the order in which they were selected.
        text: the whole output, without a header.
    """
    names = [column.name for column in columns]
    if len(text) == 0:
        return pd.DataFrame({column.name: pd.Series([], dtype=column.dtype) for column in columns})
    options = csv.ConvertOptions(
        column_types={column.name: _READ_AS.get(column.type, pa.float64()) for column in columns},
        null_values=[""],
        strings_can_be_null=True,
        quoted_strings_can_be_null=False,
        true_values=["t"],
        false_values=["f"],
    )
    data = csv.read_csv(
        pa.BufferReader(text),
        read_options=csv.ReadOptions(column_names=names, block_size=max(_BLOCK_BYTES, min(len(text), 1 << 30))),
        parse_options=csv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False),
        convert_options=options,
    )
    return pd.DataFrame({column.name: _decode(column, data[column.name]) for column in columns})


_READ_AS: dict[str, pa.DataType] = {
    "text": pa.large_string(),
    "int16": pa.int16(),
    "int32": pa.int32(),
    "int64": pa.int64(),
    "bool": pa.bool_(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us", "UTC"),
    "json": pa.large_string(),
    "int16[]": pa.large_string(),
}


def _decode(column: Column, data: pa.ChunkedArray) -> Any:
    if column.type == "int16[]":
        return _series_of(_scores_from(data))
    if column.type == "json":
        return _series_of([None if text is None else json.loads(text) for text in data.to_pylist()])
    if column.type == "date":
        return data.cast(pa.timestamp("s")).to_numpy()
    dtype = pd.api.types.pandas_dtype(column.dtype)
    return dtype.__from_arrow__(data) if hasattr(dtype, "__from_arrow__") else data.to_numpy()


def _series_of(items: list[Any]) -> pd.Series:
    """A column of objects, also where all of them are arrays of one length."""
    out = np.empty(len(items), object)
    out[:] = [None] * len(items) if not items else None
    for row, item in enumerate(items):
        out[row] = item
    return pd.Series(out, dtype=object)


def _scores_from(data: pa.ChunkedArray) -> list[np.ndarray | None]:
    """Arrays out of ``{1,NULL,3}``; all numbers of all rows are parsed in one go."""
    texts = data.combine_chunks()
    texts = texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts
    inner = pc.utf8_slice_codeunits(pc.replace_substring(texts, "NULL", str(NOT_STARTED)), 1, -1)
    filled = pc.fill_null(pc.greater(pc.binary_length(inner), 0), False)
    commas = pc.fill_null(pc.count_substring(inner, ","), 0).to_numpy(zero_copy_only=False)
    lengths = np.where(filled.to_numpy(zero_copy_only=False), commas + 1, 0)
    ended = pc.binary_join_element_wise(inner.filter(filled), _EMPTY, _COMMA)  # «1,-1,3,»
    numbers = np.fromstring(_bytes_of(ended), dtype=np.int16, sep=",") if len(ended) else np.zeros(0, np.int16)
    ends = np.cumsum(lengths).tolist()
    absent = pc.is_null(texts).to_pylist()
    begins = [0, *ends[:-1]]
    return [None if none else numbers[a:b] for a, b, none in zip(begins, ends, absent, strict=True)]


def _bytes_of(texts: pa.LargeStringArray) -> bytes:
    """All texts of an array without nulls, one after another."""
    _, offsets, content = texts.buffers()
    begin, end = np.frombuffer(offsets, np.int64)[[texts.offset, texts.offset + len(texts)]]
    return bytes(content[begin:end])
