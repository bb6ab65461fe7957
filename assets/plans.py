"""Plans of measures and the year's calendar: what is done of the plans, the calendar as a page and as a file.

Belongs here: the assets that people read about plans and deadlines. Does not belong here: the plans as dimensions
(``collection``), reports about them as facts (``families``), how the page looks (``rsoko_pipeline.calendar``).
"""

from typing import Any

import dagster as dg
import pandas as pd

from assets.families import fact_key
from assets.metadata import table_value
from assets.plan import OWNERS, SINGLE_RUN, Plan, description, table_metadata
from assets.publishing import moment
from resources.places import Outbox
from resources.warehouse import Warehouse
from rsoko_pipeline.calendar import plan_status
from rsoko_pipeline.calendar.gantt import calendar_page
from rsoko_pipeline.calendar.ics import to_ics
from rsoko_pipeline.families import FAMILIES

_GROUP: dict[str, Any] = {"group_name": "publication", "owners": OWNERS}
_REPORTS = FAMILIES["plan_reports"]


def build(plan: Plan) -> list[dg.AssetsDefinition]:
    """The state of the plans and the calendar of every school year."""
    cfg = plan.cfg
    reported = [fact_key(_REPORTS)] if _REPORTS in plan.families else []

    @dg.asset(
        key=["mart", "measure_status"],
        deps=[*reported, ["core", "dim_measure"]],
        description=description("measure_status"),
        metadata=table_metadata("measure_status"),
        kinds={"postgres"},
        **_GROUP,
    )
    def measure_status(context: dg.AssetExecutionContext, warehouse: Warehouse) -> pd.DataFrame:
        """The due dates of the plans against what is reported."""
        now = moment(plan)
        reports = warehouse.read(_REPORTS.fact)
        unmatched = plan_status.unmatched_reports(cfg, reports)
        shown = table_value(unmatched.head(50), ["plan", "number", "unit_code"], _REPORTS.fact)
        rows = plan_status.measure_status(cfg, reports, now.date(), run_id=context.run.run_id, computed_at=now)
        context.add_output_metadata({"отчётов": len(reports), "нет в планах": len(unmatched), "каких нет": shown})
        return rows

    @dg.asset(
        name="calendar_page",
        deps=[["mart", "calendar_status"], ["mart", "measure_status"]],
        description="План-график года: диаграмма окон и сроков, таблицы, замечания к планам; файл iCalendar.",
        kinds={"html"},
        key_prefix="reports",
        partitions_def=plan.years,
        backfill_policy=SINGLE_RUN,
        **_GROUP,
    )
    def calendar_pages(context: dg.AssetExecutionContext, warehouse: Warehouse, outbox: Outbox) -> None:
        """The calendar of the school years as a page and as an iCalendar file."""
        status, measures, now = warehouse.read("calendar_status"), warehouse.read("measure_status"), moment(plan)
        for year in context.partition_keys:
            folder = f"{year.replace('/', '-')}/region"
            page = calendar_page(cfg, year, status, measures, today=now.date(), made_at=now)
            paths = [
                outbox.write(f"{folder}/calendar.html", page.encode()),
                outbox.write(f"{folder}/calendar.ics", to_ics(cfg, year).encode()),
            ]
            context.add_asset_metadata(
                {"файлы": dg.MetadataValue.json(paths)},
                asset_key=["reports", "calendar_page"],
                partition_key=year,
            )

    return [measure_status, calendar_pages]
