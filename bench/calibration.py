"""False signs, power and false discoveries of the signs of bias, measured on simulated regions: ``make calibration``.

Belongs here: measuring, and the tables of docs/methodology/objectivity.md. Does not belong here: the signs
(``rsoko_pipeline.objectivity``), the regions (``rsoko_pipeline.simulation``), what no sign could do better than
(``oracle``), the text around the tables (the document).

Every number of the document stands between ``<!-- table NAME -->`` and ``<!-- end -->`` and is written by this script.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from bench.oracle import KNOWN, Oracle, abilities
from rsoko_pipeline.configuration import load as load_configuration
from rsoko_pipeline.objectivity import assess, cohort, compatibility, preparation
from rsoko_pipeline.objectivity.preparation import Inputs
from rsoko_pipeline.objectivity.settings import load as load_settings
from rsoko_pipeline.objectivity.signs import invalsi
from rsoko_pipeline.objectivity.work import NotAvailable
from rsoko_pipeline.simulation.calibration import calibrate
from rsoko_pipeline.simulation.manipulation import MANIPULATIONS, Manipulation, plan
from rsoko_pipeline.simulation.model import Schools, WorkResult, make_schools, simulate_work_arrays
from rsoko_pipeline.simulation.parameters import MARK_SHARES, Parameters, WorkSpec

ROOT = Path(__file__).resolve().parent.parent
DOCUMENT = ROOT / "docs" / "methodology" / "objectivity.md"
NUMBERS = ROOT / "docs" / "methodology" / "calibration.json"

#: A setting beyond those of the specification: shown, and no part of its goals.
_BEYOND = "30 школ"
#: Settings of the generator: base and stress, with the number of schools.
SETTINGS: dict[str, tuple[Parameters, int]] = {
    "основа": (Parameters(), 400),
    "ICC 0,10": (Parameters(icc=0.10), 400),
    "ICC 0,33": (Parameters(icc=0.33), 400),
    "школа × задание 0,40": (Parameters(school_task_sd=0.40), 400),
    "честная помощь 0,20": (Parameters(honest_bump=0.20), 400),
    "мягкость 0,30": (Parameters(leniency_sd=0.30), 400),
    "100 школ": (Parameters(), 100),
    _BEYOND: (Parameters(), 30),
}
SIGNS = ("BUNCH", "ITEM", "LENIENT", "PF", "SIM", "MEAN", "JUMP", "LOW_SD", "SAME", "UP", "ABSENCE")
KINDS = {
    ("bump", 0.5): "подтягивание к границе, 0,5",
    ("bump", 0.9): "подтягивание к границе, 0,9",
    ("hints", 0.6): "подсказки, 0,6",
    ("fill", 0.9): "заполнение по образцу, 0,9",
    ("journal", 0.8): "отметки из журнала, 0,8",
    ("absence", 0.8): "слабые не пришли, 0,8",
    ("leniency", 0.15): "мягкая проверка, 0,15",
    ("leniency", 0.3): "мягкая проверка, 0,30",
}
#: Sizes of schools (pupils of a work) whose power is told apart, and the sizes from which schools are drawn.
SIZES = {"n ≥ 25": (25, 10_000), "n 10–24": (10, 24)}
POOLED_SIZES = {"n ≥ 25": (25, 10_000), "n 10–24": (10, 24), "n 5–9": (5, 9)}
_FALSE = 0.01
#: Manipulations whose bounds are measured, with the number of regions; how large their schools are.
BOUNDED = {("bump", 0.5): 10, ("hints", 0.6): 5, ("leniency", 0.3): 12}
_LARGE = 27


@dataclass(frozen=True)
class Task:
    """One region to simulate and assess."""

    part: str
    setting: str
    seed: int
    share: float = 0.0


@cache
def works() -> tuple[WorkSpec, WorkSpec]:
    """The two works of the model: РУ 4 of 24 points and МА 4 of 20, with the tasks of the configuration."""
    vpr = load_configuration().procedures["vpr"]
    return _spec(vpr, "ru", 24), _spec(vpr, "ma", 20)


def _spec(vpr: object, subject: str, top: int) -> WorkSpec:
    work = next(
        w for w in vpr.works if w.subject == subject and w.grade == 4 and sum(t.max_points for t in w.tasks) == top
    )
    cuts = (10, 16, 21) if top == 24 else (6, 10, 15)
    return WorkSpec(
        work_id=f"{subject}-4",
        subject=subject,
        grade=4,
        school_year=2026,
        max_points=tuple(t.max_points for t in work.tasks),
        cuts=cuts,
        labels=tuple(t.task for t in work.tasks),
        levels=tuple(t.difficulty for t in work.tasks),
        shares=MARK_SHARES[subject, 4],
    )


def frames(simulated: Sequence[WorkResult]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Results and tasks as ``assess`` takes them."""
    results, tasks = [], []
    for work in simulated:
        school = pd.Series(np.char.mod("s%04d", work.school), dtype="str")
        points = np.where(work.not_started, -1, work.scores).astype(np.int16)
        results.append(
            pd.DataFrame(
                {
                    "school": school,
                    "class_no": work.class_no,
                    "pupil": school + "-" + pd.Series(work.pupil_code).astype("str"),
                    "subject": work.spec.subject,
                    "grade": work.spec.grade,
                    "present": work.present,
                    "primary_score": np.where(work.present, work.total, np.nan),
                    "mark": np.where(work.present, work.mark, np.nan),
                    "journal_mark": np.where(work.journal > 0, work.journal, np.nan),
                    "scores": pd.Series(
                        [row if wrote else None for row, wrote in zip(points, work.present, strict=True)],
                        dtype="object",
                    ),
                }
            )
        )
        c3, c4, c5 = work.spec.cuts
        tasks.append(
            pd.DataFrame(
                {
                    "subject": work.spec.subject,
                    "grade": work.spec.grade,
                    "task": work.spec.labels,
                    "max_points": work.spec.max_points,
                    "cut3": c3,
                    "cut4": c4,
                    "cut5": c5,
                }
            )
        )
    return pd.concat(results, ignore_index=True), pd.concat(tasks, ignore_index=True)


