"""Transposed convolutions as chapter 05's answers give them: right ones and mistakes."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from unet_tutorial.checks.compare import hint_on_kind
from unet_tutorial.checks.values import same, shown

TRIPLING = {
    (1, 0, 2), (2, 0, 1), (3, 0, 0),
    (3, 1, 2), (4, 1, 1), (5, 1, 0),
    (5, 2, 2), (6, 2, 1), (7, 2, 0),
}  # fmt: skip
EVEN = {(3, 0, 0), (3, 1, 2), (6, 2, 1)}


def does_not_triple(setting: tuple[int, int, int]) -> tuple[str, str]:
    """Return what comes of a setting that does not triple at stride 3, and a hint."""
    kernel, padding, output_padding = setting
    if not (1 <= kernel <= 7 and padding <= 2):
        return "outside the range of the task", "Kernels from 1 to 7, paddings from 0 to 2."
    if output_padding > 2:
        hint = "Without dilation, output_padding must be smaller than the stride."
        return "PyTorch refuses it", hint
    ones, weight = torch.ones(1, 1, 10), torch.ones(1, 1, kernel)
    side = F.conv_transpose1d(ones, weight, None, 3, padding, output_padding).shape[-1]
    came = f"10 gives {side}"
    if kernel + output_padding == 2 * padding + 2:
        return came, "That is the rule for doubling. In the formula (n - 1) * 3 brings a -3."
    if kernel + output_padding == padding + 3:
        return came, "Padding crops on both sides of the sheet."
    if kernel - output_padding == 2 * padding + 3:
        return came, "output_padding lengthens the sheet. It does not crop."
    if side > 30:
        return came, "Too long. What does padding do to the sheet, and what does output_padding?"
    return came, "Too short. What does padding do to the sheet, and what does output_padding?"


def lacking_tripling(lacking: set[tuple[int, int, int]]) -> str:
    """Return a hint for somebody who has not found all that triple."""
    if all(output_padding > 0 for _, _, output_padding in lacking):
        return "There are more. output_padding may be as large as one less than the stride."
    if all(kernel < 3 for kernel, _, _ in lacking):
        return "There are more. The kernel may be smaller than the stride, gaps or not."
    return "There are more. For each padding, which sums of kernel and output_padding fit?"


def not_even(setting: tuple[int, int, int]) -> tuple[str, str]:
    """Return how many stamps reach the places inside, where the number differs, and a hint."""
    kernel, padding, output_padding = setting
    if setting not in TRIPLING:
        return "not one of those that triple", "The second set is a part of the first."
    ones, weight = torch.ones(1, 1, 10), torch.ones(1, 1, kernel)
    sheet = F.conv_transpose1d(ones, weight, None, 3, padding, output_padding)[0, 0]
    stamps = [int(value) for value in sheet[9:15]]
    hint = "Some places are reached more often than others. Compare the kernel with the stride."
    return f"places 9 to 14 are reached by {stamps} stamps", hint


# ---- the adjoint of a convolution


def adjoint(y: Tensor, weight: Tensor, size: tuple, stride: int, padding: int) -> Tensor:
    """Return the gradient of sum(conv(x) * y) with respect to x, of height and width `size`."""
    whole = (len(y), weight.shape[1], *size)
    return torch.nn.grad.conv2d_input(whole, weight, y, stride, padding)


def adjoint_cases(seed: int) -> list[tuple]:
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


def bare(y: Tensor, weight: Tensor, size: tuple, stride: int, padding: int) -> Tensor:
    """Return the stamped tensor without output_padding: the smallest of the sizes it may have."""
    return F.conv_transpose2d(y, weight, None, stride, padding)


def filled_up(y: Tensor, weight: Tensor, size: tuple, stride: int, padding: int) -> Tensor:
    """Return the same, brought to the size by zeros at the bottom and on the right."""
    small = bare(y, weight, size, stride, padding)
    return F.pad(small, (0, size[1] - small.shape[3], 0, size[0] - small.shape[2]))


def resized(y: Tensor, weight: Tensor, size: tuple, stride: int, padding: int) -> Tensor:
    """Return the same, brought to the size by copying the nearest values."""
    return F.interpolate(bare(y, weight, size, stride, padding), size=size)


def turned(y: Tensor, weight: Tensor, size: tuple, stride: int, padding: int) -> Tensor:
    """Return the right thing with the kernel turned round."""
    return adjoint(y, weight.flip(2, 3), size, stride, padding)


# ---- a layer that doubles


def hint_on_doubling(came: Tensor, wanted: Tensor) -> str:
    """Return the hint for an output that is not the stamped one."""
    if came.shape != wanted.shape:
        return hint_on_kind(came, wanted) + " The layer has an argument for the end of the sheet."
    if same(came[..., :-1, :-1], wanted[..., :-1, :-1]):
        return (
            "All is right but the last row and column: their ink was cropped. Which argument saves "
            "it?"
        )
    if same(came[..., 1:, 1:], wanted[..., :-1, :-1]):
        return "Everything has moved by a pixel: a crop or a filling is on the wrong side."
    return "Pixels inside have changed. With these weights only the edge was wrong."


def shown_edge(came: Tensor, wanted: Tensor) -> str:
    """Return the shape of an output and its last row, where the shape is right."""
    if came.shape != wanted.shape:
        return f"shape {tuple(came.shape)}"
    return f"the right shape, with the last row {shown(came[0, 0, -1])}"
