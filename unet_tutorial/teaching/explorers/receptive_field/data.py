"""The image that the explorer of the receptive field ships, and a learner's own."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from unet_tutorial.data import load_nuclei
from unet_tutorial.shapes import unet_sizes
from unet_tutorial.shapes.unet import SIZE_MULTIPLE
from unet_tutorial.teaching.drawing.intensity import convert_to_grey
from unet_tutorial.teaching.explorers.frame.atlas import Atlas

TOP, LEFT, SIDE = 76, 100, 256  # of the nuclei image: in the middle, the nucleus of chapter 04
_LARGEST = 512  # pixels; the side of a picture that is sent to the browser


def export_data() -> tuple[dict[str, Any], dict[str, bytes]]:
    """Compute the data that the explorer ships: a piece of the nuclei image.

    Returns:
        What data.json contains, and the picture that it refers to, by file name.
    """
    image, _ = load_nuclei()
    return pack_image(image[TOP : TOP + SIDE, LEFT : LEFT + SIDE])


def pack_image(image: ArrayLike) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Pack an image for the explorer.

    Args:
        image: numbers of shape (H, W), each side a multiple of 16.

    Returns:
        As `export_data`.

    Raises:
        ValueError: the image has another shape.
    """
    grey = convert_to_grey(image)
    rows, columns = grey.shape
    unet_sizes(rows, columns)
    atlas = Atlas()
    atlas.add(_shrink(grey)[None] / 255)
    picture, png = atlas.encode("image.png")
    return {"rows": rows, "columns": columns, "image": picture}, {"image.png": png}


def _shrink(grey: np.ndarray) -> np.ndarray:
    """Average squares of pixels while the image is larger than what a page shows."""
    factor = 1
    while max(grey.shape) > factor * _LARGEST and factor < SIZE_MULTIPLE:
        factor *= 2
    rows, columns = (side // factor for side in grey.shape)
    return grey.reshape(rows, factor, columns, factor).mean(axis=(1, 3))
