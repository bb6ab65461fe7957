"""The command line as a whole: help at once and in Russian, exit codes, sentences instead of traces."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from rsoko_pipeline import cli as commands
from rsoko_pipeline.cli import cli, main
from rsoko_pipeline.cli.console import FAILURE, MISUSE
from rsoko_pipeline.warehouse.admin import ROLES


def _walk(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            assert found is not None
            yield from _walk(found, (*path, name))


COMMANDS = list(_walk(cli))


@pytest.mark.parametrize(("path", "command"), COMMANDS, ids=[" ".join(path) for path, _ in COMMANDS])
def test_every_command_explains_itself_in_russian(path: tuple[str, ...], command: click.Command) -> None:
    shown = CliRunner().invoke(cli, [*path, "--help"])
    assert shown.exit_code == 0
    assert "Примеры:" in shown.output
    assert f"rsoko {' '.join(path)}".rstrip() in shown.output
    assert command.help and any("а" <= letter <= "я" for letter in command.help)
    for parameter in command.params:
        if isinstance(parameter, click.Option) and parameter.name not in ("help", "version", "yes"):
            assert parameter.help, f"{path}: {parameter.name}"


def test_help_imports_nothing_heavy() -> None:
    script = (
        "import sys\nfrom rsoko_pipeline.cli import cli\ncli(['--help'], standalone_mode=False)\n"
        "heavy = {'pandas', 'dagster', 'sqlalchemy', 'great_expectations'} & set(sys.modules)\n"
        "sys.exit(', '.join(sorted(heavy)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_roles_are_the_warehouses() -> None:
    grant = dict(COMMANDS)["db", "grant"]
    (role,) = (parameter for parameter in grant.params if parameter.name == "role")
    assert isinstance(role.type, click.Choice)
    assert tuple(role.type.choices) == ROLES


def _run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["rsoko", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0)


@pytest.mark.parametrize(
    "arguments", [("unknown",), ("run", "--until", "nowhere"), ("calendar", "--year", "1999/2000"), ("check", "absent")]
)
def test_misuse_is_code_2(monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]) -> None:
    assert _run(monkeypatch, *arguments) == MISUSE


def test_a_year_that_is_not_there_names_those_that_are(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _run(monkeypatch, "calendar", "--year", "1999/2000")
    said = capsys.readouterr().err
    assert "учебного года «1999/2000» нет в календаре" in said
    assert "2025/2026" in said


def _said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: Exception) -> str:
    def fail(**_: object) -> None:
        raise error

    monkeypatch.setattr(commands.cli, "main", fail)
    assert _run(monkeypatch) == FAILURE
    return capsys.readouterr().err


def test_a_failure_is_a_sentence_not_a_trace(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("RSOKO_DEBUG", raising=False)
    said = _said(monkeypatch, capsys, RuntimeError("Сервер не отвечает."))
    assert said.splitlines()[0] == "Сервер не отвечает."
    assert "Traceback" not in said
    assert _said(monkeypatch, capsys, KeyError("mark")).startswith("Непредвиденная ошибка. KeyError: 'mark'")


def test_debugging_gets_the_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(**_: object) -> None:
        raise RuntimeError("Сервер не отвечает.")

    monkeypatch.setattr(commands.cli, "main", fail)
    monkeypatch.setenv("RSOKO_DEBUG", "1")
    with pytest.raises(RuntimeError, match="не отвечает"):
        main()


# -------------------------------------------------------------------------------------------------------- calendar
@pytest.fixture
def new_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RSOKO_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("RSOKO_WAREHOUSE_URL", raising=False)
    return tmp_path / "home"


def _lines(*arguments: str) -> list[str]:
    done = CliRunner().invoke(cli, ["calendar", "--year", "2025/2026", *arguments], standalone_mode=False)
    assert done.exception is None
    return done.stdout.splitlines()


def _tables(lines: list[str]) -> dict[str, list[str]]:
    """The tables of a command's output by title; the first one has none. A title says how many rows there are."""
    out: dict[str, list[str]] = {"": []}
    title = ""
    for before, line in pairwise(["x", *lines]):
        if line and not before:
            title, _, count = line.partition(": ")
            assert int(count) > 0
            out[title] = []
        elif line:
            out[title].append(line)
    return out


def test_the_calendar_is_a_summary_unless_all_is_asked_for(new_home: Path) -> None:
    summary, full = _tables(_lines()), _tables(_lines("--full"))
    heads = re.split(r"\s{2,}", summary[""][0])
    assert heads[:3] == ["Срок", "Что должно быть", "Процедура"]
    assert re.split(r"\s{2,}", full[""][0])[:3] == ["Событие", "Что", "Окно проведения"]
    assert len(summary[""]) + 100 < len(full[""])
    assert any(line.startswith("2026-vpr-ru-4 ") for line in full[""])
    at = summary[""][0].index(heads[4])
    events = sum(int(line[at:].split()[0]) for line in summary[""][1:])
    assert events == len(full[""]) - 1, "the summary counts every deadline of the full plan"


def test_the_calendar_shows_deadlines_of_plans_and_what_is_wrong_with_the_plans(new_home: Path) -> None:
    tables = _tables(_lines("--full"))
    assert set(tables) == {"", "Сроки планов мероприятий", "Замечания к планам"}
    assert any("01.11.2025  Демонстрационная область" in line for line in tables["Сроки планов мероприятий"])
    assert any("RSK-PLAN-UNDATED" in line for line in tables["Замечания к планам"])
    plan = json.loads("\n".join(_lines("--json")))
    assert set(plan) == {"events", "measures", "plan_findings"}
    assert len(plan["measures"]) == len(tables["Сроки планов мероприятий"]) - 1


def test_a_year_that_only_plans_speak_of_can_be_asked_for(new_home: Path) -> None:
    done = CliRunner().invoke(cli, ["calendar", "--year", "2022/2023"], standalone_mode=False)
    assert done.exception is None
    assert "В этом учебном году событий нет." in done.stdout
    assert "RSK-PLAN-DAY" in done.stdout and "30.11.2022" in done.stdout


def test_the_calendar_alone_starts_no_server(new_home: Path) -> None:
    _lines()
    assert not new_home.exists()


def test_the_calendar_as_icalendar(new_home: Path, tmp_path: Path) -> None:
    _lines("--ics", str(tmp_path / "vpr.ics"))
    assert (tmp_path / "vpr.ics").read_bytes().startswith(b"BEGIN:VCALENDAR\r\n")


def test_a_school_year_that_the_calendar_lacks_cannot_be_simulated(tmp_path: Path) -> None:
    said = CliRunner().invoke(cli, ["simulate", "--out", str(tmp_path / "landing"), "--year", "1999/2000"])
    assert said.exit_code == MISUSE and "1999/2000" in said.output and "2025/2026" in said.output
    assert not (tmp_path / "landing").exists()
