"""The plan of re-marking: which works to mark a second time with a given budget.

Belongs here: the choice of schools and works. Does not belong here: what the second marking showed (``signs.remark``).
Flagged schools come with as many control schools, so that next year tells how often the signs were right.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from rsoko_pipeline.objectivity.preparation import keyed
from rsoko_pipeline.objectivity.settings import Settings
from rsoko_pipeline.objectivity.work import KEYS

COLUMNS = [*KEYS, "school", "pupil", "sample", "choice", "priority", "evidence"]
LEFT_OUT_COLUMNS = [*KEYS, "school", "evidence", "n", "why"]
_FLAGGED = 2
_NO_WORKS = "нет работ участников с первичными баллами"


@dataclass(frozen=True)
class Plan:
    """What is to be marked again, and which flagged schools are not in it.

    Attributes:
        works: a row a work, columns ``COLUMNS``; ``priority`` counts the chosen schools from 1.
        left_out: a row a flagged school × work, columns ``LEFT_OUT_COLUMNS``: ``n`` works that it and its control
            school would have taken (0 where there is nothing to mark), ``why`` (ru) they are not in the plan.
    """

    works: pd.DataFrame
    left_out: pd.DataFrame


def plan(
    results: pd.DataFrame,
    tasks: pd.DataFrame,
    evidence: pd.DataFrame,
    budget: int,
    settings: Settings,
    seed: int = 0,
    suspected: Collection[str] = (),
) -> Plan:
    """Choose works, the strongest evidence first, until the budget is spent.

    Of every chosen school: all works with a score in a window [c−2, c+1] of a cut (``choice`` = ``border``) and 10
    random others (``random``). Schools come in pairs: a flagged one (``sample`` = ``flagged``) and a control one of
    the same work, in turn a high-scoring school (``control_high``) and a random one (``control_random``), without signs
    in this work and without strong ones anywhere.

    Args:
        results: as for ``assess`` (``school, pupil, subject, grade, primary_score``, ``present``).
        tasks: as for ``assess`` (the cuts).
        evidence: ``Assessment.evidence``.
        budget: number of works.
        settings: ``remarking``.
        seed: of the random choices.
        suspected: further schools that are no controls, such as those with evidence by the sum of their works.

    Returns:
        The works of every pair of schools that fits into what is left of the budget; of the others, why not.
    """
    works = _by_work(results, tasks, seed)
    level = evidence.sort_values(["evidence", "p", "unit_code"], ascending=[False, True, True], kind="stable")
    chosen: list[pd.DataFrame] = []
    left_out: list[tuple[object, ...]] = []
    left, priority = budget, 0
    suspected = {*suspected, *level.loc[level["evidence"] >= _FLAGGED, "unit_code"]}
    for flagged, control in _pairs(level, works, settings, seed, suspected):
        own, beside = (_works(row, group, works, settings) for row, group in (flagged, control))
        pair = [part for part in (own, beside) if len(part)]
        cost = 0 if own.empty else len(own) + len(beside)
        if own.empty or cost > left:
            why = _NO_WORKS if own.empty else f"не хватило бюджета: нужно работ {cost}, оставалось {left}"
            left_out.append((*(flagged[0][name] for name in (*KEYS, "unit_code", "evidence")), cost, why))
            continue
        left -= cost
        for part in pair:
            priority += 1
            chosen.append(part.assign(priority=priority))
    planned = pd.concat(chosen, ignore_index=True)[COLUMNS] if chosen else pd.DataFrame(columns=COLUMNS, dtype="object")
    return Plan(planned, pd.DataFrame(left_out, columns=LEFT_OUT_COLUMNS))


def _by_work(
    results: pd.DataFrame, tasks: pd.DataFrame, seed: int
) -> dict[tuple[object, ...], tuple[pd.DataFrame, list[float]]]:
    frame, structure = keyed(results), keyed(tasks)
    cuts = {
        key: [
            float(part[name].dropna().iloc[0])
            for name in ("cut3", "cut4", "cut5")
            if name in part and part[name].notna().any()
        ]
        for key, part in structure.groupby(KEYS, sort=True, observed=True)
    }
    present = (
        frame["present"].fillna(True).astype(bool) if "present" in frame.columns else pd.Series(True, index=frame.index)
    )
    frame = frame[present & frame["primary_score"].notna()]
    order = pd.util.hash_array(frame["pupil"].astype("str").to_numpy(dtype=object), hash_key=f"{seed % 10**16:016d}")
    frame = frame.assign(order=order).sort_values(["school", "order"], kind="stable")
    return {key: (part, cuts.get(key, [])) for key, part in frame.groupby(KEYS, sort=True, observed=True)}


_Flagged = tuple[pd.Series, str]
_Choice = tuple["pd.Series | None", str]


def _pairs(
    level: pd.DataFrame,
    works: dict[tuple[object, ...], tuple[pd.DataFrame, list[float]]],
    settings: Settings,
    seed: int,
    suspected: Collection[str],
) -> Iterator[tuple[_Flagged, _Choice]]:
    """Flagged schools, the strongest first, each with a control school of its work."""
    pools: dict[tuple[object, ...], tuple[list[str], list[str]]] = {}
    means = {key: part.groupby("school")["primary_score"].mean() for key, (part, _) in works.items()}
    turn = 0.0
    for _, row in level[level["evidence"] >= _FLAGGED].iterrows():
        key = tuple(row[name] for name in KEYS)
        if key not in works:
            yield (row, "flagged"), (None, "")
            continue
        same = level[(level[KEYS] == list(key)).all(axis=1)]
        if key not in pools:
            is_clean = (same["evidence"] == 0) & ~same["unit_code"].isin(list(suspected))
            clean = same.loc[is_clean, "unit_code"].astype(str)
            high = (
                means[key]
                .reindex(clean)
                .dropna()
                .sort_index()
                .sort_values(ascending=False, kind="stable")
                .index.tolist()
            )
            chance = pd.util.hash_array(np.asarray(sorted(clean), dtype=object), hash_key=f"{seed % 10**16:016d}")
            pools[key] = (high, [sorted(clean)[i] for i in np.argsort(chance, kind="stable")])
        high, random = pools[key]
        turn += settings.remarking.controls_high
        is_high = turn >= 1
        turn -= is_high
        pool = high if is_high else random
        control: _Choice = (None, "")
        if pool:
            code = pool[0]
            for each in (high, random):
                each.remove(code)
            control = (same[same["unit_code"] == code].iloc[0], "control_high" if is_high else "control_random")
        yield (row, "flagged"), control


def _works(
    row: pd.Series | None,
    group: str,
    works: dict[tuple[object, ...], tuple[pd.DataFrame, list[float]]],
    settings: Settings,
) -> pd.DataFrame:
    """The works of one school; none where there is no school, or nobody's works."""
    key = None if row is None else tuple(row[name] for name in KEYS)
    if row is None or key not in works:
        return pd.DataFrame(columns=COLUMNS)
    part, cuts = works[key]
    own = part[part["school"].astype(str) == str(row["unit_code"])]
    score = own["primary_score"].to_numpy(dtype=np.float64)
    rules = settings.remarking
    border = np.zeros(len(own), dtype=bool)
    for cut in cuts:
        border |= (score >= cut - rules.below) & (score <= cut + rules.above)
    random = ~border & (np.cumsum(~border) <= rules.random_works)
    chosen = border | random
    return pd.DataFrame(
        {
            **{name: row[name] for name in KEYS},
            "school": str(row["unit_code"]),
            "pupil": own["pupil"].astype("str").to_numpy()[chosen],
            "sample": group,
            "choice": np.where(border, "border", "random")[chosen],
            "evidence": int(row["evidence"]),
        }
    )
