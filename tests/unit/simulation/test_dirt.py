from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from rsoko_pipeline.simulation import dirt
from rsoko_pipeline.simulation.dirt import Fact, Soiled, double_year, soil
from rsoko_pipeline.simulation.model import SimulatedRegion, simulate_works
from rsoko_pipeline.simulation.parameters import Parameters
from rsoko_pipeline.simulation.protocols import Protocol, protocol, school_texts
from rsoko_pipeline.simulation.region import make_register
from rsoko_pipeline.simulation.xlsx import Cell

from .conftest import HEADING, MA4, RU4

Make = Callable[[], dict[str, Protocol]]


@pytest.fixture(scope="module")
def wide() -> SimulatedRegion:
    return simulate_works(Parameters(), [RU4, MA4], 40, seed=6)


@pytest.fixture(scope="module")
def make(wide: SimulatedRegion) -> Make:
    texts = school_texts(make_register(wide.schools, 6, "99"))
    return lambda: {work_id: protocol(work, HEADING, texts, 6) for work_id, work in wide.works.items()}


@pytest.fixture
def soiled(make: Make) -> tuple[dict[str, Protocol], dict[str, Protocol], Soiled]:
    """(clean, soiled, what was done)."""
    dirty = make()
    return make(), dirty, soil(dirty, 1.0, "f1", 6, "2025-2026")


def fact(soiled: Soiled, what: str) -> Fact:
    (found,) = [one for one in soiled.facts if one.what == what]
    return found


def position(one: Protocol, login: str) -> int:
    return next(p for p, text in one.schools.items() if text.login == login)


def spot(clean: dict[str, Protocol], dirty: dict[str, Protocol], told: Fact) -> tuple[Protocol, Protocol, int]:
    before, after = clean[told.event], dirty[told.event]
    return before, after, position(before, told.school)


def test_every_kind_once_and_listed(soiled: tuple[dict[str, Protocol], dict[str, Protocol], Soiled]) -> None:
    done = soiled[2]
    assert sorted(one.what for one in done.facts) == sorted(set(dirt.KINDS) - {"double_year"})
    places = [(one.event, one.school) for one in done.facts]
    assert len(set(places)) == len(places)
    assert all(one.kind == "dirt" and one.detail for one in done.facts)


def test_nothing_is_soiled_that_is_not_listed(
    soiled: tuple[dict[str, Protocol], dict[str, Protocol], Soiled],
) -> None:
    clean, dirty, done = soiled
    for work_id, before in clean.items():
        after = dirty[work_id]
        listed = {position(before, one.school) for one in done.facts if one.event == work_id}
        elsewhere = ~np.isin(before.position, list(listed))
        for name in ("code", "cells", "total", "mark", "journal", "present", "class_no"):
            assert (getattr(before, name)[elsewhere] == getattr(after, name)[elsewhere]).all()
        assert {p for p in before.schools if before.schools[p] != after.schools[p]} <= listed


def test_wrong_sum(soiled: tuple[dict[str, Protocol], dict[str, Protocol], Soiled]) -> None:
    _, after, _ = spot(soiled[0], soiled[1], told := fact(soiled[2], "wrong_sum"))
    wrong = np.flatnonzero(np.maximum(after.cells, 0).sum(axis=1) != after.total)
    assert wrong.size == 1
    assert str(after.code[wrong[0]]) in told.detail
    assert told.class_no == after.class_no[wrong[0]]
    assert (after.mark[wrong] == after.spec.mark(after.total[wrong])).all()


def test_score_above_max(soiled: tuple[dict[str, Protocol], dict[str, Protocol], Soiled]) -> None:
    before, after, place = spot(soiled[0], soiled[1], fact(soiled[2], "score_above_max"))
    over = np.argwhere(after.cells > before.spec.max_points)
    assert len(over) == 1
    row = over[0, 0]
    assert after.position[row] == place
    assert after.total[row] == np.maximum(after.cells[row], 0).sum() <= before.spec.max_score
    assert after.mark[row] == before.spec.mark(after.total[row : row + 1])[0]


