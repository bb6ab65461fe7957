"""What click itself says, in Russian: usage, headings, standard options, misuse.

Belongs here: click's own sentences and the names of its types. Does not belong here: what our commands say.

Click asks ``gettext`` for every sentence; a catalogue for it would have to be compiled, installed and asked for by the
locale. ``speak`` gives click's modules the catalogue below instead, whatever the locale is.
"""

from __future__ import annotations

import gettext
import sys
from typing import Any

import click

_SENTENCES = {
    "Usage:": "Использование:",
    "Options": "Параметры",
    "Commands": "Команды",
    "Positional arguments": "Что указать",
    "Show this message and exit.": "Показать эту справку и выйти.",
    "Show the version and exit.": "Показать версию и выйти.",
    "Confirm the action without prompting.": "Выполнить без вопроса.",
    "default: {default}": "по умолчанию: {default}",
    "env var: {var}": "переменная среды: {var}",
    "required": "обязательно",
    "Try '{command} {option}' for help.": "Справка: {command} {option}",
    "Error: {message}": "Ошибка: {message}",
    "Error: invalid input": "Ответьте y (да) или n (нет).",
    "Missing command.": "Не указана команда.",
    "Missing argument": "Не указано",
    "Missing option": "Не указан параметр",
    "Missing parameter": "Не указано",
    "Choose from:\n\t{choices}": "Возможны:\n\t{choices}",
    "No such command {name!r}.": "Команды «{name}» нет.",
    "No such option {name!r}.": "Параметра «{name}» нет.",
    "Did you mean {possibility}?": "Возможно, имелось в виду {possibility}.",
    "(Did you mean one of: {possibilities}?)": "Возможно, имелось в виду одно из: {possibilities}.",
    "Got unexpected extra argument ({args})": "Лишнее в конце команды: {args}",
    "Got unexpected extra arguments ({args})": "Лишнее в конце команды: {args}",
    "Option {name!r} does not take a value.": "У параметра «{name}» не бывает значения.",
    "Option {name!r} requires an argument.": "У параметра «{name}» не указано значение.",
    "Option {name!r} requires {nargs} arguments.": "У параметра «{name}» должно быть значений: {nargs}.",
    "Argument {name!r} takes {nargs} values.": "В «{name}» должно быть значений: {nargs}.",
    "Takes {nargs} values but 1 was given.": "должно быть значений: {nargs}, указано 1.",
    "Takes {nargs} values but {len} were given.": "должно быть значений: {nargs}, указано {len}.",
    "Invalid value: {message}": "Недопустимое значение: {message}",
    "Invalid value for {param_hint}: {message}": "Недопустимое значение {param_hint}: {message}",
    "{value!r} is not {choice}.": "«{value}» — возможно только {choice}.",
    "{value!r} is not one of {choices}.": "«{value}» — возможны {choices}.",
    "{value!r} is not a valid {number_type}.": "«{value}» — не {number_type}.",
    "{value} is not in the range {range}.": "{value} — вне границ {range}.",
    "file": "файл",
    "directory": "папка",
    "path": "путь",
    "{name} {filename!r} does not exist.": "«{filename}» не существует.",
    "{name} {filename!r} is a file.": "«{filename}» — файл, а нужна папка.",
    "{name} {filename!r} is a directory.": "«{filename}» — папка, а нужен файл.",
    "{name} {filename!r} is not readable.": "«{filename}» нельзя прочитать: нет прав.",
    "{name} {filename!r} is not writable.": "В «{filename}» нельзя записать: нет прав.",
    "Could not open file {filename!r}: {message}": "Файл «{filename}» не открывается: {message}",
}
_TYPES: dict[Any, str] = {
    click.INT: "целое число",
    click.IntRange: "целое число",
    click.FloatRange: "число",
    click.STRING: "текст",
}
#: The parts of the line of usage that click writes for every command.
_PIECES = {"[OPTIONS]": "[ПАРАМЕТРЫ]", "COMMAND [ARGS]...": "КОМАНДА [ЕЁ ПАРАМЕТРЫ]..."}
_SPEAKING = ("core", "decorators", "exceptions", "formatting", "parser", "termui", "types")


class _Catalogue(gettext.NullTranslations):
    """The sentences above; what is not among them stays as it is."""

    def gettext(self, message: str) -> str:
        return _SENTENCES.get(message, message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self.gettext(msgid1 if n == 1 else msgid2)


class Command(click.Command):
    """A command whose line of usage is Russian."""

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        """The pieces of the line of usage."""
        return [_PIECES.get(piece, piece) for piece in super().collect_usage_pieces(ctx)]


class Group(Command, click.Group):
    """A group of such commands."""

    command_class = Command


def speak() -> None:
    """Make click speak Russian: before any command is declared, since some sentences are taken then."""
    catalogue = _Catalogue()
    for name in _SPEAKING:
        module: Any = sys.modules[f"click.{name}"]
        module._ = catalogue.gettext
        if hasattr(module, "ngettext"):
            module.ngettext = catalogue.ngettext
    for kind, title in _TYPES.items():
        kind.name = title
