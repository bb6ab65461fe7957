"""Works as the reports name them, and findings with the names of their files."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from rsoko_pipeline.reports.inputs import Work, name_findings, works
from tests.unit.reports.fictional import STAMP, SUBJECTS, conform, event, finding


def named(*events: dict[str, Any]) -> list[Work]:
    subjects = [{"subject": code, "name": name, "short_name": short} for code, (name, short) in SUBJECTS.items()]
    return works(conform("dim_event", list(events)), conform("dim_subject", subjects))


def test_works_stand_by_grade_and_subject() -> None:
    labels = [work.label for work in named(event("2026-vpr-ru-5"), event("2026-vpr-ru-4"), event("2026-vpr-ma-4"))]
    assert labels == ["МА 4", "РУ 4", "РУ 5"]


def test_autumn_and_spring_of_one_year_are_told_apart() -> None:
    autumn = event("2020-vpr-ru-5", window_from=pd.Timestamp("2020-10-01"))
    spring = event("2021-vpr-ru-5", window_from=pd.Timestamp("2021-04-01"))
    assert [work.label for work in named(spring, autumn)] == ["РУ 5 10.2020", "РУ 5 04.2021"]


def test_an_event_without_a_subject_goes_by_its_title() -> None:
    (work,) = named(event("2026-nok-x-0", subject=None, grade=None, title="Независимая оценка"))
    assert (work.label, work.title) == ("Независимая оценка", "Независимая оценка")


@pytest.mark.parametrize(
    ("status", "warned"),
    [("official", False), ("public", False), ("own", False), ("second-hand", True), ("assumed", True)],
)
def test_only_firm_scales_stand_without_a_warning(status: str, warned: bool) -> None:
    (work,) = named(event("2026-vpr-ru-4", scale_status=status))
    assert bool(work.scale_warning) is warned
    assert "описание работы 2026 года" in work.scale_note
    assert ("не официальная" in work.scale_note) is warned


def test_a_work_without_borders_has_no_scale_whatever_its_status() -> None:
    (work,) = named(event("2026-vpr-ru-4", cut3=None, cut4=None, cut5=None, scale_status="official"))
    assert work.cuts is None
    assert work.scale_warning == "Шкала не задана: отметки — как в файлах, по баллам они не проверялись"


def landed(file_id: str, name: str, hour: int) -> dict[str, Any]:
    return {
        "file_id": file_id,
        "name": name,
        "size": 1,
        "status": "accepted",
        "config_version": STAMP["config_version"],
        "received_at": pd.Timestamp(f"2026-05-21 {hour}:00", tz="UTC"),
    }


def test_findings_get_the_first_name_of_their_file_and_its_only_school() -> None:
    quarantine = conform(
        "quarantine",
        [
            finding(1, "RSK-HEADER-MISSING", school=None),
            finding(2, "RSK-HEADER-MISSING", school=None, file_id="f2"),
            finding(3, "RSK-SUM", school="edu990009"),
            finding(4, "RSK-SUM", school=None, file_id="f3"),
        ],
    )
    files = conform(
        "landing_file", [landed("f1", "копия.xlsx", 12), landed("f1", "форма.xlsx", 8), landed("f2", "Ф1.xlsx", 9)]
    )
    unit = {
        "event_id": "2026-vpr-ru-4",
        "content": "source_result",
        "rows": 1,
        "status": "accepted",
        "received_at": STAMP["computed_at"],
    }
    units = conform(
        "file_unit",
        [
            {**unit, "file_id": "f1", "school": "edu990001"},
            {**unit, "file_id": "f2", "school": "edu990001"},
            {**unit, "file_id": "f2", "school": "edu990002"},
        ],
    )
    named_findings = name_findings(quarantine, files, units)
    assert named_findings["file_name"].fillna("").tolist() == ["форма.xlsx", "Ф1.xlsx", "форма.xlsx", ""]
    assert named_findings["school"].fillna("").tolist() == ["edu990001", "", "edu990009", ""]


def test_findings_without_files_or_units_stay_as_they_are() -> None:
    quarantine = conform("quarantine", [finding(1, "RSK-SUM")])
    out = name_findings(quarantine, conform("landing_file", []), conform("file_unit", []))
    assert out["school"].tolist() == ["edu990001"]
    assert out["file_name"].isna().all()
