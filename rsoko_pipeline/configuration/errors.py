"""What is wrong with the configuration, said so that an analyst can mend it.

Belongs here: the error, one problem, pydantic's complaints in Russian. Does not belong here: finding the problems.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from rsoko_pipeline.configuration.facts import block_of

_TYPE_WORDS = {
    "int": "целое число",
    "float": "число",
    "string": "текст",
    "bool": "true или false",
    "date": "дата вида 2026-04-20",
}

_NOT_YAML = "файл не читается как YAML"
_LOOK = "Проверьте отступы (только пробелы), двоеточия и кавычки в этой строке и перед ней."
_ENCODING = "Сохраните файл как обычный текст в кодировке UTF-8."
_CLOSE = "Закройте скобку; значения внутри неё разделяются запятыми."
_CLOSE_QUOTE = "Поставьте закрывающую кавычку; кавычку внутри значения запишите дважды: ''."
_QUOTE = "Возьмите значение в кавычки; отступы делайте пробелами, не табуляцией."
#: The parser's complaints by their beginning: what is wrong, what to do.
_IN_YAML = {
    "mapping values are not allowed": (
        "двоеточие там, где ключа быть не может",
        "Проверьте отступ этой строки и предыдущей; значение, в котором есть двоеточие, возьмите в кавычки.",
    ),
    "could not find expected ':'": ("после ключа нет двоеточия", "Поставьте двоеточие и пробел после ключа."),
    "did not find expected ',' or ']'": ("не закрыта квадратная скобка", _CLOSE),
    "did not find expected ',' or '}'": ("не закрыта фигурная скобка", _CLOSE),
    "found unexpected end of stream": ("не закрыта кавычка", _CLOSE_QUOTE),
    "found character that cannot start any token": ("значение начинается недопустимым знаком", _QUOTE),
    "did not find expected key": ("строка стоит не на своём отступе", "Выровняйте её по соседним ключам пробелами."),
    "did not find expected '-'": (
        "в списке стоит строка без «-»",
        "Начните её с «- » или выровняйте по ключу, к которому она относится.",
    ),
    "block sequence entries are not allowed": (
        "список начат в одной строке с ключом",
        "Перенесите «-» на следующую строку с отступом.",
    ),
    "found undefined alias": ("значение начинается со знака «*»", _QUOTE),
    "could not determine a constructor for the tag": ("значение начинается со знака «!»", _QUOTE),
    "found unknown escape character": ("обратная косая черта в двойных кавычках", "Возьмите значение в одинарные."),
    "did not find expected node content": ("на месте значения — лишний знак", _LOOK),
    "but found another document": ("в файле несколько частей, разделённых «---»", "Оставьте одну часть."),
}
#: Complaints at the end of what began earlier: the beginning is the place to look at.
_OPENED = (
    "did not find expected ',' or ']'",
    "did not find expected ',' or '}'",
    "found unexpected end of stream",
    "could not find expected ':'",
)


@dataclass(frozen=True)
class Problem:
    """One problem of the configuration.

    Attributes:
        file: name relative to the configuration's folder.
        key: path of the key, ``campaigns[2].works[0].grades``; empty when the file as a whole is meant.
        text: what is wrong.
        remedy: what to do.
        line: number of the line, None where it is not known.
        folder: the overlay that the file comes from, None for the base.
        column: place in the line, None where it is not known.
    """

    file: str
    key: str
    text: str
    remedy: str
    line: int | None = None
    folder: Path | None = None
    column: int | None = None

    def __str__(self) -> str:
        column = f", знак {self.column}" if self.column else ""
        place = self.file + (f": {self.key}" if self.key else "")
        place += f" (строка {self.line}{column})" if self.line else ""
        if self.folder:
            place += f" — из папки {self.folder}"
        return f"{place}\n    Что не так: {self.text}.\n    Что сделать: {self.remedy}"


class DuplicateKeyError(yaml.constructor.ConstructorError):
    """A key stands twice in one mapping."""

    def __init__(self, key: object, mark: yaml.Mark) -> None:
        super().__init__(None, None, f"key {key!r} stands twice", mark)
        self.key = key


class ConfigurationError(ValueError):
    """The configuration cannot be used; ``problems`` lists everything that is wrong with it."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(f"Настройка не принята, замечаний: {len(problems)}.\n" + "\n".join(map(str, problems)))

    def __reduce__(self) -> tuple[type[ConfigurationError], tuple[tuple[Problem, ...]]]:
        return type(self), (self.problems,)


