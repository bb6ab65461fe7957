"""Candidates («кандидаты»): which schools of the register an unknown code or name may mean, the likeliest first.

Belongs here: likeness of names, codes and municipalities, for a person to look at. Does not belong here: deciding
(nobody but a person does), the file in which a person confirms (``reports.unknown_schools``).

Names are compared without legal forms, quotation marks and case, by RapidFuzz's ``token_sort_ratio``; a number of a
school that differs and a municipality that differs count against a candidate, the same municipality for it. Where the
file gives no name, codes are compared by slips of typing (optimal string alignment). The weights are
``config/registers.yaml``.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
import yaml
from numpy.typing import NDArray

from rsoko_pipeline.configuration.names import comparable
from rsoko_pipeline.configuration.places import config_file
from rsoko_pipeline.history import in_force

KEY = ["sent_code", "sent_name"]
COLUMNS = [*KEY, "rank", "school", "name", "municipality_name", "score"]
_WORDS = re.compile(r"[^\W\d_]+|\d+")


@lru_cache(maxsize=1)
def _settings() -> dict[str, Any]:
    with config_file("registers.yaml").open(encoding="utf-8") as stream:
        raw = yaml.safe_load(stream)
    forms = {comparable(full): comparable(short) for full, short in raw["short_forms"].items()}
    return {**raw, "common_words": set(map(comparable, raw["common_words"])), "short_forms": forms}


def plain(name: str) -> str:
    """A school's name as it is compared: without legal form, marks and case; kinds of schools abbreviated."""
    settings = _settings()
    text = " ".join(_WORDS.findall(comparable(name)))
    for full, short in settings["short_forms"].items():
        text = text.replace(full, short)
    return " ".join(word for word in text.split() if word not in settings["common_words"])


def candidates(unknown: pd.DataFrame, schools: pd.DataFrame, municipalities: pd.DataFrame) -> pd.DataFrame:
    """The likeliest schools for every unknown code and name.

    Args:
        unknown: rows of ``ops.unknown_school``.
        schools: rows of ``core.dim_school``; the names in force last are compared.
        municipalities: rows of ``core.dim_municipality``.

    Returns:
        ``COLUMNS``, a row a candidate; ``score`` 0–100, ``rank`` from 1.
    """
    settings = _settings()
    asked = unknown.drop_duplicates(KEY).reset_index(drop=True)
    known = in_force(schools, "school").sort_values("school", ignore_index=True)
    if asked.empty or known.empty:
        return pd.DataFrame(columns=COLUMNS)
    place_names = in_force(municipalities, "municipality").set_index("municipality")["name"]
    homes = known["municipality"].map(place_names).fillna(known["municipality"])
    score = _likeness(asked, known) + _of_place(asked["sent_municipality"], known["municipality"], homes)
    score = np.clip(score, 0, 100)
    order = np.argsort(-score, axis=1, kind="stable")[:, : settings["candidates"]]
    rows = np.repeat(np.arange(len(asked)), order.shape[1])
    found = known.iloc[order.ravel()]
    out = (
        asked.iloc[rows][KEY]
        .reset_index(drop=True)
        .assign(
            rank=np.tile(np.arange(1, order.shape[1] + 1), len(asked)),
            school=found["school"].to_numpy(),
            name=found["name"].to_numpy(),
            municipality_name=homes.iloc[order.ravel()].to_numpy(),
            score=np.rint(score[rows, order.ravel()]).astype("int64"),
        )
    )
    return out[out["score"] >= settings["least_score"]].reset_index(drop=True)


def _likeness(asked: pd.DataFrame, known: pd.DataFrame) -> NDArray:
    """Likeness of names, of codes where no name is given: a line an unknown school, a column a school."""
    from rapidfuzz import fuzz, process
    from rapidfuzz.distance import OSA

    has_name = asked["sent_name"].notna().to_numpy()
    said, names = asked["sent_name"].fillna("").map(plain), known["name"].map(plain)
    by_name = process.cdist(said, names, scorer=fuzz.token_sort_ratio).astype("float64")
    numbers, own = said.map(_numbers), names.map(_numbers)
    other = np.array([[bool(mine and theirs and mine != theirs) for theirs in own] for mine in numbers])
    by_name -= _settings()["other_number"] * other
    by_code = 100 * process.cdist(asked["sent_code"], known["school"], scorer=OSA.normalized_similarity)
    return np.where(has_name[:, None], by_name, by_code)


def _numbers(name: str) -> frozenset[str]:
    return frozenset(word.lstrip("0") for word in name.split() if word.isdigit())


def _of_place(said: pd.Series, codes: pd.Series, names: pd.Series) -> NDArray:
    """What the municipality adds or takes: a line an unknown school, a column a school."""
    settings = _settings()
    is_code = (said.to_numpy(dtype=object)[:, None] == codes.to_numpy(dtype=object)[None, :]).astype(bool)
    mine, theirs = said.map(comparable, na_action="ignore"), names.map(comparable)
    is_name = (mine.to_numpy(dtype=object)[:, None] == theirs.to_numpy(dtype=object)[None, :]).astype(bool)
    points = np.where(is_code | is_name, settings["same_place"], -settings["other_place"])
    return np.where(said.notna().to_numpy()[:, None], points, 0).astype("float64")
