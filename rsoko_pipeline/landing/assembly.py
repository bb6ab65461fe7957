"""Assembly: from the files in force to what validation takes, and from what passed to rows of ``core``.

Belongs here: choosing each unit's rows, the task structure of a work, pseudonyms. Does not belong here: reading
(``sources``), judging (``validation``), storing (``warehouse``).
"""

from __future__ import annotations

import hmac
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
import pyarrow as pa

from rsoko_pipeline import contracts, findings
from rsoko_pipeline.configuration import Configuration
from rsoko_pipeline.configuration.scales import Task
from rsoko_pipeline.families import OF_SOURCE, Family
from rsoko_pipeline.findings import Finding
from rsoko_pipeline.landing import exams
from rsoko_pipeline.sources.model import FileFacts, ReadResult, TaskHead

GROUP_CONTENTS = {
    "source_group_marks": "fact_group_marks",
    "source_group_journal": "fact_group_journal",
    "source_group_scores": "fact_group_scores",
    "source_label": "fact_label",
}

#: The tasks of a work: label and largest score of each.
Structure = tuple[tuple[str, int], ...]


@dataclass
class Gathered:
    """What the files in force say of some events.

    Attributes:
        frames: source frames by name, ``event_id`` filled in, only rows of units in force.
        files: the files' facts by file id.
        tasks: the tasks of each event, in the order of ``scores``.
        findings: the readers' findings on these files, columns ``findings.COLUMNS``.
    """

    frames: dict[str, pd.DataFrame]
    files: dict[str, FileFacts] = field(default_factory=dict)
    tasks: dict[str, tuple[TaskHead, ...]] = field(default_factory=dict)
    findings: pd.DataFrame = field(default_factory=lambda: findings.frame([], file_id=""))

    def rows(self, name: str) -> pd.DataFrame:
        """The rows of one source frame, none where no file carries it."""
        return self.frames.get(name, contracts.table(name).empty())


def gather(
    results: Iterable[ReadResult], units: pd.DataFrame, *, frames: Mapping[str, pd.DataFrame] | None = None
) -> Gathered:
    """Put together the rows of the units in force.

    Args:
        results: the files that carry the units.
        frames: their rows by name where they are put together already (``merged_frames``).
        units: rows of ``ops.file_unit`` in force, of the events wanted only.

    A file whose tasks differ from those of most rows of the event is held for that event (RSK-TASKS-OTHER).
    """
    results = list(results)
    out = Gathered({}, files={result.file.file_id: result.file for result in results})
    active = units[["file_id", "event_id", "content", "school"]]
    for name, rows in (merged_frames(results) if frames is None else frames).items():
        if "event_id" not in rows:  # registers belong to no event
            continue
        of_pupils = name in ("source_result", "source_school", "source_exam")
        claims = active[active["content"].str.split(":").str[0] == ("source_result" if of_pupils else name)]
        if name in OF_SOURCE:
            claims = claims.rename(columns={"school": "unit_code"})
        unit = ["school"] if of_pupils else ["unit_code"] if name in OF_SOURCE else []
        keys = ["file_id", "event_id", *unit]
        if name == "source_exam":
            rows, keys = rows.assign(content=exams.contents(rows)), [*keys, "content"]
        in_force = rows.merge(claims[keys].drop_duplicates(), on=keys)
        out.frames[name] = in_force if unit else _own_table_first(in_force, out.files)
    found = reader_findings(results)
    out.findings = found[found["event_id"].isin(set(active["event_id"]))]
    settle_tasks(out)
    return out


def merged_frames(results: Iterable[ReadResult]) -> dict[str, pd.DataFrame]:
    """The frames of all files by name; ``event_id`` is the file's where a row names none."""
    parts: dict[str, list[pd.DataFrame]] = {}
    events: dict[str, str | None] = {}
    for result in results:
        events[result.file.file_id] = result.file.event_id
        for name, frame in result.frames.items():
            if not frame.empty:
                parts.setdefault(name, []).append(frame)
    out = {}
    for name, frames in parts.items():
        rows = joined(frames)
        if "event_id" in contracts.table(name).names:
            of_file = rows["file_id"].map(events).astype("str")
            rows["event_id"] = rows["event_id"].fillna(of_file) if "event_id" in rows else of_file
        out[name] = rows
    return out


