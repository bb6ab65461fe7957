"""What a family of procedures is, and what its statistics are computed from.

Belongs here: the shapes. Does not belong here: any one family (its own module), Dagster, storing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from rsoko_pipeline import contracts
from rsoko_pipeline.configuration import Configuration
from rsoko_pipeline.indicators import Register, Stamp

#: Which rows of other tables a family's statistics need: event ids by table name.
Related = Callable[[Configuration, Sequence[str], pd.DataFrame], dict[str, list[str]]]


@dataclass(frozen=True)
class Base:
    """What statistics are computed from, beside the facts.

    Attributes:
        cfg: configuration.
        register: names and subordination of the units.
        stamp: origin of the figures.
        events: the events computed.
        others: rows of other tables by name, as the family's ``related`` asks for them.
    """

    cfg: Configuration
    register: Register
    stamp: Stamp
    events: Sequence[str]
    others: Mapping[str, pd.DataFrame] = field(default_factory=dict)

    def finished(self, table: str, frame: pd.DataFrame) -> pd.DataFrame:
        """The frame as rows of a table of ``mart``: with its stamp, columns in order, types by contract."""
        contract = contracts.table(table)
        stamped = frame.assign(
            config_version=self.stamp.config_version, run_id=self.stamp.run_id, computed_at=self.stamp.computed_at
        )
        return contract.conform(stamped.reindex(columns=contract.names)).sort_values(
            list(contract.key), ignore_index=True
        )


#: Facts → rows of a mart, finished by ``Base.finished``.
Statistics = Callable[[pd.DataFrame, Base], pd.DataFrame]
#: The events from whose facts an event's statistics are computed beside its own: when one changes, so may they.
Depends = Callable[[Configuration, str], list[str]]


def _nothing_else(cfg: Configuration, events: Sequence[str], facts: pd.DataFrame) -> dict[str, list[str]]:
    return {}


def _on_nothing(cfg: Configuration, event_id: str) -> list[str]:
    return []


def of_same_year(cfg: Configuration, event_id: str) -> list[str]:
    """All other events of the event's school year but those of measures, which nothing is compared with."""
    year = cfg.calendar.events[event_id].school_year
    return [
        event.event_id
        for event in cfg.calendar.of_year(year)
        if event.event_id != event_id and cfg.procedures[event.procedure].targets <= _COMPARED
    ]


#: Frames of procedures whose facts others are compared with: pupils' works (also those with a reader of their own).
_COMPARED = frozenset({"source_result", "source_label", "source_olympiad"})


@dataclass(frozen=True)
class Family:
    """Procedures whose files have one shape: one frame of a reader, one fact, one mart.

    Attributes:
        name: identifier; also of the Dagster job that builds the family's events.
        title_ru: what people call such procedures.
        source, fact, mart: names of the frame that readers make, of the table of ``core`` and of ``mart``.
        key: columns of the frame by which one statement is told from another, beside event and unit.
        stated: columns in which two statements of one key must agree; else both are held.
        statistics: facts → rows of the mart, finished by ``Base.finished``.
        related: which rows of other tables ``statistics`` finds in ``Base.others``.
        depends: the events that ``related`` may ever name for an event, whatever its files say.
        also: further marts from the same facts, by name; written in one transaction with ``mart``.
    """

    name: str
    title_ru: str
    source: str
    fact: str
    mart: str
    key: tuple[str, ...]
    stated: tuple[str, ...]
    statistics: Statistics
    related: Related = _nothing_else
    depends: Depends = _on_nothing
    also: Mapping[str, Statistics] = field(default_factory=dict, hash=False)

    @property
    def marts(self) -> dict[str, Statistics]:
        """All marts of the family, the main one first."""
        return {self.mart: self.statistics, **self.also}

    @property
    def has_pupils(self) -> bool:
        """Whether a row is about a pupil, who gets a pseudonym in place of the code in the file."""
        return "pupil" in contracts.table(self.fact).names
