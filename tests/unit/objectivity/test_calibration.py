"""A small calibration: the script runs, fills the document, and its figures stand where they should."""

from __future__ import annotations

from types import ModuleType

import pandas as pd
import pytest

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def measured(calibration: ModuleType) -> pd.DataFrame:
    todo = [calibration.Task("clean", "основа", seed) for seed in (1, 2, 3)]
    todo += [calibration.Task("clean", name, 50 + place) for place, name in enumerate(list(calibration.SETTINGS)[1:])]
    todo += [calibration.Task("power", "основа", seed) for seed in (101, 102, 103)]
    todo += [calibration.Task("pooled", "основа", 201), calibration.Task("discovery", "основа", 301, 0.10)]
    todo += [calibration.Task("discovery", "основа", 302, 0.30)]
    return pd.concat([calibration.measure(task) for task in todo], ignore_index=True)


@pytest.fixture(scope="module")
def figures(calibration: ModuleType, measured: pd.DataFrame) -> dict[str, list[dict[str, object]]]:
    return calibration.summarise(measured)


def test_false_signs(measured: pd.DataFrame) -> None:
    clean = measured[(measured["part"] == "clean") & (measured["subject"] != "both")]
    assert len(clean) > 3500
    assert 0.004 <= (clean["p"] <= 0.01).mean() <= 0.02
    assert (clean["p"] <= 0.001).mean() <= 0.004
    by_region = clean[clean["evidence"] >= 2].groupby("region").size()
    assert by_region.sum() / clean["region"].nunique() <= 2


def test_power(figures: dict[str, list[dict[str, object]]]) -> None:
    rows = {(row["Вмешательство"], row["Размер"]): row for row in figures["power"]}
    expected = {
        "подтягивание к границе, 0,9": "BUNCH",
        "заполнение по образцу, 0,9": "SIM",
        "отметки из журнала, 0,8": "SAME",
        "слабые не пришли, 0,8": "ABSENCE",
        "подсказки, 0,6": "ITEM",
    }
    for kind, sign in expected.items():
        row = rows[kind, "n ≥ 25"]
        assert row["лучший признак"] == sign
        assert row["мощность признака"][0] >= 0.6  # type: ignore[index]


def test_few_of_the_flagged_are_honest(figures: dict[str, list[dict[str, object]]]) -> None:
    for row in figures["discovery"]:
        assert row["ложных среди отмеченных"][0] <= 0.2  # type: ignore[index]
        assert row["найдено (уровень ≥ 2)"][0] >= 0.3  # type: ignore[index]


def test_the_document_takes_every_table(calibration: ModuleType, figures: dict[str, list[dict[str, object]]]) -> None:
    text = calibration.DOCUMENT.read_text(encoding="utf-8")
    oracle = calibration.measure_bounds(calibration.BoundTask("leniency", 0.3, 7, schools=4))
    bounds = calibration.bounds(oracle, figures["power"])
    assert (
        bounds[0]["признак"]
        == next(r for r in figures["power"] if r["Вмешательство"] == "мягкая проверка, 0,30")["лучший признак"]
    )
    whole = {"goals": calibration.floors(figures), **figures, "bounds": bounds, "run": [{"регионов": 12}]}
    written = calibration.write_document(text, whole)
    assert written.count("<!-- table ") == len(whole) == text.count("<!-- table ")
    assert "| регионов |\n|---|\n| 12 |" in written
    assert calibration.write_document(written, whole) == written
    with pytest.raises(SystemExit, match="no place"):
        calibration.write_document("", whole)


def test_areas_under_curves(calibration: ModuleType) -> None:
    import numpy as np

    assert calibration.auc(np.array([1.0, 2.0]), np.array([3.0, 4.0]))[0] == 1.0
    assert calibration.auc(np.array([1.0, 2.0, 3.0]), np.array([2.0]))[0] == 0.5
