"""What the explorer of pooling ships: a piece of the nuclei image, as its grey values."""

from __future__ import annotations

# The upper left edge of nucleus 88, 9 by 9 pixels. In its first 7 rows and columns, the brightest
# pixel, 223, is a single one; and the seventh row, which no window reaches, is bright as well.
_TOP, _LEFT, _SIDE = 446, 41, 9


def export_data() -> tuple[dict[str, list[list[int]]], dict[str, bytes]]:
    """Cut the piece out of the nuclei image.

    Returns:
        The data, whose `image` is a list of 9 rows of whole numbers from 0 to 255; and no pictures.
    """
    from unet_tutorial.data import load_nuclei

    image, _labels = load_nuclei()  # (512, 512) in [0, 1], its 8-bit values / 255
    piece = image[_TOP : _TOP + _SIDE, _LEFT : _LEFT + _SIDE] * 255
    return {"image": piece.round().astype(int).tolist()}, {}
