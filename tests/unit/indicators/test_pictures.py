"""Pictures: valid, small PNG files that show what the frames hold."""

import io
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from PIL import Image, ImageColor

from rsoko_pipeline.indicators import pictures

EVENT = pd.Series(
    {"title": "ВПР, 4 класс", "cut3": 10.0, "cut4": 16.0, "cut5": 21.0, "max_score": 24.0, "scale_status": "public"}
)
NO_CUTS = EVENT.replace({10.0: np.nan, 16.0: np.nan, 21.0: np.nan})
SCORES = pd.DataFrame({"score": np.arange(25.0), "n": np.arange(25) + 1})


def pixels(png):
    assert png.startswith(b"\x89PNG")
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(int)


def share_of(png, colour):
    """Share of the picture in (nearly) this colour."""
    image = pixels(png)
    return (np.abs(image - ImageColor.getrgb(colour)).max(axis=2) < 12).mean()


def units(n):
    frame = pd.DataFrame({"unit_name": [f"Муниципальный район {i}" for i in range(n)], "marked": 100})
    return frame.assign(n2=10, n3=20, n4=30, n5=40)


@pytest.mark.parametrize(
    "png",
    [
        pictures.score_distribution(SCORES, EVENT),
        pictures.score_distribution(pd.DataFrame({"score": np.arange(0, 100, 0.05), "n": 3}), NO_CUTS),
        pictures.marks(units(60), EVENT),
        pictures.score_distribution(SCORES[:0], EVENT),
        pictures.marks(units(0), EVENT),
    ],
    ids=["scores", "fine grid", "many units", "no scores", "no units"],
)
def test_small_and_readable(png):
    assert len(png) <= 40_000
    assert pixels(png).shape[1] == pytest.approx(648, abs=1)


def test_bars_have_the_colours_of_their_marks():
    png = pictures.score_distribution(SCORES, EVENT)
    areas = [share_of(png, colour) for colour in pictures.MARK_COLOURS.values()]
    counts = [SCORES["n"][a:b].sum() for a, b in ((0, 10), (10, 16), (16, 21), (21, 25))]
    np.testing.assert_allclose(np.array(areas) / sum(areas), np.array(counts) / sum(counts), atol=0.03)


def test_unknown_borders_are_not_drawn():
    png = pictures.score_distribution(SCORES, NO_CUTS)
    assert max(share_of(png, colour) for colour in pictures.MARK_COLOURS.values()) < 0.001


def test_shares_are_areas():
    png = pictures.marks(units(20), EVENT)
    areas = np.array([share_of(png, colour) for colour in pictures.MARK_COLOURS.values()])
    np.testing.assert_allclose(areas / areas.sum(), [0.1, 0.2, 0.3, 0.4], atol=0.04)


def test_units_without_marks_are_left_out():
    frame = pd.concat([units(2), units(3).assign(marked=0)])
    assert pixels(pictures.marks(frame, EVENT)).shape == pixels(pictures.marks(units(2), EVENT)).shape


def test_journal():
    frame = pd.DataFrame({"unit_name": ["Область"], "n": [100], "lowered": [25], "confirmed": [50], "raised": [25]})
    png = pictures.journal(frame, EVENT)
    assert share_of(png, "#c44e52") == pytest.approx(share_of(png, "#3b75af"), rel=0.15)


def test_markdown_holds_the_picture():
    assert pictures.markdown(b"\x89PNG").startswith("![](data:image/png;base64,iVBORw==")


def test_matplotlib_is_imported_only_to_draw_and_pyplot_never():
    code = (
        "import sys; from rsoko_pipeline.indicators import pictures; import pandas as pd\n"
        "assert 'matplotlib' not in sys.modules\n"
        "pictures.journal(pd.DataFrame({'unit_name': [], 'n': [], 'lowered': [], 'confirmed': [], 'raised': []}),"
        " pd.Series({'title': ''}))\n"
        "assert 'matplotlib.pyplot' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
