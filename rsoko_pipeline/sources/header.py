"""The header row: which column is which field, which is a task, what is new and what is gone.

Belongs here: matching a header row with a layout, in both directions. Does not belong here: recognising the format
(``recognise``), reading the rows below.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from rsoko_pipeline.configuration.models import Layout, LayoutColumn
from rsoko_pipeline.findings import Finding
from rsoko_pipeline.privacy import is_personal_header, mask_label
from rsoko_pipeline.sources.grid import Grid
from rsoko_pipeline.sources.text import clean, header_key

#: Rows at the top of a sheet among which the header is looked for when it is not where the layout says.
_SEARCHED = 20


@dataclass
class Header:
    """A header row matched with a layout.

    Attributes:
        row: its place in the grid, from 0.
        texts: the headers as written.
        columns: field → column, from 0.
        tasks, scores, labels: column → match of the layout's pattern for such columns.
        personal: headers of columns with personal data, which are not read.
        findings: unknown, missing and doubled columns, columns with personal data.
    """

    row: int
    texts: list[str]
    columns: dict[str, int] = field(default_factory=dict)
    tasks: dict[int, re.Match[str]] = field(default_factory=dict)
    scores: dict[int, re.Match[str]] = field(default_factory=dict)
    labels: dict[int, re.Match[str]] = field(default_factory=dict)
    personal: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    @property
    def is_complete(self) -> bool:
        """Whether no required column is missing or doubled."""
        return not any(finding.severity == "error" for finding in self.findings)

    def name(self, field_name: str) -> str:
        """The header of a field's column as the file writes it."""
        return self.texts[self.columns[field_name]]


def match(grid: Grid, layout: Layout) -> Header:
    """The header row of ``grid`` under ``layout``: where the layout says, or near the top where it fits best."""
    told = layout.header_row - 1
    header = _match_row(grid, told, layout)
    if header.is_complete:
        return header
    others = (_match_row(grid, row, layout) for row in range(min(_SEARCHED, grid.height)) if row != told)
    best = max(
        (header, *others), key=lambda h: (len(h.columns) + len(h.tasks) + len(h.scores) + len(h.labels), h is header)
    )
    if len(best.columns) < 2:
        best.findings = [
            Finding("RSK-HEADER-MISSING", {"reason": _reason(layout)}, sheet=grid.name, row_number=layout.header_row)
        ]
    return best


def fits(key: str, variants: Iterable[str]) -> bool:
    """Whether a header's key is one of the variants; a ``*`` at a variant's end stands for any ending."""
    return any(key.startswith(_key(v[:-1])) if v.endswith("*") else key == _key(v) for v in variants)


#: Keys of the configuration's own headers; those of files pass by once.
_key = lru_cache(maxsize=4096)(header_key)


def has_row(grid: Grid, layout: Layout, headers: Iterable[str]) -> bool:
    """Whether all of ``headers`` stand in one row near the top."""
    wanted = {_key(name) for name in headers}
    told = layout.header_row - 1
    return any(wanted.issubset(grid.row_keys(row)) for row in (told, *range(_SEARCHED)) if row < grid.height)


def _match_row(grid: Grid, row: int, layout: Layout) -> Header:
    header = Header(row, [clean(text) for text in grid.row_texts(row)] if row < grid.height else [])
    keys = grid.row_keys(row) if row < grid.height else []
    fields = _fields(layout)
    unknown: list[int] = []
    for column, key in enumerate(keys):
        text = header.texts[column]
        if not key:
            continue
        if is_personal_header(text):
            if not fits(key, layout.ignored):
                header.personal.append(text)
            continue
        name = fields.find(key)
        if name in header.columns:
            header.findings.append(Finding("RSK-COLUMN-TWICE", sheet=grid.name, row_number=row + 1, column_name=text))
        elif name:
            header.columns[name] = column
        elif layout.task_header and (found := layout.task_header.fullmatch(text)):
            header.tasks[column] = found
        elif layout.score_header and (found := layout.score_header.fullmatch(text)):
            header.scores[column] = found
        elif layout.label_header and (found := layout.label_header.fullmatch(text)):
            header.labels[column] = found
        elif not fits(key, layout.ignored):
            unknown.append(column)
    for wanted in layout.columns:
        if wanted.required and wanted.field not in header.columns:
            header.findings.append(_missing(wanted, grid.name))
    header.findings.extend(_unknown(header.texts[column], grid.name, row) for column in unknown)
    header.findings.extend(personal_columns(header, grid))
    return header


def personal_columns(header: Header, grid: Grid) -> list[Finding]:
    """The finding on columns with personal data, where there are any."""
    if not header.personal:
        return []
    columns = ", ".join(f"«{text}»" for text in header.personal)
    return [Finding("RSK-PERSONAL-DATA", {"columns": columns}, sheet=grid.name, row_number=header.row + 1)]


class _Fields:
    """The layout's headers by key."""

    def __init__(self, columns: Iterable[LayoutColumn]) -> None:
        self._exact: dict[str, str] = {}
        self._beginnings: list[tuple[str, str]] = []
        for column in columns:
            for variant in column.headers:
                if variant.endswith("*"):
                    self._beginnings.append((header_key(variant[:-1]), column.field))
                else:
                    self._exact[header_key(variant)] = column.field

    def find(self, key: str) -> str | None:
        if key in self._exact:
            return self._exact[key]
        return next((name for beginning, name in self._beginnings if key.startswith(beginning)), None)


_known: dict[int, tuple[Layout, _Fields]] = {}


def _fields(layout: Layout) -> _Fields:
    """The index of a layout's headers, made once a layout."""
    if id(layout) not in _known:
        _known[id(layout)] = (layout, _Fields(layout.columns))
    return _known[id(layout)][1]


def _missing(column: LayoutColumn, sheet: str | None) -> Finding:
    mapping = (
        f"- {{field: {column.field}, headers: [{', '.join(_quoted(h) for h in (*column.headers, 'новое название'))}]}}"
    )
    return Finding("RSK-COLUMN-MISSING", {"mapping": mapping}, sheet=sheet, column_name=column.headers[0].rstrip("*"))


def _unknown(text: str, sheet: str | None, row: int) -> Finding:
    text = mask_label(text)
    mapping = f"- {{field: …, headers: [{_quoted(text)}], required: false}}, или в ignored: {_quoted(text)}"
    return Finding("RSK-COLUMN-UNKNOWN", {"mapping": mapping}, sheet=sheet, row_number=row + 1, column_name=text)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _reason(layout: Layout) -> str:
    names = ", ".join(f"«{column.headers[0].rstrip('*')}»" for column in layout.columns if column.required)
    return f"ожидались столбцы {names} в строке {layout.header_row}"
