"""The other procedures of a simulated region: every unit gets rows like those of the procedure's sample.

Belongs here: which row of a sample stands for which school or municipality, in keeping with the school's level. Does
not belong here: pupils' protocols (``pupils``), the sample's cells (``templates``).

Rows are taken whole, so that what a sample's numbers keep to (shares of 100 %, a total that is a mean) holds for the
region too; the higher a school's level, the nearer to the sample's best rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import ndtr

from rsoko_pipeline.calendar import Event
from rsoko_pipeline.configuration import Configuration
from rsoko_pipeline.simulation.streams import stream
from rsoko_pipeline.simulation.templates import Row, Template

#: How much of a row's place in the sample is the school's level; the rest is chance.
_LEVEL_WEIGHT = 0.7
#: Fields whose cells are figures, beside a measure's own.
_FIGURES = frozenset({"n", "violations", "score"})


@dataclass(frozen=True)
class Unit:
    """A unit with its texts and its place among its like, 0 (lowest) to 1."""

    code: str
    name: str
    parent: str | None
    place: float


def units(register: pd.DataFrame, level: np.ndarray, region: tuple[str, str]) -> dict[str, list[Unit]]:
    """Schools, municipalities and the region as units.

    Args:
        register: rows of the register in the order of ``level``.
        level: the schools' general level, of mean 0 and variance 1.
        region: code and name.
    """
    place = ndtr(level)
    texts = register[["school", "school_name", "municipality"]].astype(object).to_numpy()
    schools = [Unit(code, name, parent, float(at)) for (code, name, parent), at in zip(texts, place, strict=True)]
    by_place = (
        register.assign(place=place).groupby(["municipality", "municipality_name"], as_index=False)["place"].mean()
    )
    places = [
        Unit(row.municipality, row.municipality_name, region[0], float(row.place)) for row in by_place.itertuples()
    ]
    return {"school": schools, "municipality": places, "region": [Unit(*region, None, 0.5)]}


def rows_of(
    template: Template,
    event: Event,
    of_level: dict[str, list[Unit]],
    cfg: Configuration,
    seed: int,
    key: Sequence[str],
) -> list[Row]:
    """The rows of one event's file.

    Rows of the sample that say the same kind of thing (``key``: fields that tell one statement about a unit from
    another) are one pool, from which every unit of their level takes one.
    """
    rng = stream(seed, "procedure", event.event_id)
    out = []
    for level, pool in _pools(template, key):
        dated = [row for row in (template.of_event(row, event, cfg) for row in pool) if row is not None]
        if not dated:
            continue
        ordered = sorted(dated, key=lambda row: _first_figure(template, row))
        for unit in of_level.get(level, []):
            where = _LEVEL_WEIGHT * unit.place + (1 - _LEVEL_WEIGHT) * rng.random()
            row = ordered[min(int(where * len(ordered)), len(ordered) - 1)]
            texts = {"unit_code": unit.code, "unit_name": unit.name, "parent_code": unit.parent}
            out.append(template.with_fields(row, texts))
    return out


def _pools(template: Template, key: Sequence[str]) -> Iterator[tuple[str, Sequence[Row]]]:
    """Rows of the sample that are about the same level and kind of thing."""
    at = template.column("level")
    constant = str(template.layout.constants.get("level", "school"))
    levels = next((column.values for column in template.layout.columns if column.field == "level"), {})
    layout = template.layout
    headers = [
        *((layout.event.subject_header,) if layout.event else ()),
        *(layout.about.headers if layout.about else ()),
    ]
    places = [template.column(field) for field in key] + [template.place([name]) for name in headers if name]
    pools: dict[tuple[object, ...], list[Row]] = {}
    for row in template.rows:
        level = constant if at is None else str(levels.get(str(row[at]), row[at]))
        pools.setdefault((level, *(row[place] for place in places if place is not None)), []).append(row)
    for kind, rows in pools.items():
        yield str(kind[0]), rows


def _figure_places(template: Template) -> list[int]:
    named = [column.headers for column in template.layout.columns if column.field in _FIGURES]
    for measure in template.layout.measures:
        named += [measure.value, measure.numerator, measure.denominator, measure.n, measure.standard_error]
    return [place for headers in named if (place := template.place(headers)) is not None]


def _first_figure(template: Template, row: Row) -> float:
    """The first figure of a row: a share where the row has numerator and denominator first, else the number."""
    numbers = [_number(row[place]) for place in _figure_places(template)[:2]]
    if len(numbers) == 2 and template.layout.measures and template.layout.measures[0].numerator and numbers[1]:
        return numbers[0] / numbers[1]
    return numbers[0] if numbers else 0.0


def _number(cell: object) -> float:
    try:
        return float(str(cell).replace(",", ".").replace("\N{NO-BREAK SPACE}", ""))
    except ValueError:
        return 0.0
