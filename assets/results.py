"""Results: the events' facts, from the files in force through validation into ``core``.

Belongs here: reading an event's files, Great Expectations once for the whole run, facts, quarantine, check results.
Does not belong here: what is computed from facts (``statistics``), the rules (``rsoko_pipeline.validation``).
"""

from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg
import pandas as pd

from assets.metadata import table_value
from assets.plan import OWNERS, SINGLE_RUN, Plan, description, table_metadata
from resources.places import Landing
from resources.validation import Validation
from resources.warehouse import Warehouse
from rsoko_pipeline import memory
from rsoko_pipeline.landing import assembly, building, parsed
from rsoko_pipeline.landing.crosswalk import Crosswalk
from rsoko_pipeline.landing.earlier import Earlier
from rsoko_pipeline.validation.checks import CONTRACT

FACT_RESULT = dg.AssetKey(["core", "fact_result"])
FACT_GROUPS = dg.AssetKey(["core", "fact_groups"])
GROUP_TABLES = tuple(assembly.GROUP_CONTENTS.values())
#: By what the register knows a school.
PLACES = [["core", name] for name in ("dim_school", "school_code", "school_alias")]
#: Written in one transaction with the facts: what was held, what was checked, from what the event was built.
COMPANIONS = ("fact_exam", "dim_task", "unknown_school", "quarantine", "check_result", "event_state")
#: Asset checks: what each asks, and the rules of validation that it sums up; every rule's counts stand in its metadata.
CHECKS: dict[str, tuple[str, tuple[str, ...]]] = {
    "structure": ("Таблицы прочитаны целиком, обязательные значения указаны", ("structure", CONTRACT)),
    "scores": (
        "Баллы: указаны, не больше максимума, сумма равна первичному баллу",
        ("score_count", "score_range", "score_given", "score_sum", "total_range", "scale_max"),
    ),
    "marks": ("Отметки допустимы и соответствуют шкале", ("mark_values", "mark_scale")),
    "pupils": ("Участники: код верен и не повторяется", ("pupil_unique", "pupil_grade", "absent_blank")),
    "schools": (
        "Школы и муниципалитеты есть в реестре, заявлено столько, сколько прочитано",
        ("school_known", "school_name", "municipality_known", "municipality_own", "declared_count"),
    ),
    "exams": (
        "Экзамены: состояние сходится с результатом, тестовый балл и минимум — по шкале года",
        ("exam_unique", "exam_result", "test_scale", "exam_passed"),
    ),
    "aggregates": (
        "Сводные таблицы: доли в пределах, в сумме 100 %, группы не повторяются",
        ("share_sum", "share_range", "group_unique", "unit_known", "unit_by_code"),
    ),
    "thresholds": ("Не прошло проверку не больше допустимого", ("unit_threshold", "file_threshold", "event_threshold")),
}


def build(plan: Plan) -> list[dg.AssetsDefinition]:
    """The assets of results."""

    @dg.multi_asset(
        name="results",
        deps=[["ops", "landing_file"], *PLACES, ["core", "dim_municipality"], ["core", "dim_event"]],
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
        check_specs=[
            dg.AssetCheckSpec(name, asset=FACT_RESULT, description=title) for name, (title, _) in CHECKS.items()
        ],
        partitions_def=plan.events,
        backfill_policy=SINGLE_RUN,
    )
    def results(
        context: dg.AssetExecutionContext, landing: Landing, warehouse: Warehouse, validation: Validation
    ) -> Iterator[Any]:
        """Read, validate and assemble the run's events."""
        keys = sorted(context.partition_keys)
        built = _built(plan, keys, landing, warehouse).of(keys, context.run.run_id)
        facts, groups = warehouse.begin(built.facts, keys), warehouse.begin(built.groups, keys)
        yield from check_results(context, FACT_RESULT, CHECKS, built.facts["check_result"], validation.sample_rows)
        _describe(context, built, keys)
        yield dg.Output(facts, output_name="fact_result")
        yield dg.Output(groups, output_name="fact_groups")

    return [results]


