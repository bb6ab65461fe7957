"""Families of procedures other than works: from the family's core fact to its mart, one module a family.

Belongs here: the list of families, what each counts. Does not belong here: works of pupils with marks and tasks
(``indicators``), reading (``sources``), checking (``validation``), which procedures there are (``config/procedures``).
"""

from __future__ import annotations

from rsoko_pipeline.configuration import Configuration
from rsoko_pipeline.configuration.procedures import Procedure
from rsoko_pipeline.families import (
    answers,
    controls,
    journals,
    lists,
    measures,
    olympiads,
    plan_reports,
    records,
    second_marks,
)
from rsoko_pipeline.families.model import Base, Family

#: The families by name, in the order in which they are built: a later one may use the facts of an earlier one.
FAMILIES: dict[str, Family] = {
    family.name: family
    for family in (
        measures.FAMILY,
        olympiads.FAMILY,
        controls.FAMILY,
        second_marks.FAMILY,
        journals.FAMILY,
        answers.FAMILY,
        records.FAMILY,
        lists.FAMILY,
        plan_reports.FAMILY,
    )
}
#: The family of each frame that readers make.
OF_SOURCE: dict[str, Family] = {family.source: family for family in FAMILIES.values()}


def family_of(procedure: Procedure) -> Family | None:
    """The family that a procedure's tables belong to; None for procedures of pupils' works."""
    return next((OF_SOURCE[target] for target in procedure.targets if target in OF_SOURCE), None)


def dependencies(cfg: Configuration) -> dict[str, list[str]]:
    """By event the events from whose facts its statistics are computed beside its own; only events that have some."""
    out = {}
    for event in cfg.calendar.events.values():
        family = family_of(cfg.procedures[event.procedure])
        if family and (others := family.depends(cfg, event.event_id)):
            out[event.event_id] = others
    return out


__all__ = ["FAMILIES", "OF_SOURCE", "Base", "Family", "dependencies", "family_of"]
