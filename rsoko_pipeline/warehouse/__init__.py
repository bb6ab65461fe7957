"""The warehouse: an embedded or external PostgreSQL, its tables, its migrations and the fast way in and out.

Belongs here: everything that speaks SQL or runs a server. Does not belong here: what a table means (``contracts``),
what is computed from it (``indicators``, ``objectivity`` …), Dagster (``resources``), the command line (``cli``).

Modules, from the ground up; this package itself imports none of them, so that ``rsoko db start`` stays quick:

- ``errors``: what can go wrong, in Russian, and the translation of the server's errors;
- ``places``, ``binaries``, ``server_settings``, ``postmaster``, ``embedded``: the embedded server;
- ``engine``: URLs, SQLAlchemy engines, raw connections;
- ``metadata``: SQLAlchemy tables built from the contracts;
- ``migrations``: Alembic;
- ``encoding``, ``copy``: frames to and from tables;
- ``admin``: what stands behind ``rsoko db``.
"""
