"""Which pixels: by number, beyond an image, and those that no window and no stamp reaches.

Places are counted along one side as in `unet_tutorial.teaching.explorers.sizes.kernel_positions`.
"""

from __future__ import annotations

from collections.abc import Sequence

from unet_tutorial.shapes.layers import check_whole, conv_output_size
from unet_tutorial.teaching.explorers.sizes.kernel_positions import lost_at_edge, reached_places


def last_pixel(side: int) -> int:
    """Return the number of a square's last pixel, in reading order from 0.

    Args:
        side: of the square, at least 0.

    Returns:
        side * side - 1, or 0 where there is no pixel.

    Raises:
        ValueError: side is no whole number or below 0.

    Example:
        Four rows of four: 4 * 4 - 1 = 15.

        >>> last_pixel(4)
        15

    Source: none. Chapters 02, 04 and 05 show it.
    """
    check_whole("side", side, at_least=0)
    return max(side * side - 1, 0)


def pixel_at(number: int, side: int) -> tuple[int, int]:
    """Return the row and column of a pixel by its number in reading order.

    Args:
        number: from 0; beyond the last it stands for the last.
        side: of the square, at least 0.

    Returns:
        Row and column, each from 0 to side - 1; (0, 0) where there is no pixel.

    Raises:
        ValueError: an argument is no whole number or below 0.

    Example:
        In rows of 3, number 5 = 1 * 3 + 2; number 9 is beyond the last, which is 8.

        >>> pixel_at(5, 3), pixel_at(9, 3)
        ((1, 2), (2, 2))

    Source: none. Chapters 02, 04 and 05 show it.
    """
    check_whole("number", number, at_least=0)
    return divmod(min(number, last_pixel(side)), max(side, 1))


def count_outside(rows: Sequence[int], columns: Sequence[int], side: int) -> tuple[int, int]:
    """Return how many places of a window lie beyond a square image, and how many it has.

    Args:
        rows, columns: the places of the window along each side, as `window_places` gives them.
        side: of the image, at least 0.

    Raises:
        ValueError: side is no whole number or below 0.

    Example:
        Of 3 * 3 places around the first pixel, row -1 and column -1 are outside: 3 + 3 - 1 = 5.

        >>> count_outside(range(-1, 2), range(-1, 2), 6)
        (5, 9)

    Source: none. Chapters 02, 04 and 05 show it.
    """
    check_whole("side", side, at_least=0)
    inside = [sum(place in range(side) for place in places) for places in (rows, columns)]
    total = len(rows) * len(columns)
    return total - inside[0] * inside[1], total


def unreached_places(
    places: Sequence[int],
    count: int,
    kernel_size: int,
    stride: int = 1,
    padding: int = 0,
    dilation: int = 1,
) -> list[int]:
    """Return those of some places that none of the first `count` windows, or stamps, reaches.

    Args:
        places: along the side: those of the image alone, or of its padding too.
        count: how many windows lie along the side, at least 0.
        kernel_size, stride, padding, dilation: of the layer, as in `window_places`.

    Returns:
        The places without a tap, in their order: of an input, what no output depends on; of what
        a transposed convolution gives, what only its bias fills.

    Raises:
        ValueError: an argument is no whole number or out of its range.

    Example:
        Three windows of 3, two apart, end after 7 of 8 pixels; two stamps of 2, three apart,
        leave place 2 out.

        >>> unreached_places(range(8), 3, 3, stride=2), unreached_places(range(5), 2, 2, stride=3)
        ([7], [2])

    Source: none. Chapters 02, 04 and 05 show it.
    """
    reached = reached_places(count, kernel_size, stride, padding, dilation)
    return [place for place in places if place not in reached]


def places_between_taps(
    size: int, kernel_size: int, stride: int = 1, padding: int = 0, dilation: int = 1
) -> list[int]:
    """Return the places of an input that no tap falls on, but for those lost at the edge.

    Args:
        size: the input's side, at least 1.
        kernel_size, stride, padding, dilation: of the convolution, as in `window_places`.

    Returns:
        The places, in their order; with `lost_at_edge` they are all that is never seen.

    Raises:
        ValueError: an argument is no whole number or out of its range, or the kernel fits nowhere.

    Example:
        Taps 2 apart, windows 2 apart: the first window's lie on 0, 2 and 4, all others on even
        places too. Place 7 of 8 lies beyond the last window, which ends after 7 pixels.

        >>> places_between_taps(8, 3, stride=2, dilation=2)
        [1, 3, 5]

    Source: none. Chapters 02 and 04 show it.
    """
    layer = kernel_size, stride, padding, dilation
    seen = size - lost_at_edge(size, *layer)
    return unreached_places(range(seen), conv_output_size(size, *layer), *layer)
