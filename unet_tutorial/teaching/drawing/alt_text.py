"""Show figures in a notebook with alt text, for readers who can't see them."""

from __future__ import annotations

import base64
import html
import io

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from unet_tutorial.teaching.drawing.style import with_style

SHORTEST_ALT = 30  # characters; anything shorter is a title, not a description
PAGE_DPI, _PNG_DPI = 100, 150  # the file has more pixels than the page: sharp on HiDPI screens


class DescribedFigure:
    """A figure as PNG and its description; notebooks show it as an image with alt text."""

    def __init__(self, png: bytes, alt: str, width: int):
        self.png, self.alt, self.width = png, alt, width

    def __repr__(self) -> str:
        return self.alt

    def _repr_html_(self) -> str:
        data = base64.b64encode(self.png).decode("ascii")
        return (
            f'<img alt="{html.escape(self.alt)}" width="{self.width}" '
            f'style="max-width: 100%; height: auto" src="data:image/png;base64,{data}">'
        )


@with_style
def described(figure: Figure, alt: str) -> DescribedFigure:
    """Add a description to a figure; put the result on the last line of a notebook cell.

    JupyterLab ignores alt text in an output's metadata, and it hides SVG in notebooks that it
    doesn't trust. That's why this is an HTML image with an embedded PNG.

    Args:
        figure: the figure to show, from any drawing function of this package.
        alt: what a reader sees in the figure and learns from it, at least 30 characters.

    Returns:
        An object that a notebook shows as an image with this alt text (text/html), or as the
        alt text where images aren't supported (text/plain). The image is as wide as the figure,
        at 100 pixels per inch, but never wider than the page. The same figure always gives the
        same bytes.

    Raises:
        TypeError: if `figure` isn't a matplotlib Figure.
        ValueError: if `alt` is missing or shorter than 30 characters.

    Example:
        `described(u_diagram(stages), "The U-Net at 480 by 480: 64 channels become 1024.")`
    """
    if not isinstance(figure, Figure):
        raise TypeError(
            f"described() needs a matplotlib Figure, but got {type(figure).__name__}. "
            "To draw an array, use panels([array], [title])."
        )
    if not isinstance(alt, str) or len(alt.strip()) < SHORTEST_ALT:
        raise ValueError(
            f"The description needs at least {SHORTEST_ALT} characters, but it is {alt!r}. For "
            "readers who can't see the figure, say what it shows and what it tells us."
        )
    return DescribedFigure(
        encode_png(figure, _PNG_DPI), alt, round(figure.get_figwidth() * PAGE_DPI)
    )


@with_style
def encode_png(figure: Figure, dpi: int) -> bytes:
    """Encode a figure as PNG: 256 colours for half the file size, no date and no program name."""
    buffer = io.BytesIO()
    pixels = {"compress_level": 1}  # fast: this file is only an intermediate step
    figure.savefig(buffer, format="png", dpi=dpi, metadata={"Software": None}, pil_kwargs=pixels)
    with Image.open(buffer) as image:
        fewer = image.convert("RGB").quantize(256, Image.Quantize.MEDIANCUT)
    buffer = io.BytesIO()
    fewer.save(buffer, format="png")
    return buffer.getvalue()


@with_style
def encode_jpeg(figure: Figure) -> bytes:
    """Encode a figure as JPEG at page size, which is much faster than PNG.

    Explorers redraw their figure on every move of a slider. Encoding a PNG would take longer
    than drawing it, and the JPEG looks nearly the same.
    """
    figure.set_dpi(PAGE_DPI)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    pixels = np.asarray(canvas.buffer_rgba())[
        ..., :3
    ]  # (H, W, RGB); the background is opaque, so alpha can go
    buffer = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(buffer, "jpeg", quality=92, subsampling=0)
    return buffer.getvalue()
