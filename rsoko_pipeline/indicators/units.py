"""Units of the statistics: region, municipalities, schools, classes, as integer codes with their names at an event.

Belongs here: which school lay in which municipality on an event's day, how a unit was named then. Does not belong here:
what is counted (``statistics``, ``coverage``), where registers come from (``sources``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rsoko_pipeline.history import in_force

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

    An event sees the names and the subordination of its own day (``history``). Schools that the register lacks keep
    their code as their name and belong to the region alone (municipality -1).
    """

    def __init__(self, register: Register, events: pd.DataFrame, schools: list[pd.Series]) -> None:
        """Number the units.

        Args:
            register: names and subordination with their history.
            events: ``event_id``, ``window_to`` of the events; their position is the event's code.
            schools: columns of school codes, each of which gets a code whether registered or not.
        """
        self.register = register
        self.events = pd.Index(events["event_id"])
        self.schools = _distinct([register.schools["school"], *schools])
        self.municipalities = _distinct([register.municipalities["municipality"], register.schools["municipality"]])
        #: Codes that the register knows, by level.
        self.registered = {
            "school": set(register.schools["school"]),
            "municipality": set(register.municipalities["municipality"]),
        }
        self._day_of, days = pd.factorize(events["window_to"])
        #: Municipality of every school, names of both, a line a day.
        self._homes = np.full((len(days), len(self.schools)), -1, dtype="int64")
        self._school_names = np.tile(np.asarray(self.schools, dtype=object), (len(days), 1))
        self._municipality_names = np.tile(np.asarray(self.municipalities, dtype=object), (len(days), 1))
        for line, day in enumerate(days):
            known = in_force(register.schools, "school", day)
            at = self.schools.get_indexer(pd.Index(known["school"]))
            self._homes[line, at] = self.municipalities.get_indexer(pd.Index(known["municipality"]))
            self._school_names[line, at] = known["name"].to_numpy(dtype=object)
            places = in_force(register.municipalities, "municipality", day)
            at = self.municipalities.get_indexer(pd.Index(places["municipality"]))
            self._municipality_names[line, at] = places["name"].to_numpy(dtype=object)

    def school_codes(self, schools: pd.Series) -> NDArray:
        """The codes of schools."""
        return self.schools.get_indexer(pd.Index(schools))

    def municipality_of(self, event: NDArray, school: NDArray) -> NDArray:
        """Codes of the municipalities of schools on the days of events, -1 where the register has none."""
        return self._homes[self._day_of[event], school]

    def names(self, level: str, event: NDArray, unit: NDArray) -> Any:
        """Names of schools or municipalities on the days of events; a unit without a name has its code."""
        known = self._school_names if level == "school" else self._municipality_names
        return pd.array(known[self._day_of[event], unit], dtype="str")

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
            code, name = self.municipalities.array.take(unit), self.names(level, event, unit)
            parent = region.take(first)
        elif level == "school":
            code, name = self.schools.array.take(unit), self.names(level, event, unit)
            parent = self.municipalities.array.take(self.municipality_of(event, unit), allow_fill=True)
        else:
            parent = self.schools.array.take(unit)
            number = pd.array(np.asarray(class_no), dtype="int64").astype("str")
            code, name = parent + "/" + number, self.names("school", event, unit) + ", класс № " + number
        columns = (self.events.array.take(event), region.take(first + 2), code, name, parent)
        return pd.DataFrame(dict(zip(UNIT_COLUMNS, columns, strict=True)))


def _distinct(codes: list[pd.Series]) -> pd.Index:
    return pd.Index(pd.concat(codes).dropna().drop_duplicates().sort_values(), dtype="str")


def _nulls(n: int) -> pd.api.extensions.ExtensionArray:
    return pd.array([None], dtype="str").take(np.zeros(n, dtype="int64"))
