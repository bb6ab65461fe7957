"""The other procedures: olympiads, observers, surveys, registers of decisions, measures: a fact and a mart each.

Belongs here: the assets that every family of procedures has. Does not belong here: what a family counts
(``rsoko_pipeline.families``), works of pupils (``results``, ``statistics``).
"""

from collections.abc import Iterator
from datetime import date
from functools import cache
from typing import Any

import dagster as dg
import pandas as pd

from assets.plan import OWNERS, SINGLE_RUN, Plan, description, table_metadata
from assets.results import PLACES, check_results
from resources.places import Landing
from resources.validation import Validation
from resources.warehouse import Warehouse, Writing
from rsoko_pipeline.families import Base, Family, dependencies
from rsoko_pipeline.history import in_force
from rsoko_pipeline.indicators import Register, Stamp
from rsoko_pipeline.landing import building, parsed
from rsoko_pipeline.landing.crosswalk import Crosswalk
from rsoko_pipeline.validation.checks import CONTRACT

#: Written in one transaction with a fact.
COMPANIONS = ("unknown_school", "quarantine", "check_result", "event_state")
#: Asset checks: what each asks, and the rules of validation that it sums up.
CHECKS: dict[str, tuple[str, tuple[str, ...]]] = {
    "structure": ("Таблица прочитана целиком, обязательные значения указаны", ("structure", CONTRACT)),
    "statements": ("Об одном и том же сказано один раз", ("statement_unique",)),
    "rules": (
        "Величины, баллы, классы, пункты планов отвечают правилам процедуры",
        (
            "measure_range",
            "measure_total",
            "olympiad_score",
            "olympiad_grade",
            "olympiad_admitted",
            "plan_known",
            "plan_line_known",
        ),
    ),
    "schools": (
        "Школы и муниципалитеты таблицы есть в реестре, школы названы кодом",
        ("unit_known", "unit_by_code", "place_known"),
    ),
    "thresholds": ("Не прошло проверку не больше допустимого", ("file_threshold", "event_threshold")),
}
DEPENDENCIES = [["ops", "landing_file"], *PLACES, ["core", "dim_municipality"], ["core", "dim_event"]]


def fact_key(family: Family) -> dg.AssetKey:
    """The asset of a family's fact."""
    return dg.AssetKey(["core", family.fact])


def mart_key(family: Family) -> dg.AssetKey:
    """The asset of a family's mart."""
    return dg.AssetKey(["mart", family.mart])


def build(plan: Plan) -> list[dg.AssetsDefinition]:
    """Fact and mart of every family of which the calendar has events."""
    return [asset for family in plan.families for asset in (_fact(plan, family), _mart(plan, family))]


def _fact(plan: Plan, family: Family) -> dg.AssetsDefinition:
    key = fact_key(family)

    @dg.asset(
        key=key,
        deps=DEPENDENCIES,
        description=description(family.fact),
        metadata=table_metadata(family.fact, companions=COMPANIONS),
        group_name="procedures",
        owners=OWNERS,
        kinds={"postgres", "greatexpectations"},
        check_specs=[dg.AssetCheckSpec(name, asset=key, description=title) for name, (title, _) in CHECKS.items()],
        partitions_def=dg.StaticPartitionsDefinition(plan.of_family(family)),
        backfill_policy=SINGLE_RUN,
    )
    def fact(
        context: dg.AssetExecutionContext, landing: Landing, warehouse: Warehouse, validation: Validation
    ) -> Iterator[Any]:
        """Read, validate and store the run's events."""
        keys = sorted(context.partition_keys)
        frames = _built(plan, family, keys, landing, warehouse, context.run.run_id)
        writing = warehouse.begin(frames, keys)
        yield from check_results(context, key, CHECKS, frames["check_result"], validation.sample_rows)
        stored = frames[family.fact].groupby("event_id").size()
        held = frames["quarantine"].query("action == 'held'").groupby("event_id").size()
        for event in keys:
            shown = {"dagster/partition_row_count": int(stored.get(event, 0)), "удержано": int(held.get(event, 0))}
            context.add_asset_metadata(shown, asset_key=key, partition_key=event)
        yield dg.Output(writing)

    return fact


