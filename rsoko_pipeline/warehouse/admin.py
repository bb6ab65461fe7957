"""What stands behind ``rsoko db``: the server, access for people and BI tools, copies of the database.

Belongs here: functions that an administrator's command calls once. Does not belong here: the command line (``cli``),
reading and writing frames (``copy``), rights on tables (the migrations).
"""

from __future__ import annotations

import os
import re
import secrets
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path

from psycopg2 import sql
from psycopg2.extensions import encrypt_password
from sqlalchemy.engine import Engine, make_url

from rsoko_pipeline.warehouse import binaries
from rsoko_pipeline.warehouse.embedded import SUPERUSER, EmbeddedPostgres, Status
from rsoko_pipeline.warehouse.engine import (
    VARIABLE,
    Settings,
    external_url,
    get_engine,
    home_of,
    raw_connection,
    warehouse_url,
)
from rsoko_pipeline.warehouse.errors import WarehouseError, translated
from rsoko_pipeline.warehouse.metadata import SCHEMAS
from rsoko_pipeline.warehouse.migrations import migrate

#: Group roles, created by the migrations: who writes everything, who reads what.
ROLES = ("rsoko_etl", "rsoko_region", "rsoko_municipality", "rsoko_public")

_USER = re.compile(r"[a-zа-яё_][a-zа-яё0-9_.-]{0,30}", re.IGNORECASE)  # 31 Cyrillic letters fit PostgreSQL's 63 bytes
_PASSWORD_LENGTH = 8
_LOCK_TIMEOUT = "30s"


def url(where: Settings | Path | str) -> str:
    """The SQLAlchemy URL of the warehouse; the embedded server is started so that it works.

    Args:
        where: settings, or a home folder (and then ``RSOKO_WAREHOUSE_URL`` counts).

    Raises:
        WarehouseError: the server does not start, or the configured URL is wrong.
    """
    return warehouse_url(where)


def start(where: Settings | Path | str, port: int | None = None) -> str:
    """Start the embedded server, on 127.0.0.1 at ``port`` too if given, and return its URL.

    Raises:
        WarehouseError: it does not start, the port is taken, or an external server is configured.
    """
    return _embedded(where).start(port)


def stop(where: Settings | Path | str) -> bool:
    """Stop the embedded server; False when it was not running.

    Raises:
        WarehouseError: it does not stop, or an external server is configured.
    """
    return _embedded(where).stop()


def status(where: Settings | Path | str) -> Status:
    """The state of the embedded server.

    Raises:
        WarehouseError: an external server is configured.
    """
    return _embedded(where).status()


def psql(where: Settings | Path | str, arguments: Sequence[str] = ()) -> int:
    """Run ``psql`` on the warehouse with this terminal; return its exit code.

    Raises:
        WarehouseError: there is no ``psql``, or the server does not start.
    """
    program, address, environment = _client("psql", warehouse_url(where))
    previous = signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is psql's, not ours
    try:
        return subprocess.call([program, "-d", address, *arguments], env=environment)
    finally:
        signal.signal(signal.SIGINT, previous)


def grant(engine: Engine, role: str, user: str, password: str) -> None:
    """Give a person or a tool access: create or change the login role ``user`` as a member of ``role`` alone.

    The password is hashed here and never sent or logged as it is. The marts are on the user's search path.

    Args:
        engine: the warehouse, as a user who may create roles.
        role: one of ``ROLES``.
        user: login name: letters, digits, ``_ . -``, at most 31.
        password: at least eight characters.

    Raises:
        WarehouseError: an argument is unsuitable, the user is an administrator, or the server refused.
    """
    if role not in ROLES:
        raise WarehouseError(f"Нет роли {role}. Роли: {', '.join(ROLES)}.")
    if not _USER.fullmatch(user) or user in ROLES or user == SUPERUSER or user.startswith("pg_"):
        raise WarehouseError(
            f"Имя {user!r} не подходит: нужны буквы, цифры и знаки _ . -, до 31 знака, и не служебное имя."
        )
    if len(password) < _PASSWORD_LENGTH:
        raise WarehouseError(f"Пароль короче {_PASSWORD_LENGTH} знаков.")
    name = sql.Identifier(user)
    with translated(f"доступ для {user}"), raw_connection(engine) as link, link.cursor() as cursor:
        cursor.execute("SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = %s", (user,))
        found = cursor.fetchone()
        if found is not None and found[0]:
            raise WarehouseError(f"{user} — администратор базы данных; для чтения и загрузки заведите другое имя.")
        verb = sql.SQL("CREATE" if found is None else "ALTER")
        hashed = encrypt_password(password, user, link, "scram-sha-256")
        cursor.execute(sql.SQL("{} ROLE {} LOGIN PASSWORD {}").format(verb, name, sql.Literal(hashed)))
        for other in ROLES:
            cursor.execute(sql.SQL("REVOKE {} FROM {}").format(sql.Identifier(other), name))
        cursor.execute(sql.SQL("GRANT {} TO {}").format(sql.Identifier(role), name))
        cursor.execute(sql.SQL("ALTER ROLE {} SET search_path = mart, core, public").format(name))