def context(schools: Schools) -> pd.DataFrame:
    """What the register knows of the schools."""
    return pd.DataFrame(
        {
            "school": np.char.mod("s%04d", np.arange(len(schools))),
            "settlement": np.where(schools.is_rural, "село", "город"),
            "kind": np.where(schools.is_strong, "лицей", "СОШ"),
            "log_size": np.log(schools.size),
        }
    )


def other_work(results: pd.DataFrame) -> pd.DataFrame:
    """Each school's mean in the other work of the same pupils, as ``assess`` takes an earlier result."""
    one, other = (spec.subject for spec in works())
    means = cohort.school_means(results)
    return means.assign(subject=means["subject"].map({one: other, other: one}))


def injected(task: Task, schools: Schools) -> dict[str, list[Manipulation]]:
    """Who falsifies what, by work, for the part of the calibration the region serves."""
    specs = works()
    if task.part == "discovery":
        return plan(schools.size, specs, task.share, MANIPULATIONS, 0.5, task.seed)
    out: dict[str, list[Manipulation]] = {spec.work_id: [] for spec in specs}
    if task.part == "clean":
        return out
    rng = np.random.default_rng([task.seed, 7])
    kinds = list(KINDS)
    ranges = [(27.0, 1e9), (11.5, 24.0)] if task.part == "power" else [(27.0, 1e9), (11.5, 24.0), (6.0, 9.5)]
    taken: set[int] = set()
    for spec in specs:
        for low, high in ranges:
            candidates = [
                int(s) for s in np.flatnonzero((schools.size >= low) & (schools.size < high)) if s not in taken
            ]
            chosen = rng.permutation(candidates)[: len(kinds) * 2]
            for position, school in enumerate(chosen):
                kind, strength = kinds[position % len(kinds)]
                taken.add(int(school))
                # «pooled»: the same school does the same in both works; «power»: in one.
                for target in specs if task.part == "pooled" else (spec,):
                    out[target.work_id].append(Manipulation(int(school), kind, strength))
        if task.part == "pooled":
            break
    return out


