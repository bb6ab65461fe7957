"""Small pictures of statistics for Dagster's metadata and for reports: PNG bytes, Russian labels.

Belongs here: drawing frames of schema ``mart``. Does not belong here: computing them (``statistics``), charts inside
workbooks (``reports``).

Every picture is one ``Figure`` on an Agg canvas, made and thrown away: no global state of pyplot, safe in threads.
"""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_DPI = 90
#: Height of a unit's bar with its gap, in inches.
_ROW = 0.24
#: The longest name of a unit that is written in full, in letters.
_LONGEST = 40
#: The least share, in per cent, written into a bar, and up to how many bars that is done (a text costs 1 ms).
_WRITTEN, _FEW = 6, 8
_WIDTH = 7.2
_INK, _FAINT, _NEUTRAL = "#333333", "#d0d0d0", "#6f8fb3"
MARK_COLOURS = {2: "#c44e52", 3: "#e5a54b", 4: "#8fb26a", 5: "#3d8361"}
_JOURNAL = {
    "lowered": ("Понизили", "#c44e52"),
    "confirmed": ("Подтвердили", "#b9bfc7"),
    "raised": ("Повысили", "#3b75af"),
}


def score_distribution(unit: pd.DataFrame, event: pd.Series) -> bytes:
    """Primary scores of one unit with the borders of the marks.

    Args:
        unit: rows of ``mart.score_distribution`` of one unit and event.
        event: the event's row of ``core.dim_event``; without borders the bars have one colour.
    """
    figure, axes = _canvas(f"{event['title']}: распределение первичных баллов", height=2.6, left=0.65)
    rows = unit.sort_values("score")
    scores, n = rows["score"].to_numpy(dtype="float64"), rows["n"].to_numpy(dtype="int64")
    step = float(np.diff(scores).min(initial=1.0))
    cuts = event[["cut3", "cut4", "cut5"]].to_numpy(dtype="float64", na_value=np.nan)
    known = not np.isnan(cuts).any()
    palette = list(MARK_COLOURS.values()) if known else [_NEUTRAL] * 4
    colours = [palette[mark] for mark in np.searchsorted(cuts, scores, side="right")]
    last = float(np.nanmax([event["max_score"], scores.max(initial=0)], initial=0))
    axes.set_xlim(-step, last + step)
    axes.set_ylim(0, n.max(initial=1) * 1.18)
    width = 0.8 * step / (last + 2 * step) * 72 * _WIDTH * axes.get_position().width
    axes.vlines(scores, 0, n, colors=colours, linewidth=width, capstyle="butt")
    if known:
        axes.vlines(cuts - step / 2, 0, axes.get_ylim()[1], colors=_INK, linewidth=1, linestyle=(0, (4, 3)))
        for mark, cut in zip((3, 4, 5), cuts, strict=True):
            axes.annotate(
                f" «{mark}» с {cut:g}".replace(".", ","), (cut - step / 2, axes.get_ylim()[1]), va="top", fontsize=8
            )
    note = "" if known else "; границы отметок неизвестны"
    if known and event["scale_status"] == "assumed":
        note = "; границы отметок предполагаемые"
    axes.set_xlabel(f"Первичный балл (участников: {_number(int(n.sum()))}{note})")
    axes.set_ylabel("Участников")
    axes.grid(axis="y", color=_FAINT, linewidth=0.6)
    return _png(figure)


def marks(units: pd.DataFrame, event: pd.Series) -> bytes:
    """Shares of the marks, a bar a unit in the order of the rows.

    Args:
        units: rows of ``mart.mark_statistics`` of one event; those without marks are left out.
        event: the event's row of ``core.dim_event``.
    """
    series = {f"«{mark}»": (f"n{mark}", colour) for mark, colour in MARK_COLOURS.items()}
    return _shares(units, "marked", series, f"{event['title']}: отметки")


