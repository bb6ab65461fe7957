"""A database of РИС that cannot be asked: what is said of it, and that the address is kept to itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from rsoko_pipeline.findings import Finding
from rsoko_pipeline.landing.ris import NAME, incoming
from rsoko_pipeline.landing.store import Store


@pytest.mark.parametrize(
    ("url", "code", "said"),
    [
        ("postgresql://reader:secret@127.0.0.1:1/ris", "RSK-RIS-SILENT", "База РИС ГИА не ответила"),
        ("reader secret", "RSK-RIS-ADDRESS", "Адрес базы РИС ГИА записан неверно"),
        ("nothing+driver://reader:secret@server.invalid/ris", "RSK-RIS-ADDRESS", "нет драйвера"),
    ],
    ids=["nobody listens", "no address", "no driver"],
)
def test_a_database_that_cannot_be_asked_is_told_in_words(tmp_path: Path, url: str, code: str, said: str) -> None:
    (found,) = incoming(url, Store(tmp_path), b"key")
    assert (found.name, found.file_id, found.code) == (NAME, None, code)
    finding = Finding(found.code, {"name": found.name, "reason": found.trouble})
    assert said in finding.message and "RSOKO_RIS_URL" in finding.remedy
    assert "secret" not in f"{found} {finding.message} {finding.remedy}"
    assert not any(word in finding.message for word in ("Error", "?"))
