"""From frames to works: ordered arrays, and what could not be used.

Belongs here: grouping, ordering, refusing rows. Does not belong here: reading files (``sources``), tests (``signs``).
The order of rows in the frames never matters: pupils are ordered by school, class and a seeded hash of their key.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rsoko_pipeline.objectivity.work import KEYS, PLACES, STANDINGS, Items, NotAvailable, Work, WorkKey

_NO_ITEMS = "нет баллов за задания"
_NOBODY_ABSENT = "работу пишут не все обучающиеся, а по выбору, по жребию или выборочно"
_LEAST_SCHOOLS_A_LEVEL = 5
_NOT_COVARIATES = ("school", "municipality")
#: What no frame of ``Inputs`` can do without.
_REQUIRED = {
    "results": ("school", "subject", "grade"),
    "tasks": ("subject", "grade", "task", "max_points"),
    "enrolment": ("school", "subject", "grade", "enrolled"),
    "context": ("school",),
    "prior": ("school", "subject", "grade", "mean_z"),
}


@dataclass(frozen=True)
class Aggregates:
    """Tables of schools where pupils' works are not known (Ф3, journal comparison, distribution of scores).

    Attributes:
        marks: school, subject, grade, n2, n3, n4, n5 (numbers of pupils).
        scores: school, subject, grade, score, n.
        journal: school, subject, grade, n, confirmed, raised.
        All may have ``school_year`` and ``event_id``.
    """

    marks: pd.DataFrame | None = None
    scores: pd.DataFrame | None = None
    journal: pd.DataFrame | None = None


@dataclass(frozen=True)
class Inputs:
    """Everything ``assess`` was given, with the columns of a work's key everywhere."""

    results: pd.DataFrame
    tasks: pd.DataFrame
    enrolment: pd.DataFrame | None
    context: pd.DataFrame | None
    prior: pd.DataFrame | None
    aggregates: Aggregates
    not_for_all: frozenset[str]
    seed: int

    @classmethod
    def of(
        cls,
        results: pd.DataFrame,
        tasks: pd.DataFrame,
        *,
        enrolment: pd.DataFrame | None = None,
        context: pd.DataFrame | None = None,
        prior: pd.DataFrame | None = None,
        aggregates: Aggregates | None = None,
        not_for_all: Collection[str] = (),
        seed: int = 0,
    ) -> Inputs:
        """The inputs with ``school_year`` and ``event_id`` everywhere: empty texts where a frame has none.

        Raises:
            ValueError: a frame lacks columns that it cannot do without, or a pupil has several rows of one work.
        """
        frames = {"results": results, "tasks": tasks, "enrolment": enrolment, "context": context, "prior": prior}
        for name, frame in frames.items():
            if frame is not None:
                _require_columns(name, frame)
        _require_one_row_a_pupil(keyed(results))
        return cls(
            keyed(results),
            keyed(tasks),
            None if enrolment is None else keyed(enrolment),
            context,
            None if prior is None else keyed(prior),
            aggregates or Aggregates(),
            frozenset(not_for_all),
            seed,
        )


@dataclass
class Prepared:
    """A work, or why there is none, what was left out of it, and which signs it does not admit for which reason."""

    key: WorkKey
    work: Work | None = None
    reason: str = ""
    notes: list[str] = field(default_factory=list)
    inadmissible: dict[str, str] = field(default_factory=dict)


