"""Scale pixel values to shades of grey: choose which value is black and which is white."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

_WHITE_PERCENTILE = 99.5  # with the maximum, a few very bright pixels would darken the rest


def grey_limits(array: np.ndarray) -> tuple[float, float]:
    """Limits for black and white: the minimum and the 99.5th percentile, or the maximum."""
    if array.dtype == bool:
        return 0.0, 1.0
    low, high = np.nanpercentile(array, [0, _WHITE_PERCENTILE])
    return float(low), float(high if high > low else np.nanmax(array))


def scale_intensity(image: np.ndarray) -> np.ndarray:
    """Scale an image to 0 (black) to 1 (white); an image with a single value becomes 0."""
    low, high = grey_limits(image)
    return ((image - low) / (high - low if high > low else 1.0)).clip(0, 1)


def convert_to_grey(image: ArrayLike) -> np.ndarray:
    """Convert an image to uint8: its minimum becomes 0, its 99.5th percentile and above 255.

    If nearly all values are equal, so that minimum and percentile are the same, the maximum
    becomes 255 instead.

    Args:
        image: array (H, W) of numbers without NaN.

    Returns:
        uint8 array (H, W).

    Raises:
        ValueError: if the image isn't (H, W), or is empty.
    """
    image = np.asarray(image, dtype=float)
    if image.ndim != 2 or not image.size:
        raise ValueError(f"The image must be (H, W) and not empty; its shape is {image.shape}.")
    return np.rint(255 * scale_intensity(image)).astype(np.uint8)
