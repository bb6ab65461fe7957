"""One run with a register and the samples of all bundles: every procedure ends in its fact and its mart."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from rsoko_pipeline.configuration import load
from rsoko_pipeline.configuration.places import base_folder
from rsoko_pipeline.families import family_of
from rsoko_pipeline.warehouse.embedded import EmbeddedPostgres

from ..conftest import database
from ..installation import Installation

FOLDER = base_folder() / "procedures"
REGISTER = Path(__file__).parents[2] / "unit" / "bundles" / "register.csv"
CFG = load()
PROCEDURES = sorted({event.procedure for event in CFG.calendar.events.values()})


@pytest.fixture(scope="module")
def landed(server: EmbeddedPostgres, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """An installation that has run the samples once."""
    with database(server, template) as engine:
        made = Installation.at(tmp_path_factory.mktemp("bundles") / "home", engine)
        shutil.copy(REGISTER, made.landing / "Реестр школ.csv")
        for path in sorted(FOLDER.glob("*/sample.*")):
            if path.parent.name != "register_schools":
                shutil.copy(path, made.landing / f"{path.parent.name}{path.suffix}")
        made.run()
        yield made


@pytest.fixture(scope="module")
def rows(landed: Installation) -> pd.DataFrame:
    """How many rows each event has in each table: columns ``table``, ``procedure``, ``n``."""
    families = {family_of(procedure) for procedure in CFG.procedures.values()} - {None}
    facts = ["core.fact_result", *(f"core.{family.fact}" for family in families if family)]
    marts = ["mart.mark_statistics", *(f"mart.{family.mart}" for family in families if family)]
    found = [
        (table, CFG.calendar.events[event].procedure, count)
        for table in (*facts, *marts, "ops.check_result")
        for event, count in landed.ask(f"SELECT event_id, count(*) FROM {table} GROUP BY event_id")
        if event in CFG.calendar.events
    ]
    return pd.DataFrame(found, columns=["table", "procedure", "n"])


@pytest.mark.parametrize("procedure", PROCEDURES)
def test_the_sample_is_in_its_fact_its_mart_and_its_checks(rows: pd.DataFrame, procedure: str) -> None:
    family = family_of(CFG.procedures[procedure])
    wanted = {
        f"core.{family.fact}" if family else "core.fact_result",
        f"mart.{family.mart}" if family else "mart.mark_statistics",
        "ops.check_result",
    }
    assert wanted <= set(rows.loc[rows["procedure"] == procedure, "table"])


def test_every_sample_was_accepted_whole(landed: Installation) -> None:
    refused = landed.ask("SELECT name, status, code FROM ops.landing_file WHERE status <> 'accepted'")
    assert refused == []
    assert landed.ask("SELECT DISTINCT code FROM ops.quarantine WHERE action = 'held'") == []


def test_schools_of_the_samples_are_found_in_the_register(landed: Installation) -> None:
    for table in ("fact_measure", "fact_answer", "fact_record", "fact_list_member"):
        assert landed.one(f"SELECT count(*) FROM core.{table} WHERE NOT is_matched") == 0
