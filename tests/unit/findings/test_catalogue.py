"""The catalogue of findings: every code is raised, every code raised is there, every text can be filled in."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import pytest

import rsoko_pipeline
from rsoko_pipeline import contracts, findings
from rsoko_pipeline.findings import Finding, FindingKind, catalogue

KINDS = list(catalogue().values())
_CODE = re.compile(r"\"(RSK-[A-Z]+(?:-[A-Z]+)*)\"")


def _codes_in_the_code() -> set[str]:
    """Codes that stand in the package, except where the validation report groups them by their beginnings."""
    package = Path(rsoko_pipeline.__file__).parent
    modules = [path for path in package.rglob("*.py") if path != package / "validation" / "report.py"]
    return {code for path in modules for code in _CODE.findall(path.read_text(encoding="utf-8"))}


def test_every_code_is_raised_and_every_code_raised_is_known() -> None:
    assert _codes_in_the_code() == set(catalogue())


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.code)
def test_kind_is_whole(kind: FindingKind) -> None:
    assert re.fullmatch(r"RSK(-[A-Z]+)+", kind.code)
    assert kind.severity in ("error", "warning", "info")
    assert kind.scope in ("file", "unit", "row", "none")
    assert kind.severity == "error" or kind.scope == "none", "only an error holds anything back"
    assert kind.scope != "file" or not kind.releasable, "of a refused file nothing was read that could be let through"
    for text in (kind.message, kind.remedy):
        assert text.strip() == text != ""
        assert text.endswith((".", "{what}")), "a sentence"
        assert re.search("[а-я]", text) or text == "{what}"
        names = [name for _, name, _, _ in Formatter().parse(text) if name is not None]
        assert all(re.fullmatch(r"[a-z_]+", name) for name in names)


def test_a_finding_fills_its_texts_from_its_place_and_its_words() -> None:
    found = Finding("RSK-SCORE-MAX", {"expected": 2}, sheet="Лист1", row_number=9, column_name="1 (2б)", value="3")
    assert found.message == "Балл 3 за задание 1 (2б) больше максимума 2."
    assert found.remedy == "Исправьте балл в протоколе и пришлите файл снова."
    assert found.place == "лист Лист1, строка 9, столбец 1 (2б)"
    assert Finding("RSK-ROWS-NONE").place == ""


def test_words_go_before_the_place() -> None:
    found = Finding("RSK-COLUMN-UNKNOWN", {"column_name": "Балл!", "mapping": "m"}, column_name="Балл")
    assert "«Балл!»" in found.message


def test_what_is_not_known_is_a_question_mark_not_a_failure() -> None:
    assert Finding("RSK-FILE-UNREADABLE", {"name": "a.xlsx"}).message == "Файл «a.xlsx» не удалось открыть: ?."


def test_an_unknown_code_is_an_error() -> None:
    with pytest.raises(KeyError):
        _ = Finding("RSK-NO-SUCH").message


def test_a_frame_holds_errors_and_notes_the_rest() -> None:
    rows = findings.frame(
        [Finding("RSK-SUM", {"expected": 3}, row_number=9, value="4"), Finding("RSK-DECIMAL-COMMA")],
        file_id="a",
        event_id="2026-vpr-ru-4",
    )
    assert list(rows.columns) == findings.COLUMNS
    assert list(rows["action"]) == ["held", "noted"]
    assert set(rows["file_id"]) == {"a"}
    table = contracts.table("quarantine")
    assert {name: str(rows[name].dtype) for name in findings.COLUMNS} == {
        name: table[name].dtype for name in findings.COLUMNS
    }


def test_a_frame_of_nothing_has_the_same_columns_and_dtypes() -> None:
    nothing = findings.frame([], file_id="a")
    something = findings.frame([Finding("RSK-ROWS-NONE")], file_id="a")
    assert nothing.empty
    assert nothing.dtypes.equals(something.dtypes)
