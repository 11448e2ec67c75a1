"""Numbers as shades of grey: which value is black, and which is white."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

BRIGHTEST = 99.5  # this percentile of an image is shown white, or few bright pixels darken the rest


def grey_limits(array: np.ndarray) -> tuple[float, float]:
    """Return what is shown black and what white: an image's least value and nearly its largest."""
    if array.dtype == bool:
        return 0.0, 1.0
    low, high = np.nanpercentile(array, [0, BRIGHTEST])
    return float(low), float(high if high > low else np.nanmax(array))


def scaled(image: np.ndarray) -> np.ndarray:
    """Return an image's values from 0 (black) to 1 (white); numbers that are all equal are 0."""
    low, high = grey_limits(image)
    return ((image - low) / (high - low if high > low else 1.0)).clip(0, 1)


def as_grey(image: ArrayLike) -> np.ndarray:
    """Return an image (H, W) as uint8: black its least value, white its 99.5th percentile and more.

    Where nearly all are equal, so that both would be the same, white is its largest value.

    Args:
        image: array (H, W) of numbers, none of them NaN.

    Returns:
        uint8 array (H, W).

    Raises:
        ValueError: not (H, W), or empty.

    Source: none.
    """
    image = np.asarray(image, dtype=float)
    if image.ndim != 2 or not image.size:
        raise ValueError(f"the image must be (H, W) and not empty; {image.shape} came.")
    return np.rint(255 * scaled(image)).astype(np.uint8)
