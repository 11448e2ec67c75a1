"""Where the kernel lies: what one pixel sees or stamps, and what no window reaches.

Places are counted along one side, from 0 at the input's first pixel; those below 0 and those from
the input's size on are padding. Rows and columns do not influence each other, so a square image
needs one side alone.
"""

from __future__ import annotations

from typing import NamedTuple

from unet_tutorial.shapes.layers import (
    check_kernel,
    check_whole,
    conv_output_size,
    conv_transpose_output_size,
)


class RoundTrip(NamedTuple):
    """What a convolution makes of a side, and what its transposed convolution makes of that.

    Args:
        out: the convolution's output side, or None where the kernel fits nowhere.
        sheet: the side that the stamps cover, output_padding included, before the cropping; 0
            where there is no output. An output_padding that is refused is left out.
        back: the side that comes back, or None where that is refused.
        restoring: the output_padding that brings the size back, or None where there is no output.
        refusal: why a side is None, or "".
    """

    out: int | None
    sheet: int
    back: int | None
    restoring: int | None
    refusal: str


def window_places(
    place: int, kernel_size: int, stride: int = 1, padding: int = 0, dilation: int = 1
) -> range:
    """Return the places that the kernel's taps lie on, for one pixel of the smaller side.

    A convolution reads them: they are what output pixel `place` sees. A transposed convolution
    writes to them: they are what input pixel `place` stamps, and there padding is cropped.

    Args:
        place: the output pixel of a convolution, or the input pixel of a transposed one, from 0.
        kernel_size, stride, dilation: of the layer, each at least 1.
        padding: of the layer, at least 0.

    Returns:
        A range of kernel_size places, the first at place * stride - padding, dilation apart.

    Raises:
        ValueError: an argument is no whole number or out of its range.

    Example:
        Output pixel 2 at stride 2 and padding 1 begins at 2 * 2 - 1 = 3.

        >>> list(window_places(2, 3, stride=2, padding=1))
        [3, 4, 5]

    Source: Dumoulin and Visin 2016, sections 2 and 4. Chapters 02, 04 and 05 show it.
    """
    check_whole("place", place, at_least=0)
    check_kernel(kernel_size, stride, padding, dilation)
    start = place * stride - padding
    return range(start, start + reach(kernel_size, dilation), dilation)


def reach(kernel_size: int, dilation: int = 1) -> int:
    """Return how many places a kernel spans from its first tap to its last.

    Args:
        kernel_size: taps along one side, at least 1.
        dilation: distance between two taps, at least 1.

    Returns:
        dilation * (kernel_size - 1) + 1.

    Raises:
        ValueError: an argument is no whole number or below 1.

    Example:
        Three taps, 2 apart: 2 * (3 - 1) + 1 = 5.

        >>> reach(3, dilation=2)
        5

    Source: Dumoulin and Visin 2016, section 5.1. Chapter 05 derives it.
    """
    check_kernel(kernel_size, 1, 0, dilation)
    return dilation * (kernel_size - 1) + 1


def reached_places(
    count: int, kernel_size: int, stride: int = 1, padding: int = 0, dilation: int = 1
) -> frozenset[int]:
    """Return the places that at least one of the first `count` windows, or stamps, reaches.

    Args:
        count: how many windows lie along the side, at least 0.
        kernel_size, stride, padding, dilation: of the layer, as in `window_places`.

    Returns:
        The places with a tap on them; those that are missing are seen, or stamped, by none.

    Raises:
        ValueError: an argument is no whole number or out of its range.

    Example:
        Two windows of two taps, three apart, leave place 2 out.

        >>> sorted(reached_places(2, 2, stride=3))
        [0, 1, 3, 4]

    Source: none. Chapters 02, 04 and 05 show it.
    """
    check_whole("count", count, at_least=0)
    layer = kernel_size, stride, padding, dilation
    return frozenset(tap for place in range(count) for tap in window_places(place, *layer))


