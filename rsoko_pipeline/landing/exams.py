"""Exams on their way to facts: which sittings are in force, which of a participant's sittings counts.

Belongs here: units of exams, the result that counts by the procedure's rules, one set of tasks an exam, rows of
``fact_exam``. Does not belong here: reading (``sources.gia``), judging
(``validation.exams``), statistics.

A **unit** of an exam is a school × event × day: the protocol of a reserve day stands beside that of the main day, and
the protocol sent again after appeals takes the place of the earlier one. A file of nothing but results of appeals is no
such protocol: it has a unit a participant, which takes the place of that sitting alone. Where a protocol itself says
how the appeal ended, the protocol counts.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pandas as pd

from rsoko_pipeline import contracts
from rsoko_pipeline.configuration import Configuration
from rsoko_pipeline.configuration.exams import ExamRules
from rsoko_pipeline.sources.model import TaskHead
from rsoko_pipeline.validation.exams import validate_exams
from rsoko_pipeline.validation.found import findings
from rsoko_pipeline.validation.results import Validated

if TYPE_CHECKING:
    from rsoko_pipeline.landing.assembly import Gathered

#: The unit's content before the day: like pupils' works of any other format; between the day and whose appeal it is.
_CONTENT, _APPEAL = "source_result:", ":appeal:"
_PERIODS = ("early", "main", "additional")
_PLACE = ["file_id", "row_number"]
_WHOLE = ["event_id", "file_id", "school"]
_SITTING = ["event_id", "pupil_code", "exam_date", "exam_period"]
_APPEALS_RU = {"granted": "удовлетворена", "rejected": "отклонена"}
_BEST = ["is_passed", "test_score", "mark", "primary_score"]


@dataclass(frozen=True)
class Judged:
    """The sittings of some events, checked.

    Attributes:
        validated: findings and verdicts; ``passed`` holds the sittings that go on.
        sittings: those sittings with ``is_counted`` and ``is_statistical``.
    """

    validated: Validated
    sittings: pd.DataFrame


def contents(rows: pd.DataFrame) -> pd.Series:
    """The content of each sitting's unit: the day, or the period where the file does not say the day; see above."""
    day = _CONTENT + rows["exam_date"].dt.strftime("%Y-%m-%d").astype("str").fillna(rows["exam_period"])
    is_of_appeals = rows["appeal"].ne("none").groupby(rows["file_id"]).transform("all")
    return day.mask(is_of_appeals, day + _APPEAL + rows["pupil_code"])


def units(rows: pd.DataFrame) -> pd.DataFrame:
    """The units that sittings bring: ``file_id, event_id, school, content, rows, declared``."""
    counted = rows.assign(content=contents(rows)).groupby(["file_id", "event_id", "school", "content"], as_index=False)
    return counted.size().rename(columns={"size": "rows"}).assign(declared=None)


def is_exam(events: pd.Series, cfg: Configuration) -> pd.Series:
    """Whether each event is an exam."""
    return events.isin([event for event in events.unique() if _rules(event, cfg)])


def judge(gathered: Gathered, *, cfg: Configuration, released: pd.DataFrame | None = None) -> Judged | None:
    """Check the sittings, and put those that count for the statistics among the pupils' works of ``gathered``.

    Args:
        gathered: the files' rows, under the schools of the register; its works and tasks are completed here.
        cfg: rules of the procedures.
        released: rows of ``ops.quarantine`` that a person has let through.

    Returns:
        None where the files hold no exam.
    """
    if gathered.rows("source_exam").empty:
        return None
    rows = _after_appeals(gathered)
    validated = validate_exams(rows, cfg=cfg, released=released)
    sittings = counted(validated.passed, cfg)
    works = _works(sittings)
    failed = rows[~_keys(rows, _PLACE).isin(_keys(sittings, _PLACE))]
    gathered.frames["source_school"] = _with_counts(gathered.rows("source_school"), _unread(gathered), failed, works)
    gathered.frames["source_result"] = pd.concat([gathered.rows("source_result"), works], ignore_index=True)
    _one_set_of_tasks(gathered, works)
    return Judged(validated, sittings)


