"""Draw every picture in figures/ again: `make figures`, or `python -m tools.figures [FOLDER]`.

The same bytes come out on every run with the same matplotlib and PyAV.
"""

from __future__ import annotations

import functools
import io
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from tools.figures import animations, blocks, concepts, worked_examples
from tools.figures.animations import Animation
from tools.figures.video import as_webm
from unet_tutorial.data import load_nuclei, normalise, split_strips
from unet_tutorial.files import atomic_write
from unet_tutorial.prediction import predict
from unet_tutorial.shapes import unet_sizes
from unet_tutorial.teaching.drawing import overlay, panels, u_diagram
from unet_tutorial.teaching.drawing.alt_text import as_png
from unet_tutorial.teaching.drawing.style import styled
from unet_tutorial.unet import load_trained_unet

FIGURES = Path(__file__).resolve().parents[2] / "figures"
SMALLER = 4  # pictures in diagrams have a quarter of the image's height and width


@functools.cache
def nuclei() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The nuclei image (512, 512) in [0, 1], the expert's mask, and the shipped network's."""
    image, labels = load_nuclei()
    image = normalise(image, split_strips(image).train)
    probability = predict(load_trained_unet(), image)[0]
    return image, labels > 0, probability > 0.5


def small(array: np.ndarray) -> np.ndarray:
    """The 480x480 centre crop, made SMALLER by means, in 16 greys: few bytes in an SVG."""
    blocks = array[16:496, 16:496].reshape(480 // SMALLER, SMALLER, 480 // SMALLER, SMALLER)
    means = blocks.mean(axis=(1, 3), dtype=np.float64)  # (120, 120)
    if array.dtype == bool:
        return means > 0.5
    return (15 * (means / np.percentile(means, 98.5)).clip(0, 1)).round() / 15


def u_with(*lit: str) -> Callable[[], Figure]:
    """Return what draws the U at 480x480 with these parts lit."""
    return lambda: u_diagram(unet_sizes(480, 480), lit=lit)


def classify_or_segment() -> Figure:
    """The two tasks, for the nuclei image and the expert's mask."""
    image, mask, _ = nuclei()
    return concepts.classify_or_segment(small(image), small(mask))


def tiling() -> Figure:
    """One tile of the nuclei image, and what the shipped network says of it."""
    image, _, found = nuclei()
    return concepts.tiling(small(image), small(found))


def hero() -> Figure:
    """The test strip, turned to lie, above what the shipped network and the expert say of it."""
    strip, truth, found = (split_strips(array).test.T for array in nuclei())
    titles = ["a microscope image that the network has not seen", "the network", "the expert"]
    return panels([strip, overlay(strip, found), overlay(strip, truth)], titles, columns=1)


PICTURES = {
    "channels_summed.svg": worked_examples.channels_summed,
    "classify_or_segment.svg": classify_or_segment,
    "concatenation.svg": concepts.concatenation,
    "convolution.svg": worked_examples.convolution,
    "double_conv.svg": blocks.double_conv,
    "down.svg": blocks.down,
    "hero.png": hero,
    "max_pool.svg": worked_examples.max_pool,
    "one_by_one.svg": concepts.one_by_one,
    "out_conv.svg": blocks.out_conv,
    "same_or_valid.svg": worked_examples.same_or_valid,
    "tiling.svg": tiling,
    "transposed_stamping.svg": worked_examples.transposed_stamping,
    "up.svg": blocks.up,
    "u_all.svg": u_with(),
    "u_convolution.svg": u_with("double_conv", "one_by_one"),
    "u_double_conv.svg": u_with("double_conv"),
    "u_down.svg": u_with("down1", "down2", "down3", "down4"),
    "u_out_conv.svg": u_with("out_conv"),
    "u_transposed.svg": u_with("transposed_convolution"),
    "u_up.svg": u_with("up1", "up2", "up3", "up4"),
}


for _name in ("convolution", "stamping", "strided", "zero_stuffed"):
    _animation = getattr(animations, _name)
    PICTURES[f"animation_{_name}.webm"] = _animation
    PICTURES[f"animation_{_name}.svg"] = _animation().frames[0]


def write(picture: Figure | Animation, path: Path) -> None:
    """Write a picture whole or not at all, without date or program name in it."""
    atomic_write(path, WRITERS[path.suffix](picture))


@styled
def as_svg(figure: Figure) -> bytes:
    """Return the figure as an SVG; matplotlib leaves spaces at the ends of lines, cut off here."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    return b"\n".join(line.rstrip() for line in buffer.getvalue().splitlines()) + b"\n"


WRITERS = {
    ".svg": as_svg,
    ".png": functools.partial(as_png, dpi=100),
    ".webm": lambda animation: as_webm(*animation),
}


def main(folder: Path = FIGURES) -> list[Path]:
    """Write every picture into the folder and return their paths."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / name for name in PICTURES]
    for path in paths:
        write(PICTURES[path.name](), path)
        print(path, flush=True)
    return paths


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:2]))
