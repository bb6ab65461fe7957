"""Figures of municipalities and the region that follow from those of the units inside them.

Belongs here: putting sums and weighted means in the place of figures that were drawn for a unit by itself. Does not
belong here: drawing figures (``figures``), which rows there are (``procedures``).

A file that says the same thing of schools and of the region must not say two things: what is counted is summed up,
what is an average of people is averaged by their numbers. A statement that the file makes of one level alone stays.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

import numpy as np

from rsoko_pipeline.configuration.layouts import MeasureColumn
from rsoko_pipeline.simulation.figures import decimals, figure, written
from rsoko_pipeline.simulation.templates import Row, Template
from rsoko_pipeline.simulation.units import Unit

#: Levels from the inside out.
LEVELS = ("school", "municipality", "region")


def summed_up(template: Template, said: Sequence[tuple[str, Row]], of_level: Mapping[str, Sequence[Unit]]) -> list[Row]:
    """The rows, those of a level of whose units the same is said further inside made of these.

    Args:
        template: the sample.
        said: rows of a file of measures with the level that each is about.
        of_level: the units.
    """
    rows = [row for _, row in said]
    unit = template.column("unit_code")
    if unit is None:
        return rows
    parents = {one.code: one.parent for units in of_level.values() for one in units}
    statements: dict[tuple[str, ...], dict[str, list[int]]] = {}
    aside = _figures(template) | {template.column(name) for name in ("level", "unit_code", "unit_name", "parent_code")}
    for at, (level, row) in enumerate(said):
        words = tuple(str(cell) for place, cell in enumerate(row) if place not in aside)
        statements.setdefault(words, {}).setdefault(level, []).append(at)
    for by_level in statements.values():
        present = [level for level in LEVELS if level in by_level]
        for inner, outer in pairwise(present):
            for at in by_level[outer]:
                code = str(rows[at][unit])
                mine = [rows[one] for one in by_level[inner] if code in _above(str(rows[one][unit]), parents)]
                if mine:
                    rows[at] = _made_of(template, rows[at], mine)
    return rows


def _above(code: str, parents: Mapping[str, str | None]) -> Iterator[str]:
    """The units that a unit lies in."""
    above = parents.get(code)
    while above is not None:
        yield above
        above = parents.get(above)


def _figures(template: Template) -> set[int | None]:
    """The columns of figures."""
    names = (
        name
        for measure in template.layout.measures
        for name in (measure.n, measure.numerator, measure.denominator, measure.value, measure.standard_error)
    )
    return {template.place(name) for name in names}


def _made_of(template: Template, row: Row, inside: Sequence[Row]) -> Row:
    """The row with figures that follow from the rows of the units inside."""
    out = list(row)
    values: dict[str, float] = {}
    for measure in template.layout.measures:
        for counted in (measure.n, measure.numerator, measure.denominator):
            if (place := template.place(counted)) is not None and row[place] not in (None, ""):
                out[place] = written(float(np.nansum(_column(inside, place))), row[place])
        place = template.place(measure.value)
        if place is None:
            continue
        values[measure.measure] = mean = _mean(template, measure, place, inside, values)
        if np.isfinite(mean):
            out[place] = written(mean, row[place])
        error = template.place(measure.standard_error)
        weights = _weights(template, measure, inside)
        if error is not None and weights is not None:
            combined = np.sqrt(np.nansum((weights * _column(inside, error)) ** 2)) / weights.sum()
            out[error] = written(float(np.round(combined, decimals([row[error]]))), row[error])
    return out


def _mean(
    template: Template, measure: MeasureColumn, place: int, inside: Sequence[Row], values: Mapping[str, float]
) -> float:
    """A value over the units inside, each weighing as much as it has people; NaN where nobody counts them."""
    exactness = max(decimals(row[place] for row in inside), 1 if measure.total_of or measure.percent else 0)
    if measure.total_of:
        total = sum(weight * values[name] for name, weight in measure.total_of.items())
        return float(np.round(total, exactness))
    weights = _weights(template, measure, inside)
    if weights is None:
        return np.nan
    return float(np.round(np.nansum(weights * _column(inside, place)) / weights.sum(), exactness))


def _weights(template: Template, measure: MeasureColumn, inside: Sequence[Row]) -> np.ndarray | None:
    """How many people each unit's value is about; None where the file does not say."""
    place = template.place(measure.n)
    weights = None if place is None else np.nan_to_num(_column(inside, place))
    return weights if weights is not None and weights.sum() > 0 else None


def _column(rows: Sequence[Row], place: int) -> np.ndarray:
    return np.array([figure(row[place]) for row in rows])
