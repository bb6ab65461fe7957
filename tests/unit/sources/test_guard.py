"""What a file is by its bytes, and whether it may be opened."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Callable
from typing import Any

import pytest

from rsoko_pipeline.configuration import Configuration
from rsoko_pipeline.configuration.models import Limits
from rsoko_pipeline.sources import guard
from rsoko_pipeline.sources.guard import RefusedError

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504


def zipped(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as container:
        for name, content in members.items():
            container.writestr(name, content)
    return out.getvalue()


@pytest.fixture
def limits(cfg: Configuration) -> Callable[..., Limits]:
    return lambda **changes: cfg.limits.model_copy(update=changes)


def refusal(action: Callable[..., Any], *arguments: Any) -> RefusedError:
    with pytest.raises(RefusedError) as refused:
        action(*arguments)
    return refused.value


BOOK = {"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b"<workbook/>"}


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (zipped(BOOK), guard.XLSX),
        (zipped({"mimetype": b"x", "content.xml": b"<x/>"}), guard.ODS),
        (zipped({"форма.xlsx": b"x"}), guard.ARCHIVE),
        (OLE + "Workbook".encode("utf-16-le"), guard.XLS),
        (gzip.compress(b"a;b", mtime=0), guard.GZIP),
        ("Логин;Название\n".encode("cp1251"), guard.TEXT),
        ("Логин;Название\n".encode("utf-16"), guard.TEXT),
    ],
)
def test_kinds_go_by_content(data: bytes, kind: str, limits: Callable[..., Limits]) -> None:
    assert guard.kind_of(data, limits()) == kind


@pytest.mark.parametrize(
    ("data", "code", "said"),
    [
        (zipped(BOOK)[:-30], "RSK-FILE-DAMAGED", "конец"),
        (zipped({"[Content_Types].xml": b"", "word/document.xml": b""}), "RSK-FILE-FORMAT", "Word"),
        (OLE + "EncryptedPackage".encode("utf-16-le"), "RSK-FILE-ENCRYPTED", ""),
        (OLE + "WordDocument".encode("utf-16-le"), "RSK-FILE-FORMAT", "Word"),
        (b"%PDF-1.7", "RSK-FILE-FORMAT", "PDF"),
        (b"Rar!\x1a\x07", "RSK-FILE-FORMAT", "RAR"),
        (b"<html><table></table></html>", "RSK-FILE-FORMAT", "веб-страница"),
        (b"\xef\xbb\xbf<?xml version='1.0'?><Workbook/>", "RSK-FILE-FORMAT", "XML"),
        (b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x/>', "RSK-FILE-ENTITY", ""),
        (b"a;b\n\0\1\2", "RSK-FILE-FORMAT", "двоичные"),
        (
            zipped({**BOOK, "xl/sharedStrings.xml": b'<?xml version="1.0"?>\n<!DOCTYPE foo []><sst/>'}),
            "RSK-FILE-ENTITY",
            "",
        ),
    ],
)
def test_what_is_no_table_is_refused_with_its_code(
    data: bytes, code: str, said: str, limits: Callable[..., Limits]
) -> None:
    refused = refusal(guard.kind_of, data, limits())
    assert refused.code == code
    assert said in str(refused.values.get("reason", ""))


def test_empty_and_oversized_files(limits: Callable[..., Limits]) -> None:
    assert refusal(guard.check_size, 0, limits()).code == "RSK-FILE-EMPTY"
    refused = refusal(guard.check_size, 3 << 20, limits(max_file_bytes=1 << 20))
    assert refused.code == "RSK-FILE-TOO-LARGE"
    assert (refused.values["actual"], refused.values["limit"]) == ("3,0 МБ", "1,0 МБ")


def test_a_zip_bomb_is_refused_by_its_directory_alone(limits: Callable[..., Limits]) -> None:
    bomb = zipped({**BOOK, "xl/worksheets/sheet1.xml": b"0" * (8 << 20)})
    refused = refusal(guard.kind_of, bomb, limits())
    assert refused.code == "RSK-FILE-BOMB" and int(str(refused.values["ratio"])) > 400


def test_parts_that_overlap_are_a_bomb(limits: Callable[..., Limits]) -> None:
    data = bytearray(zipped({f"{i}.xlsx": bytes(range(256)) * 4096 * 2 for i in range(4)}))
    directory = data.index(b"PK\x01\x02")
    position = directory
    while (position := data.find(b"PK\x01\x02", position)) >= 0:
        data[position + 20 : position + 24] = (len(data)).to_bytes(4, "little")
        position += 4
    assert refusal(guard.open_zip, io.BytesIO(bytes(data)), limits()).code == "RSK-FILE-BOMB"


def test_too_many_members_and_too_much_unpacked(limits: Callable[..., Limits]) -> None:
    many = zipped({f"{i}.txt": b"x" for i in range(5)})
    refused = refusal(guard.open_zip, io.BytesIO(many), limits(max_members=4))
    assert refused.code == "RSK-FILE-TOO-LARGE" and refused.values["what"] == "частей в архиве"
    refused = refusal(guard.open_zip, io.BytesIO(many), limits(max_unpacked_bytes=4))
    assert refused.code == "RSK-FILE-TOO-LARGE" and refused.values["what"] == "размер после распаковки"


def test_a_password_on_an_archive(limits: Callable[..., Limits]) -> None:
    data = bytearray(zipped({"a.xlsx": b"x"}))
    data[data.index(b"PK\x01\x02") + 8] |= 1
    assert refusal(guard.open_zip, io.BytesIO(bytes(data)), limits()).code == "RSK-FILE-ENCRYPTED"


def test_a_small_file_that_packs_well_is_no_bomb(limits: Callable[..., Limits]) -> None:
    assert guard.kind_of(zipped({**BOOK, "xl/worksheets/sheet1.xml": b"0" * (1 << 20)}), limits()) == guard.XLSX
    assert len(guard.unpack_gzip(gzip.compress(b"0" * (1 << 20)), limits())) == 1 << 20


def test_gzip_is_bounded(limits: Callable[..., Limits]) -> None:
    assert refusal(guard.unpack_gzip, gzip.compress(b"0" * (8 << 20)), limits()).code == "RSK-FILE-BOMB"
    refused = refusal(guard.unpack_gzip, gzip.compress(b"0123456789", mtime=0), limits(max_unpacked_bytes=5))
    assert refused.code == "RSK-FILE-TOO-LARGE"
    assert refusal(guard.unpack_gzip, gzip.compress(b"0123456789" * 99)[:-9], limits()).code == "RSK-FILE-DAMAGED"


@pytest.mark.parametrize(
    ("name", "kind"), [("Ф1.XLSX", guard.XLSX), ("a/b.xls", guard.XLS), ("2849657", None), ("x.csv.gz", guard.GZIP)]
)
def test_extensions_promise_a_kind(name: str, kind: str | None) -> None:
    assert guard.expected_kind(name) == kind
