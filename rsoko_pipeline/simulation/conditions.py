"""The conditions in which the simulated schools work: pupils, families, teachers, in keeping with level and place.

Belongs here: the figures of the register of context. Does not belong here: how good schools are (``model``), how the
register looks as a file (``registers``).

Shares are made up; what they keep to is the direction: the higher a school's level, the more teachers of the highest
category and parents with a degree, the fewer families with low income.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from rsoko_pipeline.simulation.model import Schools
from rsoko_pipeline.simulation.streams import stream

#: Pupils a teacher in a village and in a town, least number of teachers.
_PUPILS_A_TEACHER = (8, 16)
_LEAST_TEACHERS = 6
_LESSONS_BEYOND_A_POST = 0.1


def make_context(
    register: pd.DataFrame, schools: Schools, contingent: pd.DataFrame, school_year: str, seed: int
) -> pd.DataFrame:
    """The context of every school with pupils on 20 September of a school year.

    Args:
        register: as from ``region.make_register``.
        schools: the same schools' levels, in the same order.
        contingent: of that school year.
        school_year: «2025/2026».
        seed: of the figures.

    Returns:
        ``school, counted_on`` (dd.mm.yyyy), ``pupils, special_needs, native_language, low_income,
        higher_educated_parents, teachers, teachers_top_category, teachers_young, posts, vacancies``; counts but for
        ``posts`` and ``vacancies``, which go by halves.
    """
    rng = stream(seed, "context", school_year)
    pupils = contingent.groupby("school")["enrolled"].sum().reindex(register["school"]).fillna(0).to_numpy("int64")
    level, town = schools.level, (~schools.is_rural).astype("float64")
    teachers = np.maximum(pupils // np.where(schools.is_rural, *_PUPILS_A_TEACHER), _LEAST_TEACHERS)

    def part(of: np.ndarray, share: np.ndarray) -> np.ndarray:
        return rng.binomial(of, np.clip(share, 0.01, 0.95))

    vacancies = rng.poisson(np.maximum(0.5, 1.5 - 0.6 * level)) / 2
    frame = pd.DataFrame(
        {
            "school": register["school"],
            "counted_on": f"20.09.{school_year[:4]}",
            "pupils": pupils,
            "special_needs": part(pupils, 0.06 - 0.015 * level),
            "native_language": part(pupils, 0.03 + 0.01 * town),
            "low_income": part(pupils, 0.22 - 0.06 * level - 0.06 * town),
            "higher_educated_parents": part(pupils, 0.28 + 0.10 * level + 0.14 * town),
            "teachers": teachers,
            "teachers_top_category": part(teachers, 0.30 + 0.10 * level + 0.05 * town),
            "teachers_young": part(teachers, 0.22 + 0.04 * town),
            "posts": np.round(2 * teachers * (1 + _LESSONS_BEYOND_A_POST)) / 2 + vacancies,
            "vacancies": vacancies,
        }
    )
    return frame[frame["pupils"] > 0].sort_values("school", ignore_index=True)
