"""The size arithmetic of single layers: convolution, max pooling, transposed convolution.

Sizes are in pixels along one side; a pair means (height, width).
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Sequence

Size = int | Sequence[int]


def conv_output_size(
    size: Size, kernel_size: Size, stride: Size = 1, padding: Size = 0, dilation: Size = 1
) -> int | tuple[int, int]:
    """Return the side of a convolution's output: the number of places where the kernel fits.

    Args:
        size: input side in pixels, at least 1; or a pair (height, width), as each argument can be.
        kernel_size: kernel side, at least 1.
        stride: step between two places of the kernel, at least 1.
        padding: pixels added on each side, at least 0.
        dilation: distance between two taps of the kernel, at least 1.

    Returns:
        floor((size + 2 * padding - dilation * (kernel_size - 1) - 1) / stride) + 1, an int, or a
        pair of ints where any argument is a pair. ValueError if the kernel fits nowhere.

    A 3x3 kernel on 5 pixels fits at 5 - 3 + 1 = 3 places.

    >>> conv_output_size(5, 3), conv_output_size((480, 100), 3, stride=2)
    (3, (239, 49))

    Source: Dumoulin and Visin 2016, "A guide to convolution arithmetic", relationship 6, and 15
    with dilation. Built in chapter 02.
    """
    return _apply_by_side(_compute_conv_side, size, kernel_size, stride, padding, dilation)


def max_pool_output_size(
    size: Size,
    kernel_size: Size,
    stride: Size | None = None,
    padding: Size = 0,
    dilation: Size = 1,
) -> int | tuple[int, int]:
    """Return the side of a max pooling's output; a remainder at the edge is dropped.

    Args:
        size, kernel_size, dilation: as for `conv_output_size`, and so are result and errors.
        stride: step between two windows, at least 1; None means kernel_size.
        padding: pixels added on each side, from 0 to half of the kernel.

    Windows of 2 on 15 pixels: 7 fit, and one pixel is left over.

    >>> max_pool_output_size(480, 2), max_pool_output_size(15, 2)
    (240, 7)

    Source: torch.nn.MaxPool2d with ceil_mode=False. Built in chapter 04.
    """
    stride = kernel_size if stride is None else stride
    return _apply_by_side(_compute_pool_side, size, kernel_size, stride, padding, dilation)


def conv_transpose_output_size(
    size: Size,
    kernel_size: Size,
    stride: Size = 1,
    padding: Size = 0,
    output_padding: Size = 0,
    dilation: Size = 1,
) -> int | tuple[int, int]:
    """Return the side of a transposed convolution's output: the area that the stamps cover.

    Args:
        size, kernel_size, dilation: as for `conv_output_size`; the kernel is the stamp.
        stride: step between two stamps, at least 1.
        padding: pixels cropped from each side of the output, at least 0.
        output_padding: pixels added at the bottom and right; below stride or below dilation.

    Returns:
        (size - 1) * stride - 2 * padding + dilation * (kernel_size - 1) + output_padding + 1, an
        int, or a pair of ints where any argument is a pair. ValueError if nothing is left.

    Thirty 2x2 stamps, two pixels apart: (30 - 1) * 2 + 2 = 60.

    >>> conv_transpose_output_size(30, 2, stride=2)
    60

    Source: Dumoulin and Visin 2016, relationship 14. Built in chapter 05.
    """
    return _apply_by_side(
        _compute_transpose_side, size, kernel_size, stride, padding, output_padding, dilation
    )


def receptive_field(layers: Iterable[tuple[int, int]]) -> int:
    """Return how many input pixels a side one output pixel can see through a chain of layers.

    Args:
        layers: (kernel_size, stride) of each layer, first layer first.

    Returns:
        The side in input pixels: each layer widens it by (kernel_size - 1) times the product of
        the strides before it. ValueError if one is no whole number of at least 1.

    Two 3x3 convolutions see 1 + 2 + 2 = 5; pooled by 2 in between, 1 + 2 + 1 + 2 * 2 = 8.

    >>> receptive_field([(3, 1), (3, 1)]), receptive_field([(3, 1), (2, 2), (3, 1)])
    (5, 8)

    Source: Araujo et al. 2019, "Computing receptive fields of convolutional neural networks",
    equation 2. Built in chapters 03 and 04.
    """
    side, jump = 1, 1
    for kernel_size, stride in layers:
        check_whole("kernel_size", kernel_size, at_least=1)
        check_whole("stride", stride, at_least=1)
        side += (kernel_size - 1) * jump
        jump *= stride
    return side


def check_whole(name: str, value: object, *, at_least: int) -> int:
    """Return value as an int; raise ValueError unless it is a whole number from at_least up."""
    try:
        number = operator.index(value)
    except TypeError:
        number = None
    if number is None or isinstance(value, bool):
        raise ValueError(f"{name} must be a whole number, not {value!r}.")
    if number < at_least:
        raise ValueError(f"{name} must be at least {at_least}, not {number}.")
    return number


def _compute_conv_side(
    size: int, kernel_size: int, stride: int, padding: int, dilation: int
) -> int:
    _check_layer(size, kernel_size, stride, padding, dilation)
    reach = dilation * (kernel_size - 1) + 1
    if reach > size + 2 * padding:
        raise ValueError(
            f"kernel_size={kernel_size} with dilation={dilation} spans {reach} pixels, but "
            f"size={size} with padding={padding} has only {size + 2 * padding}: there is no "
            "output. Use a smaller kernel or more padding."
        )
    return (size + 2 * padding - reach) // stride + 1


def _compute_pool_side(
    size: int, kernel_size: int, stride: int, padding: int, dilation: int
) -> int:
    _check_layer(size, kernel_size, stride, padding, dilation)
    if padding > kernel_size // 2:
        raise ValueError(
            f"padding={padding} is more than half of kernel_size={kernel_size}: a window could "
            "contain only padding and have no maximum. Use a smaller padding."
        )
    return _compute_conv_side(size, kernel_size, stride, padding, dilation)


def _compute_transpose_side(
    size: int, kernel_size: int, stride: int, padding: int, output_padding: int, dilation: int
) -> int:
    _check_layer(size, kernel_size, stride, padding, dilation)
    check_whole("output_padding", output_padding, at_least=0)
    if output_padding >= max(stride, dilation):
        raise ValueError(
            f"output_padding={output_padding} must be smaller than stride={stride} or than "
            f"dilation={dilation}: it only chooses among the sizes that the stride rounds to one."
        )
    covered = (size - 1) * stride + dilation * (kernel_size - 1) + 1 + output_padding
    if covered <= 2 * padding:
        raise ValueError(
            f"padding={padding} crops {2 * padding} pixels, but the stamps cover only {covered}: "
            "there is no output. Use less padding."
        )
    return covered - 2 * padding


def _check_layer(size: int, kernel_size: int, stride: int, padding: int, dilation: int) -> None:
    check_whole("size", size, at_least=1)
    check_whole("kernel_size", kernel_size, at_least=1)
    check_whole("stride", stride, at_least=1)
    check_whole("padding", padding, at_least=0)
    check_whole("dilation", dilation, at_least=1)


def _apply_by_side(formula: Callable[..., int], *arguments: Size) -> int | tuple[int, int]:
    """Apply a formula for one side to ints, or to height and width where any argument is a pair."""
    if not any(isinstance(argument, Sequence) for argument in arguments):
        return formula(*arguments)
    pairs = [side if isinstance(side, Sequence) else (side, side) for side in arguments]
    for pair in pairs:
        if len(pair) != 2:
            raise ValueError(f"give an int or a pair (height, width), not {pair!r}.")
    height, width = (formula(*sides) for sides in zip(*pairs, strict=True))
    return height, width
