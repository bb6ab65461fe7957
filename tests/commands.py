"""``rsoko`` in processes of its own, for tests that kill it, start it twice, or want nothing but what a person sees."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

_TOKEN = "RSOKO_TEST_TOKEN"


@dataclass(frozen=True)
class Commands:
    """The command line on one home; what it starts can be found again by a token."""

    home: Path
    variables: Mapping[str, str] = field(default_factory=dict)
    token: str = field(default_factory=lambda: secrets.token_hex(8))

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, "RSOKO_HOME": str(self.home), _TOKEN: self.token, **self.variables}

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(_line(arguments), env=self.environment, capture_output=True, text=True, timeout=200)

    def start(self, *arguments: str, log: Path) -> subprocess.Popen[bytes]:
        with log.open("wb") as stream:
            return subprocess.Popen(
                _line(arguments), env=self.environment, stdout=stream, stderr=subprocess.STDOUT, start_new_session=True,
                preexec_fn=_heed_interrupts,
            )  # fmt: skip

    def alive(self) -> list[str]:
        """Command lines of all processes that carry the token, wherever they were reparented to."""
        out = []
        for process in Path("/proc").glob("[0-9]*"):
            try:
                if f"{_TOKEN}={self.token}".encode() in (process / "environ").read_bytes().split(b"\0"):
                    out.append((process / "cmdline").read_bytes().replace(b"\0", b" ").decode())
            except OSError:  # ended meanwhile, or somebody else's
                continue
        return out


def _line(arguments: tuple[str, ...]) -> list[str]:
    return [sys.executable, "-m", "rsoko_pipeline.cli", *arguments]


def _heed_interrupts() -> None:
    """Ctrl+C means something to the command, also where the tests run in the background and ignore it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
