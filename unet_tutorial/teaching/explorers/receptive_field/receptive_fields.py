"""Which input pixels a value of the U-Net depends on, exactly, at the image's edges too."""

from __future__ import annotations

from typing import NamedTuple

from unet_tutorial.shapes.layers import check_whole
from unet_tutorial.shapes.unet import LEVELS_DOWN, SIZE_MULTIPLE, level_of

CONTRACTING = ("in_conv", "down1", "down2", "down3", "down4")
EXPANDING = ("up1", "up2", "up3", "up4", "out_conv")
REACH = 2  # pixels to either side that two 3x3 convolutions see
Interval = tuple[int, int]  # first and last


class Field(NamedTuple):
    """The input pixels that one value depends on, along one side of the image.

    The value's place in its stage, the first and the last pixel, and how many pixels there would
    be if the image's edges cut nothing off.
    """

    place: int
    first: int
    last: int
    uncut: int

    @property
    def side(self) -> int:
        """How many pixels it is, from first to last."""
        return self.last - self.first + 1


def field_under(pixel: int, side: int, stage: str = "out_conv") -> Field:
    """Return what the value that stands for a pixel depends on, along one side of the image.

    Args:
        pixel: the pixel's row or column, 0 to side - 1.
        side: the image's height or width, a positive multiple of 16.
        stage: whose value: in_conv, down1 to down4, up1 to up4, or out_conv for the logits. On
            level l a value stands for 2**l pixels a side.

    Returns:
        The field. Every pixel from first to last can change the value, and no other.

    Raises:
        ValueError: a pixel outside the image, a side that does not divide by 16, or an unknown
            stage.

    Example:
        Two 3x3 convolutions see two pixels to either side: 0 to 4 around 2, and 0 to 2 around 0.

        >>> field_under(2, 16, "in_conv"), field_under(0, 16, "in_conv")
        (Field(place=2, first=0, last=4, uncut=5), Field(place=0, first=0, last=2, uncut=5))
        >>> field_under(240, 480).side, field_under(248, 480).side
        (188, 204)

    Source: interval arithmetic, back through the layers; for chains of layers, Araujo et al.
    2019, section 2.2. Chapters 04 and 11 measure it.
    """
    check_whole("side", side, at_least=1)
    if side % SIZE_MULTIPLE:
        raise ValueError(
            f"side must divide by {SIZE_MULTIPLE}, as those of the U-Net's images do; {side} does "
            "not. Crop the image, or pad it."
        )
    check_whole("pixel", pixel, at_least=0)
    if pixel >= side:
        raise ValueError(f"pixel must be less than the side, {side}, not {pixel}.")
    if stage not in CONTRACTING + EXPANDING:
        raise ValueError(f"stage is one of {CONTRACTING + EXPANDING}, not {stage!r}.")
    place = pixel >> level_of(stage)
    first, last = _behind(stage, (place, place), side)
    # The same place in the middle of an image that is large enough to cut nothing.
    middle = 2 * SIZE_MULTIPLE * SIZE_MULTIPLE
    far = (middle >> level_of(stage)) + place
    start, end = _behind(stage, (far, far), 2 * middle + side)
    return Field(place, first, last, end - start + 1)


def _behind(stage: str, seen: Interval, side: int) -> Interval:
    """The input pixels behind an interval of what a stage gives out."""
    if stage == "out_conv":  # 1x1: nothing but itself
        return _behind("up4", seen, side)
    level = level_of(stage)
    first, last = seen
    # Beyond the edge is padding, which depends on nothing.
    read = max(first - REACH, 0), min(last + REACH, (side >> level) - 1)
    if stage == "in_conv":
        return read
    if stage in CONTRACTING:
        return _behind(CONTRACTING[level - 1], (2 * read[0], 2 * read[1] + 1), side)
    below = "down4" if level == LEVELS_DOWN - 1 else EXPANDING[EXPANDING.index(stage) - 1]
    skipped = _behind(CONTRACTING[level], read, side)
    upsampled = _behind(below, (read[0] // 2, read[1] // 2), side)
    return min(skipped[0], upsampled[0]), max(skipped[1], upsampled[1])
