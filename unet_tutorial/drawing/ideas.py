"""One picture for each idea that no result shows: tasks, joining, tiling."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from unet_tutorial.drawing.boxes import Slab, arrow, draw_slab
from unet_tutorial.drawing.style import PALETTE, WIDTH, canvas, mix, styled


@styled
def classify_or_segment() -> Figure:
    """Draw a classifier, one answer an image, above a segmentation, one answer a pixel."""
    figure, axes = canvas(WIDTH, 3.3)
    for y, title in ((1.95, "classification"), (0.3, "segmentation")):
        axes.text(0.2, y + 0.5, title, weight="bold", va="center", size=11)
        draw_slab(axes, Slab(1.9, y, 0.06, 0.9, 0.25), PALETTE["blue"])
        _label(axes, 2.05, y - 0.07, "(N, 1, 480, 480)")
        _step(axes, 2.35, 3.35, y + 0.5)
        draw_slab(axes, Slab(3.55, y + 0.22, 0.35, 0.45, 0.15), PALETTE["blue"])
        _label(axes, 3.8, y - 0.07, "features")
    _step(axes, 4.2, 6.4, 2.45, "fully connected layer")
    _cells(axes, 6.6, 2.35, 10)
    _label(axes, 7.35, 1.88, "(N, 10): one answer an image")
    _step(axes, 4.2, 6.4, 0.8, "convolution")
    draw_slab(axes, Slab(6.7, 0.3, 0.06, 0.9, 0.25), PALETTE["orange"])
    _label(axes, 7.35, 0.23, "(N, 1, 480, 480): one answer a pixel")
    return figure


@styled
def concatenation() -> Figure:
    """Draw the skip connection and the upsampled tensor joined side by side along the channels."""
    figure, axes = canvas(WIDTH, 2.5)
    skip, up = Slab(0.8, 0.7, 0.5, 1.0, 0.3), Slab(3.1, 0.7, 0.5, 1.0, 0.3)
    draw_slab(axes, skip, PALETTE["blue"])
    _label(axes, 1.2, 0.6, "skip\n(N, 64, 480, 480)")
    axes.text(2.4, 1.25, "beside", size=11, ha="center", va="center", color=PALETTE["muted"])
    draw_slab(axes, up, PALETTE["orange"])
    _label(axes, 3.5, 0.6, "upsampled\n(N, 64, 480, 480)")
    _step(axes, 4.3, 5.6, 1.25, "cat, dim=1")
    draw_slab(axes, up._replace(x=6.7), PALETTE["orange"])
    draw_slab(axes, skip._replace(x=6.2), PALETTE["blue"])
    _label(axes, 6.85, 0.6, "joined\n(N, 128, 480, 480)")
    axes.text(6.95, 2.12, "64 + 64 channels, same rows and columns", ha="center", size=9.5)
    return figure


@styled
def tiling() -> Figure:
    """Draw a window of a large image: the core that is kept, the surroundings thrown away."""
    figure, axes = canvas(WIDTH, 3.9)
    cell, left, bottom = 0.62, 0.4, 0.35
    for row in range(5):
        for column in range(7):
            corner = (left + column * cell, bottom + row * cell)
            axes.add_patch(_box(corner, cell, cell, "white", PALETTE["faint"]))
    margin, corner = 0.37, (left + 3 * cell, bottom + 2 * cell)
    around = (corner[0] - margin, corner[1] - margin)
    side = cell + 2 * margin
    surroundings = mix(PALETTE["blue"], PALETTE["paper"], 0.7)
    axes.add_patch(_box(around, side, side, surroundings, PALETTE["blue"], hatch="///"))
    axes.add_patch(_box(corner, cell, cell, PALETTE["orange"], PALETTE["ink"]))
    axes.text(left, bottom + 5 * cell + 0.08, "a large image, core by core", size=9.5)
    rows = (
        (
            2.95,
            surroundings,
            "///",
            "surroundings: seen by the network,\ntheir prediction thrown away",
        ),
        (2.0, PALETTE["orange"], "", "core: its prediction is kept"),
    )
    for y, colour, hatch, text in rows:
        axes.add_patch(_box((5.5, y - 0.15), 0.35, 0.35, colour, PALETTE["ink"], hatch=hatch))
        axes.text(6.05, y + 0.02, text, va="center", size=10)
    axes.text(5.5, 1.1, "tile = core + 2 × overlap", va="center", size=11, weight="bold")
    return figure


def _label(axes: Axes, x: float, y: float, text: str) -> None:
    axes.text(x, y, text, ha="center", va="top", size=9.5)


def _step(axes: Axes, start: float, end: float, y: float, text: str = "") -> None:
    arrow(axes, (start, y), (end, y), "double_conv")
    axes.text((start + end) / 2, y + 0.1, text, ha="center", size=9.5)


def _cells(axes: Axes, x: float, y: float, number: int) -> None:
    for i in range(number):
        fill = PALETTE["orange"] if i == 3 else "white"
        axes.add_patch(_box((x + 0.15 * i, y), 0.15, 0.3, fill, PALETTE["ink"]))


def _box(
    corner: tuple[float, float], width: float, height: float, fill: str, edge: str, hatch: str = ""
) -> Rectangle:
    return Rectangle(corner, width, height, facecolor=fill, edgecolor=edge, hatch=hatch)
