"""Publication: the upload board, plan against fact, workbooks and the validation page of a school year.

Belongs here: the assets that people read. Does not belong here: how a workbook looks (``rsoko_pipeline.reports``).
"""

from collections.abc import Iterator
from typing import Any

import dagster as dg
import pandas as pd

from assets import objectivity_pages, procedure_reports
from assets.plan import OWNERS, SINGLE_RUN, Plan, description, table_metadata
from assets.publishing import folder_of, moment, safe, show
from assets.statistics import EXAMS
from resources.places import Outbox
from resources.warehouse import Warehouse, Writing
from rsoko_pipeline.calendar.status import calendar_status as plan_against_fact
from rsoko_pipeline.history import in_force
from rsoko_pipeline.indicators.statistics import TABLES as STATISTICS
from rsoko_pipeline.landing.crosswalk import Crosswalk
from rsoko_pipeline.program import hint
from rsoko_pipeline.reports import objectivity as pages
from rsoko_pipeline.reports.board import upload_status as board
from rsoko_pipeline.reports.inputs import RegionReport, ReportHead, name_findings, school_reports
from rsoko_pipeline.reports.region import region_workbook
from rsoko_pipeline.reports.school import school_workbook
from rsoko_pipeline.reports.side_by_side import made
from rsoko_pipeline.standing import loaded_facts
from rsoko_pipeline.validation.report import validation_page

#: The marts of signs that the pages show, and the statistics that their pictures are drawn from.
SIGNS = ("objectivity_evidence", "objectivity_pooled", "objectivity_agreement", "remarking_outcome")
PICTURED = ("score_distribution", "journal_comparison", "coverage")
SIGNS_PAGE = "objectivity.html"
UPLOAD_STATUS = dg.AssetKey(["mart", "upload_status"])
_GROUP: dict[str, Any] = {"group_name": "publication", "owners": OWNERS}
_REPORT: dict[str, Any] = {**_GROUP, "kinds": {"excel"}, "key_prefix": "reports"}


