"""The commands on a finished installation: what they print, what they answer to scripts, exit codes."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from rsoko_pipeline import cli
from rsoko_pipeline.landing import parsed

from ..installation import Installation

EVENT = "2026-vpr-ru-4"
DONE, FINDINGS, MISUSE, FAILURE = 0, 1, 2, 3

#: Arguments → exit code, standard output, standard error.
Rsoko = Callable[..., tuple[int, str, str]]


@pytest.fixture
def rsoko(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[[Installation], Rsoko]:
    """The command line on an installation, as the shell calls it."""

    def on(installation: Installation) -> Rsoko:
        monkeypatch.setenv("RSOKO_HOME", str(installation.settings.home))
        monkeypatch.setenv("RSOKO_WAREHOUSE_URL", str(installation.settings.warehouse_url))
        monkeypatch.setenv("RSOKO_PSEUDONYM_KEY", str(installation.settings.secret))
        for name in ("RSOKO_LANDING_URL", "RSOKO_OUTBOX_URL"):
            monkeypatch.delenv(name, raising=False)

        def call(*arguments: str) -> tuple[int, str, str]:
            parsed.forget()
            capsys.readouterr()
            monkeypatch.setattr("sys.argv", ["rsoko", *arguments])
            with pytest.raises(SystemExit) as ended:
                cli.main()
            said = capsys.readouterr()
            assert isinstance(ended.value.code, int)
            return ended.value.code, said.out, said.err

        return call

    return on


def test_run_says_that_there_is_nothing_new(finished: Installation, rsoko: Callable[[Installation], Rsoko]) -> None:
    assert rsoko(finished)("run") == (DONE, "Во входящих ничего нового, всё собрано.\n", "")


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("run", "--event", "2026-vpr-xx-4"), "2026-vpr-xx-4"),
        (("run", "--year", "1999/2000"), "1999/2000"),
        (("calendar", "--year", "1999/2000"), "1999/2000"),
        (("quarantine", "show", "1"), "rsoko quarantine list"),
        (("quarantine", "release", "1", "--reason", " "), "--reason"),
        (("check", "нет такого файла.xlsx"), "нет такого файла.xlsx"),
    ],
)
def test_misuse_says_what_is_wrong_and_where_to_look(
    finished: Installation, rsoko: Callable[[Installation], Rsoko], arguments: tuple[str, ...], word: str
) -> None:
    code, out, err = rsoko(finished)(*arguments)
    assert code == MISUSE and out == ""
    assert word in err and "Traceback" not in err


def test_status_lists_what_is_to_be_done_and_says_the_same_to_scripts(
    finished_soiled: Installation, rsoko: Callable[[Installation], Rsoko]
) -> None:
    call = rsoko(finished_soiled)
    code, text, _ = call("status")
    again, said, _ = call("status", "--json")
    assert code == again == FINDINGS
    state = json.loads(said)
    assert state["ok"] is False and state["pending"] == []
    assert state["refused"] == [], "the empty form's school has its data in Ф1"
    assert {row["code"] for row in state["held"]} >= {"RSK-SUM", "RSK-SCORE-MAX"}
    assert "Карантин" in text and "Не принятые файлы" not in text


def test_status_tells_of_an_event_whose_input_changed(
    soiled_copy: Installation, rsoko: Callable[[Installation], Rsoko]
) -> None:
    call = rsoko(soiled_copy)
    number = str(_held(call, "RSK-SUM")["quarantine_id"])
    assert call("quarantine", "release", number, "--reason", "сверено", "--no-run")[0] == DONE
    assert len(json.loads(call("status", "--json")[1])["pending"]) == 1
    assert "rsoko run" in call("status")[1]


def test_calendar_knows_what_is_loaded(
    finished: Installation, rsoko: Callable[[Installation], Rsoko], tmp_path: Path
) -> None:
    call = rsoko(finished)
    code, said, _ = call("calendar", "--year", "2025/2026", "--json")
    plan = json.loads(said)
    assert code == DONE and len(plan["events"]) > 13
    assert plan["measures"] and plan["plan_findings"]
    file = tmp_path / "vpr.ics"
    assert call("calendar", "--year", "2025/2026", "--ics", str(file))[0] == DONE
    assert file.read_bytes().startswith(b"BEGIN:VCALENDAR\r\n")
    assert call("calendar")[0] == DONE


def _held(call: Rsoko, code: str) -> pd.Series:
    exit_code, said, _ = call("quarantine", "list", "--code", code, "--json")
    assert exit_code == FINDINGS
    rows = pd.DataFrame(json.loads(said))
    assert set(rows["code"]) == {code}
    return rows.iloc[0]


def test_quarantine_lists_shows_releases_and_drops(
    soiled_copy: Installation, rsoko: Callable[[Installation], Rsoko]
) -> None:
    call = rsoko(soiled_copy)
    wrong_sum, over = _held(call, "RSK-SUM"), _held(call, "RSK-SCORE-MAX")
    code, text, _ = call("quarantine", "list", "--limit", "2")
    assert code == FINDINGS and "… и ещё" in text and len(text.splitlines()) == 4

    number = str(wrong_sum["quarantine_id"])
    short = text.splitlines()[1].split()[0]
    assert call("quarantine", "show", short)[0] == DONE and len(short) < len(number)
    code, text, _ = call("quarantine", "show", number)
    assert code == DONE and "RSK-SUM" in text and str(int(wrong_sum["row_number"])) in text and "Что сделать" in text

    place = {"f": wrong_sum["file_id"], "r": int(wrong_sum["row_number"]), "s": wrong_sum["sheet"]}
    stored = "select count(*) from core.fact_result where file_id = :f and row_number = :r and sheet = :s"
    assert soiled_copy.one(stored, **place) == 0
    code, text, _ = call("quarantine", "release", number, "--reason", "сверено с бланком", "--by", "Иванова")
    assert code in (DONE, FINDINGS)
    assert "Выпущено: 1. Решил: Иванова. Причина: сверено с бланком" in text and "собрано 1," in text
    assert soiled_copy.one(stored, **place) == 1, "the row went the same way as any other"
    assert soiled_copy.ask(
        "select action, released_by, reason from ops.quarantine where quarantine_id = :q", q=int(number)
    ) == [("released", "Иванова", "сверено с бланком")]

    number = str(over["quarantine_id"])
    assert call("quarantine", "drop", number, "--reason", "дубль", "--by", "Петров")[0] == DONE
    assert soiled_copy.one("select action from ops.quarantine where quarantine_id = :q", q=int(number)) == "dropped"
    code, text, _ = call("quarantine", "drop", number, "--reason", "ещё раз")
    assert code == FINDINGS and f"Не найдены среди удержанных: {number}" in text


def test_what_could_not_be_read_cannot_be_released_and_is_recalled_until_it_is_dropped(
    soiled_copy: Installation, rsoko: Callable[[Installation], Rsoko]
) -> None:
    call = rsoko(soiled_copy)
    (soiled_copy.landing / "протокол.xlsx").touch()
    soiled_copy.run(until="marts")
    refused = [(row["name"], row["code"]) for row in json.loads(call("status", "--json")[1])["refused"]]
    assert refused == [("протокол.xlsx", "RSK-FILE-EMPTY")]
    number = str(_held(call, "RSK-FILE-EMPTY")["quarantine_id"])
    code, _, err = call("quarantine", "release", number, "--reason", "и так сойдёт")
    assert code == MISUSE and "Нужен исправленный файл" in err
    held = "select action from ops.quarantine where quarantine_id = :q"
    assert soiled_copy.one(held, q=int(number)) == "held"
    assert call("quarantine", "drop", number, "--reason", "прислан по ошибке")[0] == DONE
    assert json.loads(call("status", "--json")[1])["refused"] == []


def test_check_answers_people_and_scripts(
    finished: Installation, rsoko: Callable[[Installation], Rsoko], soiled: Path, tmp_path: Path
) -> None:
    call = rsoko(finished)
    shutil.copy(next((finished.landing / "2025-2026" / EVENT).glob("Ф3*")), tmp_path / "Ф3.xlsx")
    (tmp_path / "~$Ф3.xlsx").write_bytes(b"lock")
    code, text, _ = call("check", str(tmp_path))
    assert code == DONE and "Ф3 «Статистика по отметкам»" in text and "~$" not in text
    empty = next(path for path in soiled.rglob("Форма*.xlsx"))
    code, said, _ = call("check", str(tmp_path / "Ф3.xlsx"), str(empty), "--json")
    good, bad = json.loads(said)
    assert code == FINDINGS
    assert (good["ok"], good["name"]) == (True, "Ф3.xlsx")
    assert bad["ok"] is False and [finding["code"] for finding in bad["findings"]] == ["RSK-FORM-EMPTY"]


def test_the_warehouses_address_is_printed(finished: Installation, rsoko: Callable[[Installation], Rsoko]) -> None:
    code, out, _ = rsoko(finished)("db", "url")
    assert code == DONE and out.startswith("postgresql+psycopg2://")
    assert str(finished.engine.url.database) in out


def test_a_server_that_is_not_there_is_a_failure_in_a_sentence(
    finished: Installation, rsoko: Callable[[Installation], Rsoko], monkeypatch: pytest.MonkeyPatch
) -> None:
    call = rsoko(finished)
    monkeypatch.setenv("RSOKO_WAREHOUSE_URL", "postgresql://nobody@127.0.0.1:1/none")
    code, _, err = call("status")
    assert code == FAILURE
    assert "Traceback" not in err and "RSOKO_DEBUG" in err
    assert any("а" <= letter <= "я" for letter in err.splitlines()[0])
