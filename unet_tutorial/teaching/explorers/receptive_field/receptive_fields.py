"""Receptive fields of the U-Net at any pixel: exact, including at the image's edges."""

from __future__ import annotations

from typing import NamedTuple

from unet_tutorial.shapes.layers import check_whole
from unet_tutorial.shapes.unet import LEVELS_DOWN, SIZE_MULTIPLE, level_of

CONTRACTING = ("in_conv", "down1", "down2", "down3", "down4")
EXPANDING = ("up1", "up2", "up3", "up4", "out_conv")
_BLOCK_REACH = 2  # two 3x3 convolutions see this many pixels to either side
_Interval = tuple[int, int]  # first and last


class Field(NamedTuple):
    """Input pixels that one value depends on, along one side of the image.

    Args:
        place: the value's row or column in its stage.
        first, last: the first and the last pixel.
        uncut: how many pixels there would be far from the image's edges.
    """

    place: int
    first: int
    last: int
    uncut: int

    @property
    def side(self) -> int:
        """Number of pixels from first to last."""
        return self.last - self.first + 1


def compute_field(pixel: int, side: int, stage: str = "out_conv") -> Field:
    """Compute the receptive field of a stage's value at a pixel, along one side of the image.

    Args:
        pixel: the pixel's row or column, 0 to side - 1.
        side: the image's height or width, a positive multiple of 16.
        stage: in_conv, down1 to down4, up1 to up4, or out_conv for the logits. On level l, each
            value covers a block of 2**l by 2**l pixels; we take the block that contains `pixel`.

    Returns:
        The field. Every pixel from first to last can change the value, and no other can.

    Raises:
        ValueError: the pixel is outside the image, the side isn't divisible by 16, or there is no
            such stage.

    Example:
        Two 3x3 convolutions see two pixels to either side: 0 to 4 around 2, and 0 to 2 around 0.

        >>> compute_field(2, 16, "in_conv"), compute_field(0, 16, "in_conv")
        (Field(place=2, first=0, last=4, uncut=5), Field(place=0, first=0, last=2, uncut=5))
        >>> compute_field(240, 480).side, compute_field(248, 480).side
        (188, 204)

    Source: interval arithmetic from the last layer back to the first; Araujo et al. 2019, section
    2.2, describe it for chains of layers. Chapters 04 and 11 measure it.
    """
    check_whole("side", side, at_least=1)
    if side % SIZE_MULTIPLE:
        raise ValueError(
            f"side must divide by {SIZE_MULTIPLE}, like the sides of all images that the U-Net "
            f"takes; {side} does not. Crop the image, or pad it."
        )
    check_whole("pixel", pixel, at_least=0)
    if pixel >= side:
        raise ValueError(f"pixel must be less than the side, {side}, not {pixel}.")
    if stage not in CONTRACTING + EXPANDING:
        raise ValueError(f"stage must be one of {CONTRACTING + EXPANDING}, not {stage!r}.")
    place = pixel >> level_of(stage)
    first, last = _trace_back(stage, (place, place), side)
    # For `uncut`: the same position, but in the middle of an image too large to cut the field.
    middle = 2 * SIZE_MULTIPLE * SIZE_MULTIPLE
    far = (middle >> level_of(stage)) + place
    start, end = _trace_back(stage, (far, far), 2 * middle + side)
    return Field(place, first, last, end - start + 1)


def _trace_back(stage: str, seen: _Interval, side: int) -> _Interval:
    """Return the interval of input pixels that an interval of a stage's output depends on."""
    if stage == "out_conv":  # a 1x1 convolution sees one pixel
        return _trace_back("up4", seen, side)
    level = level_of(stage)
    first, last = seen
    # Positions outside the image are padding, which doesn't depend on the input.
    read = max(first - _BLOCK_REACH, 0), min(last + _BLOCK_REACH, (side >> level) - 1)
    if stage == "in_conv":
        return read
    if stage in CONTRACTING:
        return _trace_back(CONTRACTING[level - 1], (2 * read[0], 2 * read[1] + 1), side)
    below = "down4" if level == LEVELS_DOWN - 1 else EXPANDING[EXPANDING.index(stage) - 1]
    skipped = _trace_back(CONTRACTING[level], read, side)
    upsampled = _trace_back(below, (read[0] // 2, read[1] // 2), side)
    return min(skipped[0], upsampled[0]), max(skipped[1], upsampled[1])
