"""The task profile of one school, for its page: what it solved, what pupils with the same totals solve elsewhere.

Belongs here: shares, expectations and odds by task. Does not belong here: the test of the school (``signs.item``),
pictures (``reports``).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from rsoko_pipeline.objectivity import conditional, preparation
from rsoko_pipeline.objectivity.mantel_haenszel import common_odds
from rsoko_pipeline.objectivity.preparation import Inputs
from rsoko_pipeline.objectivity.work import NotAvailable

COLUMNS = ["task", "max_points", "n", "share", "expected", "odds", "odds_low", "odds_high"]


def task_profile(results: pd.DataFrame, tasks: pd.DataFrame, school: str) -> pd.DataFrame:
    """The profile of ``school`` in one work.

    Args:
        results, tasks: as for ``assess``, of one work only.
        school: the school's code.

    Returns:
        Columns ``COLUMNS``: ``share`` of the task's points, ``expected`` share of pupils with the same totals, and
        how many times the odds of the full mark are those of equals elsewhere, with the 95 % interval (null where
        nobody, or everybody, has it).

    Raises:
        NotAvailable: there are no task scores, or none of this school.
        ValueError: more than one work was given.
    """
    prepared = list(preparation.works(Inputs.of(results, tasks)))
    if len(prepared) != 1:
        raise ValueError(f"one work is wanted, {len(prepared)} were given")
    work = prepared[0].work
    if work is None or work.items is None:
        raise NotAvailable(prepared[0].reason if work is None else work.no_items)
    items = work.items
    member = work.schools[items.school] == school
    n = int(member.sum())
    if not n:
        raise NotAvailable("у школы нет работ с баллами за задания")
    region = conditional.fit(items.scores, items.total, items.max_points, ~member)
    rows = []
    for j, (task, most) in enumerate(zip(items.tasks, items.max_points, strict=True)):
        odds = common_odds(items.scores[:, j] == most, member, items.total)
        rows.append(
            (
                task,
                int(most),
                n,
                float(items.scores[member, j].sum()) / (n * most),
                float(region.mean[j, items.total[member]].mean()) / most,
                *((odds.ratio, odds.low, odds.high) if odds else (np.nan, np.nan, np.nan)),
            )
        )
    return pd.DataFrame(rows, columns=COLUMNS)
