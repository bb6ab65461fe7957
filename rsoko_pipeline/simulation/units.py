"""The units that the other procedures are about: schools, municipalities, the region, with their head counts.

Belongs here: what is true of a unit whatever the procedure: its level, how many pupils, teachers, graduates it has, who
of the graduates got what. Does not belong here: what a procedure says of it (``procedures``), the pupils (``model``).

The counts are those of the same year's registers of pupils and of conditions, so procedures agree with them and with
one another; a municipality and the region are the sums of their schools.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import expit, logit

from rsoko_pipeline.simulation.streams import stream

#: Name of a count and the grade that it is of; None for the whole unit.
Count = tuple[str, int | None]
#: Counts from the register of conditions, by their names in the procedures' measures.
_OF_CONTEXT = {
    "teachers": "teachers",
    "posts": "posts",
    "vacancies": "vacancies",
    "young_teachers": "teachers_young",
    "special_needs": "special_needs",
    "non_native": "native_language",
    "low_income": "low_income",
    "higher_educated_parents": "higher_educated_parents",
}
#: Of a grade's graduates in a school of middling level: share with a certificate, of these with honours.
_CERTIFIED = {9: (0.985, 0.05), 11: (0.99, 0.12)}
#: Of those with honours in grade 11, share with a medal of the first, of the others with one of the second degree.
_MEDALS = (0.55, 0.5)
#: How much the odds of a good outcome grow with a unit of level.
_SLOPE = 0.6


@dataclass(frozen=True)
class Unit:
    """A unit with its texts.

    Attributes:
        code, name, parent: as files write them.
        level: the general level, schools of mean 0 and variance 1; of a municipality and the region the mean.
        counts: heads and things by name and grade; the same names for all units.
    """

    code: str
    name: str
    parent: str | None
    level: float
    counts: Mapping[Count, float]


def units(
    register: pd.DataFrame,
    level: np.ndarray,
    region: tuple[str, str],
    contingent: pd.DataFrame,
    context: pd.DataFrame,
    seed: int,
) -> dict[str, list[Unit]]:
    """Schools, municipalities and the region of a school year as units.

    Args:
        register: rows of the register in the order of ``level``.
        level: the schools' general level.
        region: code and name.
        contingent: as from ``region.make_contingent``.
        context: as from ``conditions.make_context``.
        seed: of who graduates with what.
    """
    year = str(contingent["school_year"].iloc[0])
    counts = _counts(register["school"], level, contingent, context, stream(seed, "graduates", year))
    names = list(counts)
    table = np.column_stack([counts[name] for name in names])
    texts = register[["school", "school_name", "municipality"]].astype(object).to_numpy()
    schools = [
        Unit(code, name, parent, float(at), dict(zip(names, row, strict=True)))
        for (code, name, parent), at, row in zip(texts, level, table.tolist(), strict=True)
    ]
    homes = register[["municipality", "municipality_name"]].astype(object).to_numpy().tolist()
    places = [
        _above(code, name, region[0], [school for school, home in zip(schools, homes, strict=True) if home[0] == code])
        for code, name in dict(homes).items()
    ]
    return {"school": schools, "municipality": places, "region": [_above(*region, None, schools)]}


def _above(code: str, name: str, parent: str | None, inside: Sequence[Unit]) -> Unit:
    """The unit that these schools make up."""
    counts = {count: sum(unit.counts[count] for unit in inside) for count in inside[0].counts}
    return Unit(code, name, parent, float(np.mean([unit.level for unit in inside])), counts)


def _counts(
    schools: pd.Series, level: np.ndarray, contingent: pd.DataFrame, context: pd.DataFrame, rng: np.random.Generator
) -> dict[Count, np.ndarray]:
    by_grade = contingent.pivot_table(index="school", columns="grade", values="enrolled", aggfunc="sum")
    by_grade = by_grade.reindex(schools).fillna(0).astype("int64")
    of_context = context.set_index("school").reindex(schools).fillna(0)
    counts: dict[Count, np.ndarray] = {
        ("pupils", grade): by_grade[grade].to_numpy() for grade in map(int, by_grade.columns)
    }
    counts["pupils", None] = by_grade.sum(axis=1).to_numpy()
    counts["schools", None] = np.ones(len(schools))
    counts |= {(name, None): of_context[column].to_numpy() for name, column in _OF_CONTEXT.items()}
    for grade, (certified, honours) in _CERTIFIED.items():
        graduates = counts.get(("pupils", grade), np.zeros(len(schools), dtype="int64"))
        counts["certificate", grade] = rng.binomial(graduates, expit(logit(certified) + _SLOPE * level))
        counts["honours", grade] = rng.binomial(counts["certificate", grade], expit(logit(honours) + _SLOPE * level))
    left = counts["honours", 11]
    for name, share in zip(("medal_1", "medal_2"), _MEDALS, strict=True):
        counts[name, 11] = rng.binomial(left, share)
        left = left - counts[name, 11]
    return counts
