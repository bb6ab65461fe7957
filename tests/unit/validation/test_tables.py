"""Aggregate tables, official lists, measures, registers, contingent."""

import pandas as pd
import pytest

from rsoko_pipeline import contracts
from rsoko_pipeline.configuration import load
from rsoko_pipeline.families import FAMILIES
from rsoko_pipeline.validation import (
    GROUP_CHECKS,
    validate_entries,
    validate_groups,
    validate_units,
)

EVENT = "2026-vpr-ru-4"


def frame(name, rows, columns, **common):
    given = pd.DataFrame(rows, columns=columns).assign(**{"file_id": "f1", "sheet": "Лист", **common})
    if "row_number" not in given:
        given["row_number"] = range(9, 9 + len(given))
    return contracts.table(name).conform(given)


def marks(*rows, **common):
    columns = ["unit_code", "participants", "share2", "share3", "share4", "share5"]
    common = {"level": "school", "event_id": EVENT, **common}
    table = frame("source_group_marks", rows, columns, unit_name="?", **common)
    return table.assign(unit_name="Группа " + table["unit_code"])


def messages(out):
    return out.findings["message"].tolist()


def test_real_shares_pass(cfg):
    """Shares of real tables add to 99.98–100.02 per cent."""
    rows = marks(
        ("a", 35589, 0.0506, 0.3292, 0.4433, 0.1769), ("b", 9, 0.1112, 0.2223, 0.3334, 0.3333), ("c", 0, 0, 0, 0, 0)
    )
    out = validate_groups("source_group_marks", rows, cfg=cfg)
    assert out.findings.empty
    assert len(out.passed) == 3
    assert set(out.checks["check_name"]) <= set(GROUP_CHECKS)
    contracts.table("source_group_marks").conform(out.passed)


def test_shares_that_do_not_add_up(cfg):
    rows = marks(("a", 10, 0.25, 0.25, 0.25, 0.25), ("b", 10, 0.2, 0.3, 0.3, 0.1), ("c", 10, 0.2506, 0.25, 0.25, 0.25))
    out = validate_groups("source_group_marks", rows, cfg=cfg)
    assert messages(out) == [
        "Доли отметок «Группа b» в сумме дают 90 %, а должно быть 100 %.",
        "Доли отметок «Группа c» в сумме дают 100,06 %, а должно быть 100 %.",
    ]
    assert out.passed["unit_code"].tolist() == ["a"]
    check = out.checks.query("check_name == 'share_sum'")[["checked", "failed", "passed", "severity"]]
    assert check.values.tolist() == [[3, 2, False, "error"]]


def test_a_table_over_its_threshold_is_held_and_those_of_other_files_go_on(make):
    """Two of four groups of one file do not add up; by the event's rows alone they would be 2 of 24."""
    bad = [(name, 10, 0.2, 0.3, 0.3, 0.1) for name in "ab"]
    good = [(name, 10, 0.25, 0.25, 0.25, 0.25) for name in "cdefghijklmnopqrstuvwxyz"]
    rows = pd.concat([marks(*bad, *good[:2]), marks(*good[2:], file_id="f2")])
    out = validate_groups("source_group_marks", rows, cfg=make.cfg(event=0.1))
    assert out.findings.loc[out.findings["code"] == "RSK-FILE-THRESHOLD", "file_id"].tolist() == ["f1"]
    assert set(out.passed["file_id"]) == {"f2"}
    verdicts = out.checks.set_index("check_name")[["checked", "failed", "passed"]]
    assert verdicts.to_dict("index")["file_threshold"] == {"checked": 2, "failed": 1, "passed": False}
    assert verdicts.to_dict("index")["event_threshold"] == {"checked": 22, "failed": 0, "passed": True}
    let_through = validate_groups(
        "source_group_marks", rows, cfg=make.cfg(event=0.1), released=out.findings.assign(action="released")
    )
    assert len(let_through.passed) == 26


def test_tables_that_fail_a_little_hold_their_event(make):
    bad = [(name, 10, 0.2, 0.3, 0.3, 0.1) for name in "ab"]
    good = [(name, 10, 0.25, 0.25, 0.25, 0.25) for name in "cdefghij"]
    rows = pd.concat([marks(*bad, *good, file_id="f1"), marks(*good, event_id="2026-vpr-ma-4", file_id="f2")])
    out = validate_groups("source_group_marks", rows, cfg=make.cfg(file=0.2, event=0.1))
    assert out.held_events == (EVENT,)
    assert set(out.passed["event_id"]) == {"2026-vpr-ma-4"}


