"""The region's results where an observer was present against those where none was.

Belongs here: schools × works with and without an observer: how many show signs, how far their means lie from what was
expected. Does not belong here: one school's pupils with and without an observer (``signs.observed``), who observed
(``families``). Observers are not sent at random: a difference is a question, not an answer.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rsoko_pipeline.indicators import wilson
from rsoko_pipeline.objectivity.settings import Settings

COLUMNS = ["event_id", "quantity", "n_observed", "n_unobserved", "observed", "unobserved", "difference", "low", "high"]
#: The row of all works together.
ALL = ""
_MEAN = "MEAN"
_NORMAL_975 = 1.959963984540054


def compare(evidence: pd.DataFrame, signs: pd.DataFrame, observed: pd.DataFrame, settings: Settings) -> pd.DataFrame:
    """Compare schools × works with an observer to those without, work by work and over all works.

    Args:
        evidence, signs: ``Assessment.evidence`` and ``Assessment.signs`` with ``event_id``.
        observed: ``event_id, school, observed`` (flag), a row a school × work whose observation is known; several rows
            of one count as observed if one of them is.
        settings: least number of schools × works in each group (``min_n`` of OBSERVED), the informative p.

    Returns:
        Columns ``COLUMNS``, a row a work × quantity, and rows with ``event_id`` = ``ALL`` where there are several
        works. ``signs``: share of schools × works whose combined p is informative; the interval of the difference
        (without − with) is Newcombe's hybrid one (Statistics in Medicine 1998; 17: 873–890, method 10). ``residual``:
        mean residual of the school's mean from its context (sign MEAN, in standard deviations of pupils), the interval
        is normal with a variance that lets the works of one school depend on each other; over all works the difference
        is the mean of the works' own ones, weighted by n₁n₀/(n₁+n₀). Groups that are too small have no row.
    """
    flags = observed.dropna(subset=["observed"]).astype({"observed": "bool"})
    flags = flags.groupby(["event_id", "school"])["observed"].any().reset_index()
    judged = evidence.rename(columns={"unit_code": "school"})[["event_id", "school", "p"]].merge(flags)
    means = signs[(signs["sign"] == _MEAN) & (signs["level"] == "school")]
    residual = means.rename(columns={"unit_code": "school"})[["event_id", "school", "statistic"]].merge(flags)
    least = settings.signs["OBSERVED"].min_n
    rows = [
        *_shares(judged.assign(value=judged["p"] <= settings.informative_p), least),
        *_means(residual.rename(columns={"statistic": "value"}), least),
    ]
    return pd.DataFrame(rows, columns=COLUMNS).sort_values(["event_id", "quantity"], ignore_index=True)


def _parts(table: pd.DataFrame, least: int) -> tuple[list[tuple[str, pd.DataFrame]], pd.DataFrame]:
    """The works whose two groups are large enough, and all of them together."""
    parts = [
        (str(event), part.sort_values("school", kind="stable"))
        for event, part in table.groupby("event_id", sort=True)
        if least <= part["observed"].sum() <= len(part) - least
    ]
    return parts, pd.concat([part for _, part in parts]) if parts else table.head(0)


def _shares(table: pd.DataFrame, least: int) -> Iterator[tuple[object, ...]]:
    parts, whole = _parts(table, least)
    for event, part in [*parts, *([(ALL, whole)] if len(parts) > 1 else [])]:
        with_ = part.loc[part["observed"], "value"].to_numpy(dtype=bool)
        without = part.loc[~part["observed"], "value"].to_numpy(dtype=bool)
        share, share0 = float(with_.mean()), float(without.mean())
        (low, low0), (high, high0) = wilson([with_.sum(), without.sum()], [len(with_), len(without)])
        difference = share0 - share
        yield (
            *(event, "signs", len(with_), len(without), share, share0, difference),
            difference - float(np.hypot(share0 - low0, high - share)),
            difference + float(np.hypot(high0 - share0, share - low)),
        )


def _means(table: pd.DataFrame, least: int) -> Iterator[tuple[object, ...]]:
    parts, whole = _parts(table, least)
    weights = [float(part["observed"].sum() * (~part["observed"]).sum() / len(part)) for _, part in parts]
    influences = [_influence(part) for _, part in parts]
    for (event, part), influence in zip(parts, influences, strict=True):
        yield _mean_row(event, part, influence, part["school"].to_numpy())
    if len(parts) > 1:
        shares = np.asarray(weights) / sum(weights)
        together = np.concatenate([share * one for share, one in zip(shares, influences, strict=True)])
        levels = np.array([[_mean(part, True), _mean(part, False)] for _, part in parts])
        observed, unobserved = (float(shares @ column) for column in levels.T)
        yield _mean_row(ALL, whole, together, whole["school"].to_numpy(), observed, unobserved)


def _mean(part: pd.DataFrame, observed: bool) -> float:
    return float(part.loc[part["observed"] == observed, "value"].mean())


def _influence(part: pd.DataFrame) -> NDArray[np.float64]:
    """What each school adds to the error of the difference of means."""
    watched = part["observed"].to_numpy(dtype=bool)
    value = part["value"].to_numpy(dtype=np.float64)
    centred = value - np.where(watched, value[watched].mean(), value[~watched].mean())
    return np.where(watched, -centred / watched.sum(), centred / (~watched).sum())


def _mean_row(
    event: str,
    part: pd.DataFrame,
    influence: NDArray,
    school: NDArray,
    observed: float | None = None,
    unobserved: float | None = None,
) -> tuple[object, ...]:
    observed = _mean(part, True) if observed is None else observed
    unobserved = _mean(part, False) if unobserved is None else unobserved
    schools, place = np.unique(school.astype(str), return_inverse=True)
    by_school = np.bincount(place, weights=influence)
    half = _NORMAL_975 * float(np.sqrt((by_school**2).sum() * len(schools) / (len(schools) - 1)))
    watched = int(part["observed"].sum())
    difference = unobserved - observed
    numbers = (watched, len(part) - watched, observed, unobserved, difference, difference - half, difference + half)
    return (event, "residual", *numbers)