def measure(task: Task) -> pd.DataFrame:
    """One region: a row a school × work (``subject`` = «both» for evidence over works) with p-values and the truth."""
    parameters, size = SETTINGS[task.setting]
    schools = make_schools(parameters, size, task.seed)
    manipulations = injected(task, schools)
    simulated = [
        simulate_work_arrays(parameters, spec, schools, task.seed, manipulations[spec.work_id]) for spec in works()
    ]
    results, tasks = frames(simulated)
    found = assess(results, tasks, context=context(schools), prior=other_work(results))
    truth = pd.DataFrame(
        [
            (spec.subject, f"s{one.school:04d}", KINDS[one.kind, one.strength])
            for spec in works()
            for one in manipulations[spec.work_id]
        ],
        columns=["subject", "unit_code", "kind"],
    )
    table = found.evidence[["subject", "unit_code", "n", "evidence", "p", "q"]].copy()
    signs = found.signs[found.signs["level"] == "school"]
    wide = signs.pivot_table(index=["subject", "unit_code"], columns="sign", values="p", observed=True).reset_index()
    table = table.merge(wide, on=["subject", "unit_code"], how="left")
    if task.part in ("clean", "power"):
        table = table.merge(_beside(results, tasks), on=["subject", "unit_code"], how="left")
    pooled = found.pooled[["unit_code", "n", "evidence", "p", "q"]].assign(subject="both")
    by_sign = found.pooled_signs.pivot(index="unit_code", columns="sign", values="p")
    pooled = pooled.join(by_sign.reindex(columns=SIGNS), on="unit_code")
    if task.part == "pooled":
        truth = pd.concat([truth, truth.drop_duplicates("unit_code").assign(subject="both")])
        sizes = table.groupby("unit_code")["n"].mean()
        pooled["n"] = pooled["unit_code"].map(sizes).fillna(pooled["n"] / 2)
    table = pd.concat([table, pooled], ignore_index=True).merge(truth, on=["subject", "unit_code"], how="left")
    return table.assign(part=task.part, setting=task.setting, share=task.share, region=task.seed, schools=size)


def _beside(results: pd.DataFrame, tasks: pd.DataFrame) -> pd.DataFrame:
    """The fuzzy index and the rules in common use, by school × work."""
    settings = load_settings()
    out = []
    for prepared in preparation.works(Inputs.of(results, tasks)):
        work = prepared.work
        if work is None:
            continue
        table = pd.DataFrame({"subject": prepared.key.subject, "unit_code": work.schools})
        for name, flagged in compatibility.flags(work, settings.compatibility, settings.min_school).items():
            table[f"rule_{name}"] = flagged
        try:
            units, membership = invalsi.compute(work)
        except NotAvailable:
            continue
        index = np.full(len(work), np.nan)
        np.fmax.at(index, work.group_school[units], membership)
        out.append(table.assign(invalsi=index))
    return pd.concat(out, ignore_index=True)


@dataclass(frozen=True)
class BoundTask:
    """One region whose large schools are measured by the oracle, honest and with one manipulation."""

    kind: str
    strength: float
    seed: int
    schools: int = 40


