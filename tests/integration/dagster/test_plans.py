"""Plans of measures through Dagster: stored as dimensions, compared with reports, shown on the calendar's page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import dagster as dg
import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from assets import collection, plans
from assets.plan import Plan
from resources.places import Outbox
from resources.warehouse import Warehouse
from rsoko_pipeline import contracts
from rsoko_pipeline.configuration import load
from rsoko_pipeline.standing import plan_reports


def _report(warehouse: Warehouse, **row: object) -> None:
    table = contracts.table("fact_measure_status")
    common = {"event_id": "2025-plan_reports", "file_id": "f", "row_number": 2, "level": "school", "is_matched": True}
    frame = table.conform(pd.DataFrame([{**common, "config_version": "0", "run_id": "r", **row}]))
    warehouse.begin({table.name: frame}, ["2025-plan_reports"]).done.result()


def test_plans_are_stored_judged_and_shown(
    engine: Engine, warehouse: Warehouse, resources: dict[str, Any], instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    cfg = load("")
    dimensions = next(asset for asset in collection.build(Plan(cfg)) if asset.node_def.name == "calendar_dimensions")
    stored = dg.materialize([dimensions], resources=resources, instance=instance)
    assert stored.success
    with engine.connect() as connection:
        measures = pd.read_sql(sa.text("select * from core.dim_measure"), connection)
        findings = pd.read_sql(sa.text("select * from core.plan_finding"), connection)
    assert set(zip(measures["plan"], measures["number"], strict=True)) == set(cfg.measures)
    assert {"RSK-PLAN-DAY", "RSK-PLAN-YEARS", "RSK-PLAN-ANNEX", "RSK-PLAN-ORDER"} <= set(findings["code"])

    _report(warehouse, plan="demo-2025", number="1.1", unit_code="s1", state="done", date="2025-11-05", document="акт")
    assert list(plan_reports(engine)["number"]) == ["1.1"]
    status, page = plans.build(Plan(cfg))
    assert dg.materialize([status], resources=resources, instance=instance).success
    shown = {**resources, "outbox": Outbox(url=str(tmp_path))}
    assert dg.materialize([page], partition_key="2025/2026", resources=shown, instance=instance).success
    with engine.connect() as connection:
        query = "select * from mart.measure_status where plan = 'demo-2025' and number = '1.1'"
        (row,) = connection.execute(sa.text(query))
    assert (row.status, row.days_late, row.document, str(row.due)) == ("done", 4, "акт", "2025-11-01")
    folder = tmp_path / "2025-2026" / "region"
    assert "01.11.2025 — выполнено" in (folder / "calendar.html").read_text(encoding="utf-8")
    assert (folder / "calendar.ics").read_bytes().startswith(b"BEGIN:VCALENDAR\r\n")