def keyed(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with columns ``school_year`` and ``event_id``, empty texts where it has none."""
    return frame.assign(**{name: "" for name in ("school_year", "event_id") if name not in frame.columns})


def _require_columns(name: str, frame: pd.DataFrame) -> None:
    missing = [column for column in _REQUIRED[name] if column not in frame.columns]
    if missing:
        raise ValueError(f"В таблице {name} нет столбцов: {', '.join(missing)}.")


def _require_one_row_a_pupil(results: pd.DataFrame) -> None:
    """Pupils without a key cannot be told from one another and are let be."""
    if "pupil" not in results.columns:
        return
    unit = [*KEYS, "school", "pupil"]
    repeated = results.duplicated(unit).to_numpy() & results["pupil"].notna().to_numpy()
    if repeated.any():
        first = ", ".join(str(value) for value in results.loc[repeated, unit].iloc[0] if value != "")
        raise ValueError(
            f"В таблице results лишних строк: {int(repeated.sum())} — участник стоит в одной работе не один раз "
            f"(первый: {first}). Оставьте по одной строке."
        )


def works(inputs: Inputs) -> Iterator[Prepared]:
    """Every work of the results and the aggregates, in the order of their keys."""
    pupils = _by_key(inputs.results.assign(standing=_standing(inputs.results)))
    marks, scores, journal = (
        _by_key(None if part is None else keyed(part))
        for part in (inputs.aggregates.marks, inputs.aggregates.scores, inputs.aggregates.journal)
    )
    tasks, enrolment, prior = _by_key(inputs.tasks), _by_key(inputs.enrolment), _by_key(inputs.prior)
    for key in sorted({*pupils, *marks, *scores, *journal, *tasks}):
        prepared = Prepared(key)
        aggregate = None if key in pupils else _Aggregate(marks.get(key), scores.get(key), journal.get(key))
        try:
            prepared.work = _work(
                prepared,
                pupils.get(key),
                aggregate,
                tasks.get(key),
                _of_event_or_all(enrolment, key),
                _of_event_or_all(prior, key),
                inputs,
            )
        except NotAvailable as answer:
            prepared.reason = str(answer)
        yield prepared


#: Enrolled and absent by school, or None where they are not known.
_Counted = tuple[NDArray[np.int64] | None, NDArray[np.int64] | None]


@dataclass(frozen=True)
class _Aggregate:
    marks: pd.DataFrame | None
    scores: pd.DataFrame | None
    journal: pd.DataFrame | None


def _by_key(frame: pd.DataFrame | None) -> Mapping[WorkKey, pd.DataFrame]:
    if frame is None or frame.empty:
        return {}
    types = {"school_year": "str", "subject": "str", "grade": "int64", "event_id": "str"}
    parts = frame.astype(types).groupby(KEYS, sort=True)
    return {WorkKey(*cast("tuple[str, str, int, str]", key)): part for key, part in parts}


def _of_event_or_all(frames: Mapping[WorkKey, pd.DataFrame], key: WorkKey) -> pd.DataFrame | None:
    """The event's own rows, else those given for every event of the subject, grade and year."""
    return frames.get(key, frames.get(key._replace(event_id="")))


def _work(
    prepared: Prepared,
    pupils: pd.DataFrame | None,
    aggregate: _Aggregate | None,
    tasks: pd.DataFrame | None,
    enrolment: pd.DataFrame | None,
    prior: pd.DataFrame | None,
    inputs: Inputs,
) -> Work:
    max_points, labels, cuts = _structure(tasks, prepared.notes)
    max_score = float(max_points.sum()) if len(max_points) else None
    if pupils is not None:
        frame, points, no_items = _usable(pupils, max_points, max_score, prepared.notes)
    elif aggregate is not None:
        frame, points, no_items = _expanded(aggregate), None, "есть только сводные таблицы, без баллов за задания"
    frame = _ordered(frame, inputs.seed)
    if points is not None:
        points = points[frame["row"].to_numpy()]
    present = frame["present"].to_numpy()
    scored = present & ~np.isnan(frame["value"].to_numpy())
    codes = [frame["school"]]
    if aggregate is not None and aggregate.journal is not None:
        codes.append(aggregate.journal["school"])
    schools = np.unique(np.concatenate([code.astype(str).to_numpy(dtype=object) for code in codes]).astype(str))
    if not len(schools):
        raise NotAvailable("работу никто не писал: нет ни одного результата")
    position = pd.Index(schools).get_indexer(frame["school"].astype(str)).astype(np.int32)

    number = frame["class_no"].to_numpy()
    joint = position.astype(np.int64) * 1000 + number
    groups, group = np.unique(joint[scored], return_inverse=True)
    counted: _Counted = (None, None)
    if prepared.key.event_id in inputs.not_for_all:
        prepared.inadmissible["ABSENCE"] = _NOBODY_ABSENT
    else:
        counted = _enrolled(enrolment, schools, position, present, pupils is not None)
    journal = _journal(frame, position, present, len(schools), schools, aggregate)
    no_journal = "" if journal[0] is not None else _no_journal(frame[present], is_aggregate=aggregate is not None)
    places = None if frame.attrs["by_marks"] else _journal_places(frame[scored], position[scored], cuts, len(schools))
    kept = _kept(frame, position, present, counted, len(schools))
    items = None
    if points is not None:
        items, no_items = _items(points[scored], position[scored], group, max_points, labels, prepared.notes)
    covariates, names, municipality, municipalities = _context(inputs.context, schools)
    prior_z, prior_n, prior_title = _prior(prior, schools)
    by_marks = bool(frame.attrs["by_marks"])
    return Work(
        key=prepared.key,
        schools=schools,
        school=position[scored],
        group=group.astype(np.int32),
        group_school=(groups // 1000).astype(np.int32),
        group_class=(groups % 1000).astype(np.int32),
        score=frame["value"].to_numpy()[scored],
        cuts=cuts,
        max_score=max_score,
        by_marks=by_marks,
        journal_n=journal[0],
        same=journal[1],
        raised=journal[2],
        no_journal=no_journal,
        journal_places=places,
        enrolled=counted[0],
        absent=counted[1],
        kept=kept,
        items=items,
        no_items=no_items,
        covariates=covariates,
        covariate_names=names,
        prior=prior_z,
        prior_n=prior_n,
        prior_title=prior_title,
        municipality=municipality,
        municipalities=municipalities,
    )


def _structure(
    tasks: pd.DataFrame | None, notes: list[str]
) -> tuple[NDArray[np.int64], tuple[str, ...], dict[int, float]]:
    if tasks is None:
        notes.append("структура работы неизвестна: нет заданий")
        return np.empty(0, np.int64), (), {}
    ordered = tasks.sort_values("task_no", kind="stable") if "task_no" in tasks.columns else tasks
    listed = ordered[pd.to_numeric(ordered["max_points"], errors="coerce").notna()]
    max_points = listed["max_points"].to_numpy(dtype=np.int64)
    return max_points, tuple(listed["task"].astype(str)), _cuts(tasks, notes)


def _cuts(tasks: pd.DataFrame, notes: list[str]) -> dict[int, float]:
    """Cuts by mark from the first row that has them; procedures with one threshold have ``cut3`` alone."""
    cuts: dict[int, float] = {}
    for mark in (3, 4, 5):
        known = _numbers(tasks, f"cut{mark}")
        if (~np.isnan(known)).any():
            cuts[mark] = float(known[~np.isnan(known)][0])
    values = list(cuts.values())
    if values != sorted(set(values)):
        notes.append(f"границы отметок не возрастают: {', '.join(f'{value:g}' for value in values)}")
        return {}
    return cuts


def _usable(
    pupils: pd.DataFrame, max_points: NDArray, max_score: float | None, notes: list[str]
) -> tuple[pd.DataFrame, NDArray[np.float64] | None, str]:
    """The pupils' rows, their points (NaN where there are none), and why there are no points."""
    present = (
        pupils["present"].fillna(True).to_numpy(dtype=bool)
        if "present" in pupils.columns
        else np.ones(len(pupils), bool)
    )
    score = _numbers(pupils, "primary_score")
    mark = _numbers(pupils, "mark")
    points, no_items = _points(pupils, max_points)
    refused = np.zeros(len(pupils), dtype=bool)
    if points is not None:
        with np.errstate(invalid="ignore"):
            refused |= ((points > max_points) | (points < 0)).any(axis=1)
        score = np.where(np.isnan(score), points.sum(axis=1), score)
    if max_score is not None:
        with np.errstate(invalid="ignore"):
            refused |= score > max_score
    with np.errstate(invalid="ignore"):
        refused |= score < 0
    if (refused & present).any():
        notes.append(f"не учтены работы с баллом вне допустимых: {int((refused & present).sum())}")
    keep = ~refused
    if (present & keep).any() and np.isnan(score[present & keep]).all() and np.isnan(mark[present & keep]).all():
        raise NotAvailable("нет ни баллов, ни отметок участников: сравнивать нечего")
    by_marks = bool(np.isnan(score[present & keep]).all() and not np.isnan(mark[present & keep]).all())
    number = _numbers(pupils, "class_no")
    frame = pd.DataFrame(
        {
            "school": pupils["school"].astype("str"),
            "class_no": np.where(np.isnan(number), 0, number).astype(np.int64),
            "pupil": pupils["pupil"].astype("str") if "pupil" in pupils.columns else "",
            "present": present,
            "value": mark if by_marks else score,
            "mark": mark,
            "journal": _numbers(pupils, "journal_mark"),
            "standing": _numbers(pupils, "standing"),
            "row": np.arange(len(pupils)),
        },
        index=pupils.index,
    )[keep]
    frame.attrs["by_marks"] = by_marks
    return frame, points, no_items


def _numbers(frame: pd.DataFrame, name: str) -> NDArray[np.float64]:
    if name not in frame.columns:
        return np.full(len(frame), np.nan)
    return pd.to_numeric(frame[name], errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)


def _points(pupils: pd.DataFrame, max_points: NDArray) -> tuple[NDArray[np.float64] | None, str]:
    """Points, pupils × tasks: not started is 0; NaN for pupils without points or with another number of them."""
    if "scores" not in pupils.columns or not len(max_points):
        return None, _NO_ITEMS if len(max_points) else "структура работы неизвестна: нет заданий"
    arrays = pupils["scores"].to_numpy()
    fits = np.fromiter(
        (a is not None and np.ndim(a) == 1 and len(a) == len(max_points) for a in arrays), bool, len(arrays)
    )
    if not fits.any():
        return None, _NO_ITEMS
    out = np.full((len(arrays), len(max_points)), np.nan)
    joined = np.concatenate([np.asarray(a) for a in arrays[fits]])
    if joined.dtype == object:
        joined = pd.to_numeric(pd.Series(joined), errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    joined = joined.astype(np.float64)
    # A null or a negative value is «не приступал» or a blank cell: no points.
    out[fits] = np.where(joined >= 0, joined, 0.0).reshape(-1, len(max_points))
    nothing = (np.nan_to_num(joined, nan=-1.0) < 0).reshape(-1, len(max_points)).all(axis=0)
    out[:, nothing] = np.where(fits[:, None], 0.0, np.nan)
    return out, ""


def _expanded(aggregate: _Aggregate) -> pd.DataFrame:
    """One row a pupil out of counts: everything about the pupil but the score or mark is unknown."""
    source, column = (
        (aggregate.scores, "score") if aggregate.scores is not None else (_long_marks(aggregate.marks), "mark")
    )
    counts = source["n"].fillna(0).to_numpy(dtype=np.int64)
    school = np.repeat(source["school"].astype("str").to_numpy(dtype=object), counts)
    value = np.repeat(source[column].to_numpy(dtype=np.float64), counts)
    frame = pd.DataFrame(
        {
            "school": pd.Series(school, dtype="str"),
            "class_no": 0,
            "pupil": "",
            "present": True,
            "value": value,
            "mark": np.nan,
            "journal": np.nan,
            "standing": np.nan,
            "row": np.arange(len(value)),
        }
    )
    frame.attrs["by_marks"] = column == "mark"
    return frame


def _long_marks(marks: pd.DataFrame | None) -> pd.DataFrame:
    if marks is None:
        return pd.DataFrame({"school": pd.Series([], dtype="str"), "mark": [], "n": []})
    return pd.concat(
        [pd.DataFrame({"school": marks["school"], "mark": mark, "n": marks[f"n{mark}"]}) for mark in (2, 3, 4, 5)]
    )


def _ordered(frame: pd.DataFrame, seed: int) -> pd.DataFrame:
    attrs = frame.attrs
    key = pd.util.hash_array(frame["pupil"].to_numpy(dtype=object), hash_key=f"{seed % 10**16:016d}")
    frame = frame.assign(hash=key).sort_values(
        ["school", "class_no", "hash", "value", "mark", "journal"], kind="stable", ignore_index=True
    )
    frame.attrs = attrs
    return frame


def _enrolled(
    enrolment: pd.DataFrame | None, schools: NDArray, position: NDArray, present: NDArray, rows_say: bool
) -> _Counted:
    """Enrolled and absent by school: from the register, else from the rows of the absent.

    Who wrote in a school without a row is not known, whatever the register says: its file may be late or held.
    """
    wrote = np.bincount(position[present], minlength=len(schools))
    if enrolment is not None:
        known = enrolment.assign(school=enrolment["school"].astype(str)).groupby("school")["enrolled"].sum()
        has_rows = np.bincount(position, minlength=len(schools)) > 0
        enrolled = known.reindex(schools).fillna(0).where(has_rows, 0).to_numpy(dtype=np.int64)
        # More works than pupils on the register: the register is behind, everybody wrote.
        enrolled = np.where(enrolled > 0, np.maximum(enrolled, wrote), 0)
        return enrolled, np.where(enrolled > 0, enrolled - wrote, 0)
    if not rows_say or present.all():
        return None, None
    absent = np.bincount(position[~present], minlength=len(schools))
    return wrote + absent, absent


def _journal(
    frame: pd.DataFrame, position: NDArray, present: NDArray, size: int, schools: NDArray, aggregate: _Aggregate | None
) -> tuple[NDArray[np.int64] | None, NDArray[np.int64] | None, NDArray[np.int64] | None]:
    if aggregate is not None and aggregate.journal is not None:
        known = (
            aggregate.journal.assign(school=aggregate.journal["school"].astype(str))
            .groupby("school")
            .sum(numeric_only=True)
        )
        table = known.reindex(schools)[["n", "confirmed", "raised"]].fillna(0).to_numpy(dtype=np.int64)
        return table[:, 0], table[:, 1], table[:, 2]
    mark, journal = frame["mark"].to_numpy(), frame["journal"].to_numpy()
    both = present & ~np.isnan(mark) & ~np.isnan(journal)
    if not both.any():
        return None, None, None
    where = position[both]
    pair = mark[both] - journal[both]
    return (
        np.bincount(where, minlength=size),
        np.bincount(where[pair == 0], minlength=size),
        np.bincount(where[pair > 0], minlength=size),
    )


def _no_journal(present: pd.DataFrame, *, is_aggregate: bool) -> str:
    """Why marks cannot be compared with the journal's."""
    if is_aggregate:
        return "есть только сводные таблицы, без сравнения с журналом"
    missing = [present[name].isna().all() for name in ("mark", "journal")]
    if all(missing):
        return "нет отметок ни за работу, ни по журналу"
    if any(missing):
        return "нет отметок за работу" if missing[0] else "нет отметок по журналу"
    return "ни у одного участника нет сразу двух отметок: за работу и по журналу"


def _journal_places(
    frame: pd.DataFrame, position: NDArray, cuts: Mapping[int, float], size: int
) -> NDArray[np.int64] | None:
    """Pupils by school, journal mark and place of the score (``PLACES``)."""
    journal, score = frame["journal"].to_numpy(), frame["value"].to_numpy()
    known = np.isin(journal, (2, 3, 4, 5))
    if set(cuts) != {3, 4, 5} or not known.any():
        return None
    mark, score = journal[known].astype(np.int64), np.floor(score[known])
    # Scores of mark m are those from edges[m − 2] up to, and without, edges[m − 1].
    edges = np.array([-np.inf, *np.ceil(list(cuts.values())), np.inf])
    low, high = edges[mark - 2], edges[mark - 1] - 1
    place = np.select([score < low, score == low, score > high, score == high], [0, 1, 4, 3], 2)
    cell = (position[known].astype(np.int64) * 4 + mark - 2) * len(PLACES) + place
    return np.bincount(cell, minlength=size * 4 * len(PLACES)).reshape(size, 4, len(PLACES))


def _standing(results: pd.DataFrame) -> NDArray[np.float64]:
    """The pupils' mean z-score in their other works of the same year and grade; NaN where they wrote no other."""
    nothing = np.full(len(results), np.nan)
    if not len(results) or "pupil" not in results.columns or "primary_score" not in results.columns:
        return nothing
    present = (
        results["present"].fillna(True).to_numpy(dtype=bool)
        if "present" in results.columns
        else np.ones(len(results), bool)
    )
    score = np.where(present, _numbers(results, "primary_score"), np.nan)
    work, works = _codes(results, KEYS)
    pupil, _ = _codes(results, ["school_year", "grade", "school", "pupil"])
    if works < 2:
        return nothing
    known = ~np.isnan(score)
    n, total, square = (np.bincount(work[known], weights=score[known] ** power, minlength=works) for power in (0, 1, 2))
    mean = total / np.maximum(n, 1)
    spread = np.sqrt(np.maximum(square / np.maximum(n, 1) - mean**2, 0.0))
    z = np.where(known & (spread[work] > 0), (score - mean[work]) / np.maximum(spread[work], 1e-12), np.nan)
    has = ~np.isnan(z)
    own = np.where(has, z, 0.0)
    others = np.bincount(pupil, weights=own)[pupil] - own
    count = np.bincount(pupil, weights=has)[pupil] - has
    return np.where(count > 0, others / np.maximum(count, 1), np.nan)


def _codes(frame: pd.DataFrame, names: list[str]) -> tuple[NDArray[np.int64], int]:
    """One number from 0 for every combination of values met, and how many there are."""
    code = np.zeros(len(frame), dtype=np.int64)
    for name in names:
        more, values = pd.factorize(frame[name])
        code = pd.factorize(code * (len(values) + 1) + more)[0].astype(np.int64)
    return code, int(code.max()) + 1


def _kept(
    frame: pd.DataFrame,
    position: NDArray,
    present: NDArray,
    counted: _Counted,
    size: int,
) -> NDArray[np.int64] | None:
    """Pupils by school, standing in other works (``STANDINGS``) and presence; absent ones without a row are unknown."""
    standing = frame["standing"]
    absent = counted[1]
    if absent is None or present.all() or standing.isna().all():
        return None
    rank = standing.groupby(position).rank(method="average").to_numpy()
    known = np.bincount(position[standing.notna().to_numpy()], minlength=size)
    share = (rank - 0.5) / np.maximum(known, 1)[position]
    group = np.select([share < 0.25, share < 0.5, share >= 0.5], [0, 1, 2], len(STANDINGS) - 1)
    cell = (position.astype(np.int64) * len(STANDINGS) + group) * 2 + ~present
    out = np.bincount(cell, minlength=size * len(STANDINGS) * 2).reshape(size, len(STANDINGS), 2)
    out[:, -1, 1] += np.maximum(absent - out[:, :, 1].sum(axis=1), 0)
    return out


def _items(
    points: NDArray, school: NDArray, group: NDArray, max_points: NDArray, labels: tuple[str, ...], notes: list[str]
) -> tuple[Items | None, str]:
    complete = ~np.isnan(points).any(axis=1)
    if not complete.any():
        return None, _NO_ITEMS
    scores = points[complete].astype(np.int8)
    informative = scores.any(axis=0) & (max_points > 0)
    empty = [label for label, used in zip(labels, informative, strict=True) if not used]
    if empty:
        notes.append(f"в признаках по заданиям не участвуют задания без единого балла: {', '.join(empty)}")
    if not informative.any():
        return None, "ни за одно задание нет ни одного балла"
    kept = tuple(label for label, used in zip(labels, informative, strict=True) if used)
    return Items(
        school[complete].astype(np.int32),
        group[complete].astype(np.int32),
        np.ascontiguousarray(scores[:, informative]),
        max_points[informative],
        kept,
    ), ""


def _context(
    context: pd.DataFrame | None, schools: NDArray
) -> tuple[NDArray[np.float64], tuple[str, ...], NDArray[np.int32], NDArray[np.str_]]:
    """Standardised numbers and dummies of texts; a missing number is the mean, a missing text a level of its own."""
    nowhere = np.full(len(schools), -1, dtype=np.int32), np.empty(0, dtype=str)
    if context is None or context.empty:
        return np.empty((len(schools), 0)), (), *nowhere
    at = (
        context.assign(school=context["school"].astype(str))
        .drop_duplicates("school")
        .set_index("school")
        .reindex(schools)
    )
    columns: list[NDArray[np.float64]] = []
    names: list[str] = []
    for name in sorted(str(c) for c in at.columns if c not in _NOT_COVARIATES):
        values = at[name]
        if pd.api.types.is_bool_dtype(values.dtype) or pd.api.types.is_numeric_dtype(values.dtype):
            numbers = values.to_numpy(dtype=np.float64, na_value=np.nan)
            known = numbers[~np.isnan(numbers)]
            centred = np.where(np.isnan(numbers), 0.0, numbers - (known.mean() if len(known) else 0.0))
            if (spread := float(centred.std())) > 0:
                columns.append(centred / spread)
                names.append(name)
            continue
        texts = values.astype("str").fillna("—")
        common = texts.value_counts()
        for level in sorted(common.index[common >= _LEAST_SCHOOLS_A_LEVEL])[1:]:
            columns.append((texts == level).to_numpy(dtype=np.float64))
            names.append(f"{name}: {level}")
    matrix = np.column_stack(columns) if columns else np.empty((len(schools), 0))
    if "municipality" not in at.columns:
        return matrix, tuple(names), *nowhere
    codes, known = pd.factorize(at["municipality"].astype("str"), sort=True)
    return matrix, tuple(names), codes.astype(np.int32), np.asarray(known.astype(str), dtype=str)


def _prior(
    prior: pd.DataFrame | None, schools: NDArray
) -> tuple[NDArray[np.float64] | None, NDArray[np.float64] | None, str]:
    if prior is None or prior.empty:
        return None, None, ""
    at = prior.assign(school=prior["school"].astype(str)).drop_duplicates("school").set_index("school").reindex(schools)
    size = at["n"].to_numpy(dtype=np.float64, na_value=np.nan) if "n" in at.columns else None
    title = str(prior["before"].iloc[0]) if "before" in prior.columns else ""
    earlier = at["mean_z"].to_numpy(dtype=np.float64, na_value=np.nan)
    return earlier, None if size is None else np.nan_to_num(size), title
