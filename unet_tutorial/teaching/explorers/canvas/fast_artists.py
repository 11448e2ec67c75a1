"""Text and images for pictures that follow a slider, drawn much faster than matplotlib's own.

The outlines of a label are made once; an image is picked pixel by pixel, with nothing between.
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

ACROSS = {"left": 0.0, "center": 0.5, "right": 1.0}  # of the width
CAPITAL = 0.729  # height of a capital letter in DejaVu Sans, of the size
# A word with the signs after it, or a single sign; the spaces before belong to it.
PIECES = re.compile(r"\s*(?:[^\W\d_]+[^\w\s]*|\S)")
UP = {"baseline": 0.0, "bottom": -0.24, "center": CAPITAL / 2, "top": CAPITAL}  # of the size


class QuickText(Text):
    """A line of text that is drawn as outlines, which are kept: much faster than Text."""

    @allow_rasterization
    def draw(self, renderer: RendererBase) -> None:
        """Draw the outlines; where a text has several lines or is turned, as Text does."""
        if "\n" in self.get_text() or self.get_rotation():
            super().draw(renderer)
            return
        if not self.get_visible() or not self.get_text():
            return
        path, width = outlines(self.get_text(), self.get_fontproperties())
        scale = renderer.points_to_pixels(1.0)
        x, y = self.get_transform().transform(self.get_unitless_position())
        x -= ACROSS[self.get_horizontalalignment()] * scale * width
        y -= UP[self.get_verticalalignment()] * scale * self.get_fontsize()
        pen = renderer.new_gc()
        pen.set_linewidth(0)
        if self.get_clip_on():
            self._set_gc_clip(pen)
        place = Affine2D().scale(scale).translate(np.round(x), np.round(y))
        renderer.draw_path(pen, path, place, to_rgba(self.get_color()))
        pen.restore()
        self.stale = False


@lru_cache(maxsize=4096)
def outlines(text: str, font: FontProperties) -> tuple[Path, float]:
    """Return the outlines of a text, its baseline beginning at (0, 0), and its width; in points."""
    vertices, codes, end = [np.empty((0, 2))], [np.empty(0, Path.code_type)], 0.0
    for piece in PIECES.findall(text):
        path, advance = _piece(piece, font)
        vertices.append(path.vertices + np.array([end, 0.0]))
        codes.append(path.codes)
        end += advance
    path = Path(np.concatenate(vertices), np.concatenate(codes))
    return path, float(path.vertices[:, 0].max(initial=0.0))


@lru_cache(maxsize=1024)
def _piece(text: str, font: FontProperties) -> tuple[Path, float]:
    """The outlines of a word or a sign, which many labels share, and where the next one begins.

    Laying letters out takes longer than all else, and in labels that follow a control only
    digits are new.
    """
    path, bar, both = (TextPath((0, 0), part, prop=font) for part in (text, "|", f"{text}|"))
    return path, float(both.vertices[:, 0].max() - bar.vertices[:, 0].max())


def quick_text(axes: Axes, x: float, y: float, text: str, **look: Any) -> QuickText:
    """Write on the axes as `axes.text` does, much faster.

    Args:
        axes: where to write.
        x, y: the place, in the data's units.
        text: one line.
        look: as for `axes.text`: size, weight, color, ha, va.

    Returns:
        The text, which is part of the axes now.

    Source: none. The explorers' pictures use it.
    """
    written = QuickText(x, y, text, **({"va": "baseline", "ha": "left"} | look))
    written.set_transform(axes.transData)
    axes.add_artist(written)
    written.set_clip_on(False)
    return written


class QuickImage(Artist):
    """Colours that fill a box, every pixel with sharp sides."""

    def __init__(self, colours: np.ndarray, left: float, right: float, bottom: float, top: float):
        super().__init__()
        self.colours, self.corners = colours, ((left, bottom), (right, top))

    @allow_rasterization
    def draw(self, renderer: RendererBase) -> None:
        """Draw for each dot of the box the pixel that its middle lies in."""
        if not self.get_visible():
            return
        (left, bottom), (right, top) = np.rint(self.get_transform().transform(self.corners))
        height, width = self.colours.shape[:2]
        rows, columns = int(top - bottom), int(right - left)
        row = (np.arange(rows)[::-1] + 0.5) * height / rows  # the renderer's first row is the last
        column = (np.arange(columns) + 0.5) * width / columns
        dots = np.full((rows, columns, 4), 255, np.uint8)  # red, green, blue, opacity
        dots[..., :3] = self.colours[np.ix_(row.astype(int), column.astype(int))]
        pen = renderer.new_gc()
        renderer.draw_image(pen, left, bottom, dots)
        pen.restore()
        self.stale = False


def quick_image(
    axes: Axes, colours: np.ndarray, left: float, right: float, bottom: float, top: float
) -> QuickImage:
    """Fill a box on the axes with an image as `axes.imshow` does, much faster.

    Args:
        axes: where to draw.
        colours: uint8 array (H, W, 3), opaque.
        left, right, bottom, top: the box, in the data's units.

    Returns:
        The image, which is part of the axes now.

    Source: none. The explorers' pictures use it.
    """
    drawn = QuickImage(colours, left, right, bottom, top)
    drawn.set_transform(axes.transData)
    axes.add_artist(drawn)
    return drawn
