"""A fictional region-year as contract frames, small or as large as a timing wants."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd

from rsoko_pipeline import contracts
from rsoko_pipeline.reports.inputs import RegionReport, ReportHead

STAMP: dict[str, Any] = {
    "config_version": "0a1b2c3d4e5f",
    "run_id": "run-1",
    "computed_at": pd.Timestamp("2026-06-01 09:30", tz="UTC"),
}
HEAD = ReportHead(
    region="Приозёрная область",
    procedure="Всероссийские проверочные работы",
    school_year="2025/2026",
    made_at=datetime(2026, 6, 1, 9, 30, tzinfo=UTC),
    config_version="0a1b2c3d4e5f",
    run_id="run-1",
)
SUBJECTS = {"ru": ("Русский язык", "РУ"), "ma": ("Математика", "МА"), "is": ("История", "ИС")}
SKILLS = (
    "Соблюдать изученные орфографические и пунктуационные нормы при списывании текста",
    "Распознавать однородные члены предложения",
    "Выделять предложения с однородными членами и обосновывать постановку знаков препинания",
    "Решать текстовые задачи",
)
TASK_COUNT, MAX_POINTS = 12, (2, 1, 3, 2)


def conform(table: str, rows: list[dict[str, Any]] | pd.DataFrame) -> pd.DataFrame:
    """A contract frame from rows; no rows give the empty frame."""
    frame = pd.DataFrame(rows)
    return contracts.table(table).empty() if frame.empty else contracts.table(table).conform(frame)


def event(event_id: str, **changes: Any) -> dict[str, Any]:
    """A row of ``dim_event``: «2026-vpr-ru-4»."""
    _, procedure, subject, grade = event_id.split("-")[:4]
    return {
        "event_id": event_id,
        "title": f"ВПР: {subject} {grade}",
        "procedure": procedure,
        "procedure_name": HEAD.procedure,
        "subject": subject,
        "grade": int(grade),
        "grade_programme": int(grade),
        "school_year": "2025/2026",
        "school_year_measured": "2025/2026",
        "window_from": pd.Timestamp("2026-04-20"),
        "window_to": pd.Timestamp("2026-05-20"),
        "participation": "obligatory",
        "max_score": 24.0,
        "cut3": 10.0,
        "cut4": 16.0,
        "cut5": 21.0,
        "scale_status": "public",
        "scale_source": "описание работы 2026 года",
        **changes,
    }


def school(number: int, **changes: Any) -> dict[str, Any]:
    """A row of ``dim_school``; every fourth school belongs to the same municipality."""
    return {
        "school": f"edu99{number:04}",
        "name": f"МБОУ «Средняя общеобразовательная школа № {number}»",
        "municipality": f"reg99_m{number % 4 + 1:03}",
        "valid_from": pd.Timestamp("2015-09-01"),
        **changes,
    }


def finding(number: int, code: str, **changes: Any) -> dict[str, Any]:
    """A row of ``ops.quarantine``."""
    return {
        "quarantine_id": number,
        "file_id": "f1",
        "event_id": "2026-vpr-ru-4",
        "school": "edu990001",
        "code": code,
        "severity": "error",
        "message": "Что-то не так.",
        "remedy": "Исправьте.",
        "action": "held",
        "received_at": STAMP["computed_at"],
        **changes,
    }


def make_results(events: list[str], schools: pd.DataFrame, classes: int, pupils: int, seed: int = 1) -> pd.DataFrame:
    """Rows of ``fact_result``: every school × class × pupil writes every work, one in twelve is absent."""
    chance = np.random.default_rng(seed)
    size = len(schools) * classes * pupils
    index = pd.MultiIndex.from_product([schools["school"], range(1, classes + 1), range(1, pupils + 1)])
    parts = []
    for event_id in events:
        points = np.array([MAX_POINTS[task % len(MAX_POINTS)] for task in range(TASK_COUNT)])
        ability = chance.normal(0.62, 0.18, (size, 1)).clip(0.05, 0.98)
        scores = chance.binomial(points, np.broadcast_to(ability, (size, TASK_COUNT))).astype(np.int16)
        scores[chance.random((size, TASK_COUNT)) < 0.03] = contracts.NOT_STARTED
        total = np.where(scores > 0, scores, 0).sum(axis=1)
        mark = 2 + (total >= 10).astype(int) + (total >= 16) + (total >= 21)
        present = chance.random(size) > 1 / 12
        frame = index.to_frame(index=False, name=["school", "class_no", "number"])
        code = int(event_id.split("-")[3]) * 10_000 + (frame["class_no"] - 1) * pupils + frame["number"]
        frame = frame.drop(columns="number").assign(
            event_id=event_id,
            pupil=[f"p{event_id}{i}" for i in range(size)],
            pupil_code=code.astype(str),
            variant=pd.Series("1", index=frame.index).where(present),
            present=present,
            primary_score=np.where(present, total, np.nan),
            mark=np.where(present, mark, np.nan),
            journal_mark=np.where(present, (mark + chance.integers(-1, 2, size)).clip(2, 5), np.nan),
            scores=pd.Series(list(scores), dtype="object").where(present, None),
            file_id="f1",
            row_number=range(size),
            config_version=STAMP["config_version"],
            run_id="run-1",
        )
        parts.append(frame)
    return conform("fact_result", pd.concat(parts, ignore_index=True))


def _units(results: pd.DataFrame, schools: pd.DataFrame, municipalities: pd.DataFrame) -> pd.DataFrame:
    """The results once for each level, with the unit's columns."""
    homes = schools.set_index("school")
    names = municipalities.set_index("municipality")["name"]
    home = results["school"].map(homes["municipality"])
    label = results["school"] + "/" + results["class_no"].astype("str")
    units: dict[str, tuple[Any, Any, Any]] = {
        "class": (label, label, results["school"]),
        "school": (results["school"], results["school"].map(homes["name"]), home),
        "municipality": (home, home.map(names), "99"),
        "region": ("99", HEAD.region, None),
    }
    return pd.concat(
        [
            results.assign(level=level, unit_code=code, unit_name=name, parent_code=parent)
            for level, (code, name, parent) in units.items()
        ],
        ignore_index=True,
    )


