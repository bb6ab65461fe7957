"""What does not belong to one procedure: the region, limits of files, subjects, texts of findings, personal data.

Belongs here: the models of ``region.yaml``, ``limits.yaml``, ``subjects.yaml``, ``findings.yaml``, ``privacy.yaml``,
``registers.yaml``.
Does not belong here: procedures (``procedures.py``), the calendar (``plan.py``).
"""

from __future__ import annotations

from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, model_validator

from rsoko_pipeline.configuration.facts import Block, Fact, Identifier, problem


class Municipality(Fact):
    """A municipality named in the configuration; as a rule they come from the register's file instead."""

    code: str
    name: str
    oktmo: str | None = None


class Region(Fact):
    """``region.yaml``: the region the system works for.

    Attributes:
        code: code of the subject of the Federation; the first two digits of a school's login.
        timezone: IANA name; days of windows and deadlines are days of this zone.
    """

    code: Annotated[str, Field(pattern=r"^\d{2,3}$")]
    name: str
    timezone: str
    municipalities: tuple[Municipality, ...] = ()

    @model_validator(mode="after")
    def _timezone_exists(self) -> Self:
        try:
            ZoneInfo(self.timezone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise problem(
                f"часового пояса «{self.timezone}» нет", "Укажите timezone по базе IANA, например Europe/Moscow."
            ) from error
        return self


class Limits(Fact):
    """``limits.yaml``: what an incoming file may cost at most; sizes in bytes, time in seconds."""

    max_file_bytes: Annotated[int, Field(gt=0)]
    max_unpacked_bytes: Annotated[int, Field(gt=0)]
    max_ratio: Annotated[float, Field(gt=1)]
    max_rows: Annotated[int, Field(gt=0)]
    max_columns: Annotated[int, Field(gt=0)]
    max_members: Annotated[int, Field(gt=0)]
    max_depth: Annotated[int, Field(ge=0)]
    seconds_per_file: Annotated[float, Field(gt=0)]
    memory_bytes: Annotated[int, Field(gt=0)]


class Subject(Fact):
    """A subject: its code, how it is called in full and in short, and how files call it."""

    code: Identifier
    name: str
    short: str
    aliases: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Every way of writing the subject: name, short name, aliases, code."""
        return (self.name, self.short, *self.aliases, self.code)


class SubjectsFile(Fact):
    """``subjects.yaml``."""

    subjects: tuple[Subject, ...]


class FindingText(Block):
    """An entry of the catalogue of findings; ``rsoko_pipeline.findings`` uses it, here it is only checked."""

    severity: Literal["error", "warning", "info"]
    scope: Literal["file", "unit", "row", "none"]
    message: str
    remedy: str
    releasable: bool = True


class FindingsFile(Fact):
    """``findings.yaml``."""

    findings: dict[Annotated[str, Field(pattern=r"^RSK(-[A-Z0-9]+)+$")], FindingText]


class PersonalHeader(Fact):
    """A header whose column is never read, and what such a column holds of a person."""

    pattern: str
    what: str


class AgeSpan(Block):
    """Ages, in years, at which a date in a file is taken for somebody's birthday."""

    youngest: Annotated[int, Field(ge=0)]
    oldest: Annotated[int, Field(gt=0)]


class PrivacyFile(Fact):
    """``privacy.yaml``; ``rsoko_pipeline.privacy`` uses it, here it is only checked."""

    headers: tuple[PersonalHeader, ...]
    shown_words: tuple[str, ...]
    organisation_words: tuple[str, ...]
    birth_age: AgeSpan
    dedications: tuple[str, ...]
    first_names: tuple[str, ...]


Points = Annotated[float, Field(ge=0, le=100)]


class RegistersFile(Fact):
    """``registers.yaml``; ``rsoko_pipeline.landing.candidates`` uses it, here it is only checked."""

    candidates: Annotated[int, Field(ge=1, le=5)]
    least_score: Points
    same_place: Points
    other_place: Points
    other_number: Points
    common_words: tuple[str, ...]
    short_forms: dict[str, str]
