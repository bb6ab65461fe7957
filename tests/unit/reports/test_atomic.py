"""Whole files or none."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from rsoko_pipeline.reports.atomic import write_atomic


def test_writes_the_file_and_its_folder(tmp_path: Path) -> None:
    path = tmp_path / "школа" / "книга.xlsx"
    write_atomic(path, b"first")
    write_atomic(path, b"second")
    assert path.read_bytes() == b"second"
    assert [entry.name for entry in path.parent.iterdir()] == ["книга.xlsx"]


def test_a_full_disk_leaves_the_old_file_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    path = tmp_path / "книга.xlsx"
    write_atomic(path, b"old")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_atomic(path, b"new")
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["книга.xlsx"]