def test_duplicate_code(soiled: tuple[dict[str, Protocol], dict[str, Protocol], Soiled]) -> None:
    _, after, place = spot(soiled[0], soiled[1], fact(soiled[2], "duplicate_code"))
    rows = after.rows_of(place)
    codes = after.code[rows[after.present[rows]]]
    assert len(codes) - len(set(codes.tolist())) == 1


def test_lookalike_letters(soiled: tuple[dict[str, Protocol], dict[str, Protocol], Soiled]) -> None:
    before, after, place = spot(soiled[0], soiled[1], fact(soiled[2], "lookalike_x"))
    rows = before.rows_of(place)
    assert ((after.cells[rows] < 0) == (before.cells[rows] < 0)).all()
    assert len(np.unique(after.cells[rows][after.cells[rows] < 0])) == 3
    _, after, place = spot(soiled[0], soiled[1], fact(soiled[2], "lookalike_k"))
    assert after.labels_of[place][:2] == ("1K1", "1 k2")


def test_names(soiled: tuple[dict[str, Protocol], dict[str, Protocol], Soiled]) -> None:
    _, after, place = spot(soiled[0], soiled[1], fact(soiled[2], "renamed_school"))
    assert "имени первых учителей" in after.schools[place].name
    before, after, place = spot(soiled[0], soiled[1], fact(soiled[2], "double_spaces"))
    assert after.schools[place].name != before.schools[place].name
    assert after.schools[place].name.split() == before.schools[place].name.split()
    before, after, place = spot(soiled[0], soiled[1], fact(soiled[2], "unknown_school"))
    assert after.schools[place].login == "edu999999"
    assert all(text.login != "edu999999" for text in before.schools.values())


def test_declared_and_trailing(soiled: tuple[dict[str, Protocol], dict[str, Protocol], Soiled]) -> None:
    before, after, place = spot(soiled[0], soiled[1], fact(soiled[2], "declared"))
    rows = before.rows_of(place)
    assert after.declared == {place: before.present[rows].sum() + 1}
    assert soiled[1][fact(soiled[2], "trailing_rows").event].trailing > 0


def test_correction_restores_the_true_rows(soiled: tuple[dict[str, Protocol], dict[str, Protocol], Soiled]) -> None:
    before, after, place = spot(soiled[0], soiled[1], fact(soiled[2], "corrected"))
    (correct,) = soiled[2].corrections
    rows = before.rows_of(place)
    assert (correct.cells == before.cells[rows]).all()
    assert (correct.total == before.total[rows]).all()
    assert (after.total[rows] < before.total[rows]).any()
    assert (np.maximum(after.cells[rows], 0).sum(axis=1) == after.total[rows]).all()
    written = rows[before.present[rows]]
    assert (after.mark[written] == before.spec.mark(after.total[written])).all()
    assert set(correct.schools) == {place}


def test_clean_mode_and_rates(make: Make) -> None:
    clean = make()
    done = soil(clean, 0.0, "f1", 6, "2025-2026")
    assert (done.facts, done.empty_forms, done.corrections) == ([], [], [])
    twice = soil(make(), 2.0, "forms", 6, "2025-2026")
    counted = {what: sum(one.what == what for one in twice.facts) for what in dirt.KINDS}
    in_forms = {what for what, layouts in dirt.KINDS.items() if "forms" in layouts} - {"double_year"}
    assert {what for what, n in counted.items() if n == 2} == in_forms
    assert counted["declared"] == counted["trailing_rows"] == 0


def test_dirt_is_the_same_every_time(make: Make) -> None:
    assert soil(make(), 1.0, "f1", 6, "2025-2026").facts == soil(make(), 1.0, "f1", 6, "2025-2026").facts
    assert soil(make(), 1.0, "f1", 6, "2025-2026").facts != soil(make(), 1.0, "f1", 6, "2024-2025").facts


def test_a_year_entered_twice() -> None:
    table: list[list[Cell]] = [["Год"], [2025], [2026], [2026]]
    assert double_year(table, 2026) == 2
    assert table == [["Год"], [2025], [2026], [2026], [2026], [2026]]
