"""Files read by this process, or again from the store."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from rsoko_pipeline.configuration import Configuration, load
from rsoko_pipeline.landing import parsed
from rsoko_pipeline.landing.store import Store, Stored
from tests.unit.landing.files import result_file


@pytest.fixture(autouse=True)
def _nothing_remembered() -> Iterator[None]:
    parsed.forget()
    yield
    parsed.forget()


@pytest.fixture(scope="module")
def cfg() -> Configuration:
    return load()


def _wanted(*file_ids: str) -> pd.DataFrame:
    return pd.DataFrame({"file_id": file_ids, "name": [f"{file_id[:6]}.csv" for file_id in file_ids]})


@pytest.fixture
def stored(tmp_path: Path) -> Stored:
    return Store(tmp_path).put(io.BytesIO("Школа;Район\nА;Б\n".encode()))


def test_what_was_read_is_given_without_reading_again(tmp_path: Path, cfg: Configuration) -> None:
    parsed.keep([result_file("a", "edu990001"), result_file("b", "edu990002", pupils=3)], cfg.version)
    taken = parsed.take(_wanted("b"), Store(tmp_path), cfg)
    assert [result.file.file_id for result in taken.results] == ["b"]
    assert set(taken.frames["source_result"]["file_id"]) == {"b"}
    assert len(taken.frames["source_result"]) == 3
    parsed.forget()
    with pytest.raises(parsed.StoredFileError):
        parsed.take(_wanted("b"), Store(tmp_path), cfg)


def test_rows_of_files_read_apart_are_put_together(tmp_path: Path, cfg: Configuration) -> None:
    parsed.keep([result_file("a", "edu990001", pupils=2)], cfg.version)
    parsed.keep([result_file("b", "edu990002", pupils=3)], cfg.version)
    rows = parsed.take(_wanted("a", "b"), Store(tmp_path), cfg).frames["source_result"]
    assert rows.groupby("file_id").size().to_dict() == {"a": 2, "b": 3}
    assert rows["event_id"].notna().all()


def test_the_others_are_read_again_from_the_store_in_order(tmp_path: Path, cfg: Configuration, stored: Stored) -> None:
    parsed.keep([result_file("a", "edu990001")], cfg.version)
    taken = parsed.take(_wanted(stored.file_id, "a"), Store(tmp_path), cfg, workers=1)
    assert [result.file.file_id for result in taken.results] == [stored.file_id, "a"]


def test_what_another_configuration_read_is_read_again(tmp_path: Path, cfg: Configuration, stored: Stored) -> None:
    of_another = result_file(stored.file_id, "edu990001")
    parsed.keep([of_another], "another version")
    taken = parsed.take(_wanted(stored.file_id), Store(tmp_path), cfg, workers=1)
    assert taken.results[0] is not of_another


def test_a_copy_that_is_gone_or_changed_is_an_error_that_names_the_file(
    tmp_path: Path, cfg: Configuration, stored: Stored
) -> None:
    stored.path.write_bytes(b"something else")
    with pytest.raises(parsed.StoredFileError, match=f"«{stored.file_id[:6]}.csv» пропала или изменилась"):
        parsed.take(_wanted(stored.file_id), Store(tmp_path), cfg, workers=1)
    stored.path.unlink()
    with pytest.raises(parsed.StoredFileError):
        parsed.take(_wanted(stored.file_id), Store(tmp_path), cfg, workers=1)
