"""Who the embedded server runs as, and where its data and socket lie.

PostgreSQL refuses to run as root, so root's server runs as an unprivileged account. That account may be unable to
enter the project's folder; then the data (and a copy of the programs) lie elsewhere. No existing folder's permissions
are ever changed. Everything that root writes for the account goes through descriptors that do not follow links.

Belongs here: accounts, folders, who owns them. Does not belong here: processes (``embedded``), programs (``binaries``).
"""

from __future__ import annotations

import hashlib
import os
import pwd
import secrets
import shutil
import stat
import subprocess
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rsoko_pipeline.warehouse.errors import ServerError

_SOCKET_PATH_LIMIT = 90  # sun_path has 104 bytes on macOS, and «/.s.PGSQL.65535» follows


@dataclass(frozen=True)
class Account:
    """The operating system's account that the server runs as.

    Attributes:
        name: login name.
        uid: user id.
        gid: primary group id.
    """

    name: str
    uid: int
    gid: int

    @property
    def is_us(self) -> bool:
        """Whether this process runs as the account."""
        return os.geteuid() == self.uid

    def run(self, *command: str | Path, **options: Any) -> subprocess.CompletedProcess[str]:
        """Run a program as this account, with a clean environment, from the root folder; its output is captured.

        Args:
            command: the program and its arguments.
            options: more for ``subprocess.run``.

        Raises:
            OSError: the account may not run the program.
        """
        streams = {} if "stderr" in options else {"capture_output": True}
        identity = {} if self.is_us else {"user": self.uid, "group": self.gid, "extra_groups": []}
        environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "HOME": "/"}
        given: dict[str, Any] = {**streams, **identity, **options}
        return subprocess.run(list(command), cwd="/", env=environment, text=True, errors="replace", **given)

    def can_enter(self, folder: Path) -> bool:
        """Whether the account can enter ``folder``: it is tried, so that access lists and mounts count."""
        return self.run("/bin/sh", "-c", 'cd "$1"', "sh", folder).returncode == 0


def account_for(home: Path, data: Path | None, name: str | None = None) -> Account:
    """The account for a project's server.

    An ordinary user is their own account. For root it is, in this order: the owner of data that exist, the account
    asked for by ``name``, the owner of ``home`` unless that is root, ``nobody``.

    Raises:
        ServerError: the account does not exist, or the data belong to somebody else.
    """
    euid = os.geteuid()
    owner = data.stat().st_uid if data is not None and data.exists() else None
    if euid != 0:
        if owner is not None and owner != euid:
            raise ServerError(
                f"Данные базы {data} принадлежат пользователю {_name_of(owner)}. Запускайте rsoko от его имени "
                "или задайте другую папку в RSOKO_HOME."
            )
        return _account(euid)
    if owner:
        return _account(owner)
    if name is not None:
        return _named(name)
    home_owner = home.stat().st_uid
    try:
        return _account(home_owner) if home_owner else _named("nobody")
    except ServerError:  # the owner is unknown here, e.g. a folder mounted into a container
        return _named("nobody")


