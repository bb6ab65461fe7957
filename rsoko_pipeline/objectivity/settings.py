"""Settings of the signs: ``config/objectivity.yaml``, checked.

Belongs here: the shape of the file and its loading. Does not belong here: the numbers themselves (the file).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
import yaml
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from rsoko_pipeline.configuration.errors import ConfigurationError, Problem, key_path, problems_of, syntax_problem
from rsoko_pipeline.configuration.facts import Fact, problem
from rsoko_pipeline.configuration.places import base_folder, config_file

_Share = Annotated[float, Field(ge=0, le=1)]
FILE = "objectivity.yaml"
#: «Family» of signs that are shown beside the evidence and never enter it.
APART = "-"
#: The signs that are computed: the file has the words and limits of each, and of no other.
SIGNS = (
    *("BUNCH", "BUNCH_REGION", "ITEM", "LENIENT", "PF", "SIM", "MEAN", "JUMP", "LOW_SD", "SAME", "UP", "ABSENCE"),
    *("OBSERVED", "REMARK", "STAGE"),
)
_WHOLE = "Файл своей папки заменяет поставляемый целиком: скопируйте config/objectivity.yaml и измените в копии нужное."


class _Block(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Family(_Block):
    """A family of signs that look at the same thing."""

    title: str
    weight: Annotated[float, Field(gt=0)]


class SignText(_Block):
    """One sign as the file has it."""

    title: str
    family: str
    weight: Annotated[float, Field(gt=0)] = 1.0
    min_n: Annotated[int, Field(ge=1)]
    min_variance: Annotated[float, Field(ge=0)] = 0.0
    meaning: str
    comparison: str
    alternatives: Annotated[tuple[str, ...], Field(min_length=1)]


class Compatibility(_Block):
    """Rules in common use; shown only where switched on."""

    enabled: bool
    mean_interval: _Share
    border_ratio: Annotated[float, Field(gt=1)]
    journal_share: _Share


class Remarking(_Block):
    """Plan of re-marking and what counts as its confirmation."""

    budget: Annotated[int, Field(ge=0)]
    random_works: Annotated[int, Field(ge=0)]
    below: Annotated[int, Field(ge=0)]
    above: Annotated[int, Field(ge=0)]
    controls_high: _Share
    kappa_below: _Share
    bias_share: _Share
    lowered_p: _Share
    control_works: Annotated[int, Field(ge=1)]
    confirmed_by: Annotated[tuple[Literal["kappa", "bias", "lowered"], ...], Field(min_length=1)]


class CohortWork(_Block):
    """Works of a procedure; without a subject, or grade, of any."""

    procedure: str
    subject: str | None = None
    grade: Annotated[int, Field(ge=1, le=11)] | None = None


class CohortLink(Fact):
    """Which work the same pupils wrote ``lag`` school years before another.

    ``before`` without a subject means the same one, without a grade that ``lag`` grades below.
    """

    title: str
    now: CohortWork
    before: CohortWork
    lag: Annotated[int, Field(ge=0)]

    @model_validator(mode="after")
    def _is_another_work(self) -> CohortLink:
        if self.lag == 0 and self.before.subject is None and self.before.procedure == self.now.procedure:
            raise ValueError("работа связана сама с собой: укажите другой предмет, процедуру или lag больше 0")
        return self


class SignSettings(_Block):
    """What a sign needs to know: its own least n and what all share."""

    min_n: int
    min_variance: float
    min_pooled: int
    min_reference: int
    trim: float


class Settings(_Block):
    """The whole file; the meaning of every key stands beside it there."""

    caption: str
    informative_p: _Share
    strong_p: _Share
    q_weak: _Share
    q_flag: _Share
    never_alone: tuple[str, ...]
    min_pooled: Annotated[int, Field(ge=2)]
    min_school: Annotated[int, Field(ge=2)]
    min_reference: Annotated[int, Field(ge=3)]
    trim: Annotated[float, Field(ge=0, le=0.2)]
    max_class: Annotated[int, Field(ge=5)]
    families: dict[str, Family]
    signs: dict[str, SignText]
    cohort_links: tuple[CohortLink, ...]
    not_assessed: frozenset[str]
    compatibility: Compatibility
    remarking: Remarking

    @field_validator("signs")
    @classmethod
    def _signs_are_those_computed(cls, signs: dict[str, SignText]) -> dict[str, SignText]:
        if missing := [name for name in SIGNS if name not in signs]:
            raise problem(f"нет признаков: {', '.join(missing)}", _WHOLE)
        if unknown := sorted(set(signs) - set(SIGNS)):
            raise problem(f"таких признаков нет: {', '.join(unknown)}", f"Известны: {', '.join(SIGNS)}.")
        return signs

    @model_validator(mode="after")
    def _families_are_known(self) -> Settings:
        unknown = {sign.family for sign in self.signs.values()} - set(self.families) - {APART}
        if unknown:
            raise ValueError(f"семейства нет в families: {', '.join(sorted(unknown))}")
        return self

    def weights(self, signs: Sequence[str]) -> NDArray[np.float64]:
        """The weights of some signs inside their family."""
        return np.array([self.signs[name].weight for name in signs])

    @property
    def family_weights(self) -> NDArray[np.float64]:
        """The families' weights in the order of the file."""
        return np.array([family.weight for family in self.families.values()])

    def of(self, sign: str) -> SignSettings:
        """The settings of one sign."""
        text = self.signs[sign]
        return SignSettings(
            min_n=text.min_n,
            min_variance=text.min_variance,
            min_pooled=self.min_pooled,
            min_reference=self.min_reference,
            trim=self.trim,
        )


def load(path: Path | None = None) -> Settings:
    """Read and check the file, by default the configuration's own; read once while it does not change.

    As with every file of the configuration, that of the last folder takes the place of the others as a whole.

    Raises:
        ConfigurationError: the file does not have the shape above; names the key and the remedy.
    """
    path = config_file(FILE) if path is None else path
    return _parsed(path, path.read_text(encoding="utf-8"))


@lru_cache(maxsize=8)
def _parsed(path: Path, text: str) -> Settings:
    try:
        return Settings.model_validate(yaml.load(text, Loader=yaml.CSafeLoader))
    except yaml.YAMLError as error:
        found = [syntax_problem(path.name, error)]
        raise ConfigurationError(_placed(found, path)) from error
    except ValidationError as error:
        raise ConfigurationError(_placed(_problems(error, path.name, text), path)) from error


def _problems(error: ValidationError, name: str, text: str) -> list[Problem]:
    """What is wrong; the keys that are not there are one problem, however many."""
    missing = [key_path(detail["loc"]) for detail in error.errors() if detail["type"] == "missing"]
    found = [one for one in problems_of(error, name, text, Settings) if one.key not in missing]
    if missing:
        found.insert(0, Problem(name, "", f"нет обязательных ключей: {', '.join(missing)}", _WHOLE))
    return found


def _placed(problems: list[Problem], path: Path) -> list[Problem]:
    """The problems with the folder that the file is from, where that is not the shipped one."""
    folder = None if path.parent == base_folder() else path.parent
    return [replace(one, folder=folder) for one in problems]
