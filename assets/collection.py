"""Collection: the calendar's dimensions, the intake of landing files, the registers.

Belongs here: the assets before any event can be built. Does not belong here: the events' facts (``results``).
"""

import hashlib
import warnings
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import dagster as dg
import pandas as pd

from assets.metadata import table_value
from assets.plan import OWNERS, Plan, description, table_metadata
from resources.places import Landing
from resources.warehouse import Warehouse
from rsoko_pipeline import contracts
from rsoko_pipeline.calendar import dimensions
from rsoko_pipeline.landing import intake, parsed, ris
from rsoko_pipeline.landing import registers as register_tables

#: An intake changes nothing by itself for events of which no file came: else all would count as out of date.
_OF_THE_LEDGER = dg.DataVersion("ledger")
#: Assets that need no partition and come before the events.
LANDING_FILE = dg.AssetKey(["ops", "landing_file"])


def build(plan: Plan) -> list[dg.AssetsDefinition]:
    """The assets of collection."""
    cfg = plan.cfg

    @dg.multi_asset(
        name="calendar_dimensions",
        outs={
            name: dg.AssetOut(
                key=["core", name],
                description=description(name),
                metadata=table_metadata(name),
                group_name="calendar",
                owners=OWNERS,
                kinds={"postgres", "yaml"},
            )
            for name in ("dim_event", "dim_subject", "dim_date", "dim_measure", "plan_finding")
        },
    )
    def calendar_dimensions() -> Iterator[dg.Output[pd.DataFrame]]:
        """The plan of procedures («план-график») and the plans of measures as dimensions."""
        today = datetime.now(ZoneInfo(cfg.region.timezone)).date()
        yield _table("dim_event", dimensions.dim_event(cfg))
        yield _table("dim_subject", dimensions.dim_subject(cfg))
        yield _table("dim_date", dimensions.dim_date(cfg))
        yield _table("dim_measure", dimensions.dim_measure(cfg, today))
        yield _table("plan_finding", dimensions.plan_finding(cfg))

    @dg.asset(
        key=LANDING_FILE,
        description=description(
            "landing_file",
            "Новое решает SHA-256 содержимого. Какие события пересобрать из-за новых файлов, решает журнал приёма "
            "(ops.event_state), а не отметка Unsynced.",
        ),
        metadata=table_metadata("landing_file"),
        group_name="collection",
        owners=OWNERS,
        kinds={"postgres", "excel"},
    )
    def landing_file(
        context: dg.AssetExecutionContext, landing: Landing, warehouse: Warehouse
    ) -> dg.MaterializeResult[None]:
        """Take in what is new in the landing folder."""
        ledger = warehouse.ledger
        key = warehouse.pseudonym_key
        taken = intake.take_in(
            landing.folder,
            landing.store,
            ledger,
            cfg,
            workers=landing.workers,
            key=key,
            beside=ris.incoming(landing.ris_url, landing.store, key),
        )
        ledger.note_configuration(cfg.version)
        context.log.info(f"{len(taken.files)} files taken in, {taken.unchanged} known already")
        return dg.MaterializeResult(metadata=intake_metadata(taken), data_version=_OF_THE_LEDGER)

    @dg.multi_asset(
        name="registers",
        deps=[LANDING_FILE],
        outs={
            name: dg.AssetOut(
                key=["core", name],
                description=description(name),
                metadata=table_metadata(name),
                group_name="registers",
                owners=OWNERS,
                kinds={"postgres"},
            )
            for name in register_tables.TABLES
        },
    )
    def registers(
        context: dg.AssetExecutionContext, landing: Landing, warehouse: Warehouse
    ) -> Iterator[dg.Output[pd.DataFrame]]:
        """The registers from the files in force; rows that fail are quarantined."""
        units = warehouse.ledger.active_units()
        units = units[units["content"].isin(contracts.REGISTERS)]
        files = units[["file_id", "name"]].drop_duplicates("file_id")
        taken = parsed.take(files, landing.store, cfg, workers=landing.workers)
        built = register_tables.build(taken, units, cfg)
        warehouse.ledger.record_registers(
            list(files["file_id"]), built.findings, pd.Timestamp.now(tz="UTC").as_unit("us")
        )
        held = int((built.findings["action"] == "held").sum())
        context.add_output_metadata({"удержано": held}, output_name="dim_school")
        for name, table in built.tables.items():
            yield _table(name, table)

    return [calendar_dimensions, landing_file, registers]


def _table(name: str, frame: pd.DataFrame) -> dg.Output[pd.DataFrame]:
    """A table whose version is its content: made anew without a change, it lets nothing fall behind."""
    content = hashlib.sha256(pd.util.hash_pandas_object(frame, index=False).to_numpy().tobytes())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", dg.BetaWarning)  # of data versions: nothing that a user could act on
        return dg.Output(frame, output_name=name, data_version=dg.DataVersion(content.hexdigest()[:32]))


def intake_metadata(taken: intake.Intake) -> dict[str, Any]:
    """What the UI shows of an intake: counts, formats, refusals with their sentences."""
    formats = Counter(taken.files["format"].fillna("не распознан"))
    refused = taken.files[taken.files["status"] == "refused"].head(50)
    return {
        "dagster/row_count": len(taken.files),
        "принято": taken.count("accepted"),
        "отклонено": taken.count("refused"),
        "повторы": taken.count("duplicate"),
        "удержано": taken.count("held"),
        "известны раньше": taken.unchanged,
        "форматы": dg.MetadataValue.json(dict(formats)),
        "события": dg.MetadataValue.json(taken.events),
        "отклонённые файлы": table_value(refused, ["name", "code", "message"], "landing_file"),
    }
