"""How cells look: number formats and tones, each combination made once a workbook.

Belongs here: fonts, fills, borders, alignments, number formats. Does not belong here: which cell gets which look.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

FONT = "Arial"
GRID = "BFBFBF"


@dataclass(frozen=True)
class Format:
    """What a cell holds: its number format, where it stands in the cell, how it is written."""

    number: str = "General"
    horizontal: str = "left"
    vertical: str = "center"
    wrap: bool = False
    rotated: bool = False
    size: int = 10
    bold: bool = False
    colour: str = "000000"
    underlined: bool = False
    grid: bool = True


@dataclass(frozen=True)
class Tone:
    """What a cell's colour says: fill and emphasis."""

    fill: str | None = None
    bold: bool = False
    italic: bool = False
    colour: str | None = None


FORMATS: dict[str, Format] = {
    "text": Format(wrap=True),
    "code": Format(number="@"),
    "word": Format(horizontal="center", wrap=True),
    "int": Format(number="#,##0", horizontal="right"),
    "number": Format(horizontal="right"),
    "centre": Format(horizontal="center"),
    "mean": Format(number="0.00", horizontal="right"),
    "share": Format(number="0.0%", horizontal="right"),
    "percent": Format(number="0%", horizontal="center", size=8),
    "points": Format(number="+0.0%;-0.0%;0.0%", horizontal="right"),
    "date": Format(number="dd.mm.yyyy", horizontal="center"),
    "head": Format(horizontal="center", wrap=True, bold=True, size=9),
    "head_up": Format(horizontal="center", vertical="top", wrap=True, rotated=True, size=8),
    "title": Format(size=14, bold=True, grid=False),
    "heading": Format(size=11, bold=True, grid=False),
    "note": Format(size=9, colour="595959", grid=False),
    "warning": Format(size=10, bold=True, colour="9C5700", grid=False),
    "plain": Format(grid=False),
    "link": Format(colour="1F4E9E", underlined=True, grid=False),
    "link_cell": Format(colour="1F4E9E", underlined=True, horizontal="center"),
}

TONES: dict[str, Tone] = {
    "": Tone(),
    "head": Tone(fill="DCE6F1"),
    "total": Tone(fill="F2F2F2", bold=True),
    "small": Tone(italic=True, colour="7F7F7F"),
    "loaded": Tone(fill="C6EFCE", colour="1E6B2E"),
    "empty": Tone(fill="FFEB9C", colour="7F6000"),
    "refused": Tone(fill="FFC7CE", colour="9C0006"),
    "late": Tone(fill="F4B084", colour="7B2C00"),
    "awaited": Tone(fill="DDEBF7", colour="1F4E79"),
    "unexpected": Tone(colour="A6A6A6"),
    "error": Tone(fill="FFC7CE", colour="9C0006"),
    "warning": Tone(fill="FFEB9C", colour="7F6000"),
    "info": Tone(),
    "full": Tone(fill="E2F0D9"),
    "partial": Tone(fill="FFF9E5"),
    "zero": Tone(fill="FBE3E0"),
    "not_started": Tone(fill="D9D9D9", colour="595959"),
    "below": Tone(fill="FFEB9C", colour="7F6000"),
    "above": Tone(fill="E2F0D9", colour="1E6B2E"),
    "absent": Tone(fill="F2F2F2", colour="7F7F7F", italic=True),
}


def dress(cell: Any, format_name: str, tone_name: str, *, quoted: bool) -> int:
    """Give an openpyxl cell the look and return the number under which the workbook keeps it.

    Args:
        cell: any cell of the workbook.
        format_name: a name of ``FORMATS``.
        tone_name: a name of ``TONES``.
        quoted: mark the text as typed with a leading apostrophe, so that editing it never makes it a formula.
    """
    from openpyxl.styles import Alignment, Border, Font, PatternFill, Side

    form, tone = FORMATS[format_name], TONES[tone_name]
    cell.font = Font(
        name=FONT,
        size=form.size,
        bold=form.bold or tone.bold,
        italic=tone.italic,
        color=tone.colour or form.colour,
        underline="single" if form.underlined else None,
    )
    cell.fill = PatternFill("solid", fgColor=tone.fill) if tone.fill else PatternFill()
    side = Side(style="thin", color=GRID) if form.grid else None
    cell.border = Border(left=side, right=side, top=side, bottom=side)
    cell.alignment = Alignment(
        horizontal=form.horizontal,
        vertical=form.vertical,
        wrap_text=form.wrap,
        text_rotation=90 if form.rotated else 0,
    )
    cell.number_format = form.number
    cell.quotePrefix = quoted
    return int(cell.style_id)
