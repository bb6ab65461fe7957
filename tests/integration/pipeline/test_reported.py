"""That the reports of a year are made is known whoever has made them: the next run does not make them once more."""

from __future__ import annotations

import dagster as dg

from assets import automation
from rsoko_pipeline.definitions import build_definitions

from ..installation import Installation

YEAR = "2025/2026"
_REBUILT = "update ops.event_state set is_reported = false where is_published returning event_id"


def _rebuild(installation: Installation) -> None:
    """As after events are built again."""
    with installation.engine.begin() as connection:
        connection.exec_driver_sql(_REBUILT)


def _unreported(installation: Installation) -> int:
    return int(installation.one("select count(*) from ops.event_state where is_published and not is_reported"))


def test_the_years_job_marks_its_reports_as_made(clean_copy: Installation) -> None:
    _rebuild(clean_copy)
    assert _unreported(clean_copy) > 10
    job = build_definitions(settings=clean_copy.settings).resolve_job_def(automation.YEAR)
    with dg.DagsterInstance.ephemeral() as instance:
        assert job.execute_in_process(partition_key=YEAR, instance=instance).success
    assert _unreported(clean_copy) == 0
    assert clean_copy.run().did_nothing


def test_one_report_made_alone_leaves_the_others_to_be_made(clean_copy: Installation) -> None:
    _rebuild(clean_copy)
    page = dg.AssetKey(["reports", "validation_page"])
    job = build_definitions(settings=clean_copy.settings).resolve_job_def(automation.YEAR)
    with dg.DagsterInstance.ephemeral() as instance:
        assert job.execute_in_process(partition_key=YEAR, asset_selection=[page], instance=instance).success
    assert _unreported(clean_copy) > 10