def test_share_out_of_range_names_its_column(cfg):
    out = validate_groups("source_group_marks", marks(("a", 10, -0.1, 0.35, 0.5, 0.25), ("b", 4, 0, 0, 0, 1)), cfg=cfg)
    assert out.findings[["code", "column_name"]].values.tolist() == [["RSK-PERCENT-RANGE", "«2», доля"]]
    assert out.passed["unit_code"].tolist() == ["b"]


def test_group_twice(cfg):
    same, other = ("a", 10, 0, 0, 0, 1), ("a", 10, 0, 0, 1, 0)
    once = validate_groups("source_group_marks", marks(same, same, ("b", 1, 0, 0, 0, 1)), cfg=cfg)
    assert once.findings.empty
    assert once.passed["unit_code"].tolist() == ["a", "b"]
    twice = validate_groups("source_group_marks", marks(same, other, ("b", 1, 0, 0, 0, 1)), cfg=cfg)
    assert twice.findings["code"].tolist() == ["RSK-GROUP-TWICE"] * 2
    assert twice.passed["unit_code"].tolist() == ["b"]


def test_groups_of_another_event_are_other_groups(cfg):
    rows = pd.concat([marks(("a", 10, 0, 0, 0, 1)), marks(("a", 10, 0, 0, 1, 0), event_id="2026-vpr-ma-4")])
    assert validate_groups("source_group_marks", rows, cfg=cfg).findings.empty


def test_rules_of_the_procedure_decide_on_sums(cfg):
    rows = marks(("a", 10, 0.2, 0.3, 0.3, 0.1), event_id="2026-other-ru-4")
    out = validate_groups("source_group_marks", rows, cfg=cfg)
    assert out.findings.empty
    assert out.checks.set_index("check_name").loc["share_sum", "checked"] == 0


def test_school_that_the_register_lacks_is_noted(cfg, make):
    rows = marks(("edu990001", 1, 0, 0, 0, 1), ("edu999999", 1, 0, 0, 0, 1))
    out = validate_groups("source_group_marks", rows, cfg=cfg, schools=make.schools)
    assert out.findings[["code", "action", "value"]].values.tolist() == [
        ["RSK-SCHOOL-UNMATCHED", "noted", "Группа edu999999"]
    ]
    assert len(out.passed) == 2


def groups_in(name, *units):
    """Rows of municipalities and schools (level, code, name, parent) of any kind of group table."""
    figures = {
        "source_group_marks": {"share2": 0, "share3": 0, "share4": 0, "share5": 1},
        "source_group_journal": {
            **dict.fromkeys(("lowered", "lowered_share", "raised", "raised_share"), 0),
            **dict.fromkeys(("confirmed", "confirmed_share"), 1),
        },
        "source_group_scores": {"score": 1, "share": 1},
    }[name]
    columns = ["level", "unit_code", "unit_name", "parent_code"]
    return frame(name, units, columns, event_id=EVENT, participants=1, **figures)


@pytest.mark.parametrize("name", ["source_group_marks", "source_group_journal", "source_group_scores"])
def test_municipality_that_the_register_lacks_is_noted(cfg, make, name):
    rows = groups_in(
        name, ("municipality", "m1", "Северный район", "99"), ("municipality", "m9", "Тьмутараканский район", "99")
    )
    out = validate_groups(name, rows, cfg=cfg, schools=make.schools, municipalities=make.municipalities)
    assert out.findings[["code", "action", "value"]].values.tolist() == [
        ["RSK-MUNICIPALITY-UNKNOWN", "noted", "Тьмутараканский район"]
    ]
    check = out.checks.set_index("check_name").loc["municipality_known"]
    assert (check["checked"], check["failed"]) == (2, 1)


def test_municipality_called_by_name_has_the_register_s_code(cfg, make):
    rows = groups_in(
        "source_group_marks",
        ("municipality", "Южный  район", "Южный  район", "99"),
        ("school", "edu990002", "СОШ № 2", "Южный  район"),
    )
    out = validate_groups("source_group_marks", rows, cfg=cfg, schools=make.schools, municipalities=make.municipalities)
    assert out.findings.empty
    assert out.passed[["unit_code", "parent_code"]].values.tolist() == [["m2", "99"], ["edu990002", "m2"]]


def test_municipalities_are_asked_of_a_register_only(cfg):
    rows = groups_in("source_group_marks", ("municipality", "m7", "Район", "99"))
    assert validate_groups("source_group_marks", rows, cfg=cfg).findings.empty


def test_release_of_a_group(cfg):
    rows = marks(("b", 10, 0.2, 0.3, 0.3, 0.1))
    first = validate_groups("source_group_marks", rows, cfg=cfg)
    out = validate_groups("source_group_marks", rows, cfg=cfg, released=first.findings.assign(action="released"))
    assert len(out.passed) == 1
    assert out.findings["action"].tolist() == ["released"]


