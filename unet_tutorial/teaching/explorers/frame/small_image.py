"""Small images for explorers that show every number: checked, and as lists."""

from __future__ import annotations

import math
from typing import Any


def list_rows(image: Any, least: int, most: int) -> list[list[float]] | None:
    """Return the rows of a small image as lists of numbers; None stays None.

    Args:
        image: an array, a tensor or nested lists of numbers, of shape (H, W).
        least: pixels that each side must have.
        most: pixels that each side can have.

    Raises:
        ValueError: there aren't two axes, a side is too short or too long, or a value is no finite
            number.
    """
    if image is None:
        return None
    from unet_tutorial.metrics import to_array

    array = to_array(image)
    if array.ndim != 2 or not all(least <= side <= most for side in array.shape):
        raise ValueError(
            f"the image must have two axes of {least} to {most} pixels, not the shape "
            f"{array.shape}: every number of it is shown. {_suggest_piece(array.ndim, most)}"
        )
    if array.dtype.kind not in "biuf":
        raise ValueError(f"the image must contain real numbers, not {array.dtype}.")
    rows = array.astype("int64" if array.dtype.kind == "b" else array.dtype).tolist()
    for row in rows:
        for value in row:
            if not math.isfinite(value):
                raise ValueError(f"the image must contain finite numbers, not {value}.")
    return rows


def _suggest_piece(axes: int, most: int) -> str:
    if axes == 2:
        return f"Give a piece of a large one, for example image[:{most}, :{most}]."
    return "Give one channel of one image."
