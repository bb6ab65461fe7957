"""What the embedded server is told: its settings and who may connect, as the texts of its files.

Belongs here: values and the reasons for them. Does not belong here: writing the files (``embedded``), SQL rights
(the migrations).
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

SUPERUSER = "postgres"
DEFAULT_PORT = 5432  # only the socket's name while TCP is off

#: ``pg_hba.conf``.
ACCESS = f"""\
# Written by rsoko at each start.
# Through the socket: the owner of the server and root (pg_ident.conf), as any role.
local  all  all                        peer map=owner
# Over TCP: never the superuser; others from this machine, with a password.
host   all  {SUPERUSER}  all           reject
host   all  all          127.0.0.1/32  scram-sha-256
"""


def settings(sockets: Path, port: int | None, *, durable: bool, own: bool) -> str:
    """``postgresql.conf``.

    Args:
        sockets: folder for the socket.
        port: listen on 127.0.0.1 at this port; None for the socket only.
        durable: False turns syncing off, for tests.
        own: whether there is a ``local.conf`` to read at the end.
    """
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20  # MB
    lines = {
        "unix_socket_directories": f"'{sockets}'",
        "unix_socket_permissions": "0700",
        "listen_addresses": "'127.0.0.1'" if port is not None else "''",
        "port": port if port is not None else DEFAULT_PORT,
        "max_connections": 60,
        "password_encryption": "'scram-sha-256'",
        # One machine, loads of up to a few million rows by COPY, few readers.
        "shared_buffers": f"{min(max(memory // 16, 64), 512)}MB",
        "effective_cache_size": f"{max(memory // 2, 128)}MB",
        "work_mem": f"{min(max(memory // 256, 8), 64)}MB",
        "maintenance_work_mem": f"{min(max(memory // 32, 64), 512)}MB",
        "wal_level": "minimal",  # there is no standby
        "max_wal_senders": 0,
        "max_wal_size": "2GB",
        "checkpoint_timeout": "15min",
        "random_page_cost": 1.1,
        "jit": "off",
        # Not POSIX: /dev/shm is 64 MB in containers, and a desktop clears it when its user logs out.
        "dynamic_shared_memory_type": "mmap",
        "huge_pages": "off",
        "client_connection_check_interval": "'5s'",  # a killed client's query ends too
        "timezone": "'UTC'",
        "log_timezone": "'UTC'",
        "datestyle": "'ISO, YMD'",
        "lc_messages": "'C'",
        "default_text_search_config": "'pg_catalog.russian'",
        "log_line_prefix": "'%m [%p] %q%u@%d '",
        "log_checkpoints": "off",
        # Pupils' data stay out of the log: no statements, no rows that failed.
        "log_min_error_statement": "panic",
        "log_error_verbosity": "terse",
    }
    if not durable:
        lines |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    text = "".join(f"{name} = {value}\n" for name, value in lines.items())
    include = "include 'local.conf'\n" if own else ""
    return f"# Written by rsoko at each start; your own settings go to local.conf beside this file.\n{text}{include}"


def identities(names: Iterable[str]) -> str:
    """``pg_ident.conf``: these accounts of the system may act as any role."""
    return "".join(f'owner "{name}" all\n' for name in dict.fromkeys(names))