def measure_bounds(task: BoundTask) -> pd.DataFrame:
    """Log-likelihood ratios by school × work: a column a degree of knowledge, honest and manipulated schools."""
    parameters, count = SETTINGS["основа"]
    schools = make_schools(parameters, count, task.seed)
    rng = np.random.default_rng([task.seed, 11])
    chosen = np.sort(rng.permutation(np.flatnonzero(schools.size >= _LARGE))[: task.schools])
    manipulations = [Manipulation(int(school), task.kind, task.strength) for school in chosen]
    models = [calibrate(parameters, spec, task.seed) for spec in works()]
    honest = [simulate_work_arrays(parameters, spec, schools, task.seed) for spec in works()]
    rows = []
    for place, spec in enumerate(works()):
        oracles = {known: Oracle(parameters, models[place], knows_level=known != next(iter(KNOWN))) for known in KNOWN}
        dishonest = simulate_work_arrays(parameters, spec, schools, task.seed, manipulations)
        for work in (honest[place], dishonest):
            for school in chosen:
                pupils = np.flatnonzero((work.school == school) & work.present)
                if len(pupils) < SIZES["n ≥ 25"][0]:
                    continue
                x = work.scores[pupils].astype(np.int64)
                row: dict[str, object] = {"kind": KINDS[task.kind, task.strength], "is_honest": work is honest[place]}
                for known, oracle in oracles.items():
                    theta, prior = abilities(known, parameters, work, honest[1 - place], models, place, pupils)
                    row[known] = oracle.ratio(task.kind, task.strength, x, theta, prior, rng)
                rows.append(row)
    return pd.DataFrame(rows)


def bounds(found: pd.DataFrame, power: Sequence[Mapping[str, Any]]) -> list[dict[str, object]]:
    """Power of the oracle at 1 % of false signs, beside that of the sign (table «power»)."""
    rows = []
    for kind, part in found.groupby("kind", sort=False):
        sign = next(row for row in power if row["Вмешательство"] == kind and row["Размер"] == "n ≥ 25")
        honest, dishonest = part[part["is_honest"]], part[~part["is_honest"]]
        limits = {name: likelihood_limit(honest[name].to_numpy(), dishonest[name].to_numpy()) for name in KNOWN}
        above = np.concatenate([honest[name] > limit for name, limit in limits.items()])
        rows.append(
            {
                "Вмешательство": kind,
                "школ × работ": len(dishonest),
                "признак": sign["лучший признак"],
                "его мощность": tuple(sign["мощность признака"]),
                **{name: share(dishonest[name] > limit) for name, limit in limits.items()},
                "проверка: честных выше порога": float(above.mean()),
            }
        )
    return rows


def likelihood_limit(honest: np.ndarray, dishonest: np.ndarray, level: float = _FALSE) -> float:
    """The log-likelihood ratio that honest schools exceed with probability ``level``.

    As dP₁ = exp(Λ)·dP₀, a school drawn from either law counts 1/(n₀ + n₁·exp(Λ)) for the honest one: dishonest schools
    say where the far tail of the honest is, of which a thousand honest schools alone have ten.
    """
    value = np.sort(np.concatenate([honest, dishonest]))[::-1]
    tail = np.cumsum(np.exp(-np.logaddexp(np.log(len(honest)), np.log(len(dishonest)) + value)))
    return float(value[np.searchsorted(tail, level)])


def tasks_of(scale: float, seed: int) -> list[Task]:
    """Every region of a calibration; ``scale`` 1 is the full one."""

    def seeds(count: int, block: int) -> range:
        return range(seed + block, seed + block + max(2, round(count * scale)))

    out = [Task("clean", "основа", s) for s in seeds(60, 0)]
    for place, (name, (_, size)) in enumerate(list(SETTINGS.items())[1:], 1):
        out += [Task("clean", name, s) for s in seeds(round(6400 / size) if size >= 100 else 120, 1000 * place)]
    out += [Task("power", "основа", s) for s in seeds(75, 10_000)]
    out += [Task("pooled", "основа", s) for s in seeds(170, 20_000)]
    for place, share in enumerate((0.10, 0.30)):
        out += [Task("discovery", "основа", s, share) for s in seeds(40, 30_000 + 1000 * place)]
    return out


def share(hits: pd.Series) -> tuple[float, float]:
    """A share and its standard error."""
    n = len(hits)
    p = float(hits.mean()) if n else float("nan")
    return p, float(np.sqrt(p * (1 - p) / n)) if n else float("nan")


