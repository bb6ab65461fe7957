"""Every kind of bad input in one landing folder: each gets its code, a place, a sentence; nothing else is lost."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd
import pytest
from sqlalchemy.engine import Engine

from rsoko_pipeline.findings import catalogue
from rsoko_pipeline.simulation.landing import simulate

from ..installation import Installation
from .spoil import ALL, CASES, F1_WORK, FORBIDDEN, YEAR, Landing, Spot, forbid

pytestmark = pytest.mark.slow

SCHOOLS = 8
COUNTS = "select event_id, school, count(*) from core.fact_result group by 1, 2"
ROWS = (
    "select event_id, school, pupil_code, class_no, variant, present, primary_score, mark, journal_mark, scores::text"
    " from core.fact_result"
)
GROUPS = ("fact_group_marks", "fact_group_journal", "fact_group_scores", "fact_label")


@dataclass
class Region:
    """What is stored: rows by event and school, of the group tables by event, contingent by school; all rows."""

    pupils: dict[tuple[str, str], int]
    groups: dict[tuple[str, str], int]
    contingent: dict[str, int]
    rows: set[tuple[object, ...]]

    @classmethod
    def of(cls, installation: Installation) -> Region:
        def counted(query: str) -> dict[Any, int]:
            return {
                (key[0] if len(key) == 1 else tuple(key)): int(str(count))
                for *key, count in installation.ask(query)
            }  # fmt: skip

        return cls(
            counted(COUNTS),
            {
                (name, event): rows
                for name in GROUPS
                for event, rows in counted(f"select event_id, count(*) from core.{name} group by 1").items()
            },
            counted("select school, sum(enrolled) from core.fact_contingent group by 1"),
            set(installation.ask(ROWS)),
        )


@dataclass
class Spoiled:
    """The run on spoiled files: the installation, and what is expected of each bad thing."""

    installation: Installation
    spots: dict[str, Spot]
    files: pd.DataFrame
    findings: pd.DataFrame


@pytest.fixture(scope="module")
def landing(tmp_path_factory: pytest.TempPathFactory) -> Landing:
    """A clean region: one work as Ф1, the others as collection forms."""
    forms, f1 = (tmp_path_factory.mktemp(name) for name in ("forms", "f1"))
    simulate(forms, schools=SCHOOLS, years=1, seed=7, dirt=0, layout="forms", procedures=False)
    simulate(f1, schools=SCHOOLS, years=1, seed=7, dirt=0, layout="f1", procedures=False)
    for path in (forms / YEAR / F1_WORK).glob("Форма*"):
        path.unlink()
    out = Landing(forms, f1)
    shutil.copy(out.f1(F1_WORK, f1), forms / YEAR / F1_WORK)
    return out


@pytest.fixture(scope="module")
def clean(landing: Landing, tmp_path_factory: pytest.TempPathFactory, engine_of_clean: Engine) -> Region:
    made = Installation.at(tmp_path_factory.mktemp("clean") / "home", engine_of_clean)
    shutil.copytree(landing.root, made.landing, dirs_exist_ok=True)
    summary = made.run(until="marts")
    assert set(summary.files) == {"accepted"} and summary.held == 0
    return Region.of(made)


@pytest.fixture(scope="module")
def spoiled(landing: Landing, tmp_path_factory: pytest.TempPathFactory, module_engine: Engine) -> Iterator[Spoiled]:
    made = Installation.at(tmp_path_factory.mktemp("spoiled") / "home", module_engine)
    shutil.copytree(landing.root, made.landing, dirs_exist_ok=True)
    mine = Landing(made.landing, landing.as_f1)
    spots = {name: spoil(mine) for name, (_, spoil) in CASES.items()}
    with pytest.MonkeyPatch.context() as patch:
        forbid(patch, mine.form(*FORBIDDEN), type(made.settings.landing))
        made.run(until="marts")
    findings = pd.read_sql(
        "select q.*, f.name from ops.quarantine q join ops.landing_file f using (file_id)"
        " where f.status <> 'duplicate'",
        made.engine,
    )
    yield Spoiled(made, spots, pd.read_sql("select * from ops.landing_file", made.engine).set_index("name"), findings)


@pytest.mark.parametrize("name", CASES)
def test_each_has_its_code_a_place_and_a_sentence(spoiled: Spoiled, name: str) -> None:
    code, spot = CASES[name][0], spoiled.spots[name]
    file = spoiled.files.loc[spot.name]
    assert file["status"] == spot.status
    if spot.status == "duplicate":
        assert file["code"] == code
        messages, remedies = [file["message"]], [catalogue()[code].remedy]
    else:
        mine = spoiled.findings[(spoiled.findings["name"] == spot.name) & (spoiled.findings["code"] == code)]
        assert len(mine), spoiled.findings.loc[spoiled.findings["name"] == spot.name, ["code", "message"]]
        if spot.row is not None:
            assert spot.row in set(mine["row_number"])
        if spot.column is not None:
            assert spot.column in set(mine["column_name"])
        held = catalogue()[code].severity == "error"
        assert set(mine["action"]) == {"held" if held else "noted"}
        messages, remedies = list(mine["message"]), list(mine["remedy"])
    assert all(re.fullmatch(r"[А-ЯЁ][^?{}]*[.]", str(sentence)) for sentence in messages), messages
    assert all(re.fullmatch(r"[А-ЯЁ].*[.]", sentence) for sentence in remedies), remedies


def test_every_other_row_of_the_region_is_stored_as_in_the_clean_run(clean: Region, spoiled: Spoiled) -> None:
    lost = {unit: n for spot in spoiled.spots.values() for unit, n in spot.lost.items()}
    expected = {unit: count - lost.get(unit, 0) for unit, count in clean.pupils.items() if lost.get(unit) != ALL}
    found = Region.of(spoiled.installation)
    assert found.pupils == expected
    less = {("fact_group_marks", "2026-vpr-ru-5"): 1}
    assert found.groups == {key: rows - less.get(key, 0) for key, rows in clean.groups.items()}
    assert found.contingent == clean.contingent


def test_what_is_stored_is_what_the_clean_run_stored(clean: Region, spoiled: Spoiled) -> None:
    assert Region.of(spoiled.installation).rows <= clean.rows


def test_no_finding_but_the_expected_holds_anything(spoiled: Spoiled) -> None:
    held = spoiled.findings[spoiled.findings["action"] == "held"]
    expected = {code for code, _ in CASES.values()}
    assert set(held["code"]) <= expected


def test_names_of_files_never_become_paths(spoiled: Spoiled) -> None:
    home = spoiled.installation.settings.home
    assert not list(home.parent.parent.rglob("МА5.xlsx"))
    assert all(len(path.name) == 64 for path in (home / "store").rglob("*") if path.is_file())


def test_failed_checks_are_results_with_counts(spoiled: Spoiled) -> None:
    failed = dict(
        spoiled.installation.ask(
            "select check_name, failed from ops.check_result where event_id = :e and not passed", e=F1_WORK
        )
    )
    assert failed == {
        "score_range": 1, "mark_scale": 1, "score_sum": 1, "pupil_unique": 2, "pupil_grade": 1, "declared_count": 1,
        "school_known": 1,
    }  # fmt: skip
