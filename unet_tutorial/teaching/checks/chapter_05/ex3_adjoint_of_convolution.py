"""5.3 Two inner products."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from unet_tutorial.teaching.checks.compare import (
    call_answer,
    hint_for_mistake,
    hint_for_type_or_shape,
)
from unet_tutorial.teaching.checks.exercise import exercise, refuse
from unet_tutorial.teaching.checks.values import format_value, is_equal, to_plain_value


def _compute_gradient(y: Tensor, weight: Tensor, size: tuple, stride: int, padding: int) -> Tensor:
    """Return the gradient of sum(conv(x) * y) with respect to x, of height and width `size`."""
    shape = (len(y), weight.shape[1], *size)
    return torch.nn.grad.conv2d_input(shape, weight, y, stride, padding)


def _skip_output_padding(y, weight, size, stride, padding) -> Tensor:
    return F.conv_transpose2d(y, weight, None, stride, padding)


def _fill_with_zeros(y, weight, size, stride, padding) -> Tensor:
    small = _skip_output_padding(y, weight, size, stride, padding)
    return F.pad(small, (0, size[1] - small.shape[3], 0, size[0] - small.shape[2]))


def _resize_output(y, weight, size, stride, padding) -> Tensor:
    return F.interpolate(_skip_output_padding(y, weight, size, stride, padding), size=size)


def _flip_kernel(y, weight, size, stride, padding) -> Tensor:
    return _compute_gradient(y, weight.flip(2, 3), size, stride, padding)


REFERENCE = _compute_gradient
MISTAKES = [
    (_skip_output_padding,
     "These values are right, but the result is smaller than `size`. Which argument lengthens it?"),
    (_fill_with_zeros, "The last row or column holds zeros. The ink that padding cropped "
     "belongs there."),
    (_resize_output, "Copied values give the right size, but not the ink that belongs there."),
    (_flip_kernel, "The kernel was flipped. A stamp isn't."),
]  # fmt: skip


def _make_cases(seed: int) -> list[tuple]:
    """Return (y, weight, size, stride, padding): batches, sizes that round down, odd kernels."""
    generator = torch.Generator().manual_seed(seed)
    settings = [
        (1, 1, 1, (1, 2), (2, 4), 2, 0),  # images, out, in, kernel, size, stride, padding
        (2, 1, 1, (3, 3), (5, 7), 2, 1),
        (1, 2, 3, (3, 3), (6, 7), 2, 1),
        (2, 3, 2, (2, 3), (7, 9), 2, 0),
        (3, 2, 1, (5, 5), (11, 9), 3, 2),
        (1, 2, 2, (3, 2), (4, 6), 1, 0),
    ]
    cases = []
    for images, outputs, inputs, kernel, size, stride, padding in settings:
        x = torch.zeros(images, inputs, *size, dtype=torch.float64)
        weight = torch.randint(-9, 10, (outputs, inputs, *kernel), generator=generator).double()
        shape = F.conv2d(x, weight, None, stride, padding).shape
        y = torch.randint(-9, 10, shape, generator=generator).double()
        cases.append((y, weight, size, stride, padding))
    return cases


@exercise(
    misconception="The transposed convolution of a convolution's output has the image's size.",
    question=(
        "I convolve an image and put the result through the transposed convolution with the "
        "same weights. What size do I get, and what values?"
    ),
    hints=(
        "F.conv_transpose2d takes the convolution's weight unchanged. Compare the shape of its "
        "result with the size that you need.",
        "The convolution turns several sizes into the same one, and one argument says which it "
        "was. It can differ between height and width. 'Further' has an example, at the gradient of "
        "a convolution.",
        "output_padding is a pair: for each side, the size you need, minus (n - 1) * stride + "
        "kernel - 2 * padding.",
    ),
)
def adjoint_of_convolution(answer, *, seed=0) -> str:
    """Check adjoint(y, weight, size, stride, padding), which has equal inner products."""
    for number, case in enumerate(_make_cases(seed)):
        got, wanted = call_answer(answer, *case), REFERENCE(*case)
        if is_equal(got, wanted):
            continue
        y, weight, size, stride, padding = case
        tried = (
            f"y {tuple(y.shape)}, weight {tuple(weight.shape)}, size {size}, "
            f"stride {stride}, padding {padding}"
        )
        hint = hint_for_mistake(MISTAKES, case, got)
        if misfit := hint_for_type_or_shape(got, wanted):
            refuse(hint or misfit, tried=tried, got=format_value(got))
        generator = torch.Generator().manual_seed(number)
        x = torch.randint(-9, 10, wanted.shape, generator=generator).double()
        left = (F.conv2d(x, weight, None, stride, padding) * y).sum()
        right = (x * to_plain_value(got)).sum()
        refuse(
            hint
            or "Which x does each entry of the weight multiply? Its stamp must land there again.",
            tried=tried,
            expected=f"(conv(x) * y).sum() == {int(left)} for a random x",
            got=f"(x * adjoint(y)).sum() == {round(right.item(), 4):g}",
        )
    return f"equal inner products in {number + 1} settings, rounded sizes among them"
