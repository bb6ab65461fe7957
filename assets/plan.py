"""What the calendar makes of the asset graph: partitions, and how they map to one another.

Belongs here: partition definitions, shared metadata of assets. Does not belong here: assets.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import dagster as dg

from resources.warehouse import COMPANIONS, TABLES
from rsoko_pipeline import contracts
from rsoko_pipeline.configuration import Configuration
from rsoko_pipeline.families import FAMILIES, Family, family_of

OWNERS = ["team:rsoko"]
#: One run computes a whole range of partitions: hundreds of events in one process, one Great Expectations batch.
SINGLE_RUN = dg.BackfillPolicy.single_run()


@dataclass(frozen=True)
class Plan:
    """The calendar as Dagster's partitions.

    Attributes:
        cfg: the configuration in force.
    """

    cfg: Configuration

    @cached_property
    def works(self) -> list[str]:
        """The events of pupils' works, ordered by school year, procedure, subject, grade."""
        return self._by_family.get(None, [])

    @cached_property
    def events(self) -> dg.StaticPartitionsDefinition:
        """The events («события») of pupils' works as partitions."""
        return dg.StaticPartitionsDefinition(self.works)

    def of_family(self, family: Family) -> list[str]:
        """The events of a family of procedures, in the calendar's order."""
        return self._by_family.get(family.name, [])

    @cached_property
    def families(self) -> list[Family]:
        """The families of which the calendar has events, in the order in which they are built."""
        return [family for family in FAMILIES.values() if self.of_family(family)]

    @cached_property
    def _by_family(self) -> dict[str | None, list[str]]:
        out: dict[str | None, list[str]] = {}
        for event in self.cfg.calendar.events.values():
            family = family_of(self.cfg.procedures[event.procedure])
            out.setdefault(family.name if family else None, []).append(event.event_id)
        return out

    @cached_property
    def years(self) -> dg.StaticPartitionsDefinition:
        """The calendar's school years («учебные годы»)."""
        return dg.StaticPartitionsDefinition(list(self.cfg.calendar.years))

    @cached_property
    def event_to_year(self) -> dg.StaticPartitionMapping:
        """Works belong to the school year in which they are written."""
        return self.to_year(self.works)

    def to_year(self, events: Sequence[str]) -> dg.StaticPartitionMapping:
        """These events to the school years in which they take place."""
        return dg.StaticPartitionMapping({event: self.cfg.calendar.events[event].school_year for event in events})

    def events_of(self, school_years: list[str]) -> list[str]:
        """The works written in these school years, in partition order."""
        return [event for event in self.works if self.cfg.calendar.events[event].school_year in school_years]


def table_metadata(*tables: str, companions: tuple[str, ...] = ()) -> dict[str, Any]:
    """Definition metadata of an asset that is stored as these tables, the main one first: names and column schema."""
    main = contracts.table(tables[0])
    metadata: dict[str, Any] = {
        TABLES: " ".join(tables),
        "dagster/table_name": f"{main.schema}.{main.name}",
        "dagster/column_schema": column_schema(main),
    }
    if companions:
        metadata[COMPANIONS] = " ".join(companions)
    if main.warnings_ru:
        metadata["что нужно знать"] = "\n".join(main.warnings_ru)
    return metadata


def column_schema(table: contracts.Table) -> dg.TableSchema:
    """A table's columns as the Dagster UI shows them."""
    return dg.TableSchema(
        [
            dg.TableColumn(
                column.name,
                column.type,
                description=f"{column.ru}. {column.description_ru}",
                constraints=dg.TableColumnConstraints(nullable=column.nullable),
            )
            for column in table.columns
        ]
    )


def description(table: str, extra: str = "") -> str:
    """An asset's description in Russian, from the contract of its main table."""
    contract = contracts.table(table)
    return f"**{contract.ru}.** {contract.description_ru} {extra}".strip()
