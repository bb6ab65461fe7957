"""Frames through the database: what comes back, what is refused, what a killed writer leaves."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import Engine

from rsoko_pipeline.contracts import Table
from rsoko_pipeline.warehouse.copy import append, read_table, replace_many, replace_partition, upsert
from rsoko_pipeline.warehouse.engine import raw_connection
from rsoko_pipeline.warehouse.errors import FrameError, WarehouseError

Make = Callable[..., pd.DataFrame]
_CONFTEST = Path(__file__).with_name("conftest.py")


def assert_same(got: pd.DataFrame, wanted: pd.DataFrame) -> None:
    arrays = ["scores"]
    pd.testing.assert_frame_equal(got.drop(columns=arrays), wanted.drop(columns=arrays))
    for mine, theirs in zip(got["scores"], wanted["scores"], strict=True):
        assert (mine is None) == (theirs is None)
        if mine is not None:
            assert mine.dtype == np.int16
            assert mine.tolist() == theirs.tolist()


def rounded(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(share=frame["share"].round(4), amount=frame["amount"].round(2))


# ---------------------------------------------------------------------- there and back


def test_every_type_comes_back_as_it_went(place: Engine, everything: Table, frame: Make) -> None:
    sent = frame(1000)
    assert replace_partition(place, everything, sent, ["a"]) == 1000
    got = read_table(place, everything)
    assert dict(got.dtypes.astype(str)) == everything.dtypes
    assert_same(got, rounded(sent))


def test_nulls_of_every_type_come_back(place: Engine, everything: Table) -> None:
    sent = everything.conform(pd.DataFrame({"event_id": ["a", "a"], "number": [1, 2]}))
    replace_partition(place, everything, sent, ["a"])
    got = read_table(place, everything)
    assert got.drop(columns=["event_id", "number"]).isna().all(axis=None)
    assert dict(got.dtypes.astype(str)) == everything.dtypes


def test_an_empty_table_reads_as_an_empty_frame_with_dtypes(place: Engine, everything: Table) -> None:
    got = read_table(place, everything)
    assert len(got) == 0
    assert dict(got.dtypes.astype(str)) == everything.dtypes


def test_columns_in_another_order_are_put_in_place(place: Engine, everything: Table, frame: Make) -> None:
    sent = frame(3)
    replace_partition(place, everything, sent[sent.columns[::-1]], ["a"])
    assert_same(read_table(place, everything), rounded(sent))


def test_numbers_are_stored_without_the_noise_of_floats(place: Engine, everything: Table, frame: Make) -> None:
    sent = frame(4).assign(share=[0.1 + 0.2, 1 / 3, 0.99999, 1.0], amount=[1e9 + 0.005, -0.004, 123456789.10, 0.07])
    replace_partition(place, everything, sent, ["a"])
    with place.connect() as connection:
        stored = connection.execute(
            sa.text("SELECT share::text, amount::text FROM core.everything ORDER BY number")
        ).all()
    assert stored == [("0.3000", "1000000000.00"), ("0.3333", "0.00"), ("1.0000", "123456789.10"), ("1.0000", "0.07")]


def test_not_started_is_a_null_element(place: Engine, everything: Table, frame: Make) -> None:
    sent = frame(3)
    sent["scores"] = pd.Series([np.array([2, -1, 0], "int16"), np.array([], "int16"), None], dtype=object)
    replace_partition(place, everything, sent, ["a"])
    with place.connect() as connection:
        stored = connection.execute(sa.text("SELECT scores FROM core.everything ORDER BY number")).scalars().all()
    assert stored == [[2, None, 0], [], None]
    assert_same(read_table(place, everything), rounded(sent))


strange = st.one_of(
    st.sampled_from(
        ["", "\\.", "\\N", "NULL", '"', '""', "'", ",", "\n", "\r\n", "a\n\\.\nb", "Ёж", "🏫", " ", "\t", "\x7f", "{}"]
    ),
    st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), max_size=20),
    st.none(),
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(st.tuples(strange, strange), min_size=1, max_size=30))
def test_strange_text_comes_back_as_it_went(
    module_place: Engine, everything: Table, texts: list[tuple[str | None, str | None]]
) -> None:
    sent = everything.conform(
        pd.DataFrame({"event_id": "a", "number": range(len(texts)), "note": [note for note, _ in texts]}, dtype=object)
    )
    sent["details"] = pd.Series(
        [None if text is None else {"t": text, text: [text]} for _, text in texts], dtype=object
    )
    replace_partition(module_place, everything, sent, None)
    got = read_table(module_place, everything)
    assert [None if pd.isna(note) else note for note in got["note"]] == [note for note, _ in texts]
    assert got["details"].tolist() == sent["details"].tolist()
    with module_place.connect() as connection:
        stored = connection.execute(sa.text("SELECT note FROM core.everything ORDER BY number")).scalars().all()
    assert stored == [note for note, _ in texts]


def test_a_text_larger_than_a_reading_block_comes_back(place: Engine, everything: Table, frame: Make) -> None:
    sent = frame(3).assign(note=["x" * 20_000_000, "\n" * 1000, ""])
    replace_partition(place, everything, sent, ["a"])
    assert read_table(place, everything, columns=["note"])["note"].tolist() == sent["note"].tolist()


def test_read_takes_partitions_columns_and_conditions(place: Engine, everything: Table, frame: Make) -> None:
    for event in ("a", "b", "в'c"):
        replace_partition(place, everything, frame(3, event), [event])
    got = read_table(place, everything, ["b", "в'c"], columns=["number", "event_id"], where={"number": [0, 2]})
    assert got.to_dict("list") == {"number": [0, 2, 0, 2], "event_id": ["b", "b", "в'c", "в'c"]}
    assert len(read_table(place, everything, where={"kind": None})) == 0
    assert len(read_table(place, everything, where={"number": []})) == 0
    assert (
        len(read_table(place, everything, where={"day": pd.Timestamp("2026-02-28").date(), "flag": [True, False]})) == 9
    )
    with pytest.raises(WarehouseError, match="нет столбцов: nothing"):
        read_table(place, everything, columns=["nothing"])


# ---------------------------------------------------------------------- what a write changes


def test_only_the_given_partitions_change(place: Engine, everything: Table, frame: Make) -> None:
    replace_partition(place, everything, pd.concat([frame(5, "a"), frame(4, "b"), frame(3, "c")]), ["a", "b", "c"])
    assert replace_partition(place, everything, frame(2, "a", version=7), ["a", "b"]) == 2
    got = read_table(place, everything)
    assert got.groupby("event_id").size().to_dict() == {"a": 2, "c": 3}
    assert set(got.loc[got["event_id"] == "a", "large"]) == {7}


def test_the_whole_table_is_replaced_without_a_list(place: Engine, everything: Table, frame: Make) -> None:
    replace_partition(place, everything, frame(5, "a"), ["a"])
    assert replace_partition(place, everything, frame(1, "b"), None) == 1
    assert read_table(place, everything)["event_id"].tolist() == ["b"]


def test_an_empty_frame_empties_its_partitions(place: Engine, everything: Table, frame: Make) -> None:
    replace_partition(place, everything, frame(5, "a"), ["a"])
    assert replace_partition(place, everything, everything.empty(), ["a"]) == 0
    assert len(read_table(place, everything)) == 0


def test_rows_without_a_partition_are_one_of_their_own(engine: Engine) -> None:
    columns = tuple(c for c in _nullable_partition().columns)
    table = _nullable_partition()
    from rsoko_pipeline.warehouse.metadata import build_metadata

    build_metadata([table]).create_all(engine)
    rows = pd.DataFrame({columns[0].name: [1, 2], columns[1].name: ["a", None]})
    replace_partition(engine, table, rows, ["a", None])
    replace_partition(engine, table, rows.iloc[:1], ["a"])
    assert read_table(engine, table, [None])["number"].tolist() == [2]
    with pytest.raises(FrameError, match="строка 1: строка другого раздела: None"):
        replace_partition(engine, table, rows, ["a"])


def _nullable_partition() -> Table:
    from rsoko_pipeline.contracts import Column

    columns = (Column("number", "int64", "Номер"), Column("event_id", "text", "Событие", nullable=True))
    return Table("loose", "ops", "Без раздела", "Строка — проверка.", columns, ("number",), "event_id")


def test_several_tables_change_together_or_not_at_all(place: Engine, everything: Table, frame: Make) -> None:
    table = _nullable_partition()
    from rsoko_pipeline.warehouse.metadata import build_metadata

    build_metadata([table]).create_all(place)
    loose = pd.DataFrame({"number": [1, 2], "event_id": ["a", "a"]})
    assert replace_many(place, [(everything, frame(3), ["a"]), (table, loose, ["a"])]) == [3, 2]
    with pytest.raises(WarehouseError, match="Две строки с одним ключом"):
        replace_many(place, [(everything, frame(9, version=1), ["a"]), (table, loose.assign(number=5), ["a"])])
    assert len(read_table(place, everything)) == 3
    assert len(read_table(place, table)) == 2
    with pytest.raises(ValueError, match="stands twice"):
        replace_many(place, [(everything, frame(1), ["a"]), (everything, frame(1), ["a"])])


def test_a_connection_in_a_transaction_is_joined(place: Engine, everything: Table, frame: Make) -> None:
    with place.connect() as connection, connection.begin() as transaction:
        replace_partition(connection, everything, frame(3), ["a"])
        assert len(read_table(connection, everything)) == 3
        transaction.rollback()
    assert len(read_table(place, everything)) == 0
    with place.connect() as connection:
        replace_partition(connection, everything, frame(2), ["a"])
    assert len(read_table(place, everything)) == 2
    with raw_connection(place) as link:
        append(link, everything, frame(1, "b"))
    assert len(read_table(place, everything)) == 3


def test_append_adds_and_refuses_a_key_that_exists(place: Engine, everything: Table, frame: Make) -> None:
    assert append(place, everything, frame(3)) == 3
    with pytest.raises(WarehouseError, match=r"Две строки с одним ключом.*\(event_id, number\)=\(a, 0\)"):
        append(place, everything, frame(1))
    assert len(read_table(place, everything)) == 3


def test_upsert_touches_only_what_differs(place: Engine, everything: Table, frame: Make) -> None:
    sent = frame(5)
    assert upsert(place, everything, sent) == 5
    assert upsert(place, everything, sent) == 0
    sent.loc[1, "note"] = None
    sent.loc[2, "share"] = 0.5
    more = pd.concat([sent, frame(6).iloc[5:]], ignore_index=True)
    assert upsert(place, everything, more) == 3
    assert_same(read_table(place, everything), rounded(more))
    with pytest.raises(FrameError, match="строка 1: ключ повторяется"):
        upsert(place, everything, sent.assign(number=1))


# ---------------------------------------------------------------------- what is refused


def test_what_does_not_fit_is_refused_and_nothing_changes(place: Engine, everything: Table, frame: Make) -> None:
    replace_partition(place, everything, frame(2), ["a"])
    bad = {
        "столбец note, строка 1: символ с кодом 0": frame(2).assign(note=["x", "a\0b"]),
        "строка 1: строка другого раздела: 'b'": pd.concat([frame(1, "a"), frame(1, "b")]),
        "нет столбцов: kind": frame(2).drop(columns="kind"),
        "лишние столбцы: extra": frame(2).assign(extra=1),
        "столбец number, строка 1: пустое значение": frame(2).assign(number=pd.array([1, None], "Int32")),
        "Значение вне допустимых границ": frame(2).assign(kind="другой"),
    }
    for words, wrong in bad.items():
        with pytest.raises(WarehouseError, match=words):
            replace_partition(place, everything, wrong, ["a"])
    refused: tuple[list[str] | str, ...] = ([], "a")
    for values in refused:
        with pytest.raises(ValueError, match="partition_values"):
            replace_partition(place, everything, frame(2), values)
    with pytest.raises(WarehouseError, match="в базе её нет"):
        read_table(place, "source_result")
    assert_same(read_table(place, everything), rounded(frame(2)))


def test_the_servers_words_do_not_quote_rows(place: Engine, everything: Table, frame: Make) -> None:
    with pytest.raises(WarehouseError) as caught:
        append(place, everything, frame(2).assign(kind="тайна"))
    assert "ck_everything_kind" in str(caught.value)
    assert "тайна" not in str(caught.value)


def test_a_missing_table_says_what_to_do(bare_engine: Engine, everything: Table, frame: Make) -> None:
    with pytest.raises(WarehouseError, match="rsoko db migrate"):
        append(bare_engine, everything, frame(1))


# ---------------------------------------------------------------------- several writers, killed writers


def test_writers_of_one_partition_wait_and_others_do_not(place: Engine, everything: Table, frame: Make) -> None:
    done: list[str] = []

    def write(event: str, version: int) -> None:
        replace_partition(place, everything, frame(10, event, version), [event])
        done.append(event)

    with place.connect() as connection, connection.begin():
        replace_partition(connection, everything, frame(20, "a", 1), ["a"])
        same = threading.Thread(target=write, args=("a", 2))
        other = threading.Thread(target=write, args=("b", 3))
        whole = threading.Thread(target=lambda: replace_partition(place, everything, frame(1, "z"), None))
        same.start()
        other.start()
        other.join(10)
        assert done == ["b"]
        whole.start()
        time.sleep(0.1)
        assert whole.is_alive()
    same.join(10)
    whole.join(10)
    assert set(done) == {"a", "b"}
    assert not whole.is_alive()


def test_many_writers_in_all_orders_finish(place: Engine, everything: Table, frame: Make) -> None:
    events = [f"e{n}" for n in range(6)]
    errors: list[BaseException] = []

    def write(seed: int) -> None:
        chosen = random.Random(seed).sample(events, 4)
        try:
            replace_partition(place, everything, pd.concat([frame(20, event, seed) for event in chosen]), chosen)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=write, args=(seed,)) for seed in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert errors == []
    got = read_table(place, everything).groupby("event_id")["large"].agg(["size", "nunique"])
    assert (got == [20, 1]).all(axis=None)


_WRITER = """
import itertools, runpy, sys
from rsoko_pipeline.warehouse.copy import replace_partition
from rsoko_pipeline.warehouse.engine import get_engine
shared = runpy.run_path(sys.argv[1])
engine, table, make = get_engine(sys.argv[2]), shared["EVERYTHING"], shared["make_frame"]
frames = {version: make(20_000 + 1_000 * version, "a", version) for version in (1, 2, 3)}
print("ready", flush=True)
for version in itertools.cycle(frames):
    replace_partition(engine, table, frames[version], ["a"])
    print(version, flush=True)
"""


def test_a_killed_writer_leaves_the_old_or_the_new_partition(place: Engine, everything: Table, frame: Make) -> None:
    replace_partition(place, everything, frame(20_000, "a", 0), ["a"])
    url = place.url.render_as_string(hide_password=False)
    command = [sys.executable, "-c", _WRITER, str(_CONFTEST), url]
    moments = random.Random()
    for _ in range(2):  # two at a time, so that one is killed while the other waits for its lock
        writers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
        for writer in writers:
            assert writer.stdout is not None
            assert writer.stdout.readline() == "ready\n"
        for writer in writers:
            time.sleep(moments.uniform(0.1, 0.8))
            os.kill(writer.pid, signal.SIGKILL)
            writer.communicate()
            got = read_table(place, everything, columns=["large", "event_id"])
            version = got["large"].iloc[0]
            assert set(got["large"]) == {version}
            assert len(got) == 20_000 + 1_000 * version
    replace_partition(place, everything, frame(5, "a", 9), ["a"])  # and no lock is left behind
    assert len(read_table(place, everything)) == 5
