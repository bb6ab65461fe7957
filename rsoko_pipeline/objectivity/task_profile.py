"""The task profiles of schools, for their pages: what they solved, what pupils with the same totals solve elsewhere.

Belongs here: shares, expectations and odds by task. Does not belong here: the test of the school (``signs.item``),
pictures (``reports``).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rsoko_pipeline.objectivity import conditional, preparation
from rsoko_pipeline.objectivity.mantel_haenszel import common_odds
from rsoko_pipeline.objectivity.preparation import Inputs
from rsoko_pipeline.objectivity.work import Items, NotAvailable

COLUMNS = ["school", "task", "max_points", "n", "share", "expected", "odds", "odds_low", "odds_high"]


def task_profiles(results: pd.DataFrame, tasks: pd.DataFrame, schools: Collection[str]) -> pd.DataFrame:
    """The profiles of some schools in one work.

    Args:
        results, tasks: as for ``assess``, of one work only.
        schools: codes of the schools; pupils of the others are whom each is compared with.

    Returns:
        Columns ``COLUMNS``, by school and task: ``share`` of the task's points, ``expected`` share of pupils with the
        same totals, and how many times the odds of the full mark are those of equals elsewhere, with the 95 % interval
        (null where nobody, or everybody, has it). A school without task scores has no rows.

    Raises:
        NotAvailable: there are no task scores, none of these schools, or no other schools to compare with.
        ValueError: more than one work was given.
    """
    prepared = list(preparation.works(Inputs.of(results, tasks)))
    if len(prepared) != 1:
        raise ValueError(f"one work is wanted, {len(prepared)} were given")
    work = prepared[0].work
    if work is None or work.items is None:
        raise NotAvailable(prepared[0].reason if work is None else work.no_items)
    items = work.items
    chosen = np.isin(work.schools, sorted(schools))
    elsewhere = ~chosen[items.school]
    if elsewhere.all():
        raise NotAvailable("у школы нет работ с баллами за задания")
    if not elsewhere.any():
        raise NotAvailable("в других школах нет баллов за задания")
    region = conditional.fit(items.scores, items.total, items.max_points, elsewhere)
    rows = [
        (str(work.schools[unit]), *row)
        for unit in np.flatnonzero(chosen)
        if (member := items.school == unit).any()
        for row in _profile(items, region.mean, member, elsewhere)
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def _profile(items: Items, mean: NDArray, member: NDArray, elsewhere: NDArray) -> Iterator[tuple[object, ...]]:
    """The rows of one school: everything after the school in ``COLUMNS``."""
    n = int(member.sum())
    compared = member | elsewhere
    own, total = member[compared], items.total[compared]
    for j, (task, most) in enumerate(zip(items.tasks, items.max_points, strict=True)):
        odds = common_odds(items.scores[compared, j] == most, own, total)
        yield (
            task,
            int(most),
            n,
            float(items.scores[member, j].sum()) / (n * most),
            float(mean[j, items.total[member]].mean()) / most,
            *((odds.ratio, odds.low, odds.high) if odds else (np.nan, np.nan, np.nan)),
        )
