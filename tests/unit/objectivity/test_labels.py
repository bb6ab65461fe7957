"""The official list beside our evidence, over a school year."""

from __future__ import annotations

import pandas as pd
import pytest

from rsoko_pipeline.objectivity import labels

WORK = {"school_year": "2025/2026", "subject": "ru", "grade": 4}


def _evidence(levels: dict[str, int], **work: object) -> pd.DataFrame:
    return pd.DataFrame({**WORK, **work, "unit_code": list(levels), "evidence": list(levels.values())})


def _list(markers: dict[str, float | None], **work: object) -> pd.DataFrame:
    return pd.DataFrame({**WORK, **work, "school": list(markers), "marker": list(markers.values())})


def _cells(found: pd.DataFrame) -> dict[tuple[str, str], int]:
    rows = found[found["n"] > 0]
    return dict(zip(zip(rows["official_label"], rows["our_level"], strict=True), rows["n"], strict=True))


def test_a_school_that_the_list_lacks_is_unmarked_and_a_blank_cell_is_not_covered() -> None:
    found = labels.of_year(_evidence({"a": 2, "b": 0, "c": 0, "d": 3}), _list({"a": 1, "b": None, "e": 1}))
    assert _cells(found) == {
        ("marked", "2"): 1,
        ("not_covered", "0"): 1,  # b: a blank cell
        ("unmarked", "0"): 1,  # c: not in the list at all
        ("unmarked", "3"): 1,  # d: likewise
        ("marked", "not_judged"): 1,  # e: too few pupils for us
    }


def test_works_that_the_list_does_not_cover_are_left_out() -> None:
    evidence = pd.concat([_evidence({"a": 2, "b": 0}), _evidence({"a": 3, "b": 0}, subject="is")])
    listed = pd.concat([_list({"a": 1}), _list({"a": None}, subject="is")])
    assert _cells(labels.of_year(evidence, listed)) == {("marked", "2"): 1, ("unmarked", "0"): 1}


def test_no_list_gives_no_rows() -> None:
    found = labels.of_year(_evidence({"a": 2}), _list({}))
    assert found.empty and list(found.columns) == labels.YEAR_COLUMNS


def test_agreement_and_kappa_with_their_interval() -> None:
    # 28 unmarked and clean, 4 marked and clean, 5 unmarked and flagged, 13 marked and flagged; statsmodels gives
    # kappa .60457 with the interval .37284–.83630.
    ours = [0] * 28 + [1] * 4 + [2] * 5 + [3] * 13
    theirs = [0] * 28 + [1] * 4 + [0] * 5 + [1] * 13
    names = [f"s{i:02}" for i in range(50)]
    found = labels.of_year(
        _evidence(dict(zip(names, ours, strict=True))), _list(dict(zip(names, theirs, strict=True)))
    ).iloc[0]
    assert found["agreement"] == pytest.approx(0.82)
    assert found[["kappa", "kappa_low", "kappa_high"]].tolist() == pytest.approx([0.60457, 0.37284, 0.83630], abs=1e-5)


def test_kappa_is_empty_where_one_side_says_the_same_of_all() -> None:
    found = labels.of_year(_evidence({"a": 0, "b": 0, "c": 1}), _list({"a": 1, "b": 0, "c": 0})).iloc[0]
    assert found["agreement"] == pytest.approx(2 / 3)
    assert found[["kappa", "kappa_low", "kappa_high"]].isna().all()
