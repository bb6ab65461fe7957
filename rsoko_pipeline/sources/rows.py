"""The rows under a header: a column's values as arrays, and a finding for every cell that cannot be read.

Belongs here: columns to arrays, findings by row and column, which rows fail. Does not belong here: what one cell means
(``cells``), what the columns are in a given format (its reader).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from rsoko_pipeline.findings import Finding
from rsoko_pipeline.sources import cells, frames
from rsoko_pipeline.sources.grid import FORMULA, Grid, as_text
from rsoko_pipeline.sources.header import Header


class Rows:
    """Some rows of a grid.

    Attributes:
        grid, header: the sheet and its matched header.
        places: the rows' places in the grid.
        failed: which rows hold something unreadable and are left out.
        findings: what was found in them.
    """

    def __init__(self, grid: Grid, header: Header, places: np.ndarray) -> None:
        self.grid = grid
        self.header = header
        self.places = places
        self.failed = np.zeros(len(places), dtype=bool)
        self.findings: list[Finding] = []
        self._formulas: set[tuple[int, int]] = set()

    def __len__(self) -> int:
        return len(self.places)

    def __contains__(self, field: str) -> bool:
        return field in self.header.columns

    @property
    def lines(self) -> np.ndarray:
        """The rows' numbers in the file, from 1."""
        return self.grid.lines[self.places]

    def codes(self, field: str) -> np.ndarray:
        """The grid's codes of a field's column."""
        return self.grid.codes[self.places, self.header.columns[field]]

    def subset(self, mask: np.ndarray) -> Rows:
        """The rows where ``mask`` holds, with failures and findings of their own."""
        return Rows(self.grid, self.header, self.places[mask])

    def is_empty(self, fields: Iterable[str]) -> np.ndarray:
        """Whether all of the fields' cells (of those that the file has) are empty."""
        columns = (self.header.columns[field] for field in fields if field in self.header.columns)
        return self.are_empty(columns)

    def are_empty(self, columns: Iterable[int]) -> np.ndarray:
        """Whether all cells of the columns are empty, a row each."""
        return self.grid.blank[self.block(columns)].all(axis=1)

    def block(self, columns: Iterable[int]) -> np.ndarray:
        """The grid's codes of several columns: rows × columns."""
        return self.grid.codes[self.places[:, None], np.fromiter(columns, dtype=np.intp)]

    def texts(self, field: str, function: Callable[[str], str] = str) -> tuple[list[str], np.ndarray]:
        """The field's different texts and the place of every row's text among them; all '' without the column."""
        if field not in self:
            return [""], np.zeros(len(self), dtype=np.intp)
        codes = self.codes(field)
        index: dict[str, int] = {}
        places = np.zeros(len(self.grid.values), dtype=np.intp)
        for code in self.grid.used(codes).tolist():
            places[code] = index.setdefault(function(self.grid.text_of[code]), len(index))
        return list(index), places[codes]

    def text_column(self, field: str, function: Callable[[str], str] = str) -> Any:
        """The field as a text column of a frame; an empty cell is null."""
        return frames.text_column(*self.texts(field, function))

    def numbers(
        self,
        field: str,
        function: Callable[[Any], float] = cells.number,
        *,
        code: str = "RSK-VALUE",
        expected: str = "число",
    ) -> np.ndarray:
        """The field's numbers, NaN where empty or without the column; a cell that is no number fails its row."""
        if field not in self:
            return np.full(len(self), np.nan)
        column, limit = self.header.columns[field], cells.largest(field)
        return self.numbers_at(column, function, limit=limit, code=code, expected=expected)

    def numbers_at(
        self,
        column: int,
        function: Callable[[Any], float] = cells.number,
        *,
        limit: float = np.inf,
        code: str = "RSK-VALUE",
        expected: str = "число",
    ) -> np.ndarray:
        """As ``numbers``, of the column at a place; a number above ``limit`` cannot be read either."""
        values = self.grid.map(self.grid.codes[self.places, column], function, np.float64)
        unreadable = np.isinf(values) | (np.abs(values) > limit)
        self.fail(unreadable, column, code, expected=expected)
        values[unreadable] = np.nan
        return values

    def fail_formulas(self) -> None:
        """Fail every row with a formula without value in a field of the layout, a text one too: read, it is empty."""
        if self.grid.without_value.any():
            for column in self.header.columns.values():
                self.fail(self.grid.without_value[self.grid.codes[self.places, column]], column, "RSK-FORMULA-EMPTY")

    def fail(self, mask: np.ndarray, column: int, code: str, **values: Any) -> None:
        """A finding for every row of ``mask`` at ``column``; these rows are left out of the frame.

        A formula without value is a finding of its own whatever the code, once a cell.
        """
        if not mask.any():
            return
        self.failed |= mask
        name = self.header.texts[column]
        for place in self.places[mask]:
            cell = self.grid.values[self.grid.codes[place, column]]
            if cell is FORMULA:
                if (int(place), column) in self._formulas:
                    continue
                self._formulas.add((int(place), column))
            self.findings.append(
                Finding(
                    "RSK-FORMULA-EMPTY" if cell is FORMULA else code, values, sheet=self.grid.name,
                    row_number=int(self.grid.lines[place]), column_name=name, value=as_text(cell),
                )
            )  # fmt: skip

    def note_decimal_commas(self, columns: Iterable[int]) -> None:
        """One finding for the file when numbers are written with a comma."""
        if any(map(cells.has_decimal_comma, self.grid.distinct(self.block(columns)))):
            self.findings.append(Finding("RSK-DECIMAL-COMMA", sheet=self.grid.name))