def mean_of_regions(hits: pd.Series, regions: pd.Series, count: int) -> tuple[float, float]:
    """Mean number a region and its standard error over the regions."""
    by_region = hits.groupby(regions).sum().reindex(sorted(regions.unique()), fill_value=0)
    return float(by_region.mean()), float(by_region.std(ddof=1) / np.sqrt(count))


def auc(clean: np.ndarray, dirty: np.ndarray) -> tuple[float, float]:
    """Area under the ROC curve and its standard error (Hanley, McNeil 1982)."""
    ranks = pd.Series(np.concatenate([clean, dirty])).rank().to_numpy()
    a, b = len(clean), len(dirty)
    area = (ranks[a:].sum() - b * (b + 1) / 2) / (a * b)
    q1, q2 = area / (2 - area), 2 * area**2 / (1 + area)
    variance = (area * (1 - area) + (b - 1) * (q1 - area**2) + (a - 1) * (q2 - area**2)) / (a * b)
    return float(area), float(np.sqrt(max(variance, 0.0)))


def summarise(table: pd.DataFrame) -> dict[str, list[dict[str, object]]]:
    """All figures of the document, by table."""
    single = table[table["subject"] != "both"]
    return {
        "false": _false(single),
        "false_strong": _false_strong(single),
        "clean_hits": _clean_hits(table),
        "power": _power(single[single["part"].isin(["power"])]),
        "pooled": _pooled(table),
        "discovery": _discovery(single),
        "auc": _auc(single),
        "rules": _rules(single),
    }


def _false(single: pd.DataFrame, level: float = _FALSE) -> list[dict[str, object]]:
    rows = []
    for setting in SETTINGS:
        part = single[(single["part"] == "clean") & (single["setting"] == setting)]
        row: dict[str, object] = {"Условия": setting, "школ × работ": len(part)}
        for name in (*SIGNS, "p"):
            known = part[name].dropna()
            row["все вместе" if name == "p" else name] = share(known <= level)
        rows.append(row)
    return rows


def _false_strong(single: pd.DataFrame) -> list[dict[str, object]]:
    return _false(single, 0.001)


def _clean_hits(table: pd.DataFrame) -> list[dict[str, object]]:
    rows = []
    for setting in SETTINGS:
        part = table[(table["part"] == "clean") & (table["setting"] == setting)]
        one, both = part[part["subject"] != "both"], part[part["subject"] == "both"]
        regions = part["region"].nunique()
        rows.append(
            {
                "Условия": setting,
                "регионов": regions,
                "q ≤ 0,10, на работу": _halved(mean_of_regions(one["q"] <= 0.10, one["region"], regions)),
                "уровень ≥ 2, на работу": _halved(mean_of_regions(one["evidence"] >= 2, one["region"], regions)),
                "уровень ≥ 2 по сумме работ": mean_of_regions(both["evidence"] >= 2, both["region"], regions),
            }
        )
    return rows


def _halved(value: tuple[float, float]) -> tuple[float, float]:
    return value[0] / len(works()), value[1] / len(works())


def _power(part: pd.DataFrame) -> list[dict[str, object]]:
    rows = []
    for label, (low, high) in SIZES.items():
        cell = part[part["n"].between(low, high)]
        clean = cell[cell["kind"].isna()]
        limits = {name: float(clean[name].quantile(_FALSE)) for name in (*SIGNS, "p")}
        for kind in KINDS.values():
            dirty = cell[cell["kind"] == kind]
            by_sign = {name: share(dirty[name] <= limits[name]) for name in SIGNS}
            best = max(by_sign, key=lambda name: by_sign[name][0])
            rows.append(
                {
                    "Вмешательство": kind,
                    "Размер": label,
                    "школ × работ": len(dirty),
                    "лучший признак": best,
                    "мощность признака": by_sign[best],
                    "мощность всех вместе": share(dirty["p"] <= limits["p"]),
                    "уровень ≥ 2": share(dirty["evidence"] >= 2),
                }
            )
    return rows


