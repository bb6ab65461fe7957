"""URLs and engines."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from rsoko_pipeline.warehouse.engine import external_url, get_engine, home_of, normalise
from rsoko_pipeline.warehouse.errors import WarehouseError


@dataclass(frozen=True)
class Settings:
    home: Path
    warehouse_url: str | None


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg2", "postgresql+psycopg"])
def test_every_url_of_postgresql_names_our_driver(scheme: str) -> None:
    url = normalise(f" {scheme}://me:p%40ss@db.example:6432/rsoko?sslmode=require\n")
    assert url == "postgresql+psycopg2://me:p%40ss@db.example:6432/rsoko?sslmode=require"


def test_a_socket_stays_a_socket() -> None:
    assert normalise("postgresql://postgres@/rsoko?host=/tmp/x").startswith(
        "postgresql+psycopg2://postgres@/rsoko?host="
    )


@pytest.mark.parametrize(("url", "words"), [("sqlite:///x.db", "только PostgreSQL"), ("db.example", "не адрес базы")])
def test_other_urls_are_refused_in_russian(url: str, words: str) -> None:
    with pytest.raises(WarehouseError, match=words):
        normalise(url)


def test_the_same_url_gives_the_same_engine() -> None:
    engine = get_engine("postgresql://me@localhost/a")
    assert get_engine("postgres://me@localhost/a") is engine
    assert get_engine(engine.url) is engine
    assert get_engine("postgresql://me@localhost/b") is not engine
    assert get_engine("postgresql://me@localhost/a", application="bi") is not engine


def test_a_forked_child_gets_an_engine_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = get_engine("postgresql://me@localhost/a")
    monkeypatch.setattr(os, "getpid", lambda: -1)
    assert get_engine("postgresql://me@localhost/a") is not engine


def test_settings_decide_alone_and_a_folder_asks_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RSOKO_WAREHOUSE_URL", "postgres://env@db/rsoko")
    assert external_url(tmp_path) == external_url(str(tmp_path)) == "postgresql+psycopg2://env@db/rsoko"
    assert external_url(Settings(tmp_path, None)) is None
    assert external_url(Settings(tmp_path, "postgres://mine@db/rsoko")) == "postgresql+psycopg2://mine@db/rsoko"
    monkeypatch.setenv("RSOKO_WAREHOUSE_URL", "")
    assert external_url(tmp_path) is None
    assert home_of(Settings(tmp_path, None)) == home_of(str(tmp_path)) == tmp_path
