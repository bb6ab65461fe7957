"""A real PostgreSQL without installation: the server of one project folder, its start, its stop, its state.

``EmbeddedPostgres(home).start()`` gives a URL within about a second on a fresh folder and at once when the server
runs already; the server outlives the process that started it and ends by ``stop()`` alone. Any number of processes may
start at the same time, as root or as an ordinary user, from any path. Under ``home/postgres`` lie

- ``data``: the cluster, unless the server's account cannot live there; then ``server.json`` says where it is;
- ``server.json``: where data, socket, programs and port are, for people and tools (the server's own
  ``postmaster.pid`` stays the truth about what is running);
- ``server.log``: the server's messages;
- ``local.conf`` in ``data``: settings of your own, read last; everything else is rewritten at each start.

Who may connect: through the socket its owner and root, as any database role (``peer``); over TCP, which is off until
a port is asked for, roles with a password from this machine, never the superuser.

Belongs here: the life of the server. Does not belong here: accounts and folders (``places``), the wheel's layout
(``binaries``), tables (``migrations``), SQL roles (``admin``).
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import logging
import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg2

from rsoko_pipeline.warehouse import binaries as wheel
from rsoko_pipeline.warehouse import places, postmaster, server_settings
from rsoko_pipeline.warehouse.binaries import Binaries
from rsoko_pipeline.warehouse.errors import ServerError
from rsoko_pipeline.warehouse.places import Account
from rsoko_pipeline.warehouse.postmaster import Running
from rsoko_pipeline.warehouse.server_settings import DEFAULT_PORT, SUPERUSER

DATABASE = "rsoko"

_START_TIMEOUT = 120.0  # seconds; recovery after a crash may take long
_STOP_TIMEOUT = 60.0
_LOG_LIMIT = 10_000_000  # bytes, then server.log becomes server.log.1
_PAUSE = 0.01

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Status:
    """The state of a project's embedded server.

    Attributes:
        running: whether it accepts connections.
        pid: its process, or None.
        port: the port on 127.0.0.1, or None while TCP is off.
        url: SQLAlchemy URL, or None while it does not run.
        data: folder of the cluster, or None before the first start.
        log: file of its messages.
    """

    running: bool
    pid: int | None
    port: int | None
    url: str | None
    data: Path | None
    log: Path


class EmbeddedPostgres:
    """The PostgreSQL server of one project folder.

    Args:
        home: the project's state folder (``RSOKO_HOME``); the server's files lie in ``home/postgres``.
        account: as root, the account that a new cluster belongs to; by default the owner of ``home``, else ``nobody``.
        durable: False turns syncing off, for tests only: a crash of the machine may then lose the data.
        binaries: the server's programs; by default those of the installed wheel.
        outside: where data and programs go when the account cannot enter ``home``; by default ``places.elsewhere``.
    """

    def __init__(
        self,
        home: Path | str,
        *,
        account: str | None = None,
        durable: bool = True,
        binaries: Binaries | None = None,
        outside: Path | None = None,
    ) -> None:
        self.home = Path(home).expanduser().resolve()
        self.folder = self.home / "postgres"
        self.log = self.folder / "server.log"
        self.state_file = self.folder / "server.json"
        self._account = account
        self._durable = durable
        self._binaries = binaries
        self._outside = outside
        self._held: int | None = None  # the lock's descriptor while we hold it

    # ------------------------------------------------------------------ what people call

    def start(self, port: int | None = None) -> str:
        """Start the server unless it runs, and give its URL.

        Args:
            port: listen on 127.0.0.1 at this port too; a server that runs without it, or with another one, is
                restarted. None leaves a running server as it is, and after a crash comes back with the port it had.

        Returns:
            ``postgresql+psycopg2://postgres@/rsoko?host=…`` through the socket.

        Raises:
            ServerError: it does not start; the text says why and what to do.
        """
        running = self._running()
        if not self._serves(running, port):
            with self._lock():
                running = self._running(wait=True)
                if not self._serves(running, port):
                    running = self._start(running, port)
        assert running is not None
        return self._url(running)

    def stop(self) -> bool:
        """Stop the server; sessions are ended, nothing stored is lost.

        Returns:
            False when it was not running.
        """
        if not self.folder.exists():
            return False
        with self._lock():
            data = self._data()
            if data is None:
                return False
            running = self._running(wait=True)
            if running is not None:
                self._shut_down(running, data)
            recorded = self._state().get("socket_folder")
            if recorded:  # of a server that crashed
                _remove_socket_folder(Path(recorded), data)
            self._save_state(port=None, pid=None, url=None)
            return running is not None

    def url(self, database: str = DATABASE) -> str | None:
        """The SQLAlchemy URL of the running server, or None while it does not run."""
        running = self._running()
        return self._url(running, database) if running and running.ready else None

    def status(self) -> Status:
        """What runs and where."""
        running = self._running()
        up = running is not None and running.ready and running.answers()
        return Status(
            running=up,
            pid=running.pid if running else None,
            port=running.port if running and running.tcp else None,
            url=self._url(running) if running and up else None,
            data=self._data(),
            log=self.log,
        )

    def remove(self) -> None:
        """Stop the server and delete the cluster for good, wherever it lies; the programs' copy stays."""
        self.stop()
        data = self._data()
        if data is not None:
            shutil.rmtree(data if data.parent == self.folder else data.parent)
        shutil.rmtree(self.folder, ignore_errors=True)

    # ------------------------------------------------------------------ state

    @contextlib.contextmanager
    def _lock(self) -> Iterator[None]:
        """One process at a time starts, stops or moves this project's server."""
        try:
            if not self.folder.exists():
                self.home.mkdir(parents=True, exist_ok=True)
                self.folder.mkdir(exist_ok=True)
                self._give(self.folder)
            handle = self._open(".lock", os.O_RDWR)
        except PermissionError as error:
            raise ServerError(
                f"Нет доступа к папке {self.folder}. Её мог создать другой пользователь (например, root): "
                "запускайте rsoko от его имени или задайте другую папку в RSOKO_HOME."
            ) from error
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            self._held = handle
            yield
        finally:
            self._held = None
            os.close(handle)

    def _state(self) -> dict[str, Any]:
        try:
            return dict(json.loads(self.state_file.read_text(encoding="utf-8")))
        except (FileNotFoundError, ValueError):
            return {}

    def _save_state(self, **changes: object) -> None:
        state = {**self._state(), **changes, "changed_at": datetime.now(UTC).isoformat(timespec="seconds")}
        draft = f".server.{secrets.token_hex(4)}"
        with os.fdopen(self._open(draft, os.O_WRONLY | os.O_EXCL, 0o644), "w", encoding="utf-8") as stream:
            stream.write(json.dumps(state, ensure_ascii=False, indent=2) + "\n")
        (self.folder / draft).replace(self.state_file)

    def _open(self, name: str, flags: int, mode: int = 0o600) -> int:
        """Open or create a file of our folder without following links."""
        handle = os.open(self.folder / name, flags | os.O_CREAT | os.O_NOFOLLOW, mode)
        self._give(handle)
        return handle

    def _give(self, file: Path | int) -> None:
        """Let what root makes in somebody's project folder be theirs, so that they can go on without root."""
        owner = self.home.stat()
        if os.geteuid() == 0 and owner.st_uid != 0:
            os.chown(file, owner.st_uid, owner.st_gid)

    def _data(self) -> Path | None:
        """The cluster's folder, or None when there is none yet.

        Raises:
            ServerError: the cluster is recorded elsewhere and is not there, or belongs to another project folder.
        """
        inside = self.folder / "data"
        if inside.exists():
            return inside
        recorded = self._state().get("data")
        if not recorded or Path(recorded) == inside or Path(recorded).parent == self.folder:
            return None
        data = Path(recorded)
        if not data.exists():
            raise ServerError(
                f"Данные базы этого проекта лежали в {data}, но там их нет. Верните их туда; "
                f"чтобы начать с пустой базы, удалите {self.state_file}."
            )
        owner = Path(postmaster.read(data.parent / "home"))
        if owner != self.home and EmbeddedPostgres(owner)._state().get("data") == recorded:
            raise ServerError(
                f"Папка {self.home} — копия {owner}, а база у них одна: {data}. Чтобы завести копии свою базу, "
                f"удалите {self.state_file}, а данные перенесите командами `rsoko db dump` и `rsoko db restore`."
            )
        return data

    def _running(self, *, wait: bool = False) -> Running | None:
        """The server of this cluster, if its process is alive; with ``wait``, once it has finished starting."""
        data = self._data()
        if data is None:
            return None
        deadline = time.monotonic() + _START_TIMEOUT
        while True:
            running = postmaster.read_pid_file(data)
            if running is None or running.ready or not wait or time.monotonic() > deadline:
                return running
            time.sleep(_PAUSE)

    def _serves(self, running: Running | None, port: int | None) -> bool:
        if running is None or not running.ready or (port is not None and not (running.tcp and running.port == port)):
            return False
        data = self._data()
        if data is None or not running.data.exists() or not running.data.samefile(data):
            return False  # the folder was moved: the server would fail at its next checkpoint
        return places.is_private(running.socket_folder, data.stat().st_uid) and running.answers()

    def _url(self, running: Running, database: str = DATABASE) -> str:
        port = f"&port={running.port}" if running.port != DEFAULT_PORT else ""
        return f"postgresql+psycopg2://{SUPERUSER}@/{database}?host={quote(str(running.socket_folder))}{port}"

    # ------------------------------------------------------------------ start and stop, under the lock

    def _start(self, running: Running | None, port: int | None) -> Running:
        if port is not None and not (running and running.tcp and running.port == port):
            _check_port(port)
        wanted = port if port is not None else self._state().get("port")
        data = self._data()
        if running is not None and data is not None:
            self._shut_down(running, data)
        try:
            return self._launch(data, wanted)
        except ServerError:
            if port is not None or wanted is None:
                raise
            _log.warning("Порт %s занят: сервер базы данных запущен без доступа по сети.", wanted)
            return self._launch(self._data(), None)

    def _launch(self, data: Path | None, port: int | None) -> Running:
        account = places.account_for(self.home, data, self._account)
        programs = self._programs(account)
        data = data or self._create(account, programs)
        self._check_data(data, account, programs)
        name = f"rsoko-{account.uid}-{places.key(data, postmaster.system_identifier(data))}"
        sockets = places.socket_folder(name, account)
        account.run("/bin/sh", "-c", 'rm -f "$1"/.s.PGSQL.*', "sh", sockets)  # of a server that crashed
        self._configure(data, account, sockets, port)
        running = self._spawn(data, account, programs)
        _ensure_database(running)
        self._save_state(
            note="Состояние встроенного сервера базы данных; ведёт rsoko, не правьте.",
            home=str(self.home),
            data=str(data),
            programs=str(programs.root / programs.prefix),
            version=programs.version,
            account=account.name,
            socket_folder=str(sockets),
            port=port,
            pid=running.pid,
            url=self._url(running),
        )
        return running

    def _programs(self, account: Account) -> Binaries:
        own = self._binaries or wheel.find()
        if own.usable_by(account):
            return own
        copy = own.copied_below(self._outside or places.elsewhere(account))
        if not copy.usable_by(account):
            raise ServerError(
                f"Программы PostgreSQL ({own.root / own.prefix}) не запускаются от имени {account.name}, и их копия "
                f"({copy.root}) тоже. Укажите свой сервер в RSOKO_WAREHOUSE_URL."
            )
        return copy

    def _create(self, account: Account, programs: Binaries) -> Path:
        """A new cluster; it gets its name only when it is complete.

        ``initdb`` holds our lock too: if we are killed, the next starter waits until it has ended, then clears up.
        """
        self._put_orphans_aside(account)
        parent = self.folder if places.can_hold_data(self.folder, account) else self._outside_folder(account)
        for draft in parent.glob("data.new-*"):
            shutil.rmtree(draft, ignore_errors=True)
        draft = parent / f"data.new-{secrets.token_hex(4)}"
        try:
            places.make_private(draft, account)
            made = account.run(
                programs.program("initdb"), "-D", draft, "-U", SUPERUSER, "--encoding=UTF8", "--no-instructions",
                "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", "--text-search-config=russian",
                "--auth-local=peer", "--auth-host=scram-sha-256", *(() if self._durable else ("--no-sync",)),
                timeout=600, pass_fds=(self._held,) if self._held is not None else (),
            )  # fmt: skip
            if made.returncode != 0:
                raise ServerError(_explained("Не удалось создать базу данных.", made.stderr))
            draft.rename(parent / "data")
        finally:
            shutil.rmtree(draft, ignore_errors=True)
        if parent != self.folder:
            self._save_state(data=str(parent / "data"))
        return parent / "data"

    def _outside_folder(self, account: Account) -> Path:
        """The folder outside the project for this project's cluster."""
        folder = (self._outside or places.elsewhere(account)) / places.key(self.home)
        folder.mkdir(mode=0o755, exist_ok=True)
        if not places.is_ours(folder):
            raise ServerError(f"Папку {folder} создал кто-то другой; удалите её и повторите.")
        (folder / "home").write_text(str(self.home), encoding="utf-8")
        return folder

    def _put_orphans_aside(self, account: Account) -> None:
        """Stop and rename the cluster outside of a project folder that lay here and was deleted by hand."""
        for base in [self._outside] if self._outside else places.candidates(account):
            folder = base / places.key(self.home)
            if not places.is_ours(base) or not (folder / "data").exists() or not self._is_named_in(folder):
                continue
            running = postmaster.read_pid_file(folder / "data")
            if running is not None:
                self._shut_down(running, folder / "data")
            aside = base / f"{folder.name}.left-{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(2)}"
            folder.rename(aside)
            _log.warning("Осталась база удалённой папки %s: %s. Если она не нужна, удалите её.", self.home, aside)

    def _is_named_in(self, folder: Path) -> bool:
        """Whether a folder outside of projects says that it is ours."""
        return postmaster.read(folder / "home") == str(self.home)

    def _check_data(self, data: Path, account: Account, programs: Binaries) -> None:
        if not account.can_enter(data):
            raise ServerError(
                f"Учётная запись {account.name}, от имени которой работает сервер, не может войти в {data}. "
                "Дайте ей право прохода по папкам этого пути или перенесите проект."
            )
        version = postmaster.read(data / "PG_VERSION")
        if version != programs.version.split(".")[0]:
            raise ServerError(
                f"База создана PostgreSQL {version}, а установлен {programs.version}. Поставьте прежнюю версию, "
                "сохраните базу (`rsoko db dump`), удалите её папку и загрузите сохранённое в новую "
                "(`rsoko db restore`)."
            )
        if data.parent != self.folder and not self._is_named_in(data.parent):  # the project was moved
            (data.parent / "home").write_text(str(self.home), encoding="utf-8")

    def _configure(self, data: Path, account: Account, sockets: Path, port: int | None) -> None:
        own = (data / "local.conf").exists()
        files = {
            "postgresql.conf": server_settings.settings(sockets, port, durable=self._durable, own=own),
            "pg_hba.conf": server_settings.ACCESS,
            "pg_ident.conf": server_settings.identities(("root", account.name)),
        }
        try:
            for name, text in files.items():
                places.write_private(data / name, text, account)
        except OSError as error:
            raise ServerError(_explained("Не удалось записать настройки сервера базы данных.", str(error))) from error

    def _spawn(self, data: Path, account: Account, programs: Binaries) -> Running:
        """Start the postmaster and wait until it accepts connections.

        After ``kill -9`` its children may hold the shared memory for a moment, so those failures are tried again.
        """
        if self.log.exists() and self.log.stat().st_size > _LOG_LIMIT:
            self.log.replace(self.log.with_suffix(".log.1"))
        deadline = time.monotonic() + _START_TIMEOUT
        patience = time.monotonic() + 15
        while True:
            postmaster.remove_misleading_pid_file(data)
            log = self._open(self.log.name, os.O_WRONLY | os.O_APPEND)
            try:
                begin = os.fstat(log).st_size
                # The shell makes the server nobody's child: it is not ours to wait for, and it stays when we go.
                started = account.run(
                    "/bin/sh", "-c", '"$@" </dev/null >&2 & echo $!', "sh", programs.program("postgres"), "-D", data,
                    stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, start_new_session=True, check=True,
                )  # fmt: skip
            finally:
                os.close(log)
            pid = int(started.stdout)
            while postmaster.is_alive(pid) and time.monotonic() < deadline:
                running = postmaster.read_pid_file(data)
                if running is not None and running.pid == pid and running.ready:
                    return running
                time.sleep(_PAUSE)
            if postmaster.is_alive(pid):
                raise ServerError(
                    "Сервер базы данных ещё восстанавливает данные после сбоя. Повторите через несколько минут."
                )
            said = self.log.read_bytes()[begin:].decode(errors="replace")
            held = "shared memory block" in said or "lock file" in said
            if not held or time.monotonic() > patience:
                raise ServerError(_explained(f"Сервер базы данных не запустился. Журнал: {self.log}.", said))
            time.sleep(0.1)

    def _shut_down(self, running: Running, data: Path) -> None:
        account = places.account_for(self.home, data, self._account)
        for how, timeout in ((signal.SIGINT, _STOP_TIMEOUT), (signal.SIGQUIT, 10.0)):  # fast, then immediate
            postmaster.send(running.pid, how, account)
            if postmaster.wait_gone(data, running.pid, timeout):
                break
        else:
            raise ServerError(f"Сервер базы данных (процесс {running.pid}) не остановился. Журнал: {self.log}.")
        _remove_socket_folder(running.socket_folder, data)


