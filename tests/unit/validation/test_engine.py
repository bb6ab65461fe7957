"""Great Expectations run over whole frames: exact rows, and no pass without a check."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from rsoko_pipeline import contracts
from rsoko_pipeline.contracts.model import Column, Field
from rsoko_pipeline.validation import engine
from rsoko_pipeline.validation.checks import Check, contract_checks, expected, shaped

FRAME = pd.DataFrame(
    {
        "a": [1.0, 2, np.nan, 4, 5],
        "b": [1.0, 3, 3, np.nan, 4],
        "word": pd.array(["x", "y", "x", None, "z"], dtype="str"),
        "key": [1, 1, 2, 3, 3],
        "whole": pd.array([1, None, 3, 9, 5], dtype="Int16"),
    },
    index=[9, 4, 7, 7, 1],
)


@pytest.mark.parametrize(
    ("check", "failed"),
    [
        (Check("c", "RSK-VALUE", "not_null", ("word",)), [3]),
        (Check("c", "RSK-VALUE", "in_set", ("word",), allowed=("x", "y")), [4]),
        (Check("c", "RSK-VALUE", "between", ("whole",), minimum=2, maximum=5), [0, 3]),
        (Check("c", "RSK-VALUE", "between", ("whole",), maximum=5), [3]),
        (Check("c", "RSK-VALUE", "unique", ("key",)), [0, 1, 3, 4]),
        (Check("c", "RSK-VALUE", "unique", ("word", "key")), []),
        (Check("c", "RSK-VALUE", "equal", ("a", "b")), [1, 4]),
        (Check("c", "RSK-VALUE", "at_most", ("a", "b")), [4]),
    ],
    ids=lambda value: f"{value.kind} {value.columns}" if isinstance(value, Check) else None,
)
def test_positions_are_exact_whatever_the_index(check, failed):
    (outcome,) = engine.run(FRAME, [check])
    assert outcome.failed.tolist() == failed
    assert outcome.broken is None


def test_all_failing_rows_are_found_and_not_the_first_hundreds():
    n = 5000
    frame = pd.DataFrame({"a": np.arange(n) % 7.0})
    (outcome,) = engine.run(frame, [Check("c", "RSK-VALUE", "between", ("a",), maximum=2)])
    assert outcome.failed.tolist() == [i for i in range(n) if i % 7 > 2]


@pytest.mark.parametrize(
    "check",
    [
        Check("c", "RSK-VALUE", "between", ("absent",), minimum=0),
        Check("c", "RSK-VALUE", "unique", ("absent", "key")),
        Check("c", "RSK-VALUE", "between", ("mixed",), minimum=0),
    ],
    ids=["missing column", "missing column of several", "mixed types"],
)
def test_a_check_that_cannot_be_made_is_broken_and_not_passed(check):
    frame = FRAME.assign(mixed=pd.Series([1, "x", 2.0, 3, 4], dtype="object", index=FRAME.index))
    (outcome,) = engine.run(frame, [check])
    assert outcome.broken
    assert not len(outcome.failed)


def test_an_empty_frame_passes_nothing():
    (outcome,) = engine.run(FRAME[:0], [Check("c", "RSK-VALUE", "not_null", ("a",))])
    assert outcome.broken == "нет ни одной строки"


def test_one_broken_check_does_not_spoil_the_others():
    checks = [Check("c", "RSK-VALUE", "between", ("absent",), minimum=0), Check("c", "RSK-VALUE", "not_null", ("a",))]
    broken, good = engine.run(FRAME, checks)
    assert broken.broken
    assert good.failed.tolist() == [2]


def test_checks_follow_from_the_contract():
    """A field that gets limits or a closed list is checked without a line of code."""
    fields = [
        Column.of(Field("colour", "text", "Цвет", allowed=("red", "blue"))),
        Column.of(Field("size", "int16", "Размер", minimum=1, maximum=9), nullable=True),
    ]
    table = contracts.Table("t", "source", "Т", "", tuple(fields), ("colour",))
    checks = contract_checks(table, {"size": "RSK-MARK-VALUE"})
    assert [(c.kind, c.columns, c.code) for c in checks] == [
        ("not_null", ("colour",), "RSK-VALUE"),
        ("in_set", ("colour",), "RSK-VALUE"),
        ("between", ("size",), "RSK-MARK-VALUE"),
    ]
    frame = pd.DataFrame({"colour": ["red", "green", None], "size": [1.0, 10, None]})
    assert [outcome.failed.tolist() for outcome in engine.run(frame, checks)] == [[2], [1], [1]]


def test_shape_names_what_is_missing_and_what_is_mixed():
    frame = pd.DataFrame({"file_id": ["f"], "row_number": ["девять"], "school": ["s"], "present": [True]})
    shape, reasons = shaped(frame, contracts.table("source_result"))
    assert reasons == ["в столбце «row_number» смешаны значения разных типов", "нет столбца «pupil_code»"]
    assert shape["mark"].isna().all()


def test_great_expectations_is_not_imported_before_it_is_needed():
    code = "import sys, rsoko_pipeline.validation.report; sys.exit('great_expectations' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], timeout=120, check=False).returncode == 0


def test_codes_of_our_own_are_not_offered_to_a_sender():
    codes = Check("c", "RSK-VALUE", "in_set", ("word",), allowed=("done", "partly"))
    words = Check("c", "RSK-VALUE", "in_set", ("word",), allowed=("город", "село"))
    assert expected(codes) == "значение из перечня этого столбца"
    assert expected(words) == "одно из значений: город, село"
