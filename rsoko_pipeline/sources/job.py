"""One file on its way through a reader.

Belongs here: what every reader needs: the sheets, the layout, the configuration, the result it fills.
Does not belong here: anything of one format.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from rsoko_pipeline.configuration import Configuration
from rsoko_pipeline.configuration.models import DelimitedLayout, Layout
from rsoko_pipeline.findings import Finding
from rsoko_pipeline.privacy import mask_code, mask_organisation
from rsoko_pipeline.sources import frames, header
from rsoko_pipeline.sources.grid import Grid
from rsoko_pipeline.sources.header import Header
from rsoko_pipeline.sources.model import FileFacts, ReadResult
from rsoko_pipeline.sources.rows import Rows
from rsoko_pipeline.sources.sandbox import RawFile


def _without_people(values: Any, masking: Callable[[str], str]) -> Any:
    """A column of codes or names of organisations without names of people, each different text looked at once."""
    if all(text is None or masking(text) == text for text in pa.array(values).unique().to_pylist()):
        return values
    places, different = pd.factorize(values)
    shown = [masking(text) for text in different]
    return frames.text_column([*shown, None], np.where(places < 0, len(shown), places))


#: Columns in which somebody may have put a person's name in place of an organisation's.
_MASKS: dict[str, Callable[[Any], Any]] = {
    name: partial(_without_people, masking=masking)
    for masking, names in (
        (mask_code, ("school", "unit_code", "parent_code", "municipality", "sent_code")),
        (mask_organisation, ("school_name", "unit_name", "municipality_name", "sent_name")),
    )
    for name in names
}


@dataclass
class Job:
    """A recognised file.

    Attributes:
        raw: its cells.
        layout: the map to read it by.
        grid: the sheet with the table.
        cfg: configuration.
        result: what the reader fills.
        key: the key of pseudonyms, for formats whose only id of a person must not leave the reader.
    """

    raw: RawFile
    layout: Layout | DelimitedLayout
    grid: Grid
    cfg: Configuration
    result: ReadResult
    key: bytes

    @property
    def facts(self) -> FileFacts:
        """The file's facts."""
        return self.result.file

    @property
    def findings(self) -> list[Finding]:
        """The findings so far."""
        return self.result.findings

    @property
    def map(self) -> Layout:
        """The layout of a format with a reader of its own."""
        assert isinstance(self.layout, Layout)
        return self.layout

    @property
    def options(self) -> dict[str, Any]:
        """What the layout says to this format's reader alone."""
        return self.map.options

    def find(self, code: str, **values: Any) -> None:
        """Add a finding about the sheet with the table."""
        self.findings.append(Finding(code, values, sheet=self.grid.name))

    def header(self) -> Header | None:
        """The header row matched with the layout; None when the table cannot be read with it."""
        matched = header.match(self.grid, self.map)
        self.findings.extend(matched.findings)
        return matched if matched.is_complete else None

    def rows_below(self, matched: Header) -> Rows:
        """All rows under the header that are not empty."""
        filled = ~self.grid.empty[matched.row + 1 :].all(axis=1)
        return Rows(self.grid, matched, np.flatnonzero(filled) + matched.row + 1)

    def add(self, name: str, rows: Rows, kept: np.ndarray, columns: Mapping[str, Any]) -> None:
        """Add the contract frame ``name`` of the rows where ``kept`` holds, with their origin.

        Args:
            name: table of schema ``source``.
            rows: where the columns come from.
            kept: truth values, a row each.
            columns: typed columns, a value a row.
        """
        length = int(kept.sum())
        everything = length == len(kept)
        origin = {
            "file_id": frames.constant(self.facts.file_id, length),
            "sheet": frames.constant(self.grid.name, length),
            "row_number": frames.integers(rows.lines[kept].astype("float64"), "Int32"),
        }
        chosen = columns if everything else {key: values[kept] for key, values in columns.items()}
        chosen = {key: _MASKS[key](values) if key in _MASKS else values for key, values in chosen.items()}
        self.result.frames[name] = frames.build(name, {**origin, **chosen})
