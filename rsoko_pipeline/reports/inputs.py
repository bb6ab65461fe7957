"""What the reports are made of: contract frames of one school year and procedure, for the region and for each school.

Belongs here: the shapes of the input, the order and the short names of works, the share of a school in the region's
frames. Does not belong here: reading the warehouse (``resources``), workbooks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from rsoko_pipeline import contracts
from rsoko_pipeline.reports.texts import text
from rsoko_pipeline.reports.workbook import plain

#: Below this number of participants a figure is shown with the mark «мало участников».
SMALL = 10
#: Statuses of a scale that may stand without a warning.
_FIRM_SCALES = ("official", "public", "own")


@dataclass(frozen=True)
class ReportHead:
    """What stands on the first page of every workbook.

    Attributes:
        region: name of the region.
        procedure: name of the procedure.
        school_year: as «2025/2026».
        made_at: when the statistics were computed, with the region's time zone.
        config_version: version of the configuration.
        run_id: run that computed the statistics.
    """

    region: str
    procedure: str
    school_year: str
    made_at: datetime
    config_version: str
    run_id: str


@dataclass(frozen=True)
class Work:
    """A work of the calendar as the reports name it.

    Attributes:
        event_id: the calendar's event.
        label: short and unique in the report: «РУ 4».
        title: «Русский язык, 4 класс».
        window: days on which it was written, in words.
        cuts: least scores for the marks 3, 4, 5, where the scale is known.
        scale_note: where the scale comes from, in words.
        scale_warning: the same for a scale that is not official or not known, else empty.
    """

    event_id: str
    label: str
    title: str
    window: str
    max_score: float | None
    cuts: tuple[float, float, float] | None
    scale_note: str
    scale_warning: str


@dataclass(frozen=True)
class RegionReport:
    """One school year and procedure of the region: frames of the contracts of the same names, findings with file names.

    Attributes:
        head: what the first page says.
        events: ``core.dim_event``, the events of this year and procedure.
        subjects, municipalities, schools, tasks: ``core.dim_*``.
        mark_statistics, score_distribution, task_statistics, journal_comparison, coverage, upload_status: ``mart``.
        findings: the output of ``name_findings``.
        exam_statistics: ``mart``, of exams alone.
    """

    head: ReportHead
    events: pd.DataFrame
    subjects: pd.DataFrame
    municipalities: pd.DataFrame
    schools: pd.DataFrame
    tasks: pd.DataFrame
    mark_statistics: pd.DataFrame
    score_distribution: pd.DataFrame
    task_statistics: pd.DataFrame
    journal_comparison: pd.DataFrame
    coverage: pd.DataFrame
    upload_status: pd.DataFrame
    findings: pd.DataFrame
    exam_statistics: pd.DataFrame = field(default_factory=lambda: contracts.table("exam_statistics").empty())

    @cached_property
    def works(self) -> list[Work]:
        """The works by grade, subject, time."""
        return works(self.events, self.subjects)

    @cached_property
    def municipality_names(self) -> dict[str, str]:
        """The latest name of each municipality, by code, sorted by code."""
        return _latest_names(self.municipalities, "municipality")

    @cached_property
    def school_names(self) -> dict[str, str]:
        """The latest name of each school, by code, sorted by code."""
        return _latest_names(self.schools, "school")


@dataclass(frozen=True)
class SchoolReport:
    """The same year and procedure for one school, beside its municipality and the region.

    Attributes:
        school, school_name, municipality, municipality_name: who it is.
        works: all works of the year; those the school did not write have no rows in the frames.
        results: ``core.fact_result`` of this school.
        mark_statistics, task_statistics, journal_comparison, coverage: rows of the school, of its classes, of its
            municipality and of the region, for the works that the school wrote.
        findings: findings of the school's data and of the files that hold its data alone.
    """

    head: ReportHead
    school: str
    school_name: str
    municipality: str
    municipality_name: str
    works: list[Work]
    tasks: pd.DataFrame
    results: pd.DataFrame
    mark_statistics: pd.DataFrame
    task_statistics: pd.DataFrame
    journal_comparison: pd.DataFrame
    coverage: pd.DataFrame
    upload_status: pd.DataFrame
    findings: pd.DataFrame

    @cached_property
    def written(self) -> list[Work]:
        """The works for which there are marks of the school."""
        events = set(self.mark_statistics["event_id"])
        return [work for work in self.works if work.event_id in events]


def works(events: pd.DataFrame, subjects: pd.DataFrame) -> list[Work]:
    """The events in the order in which reports name them: grade, subject, time of writing.

    Two works of the same subject and grade in one year (autumn and spring) get the month in their label.

    Args:
        events: ``core.dim_event``.
        subjects: ``core.dim_subject``.
    """
    names = subjects[["subject", "name", "short_name"]].rename(columns={"name": "subject_name", "short_name": "short"})
    frame = events.merge(names, on="subject", how="left").sort_values(["grade", "short", "window_from", "event_id"])
    rows = list(_records(frame))
    labels = [_label(row["short"], row["grade"], row["title"]) for row in rows]
    repeated = {label for label, count in Counter(labels).items() if count > 1}
    return [
        _work(row, f"{label} {row['window_from']:%m.%Y}" if label in repeated else label)
        for row, label in zip(rows, labels, strict=True)
    ]


def _label(short: str | None, grade: int | None, title: str) -> str:
    return f"{short} {grade}" if short and grade is not None else title


def _work(row: dict[str, Any], label: str) -> Work:
    cuts = (row["cut3"], row["cut4"], row["cut5"])
    known = None not in cuts
    status = row["scale_status"] if known and row["scale_status"] else "unknown"
    note = text(f"scale.{status}")
    if known and row["scale_source"]:
        note = text("scale.with_source", note=note, source=row["scale_source"])
    title = row["title"]
    if row["subject_name"] and row["grade"] is not None:
        title = text("work.title", subject=row["subject_name"], grade=row["grade"])
    return Work(
        event_id=row["event_id"],
        label=label,
        title=title,
        window=text("work.window", start=_day(row["window_from"]), end=_day(row["window_to"])),
        max_score=row["max_score"],
        cuts=cuts if known else None,
        scale_note=note,
        scale_warning="" if status in _FIRM_SCALES else note,
    )


def _day(day: date) -> str:
    return f"{day:%d.%m.%Y}"


def name_findings(quarantine: pd.DataFrame, files: pd.DataFrame, units: pd.DataFrame) -> pd.DataFrame:
    """Findings with the names of their files, as reports want them.

    A finding about a whole file is given to the school if the file holds the data of that school alone.

    Args:
        quarantine: ``ops.quarantine``.
        files: ``ops.landing_file``; the name is the first under which the content came.
        units: ``ops.file_unit``.

    Returns:
        The columns of ``ops.quarantine`` and ``file_name``.
    """
    first = files.sort_values(["received_at", "name"]).drop_duplicates("file_id").set_index("file_id")["name"]
    owners = units[units["school"] != ""].groupby("file_id")["school"].agg(["first", "nunique"])
    alone = owners.loc[owners["nunique"] == 1, "first"]
    names, schools = (known.reindex(quarantine["file_id"]).set_axis(quarantine.index) for known in (first, alone))
    return quarantine.assign(file_name=names, school=quarantine["school"].fillna(schools))


def school_reports(
    region: RegionReport, results: pd.DataFrame, *, only: Collection[str] | None = None
) -> Iterator[SchoolReport]:
    """The reports of the schools, one after another, by code.

    Args:
        region: the year and procedure.
        results: ``core.fact_result`` of its events.
        only: codes of the schools wanted; by default every school of the register that has results, findings or a
            place on the upload board.
    """
    parts = {
        name: _Split(getattr(region, name), region.school_names)
        for name in ("mark_statistics", "task_statistics", "journal_comparison", "coverage")
    }
    by_school = {
        name: _groups(frame["school"])
        for name, frame in (("results", results), ("uploads", region.upload_status), ("findings", region.findings))
    }
    homes = (
        region.schools.sort_values("valid_from")
        .drop_duplicates("school", keep="last")
        .set_index("school")["municipality"]
    )
    present = set().union(*by_school.values()) & set(region.school_names)
    for school in sorted(present if only is None else present & set(only)):
        municipality = homes[school]
        own = results.take(by_school["results"].get(school, _NONE))
        written = set(own["event_id"]) | parts["mark_statistics"].events_of(school)
        yield SchoolReport(
            head=region.head,
            school=school,
            school_name=region.school_names[school],
            municipality=municipality,
            municipality_name=region.municipality_names.get(municipality, municipality),
            works=region.works,
            tasks=region.tasks,
            results=own,
            upload_status=region.upload_status.take(by_school["uploads"].get(school, _NONE)),
            findings=region.findings.take(by_school["findings"].get(school, _NONE)),
            **{name: part.of(school, municipality, written) for name, part in parts.items()},
        )


_NONE = np.array([], dtype=np.intp)


#: The class in the code of a class: «edu990001/2».
_CLASS = "/[^/]*$"


class _Split:
    """A statistics frame from which one takes a school's part without looking through the whole each time."""

    def __init__(self, frame: pd.DataFrame, schools: Collection[str]) -> None:
        self._frame = frame
        owner = frame["unit_code"].mask(
            frame["level"] == "class", frame["unit_code"].str.replace(_CLASS, "", regex=True)
        )
        in_school = frame["level"].isin(["school", "class"])
        self._schools = _groups(owner.where(in_school & owner.isin(schools)))
        self._municipalities = _groups(owner.where(frame["level"] == "municipality"))
        self._region = np.flatnonzero(frame["level"] == "region")

    def events_of(self, school: str) -> set[str]:
        """The events for which the school has rows."""
        return set(self._frame["event_id"].take(self._schools.get(school, _NONE)))

    def of(self, school: str, municipality: str, events: Collection[str]) -> pd.DataFrame:
        """Rows of the school, its classes, its municipality and the region for these events."""
        rows = np.concatenate(
            [self._schools.get(school, _NONE), self._municipalities.get(municipality, _NONE), self._region]
        )
        part = self._frame.take(rows)
        return part[part["event_id"].isin(events)]


def _groups(keys: pd.Series) -> dict[str, np.ndarray]:
    """Positions of the rows of each key; rows without a key are left out."""
    return {str(key): np.asarray(rows) for key, rows in keys.groupby(keys).indices.items()}


def _latest_names(dimension: pd.DataFrame, key: str) -> dict[str, str]:
    latest = dimension.sort_values([key, "valid_from"]).drop_duplicates(key, keep="last")
    return dict(zip(latest[key], latest["name"], strict=True))


def _records(frame: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """The rows as dictionaries of plain values."""
    names = [str(name) for name in frame.columns]
    rows = zip(*(plain(frame[name]) for name in names), strict=True)
    return (dict(zip(names, row, strict=True)) for row in rows)