def _pooled(table: pd.DataFrame) -> list[dict[str, object]]:
    part = table[(table["part"] == "pooled") & (table["subject"] == "both")]
    rows = []
    for label, (low, high) in POOLED_SIZES.items():
        cell = part[(part["n"] >= low) & (part["n"] < high + 1)]
        clean = cell[cell["kind"].isna()]
        limits = {name: float(clean[name].quantile(_FALSE)) for name in (*SIGNS, "p")}
        for kind in KINDS.values():
            dirty = cell[cell["kind"] == kind]
            by_sign = {name: share(dirty[name] <= limits[name]) for name in SIGNS}
            best = max(by_sign, key=lambda name: by_sign[name][0])
            rows.append(
                {
                    "Вмешательство в обеих работах": kind,
                    "Размер": label,
                    "школ": len(dirty),
                    "лучший признак": best,
                    "мощность признака": by_sign[best],
                    "у честных p ≤ 0,01": share(clean[best].dropna() <= _FALSE),
                    "мощность по сумме работ": share(dirty["p"] <= limits["p"]),
                    "уровень ≥ 1": share(dirty["evidence"] >= 1),
                    "уровень ≥ 2": share(dirty["evidence"] >= 2),
                }
            )
    return rows


def _discovery(single: pd.DataFrame) -> list[dict[str, object]]:
    rows = []
    for level in (0.10, 0.30):
        part = single[(single["part"] == "discovery") & (single["share"] == level)]
        flagged = part[part["evidence"] >= 2]
        dirty = part[part["kind"].notna()]
        found = part[part["q"] <= 0.10]
        rows.append(
            {
                "Доля нечестных школ": level,
                "отмечено": len(flagged),
                "ложных среди отмеченных": share(flagged["kind"].isna()),
                "ложных при q ≤ 0,10": share(found["kind"].isna()),
                "найдено (уровень ≥ 2)": share(dirty["evidence"] >= 2),
                "найдено (q ≤ 0,10)": share(dirty["q"] <= 0.10),
                "найдено без мягкой проверки": share(
                    dirty.loc[~dirty["kind"].str.startswith("мягкая", na=False), "evidence"] >= 2
                ),
            }
        )
    return rows


def _auc(single: pd.DataFrame) -> list[dict[str, object]]:
    part = single[(single["part"] == "power") & (single["n"] >= 25)].dropna(subset=["invalsi"])
    clean = part[part["kind"].isna()]
    rows = []
    for kind in KINDS.values():
        dirty = part[part["kind"] == kind]
        ours = auc(-np.log(clean["p"].to_numpy()), -np.log(dirty["p"].to_numpy()))
        theirs = auc(clean["invalsi"].to_numpy(), dirty["invalsi"].to_numpy())
        rows.append(
            {"Вмешательство": kind, "наши признаки": ours, "INVALSI_IDX": theirs, "разность": ours[0] - theirs[0]}
        )
    return rows


def _rules(single: pd.DataFrame) -> list[dict[str, object]]:
    part = single[(single["part"] == "clean") & (single["setting"] == "основа")]
    return [
        {
            "Правило": text,
            **{
                subject: share(part.loc[part["subject"] == code, f"rule_{name}"].dropna().astype(bool))
                for subject, code in (("РУ 4", "ru"), ("МА 4", "ma"))
            },
        }
        for name, text in compatibility.RULES.items()
    ]


