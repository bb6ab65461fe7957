"""A disk that fills up while files are taken in or published: nothing half-written, and the next run goes on."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import openpyxl
import pytest
from sqlalchemy.engine import Engine

from rsoko_pipeline import runner
from rsoko_pipeline.landing import parsed

from ..installation import Installation
from .conftest import SCHOOLS

Mount = Callable[[Path, str], Callable[[str], None]]


@pytest.fixture
def mount() -> Iterator[Mount]:
    """Put a disk of its own size at a folder; gives a function that changes the size."""
    with ExitStack() as mounted:

        def put(folder: Path, size: str) -> Callable[[str], None]:
            folder.mkdir(parents=True, exist_ok=True)
            if shutil.which("mount") is None:
                pytest.skip("there is no mount here")
            command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
            if subprocess.run(command, capture_output=True, check=False).returncode:
                pytest.skip("a small disk may be mounted by an administrator only")
            mounted.callback(subprocess.run, ["umount", "--lazy", str(folder)], check=True)

            def resize(to: str) -> None:
                subprocess.run(["mount", "-o", f"remount,size={to}", str(folder)], check=True)

            return resize

        yield put


@pytest.mark.slow
def test_a_full_disk_costs_nothing_but_time(small_region: Path, mount: Mount, engine: Engine, tmp_path: Path) -> None:
    made = Installation.at(tmp_path / "home", engine)
    shutil.copytree(small_region, made.landing, dirs_exist_ok=True)
    resize_store, resize_outbox = mount(made.settings.store, "128k"), mount(made.outbox, "64k")

    parsed.forget()
    summary = runner.run(made.settings)
    (failed,) = summary.failed
    assert failed.job == "collection"
    assert "На диске кончилось место" in str(failed.failure) and "store" in str(failed.failure)
    assert made.one("select count(*) from ops.landing_file") == 0
    stored = [path for path in made.settings.store.rglob("*") if path.is_file()]
    assert stored and all(hashlib.sha256(path.read_bytes()).hexdigest() == path.name for path in stored)

    resize_store("64m")
    parsed.forget()
    summary = runner.run(made.settings)
    assert summary.files.keys() == {"accepted"} and len(summary.events) == 15
    (failed,) = summary.failed
    assert failed.job == "year" and "На диске кончилось место" in str(failed.failure)
    assert made.one("select count(distinct event_id) from mart.mark_statistics") == 15
    left = [path for path in made.outbox.rglob("*") if path.is_file()]
    assert not [path for path in left if path.name.endswith(".part")]
    for path in left:
        if path.suffix == ".xlsx":
            openpyxl.load_workbook(path)

    resize_outbox("64m")
    summary = runner.publish(made.settings)
    assert not summary.failed
    assert len(list((made.outbox / "2025-2026" / "schools").glob("*/vpr.xlsx"))) == SCHOOLS
