"""Changes of the registers between school years, and the schools' conditions."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from rsoko_pipeline.simulation.conditions import make_context
from rsoko_pipeline.simulation.history import History, make_history
from rsoko_pipeline.simulation.model import Schools, make_schools
from rsoko_pipeline.simulation.parameters import Parameters
from rsoko_pipeline.simulation.region import make_register

YEARS = ("2024/2025", "2025/2026")


@pytest.fixture(scope="module")
def schools() -> Schools:
    return make_schools(Parameters(), 120, 5)


@pytest.fixture(scope="module")
def history(schools: Schools) -> History:
    return make_history(make_register(schools, 5, "99"), YEARS, 5)


def _of(history: History, what: str) -> str:
    (fact,) = [fact for fact in history.facts if fact.what == what]
    return fact.school


def test_a_school_is_renamed_another_moves_and_a_district_becomes_a_circle(history: History) -> None:
    before, after = history.of_year("2024/2025"), history.of_year("2025/2026")
    assert before["school"].tolist() == after["school"].tolist()
    renamed, moved = _of(history, "renamed"), _of(history, "moved")
    assert before.loc[before["school_name"] != after["school_name"], "school"].tolist() == [renamed]
    assert before.loc[before["municipality"] != after["municipality"], "school"].tolist() == [moved]
    new = after.loc[before["municipality_name"] != after["municipality_name"]]
    assert new.loc[new["school"] != moved, "municipality_name"].str.endswith("муниципальный округ").all()
    assert new.loc[new["school"] != moved, "municipality"].nunique() == 1
    assert not after.duplicated(["municipality", "school_name"]).any()
    assert after["ris_code"].is_unique


def test_the_register_tells_both_periods_of_what_changed(history: History) -> None:
    rows = history.schools()
    changed = rows[rows["school"].duplicated(keep=False)]
    assert sorted(changed["school"].unique()) == sorted([_of(history, "renamed"), _of(history, "moved")])
    for _, periods in changed.groupby("school"):
        assert periods["valid_from"].tolist() == ["01.09.2015", "01.09.2025"]
        assert periods["valid_to"].iloc[0] == "31.08.2025" and pd.isna(periods["valid_to"].iloc[1])
    assert set(rows["school"]) == set(history.after["school"])


def test_municipalities_have_periods_too(history: History) -> None:
    rows = history.municipalities()
    (old, new) = rows[rows["municipality"].duplicated(keep=False)].to_dict("records")
    assert (old["valid_to"], new["valid_from"]) == ("31.08.2025", "01.09.2025")
    assert new["municipality_name"] == old["municipality_name"].removesuffix("район") + "округ"
    assert old["oktmo"][2] == "6" and new["oktmo"][2] == "5"
    assert set(rows["municipality"]) == set(history.after["municipality"])


def test_a_former_code_stands_in_the_table_of_codes_alone(history: History) -> None:
    (code,) = history.codes().to_dict("records")
    assert (code["school"], code["kind"], code["valid_to"]) == (_of(history, "moved"), "Код РИС", "31.08.2025")
    assert code["code"] == history.before.set_index("school").loc[code["school"], "ris_code"]
    assert code["code"] not in set(history.schools()["ris_code"].dropna())
    renamed = history.schools().query("school == @renamed", local_dict={"renamed": _of(history, "renamed")})
    assert renamed["ris_code"].nunique() == 1 and renamed["ris_code"].notna().all()


def test_nothing_changes_within_one_year(schools: Schools) -> None:
    register = make_register(schools, 5, "99")
    history = make_history(register, YEARS[1:], 5)
    assert history.facts == () and history.codes().empty
    assert history.of_year(YEARS[1]) is register
    assert len(history.schools()) == len(register) and history.schools()["valid_to"].isna().all()


def test_context_follows_the_contingent_and_the_level(history: History, schools: Schools) -> None:
    enrolled = pd.DataFrame({"school": history.after["school"], "enrolled": np.round(11 * schools.size).astype(int)})
    context = make_context(history.after, schools, enrolled.iloc[1:], YEARS[1], 5).set_index("school")
    assert enrolled["school"].iloc[0] not in context.index
    assert context["pupils"].to_dict() == enrolled.iloc[1:].set_index("school")["enrolled"].to_dict()
    assert set(context["counted_on"]) == {"20.09.2025"}
    parts = ["special_needs", "native_language", "low_income", "higher_educated_parents"]
    assert (context[parts].le(context["pupils"], axis=0) & context[parts].ge(0)).all(axis=None)
    assert (context["vacancies"] < context["posts"]).all()
    level = pd.Series(schools.level, history.after["school"])
    assert level.corr(context["low_income"] / context["pupils"]) < -0.3
    assert level.corr(context["higher_educated_parents"] / context["pupils"]) > 0.3
