"""What follows from counts: shares with intervals, СОУ, means, medians, deviations.

Belongs here: formulas over counts of marks, scores and comparisons, whether counted from pupils or restored from an
aggregate table. Does not belong here: the counting itself (``statistics``, ``aggregates``).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rsoko_pipeline.indicators.intervals import wilson

MARKS = (2, 3, 4, 5)
#: Weights of the marks in СОУ, степень обученности учащихся (V. P. Simonov); 1 where everybody has a «5».
SOU_WEIGHTS = (0.16, 0.36, 0.64, 1.0)
#: What a distribution of scores comes down to.
SCORE_COLUMNS = ("mean_score", "median_score", "sd_score")
#: Primary scores are counted in hundredths of a point: whole numbers are exact keys and exact sums.
CENT = 100


@dataclass(frozen=True)
class Distribution:
    """How many participants have which score, in order of unit and score.

    Attributes:
        unit: number of the unit.
        cents: the score in hundredths of a point.
        n: participants with this score, above 0.
    """

    unit: NDArray
    cents: NDArray
    n: NDArray

    @classmethod
    def of(cls, unit: NDArray, cents: NDArray, n: NDArray | None = None) -> Distribution:
        """Count entries (or add up their ``n``) by unit and score."""
        values, score = np.unique(cents, return_inverse=True)
        keys, at = np.unique(unit.astype("int64") * max(len(values), 1) + score, return_inverse=True)
        counts = np.bincount(at, weights=n, minlength=len(keys)).astype("int64")
        keys, counts = keys[counts > 0], counts[counts > 0]
        return cls(keys // max(len(values), 1), values[keys % max(len(values), 1)], counts)

    def totals(self, units: int) -> NDArray:
        """Participants with a score, by unit."""
        return self._sum(np.ones(len(self.n)), units).astype("int64")

    def columns(self, units: int) -> pd.DataFrame:
        """``mean_score``, ``median_score``, ``sd_score`` (n-1) in points, a row a unit; NaN where unknown."""
        n = self.totals(units)
        total, squares = self._sum(self.cents, units), self._sum(self.cents.astype("float64") ** 2, units)
        with np.errstate(divide="ignore", invalid="ignore"):
            mean = np.where(n > 0, total / n, np.nan)
            variance = np.where(n > 1, (squares - total * mean) / (n - 1), np.nan)
        return pd.DataFrame(
            {
                "mean_score": mean / CENT,
                "median_score": self._medians(n) / CENT,
                "sd_score": np.sqrt(np.clip(variance, 0, None)) / CENT,
            }
        )

    def _sum(self, values: NDArray, units: int) -> NDArray:
        return np.bincount(self.unit, weights=values * self.n, minlength=units)

    def _medians(self, n: NDArray) -> NDArray:
        """The middle score, or the mean of the two middle ones: looked up by rank in the running count."""
        some = n > 0
        running, first = np.cumsum(self.n), (np.cumsum(n) - n)[some]
        lower, upper = (
            self.cents[np.searchsorted(running, first + rank, side="right")]
            for rank in ((n[some] - 1) // 2, n[some] // 2)
        )
        out = np.full(len(n), np.nan)
        out[some] = (lower + upper) / 2
        return out


def mark_columns(counts: NDArray) -> pd.DataFrame:
    """Marked, counts, shares, intervals, СОУ and mean mark from counts of the marks 2, 3, 4, 5.

    Args:
        counts: an n × 4 array of integers; where all four are 0 no mark is known, and what follows from marks is NaN.
    """
    marked = counts.sum(axis=1)
    n = np.where(marked > 0, marked, np.nan)
    columns: dict[str, NDArray] = {"marked": marked}
    columns |= {f"n{mark}": np.where(marked > 0, counts[:, i], np.nan) for i, mark in enumerate(MARKS)}
    columns |= {f"share{mark}": counts[:, i] / n for i, mark in enumerate(MARKS)}
    for name, numerator in (("quality", counts[:, 2:].sum(axis=1)), ("success", counts[:, 1:].sum(axis=1))):
        low, high = wilson(numerator, marked)
        columns |= {name: numerator / n, f"{name}_low": low, f"{name}_high": high}
    columns["sou"] = counts @ np.array(SOU_WEIGHTS) / n
    columns["mean_mark"] = counts @ np.array(MARKS) / n
    return pd.DataFrame(columns)


def journal_columns(lowered: NDArray, confirmed: NDArray, raised: NDArray) -> pd.DataFrame:
    """``n``, the three counts and their shares."""
    n = lowered + confirmed + raised
    columns = {"n": n, "lowered": lowered, "confirmed": confirmed, "raised": raised}
    shares = {
        f"{name}_share": columns[name] / np.where(n > 0, n, np.nan) for name in ("lowered", "confirmed", "raised")
    }
    return pd.DataFrame(columns | shares)


def whole_counts(shares: NDArray, group: NDArray, totals: NDArray) -> NDArray:
    """Whole counts restored from shares of a total; those of a group add up to its total.

    The largest remainders are rounded up, equal ones in the order of the rows (Hamilton's method).

    Args:
        shares: share of each row in its group, null as 0; a group's need not add to exactly 1, since tables round to
            hundredths of a per cent.
        group: number of each row's group.
        totals: whole total of each group.

    Returns:
        An integer a row; 0 throughout a group whose shares are all 0.
    """
    weights = np.nan_to_num(shares)
    scale = np.bincount(group, weights, minlength=len(totals))
    some = scale[group] > 0
    exact = np.where(some, weights * totals[group] / np.where(some, scale[group], 1), 0)
    counts = np.floor(exact + 1e-9).astype("int64")
    missing = np.where(scale > 0, totals - np.bincount(group, counts, minlength=len(totals)), 0)
    order = np.lexsort((counts - exact, group))
    first = np.cumsum(np.bincount(group, minlength=len(totals))) - np.bincount(group, minlength=len(totals))
    rank = np.empty(len(group), dtype="int64")
    rank[order] = np.arange(len(group)) - first[group[order]]
    return counts + (rank < missing[group])
