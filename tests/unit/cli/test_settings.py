"""Where an installation keeps its state, and the pseudonyms' key."""

from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from rsoko_pipeline.settings import Settings


def test_places_follow_the_environment(tmp_path: Path) -> None:
    settings = Settings.from_environment(
        {
            "RSOKO_HOME": str(tmp_path / "home"),
            "RSOKO_LANDING_URL": "memory://incoming",
            "RSOKO_OUTBOX_URL": str(tmp_path / "outbox"),
            "RSOKO_WAREHOUSE_URL": "postgresql://db/rsoko",
            "RSOKO_PSEUDONYM_KEY": "ключ",
        }
    )
    assert settings.home == tmp_path / "home"
    assert str(settings.landing) == "memory://incoming"
    assert Path(str(settings.outbox)) == tmp_path / "outbox"
    assert settings.warehouse_url == "postgresql://db/rsoko"
    assert settings.pseudonym_key == "ключ".encode()
    assert settings.store == tmp_path / "home" / "store"
    assert not (tmp_path / "home").exists(), "a key that is given is not kept"


def test_everything_lies_in_the_home_by_default(tmp_path: Path) -> None:
    settings = Settings.from_environment({"RSOKO_HOME": str(tmp_path), "RSOKO_WAREHOUSE_URL": ""})
    assert [Path(str(place)) for place in (settings.landing, settings.outbox)] == [
        tmp_path / "landing",
        tmp_path / "outbox",
    ]
    assert settings.warehouse_url is None
    assert Settings.from_environment({}).home.name == ".rsoko"


def test_what_the_command_line_says_wins(tmp_path: Path) -> None:
    settings = Settings.from_environment(
        {"RSOKO_HOME": "/elsewhere", "RSOKO_LANDING_URL": "/elsewhere/in"}, home=tmp_path, landing=None
    )
    assert settings.home == tmp_path
    assert str(settings.landing) == "/elsewhere/in", "None is not an answer"


def test_a_relative_home_does_not_move_with_the_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert Settings.from_environment({"RSOKO_HOME": "state"}).home == tmp_path / "state"


def test_the_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    home = tmp_path / "home"
    first = Settings.from_environment({"RSOKO_HOME": str(home)}).pseudonym_key
    assert len(first) == 64
    assert stat.S_IMODE((home / "pseudonym.key").stat().st_mode) == 0o600
    assert Settings.from_environment({"RSOKO_HOME": str(home)}).pseudonym_key == first
    assert [path.name for path in home.iterdir()] == ["pseudonym.key"]


def test_installations_have_keys_of_their_own(tmp_path: Path) -> None:
    keys = {Settings.from_environment({"RSOKO_HOME": str(tmp_path / name)}).pseudonym_key for name in "ab"}
    assert len(keys) == 2


def test_an_empty_key_is_refused(tmp_path: Path) -> None:
    (tmp_path / "pseudonym.key").touch()
    with pytest.raises(ValueError, match="пуст"):
        _ = Settings.from_environment({"RSOKO_HOME": str(tmp_path)}).pseudonym_key


def test_processes_that_race_for_the_key_get_the_same(tmp_path: Path) -> None:
    script = (
        "import sys\nfrom rsoko_pipeline.settings import Settings\n"
        "settings = Settings.from_environment(home=sys.argv[1])\n"
        "print('ready', flush=True)\nsys.stdin.readline()\nprint(settings.pseudonym_key.decode())"
    )
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", script, str(tmp_path / "home")],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for _ in range(4)
    ]  # fmt: skip
    for racer in racers:
        assert racer.stdout is not None and racer.stdout.readline() == "ready\n"
    for racer in racers:
        assert racer.stdin is not None
        racer.stdin.write("go\n")
        racer.stdin.flush()
    keys = {racer.communicate()[0].strip() for racer in racers}
    assert len(keys) == 1
    assert len(keys.pop()) == 64


def test_who_comes_second_takes_the_key_of_the_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "pseudonym.key"

    def made_meanwhile(_: int) -> str:
        path.write_text("key of the other process")
        return "own key"

    monkeypatch.setattr("secrets.token_hex", made_meanwhile)
    assert Settings.from_environment({"RSOKO_HOME": str(tmp_path)}).pseudonym_key == b"key of the other process"
