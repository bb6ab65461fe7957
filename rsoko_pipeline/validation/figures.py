"""Limits of measures: what a value may be, and totals that must follow from their parts.

Belongs here: comparing the values of ``source_measure`` with what the procedures' layouts say of them. Does not belong
here: the checks of the table as such (``tables``), the limits themselves (``config/procedures``).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rsoko_pipeline.configuration import Configuration
from rsoko_pipeline.configuration.models import MeasureColumn
from rsoko_pipeline.validation.checks import Check

CHECKS = (
    Check("measure_range", "RSK-MEASURE-RANGE", "between", ("beyond_limits",), maximum=0),
    Check("measure_total", "RSK-MEASURE-TOTAL", "between", ("off_total",), maximum=0),
)
#: Values are compared after rounding errors of floating point.
_EPSILON = 1e-9
_FILE_ROW = ["file_id", "row_number"]


@dataclass(frozen=True)
class Limits:
    """The limits of every row's measure.

    Attributes:
        defined: the measure's column of the layout a row; None where the configuration has none.
        value: the value, or the share of the counts.
        total: what the value must be by its parts; NaN where it has none or one of them is missing.
    """

    defined: pd.Series
    value: NDArray
    total: NDArray

    def compared(self) -> dict[str, NDArray]:
        """What ``CHECKS`` look at: by how much a value is beyond its limits and off its total; NaN where not asked."""
        low, high = self._numbers("minimum"), self._numbers("maximum")
        beyond = np.fmax(low - self.value, self.value - high)
        off = np.abs(self.value - self.total) - self._numbers("tolerance")
        return {
            "beyond_limits": np.where(beyond > _EPSILON, beyond, np.minimum(beyond, 0)),
            "off_total": off - _EPSILON,
        }

    def words(self, rows: pd.DataFrame, code: str) -> dict[str, list[str]]:
        """The words of the findings of ``rows``: the measure, its value and what was expected, as the file writes."""
        said = [self._said(place, code) for place in rows.index]
        measure, value, expected = zip(*said, strict=True)
        return {"measure": list(measure), "value": list(value), "expected": list(expected)}

    def _said(self, place: int, code: str) -> tuple[str, str, str]:
        defined: MeasureColumn = self.defined[place]
        factor, unit = (100, " %") if defined.percent or defined.numerator else (1, "")

        def text(number: float | None) -> str:
            return "" if number is None else f"{round(number * factor, 2):g}".replace(".", ",") + unit

        value = text(float(self.value[place]))
        if code == CHECKS[1].code:
            return defined.title, value, text(float(self.total[place]))
        low, high = defined.minimum, defined.maximum
        if low is not None and high is not None:
            return defined.title, value, f"от {text(low)} до {text(high)}"
        return defined.title, value, f"не меньше {text(low)}" if high is None else f"не больше {text(high)}"

    def _numbers(self, name: str) -> NDArray:
        given = (getattr(one, name) if one is not None else None for one in self.defined)
        return np.array([np.nan if number is None else number for number in given], dtype="float64")


def limits(rows: pd.DataFrame, cfg: Configuration) -> Limits:
    """The limits of the rows of ``source_measure`` (a RangeIndex) by their events' procedures."""
    procedures = {name: event.procedure for name, event in cfg.calendar.events.items()}
    known = dict(_definitions(cfg))
    named = zip(rows["event_id"].map(procedures), rows["measure"], strict=True)
    defined = pd.Series([known.get(pair) for pair in named], index=rows.index, dtype=object)
    counts = rows["numerator"].to_numpy("float64"), rows["denominator"].to_numpy("float64")
    value = rows["value"].to_numpy("float64")
    share = counts[0] / np.where(counts[1] > 0, counts[1], np.nan)
    value = np.where(np.isnan(value), share, value)
    return Limits(defined, value, _totals(rows, defined, value))


def _definitions(cfg: Configuration) -> Iterator[tuple[tuple[str, str], MeasureColumn]]:
    for procedure in cfg.procedures.values():
        for layout in procedure.delimited.values():
            yield from (((procedure.id, measure.measure), measure) for measure in layout.measures)


def _totals(rows: pd.DataFrame, defined: pd.Series, value: NDArray) -> NDArray:
    """The weighted sum of the other measures of the same row of the file."""
    totals = np.full(len(rows), np.nan)
    asked = [place for place, one in enumerate(defined) if one is not None and one.total_of]
    if not asked:
        return totals
    values = pd.Series(value, index=pd.MultiIndex.from_frame(rows[[*_FILE_ROW, "measure"]]))
    values = values[~values.index.duplicated()]
    keys = list(rows[_FILE_ROW].itertuples(index=False, name=None))
    for place in asked:
        parts = defined.iloc[place].total_of
        totals[place] = sum(weight * values.get((*keys[place], name), np.nan) for name, weight in parts.items())
    return totals
