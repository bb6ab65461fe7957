"""Processes that are killed in the middle, and processes that meet: the old or the new, never a mixture."""

from __future__ import annotations

import random
import shutil
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import dagster as dg
import pytest

from rsoko_pipeline import runner
from rsoko_pipeline.simulation.landing import simulate

from ...commands import Commands
from ..installation import Installation
from .conftest import SCHOOLS

#: Everything that an event's rows say, their run apart.
_DIGESTS = """
select event_id, count(*) || ' ' || md5(string_agg(md5(f::text), '' order by md5(f::text)))
from (select event_id, school, pupil, class_no, variant, present, primary_score, mark, scores, file_id, row_number
      from core.fact_result) f group by event_id"""
#: What must differ from before the run, for the process to be killed then.
_MOMENTS = {
    "the intake is recorded": "select count(*) from ops.file_unit where status = 'superseded'",
    "some facts are replaced": "select string_agg(distinct run_id, ',' order by run_id) from core.fact_result",
    "some marts are replaced": "select string_agg(distinct run_id, ',' order by run_id) from mart.mark_statistics",
}


#: The works of which other files come: two ranges of partitions.
_CHANGED = ("2026-vpr-ru-4", "2026-vpr-ru-5", "2026-vpr-ma-4")


@pytest.fixture(scope="session")
def other(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Files of some works of the same schools that say something else of every school."""
    folder, chosen = tmp_path_factory.mktemp("other"), tmp_path_factory.mktemp("chosen")
    simulate(folder, schools=SCHOOLS, years=1, seed=7, dirt=0, manipulated=1.0, procedures=False)
    for event in _CHANGED:
        shutil.copytree(folder / "2025-2026" / event, chosen / "2025-2026" / event)
    return chosen


def _commands(installation: Installation) -> Commands:
    return Commands(
        installation.settings.home,
        {
            "RSOKO_WAREHOUSE_URL": str(installation.settings.warehouse_url),
            "RSOKO_PSEUDONYM_KEY": str(installation.settings.secret),
        },
    )


def _digests(installation: Installation) -> dict[str, str]:
    return {str(event): str(digest) for event, digest in installation.ask(_DIGESTS)}


def _kill_when_it_changes(commands: Commands, installation: Installation, query: str, pause: float, log: Path) -> None:
    before = installation.one(query)
    process = commands.start("run", "--until", "marts", log=log)
    deadline = time.monotonic() + 120
    while installation.one(query) == before:
        assert process.poll() is None and time.monotonic() < deadline, log.read_text()
        time.sleep(0.01)
    time.sleep(pause)
    process.kill()
    assert process.wait() == -signal.SIGKILL
    _wait_for(lambda: not commands.alive(), "its child processes end too")


def _wait_for(fact: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + 20
    while not fact():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def _assert_consistent(installation: Installation) -> None:
    assert installation.ask("select event_id from ops.event_state group by 1 having count(*) > 1") == []
    disagreeing = installation.ask(
        "select f.event_id from (select event_id, count(*) n, count(*) filter (where mark = 5) n5,"
        " avg(primary_score) score from core.fact_result where present group by 1) f"
        " full join (select * from mart.mark_statistics where level = 'region') m using (event_id)"
        " where f.n is distinct from m.participants or f.n5 is distinct from m.n5"
        " or abs(f.score - m.mean_score) > 0.0001"
    )
    assert disagreeing == []


def test_a_killed_run_leaves_the_old_or_the_new_and_the_next_run_heals(
    clean_copy: Installation, other: Path, deliver: Callable[[Path, Installation], None], tmp_path: Path
) -> None:
    commands, old = _commands(clean_copy), _digests(clean_copy)
    deliver(other, clean_copy)
    seen: list[dict[str, str]] = []
    chance = random.Random(2026)
    for moment, query in _MOMENTS.items():
        _kill_when_it_changes(commands, clean_copy, query, chance.uniform(0, 0.4), tmp_path / moment)
        seen.append(_digests(clean_copy))
        mixed = clean_copy.ask("select event_id from core.fact_result group by 1 having count(distinct run_id) > 1")
        assert mixed == [], moment
    assert seen[0] == old, "the intake alone replaces no row"

    healed = commands.run("run", "--until", "marts")
    assert healed.returncode == 0, healed.stdout + healed.stderr
    new = _digests(clean_copy)
    assert new.keys() == old.keys() and {event for event in old if new[event] != old[event]} == set(_CHANGED)
    for state in seen:
        assert state.keys() == old.keys()
        assert all(digest in (old[event], new[event]) for event, digest in state.items())
    assert any(state != old for state in seen), "at least one kill came after the first event was replaced"
    _assert_consistent(clean_copy)
    assert clean_copy.run(until="marts").did_nothing
    with runner.dagster_instance(clean_copy.settings) as instance:
        ends = Counter(run.status for run in instance.get_runs())
    assert ends.keys() == {dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE}, "nobody waits for the killed"
    assert ends[dg.DagsterRunStatus.FAILURE] <= len(_MOMENTS)


def test_two_runs_at_once_do_no_harm(
    clean_copy: Installation, other: Path, deliver: Callable[[Path, Installation], None], tmp_path: Path
) -> None:
    commands, old = _commands(clean_copy), _digests(clean_copy)
    deliver(other, clean_copy)
    logs = [tmp_path / "one.log", tmp_path / "two.log"]
    both: list[subprocess.Popen[bytes]] = [commands.start("run", "--until", "marts", log=log) for log in logs]
    codes = [process.wait(200) for process in both]
    said = "\n".join(log.read_text() for log in logs)
    assert codes == [0, 0], said
    assert "Traceback" not in said
    new = _digests(clean_copy)
    assert new.keys() == old.keys() and {event for event in old if new[event] != old[event]} == set(_CHANGED)
    assert (
        clean_copy.ask("select event_id, pupil, school from core.fact_result group by 1, 2, 3 having count(*) > 1")
        == []
    )
    assert clean_copy.ask("select name from ops.landing_file where status = 'duplicate'") == []
    _assert_consistent(clean_copy)
    assert clean_copy.run(until="marts").did_nothing
    with runner.dagster_instance(clean_copy.settings) as instance:
        assert {run.status for run in instance.get_runs()} == {dg.DagsterRunStatus.SUCCESS}, "neither ends the other's"
