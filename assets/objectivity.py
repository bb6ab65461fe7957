"""Objectivity: signs of biased results of a school year, their evidence, what to mark again.

Belongs here: the assets that ask ``rsoko_pipeline.objectivity``. Does not belong here: signs and formulas. A sign is
never a proof: «признак, требует проверки».
"""

from collections.abc import Iterator
from typing import Any

import dagster as dg
import pandas as pd

from assets.metadata import table_value
from assets.plan import OWNERS, SINGLE_RUN, Plan, description, table_metadata
from resources.warehouse import Warehouse, Writing
from rsoko_pipeline import contracts
from rsoko_pipeline.history import counted, everyone_writes, in_force
from rsoko_pipeline.objectivity import (
    Assessment,
    apart,
    assess,
    cohort,
    confirm,
    labels,
    links,
    observers,
    outcome,
    remarking,
    settings,
)

EVIDENCE = dg.AssetKey(["mart", "objectivity_evidence"])
POOLED = dg.AssetKey(["mart", "objectivity_pooled"])
#: The asset's outputs with their tables, the main one first; each output is replaced in one transaction. A row of the
#: evidence belongs to an event, of the others to a school year.
OUTPUTS = {
    "evidence": (
        "objectivity_evidence",
        "objectivity_sign",
        "objectivity_unavailable",
        "objectivity_rule",
        "remarking_plan",
        "remarking_left_out",
    ),
    "pooled": ("objectivity_pooled",),
    "beside": ("remarking_outcome", "objectivity_observer"),
    "agreement": ("objectivity_agreement",),
}
A_SIGN, EXTERNAL = "Признак, требует проверки; не вывод о школе.", "Внешняя метка, не настройка."
#: Facts of other procedures that say something of the signs.
CONTROL, SECOND_MARK = "fact_control", "fact_second_mark"
#: The mart of the olympiads' own sign, written beside the family's main one.
STAGE = "olympiad_sign"
#: What is known of a school that may explain its results; the municipality is a level, not a covariate.
CONTEXT = ["school", "municipality", "kind", "settlement", "is_small", "is_advanced"]
#: Evidence from which a school stands in the list that the UI shows.
SHOWN = 2


def stages(plan: Plan, years: list[str]) -> list[str]:
    """The events of these school years that may have the sign of the olympiads."""
    events = (event for family in plan.families if STAGE in family.also for event in plan.of_family(family))
    return [event for event in events if plan.cfg.calendar.events[event].school_year in years]


def build(plan: Plan) -> list[dg.AssetsDefinition]:
    """The assets of objectivity."""

    @dg.multi_asset(
        name="objectivity",
        deps=[
            dg.AssetDep(["core", "fact_result"], partition_mapping=plan.event_to_year),
            dg.AssetDep(["core", "fact_groups"], partition_mapping=plan.event_to_year),
            dg.AssetDep(["core", "dim_event"]),
            dg.AssetDep(["core", "dim_school"]),
            dg.AssetDep(["core", "fact_contingent"]),
            *(
                dg.AssetDep(["core", family.fact], partition_mapping=plan.to_year(plan.of_family(family)))
                for family in plan.families
                if family.fact in (CONTROL, SECOND_MARK)
            ),
            *(
                dg.AssetDep(["mart", family.mart], partition_mapping=plan.to_year(plan.of_family(family)))
                for family in plan.families
                if STAGE in family.also
            ),
        ],
        outs={
            name: dg.AssetOut(
                key=["mart", tables[0]],
                description=description(tables[0], EXTERNAL if name == "agreement" else A_SIGN),
                metadata=table_metadata(*tables),
                group_name="objectivity",
                owners=OWNERS,
                kinds={"postgres", "scipy"},
            )
            for name, tables in OUTPUTS.items()
        },
        partitions_def=plan.years,
        backfill_policy=SINGLE_RUN,
    )
    def objectivity(context: dg.AssetExecutionContext, warehouse: Warehouse) -> Iterator[dg.Output[Writing]]:
        """Signs, evidence and plan of re-marking of the school years, campaign by campaign."""
        years = list(context.partition_keys)
        events = plan.events_of(years)
        stamp: dict[str, Any] = {
            "config_version": plan.cfg.version,
            "run_id": context.run.run_id,
            "computed_at": pd.Timestamp.now(tz="UTC").as_unit("us"),
        }
        parts: dict[str, list[pd.DataFrame]] = {name: [] for tables in OUTPUTS.values() for name in tables}
        for year in years:
            found = _year(plan, warehouse, year)
            for name, frame in found.items():
                parts[name].append(frame)
            _describe(context, year, found)
        frames = {
            name: contracts.table(name).conform(pd.concat(rows, ignore_index=True).assign(**stamp))
            for name, rows in parts.items()
        }
        for name, tables in OUTPUTS.items():
            keys = [*events, *stages(plan, years)] if name == "evidence" else years
            yield dg.Output(warehouse.begin({table: frames[table] for table in tables}, keys), output_name=name)

    return [objectivity]


