"""Quick text and images stand where matplotlib's own do, and look like them."""

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextPath

from unet_tutorial.teaching.drawing.style import canvas, styled
from unet_tutorial.teaching.explorers.canvas.fast_artists import outlines, quick_image, quick_text

SIZES = (9, 10.5, 16)


@styled
def ink(write, **look):
    """The rows and columns on which a text leaves ink: (top, bottom, left, right)."""
    figure, axes = canvas(4, 1)
    write(axes, 2, 0.5, "Hall 42 × Bil", **look)
    drawn = FigureCanvasAgg(figure)
    drawn.draw()
    dark = np.asarray(drawn.buffer_rgba())[..., :3].min(axis=2) < 128
    rows, columns = np.flatnonzero(dark.any(axis=1)), np.flatnonzero(dark.any(axis=0))
    return np.array([rows[0], rows[-1], columns[0], columns[-1]])


def plain_text(axes, *arguments, **look):
    axes.text(*arguments, **look)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("weight", ["normal", "bold"])
@pytest.mark.parametrize("ha", ["left", "center", "right"])
def test_it_stands_where_text_stands(size, weight, ha):
    look = {"size": size, "weight": weight, "ha": ha, "va": "baseline"}
    place, wanted = ink(quick_text, **look), ink(plain_text, **look)
    away = np.abs(place - wanted)  # pixels, of 100 an inch
    assert away[:2].max() <= 2
    ends = {"left": away[2], "center": abs(away[2] - away[3]), "right": away[3]}
    assert ends[ha] <= 3
    # Outlines are not fitted to pixels, which makes small letters wider.
    assert away.max() <= 0.08 * (wanted[3] - wanted[2])


def test_capitals_are_centred_on_their_height():
    top, bottom, *_ = ink(quick_text, size=16, va="center")
    assert abs((top + bottom) / 2 - 49.5) <= 1.5


def test_several_lines_and_turned_text_are_drawn_too():
    for look in ({"rotation": 90}, {"size": 12}):
        figure, axes = canvas(2, 2)
        quick_text(axes, 1, 1, "two\nlines", **look)
        drawn = FigureCanvasAgg(figure)
        drawn.draw()
        assert np.asarray(drawn.buffer_rgba())[..., 0].min() < 128


@pytest.mark.parametrize(
    "text", ["(64, 480, 480)", "46.3 %", "  level 2 ", "a_1: 3·4 ≠ −5", "all, for V. (T)", ""]
)
def test_a_label_of_pieces_is_the_label(text):
    font = FontProperties(size=9, weight="bold")
    path, width = outlines(text, font)
    if text:
        whole = TextPath((0, 0), text, prop=font)
        np.testing.assert_allclose(path.vertices, whole.vertices, atol=1e-9)
        np.testing.assert_array_equal(path.codes, whole.codes)
    assert width == path.vertices[:, 0].max(initial=0.0)


def test_the_same_label_is_made_once():
    outlines.cache_clear()
    for _ in range(3):
        ink(quick_text, size=12)
    assert (outlines.cache_info().misses, outlines.cache_info().hits) == (1, 2)


def imshow(axes, colours, *extent):
    axes.imshow(colours, extent=extent, aspect="auto", interpolation="nearest")


@pytest.mark.parametrize("box", [(0.5, 2.0, 0.25, 1.0), (0.333, 1.9, 0.111, 1.57)])
def test_an_image_is_what_imshow_shows(box):
    """To the dot where pixels are whole dots; else an edge may lie a dot off."""
    colours = np.random.default_rng(0).integers(0, 256, (15, 30, 3), dtype=np.uint8)
    shown = []
    for draw in (quick_image, imshow):
        figure, axes = canvas(2.5, 1.7)
        draw(axes, colours, *box)
        drawn = FigureCanvasAgg(figure)
        drawn.draw()
        shown.append(np.asarray(drawn.buffer_rgba())[..., :3].astype(int))
    differ = (shown[0] != shown[1]).any(axis=2)
    assert shown[0].std() > 50
    assert differ.mean() <= (0 if box[0] == 0.5 else 0.25)
