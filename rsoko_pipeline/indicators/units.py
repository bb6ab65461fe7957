"""Units of the statistics: region, municipalities, schools, classes, as integer codes with their current names.

Belongs here: which school lies in which municipality today, how a unit is named. Does not belong here: what is counted
(``statistics``, ``coverage``), where registers come from (``sources``).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

#: Levels from the widest unit to the narrowest.
LEVELS = ("region", "municipality", "school", "class")
#: Columns that say which unit a row is about.
UNIT_COLUMNS = ["event_id", "level", "unit_code", "unit_name", "parent_code"]
UNIT_KEY = ["event_id", "level", "unit_code"]


@dataclass(frozen=True)
class Register:
    """Names and subordination of the units.

    Attributes:
        region: the region's code.
        region_name: its name.
        schools: ``core.dim_school``, with or without history.
        municipalities: ``core.dim_municipality``, with or without history.
    """

    region: str
    region_name: str
    schools: pd.DataFrame
    municipalities: pd.DataFrame


class Units:
    """Units of some events as integer codes; every level's texts on demand.

    Schools that the register lacks keep their code as their name and belong to the region alone (municipality -1).
    """

    def __init__(self, register: Register, events: pd.Series, schools: list[pd.Series]) -> None:
        """Number the units.

        Args:
            register: current names.
            events: event ids; their position is the event's code.
            schools: columns of school codes, each of which gets a code whether registered or not.
        """
        self.register = register
        self.events = pd.Index(events)
        known = current(register.schools, "school").set_index("school")
        places = current(register.municipalities, "municipality").set_index("municipality")
        self.schools = _distinct([known.index.to_series(), *schools])
        self.municipalities = _distinct([places.index.to_series(), known["municipality"]])
        homes = known["municipality"].reindex(self.schools)
        self.municipality_of = self.municipalities.get_indexer(pd.Index(homes))
        #: Names of the registered schools and municipalities by code.
        self.school_names, self.municipality_names = known["name"], places["name"]
        self._schools, self._municipalities = (
            names.reindex(codes).fillna(codes.to_series()).array
            for names, codes in ((self.school_names, self.schools), (self.municipality_names, self.municipalities))
        )

    def school_codes(self, schools: pd.Series) -> NDArray:
        """The codes of schools."""
        return self.schools.get_indexer(pd.Index(schools))

    def parents(self) -> pd.Series:
        """The municipality's code by code of each registered school."""
        known = self.municipality_of >= 0
        return pd.Series(self.municipalities[self.municipality_of[known]], index=self.schools[known])

    def describe(self, level: str, event: NDArray, unit: NDArray, class_no: NDArray | None = None) -> pd.DataFrame:
        """The texts of units, columns ``UNIT_COLUMNS``.

        Args:
            level: one of ``LEVELS``.
            event: codes of events.
            unit: codes of schools (levels school and class) or municipalities; of no meaning for the region.
            class_no: ordinals of classes, at level class.
        """
        region = pd.array([self.register.region, self.register.region_name, level], dtype="str")
        first = np.zeros(len(event), dtype="int64")
        if level == "region":
            code, name, parent = region.take(first), region.take(first + 1), _nulls(len(event))
        elif level == "municipality":
            code, name = self.municipalities.array.take(unit), self._municipalities.take(unit)
            parent = region.take(first)
        elif level == "school":
            code, name = self.schools.array.take(unit), self._schools.take(unit)
            parent = self.municipalities.array.take(self.municipality_of[unit], allow_fill=True)
        else:
            parent = self.schools.array.take(unit)
            number = pd.array(np.asarray(class_no), dtype="int64").astype("str")
            code, name = parent + "/" + number, self._schools.take(unit) + ", класс № " + number
        columns = (self.events.array.take(event), region.take(first + 2), code, name, parent)
        return pd.DataFrame(dict(zip(UNIT_COLUMNS, columns, strict=True)))


def current(history: pd.DataFrame, key: str) -> pd.DataFrame:
    """The row of each ``key`` that is in force now: the one that began last."""
    return history.sort_values("valid_from", kind="stable").drop_duplicates(key, keep="last")


def _distinct(codes: list[pd.Series]) -> pd.Index:
    return pd.Index(pd.concat(codes).dropna().drop_duplicates().sort_values(), dtype="str")


def _nulls(n: int) -> pd.api.extensions.ExtensionArray:
    return pd.array([None], dtype="str").take(np.zeros(n, dtype="int64"))
