"""Pictures: well-formed, small SVG that shows what the frames hold."""

import base64
import re
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

from rsoko_pipeline.indicators import pictures

EVENT = pd.Series(
    {"title": "ВПР, 4 класс", "cut3": 10.0, "cut4": 16.0, "cut5": 21.0, "max_score": 24.0, "scale_status": "public"}
)
NO_CUTS = EVENT.replace({10.0: np.nan, 16.0: np.nan, 21.0: np.nan})
SCORES = pd.DataFrame({"score": np.arange(25.0), "n": np.arange(25) + 1})
BAR = re.compile(r"M(?P<left>[\d.]+),(?P<base>\d+)V(?P<top>[\d.]+)h(?P<width>[\d.]+)V\d+z")


def bars(svg: str) -> dict[str, list[tuple[float, float]]]:
    """Left end and height of every bar, by colour."""
    shapes = re.findall(r'<path d="([^"]+z)" fill="([^"]+)"/>', svg)
    return {
        colour: [(float(bar["left"]), float(bar["base"]) - float(bar["top"])) for bar in BAR.finditer(shape)]
        for shape, colour in shapes
    }


def texts(svg: str) -> list[str]:
    return [element.text or "" for element in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]


@pytest.mark.parametrize(
    ("scores", "event"),
    [
        pytest.param(SCORES, EVENT, id="scores"),
        pytest.param(pd.DataFrame({"score": np.arange(0, 100, 0.05), "n": 3}), NO_CUTS, id="fine grid"),
        pytest.param(SCORES[:0], EVENT, id="no scores"),
        pytest.param(SCORES[:0], NO_CUTS.replace({24.0: np.nan}), id="nothing known"),
        pytest.param(SCORES, EVENT.replace({"ВПР, 4 класс": "<b> & «работа»"}), id="a title like markup"),
    ],
)
def test_small_and_well_formed(scores: pd.DataFrame, event: pd.Series) -> None:
    svg = pictures.score_distribution(scores, event)
    assert len(svg) <= 60_000 and "nan" not in svg and "inf" not in svg
    assert texts(svg)[0] == f"{event['title']}: распределение первичных баллов"
    assert sum(map(len, bars(svg).values())) == len(scores)


def test_bars_have_the_colours_of_their_marks_and_the_heights_of_their_counts() -> None:
    drawn = bars(pictures.score_distribution(SCORES, EVENT))
    assert list(drawn) == list(pictures.MARK_COLOURS.values())
    assert [len(mine) for mine in drawn.values()] == [10, 6, 5, 4]
    places, heights = np.array([bar for mine in drawn.values() for bar in mine]).T
    np.testing.assert_allclose(heights / heights[0], SCORES["n"], rtol=0.02)
    np.testing.assert_allclose(np.diff(places), np.diff(places)[0], atol=0.11)


def test_half_points_have_bars_of_their_own() -> None:
    (mine,) = bars(pictures.score_distribution(pd.DataFrame({"score": [0.5, 1.0, 2.5], "n": 2}), NO_CUTS)).values()
    steps = np.diff([left for left, _ in mine])
    assert steps[1] == pytest.approx(3 * steps[0], rel=0.02)


def test_borders_stand_between_the_marks() -> None:
    svg = pictures.score_distribution(SCORES, EVENT)
    borders = [float(place) for place in re.findall(r'M([\d.]+),\d+V\d+" stroke="#333333" stroke-dasharray', svg)]
    ends = [(mine[0][0], mine[-1][0]) for mine in bars(svg).values()]
    assert all(ends[k][1] < borders[k] < ends[k + 1][0] for k in range(3)) and len(borders) == 3
    assert {"«3» с 10", "«4» с 16", "«5» с 21"} <= set(texts(svg))


@pytest.mark.parametrize(
    ("event", "said"),
    [
        (EVENT, "Первичный балл (участников: 325)"),
        (EVENT.replace({"public": "assumed"}), "Первичный балл (участников: 325; границы отметок предполагаемые)"),
        (NO_CUTS, "Первичный балл (участников: 325; границы отметок неизвестны)"),
    ],
)
def test_the_picture_says_what_is_known_of_the_borders(event: pd.Series, said: str) -> None:
    svg = pictures.score_distribution(SCORES, event)
    assert said in texts(svg)
    assert (event is NO_CUTS) == (not set(pictures.MARK_COLOURS.values()) & set(bars(svg)))


def test_markdown_holds_the_picture() -> None:
    text = pictures.markdown("<svg>балл</svg>")
    match = re.fullmatch(r"!\[\]\(data:image/svg\+xml;base64,(.+)\)", text)
    assert match and base64.b64decode(match[1]).decode() == "<svg>балл</svg>"
