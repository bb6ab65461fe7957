"""Landing folder, outbox, home folder and warehouse in the places where installations have them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine
from upath import UPath

from resources.warehouse import connect
from rsoko_pipeline import runner
from rsoko_pipeline.landing import parsed
from rsoko_pipeline.settings import Settings

from .conftest import SCHOOLS

WORKS = 15


def zipped(folder: Path) -> bytes:
    """Everything of a folder in one archive, as somebody sends it by mail."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*.xlsx")):
            archive.write(path, path.relative_to(folder))
    return out.getvalue()


def run_all(settings: Settings) -> None:
    parsed.forget()
    summary = runner.run(settings)
    assert not summary.failed, summary.failed
    assert set(summary.files) == {"accepted"} and summary.held == 0
    assert len(summary.events) == WORKS
    with connect(str(settings.home), settings.warehouse_url).connect() as connection:
        assert connection.scalar(sa.text("select count(distinct event_id) from mart.mark_statistics")) == WORKS
    outbox = settings.outbox / "2025-2026"
    assert len(list((outbox / "schools").glob("*/vpr.xlsx"))) == SCHOOLS
    book = openpyxl.load_workbook(io.BytesIO((outbox / "region" / "vpr.xlsx").read_bytes()), read_only=True)
    assert "Доска загрузки" in book.sheetnames
    parsed.forget()
    assert runner.run(settings).did_nothing


@pytest.mark.slow
def test_an_archive_in_an_object_store_and_a_plain_server_url(
    small_region: Path, engine: Engine, tmp_path: Path
) -> None:
    landing, outbox = UPath("memory://rsoko/landing"), UPath("memory://rsoko/outbox")
    landing.mkdir(parents=True, exist_ok=True)
    (landing / "Все файлы.zip").write_bytes(zipped(small_region))
    plain = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    assert plain.startswith("postgresql://")
    environment = {
        "RSOKO_HOME": str(tmp_path), "RSOKO_LANDING_URL": str(landing), "RSOKO_OUTBOX_URL": str(outbox),
        "RSOKO_WAREHOUSE_URL": plain,
    }  # fmt: skip
    run_all(Settings.from_environment(environment))


@pytest.mark.slow
def test_file_urls_and_a_home_with_spaces_and_cyrillic_letters(
    small_region: Path, make_home: Callable[..., Path], tmp_path: Path
) -> None:
    home = make_home("Мои документы", "Оценка качества 2026")
    landing, outbox = tmp_path / "Входящие файлы", tmp_path / "Исходящие файлы"
    landing.mkdir()
    (landing / "Все файлы.zip").write_bytes(zipped(small_region))
    environment = {
        "RSOKO_HOME": str(home),
        "RSOKO_LANDING_URL": f"file://{landing}",
        "RSOKO_OUTBOX_URL": f"file://{outbox}",
    }
    run_all(Settings.from_environment(environment))
    assert (outbox / "2025-2026" / "validation.html").is_file()
    assert not [path for path in Path.cwd().iterdir() if path.name.startswith("file:")]
