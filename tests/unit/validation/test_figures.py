"""Limits of measures: НОКО's criteria must follow from their parts, shares are shares."""

import pandas as pd
import pytest

from rsoko_pipeline import contracts
from rsoko_pipeline.configuration import load
from rsoko_pipeline.families import FAMILIES
from rsoko_pipeline.validation import validate_units

PARTS = {"k1": 94.4, "k2": 91.5, "k3": 75.5, "k4": 95.8, "k5": 92.7, "total": 89.98}
K2 = {"k2_comfort": 90.0, "k2_satisfaction": 93.0}


def judged(values, event="2026-noko"):
    rows = [{"measure": name, "value": value} for name, value in values.items()]
    frame = pd.DataFrame(rows).assign(
        file_id="f", row_number=2, event_id=event, level="school", unit_code="edu990001", unit_name="Школа"
    )
    return validate_units(contracts.table("source_measure").conform(frame), FAMILIES["measures"], cfg=load())


def counts(**numbers):
    frame = pd.DataFrame(
        [{"measure": "certificate", "numerator": numbers["numerator"], "denominator": numbers["denominator"]}]
    ).assign(file_id="f", row_number=2, event_id="2026-certificates", level="school", unit_code="s", unit_name="Школа")
    return validate_units(contracts.table("source_measure").conform(frame), FAMILIES["measures"], cfg=load())


def test_a_total_that_is_the_mean_of_its_parts_goes_on():
    out = judged(PARTS)
    assert out.findings.empty and len(out.passed) == 6


@pytest.mark.parametrize(("total", "goes_on"), [(90.07, True), (90.1, False), (449.9 / 10, False)])
def test_a_total_off_by_more_than_rounding_holds_its_row(total, goes_on):
    out = judged({**PARTS, "total": total})
    assert out.findings["code"].tolist() == ([] if goes_on else ["RSK-MEASURE-TOTAL"])
    assert len(out.passed) == (6 if goes_on else 0), "какая из величин неверна, неизвестно"


def test_a_criterion_is_compared_with_its_own_parts():
    out = judged({**PARTS, **K2, "k2": 93.0, "total": 90.28})
    (message,) = out.findings["message"]
    assert message == "«Критерий К2» — 93, а по составляющим получается 91,5."


def test_a_total_without_all_of_its_parts_is_not_asked():
    parts = {name: value for name, value in PARTS.items() if name != "k3"}
    assert judged({**parts, "total": 10.0}).findings.empty


def test_values_beyond_their_limits_are_held():
    out = judged({"k1": 101.0})
    (message,) = out.findings["message"]
    assert message == "«Критерий К1» — 101, а допустимо от 0 до 100."
    assert out.passed.empty


def test_a_share_is_at_most_one():
    assert counts(numerator=20, denominator=20).findings.empty
    out = counts(numerator=21, denominator=20)
    assert out.findings["message"].tolist() == ["«Получили аттестат» — 105 %, а допустимо не больше 100 %."]


def test_a_share_of_nobody_is_not_asked():
    assert counts(numerator=0, denominator=0).findings.empty


def test_checks_say_what_could_not_be_asked():
    out = counts(numerator=1, denominator=2)
    checks = out.checks.set_index("check_name")["checked"]
    assert (checks["measure_range"], checks["measure_total"]) == (1, 0)