def scores(*shares, unit="a"):
    rows = [(number, share) for number, share in enumerate(shares)]
    common = {
        "level": "school",
        "unit_code": unit,
        "unit_name": unit,
        "event_id": EVENT,
        "participants": 10,
        "row_number": 9,
    }
    return frame("source_group_scores", rows, ["score", "share"], **common)


def test_distribution_of_scores_passes_or_is_held_whole(cfg):
    rows = pd.concat([scores(0.1, 0.2, 0.7), scores(0.1, 0.2, 0.6, unit="b")])
    out = validate_groups("source_group_scores", rows, cfg=cfg)
    assert messages(out) == ["Доли отметок «b» в сумме дают 90 %, а должно быть 100 %."]
    assert out.passed["unit_code"].tolist() == ["a"] * 3


def test_rounding_of_many_shares_is_forgiven_and_more_is_not(cfg):
    """Forty shares rounded to hundredths of a per cent may add to 100.2 per cent."""
    good, bad = scores(*[0.02505] * 40), scores(*[0.0252] * 40)
    assert validate_groups("source_group_scores", good, cfg=cfg).findings.empty
    assert len(validate_groups("source_group_scores", bad, cfg=cfg).findings) == 1


def test_journal(cfg):
    columns = [
        "unit_code",
        "participants",
        "lowered",
        "lowered_share",
        "confirmed",
        "confirmed_share",
        "raised",
        "raised_share",
    ]
    common = {"level": "school", "unit_name": "?", "event_id": EVENT}
    rows = [("a", 10, 2, 0.2, 5, 0.5, 3, 0.3), ("b", 10, 2, 0.2, 5, 0.5, 3, 0.4)]
    out = validate_groups("source_group_journal", frame("source_group_journal", rows, columns, **common), cfg=cfg)
    assert out.findings["code"].tolist() == ["RSK-PERCENT-SUM"]
    assert out.passed["unit_code"].tolist() == ["a"]


def test_official_list(cfg, make):
    columns = ["school", "school_name", "subject", "grade", "marker"]
    rows = [
        ("edu990001", "Школа 1", "ru", 4, 1),
        ("edu990001", "Школа 1", "ru", 4, 1),
        ("edu990001", "Школа 1", "ma", 4, None),
        ("edu999999", "Школа 9", "ru", 4, 1),
        ("edu990002", "Школа 2", "ru", 4, 1),
        ("edu990002", "Школа 2", "ru", 4, 0),
        ("edu990001", "Школа 1", "ru", 5, 2),
    ]
    table = frame("source_label", rows, columns, event_id=EVENT, year=2025)
    out = validate_groups("source_label", table, cfg=cfg, schools=make.schools)
    assert out.findings["code"].value_counts().to_dict() == {
        "RSK-GROUP-TWICE": 2, "RSK-SCHOOL-UNMATCHED": 1, "RSK-VALUE": 1,
    }  # fmt: skip
    assert out.passed["row_number"].tolist() == [9, 11, 12]


def test_measures_find_their_schools_by_any_key_that_one_school_has(make):
    schools = pd.concat([make.schools, make.schools.assign(school="edu990003", ogrn="123", ris_code="991003")])
    codes = ["edu990001", "991002", "222", "123", "Лицей", "m1"]
    rows = [(code, "municipality" if code == "m1" else "school") for code in codes]
    common = {"unit_name": "Лицей № 5", "measure": "passed", "value": 1.0, "event_id": EVENT}
    table = frame("source_measure", rows, ["unit_code", "level"], **common)
    out = validate_units(table, FAMILIES["measures"], schools=schools)
    assert out.passed["unit_code"].tolist() == ["edu990001", "edu990002", "edu990002", "123", "Лицей", "m1"]
    assert out.passed["is_matched"].tolist() == [True, True, True, False, False, True]
    assert out.findings["row_number"].tolist() == [12, 13]
    assert set(messages(out)) == {"Организация «Лицей № 5» не найдена в реестре: строка сохранена без связи со школой."}


