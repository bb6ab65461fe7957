"""The other procedures of a simulated region: rows like those of the procedure's sample, of the region's own units.

Belongs here: which units have which rows: answers, lists of schools, records, controls. Does not belong here: pupils'
protocols (``pupils``), figures of measures (``figures``), the units (``units``), the sample's cells (``templates``).

A unit's standing in a procedure is its level and a part of its own that is the same in all years; rows and figures of a
year are drawn around it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, ndtr

from rsoko_pipeline.calendar import Event
from rsoko_pipeline.configuration import Configuration
from rsoko_pipeline.configuration.names import comparable
from rsoko_pipeline.families import Family
from rsoko_pipeline.simulation.figures import PEOPLE, Crowd, Figures, figure, spread_over, written
from rsoko_pipeline.simulation.streams import stream
from rsoko_pipeline.simulation.sums import summed_up
from rsoko_pipeline.simulation.templates import Row, Template
from rsoko_pipeline.simulation.units import Unit
from rsoko_pipeline.simulation.xlsx import Cell

#: How much of a unit's standing is its level; the rest is its own.
_LEVEL_WEIGHT = 0.8
#: How much of a row's place in the sample is the unit's standing; the rest is chance.
_ROW_WEIGHT = 0.7
#: Fields that tell rows of one kind of thing apart without being the thing: of these rows a unit has one.
_CHOSEN = frozenset({"session", "date", "due", "answer"})
#: Share of people asked who answer; share of schools that fill in a form about themselves.
_ANSWER, _FILL_IN = 0.45, 0.6
#: The counterpart of the one answer that a sample has to a question.
_YES_NO = ("да", "нет")
#: Days by which a unit's records are later than the sample's, numbers of its documents and rooms are others.
_LATER, _NUMBERS = 10, 40
_NUMBER = re.compile(r"(?<=№ )\d+")
_DAY = re.compile(r"\d{2}\.\d{2}\.\d{4}")
#: Share of schools on a list: by results, by conditions, resilient ones, looked for where conditions are worst.
_LISTED, _HARD, _RESILIENT, _WORST = 0.12, 0.15, 0.08, 0.33
#: Procedures whose records are of help to units in bad standing.
_HELP = frozenset({"methodical_support"})
#: Procedures that only schools on one of these lists take part in.
_FOR_LISTED = {"risk_profile": ("шнор", "в сложных условиях")}


@dataclass(frozen=True)
class _Task:
    """One event's file that is made of a sample."""

    template: Template
    event: Event
    of_level: Mapping[str, Sequence[Unit]]
    cfg: Configuration
    seed: int

    def stream(self, *names: object) -> np.random.Generator:
        """Chance of the year."""
        return stream(self.seed, "procedure", self.event.event_id, *names)

    def crowd(self, level: str) -> Crowd:
        """The units of a level that take part, with their standing."""
        units = self.of_level.get(level, ())
        own = stream(self.seed, "standing", self.event.procedure, level).normal(size=len(units))
        standing = _LEVEL_WEIGHT * np.array([unit.level for unit in units]) + (1 - _LEVEL_WEIGHT) * own
        if level == "school" and (lists := _FOR_LISTED.get(self.event.procedure)):
            takes = np.sort(np.unique(np.concatenate([_members(units, name, self.seed) for name in lists])))
            return Crowd(level, [units[at] for at in takes.tolist()], standing[takes])
        return Crowd(level, units, standing)


