"""What the calendar makes of the asset graph: partitions, and how they map to one another.

Belongs here: partition definitions, shared metadata of assets. Does not belong here: assets.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import dagster as dg

from resources.warehouse import COMPANIONS, TABLES
from rsoko_pipeline import contracts
from rsoko_pipeline.configuration import Configuration

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
    def events(self) -> dg.StaticPartitionsDefinition:
        """The calendar's events («события»), ordered by school year, procedure, subject, grade."""
        return dg.StaticPartitionsDefinition(list(self.cfg.calendar.events))

    @cached_property
    def years(self) -> dg.StaticPartitionsDefinition:
        """The calendar's school years («учебные годы»)."""
        return dg.StaticPartitionsDefinition(list(self.cfg.calendar.years))

    @cached_property
    def event_to_year(self) -> dg.StaticPartitionMapping:
        """Events belong to the school year in which they are written."""
        return dg.StaticPartitionMapping(
            {event.event_id: event.school_year for event in self.cfg.calendar.events.values()}
        )

    def events_of(self, school_years: list[str]) -> list[str]:
        """The events written in these school years, in partition order."""
        return [event.event_id for event in self.cfg.calendar.events.values() if event.school_year in school_years]


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
