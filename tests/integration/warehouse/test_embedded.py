"""The embedded server's life: paths, accounts, crashes, ports, many starters at once.

Every server here lies in a short folder of its own (``make_home``), which stops and removes it.
"""

from __future__ import annotations

import contextlib
import json
import os
import pwd
import shutil
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psycopg2
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url

from rsoko_pipeline.warehouse import binaries, places
from rsoko_pipeline.warehouse.embedded import EmbeddedPostgres
from rsoko_pipeline.warehouse.engine import get_engine
from rsoko_pipeline.warehouse.errors import DiskFullError, ServerError
from rsoko_pipeline.warehouse.postmaster import data_folder

MakeHome = Callable[..., Path]
_ROOT = os.geteuid() == 0
needs_root = pytest.mark.skipif(not _ROOT, reason="needs root")


def ask(url: str | None, query: str = "SELECT 1") -> object:
    assert url is not None
    engine = get_engine(url)
    try:
        with engine.begin() as connection:
            result = connection.execute(sa.text(query))
            return result.scalar() if result.returns_rows else None
    finally:
        engine.dispose()


def kill_server(server: EmbeddedPostgres) -> int:
    pid = server.status().pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    while server.status().pid == pid:
        time.sleep(0.005)
    return pid


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def as_user(uid: int, work: Callable[[], None]) -> str:
    """Run ``work`` in a forked child as another user; give what it raised, or an empty text."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setgroups([])
            os.setgid(uid)
            os.setuid(uid)
            work()
        except BaseException as error:
            os.write(write, f"{type(error).__name__}: {error}".encode())
        finally:
            os._exit(0)
    os.close(write)
    with os.fdopen(read) as answers:
        told = answers.read()
    os.waitpid(child, 0)
    return told


# ---------------------------------------------------------------------- start, attach, stop


def test_it_starts_is_found_again_and_stops(make_home: MakeHome) -> None:
    server = EmbeddedPostgres(make_home())
    assert server.url() is None
    assert server.stop() is False
    begin = time.monotonic()
    url = server.start()
    assert time.monotonic() - begin < 10  # about one second on an idle machine
    assert ask(url, "SELECT current_database()") == "rsoko"
    assert EmbeddedPostgres(server.home).start() == url == server.url()
    status = server.status()
    assert (status.running, status.url, status.port, status.data) == (True, url, None, server.folder / "data")
    state = json.loads(server.state_file.read_text(encoding="utf-8"))
    assert (state["url"], state["pid"], state["data"]) == (url, status.pid, str(status.data))
    assert server.stop() is True
    assert server.stop() is False
    assert server.url() is None
    assert not server.status().running


def test_settings_that_matter(make_home: MakeHome) -> None:
    url = EmbeddedPostgres(make_home()).start()
    for name, value in {
        "fsync": "on",
        "synchronous_commit": "on",
        "full_page_writes": "on",
        "data_checksums": "on",
        "server_encoding": "UTF8",
        "TimeZone": "UTC",
        "listen_addresses": "",
        "log_min_error_statement": "panic",
    }.items():
        assert ask(url, f"SHOW {name}") == value, name
    assert ask(url, "SELECT lower('ЁЖИК') || (SELECT count(*) FROM (SELECT 'Ёж' AS a) x WHERE a ILIKE 'ёЖ')") == "ёжик1"


def test_a_path_with_spaces_and_cyrillic(make_home: MakeHome) -> None:
    server = EmbeddedPostgres(make_home("Моя папка", "проект 'РСОКО' $HOME", ".rsoko"), durable=False)
    assert ask(server.start()) == 1
    assert server.status().data == server.folder / "data"


def test_a_long_path(make_home: MakeHome) -> None:
    assert ask(EmbeddedPostgres(make_home(*["очень длинное имя папки"] * 4), durable=False).start()) == 1


def test_own_settings_are_read_last(make_home: MakeHome) -> None:
    server = EmbeddedPostgres(make_home(), durable=False)
    server.start()
    server.stop()
    own = server.folder / "data" / "local.conf"
    own.write_text("work_mem = '3MB'\n")
    own.chmod(0o644)
    assert ask(server.start(), "SHOW work_mem") == "3MB"


def test_it_outlives_the_process_that_started_it(make_home: MakeHome) -> None:
    home = make_home()
    code = (
        "import sys; from rsoko_pipeline.warehouse.embedded import EmbeddedPostgres as E; print(E(sys.argv[1]).start())"
    )
    started = subprocess.run([sys.executable, "-c", code, home], capture_output=True, text=True, check=True)
    assert ask(started.stdout.strip()) == 1


def test_a_dozen_processes_start_at_once(make_home: MakeHome) -> None:
    home = make_home()
    code = (
        "import sys; from rsoko_pipeline.warehouse.embedded import EmbeddedPostgres as E\n"
        "server = E(sys.argv[1], durable=False); print(server.start(), server.status().pid)"
    )
    starters = [
        subprocess.Popen([sys.executable, "-c", code, home], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(12)
    ]
    answers = [starter.communicate(timeout=60) for starter in starters]
    assert [complaints for _, complaints in answers if complaints] == []
    assert len({answer for answer, _ in answers}) == 1
    assert ask(answers[0][0].split()[0]) == 1


# ---------------------------------------------------------------------- crashes and leftovers


def test_after_kill_9_it_starts_again_with_its_data(make_home: MakeHome) -> None:
    server = EmbeddedPostgres(make_home())
    ask(server.start(), "CREATE TABLE kept AS SELECT 42 AS answer")
    old = kill_server(server)
    url = server.start()
    assert server.status().pid != old
    assert ask(url, "SELECT answer FROM kept") == 42


def test_a_busy_child_of_a_killed_server_is_waited_for(make_home: MakeHome) -> None:
    server = EmbeddedPostgres(make_home(), durable=False)
    link = psycopg2.connect(host=make_url(server.start()).query["host"], user="postgres", dbname="rsoko", async_=True)
    from psycopg2.extras import wait_select

    wait_select(link)
    link.cursor().execute("SELECT count(*) FROM generate_series(1, 6000000)")  # busy, does not look at its parent
    time.sleep(0.1)
    kill_server(server)
    assert ask(server.start()) == 1
    link.close()


def test_a_number_in_an_old_pid_file_that_is_now_another_program(make_home: MakeHome) -> None:
    server = EmbeddedPostgres(make_home(), durable=False)
    server.start()
    pid_file = server.folder / "data" / "postmaster.pid"
    kill_server(server)
    lines = pid_file.read_text().splitlines()
    pid_file.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    assert server.url() is None
    assert ask(server.start()) == 1
    assert server.status().pid != os.getpid()


def test_a_lost_socket_is_replaced(make_home: MakeHome) -> None:
    server = EmbeddedPostgres(make_home(), durable=False)
    folder = Path(str(make_url(server.start()).query["host"]))
    shutil.rmtree(folder)  # as cleaners of temporary files do
    assert not server.status().running
    assert ask(server.start()) == 1


def test_an_interrupted_creation_leaves_nothing_that_looks_like_a_cluster(make_home: MakeHome) -> None:
    home = make_home()
    code = "import sys; from rsoko_pipeline.warehouse.embedded import EmbeddedPostgres as E; print('go', flush=True); E(sys.argv[1], durable=False).start()"  # noqa: E501
    for delay in (0.02, 0.1, 0.25):
        starter = subprocess.Popen([sys.executable, "-c", code, home], stdout=subprocess.PIPE, text=True)
        assert starter.stdout is not None
        starter.stdout.readline()
        time.sleep(delay)
        starter.kill()
        starter.communicate()
        data = home / "postgres" / "data"
        assert not data.exists() or (data / "global" / "pg_control").exists()
    server = EmbeddedPostgres(home, durable=False)
    assert ask(server.start()) == 1
    assert list(server.folder.glob("data.new-*")) == []


def test_a_deleted_project_folder_starts_empty_at_once(make_home: MakeHome) -> None:
    server = EmbeddedPostgres(make_home(), durable=False)
    ask(server.start(), "CREATE TABLE old()")
    ghost, sockets = server.status().pid, make_url(str(server.url())).query["host"]
    shutil.rmtree(server.home)
    assert ask(server.start(), "SELECT to_regclass('old')") is None
    assert server.status().pid != ghost
    assert ghost is not None
    with contextlib.suppress(ProcessLookupError):
        os.kill(ghost, signal.SIGQUIT)  # it would notice within a minute
    shutil.rmtree(str(sockets))


def test_a_copied_project_folder_has_a_server_of_its_own(make_home: MakeHome) -> None:
    server = EmbeddedPostgres(make_home("one", ".rsoko"), durable=False)
    ask(server.start(), "CREATE TABLE mine AS SELECT 'one' AS name")
    ask(server.url(), "CHECKPOINT")
    copied = make_home("two", ".rsoko")
    subprocess.run(["cp", "-a", server.home, copied], check=True)
    twin = EmbeddedPostgres(copied, durable=False)
    assert twin.url() is None
    ask(twin.start(), "UPDATE mine SET name = 'two'")
    assert ask(server.url(), "SELECT name FROM mine") == "one"
    assert server.status().pid != twin.status().pid


def test_a_moved_project_folder_keeps_its_data(make_home: MakeHome) -> None:
    server = EmbeddedPostgres(make_home("one", ".rsoko"))
    ask(server.start(), "CREATE TABLE mine()")
    moved = make_home("two", ".rsoko")
    server.home.rename(moved)
    after = EmbeddedPostgres(moved)
    assert after.status().running  # it goes on until its next checkpoint, so a start restarts it
    assert ask(after.start(), "SELECT to_regclass('mine')") == "mine"
    assert ask(after.url(), "CHECKPOINT") is None
    assert after.stop()
    assert ask(after.start(), "SELECT to_regclass('mine')") == "mine"


def test_another_major_version_is_refused(make_home: MakeHome) -> None:
    server = EmbeddedPostgres(make_home(), durable=False)
    server.start()
    server.stop()
    (server.folder / "data" / "PG_VERSION").write_text("9\n")
    with pytest.raises(ServerError, match="База создана PostgreSQL 9"):
        server.start()


# ---------------------------------------------------------------------- ports and passwords


@pytest.fixture
def listening(make_home: MakeHome) -> tuple[EmbeddedPostgres, int]:
    server = EmbeddedPostgres(make_home(), durable=False)
    ask(server.start(), "CREATE ROLE reader LOGIN PASSWORD 'длинный пароль'")
    port = free_port()
    server.start(port)
    return server, port


def over_tcp(port: int, **parameters: str) -> None:
    psycopg2.connect(host="127.0.0.1", port=port, dbname="rsoko", connect_timeout=5, **parameters).close()


def test_a_port_restarts_the_server_and_asks_for_passwords(listening: tuple[EmbeddedPostgres, int]) -> None:
    server, port = listening
    status = server.status()
    assert (status.running, status.port) == (True, port)
    assert ask(status.url, "SHOW listen_addresses") == "127.0.0.1"
    assert f"port={port}" in str(status.url)
    over_tcp(port, user="reader", password="длинный пароль")
    with pytest.raises(psycopg2.OperationalError, match="no password supplied"):
        over_tcp(port, user="reader")
    with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
        over_tcp(port, user="reader", password="другой пароль")
    ask(status.url, "ALTER ROLE postgres PASSWORD 'задан'")
    with pytest.raises(psycopg2.OperationalError, match=r"pg_hba\.conf rejects"):
        over_tcp(port, user="postgres", password="задан")


def test_a_running_port_is_kept_changed_and_given_up_by_stop(listening: tuple[EmbeddedPostgres, int]) -> None:
    server, port = listening
    pid = server.status().pid
    server.start()
    server.start(port)
    assert server.status().pid == pid
    other = free_port()
    server.start(other)
    assert server.status().port == other
    kill_server(server)
    server.start()
    assert server.status().port == other  # after a crash the port comes back
    server.stop()
    server.start()
    assert server.status().port is None


def test_a_taken_port_leaves_the_server_as_it_is(listening: tuple[EmbeddedPostgres, int]) -> None:
    server, port = listening
    pid = server.status().pid
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(ServerError, match="занят"):
            server.start(taken.getsockname()[1])
    assert (server.status().pid, server.status().port) == (pid, port)
    with pytest.raises(ServerError, match="не бывает"):
        server.start(70_000)


def test_a_port_lost_to_others_after_a_crash_does_not_stop_the_start(
    listening: tuple[EmbeddedPostgres, int], caplog: pytest.LogCaptureFixture
) -> None:
    server, port = listening
    kill_server(server)
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", port))
        taken.listen()
        assert ask(server.start()) == 1
    assert server.status().port is None
    assert "без доступа по сети" in caplog.text


# ---------------------------------------------------------------------- accounts and folders


def test_only_the_owner_can_reach_the_socket(make_home: MakeHome) -> None:
    server = EmbeddedPostgres(make_home(), durable=False)
    folder = Path(str(make_url(server.start()).query["host"]))
    owner = server.folder.joinpath("data").stat().st_uid
    assert stat.S_IMODE(folder.lstat().st_mode) == 0o700
    assert folder.lstat().st_uid == owner != 0
    assert data_folder(str(folder), 5432) == server.folder / "data"


@needs_root
def test_others_are_refused_even_at_an_open_socket(make_home: MakeHome) -> None:
    server = EmbeddedPostgres(make_home(), durable=False)
    folder = Path(str(make_url(server.start()).query["host"]))

    def connect() -> None:
        psycopg2.connect(host=str(folder), user="postgres", dbname="rsoko").close()

    stranger = pwd.getpwnam("daemon").pw_uid
    assert "Permission denied" in as_user(stranger, connect)
    folder.chmod(0o755)
    (folder / ".s.PGSQL.5432").chmod(0o777)
    assert "Peer authentication failed" in as_user(stranger, connect)
    folder.chmod(0o700)


@needs_root
def test_a_socket_folder_that_somebody_else_made_is_not_used(make_home: MakeHome) -> None:
    server = EmbeddedPostgres(make_home(), durable=False)
    usual = Path(str(make_url(server.start()).query["host"]))
    server.stop()
    usual.mkdir(mode=0o700)
    os.chown(usual, 12345, 12345)
    try:
        used = Path(str(make_url(server.start()).query["host"]))
        assert used != usual
        assert used.name.startswith(usual.name)
        server.stop()
    finally:
        usual.rmdir()
    usual.symlink_to("/var")
    try:
        assert Path(str(make_url(server.start()).query["host"])) != usual
    finally:
        usual.unlink()


@pytest.fixture
def hidden(make_home: MakeHome) -> tuple[Path, Path]:
    """A home that only root can enter, and a folder outside of it."""
    home = make_home("closed", "проект", ".rsoko")
    home.parent.parent.chmod(0o700)
    outside = make_home("outside")
    outside.mkdir()
    return home, outside


@needs_root
def test_data_lie_outside_of_a_folder_that_the_account_cannot_enter(hidden: tuple[Path, Path]) -> None:
    home, outside = hidden
    server = EmbeddedPostgres(home, durable=False, outside=outside)
    ask(server.start(), "CREATE TABLE kept()")
    data = server.status().data
    assert data == outside / places.key(server.home) / "data"
    assert json.loads(server.state_file.read_text(encoding="utf-8"))["data"] == str(data)
    assert stat.S_IMODE(home.parent.parent.stat().st_mode) == 0o700
    server.stop()
    again = EmbeddedPostgres(home, durable=False, outside=outside)
    assert ask(again.start(), "SELECT to_regclass('kept')") == "kept"


@needs_root
def test_a_copy_of_a_project_does_not_share_data_that_lie_outside(hidden: tuple[Path, Path]) -> None:
    home, outside = hidden
    server = EmbeddedPostgres(home, durable=False, outside=outside)
    server.start()
    twin = EmbeddedPostgres(home.with_name("copy"), durable=False, outside=outside)
    shutil.copytree(home, twin.home)
    with pytest.raises(ServerError, match=r"копия .*rsoko db dump"):
        twin.start()
    shutil.rmtree(twin.home)
    server.stop()
    home.rename(twin.home)  # moved, not copied
    assert ask(twin.start()) == 1
    twin.remove()
    assert list(outside.iterdir()) == []


@needs_root
def test_data_outside_of_a_deleted_project_are_put_aside(
    hidden: tuple[Path, Path], caplog: pytest.LogCaptureFixture
) -> None:
    home, outside = hidden
    server = EmbeddedPostgres(home, durable=False, outside=outside)
    ask(server.start(), "CREATE TABLE old()")
    shutil.rmtree(home)
    assert ask(server.start(), "SELECT to_regclass('old')") is None
    (left,) = outside.glob("*.left-*")
    assert str(left) in caplog.text
    shutil.rmtree(left)
    server.stop()
    shutil.rmtree(outside / places.key(server.home))
    with pytest.raises(ServerError, match="там их нет"):
        server.start()
    shutil.rmtree(home)


@needs_root
def test_programs_are_copied_for_an_account_that_cannot_enter_their_folder(
    hidden: tuple[Path, Path], make_home: MakeHome
) -> None:
    home, outside = hidden
    wheel = binaries.find()
    closed = home.parent / "site-packages"
    for part in (wheel.prefix, *wheel.libraries):
        if (wheel.root / part).exists():
            shutil.copytree(wheel.root / part, closed / part, ignore=shutil.ignore_patterns("include", "*.a", "psql"))
    programs = binaries.Binaries(closed, wheel.prefix, wheel.libraries)
    server = EmbeddedPostgres(make_home(), durable=False, binaries=programs, outside=outside)
    assert ask(server.start()) == 1
    state = json.loads(server.state_file.read_text(encoding="utf-8"))
    assert state["programs"] == str(outside / f"postgres-{programs.fingerprint}" / wheel.prefix)
    assert state["data"] == str(server.folder / "data")
    assert [path.name for path in outside.iterdir()] == [f"postgres-{programs.fingerprint}"]


_AS_NOBODY = """
import os, pwd, sys
from rsoko_pipeline.warehouse import embedded
import encodings.idna, psycopg2.extensions, psycopg2.extras
account = pwd.getpwnam("nobody")
os.setgroups([]); os.setgid(account.pw_gid); os.setuid(account.pw_uid)
server = embedded.EmbeddedPostgres(sys.argv[1], durable=False)
print(server.start())
status = server.status()
assert status.running and status.data == server.folder / "data", status
link = psycopg2.connect(host=embedded.Path(server.url().split("host=")[1]).as_posix(), user="postgres", dbname="rsoko")
link.close()
assert server.stop()
"""


@needs_root
def test_as_an_ordinary_user(make_home: MakeHome) -> None:
    home = make_home("чужая папка", ".rsoko")
    owner = pwd.getpwnam("nobody")
    os.chown(home.parent, owner.pw_uid, owner.pw_gid)
    if not places.Account(owner.pw_name, owner.pw_uid, owner.pw_gid).can_enter(binaries.find().root):
        pytest.skip("the account nobody cannot enter the environment's folder")
    run = subprocess.run([sys.executable, "-c", _AS_NOBODY, home], capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stderr
    assert (home / "postgres" / "server.log").stat().st_uid == owner.pw_uid
    # root may then go on in this folder without taking it away from its owner
    assert ask(EmbeddedPostgres(home, durable=False).start()) == 1
    made = {path.stat().st_uid for path in (home / "postgres").iterdir()}
    assert made == {owner.pw_uid}


@needs_root
def test_an_ordinary_user_is_told_about_a_folder_of_root(make_home: MakeHome) -> None:
    server = EmbeddedPostgres(make_home(), durable=False)
    server.start()
    stranger = pwd.getpwnam("daemon").pw_uid
    told = as_user(stranger, lambda: print(EmbeddedPostgres(server.home).start()))
    assert told.startswith("ServerError: Нет доступа")


def test_the_account_must_exist_and_must_not_be_root(make_home: MakeHome) -> None:
    if not _ROOT:
        pytest.skip("accounts are chosen by root only")
    for name, words in {"nobody-there": "нет учётной записи", "root": "не может работать от имени root"}.items():
        with pytest.raises(ServerError, match=words):
            EmbeddedPostgres(make_home(), account=name).start()


# ---------------------------------------------------------------------- a full disk


@needs_root
def test_a_full_disk_is_reported_and_survived(make_home: MakeHome) -> None:
    from rsoko_pipeline.contracts import Column, Table
    from rsoko_pipeline.warehouse.copy import append
    from rsoko_pipeline.warehouse.metadata import build_metadata

    folder = make_home("small")
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=160m,mode=755", "tmpfs", folder], capture_output=True)
    if mounted.returncode != 0:
        pytest.skip("may not mount a small file system")
    server = EmbeddedPostgres(folder / "home", durable=False)
    try:
        engine = get_engine(server.start())
        table = Table("big", "core", "Т", "Т.", (Column("n", "int32", "Н"), Column("t", "text", "Т")), ("n",))
        with engine.begin() as connection:
            connection.execute(sa.text("CREATE SCHEMA core"))
        build_metadata([table]).create_all(engine)
        rows = table.empty().reindex(range(30_000)).assign(n=range(30_000), t="x" * 1000)
        with pytest.raises(DiskFullError, match="мало места: нужно"):
            append(engine, table, rows)
        assert append(engine, table, rows.iloc[:10]) == 10
        engine.dispose()
        server.stop()
        (folder / "ballast").write_bytes(b"\0" * shutil.disk_usage(folder).free)
        with pytest.raises(ServerError, match="Кончилось место на диске"):
            server.start()
        (folder / "ballast").unlink()
        assert ask(server.start(), "SELECT count(*) FROM core.big") == 10
    finally:
        server.remove()
        subprocess.run(["umount", folder], check=True)