def dump(where: Settings | Path | str, file: Path | str) -> Path:
    """Write the warehouse's schemas to a file in PostgreSQL's custom format; only its owner may read it.

    The file appears under its name when it is complete; an older one is replaced. Passwords and logins are not in it.

    Raises:
        WarehouseError: there is no ``pg_dump``, the server does not start, or the file cannot be written.
    """
    target = Path(file).expanduser().absolute()
    program, address, environment = _client("pg_dump", warehouse_url(where))
    draft = _draft(target)
    try:
        schemas = [f"--schema={schema}" for schema in SCHEMAS]
        _run(
            [program, "-d", address, "-Fc", "--no-owner", *schemas, "-f", str(draft)],
            environment,
            "Копия базы не записана",
        )
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
    return target


def restore(where: Settings | Path | str, file: Path | str) -> None:
    """Replace everything in the warehouse's schemas by what ``dump`` wrote, in one transaction; then migrate.

    Raises:
        WarehouseError: the file is no such copy, other programs are using the warehouse, or the server refused; the
            warehouse is then as it was. Or the copy was made by a newer version of the program; it is in place then.
    """
    source = Path(file).expanduser().absolute()
    if not source.is_file():
        raise WarehouseError(f"Нет файла {source}.")
    place = warehouse_url(where)
    engine = get_engine(place)
    _create_roles(engine)
    unpack, _, environment = _client("pg_restore", place)
    program, address, _ = _client("psql", place)
    script = _draft(source)
    try:
        # First to a file: a pipe that breaks in the middle would look like a script that ends there.
        _run(
            [unpack, "--no-owner", "-f", str(script), str(source)],
            environment,
            f"{source} — не копия базы или повреждён",
        )
        first = f"SET lock_timeout = '{_LOCK_TIMEOUT}'; DROP SCHEMA IF EXISTS {', '.join(SCHEMAS)} CASCADE"
        command = [program, "-d", address, "-X", "-q", "-1", "-v", "ON_ERROR_STOP=1", "-c", first, "-f", str(script)]
        _run(command, environment, "База не восстановлена и осталась прежней")
    finally:
        script.unlink(missing_ok=True)
    migrate(engine)


def _embedded(where: Settings | Path | str) -> EmbeddedPostgres:
    if external_url(where):
        raise WarehouseError(f"Указан внешний сервер ({VARIABLE}); запускают и останавливают его там, где он стоит.")
    return EmbeddedPostgres(home_of(where))


def _create_roles(engine: Engine) -> None:
    """The group roles, which a copy's GRANTs name and a fresh server does not have."""
    with translated("создание ролей"), raw_connection(engine) as link, link.cursor() as cursor:
        cursor.execute("SELECT rolname FROM pg_roles WHERE rolname = ANY(%s)", (list(ROLES),))
        have = {name for (name,) in cursor.fetchall()}
        for role in ROLES:
            if role not in have:
                cursor.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(sql.Identifier(role)))


def _client(name: str, sqlalchemy_url: str) -> tuple[str, str, dict[str, str]]:
    """A client program, the address for its ``-d`` (without the password) and its environment (with it)."""
    program = binaries.find().client(name)
    if program is None:
        raise WarehouseError(f"Не найдена программа {name}. Установите клиент PostgreSQL.")
    address = make_url(sqlalchemy_url).set(drivername="postgresql")
    # The wheel's terminal library looks for descriptions of terminals where it was built.
    environment = {"TERMINFO_DIRS": "/etc/terminfo:/lib/terminfo:/usr/share/terminfo", **os.environ, "PGAPPNAME": name}
    if address.password:
        environment["PGPASSWORD"] = str(address.password)
    return str(program), address._replace(password=None).render_as_string(), environment


def _draft(target: Path) -> Path:
    """An empty file beside ``target`` that only its owner may read."""
    draft = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    try:
        os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except OSError as error:
        raise WarehouseError(f"В папку {target.parent} нельзя записать: {error.strerror}.") from error
    return draft


def _run(command: Sequence[str], environment: dict[str, str], failure: str) -> None:
    run = subprocess.run(
        command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace"
    )
    if run.returncode != 0:
        words = " | ".join(line.strip() for line in run.stderr.strip().splitlines()[-5:])
        busy = " Базой пользуются другие программы: закройте их и повторите." if "lock timeout" in words else ""
        full = " Кончилось место на диске." if "No space left on device" in words else ""
        raise WarehouseError(f"{failure}.{busy}{full} Сообщение: {words}")


__all__ = [
    "ROLES",
    "dump",
    "grant",
    "migrate",
    "psql",
    "restore",
    "start",
    "status",
    "stop",
    "url",
]