def journal(units: pd.DataFrame, event: pd.Series) -> bytes:
    """Marks against the journal, a bar a unit in the order of the rows.

    Args:
        units: rows of ``mart.journal_comparison`` of one event.
        event: the event's row of ``core.dim_event``.
    """
    series = {label: (name, colour) for name, (label, colour) in _JOURNAL.items()}
    return _shares(units, "n", series, f"{event['title']}: сравнение с отметками по журналу")


def markdown(png: bytes) -> str:
    """A picture as Markdown with the data inside, as Dagster's metadata shows it."""
    return f"![](data:image/png;base64,{base64.b64encode(png).decode()})"


def _shares(units: pd.DataFrame, total: str, series: dict[str, tuple[str, str]], title: str) -> bytes:
    """Stacked bars of 100 %, a row a unit; shares are written into the bars where there are few."""
    rows = units[units[total] > 0].reset_index(drop=True)
    names = [name if len(name) <= _LONGEST else name[: _LONGEST - 1] + "…" for name in rows["unit_name"]]
    labels = [f"{name} ({_number(int(count))})" for name, count in zip(names, rows[total], strict=True)]
    left_margin = 0.3 + 0.072 * max(map(len, labels), default=0)
    figure, axes = _canvas(title, height=_ROW * max(len(rows), 1), left=left_margin, above=0.25)
    n = rows[total].to_numpy(dtype="float64")
    place, left = np.arange(len(rows)), np.zeros(len(rows))
    for label, (name, colour) in series.items():
        share = 100 * rows[name].to_numpy(dtype="float64") / n
        axes.hlines(place, left, left + share, colors=colour, linewidth=_ROW * 72 * 0.78, label=label, capstyle="butt")
        for row, middle, value in zip(place, left + share / 2, share, strict=True):
            if value >= _WRITTEN and len(rows) <= _FEW:
                axes.text(middle, float(row), f"{value:.0f}", ha="center", va="center", fontsize=7, color=_INK)
        left += share
    # Texts of our own cost a third of what tick labels do.
    for number, label in enumerate(labels):
        axes.text(-1, number, label, ha="right", va="center", fontsize=8)
    axes.set_yticks([])
    axes.grid(axis="x", color="white", linewidth=0.6)
    axes.set_axisbelow(False)
    axes.set_ylim(max(len(rows), 1) - 0.5, -0.5)
    axes.set_xlim(0, 100)
    axes.set_xlabel("% участников; в скобках — число участников")
    axes.legend(ncols=len(series), loc="lower left", bbox_to_anchor=(0, 1), frameon=False, fontsize=8, handlelength=1)
    return _png(figure)


def _canvas(title: str, *, height: float, left: float, above: float = 0.0) -> tuple[Figure, Axes]:
    """A figure with axes of ``height`` inches, ``left`` inches from the edge, ``above`` inches kept free."""
    from matplotlib.figure import Figure

    whole = height + above + 0.85
    figure = Figure(figsize=(_WIDTH, whole), dpi=_DPI)
    axes = figure.add_axes((left / _WIDTH, 0.5 / whole, 1 - (left + 0.15) / _WIDTH, height / whole))
    figure.text(0.01, 1 - 0.08 / whole, title, fontsize=10, color=_INK, va="top")
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelsize=8, color=_FAINT)
    axes.xaxis.label.set_fontsize(9)
    axes.yaxis.label.set_fontsize(9)
    axes.set_axisbelow(True)
    return figure, axes


def _png(figure: Figure) -> bytes:
    """PNG with a palette: a quarter of the size of true colour."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from PIL import Image

    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    image = Image.fromarray(np.asarray(canvas.buffer_rgba())[:, :, :3])
    out = io.BytesIO()
    image.quantize(64, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(out, format="png")
    return out.getvalue()


def _number(value: int) -> str:
    return f"{value:,}".replace(",", "\N{NO-BREAK SPACE}")
