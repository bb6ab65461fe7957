"""Small inline SVG pictures for pages: scales, grids, labels.

Belongs here: what every picture shares. Does not belong here: which picture shows what (``pictures``).
Pictures have no fixed width: they fill the page's column, on paper and on a telephone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape

WIDTH = 560
INK, QUIET, LINE = "#1d2733", "#5b6775", "#d5dbe3"
SCHOOL, ACCENT, REFERENCE = "#6f8fb3", "#b4511e", "#b4511e"
BAND = "#e6eaef"
#: Marks lowered, confirmed, raised against the journal.
LOWERED, CONFIRMED, RAISED = "#c98b8b", "#c9ced6", "#6f8fb3"


_RUSSIAN = str.maketrans({",": "\N{NO-BREAK SPACE}", ".": ",", "-": "\N{MINUS SIGN}"})


def number(value: float, digits: int = 0) -> str:
    """A number as Russian text has it: a comma, a minus, spaces between thousands."""
    return f"{value:,.{digits}f}".translate(_RUSSIAN)


def text(x: float, y: float, content: str, *, anchor: str = "middle", colour: str = QUIET, bold: bool = False) -> str:
    """A line of text; ``anchor`` is start, middle or end."""
    weight = ' font-weight="600"' if bold else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}"{weight}>{escape(content)}</text>'


def line(x1: float, y1: float, x2: float, y2: float, *, colour: str = LINE, width: float = 1, dash: str = "") -> str:
    """A straight line; ``dash`` as in stroke-dasharray."""
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    return (
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" stroke-width="{width}"'
        f"{dashes}/>"
    )


def path(points: Sequence[tuple[float, float]], *, colour: str, width: float = 2, fill: str = "none") -> str:
    """A line through points, or a filled shape."""
    return (
        f'<path d="M{"L".join(f"{x:.1f},{y:.1f}" for x, y in points)}" fill="{fill}" stroke="{colour}" '
        f'stroke-width="{width}" stroke-linejoin="round"/>'
    )


def bars(places: Sequence[tuple[float, float]], base: float, width: float, colour: str) -> str:
    """Upright bars from ``base`` to the height of each place, as one shape."""
    shape = "".join(f"M{x - width / 2:.1f},{base:.1f}V{y:.1f}h{width:.1f}V{base:.1f}Z" for x, y in places)
    return f'<path d="{shape}" fill="{colour}"/>'


def box(x: float, y: float, width: float, height: float, colour: str) -> str:
    """A filled rectangle."""
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{colour}"/>'


def dot(x: float, y: float, colour: str, radius: float = 4) -> str:
    """A filled point."""
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius}" fill="{colour}"/>'


def svg(height: float, parts: Sequence[str], label: str) -> str:
    """The picture; ``label`` says in words what it shows."""
    return (
        f'<svg viewBox="0 0 {WIDTH} {height:g}" role="img" aria-label="{escape(label)}" font-size="12.5">'
        f"{''.join(parts)}</svg>"
    )


@dataclass(frozen=True)
class Axes:
    """A plane with two linear scales.

    Attributes:
        x, y: the ranges of the two scales.
        height: of the whole picture.
        left, top, bottom: margins.
    """

    x: tuple[float, float]
    y: tuple[float, float]
    height: float = 200
    left: float = 34
    right: float = field(default=10)
    top: float = 22
    bottom: float = 36

    @property
    def base(self) -> float:
        """Where the lower end of the y scale lies."""
        return self.height - self.bottom

    def at_x(self, value: float) -> float:
        """Where a value of the x scale lies."""
        return self.left + (value - self.x[0]) / (self.x[1] - self.x[0]) * (WIDTH - self.left - self.right)

    def at_y(self, value: float) -> float:
        """Where a value of the y scale lies."""
        return self.base - (value - self.y[0]) / (self.y[1] - self.y[0]) * (self.base - self.top)

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Where a point lies."""
        return self.at_x(x), self.at_y(y)

    def rows(self, values: Sequence[float], labels: Sequence[str]) -> list[str]:
        """Horizontal lines with labels on the left."""
        return [
            part
            for value, label in zip(values, labels, strict=True)
            for part in (
                line(self.left, self.at_y(value), WIDTH - self.right, self.at_y(value)),
                text(self.left - 5, self.at_y(value) + 4, label, anchor="end"),
            )
        ]

    def columns(self, values: Sequence[float], labels: Sequence[str]) -> list[str]:
        """Labels below the plane."""
        return [text(self.at_x(value), self.base + 14, label) for value, label in zip(values, labels, strict=True)]

    def title(self, content: str) -> str:
        """What the x scale is."""
        return text((self.left + WIDTH - self.right) / 2, self.height - 5, content)


def steps(most: float, wanted: int = 4) -> list[int]:
    """Round whole numbers from 0 to at most ``most``, about ``wanted`` of them above 0."""
    rough = max(most / wanted, 1)
    power = 1
    while power * 10 <= rough:
        power *= 10
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough * 0.8)
    return list(range(0, int(most) + 1, step))