def rows_of(
    template: Template,
    event: Event,
    of_level: Mapping[str, Sequence[Unit]],
    cfg: Configuration,
    seed: int,
    family: Family | None = None,
) -> list[Row]:
    """The rows of one event's file, in the order of the sample's statements.

    Rows of the sample that say the same kind of thing (by the family's ``key``: fields that tell one statement about a
    unit from another) are one pool; from every pool a unit of their level gets its row, or rows. What is counted of
    a municipality or the region is the sum of what is said of the units inside it (``sums``).
    """
    name = family.name if family else ""
    key = [field for field in (family.key if family else ()) if field not in _CHOSEN or name == "records"]
    task = _Task(template, event, of_level, cfg, seed)
    make = _OF_FAMILY.get(name, _chosen_rows)
    dated = [row for row in (template.of_event(row, event, cfg) for row in template.rows) if row is not None]
    said: list[tuple[str, Row]] = []
    for level, pool in _pools(template, dated, key):
        crowd = task.crowd(level)
        if crowd.units:
            alike = [row for row in dated if _level_of(template, row) == level]
            said += ((level, row) for row in make(task, crowd, pool, alike))
    return summed_up(template, said, of_level) if make is _measured else [row for _, row in said]


def _level_of(template: Template, row: Row) -> str:
    """The level that a row is about."""
    at = template.column("level")
    if at is None:
        return str(template.layout.constants.get("level", "school"))
    levels = next((column.values for column in template.layout.columns if column.field == "level"), {})
    return str(levels.get(str(row[at]), row[at]))


def _pools(template: Template, rows: Sequence[Row], key: Sequence[str]) -> Iterator[tuple[str, list[Row]]]:
    """The rows by level and kind of thing."""
    layout = template.layout
    headers = [
        *((layout.event.subject_header,) if layout.event else ()),
        *(layout.about.headers if layout.about else ()),
    ]
    places = [template.column(field) for field in key] + [template.place([name]) for name in headers if name]
    pools: dict[tuple[object, ...], list[Row]] = {}
    for row in rows:
        said = (row[place] for place in places if place is not None)
        pools.setdefault((_level_of(template, row), *said), []).append(row)
    for (level, *_), pool in pools.items():
        yield str(level), pool


def _of_unit(template: Template, row: Row, unit: Unit) -> Row:
    return template.with_fields(row, {"unit_code": unit.code, "unit_name": unit.name, "parent_code": unit.parent})


def _statement(task: _Task, row: Row) -> tuple[Cell, ...]:
    """What a row says apart from figures and the unit: the name of its streams."""
    template = task.template
    unit = {template.column(field) for field in ("unit_code", "unit_name", "parent_code")}
    return tuple(cell for at, cell in enumerate(row) if at not in unit and np.isnan(figure(cell)))


# ------------------------------------------------------------------------------------------------------------- measures
def _measured(task: _Task, crowd: Crowd, pool: Sequence[Row], alike: Sequence[Row]) -> Iterator[Row]:
    """A row a unit with figures of its own; none where nobody could be counted."""
    template = task.template
    at = template.column("grade")
    grade = figure(pool[0][at] if at is not None else str(template.layout.constants.get("grade")))
    names = (task.event.procedure, _kind(template, pool[0]), task.event.school_year)
    of_grade = None if np.isnan(grade) else int(grade)
    figures = Figures(template, alike, pool, crowd, of_grade, task.seed, names).drawn()
    for at_unit, unit in enumerate(crowd.units):
        own = {place: values[at_unit] for place, values in figures.items()}
        if any(np.isnan(value) for value in own.values()):
            continue
        row = _of_unit(template, pool[at_unit % len(pool)], unit)
        for place, value in own.items():
            if row[place] not in (None, ""):
                row[place] = written(value, row[place])
        yield row


def _kind(template: Template, row: Row) -> tuple[str, ...]:
    """What a row is about: its domain, category, subject; never the year, so that years are alike."""
    places = (template.column(field) for field in ("subject", "domain", "category"))
    return tuple(str(row[place]) for place in places if place is not None)


