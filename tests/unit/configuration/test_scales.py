"""Scales: the published table, marks, years, statuses."""

from __future__ import annotations

import numpy as np
import pytest

from rsoko_pipeline.configuration import Procedure, Scale, load
from tests.unit.configuration.conftest import Overlay

#: The table of scales: subject, grade, a year in which it holds, greatest score, scores for 2, 3, 4, 5, shown status.
TABLE = [
    ("ru", 4, 2026, 24, "0-9 10-15 16-20 21-24", "public"),
    ("ru", 4, 2024, 38, "0-13 14-23 24-32 33-38", "assumed"),
    ("ma", 4, 2022, 20, "0-5 6-9 10-14 15-20", "assumed"),
    ("ma", 4, 2024, 20, "0-5 6-9 10-14 15-20", "assumed"),
    ("ma", 4, 2018, 18, None, "public"),
    ("om", 4, 2021, 32, "0-7 8-17 18-26 27-32", "assumed"),
    ("ru", 5, 2024, 45, "0-17 18-28 29-38 39-45", "assumed"),
    ("ma", 5, 2024, 20, "0-6 7-10 11-14 15-20", "assumed"),
    ("ru", 6, 2024, 51, "0-24 25-34 35-44 45-51", "assumed"),
    ("ma", 6, 2024, 16, "0-5 6-9 10-13 14-16", "assumed"),
    ("ru", 7, 2024, 47, "0-21 22-31 32-41 42-47", "assumed"),
    ("ma", 7, 2024, 19, "0-6 7-11 12-15 16-19", "assumed"),
    ("ru", 8, 2024, 51, "0-25 26-31 32-44 45-51", "assumed"),
    ("ma", 8, 2024, 25, "0-7 8-14 15-20 21-25", "assumed"),
    ("ob", 8, 2024, 22, "0-7 8-13 14-18 19-22", "assumed"),
    ("is", 8, 2024, 17, "0-4 5-9 10-13 14-17", "assumed"),
    ("gg", 8, 2024, 33, "0-9 10-20 21-28 29-33", "assumed"),
    ("bi", 8, 2024, 29, "0-9 10-17 18-23 24-29", "assumed"),
    ("hi", 8, 2024, 36, "0-9 10-18 19-27 28-36", "assumed"),
    ("fi", 8, 2024, 18, "0-4 5-7 8-10 11-18", "assumed"),
]


@pytest.fixture(scope="module")
def vpr() -> Procedure:
    return load("").procedures["vpr"]


@pytest.mark.parametrize(("subject", "grade", "year", "max_score", "marks", "status"), TABLE)
def test_the_scale_is_the_published_one(
    vpr: Procedure, subject: str, grade: int, year: int, max_score: int, marks: str | None, status: str
) -> None:
    scale = vpr.scale(subject, grade, year)
    assert scale is not None
    assert scale.max_score == max_score
    assert scale.shown_status == status
    if marks is None:
        assert scale.cuts is None
        return
    expected: list[int] = []
    for mark, span in zip((2, 3, 4, 5), marks.split(), strict=True):
        first, last = map(int, span.split("-"))
        assert first == len(expected), "таблица без пропусков"
        expected += [mark] * (last - first + 1)
    assert len(expected) == max_score + 1
    assert scale.mark(np.arange(max_score + 1)).tolist() == expected


def test_the_table_is_the_whole_file(vpr: Procedure) -> None:
    in_table = {(subject, grade, max_score) for subject, grade, _, max_score, *_ in TABLE}
    assert in_table == {(scale.subject, scale.grade, scale.max_score) for scale in vpr.scales}


def test_public_borders_of_an_unknown_year_are_not_shown_as_public(vpr: Procedure) -> None:
    scale = vpr.scale("ru", 8, 2026)
    assert scale is not None
    assert (scale.status, scale.year_from, scale.year_to) == ("public", None, None)
    assert scale.shown_status == "assumed"