def _year(plan: Plan, warehouse: Warehouse, year: str) -> dict[str, pd.DataFrame]:
    """The year's tables without their stamp."""
    cfg, one = plan.cfg, settings.load()
    calendar = warehouse.read("dim_event")
    events = calendar[
        calendar["event_id"].isin(plan.events_of([year]))
        & calendar["subject"].notna()
        & calendar["grade"].notna()
        & ~calendar["procedure"].isin(one.not_assessed)
    ]
    works = events[["event_id", "subject", "grade", "cut3", "cut4", "cut5"]].astype({"grade": "int64"})
    keys = list(works["event_id"])
    results = warehouse.read("fact_result", keys).merge(works, on="event_id").assign(school_year=year)
    tasks = warehouse.read("dim_task", keys).merge(works, on="event_id").assign(school_year=year)
    schools = in_force(warehouse.read("dim_school"), "school", events["window_to"].max())
    enrolled = _enrolled(warehouse.read("fact_contingent"), events.astype({"grade": "int64"}), year)
    history = warehouse.read("objectivity_evidence")
    found = assess(
        results,
        tasks,
        enrolment=enrolled,
        context=None if schools.empty else schools[CONTEXT],
        prior=_prior(warehouse, calendar, results, one),
        not_for_all=list(events.loc[~everyone_writes(events), "event_id"]),
        history=history[history["school_year"] < year],
        region=cfg.region.code,
        settings=one,
    )
    homes = schools.set_index("school")["municipality"]
    suspected = found.pooled.loc[found.pooled["evidence"] >= 2, "unit_code"]
    chosen = remarking.plan(results, tasks, found.evidence, one.remarking.budget, one, suspected=set(suspected))
    evidence, second, outcomes = _remarked(warehouse, calendar, keys, found.evidence, history, year, one)
    of_olympiads = apart.of_olympiads(warehouse.read(STAGE, stages(plan, [year])), one)
    signs = pd.concat([found.signs, apart.of_remarking(second, one), of_olympiads], ignore_index=True)
    official = warehouse.read("fact_label", keys).assign(school_year=year)
    return {
        **_tables(found, evidence, signs, chosen, homes, year, cfg.region.code),
        "objectivity_agreement": labels.of_year(evidence, official),
        "remarking_outcome": outcomes,
        "objectivity_observer": _observed(warehouse, found, results, cfg.region.code, one).assign(school_year=year),
    }


def _prior(warehouse: Warehouse, calendar: pd.DataFrame, results: pd.DataFrame, one: settings.Settings) -> pd.DataFrame:
    """Results of the same cohorts in other works, of earlier years or of another subject."""
    columns = ["event_id", "school", "present", "primary_score"]
    now = set(results["event_id"])
    linked = links.find(calendar, now, one)
    others = sorted(set(linked["before_event"]) - now)
    read = warehouse.read("fact_result", others, columns=columns) if others else results.head(0)
    known = pd.concat([results[columns], read[columns]], ignore_index=True)
    works = calendar[["event_id", "school_year", "subject", "grade"]]
    return cohort.prior(cohort.school_means(known.merge(works, on="event_id")), linked)


