"""Parts of a work in copies of this process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from rsoko_pipeline.forked import CopyDiedError, Part, can_copy, carried_out

pytestmark = pytest.mark.skipif(not can_copy(), reason="processes are copied on Linux only")


def test_answers_come_in_the_order_of_the_parts_from_other_processes() -> None:
    shared = {"a": 1, "b": 2, "c": 3}  # what was there before the copies were made needs no pickle
    answers = carried_out(lambda name: (shared[name], os.getpid()), [Part(name) for name in shared], 2)
    assert [value for value, _ in answers] == [1, 2, 3]
    assert os.getpid() not in {process for _, process in answers} and len({process for _, process in answers}) <= 2


@pytest.mark.parametrize(("parts", "copies"), [([Part("a")], 2), ([Part("a"), Part("b")], 1), ([], 2)])
def test_one_part_or_one_copy_stays_here(parts: list[Part[str]], copies: int) -> None:
    assert carried_out(lambda _: os.getpid(), parts, copies) == [os.getpid()] * len(parts)


def test_a_part_waits_for_what_it_needs(tmp_path: Path) -> None:
    def work(name: str) -> list[str]:
        found = sorted(path.name for path in tmp_path.iterdir())
        time.sleep(0.3 if name == "slow" else 0)
        (tmp_path / name).touch()
        return found

    parts = [
        Part("slow", gives=frozenset({"facts"})),
        Part("after", needs=frozenset({"facts", "what nobody gives"})),
        Part("other"),
    ]
    _, after, other = carried_out(work, parts, 2)
    assert "slow" in after and "slow" not in other


def test_parts_that_wait_for_one_another_are_done_all_the_same() -> None:
    first, second = frozenset({"1"}), frozenset({"2"})
    assert carried_out(str.upper, [Part("a", first, second), Part("b", second, first)], 2) == ["A", "B"]


def test_what_a_part_raises_is_raised_here() -> None:
    def work(name: str) -> None:
        if name == "bad":
            raise LookupError("no such thing")
        time.sleep(60)

    start = time.monotonic()
    with pytest.raises(LookupError, match="no such thing"):
        carried_out(work, [Part("bad"), Part("good")], 2)
    assert time.monotonic() - start < 50  # the other copy was not waited for


def test_a_killed_copy_is_noticed() -> None:
    def work(name: str) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    with pytest.raises(CopyDiedError):
        carried_out(work, [Part("a"), Part("b")], 2)


def test_copies_end_when_their_parent_is_killed() -> None:
    script = """
import os, sys, time
from rsoko_pipeline.forked import Part, carried_out
def work(name):
    print(os.getpid(), flush=True)
    time.sleep(60)
carried_out(work, [Part("a"), Part("b")], 2)
"""
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        copies = [int(parent.stdout.readline()) for _ in range(2)]
        parent.kill()
        deadline = time.monotonic() + 30
        while any(Path(f"/proc/{copy}").exists() and _runs(copy) for copy in copies):
            assert time.monotonic() < deadline, "a copy outlives its parent"
            time.sleep(0.05)


def _runs(process: int) -> bool:
    """Whether a process runs: one that has ended may still stand in the table of processes."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(") ")[2][:1] != "Z"
    except OSError:
        return False
