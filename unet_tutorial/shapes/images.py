"""Channels first or channels last, read off an image's shape. Standard library only."""

from __future__ import annotations

from collections.abc import Sequence

MOST_COLOURS = 4  # grey, grey with alpha, RGB, RGB with alpha


def check_image_shape(name: str, shape: Sequence[int]) -> None:
    """Raise ValueError unless an image or a mask is (H, W), or has its channels first."""
    if len(shape) not in (2, 3) or 0 in shape:
        raise ValueError(
            f"{name} must be (H, W) or (C, H, W), and not empty, but is {tuple(shape)}. Give a "
            "batch image by image."
        )
    check_channels_first(name, shape)


def check_channels_first(name: str, shape: Sequence[int]) -> None:
    """Raise ValueError if an image, or a batch of them, reads as (..., H, W, channels).

    It does with at most 4 channels and H above 4, as (480, 640, 3) does; this one doesn't:

    >>> check_channels_first("the image", (3, 480, 640))
    """
    if len(shape) > 2 and 0 < shape[-1] <= MOST_COLOURS < shape[-3]:
        front = "" if len(shape) == 3 else " of each image"
        raise ValueError(
            f"{name} has shape {tuple(shape)}: its channels come last, as Pillow and OpenCV give "
            f"them. They must come first{front}, (C, H, W): np.moveaxis(image, -1, -3) for an "
            "array, image.movedim(-1, -3) for a tensor."
        )