def key_path(location: Sequence[str | int]) -> str:
    """``("campaigns", 2, "works")`` as ``campaigns[2].works``."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location).lstrip(".")


def line_of(text: str, location: Sequence[str | int]) -> int | None:
    """The line of the YAML ``text`` on which the key at ``location`` stands, or the nearest block around it."""
    node: yaml.Node | None = yaml.compose(text, Loader=yaml.CSafeLoader)
    line = None
    for part in location:
        if isinstance(node, yaml.MappingNode):
            pair = next((pair for pair in node.value if pair[0].value == str(part)), None)
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            pair = (node.value[part], node.value[part])
        else:
            pair = None
        if pair is None:
            break
        line, node = pair[0].start_mark.line + 1, pair[1]
    return line


def syntax_problem(file: str, error: yaml.YAMLError | UnicodeDecodeError) -> Problem:
    """What keeps a file from being read as YAML, and where: an unclosed bracket or quote where it was opened."""
    if isinstance(error, DuplicateKeyError):
        return Problem(file, "", f"ключ {error.key} записан дважды", "Оставьте одну запись.", _line(error.problem_mark))
    if not isinstance(error, yaml.MarkedYAMLError):
        return Problem(file, "", f"{_NOT_YAML}: в нём есть знаки, которых в тексте быть не может", _ENCODING)
    problem = str(error.problem)
    mark = error.problem_mark
    if problem in _OPENED and error.context_mark is not None:
        mark = error.context_mark
    known = next((words for start, words in _IN_YAML.items() if problem.startswith(start)), None)
    what, remedy = known or (f"сбой разметки [{problem}]", _LOOK)
    return Problem(
        file, "", f"{_NOT_YAML}: {what}", remedy, _line(mark), column=None if mark is None else mark.column + 1
    )


def _line(mark: yaml.Mark | None) -> int | None:
    return None if mark is None else mark.line + 1


def problems_of(error: ValidationError, file: str, text: str, model: type[BaseModel]) -> list[Problem]:
    """Pydantic's complaints about one file as problems."""
    details = error.errors()
    locations = [detail["loc"] for detail in details]
    out = []
    for detail in details:
        if detail["type"] == "too_short" and _has_deeper(detail["loc"], locations):
            continue  # the list is short only because its items are wrong, and of these there is word already
        location = tuple(part for part in detail["loc"] if part != "[key]")
        what, remedy = _in_russian(detail, model)
        out.append(Problem(file, key_path(location), what, remedy, line_of(text, location)))
    return out


def _has_deeper(location: tuple[str | int, ...], others: Sequence[tuple[str | int, ...]]) -> bool:
    return any(len(other) > len(location) and other[: len(location)] == location for other in others)


def _in_russian(detail: ErrorDetails, model: type[BaseModel]) -> tuple[str, str]:
    kind, value, context = detail["type"], detail["input"], detail.get("ctx", {})
    name = str(detail["loc"][-1]) if detail["loc"] else ""
    if kind == "rsoko":
        return context["problem"], context["remedy"]
    if kind == "missing":
        return _missing(name)
    if kind == "extra_forbidden":
        return _unknown_key(name, detail, model)
    return f"значение {_shown(value)} не подходит: {_expectation(kind, context, detail['msg'])}", "Исправьте значение."


def _missing(name: str) -> tuple[str, str]:
    if name == "source":
        return "не указан источник (source)", "Укажите source у этой записи или в начале файла: документ и пункт."
    if name == "status":
        return (
            "не указан статус (status)",
            "Укажите status у этой записи или в начале файла: official, public, second-hand, own или assumed.",
        )
    return f"нет обязательного ключа {name}", f"Добавьте ключ {name}; примеры — в config/README.md."


def _unknown_key(name: str, detail: ErrorDetails, model: type[BaseModel]) -> tuple[str, str]:
    names = _keys_at(model, detail["loc"][:-1])
    near = get_close_matches(name, names, n=1)
    hint = f"Возможно, имелось в виду {near[0]}. " if near else ""
    known = f" Здесь допустимы: {', '.join(sorted(names))}." if names else ""
    return f"неизвестный ключ {name}", f"{hint}Исправьте опечатку или уберите ключ.{known}"


def _keys_at(model: type[BaseModel], location: Sequence[str | int]) -> list[str]:
    current: type[BaseModel] | None = model
    for part in location:
        if isinstance(part, str) and current is not None and part in current.model_fields:
            current = block_of(current.model_fields[part].annotation)
    return list(current.model_fields) if current is not None else []


def _expectation(kind: str, context: dict[str, Any], message: str) -> str:
    if kind in ("literal_error", "enum"):
        return "допустимы " + context["expected"].replace(" or ", ", ")
    for word, meaning in _TYPE_WORDS.items():
        if kind.startswith(word) and kind != "string_pattern_mismatch" and "too" not in kind:
            return f"ожидается {meaning}"
    match kind:
        case "greater_than_equal":
            return f"должно быть не меньше {context['ge']}"
        case "greater_than":
            return f"должно быть больше {context['gt']}"
        case "less_than_equal":
            return f"должно быть не больше {context['le']}"
        case "string_too_short":
            return "пустой текст"
        case "string_too_long":
            return f"текст длиннее {context['max_length']} зн."
        case "too_short":
            return "список пуст"
        case "string_pattern_mismatch":
            return f"не подходит под образец {context['pattern']}"
        case "pattern_regex":
            return "это не регулярное выражение"
        case "tuple_type" | "list_type" | "frozen_set_type":
            return "ожидается список"
        case "model_type" | "model_attributes_type" | "dict_type":
            return "ожидается блок вида «ключ: значение»"
    return message


def _shown(value: Any) -> str:
    text = str(value)
    return f"«{text if len(text) <= 60 else text[:57] + '…'}»"