def test_measures_find_their_schools_by_a_name_that_one_school_has_and_say_so(make):
    names = {"s1": "Лицей «Звезда»", "s2": "Школа № 5", "s3": "Школа № 5"}
    schools = pd.concat(
        [make.schools.head(1).assign(school=school, name=name, ogrn=None) for school, name in names.items()]
    )
    rows = [("a", "ЛИЦЕЙ  «Звезда»"), ("b", "Школа № 5"), ("s2", "Лицей «Звезда»"), ("c", "Гимназия")]
    table = frame("source_measure", rows, ["unit_code", "unit_name"], level="school", measure="m", event_id=EVENT)
    out = validate_units(table, FAMILIES["measures"], schools=schools)
    assert out.passed["unit_code"].tolist() == ["s1", "b", "s2", "c"]
    assert out.passed["is_matched"].tolist() == [True, False, True, False]
    assert sorted(zip(out.findings["row_number"], out.findings["code"], strict=True)) == [
        (9, "RSK-SCHOOL-BY-NAME"), (10, "RSK-SCHOOL-UNMATCHED"), (12, "RSK-SCHOOL-UNMATCHED"),
    ]  # fmt: skip
    assert "код s1" in " ".join(messages(out))


def test_measures_of_a_region_or_a_municipality_that_is_none_of_ours_go_on_without_it(make):
    cfg = load()
    rows = [
        (cfg.region.code, "region"),
        ("Школа, которой нет", "region"),
        ("m1", "municipality"),
        ("m9", "municipality"),
    ]
    common = {"unit_name": "Что-то", "measure": "passed", "value": 1.0, "event_id": EVENT}
    table = frame("source_measure", rows, ["unit_code", "level"], **common)
    out = validate_units(table, FAMILIES["measures"], cfg=cfg, schools=make.schools)
    assert out.passed["is_matched"].tolist() == [True, False, True, False]
    found = out.findings[out.findings["code"] == "RSK-PLACE-UNKNOWN"]
    assert found["row_number"].tolist() == [10, 12]
    assert "Уровень строки — регион, а «Школа, которой нет» — не регион этой системы" in found["message"].iloc[0]


def test_measures_without_a_register_are_unmatched_and_all_go_on():
    common = {"level": "school", "unit_name": "Лицей", "measure": "m", "event_id": EVENT}
    out = validate_units(frame("source_measure", [("edu990001",)], ["unit_code"], **common), FAMILIES["measures"])
    assert out.passed["is_matched"].tolist() == [False]
    assert out.findings.empty


def test_register():
    columns = ["school", "school_name", "municipality", "valid_from", "settlement"]
    rows = [
        ("s1", "Школа 1", "m1", None, "город"),
        ("s1", "Школа 1", "m1", None, "город"),
        ("s2", "Школа 2", "m1", None, "село"),
        ("s2", "Школа 2", "m2", None, "село"),
        ("s3", "Школа 3", "m1", "2000-01-01", "село"),
        ("s3", "Школа 3", "m2", "2020-09-01", "село"),
        ("s4", "Школа 4", "m1", None, "хутор"),
    ]
    out = validate_entries("source_register", frame("source_register", rows, columns))
    assert out.findings["code"].tolist() == ["RSK-VALUE", "RSK-REGISTER-TWICE", "RSK-REGISTER-TWICE"]
    assert "одно из значений: город, село" in messages(out)[0]
    assert out.passed["row_number"].tolist() == [9, 13, 14]
    assert set(out.checks["event_id"]) == {""}
    contracts.table("source_register").conform(out.passed)


def test_contingent(make):
    columns = ["school", "school_year", "grade", "class_no", "enrolled"]
    rows = [
        ("edu990001", "2025/2026", 4, None, 50),
        ("edu990001", "2025/2026", 5, None, 50),
        ("edu990001", "2025/2026", 5, None, 51),
        ("edu990001", "2024/2025", 5, None, 52),
        ("edu990002", "2025/2026", 4, 1, -3),
        ("edu999999", "2025/2026", 4, None, 20),
    ]
    out = validate_entries("source_contingent", frame("source_contingent", rows, columns), schools=make.schools)
    assert out.findings["code"].value_counts().to_dict() == {
        "RSK-CONTINGENT-TWICE": 2, "RSK-VALUE": 1, "RSK-SCHOOL-UNMATCHED": 1,
    }  # fmt: skip
    assert "Контингент школы edu990001 (2025/2026, 5 класс) указан дважды, и числа разные." in messages(out)
    assert out.passed["row_number"].tolist() == [9, 12, 14]
    assert set(out.checks["event_id"]) == {"2025/2026", "2024/2025"}


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda rows: rows[:0], "нет ни одной строки"),
        (lambda rows: rows.drop(columns="participants"), "нет столбца «participants»"),
        (lambda rows: rows.assign(event_id=None), "у строк не указано событие"),
    ],
    ids=["empty", "missing column", "no event"],
)
def test_a_broken_table_is_a_finding_and_goes_nowhere(cfg, spoil, words):
    out = validate_groups("source_group_marks", spoil(marks(("a", 1, 0, 0, 0, 1))), cfg=cfg)
    assert out.passed.empty
    assert words in messages(out)[0]
    assert not out.checks["passed"].any()
