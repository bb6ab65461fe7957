"""From failing rows to findings: place, sentence, decision, for many rows at once.

Belongs here: rows of ``findings.COLUMNS`` and what a person's release changes in them. Does not belong here: the texts
(``config/findings.yaml``), which rows fail (the modules of rules).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rsoko_pipeline import contracts
from rsoko_pipeline.findings import COLUMNS, catalogue, shown

#: What tells one finding from another, in every run the same: as in ``ops.quarantine``.
IDENTITY = ["file_id", "sheet", "row_number", "column_name", "code", "school"]
_PLACE = ["file_id", "event_id", "school", "sheet", "row_number"]

Values = str | Sequence[Any] | NDArray | pd.Series | None


def findings(
    rows: pd.DataFrame, code: str, *, column: Values = None, value: Values = None, **words: Values
) -> pd.DataFrame:
    """A finding for every row of ``rows``, columns ``findings.COLUMNS``.

    Args:
        rows: the rows concerned; gives file, event, school, sheet and row number as far as it has them.
        code: code of the catalogue.
        column: header of the cell, one for all or one a row.
        value: what stands there.
        words: further words of the sentence, one for all or one a row.
    """
    kind = catalogue()[code]
    frame = rows.reindex(columns=_PLACE).reset_index(drop=True)
    said = {name: texts(given, len(rows)) for name, given in {"column_name": column, "value": value, **words}.items()}
    said["school"] = texts(frame["school"], len(rows))
    of_pupil = "pupil_code" in rows
    said = {name: [shown(code, name, word, of_pupil=of_pupil) for word in words] for name, words in said.items()}
    frame["column_name"], frame["value"] = said["column_name"], said["value"]
    names = list(said)
    lines = [_Words(zip(names, line, strict=True)) for line in zip(*said.values(), strict=True)]
    frame["message"] = [kind.message.format_map(line) for line in lines]
    frame["remedy"] = [kind.remedy.format_map(line) for line in lines]
    frame["code"], frame["severity"] = code, kind.severity
    frame["action"] = "held" if kind.severity == "error" else "noted"
    return _typed(frame)


def together(parts: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """All findings in one frame."""
    parts = [part for part in parts if len(part)]
    return pd.concat(parts, ignore_index=True) if parts else _nothing().copy()


def release(found: pd.DataFrame, released: pd.DataFrame | None) -> pd.DataFrame:
    """Findings with the action ``released`` where a person has let the data through.

    Args:
        found: findings.
        released: rows of ``ops.quarantine``; of those with a column ``action`` only the released count.
    """
    if released is None or released.empty or found.empty:
        return found
    if "action" in released:
        released = released[released["action"] == "released"]
    may = [kind.code for kind in catalogue().values() if kind.releasable]
    known = pd.MultiIndex.from_frame(_identity(released))
    hit = pd.MultiIndex.from_frame(_identity(found)).isin(known) & found["code"].isin(may) & (found["action"] == "held")
    return found.assign(action=found["action"].mask(hit, "released"))


def held(found: pd.DataFrame, n: int) -> NDArray:
    """Which of n positions (column ``position``) some finding holds back."""
    out = np.zeros(n, dtype="bool")
    out[found.loc[found["action"] == "held", "position"].to_numpy(dtype="int64")] = True
    return out


def among(rows: pd.DataFrame, others: pd.DataFrame, by: list[str]) -> pd.Series:
    """Which rows have the values of some row of ``others`` in the columns ``by``."""
    return pd.Series(pd.MultiIndex.from_frame(rows[by]).isin(pd.MultiIndex.from_frame(others[by])), rows.index)


def about(event_id: str, file_id: str, code: str, reason: str | None = None) -> pd.DataFrame:
    """A finding about an event as a whole, of the check ``structure``."""
    rows = pd.DataFrame({"event_id": [event_id], "file_id": [file_id]})
    return findings(rows, code, reason=reason).assign(check="structure", position=0)


def texts(values: Values, n: int) -> list[str | None]:
    """Values as people read them, a text a row: no «.0», a decimal comma; None where null."""
    if values is None or isinstance(values, str):
        return [values] * n
    return [_text(value) for value in (values.tolist() if hasattr(values, "tolist") else values)]


def _text(value: Any) -> str | None:
    if value is None or value is pd.NA or value != value:
        return None
    if isinstance(value, float):
        return f"{value:.10g}".replace(".", ",")
    return str(value)


class _Words(dict[str, "str | None"]):
    """The words of a sentence; what is not known is shown as a dash."""

    def __missing__(self, name: str) -> str:
        return "—"

    def __getitem__(self, name: str) -> str:
        return dict.get(self, name) or "—"


def _identity(frame: pd.DataFrame) -> pd.DataFrame:
    texts = frame[[name for name in IDENTITY if name != "row_number"]].astype("str").fillna("")
    return texts.assign(row_number=frame["row_number"].astype("float64").fillna(-1.0))


@cache
def _nothing() -> pd.DataFrame:
    return _typed(pd.DataFrame(columns=COLUMNS)).assign(check=pd.array([], dtype="str"), position=0)


def _typed(frame: pd.DataFrame) -> pd.DataFrame:
    table = contracts.table("quarantine")
    return frame[COLUMNS].astype({name: table[name].dtype for name in COLUMNS})
