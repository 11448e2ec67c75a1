"""Show figures in a notebook with alt text, for readers who can't see them."""

from __future__ import annotations

import base64
import difflib
import html
import io
import tomllib
from functools import cache
from pathlib import Path

from matplotlib.figure import Figure
from PIL import Image

from unet_tutorial.teaching.drawing.style import with_style

ALT_TEXTS = Path(__file__).with_name("alt_texts")  # one file a chapter
SHORTEST_ALT = 30  # characters; anything shorter is a title, not a description
_PAGE_DPI, _PNG_DPI = 100, 150  # the file has more pixels than the page: sharp on HiDPI screens


class DescribedFigure:
    """A figure as PNG and its description; notebooks show it as an image with alt text."""

    def __init__(self, png: bytes, alt: str, width: int):
        self.png, self.alt, self.width = png, alt, width

    def __repr__(self) -> str:
        return self.alt

    def _repr_html_(self) -> str:
        return format_image(self.png, self.alt, self.width)

    def _repr_png_(self) -> tuple[bytes, dict[str, int]]:
        return self.png, {"width": self.width}


def format_image(picture: bytes, alt: str, width: int, kind: str = "png") -> str:
    """Format a picture as an HTML image with alt text, never wider than the page.

    Args:
        picture: the content of a file.
        alt: what the picture shows.
        width: in pixels of the page.
        kind: "png" or "jpeg".
    """
    data = base64.b64encode(picture).decode("ascii")
    return (
        f'<img alt="{html.escape(alt)}" width="{width}" '
        f'style="max-width: 100%; height: auto" src="data:image/{kind};base64,{data}">'
    )


@with_style
def described(figure: Figure, description: str) -> DescribedFigure:
    """Add a description to a figure; put the result on the last line of a notebook cell.

    JupyterLab ignores alt text in an output's metadata, and it hides SVG in notebooks that it
    doesn't trust. That's why this is an HTML image with an embedded PNG.

    Args:
        figure: the figure to show, from any drawing function of this package.
        description: the key of a description in `alt_texts/NN.toml`, such as "stamp-steps", or a
            description of your own: what a reader sees in the figure and learns from it, at least
            30 characters.

    Returns:
        An object that a notebook shows as an image with this alt text (text/html), as the image
        alone where HTML is stripped (image/png), or as the alt text where images aren't supported
        (text/plain). The image is as wide as the figure, at 100 pixels per inch, but never wider
        than the page. The same figure always gives the same bytes.

    Raises:
        TypeError: if `figure` isn't a matplotlib Figure.
        KeyError: if there's no description of that key.
        ValueError: if the description is missing or shorter than 30 characters.

    Example:
        `described(u_diagram(stages), "The U-Net at 480 by 480: 64 channels become 1024.")`
    """
    if not isinstance(figure, Figure):
        raise TypeError(
            f"described() needs a matplotlib Figure, but got {type(figure).__name__}. "
            "To draw an array, use panels([array], [title])."
        )
    alt = _find_description(description)
    return DescribedFigure(
        encode_png(figure, _PNG_DPI), alt, round(figure.get_figwidth() * _PAGE_DPI)
    )


def _find_description(description: str) -> str:
    """Return the text of a key (one word), or a description itself."""
    is_text = isinstance(description, str)
    if is_text and len(description.split()) == 1:
        texts = read_descriptions()
        if description not in texts:
            near = difflib.get_close_matches(description, texts) or list(texts)
            raise KeyError(
                f"There's no description {description!r} in alt_texts/. Is it one of these: "
                f"{', '.join(near[:3])}? Or write a sentence that says what the figure shows."
            )
        return texts[description]
    if not is_text or len(description.strip()) < SHORTEST_ALT:
        raise ValueError(
            f"The description needs at least {SHORTEST_ALT} characters, but it is "
            f"{description!r}. For readers who can't see the figure, say what it shows and what it "
            "tells us."
        )
    return description


@cache
def read_descriptions() -> dict[str, str]:
    """Read the descriptions of the chapters' figures, by their keys, from `alt_texts/*.toml`."""
    texts: dict[str, str] = {}
    for path in sorted(ALT_TEXTS.glob("*.toml")):
        texts |= tomllib.loads(path.read_text(encoding="utf-8"))
    return texts


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
