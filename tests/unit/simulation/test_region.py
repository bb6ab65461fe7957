from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from rsoko_pipeline.simulation.model import make_schools
from rsoko_pipeline.simulation.parameters import Parameters
from rsoko_pipeline.simulation.region import make_municipalities, make_register


@pytest.fixture(scope="module")
def large() -> pd.DataFrame:
    return make_register(make_schools(Parameters(), 400, 1), 1, "99")


def test_codes_are_well_formed_and_unique(large: pd.DataFrame) -> None:
    for column, pattern in (
        ("school", r"edu99\d{4}"), ("municipality", r"reg99_m\d{3}"), ("inn", r"99\d{8}"), ("ogrn", r"1\d{12}"),
        ("ris_code", r"\d{7}"), ("oktmo", r"99\d{6}"), ("valid_from", r"\d\d\.\d\d\.\d{4}"),
    ):  # fmt: skip
        assert large[column].str.fullmatch(pattern).all(), column
    for column in ("school", "inn", "ogrn", "ris_code"):
        assert large[column].is_unique, column


def test_check_digits(large: pd.DataFrame) -> None:
    weights = np.array([2, 4, 10, 3, 5, 9, 4, 6, 8])
    inn = np.array([[int(digit) for digit in text] for text in large["inn"]])
    assert (inn[:, :9] @ weights % 11 % 10 == inn[:, 9]).all()
    assert all(int(text[:12]) % 11 % 10 == int(text[12]) for text in large["ogrn"])


def test_logins_follow_the_municipalities(large: pd.DataFrame) -> None:
    assert large.sort_values("school")["municipality"].is_monotonic_increasing


def test_no_two_schools_of_a_municipality_share_a_name(large: pd.DataFrame) -> None:
    assert not large.duplicated(["municipality", "school_name"]).any()


def test_names_say_what_the_school_is(large: pd.DataFrame) -> None:
    rural = large["settlement"] == "село"
    assert large.loc[rural, "school_name"].str.contains(r"[сд]\. [А-Я]").all()
    assert large.loc[~rural, "school_name"].str.contains(r"№\d+ г\. [А-Я]").all()
    for kind in ("СОШ", "ООШ", "гимназия", "лицей"):
        named = large["school_name"].str.contains(kind, case=False)
        assert (named == (large["kind"] == kind)).all()
        assert named.any()
    assert large.loc[large["is_small"], "settlement"].eq("село").all()


def test_villages_are_in_districts(large: pd.DataFrame) -> None:
    rural = large.loc[large["settlement"] == "село", "municipality_name"]
    assert not rural.str.startswith("городской округ").any()


@pytest.mark.parametrize(("n_schools", "count"), [(1, 1), (2, 2), (10, 3), (400, 29), (5000, 60)])
def test_number_of_municipalities(n_schools: int, count: int) -> None:
    found = make_municipalities(n_schools, 1, "99")
    assert len(found) == count
    assert found["municipality_name"].is_unique
    assert found["is_city"].any()


def test_there_are_only_so_many_logins() -> None:
    with pytest.raises(ValueError, match="9998"):
        make_register(make_schools(Parameters(), 9_999, 1), 1, "99")
