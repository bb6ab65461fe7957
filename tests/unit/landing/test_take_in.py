"""One intake, with a ledger that only remembers: what is new, what is said of what is not read."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from upath import UPath

from rsoko_pipeline import contracts
from rsoko_pipeline.configuration import Configuration, load
from rsoko_pipeline.landing import intake, parsed
from rsoko_pipeline.landing.scan import Incoming, scan
from rsoko_pipeline.landing.store import Store
from rsoko_pipeline.sources.reading import unreadable_id


class _Memory:
    """A ledger in memory: no database, no supersession."""

    def __init__(self) -> None:
        self.files = pd.DataFrame(columns=["file_id", "name", "status"], dtype="str")
        self.quarantine = pd.DataFrame()

    def known_files(self, config_version: str) -> pd.DataFrame:
        return self.files

    def active_units(self) -> pd.DataFrame:
        return contracts.table("file_unit").empty()

    def replaced_units(self, file_ids: Sequence[str]) -> pd.DataFrame:
        return contracts.table("file_unit").empty().assign(by=None)

    def forget_unreadable(self, still: Sequence[str]) -> None:
        self.still = list(still)

    def record(
        self, files: pd.DataFrame, units: pd.DataFrame, quarantine: pd.DataFrame, whole: Collection[str]
    ) -> None:
        self.files = pd.concat([self.files, files[["file_id", "name", "status"]]], ignore_index=True)
        self.quarantine = pd.concat([self.quarantine, quarantine], ignore_index=True)


@pytest.fixture(scope="module")
def cfg() -> Configuration:
    return load()


@pytest.fixture
def landing(tmp_path: Path) -> Path:
    (tmp_path / "landing").mkdir()
    return tmp_path / "landing"


@pytest.fixture
def take(landing: Path, cfg: Configuration) -> Any:
    memory, store = _Memory(), Store(landing.parent / "store")

    def run() -> tuple[intake.Intake, _Memory]:
        parsed.forget()
        taken = intake.take_in(UPath(landing), store, memory, cfg, workers=1)  # type: ignore[arg-type]
        return taken, memory

    return run


def test_content_decides_what_is_new(landing: Path, take: Any) -> None:
    (landing / "a.csv").write_text("совсем не то", encoding="utf-8")
    first, _ = take()
    assert list(first.files["status"]) == ["refused"]
    (landing / "копия.csv").write_text("совсем не то", encoding="utf-8")
    second, _ = take()
    assert second.unchanged == 1
    assert second.files[["name", "status", "code"]].to_numpy().tolist() == [
        ["копия.csv", "duplicate", "RSK-FILE-DUPLICATE"]
    ]
    assert "уже получен раньше под именем «a.csv»" in second.files["message"].iloc[0]
    third, _ = take()
    assert (third.unchanged, len(third.files)) == (2, 0)


def test_members_of_an_archive_are_files_of_their_own(landing: Path, take: Any) -> None:
    with zipfile.ZipFile(landing / "школы.zip", "w") as archive:
        archive.writestr("один.csv", "одно")
        archive.writestr("два.csv", "другое")
        archive.writestr("повтор.csv", "одно")
    taken, _ = take()
    statuses = taken.files.set_index("name")["status"].to_dict()
    assert statuses == {
        "школы.zip": "accepted",
        "школы.zip/один.csv": "refused",
        "школы.zip/два.csv": "refused",
        "школы.zip/повтор.csv": "duplicate",
    }
    again, _ = take()
    assert again.files.empty


def test_a_file_that_cannot_be_read_is_said_once_and_holds_up_nothing(
    landing: Path, take: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    (landing / "a.csv").write_text("читается", encoding="utf-8")
    closed = [
        Incoming("closed.xlsx", UPath(landing / "closed.xlsx"), None, "PermissionError", "RSK-FILE-PERMISSION"),
        Incoming("broken.xlsx", UPath(landing / "broken.xlsx"), None, "OSError"),
    ]
    monkeypatch.setattr(intake, "scan", lambda folder: [*closed, *scan(folder)])
    taken, memory = take()
    codes = taken.files.set_index("name")["code"].to_dict()
    assert codes["closed.xlsx"] == "RSK-FILE-PERMISSION"
    assert codes["broken.xlsx"] == "RSK-FILE-UNREADABLE"
    assert taken.count("refused") == 3
    assert memory.still == [unreadable_id("closed.xlsx"), unreadable_id("broken.xlsx")]
    again, _ = take()
    assert (again.unchanged, len(again.files)) == (3, 0)


def test_whatever_is_said_is_said_whole(landing: Path, take: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    (landing / "a.csv").write_text("совсем не то", encoding="utf-8")
    (landing / "b.csv").write_text("совсем не то", encoding="utf-8")
    (landing / "пусто.csv").touch()
    unreadable = Incoming("c.xlsx", UPath(landing / "c.xlsx"), None, "OSError")
    monkeypatch.setattr(intake, "scan", lambda folder: [unreadable, *scan(folder)])
    taken, memory = take()
    said = [*taken.files["message"], *memory.quarantine["message"], *memory.quarantine["remedy"]]
    assert len(said) > 8
    assert [text for text in said if pd.isna(text) or re.search(r"[{}]|\?|nan|None", text)] == []
