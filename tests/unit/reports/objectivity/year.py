"""A fictional year with signs: four schools of two municipalities, two works."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from rsoko_pipeline import contracts
from rsoko_pipeline.objectivity import settings
from rsoko_pipeline.reports.objectivity import ObjectivityYear, Policy, SignWords
from tests.unit.reports.fictional import STAMP, SUBJECTS, conform, event, school

RU, MA = "2026-vpr-ru-4", "2026-vpr-ma-4"
#: Flagged by BUNCH and ITEM; a weak sign; a class that is alike; nothing at all.
FLAGGED, WEAK, ALIKE, CLEAN = (f"edu99{number:04}" for number in (1, 2, 3, 4))
MUNICIPALITIES = {"reg99_m001": "Ясный район", "reg99_m002": "Берёзовский район"}
HOMES = {FLAGGED: "reg99_m001", WEAK: "reg99_m002", ALIKE: "reg99_m002", CLEAN: "reg99_m001"}
NAMES = {FLAGGED: "Школа <Ромашка>", WEAK: "Школа № 2", ALIKE: "Гимназия № 3", CLEAN: "Школа № 4"}


def sign(code: str, p: float, unit: str = FLAGGED, work: str = RU, **changes: Any) -> dict[str, Any]:
    """A row of ``objectivity_sign``."""
    level = changes.pop("level", "class" if "/" in unit else "school")
    row = {
        "event_id": work,
        "level": level,
        "unit_code": unit,
        "parent_code": None,
        "sign": code,
        "family": changes.pop("family", "A"),
        "statistic": 1.0,
        "z": 3.5,
        "p": p,
        "p_conservative": p,
        "q": min(20 * p, 1.0),
        "n": 30,
        "details": {"reference_schools": 52, **changes.pop("details", {})},
        **STAMP,
    }
    return {**row, **changes}


def evidence(unit: str, level: int, p: float, work: str = RU, signs: tuple[str, ...] = ()) -> dict[str, Any]:
    """A row of ``objectivity_evidence``."""
    return {
        "event_id": work,
        "level": "school",
        "unit_code": unit,
        "parent_code": HOMES.get(unit),
        "school_year": "2025/2026",
        "subject": work.split("-")[2],
        "grade": 4,
        "n": 30,
        "evidence": level,
        "p": p,
        "q": min(20 * p, 1.0),
        "signs": [{"sign": one, "family": "A", "p": p, "strong": True} for one in signs],
        "families_available": ["A", "B"],
        **STAMP,
    }


def pooled(unit: str, level: int, p: float) -> dict[str, Any]:
    """A row of ``objectivity_pooled``."""
    return {
        "school_year": "2025/2026",
        "level": "school",
        "unit_code": unit,
        "n": 60,
        "works": 2,
        "evidence": level,
        "p": p,
        "q": p,
        "signs": [{"sign": "UP", "family": "D", "p": p, "strong": False}] if level else [],
        "families_available": ["A"],
        **STAMP,
    }


def _details() -> dict[str, dict[str, Any]]:
    return {
        "BUNCH": {"window": 25, "at_or_above": 24, "at_or_above_expected": 14.25},
        "ITEM": {"tasks": ["2"], "profile": {"1": 0.1, "2": 4.2}},
        "SAME": {"observed": 28, "expected": 17.4},
        "JUMP": {"before": "МА 4", "earlier": 0.1, "expected": 0.2, "observed": 1.5},
        "SIM": {"pairs": 276, "share_alike": 0.2283, "mean_omega": 0.6},
    }


def _signs() -> list[dict[str, Any]]:
    found = _details()
    rng = np.random.default_rng(1)
    others = [
        sign(
            "JUMP",
            0.5,
            f"edu98{i:04}",
            family="C",
            details={"earlier": x, "expected": 0.6 * x, "observed": 0.6 * x + e},
        )
        for i, (x, e) in enumerate(rng.normal(0, 0.3, (30, 2)).tolist())
    ]
    return [
        sign("BUNCH", 2e-5, details=found["BUNCH"]),
        sign("ITEM", 3e-4, family="B", details=found["ITEM"]),
        sign("SAME", 0.004, family="D", details=found["SAME"]),
        sign("JUMP", 0.002, family="C", details=found["JUMP"]),
        sign("ABSENCE", 0.4, family="E", details={"observed": 2, "expected": 1.5}),
        sign("BUNCH", 0.03, WEAK, details=found["BUNCH"]),
        sign("ITEM", 0.02, WEAK, family="B", details={"tasks": [], "profile": {}}),
        sign("SIM", 0.04, ALIKE, family="B", details={"classes": 2, "class_no": 1}),
        sign("SIM", 0.003, f"{ALIKE}/1", family="B", details=found["SIM"]),
        sign("BUNCH", 0.7, CLEAN, details=found["BUNCH"]),
        sign(
            "BUNCH_REGION", 1e-9, "reg99_m001", level="municipality", family="-",
            details={"mark": 3, "cut": 10.0, "jumps": {"3": 7.5, "4": 0.2}, "step": 1.0, "is_sign": True},
        ),
        *others,
    ]  # fmt: skip


def _distribution() -> pd.DataFrame:
    scores = np.arange(25)
    region = np.rint(400 * np.exp(-(((scores - 14) / 5) ** 2) / 2)).astype(int)
    own = np.where(np.isin(scores, (10, 16, 21)), 8, 1)
    rows = [
        {
            "event_id": RU,
            "level": level,
            "unit_code": unit,
            "source": "pupils",
            "score": s,
            "n": n,
            "share": 0.1,
            **STAMP,
        }
        for level, unit, counts in (("region", "reg99", region), ("school", FLAGGED, own), ("school", WEAK, own))
        for s, n in zip(scores.tolist(), counts.tolist(), strict=True)
    ]
    return conform("score_distribution", rows)


def _journal() -> pd.DataFrame:
    rows = [
        {
            "event_id": RU, "level": level, "unit_code": unit, "unit_name": unit, "source": "pupils", "n": n,
            "lowered": lowered, "confirmed": n - lowered - raised, "raised": raised, **STAMP,
        }
        for level, unit, n, lowered, raised in (("region", "reg99", 2000, 500, 300), ("school", FLAGGED, 30, 1, 1))
    ]  # fmt: skip
    return conform("journal_comparison", rows)


def make_policy(**changes: Any) -> Policy:
    """The policy of the shipped configuration."""
    one = settings.load()
    return Policy(
        **{
            "caption": one.caption,
            "informative_p": one.informative_p,
            "strong_p": one.strong_p,
            "min_school": one.min_school,
            "families": {code: family.title for code, family in one.families.items()},
            "signs": {
                code: SignWords(text.title, text.family, text.meaning, text.comparison, text.alternatives)
                for code, text in one.signs.items()
            },
            **changes,
        }
    )


@cache
def _frames() -> dict[str, Any]:
    subjects = [{"subject": code, "name": name, "short_name": short} for code, (name, short) in SUBJECTS.items()]
    towns = [
        {"municipality": code, "name": name, "region": "reg99", "valid_from": pd.Timestamp("2015-09-01")}
        for code, name in MUNICIPALITIES.items()
    ]
    schools = [school(int(code[-4:]), name=NAMES[code], municipality=home) for code, home in HOMES.items()]
    intervals = {"low": np.nan, "high": np.nan}
    signs = conform("objectivity_sign", _signs()).assign(**intervals)
    signs.loc[signs["sign"].isin(["SAME", "ABSENCE"]), ["low", "high"]] = [0.79, 0.98]
    return {
        "policy": make_policy(),
        "procedures": {"vpr": "ВПР", "rpr": "РПР"},
        "events": conform("dim_event", [event(RU), event(MA, cut3=None, cut4=None, cut5=None, scale_status=None)]),
        "subjects": conform("dim_subject", subjects),
        "municipalities": conform("dim_municipality", towns),
        "schools": conform("dim_school", schools),
        "signs": signs,
        "evidence": conform(
            "objectivity_evidence",
            [
                evidence(FLAGGED, 2, 2e-5, signs=("BUNCH", "ITEM")),
                evidence(WEAK, 1, 0.008),
                evidence(ALIKE, 0, 0.3),
                evidence(CLEAN, 0, 0.8),
                evidence(CLEAN, 0, 0.9, MA),
            ],
        ),
        "pooled": conform("objectivity_pooled", [pooled(FLAGGED, 2, 1e-4), pooled(CLEAN, 0, 0.7)]),
        "unavailable": conform(
            "objectivity_unavailable",
            [
                {"event_id": MA, "sign": "BUNCH", "why": "для работы не заданы границы отметок", **STAMP},
                {"event_id": RU, "sign": "UP", "why": "нет отметок по журналу", **STAMP},
            ],
        ),
        "plan": conform(
            "remarking_plan",
            [
                {
                    "event_id": RU, "priority": 1 + i // 3, "school": code, "pupil": f"p{i}", "sample": sample,
                    "choice": "random" if i % 3 else "border", "evidence": 2, **STAMP,
                }
                for i, (code, sample) in enumerate([(FLAGGED, "flagged")] * 3 + [(CLEAN, "control_random")] * 3)
            ],
        ),
        "distribution": _distribution(),
        "journal": _journal(),
        "profiles": pd.DataFrame(
            {
                "event_id": RU, "school": FLAGGED, "task": ["1", "2"], "share": [0.6, 0.95], "expected": [0.62, 0.5],
                "odds": [0.9, 8.4], "odds_low": [0.5, 3.1], "odds_high": [1.6, 22.0],
            }
        ),
        **{
            name: contracts.table(table).empty()
            for name, table in {
                "rules": "objectivity_rule",
                "agreement": "objectivity_agreement",
                "left_out": "remarking_left_out",
                "outcomes": "remarking_outcome",
                "observers": "objectivity_observer",
                "coverage": "coverage",
            }.items()
        },
    }  # fmt: skip


def make_year(**changes: Any) -> ObjectivityYear:
    """The year; frames given take the place of its own."""
    return ObjectivityYear(
        region="Приозёрная область",
        school_year="2025/2026",
        made_at=datetime(2026, 6, 1, 9, 30, tzinfo=UTC),
        config_version="0a1b2c3d4e5f",
        run_id="run-1",
        **{**_frames(), **changes},
    )
