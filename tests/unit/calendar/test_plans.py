"""The plans that are shipped: every line of the documents, with its dates, and what is wrong with the documents."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from rsoko_pipeline import contracts
from rsoko_pipeline.calendar import dimensions
from rsoko_pipeline.calendar.ics import to_ics
from rsoko_pipeline.calendar.plan_findings import plan_findings
from rsoko_pipeline.calendar.plans import dates_of, measure_dues, next_due, plan_years
from rsoko_pipeline.configuration import Configuration, load
from rsoko_pipeline.findings import catalogue


def numbers(prefix: str, count: int) -> list[str]:
    return [f"{prefix}.{number}" for number in range(1, count + 1)]


#: Numbers of the lines by section, as in the documents.
DOCUMENTS = {
    "tver-2021": [["1", "2", "3", *numbers("3", 3), "4", *numbers("4", 3), "5", "6", "7", "8", "9", "10", "11"]],
    "vesyegonsk-2020": [numbers("1", 4), numbers("2", 14), numbers("3", 6)],
    "belgorod-2020": [["1.1", *numbers("1.1", 4)], numbers("2", 21), numbers("3", 5)],
    "surgut-2022": [
        numbers("1", 10), numbers("2", 16), numbers("3", 15), numbers("4", 3), ["приказ.2.2", "приказ.4.2", "приказ.5"],
    ],
}  # fmt: skip


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_line_of_the_document_is_there_in_order(name: str, cfg: Configuration) -> None:
    plan = cfg.plans[name]
    assert [[measure.number for measure in section.measures] for section in plan.sections] == DOCUMENTS[name]
    for measure in plan.measures.values():
        assert (measure.status, bool(measure.source), bool(measure.text)) == ("official", True, True)
        assert cfg.measures[name, measure.number] is measure


def test_lines_with_columns_in_the_document_have_them_here(cfg: Configuration) -> None:
    for name in ("vesyegonsk-2020", "belgorod-2020", "surgut-2022"):
        assert all(measure.deadline and measure.responsible for measure in cfg.plans[name].measures.values()), name
    assert all(measure.result for measure in cfg.plans["vesyegonsk-2020"].measures.values())
    surgut = cfg.plans["surgut-2022"]
    rows = [measure for section in surgut.sections[:4] for measure in section.measures]
    assert all(measure.result and measure.document_kind for measure in rows)


@pytest.mark.parametrize(
    ("plan", "number", "text", "expected"),
    [
        ("belgorod-2020", "1.1", "Март-апрель 2020 г.", ["2020-04-30"]),
        ("belgorod-2020", "2.11", "в течение года, ежеквартальный отчет",
         ["2020-03-31", "2020-06-30", "2020-09-30", "2020-12-31"]),
        ("belgorod-2020", "2.12", "До 31.12.2020 г.", ["2020-12-31"]),
        ("belgorod-2020", "3.1", "декабрь 2020 г.", ["2020-12-31"]),
        ("belgorod-2020", "3.4", "По отдельному графику", []),
        ("surgut-2022", "1.1", "2022 – 2024, до 1 ноября", ["2022-11-01", "2023-11-01", "2024-11-01"]),
        ("surgut-2022", "1.2", "2022 – 2024, до 31 ноября", ["2022-11-30", "2023-11-30", "2024-11-30"]),
        ("surgut-2022", "1.4", "до 1 декабря 2023 года", ["2023-12-01"]),
        ("surgut-2022", "1.6", "до 31 декабря 2023 года", ["2023-12-31"]),
        ("surgut-2022", "4.1", "ежегодно до 1 августа", ["2022-08-01", "2023-08-01", "2024-08-01"]),
        ("surgut-2022", "4.2", "ежегодно, до 1 октября", ["2022-10-01", "2023-10-01", "2024-10-01"]),
        ("surgut-2022", "приказ.4.2", "в срок до 04.03.2022", ["2022-03-04"]),
        ("vesyegonsk-2020", "1.2", "Сентябрь 2020 г. Март-Апрель 2021г.", ["2020-09-30", "2021-04-30"]),
        ("vesyegonsk-2020", "2.4", "Сентябрь 2021 года", ["2021-09-30"]),
        # November, and while ВПР lasts: the windows of the calendar's campaigns of the plan's school year
        ("vesyegonsk-2020", "2.5", "Ноябрь 2020 г., а также в период проведения ВПР",
         ["2020-10-31", "2020-11-30", "2021-04-30"]),
        ("tver-2021", "11", "на 2021 год", ["2021-12-31"]),
        ("demo-2025", "2.3", "не позднее 1 месяца после проведения ВПР", ["2026-06-20"]),
    ],
)  # fmt: skip
def test_deadlines_and_their_dates(plan: str, number: str, text: str, expected: list[str], cfg: Configuration) -> None:
    one, measure = cfg.plans[plan], cfg.measures[plan, number]
    assert one.deadline_text(measure) == text
    assert [str(due.last) for due in dates_of(cfg, one, measure)] == expected


def test_a_line_without_a_day_has_one_entry_without_a_date(cfg: Configuration) -> None:
    entries = [due for due in measure_dues(cfg) if due.plan.id == "surgut-2022"]
    by_line = Counter(due.measure.number for due in entries)
    assert by_line["3.5"] == 1 and by_line["4.1"] == 3
    assert [(due.due_no, due.due, due.school_year) for due in entries if due.measure.number == "3.5"] == [
        (0, None, None)
    ]
    assert [due.school_year for due in entries if due.measure.number == "4.1"] == [
        "2021/2022",
        "2022/2023",
        "2023/2024",
    ]
    assert set(plan_years(cfg)) >= {"2019/2020", "2020/2021", "2021/2022", "2024/2025"}


# -------------------------------------------------------------------------------------------------------- findings
@pytest.fixture
def found(cfg: Configuration) -> set[tuple[str, str | None, str]]:
    return {(one.plan, one.number, one.finding.code) for one in plan_findings(cfg)}


def test_the_errors_of_the_documents_are_found(found: set[tuple[str, str | None, str]]) -> None:
    warnings = {entry for entry in found if catalogue()[entry[2]].severity == "warning"}
    assert warnings == {
        ("belgorod-2020", None, "RSK-PLAN-ANNEX"),  # an annex of 16 September to an order of 16 April
        *(("belgorod-2020", number, "RSK-PLAN-APPROVED") for number in ("2.6", "2.11", "2.18", "2.19", "2.20")),
        ("surgut-2022", "1.2", "RSK-PLAN-DAY"),  # 31 November
        ("surgut-2022", "1.3", "RSK-PLAN-DAY"),
        ("surgut-2022", "2.2", "RSK-PLAN-ORDER"),  # recommendations before the month of analysis is over
        ("vesyegonsk-2020", "1.1", "RSK-PLAN-YEARS"),  # ВПР 2021 with a result for ВПР 2020
        ("vesyegonsk-2020", "2.4", "RSK-PLAN-PERIOD"),  # September 2021 in a plan for 2020/2021
    }


def test_gaps_are_told_apart_from_errors(found: set[tuple[str, str | None, str]]) -> None:
    undated = {(plan, number) for plan, number, code in found if code == "RSK-PLAN-UNDATED" and plan != "demo-2025"}
    assert undated == {
        ("belgorod-2020", "3.4"),
        *(("surgut-2022", number) for number in ("2.1", "2.2", "3.5", "3.6", "3.7")),
        *(("vesyegonsk-2020", number) for number in ("1.4", "2.6", "3.2")),
    }
    assert {("tver-2021", None, "RSK-PLAN-SILENT"), ("tver-2021", None, "RSK-PLAN-NOBODY")} <= found


def test_a_finding_says_what_was_read_instead(cfg: Configuration) -> None:
    said = {(one.number, one.finding.code): one.finding.message for one in plan_findings(cfg)}
    assert "31 ноября" in said["1.2", "RSK-PLAN-DAY"] and "30.11" in said["1.2", "RSK-PLAN-DAY"]
    order = said["2.2", "RSK-PLAN-ORDER"]
    assert "не позднее 14 дней" in order and "не позднее 1 месяца" in order and "2.1" in order
    assert "16.09.2020" in said[None, "RSK-PLAN-ANNEX"] and "16.04.2020" in said[None, "RSK-PLAN-ANNEX"]
    assert "ВПР 2021" in said["1.1", "RSK-PLAN-YEARS"] and "ВПР 2020" in said["1.1", "RSK-PLAN-YEARS"]
    assert not any("?" in message for message in said.values()), "every name is filled in"


# ------------------------------------------------------------------------------------------------------ dimensions
def test_measures_as_a_dimension(cfg: Configuration) -> None:
    frame = dimensions.dim_measure(cfg, date(2023, 1, 15))
    rows = {(row["plan"], row["number"]): row for row in frame.to_dict("records")}
    assert list(rows) == list(cfg.measures)
    line = rows["surgut-2022", "1.2"]
    assert [str(line[name].date()) for name in ("first_due", "next_due", "last_due")] == [
        "2022-11-30", "2023-11-30", "2024-11-30",
    ]  # fmt: skip
    assert (line["deadline_text"], line["deadline_kind"], line["dues"]) == ("2022 – 2024, до 31 ноября", "dated", 3)
    assert line["point"] == "п. 1.2" and line["status"] == "official" and "№ 98" in line["document"]
    assert rows["vesyegonsk-2020", "2.4"]["point"] == "задача 2, п. 4"
    assert all(pd.isna(rows["belgorod-2020", "3.4"][name]) for name in ("first_due", "next_due", "last_due"))


def test_findings_as_a_table_are_numbered_within_their_plan(cfg: Configuration) -> None:
    rows = dimensions.plan_finding(cfg)
    assert list(rows.columns) == contracts.table("plan_finding").names
    assert not rows.duplicated(["plan", "finding_no"]).any()
    assert len(rows) == len(plan_findings(cfg))
    assert rows[rows["number"].isna()]["code"].isin(["RSK-PLAN-ANNEX", "RSK-PLAN-SILENT", "RSK-PLAN-NOBODY",
                                                     "RSK-PLAN-REMARK"]).all()  # fmt: skip


def test_next_due_is_the_first_not_passed(cfg: Configuration) -> None:
    dates = dates_of(cfg, cfg.plans["surgut-2022"], cfg.measures["surgut-2022", "4.1"])
    assert next_due(dates, date(2022, 8, 1)) == date(2022, 8, 1)
    assert next_due(dates, date(2022, 8, 2)) == date(2023, 8, 1)
    assert next_due(dates, date(2025, 1, 1)) is None


# ------------------------------------------------------------------------------------------------------- iCalendar
def test_measures_with_dates_stand_in_the_icalendar_file(cfg: Configuration) -> None:
    text = to_ics(cfg, "2021/2022").replace("\r\n ", "")
    entries = [entry for entry in text.split("BEGIN:VEVENT") if "CATEGORIES:план" in entry]
    dated = [due for due in measure_dues(cfg) if due.school_year == "2021/2022"]
    assert len(entries) == len(dated) > 15
    (own_plans,) = [entry for entry in entries if "приказ\\, п. 4.2" in entry.split("DESCRIPTION")[0]]
    assert "DTSTART;VALUE=DATE:20220304" in own_plans and "DTEND;VALUE=DATE:20220305" in own_plans
    assert "Срок в документе: в срок до 04.03.2022" in own_plans


# ---------------------------------------------------------------------------------------------------- a region's own
def test_what_cannot_be_read_and_what_has_no_deadline_are_findings_of_the_plan(tmp_path: Path) -> None:
    (tmp_path / "measures").mkdir()
    (tmp_path / "measures" / "own.yaml").write_text(
        """
        {source: проба, status: own, title: План, short: План, territory: Город, level: municipal, document: приказ,
         begins: 2026-01-01, ends: 2026-12-31, sections: [{title: Раздел, measures: [
           {number: "1", text: Первое, responsible: [школы], deadline: до второго пришествия},
           {number: "2", text: Второе, responsible: [школы]},
           {number: "3", text: Отчёт, responsible: [школы], deadline: до 1 июня},
           {number: "4", text: Решение по отчёту, responsible: [школы], deadline: до 1 мая, based_on: ["3"]}]}]}
        """,
        encoding="utf-8",
    )
    cfg = load(str(tmp_path))
    said = {(one.number, one.finding.code): one.finding.message for one in plan_findings(cfg) if one.plan == "own"}
    assert set(said) == {(None, "RSK-PLAN-SILENT"), ("1", "RSK-PLAN-UNREAD"), ("4", "RSK-PLAN-ORDER")}
    assert "второго пришествия" in said["1", "RSK-PLAN-UNREAD"]
    assert "1 из 4" in said[None, "RSK-PLAN-SILENT"] and "даты нет" in said[None, "RSK-PLAN-SILENT"]
    assert "до 1 июня" in said["4", "RSK-PLAN-ORDER"]
    row = dimensions.dim_measure(cfg, date(2026, 1, 1)).query("plan == 'own' and number == '2'").to_dict("records")[0]
    assert all(pd.isna(row[name]) for name in ("deadline_text", "deadline_kind", "deadline_rule", "first_due"))
