"""Archives: unpacked member by member under the hash of their content, whatever their members are called."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from rsoko_pipeline import sources
from rsoko_pipeline.configuration import Configuration
from rsoko_pipeline.configuration.models import Limits
from rsoko_pipeline.findings import Finding
from rsoko_pipeline.landing.store import Store


@pytest.fixture
def limits(cfg: Configuration) -> Callable[..., Limits]:
    return lambda **changes: cfg.limits.model_copy(update=changes)


def archive(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as container:
        for name, content in members.items():
            container.writestr(name, content)
    return out.getvalue()


@pytest.fixture
def unpack(tmp_path: Path, limits: Callable[..., Limits]) -> Callable[..., tuple[dict[str, bytes], list[Finding]]]:
    def unpack(content: bytes, **changes: object) -> tuple[dict[str, bytes], list[Finding]]:
        path = tmp_path / "archive"
        path.write_bytes(content)
        findings: list[Finding] = []
        members = sources.expand(path, "школы.zip", Store(tmp_path / "store"), limits(**changes), findings)
        return {member.name: member.stored.path.read_bytes() for member in members}, findings

    return unpack


Unpack = Callable[..., tuple[dict[str, bytes], list[Finding]]]


def test_files_and_folders_come_out_under_their_names(unpack: Unpack) -> None:
    files, findings = unpack(
        archive({"2026-vpr-ru-4/edu990001.xlsx": b"1", "b/": b"", "b/c.csv": b"2", "__MACOSX/b": b"", "~$x.xlsx": b""})
    )
    assert files == {"школы.zip/2026-vpr-ru-4/edu990001.xlsx": b"1", "школы.zip/b/c.csv": b"2"}
    assert findings == []


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "..\\..\\etc\\passwd", "C:\\etc\\passwd"])
def test_names_never_become_paths(unpack: Unpack, tmp_path: Path, name: str) -> None:
    files, findings = unpack(archive({name: b"root", "ok.csv": b"1"}))
    assert [finding.code for finding in findings] == ["RSK-ARCHIVE-PATH"]
    assert name in findings[0].message
    assert files == {"школы.zip/etc/passwd": b"root", "школы.zip/ok.csv": b"1"}
    written = {path.relative_to(tmp_path).parts[0] for path in tmp_path.rglob("*")}
    assert written == {"archive", "store"}


@pytest.mark.parametrize("encoding", ["cp866", "utf-8"])
def test_russian_names_of_programs_that_do_not_say_their_encoding(unpack: Unpack, encoding: str) -> None:
    placeholder = "x" * len("Форма № 1.xlsx".replace("№", "N").encode(encoding))
    data = archive({placeholder: b"1"}).replace(placeholder.encode(), "Форма N 1.xlsx".encode(encoding))
    files, findings = unpack(data)
    assert files == {"школы.zip/Форма N 1.xlsx": b"1"} and findings == []


def test_archives_in_archives_down_to_the_limit(unpack: Unpack) -> None:
    nested = archive({"c.zip": archive({"d.zip": archive({"deep.csv": b"3"}), "mid.csv": b"2"}), "top.csv": b"1"})
    files, findings = unpack(nested, max_depth=1)
    assert files == {"школы.zip/top.csv": b"1", "школы.zip/c.zip/mid.csv": b"2"}
    assert [(f.code, f.values["name"]) for f in findings] == [("RSK-ARCHIVE-NESTED", "школы.zip/c.zip/d.zip")]
    files, findings = unpack(nested, max_depth=2)
    assert "школы.zip/c.zip/d.zip/deep.csv" in files and findings == []


def test_a_damaged_or_oversized_member_costs_itself_alone(unpack: Unpack) -> None:
    data = archive({"a.csv": b"AAAAAAAA", "b.csv": b"1", "c.csv": b"0" * 99}).replace(b"AAAAAAAA", b"AAAABAAA")
    files, findings = unpack(data, max_file_bytes=50)
    assert files == {"школы.zip/b.csv": b"1"}
    assert [f.code for f in findings] == ["RSK-ARCHIVE-MEMBER"] * 2
    assert "a.csv" in findings[0].message and "повреждён" in findings[0].message
    assert "c.csv" in findings[1].message


def test_an_archive_beyond_the_limits_is_refused_whole(unpack: Unpack) -> None:
    files, findings = unpack(archive({f"{i}.csv": b"1" for i in range(5)}), max_members=4)
    assert files == {} and [f.code for f in findings] == ["RSK-FILE-TOO-LARGE"]
    assert "школы.zip" in findings[0].message


def test_workbooks_are_no_archives(tmp_path: Path, f1: Callable[..., bytes]) -> None:
    def is_archive(content: bytes) -> bool:
        path = tmp_path / "file"
        path.write_bytes(content)
        return sources.is_archive(path)

    assert is_archive(archive({"a.csv": b"1"})) and is_archive(archive({}))
    assert is_archive(archive({"xl/report.csv": b"1"}))
    assert not is_archive(f1([]))
    assert not is_archive(archive({"other.xml": b"", "[Content_Types].xml": b""}))
    assert not is_archive(archive({"mimetype": b"", "content.xml": b""}))
    assert not is_archive(b"PK\x03\x04 cut off") and not is_archive(b"a;b") and not is_archive(b"")
