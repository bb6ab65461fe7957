"""Pictures and what they are drawn from: the expectation over a distribution, shapes, texts, the methodology."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import numpy as np
import pytest

from rsoko_pipeline import contracts
from rsoko_pipeline.objectivity import compatibility, settings
from rsoko_pipeline.reports.objectivity import expectation, methodology_page, pictures
from rsoko_pipeline.reports.objectivity.drawing import number, steps
from rsoko_pipeline.reports.objectivity.pictures import Cohort, TaskShare, Whisker
from rsoko_pipeline.reports.objectivity.words import lines, probability, words
from tests.unit.reports.objectivity.outline import outline

METHODOLOGY = Path(__file__).parents[4] / "docs" / "methodology"
SCORES = np.arange(21, dtype=float)
REGION = np.exp(-(((SCORES - 11) / 4) ** 2) / 2) * 1000


def _moments(counts: np.ndarray) -> tuple[float, float]:
    mean = float(SCORES @ counts / counts.sum())
    return mean, float(np.sqrt((SCORES - mean) ** 2 @ counts / counts.sum()))


@pytest.mark.parametrize("middle", [6, 11, 16])
def test_the_expectation_has_the_school_s_mean_and_spread(middle: int) -> None:
    own = np.where(np.abs(SCORES - middle) <= 3, 5.0, 0.0)
    expected = expectation.tilted(SCORES, REGION, own, spread=True)
    assert expected.sum() == pytest.approx(own.sum())
    assert _moments(expected) == pytest.approx(_moments(own), abs=1e-3)


def test_without_the_spread_only_the_mean_is_the_school_s() -> None:
    own = np.where(np.abs(SCORES - 14) <= 1, 10.0, 0.0)
    expected = expectation.tilted(SCORES, REGION, own, spread=False)
    assert _moments(expected)[0] == pytest.approx(14, abs=1e-3)
    assert _moments(expected)[1] > 2 * _moments(own)[1]


def test_heaps_of_the_region_stay_in_the_expectation() -> None:
    heaped = REGION.copy()
    heaped[10] *= 3
    heaped[4] = 0
    expected = expectation.tilted(SCORES, heaped, REGION / 50, spread=True)
    assert expected[10] > 2 * expected[9] and expected[4] == 0


def test_all_pupils_at_one_score_give_a_finite_line() -> None:
    own = np.where(SCORES == 20, 12.0, 0.0)
    expected = expectation.tilted(SCORES, REGION, own, spread=True)
    assert np.isfinite(expected).all() and expected.sum() == pytest.approx(12)


def _parsed(picture: str) -> ElementTree.Element:
    assert "nan" not in picture.casefold() and "inf" not in picture.casefold()
    return ElementTree.fromstring(picture)


def test_a_distribution_shows_cuts_only_where_they_are_known() -> None:
    with_cuts = _parsed(pictures.distribution(SCORES, REGION, REGION, (8, 12, 17)))
    without = _parsed(pictures.distribution(SCORES, REGION, None, None))
    texts = [element.text for element in with_cuts.iter("text")]
    assert {"«3» с 8", "«4» с 12", "«5» с 17"} <= set(texts)
    assert not any("«" in (element.text or "") for element in without.iter("text"))
    assert len(list(with_cuts.iter("path"))) == 2 and len(list(without.iter("path"))) == 1


def test_one_score_is_a_picture_too() -> None:
    _parsed(pictures.distribution(np.array([7.0]), np.array([12.0]), np.array([12.0]), (5, 6, 7)))


@pytest.mark.parametrize("tasks", [4, 30])
def test_a_profile_has_a_point_a_task_and_loud_ones_stand_out(tasks: int) -> None:
    rows = [TaskShare(f"{i}.1", 0.5, 0.4, 1.5, 1.0, 2.0) for i in range(tasks)]
    picture = pictures.profile(rows, ["1.1"])
    points = list(_parsed(picture).iter("circle"))
    assert len(points) == tasks
    assert len({point.attrib["fill"] for point in points}) == 2
    assert ("rotate" in picture) == (tasks == 30)


def test_journal_bars_fill_their_row() -> None:
    picture = pictures.journal([("школа", 20, (2, 10, 8)), ("регион", 1000, (300, 560, 140))])
    widths = [float(box.attrib["width"]) for box in _parsed(picture).iter("rect")]
    assert sum(widths[3:6]) == pytest.approx(sum(widths[6:9]), abs=0.3)  # the first three are the legend


def test_shares_and_a_cohort_without_a_band_are_drawn() -> None:
    _parsed(pictures.shares([Whisker("школа", 0.2, 0.1, 0.4, loud=True)], "доля"))
    region = Cohort(slope=0.6, constant=0.0, spread=float("nan"), before=(-1.0, 1.0))
    plain = _parsed(pictures.cohort((0.2, 0.1, 1.4), region))
    banded = _parsed(pictures.cohort((0.2, 0.1, 1.4), Cohort(0.6, 0.0, 0.3, (-1.0, 1.0))))
    assert len(list(banded.iter("path"))) == len(list(plain.iter("path"))) + 1


def test_numbers_are_russian() -> None:
    assert number(-1234.5, 1) == "\N{MINUS SIGN}1\N{NO-BREAK SPACE}234,5"
    assert [probability(p) for p in (0.5, 0.0123, 0.00084, 0.0000031, 1e-9)] == [
        "0,50", "0,012", "0,00084", "0,000003", "< 0,000001",
    ]  # fmt: skip


@pytest.mark.parametrize("most", [1, 3, 7, 18, 240, 1999])
def test_steps_are_few_and_stay_inside(most: int) -> None:
    found = steps(most)
    assert found[0] == 0 and found[-1] <= most and 2 <= len(found) <= 7


def test_every_sign_says_what_a_school_can_do_and_asks() -> None:
    for code in settings.load().signs:
        assert lines(f"signs.{code}.can_do"), code
        assert lines(f"signs.{code}.questions") or code == "BUNCH_REGION"


@pytest.mark.parametrize(
    ("group", "field"),
    [
        ("region.sample", "sample"),
        ("region.official", "official_label"),
        ("region.our_level", "our_level"),
        ("region.evidence_group", "evidence_group"),
        ("region.quantity", "quantity"),
    ],
)
def test_every_allowed_value_has_a_word(group: str, field: str) -> None:
    assert set(words(group)) == set(contracts.FIELDS[field].allowed or ())


def test_the_methodology_becomes_a_page_with_nothing_lost() -> None:
    source = (METHODOLOGY / "objectivity.md").read_text(encoding="utf-8")
    page = outline(methodology_page(source))
    assert page.tags.count("table") == len(re.findall(r"(?m)^\|[-| :]+\|$", source))
    assert page.tags.count("h2") == len(re.findall(r"(?m)^## ", source))
    assert "**" not in page.text and "<!--" not in page.text and "|---" not in page.text
    words_of = re.findall(r"\w{5,}", re.sub(r"<!--.*?-->", "", source))
    assert set(words_of) <= set(re.findall(r"\w{5,}", page.text))


def test_measured_false_rates_are_read_where_the_calibration_lies(tmp_path: Path) -> None:
    found = compatibility.measured(METHODOLOGY / "calibration.json")
    assert set(found) == set(compatibility.RULES)
    assert all(0.05 < low <= high < 0.9 for low, high in found.values())
    assert compatibility.measured(tmp_path / "no.json") == {}
