"""Open data of Moscow through configuration and the common readers: no row lost, none glued."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from rsoko_pipeline import configuration, sources
from rsoko_pipeline.configuration import Configuration
from rsoko_pipeline.sources import ReadResult

HERE = Path(__file__).parent
DATA = HERE.parents[2].parent / "shared" / "data" / "moscow_ege"

pytestmark = [
    pytest.mark.reference,
    pytest.mark.skipif(not DATA.is_dir(), reason="the data set shared/data/moscow_ege is not beside the repository"),
]


@pytest.fixture(scope="module")
def cfg() -> Configuration:
    return configuration.load(str(HERE / "config"))


@pytest.fixture(scope="module")
def results(cfg: Configuration) -> dict[str, ReadResult]:
    read = sources.read_many([(path, path.name) for path in sorted(DATA.glob("*.csv"))], cfg=cfg)
    return {result.file.name: result for result in read}


def errors(result: ReadResult) -> list[str]:
    return [finding.code for finding in result.findings if finding.severity == "error"]


def test_the_exam_has_a_row_a_school_and_measure(results: dict[str, ReadResult]) -> None:
    result = results["data-9722-2016-10-31.csv"]
    assert (result.file.format, result.file.event_id, result.file.rows_read) == ("moscow_ege", "2016-moscow_ege", 626)
    frame = result.frames["source_measure"]
    assert len(frame) == 2 * 626 and frame["unit_code"].nunique() == 626
    assert frame["unit_code"].str.fullmatch(r"\d{13}").all()
    with (DATA / result.file.name).open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream, delimiter=";"))
    totals = frame.groupby("measure")[["numerator", "denominator"]].sum()
    assert totals.loc["over_220", "numerator"] == sum(int(row["PASSES_OVER_220"]) for row in rows)
    assert totals.loc["over_160", "numerator"] == sum(int(row["PASSER_UNDER_160"]) for row in rows)
    assert totals.loc["over_160", "denominator"] == sum(int(row["PASSED_NUMBER_FULL"]) for row in rows)


def test_the_misnamed_column_is_read_rightly_and_said(results: dict[str, ReadResult]) -> None:
    result = results["data-9722-2016-10-31.csv"]
    wide = result.frames["source_measure"].pivot(index="unit_code", columns="measure", values="numerator")
    assert (wide["over_160"] >= wide["over_220"]).all()
    assert [finding.code for finding in result.findings] == ["RSK-USAGE"]
    assert "PASSER_UNDER_160" in result.findings[0].message


@pytest.mark.parametrize(
    ("name", "rows"),
    [("schools_sosh_2013.csv", 1230), ("schools_lyceum_2013.csv", 91), ("schools_gymnasium_2013.csv", 169)],
)
def test_the_registers_keep_every_row(results: dict[str, ReadResult], name: str, rows: int) -> None:
    result = results[name]
    assert errors(result) == []
    frame = result.frames["source_register"]
    assert len(frame) == result.file.rows_read == rows
    assert frame["school"].is_unique and frame["school"].str.fullmatch(r"\d{8}").all()
    with (DATA / name).open(encoding="utf-8-sig") as stream:
        lines = [line for line in stream.read().split("\n")[1:] if line.strip()]
    assert len(lines) == rows
    assert [int(number) for number in frame["row_number"]] == list(range(2, rows + 2))
    for line, school, text in zip(lines, frame["school"], frame["school_name"], strict=True):
        assert school in line
        assert text.replace('"', "") in " ".join(line.split()).replace('"', "")


@pytest.mark.parametrize("name", ["schools_lyceum_2013.csv", "schools_gymnasium_2013.csv"])
def test_unescaped_quotes_stay_in_the_names(results: dict[str, ReadResult], name: str) -> None:
    names = results[name].frames["source_register"]["school_name"]
    assert names.str.contains('"').any()
    assert not names.str.contains('","', regex=False).any()
    assert (names.str.count('"') % 2 == 0).mean() > 0.95


def test_names_with_quotes_are_whole(results: dict[str, ReadResult]) -> None:
    lyceums = results["schools_lyceum_2013.csv"].frames["source_register"]["school_name"]
    assert (
        lyceums.iloc[0]
        == 'Государственное бюджетное образовательное учреждение города Москвы Лицей № 1546 "Плехановец"'
    )
    gymnasiums = results["schools_gymnasium_2013.csv"].frames["source_register"]["school_name"]
    assert gymnasiums.iloc[0].endswith('гимназия № 1505 "Московская городская педагогическая гимназия-лаборатория"')


def test_the_misspelt_header_of_one_edition_is_the_same_column(results: dict[str, ReadResult]) -> None:
    kinds = results["schools_lyceum_2013.csv"].frames["source_register"]["kind"]
    assert kinds.notna().all() and kinds.str.contains("Лицей").any()
