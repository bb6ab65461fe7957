"""Where everything meets: ``build_definitions`` makes Dagster's code location from configuration, assets and resources.

Belongs here: putting together. Does not belong here: assets (``assets``), resources (``resources``), logic of any kind.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping
from typing import Any

import dagster as dg

from assets import (
    automation,
    collection,
    families,
    objectivity,
    plans,
    procedure_reports,
    publication,
    results,
    statistics,
    unknown_schools,
)
from assets.plan import Plan
from resources.places import Landing, Outbox
from resources.validation import Validation
from resources.warehouse import Warehouse, WarehouseIOManager
from rsoko_pipeline.configuration import Configuration, load
from rsoko_pipeline.settings import Settings

MODULES = (
    collection,
    results,
    statistics,
    families,
    objectivity,
    plans,
    publication,
    procedure_reports,
    unknown_schools,
)

#: The code location's name in Dagster, the same in ``rsoko ui``, in ``workspace.yaml`` and in every run's origin.
LOCATION = __name__


def build_definitions(
    *,
    resources: Mapping[str, Any] | None = None,
    assets: Iterable[dg.AssetsDefinition] | None = None,
    settings: Settings | None = None,
    cfg: Configuration | None = None,
) -> dg.Definitions:
    """Fresh definitions; nothing is started or connected here.

    Args:
        resources: resources that take the place of ours by key (``warehouse``, ``landing``, ``outbox``, …).
        assets: assets that take the place of ours by key, or come beside them.
        settings: the installation's places; read from the environment by default.
        cfg: the configuration; loaded from ``config/`` and ``RSOKO_CONFIG`` by default.
    """
    settings = settings or Settings.from_environment()
    plan = Plan(cfg or load())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", dg.BetaWarning)  # backfill policies: nothing that a user could act on
        own = [asset for module in MODULES for asset in module.build(plan)]
    given = list(assets or [])
    replaced = {key for asset in given for key in asset.keys}
    moving = automation.build(plan)
    kept = [asset for asset in own if not asset.keys & replaced]
    return dg.Definitions(
        assets=[*kept, *given],
        resources={**default_resources(settings), **(resources or {})},
        jobs=moving.jobs,
        schedules=moving.schedules,
        sensors=moving.sensors,
        executor=dg.in_process_executor,
    )


def default_resources(settings: Settings) -> dict[str, Any]:
    """The resources of an installation."""
    warehouse = Warehouse(home=str(settings.home), url=settings.warehouse_url)
    return {
        "warehouse": warehouse,
        "io_manager": WarehouseIOManager(warehouse=warehouse),
        "landing": Landing(url=str(settings.landing), store_folder=str(settings.store), workers=settings.workers),
        "outbox": Outbox(url=str(settings.outbox), workers=settings.workers),
        "validation": Validation(),
    }


@dg.definitions
def defs() -> dg.Definitions:
    """What ``workspace.yaml`` and ``rsoko ui`` load, built when Dagster asks for it."""
    return build_definitions()
