"""Redraw every picture in figures/: `make figures`, or `python -m tools.figures [FOLDER]`.

With the same versions of matplotlib and PyAV, every run writes the same bytes.
"""

from __future__ import annotations

import functools
import io
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from tools.figures import animations, blocks, concepts, fields, worked_examples
from tools.figures.animations import Animation
from tools.figures.video import encode_webm
from unet_tutorial.data import load_nuclei, normalise, split_strips
from unet_tutorial.files import atomic_write
from unet_tutorial.prediction import predict
from unet_tutorial.shapes import unet_sizes
from unet_tutorial.teaching.drawing import overlay, panels, u_diagram
from unet_tutorial.teaching.drawing.alt_text import encode_png
from unet_tutorial.teaching.drawing.squares import mark_squares
from unet_tutorial.teaching.drawing.style import with_style
from unet_tutorial.unet import load_trained_unet

FIGURES = Path(__file__).resolve().parents[2] / "figures"
_SQUARE = slice(24, 200)  # rows of the test strip, which is as wide as they are high
_SHRINK = 4  # images in diagrams have a quarter of the height and width


@functools.cache
def _load_nuclei_and_masks() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Load the image (512, 512) in [0, 1], the expert's mask and the shipped network's mask."""
    image, labels = load_nuclei()
    image = normalise(image, split_strips(image).train)
    probability = predict(load_trained_unet(), image)[0]
    return image, labels > 0, probability > 0.5


def _shrink_image(array: np.ndarray) -> np.ndarray:
    """Average the centre crop down to 120x120 and 16 greys, which keeps an SVG small."""
    blocks = array[16:496, 16:496].reshape(480 // _SHRINK, _SHRINK, 480 // _SHRINK, _SHRINK)
    means = blocks.mean(axis=(1, 3), dtype=np.float64)  # (120, 120)
    if array.dtype == bool:
        return means > 0.5
    return (15 * (means / np.percentile(means, 98.5)).clip(0, 1)).round() / 15


def _make_u_drawer(*lit: str) -> Callable[[], Figure]:
    """Make a function that draws the U-Net at 480x480 with these parts highlighted."""
    return lambda: u_diagram(unet_sizes(480, 480), lit=lit)


def _draw_classify_or_segment() -> Figure:
    image, mask, _ = _load_nuclei_and_masks()
    return concepts.draw_classify_or_segment(_shrink_image(image), _shrink_image(mask))


def _draw_image_to_mask() -> Figure:
    """Draw a square of the test strip, in 32 greys, and the network's mask of it."""
    image, _, found = (split_strips(array).test[_SQUARE] for array in _load_nuclei_and_masks())
    grey = (image / np.percentile(image, 98.5)).clip(0, 1)
    return concepts.draw_image_to_mask((31 * grey).round() / 31, found)


def _draw_two_windows() -> Figure:
    """Draw nine pixels inside a dim nucleus, and nine of the background with similar values."""
    levels = np.rint(255 * load_nuclei()[0]).astype(int)
    places = (118, 252), (455, 208)  # chapter 03 shows their surroundings
    return worked_examples.draw_two_windows(
        [levels[r - 1 : r + 2, c - 1 : c + 2] for r, c in places]
    )


def _draw_outline_in_numbers() -> Figure:
    grey = np.rint(255 * load_nuclei()[0]).astype(int)
    return worked_examples.draw_outline_in_numbers(grey[190:286, 376:472], top=30, left=50)


def _draw_tiling() -> Figure:
    image, _, found = _load_nuclei_and_masks()
    return concepts.draw_tiling(_shrink_image(image), _shrink_image(found))


def _draw_hero() -> Figure:
    """Draw the test strip horizontally, above the network's and the expert's mask of it."""
    strip, truth, found = (split_strips(array).test.T for array in _load_nuclei_and_masks())
    titles = ["a microscope image that the network has not seen", "the network", "the expert"]
    return panels([strip, overlay(strip, found), overlay(strip, truth)], titles, columns=1)


def _draw_square_in_nucleus() -> Figure:
    """Draw the image and a piece of it, with a square of 5 by 5 pixels in a nucleus."""
    image, _ = load_nuclei()
    titles = ["the nuclei image", "enlarged, and a square of 5 × 5 pixels"]
    figure = panels([image, image[144:264, 168:288]], titles)
    return mark_squares(figure, [{"": (144, 168, 120)}, {"": (61, 59, 5)}])


