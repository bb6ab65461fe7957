"""Results: the events' facts, from the files in force through validation into ``core``.

Belongs here: reading an event's files, Great Expectations once for the whole run, facts, quarantine, check results.
Does not belong here: what is computed from facts (``statistics``), the rules (``rsoko_pipeline.validation``).
"""

from collections.abc import Iterator
from typing import Any

import dagster as dg
import pandas as pd

from assets.metadata import table_value
from assets.plan import OWNERS, SINGLE_RUN, Plan, description, table_metadata
from resources.places import Landing
from resources.validation import Validation
from resources.warehouse import Warehouse
from rsoko_pipeline.landing import assembly, building, parsed
from rsoko_pipeline.validation import RESULT_CHECKS
from rsoko_pipeline.validation.verdict import TITLES_RU

FACT_RESULT = dg.AssetKey(["core", "fact_result"])
FACT_GROUPS = dg.AssetKey(["core", "fact_groups"])
GROUP_TABLES = tuple(assembly.GROUP_CONTENTS.values())
#: Written in one transaction with the facts: what was held, what was checked, from what the event was built.
COMPANIONS = ("dim_task", "quarantine", "check_result", "event_state")
_SEVERITY = {
    "error": dg.AssetCheckSeverity.ERROR,
    "warning": dg.AssetCheckSeverity.WARN,
    "info": dg.AssetCheckSeverity.WARN,
}


def build(plan: Plan) -> list[dg.AssetsDefinition]:
    """The assets of results."""

    @dg.multi_asset(
        name="results",
        deps=[["ops", "landing_file"], ["core", "dim_school"], ["core", "dim_municipality"], ["core", "dim_event"]],
        outs={
            "fact_result": dg.AssetOut(
                key=FACT_RESULT,
                description=description("fact_result"),
                metadata=table_metadata("fact_result", companions=COMPANIONS),
                group_name="results",
                owners=OWNERS,
                kinds={"postgres", "greatexpectations"},
            ),
            "fact_groups": dg.AssetOut(
                key=FACT_GROUPS,
                description="**Сводные таблицы.** Отметки, баллы, сравнение с журналом по группам, официальный список, "
                "величины из настраиваемых таблиц: как в файлах.",
                metadata=table_metadata(*GROUP_TABLES),
                group_name="results",
                owners=OWNERS,
                kinds={"postgres"},
            ),
        },
        check_specs=[dg.AssetCheckSpec(name, asset=FACT_RESULT, description=TITLES_RU[name]) for name in RESULT_CHECKS],
        partitions_def=plan.events,
        backfill_policy=SINGLE_RUN,
    )
    def results(
        context: dg.AssetExecutionContext, landing: Landing, warehouse: Warehouse, validation: Validation
    ) -> Iterator[Any]:
        """Read, validate and assemble the run's events."""
        keys = sorted(context.partition_keys)
        ledger = warehouse.ledger
        units = ledger.active_units(keys)
        files = units[["file_id", "name"]].drop_duplicates("file_id")
        built = building.build_events(
            parsed.take(files, landing.store, plan.cfg, workers=landing.workers),
            units,
            keys,
            cfg=plan.cfg,
            schools=warehouse.read("dim_school"),
            municipalities=warehouse.read("dim_municipality"),
            before=warehouse.read("quarantine", keys),
            files=warehouse.read("landing_file"),
            input_hashes=ledger.input_hashes(plan.cfg.version),
            key=warehouse.pseudonym_key,
            run_id=context.run_id,
        )
        yield from _check_results(context, built, validation.sample_rows)
        _describe(context, built, keys)
        yield dg.Output(built.facts, output_name="fact_result")
        yield dg.Output(built.groups, output_name="fact_groups")

    return [results]


def _describe(context: dg.AssetExecutionContext, built: building.Built, keys: list[str]) -> None:
    stored = built.facts["fact_result"].groupby("event_id").size()
    held = built.facts["quarantine"].query("action == 'held'").groupby("event_id").size()
    sizes = pd.concat([frame["event_id"] for frame in built.groups.values()]).value_counts()
    for key in keys:
        rows = {"dagster/partition_row_count": int(stored.get(key, 0)), "удержано": int(held.get(key, 0))}
        context.add_asset_metadata(rows, asset_key=FACT_RESULT, partition_key=key)
        groups = {"dagster/partition_row_count": int(sizes.get(key, 0))}
        context.add_asset_metadata(groups, asset_key=FACT_GROUPS, partition_key=key)


def _check_results(
    context: dg.AssetExecutionContext, built: building.Built, sample: int
) -> Iterator[dg.AssetCheckResult]:
    """One overall result a check, and one evaluation an event for the UI's partitions.

    Dagster takes a single ``AssetCheckResult`` a check and run; the events' own evaluations are logged beside it.
    """
    checks = built.facts["check_result"]
    for name, rows in checks.groupby("check_name", sort=False):
        if name not in RESULT_CHECKS:
            continue
        for row in rows.itertuples():
            context.log_event(
                dg.AssetCheckEvaluation(
                    asset_key=FACT_RESULT,
                    check_name=row.check_name,
                    passed=bool(row.passed),
                    severity=_SEVERITY[row.severity],
                    metadata={"проверено": int(row.checked), "не прошло": int(row.failed), "итог": row.message},
                    partition=row.event_id,
                )
            )
        failed = rows[~rows["passed"]]
        yield dg.AssetCheckResult(
            check_name=str(name),
            passed=failed.empty,
            severity=_SEVERITY[str(rows["severity"].iloc[0])],
            metadata={
                "проверено": int(rows["checked"].sum()),
                "не прошло": int(rows["failed"].sum()),
                "события": table_value(
                    failed.head(sample), ["event_id", "checked", "failed", "message"], "check_result"
                ),
            },
        )
    for name in RESULT_CHECKS:
        if name not in set(checks["check_name"]):
            yield dg.AssetCheckResult(
                check_name=name, passed=True, description="Нет данных, к которым относится проверка."
            )
