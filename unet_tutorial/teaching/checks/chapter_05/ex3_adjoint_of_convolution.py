"""5.3 Back to the size it came from."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from unet_tutorial.teaching.checks.compare import compare_function
from unet_tutorial.teaching.checks.exercise import exercise


def _compute_gradient(y: Tensor, weight: Tensor, size: tuple, stride: int, padding: int) -> Tensor:
    """Return the transposed convolution of y, of height and width `size`."""
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
        (1, 1, 2, (7, 7), (8, 10), 3, 3),
        (1, 2, 2, (3, 2), (4, 6), 1, 0),
    ]
    cases = []
    for images, outputs, inputs, kernel, size, stride, padding in settings:
        x = torch.zeros(images, inputs, *size, dtype=torch.float32)
        weight = torch.randint(-9, 10, (outputs, inputs, *kernel), generator=generator).float()
        shape = F.conv2d(x, weight, None, stride, padding).shape
        y = torch.randint(-9, 10, shape, generator=generator).float()
        cases.append((y, weight, size, stride, padding))
    return cases


@exercise(
    misconception="The same settings as the convolution's always bring back the size of its input.",
    question=(
        "I convolve an image with stride 2, and put the output through a transposed convolution "
        "with the same settings. Do I get the image's size back?"
    ),
    hints=(
        "F.conv_transpose2d takes the convolution's weight unchanged. Call it without "
        "output_padding, and compare the shape of the result with the size that you need.",
        "Without output_padding, n rows of y become (n - 1) * stride + kernel - 2 * padding rows. "
        "How many are missing? And how many columns?",
        "output_padding can be a pair: what's missing in height, and what's missing in width.",
    ),
)
def adjoint_of_convolution(answer, *, seed=0) -> str:
    """Check adjoint(y, weight, size, stride, padding), which stamps y onto a sheet of this size."""
    number = compare_function(
        answer,
        REFERENCE,
        _make_cases(seed),
        mistakes=MISTAKES,
        otherwise="The shape is right. Stamp y with the weight, stride and padding as they are.",
        tolerance=1e-4,
    )
    return f"back at the right size in {number} cases, some with different height and width"
