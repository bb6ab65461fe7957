"""Text files: encodings, delimiters, quotes; no row may be lost, no two rows glued."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rsoko_pipeline.sources import delimited_text
from rsoko_pipeline.sources.delimited_text import Signature
from rsoko_pipeline.sources.guard import RefusedError
from rsoko_pipeline.sources.text import header_key

HEADER = ("номер", "название", "адрес")
SIGNATURE = Signature(frozenset(map(header_key, HEADER)))


def rows_of(data: bytes, *signatures: Signature) -> list[list[str]]:
    return delimited_text.read(data, signatures or (SIGNATURE,)).rows


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251", "utf-16"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
def test_encoding_and_delimiter_are_found_by_the_header(encoding: str, delimiter: str) -> None:
    text = "\r\n".join(delimiter.join(row) for row in (HEADER, ("1", "Школа № 1", "Тверь")))
    table = delimited_text.read(text.encode(encoding), (SIGNATURE,))
    assert table.rows == [list(HEADER), ["1", "Школа № 1", "Тверь"]]
    assert table.encoding == {"utf-8": "utf-8-sig"}.get(encoding, encoding)


def test_the_layout_names_encodings_that_cannot_be_guessed() -> None:
    signature = Signature(frozenset(map(header_key, HEADER)), encodings=("utf-8-sig", "cp866"))
    assert rows_of("номер;название;адрес\n1;Школа;Тверь".encode("cp866"), signature)[1] == ["1", "Школа", "Тверь"]


def test_a_file_of_no_known_layout_is_cut_all_the_same() -> None:
    table = delimited_text.read("а,б\n1,2\n".encode("cp1251"), (SIGNATURE,))
    assert table.rows == [["а", "б"], ["1", "2"]] and table.encoding == "cp1251"


def test_bytes_of_no_encoding_are_refused() -> None:
    with pytest.raises(RefusedError) as refused:
        delimited_text.read(b"\x98\x98", (SIGNATURE,))
    assert refused.value.code == "RSK-FILE-FORMAT"


def test_a_header_below_other_lines() -> None:
    signature = Signature(SIGNATURE.headers, header_row=3)
    data = "Реестр; на 01.09\n\nномер;название;адрес\n1;Школа;Тверь\n".encode()
    assert rows_of(data, signature)[3] == ["1", "Школа", "Тверь"]


def test_a_delimiter_at_every_line_end_adds_an_empty_column() -> None:
    assert rows_of("номер;название;адрес;\n1;Школа;Тверь;\n".encode())[1] == ["1", "Школа", "Тверь", ""]


def test_quotes_that_mean_nothing_stay() -> None:
    signature = Signature(SIGNATURE.headers, quoted=False)
    assert rows_of('номер;название;адрес\n1;"Школа;Тверь'.encode(), signature)[1] == ["1", '"Школа', "Тверь"]


INNER = [
    (
        '"1","Лицей № 1546 "Плехановец"","Москва, ул. Донская"',
        ["1", 'Лицей № 1546 "Плехановец"', "Москва, ул. Донская"],
    ),
    ('"2","ООО "Ромашка", филиал","Москва"', ["2", 'ООО "Ромашка", филиал', "Москва"]),
    ('"3","Школа ""Гармония""","Москва"', ["3", 'Школа "Гармония"', "Москва"]),
    ('"4",""Светоч" на Оке","Москва"', ["4", '"Светоч" на Оке', "Москва"]),
    ('5,Школа "Луч",Москва', ["5", 'Школа "Луч"', "Москва"]),
]


@pytest.mark.parametrize("order", [INNER, INNER[::-1]])
def test_unescaped_inner_quotes_neither_lose_nor_glue_rows(order: list[tuple[str, list[str]]]) -> None:
    text = "\n".join(['"номер","название","адрес"', *(line for line, _ in order)])
    table = delimited_text.read(text.encode(), (SIGNATURE,))
    assert table.rows[1:] == [cells for _, cells in order]
    assert table.misshapen == []


def test_a_cell_of_several_lines_moves_the_numbers_of_later_rows() -> None:
    table = delimited_text.read('номер;название;адрес\n1;"Школа\n№ 1";Тверь\n2;Лицей;Ржев\n'.encode(), (SIGNATURE,))
    assert table.rows[1:] == [["1", "Школа\n№ 1", "Тверь"], ["2", "Лицей", "Ржев"]]
    assert table.lines == [1, 2, 4]


def test_a_cell_of_several_lines_among_unescaped_quotes() -> None:
    data = '"номер","название","адрес"\n"1","Школа "Луч"","Тверь"\n"2","Лицей\n№ 2","Ржев"\n"3","Гимназия","Тверь"\n'
    table = delimited_text.read(data.encode(), (SIGNATURE,))
    assert [row[0] for row in table.rows[1:]] == ["1", "2", "3"]
    assert table.rows[2][1] == "Лицей\n№ 2" and table.lines == [1, 2, 3, 5]


def test_a_row_that_cannot_be_cut_is_named_and_takes_no_other_with_it() -> None:
    table = delimited_text.read(
        'номер;название;адрес\n1;Школа\n2;"Лицей;Ржев\n3;Гимназия;Тверь;лишнее\n4;Школа;Ржев'.encode(), (SIGNATURE,)
    )
    assert table.misshapen == [(2, 2), (4, 4)]
    assert [row[0] for row in table.rows[1:]] == ["1", "2", "3", "4"]
    assert table.rows[4] == ["4", "Школа", "Ржев"]


CELLS = st.lists(
    st.tuples(*[st.text(st.characters(codec="utf-8", exclude_characters="\r\0"), max_size=12)] * 3), max_size=8
)


@given(CELLS, st.sampled_from([";", ",", "\t"]), st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]))
def test_whatever_csv_writes_is_read_back(cells: list[tuple[str, ...]], delimiter: str, quoting: int) -> None:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, quoting=quoting, lineterminator="\n").writerows([HEADER, *cells])  # type: ignore[arg-type]
    table = delimited_text.read(out.getvalue().encode(), (SIGNATURE,))
    written = [list(row) for row in cells]
    while written and not any(written[-1]):
        written.pop()
    assert table.rows == [list(HEADER), *written] and table.misshapen == []


NAMES = st.lists(
    st.text(st.characters(whitelist_categories=["L", "Nd"], whitelist_characters='" №'), min_size=1, max_size=14),
    min_size=1,
    max_size=8,
)


@given(NAMES)
def test_names_with_quotes_never_escaped_keep_every_row(names: list[str]) -> None:
    lines = ['"номер";"название";"адрес"', *(f'"{i}";"{name}";"Тверь"' for i, name in enumerate(names))]
    table = delimited_text.read("\n".join(lines).encode(), (SIGNATURE,))
    assert [row[0] for row in table.rows[1:]] == [str(i) for i in range(len(names))]
    assert {row[2] for row in table.rows[1:]} == {"Тверь"}
    assert table.misshapen == []