def _named(name: str) -> Account:
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        raise ServerError(
            f"В системе нет учётной записи {name}: серверу базы данных не от чьего имени работать."
        ) from None
    if entry.pw_uid == 0:
        raise ServerError("Сервер базы данных не может работать от имени root. Укажите обычную учётную запись.")
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def _account(uid: int) -> Account:
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        raise ServerError(
            f"У пользователя с номером {uid} нет имени в системе, а PostgreSQL без имени не запускается. Заведите "
            "учётную запись (в контейнере: строку в /etc/passwd) или укажите свой сервер в RSOKO_WAREHOUSE_URL."
        ) from None
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def _name_of(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"с номером {uid}"


def key(*parts: str | Path | bytes) -> str:
    """Twelve hex digits that stand for ``parts``."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part if isinstance(part, bytes) else os.fsencode(part))
        digest.update(b"\0")
    return digest.hexdigest()[:12]


def make_private(folder: Path, account: Account) -> None:
    """Create ``folder`` with mode 0700 for ``account``; its parent must belong to us.

    Raises:
        OSError: it exists already, or the file system does not keep owners and modes.
    """
    folder.mkdir(mode=0o700)
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        os.fchmod(handle, 0o700)
        if not account.is_us:
            os.fchown(handle, account.uid, account.gid)
        made = os.fstat(handle)
    finally:
        os.close(handle)
    if made.st_uid != account.uid or stat.S_IMODE(made.st_mode) != 0o700:
        raise PermissionError(f"{folder}: the file system keeps neither owner nor mode")


def write_private(file: Path, text: str, account: Account) -> None:
    """Replace ``file``, which lies in a folder of ``account``, by one of mode 0600 with ``text``; follows no links."""
    draft = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        if not account.is_us:
            os.fchown(handle, account.uid, account.gid)
        os.write(handle, text.encode())
    finally:
        os.close(handle)
    draft.replace(file)


def can_hold_data(folder: Path, account: Account) -> bool:
    """Whether a cluster of ``account`` can live in ``folder``: it can get there and 0700 means what it says."""
    probe = folder / f".probe-{secrets.token_hex(4)}"
    try:
        make_private(probe, account)
        return account.can_enter(probe)
    except OSError:
        return False
    finally:
        shutil.rmtree(probe, ignore_errors=True)


def candidates(account: Account) -> list[Path]:
    """Folders of ours outside any project, best first; they may not exist yet.

    For root ``/var/lib/rsoko`` and the next of its kind, for others ``~/.local/share/rsoko``.
    """
    if os.geteuid() == 0:
        # /var/tmp comes last: some systems clear it of files older than 30 days.
        parents = [Path(path) for path in ("/var/lib", "/usr/local/var", "/opt", "/var/tmp")]
    else:
        own = Path(pwd.getpwuid(account.uid).pw_dir) / ".local" / "share"
        parents = [Path(os.environ.get("XDG_DATA_HOME") or own)]
    return [parent / "rsoko" for parent in parents]


def elsewhere(account: Account) -> Path:
    """The first of ``candidates`` that can be had: nobody else can write to it, and ``account`` can enter.

    Raises:
        ServerError: there is none.
    """
    tried = candidates(account)
    for folder in tried:
        with suppress(OSError):
            folder.mkdir(mode=0o755, exist_ok=True, parents=os.geteuid() != 0)
            if is_ours(folder) and account.can_enter(folder):
                return folder
    raise ServerError(
        f"Учётная запись {account.name} не может войти в папку проекта, и больше данные базы хранить негде "
        f"(пробовали: {', '.join(map(str, tried))}). Перенесите проект в папку, доступную этой учётной записи, "
        "или укажите свой сервер в RSOKO_WAREHOUSE_URL."
    )


def is_ours(folder: Path) -> bool:
    """Whether ``folder`` is a real folder, belongs to us and nobody else can write to it."""
    try:
        status = folder.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(status.st_mode) and status.st_uid == os.geteuid() and not status.st_mode & 0o022


def socket_folder(name: str, account: Account) -> Path:
    """A folder for the server's socket: 0700, of ``account``, with a short path without spaces.

    Args:
        name: the folder's name; where somebody else has taken it, a random ending is added.

    Raises:
        ServerError: no folder for temporary files is safe enough.
    """
    for base in dict.fromkeys((Path("/tmp"), Path(tempfile.gettempdir()), Path("/var/tmp"))):
        if len(os.fsencode(base / name)) > _SOCKET_PATH_LIMIT or " " in str(base) or not _is_safe_base(base):
            continue
        for candidate in (base / name, base / f"{name}-{secrets.token_hex(4)}"):
            try:
                make_private(candidate, account)
            except FileExistsError:
                if not is_private(candidate, account.uid):
                    continue
            except OSError:
                continue
            return candidate
    raise ServerError("Не нашлось надёжной папки временных файлов для сокета базы данных (пробовали /tmp и /var/tmp).")


def is_private(folder: Path, uid: int) -> bool:
    """Whether ``folder`` is a real folder of the user ``uid`` that nobody else can enter."""
    try:
        status = folder.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(status.st_mode) and status.st_uid == uid and stat.S_IMODE(status.st_mode) == 0o700


def _is_safe_base(base: Path) -> bool:
    """Nobody can rename or remove what others made there: the folder is sticky, or only root or we can write to it."""
    try:
        status = base.stat()
    except OSError:
        return False
    sticky = bool(status.st_mode & stat.S_ISVTX)
    return sticky or (status.st_uid in (0, os.geteuid()) and not status.st_mode & 0o022)
