"""Which format and edition a file has: by what stands in it, never by its name.

Belongs here: choosing the layout. (A configured table may ask for a name's pattern to tell apart two editions whose
columns are the same; nothing else looks at names.) Does not belong here: reading.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from rsoko_pipeline.configuration import Configuration
from rsoko_pipeline.configuration.models import DelimitedLayout, Layout
from rsoko_pipeline.findings import Finding
from rsoko_pipeline.privacy import mask_label
from rsoko_pipeline.sources import guard, header
from rsoko_pipeline.sources.delimited import named_headers
from rsoko_pipeline.sources.grid import Grid
from rsoko_pipeline.sources.sandbox import RawFile
from rsoko_pipeline.sources.text import header_key

_KINDS = {guard.TEXT: "csv", guard.XLSX: "xlsx", guard.XLS: "xlsx", guard.ODS: "xlsx"}


@dataclass
class Recognised:
    """What a file was recognised as.

    Attributes:
        layout: the layout map; None when there is none for it.
        grid: the sheet with the table.
        findings: why it is none of the known formats.
    """

    layout: Layout | DelimitedLayout | None
    grid: Grid | None
    findings: list[Finding] = field(default_factory=list)


def recognise(raw: RawFile, cfg: Configuration) -> Recognised:
    """The layout whose anchors the file has all of; else the configured table whose headers it has all of; else the
    layout whose title or sheets it has, for its reader to say what is wrong with the header; else a finding.
    """
    visible = [sheet for sheet in raw.sheets if not sheet.is_hidden]
    filled = [sheet for sheet in visible if sheet.height]
    if not filled:
        return Recognised(None, None, [Finding("RSK-ROWS-NONE")])
    found: list[tuple[Layout, int, Grid]] = []
    for layout in cfg.layouts.values():
        if _KINDS[raw.kind or guard.TEXT] not in layout.kinds:
            continue
        if (anchored := _anchors(layout, raw.sheets, filled)) is None:
            continue
        absent, grid = anchored
        if absent == 0 and (layout.anchors.title or layout.anchors.sheets):
            return Recognised(layout, grid)
        found.append((layout, absent, grid))
    table = _delimited(raw, filled, cfg)
    return _best(found) if found and table.layout is None else table


def _best(found: Sequence[tuple[Layout, int, Grid]]) -> Recognised:
    """Of the layouts with the fewest anchors absent the one that explains the header best."""
    least = min(absent for _, absent, _ in found)
    candidates = [(layout, grid) for layout, absent, grid in found if absent == least]
    if len(candidates) > 1:
        candidates.sort(key=lambda pair: len(header.match(pair[1], pair[0]).findings))
    return Recognised(*candidates[0])


def sheet_named(pattern: re.Pattern[str] | None, sheets: Sequence[Grid]) -> Grid | None:
    """The first sheet whose name matches the pattern; the first one without a pattern."""
    if pattern is None:
        return sheets[0] if sheets else None
    return next((sheet for sheet in sheets if pattern.search(sheet.name or "")), None)


def other_sheets(raw: RawFile, layout: Layout | DelimitedLayout, grid: Grid) -> list[Finding]:
    """A finding for every sheet that holds something, is not read and is no part of the layout."""
    known = (*layout.anchors.sheets, *layout.other_sheets) if isinstance(layout, Layout) else ()
    out = []
    for sheet in raw.sheets:
        if sheet is grid or not sheet.height or any(pattern.search(sheet.name or "") for pattern in known):
            continue
        code = "RSK-SHEET-HIDDEN" if sheet.is_hidden else "RSK-SHEET-OTHER"
        out.append(Finding(code, {"read": grid.name}, sheet=sheet.name))
    return out


def _anchors(layout: Layout, sheets: Sequence[Grid], filled: Sequence[Grid]) -> tuple[int, Grid] | None:
    """How many of the layout's anchors are absent, and the sheet; None when neither title nor sheets speak for it."""
    anchors = layout.anchors
    grid = sheet_named(layout.sheet, filled)
    if grid is None or (anchors.title and not anchors.title.search(grid.text(0, 0))):
        return None
    absent = sum(sheet_named(pattern, sheets) is None for pattern in anchors.sheets)
    speaks = bool(anchors.title) or absent < len(anchors.sheets)
    if anchors.subject and anchors.subject_row and not anchors.subject.search(grid.text(anchors.subject_row - 1, 0)):
        absent += 1
    if anchors.headers and not header.has_row(grid, layout, anchors.headers):
        absent += 1
    return (absent, grid) if speaks or not absent else None


def _delimited(raw: RawFile, filled: Sequence[Grid], cfg: Configuration) -> Recognised:
    """Of the layouts all of whose headers are there the one that knows most of the columns; else the nearest one."""
    found: list[tuple[int, DelimitedLayout, Grid]] = []
    nearest: tuple[float, DelimitedLayout, Grid, list[str]] | None = None
    kind = _KINDS[raw.kind or guard.TEXT]
    for layout in cfg.delimited.values():
        grid = sheet_named(layout.file.sheet, filled)
        if grid is None or kind not in layout.file.kinds:
            continue
        row = layout.file.header_row - 1
        keys = set(grid.row_keys(row)) if row < grid.height else set()
        absent = [name for name in layout.recognise.headers if header_key(name) not in keys]
        if not absent and (layout.recognise.name is None or layout.recognise.name.search(raw.name)):
            known = keys & {header_key(name) for name in named_headers(layout)}
            found.append((len(known), layout, grid))
        share = len(absent) / len(layout.recognise.headers)
        if absent and share <= 0.5 and (nearest is None or share < nearest[0]):
            nearest = (share, layout, grid, absent)
    if found:
        _, layout, grid = max(found, key=lambda entry: entry[0])
        return Recognised(layout, grid)
    if nearest:
        _, layout, grid, absent = nearest
        return Recognised(None, grid, [_absent(name, layout, grid) for name in absent])
    return Recognised(None, filled[0], [Finding("RSK-FILE-FORMAT", {"reason": _reason(filled[0])})])


def _absent(name: str, layout: DelimitedLayout, grid: Grid) -> Finding:
    mapping = f'headers: ["{name}", "новое название"] в {layout.procedure}/delimited/{layout.id}.yaml'
    return Finding(
        "RSK-COLUMN-MISSING", {"mapping": mapping}, sheet=grid.name, row_number=layout.file.header_row, column_name=name
    )


def _reason(grid: Grid) -> str:
    first = next((texts for row in range(min(grid.height, 20)) if any(texts := grid.row_texts(row))), [])
    shown = mask_label(" | ".join(_first_texts(first)))
    return f"нет ни заголовка отчёта, ни столбцов известной таблицы; в начале стоит «{shown}»"


def _first_texts(texts: Iterable[str]) -> list[str]:
    """A few short texts to show; long ones are cut, since a strange file may hold anything."""
    return [text[:40] for text in texts if text][:4]
