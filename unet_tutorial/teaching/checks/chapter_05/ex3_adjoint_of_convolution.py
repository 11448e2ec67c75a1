"""5.3 Two inner products."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from unet_tutorial.teaching.checks.compare import call_answer, hint_for_type_or_shape
from unet_tutorial.teaching.checks.exercise import exercise, refuse
from unet_tutorial.teaching.checks.values import equal_within, format_value, to_plain_value


def _adjoint(y: Tensor, weight: Tensor, size: tuple, stride: int, padding: int) -> Tensor:
    """Return the gradient of sum(conv(x) * y) with respect to x, of height and width `size`."""
    whole = (len(y), weight.shape[1], *size)
    return torch.nn.grad.conv2d_input(whole, weight, y, stride, padding)


def _adjoint_cases(seed: int) -> list[tuple]:
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
    found = []
    for images, out, inside, kernel, size, stride, padding in settings:
        x = torch.zeros(images, inside, *size, dtype=torch.float64)
        weight = torch.randint(-9, 10, (out, inside, *kernel), generator=generator).double()
        shape = F.conv2d(x, weight, None, stride, padding).shape
        y = torch.randint(-9, 10, shape, generator=generator).double()
        found.append((y, weight, size, stride, padding))
    return found


def _bare(y: Tensor, weight: Tensor, size: tuple, stride: int, padding: int) -> Tensor:
    """Return the stamped tensor without output_padding: the smallest of the sizes it may have."""
    return F.conv_transpose2d(y, weight, None, stride, padding)


def _filled_up(y: Tensor, weight: Tensor, size: tuple, stride: int, padding: int) -> Tensor:
    """Return the same, brought to the size by zeros at the bottom and on the right."""
    small = _bare(y, weight, size, stride, padding)
    return F.pad(small, (0, size[1] - small.shape[3], 0, size[0] - small.shape[2]))


def _resized(y: Tensor, weight: Tensor, size: tuple, stride: int, padding: int) -> Tensor:
    """Return the same, brought to the size by copying the nearest values."""
    return F.interpolate(_bare(y, weight, size, stride, padding), size=size)


def _turned(y: Tensor, weight: Tensor, size: tuple, stride: int, padding: int) -> Tensor:
    """Return the right thing with the kernel turned round."""
    return _adjoint(y, weight.flip(2, 3), size, stride, padding)


def _hint_on_adjoint(came: object, case: tuple) -> str:
    """Return the hint for an adjoint of the right shape and wrong values."""
    if equal_within(came, _filled_up(*case)):
        return "The last row or column holds zeros. Ink belongs there that padding cropped."
    if equal_within(came, _resized(*case)):
        return "Copied values bring the size, not the ink that belongs there."
    if equal_within(came, _turned(*case)):
        return "The kernel was turned round. A stamp is pressed as it is."
    return "Which x does each entry of the weight multiply? Its stamp must land there again."


@exercise(
    misconception="The transposed convolution of a convolution's output has the image's size.",
    hints=(
        "F.conv_transpose2d takes the very weight of the convolution. Compare the shape that "
        "comes with the size that is wanted.",
        "Several sizes become one in the convolution, and one argument says which it was. It can "
        "differ between height and width. Further, under the gradient of a convolution, has such a "
        "case.",
        "output_padding is a pair: for each side, the wanted size less (n - 1) * stride + kernel "
        "- 2 * padding.",
    ),
)
def adjoint_of_convolution(answer, *, seed=0) -> str:
    """Check adjoint(y, weight, size, stride, padding), which has equal inner products."""
    for number, case in enumerate(_adjoint_cases(seed)):
        came = call_answer(answer, *case)
        wanted = _adjoint(*case)
        if equal_within(came, wanted):
            continue
        y, weight, size, stride, padding = case
        tried = (
            f"y {tuple(y.shape)}, weight {tuple(weight.shape)}, size {size}, "
            f"stride {stride}, padding {padding}"
        )
        hint = hint_for_type_or_shape(came, wanted)
        if (
            hint
            and isinstance(to_plain_value(came), torch.Tensor)
            and equal_within(came, _bare(*case))
        ):
            hint = "Right as far as it goes, but smaller than `size`. Which argument lengthens it?"
        if hint:
            refuse(hint, tried=tried, came=format_value(came))
        generator = torch.Generator().manual_seed(number)
        x = torch.randint(-9, 10, wanted.shape, generator=generator).double()
        left = (F.conv2d(x, weight, None, stride, padding) * y).sum()
        right = (x * to_plain_value(came)).sum()
        refuse(
            _hint_on_adjoint(came, case),
            tried=tried,
            expected=f"(conv(x) * y).sum() == {int(left)} for a random x",
            came=f"(x * adjoint(y)).sum() == {round(right.item(), 4):g}",
        )
    return f"equal inner products in {number + 1} settings, rounded sizes among them"
