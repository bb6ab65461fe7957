"""The Romanian baccalaureate as a procedure that a configuration folder alone adds: real volume, read whole."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from rsoko_pipeline import configuration, contracts, sources
from rsoko_pipeline.configuration import Configuration
from rsoko_pipeline.sources import ReadResult

HERE = Path(__file__).parent
DATA = HERE.parents[2].parent / "shared" / "data" / "ro_bac"

pytestmark = [
    pytest.mark.reference,
    pytest.mark.skipif(not DATA.is_dir(), reason="the data set shared/data/ro_bac is not beside the repository"),
]


@pytest.fixture(scope="module")
def cfg() -> Configuration:
    return configuration.load(str(HERE / "config"))


@pytest.fixture(scope="module")
def results(cfg: Configuration) -> dict[int, ReadResult]:
    read = sources.read_many([(path, path.name) for path in sorted(DATA.glob("*.csv.gz"))], cfg=cfg)
    return {result.file.year or 0: result for result in read}


@pytest.mark.parametrize(("year", "pupils", "schools"), [(2012, 99_442, 1_446), (2013, 88_090, 1_493)])
def test_every_pupil_is_read(results: dict[int, ReadResult], year: int, pupils: int, schools: int) -> None:
    result = results[year]
    assert [finding.code for finding in result.findings] == ["RSK-USAGE"]
    assert (result.file.event_id, result.file.format) == (f"{year}-ro_bac-romanian-12", "ro_bac")
    frame, units = result.frames["source_result"], result.frames["source_school"]
    assert (len(frame), len(units), int(units["rows"].sum())) == (pupils, schools, pupils)
    assert frame["pupil_code"].is_unique and frame["present"].all()
    assert units["municipality"].nunique() == 42
    assert frame.equals(contracts.table("source_result").conform(frame))


@pytest.mark.parametrize("year", [2012, 2013])
def test_marks_are_read_as_written(results: dict[int, ReadResult], year: int) -> None:
    plain = pd.read_csv(DATA / f"ro_bac_{year}-09.csv.gz", usecols=["romanian_final", "county", "school"])
    frame = results[year].frames["source_result"]
    assert np.array_equal(frame["primary_score"].to_numpy(), plain["romanian_final"].to_numpy())
    keys = plain["county"] + " | " + plain["school"].str.replace(r"\s+", " ", regex=True).str.strip()
    assert frame["school"].tolist() == keys.tolist()


def test_the_heap_at_the_pass_mark_is_in_the_frame(results: dict[int, ReadResult]) -> None:
    scores = results[2012].frames["source_result"]["primary_score"]
    assert int((scores == 5).sum()) == 11_603
    assert int(((scores >= 4.9) & (scores < 5)).sum()) == 5
