"""Errors of the warehouse, as sentences in Russian for the person who runs the system.

Belongs here: the exception classes and the translation of PostgreSQL's errors. Does not belong here: findings about
incoming files (``rsoko_pipeline.findings``), retries.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg2
from sqlalchemy.exc import DBAPIError

DISK_FULL = "53100"
UNIQUE = "23505"
_SENTENCES = {
    DISK_FULL: "На диске сервера базы данных кончилось место. Освободите место и повторите; записано ничего не было.",
    "53200": "Серверу базы данных не хватило памяти.",
    "53300": "К базе данных подключено слишком много программ. Закройте лишние и повторите.",
    "57P01": "Сервер базы данных остановлен администратором.",
    "57P03": "Сервер базы данных ещё запускается или останавливается. Повторите через несколько секунд.",
    "42501": "Учётной записи базы данных не хватает прав.",
    "42P01": "В базе данных нет такой таблицы. Выполните `rsoko db migrate`.",
    "3F000": "В базе данных нет такой схемы. Выполните `rsoko db migrate`.",
    "3D000": "На сервере нет такой базы данных.",
    "28P01": "Сервер базы данных не принял имя или пароль.",
    UNIQUE: "Две строки с одним ключом.",
    "23502": "Пустое значение там, где оно недопустимо.",
    "23514": "Значение вне допустимых границ.",
    "22003": "Число не помещается в столбец.",
}


#: The driver's own words for a server that cannot be reached; what follows them depends on where it was sought.
_UNREACHED = (
    "No such file or directory",
    "Connection refused",
    "could not translate host name",
    "timeout expired",
    "Connection timed out",
    "No route to host",
    "Network is unreachable",
)
_ON_SOCKET = "on socket"


class WarehouseError(RuntimeError):
    """Something about the warehouse is wrong; the text is a Russian sentence for whoever runs the system."""


class ServerError(WarehouseError):
    """The embedded server cannot be started, stopped or reached."""


class DiskFullError(WarehouseError):
    """The server's disk is full; nothing of the transaction was stored."""


class FrameError(WarehouseError, ValueError):
    """A frame does not fit its table: the text names the table, and the column and row where known.

    Attributes:
        table: qualified name of the table, ``core.fact_result``.
        column: name of the column, or None.
        row: position of the first bad row in the frame, from 0, or None.
    """

    def __init__(self, text: str, *, table: str, column: str | None = None, row: int | None = None) -> None:
        place = (
            f"Таблица {table}"
            + (f", столбец {column}" if column else "")
            + (f", строка {row}" if row is not None else "")
        )
        super().__init__(f"{place}: {text}")
        self.table, self.column, self.row = table, column, row


def translate(error: BaseException, doing: str = "") -> WarehouseError:
    """The warehouse's error for an error of psycopg2 or SQLAlchemy.

    Args:
        error: what was caught.
        doing: what was being done, in Russian, e.g. ``запись в core.fact_result``.

    Returns:
        a ``DiskFullError`` or ``WarehouseError`` whose text says what happened and keeps the server's own words.
    """
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    code = getattr(cause, "pgcode", None)
    words = _words(cause)
    sentence = _SENTENCES.get(code or "")
    if sentence is None and any(reason in words for reason in _UNREACHED):
        sentence = _no_answer(words)
    elif sentence is None and isinstance(cause, psycopg2.OperationalError) and code is None:
        sentence = (
            "Связь с сервером базы данных оборвалась; незавершённая запись отменена. "
            "Частые причины: сервер остановлен, кончилось место на его диске, кончилась память."
        )
    kind = DiskFullError if code == DISK_FULL else WarehouseError
    head = f"{doing[:1].upper()}{doing[1:]}: " if doing else ""
    return kind(f"{head}{sentence or 'Ошибка базы данных.'} Сообщение сервера: {words}")


def _no_answer(words: str) -> str:
    """What to do about a server that does not answer: the embedded one is sought on a socket alone."""
    if _ON_SOCKET in words:
        return (
            "Сервер базы данных не отвечает. Встроенный запускает `rsoko db start`; если в RSOKO_WAREHOUSE_URL указан"
            " свой, проверьте адрес и запустите его там, где он стоит."
        )
    return (
        "Сервер базы данных, указанный в RSOKO_WAREHOUSE_URL, не отвечает. Проверьте адрес и то, что сервер запущен"
        " и доступен с этой машины."
    )


def _words(cause: BaseException) -> str:
    """The server's own words, without the rows that it quotes: they may be a pupil's."""
    if not isinstance(cause, psycopg2.Error) or not cause.diag.message_primary:
        return " ".join(str(cause).split())
    detail = cause.diag.message_detail if cause.pgcode == UNIQUE else None
    return f"{cause.diag.message_primary} ({detail})" if detail else str(cause.diag.message_primary)


@contextmanager
def translated(doing: str) -> Iterator[None]:
    """Raise the warehouse's errors in place of psycopg2's and SQLAlchemy's within the block."""
    try:
        yield
    except WarehouseError:
        raise
    except (psycopg2.Error, DBAPIError) as error:
        raise translate(error, doing) from error
