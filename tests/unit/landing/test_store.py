"""The store and the scan: content decides, names never become paths, nothing half-written stays."""

from __future__ import annotations

import hashlib
import io
import os
from pathlib import Path

import pytest
from upath import UPath

from rsoko_pipeline.disk import NoRoomError
from rsoko_pipeline.landing.scan import fingerprint, scan
from rsoko_pipeline.landing.store import Store


class _FullDisk(io.BytesIO):
    """A stream whose reader runs out of disk after the first block."""

    def read(self, size: int | None = -1) -> bytes:
        if self.tell():
            raise OSError(28, "No space left on device")
        return super().read(10)


def test_content_lies_under_its_hash(tmp_path: Path) -> None:
    stored = Store(tmp_path).put(io.BytesIO(b"content"))
    assert stored.file_id == hashlib.sha256(b"content").hexdigest()
    assert stored.path.read_bytes() == b"content"
    assert stored.size == 7
    assert stored.path.parent.name == stored.file_id[:2]


def test_known_content_is_not_read_again(tmp_path: Path) -> None:
    store = Store(tmp_path)
    stored = store.put(io.BytesIO(b"content"))
    assert store.put(_FullDisk(b"never read twice"), stored.file_id) == stored


def test_full_disk_leaves_nothing(tmp_path: Path) -> None:
    store = Store(tmp_path)
    with pytest.raises(NoRoomError, match=f"На диске кончилось место.*{tmp_path}"):
        store.put(_FullDisk(b"x" * 100))
    assert list(tmp_path.rglob("*")) == []


def test_sweep_removes_what_a_killed_process_left(tmp_path: Path) -> None:
    store = Store(tmp_path)
    kept = store.put(io.BytesIO(b"content"))
    abandoned, growing = tmp_path / ".incoming-abandoned", tmp_path / ".incoming-growing"
    for path in (abandoned, growing):
        path.write_bytes(b"half")
    os.utime(abandoned, (1, 1))
    assert store.sweep() == 1
    assert {path for path in tmp_path.rglob("*") if path.is_file()} == {kept.path, growing}


def test_there_is_nothing_to_sweep_in_a_store_that_is_not_there(tmp_path: Path) -> None:
    assert Store(tmp_path / "absent").sweep() == 0


def test_scan_passes_over_locks_and_unfinished(tmp_path: Path) -> None:
    for name in ("a.xlsx", "~$a.xlsx", ".hidden", "b.part", "sub/c.csv", ".git/d", "sub/.later/e.xlsx"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    assert [item.name for item in scan(UPath(tmp_path))] == ["a.xlsx", "sub/c.csv"]


def test_fingerprint_follows_content_not_time(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("one")
    before = fingerprint(scan(UPath(tmp_path)))
    os.utime(path, (1, 1))
    assert fingerprint(scan(UPath(tmp_path))) == before
    path.write_text("two")  # the same size
    assert fingerprint(scan(UPath(tmp_path))) != before


def test_an_absent_landing_folder_is_empty(tmp_path: Path) -> None:
    assert scan(UPath(tmp_path / "absent")) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_unreadable_file_is_listed_with_its_trouble(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("secret")
    (tmp_path / "a.csv").chmod(0)
    assert [(item.file_id, item.trouble) for item in scan(UPath(tmp_path))] == [(None, "PermissionError")]