def floors(figures: dict[str, list[dict[str, object]]]) -> list[dict[str, object]]:
    """The targets of the specification, each with what was measured."""

    def power(table: str, kind: str, size: str, column: str) -> float:
        row = next(r for r in figures[table] if kind in r.values() and r["Размер"] == size)
        return row[column][0]  # type: ignore[index]

    names = [name for name in figures["false"][0] if name not in ("Условия", "школ × работ")]
    asked = [row for row in figures["false"] if row["Условия"] != _BEYOND]
    per_sign = [row[name][0] for row in asked for name in names if name != "все вместе"]  # type: ignore[index]
    together = [row["все вместе"][0] for row in asked]  # type: ignore[index]
    strong = [row["все вместе"][0] for row in figures["false_strong"]]  # type: ignore[index]
    hits = [row["q ≤ 0,10, на работу"][0] for row in figures["clean_hits"]]  # type: ignore[index]
    rows: list[tuple[str, str, float, bool]] = [
        (
            f"ложных по признаку при 1 %, наименьшая, %; без условий «{_BEYOND}»",
            "≥ 0,2 %",
            min(per_sign) * 100,
            min(per_sign) >= 0.002,
        ),
        (
            f"ложных по признаку при 1 %, наибольшая, %; без условий «{_BEYOND}»",
            "≤ 2,5 %",
            max(per_sign) * 100,
            max(per_sign) <= 0.025,
        ),
        (
            f"ложных вместе при 1 %, наибольшая, %; без условий «{_BEYOND}»",
            "≤ 2,5 %",
            max(together) * 100,
            max(together) <= 0.025,
        ),
        ("ложных вместе при 0,1 %, основа, %", "≤ 0,2 %", strong[0] * 100, strong[0] <= 0.002),
        ("школ с q ≤ 0,10 на работу в честном регионе (400 школ)", "≤ 0,3", hits[0], hits[0] <= 0.3),
        ("то же, худшее из напряжённых условий", "≤ 2,5", max(hits), max(hits) <= 2.5),
    ]
    for line, fdr, recall in zip(figures["discovery"], (0.10, 0.05), (0.48, 0.45), strict=True):
        level = f"{line['Доля нечестных школ']:.0%} нечестных"
        for flag, false_of, found_of in (
            ("уровень ≥ 2", "ложных среди отмеченных", "найдено (уровень ≥ 2)"),
            ("q ≤ 0,10", "ложных при q ≤ 0,10", "найдено (q ≤ 0,10)"),
        ):
            false, found = line[false_of][0], line[found_of][0]  # type: ignore[index]
            rows += [
                (f"{level}: ложных среди отмеченных ({flag})", f"≤ {_ru(fdr)}", false, false <= fdr),
                (f"{level}: найдено ({flag})", f"≥ {_ru(recall)}", found, found >= recall),
            ]
    wanted = [
        ("bump", 0.5, "n ≥ 25", 0.90),
        ("bump", 0.9, "n ≥ 25", 0.98),
        ("hints", 0.6, "n ≥ 25", 0.92),
        ("fill", 0.9, "n ≥ 25", 0.93),
        ("journal", 0.8, "n ≥ 25", 0.98),
        ("absence", 0.8, "n ≥ 25", 0.95),
        ("bump", 0.9, "n 10–24", 0.85),
        ("fill", 0.9, "n 10–24", 0.65),
        ("journal", 0.8, "n 10–24", 0.80),
        ("leniency", 0.3, "n ≥ 25", 0.45),
    ]
    for kind, strength, size, floor in wanted:
        name = KINDS[kind, strength]
        one = power("power", name, size, "мощность признака")
        both = power("pooled", name, size, "мощность признака")
        together = power("pooled", name, size, "мощность по сумме работ")
        rows += [
            (f"мощность признака, искажена одна работа: {name}; {size}", f"≥ {_ru(floor)}", one, one >= floor),
            (
                f"то же, искажены обе работы, признак по их сумме: {name}; {size}",
                f"≥ {_ru(floor)}",
                both,
                both >= floor,
            ),
            (f"то же, обе работы, все признаки вместе: {name}; {size}", f"≥ {_ru(floor)}", together, together >= floor),
        ]
    for row in figures["auc"]:
        floor = 0.05 if str(row["Вмешательство"]).startswith("мягкая") else 0.10
        gain = float(row["разность"])  # type: ignore[arg-type]
        rows.append((f"AUC выше INVALSI_IDX: {row['Вмешательство']}", f"≥ {_ru(floor)}", gain, gain >= floor))
    return [
        {"Цель": goal, "порог": limit, "измерено": value, "достигнуто": "да" if met else "нет"}
        for goal, limit, value, met in rows
    ]


