"""What a process asks of its allocators."""

from __future__ import annotations

import subprocess
import sys

import pytest

_SCRIPT = """
from rsoko_pipeline import memory
memory.spare()
import pyarrow as pa
print(pa.default_memory_pool().backend_name)
pa.array(range(1000))
memory.give_back()
"""


@pytest.mark.parametrize(("asked", "used"), [(None, "system"), ("mimalloc", "mimalloc")])
def test_arrow_has_no_pool_of_its_own_unless_the_user_wants_one(
    asked: str | None, used: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ARROW_DEFAULT_MEMORY_POOL", raising=False)
    if asked:
        monkeypatch.setenv("ARROW_DEFAULT_MEMORY_POOL", asked)
    done = subprocess.run([sys.executable, "-c", _SCRIPT], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == used