def test_a_public_maximum_does_not_make_assumed_borders_public(vpr: Procedure) -> None:
    scale = vpr.scale("ma", 4, 2023)
    assert scale is not None
    assert (scale.max_status, scale.status, scale.shown_status) == ("public", "assumed", "assumed")


@pytest.mark.parametrize(
    ("subject", "grade", "year"), [("ru", 4, 2025), ("ma", 4, 2026), ("ma", 5, 2026), ("ma", 4, 2019), ("ru", 10, 2026)]
)
def test_a_scale_is_never_guessed(vpr: Procedure, subject: str, grade: int, year: int) -> None:
    assert vpr.scale(subject, grade, year) is None


def test_the_newest_scale_is_for_the_simulation(vpr: Procedure) -> None:
    newest = {work: vpr.latest_scale(*work) for work in [("ru", 4), ("ma", 4), ("ru", 8)]}
    assert {work: scale and scale.max_score for work, scale in newest.items()} == {
        ("ru", 4): 24,
        ("ma", 4): 20,
        ("ru", 8): 51,
    }
    assert vpr.latest_scale("ru", 11) is None


def test_a_dated_scale_takes_precedence_over_one_without_years(overlay: Overlay) -> None:
    cfg = overlay(
        {
            "procedures/vpr/scales.yaml": """
            source: проба
            status: public
            scales:
              - {subject: hi, grade: 8, max_score: 36, borders: {3: 10, 4: 19, 5: 28}}
              - {subject: hi, grade: 8, year_from: 2026, max_score: 40, borders: {3: 9, 4: 20, 5: 30}, status: official}
        """,
            "procedures/vpr/works.yaml": "source: проба\nstatus: own\nworks: []\n",
        }
    )
    vpr = cfg.procedures["vpr"]
    assert [scale.max_score for year in (2025, 2026, 2030) if (scale := vpr.scale("hi", 8, year))] == [36, 40, 40]
    assert [scale.shown_status for year in (2025, 2026) if (scale := vpr.scale("hi", 8, year))] == [
        "assumed",
        "official",
    ]
    assert vpr.latest_scale("hi", 8) == vpr.scale("hi", 8, 2026)


def test_marks_of_missing_and_fractional_scores() -> None:
    scale = Scale(subject="ru", grade=4, max_score=10, borders={3: 4.5, 4: 6, 5: 9}, source="проба", status="own")
    marks = scale.mark(np.array([np.nan, 4.0, 4.5, 5.99, 6.0, 10.0]))
    assert marks.dtype == np.int8
    assert marks.tolist() == [0, 2, 3, 3, 4, 5]


def test_marks_without_borders_are_an_error() -> None:
    scale = Scale(subject="ru", grade=4, max_score=10, source="проба", status="own")
    with pytest.raises(ValueError, match="unknown"):
        scale.mark(np.array([1.0]))


def test_the_works_of_the_simulation_are_there_and_add_up(vpr: Procedure) -> None:
    simulated = [("ru", g) for g in range(4, 9)] + [("ma", g) for g in range(4, 9)] + [("om", 4), ("bi", 8), ("fi", 8)]
    for subject, grade in simulated:
        work, scale = vpr.latest_work(subject, grade), vpr.latest_scale(subject, grade)
        assert work is not None
        assert scale is not None
        assert work.max_score == scale.max_score
        assert scale.cuts is not None
        assert all(task.skill and task.difficulty for task in work.tasks)


def test_works_have_criteria_and_parts_of_tasks(vpr: Procedure) -> None:
    labels = {task.task for work in vpr.works for task in work.tasks}
    assert {"9.1", "9.2", "11К1", "2К4", "10.2К1"} <= labels


def test_skills_apply_only_to_exactly_this_structure(vpr: Procedure) -> None:
    work = vpr.work("fi", 8, 2026)
    assert work is not None
    tasks = [(task.task, task.max_points) for task in work.tasks]
    assert work.fits(tasks)
    assert not work.fits(tasks[:-1])
    assert not work.fits([*tasks[:-1], ("11", 2)])
