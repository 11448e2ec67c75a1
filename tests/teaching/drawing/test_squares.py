"""Labelled squares on images: where they are drawn, and what they say."""

import numpy as np
import pytest
from matplotlib.patches import Rectangle

from unet_tutorial.teaching.drawing import panels
from unet_tutorial.teaching.drawing.squares import mark_squares


def find_squares(axes):
    """Find (left, top, width, height) of the squares on an image, each drawn twice."""
    patches = [patch for patch in axes.patches if isinstance(patch, Rectangle)]
    return {(*patch.get_xy(), patch.get_width(), patch.get_height()) for patch in patches}


def test_a_square_frames_its_pixels_and_has_its_label():
    images = np.eye(8), np.eye(12)
    figure = panels(images, ["one", "two"])
    assert mark_squares(figure, [{}, {"5": (2, 4, 5), "1": (0, 11, 1)}]) is figure
    first, second = figure.axes
    assert find_squares(first) == set()
    assert find_squares(second) == {(3.5, 1.5, 5, 5), (10.5, -0.5, 1, 1)}
    assert {text.get_text() for text in second.texts} == {"5", "1"}


def test_a_square_without_a_label_has_no_text():
    figure = mark_squares(panels([np.eye(8)], ["one"]), [{"": (1, 1, 3)}])
    assert not figure.axes[0].texts


def test_there_must_be_one_entry_per_panel():
    with pytest.raises(ValueError, match="has 1 panels, but squares are given for 2"):
        mark_squares(panels([np.eye(8)], ["one"]), [{}, {}])
