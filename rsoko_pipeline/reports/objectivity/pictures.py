"""The pictures of the signs, each from the rows of one school.

Belongs here: what a picture shows. Does not belong here: scales and shapes (``drawing``), which sign gets which picture
(``cards``).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rsoko_pipeline.reports.objectivity import drawing
from rsoko_pipeline.reports.objectivity.drawing import Axes, number
from rsoko_pipeline.reports.objectivity.words import say

_ROW = 34
#: About how wide a letter of a label is.
_LETTER = 6.3
#: How far a normal value lies from its mean in 95 % of cases.
_REACH = 1.96


def distribution(
    scores: NDArray, own: NDArray, expected: NDArray | None, cuts: Sequence[float] | None, *, height: float = 200
) -> str:
    """Bars of a unit's scores, the cuts, and the expected numbers as a line.

    Args:
        scores: the scores in order.
        own, expected: pupils at each.
        cuts: least scores of the marks 3, 4, 5.
        height: of the picture.
    """
    step = float(np.diff(scores).min(initial=1.0))
    most = max(float(own.max()), 0.0 if expected is None else float(expected.max()), 1.0)
    axes = Axes(x=(scores[0] - step, scores[-1] + step), y=(0, most * 1.12), height=height)
    ticks = drawing.steps(most)
    parts = axes.rows(ticks, [number(tick) for tick in ticks])
    width = 0.78 * (axes.at_x(step) - axes.at_x(0))
    parts.append(drawing.bars([axes.at(s, n) for s, n in zip(scores, own, strict=True)], axes.base, width, "#6f8fb3"))
    for mark, cut in zip((3, 4, 5), cuts or (), strict=False):
        x = axes.at_x(cut - step / 2)
        label = say("picture.mark", mark=mark, cut=f"{cut:g}".replace(".", ","))
        parts += [
            drawing.line(x, axes.top - 8, x, axes.base, colour=drawing.QUIET, dash="4 3"),
            drawing.text(x + 3, axes.top - 10, label, anchor="start", colour=drawing.INK),
        ]
    if expected is not None:
        curve = [axes.at(s, n) for s, n in zip(scores, expected, strict=True)]
        parts.append(drawing.path(curve, colour=drawing.REFERENCE))
    shown = [tick for tick in drawing.steps(float(scores[-1]), 8) if tick >= scores[0]]
    parts += axes.columns(shown, [str(tick) for tick in shown])
    return drawing.svg(height, [*parts, axes.title(say("picture.score"))], say("picture.distribution"))


@dataclass(frozen=True)
class TaskShare:
    """A task: share of its points that the school got, that of pupils with the same totals, odds of a full mark.

    ``odds`` are how many times those of equals elsewhere, with their interval; null where they cannot be told.
    """

    task: str
    share: float
    expected: float
    odds: float
    odds_low: float
    odds_high: float


def profile(rows: Sequence[TaskShare], named: Collection[str]) -> str:
    """Solved shares by task, in the order of the work: a point the school, a dash the pupils with the same totals.

    ``named`` are the tasks that stand out.
    """
    widest = max(len(row.task) for row in rows)
    slanted = len(rows) * (widest + 1) * _LETTER > drawing.WIDTH - 50
    axes = Axes(
        x=(-0.5, len(rows) - 0.5), y=(0, 100), left=40, height=215 if slanted else 200, bottom=51 if slanted else 36
    )
    parts = axes.rows([0, 25, 50, 75, 100], ["0", "25", "50", "75", "100"])
    half = min(9.0, 0.35 * (axes.at_x(1) - axes.at_x(0)))
    for place, row in enumerate(rows):
        loud = row.task in named
        colour = drawing.ACCENT if loud else drawing.SCHOOL
        x, expected = axes.at(place, 100 * row.expected)
        own = axes.at_y(100 * row.share)
        parts += [
            drawing.line(x, expected, x, own, colour=colour, width=2),
            drawing.line(x - half, expected, x + half, expected, colour=drawing.INK, width=2),
            drawing.dot(x, own, colour, 5 if loud else 4),
            _label(x, axes.base + 14, row.task, loud=loud, slanted=slanted),
        ]
    return drawing.svg(axes.height, [*parts, axes.title(say("picture.task"))], say("picture.profile"))


def _label(x: float, y: float, content: str, *, loud: bool, slanted: bool) -> str:
    """A task's label under its column."""
    colour = drawing.ACCENT if loud else drawing.QUIET
    if not slanted:
        return drawing.text(x, y, content, colour=colour, bold=loud)
    label = drawing.text(x + 4, y - 3, content, anchor="end", colour=colour, bold=loud)
    return f'<g font-size="11" transform="rotate(-50 {x:.1f} {y - 5:.1f})">{label}</g>'