def _draw_two_pixels() -> Figure:
    """Draw a piece of the test strip with two pixels in it, and the expert's outlines of it."""
    image, labels = (array[336:432, 368:464] for array in load_nuclei())
    titles = ["which of A and B is in a nucleus?", "the expert's outlines"]
    figure = panels([image, overlay(image, labels > 0)], titles)
    squares = {"A": (17, 82, 5), "B": (63, 18, 5)}  # the pixel is in the middle
    return mark_squares(figure, [squares, squares])


def _draw_two_thresholds() -> Figure:
    """Draw a square of the training strip, and its mask at a low and at a high threshold."""
    square = load_nuclei()[0][300:460, 20:180]
    titles = ["the image", "brighter than 0.10", "brighter than 0.30"]
    return panels([square, square > 0.1, square > 0.3], titles)


def _draw_three_sizes() -> Figure:
    """Draw the centre crop, and two smaller squares of it."""
    crop = load_nuclei()[0][16:496, 16:496]
    squares = {"240 × 240": (120, 120, 240), "96 × 96": (192, 164, 96)}
    views = [crop, *(crop[r : r + side, c : c + side] for r, c, side in squares.values())]
    figure = panels(views, ["480 × 480", *squares])
    return mark_squares(figure, [squares, {}, {}])


def _draw_seams() -> Figure:
    """Draw what the network finds in a piece of the image, in tiles without overlap and at once."""
    image, _, _ = _load_nuclei_and_masks()
    model, piece = load_trained_unet(), (slice(200, 280), slice(408, 488))
    tiled, whole = (predict(model, image, tile=tile, overlap=0)[0] for tile in (32, None))
    titles = ["the image", "in tiles of 32 × 32", "all at once"]
    return panels([image[piece], tiled[piece], whole[piece]], titles)


PICTURES = {
    "channels_summed.svg": worked_examples.draw_summed_channels,
    "classify_or_segment.svg": _draw_classify_or_segment,
    "concatenation.svg": concepts.draw_concatenation,
    "double_conv.svg": blocks.draw_double_conv,
    "down.svg": blocks.draw_down,
    "field_in_one_dimension.svg": fields.draw_field_in_one_dimension,
    "hero.png": _draw_hero,
    "image_to_mask.svg": _draw_image_to_mask,
    "max_pool.svg": worked_examples.draw_max_pool,
    "one_by_one.svg": concepts.draw_one_by_one,
    "out_conv.svg": blocks.draw_out_conv,
    "outline_in_numbers.svg": _draw_outline_in_numbers,
    "same_or_valid.svg": worked_examples.draw_same_or_valid,
    "seams.png": _draw_seams,
    "square_in_nucleus.png": _draw_square_in_nucleus,
    "three_sizes.png": _draw_three_sizes,
    "tiling.svg": _draw_tiling,
    "transposed_stamping.svg": worked_examples.draw_transposed_stamping,
    "two_pixels.png": _draw_two_pixels,
    "two_windows.svg": _draw_two_windows,
    "two_thresholds.png": _draw_two_thresholds,
    "up.svg": blocks.draw_up,
    "u_all.svg": _make_u_drawer(),
    "u_down.svg": _make_u_drawer("down1", "down2", "down3", "down4"),
    "u_out_conv.svg": _make_u_drawer("out_conv"),
    "u_transposed.svg": _make_u_drawer("transposed_convolution"),
    "u_up.svg": _make_u_drawer("up1", "up2", "up3", "up4"),
}


for _name, _animate in animations.ANIMATIONS.items():
    PICTURES[f"animation_{_name}.webm"] = _animate
    PICTURES[f"animation_{_name}.svg"] = _animate().frames[0]  # shown until the video is played


def _write_picture(picture: Figure | Animation, path: Path) -> None:
    """Write a picture in the format that its file name ends in, all of it or nothing."""
    atomic_write(path, _ENCODERS[path.suffix](picture))


@with_style
def _encode_svg(figure: Figure) -> bytes:
    """Encode a figure as SVG, without a date or the spaces that matplotlib puts at line ends."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    return b"\n".join(line.rstrip() for line in buffer.getvalue().splitlines()) + b"\n"


_ENCODERS = {
    ".svg": _encode_svg,
    ".png": functools.partial(encode_png, dpi=100),
    ".webm": lambda animation: encode_webm(*animation),
}


def main(folder: Path = FIGURES) -> list[Path]:
    """Write every picture to the folder, and return the paths."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / name for name in PICTURES]
    for path in paths:
        _write_picture(PICTURES[path.name](), path)
        print(path, flush=True)
    return paths


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:2]))