def build(plan: Plan) -> list[dg.AssetsDefinition]:
    """The assets of publication."""
    cfg = plan.cfg
    by_year: dict[str, Any] = {"partitions_def": plan.years, "backfill_policy": SINGLE_RUN}
    statistics = [dg.AssetDep(["mart", name], partition_mapping=plan.event_to_year) for name in (*STATISTICS, EXAMS)]
    facts = dg.AssetDep(["core", "fact_result"], partition_mapping=plan.event_to_year)

    @dg.asset(
        key=UPLOAD_STATUS,
        deps=[facts, ["ops", "landing_file"], ["core", "dim_school"], ["core", "fact_contingent"]],
        description=description("upload_status"),
        metadata=table_metadata("upload_status"),
        kinds={"postgres"},
        **_GROUP,
        **by_year,
    )
    def upload_status(context: dg.AssetExecutionContext, warehouse: Warehouse) -> Writing:
        """Which school has sent what, against what the calendar expects of it."""
        keys = plan.events_of(list(context.partition_keys))
        now = pd.Timestamp.now(tz="UTC").as_unit("us")
        events = warehouse.read("dim_event")
        frame = board(
            events[events["event_id"].isin(keys)],
            warehouse.read("dim_school"),
            Crosswalk.stored(warehouse.read, cfg).units(warehouse.read("file_unit")),
            warehouse.read("landing_file"),
            warehouse.read("quarantine"),
            warehouse.read("fact_contingent"),
            {key: cfg.calendar.events[key].due("загрузка") or cfg.calendar.events[key].window_to for key in keys},
            _today(plan),
        )
        stamped = frame.assign(config_version=cfg.version, run_id=context.run.run_id, computed_at=now)
        for year in context.partition_keys:
            rows = stamped[stamped["event_id"].isin(plan.events_of([year]))]
            counts = {str(status): int(count) for status, count in rows["status"].value_counts().items()}
            context.add_asset_metadata(
                {"dagster/partition_row_count": len(rows), "состояния": dg.MetadataValue.json(counts)},
                asset_key=UPLOAD_STATUS,
                partition_key=year,
            )
        return warehouse.begin({"upload_status": stamped}, keys)

    @dg.asset(
        key=["mart", "calendar_status"],
        deps=[UPLOAD_STATUS],
        description=description("calendar_status"),
        metadata=table_metadata("calendar_status"),
        kinds={"postgres"},
        **_GROUP,
    )
    def calendar_status(context: dg.AssetExecutionContext, warehouse: Warehouse) -> pd.DataFrame:
        """The calendar's deadlines against what is loaded and computed."""
        return plan_against_fact(
            cfg,
            loaded_facts(warehouse.engine),
            _today(plan),
            run_id=context.run.run_id,
            computed_at=pd.Timestamp.now(tz="UTC").as_unit("us").to_pydatetime(),
        )

    @dg.asset(
        name="region_workbook",
        deps=[*statistics, UPLOAD_STATUS],
        description="Книга региона: обзор, работы, охват, доска загрузки, замечания; по книге на процедуру.",
        **_REPORT,
        **by_year,
    )
    def region_workbooks(context: dg.AssetExecutionContext, warehouse: Warehouse, outbox: Outbox) -> None:
        """The region's workbooks of the school years."""
        for year in context.partition_keys:
            paths = [
                outbox.write(f"{folder_of(year)}/region/{procedure}.xlsx", region_workbook(data))
                for procedure, data in _region_reports(plan, warehouse, year, context.run.run_id)
            ]
            show(context, year, "region_workbook", paths)

    @dg.asset(
        name="school_workbooks",
        deps=[facts, *statistics, UPLOAD_STATUS],
        description="Книга каждой школы: сводка, протоколы классов, задания, замечания к файлам.",
        **_REPORT,
        **by_year,
    )
    def school_workbooks(context: dg.AssetExecutionContext, warehouse: Warehouse, outbox: Outbox) -> None:
        """The schools' workbooks of the school years."""
        for year in context.partition_keys:
            paths = []
            for procedure, data in _region_reports(plan, warehouse, year, context.run.run_id):
                if data.mark_statistics.empty:
                    continue  # nothing has come of this procedure yet: the region's board says so
                results = warehouse.read("fact_result", list(data.events["event_id"]))
                reports = (
                    (f"{folder_of(year)}/schools/{safe(report.school)}/{procedure}.xlsx", report)
                    for report in school_reports(data, results)
                )
                paths += [outbox.write(*book) for book in made(school_workbook, reports, outbox.workers)]
            show(context, year, "school_workbooks", paths)

    @dg.asset(
        name="validation_page",
        deps=[facts],
        description="Страница проверок: что проверено, что не прошло, что исправить.",
        **{**_REPORT, "kinds": {"html"}},
        **by_year,
    )
    def validation_pages(context: dg.AssetExecutionContext, warehouse: Warehouse, outbox: Outbox) -> None:
        """The offline validation pages of the school years."""
        for year in context.partition_keys:
            keys = [event.event_id for event in cfg.calendar.of_year(year)]
            page = validation_page(
                year,
                warehouse.read("check_result", keys),
                _named_findings(warehouse, keys),
                events=warehouse.read("dim_event"),
                schools=warehouse.read("dim_school"),
                units=warehouse.read("file_unit", where={"event_id": keys}),
                made_at=moment(plan),
                command=hint,
            )
            show(context, year, "validation_page", [outbox.write(f"{folder_of(year)}/validation.html", page.encode())])

    @dg.asset(
        name="objectivity_pages",
        deps=[
            *(dg.AssetDep(["mart", name]) for name in SIGNS),
            *(dep for dep in statistics if dep.asset_key.path[-1] in PICTURED),
            facts,
        ],
        description="Страницы о признаках: школ, у которых они есть (с формой самодиагностики), и региона. "
        "Признак, требует проверки; не вывод о школе.",
        **{**_REPORT, "kinds": {"html", "excel"}},
        **by_year,
    )
    def signs_pages(context: dg.AssetExecutionContext, warehouse: Warehouse, outbox: Outbox) -> None:
        """The pages on signs of the school years; pages of schools without signs any more are taken away."""
        for year in context.partition_keys:
            data = objectivity_pages.gather(plan, warehouse, year, moment(plan), context.run.run_id)
            schools = f"{folder_of(year)}/schools"
            cards, written = pages.Cards(data), []
            for found in pages.schools_with_signs(data):
                folder = f"{schools}/{safe(found.school)}"
                page, form = pages.school_page(data, found, cards), list(pages.questions(data, found))
                written.append(outbox.write(f"{folder}/{SIGNS_PAGE}", page.encode()))
                if form:
                    outbox.write(f"{folder}/{pages.FORM_FILE}", pages.form_workbook(form))
                else:
                    outbox.remove(f"{folder}/{pages.FORM_FILE}")
            for school in set(data.register) - set(data.chosen):
                for name in (SIGNS_PAGE, pages.FORM_FILE):
                    outbox.remove(f"{schools}/{safe(school)}/{name}")
            region, method, text = f"{folder_of(year)}/region", "", objectivity_pages.methodology()
            if text is not None:
                method = "methodology.html"
                outbox.write(f"{region}/{method}", pages.methodology_page(text).encode())
            page = pages.region_page(data, lambda school: f"../schools/{safe(school)}/{SIGNS_PAGE}", method)
            show(context, year, "objectivity_pages", [outbox.write(f"{region}/{SIGNS_PAGE}", page.encode()), *written])

    reports = [region_workbooks, school_workbooks, validation_pages, signs_pages]
    elsewhere = ["calendar_page", *([procedure_reports.NAME] if plan.families else [])]

    @dg.asset(
        name="reported",
        deps=[*reports, *(["reports", name] for name in elsewhere)],
        description="Отметка о том, что все отчёты учебного года составлены по нынешним данным. Ставится последней:"
        " если хоть один отчёт не составлен, её нет.",
        **{**_REPORT, "kinds": {"postgres"}},
        **by_year,
    )
    def reported(context: dg.AssetExecutionContext, warehouse: Warehouse) -> None:
        """Whoever runs the year's job, here or from the pages of Dagster, its reports need not be made once more."""
        for year in context.partition_keys:
            warehouse.ledger.mark_reported([event.event_id for event in cfg.calendar.of_year(year)])

    return [upload_status, calendar_status, *reports, reported]


