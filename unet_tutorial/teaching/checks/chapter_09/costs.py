"""What a U-Net costs, counted apart from the chapter, and the mistakes made in counting."""

from __future__ import annotations

from collections.abc import Callable


def counted(first=0.5, second=1.0, norms=4, stamp=4, stamp_bias=1) -> Callable:
    """Return a count of that U-Net by formula, with factors that may be wrong.

    `first` and `second` are what the two convolutions of an Up read, as a share of its input and
    of its output; the rest are the BatchNorms' numbers a channel and the transposed convolution's.
    """

    def count(in_channels: int, num_classes: int, base_channels: int) -> int:
        c = base_channels
        total = 9 * in_channels * c + 9 * c * c + norms * c + c * num_classes + num_classes
        for o in (c, 2 * c, 4 * c, 8 * c):
            total += 9 * o * 2 * o + 9 * 2 * o * 2 * o + norms * 2 * o  # a Down from o to 2 o
            total += stamp * 2 * o * o + stamp_bias * o  # an Up from 2 o to o
            total += int(9 * first * 2 * o * o + 9 * second * o * o) + norms * o
        return total

    return count
