"""A sheet in memory: a matrix of codes into a short list of different values.

Belongs here: cells by place, and mapping a column's or a block's different values once. Does not belong here: what a
value means (``cells``), which column is which (``header``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

import numpy as np

from rsoko_pipeline.sources.text import clean, header_key

_T = TypeVar("_T")


class _NoValue:
    """A formula without a stored value."""

    def __repr__(self) -> str:
        return "FORMULA"


#: Stands in a grid for a formula whose value the file does not hold.
FORMULA = _NoValue()


@dataclass(frozen=True)
class Grid:
    """A sheet's cells.

    Attributes:
        name: the sheet's name; None for a text file.
        is_hidden: whether the sheet is hidden in the book.
        values: different values of the sheet: str, float, bool, or ``FORMULA``; the empty cell is ''.
        codes: matrix height × width of places in ``values``.
        lines: row number in the file of every row of ``codes``.
        repeats: so many rows at the end are known to equal the row before them.
    """

    name: str | None
    is_hidden: bool
    values: list[Any]
    codes: np.ndarray
    lines: np.ndarray = field(repr=False)
    repeats: int = 0

    @property
    def height(self) -> int:
        """Number of rows."""
        return int(self.codes.shape[0])

    @property
    def width(self) -> int:
        """Number of columns."""
        return int(self.codes.shape[1])

    def cell(self, row: int, column: int) -> Any:
        """The value at row and column, from 0; '' outside the sheet."""
        inside = 0 <= row < self.height and 0 <= column < self.width
        return self.values[self.codes[row, column]] if inside else ""

    def text(self, row: int, column: int) -> str:
        """The cell as a person reads it, trimmed; '' outside the sheet."""
        inside = 0 <= row < self.height and 0 <= column < self.width
        return self.text_of[self.codes[row, column]] if inside else ""

    def texts(self, codes: np.ndarray) -> list[str]:
        """The cells of ``codes`` (a row or column of ``self.codes``) as text."""
        known = self.text_of
        return [known[code] for code in codes.tolist()]

    def row_texts(self, row: int) -> list[str]:
        """The row's cells as text."""
        return self.texts(self.codes[row])

    def row_keys(self, row: int) -> list[str]:
        """The row's cells as header keys; every layout asks anew, so the list is kept and not to be changed."""
        if row not in self._key_rows:
            known = self._keys
            codes = self.codes[row].tolist()
            self._key_rows[row] = [known[code] if code in known else self._key(code) for code in codes]
        return self._key_rows[row]

    def _key(self, code: int) -> str:
        self._keys[code] = key = header_key(self.text_of[code])
        return key

    @cached_property
    def text_of(self) -> list[str]:
        """By place in ``values``: the value as a person reads it."""
        return [as_text(value) for value in self.values]

    @cached_property
    def has_text(self) -> np.ndarray:
        """By place in ``values``: whether a person reads anything there; a formula without value has no text."""
        return np.fromiter(map(bool, self.text_of), bool, len(self.values))

    @cached_property
    def _keys(self) -> dict[int, str]:
        """Header keys of the values asked for so far, by place."""
        return {}

    @cached_property
    def _key_rows(self) -> dict[int, list[str]]:
        """Rows of header keys asked for so far."""
        return {}

    @cached_property
    def blank(self) -> np.ndarray:
        """By place in ``values``: whether the value is an empty cell's or spaces alone."""
        return np.fromiter(
            (not text and value is not FORMULA for value, text in zip(self.values, self.text_of, strict=True)),
            bool,
            len(self.values),
        )

    @cached_property
    def without_value(self) -> np.ndarray:
        """By place in ``values``: whether it is a formula whose value the file does not hold."""
        return np.fromiter((value is FORMULA for value in self.values), bool, len(self.values))

    @cached_property
    def empty(self) -> np.ndarray:
        """Matrix of truth values: the cell is empty or holds spaces alone."""
        return self.blank[self.codes]

    def used(self, codes: np.ndarray) -> np.ndarray:
        """Which places in ``values`` stand in ``codes`` (a part of ``self.codes``), ascending."""
        present = np.zeros(len(self.values), dtype=bool)
        present[codes] = True
        return np.flatnonzero(present)

    def map(self, codes: np.ndarray, function: Callable[[Any], _T], dtype: Any) -> np.ndarray:
        """``function`` of every cell of ``codes`` (a part of ``self.codes``), called once for each different value."""
        places = self.used(codes)
        table = np.zeros(len(self.values), dtype=dtype)
        table[places] = np.fromiter((function(self.values[place]) for place in places.tolist()), dtype, len(places))
        return table[codes]

    def distinct(self, codes: np.ndarray) -> list[Any]:
        """The different values among ``codes``, in the order of their first appearance in the sheet."""
        return [self.values[place] for place in self.used(codes).tolist()]


def as_text(value: Any) -> str:
    """A cell's value as a person reads it: 3.0 is «3», spaces are single, a formula without value is empty."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    return "" if value is FORMULA else str(value)
