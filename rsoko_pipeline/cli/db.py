"""``rsoko db``: the warehouse's server."""

from __future__ import annotations

import secrets
from pathlib import Path

import click

from rsoko_pipeline.cli.console import DONE, FINDINGS, Example, say
from rsoko_pipeline.cli.russian import Group
from rsoko_pipeline.program import hint
from rsoko_pipeline.settings import Settings

#: ``warehouse.admin.ROLES``, here so that ``--help`` need not import the warehouse.
_ROLES = ["rsoko_etl", "rsoko_region", "rsoko_municipality", "rsoko_public"]


@click.group(
    cls=Group,
    epilog=Example("db url", "db start --port 5433", "db psql -- -c 'select * from mart.coverage limit 5'"),
)
def db() -> None:
    """Хранилище: адрес, запуск и остановка сервера, миграции, роли, копии."""


@db.command(epilog=Example("db url"))
def url() -> int:
    """Напечатать URL для SQLAlchemy; встроенный сервер при этом запускается."""
    from rsoko_pipeline.warehouse.engine import warehouse_url

    say(warehouse_url(Settings.from_environment()))
    return DONE


@db.command(epilog=Example("db start", "db start --port 5433"))
@click.option("--port", type=click.IntRange(1, 65535), help="Порт на 127.0.0.1 для программ BI: вход только по паролю.")
def start(port: int | None) -> int:
    """Запустить встроенный сервер; он работает, пока его не остановят."""
    from rsoko_pipeline.warehouse import admin

    say(admin.start(Settings.from_environment().home, port=port))
    return DONE


@db.command(epilog=Example("db stop"))
def stop() -> int:
    """Остановить встроенный сервер."""
    from rsoko_pipeline.warehouse import admin

    admin.stop(Settings.from_environment().home)
    return DONE


@db.command(epilog=Example("db status"))
def status() -> int:
    """Работает ли сервер и где его данные."""
    from rsoko_pipeline.warehouse import admin

    state = admin.status(Settings.from_environment().home)
    if state.running:
        access = f"127.0.0.1:{state.port}" if state.port else "закрыт, доступ только с этой машины"
        say(f"Сервер работает, процесс {state.pid}.\nПорт: {access}\nURL: {state.url}")
    else:
        say(f"Сервер не работает. Запустить: {hint('db start')}")
    say(f"Данные: {state.data or 'ещё нет, появятся при первом запуске'}\nЖурнал: {state.log}")
    return DONE if state.running else FINDINGS


@db.command(epilog=Example("db migrate"))
def migrate() -> int:
    """Привести таблицы хранилища к текущей версии."""
    from rsoko_pipeline.warehouse import admin
    from rsoko_pipeline.warehouse.engine import get_engine, warehouse_url

    admin.migrate(get_engine(warehouse_url(Settings.from_environment())))
    say("Таблицы хранилища в порядке.")
    return DONE


@db.command(
    context_settings={"ignore_unknown_options": True},
    epilog=Example("db psql", "db psql -- -c 'table mart.coverage'"),
)
@click.argument("arguments", metavar="[ПАРАМЕТРЫ psql]...", nargs=-1, type=click.UNPROCESSED)
def psql(arguments: tuple[str, ...]) -> int:
    """Открыть psql; всё после -- передаётся ему."""
    from rsoko_pipeline.warehouse import admin

    return admin.psql(Settings.from_environment().home, list(arguments))


@db.command(epilog=Example("db grant rsoko_region analyst", "db grant rsoko_region analyst --password secret"))
@click.argument("role", type=click.Choice(_ROLES))
@click.argument("user", metavar="ПОЛЬЗОВАТЕЛЬ")
@click.option("--password", envvar="RSOKO_DB_PASSWORD", help="Пароль; без него придумывается и печатается один раз.")
def grant(role: str, user: str, password: str | None) -> int:
    """Завести пользователя базы с правами роли."""
    from rsoko_pipeline.warehouse import admin
    from rsoko_pipeline.warehouse.engine import get_engine, warehouse_url

    chosen = password or secrets.token_urlsafe(12)
    admin.grant(get_engine(warehouse_url(Settings.from_environment())), role, user, chosen)
    say(f"Пользователь {user} получил права {role}." + ("" if password else f" Пароль: {chosen}"))
    return DONE


@db.command(epilog=Example("db dump backup.dump"))
@click.argument("file", metavar="ФАЙЛ", type=click.Path(dir_okay=False, path_type=Path))
def dump(file: Path) -> int:
    """Сохранить копию хранилища в файл."""
    from rsoko_pipeline.warehouse import admin

    admin.dump(Settings.from_environment().home, file)
    say(f"Копия сохранена: {file}")
    return DONE


@db.command(epilog=Example("db restore backup.dump"))
@click.argument("file", metavar="ФАЙЛ", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.confirmation_option(
    "--yes",
    prompt="Текущее содержимое хранилища будет заменено. Продолжить? (y — да, Enter — нет)",
    help="Заменить содержимое хранилища без вопроса.",
)
def restore(file: Path) -> int:
    """Восстановить хранилище из копии."""
    from rsoko_pipeline.warehouse import admin

    admin.restore(Settings.from_environment().home, file)
    say("Хранилище восстановлено.")
    return DONE
