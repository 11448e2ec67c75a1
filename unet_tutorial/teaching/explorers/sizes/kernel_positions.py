"""Positions of the kernel: the pixels that one window reads or one stamp writes.

We count places along one side, from 0 at the input's first pixel. Places below 0, and from the
input's size on, are padding. Rows and columns are independent, so for a square image one side is
enough.
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
    """Sizes after a convolution, and after the transposed convolution of its output.

    Args:
        out: the convolution's output side, or None if the kernel doesn't fit.
        sheet: the side of the transposed output before cropping, output_padding included; 0 if
            there is no output. An output_padding that torch refuses isn't included.
        back: the side of the transposed output, or None if torch refuses the setting.
        restoring: the output_padding that restores the size, or None if there is no output.
        refusal: the error message if a side is None, else "".
    """

    out: int | None
    sheet: int
    back: int | None
    restoring: int | None
    refusal: str


def locate_kernel(
    place: int, kernel_size: int, stride: int = 1, padding: int = 0, dilation: int = 1
) -> range:
    """Return the places of the kernel's taps for one pixel of the smaller side.

    In a convolution, output pixel `place` reads them. In a transposed convolution, input pixel
    `place` writes ("stamps") to them, and places in the padding are cropped.

    Args:
        place: the output pixel of a convolution, or the input pixel of a transposed one, from 0.
        kernel_size, stride, dilation: of the layer, each at least 1.
        padding: of the layer, at least 0.

    Returns:
        A range of kernel_size places in steps of `dilation`, from place * stride - padding on.

    Raises:
        ValueError: an argument isn't a whole number or is out of range.

    Example:
        At stride 2 and padding 1, the window of output pixel 2 begins at 2 * 2 - 1 = 3.

        >>> list(locate_kernel(2, 3, stride=2, padding=1))
        [3, 4, 5]

    Source: Dumoulin and Visin 2016, sections 2 and 4. Chapters 02, 04 and 05 show it.
    """
    check_whole("place", place, at_least=0)
    check_kernel(kernel_size, stride, padding, dilation)
    start = place * stride - padding
    return range(start, start + compute_kernel_span(kernel_size, dilation), dilation)


def compute_kernel_span(kernel_size: int, dilation: int = 1) -> int:
    """Return how many places a kernel spans from its first tap to its last.

    Args:
        kernel_size: number of taps along one side, at least 1.
        dilation: distance between neighbouring taps, at least 1.

    Returns:
        dilation * (kernel_size - 1) + 1.

    Raises:
        ValueError: an argument isn't a whole number or is below 1.

    Example:
        Three taps, 2 apart: 2 * (3 - 1) + 1 = 5.

        >>> compute_kernel_span(3, dilation=2)
        5

    Source: Dumoulin and Visin 2016, section 5.1. Chapter 05 derives it.
    """
    check_kernel(kernel_size, 1, 0, dilation)
    return dilation * (kernel_size - 1) + 1


def find_reached_places(
    count: int, kernel_size: int, stride: int = 1, padding: int = 0, dilation: int = 1
) -> frozenset[int]:
    """Return the places that have a tap of at least one of the first `count` windows or stamps.

    Args:
        count: number of windows along the side, at least 0.
        kernel_size, stride, padding, dilation: of the layer, as in `locate_kernel`.

    Raises:
        ValueError: an argument isn't a whole number or is out of range.

    Example:
        Two windows of two taps at stride 3 skip place 2.

        >>> sorted(find_reached_places(2, 2, stride=3))
        [0, 1, 3, 4]
    """
    check_whole("count", count, at_least=0)
    layer = kernel_size, stride, padding, dilation
    return frozenset(tap for place in range(count) for tap in locate_kernel(place, *layer))


def count_lost_at_edge(
    size: int, kernel_size: int, stride: int = 1, padding: int = 0, dilation: int = 1
) -> int:
    """Count the pixels of the input that are beyond the last window.

    Args:
        size: the input's side, at least 1.
        kernel_size, stride, padding, dilation: of the convolution, as in `locate_kernel`.

    Returns:
        The number of rows lost at the bottom, and also of columns lost at the right. Padding that
        no window reaches isn't counted.

    Raises:
        ValueError: an argument isn't a whole number or is out of range, or the kernel doesn't fit.

    Example:
        Windows of 2 at stride 2 cover 14 of 15 pixels: pixel 14, counted from 0, is lost.

        >>> count_lost_at_edge(15, 2, stride=2), count_lost_at_edge(6, 3, stride=2, padding=1)
        (1, 0)
    """
    last = conv_output_size(size, kernel_size, stride, padding, dilation) - 1
    end = locate_kernel(last, kernel_size, stride, padding, dilation)[-1] + 1
    return size - min(max(end, 0), size)


def find_input_sizes(
    out: int, kernel_size: int, stride: int = 1, padding: int = 0, dilation: int = 1
) -> range:
    """Return every input size for which a convolution has the output size `out`.

    Args:
        out: the output's side, at least 1.
        kernel_size, stride, padding, dilation: of the convolution, as in `locate_kernel`.

    Returns:
        Up to `stride` consecutive sizes; an empty range if all of them would be below 1.

    Raises:
        ValueError: an argument isn't a whole number or is out of range.

    Example:
        Two windows of 3 at stride 2 end after 5 pixels; a sixth pixel doesn't change that.

        >>> list(find_input_sizes(2, 3, stride=2))
        [5, 6]

    Source: Dumoulin and Visin 2016, section 4.6. Chapters 02 and 05 show it.
    """
    check_whole("out", out, at_least=1)
    last = locate_kernel(out - 1, kernel_size, stride, padding, dilation)
    smallest = last[-1] + 1 - padding  # the last window ends where the padding does
    return range(max(1, smallest), smallest + stride)


def compute_round_trip(
    size: int,
    kernel_size: int,
    stride: int = 1,
    padding: int = 0,
    dilation: int = 1,
    output_padding: int = 0,
) -> RoundTrip:
    """Compute the sizes after a convolution and after the transposed convolution of its output.

    Args:
        size: the input's side, at least 1.
        kernel_size, stride, padding, dilation: of both layers, as in `locate_kernel`.
        output_padding: of the transposed convolution, at least 0.

    Returns:
        A RoundTrip. A size that torch would refuse is None, and `refusal` says why.

    Raises:
        ValueError: an argument isn't a whole number or is out of range.

    Example:
        Eight pixels become 3, and 3 become 7; with an output_padding of 1 they become 8.

        >>> compute_round_trip(8, 3, stride=2)
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
    restoring = (size + 2 * padding - compute_kernel_span(kernel_size, dilation)) % stride
    try:
        back = conv_transpose_output_size(
            out, kernel_size, stride, padding, output_padding, dilation
        )
    except ValueError as error:
        return RoundTrip(out, sheet, None, restoring, str(error))
    return RoundTrip(out, sheet, back, restoring, "")
