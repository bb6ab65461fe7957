"""What every block of the configuration shares: frozen, no unknown keys, a source and a status for every fact.

Belongs here: the base models, types that many blocks use, the list of statuses, how a fact inherits its source from
the block around it. Does not belong here: the blocks themselves, reading files (``loader.py``).
"""

from __future__ import annotations

import re
import types
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

Status = Literal["official", "public", "second-hand", "own", "assumed"]

#: Statuses from the surest to the weakest, with the word a reader of a report sees.
STATUS_RU: dict[str, str] = {
    "official": "официальный документ",
    "public": "опубликовано",
    "second-hand": "из вторых рук",
    "own": "установлено пользователем",
    "assumed": "предположение",
}
_WEAKNESS = {status: place for place, status in enumerate(STATUS_RU)}


def weakest(*statuses: Status) -> Status:
    """The least sure of the statuses: what a value put together from several facts may be called."""
    return max(statuses, key=_WEAKNESS.__getitem__)


def problem(text: str, remedy: str) -> PydanticCustomError:
    """A complaint of a model's own check, in Russian, with what to do."""
    return PydanticCustomError("rsoko", "{problem}", {"problem": text, "remedy": remedy})


def _identifier(value: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_]*", value):
        raise problem(
            f"код «{value}» не подходит",
            "Код — латинские строчные буквы, цифры и подчёркивание, первой стоит буква: vpr, ru, vpr_f1.",
        )
    return value


Identifier = Annotated[str, AfterValidator(_identifier)]
Grade = Annotated[int, Field(ge=0, le=12)]
Year = Annotated[int, Field(ge=1990, le=2100)]
Share = Annotated[float, Field(ge=0, le=1)]


class Block(BaseModel):
    """A block of a configuration file: immutable, an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_min_length=1)


class Fact(Block):
    """A block that states facts.

    Attributes:
        source: document and point, or place, the facts are taken from.
        status: how sure they are, see ``STATUS_RU``.
    """

    source: str
    status: Status


def inherit(raw: Any, model: type[BaseModel], source: Any = None, status: Any = None) -> Any:
    """Hand ``source`` and ``status`` down from a block of raw YAML to every fact inside it that has none of its own.

    Args:
        raw: what YAML gave for ``model``; anything but a mapping is returned as it is, for pydantic to complain of.
        model: the model that ``raw`` will be checked against.
        source, status: what the enclosing block says.
    """
    if not isinstance(raw, dict):
        return raw
    source, status = raw.get("source", source), raw.get("status", status)
    out = dict(raw)
    if issubclass(model, Fact):
        out.update({key: value for key, value in (("source", source), ("status", status)) if value is not None})
    for name, child in _children(model):
        value = raw.get(name)
        if isinstance(value, list):
            out[name] = [inherit(item, child, source, status) for item in value]
        elif isinstance(value, dict):
            out[name] = inherit(value, child, source, status)
    return out


@cache
def _children(model: type[BaseModel]) -> tuple[tuple[str, type[BaseModel]], ...]:
    """The fields of ``model`` that hold one block or a list of blocks, each with the block's model."""
    pairs = ((name, block_of(field.annotation)) for name, field in model.model_fields.items())
    return tuple((name, block) for name, block in pairs if block)


def block_of(annotation: Any) -> type[BaseModel] | None:
    """The model inside an annotation such as ``Work | None`` or ``tuple[Work, ...]``; None where there is none."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if get_origin(annotation) in (tuple, Union, types.UnionType):
        return next((block for part in get_args(annotation) if (block := block_of(part))), None)
    return None
