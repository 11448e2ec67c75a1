"""Text and images that draw much faster than matplotlib's, for pictures that follow a slider.

Text is drawn from cached outlines, images by nearest-neighbour lookup.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import numpy as np
from matplotlib.artist import Artist, allow_rasterization
from matplotlib.axes import Axes
from matplotlib.backend_bases import RendererBase
from matplotlib.colors import to_rgba
from matplotlib.font_manager import FontProperties
from matplotlib.path import Path
from matplotlib.text import Text
from matplotlib.textpath import TextPath
from matplotlib.transforms import Affine2D

_HORIZONTAL_SHIFT = {"left": 0.0, "center": 0.5, "right": 1.0}  # as a fraction of the width
_CAPITAL_HEIGHT = 0.729  # of a capital letter in DejaVu Sans, as a fraction of the font size
# A word with the punctuation after it, or a single character; with the spaces in front of it.
_WORD = re.compile(r"\s*(?:[^\W\d_]+[^\w\s]*|\S)")
# As a fraction of the font size.
_VERTICAL_SHIFT = {"baseline": 0.0, "bottom": -0.24}
_VERTICAL_SHIFT |= {"center": _CAPITAL_HEIGHT / 2, "top": _CAPITAL_HEIGHT}


class QuickText(Text):
    """A line of text drawn from cached outlines, which is much faster than Text."""

    @allow_rasterization
    def draw(self, renderer: RendererBase) -> None:
        """Draw the outlines; text that is rotated or has several lines is left to Text."""
        if "\n" in self.get_text() or self.get_rotation():
            super().draw(renderer)
            return
        if not self.get_visible() or not self.get_text():
            return
        path, width = _compute_text_outlines(self.get_text(), self.get_fontproperties())
        scale = renderer.points_to_pixels(1.0)
        x, y = self.get_transform().transform(self.get_unitless_position())
        x -= _HORIZONTAL_SHIFT[self.get_horizontalalignment()] * scale * width
        y -= _VERTICAL_SHIFT[self.get_verticalalignment()] * scale * self.get_fontsize()
        pen = renderer.new_gc()
        pen.set_linewidth(0)
        if self.get_clip_on():
            self._set_gc_clip(pen)
        place = Affine2D().scale(scale).translate(np.round(x), np.round(y))
        renderer.draw_path(pen, path, place, to_rgba(self.get_color()))
        pen.restore()
        self.stale = False


@lru_cache(maxsize=4096)
def _compute_text_outlines(text: str, font: FontProperties) -> tuple[Path, float]:
    """Return a text's outlines and its width, in points; the baseline starts at (0, 0)."""
    vertices, codes, end = [np.empty((0, 2))], [np.empty(0, Path.code_type)], 0.0
    for piece in _WORD.findall(text):
        path, advance = _compute_word_outlines(piece, font)
        vertices.append(path.vertices + np.array([end, 0.0]))
        codes.append(path.codes)
        end += advance
    path = Path(np.concatenate(vertices), np.concatenate(codes))
    return path, float(path.vertices[:, 0].max(initial=0.0))


@lru_cache(maxsize=1024)
def _compute_word_outlines(text: str, font: FontProperties) -> tuple[Path, float]:
    """Return the outlines of a word, and how far to its right the next word starts.

    Laying out the letters is the slowest step. Caching it word by word pays off because labels
    share words: when a control moves, only the digits change.
    """
    # TextPath has no advance width, so we measure how far the word moves a bar behind it.
    path, bar, both = (TextPath((0, 0), part, prop=font) for part in (text, "|", f"{text}|"))
    return path, float(both.vertices[:, 0].max() - bar.vertices[:, 0].max())


def add_text(axes: Axes, x: float, y: float, text: str, **look: Any) -> QuickText:
    """Add text to the axes, like `axes.text` but much faster.

    Args:
        axes: the axes to write on.
        x, y: the position, in data coordinates.
        text: one line.
        look: keyword arguments of `axes.text`: size, weight, color, ha, va.

    Returns:
        The artist, already added to the axes.
    """
    written = QuickText(x, y, text, **({"va": "baseline", "ha": "left"} | look))
    written.set_transform(axes.transData)
    axes.add_artist(written)
    written.set_clip_on(False)
    return written


class QuickImage(Artist):
    """An image that fills a box, with sharp pixels."""

    def __init__(self, colours: np.ndarray, left: float, right: float, bottom: float, top: float):
        super().__init__()
        self.colours, self.corners = colours, ((left, bottom), (right, top))

    @allow_rasterization
    def draw(self, renderer: RendererBase) -> None:
        """Draw the image: each dot of the box gets the colour of the pixel under its centre."""
        if not self.get_visible():
            return
        (left, bottom), (right, top) = np.rint(self.get_transform().transform(self.corners))
        height, width = self.colours.shape[:2]
        rows, columns = int(top - bottom), int(right - left)
        row = (np.arange(rows)[::-1] + 0.5) * height / rows  # the renderer starts at the bottom row
        column = (np.arange(columns) + 0.5) * width / columns
        dots = np.full((rows, columns, 4), 255, np.uint8)  # red, green, blue, opacity
        dots[..., :3] = self.colours[np.ix_(row.astype(int), column.astype(int))]
        pen = renderer.new_gc()
        renderer.draw_image(pen, left, bottom, dots)
        pen.restore()
        self.stale = False


def add_image(
    axes: Axes, colours: np.ndarray, left: float, right: float, bottom: float, top: float
) -> QuickImage:
    """Add an image that fills a box on the axes, like `axes.imshow` but much faster.

    Args:
        axes: the axes to draw on.
        colours: uint8 array (H, W, 3), opaque.
        left, right, bottom, top: the box, in data coordinates.

    Returns:
        The artist, already added to the axes.
    """
    drawn = QuickImage(colours, left, right, bottom, top)
    drawn.set_transform(axes.transData)
    axes.add_artist(drawn)
    return drawn
