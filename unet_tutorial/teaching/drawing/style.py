"""Define the style of all figures: palette, matplotlib settings and an empty canvas in inches."""

import functools
from collections.abc import Callable

import matplotlib.style
from matplotlib.axes import Axes
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure

# Okabe and Ito's colours, which colour-blind readers can tell apart too. The purple is darker
# than theirs, so that a line is visible on the paper. Text is "ink" or "muted".
PALETTE = {
    "paper": "#FCFBF8",
    "band": "#F1F2F0",
    "faint": "#D3D8DD",
    "muted": "#55616D",
    "ink": "#1B2733",
    "blue": "#0072B2",
    "vermillion": "#D55E00",
    "green": "#009E73",
    "purple": "#BF68A0",
    "orange": "#E69F00",
}
_STYLE = {
    "figure.dpi": 100,
    "figure.constrained_layout.w_pad": 0.1,
    "figure.constrained_layout.h_pad": 0.08,
    "figure.facecolor": PALETTE["paper"],
    "savefig.facecolor": PALETTE["paper"],
    "axes.facecolor": PALETTE["paper"],
    "axes.edgecolor": PALETTE["muted"],
    "axes.labelcolor": PALETTE["ink"],
    "axes.labelsize": 10,
    "axes.titlesize": 10.5,
    "axes.titleweight": "bold",
    "axes.titlecolor": PALETTE["ink"],
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": PALETTE["faint"],
    "grid.linewidth": 0.6,
    "text.color": PALETTE["ink"],
    "xtick.color": PALETTE["muted"],
    "ytick.color": PALETTE["muted"],
    "xtick.labelsize": 9.5,
    "ytick.labelsize": 9.5,
    "legend.fontsize": 9.5,
    "legend.frameon": False,
    "font.size": 10,
    "hatch.linewidth": 0.8,
    "image.interpolation": "nearest",
    "svg.fonttype": "path",
    "svg.hashsalt": "unet_tutorial",
}
WIDTH = 9.0  # inches; at 100 dots an inch, the width of a notebook's output


def with_style(draw: Callable) -> Callable:
    """Decorator: draw in this style, regardless of the caller's matplotlib settings."""

    @functools.wraps(draw)
    def wrapper(*args, **kwargs):
        with matplotlib.style.context(["default", _STYLE]):
            return draw(*args, **kwargs)

    return wrapper


def create_canvas(width: float, height: float) -> tuple[Figure, Axes]:
    """Create a figure with invisible axes that cover all of it and count in inches."""
    figure = Figure(figsize=(width, height))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, width), ylim=(0, height))
    axes.set_axis_off()
    return figure, axes


def mix_colours(colour: str, other: str, share: float) -> str:
    """Mix `share` (0 to 1) of `other` into `colour`; the result is a hex string."""
    pairs = zip(to_rgb(colour), to_rgb(other), strict=True)
    return to_hex([(1 - share) * a + share * b for a, b in pairs])
