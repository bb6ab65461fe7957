"""Contract frames, made fast: a form's frame costs some tenths of a millisecond.

Belongs here: typed arrays and frames of schema ``source``. Does not belong here: where the values come from.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from rsoko_pipeline import contracts

_TEXT = pd.StringDtype(na_value=np.nan)


def text_column(values: Sequence[str | None], places: np.ndarray) -> Any:
    """A text column whose row i is ``values[places[i]]``; an empty text is null."""
    different = pa.array([value or None for value in values], type=pa.large_string())
    return _text(different.take(pa.array(places)))


def constant(value: str | None, length: int) -> Any:
    """A text column of one value."""
    return _text(_repeated(value or None, length))


@lru_cache(256)
def _repeated(value: str | None, length: int) -> pa.Array:
    return pa.repeat(pa.scalar(value, type=pa.large_string()), length)


def _text(values: pa.Array) -> Any:
    return _TEXT.__from_arrow__(values)  # type: ignore[attr-defined]


def integers(values: np.ndarray, dtype: str = "Int16") -> Any:
    """An integer column of floats in which NaN is null."""
    missing = np.isnan(values)
    return pd.arrays.IntegerArray(np.where(missing, 1, values).astype(dtype.lower()), missing)


def booleans(values: np.ndarray) -> Any:
    """A column of truth values."""
    return pd.arrays.BooleanArray(values, np.zeros(len(values), dtype=bool))


def arrays(block: np.ndarray) -> np.ndarray:
    """An object column whose row i is the array ``block[i]``."""
    out = np.empty(len(block), dtype=object)
    for place, row in enumerate(block):
        out[place] = row
    return out


def build(name: str, columns: Mapping[str, Any]) -> pd.DataFrame:
    """The contract frame ``name`` of typed columns; a nullable column that is not given is null.

    Raises:
        ContractError: the columns are not the table's, or of another type.
    """
    table = contracts.table(name)
    length = len(next(iter(columns.values())))
    data = {}
    for column in table.columns:
        values = columns.get(column.name)
        if values is None:
            if not column.nullable:
                raise contracts.ContractError(f"{name}: column {column.name} is missing")
            values = _nulls(column.dtype, length)
        if str(values.dtype) != column.dtype:
            raise contracts.ContractError(f"{name}.{column.name}: {values.dtype}, not {column.dtype}")
        data[column.name] = values
    if extra := set(columns) - set(data):
        raise contracts.ContractError(f"{name}: unknown columns {sorted(extra)}")
    return pd.DataFrame(data, copy=False)


def _nulls(dtype: str, length: int) -> Any:
    if dtype == "str":
        return constant(None, length)
    if dtype == "float64":
        return np.full(length, np.nan)
    if dtype.startswith("Int"):
        return integers(np.full(length, np.nan), dtype)
    return pd.Series([None], dtype=dtype).array.take(np.zeros(length, dtype=np.intp))