def _margins(frame: pd.DataFrame, share: str, low: str, high: str, n: str) -> dict[str, pd.Series]:
    half = 1.96 * np.sqrt(0.25 / frame[n].astype(float))
    return {low: (frame[share] - half).clip(lower=0), high: (frame[share] + half).clip(upper=1)}


UNIT = ["event_id", "level", "unit_code", "unit_name", "parent_code"]
LONG_UNIT = ["event_id", "level", "unit_code", "parent_code"]


def _mark_statistics(units: pd.DataFrame) -> pd.DataFrame:
    groups = units[units["present"]].groupby(UNIT, dropna=False)
    out = groups.agg(
        participants=("pupil", "size"),
        mean_mark=("mark", "mean"),
        mean_score=("primary_score", "mean"),
        median_score=("primary_score", "median"),
        sd_score=("primary_score", "std"),
    ).reset_index()
    counts = groups["mark"].value_counts().unstack(fill_value=0).reset_index(drop=True)
    out["marked"] = out["participants"]
    for mark in (2, 3, 4, 5):
        out[f"n{mark}"] = counts[mark]
        out[f"share{mark}"] = counts[mark] / out["marked"]
    out["quality"], out["success"] = out["share4"] + out["share5"], 1 - out["share2"]
    out["sou"] = out["share5"] + 0.64 * out["share4"] + 0.36 * out["share3"] + 0.16 * out["share2"]
    out = out.assign(
        **_margins(out, "quality", "quality_low", "quality_high", "marked"),
        **_margins(out, "success", "success_low", "success_high", "marked"),
        source="pupils",
        max_score=24.0,
        **STAMP,
    )
    return conform("mark_statistics", out)


def _score_distribution(units: pd.DataFrame) -> pd.DataFrame:
    out = units[units["present"]].groupby([*LONG_UNIT, "primary_score"], dropna=False).size().rename("n").reset_index()
    share = out["n"] / out.groupby(["event_id", "level", "unit_code"])["n"].transform("sum")
    return conform(
        "score_distribution",
        out.rename(columns={"primary_score": "score"}).assign(share=share, source="pupils", **STAMP),
    )


def _task_statistics(units: pd.DataFrame, tasks: pd.DataFrame) -> pd.DataFrame:
    present = units[units["present"]]
    scores = pd.DataFrame(np.vstack(present["scores"].to_list()), index=present.index)
    keys = [present[name] for name in LONG_UNIT]
    sums = scores.clip(lower=0).groupby(keys, dropna=False).sum()
    skipped = (scores == contracts.NOT_STARTED).groupby(keys, dropna=False).sum()
    counts = scores.groupby(keys, dropna=False).size()
    out = pd.Series(sums.stack()).rename_axis([*LONG_UNIT, "task_no"]).reset_index(name="points_sum")
    out["task_no"] += 1
    out = out.assign(not_started=skipped.stack().to_numpy(), n=np.repeat(counts.to_numpy(), TASK_COUNT)).merge(
        tasks[["event_id", "task_no", "task", "max_points", "difficulty"]], on=["event_id", "task_no"]
    )
    out["solved_share"] = out["points_sum"] / (out["n"] * out["max_points"])
    return conform(
        "task_statistics", out.assign(**_margins(out, "solved_share", "solved_low", "solved_high", "n"), **STAMP)
    )


