"""Known dishonesty, injected into the works of chosen schools.

Belongs here: which schools do what in which works, and what each kind does to the arrays. Does not belong here: signs
that find it (``objectivity``), the honest help of the base model (``model``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rsoko_pipeline.simulation.parameters import WorkSpec
from rsoko_pipeline.simulation.streams import stream

#: Kinds with their strengths, in the order in which they are dealt to schools.
MANIPULATIONS: tuple[tuple[str, float], ...] = (
    ("bump", 0.9),
    ("hints", 0.6),
    ("fill", 0.9),
    ("journal", 0.8),
    ("absence", 0.8),
    ("leniency", 0.3),
    ("bump", 0.5),
    ("leniency", 0.15),
)
#: What a kind is, in Russian, for ``truth.csv``.
MEANING = {
    "bump": "подтягивание баллов до границы отметки",
    "hints": "подсказки к части заданий",
    "fill": "заполнение работ по одному образцу",
    "journal": "отметка подогнана под журнал",
    "absence": "слабые ученики не пришли на работу",
    "leniency": "завышение баллов за развёрнутые ответы",
}
_BUMP_WINDOW = 2
#: Share of the tasks of a work that are hinted.
HINTED_TASKS = 0.27


@dataclass(frozen=True)
class Manipulation:
    """One school's dishonesty in one work: ``strength`` is the probability that a pupil or a score is touched."""

    school: int
    kind: str
    strength: float


@dataclass(frozen=True)
class Injected:
    """What a manipulation did: ``pupils`` works were touched; ``class_no`` where it was one class."""

    school: int
    kind: str
    strength: float
    class_no: int | None
    pupils: int


def plan(
    school_sizes: np.ndarray,
    works: Sequence[WorkSpec],
    share: float,
    kinds: Sequence[tuple[str, float]],
    works_share: float,
    seed: int,
) -> dict[str, list[Manipulation]]:
    """Deal kinds to ``share`` of the schools and choose their works.

    Args:
        school_sizes: typical number of pupils of each school in a grade; schools of none are left alone.
        works: the region's works.
        share: share of schools.
        kinds: (kind, strength), dealt in turn.
        works_share: probability that such a school does it in a given work; each does it in one at least.
        seed: of the stream.

    Returns:
        Manipulations by ``work_id``.
    """
    rng = stream(seed, "manipulations")
    candidates = rng.permutation(np.flatnonzero(school_sizes >= 1))
    out: dict[str, list[Manipulation]] = {work.work_id: [] for work in works}
    for position, school in enumerate(candidates[: round(share * len(school_sizes))]):
        kind, strength = kinds[position % len(kinds)]
        chosen = rng.random(len(works)) < works_share
        chosen[rng.integers(len(works))] = True
        for work, is_chosen in zip(works, chosen, strict=True):
            if is_chosen:
                out[work.work_id].append(Manipulation(int(school), kind, strength))
    return out


def add_points(
    scores: np.ndarray, most: np.ndarray, rows: np.ndarray, points: np.ndarray, rng: np.random.Generator
) -> None:
    """Give each of ``rows`` its ``points``, one by one, on random tasks with room; in place."""
    left = points.copy()
    while (active := np.flatnonzero(left > 0)).size:
        who = rows[active]
        task, possible = _random_task(scores[who] < most, rng)
        scores[who[possible], task[possible]] += 1
        left[active] -= 1


def take_points(scores: np.ndarray, rows: np.ndarray, points: np.ndarray, rng: np.random.Generator) -> None:
    """Take from each of ``rows`` its ``points``, one by one, on random tasks above zero; in place."""
    left = points.copy()
    while (active := np.flatnonzero(left > 0)).size:
        who = rows[active]
        task, possible = _random_task(scores[who] > 0, rng)
        scores[who[possible], task[possible]] -= 1
        left[active] -= 1


def _random_task(allowed: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """A random allowed column of every row, and whether there is one."""
    return np.where(allowed, rng.random(allowed.shape), -1.0).argmax(axis=1), np.asarray(allowed.any(axis=1))


def keep_away(ability: np.ndarray, present: np.ndarray, rows: slice, strength: float, rng: np.random.Generator) -> int:
    """The weakest quarter of a school's pupils is kept away; in place. Returns how many."""
    own = ability[rows]
    weak = own <= np.quantile(own, 0.25)
    away = weak & present[rows] & (rng.random(own.size) < strength)
    present[rows] &= ~away
    return int(away.sum())


def falsify(
    kind: str,
    strength: float,
    spec: WorkSpec,
    scores: np.ndarray,
    rows: np.ndarray,
    class_no: np.ndarray,
    journal: np.ndarray,
    reference: np.ndarray,
    rng: np.random.Generator,
) -> tuple[np.ndarray, int | None]:
    """Falsify the scores of a school's ``rows`` in place.

    Args:
        kind, strength: as in ``MANIPULATIONS``; every kind but ``absence``.
        spec: the work.
        scores: points of all pupils × tasks.
        rows: positions of the school's pupils who write.
        class_no, journal: class and journal mark (0 = none) of all pupils.
        reference: scores that the region's pupil near the upper «4» would have: the template of ``fill``.
        rng: random numbers.

    Returns:
        The rows that changed, and the class where only one was touched.
    """
    before = scores[rows].copy()
    most = np.asarray(spec.max_points, dtype=np.int8)
    touched_class: int | None = None
    if kind == "bump":
        total = scores[rows].sum(axis=1)
        for cut in spec.cuts:
            near = (total >= cut - _BUMP_WINDOW) & (total < cut) & (rng.random(rows.size) < strength)
            add_points(scores, most, rows[near], cut - total[near], rng)
    elif kind == "hints":
        hinted = rng.choice(most.size, max(1, round(HINTED_TASKS * most.size)), replace=False)
        told = rng.random((rows.size, hinted.size)) < strength
        cells = np.ix_(rows, hinted)
        scores[cells] = np.where(told, most[hinted], scores[cells])
    elif kind == "fill":
        classes = np.unique(class_no[rows])
        touched_class = int(rng.choice(classes))
        members = rows[class_no[rows] == touched_class]
        filled = rng.permutation(members)[: (members.size + 1) // 2]
        same = rng.random((filled.size, most.size)) < strength
        scores[filled] = np.where(same, reference, scores[filled])
    elif kind == "journal":
        total = scores[rows].sum(axis=1)
        edges = np.array([0, *spec.cuts, spec.max_score + 1])
        known = journal[rows] >= 2
        band = np.where(known, journal[rows] - 2, 0)
        copied = known & (rng.random(rows.size) < strength)
        lack = np.where(copied, np.maximum(edges[band] - total, 0), 0)
        excess = np.where(copied, np.maximum(total - (edges[band + 1] - 1), 0), 0)
        add_points(scores, most, rows, lack, rng)
        take_points(scores, rows, excess, rng)
    elif kind == "leniency":
        judged = np.flatnonzero(most >= 2)
        given = rng.random((rows.size, judged.size)) < strength
        cells = np.ix_(rows, judged)
        scores[cells] = np.minimum(scores[cells] + given, most[judged])
    else:
        raise ValueError(f"unknown manipulation {kind!r}")
    return rows[(scores[rows] != before).any(axis=1)], touched_class