def _after_appeals(gathered: Gathered) -> pd.DataFrame:
    """The sittings, of one that was appealed against the one that says how that ended; a finding says what it was."""
    rows = gathered.rows("source_exam").reset_index(drop=True)
    of_appeal = rows["content"].str.contains(_APPEAL, regex=False)
    if not of_appeal.any():
        return rows
    sitting = rows.groupby(_SITTING, dropna=False).ngroup()
    is_settled = sitting.isin(sitting[~of_appeal & rows["appeal"].ne("none")])
    replaced = rows[~of_appeal & ~is_settled & sitting.isin(sitting[of_appeal])]
    replacing = of_appeal & ~is_settled & sitting.isin(sitting[replaced.index])
    if replacing.any():
        earlier = replaced.assign(sitting=sitting).drop_duplicates("sitting").set_index("sitting")
        earlier = earlier.reindex(sitting[replacing])
        names = {file_id: facts.name for file_id, facts in gathered.files.items()}
        found = findings(
            rows[replacing],
            "RSK-EXAM-APPEAL",
            value=rows.loc[replacing, "appeal"].map(_APPEALS_RU),
            before=_result(earlier),
            expected=_result(rows[replacing]),
            name=earlier["file_id"].map(names),
        )
        gathered.findings = pd.concat([gathered.findings, found], ignore_index=True)
    return rows.drop(index=rows.index[of_appeal & is_settled].union(replaced.index))


def _result(rows: pd.DataFrame) -> pd.Series:
    """What a sitting came to: the test score, else the mark, else the primary score."""
    return rows["test_score"].astype("float64").fillna(rows["mark"].astype("float64")).fillna(rows["primary_score"])


def counted(sittings: pd.DataFrame, cfg: Configuration) -> pd.DataFrame:
    """The sittings with ``is_counted`` and ``is_statistical``, and results that a later retake annuls as such.

    ``is_counted``: the participant's result by the rule ``counts`` among all valid ones of the event.
    ``is_statistical``: the same among the categories and periods of the statistics; for a participant without a valid
    result there the last sitting, which is an absence.
    """
    parts = []
    for event, rows in sittings.groupby("event_id", sort=False):
        rules = _rules(str(event), cfg)
        assert rules is not None  # validation has passed exams alone
        parts.append(_counted(rows, rules))
    flags = {"is_counted": pd.array([], dtype="boolean"), "is_statistical": pd.array([], dtype="boolean")}
    return pd.concat(parts).sort_index() if parts else sittings.assign(**flags)


def _counted(rows: pd.DataFrame, rules: ExamRules) -> pd.DataFrame:
    rows = _annulled_by_retakes(rows, rules)
    valid = rows["exam_status"] == "valid"
    wanted = rows["participant_category"].isin(rules.statistics_categories)
    wanted &= rows["exam_period"].isin(rules.statistics_periods)
    statistical = _chosen(rows[wanted & valid], rules)
    others = rows[wanted & ~rows["pupil_code"].isin(rows.loc[statistical, "pupil_code"])]
    return rows.assign(
        is_counted=pd.array(rows.index.isin(_chosen(rows[valid], rules)), dtype="boolean"),
        is_statistical=pd.array(rows.index.isin(statistical.union(_last(others))), dtype="boolean"),
    )


def _annulled_by_retakes(rows: pd.DataFrame, rules: ExamRules) -> pd.DataFrame:
    days = rows["exam_date"].dropna().unique()
    retaking = rows["exam_date"].isin([day for day in days if rules.is_retake(pd.Timestamp(day).date())])
    valid = rows["exam_status"] == "valid"
    retaken = rows[retaking & valid].groupby("pupil_code")["exam_date"].max()
    if retaken.empty:
        return rows
    annulled = valid & (rows["exam_date"] < rows["pupil_code"].map(retaken))
    return rows.assign(exam_status=rows["exam_status"].mask(annulled, "annulled"))


def _chosen(rows: pd.DataFrame, rules: ExamRules) -> pd.Index:
    """One sitting a participant by the rule: the last, or the best and of equals the last."""
    if rules.counts == "last_valid":
        return _last(rows)
    ordered = _in_time(rows).sort_values(_BEST, kind="stable", na_position="first")
    return ordered.drop_duplicates("pupil_code", keep="last").index


def _last(rows: pd.DataFrame) -> pd.Index:
    return _in_time(rows).drop_duplicates("pupil_code", keep="last").index


def _in_time(rows: pd.DataFrame) -> pd.DataFrame:
    order = rows["exam_period"].map(_PERIODS.index)
    return rows.assign(_period=order).sort_values(
        ["_period", "exam_date", "row_number"], kind="stable", na_position="first"
    )


