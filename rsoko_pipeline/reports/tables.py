"""Columns of report tables from contract frames: label and format from the registry, marks of small groups.

Belongs here: what the region's and the school's workbook share about tables. Does not belong here: pages.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from rsoko_pipeline import contracts
from rsoko_pipeline.contracts.fields import SHARE
from rsoko_pipeline.reports.inputs import SMALL
from rsoko_pipeline.reports.texts import text, words
from rsoko_pipeline.reports.workbook import Column, plain

_FORMATS = {"text": "text", "date": "date", SHARE: "share", "numeric(5,4)": "mean", "numeric(8,4)": "mean"}
_WIDTHS = {"text": 16.0, "date": 12.0}
_NARROW = 8.5


def field(
    table: str, frame: pd.DataFrame, name: str, *, head: str = "", form: str = "", width: float | None = None
) -> Column:
    """The column ``name`` of a contract frame under the registry's label.

    Args:
        table: name of the contract.
        frame: the frame.
        name: the column.
        head: another label, where the registry's says too little in this place.
        form: another format than the one that follows from the type.
        width: least width in characters.
    """
    column = contracts.table(table)[name]
    form = form or _FORMATS.get(column.type, "int" if column.type.startswith("int") else "number")
    return Column(head or column.ru, plain(frame[name]), form, width or _WIDTHS.get(form, _NARROW))


def fields(table: str, frame: pd.DataFrame, *names: str) -> list[Column]:
    """Several columns of a contract frame."""
    return [field(table, frame, name) for name in names]


def coded(table: str, frame: pd.DataFrame, name: str, group: str, *, width: float = 16) -> Column:
    """A column of codes written in the words of the text group ``group``."""
    meanings = words(group)
    values = [None if code is None else meanings[code] for code in plain(frame[name])]
    return Column(contracts.table(table)[name].ru, values, "word", width)


def with_interval(table: str, frame: pd.DataFrame, name: str, stem: str = "") -> list[Column]:
    """A share and its 95 % interval, the latter as «31,1–48,3 %».

    Args:
        table: name of the contract.
        frame: the frame.
        name: the share's column.
        stem: its interval stands in ``<stem>_low`` and ``<stem>_high``; by default the stem is the name.
    """
    low, high = (plain(frame[f"{stem or name}_{end}"]) for end in ("low", "high"))
    intervals = [None if None in pair else _interval(*pair) for pair in zip(low, high, strict=True)]
    return [field(table, frame, name), Column(text("interval"), intervals, "centre", 13)]


def _interval(low: float, high: float) -> str:
    return f"{100 * low:.1f}–{100 * high:.1f} %".replace(".", ",")


def task_columns(frame: pd.DataFrame) -> list[Column]:
    """Which task it is: label, maximum, level, and the skill where one is known."""
    skill = field("dim_task", frame, "skill", width=46)
    return [
        field("task_statistics", frame, "task", form="word"),
        *(field("task_statistics", frame, name, form="centre") for name in ("max_points", "difficulty")),
        *([skill] if any(skill.values) else []),
    ]


def notes(counts: Sequence[int | None]) -> list[Column]:
    """The column that marks groups of fewer than ten, where there are any."""
    marks = [text("small") if is_small(n) else None for n in counts]
    return [Column(text("region.note"), marks, "word", 12)] if any(marks) else []


def origins(table: str, frame: pd.DataFrame) -> list[Column]:
    """The column that says which rows come from consolidated tables, where there are any."""
    return [coded(table, frame, "source", "sources", width=14)] if (frame["source"] == "aggregate").any() else []


def is_small(n: int | None) -> bool:
    """Whether a figure over ``n`` participants needs the mark «мало участников»."""
    return n is not None and n < SMALL


def tones(levels: Sequence[str], counts: Sequence[int | None], total: str = "region") -> list[str]:
    """A tone for each row: emphasis for the level ``total``, grey for small groups."""
    return [
        "total" if level == total else "small" if is_small(n) else "" for level, n in zip(levels, counts, strict=True)
    ]


def by_event(frame: pd.DataFrame, levels: Sequence[str]) -> dict[str, pd.DataFrame]:
    """The rows of these levels by event; within one in the order of ``levels``, then by code of the unit."""
    order = {level: number for number, level in enumerate(levels)}
    part = frame[frame["level"].isin(levels)]
    part = part.assign(_order=part["level"].map(order)).sort_values(["_order", "unit_code"], kind="stable")
    return {str(event): rows.drop(columns="_order") for event, rows in part.groupby("event_id")}
