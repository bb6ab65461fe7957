"""The postmaster as a process: its pid file, whether it is alive, signals to it.

``postmaster.pid`` is written by the server and is the truth about where it listens; but its number may be stale, and by
now anybody's. So a process counts as the postmaster of a folder only if it works in that folder.

Belongs here: reading what the server wrote, asking the system about processes. Does not belong here: when to start and
stop (``embedded``), what the server is told (``server_settings``).
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from rsoko_pipeline.warehouse.errors import ServerError
from rsoko_pipeline.warehouse.places import Account

_PAUSE = 0.01
_PROC = Path("/proc/self/cwd").exists()  # Linux; macOS has none


@dataclass(frozen=True)
class Running:
    """What ``postmaster.pid`` says about a server that is alive.

    Attributes:
        pid: process id of the postmaster.
        data: the cluster's folder by the name that it had when the server started.
        socket_folder: folder of its socket.
        port: number of its socket, and of TCP if that is on.
        tcp: whether it listens on 127.0.0.1.
        ready: whether it accepts connections.
    """

    pid: int
    data: Path
    socket_folder: Path
    port: int
    tcp: bool
    ready: bool

    @property
    def socket(self) -> Path:
        """The socket itself."""
        return self.socket_folder / f".s.PGSQL.{self.port}"

    def answers(self) -> bool:
        """Whether something accepts connections at the socket."""
        with socket.socket(socket.AF_UNIX) as probe:
            probe.settimeout(3)
            try:
                probe.connect(str(self.socket))
            except (FileNotFoundError, ConnectionRefusedError):
                return False
            except OSError:  # e.g. its queue is full: busy, but there
                return True
            return True


def data_folder(host: str | None, port: int | str | None) -> Path | None:
    """The cluster's folder of the server behind a local socket, or None when that cannot be told.

    Args:
        host: what the client connected to; a folder for a socket.
        port: the socket's number.
    """
    if not host or not host.startswith("/"):
        return None
    try:
        lines = (Path(host) / f".s.PGSQL.{port}.lock").read_text(encoding="utf-8").splitlines()
        return Path(lines[1]) if Path(lines[1]).exists() else None
    except (OSError, IndexError):
        return None


def read(file: Path) -> str:
    """The file's text without white space around it; empty when there is no file."""
    try:
        return file.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return ""


def system_identifier(data: Path) -> bytes:
    """The number that initdb drew for this cluster: another cluster in the same place has another socket."""
    with (data / "global" / "pg_control").open("rb") as stream:
        return stream.read(8)


def read_pid_file(data: Path) -> Running | None:
    """What ``postmaster.pid`` says, if it tells of a live server of this very folder."""
    try:
        lines = read(data / "postmaster.pid").splitlines()
    except PermissionError as error:
        raise ServerError(f"Нет доступа к данным базы {data}: их хозяин — {data.stat().st_uid}.") from error
    if len(lines) < 6 or not lines[0].isdigit() or not lines[3].isdigit():
        return None
    pid, path, _, port, sockets, address = lines[:6]
    ready = lines[-1].strip() == "ready"
    running = Running(int(pid), Path(path), Path(sockets), int(port), bool(address.strip()), ready)
    return running if is_alive(running.pid) and _is_of(running, data) else None


def _is_of(running: Running, data: Path) -> bool:
    if not _PROC and running.data.exists() and running.data.samefile(data) and running.answers():
        return True  # spares a slow question
    return _works_in(running.pid, data)


def _exists(pid: int) -> bool:
    """Whether the system knows the number, be it a zombie's or somebody else's: what PostgreSQL asks too."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def is_alive(pid: int) -> bool:
    """Whether a process exists and is no zombie (in a container there may be nobody to bury it)."""
    if not _exists(pid):
        return False
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (OSError, IndexError):
        return not _PROC  # with /proc, the process has just gone


def _works_in(pid: int, data: Path) -> bool:
    """Whether the process's working folder is ``data``, as a postmaster's is.

    A number out of an old or copied ``postmaster.pid`` may by now be any process.
    """
    try:
        if _PROC:
            return Path(f"/proc/{pid}/cwd").samefile(data)
        told = subprocess.run(["lsof", "-a", "-p", str(pid), "-d", "cwd", "-Fn"], capture_output=True, text=True).stdout
        return any(line[:1] == "n" and Path(line[1:]).samefile(data) for line in told.splitlines())
    except OSError:
        return False


def remove_misleading_pid_file(data: Path) -> None:
    """Remove a ``postmaster.pid`` whose number is now a zombie's or another program's: the server would believe it.

    A number that nobody has is left to the server, which then makes sure that no child of its old self is alive.
    """
    file = data / "postmaster.pid"
    first = (read(file).splitlines() or [""])[0]
    if first.isdigit() and _exists(int(first)) and not (is_alive(int(first)) and _works_in(int(first), data)):
        file.unlink(missing_ok=True)


def send(pid: int, how: signal.Signals, account: Account) -> None:
    """Send a signal with the account's rights, not root's: the number came out of the account's file."""
    account.run("/bin/sh", "-c", 'kill -"$1" "$2"', "sh", how.name.removeprefix("SIG"), str(pid))


def wait_gone(data: Path, pid: int, timeout: float) -> bool:
    """Wait until the process that works in ``data`` has ended; False when it has not after ``timeout`` seconds."""
    deadline = time.monotonic() + timeout
    while is_alive(pid) and _works_in(pid, data):
        if time.monotonic() > deadline:
            return False
        time.sleep(_PAUSE)
    return True
