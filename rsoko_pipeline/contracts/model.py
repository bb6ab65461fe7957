"""The shapes of the registry: a field, a column (a field's place in a table), a table.

Belongs here: the data classes and what follows from them alone (dtypes, an empty frame, conformity of a frame).
Does not belong here: the fields and tables themselves (``fields.py``, ``tables.py``), SQL (``warehouse``),
rules of a procedure (``validation``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from math import inf
from typing import TypeVar

import numpy as np
import pandas as pd
from pandas.api.types import is_integer_dtype, pandas_dtype

#: Value of a task score that means «не приступал» (``X`` in the files); a NULL element in the warehouse.
NOT_STARTED = -1
#: Value of a task score whose cell is empty in the file: a finding of validation, never stored.
BLANK = -2

_NUMERIC = re.compile(r"numeric\((\d+),(\d+)\)")
_DTYPES: dict[str, str] = {
    "text": "str",
    "int16": "Int16",
    "int32": "Int32",
    "int64": "Int64",
    "bool": "boolean",
    "date": "datetime64[s]",
    "timestamp": "datetime64[us, UTC]",
    "json": "object",
    "int16[]": "object",
}
AUDIENCES = ("public", "municipality", "region", "school", "etl")


class ContractError(ValueError):
    """A frame does not have the shape that its contract promises."""


@dataclass(frozen=True)
class Field:
    """A quantity that has one name, one type and one meaning everywhere in the project.

    Attributes:
        name: English identifier, snake case.
        type: ``text``, ``int16``, ``int32``, ``int64``, ``numeric(p,s)``, ``bool``, ``date``, ``timestamp``,
            ``json`` or ``int16[]``.
        ru: label in Russian, as a person reads it in a table's head.
        description_ru: one sentence in Russian for the dictionary and the database comment.
        unit: unit of measure, or None for a pure number or code.
        allowed: the closed list of values, where there is one.
        minimum: the least valid value.
        maximum: the greatest valid value.
        audience: the widest circle that may see the value: ``public``, ``municipality``, ``region``, ``school``
            (the school itself and those above who work with it) or ``etl`` (nobody but the loader).
    """

    name: str
    type: str
    ru: str
    description_ru: str = ""
    unit: str | None = None
    allowed: tuple[str | int, ...] | None = None
    minimum: float | None = None
    maximum: float | None = None
    audience: str = "region"

    def __post_init__(self) -> None:
        if self.type not in _DTYPES and not _NUMERIC.fullmatch(self.type):
            raise ContractError(f"{self.name}: unknown type {self.type!r}")
        if self.audience not in AUDIENCES:
            raise ContractError(f"{self.name}: unknown audience {self.audience!r}")

    @property
    def dtype(self) -> str:
        """The pandas dtype of the field in every frame."""
        return _DTYPES.get(self.type, "float64")

    @property
    def scale(self) -> tuple[int, int] | None:
        """Precision and scale of a ``numeric(p,s)`` field, else None."""
        match = _NUMERIC.fullmatch(self.type)
        return (int(match[1]), int(match[2])) if match else None


@dataclass(frozen=True)
class Column(Field):
    """A field as it stands in one table: the same field, with its nullability there."""

    nullable: bool = False

    @classmethod
    def of(cls, field: Field, *, nullable: bool = False, alias: str | None = None) -> Column:
        """Place ``field`` in a table, under the name ``alias`` where the table has another name for it."""
        values = {name: getattr(field, name) for name in Field.__dataclass_fields__}
        return cls(**{**values, "name": alias or field.name}, nullable=nullable)

    @property
    def bounds(self) -> tuple[float, float]:
        """The least and the greatest number that the column takes, infinite where there is no limit."""
        return -inf if self.minimum is None else self.minimum, inf if self.maximum is None else self.maximum

    def is_within(self, value: float) -> bool:
        """Whether a number keeps the limits; NaN does."""
        low, high = self.bounds
        return not (value < low or value > high)


def limits_ru(minimum: float | None, maximum: float | None, kind: str = "число") -> str:
    """What number is taken between two limits, for the sender of a file; a lower one alone is said, an upper not."""
    if minimum is not None and maximum is not None:
        return f"{kind} от {minimum:g} до {maximum:g}"
    return kind if minimum is None else f"{kind} не меньше {minimum:g}"


@dataclass(frozen=True)
class Table:
    """A table or a frame of the pipeline.

    Attributes:
        name: English identifier, unique in the registry.
        schema: ``source`` (a frame that readers make, never stored), ``ops``, ``core`` or ``mart``.
        ru: label in Russian.
        description_ru: what one row is and what an analyst must know first.
        columns: the columns in order.
        key: columns that identify a row.
        partition: column whose values are replaced together, or None where the whole table is.
        warnings_ru: what an analyst must know before using the table.
    """

    name: str
    schema: str
    ru: str
    description_ru: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    partition: str | None = None
    warnings_ru: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        names = [column.name for column in self.columns]
        if len(set(names)) != len(names):
            raise ContractError(f"{self.name}: a column stands twice")
        for name in (*self.key, *((self.partition,) if self.partition else ())):
            if name not in names:
                raise ContractError(f"{self.name}: {name} is not a column")
            if name in self.key and self[name].nullable:
                raise ContractError(f"{self.name}: key column {name} may not be null")

    def __getitem__(self, column: str) -> Column:
        return self._by_name[column]

    @cached_property
    def _by_name(self) -> dict[str, Column]:
        return {column.name: column for column in self.columns}

    @property
    def names(self) -> list[str]:
        """The columns' names in order."""
        return [column.name for column in self.columns]

    @property
    def dtypes(self) -> dict[str, str]:
        """The pandas dtype of every column."""
        return {column.name: column.dtype for column in self.columns}

    @property
    def is_stored(self) -> bool:
        """Whether the table exists in the warehouse."""
        return self.schema != "source"

    def empty(self) -> pd.DataFrame:
        """A frame of no rows with exactly the table's columns and dtypes."""
        return pd.DataFrame({c.name: pd.Series([], dtype=c.dtype) for c in self.columns})

    def conform(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return ``frame`` with exactly the table's columns, in order, with the contract's dtypes.

        Args:
            frame: any frame; a nullable column may be missing and is then null, no other may.

        Raises:
            ContractError: a column is unknown, a required one is missing or holds nulls, or a value does not fit.
        """
        unknown = [str(name) for name in frame.columns if name not in self._by_name]
        missing = [c.name for c in self.columns if c.name not in frame.columns and not c.nullable]
        if unknown or missing:
            raise ContractError(f"{self.name}: unknown columns {unknown}, missing columns {missing}")
        data: dict[str, object] = {}
        for column in self.columns:
            if column.name not in frame.columns:
                data[column.name] = _nulls(column, frame.index)
                continue
            values = frame[column.name]
            if values.dtype != column.dtype:
                try:
                    values = _converted(values, column.dtype)
                except (TypeError, ValueError) as error:
                    raise ContractError(f"{self.name}.{column.name}: {error}") from error
            if not column.nullable and values.isna().any():
                row = int(np.flatnonzero(values.isna().to_numpy())[0])
                raise ContractError(f"{self.name}.{column.name}: null in row {row}")
            data[column.name] = values
        return pd.DataFrame(data, index=frame.index).reset_index(drop=True)


def _nulls(column: Column, index: pd.Index) -> pd.Series:
    if column.dtype == "object":
        return pd.Series([None] * len(index), index=index, dtype="object")
    return pd.Series(index=index, dtype=column.dtype)


def _converted(values: pd.Series, dtype: str) -> pd.Series:
    """``values`` with ``dtype``; integers that do not fit are an error (pandas wraps them between its own types)."""
    converted = values.astype(pandas_dtype(dtype))
    if is_integer_dtype(values.dtype) and is_integer_dtype(converted.dtype) and not (converted == values).all():
        raise ValueError(f"a value is too large for {dtype}")
    return converted


_Named = TypeVar("_Named", Field, Table)


def by_name(items: Iterable[_Named]) -> dict[str, _Named]:
    """Index fields or tables by name.

    Raises:
        ContractError: a name stands twice.
    """
    out: dict[str, _Named] = {}
    for item in items:
        if item.name in out:
            raise ContractError(f"{item.name} stands twice")
        out[item.name] = item
    return out
