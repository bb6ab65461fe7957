"""What the terminal, a pipe and a script get."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pandas as pd
import pytest

from rsoko_pipeline.cli import console
from rsoko_pipeline.cli.console import Example, Progress, records, show_json, show_table
from rsoko_pipeline.program import PROGRAM, as_called, hint

HEADS = ["Школа", "Срок", "Строк"]
ROWS = pd.DataFrame(
    {
        "school": ["СОШ [1]\nг. Север", None],
        "due": [pd.Timestamp("2026-05-25").date(), pd.NaT],
        "rows": pd.array([12, None], dtype="Int32"),
    }
)


def test_a_pipe_gets_a_line_a_row(capsys: pytest.CaptureFixture[str]) -> None:
    show_table(HEADS, ROWS.itertuples(index=False), empty="пусто")
    assert capsys.readouterr().out.splitlines() == [
        "Школа             Срок        Строк",
        "СОШ [1] г. Север  25.05.2026  12",
        "",
    ]


def test_a_count_beside_nulls_is_still_a_whole_number(capsys: pytest.CaptureFixture[str]) -> None:
    show_table(["Строка", "Балл"], [(1000.0, 0.5), (float("nan"), 2.0)], empty="")
    assert capsys.readouterr().out.splitlines()[1:] == ["1000    0.5", "        2"]


def test_a_terminal_gets_a_frame_with_the_texts_as_they_are(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    show_table(HEADS, [("СОШ [/1] «Заря»", "25.05.2026", 12)], empty="пусто")
    shown = capsys.readouterr().out
    assert "СОШ [/1] «Заря»" in shown, "brackets are text, not markup"
    assert "│" in shown


def test_a_narrow_terminal_loses_nothing(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    long = "Сверхдлинноеназваниебезединогопробела" * 2
    show_table(HEADS, [(long, "25.05.2026", 12)], empty="пусто")
    shown = capsys.readouterr().out
    assert "25.05.2026" in shown
    cells = [line.split("│")[1].strip() for line in shown.splitlines() if "│" in line]
    assert "".join(cells) == long


def test_no_rows_are_said_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    show_table(HEADS, [], empty="Ничего не удержано.")
    assert capsys.readouterr().out == "Ничего не удержано.\n"


def test_json_is_for_scripts(capsys: pytest.CaptureFixture[str]) -> None:
    frame = ROWS.assign(at=pd.Timestamp("2026-05-25T10:00:00Z"))
    show_json(records(frame))
    answer = json.loads(capsys.readouterr().out)
    assert [row["school"] for row in answer] == ["СОШ [1]\nг. Север", None]
    assert [row["rows"] for row in answer] == [12, None]
    assert answer[0]["at"].startswith("2026-05-25T10:00:00")


def test_json_keeps_russian_letters(capsys: pytest.CaptureFixture[str]) -> None:
    show_json({"школа": "№ 1"})
    assert "№ 1" in capsys.readouterr().out


def test_errors_go_to_the_other_stream(capsys: pytest.CaptureFixture[str]) -> None:
    console.say_error("Прервано.")
    assert capsys.readouterr() == ("", "Прервано.\n")


def test_progress_tells_the_seconds(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    now = iter([100.0, 112.34])
    monkeypatch.setattr("time.monotonic", lambda: next(now))
    Progress()("Приём файлов")
    assert capsys.readouterr().out == "[ 12.3 с] Приём файлов\n"


# ---------------------------------------------------------------------------------------------------------- the program
@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program in a folder that is not on PATH, called from the folder above."""
    program = tmp_path / "мой регион" / ".venv" / "bin" / "rsoko"
    program.parent.mkdir(parents=True)
    program.touch(mode=0o755)
    monkeypatch.chdir(tmp_path / "мой регион")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "argv", [str(program), "demo"])
    return program


def test_commands_that_other_texts_name_are_said_as_the_user_can_type_them(installed: Path) -> None:
    text = "Сервер базы данных не отвечает. Запустите его: `rsoko db start`."
    assert as_called(text) == text.replace("rsoko", ".venv/bin/rsoko")


def test_a_process_that_a_command_starts_names_the_command_as_its_user_has_called_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "argv", ["/usr/lib/dagster/__main__.py"])
    monkeypatch.setenv(PROGRAM, ".venv/bin/rsoko")
    assert hint("quarantine list") == ".venv/bin/rsoko quarantine list"


def test_a_hint_is_what_the_user_can_type_where_they_are(installed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert hint("db url") == ".venv/bin/rsoko db url"
    monkeypatch.chdir(installed.parent)
    assert hint("db url") == "./rsoko db url", "a bare name would be looked for on PATH"
    monkeypatch.chdir(installed.parents[3])
    assert hint("ui") == "'мой регион/.venv/bin/rsoko' ui"
    monkeypatch.chdir("/")
    monkeypatch.setattr(Path, "cwd", lambda: Path("/nowhere"))
    assert hint("ui") == f"'{installed}' ui"


def test_a_program_on_path_is_called_by_its_name(installed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(installed.parent))
    assert hint("ui") == "rsoko ui"
    monkeypatch.setattr(sys, "argv", ["rsoko"])
    assert hint("ui") == "rsoko ui"


def test_a_module_is_called_by_its_interpreter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["/anywhere/rsoko_pipeline/cli/__main__.py"])
    monkeypatch.setattr(sys, "executable", "/opt/my python")
    assert hint("ui") == "'/opt/my python' -m rsoko_pipeline.cli ui"


def test_examples_of_help_can_be_typed_too(installed: Path) -> None:
    assert Example("run", "run --year 2025/2026").splitlines()[2:] == [
        "  .venv/bin/rsoko run",
        "  .venv/bin/rsoko run --year 2025/2026",
    ]
