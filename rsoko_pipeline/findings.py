"""Findings: what is wrong with a file or a row, where, and what its sender should do.

Belongs here: the shape of a finding, the catalogue of codes (texts come from ``config/findings.yaml``), the frame that
carries many findings. Does not belong here: the checks that find them (``sources``, ``validation``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

import pandas as pd
import yaml

from rsoko_pipeline import contracts
from rsoko_pipeline.configuration.places import config_file
from rsoko_pipeline.privacy import mask, mask_cell, mask_label

COLUMNS = [
    "file_id",
    "event_id",
    "school",
    "sheet",
    "row_number",
    "column_name",
    "value",
    "code",
    "severity",
    "message",
    "remedy",
    "action",
]


@dataclass(frozen=True)
class FindingKind:
    """One code of the catalogue.

    Attributes:
        code: stable code, ``RSK-…``.
        severity: ``error`` (the row or file is held back), ``warning`` (taken in, look at it) or ``info``.
        scope: what an error holds back: ``file``, ``unit`` (school × work), ``row``; ``none`` for the others.
        message: sentence in Russian with ``{names}`` to fill in.
        remedy: what the sender should do, in Russian.
        releasable: whether a person may let the data through all the same; not where they could not be read at all.
    """

    code: str
    severity: str
    scope: str
    message: str
    remedy: str
    releasable: bool = True


@dataclass(frozen=True)
class Finding:
    """One finding at one place.

    Attributes:
        code: a code of the catalogue.
        values: what fills the message's ``{names}``.
        sheet, row_number, column_name, value: the place in the file, as far as known; rows count from 1 as in Excel.
        school: the unit that an error of scope ``unit`` holds back.
        of_pupil: whether the row may be a pupil's: then of its cell only numbers and known words are shown.
    """

    code: str
    values: Mapping[str, Any] = field(default_factory=dict)
    sheet: str | None = None
    row_number: int | None = None
    column_name: str | None = None
    value: str | None = None
    school: str | None = None
    of_pupil: bool = True

    @property
    def kind(self) -> FindingKind:
        """The catalogue's entry of the code."""
        return catalogue()[self.code]

    @property
    def severity(self) -> str:
        """``error``, ``warning`` or ``info``."""
        return self.kind.severity

    @cached_property
    def shown(self) -> dict[str, Any]:
        """The place and what fills the sentence, without what looks like a person: nothing else is ever kept."""
        words = {name: getattr(self, name) for name in _PLACE} | dict(self.values)
        return {name: shown(self.code, name, word, of_pupil=self.of_pupil) for name, word in words.items()}

    @property
    def message(self) -> str:
        """The sentence for the sender, filled in."""
        return self.kind.message.format_map(_Blank(self.shown))

    @property
    def remedy(self) -> str:
        """What the sender should do, filled in."""
        return self.kind.remedy.format_map(_Blank(self.shown))

    @property
    def place(self) -> str:
        """The place in the file in Russian, empty when the finding is about the file as a whole."""
        parts = (("лист", "sheet"), ("строка", "row_number"), ("столбец", "column_name"))
        return ", ".join(f"{word} {self.shown[name]}" for word, name in parts if self.shown[name] not in (None, ""))


#: Words of a finding that are names of columns and sheets.
_LABELS = frozenset({"column_name", "sheet", "mapping", "columns"})
#: The parts of a finding that are shown beside its words.
_PLACE = ("sheet", "row_number", "column_name", "value", "school")


def shown(code: str, name: str, word: Any, *, of_pupil: bool = True) -> Any:
    """A word of a finding as it is kept: a pupil's cell by ``mask_cell``, other cells and headers by ``mask_label``."""
    if not isinstance(word, str):
        return word
    is_cell = name == "value" and catalogue()[code].scope == "row"
    if is_cell and of_pupil:
        return mask_cell(word)
    return mask_label(word) if is_cell or name in _LABELS else mask(word)


class _Blank(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "?"


@lru_cache(maxsize=1)
def catalogue() -> dict[str, FindingKind]:
    """The catalogue of codes from ``config/findings.yaml``."""
    with config_file("findings.yaml").open(encoding="utf-8") as stream:
        entries = yaml.safe_load(stream)["findings"]
    return {code: FindingKind(code=code, **entry) for code, entry in entries.items()}


def frame(
    findings: Iterable[Finding], *, file_id: str, event_id: str | None = None, school: str | None = None
) -> pd.DataFrame:
    """Findings of one file as rows; see ``frame_of_files``."""
    return frame_of_files([(findings, file_id, event_id, school)])


def frame_of_files(files: Iterable[tuple[Iterable[Finding], str, str | None, str | None]]) -> pd.DataFrame:
    """A frame with a row a finding and the columns ``COLUMNS``; ``action`` is ``held`` for errors, else ``noted``.

    Args:
        files: findings, file id, event id, and the school of findings that name none (of a file that holds one
            school's data alone).
    """
    quarantine = contracts.table("quarantine")
    rows = [
        (
            file_id,
            event_id,
            f.shown["school"] or school,
            f.shown["sheet"],
            f.row_number,
            f.shown["column_name"],
            f.shown["value"],
            f.code,
            f.severity,
            f.message,
            f.remedy,
            "held" if f.severity == "error" else "noted",
        )
        for findings, file_id, event_id, school in files
        for f in findings
    ]
    return pd.DataFrame(rows, columns=COLUMNS).astype({name: quarantine[name].dtype for name in COLUMNS})
