"""A year built by copies of this process side by side."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from rsoko_pipeline import contracts, runner
from rsoko_pipeline.contracts import Table
from rsoko_pipeline.forked import can_copy

from ..installation import Installation

#: When and by which run a row was made, and under the pseudonyms of which installation.
_OF_A_RUN = {"run_id", "computed_at", "pupil"}
#: What is made with the reports, which only the other installation has.
_WITH_REPORTS = {"upload_status", "objectivity_unavailable"}


def _digest(installation: Installation, table: Table) -> str:
    names = ", ".join(f'"{name}"' for name in table.names if name not in _OF_A_RUN)
    query = "select count(*) || ' ' || coalesce(md5(string_agg(md5(f::text), '' order by md5(f::text))), '') from"
    return str(installation.one(f"{query} (select {names} from {table.schema}.{table.name}) f"))


@pytest.mark.skipif(not can_copy(), reason="processes are copied on Linux only")
def test_two_processes_build_what_one_builds(installation: Installation, finished: Installation, region: Path) -> None:
    shutil.copytree(region, installation.landing, dirs_exist_ok=True)
    summary = runner.run(replace(installation.settings, workers=2), until="marts")
    assert not summary.failed and len(summary.events) >= runner.MANY_EVENTS
    jobs = [run.job for run in summary.runs]
    assert jobs[0] == "collection" and jobs.count("events") > 2
    tables = [t for t in contracts.TABLES.values() if t.schema in ("core", "mart") and t.partition == "event_id"]
    differing = [table.name for table in tables if _digest(installation, table) != _digest(finished, table)]
    assert set(differing) == _WITH_REPORTS
    assert installation.one("select count(*) from mart.task_statistics") > 0
    assert runner.run(replace(installation.settings, workers=2), until="marts").did_nothing
