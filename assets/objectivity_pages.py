"""What the pages on signs are made of, read from the warehouse.

Belongs here: gathering the frames of a year. Does not belong here: how a page looks (``rsoko_pipeline.reports``), the
assets (``publication``).
"""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pandas as pd

from assets.objectivity import stages
from assets.plan import Plan
from resources.warehouse import Warehouse
from rsoko_pipeline.configuration.places import base_folder
from rsoko_pipeline.indicators.intervals import wilson
from rsoko_pipeline.objectivity import compatibility, settings
from rsoko_pipeline.objectivity.task_profile import task_profiles
from rsoko_pipeline.objectivity.work import NotAvailable
from rsoko_pipeline.reports.objectivity import CommonRule, ObjectivityYear, Policy, SignWords

_METHODOLOGY = base_folder().parent / "docs" / "methodology"
#: Signs whose picture is the task profile.
_IN_TASKS = ("ITEM", "LENIENT", "PF")
_PROFILE = ["event_id", "school", "task", "share", "expected", "odds", "odds_low", "odds_high"]


def gather(plan: Plan, warehouse: Warehouse, year: str, made_at: datetime, run_id: str) -> ObjectivityYear:
    """The frames of a school year."""
    keys = plan.events_of([year])
    policy = _policy()
    signs = _with_intervals(warehouse.read("objectivity_sign", [*keys, *stages(plan, [year])]))
    statistics = {"level": ["region", "school"]}
    outcomes = warehouse.read("remarking_outcome", [year])
    events = {*keys, *signs["event_id"], *outcomes["event_id"]}
    return ObjectivityYear(
        region=plan.cfg.region.name,
        school_year=year,
        made_at=made_at,
        config_version=plan.cfg.version,
        run_id=run_id,
        policy=policy,
        procedures={procedure.id: procedure.short for procedure in plan.cfg.procedures.values()},
        events=warehouse.read("dim_event", where={"event_id": sorted(events)}),
        subjects=warehouse.read("dim_subject"),
        municipalities=warehouse.read("dim_municipality"),
        schools=warehouse.read("dim_school"),
        signs=signs,
        evidence=warehouse.read("objectivity_evidence", keys),
        pooled=warehouse.read("objectivity_pooled", [year]),
        unavailable=warehouse.read("objectivity_unavailable", keys),
        rules=warehouse.read("objectivity_rule", keys),
        agreement=warehouse.read("objectivity_agreement", [year]),
        plan=warehouse.read("remarking_plan", keys),
        left_out=warehouse.read("remarking_left_out", keys),
        outcomes=outcomes,
        observers=warehouse.read("objectivity_observer", [year]),
        distribution=warehouse.read("score_distribution", keys, where=statistics),
        journal=warehouse.read("journal_comparison", keys, where=statistics),
        coverage=warehouse.read("coverage", keys, where=statistics),
        profiles=_profiles(warehouse, signs[signs["p"] <= policy.informative_p]),
    )


def methodology() -> str | None:
    """The methodology's text; None in an installation without the documentation."""
    path = _METHODOLOGY / "objectivity.md"
    return path.read_text(encoding="utf-8") if path.exists() else None


def _policy() -> Policy:
    one = settings.load()
    rules = {}
    if one.compatibility.enabled:
        false = compatibility.measured(_METHODOLOGY / "calibration.json")
        rules = {code: CommonRule(meaning, false.get(code)) for code, meaning in compatibility.RULES.items()}
    return Policy(
        caption=one.caption,
        informative_p=one.informative_p,
        strong_p=one.strong_p,
        min_school=one.min_school,
        families={code: family.title for code, family in one.families.items()},
        signs={
            code: SignWords(sign.title, sign.family, sign.meaning, sign.comparison, sign.alternatives)
            for code, sign in one.signs.items()
        },
        rules=rules,
    )


def _with_intervals(signs: pd.DataFrame) -> pd.DataFrame:
    """The signs with the 95 % interval of what is a share of participants; null for the others."""
    of_share = signs["sign"].isin(["SAME", "UP", "ABSENCE"])
    observed = np.full(len(signs), np.nan)
    observed[of_share] = [details["observed"] for details in signs.loc[of_share, "details"]]
    low, high = wilson(observed, signs["n"].to_numpy(dtype=np.float64))
    return signs.assign(low=low, high=high)


def _profiles(warehouse: Warehouse, signs: pd.DataFrame) -> pd.DataFrame:
    """The task profiles of the schools with signs in tasks."""
    wanted = signs[signs["sign"].isin(_IN_TASKS) & (signs["level"] == "school")]
    keys = sorted(wanted["event_id"].unique())
    if not keys:
        return pd.DataFrame(columns=_PROFILE)
    events = warehouse.read("dim_event", where={"event_id": keys})[["event_id", "school_year", "subject", "grade"]]
    results = warehouse.read("fact_result", keys).merge(events, on="event_id")
    tasks = warehouse.read("dim_task", keys).merge(events, on="event_id")
    parts = []
    for event, schools in wanted.groupby("event_id")["unit_code"]:
        mine, its = results[results["event_id"] == event], tasks[tasks["event_id"] == event]
        try:
            parts.append(task_profiles(mine, its, list(schools)).assign(event_id=event))
        except NotAvailable:
            continue  # the work is there in aggregates only; the page says which signs are unavailable
    return pd.concat(parts, ignore_index=True)[_PROFILE] if parts else pd.DataFrame(columns=_PROFILE)
