"""Statistics: marks, scores, tasks, journal, coverage of events at every level.

Belongs here: the assets of ``mart`` that follow from an event's facts, their pictures. Does not belong here: formulas
(``rsoko_pipeline.indicators``).
"""

from collections.abc import Iterator
from concurrent.futures import as_completed
from typing import Any

import dagster as dg
import pandas as pd

from assets.lineage import column_lineage
from assets.plan import OWNERS, SINGLE_RUN, Plan, description, table_metadata
from assets.results import FACT_GROUPS, FACT_RESULT
from resources.warehouse import Warehouse, Writing
from rsoko_pipeline.indicators import exams, pictures
from rsoko_pipeline.indicators import statistics as indicators

#: The group tables that carry figures of works.
GROUPED = ("fact_group_marks", "fact_group_journal", "fact_group_scores")
#: Two tables are written at a time.
LARGEST_FIRST = ("task_statistics", "score_distribution", "mark_statistics", "journal_comparison", "coverage")
#: The mart whose materializations carry a picture.
WITH_PICTURE = "score_distribution"
#: Written only by runs that build exams.
EXAMS = "exam_statistics"
LEVELS_RU = "Уровни: класс, школа, муниципалитет, регион."
EXAMS_RU = "Категории участников и периоды; только для экзаменов."
DEPENDENCIES = [
    dg.AssetKey(["core", name]) for name in ("dim_event", "dim_school", "dim_municipality", "fact_contingent")
]


def build(plan: Plan) -> list[dg.AssetsDefinition]:
    """The assets of statistics."""
    cfg = plan.cfg

    @dg.multi_asset(
        name="statistics",
        ins={
            "fact_result": dg.AssetIn(FACT_RESULT),
            "fact_groups": dg.AssetIn(FACT_GROUPS),
        },
        deps=DEPENDENCIES,
        outs={
            name: dg.AssetOut(
                key=["mart", name],
                description=description(name, said),
                metadata=table_metadata(name),
                group_name="statistics",
                owners=OWNERS,
                kinds={"postgres", "pandas"},
                is_required=name != EXAMS,
            )
            for name, said in (*((name, LEVELS_RU) for name in indicators.TABLES), (EXAMS, EXAMS_RU))
        },
        partitions_def=plan.events,
        backfill_policy=SINGLE_RUN,
    )
    def statistics(
        context: dg.AssetExecutionContext,
        warehouse: Warehouse,
        fact_result: pd.DataFrame,
        fact_groups: dict[str, pd.DataFrame],
    ) -> Iterator[dg.Output[Writing]]:
        """All statistics of the run's events from their facts."""
        keys = list(context.partition_keys)
        events = warehouse.read("dim_event")
        events = events[events["event_id"].isin(keys)]
        tasks = warehouse.read("dim_task", keys)
        register = indicators.Register(
            cfg.region.code, cfg.region.name, warehouse.read("dim_school"), warehouse.read("dim_municipality")
        )
        stamp = indicators.Stamp(
            cfg.version, context.run.run_id, pd.Timestamp.now(tz="UTC").as_unit("us").to_pydatetime()
        )
        frames = indicators.compute(
            fact_result,
            events=events,
            tasks=tasks,
            register=register,
            stamp=stamp,
            contingent=warehouse.read("fact_contingent"),
            group_tables={name: fact_groups[name] for name in GROUPED},
            targets=_targets(plan, keys),
        )
        writing = {name: warehouse.begin({name: frames[name]}, keys) for name in LARGEST_FIRST}
        drawn = _pictures(frames[WITH_PICTURE], events)
        name_of = {writing[name].done: name for name in writing}
        for done in as_completed(name_of):  # what is written is entered in the history while the next is being written
            name = name_of[done]
            _describe(context, name, frames[name], keys, drawn if name == WITH_PICTURE else {})
            yield dg.Output(writing[name], output_name=name)
        scales = _exam_scales(plan, keys, tasks)
        if scales:
            frame = exams.compute(
                warehouse.read("fact_exam", list(scales)), events=events, scales=scales, register=register, stamp=stamp
            )
            _describe(context, EXAMS, frame, keys, {})
            yield dg.Output(warehouse.begin({EXAMS: frame}, keys), output_name=EXAMS)
        warehouse.ledger.count_rows(keys)
        warehouse.ledger.mark_published(keys)

    return [statistics]


def _targets(plan: Plan, keys: list[str]) -> dict[str, float]:
    """Target of coverage by event, where the calendar sets one."""
    targets = {key: plan.cfg.calendar.events[key].coverage_target for key in keys}
    return {key: target for key, target in targets.items() if target is not None}


def _exam_scales(plan: Plan, keys: list[str], tasks: pd.DataFrame) -> dict[str, exams.ExamScale]:
    """What is known of the scales of the exams among the events, by event."""
    most = tasks.groupby("event_id")["max_points"].sum()
    out = {}
    for key in keys:
        event = plan.cfg.calendar.events[key]
        procedure = plan.cfg.procedures[event.procedure]
        if procedure.exam is None:
            continue
        scale = None
        if event.subject is not None and event.grade is not None:
            scale = procedure.test_scale(event.subject, event.grade, event.year)
        known = scale is not None and scale.minimum is not None
        out[key] = exams.ExamScale(
            has_test_scores=procedure.exam.result_of(event.subject) == "test_score",
            minimum=scale.minimum if scale else None,
            status=(scale.minimum_status or scale.status) if scale and known else None,
            bands=procedure.exam.bands,
            max_score=float(most[key]) if key in most else None,
        )
    return out


def _describe(
    context: dg.AssetExecutionContext,
    table: str,
    frame: pd.DataFrame,
    keys: list[str],
    pictures_of: dict[str, dg.MarkdownMetadataValue],
) -> None:
    counts = frame.groupby("event_id").size()
    for key in keys:
        shown: dict[str, Any] = {
            "dagster/partition_row_count": int(counts.get(key, 0)),
            # Dagster shows that of the latest materialization, and enters a range's in no order of its own.
            "dagster/column_lineage": column_lineage(table),
        }
        if key in pictures_of:
            shown["картинка"] = pictures_of[key]
        context.add_asset_metadata(shown, asset_key=["mart", table], partition_key=key)


def _pictures(scores: pd.DataFrame, events: pd.DataFrame) -> dict[str, dg.MarkdownMetadataValue]:
    """The region's distribution of each event with the cuts of its scale."""
    region = scores[scores["level"] == "region"]
    drawn = {}
    for _, event in events.iterrows():
        rows = region[region["event_id"] == event["event_id"]]
        if not rows.empty:
            drawn[event["event_id"]] = dg.MetadataValue.md(pictures.markdown(pictures.score_distribution(rows, event)))
    return drawn