def joined(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """The rows of some frames one after another, every text column in one piece.

    Concatenation leaves a column of as many pieces as there were frames, and rows are taken out of thousands of pieces
    only by putting them together, each time anew.
    """
    rows = pd.concat(frames, ignore_index=True)
    for name in rows.columns[rows.dtypes == "str"]:
        pieces = pa.array(rows[name].array)
        if isinstance(pieces, pa.ChunkedArray):
            rows[name] = pd.array(pieces.combine_chunks(), dtype="str")
    return rows


def reader_findings(results: Iterable[ReadResult]) -> pd.DataFrame:
    """What the readers found in these files, columns ``findings.COLUMNS``."""
    return findings.frame_of_files(
        (result.findings, result.file.file_id, result.file.event_id, result.file.school) for result in results
    )


def _own_table_first(rows: pd.DataFrame, files: Mapping[str, FileFacts]) -> pd.DataFrame:
    """Where a work's own table and one about many works speak of the same unit, the work's own is taken."""
    of_many = rows["file_id"].map({file_id: facts.event_id is None for file_id, facts in files.items()})
    unit = [name for name in ("event_id", "level", "unit_code") if name in rows]
    if len(unit) < 3:
        return rows
    first = of_many.groupby([rows[name] for name in unit]).transform("min")
    return rows[of_many == first].reset_index(drop=True)


def settle_tasks(gathered: Gathered) -> None:
    """Settle which tasks each event's work has; the rows of files with other tasks are held."""
    rows = gathered.frames.get("source_result")
    if rows is None or rows.empty:
        return
    sizes: dict[Any, int] = rows.groupby(["event_id", "file_id"]).size().to_dict()
    counts: dict[str, Counter[Structure]] = {}
    for (event, file_id), n in sizes.items():
        counts.setdefault(event, Counter())[_structure(gathered.files[file_id], event)] += n
    usual = {event: _most_frequent(found) for event, found in counts.items()}
    held, strangers = [], []
    for event, file_id in sizes:
        facts = gathered.files[file_id]
        if _structure(facts, event) == usual[event]:
            gathered.tasks.setdefault(event, facts.tasks_in(event))
            continue
        strangers.append((event, file_id))
        schools = rows.loc[(rows["file_id"] == file_id) & (rows["event_id"] == event), "school"].unique()
        held.append(_other_tasks(facts, event, schools, usual[event]))
    if strangers:
        gathered.findings = pd.concat([gathered.findings, *held], ignore_index=True)
        keys = pd.MultiIndex.from_frame(rows[["event_id", "file_id"]])
        gathered.frames["source_result"] = rows[~keys.isin(strangers)].reset_index(drop=True)


def _structure(facts: FileFacts, event_id: str) -> Structure:
    return tuple((task.task, task.max_points) for task in facts.tasks_in(event_id))


def _most_frequent(counts: Counter[Structure]) -> Structure:
    """The structure of most rows; of equally frequent ones always the same."""
    return min(counts, key=lambda structure: (-counts[structure], structure))


def _other_tasks(facts: FileFacts, event_id: str, schools: Iterable[str], usual: Structure) -> pd.DataFrame:
    """Findings that hold a file's schools, whose tasks are not the work's."""
    values = {"name": facts.name, "expected": _words(usual)}
    mine = _words(_structure(facts, event_id))
    found = [Finding("RSK-TASKS-OTHER", values, school=school, value=mine) for school in schools]
    return findings.frame(found, file_id=facts.file_id, event_id=event_id)


def _words(structure: Structure) -> str:
    return ", ".join(f"{task} ({points}б)" for task, points in structure) or "без заданий"


def pseudonyms(rows: pd.DataFrame, cfg: Configuration, key: bytes) -> pd.Series:
    """Keyed pseudonyms («псевдонимы»): HMAC-SHA-256 of school, school year, grade and code, 96 bits in hexadecimal.

    Args:
        rows: columns ``event_id``, ``school``, ``pupil_code``; ``grade`` where the event has none of its own.
        cfg: configuration, for the events' school year and grade.
        key: the secret, which lives outside the warehouse.

    One code serves a pupil in all works of a school year and grade, so the subjects of a year can be joined.
    """
    events = cfg.calendar.events.values()
    scope = rows["event_id"].map({event.event_id: f"{event.school_year}\x1f{event.grade}" for event in events})
    if "grade" in rows:
        of_row = rows["event_id"].map({e.event_id: f"{e.school_year}\x1f" for e in events if e.grade is None})
        scope = (of_row + rows["grade"].astype("str")).fillna(scope)
    lines = rows["school"] + "\x1f" + scope + "\x1f" + rows["pupil_code"]
    codes, unique = pd.factorize(lines)
    digests = [hmac.digest(key, line.encode(), "sha256").hex()[:24] for line in unique]
    return pd.Series(pd.array(digests, dtype="str").take(codes), index=rows.index)


def fact_result(passed: pd.DataFrame, cfg: Configuration, key: bytes, run_id: str) -> pd.DataFrame:
    """Rows of ``core.fact_result`` from the rows that passed validation.

    The code of an exam's participant is the pseudonym already (``sources.gia``) and is no code that a school knows.
    """
    table = contracts.table("fact_result")
    of_exam = exams.is_exam(passed["event_id"], cfg)
    rows = passed.assign(
        pupil=pseudonyms(passed, cfg, key).mask(of_exam, passed["pupil_code"]),
        pupil_code=passed["pupil_code"].mask(of_exam),
        config_version=cfg.version,
        run_id=run_id,
    )
    return table.conform(rows[table.names])


def dim_task(tasks: Mapping[str, tuple[TaskHead, ...]], cfg: Configuration) -> pd.DataFrame:
    """Rows of ``core.dim_task``: the files' tasks; difficulty and skill from the configuration where it has them."""
    table = contracts.table("dim_task")
    rows = []
    for event_id, heads in tasks.items():
        known = _configured(cfg, event_id, heads)
        for number, head in enumerate(heads, start=1):
            task = known.get(head.task)
            difficulty, skill = (task.difficulty, task.skill) if task else (None, None)
            rows.append((event_id, number, head.task, head.max_points, head.difficulty or difficulty, skill))
    return table.conform(pd.DataFrame(rows, columns=table.names))


def _configured(cfg: Configuration, event_id: str, heads: Iterable[TaskHead]) -> dict[str, Task]:
    """The tasks that the configuration describes, none where its work is not the one in the files."""
    event = cfg.calendar.events[event_id]
    if event.subject is None or event.grade_programme is None:
        return {}
    work = cfg.procedures[event.procedure].work(event.subject, event.grade_programme, event.year)
    fits = work is not None and work.fits((head.task, head.max_points) for head in heads)
    return {task.task: task for task in work.tasks} if work and fits else {}


def table_facts(family: Family, passed: pd.DataFrame, cfg: Configuration, key: bytes, run_id: str) -> pd.DataFrame:
    """Rows of a family's fact from the rows that passed validation; a pupil's code becomes a pseudonym.

    A code means what it means in the work that a row is about, else in the event itself.
    """
    table = contracts.table(family.fact)
    rows = passed.assign(config_version=cfg.version, run_id=run_id)
    if family.has_pupils:
        work = passed["about_event"].fillna(passed["event_id"]) if "about_event" in passed else passed["event_id"]
        rows["pupil"] = pseudonyms(passed.assign(school=passed["unit_code"], event_id=work), cfg, key)
    return table.conform(rows[table.names])


def group_facts(passed: Mapping[str, pd.DataFrame], cfg: Configuration, run_id: str) -> dict[str, pd.DataFrame]:
    """Rows of the group tables of ``core`` from what passed, an empty frame where there is nothing."""
    out = {}
    for content, name in GROUP_CONTENTS.items():
        table = contracts.table(name)
        rows = passed.get(content)
        out[name] = (
            table.empty()
            if rows is None or rows.empty
            else table.conform(rows.assign(config_version=cfg.version, run_id=run_id)[table.names])
        )
    return out