def _journal_comparison(units: pd.DataFrame) -> pd.DataFrame:
    both = units[units["present"]]
    change = both["mark"] - both["journal_mark"]
    out = (
        both.assign(lowered=change < 0, confirmed=change == 0, raised=change > 0)
        .groupby(UNIT, dropna=False)[["lowered", "confirmed", "raised"]]
        .sum()
        .reset_index()
    )
    out["n"] = out[["lowered", "confirmed", "raised"]].sum(axis=1)
    for name in ("lowered", "confirmed", "raised"):
        out[f"{name}_share"] = out[name] / out["n"]
    return conform("journal_comparison", out.assign(source="pupils", **STAMP))


def _coverage(units: pd.DataFrame) -> pd.DataFrame:
    groups = units.groupby(UNIT, dropna=False)["present"]
    out = groups.agg(enrolled="size", participants="sum").reset_index()
    out["absent"] = out["enrolled"] - out["participants"]
    out["coverage"] = out["participants"] / out["enrolled"]
    margins = _margins(out, "coverage", "coverage_low", "coverage_high", "enrolled")
    sources = {"enrolled_source": "register", "participants_source": "pupils"}
    return conform("coverage", out.assign(**margins, **sources, target=0.95, **STAMP))


def make_region(
    events: pd.DataFrame | None = None, *, schools: int = 6, classes: int = 2, pupils: int = 8
) -> tuple[RegionReport, pd.DataFrame]:
    """A region-year and its ``fact_result``; the first school is in the last place of the upload board: late."""
    if events is None:
        events = conform(
            "dim_event", [event("2026-vpr-ru-4"), event("2026-vpr-ma-4", scale_status="assumed", scale_source=None)]
        )
    register = conform("dim_school", [school(number) for number in range(1, schools + 1)])
    municipalities = conform(
        "dim_municipality",
        [
            {
                "municipality": f"reg99_m{number:03}",
                "name": name,
                "region": "99",
                "valid_from": pd.Timestamp("2015-09-01"),
            }
            for number, name in enumerate(
                (
                    "Берёзовский муниципальный округ",
                    "город Приозёрск",
                    "Заречный муниципальный район",
                    "Лесной муниципальный округ",
                ),
                start=1,
            )
        ],
    )
    ids = list(events["event_id"])
    tasks = conform(
        "dim_task",
        [
            {
                "event_id": event_id,
                "task_no": number,
                "task": str(number) if number < TASK_COUNT else "9.1К2",
                "max_points": MAX_POINTS[(number - 1) % len(MAX_POINTS)],
                "difficulty": "БПВ"[number % 3],
                "skill": SKILLS[number % len(SKILLS)],
            }
            for event_id in ids
            for number in range(1, TASK_COUNT + 1)
        ],
    )
    results = make_results(ids, register, classes, pupils)
    units = _units(results, register, municipalities)
    statuses = ("late", "refused", "empty", "awaited")
    board = [
        {
            "event_id": event_id,
            "school": row.school,
            "school_name": row.name,
            "municipality": row.municipality,
            "due": pd.Timestamp("2026-05-27"),
            "status": statuses[number] if number < 4 and event_id == ids[0] else "loaded",
            "findings": number % 3,
            **STAMP,
        }
        for event_id in ids
        for number, row in enumerate(register.itertuples(index=False))
    ]
    found = conform(
        "quarantine",
        [
            finding(
                1,
                "RSK-PUPIL-DUPLICATE",
                sheet="Протокол",
                row_number=12,
                column_name="Код участника",
                value="40007",
                message="Код участника 40007 встречается в работе школы edu990001 больше одного раза.",
            ),
            finding(2, "RSK-MARK-SCALE", sheet="Протокол", row_number=3, column_name="Отметка", value="5"),
            finding(3, "RSK-DECIMAL-COMMA", severity="info", action="noted", school="edu990002", file_id="f2"),
        ],
    )
    region = RegionReport(
        head=HEAD,
        events=events,
        municipalities=municipalities,
        schools=register,
        tasks=tasks,
        subjects=conform(
            "dim_subject",
            [{"subject": code, "name": name, "short_name": short} for code, (name, short) in SUBJECTS.items()],
        ),
        mark_statistics=_mark_statistics(units),
        score_distribution=_score_distribution(units),
        task_statistics=_task_statistics(units, tasks),
        journal_comparison=_journal_comparison(units),
        coverage=_coverage(units),
        upload_status=conform("upload_status", board),
        findings=found.assign(file_name=found["file_id"].map({"f1": "РУ 4, школа 1.xlsx", "f2": "2849657.xlsx"})),
    )
    return region, results


def without_data(region: RegionReport) -> RegionReport:
    """The same year before anything has come."""
    names = ("mark_statistics", "score_distribution", "task_statistics", "journal_comparison", "coverage")
    frames = {name: getattr(region, name).head(0) for name in (*names, "tasks", "upload_status", "findings")}
    return replace(region, **frames)