# -------------------------------------------------------------------------------------------------------------- answers
def _answered(task: _Task, crowd: Crowd, pool: Sequence[Row], alike: Sequence[Row]) -> Iterator[Row]:
    """How a unit's people answered a question, a row an answer that somebody gave."""
    template = task.template
    n, answer = template.column("n"), template.column("answer")
    assert answer is not None
    rng = task.stream(crowd.level, *(str(cell) for cell in _statement(task, pool[0])))
    said = pool if n is not None else alike
    answers = list(dict.fromkeys(str(row[answer]) for row in said))
    if len(answers) == 1 and answers[0] in _YES_NO:
        answers = list(_YES_NO)
    given = {text: next((row for row in pool if row[answer] == text), None) for text in answers}
    if n is None:
        asked = (rng.random(len(crowd.units)) < _FILL_IN).astype("float64")
        weights = np.array([1.0 + sum(str(row[answer]) == text for row in pool) for text in answers])
    else:
        asked = _asked(task, crowd, pool, rng)
        weights = np.array([0.5 + sum(figure(row[n]) for row in pool if row[answer] == text) for text in answers])
    # «Да» stands first in scales of approval, the gravest first in others.
    standing = -crowd.standing if _YES_NO[0] in answers else crowd.standing
    counts = spread_over(asked, weights / weights.sum(), standing, rng)
    for unit, own in zip(crowd.units, counts.tolist(), strict=True):
        for text, count in zip(answers, own, strict=True):
            if not count:
                continue
            row = given[text] or template.with_fields(pool[0], {"answer": text, "remark": None})
            row = _of_unit(template, row, unit)
            if n is not None:
                row[n] = written(count, row[n])
            yield row


def _asked(task: _Task, crowd: Crowd, pool: Sequence[Row], rng: np.random.Generator) -> NDArray:
    """How many of every unit answered: of the people that the row names; where it names none, as in the sample."""
    template = task.template
    n = template.column("n")
    who = next((PEOPLE[text] for cell in pool[0] if (text := str(cell).lower()) in PEOPLE), None)
    category = template.column("category")
    grades = re.fullmatch(r"(\d+)\D+(\d+) классы", str(pool[0][category])) if category is not None else None
    if who is None:
        most = max(1, round(sum(figure(row[n]) for row in pool if n is not None)))
        return rng.binomial(most, _FILL_IN, len(crowd.units)).astype("float64")
    span = range(int(grades[1]), int(grades[2]) + 1) if grades else ()
    heads = [crowd.count(who, grade) for grade in span] if who == "pupils" and grades else [crowd.count(who)]
    total = np.sum([count for count in heads if count is not None], axis=0)
    return rng.binomial(total.astype("int64"), _ANSWER).astype("float64")


# ----------------------------------------------------------------------------------------------------- lists of schools
def _members(schools: Sequence[Unit], kind: str, seed: int) -> NDArray:
    """Positions of the schools on a list, by what its name says; a list of another name has schools drawn by lot."""
    level = np.array([unit.level for unit in schools])
    hardship = np.array([_hardship(unit) for unit in schools])
    worst = np.argsort(-hardship, kind="stable")
    listed = max(1, round(_LISTED * len(schools)))
    if kind == "шнор":
        return np.argsort(level, kind="stable")[:listed]
    if kind == "с высокими результатами":
        return np.argsort(-level, kind="stable")[: min(listed, len(schools) - listed)]
    if kind == "в сложных условиях":
        return worst[: max(1, round(_HARD * len(schools)))]
    if kind == "резильентные":
        among = worst[: max(1, round(_WORST * len(schools)))]
        best = among[np.argsort(-level[among], kind="stable")]
        low = set(np.argsort(level, kind="stable")[:listed].tolist())
        resilient = best[: max(1, round(_RESILIENT * len(schools)))]
        return np.array([at for at in resilient.tolist() if at not in low], dtype="int64")
    return stream(seed, "list", kind).permutation(len(schools))[:listed]


def _hardship(unit: Unit) -> float:
    """How hard the conditions are: families with low income, special needs, another language, few parents' degrees."""
    heads = max(unit.counts["pupils", None], 1)
    hard = sum(unit.counts[name, None] for name in ("low_income", "special_needs", "non_native"))
    return (hard - unit.counts["higher_educated_parents", None]) / heads


