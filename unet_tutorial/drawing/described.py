"""How a chapter shows a picture: with a description for those who cannot see it."""

from __future__ import annotations

import base64
import html
import io

from matplotlib.figure import Figure

SHORTEST_ALT = 30


class Described:
    """A picture with its description; a notebook shows it as an image with alt text."""

    def __init__(self, png: bytes, alt: str):
        self.png, self.alt = png, alt

    def __repr__(self) -> str:
        return self.alt

    def _repr_html_(self) -> str:
        data = base64.b64encode(self.png).decode("ascii")
        return (
            f'<img alt="{html.escape(self.alt)}" style="max-width: 100%; height: auto" '
            f'src="data:image/png;base64,{data}">'
        )


def described(figure: Figure, alt: str) -> Described:
    """Return the figure with its description, for the last line of a notebook's cell.

    Args:
        figure: what to show.
        alt: what one would see in it and conclude from it, at least 30 characters.

    Returns:
        An object that a notebook shows as an image with this alt text (text/html), and that
        reads as the alt where there are no pictures (text/plain).

    Raises:
        ValueError: a description that is missing or too short to describe anything.

    Source: none. Every chapter that draws uses it.
    """
    if not isinstance(alt, str) or len(alt.strip()) < SHORTEST_ALT:
        raise ValueError(
            f"describe the picture in at least {SHORTEST_ALT} characters, for readers who cannot "
            f"see it: what is seen, and what follows. This came: {alt!r}."
        )
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=100, metadata={"Software": None})
    return Described(buffer.getvalue(), alt)
