"""Pixel bookkeeping for the size explorer: reading order, padding, places no window reaches.

Places are counted along one side, as in `unet_tutorial.teaching.explorers.sizes.kernel_positions`.
"""

from __future__ import annotations

from collections.abc import Sequence

from unet_tutorial.shapes.layers import check_whole, conv_output_size
from unet_tutorial.teaching.explorers.sizes.kernel_positions import (
    count_lost_at_edge,
    find_reached_places,
)


def last_pixel(side: int) -> int:
    """Return the number of a square's last pixel, in reading order from 0.

    Args:
        side: of the square, at least 0.

    Returns:
        side * side - 1, or 0 if there are no pixels.

    Raises:
        ValueError: side isn't a whole number or is below 0.

    Example:
        Four rows of four: 4 * 4 - 1 = 15.

        >>> last_pixel(4)
        15
    """
    check_whole("side", side, at_least=0)
    return max(side * side - 1, 0)


def locate_pixel(number: int, side: int) -> tuple[int, int]:
    """Return the row and column of a pixel, given its number in reading order.

    Args:
        number: from 0; numbers beyond the last pixel give the last pixel.
        side: of the square, at least 0.

    Returns:
        Row and column, each from 0 to side - 1; (0, 0) if there are no pixels.

    Raises:
        ValueError: an argument isn't a whole number or is below 0.

    Example:
        With 3 pixels a row, 5 = 1 * 3 + 2; number 9 is beyond the last pixel, 8.

        >>> locate_pixel(5, 3), locate_pixel(9, 3)
        ((1, 2), (2, 2))
    """
    check_whole("number", number, at_least=0)
    return divmod(min(number, last_pixel(side)), max(side, 1))


def count_outside(rows: Sequence[int], columns: Sequence[int], side: int) -> tuple[int, int]:
    """Count the places of a window outside a square image; return (outside, all).

    Args:
        rows, columns: the places of the window along each side, as from `locate_kernel`.
        side: of the image, at least 0.

    Raises:
        ValueError: side isn't a whole number or is below 0.

    Example:
        Of 3 * 3 places around the first pixel, row -1 and column -1 are outside: 3 + 3 - 1 = 5.

        >>> count_outside(range(-1, 2), range(-1, 2), 6)
        (5, 9)
    """
    check_whole("side", side, at_least=0)
    inside = [sum(place in range(side) for place in places) for places in (rows, columns)]
    total = len(rows) * len(columns)
    return total - inside[0] * inside[1], total


def find_unreached_places(
    places: Sequence[int],
    count: int,
    kernel_size: int,
    stride: int = 1,
    padding: int = 0,
    dilation: int = 1,
) -> list[int]:
    """Return the places that have no tap of any of the first `count` windows or stamps.

    Args:
        places: the places to look at, with or without the padding.
        count: number of windows along the side, at least 0.
        kernel_size, stride, padding, dilation: of the layer, as in `locate_kernel`.

    Returns:
        The places without a tap, in order. In an input, no output depends on them; in the output
        of a transposed convolution, they contain only the bias.

    Raises:
        ValueError: an argument isn't a whole number or is out of range.

    Example:
        Three windows of 3 at stride 2 cover 7 of 8 pixels; two stamps of 2 at stride 3 skip
        place 2.

        >>> find_unreached_places(range(8), 3, 3, stride=2)
        [7]
        >>> find_unreached_places(range(5), 2, 2, stride=3)
        [2]
    """
    reached = find_reached_places(count, kernel_size, stride, padding, dilation)
    return [place for place in places if place not in reached]


def find_places_between_taps(
    size: int, kernel_size: int, stride: int = 1, padding: int = 0, dilation: int = 1
) -> list[int]:
    """Return the places of an input that have no tap, except those lost at the edge.

    Args:
        size: the input's side, at least 1.
        kernel_size, stride, padding, dilation: of the convolution, as in `locate_kernel`.

    Returns:
        The places, in order. Together with those that `count_lost_at_edge` counts, they are all
        the places that no output depends on.

    Raises:
        ValueError: an argument isn't a whole number or is out of range, or the kernel doesn't fit.

    Example:
        At dilation 2 and stride 2, all taps are on even places: 0, 2, 4, then 2, 4, 6. Place 7 is
        beyond the last window, so it counts as lost at the edge.

        >>> find_places_between_taps(8, 3, stride=2, dilation=2)
        [1, 3, 5]
    """
    layer = kernel_size, stride, padding, dilation
    seen = size - count_lost_at_edge(size, *layer)
    return find_unreached_places(range(seen), conv_output_size(size, *layer), *layer)
