"""Nothing that click says of itself is English."""

from __future__ import annotations

import re
import sys

import click
import pytest
from click.testing import CliRunner

from rsoko_pipeline.cli import cli, main

from .test_commands import COMMANDS

#: Names that are Latin in Russian texts too.
_NAMES = {
    "BI",
    "Ctrl",
    "Dagster",
    "JSON",
    "SQLAlchemy",
    "URL",
    "iCalendar",
    "psql",
    "rsoko",
    "RSK",
    "ID",
    "truth",
    "csv",
}
_LATIN = re.compile(r"[A-Za-z]{2,}")


def _said_in_code(command: click.Command) -> set[str]:
    """The words of a command that are typed as they are: names of options, commands and choices."""
    own = [text for parameter in command.params for text in (*parameter.opts, *parameter.secondary_opts)]
    for parameter in command.params:
        own += getattr(parameter.type, "choices", ())
        own.append(str(parameter.default))
    if isinstance(command, click.Group):
        own += command.list_commands(click.Context(command))
    return {word for text in own for word in _LATIN.findall(text)}


@pytest.mark.parametrize(("path", "command"), COMMANDS, ids=[" ".join(path) for path, _ in COMMANDS])
def test_help_is_russian(path: tuple[str, ...], command: click.Command) -> None:
    shown = (
        CliRunner()
        .invoke(cli, [*path, "--help"], prog_name="rsoko", terminal_width=200)
        .output.partition("Примеры:")[0]
    )
    assert shown.startswith("Использование: ")
    typed = {"help", *path, *_said_in_code(command)}
    assert set(_LATIN.findall(shown)) - typed <= _NAMES


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["unknown"], "Команды «unknown» нет."),
        (["quarantine", "lis"], "Команды «lis» нет. Возможно, имелось в виду 'list'."),
        (["calendar", "--ful"], "Параметра «--ful» нет. Возможно, имелось в виду '--full'."),
        (["quarantine", "drop"], "Не указано 'НОМЕР...'."),
        (["quarantine", "drop", "1"], "Не указан параметр '--reason'."),
        (["quarantine", "drop", "один"], "Недопустимое значение 'НОМЕР...': «один» — не целое число."),
        (["demo", "--schools", "x"], "Недопустимое значение '--schools': «x» — не целое число."),
        (["demo", "--schools", "4"], "Недопустимое значение '--schools': 4 — вне границ 6<=x<=5000."),
        (["run", "--until", "nowhere"], "Недопустимое значение '--until': «nowhere» — возможны 'marts', 'reports'."),
        (["run", "--event"], "У параметра «--event» не указано значение."),
        (["ui", "--read-only=1"], "У параметра «--read-only» не бывает значения."),
        (["check", "нет такого"], "Недопустимое значение 'ФАЙЛ...': «нет такого» не существует."),
        (["db", "dump", "."], "Недопустимое значение 'ФАЙЛ': «.» — папка, а нужен файл."),
        (["db", "url", "5"], "Лишнее в конце команды: 5"),
    ],
)
def test_misuse_is_told_in_russian(
    arguments: list[str], words: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["rsoko", *arguments])
    with pytest.raises(SystemExit):
        main()
    assert capsys.readouterr().err.splitlines()[-1] == f"Ошибка: {words}"
