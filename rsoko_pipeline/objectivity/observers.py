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
from rsoko_pipeline.objectivity.signs import observed as signs_observed

COLUMNS = [
    *("series", "quantity", "n_observed", "n_unobserved", "observed_value", "unobserved_value"),
    *("difference", "difference_low", "difference_high"),
]
#: The row of all works together.
ALL = "all"
#: Schools that a work must have in each group to count in the row of all works.
_FEWEST = 2
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
        Columns ``COLUMNS``, a row a work × quantity with the event as ``series``, and rows of the series ``ALL`` where
        there are several works. ``signs``: share of schools × works whose combined p is informative; the interval of
        the difference (without − with) is Newcombe's hybrid one (Statistics in Medicine 1998; 17: 873–890, method 10).
        ``residual``: mean residual of the school's mean from its context (sign MEAN, in standard deviations of pupils);
        the interval is normal with a variance that lets the works of one school depend on each other; over all works
        the difference is the mean of the works' own ones, weighted by n₁n₀/(n₁+n₀). Groups that are too small have no
        row, but works with two schools in each count in the row of all.
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
    return pd.DataFrame(rows, columns=COLUMNS).sort_values(["series", "quantity"], ignore_index=True)


def observed_schools(control: pd.DataFrame, results: pd.DataFrame) -> pd.DataFrame:
    """Which schools × works had an observer, for works of which any observation is known.

    Args:
        control: rows of ``core.fact_control`` about observers: ``about_event, level, unit_code, is_present``.
        results: ``event_id, school``: who wrote.

    Returns:
        ``event_id, school, observed``: a school that the lists lack had none.
    """
    schools = control[(control["level"] == "school") & control["is_present"].astype("bool")]
    present = pd.MultiIndex.from_frame(schools[["about_event", "unit_code"]])
    written = results[["event_id", "school"]].drop_duplicates()
    written = written[written["event_id"].isin(set(control["about_event"]))].reset_index(drop=True)
    return written.assign(observed=pd.MultiIndex.from_frame(written).isin(present))


def within_schools(results: pd.DataFrame, observed: pd.DataFrame, settings: Settings) -> pd.DataFrame:
    """Schools whose pupils wrote some works with an observer and some without: ``signs.observed`` as rows of the table.

    Args:
        results: ``event_id, school, present, primary_score``.
        observed: ``event_id, school, observed``.
        settings: as for ``signs.observed``.

    Returns:
        ``unit_code`` (the school), ``series`` = ``ALL``, ``quantity`` = ``score`` and the columns of ``COLUMNS`` with
        ``p`` in the place of the interval.
    """
    written = results[results["present"].astype("bool") & results["primary_score"].notna()]
    score = written["primary_score"].astype("float64")
    by_work = score.groupby(written["event_id"])
    z = (score - by_work.transform("mean")) / by_work.transform("std", ddof=0).replace(0.0, np.nan)
    rows = written[["event_id", "school"]].assign(z=z).merge(observed, on=["event_id", "school"])
    found = signs_observed.compute(rows, settings)
    return found.rename(columns={"school": "unit_code"}).assign(series=ALL, quantity="score")


def _parts(table: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    """The works in which both groups have schools enough to know how they differ."""
    return [
        (str(event), part.sort_values("school", kind="stable"))
        for event, part in table.groupby("event_id", sort=True)
        if _FEWEST <= part["observed"].sum() <= len(part) - _FEWEST
    ]


def _is_told(part: pd.DataFrame, least: int) -> bool:
    return bool(least <= part["observed"].sum() <= len(part) - least)


def _shares(table: pd.DataFrame, least: int) -> Iterator[tuple[object, ...]]:
    parts = _parts(table)
    whole = [(ALL, pd.concat([part for _, part in parts]))] if len(parts) > 1 else []
    for event, part in [*parts, *whole]:
        if not _is_told(part, least):
            continue
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
    parts = _parts(table)
    influences = [_influence(part) for _, part in parts]
    for (event, part), influence in zip(parts, influences, strict=True):
        if _is_told(part, least):
            yield _mean_row(event, part, influence)
    if len(parts) < 2:
        return
    whole = pd.concat([part for _, part in parts])
    if _is_told(whole, least):
        weights = np.array([part["observed"].sum() * (~part["observed"]).sum() / len(part) for _, part in parts])
        shares = weights / weights.sum()
        together = np.concatenate([share * one for share, one in zip(shares, influences, strict=True)])
        levels = np.array([[_mean(part, True), _mean(part, False)] for _, part in parts])
        observed, unobserved = (float(shares @ column) for column in levels.T)
        yield _mean_row(ALL, whole, together, observed, unobserved)


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
    observed: float | None = None,
    unobserved: float | None = None,
) -> tuple[object, ...]:
    observed = _mean(part, True) if observed is None else observed
    unobserved = _mean(part, False) if unobserved is None else unobserved
    schools, place = np.unique(part["school"].to_numpy().astype(str), return_inverse=True)
    by_school = np.bincount(place, weights=influence)
    half = _NORMAL_975 * float(np.sqrt((by_school**2).sum() * len(schools) / (len(schools) - 1)))
    watched = int(part["observed"].sum())
    difference = unobserved - observed
    numbers = (watched, len(part) - watched, observed, unobserved, difference, difference - half, difference + half)
    return (event, "residual", *numbers)