def _region_reports(plan: Plan, warehouse: Warehouse, year: str, run_id: str) -> Iterator[tuple[str, RegionReport]]:
    """The region's data of each procedure that the year has events of."""
    keys = plan.events_of([year])
    events = warehouse.read("dim_event")
    frames = {name: warehouse.read(name, keys) for name in (*STATISTICS, EXAMS, "upload_status", "dim_task")}
    findings = _named_findings(warehouse, keys)
    last_day = events.loc[events["event_id"].isin(keys), "window_to"].max()
    register = {
        "subjects": warehouse.read("dim_subject"),
        "municipalities": in_force(warehouse.read("dim_municipality"), "municipality", last_day),
        "schools": in_force(warehouse.read("dim_school"), "school", last_day),
    }
    for procedure in dict.fromkeys(plan.cfg.calendar.events[key].procedure for key in keys):
        mine = events[(events["procedure"] == procedure) & events["event_id"].isin(keys)]
        ids = set(mine["event_id"])
        came = frames["upload_status"].dropna(subset=["file_id"])
        if not any(frame["event_id"].isin(ids).any() for frame in (*(frames[name] for name in STATISTICS), came)):
            continue
        part = {name: frame[frame["event_id"].isin(ids)].reset_index(drop=True) for name, frame in frames.items()}
        head = ReportHead(
            plan.cfg.region.name, plan.cfg.procedures[procedure].name, year, moment(plan), plan.cfg.version, run_id
        )
        yield (
            procedure,
            RegionReport(
                head=head,
                events=mine,
                tasks=part.pop("dim_task"),
                findings=findings[findings["event_id"].isin(ids)].reset_index(drop=True),
                **register,
                **part,
            ),
        )


def _named_findings(warehouse: Warehouse, events: list[str]) -> pd.DataFrame:
    return name_findings(
        warehouse.read("quarantine", events), warehouse.read("landing_file"), warehouse.read("file_unit")
    )


def _today(plan: Plan) -> Any:
    return moment(plan).date()