def _built(plan: Plan, keys: list[str], landing: Landing, warehouse: Warehouse) -> building.Built:
    """The events, built now or together with those of an earlier range of this process."""
    ledger = warehouse.ledger
    hashes = ledger.input_hashes(plan.cfg.version)
    known = building.TOGETHER.get(keys, hashes)
    if known is not None:
        return known
    events = building.TOGETHER.batch(keys)
    units = ledger.active_units(events)

    def take(files: pd.DataFrame) -> parsed.Taken:
        return parsed.take(files, landing.store, plan.cfg, workers=landing.workers, key=warehouse.pseudonym_key)

    built = building.build_events(
        take(units[["file_id", "name"]].drop_duplicates("file_id")),
        units,
        events,
        cfg=plan.cfg,
        schools=warehouse.read("dim_school"),
        municipalities=warehouse.read("dim_municipality"),
        crosswalk=Crosswalk.stored(warehouse.read, plan.cfg),
        before=warehouse.read("quarantine", events),
        files=warehouse.read("landing_file"),
        input_hashes=hashes,
        key=warehouse.pseudonym_key,
        run_id="",
        earlier=Earlier(ledger.earlier_units(events), take),
    )
    building.TOGETHER.put(built, hashes)
    memory.give_back()
    return built


def _describe(context: dg.AssetExecutionContext, built: building.Built, keys: list[str]) -> None:
    stored = built.facts["fact_result"].groupby("event_id").size()
    held = built.facts["quarantine"].query("action == 'held'").groupby("event_id").size()
    sizes = pd.concat([frame["event_id"] for frame in built.groups.values()]).value_counts()
    for key in keys:
        rows = {"dagster/partition_row_count": int(stored.get(key, 0)), "удержано": int(held.get(key, 0))}
        context.add_asset_metadata(rows, asset_key=FACT_RESULT, partition_key=key)
        groups = {"dagster/partition_row_count": int(sizes.get(key, 0))}
        context.add_asset_metadata(groups, asset_key=FACT_GROUPS, partition_key=key)


def check_results(
    context: dg.AssetExecutionContext,
    asset: dg.AssetKey,
    checks: Mapping[str, tuple[str, tuple[str, ...]]],
    results: pd.DataFrame,
    sample: int,
) -> Iterator[dg.AssetCheckResult]:
    """One overall result an asset check, and one evaluation an event for the UI's partitions.

    Dagster takes a single ``AssetCheckResult`` a check and run; the events' own evaluations are logged beside it.

    Args:
        context: the asset's.
        asset: the asset checked.
        checks: by name what each asks, and the rules that it sums up.
        results: rows of ``ops.check_result`` of the run's events.
        sample: how many failed rows a result lists.
    """
    groups = results["check_name"].map({rule: name for name, (_, rules) in checks.items() for rule in rules})
    for name in checks:
        rows = results[groups == name]
        for event_id, mine in rows.groupby("event_id"):
            context.log_event(
                dg.AssetCheckEvaluation(
                    asset_key=asset,
                    check_name=name,
                    passed=_holds(mine),
                    severity=_severity(mine),
                    metadata={
                        "правила": table_value(mine, ["check_name", "checked", "failed", "message"], "check_result")
                    },
                    partition=str(event_id),
                )
            )
        failed = rows[~rows["passed"]].head(sample)
        yield dg.AssetCheckResult(
            asset_key=asset,
            check_name=name,
            passed=_holds(rows),
            severity=_severity(rows),
            metadata={
                "проверено": int(rows["checked"].sum()),
                "не прошло": int(rows["failed"].sum()),
                "события": table_value(failed, ["event_id", "checked", "failed", "message"], "check_result"),
            },
        )


def _holds(rows: pd.DataFrame) -> bool:
    return bool(rows["passed"].all())


def _severity(rows: pd.DataFrame) -> dg.AssetCheckSeverity:
    """That of the worst rule that was broken; a warning when none was."""
    is_error = (rows["severity"] == "error") & ~rows["passed"]
    return dg.AssetCheckSeverity.ERROR if is_error.any() else dg.AssetCheckSeverity.WARN
