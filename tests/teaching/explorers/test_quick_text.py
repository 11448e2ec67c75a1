"""Fast text and images: same position and look as matplotlib's."""

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextPath

from unet_tutorial.teaching.drawing.style import create_canvas, with_style
from unet_tutorial.teaching.explorers.canvas.fast_artists import (
    _compute_text_outlines,
    add_image,
    add_text,
)

SIZES = (9, 10.5, 16)


@with_style
def find_ink(write, **look):
    """Draw a text; return the outermost rows and columns with ink: (top, bottom, left, right)."""
    figure, axes = create_canvas(4, 1)
    write(axes, 2, 0.5, "Hall 42 × Bil", **look)
    drawn = FigureCanvasAgg(figure)
    drawn.draw()
    dark = np.asarray(drawn.buffer_rgba())[..., :3].min(axis=2) < 128
    rows, columns = np.flatnonzero(dark.any(axis=1)), np.flatnonzero(dark.any(axis=0))
    return np.array([rows[0], rows[-1], columns[0], columns[-1]])


def add_slow_text(axes, *arguments, **look):
    axes.text(*arguments, **look)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("weight", ["normal", "bold"])
@pytest.mark.parametrize("ha", ["left", "center", "right"])
def test_text_is_where_matplotlib_puts_it(size, weight, ha):
    look = {"size": size, "weight": weight, "ha": ha, "va": "baseline"}
    place, expected = find_ink(add_text, **look), find_ink(add_slow_text, **look)
    away = np.abs(place - expected)  # pixels, of 100 an inch
    assert away[:2].max() <= 2
    ends = {"left": away[2], "center": abs(away[2] - away[3]), "right": away[3]}
    assert ends[ha] <= 3
    # Outlines are not fitted to pixels, which makes small letters wider.
    assert away.max() <= 0.08 * (expected[3] - expected[2])


def test_capitals_are_centred_on_their_height():
    top, bottom, *_ = find_ink(add_text, size=16, va="center")
    assert abs((top + bottom) / 2 - 49.5) <= 1.5


def test_several_lines_and_rotated_text_are_drawn_too():
    for look in ({"rotation": 90}, {"size": 12}):
        figure, axes = create_canvas(2, 2)
        add_text(axes, 1, 1, "two\nlines", **look)
        drawn = FigureCanvasAgg(figure)
        drawn.draw()
        assert np.asarray(drawn.buffer_rgba())[..., 0].min() < 128


@pytest.mark.parametrize(
    "text", ["(64, 480, 480)", "46.3 %", "  level 2 ", "a_1: 3·4 ≠ −5", "all, for V. (T)", ""]
)
def test_a_label_of_pieces_is_the_label(text):
    font = FontProperties(size=9, weight="bold")
    path, width = _compute_text_outlines(text, font)
    if text:
        whole = TextPath((0, 0), text, prop=font)
        np.testing.assert_allclose(path.vertices, whole.vertices, atol=1e-9)
        np.testing.assert_array_equal(path.codes, whole.codes)
    assert width == path.vertices[:, 0].max(initial=0.0)


def test_the_outlines_of_a_label_are_cached():
    _compute_text_outlines.cache_clear()
    for _ in range(3):
        find_ink(add_text, size=12)
    cache = _compute_text_outlines.cache_info()
    assert (cache.misses, cache.hits) == (1, 2)


def add_slow_image(axes, colours, *extent):
    axes.imshow(colours, extent=extent, aspect="auto", interpolation="nearest")


@pytest.mark.parametrize("box", [(0.5, 2.0, 0.25, 1.0), (0.333, 1.9, 0.111, 1.57)])
def test_an_image_looks_like_imshow_s(box):
    """Exactly if pixels are a whole number of dots; otherwise edges may be off by one dot."""
    colours = np.random.default_rng(0).integers(0, 256, (15, 30, 3), dtype=np.uint8)
    shown = []
    for draw in (add_image, add_slow_image):
        figure, axes = create_canvas(2.5, 1.7)
        draw(axes, colours, *box)
        drawn = FigureCanvasAgg(figure)
        drawn.draw()
        shown.append(np.asarray(drawn.buffer_rgba())[..., :3].astype(int))
    differ = (shown[0] != shown[1]).any(axis=2)
    assert shown[0].std() > 50
    assert differ.mean() <= (0 if box[0] == 0.5 else 0.25)
