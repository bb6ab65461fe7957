"""Families of procedures other than works: from the family's core fact to its mart, one module a family.

Belongs here: the list of families, what each counts. Does not belong here: works of pupils with marks and tasks
(``indicators``), reading (``sources``), checking (``validation``), which procedures there are (``config/procedures``).
"""

from __future__ import annotations

from rsoko_pipeline.families import measures
from rsoko_pipeline.families.model import Base, Family

#: The families by name, in the order in which they are built: a later one may use the facts of an earlier one.
FAMILIES: dict[str, Family] = {family.name: family for family in (measures.FAMILY,)}
#: The family of each frame that readers make.
OF_SOURCE: dict[str, Family] = {family.source: family for family in FAMILIES.values()}
#: Procedures of pupils' works, whose events have assets of their own.
WORKS = "works"

__all__ = ["FAMILIES", "OF_SOURCE", "WORKS", "Base", "Family"]
