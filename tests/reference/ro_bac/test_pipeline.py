"""The Romanian baccalaureate from the landing folder to the marts: a procedure that is a configuration folder alone."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import pandas as pd
import pytest

from ...integration.installation import Installation

DATA = Path(__file__).parents[3].parent / "shared" / "data" / "ro_bac"
PUPILS = {2012: 99_442, 2013: 88_090}
COUNTIES = 42

pytestmark = [
    pytest.mark.reference,
    pytest.mark.slow,
    pytest.mark.skipif(not DATA.is_dir(), reason="the data set shared/data/ro_bac is not beside the repository"),
]


def event(year: int) -> str:
    return f"{year}-ro_bac-romanian-12"


def source(year: int) -> Path:
    return DATA / f"ro_bac_{year}-09.csv.gz"


@pytest.fixture(scope="module")
def plain() -> dict[int, pd.DataFrame]:
    """The files as pandas alone reads them, with the key of each school."""
    frames = {year: pd.read_csv(source(year), usecols=["county", "school", "romanian_final"]) for year in PUPILS}
    for frame in frames.values():
        frame["school"] = frame["school"].str.split().str.join(" ")
        frame["romanian_final"] = frame["romanian_final"].round(2)  # as scores are stored; seven have a third decimal
        frame["key"] = frame["county"] + " | " + frame["school"]
    return frames


@pytest.fixture(scope="module")
def finished(installation: Installation, plain: dict[int, pd.DataFrame]) -> Installation:
    """Both sessions, one after the other. The set has no register: the schools that it names make one."""
    schools = pd.concat(plain.values())[["county", "school"]].drop_duplicates()
    schools.to_csv(installation.landing / "schools.csv", index=False)
    for year, pupils in PUPILS.items():
        shutil.copy(source(year), installation.landing)
        start = time.perf_counter()
        summary = installation.run(until="marts")
        stages = {stage: round(seconds, 1) for stage, seconds in summary.seconds.items()}
        print(f"\n{year}: {pupils} pupils from landing to marts in {time.perf_counter() - start:.1f} s {stages}")
        assert summary.events == [event(year)]
        assert summary.rows == pupils and summary.held == 0
    return installation


def test_every_pupil_of_both_sessions_is_stored(finished: Installation) -> None:
    stored = finished.ask("select event_id, count(*), count(distinct pupil) from core.fact_result group by 1")
    assert {event: (rows, pupils) for event, rows, pupils in stored} == {
        event(year): (pupils, pupils) for year, pupils in PUPILS.items()
    }
    assert finished.ask("select code, count(*) from ops.quarantine group by 1") == [("RSK-USAGE", 2)]


@pytest.mark.parametrize("year", PUPILS)
def test_marks_by_school_county_and_country_are_those_of_the_file(
    finished: Installation, plain: dict[int, pd.DataFrame], year: int
) -> None:
    marts = pd.read_sql(
        "select level, unit_code, participants, n2, mean_score::float8 from mart.mark_statistics"
        f" where event_id = '{event(year)}'",
        finished.engine,
    )
    rows = plain[year].assign(country="642", is_failed=plain[year]["romanian_final"] < 5)
    assert marts.groupby("level").size().to_dict() == {
        "school": rows["key"].nunique(), "municipality": COUNTIES, "region": 1,
    }  # fmt: skip
    for level, column in (("school", "key"), ("municipality", "county"), ("region", "country")):
        expected = rows.groupby(column).agg(
            participants=("key", "size"), n2=("is_failed", "sum"), mean_score=("romanian_final", "mean")
        )
        found = marts[marts["level"] == level].set_index("unit_code")[list(expected)].sort_index()
        pd.testing.assert_frame_equal(found, expected, check_names=False, check_dtype=False, atol=5.1e-5, rtol=0)


@pytest.mark.parametrize("year", PUPILS)
def test_the_heap_at_the_pass_mark_is_in_the_distribution(
    finished: Installation, plain: dict[int, pd.DataFrame], year: int
) -> None:
    found = finished.ask(
        "select score::float8, n from mart.score_distribution where event_id = :e and level = 'region' order by 1",
        e=event(year),
    )
    assert dict(found) == plain[year]["romanian_final"].value_counts().to_dict()
    below, at = (sum(n for score, n in found if low <= score < high) for low, high in ((4.9, 5.0), (5.0, 5.001)))
    assert (below, at) == {2012: (5, 11_603), 2013: (11, 12_014)}[year]


def test_counties_distributions_add_up_to_the_countrys(finished: Installation) -> None:
    assert finished.ask(
        "select event_id, score from mart.score_distribution group by 1, 2"
        " having sum(n) filter (where level = 'municipality') <> sum(n) filter (where level = 'region')"
    ) == []  # fmt: skip