def _ru(value: object) -> str:
    """A cell of a table: numbers with a decimal comma, shares with their standard error."""
    if isinstance(value, tuple):
        return f"{_ru(value[0])} ± {_ru(value[1])}"
    if isinstance(value, float):
        return "—" if np.isnan(value) else (f"{value:.3f}" if abs(value) < 1 else f"{value:.2f}").replace(".", ",")
    return str(value)


def _percent(value: object) -> str:
    return f"{_ru(100 * value[0])} ± {_ru(100 * value[1])}" if isinstance(value, tuple) else _ru(value)


def markdown(rows: list[dict[str, object]], write: Callable[[object], str] = _ru) -> str:
    """A table of the document."""
    head = list(rows[0])
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join([*lines, *("| " + " | ".join(write(row[name]) for name in head) + " |" for row in rows)])


def write_document(text: str, figures: dict[str, list[dict[str, object]]]) -> str:
    """The document with its tables replaced."""
    per_cent = {"false", "false_strong", "rules"}
    for name, rows in figures.items():
        block = markdown(rows, _percent if name in per_cent else _ru)
        text, count = re.subn(
            rf"(<!-- table {name} -->\n).*?(<!-- end -->)", lambda m, b=block: f"{m[1]}{b}\n{m[2]}", text, flags=re.S
        )
        if not count:
            raise SystemExit(f"docs/methodology/objectivity.md has no place for the table {name!r}")
    return text


def run(scale: float, seed: int, workers: int, *, progress: bool = False) -> tuple[pd.DataFrame, float]:
    """Measure all regions; the order of the rows does not depend on the number of workers."""
    todo = tasks_of(scale, seed)
    started = time.monotonic()
    parts: list[pd.DataFrame] = []
    with ProcessPoolExecutor(workers) as pool:
        for done, part in enumerate(pool.map(measure, todo, chunksize=4), 1):
            parts.append(part)
            if progress and done % 20 == 0:
                print(f"{done}/{len(todo)} regions, {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)
    return pd.concat(parts, ignore_index=True), time.monotonic() - started


def run_bounds(scale: float, seed: int, workers: int) -> pd.DataFrame:
    """Measure the oracle's likelihood ratios."""
    todo = [
        BoundTask(kind, strength, seed + 40_000 + i)
        for (kind, strength), regions in BOUNDED.items()
        for i in range(max(1, round(regions * scale)))
    ]
    with ProcessPoolExecutor(workers) as pool:
        return pd.concat(pool.map(measure_bounds, todo), ignore_index=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0, help="share of the full number of regions")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument(
        "--bounds", action="store_true", help="the table «bounds» alone, beside the signs' last figures"
    )
    parser.add_argument("--dry", action="store_true", help="print the figures, write nothing")
    arguments = parser.parse_args()
    before = json.loads(NUMBERS.read_text(encoding="utf-8")) if arguments.bounds else {}
    figures: dict[str, list[dict[str, object]]] = {}
    if not arguments.bounds:
        table, seconds = run(arguments.scale, arguments.seed, arguments.workers, progress=True)
        figures = summarise(table)
        figures = {"goals": floors(figures), **figures}
        figures["run"] = [
            {
                "регионов": int(table.groupby(["part", "setting", "share"])["region"].nunique().sum()),
                "секунд": round(seconds),
                "процессов": arguments.workers,
                "доля полного прогона": arguments.scale,
                "seed": arguments.seed,
            }
        ]
    found = run_bounds(arguments.scale, arguments.seed, arguments.workers)
    figures["bounds"] = bounds(found, (before or figures)["power"])
    if arguments.dry:
        for name, rows in figures.items():
            print(f"\n## {name}\n{markdown(rows)}")
        return
    DOCUMENT.write_text(write_document(DOCUMENT.read_text(encoding="utf-8"), figures), encoding="utf-8")
    NUMBERS.write_text(json.dumps({**before, **figures}, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
