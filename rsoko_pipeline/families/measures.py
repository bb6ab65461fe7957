"""Measures («величины»): a unit and a quantity that somebody else has counted: НОКО, national and international
studies, functional literacy, medals, training, self-examination.

Belongs here: values at every level with their intervals. Does not belong here: which measures there are (the
procedures' configuration), pupils' results (``indicators``).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from rsoko_pipeline.families.levels import UNIT, named, series, stated_or_below
from rsoko_pipeline.families.model import Base, Family
from rsoko_pipeline.indicators import wilson

#: What tells one series of a measure from another.
DIMENSIONS = ("subject", "grade", "period", "domain", "category")
#: Half the width of a 95 % interval in standard errors.
_Z95 = 1.959964


def statistics(facts: pd.DataFrame, base: Base) -> pd.DataFrame:
    """Rows of ``mart.measure_statistics``.

    What a file states of a unit stands as it is. A municipality or the region of which no file states a measure gets it
    from its units: a share from sums of numerators and denominators, a mean weighted by n (indicators.md §3: never an
    average of percentages). A value without either is not added up. Intervals: Wilson where the value is a share of
    whole counts, value ± 1.96 standard errors where the file states one.
    """
    keyed = facts.assign(series=series(facts, ("measure", *DIMENSIONS)))
    by = [*UNIT, "series"]
    counted = stated_or_below(keyed, base.register, by)
    own = _summed(counted[counted["is_own"]], by).assign(source="file")
    added = _summed(counted[~counted["is_own"]], by).assign(source="units")
    rows = pd.concat([own, added[added["value"].notna() | added["numerator"].notna()]], ignore_index=True)
    described = rows.merge(keyed[["series", "measure", *DIMENSIONS]].drop_duplicates("series"), on="series")
    return base.finished("measure_statistics", named(_with_intervals(described), base.register, facts))


def _summed(rows: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """One row a unit and series: sums of counts, the value from them or as a mean weighted by ``n``."""
    number = {name: rows[name].astype("float64") for name in ("value", "numerator", "denominator", "n")}
    complete = number["numerator"].notna() & number["denominator"].notna()
    weight = number["n"].where(number["value"].notna())
    parts = rows[by].assign(
        units=1,
        n=number["n"],
        numerator=number["numerator"].where(complete | number["denominator"].isna()),
        denominator=number["denominator"].where(complete),
        weight=weight,
        weighted=number["value"] * weight,
        value=number["value"],
        standard_error=rows["standard_error"].astype("float64"),
    )
    sums = parts.groupby(by, as_index=False)[["units", "n", "numerator", "denominator", "weight", "weighted"]].sum(
        min_count=1
    )
    single = parts.groupby(by, as_index=False)[["value", "standard_error"]].first()
    out = sums.merge(single, on=by)
    alone = out["units"] == 1
    share = out["numerator"] / out["denominator"].where(out["denominator"] > 0)
    mean = out["weighted"] / out["weight"].where(out["weight"] > 0)
    value = out["value"].where(alone).fillna(share).fillna(mean)
    return out.assign(value=value, standard_error=out["standard_error"].where(alone)).drop(
        columns=["weight", "weighted"]
    )


def _with_intervals(rows: pd.DataFrame) -> pd.DataFrame:
    value, error = rows["value"].to_numpy("float64"), rows["standard_error"].to_numpy("float64")
    low, high = value - _Z95 * error, value + _Z95 * error
    numerator, denominator = rows["numerator"].to_numpy("float64"), rows["denominator"].to_numpy("float64")
    whole = (numerator % 1 == 0) & (denominator % 1 == 0) & (numerator >= 0) & (numerator <= denominator)
    counted = whole & (denominator > 0) & np.isclose(value, numerator / np.where(denominator > 0, denominator, 1))
    if counted.any():
        low[counted], high[counted] = wilson(numerator[counted], denominator[counted])
    return rows.assign(value_low=low, value_high=high)


FAMILY = Family(
    name="measures",
    title_ru="Величины",
    source="source_measure",
    fact="fact_measure",
    mart="measure_statistics",
    key=("measure", "class_no", "about_event", *DIMENSIONS),
    stated=("value", "numerator", "denominator"),
    statistics=statistics,
)
