"""Child processes: order, blame, deadlines, memory, secrets. These tests start real ones."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rsoko_pipeline import sources
from rsoko_pipeline.configuration import Configuration
from rsoko_pipeline.configuration.models import Limits
from rsoko_pipeline.sources import sandbox
from rsoko_pipeline.sources.sandbox import RawFile, open_files

from .conftest import pupil, replace_part, section

F1 = Callable[..., bytes]
linux = pytest.mark.skipif(sys.platform != "linux", reason="memory limits of processes are Linux's")


@pytest.fixture
def good(tmp_path: Path, f1: F1) -> Callable[[str], Path]:
    content = f1([section(1), pupil(40001, 2, 1, 3)])

    def make(name: str) -> Path:
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return make


@pytest.fixture
def hanging(tmp_path: Path) -> Path:
    """A pipe that nobody writes into: whoever opens it waits for ever."""
    if not hasattr(os, "mkfifo"):
        pytest.skip("no named pipes here")
    path = tmp_path / "hanging.xlsx"
    os.mkfifo(path)
    return path


@pytest.fixture
def murderous(tmp_path: Path, f1: F1) -> Path:
    """A small book whose sheet claims its last cell: no memory is large enough for the parser."""
    path = tmp_path / "murderous.xlsx"
    last = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    content = f1([section(1), pupil(40001, 2, 1, 3)])
    path.write_bytes(replace_part(content, "xl/worksheets/sheet1.xml", lambda xml: xml.replace(b"</sheetData>", last)))
    return path


@pytest.fixture
def limits(cfg: Configuration) -> Callable[..., Limits]:
    return lambda **changes: cfg.limits.model_copy(update=changes)


def named(*paths: Path) -> list[tuple[Path, str]]:
    return [(path, path.name) for path in paths]


def codes_of(files: Iterator[RawFile]) -> dict[str, list[str]]:
    return {raw.name: [code for code, _ in raw.findings] for raw in files}


@pytest.mark.parametrize("workers", [1, 2])
def test_results_keep_the_files_order(good: Callable[[str], Path], limits: Callable[..., Limits], workers: int) -> None:
    files = [(good(f"{i}.xlsx"), f"имя {i}") for i in range(30)]
    out = list(open_files(files, limits=limits(), workers=workers))
    assert [raw.name for raw in out] == [name for _, name in files]
    assert all(raw.sheets[0].height == 10 and not raw.findings for raw in out)
    assert len({raw.file_id for raw in out}) == 1 and len(out[0].file_id or "") == 64


def test_files_are_taken_as_they_are_needed(good: Callable[[str], Path], limits: Callable[..., Limits]) -> None:
    taken = []
    path = good("a.xlsx")

    def files() -> Iterator[tuple[Path, str]]:
        for i in range(1000):
            taken.append(i)
            yield path, str(i)

    stream = open_files(files(), limits=limits(), workers=1)
    assert next(stream).name == "0"
    assert len(taken) < 20
    stream.close()


def test_a_late_file_is_blamed_alone(good: Callable[[str], Path], hanging: Path, limits: Callable[..., Limits]) -> None:
    files = named(good("a.xlsx"), hanging, *(good(f"{i}.xlsx") for i in range(6)))
    out = codes_of(open_files(files, limits=limits(seconds_per_file=0.7), workers=1))
    assert out.pop("hanging.xlsx") == ["RSK-FILE-DEADLINE"]
    assert len(out) == 7 and not any(out.values())


@linux
def test_a_file_that_kills_its_child_is_blamed_alone(
    good: Callable[[str], Path], murderous: Path, limits: Callable[..., Limits]
) -> None:
    files = named(good("a.xlsx"), murderous, *(good(f"{i}.xlsx") for i in range(6)))
    for workers in (1, 2):
        out = codes_of(open_files(files, limits=limits(), workers=workers))
        assert out.pop("murderous.xlsx") == ["RSK-FILE-DEADLINE"]
        assert len(out) == 7 and not any(out.values())


@linux
def test_memory_is_bounded(tmp_path: Path, good: Callable[[str], Path], limits: Callable[..., Limits]) -> None:
    large = tmp_path / "large.csv"
    large.write_text("a;b;c\n" + "".join(f"{i};{i + 0.5};строка {i}\n" for i in range(400_000)), encoding="utf-8")
    files = named(large, good("a.xlsx"), large, good("b.xlsx"))
    out = [
        (raw.name, [code for code, _ in raw.findings])
        for raw in open_files(files, limits=limits(memory_bytes=150 << 20), workers=1)
    ]
    assert out == [
        ("large.csv", ["RSK-FILE-DEADLINE"]),
        ("a.xlsx", []),
        ("large.csv", ["RSK-FILE-DEADLINE"]),
        ("b.xlsx", []),
    ]


def test_a_file_only_root_may_read(tmp_path: Path, good: Callable[[str], Path], limits: Callable[..., Limits]) -> None:
    path = good("closed.xlsx")
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("this account reads every file")
    out = codes_of(open_files(named(path, good("a.xlsx")), limits=limits(), workers=1))
    assert out == {"closed.xlsx": ["RSK-FILE-PERMISSION"], "a.xlsx": []}


def test_children_are_small_and_know_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("RSOKO_PSEUDONYM_KEY", "PGPASSWORD", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "secret-value")
    monkeypatch.setattr(sandbox, "_START", "import os; print(*os.environ.values())")
    child = sandbox._Child(b"")
    assert child._process.stdout is not None
    assert b"secret-value" not in child._process.stdout.read()
    child.close()
    loaded = (
        "import sys, rsoko_pipeline.sources.worker; print({'pandas', 'numpy', 'yaml', 'pydantic'} & set(sys.modules))"
    )
    out = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True, cwd=sandbox._ROOT)
    assert out.stdout.strip() == "set()"


def test_nothing_is_left_when_the_reading_is_given_up(
    good: Callable[[str], Path], hanging: Path, limits: Callable[..., Limits]
) -> None:
    stream = open_files(named(good("a.xlsx"), hanging), limits=limits(), workers=2)
    next(stream)
    children = [child for child in gc.get_objects() if isinstance(child, sandbox._Child)]
    assert children
    begun = time.monotonic()
    stream.close()
    assert time.monotonic() - begun < 5
    assert all(child._process.returncode is not None for child in children)


def test_a_child_that_cannot_be_started_is_an_error_not_a_hang(
    good: Callable[[str], Path], limits: Callable[..., Limits], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandbox.sys, "executable", "/nonexistent/python")
    with pytest.raises(FileNotFoundError):
        list(open_files(named(good("a.xlsx"), good("b.xlsx")), limits=limits(), workers=2))


def test_an_answer_out_of_its_mind_is_a_refusal(
    good: Callable[[str], Path], limits: Callable[..., Limits], monkeypatch: pytest.MonkeyPatch
) -> None:
    babble = "import sys; print(chr(0) * 3 + chr(9) + 'nonsense!', flush=True); sys.stdin.read()"
    monkeypatch.setattr(sandbox, "_START", babble)
    assert codes_of(open_files(named(good("a.xlsx")), limits=limits(), workers=1)) == {"a.xlsx": ["RSK-FILE-DEADLINE"]}


def test_read_and_read_many_are_the_public_way(good: Callable[[str], Path], cfg: Configuration, tmp_path: Path) -> None:
    result = sources.read(good("a.xlsx"), cfg=cfg)
    assert (result.file.name, result.file.format, len(result.frames["source_result"])) == ("a.xlsx", "vpr_f1", 1)
    bad = tmp_path / "bad.xlsx"
    bad.write_bytes(b"PK\x03\x04")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as container:
        container.writestr("x.txt", "x")
    results = list(
        sources.read_many(named(bad, tmp_path / "a.zip", tmp_path / "none.xlsx", tmp_path / "a.xlsx"), cfg=cfg)
    )
    assert [result.is_refused for result in results] == [True, True, True, False]
    with pytest.raises(AttributeError):
        sources.nothing  # noqa: B018
