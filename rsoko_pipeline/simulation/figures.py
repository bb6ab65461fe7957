"""Figures of the other procedures: what a sample's row would say of another unit.

Belongs here: drawing the figures of measures so that they fit the unit's head counts and level, the range of the sample
and each other. Does not belong here: which rows there are (``procedures``), the head counts (``units``).

What depends on what is read off the layout and the sample: a column that others are shares of, a total of weighted
parts, categories that add up to a whole, a figure that is the sum of the upper categories.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from rsoko_pipeline.configuration.layouts import MeasureColumn
from rsoko_pipeline.configuration.names import comparable
from rsoko_pipeline.simulation.streams import stream
from rsoko_pipeline.simulation.templates import Row, Template
from rsoko_pipeline.simulation.units import Unit
from rsoko_pipeline.simulation.xlsx import Cell

#: What the first words of a header, or a cell that says who is meant, count.
PEOPLE = {
    "обучающихся": "pupils",
    "выпускников": "pupils",
    "учителей": "teachers",
    "ставок учителей": "posts",
    "ученики": "pupils",
    "родители": "pupils",
    "учителя": "teachers",
}
#: Measures of which a good unit has less.
_WORSE = frozenset({"needed", "critical", "special_needs", "non_native", "second_shift", "vacancies"})
_WORSE |= {"below_threshold", "violations"}
#: How much the odds of a good outcome grow with a unit of standing.
_SLOPE = 0.5
#: Share of a school's teachers who teach one subject.
_OF_A_SUBJECT = 0.2
#: Spread of what is counted, in logarithms, among units alike; between years.
_SIZES_DIFFER, _YEARS_DIFFER = 0.2, 0.05
#: How what is no head count grows with a municipality: less than its pupils do.
_WITH_PLACES = 0.5
#: Spread of a value where the sample shows none, in shares of its way to the nearer limit; what of a value's spread
#: chance has, the rest being standing.
_SPREAD, _CHANCE = 0.1, 0.5


@dataclass(frozen=True)
class Crowd:
    """Units of one level side by side.

    Attributes:
        level: «school», «municipality», «region».
        units: the units.
        standing: how good each is in the procedure, about mean 0 and variance 1; the same in all years.
    """

    level: str
    units: Sequence[Unit]
    standing: NDArray

    def count(self, name: str | None, grade: int | None = None) -> NDArray | None:
        """A count of every unit; None where there is none of that name."""
        if not self.units or (name, grade) not in self.units[0].counts:
            return None
        return np.array([unit.counts[name, grade] for unit in self.units])  # type: ignore[index]


def spread_over(n: NDArray, shares: NDArray, standing: NDArray, rng: np.random.Generator) -> NDArray:
    """Counts of ordered categories, the worst first: units × categories, adding up to ``n``."""
    borders = np.clip(np.cumsum(shares)[:-1], 0.01, 0.99)
    below = expit(logit(borders)[None, :] - _SLOPE * standing[:, None])
    return rng.multinomial(n.astype("int64"), np.diff(below, prepend=0.0, append=1.0, axis=1))


def written(value: float, sample: Cell) -> Cell:
    """A figure as the sample writes its like."""
    plain: Cell = int(value) if float(value).is_integer() else float(value)
    return f"{plain}".replace(".", ",") if isinstance(sample, str) else plain


def figure(cell: Cell) -> float:
    """The figure of a cell; NaN where there is none."""
    try:
        return float(str(cell).replace(",", ".").replace("\N{NO-BREAK SPACE}", ""))
    except ValueError:
        return np.nan


def decimals(cells: Iterable[Cell]) -> int:
    """How many decimals the exactest of these cells has."""
    return max(len(str(cell).replace(",", ".").partition(".")[2]) for cell in cells)


@dataclass(frozen=True)
class Figures:
    """Figures of one kind of statement for all units of a level.

    Attributes:
        template: the sample.
        alike: its rows of the same level.
        pool: those of them that say the same kind of thing.
        crowd: the units.
        grade: the grade that the statement is about.
        seed, names: of the streams; the last of ``names`` is the school year, the one before tells the statement.
    """

    template: Template
    alike: Sequence[Row]
    pool: Sequence[Row]
    crowd: Crowd
    grade: int | None
    seed: int
    names: tuple[object, ...]

    def drawn(self) -> dict[int, NDArray]:
        """The figures of all units by column; NaN where a unit has nobody whom the statement could be about."""
        figures = self._roots()
        waiting = self._by_denominator()
        while ready := [place for place in waiting if place in figures]:
            for place in ready:
                figures |= self._parts(figures[place], place, waiting.pop(place))
        values: dict[str, NDArray] = {}
        for measure in self.template.layout.measures:
            at = self.template.place(measure.value)
            if at is None:
                continue
            counted = self.template.place(measure.n)
            n = None if counted is None else figures[counted]
            values[measure.measure] = figures[at] = self._value(measure, at, n, values)
            error = self.template.place(measure.standard_error)
            if error is not None and counted is not None:
                figures[error] = self._error(error, counted, figures[counted])
        return figures

    @cached_property
    def _sample(self) -> NDArray:
        """The pool's figures, rows × columns."""
        return np.array([[figure(cell) for cell in row] for row in self.pool])

    def _by_denominator(self) -> dict[int, dict[int, MeasureColumn]]:
        """The columns of numerators with their measures by the column of their denominator."""
        out: dict[int, dict[int, MeasureColumn]] = {}
        for measure in self.template.layout.measures:
            part, whole = self.template.place(measure.numerator), self.template.place(measure.denominator)
            if part is not None and whole is not None:
                out.setdefault(whole, {})[part] = measure
        return out

    # -------------------------------------------------------------------------------------------------- what is counted
    def _roots(self) -> dict[int, NDArray]:
        """Columns that are shares of nothing: whom or what others are counted among."""
        groups = self._by_denominator()
        numerators = {place for parts in groups.values() for place in parts}
        counted = (self.template.place(measure.n) for measure in self.template.layout.measures)
        roots: dict[int, NDArray] = {}
        known: list[int] = []
        for place in sorted({*groups, *(place for place in counted if place is not None)} - numerators):
            heads = self._heads(place)
            if heads is not None:
                known.append(place)
            elif multiple := [other for other in roots if other not in known and self._is_multiple(place, other)]:
                heads = roots[multiple[0]] * (self._sample[0, place] / self._sample[0, multiple[0]])
            else:
                heads = self._scaled(place, (known[-1], roots[known[-1]]) if known else None)
            roots[place] = np.where(heads > 0, heads, np.nan)
        return roots

    def _heads(self, place: int) -> NDArray | None:
        """The unit's own pupils or staff, where the header or a cell of the row says that they are meant."""
        header = comparable(str(self.template.preamble[-1][place]))
        name = next((name for words, name in PEOPLE.items() if header.startswith(comparable(words))), None)
        if name is None:
            name = next((PEOPLE[text] for cell in self.pool[0] if (text := str(cell).lower()) in PEOPLE), None)
        heads = self.crowd.count(name, self.grade if name == "pupils" else None)
        if heads is None or name != "teachers" or self.template.column("subject") is None:
            return heads
        return np.ceil(heads * _OF_A_SUBJECT)

    def _is_multiple(self, place: int, other: int) -> bool:
        """Whether the sample has here a whole multiple of the other column: points of all, and how many wrote."""
        here, there = self._sample[:, place], self._sample[:, other]
        ratio = here[0] // max(there[0], 1)
        return bool(ratio >= 1 and (here == ratio * there).all())

    def _scaled(self, place: int, beside: tuple[int, NDArray] | None) -> NDArray:
        """What the sample says, grown or shrunk with the unit; a number that is the same in all its rows stays.

        Args:
            place: the column.
            beside: a column of heads of the same row, with the units' own: what there is so many of a head.
        """
        said = self._sample[:, place]
        if len(said) > 1 and (said == said[0]).all():
            return np.full(len(self.crowd.units), said[0])
        header = comparable(str(self.template.preamble[-1][place]))
        pupils = self.crowd.count("pupils", self.grade)
        most = self.crowd.count("schools") if "школ" in header else pupils
        if pupils is None or most is None:
            return np.full(len(self.crowd.units), np.nan)
        if beside is not None:
            usual = said.sum() / self._sample[:, beside[0]].sum() * beside[1]
        else:
            if self._is_of_unit(place):
                said = np.array([figure(row[place]) for row in self.alike])
            middle = np.median(pupils[pupils > 0]) if (pupils > 0).any() else 1.0
            usual = np.nanmedian(said) * (pupils / middle) ** (1.0 if self.crowd.level == "school" else _WITH_PLACES)
        own = self._stream("size", header, year=False).normal(0.0, _SIZES_DIFFER, len(pupils))
        now = self._stream("size", header).normal(0.0, _YEARS_DIFFER, len(pupils))
        return np.minimum(np.maximum(np.round(usual * np.exp(own + now)), pupils > 0), most)

    def _is_of_unit(self, place: int) -> bool:
        """Whether the sample's units say the same number here in all their rows of a grade, and some have several."""
        code, grade = self.template.column("unit_code"), self.template.column("grade")
        said: dict[object, list[Cell]] = {}
        for row in self.alike:
            said.setdefault((row[code or 0], None if grade is None else row[grade]), []).append(row[place])
        return all(len(set(cells)) == 1 for cells in said.values()) and len(said) < len(self.alike)

    def _stream(self, *names: object, year: bool = True, statement: bool = False) -> np.random.Generator:
        procedure, of_statement, school_year = self.names
        said = (procedure, self.crowd.level, self.grade, *names)
        return stream(self.seed, *said, *((of_statement,) if statement else ()), *((school_year,) if year else ()))

    # --------------------------------------------------------------------------------------------- shares of the counts
    def _parts(self, whole: NDArray, place: int, measures: Mapping[int, MeasureColumn]) -> dict[int, NDArray]:
        """The numerators of one denominator."""
        n = np.nan_to_num(whole)
        out: dict[int, NDArray] = {}
        for part, measure in measures.items():
            known = self.crowd.count(measure.measure, self.grade)
            if known is None:
                known = self.crowd.count(measure.measure)
            if known is not None:
                out[part] = np.minimum(known, n)
        categories = [part for part in measures if part not in out and "category" in measures[part].fields]
        if len(categories) > 1 and (self._sample[:, categories].sum(axis=1) == self._sample[:, place]).all():
            out |= self._categories(n, place, categories)
            tails = {part: self._tail(part, categories) for part in measures if part not in out}
            out |= {part: np.sum([out[one] for one in tail], axis=0) for part, tail in tails.items() if tail}
        out |= self._others(n, place, {part: one for part, one in measures.items() if part not in out})
        return {part: np.where(np.isnan(whole), np.nan, counts) for part, counts in out.items()}

    def _others(self, n: NDArray, place: int, measures: Mapping[int, MeasureColumn]) -> dict[int, NDArray]:
        """Numerators beside one another where the sample's fit into the whole together, else each within the last."""
        is_beside = (self._sample[:, list(measures)].sum(axis=1) <= self._sample[:, place]).all()
        out: dict[int, NDArray] = {}
        among, above, taken = n, place, 0.0
        for part, measure in measures.items():
            share = self._share(part, above)
            left = share / max(1 - taken, share)
            sign = -1.0 if measure.measure in _WORSE else 1.0
            rng = self._stream("part", part, statement=not self._is_of_unit(part))
            chance = expit(logit(left) + _SLOPE * sign * self.crowd.standing)
            out[part] = rng.binomial(among.astype("int64"), chance)
            if is_beside:
                among, taken = among - out[part], taken + share
            else:
                among, above = out[part], part
        return out

    def _categories(self, n: NDArray, place: int, categories: Sequence[int]) -> dict[int, NDArray]:
        """Ordered categories that make up the whole."""
        shares = np.array([self._share(part, place) for part in categories])
        rng = self._stream("categories", categories[0], statement=True)
        counts = spread_over(n, shares / shares.sum(), self.crowd.standing, rng)
        return dict(zip(categories, counts.T, strict=True))

    def _tail(self, part: int, categories: Sequence[int]) -> Sequence[int]:
        """The upper categories whose sum the figure is in the sample; empty where it is none."""
        tails = (categories[at:] for at in range(1, len(categories) - 1))
        return next((t for t in tails if (self._sample[:, t].sum(axis=1) == self._sample[:, part]).all()), [])

    def _share(self, part: int, whole: int) -> float:
        """The sample's share, kept off 0 and 1 but where one of one, the unit itself, is meant."""
        parts, wholes = self._sample[:, part], self._sample[:, whole]
        is_said = ~np.isnan(parts) & ~np.isnan(wholes)
        if (parts == 1).all() and (wholes == 1).all():
            return 1.0
        return float((parts[is_said].sum() + 0.5) / (max(wholes[is_said].sum(), parts[is_said].sum()) + 1))

    # ----------------------------------------------------------------------------------------------------------- values
    def _value(self, measure: MeasureColumn, place: int, n: NDArray | None, values: Mapping[str, NDArray]) -> NDArray:
        said = self._sample[:, place]
        exactness = decimals(row[place] for row in self.pool)
        if measure.total_of:
            total = np.sum([weight * values[name] for name, weight in measure.total_of.items()], axis=0)
            return np.round(total, max(exactness, 1))
        rng = self._stream("value", place, statement=True)
        standing = self.crowd.standing * (-1 if measure.measure in _WORSE else 1)
        mean, is_open = float(np.nanmean(said)), measure.minimum is None or measure.maximum is None
        if is_open:
            return rng.poisson(mean * np.exp(_SLOPE / 2 * standing)).astype("float64")
        low, high = float(measure.minimum or 0), float(measure.maximum or 0) * (100 if measure.percent else 1)
        is_yes_no = not measure.percent and high - low == 1 and set(said) <= {low, high}
        if is_yes_no or (measure.percent and n is not None):
            share = np.clip((mean - low) / (high - low), 0.01, 0.97)
            asked = np.ones(len(standing)) if is_yes_no or n is None else n
            chance = expit(logit(share) + _SLOPE * standing)
            yes = rng.binomial(np.nan_to_num(asked).astype("int64"), chance)
            return np.round(low + (high - low) * yes / np.where(asked > 0, asked, np.nan), max(exactness, 1))
        error = self.template.place(measure.standard_error)
        errors = 0.0 if error is None else float(np.nanmean(self._sample[:, error]))
        spread = max(float(np.nanstd(said)), errors) or _SPREAD * min(mean - low, high - mean)
        moved = mean + spread * ((1 - _CHANCE) * standing + _CHANCE * rng.normal(size=len(standing)))
        return np.round(np.clip(moved, low, high), exactness)

    def _error(self, place: int, n: int, now: NDArray) -> NDArray:
        """The standard error, which falls with the number of participants."""
        said = np.nanmean(self._sample[:, place] * np.sqrt(self._sample[:, n]))
        return np.round(said / np.sqrt(np.where(now > 0, now, np.nan)), 1)
