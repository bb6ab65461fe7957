"""Errors as sentences."""

from __future__ import annotations

import psycopg2
import psycopg2.errors
import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from rsoko_pipeline.warehouse.errors import DiskFullError, FrameError, WarehouseError, translate, translated


class _Error(psycopg2.OperationalError):
    """An error with a code, as only the server can make one otherwise."""

    code: str | None = None

    @property
    def pgcode(self) -> str | None:
        return self.code


def error_with(code: str | None, words: str = "words of the server") -> psycopg2.Error:
    made = _Error(words)
    made.code = code
    return made


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        (error_with("53100"), DiskFullError, "кончилось место"),
        (error_with("42501"), WarehouseError, "не хватает прав"),
        (error_with("XX000"), WarehouseError, "Ошибка базы данных"),
        (error_with(None, "server closed the connection"), WarehouseError, "Связь с сервером базы данных оборвалась"),
        (
            error_with(None, 'connection to server on socket "/s/.s.PGSQL.1" failed: No such file or directory'),
            WarehouseError,
            "rsoko db start",
        ),
        (OperationalError("SELECT 1", {}, error_with("53100")), DiskFullError, "кончилось место"),
        (ValueError("plain"), WarehouseError, "plain"),
    ],
)
def test_a_servers_error_becomes_a_sentence(error: BaseException, kind: type[Exception], words: str) -> None:
    made = translate(error, "запись в core.fact_result")
    assert type(made) is kind
    assert words in str(made)
    assert str(made).startswith("Запись в core.fact_result: ")


@pytest.mark.parametrize(
    "url",
    ["postgresql+psycopg2://x:secret@127.0.0.1:1/z", "postgresql+psycopg2://x:secret@server.invalid/z"],
    ids=["nobody listens", "no such host"],
)
def test_nobody_is_told_to_start_a_server_that_is_not_ours(url: str) -> None:
    with pytest.raises(OperationalError) as caught:
        sa.create_engine(url).connect()
    said = str(translate(caught.value))
    assert "указанный в RSOKO_WAREHOUSE_URL, не отвечает. Проверьте адрес" in said
    assert "db start" not in said and "secret" not in said


def test_translated_leaves_other_errors_alone() -> None:
    with pytest.raises(WarehouseError, match="Чтение: Серверу базы данных не хватило памяти"), translated("чтение"):
        raise error_with("53200")
    with pytest.raises(KeyError), translated("чтение"):
        raise KeyError("x")
    own = FrameError("плохо", table="core.t")
    with pytest.raises(FrameError) as caught, translated("чтение"):
        raise own
    assert caught.value is own


def test_a_frames_error_names_the_place() -> None:
    assert str(FrameError("плохо", table="core.t")) == "Таблица core.t: плохо"
    assert str(FrameError("плохо", table="core.t", column="c", row=0)) == "Таблица core.t, столбец c, строка 0: плохо"
    assert isinstance(FrameError("плохо", table="core.t"), ValueError)
