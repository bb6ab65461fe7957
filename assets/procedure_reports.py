"""Workbooks of the other procedures of a school year, for the region and every school that they have rows of.

Belongs here: which tables a workbook is made of. Does not belong here: how it looks (``rsoko_pipeline.reports``).
"""

import dagster as dg
import pandas as pd

from assets.families import mart_key
from assets.plan import OWNERS, SINGLE_RUN, Plan
from assets.publishing import folder_of, moment, safe, show
from resources.places import Outbox
from resources.warehouse import Warehouse
from rsoko_pipeline.reports.inputs import ReportHead
from rsoko_pipeline.reports.procedures import ProceduresReport, of_region, of_school, procedures_workbook
from rsoko_pipeline.reports.side_by_side import made

#: The workbook's file, beside those of the works.
FILE = "procedures.xlsx"
NAME = "procedure_workbooks"


def build(plan: Plan) -> list[dg.AssetsDefinition]:
    """The workbooks, where the calendar has other procedures than works."""
    if not plan.families:
        return []

    @dg.asset(
        key=["reports", NAME],
        deps=[
            dg.AssetDep(mart_key(family), partition_mapping=plan.to_year(plan.of_family(family)))
            for family in plan.families
        ],
        description="Книги других процедур: региона с муниципалитетами и каждой школы, о которой есть данные.",
        group_name="publication",
        owners=OWNERS,
        kinds={"excel"},
        partitions_def=plan.years,
        backfill_policy=SINGLE_RUN,
    )
    def procedure_workbooks(context: dg.AssetExecutionContext, warehouse: Warehouse, outbox: Outbox) -> None:
        """The workbooks of the school years."""
        for year in context.partition_keys:
            data, folder = _report(plan, warehouse, year, context.run.run_id), folder_of(year)
            paths = [outbox.write(f"{folder}/region/{FILE}", procedures_workbook(of_region(data)))]
            schools = warehouse.read("dim_school").sort_values("valid_from").drop_duplicates("school", keep="last")
            rows = pd.concat([frame.loc[frame["level"] == "school", "unit_code"] for frame in data.marts.values()])
            named = schools.loc[schools["school"].isin(rows), ["school", "name"]].itertuples(index=False, name=None)
            reports = (
                (f"{folder}/schools/{safe(school)}/{FILE}", of_school(data, school, name)) for school, name in named
            )
            paths += [outbox.write(*book) for book in made(procedures_workbook, reports, outbox.workers)]
            show(context, year, NAME, paths)

    return [procedure_workbooks]


def _report(plan: Plan, warehouse: Warehouse, year: str, run_id: str) -> ProceduresReport:
    cfg = plan.cfg
    events = [event for family in plan.families for event in plan.of_family(family)]
    keys = [event for event in events if cfg.calendar.events[event].school_year == year]
    known, subjects = warehouse.read("dim_event"), warehouse.read("dim_subject")
    measures = (measure for layout in cfg.delimited.values() for measure in layout.measures)
    return ProceduresReport(
        head=ReportHead(cfg.region.name, "Другие процедуры", year, moment(plan), cfg.version, run_id),
        events=known.set_index("event_id").loc[[key for key in keys if key in set(known["event_id"])]].reset_index(),
        procedures={key: cfg.procedures[cfg.calendar.events[key].procedure].level for key in keys},
        subjects=dict(zip(subjects["subject"], subjects["name"], strict=True)),
        measures={measure.measure: measure.title for measure in measures},
        works=dict(zip(known["event_id"], known["title"], strict=True)),
        plans={plan.id: plan.short for plan in cfg.plans.values()},
        families={family.mart: family.title_ru for family in plan.families},
        marts={family.mart: warehouse.read(family.mart, keys) for family in plan.families},
    )