def journal(rows: Sequence[tuple[str, int, Sequence[int]]]) -> str:
    """Bars of 100 %: marks lowered, confirmed, raised; a row a unit with its name and n."""
    colours = (drawing.LOWERED, drawing.CONFIRMED, drawing.RAISED)
    left, top, width = 150, 22, drawing.WIDTH - 160
    parts = []
    place = left
    for name, colour in zip(("lowered", "confirmed", "raised"), colours, strict=True):
        parts += [
            drawing.box(place, 4, 11, 11, colour),
            drawing.text(place + 16, 14, say(f"picture.{name}"), anchor="start"),
        ]
        place += 110
    for number_of, (label, n, counts) in enumerate(rows):
        y = top + number_of * _ROW
        parts.append(drawing.text(left - 8, y + 17, f"{label} ({number(n)})", anchor="end", colour=drawing.INK))
        x = float(left)
        for count, colour in zip(counts, colours, strict=True):
            part = width * count / n
            parts.append(drawing.box(x, y, part, _ROW - 10, colour))
            if part > 34:
                parts.append(drawing.text(x + part / 2, y + 17, f"{100 * count / n:.0f} %", colour=drawing.INK))
            x += part
    return drawing.svg(top + len(rows) * _ROW, parts, say("picture.journal"))


@dataclass(frozen=True)
class Whisker:
    """A share with its interval."""

    label: str
    share: float
    low: float
    high: float
    loud: bool


def shares(rows: Sequence[Whisker], label: str) -> str:
    """Shares with their intervals, a row a unit, on a common scale from 0."""
    most = min(1.0, max(row.high for row in rows) * 1.1)
    axes = Axes(x=(0, 100 * most), y=(0, 1), height=30 + _ROW * len(rows), left=150, right=22, top=6, bottom=24)
    ticks = drawing.steps(100 * most, 5)
    parts = [drawing.line(axes.at_x(tick), axes.top, axes.at_x(tick), axes.base) for tick in ticks]
    parts += axes.columns(ticks, [f"{tick} %" for tick in ticks])
    for place, row in enumerate(rows):
        y = axes.top + _ROW * (place + 0.5)
        colour = drawing.ACCENT if row.loud else drawing.SCHOOL
        parts += [
            drawing.line(axes.at_x(100 * row.low), y, axes.at_x(100 * row.high), y, colour=colour, width=3),
            drawing.dot(axes.at_x(100 * row.share), y, colour, 6),
            drawing.text(axes.left - 8, y + 4, row.label, anchor="end", colour=drawing.INK),
        ]
    return drawing.svg(axes.height, parts, label)


@dataclass(frozen=True)
class Cohort:
    """Where honest schools lie: ``now = constant + slope · before``, and the spread of the residuals.

    Attributes:
        slope, constant: of the expectation.
        spread: standard deviation of the residuals; NaN where schools are too few to draw the band.
        before: least and greatest earlier result.
    """

    slope: float
    constant: float
    spread: float
    before: tuple[float, float]


def cohort(school: tuple[float, float, float], region: Cohort) -> str:
    """The school's result against that of the same pupils before, with the expectation and the band of 95 % of schools.

    Args:
        school: earlier result, expected and observed one.
        region: where the schools lie.
    """
    before, expected, now = school
    low, high = min(region.before[0], before), max(region.before[1], before)
    low, high = low - 0.1 * (high - low + 1), high + 0.1 * (high - low + 1)
    middle = [region.constant + region.slope * x for x in (low, high)]
    reach = 0.0 if np.isnan(region.spread) else _REACH * region.spread
    bottom, top = min(*middle, now) - reach, max(*middle, now) + reach
    axes = Axes(x=(low, high), y=(bottom - 0.1, top + 0.1), height=240, left=40)
    parts = []
    if reach:
        corners = [(low, middle[0] - reach), (high, middle[1] - reach), (high, middle[1] + reach)]
        parts.append(
            drawing.path(
                [axes.at(*corner) for corner in (*corners, (low, middle[0] + reach))],
                colour="none",
                fill=drawing.BAND,
            )
        )
    halves = [tick / 2 for tick in range(int(np.ceil(2 * axes.y[0])), int(np.floor(2 * axes.y[1])) + 1)]
    parts += axes.rows(halves, [number(tick, 1) for tick in halves])
    across = [tick / 2 for tick in range(int(np.ceil(2 * low)), int(np.floor(2 * high)) + 1)]
    parts += axes.columns(across, [number(tick, 1) for tick in across])
    x, y = axes.at(before, now)
    parts += [
        drawing.path([axes.at(low, middle[0]), axes.at(high, middle[1])], colour=drawing.QUIET, width=1.5),
        drawing.line(x, axes.at_y(expected), x, y, colour=drawing.ACCENT, width=2, dash="4 3"),
        drawing.dot(x, y, drawing.ACCENT, 6),
        drawing.text(x, y - 10, say("picture.school"), colour=drawing.ACCENT, bold=True),
        axes.title(say("picture.before")),
        drawing.text(axes.left, 13, say("picture.now"), anchor="start"),
    ]
    return drawing.svg(axes.height, parts, say("picture.cohort"))