def _built(
    plan: Plan, family: Family, keys: list[str], landing: Landing, warehouse: Warehouse, run_id: str
) -> dict[str, pd.DataFrame]:
    ledger = warehouse.ledger
    units = ledger.active_units(keys)
    files = units[["file_id", "name"]].drop_duplicates("file_id")
    return building.build_family(
        family,
        parsed.take(files, landing.store, plan.cfg, workers=landing.workers),
        units,
        keys,
        cfg=plan.cfg,
        schools=warehouse.read("dim_school"),
        crosswalk=Crosswalk.stored(warehouse.read, plan.cfg),
        before=warehouse.read("quarantine", keys),
        files=warehouse.read("landing_file"),
        input_hashes=ledger.input_hashes(plan.cfg.version, dependencies(plan.cfg)),
        key=warehouse.pseudonym_key,
        run_id=run_id,
    )


def _mart(plan: Plan, family: Family) -> dg.AssetsDefinition:
    @dg.asset(
        key=mart_key(family),
        ins={"fact": dg.AssetIn(fact_key(family))},
        deps=[["core", "dim_school"], ["core", "dim_municipality"]],
        description=description(family.mart, "Уровни: школа, муниципалитет, регион."),
        metadata=table_metadata(family.mart, companions=tuple(family.also)),
        group_name="procedures",
        owners=OWNERS,
        kinds={"postgres", "pandas"},
        partitions_def=dg.StaticPartitionsDefinition(plan.of_family(family)),
        backfill_policy=SINGLE_RUN,
    )
    def mart(
        context: dg.AssetExecutionContext, warehouse: Warehouse, fact: pd.DataFrame
    ) -> Iterator[dg.Output[Writing]]:
        """The family's statistics of the run's events from their facts."""
        keys = sorted(context.partition_keys)
        stamp = Stamp(plan.cfg.version, context.run.run_id, pd.Timestamp.now(tz="UTC").as_unit("us").to_pydatetime())
        schools, places = warehouse.read("dim_school"), warehouse.read("dim_municipality")

        @cache  # events of several days are compared with the same works
        def beside(name: str, events: tuple[str, ...]) -> pd.DataFrame:
            return warehouse.read(name, list(events))

        parts: dict[str, list[pd.DataFrame]] = {name: [] for name in family.marts}
        for day, events in _by_day(plan, keys).items():
            mine = fact[fact["event_id"].isin(events)]
            others = {name: beside(name, tuple(of)) for name, of in family.related(plan.cfg, events, mine).items()}
            base = Base(plan.cfg, _register(plan, schools, places, day), stamp, events, others)
            for name, statistics in family.marts.items():
                parts[name].append(statistics(mine, base))
        frames = {name: pd.concat(rows, ignore_index=True) for name, rows in parts.items()}
        counts = frames[family.mart].groupby("event_id").size()
        for event in keys:
            shown = {"dagster/partition_row_count": int(counts.get(event, 0))}
            context.add_asset_metadata(shown, asset_key=mart_key(family), partition_key=event)
        yield dg.Output(warehouse.begin(frames, keys))
        warehouse.ledger.count_rows(keys)
        warehouse.ledger.mark_published(keys)

    return mart


def _by_day(plan: Plan, events: list[str]) -> dict[date, list[str]]:
    """Events by the last day of their window: the day whose names and subordination hold for them."""
    out: dict[date, list[str]] = {}
    for event in events:
        out.setdefault(plan.cfg.calendar.events[event].window_to, []).append(event)
    return out


def _register(plan: Plan, schools: pd.DataFrame, places: pd.DataFrame, day: date) -> Register:
    """Names and subordination on a day."""
    when = pd.Timestamp(day)
    return Register(
        plan.cfg.region.code,
        plan.cfg.region.name,
        in_force(schools, "school", when),
        in_force(places, "municipality", when),
    )
