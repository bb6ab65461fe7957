"""A work, a year, a scale, a procedure are added by folders of data alone."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest

from rsoko_pipeline.calendar.dimensions import dim_event
from rsoko_pipeline.calendar.schedule import schedule_plan
from rsoko_pipeline.configuration import load
from rsoko_pipeline.configuration.places import base_folder
from tests.unit.configuration.conftest import Overlay, Problems

NEXT_YEAR = """
    school_year: 2026/2027
    source: план-график на 2026/2027 учебный год
    status: own
    year:
      begins: 2026-09-01
      ends: 2027-05-26
      holidays:
        - {name: Осенние каникулы, begins: 2026-10-26, ends: 2026-11-04}
    campaigns:
      - id: vpr-2027
        procedure: vpr
        title: ВПР, весна 2027 года
        window_from: 2027-04-19
        window_to: 2027-05-19
        works:
          - {subjects: [hi], grades: [9], participation: by_choice}
        dues:
          - {kind: анализ, after: window_to, months: 1}
"""
SCALE = """
  - subject: hi
    grade: 9
    year_from: 2027
    max_score: 40
    borders: {3: 11, 4: 21, 5: 31}
    source: приказ
    status: official
"""


def test_a_work_a_year_and_a_scale_are_added_by_data_alone(overlay: Overlay) -> None:
    scales = (base_folder() / "procedures/vpr/scales.yaml").read_text(encoding="utf-8")
    cfg = overlay({"calendar/2026-2027.yaml": NEXT_YEAR, "procedures/vpr/scales.yaml": scales + SCALE})

    assert cfg.calendar.years[-1] == "2026/2027"
    event = cfg.calendar.events["2027-vpr-hi-9"]
    assert list(cfg.calendar.events)[-1] == event.event_id
    assert event.title == "ВПР 2027. Химия, 9 класс"
    assert event.due("анализ") == date(2027, 6, 19)
    assert cfg.calendar.find("vpr", "hi", 9, 2027) == event
    assert not cfg.calendar.is_school_day(date(2026, 10, 30))

    row = dim_event(cfg).set_index("event_id").loc["2027-vpr-hi-9"]
    assert (row["max_score"], row["cut3"], row["cut4"], row["cut5"], row["scale_status"]) == (
        40,
        11,
        21,
        31,
        "official",
    )
    assert any(rule.keys == ("2027-vpr-hi-9",) for rule in schedule_plan(cfg))
    assert len(cfg.calendar.events) == len(load("").calendar.events) + 1


def test_a_procedure_is_added_by_a_folder_alone(overlay: Overlay) -> None:
    cfg = overlay(
        {
            "procedures/mdr/procedure.yaml": """
            source: приказ области
            status: own
            name: Муниципальные диагностические работы
            short: МДР
            level: municipal
            thresholds: {unit_share_failed: 0.2, event_share_failed: 0.1}
            rules: [score_range, score_sum]
        """,
            "procedures/mdr/delimited/mdr.yaml": """
            source: выгрузка области
            status: own
            format: mdr
            edition: основная
            title: Результаты МДР
            target: source_result
            recognise: {headers: [Школа, Ученик, Балл]}
            event: {subject: ma, grade: 9, year_header: Год}
            key: [school, pupil_code]
            columns:
              - {field: school, join: [Район, Школа]}
              - {field: pupil_code, headers: Ученик}
              - {field: primary_score, headers: [Балл, Баллы], type: decimal}
        """,
            "calendar/2025-2026-mdr.yaml": """
            school_year: 2025/2026
            source: приказ области
            status: own
            campaigns:
              - id: mdr-2025
                procedure: mdr
                title: МДР, осень 2025 года
                window_from: 2025-11-10
                window_to: 2025-11-21
                works:
                  - {subjects: [ma], grades: [9]}
              - id: mdr-survey-2025
                procedure: mdr
                title: Опрос участников МДР
                window_from: 2025-12-01
                window_to: 2025-12-05
        """,
        }
    )
    procedure = cfg.procedures["mdr"]
    assert procedure.formats == ["mdr"]
    assert cfg.delimited["mdr"].columns[0].join == ("Район", "Школа")
    assert cfg.procedure_named("мдр") == procedure
    assert cfg.calendar.events["2025-mdr-ma-9"].school_year == "2025/2026"
    survey = cfg.calendar.events["2025-mdr"]
    assert (survey.subject, survey.grade, survey.title) == (None, None, "МДР 2025")
    assert cfg.calendar.find("mdr", None, None, 2025) == survey
    order = list(cfg.calendar.events)
    assert order.index("2025-mdr-ma-9") < order.index("2026-vpr-ru-4"), "по учебному году, процедуре, окну"


def test_the_region_of_a_later_folder_replaces_the_earlier(tmp_path: Path) -> None:
    for code in ("77", "78"):
        (tmp_path / code).mkdir()
        text = f"code: '{code}'\nname: Область {code}\ntimezone: Asia/Omsk\nsource: проба\nstatus: own\n"
        (tmp_path / code / "region.yaml").write_text(text, encoding="utf-8")
    cfg = load(os.pathsep.join([str(tmp_path / "77"), str(tmp_path / "78")]))
    assert (cfg.region.code, cfg.region.timezone) == ("78", "Asia/Omsk")
    assert cfg.calendar.events == load("").calendar.events


def test_overlays_come_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "code: '76'\nname: Область\ntimezone: Asia/Omsk\nsource: проба\nstatus: own\n"
    (tmp_path / "region.yaml").write_text(text, encoding="utf-8")
    monkeypatch.setenv("RSOKO_CONFIG", str(tmp_path))
    assert load().region.code == "76"
    monkeypatch.delenv("RSOKO_CONFIG")
    assert load().region.code == "99"


def test_a_folder_without_procedure_yaml_is_refused(problems: Problems) -> None:
    (problem,) = problems({"procedures/mdr/scales.yaml": "source: проба\nstatus: own\nscales: []\n"})
    assert problem.file == "procedures/mdr/procedure.yaml"
    assert problem.remedy


def test_an_unknown_rule_is_refused_with_the_known_ones(problems: Problems) -> None:
    text = (base_folder() / "procedures/vpr/procedure.yaml").read_text(encoding="utf-8")
    (problem,) = problems({"procedures/vpr/procedure.yaml": text.replace("- score_sum", "- score_sums")})
    assert problem.key == "rules[1]"
    assert "правила score_sums нет" in problem.text
    assert "score_sum" in problem.remedy


def test_the_examples_of_the_readme_are_accepted(overlay: Overlay) -> None:
    readme = (base_folder() / "README.md").read_text(encoding="utf-8")
    # Blocks that begin with a file's name are one example, tests/unit/checking/test_readme_example.py.
    blocks = (block.split("```")[0] for block in readme.split("```yaml\n")[1:])
    work, scale, _, table = (block for block in blocks if not block.startswith("# "))
    scales = (base_folder() / "procedures/vpr/scales.yaml").read_text(encoding="utf-8")
    procedure = (base_folder() / "procedures/contingent/procedure.yaml").read_text(encoding="utf-8")
    year = NEXT_YEAR.replace(
        "          - {subjects: [hi], grades: [9], participation: by_choice}\n", f"    {work.rstrip()}\n"
    )
    cfg = overlay(
        {
            "calendar/2026-2027.yaml": year,
            "procedures/vpr/scales.yaml": scales + scale,
            "procedures/ege_schools/procedure.yaml": procedure.replace("Контингент", "ЕГЭ по школам"),
            "procedures/ege_schools/delimited/ege_schools.yaml": "source: проба\nstatus: own\n" + table,
        }
    )
    assert cfg.calendar.events["2027-vpr-hi-9"].participation == "by_choice"
    assert cfg.procedures["vpr"].scale("hi", 9, 2026) is not None
    layout = cfg.delimited["ege_schools"]
    assert layout.measures[0].numerator == ("PASSER_UNDER_160",)
    assert layout.event is not None
    assert layout.event.year_extract is not None
    match = layout.event.year_extract.search("2015-2016")
    assert match is not None
    assert match[1] == "2016"
