"""The data dictionary."""

from __future__ import annotations

from pathlib import Path

from rsoko_pipeline import contracts
from rsoko_pipeline.reports.dictionary import PAGE, dictionary_html, dictionary_markdown, main


def test_the_page_in_docs_is_that_of_the_registry() -> None:
    """What is this test? docs/dictionary.md is made from the contracts; it fails when they have changed since.

    How to resolve: ``python -m rsoko_pipeline.reports.dictionary`` and commit the page.
    """
    assert PAGE.read_text(encoding="utf-8") == dictionary_markdown()


def test_every_column_of_every_table_has_its_row() -> None:
    page = dictionary_markdown()
    for table in contracts.TABLES.values():
        _, _, rest = page.partition(f"### `{table.schema}.{table.name}` — {table.ru}\n")
        section = rest.partition("\n### ")[0]
        assert all(f"| `{column.name}` | {column.ru} |" in section for column in table.columns), table.name


def test_the_html_page_stands_alone() -> None:
    page = dictionary_html()
    assert page.startswith("<!doctype html>")
    assert "http" not in page.replace("http-equiv", "")
    assert page.count("<h3") == len(contracts.TABLES)


def test_main_writes_either_form(tmp_path: Path) -> None:
    main([str(tmp_path / "словарь.html")])
    main([str(tmp_path / "словарь.md")])
    assert (tmp_path / "словарь.html").read_text(encoding="utf-8") == dictionary_html()
    assert (tmp_path / "словарь.md").read_text(encoding="utf-8") == dictionary_markdown()
