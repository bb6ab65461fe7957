"""Small pictures of statistics for Dagster's metadata: SVG text, Russian labels.

Belongs here: drawing frames of schema ``mart``. Does not belong here: computing them (``statistics``), charts of
workbooks and pages (``reports``).

A plotting library takes a tenth of a second a picture, as long as all statistics of a work.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from html import escape

import numpy as np
import pandas as pd
from numpy.typing import NDArray

MARK_COLOURS = {2: "#c44e52", 3: "#e5a54b", 4: "#8fb26a", 5: "#3d8361"}
_INK, _QUIET, _FAINT, _NEUTRAL = "#333333", "#666666", "#d0d0d0", "#6f8fb3"
#: Pixels: the picture, and the corners of the plane inside it.
_WIDTH, _HEIGHT = 648, 320
_LEFT, _RIGHT, _TOP, _BASE = 58, 634, 34, 272
#: Share of a bar's step that the bar takes; room above the highest one.
_BAR, _ABOVE = 0.8, 1.18


def score_distribution(unit: pd.DataFrame, event: pd.Series) -> str:
    """Primary scores of one unit with the borders of the marks, as SVG.

    Args:
        unit: rows of ``mart.score_distribution`` of one unit and event.
        event: the event's row of ``core.dim_event``; without borders the bars have one colour.
    """
    rows = unit.sort_values("score")
    scores, n = rows["score"].to_numpy(dtype="float64"), rows["n"].to_numpy(dtype="int64")
    step = float(np.diff(scores).min(initial=1.0))
    cuts = event[["cut3", "cut4", "cut5"]].to_numpy(dtype="float64", na_value=np.nan)
    known = not np.isnan(cuts).any()
    last = float(np.nanmax([event["max_score"], scores.max(initial=0)], initial=0))
    most = int(n.max(initial=1))
    x = _LEFT + (scores + step) / (last + 2 * step) * (_RIGHT - _LEFT)
    unit_x = (_RIGHT - _LEFT) / (last + 2 * step)
    y = _BASE - n / (most * _ABOVE) * (_BASE - _TOP)
    note = "" if known else "; границы отметок неизвестны"
    if known and event["scale_status"] == "assumed":
        note = "; границы отметок предполагаемые"
    parts = [
        _text(6, 18, f"{event['title']}: распределение первичных баллов", anchor="start", size=14, colour=_INK),
        *_counts(most),
        *_bars(x, y, np.searchsorted(cuts, scores, side="right") if known else None, _BAR * step * unit_x),
        f'<path d="M{_LEFT},{_TOP}V{_BASE}H{_RIGHT}" fill="none" stroke="{_QUIET}"/>',
        *(_text(_LEFT + (tick + step) * unit_x, _BASE + 15, _decimal(tick)) for tick in _ticks(last)),
        _text(
            (_LEFT + _RIGHT) / 2, _HEIGHT - 10, f"Первичный балл (участников: {_number(int(n.sum()))}{note})", size=12
        ),
    ]
    for mark, cut in zip((3, 4, 5), cuts if known else (), strict=False):
        border = _LEFT + (cut + step / 2) * unit_x
        parts += [
            f'<path d="M{border:.1f},{_TOP}V{_BASE}" stroke="{_INK}" stroke-dasharray="4 3"/>',
            _text(border + 4, _TOP + 9, f"«{mark}» с {_decimal(cut)}", anchor="start", colour=_INK),
        ]
    size = f'width="{_WIDTH}" height="{_HEIGHT}" viewBox="0 0 {_WIDTH} {_HEIGHT}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif">'
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="white"/>{"".join(parts)}</svg>'
    )


def markdown(svg: str) -> str:
    """A picture as Markdown with the data inside, as Dagster's metadata shows it."""
    return f"![](data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()})"


def _bars(x: NDArray, y: NDArray, mark: NDArray | None, width: float) -> Iterator[str]:
    """Upright bars, those of one colour as one shape; ``mark`` is the place of each one's colour."""
    colours = [_NEUTRAL] if mark is None else list(MARK_COLOURS.values())
    for place, colour in enumerate(colours):
        mine = slice(None) if mark is None else mark == place
        shape = "".join(
            f"M{left:.1f},{_BASE}V{top:.1f}h{width:.1f}V{_BASE}z"
            for left, top in zip(x[mine] - width / 2, y[mine], strict=True)
        )
        if shape:
            yield f'<path d="{shape}" fill="{colour}"/>'


def _counts(most: int) -> Iterator[str]:
    """Lines and labels of the scale of participants."""
    for tick in _ticks(most, wanted=4):
        height = _BASE - tick / (most * _ABOVE) * (_BASE - _TOP)
        yield f'<path d="M{_LEFT},{height:.1f}H{_RIGHT}" stroke="{_FAINT}"/>'
        yield _text(_LEFT - 6, height + 4, _number(tick), anchor="end")


def _ticks(most: float, wanted: int = 9) -> range:
    """Round whole numbers from 0 to ``most``, at most about ``wanted`` of them."""
    rough = max(most / wanted, 1)
    power = 10 ** int(np.log10(rough))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough)
    return range(0, int(most) + 1, step)


def _text(x: float, y: float, content: str, *, anchor: str = "middle", size: int = 11, colour: str = _QUIET) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" fill="{colour}">'
        f"{escape(content)}</text>"
    )


def _decimal(value: float) -> str:
    return f"{value:g}".replace(".", ",")


def _number(value: int) -> str:
    return f"{value:,}".replace(",", "\N{NO-BREAK SPACE}")
