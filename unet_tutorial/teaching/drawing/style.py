"""One look for every picture: the palette, the settings, and a bare canvas to draw on."""

import functools
from collections.abc import Callable

import matplotlib.style
from matplotlib.axes import Axes
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure

# Okabe and Ito's colours, the purple darkened so that a line stands out from the paper.
# Text is ink or muted; the five colours in between are told apart by colour-blind readers too.
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
STYLE = {
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


def styled(draw: Callable) -> Callable:
    """Make a function draw in this style, whatever settings its caller has made."""

    @functools.wraps(draw)
    def wrapper(*args, **kwargs):
        with matplotlib.style.context(["default", STYLE]):
            return draw(*args, **kwargs)

    return wrapper


def canvas(width: float, height: float) -> tuple[Figure, Axes]:
    """Return a figure and bare axes over all of it, whose unit is the inch."""
    figure = Figure(figsize=(width, height))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, width), ylim=(0, height))
    axes.set_axis_off()
    return figure, axes


def mix(colour: str, other: str, share: float) -> str:
    """Return `colour` with `share` (0 to 1) of `other` stirred in, as a hex string."""
    pairs = zip(to_rgb(colour), to_rgb(other), strict=True)
    return to_hex([(1 - share) * a + share * b for a, b in pairs])
