"""How a chapter shows a picture: with a description for those who cannot see it."""

from __future__ import annotations

import base64
import html
import io

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from unet_tutorial.teaching.drawing.style import styled

SHORTEST_ALT = 30  # characters; less cannot say what is seen and what follows from it
PAGE_DPI, PNG_DPI = 100, 150  # an inch on the page, and in the file: sharp on fine screens too


class Described:
    """A picture with its description; a notebook shows it as an image with alt text."""

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


@styled
def described(figure: Figure, alt: str) -> Described:
    """Return the figure with its description, for the last line of a notebook's cell.

    JupyterLab ignores alt text in an output's metadata and hides SVG in notebooks that it does
    not trust; so this is an HTML image that holds a PNG.

    Args:
        figure: what to show, such as every function of this package returns.
        alt: what one would see in it and conclude from it, at least 30 characters.

    Returns:
        An object that a notebook shows as an image with this alt text (text/html), and that
        reads as the alt where there are no pictures (text/plain). The same figure gives the
        same bytes; the image is as wide on the page as the figure, at 100 pixels an inch, and
        never wider than the page.

    Raises:
        TypeError: something else than a matplotlib Figure.
        ValueError: a description that is missing or too short to describe anything.

    Example:
        `described(u_diagram(stages), "The U-Net at 480 by 480: 64 channels become 1024.")`

    Source: none. Every chapter that draws uses it.
    """
    if not isinstance(figure, Figure):
        raise TypeError(
            f"described shows a matplotlib Figure, but a {type(figure).__name__} came; "
            "arrays become one with panels([array], [title])."
        )
    if not isinstance(alt, str) or len(alt.strip()) < SHORTEST_ALT:
        raise ValueError(
            f"describe the picture in at least {SHORTEST_ALT} characters, for readers who cannot "
            f"see it: what is seen, and what follows. This came: {alt!r}."
        )
    return Described(as_png(figure, PNG_DPI), alt, round(figure.get_figwidth() * PAGE_DPI))


@styled
def as_png(figure: Figure, dpi: int) -> bytes:
    """Return the figure as a PNG of 256 colours, half the size, and no text, date or program."""
    buffer = io.BytesIO()
    pixels = {"compress_level": 1}  # this file is read again at once
    figure.savefig(buffer, format="png", dpi=dpi, metadata={"Software": None}, pil_kwargs=pixels)
    with Image.open(buffer) as image:
        fewer = image.convert("RGB").quantize(256, Image.Quantize.MEDIANCUT)
    buffer = io.BytesIO()
    fewer.save(buffer, format="png")
    return buffer.getvalue()


@styled
def as_jpeg(figure: Figure) -> bytes:
    """Return the figure as a JPEG at page size: much faster than a PNG, and nearly the same.

    For pictures that follow a slider, where encoding a PNG would take longer than drawing it.
    """
    figure.set_dpi(PAGE_DPI)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    pixels = np.asarray(canvas.buffer_rgba())[..., :3]  # (H, W, RGB); the ground is opaque
    buffer = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(buffer, "jpeg", quality=92, subsampling=0)
    return buffer.getvalue()