def lost_at_edge(
    size: int, kernel_size: int, stride: int = 1, padding: int = 0, dilation: int = 1
) -> int:
    """Return how many pixels of the input lie beyond the last window and are never seen.

    Args:
        size: the input's side, at least 1.
        kernel_size, stride, padding, dilation: of the convolution, as in `window_places`.

    Returns:
        The rows lost at the bottom, which are as many as the columns lost at the right. Padding
        that no window reaches is not counted.

    Raises:
        ValueError: an argument is no whole number or out of its range, or the kernel fits nowhere.

    Example:
        Windows of 2 on 15 pixels, 2 apart, end at 14: pixel 14, counted from 0, is lost.

        >>> lost_at_edge(15, 2, stride=2), lost_at_edge(6, 3, stride=2, padding=1)
        (1, 0)

    Source: none. Chapters 02 and 04 show it.
    """
    last = conv_output_size(size, kernel_size, stride, padding, dilation) - 1
    end = window_places(last, kernel_size, stride, padding, dilation)[-1] + 1
    return size - min(max(end, 0), size)


def folded_sizes(
    out: int, kernel_size: int, stride: int = 1, padding: int = 0, dilation: int = 1
) -> range:
    """Return every input size that a convolution takes to `out`.

    Args:
        out: the output's side, at least 1.
        kernel_size, stride, padding, dilation: of the convolution, as in `window_places`.

    Returns:
        At most `stride` sizes, one after another; none where all of them would be below 1.

    Raises:
        ValueError: an argument is no whole number or out of its range.

    Example:
        The second of two windows of 3, 2 apart, ends after 5 pixels; a sixth changes nothing.

        >>> list(folded_sizes(2, 3, stride=2))
        [5, 6]

    Source: Dumoulin and Visin 2016, section 4.6. Chapters 02 and 05 show it.
    """
    check_whole("out", out, at_least=1)
    last = window_places(out - 1, kernel_size, stride, padding, dilation)
    smallest = last[-1] + 1 - padding  # the last window ends with the padding
    return range(max(1, smallest), smallest + stride)


def there_and_back(
    size: int,
    kernel_size: int,
    stride: int = 1,
    padding: int = 0,
    dilation: int = 1,
    output_padding: int = 0,
) -> RoundTrip:
    """Return what a convolution makes of a side, and the same layer transposed of the result.

    Args:
        size: the input's side, at least 1.
        kernel_size, stride, padding, dilation: of both layers, as in `window_places`.
        output_padding: of the transposed convolution alone, at least 0.

    Returns:
        A RoundTrip. What torch would refuse is None in it, with the reason.

    Raises:
        ValueError: an argument is no whole number or out of its range.

    Example:
        Eight pixels give 3, and 3 give 7; one pixel of output_padding brings the 8 back.

        >>> there_and_back(8, 3, stride=2)
        RoundTrip(out=3, sheet=7, back=7, restoring=1, refusal='')

    Source: Dumoulin and Visin 2016, section 4.6. Chapter 05 shows it.
    """
    check_whole("size", size, at_least=1)
    check_whole("output_padding", output_padding, at_least=0)
    layer = kernel_size, stride, padding, dilation
    check_kernel(*layer)
    try:
        out = conv_output_size(size, *layer)
    except ValueError as error:
        return RoundTrip(None, 0, None, None, str(error))
    added = output_padding if output_padding < max(stride, dilation) else 0
    sheet = conv_transpose_output_size(out, kernel_size, stride, 0, added, dilation)
    restoring = (size + 2 * padding - reach(kernel_size, dilation)) % stride
    try:
        back = conv_transpose_output_size(
            out, kernel_size, stride, padding, output_padding, dilation
        )
    except ValueError as error:
        return RoundTrip(out, sheet, None, restoring, str(error))
    return RoundTrip(out, sheet, back, restoring, "")