# ---------------------------------------------------------------------- helpers


def _remove_socket_folder(folder: Path, data: Path) -> None:
    if places.is_private(folder, data.stat().st_uid):
        shutil.rmtree(folder, ignore_errors=True)


def _ensure_database(running: Running) -> None:
    link = psycopg2.connect(host=str(running.socket_folder), port=running.port, user=SUPERUSER, dbname="postgres")
    try:
        link.autocommit = True
        with link.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,))
            if cursor.fetchone() is None:
                cursor.execute(f'CREATE DATABASE "{DATABASE}"')
    finally:
        link.close()


def _check_port(port: int) -> None:
    if not 1 <= port <= 65535:
        raise ServerError(f"Порта {port} не бывает: нужно число от 1 до 65535.")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise ServerError(
                f"Порт {port} занят другой программой или недоступен: выберите другой ({error.strerror})."
            ) from error


def _explained(sentence: str, said: str) -> str:
    """The sentence, a plain reason where the server's words have a known one, and the words themselves."""
    reasons = {
        "No space left on device": "Кончилось место на диске.",
        "Permission denied": "Не хватает прав на папку.",
        "could not bind": "Порт занят.",
        "shared memory block": "Ещё работают процессы прежнего сервера; подождите или завершите их.",
        "Read-only file system": "Папка доступна только для чтения.",
    }
    known = [text for words, text in reasons.items() if words in said]
    tail = " | ".join(line.strip() for line in said.strip().splitlines()[-5:])
    return " ".join([sentence, *known, f"Сообщение: {tail}" if tail else ""]).strip()