def _works(sittings: pd.DataFrame) -> pd.DataFrame:
    """The sittings of the statistics as rows of ``source_result``; without a valid result the participant is absent."""
    table = contracts.table("source_result")
    rows = sittings[sittings["is_statistical"]].reset_index(drop=True)
    present = rows["exam_status"] == "valid"
    scores = rows["scores"].to_numpy(dtype="object", copy=True)
    scores[~present.to_numpy()] = None
    return table.conform(
        pd.DataFrame(
            {
                **{name: rows[name] for name in table.names if name in rows},
                "present": present,
                "primary_score": rows["primary_score"].where(present),
                "mark": rows["mark"].where(present),
                "scores": scores,
            }
        )
    )


def _unread(gathered: Gathered) -> pd.Series:
    """How many rows of each school of ``source_school`` could not be read; null where the file is no exam's."""
    rows = gathered.rows("source_school")
    known = {file_id: facts.extra.get("unread") for file_id, facts in gathered.files.items()}
    counts = [
        None if (of_file := known.get(file_id)) is None else of_file.get((event, line), 0)
        for file_id, event, line in rows[["file_id", "event_id", "row_number"]].itertuples(index=False, name=None)
    ]
    return pd.Series(counts, index=rows.index, dtype="Int32")


def _with_counts(schools: pd.DataFrame, unread: pd.Series, failed: pd.DataFrame, works: pd.DataFrame) -> pd.DataFrame:
    """The schools of exams with as many rows as there are works, and sittings that failed: thresholds compare those."""
    counts = pd.concat([failed[_WHOLE], works[_WHOLE]]).groupby(_WHOLE).size()
    found = pd.Series(counts.reindex(_keys(schools, _WHOLE)).fillna(0).to_numpy(), index=schools.index).astype("Int32")
    return schools.assign(rows=(found + unread).fillna(schools["rows"]))


def _one_set_of_tasks(gathered: Gathered, works: pd.DataFrame) -> None:
    """Give all files of an exam with equally named tasks the same maxima, the greatest of each.

    What a short answer is worth is known from the answers alone (``sources.gia``): in a file where nobody got two
    points the task looks like one of one point. A file without answers takes the exam's tasks.
    """
    pairs = works[["event_id", "file_id"]].drop_duplicates()
    best: dict[tuple[str, tuple[str, ...]], tuple[TaskHead, ...]] = {}
    for event, file_id in pairs.itertuples(index=False, name=None):
        tasks = gathered.files[file_id].tasks_in(event)
        key = event, tuple(task.task for task in tasks)
        before = best.get(key, tasks)
        best[key] = tuple(max(pair, key=lambda task: task.max_points) for pair in zip(tasks, before, strict=True))
    for event, file_id in pairs.itertuples(index=False, name=None):
        facts = gathered.files[file_id]
        labels = tuple(task.task for task in facts.tasks_in(event))
        tasks = best[event, labels] if labels else max((best[key] for key in best if key[0] == event), key=len)
        gathered.files[file_id] = replace(facts, tasks_of_event={**facts.tasks_of_event, event: tasks})


def fact_exam(judged: Judged | None, works: Validated, cfg: Configuration, run_id: str) -> pd.DataFrame:
    """Rows of ``core.fact_exam``: the sittings that passed, without those whose work was held.

    Args:
        judged: the sittings; None where the events are no exams.
        works: what became of the works among which the sittings of the statistics went.
        cfg: configuration.
        run_id: the run.
    """
    table = contracts.table("fact_exam")
    if judged is None or judged.sittings.empty:
        return table.empty()
    rows = judged.sittings
    went_on = _keys(rows, _PLACE).isin(_keys(works.passed, _PLACE))
    held = rows["event_id"].isin(works.held_events) | _keys(rows, _WHOLE).isin(_keys(works.held_units, _WHOLE))
    kept = rows[(went_on | ~rows["is_statistical"].to_numpy(dtype="bool")) & ~held]
    return table.conform(kept.assign(pupil=kept["pupil_code"], config_version=cfg.version, run_id=run_id)[table.names])


def _keys(rows: pd.DataFrame, names: list[str]) -> pd.MultiIndex:
    return pd.MultiIndex.from_frame(rows[names])


def _rules(event_id: str, cfg: Configuration) -> ExamRules | None:
    event = cfg.calendar.events.get(event_id)
    return cfg.procedures[event.procedure].exam if event else None