def _listed(task: _Task, crowd: Crowd, pool: Sequence[Row], alike: Sequence[Row]) -> Iterator[Row]:
    """The schools on a list; of the sample's rows those in force."""
    template = task.template
    kind, until = template.column("list_kind"), template.column("valid_to")
    in_force = [row for row in pool if until is None or row[until] in (None, "")]
    if not in_force or kind is None:
        return
    for at, school in enumerate(np.sort(_members(crowd.units, comparable(str(pool[0][kind])), task.seed)).tolist()):
        yield _of_unit(template, in_force[at % len(in_force)], crowd.units[school])


# ------------------------------------------------------------------------------------------------- records and controls
def _recorded(task: _Task, crowd: Crowd, pool: Sequence[Row], alike: Sequence[Row]) -> Iterator[Row]:
    """Records of what was done: a unit in good standing has more of them; each has days and numbers of its own."""
    rng = task.stream(crowd.level, *(str(cell) for cell in _statement(task, pool[0])))
    sign = -1 if task.event.procedure in _HELP else 1
    has = rng.random(len(crowd.units)) < (1.0 if crowd.level == "region" else expit(0.4 + sign * crowd.standing))
    own = stream(task.seed, "documents", task.event.event_id, crowd.level).integers(1, _NUMBERS, len(crowd.units))
    for at in np.flatnonzero(has).tolist():
        row = pool[int(rng.integers(len(pool)))]
        yield _of_unit(
            task.template, row if crowd.level == "region" else _renumbered(row, int(own[at])), crowd.units[at]
        )


def _renumbered(row: Row, by: int) -> Row:
    """The row with later days and other numbers of documents."""

    def later(day: date) -> date:
        return day + timedelta(days=by % _LATER)

    def text(cell: Cell) -> Cell:
        if not isinstance(cell, str):
            return cell
        days = _DAY.sub(lambda found: f"{later(datetime.strptime(found[0], '%d.%m.%Y')):%d.%m.%Y}", cell)
        return _NUMBER.sub(lambda found: str(int(found[0]) + by), days)

    return [text(cell) for cell in row]


def _chosen_rows(task: _Task, crowd: Crowd, pool: Sequence[Row], alike: Sequence[Row]) -> Iterator[Row]:
    """A row of the sample a unit, the better the higher the unit stands; rooms and sites have numbers of their own."""
    template = task.template
    rng = task.stream(crowd.level, *(str(cell) for cell in _statement(task, pool[0])))
    ordered = sorted(pool, key=lambda row: _badness(template, row), reverse=True)
    place = _ROW_WEIGHT * ndtr(crowd.standing) + (1 - _ROW_WEIGHT) * rng.random(len(crowd.units))
    rooms = rng.integers(1, _NUMBERS, len(crowd.units)).tolist()
    session = template.column("session")
    for unit, at, room in zip(crowd.units, place.tolist(), rooms, strict=True):
        row = _of_unit(template, ordered[min(int(at * len(ordered)), len(ordered) - 1)], unit)
        if session is not None and row[session]:
            row[session] = re.sub(r"\d+", str(room), str(row[session]))
        yield row


def _badness(template: Template, row: Row) -> float:
    """How much went wrong: violations, a remark."""
    violations, remark = template.column("violations"), template.column("remark")
    said = 0.0 if violations is None else np.nan_to_num(figure(row[violations]))
    return float(said) + (remark is not None and row[remark] not in (None, ""))


#: How the rows of a family come about where they are not simply chosen from the sample.
_OF_FAMILY: dict[str, Callable[[_Task, Crowd, Sequence[Row], Sequence[Row]], Iterator[Row]]] = {
    "measures": _measured,
    "answers": _answered,
    "lists": _listed,
    "records": _recorded,
}
