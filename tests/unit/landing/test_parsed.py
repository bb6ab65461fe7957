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


def test_what_was_read_is_given_once(tmp_path: Path, cfg: Configuration) -> None:
    results = {name: result_file(name, "edu990001") for name in ("a", "b")}
    for result in results.values():
        parsed.keep(result, cfg.version)
    assert list(parsed.take(_wanted("b", "a"), Store(tmp_path), cfg)) == [results["b"], results["a"]]
    with pytest.raises(parsed.StoredFileError):
        list(parsed.take(_wanted("a"), Store(tmp_path), cfg))


def test_the_others_are_read_again_from_the_store_in_order(tmp_path: Path, cfg: Configuration, stored: Stored) -> None:
    parsed.keep(result_file("a", "edu990001"), cfg.version)
    taken = list(parsed.take(_wanted(stored.file_id, "a"), Store(tmp_path), cfg, workers=1))
    assert [result.file.file_id for result in taken] == [stored.file_id, "a"]


def test_what_another_configuration_read_is_read_again(tmp_path: Path, cfg: Configuration, stored: Stored) -> None:
    of_another = result_file(stored.file_id, "edu990001")
    parsed.keep(of_another, "another version")
    (taken,) = parsed.take(_wanted(stored.file_id), Store(tmp_path), cfg, workers=1)
    assert taken is not of_another


def test_a_copy_that_is_gone_or_changed_is_an_error_that_names_the_file(
    tmp_path: Path, cfg: Configuration, stored: Stored
) -> None:
    stored.path.write_bytes(b"something else")
    with pytest.raises(parsed.StoredFileError, match=f"«{stored.file_id[:6]}.csv» пропала или изменилась"):
        list(parsed.take(_wanted(stored.file_id), Store(tmp_path), cfg, workers=1))
    stored.path.unlink()
    with pytest.raises(parsed.StoredFileError):
        list(parsed.take(_wanted(stored.file_id), Store(tmp_path), cfg, workers=1))