def _remarked(
    warehouse: Warehouse,
    calendar: pd.DataFrame,
    works_of_year: list[str],
    evidence: pd.DataFrame,
    history: pd.DataFrame,
    year: str,
    one: settings.Settings,
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """The year's evidence with what re-marking confirms, the schools of the year's works as re-marking judged them, and
    what the year's re-marking says of this and earlier years.

    Evidence is set against the re-marking as it was before: what it confirmed must not count as its own proof.
    """
    second = warehouse.read(SECOND_MARK)
    held = calendar.loc[calendar["school_year"] == year, "event_id"]
    before = pd.concat([history[history["school_year"] < year][evidence.columns], evidence], ignore_index=True)

    def judged(rows: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
        works = outcome.pairs(rows, calendar)
        return works, outcome.judge(works, before, one)

    _, of_year = judged(second[second["about_event"].isin(works_of_year)])
    works, in_year = judged(second[second["event_id"].isin(held)])
    results = warehouse.read("fact_result", sorted(works["event_id"].unique()), columns=["event_id", "school"])
    outcomes = outcome.outcome(works, in_year, before, results).assign(school_year=year)
    return confirm(evidence, outcome.confirmed(of_year)), of_year, outcomes


def _observed(
    warehouse: Warehouse, found: Assessment, results: pd.DataFrame, region: str, one: settings.Settings
) -> pd.DataFrame:
    """Works with an observer against those without, in the region and in schools that had both."""
    rows = warehouse.read(CONTROL)
    seen = rows[(rows["control"] == "observer") & rows["about_event"].isin(set(results["event_id"]))]
    observed = observers.observed_schools(seen, results)
    of_region = observers.compare(found.evidence, found.signs, observed, one)
    of_schools = observers.within_schools(results, observed, one)
    return pd.concat(
        [of_region.assign(level="region", unit_code=region), of_schools.assign(level="school")], ignore_index=True
    )


def _enrolled(contingent: pd.DataFrame, works: pd.DataFrame, year: str) -> pd.DataFrame | None:
    """Contingent of each work: ``school, subject, grade, school_year, enrolled``; None where the year has none."""
    mine = counted(contingent, works.assign(school_year=year))
    if mine.empty:
        return None
    counts = pd.DataFrame(mine.groupby(["school", "event_id"], as_index=False)["enrolled"].sum())
    return counts.merge(works[["event_id", "subject", "grade"]], on="event_id").assign(school_year=year)


def _tables(
    found: Assessment,
    evidence: pd.DataFrame,
    signs: pd.DataFrame,
    chosen: remarking.Plan,
    homes: pd.Series,
    year: str,
    region: str,
) -> dict[str, pd.DataFrame]:
    """The contract frames, with the unit above each unit."""

    def placed(rows: pd.DataFrame) -> pd.DataFrame:
        school = rows["unit_code"].str.split("/").str[0]
        parent = rows["unit_code"].map(homes).mask(rows["level"] == "class", school)
        parent = parent.mask(rows["level"] == "municipality", region).mask(rows["level"] == "region", None)
        return rows.assign(parent_code=parent.astype("str"))

    def cut(name: str, frame: pd.DataFrame) -> pd.DataFrame:
        wanted = [column for column in contracts.table(name).names if column in frame]
        return frame[wanted]

    return {
        "objectivity_evidence": cut("objectivity_evidence", placed(evidence)),
        "objectivity_sign": cut("objectivity_sign", placed(signs)),
        "objectivity_unavailable": cut("objectivity_unavailable", found.unavailable),
        "objectivity_rule": cut("objectivity_rule", placed(found.rules.assign(level="school"))),
        "objectivity_pooled": cut("objectivity_pooled", found.pooled.assign(school_year=year)),
        "remarking_plan": cut("remarking_plan", chosen.works),
        "remarking_left_out": cut("remarking_left_out", chosen.left_out),
    }


def _describe(context: dg.AssetExecutionContext, year: str, found: dict[str, pd.DataFrame]) -> None:
    evidence = found["objectivity_evidence"]
    levels = {f"доказательность {level}": int(count) for level, count in evidence["evidence"].value_counts().items()}
    shown = evidence[evidence["evidence"] >= SHOWN].sort_values(["event_id", "unit_code"])
    context.add_asset_metadata(
        {
            "dagster/partition_row_count": len(evidence),
            "школы × работы": dg.MetadataValue.json(levels),
            "признаки, требуют проверки": table_value(
                shown, ["event_id", "unit_code", "n", "evidence", "p", "q"], "objectivity_evidence"
            ),
            "работ в плане перепроверки": len(found["remarking_plan"]),
        },
        asset_key=EVIDENCE,
        partition_key=year,
    )
    context.add_asset_metadata(
        {"dagster/partition_row_count": len(found["objectivity_pooled"])}, asset_key=POOLED, partition_key=year
    )
