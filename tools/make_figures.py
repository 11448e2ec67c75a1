"""Draw every picture in figures/ again: `make figures`, or `python tools/make_figures.py [FOLDER]`.

The same bytes come out on every run with the same matplotlib.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable
from pathlib import Path

import matplotlib
from matplotlib.figure import Figure

from unet_tutorial.data import load_nuclei, normalise, split_strips
from unet_tutorial.drawing import (
    classify_or_segment,
    concatenation,
    overlay,
    panels,
    tiling,
    u_diagram,
)
from unet_tutorial.prediction import predict
from unet_tutorial.shapes import unet_sizes
from unet_tutorial.unet import load_trained_unet

FIGURES = Path(__file__).resolve().parent.parent / "figures"
STABLE_SVG = {"svg.hashsalt": "unet_tutorial", "svg.fonttype": "path"}


def u_with(*lit: str) -> Callable[[], Figure]:
    """Return what draws the U at 480x480 with these parts lit."""
    return lambda: u_diagram(unet_sizes(480, 480), lit=lit)


def hero() -> Figure:
    """The nuclei image's test strip, turned to lie, above what the shipped network says of it."""
    image, labels = load_nuclei()
    probability = predict(load_trained_unet(), normalise(image, split_strips(image).train))[0]
    strip = split_strips(image).test
    found = overlay(strip.T, split_strips(probability > 0.5).test.T)
    truth = overlay(strip.T, split_strips(labels > 0).test.T)
    titles = ["microscope image (not trained on)", "the trained network", "the expert"]
    return panels([strip.T, found, truth], titles, columns=1)


PICTURES = {
    "classify_or_segment.svg": classify_or_segment,
    "concatenation.svg": concatenation,
    "hero.png": hero,
    "tiling.svg": tiling,
    "u_all.svg": u_with(),
    "u_convolution.svg": u_with("in_conv"),
    "u_double_conv.svg": u_with("double_conv"),
    "u_down.svg": u_with("down1", "down2", "down3", "down4"),
    "u_out_conv.svg": u_with("out_conv"),
    "u_transposed.svg": u_with("transposed_convolution"),
    "u_up.svg": u_with("up1", "up2", "up3", "up4"),
}


def write(figure: Figure, path: Path) -> None:
    """Write a figure whole or not at all, without date or program name in it."""
    svg = path.suffix == ".svg"
    metadata = {"Date": None, "Creator": None} if svg else {"Software": None}
    buffer = io.BytesIO()
    with matplotlib.rc_context(STABLE_SVG):
        figure.savefig(buffer, format=path.suffix[1:], dpi=100, metadata=metadata)
    text = buffer.getvalue()
    if svg:  # matplotlib leaves spaces at the ends of lines
        text = b"\n".join(line.rstrip() for line in text.splitlines()) + b"\n"
    partial = path.with_suffix(".partial")
    partial.write_bytes(text)
    os.replace(partial, path)


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
