"""Right and wrong answers to the exercises of chapter 05."""

from itertools import product

import numpy as np
import torch
import torch.nn.functional as F
from answers import Answers, Args
from torch import nn

ROW = [3, 130, 1, 210, 2, 620, 6, 60]


def stamps(kernel, padding, output_padding, n=12):
    """How many stamps reach each place of the sheet, at stride 3."""
    ones, weight = torch.ones(1, 1, n), torch.ones(1, 1, kernel)
    return F.conv_transpose1d(ones, weight, None, 3, padding, output_padding)[0, 0].tolist()


TRIPLING = {
    setting
    for setting in product(range(1, 8), range(3), range(3))
    if all(len(stamps(*setting, n)) == 3 * n for n in range(3, 9))
}
EVEN = {(k, p, q) for k, p, q in TRIPLING if len(set(stamps(k, p, q)[9:-9])) == 1}


# ---- 5.3


def adjoint_by_gradient(y, weight, size, stride, padding):
    x = torch.zeros(y.shape[0], weight.shape[1], *size, requires_grad=True)
    (F.conv2d(x, weight, None, stride, padding) * y).sum().backward()
    return x.grad


def adjoint_by_stamps(y, weight, size, stride, padding):
    height, width = size
    kernel_height, kernel_width = weight.shape[2:]
    sheet = torch.zeros(
        len(y), weight.shape[1], height + 2 * padding, width + 2 * padding, dtype=y.dtype
    )
    for row in range(y.shape[2]):
        for column in range(y.shape[3]):
            top, left = row * stride, column * stride
            stamps = torch.einsum("no,ocij->ncij", y[:, :, row, column], weight)
            sheet[:, :, top : top + kernel_height, left : left + kernel_width] += stamps
    return sheet[:, :, padding : padding + height, padding : padding + width]


def with_the_axes_swapped(y, weight, size, stride, padding):
    sides = zip(size, y.shape[2:], weight.shape[2:], strict=True)
    missing = [side - ((n - 1) * stride + k - 2 * padding) for side, n, k in sides]
    return F.conv_transpose2d(y, weight.transpose(0, 1), None, stride, padding, missing)


def always_one_longer(y, weight, size, stride, padding):
    return F.conv_transpose2d(y, weight, None, stride, padding, output_padding=stride - 1)


def same_on_both_sides(y, weight, size, stride, padding):
    missing = size[0] - ((y.shape[2] - 1) * stride + weight.shape[2] - 2 * padding)
    return F.conv_transpose2d(y, weight, None, stride, padding, output_padding=missing)


def adjoint_by_folding(y, weight, size, stride, padding):
    columns = torch.einsum("nop,ok->nkp", y.flatten(2), weight.flatten(1))
    return F.fold(columns, size, weight.shape[2:], padding=padding, stride=stride)


def for_stride_two(y, weight, size, stride, padding):
    missing = [(n + 2 * padding - k) % 2 for n, k in zip(size, weight.shape[2:], strict=True)]
    return F.conv_transpose2d(y, weight, None, stride, padding, missing)


def shifted_in_place(y, weight, size, stride, padding):
    y += 1
    return adjoint_by_stamps(y - 1, weight, size, stride, padding)


def scaled_to_undo(y, weight, size, stride, padding):
    return adjoint_by_stamps(y, weight, size, stride, padding) / weight.square().sum()


# ---- 5.4


def image(*pixels):
    """An image (1, 1, 4, 6) with these pixels, as (row, column, value)."""
    result = torch.zeros(1, 1, 4, 6)
    for row, column, value in pixels:
        result[0, 0, row, column] = value
    return result


VANISHING = image((2, 3, 1.0), (2, 5, -1.0), (3, 3, -1.0), (3, 5, 1.0))
EVERYWHERE = torch.tensor([[1.0, -1, 0], [-1, 1, 0]]).repeat(2, 2)[None, None] * 0.3


# ---- 5.5


def doubling(forward, output_padding=0, padding=1, kernel=3, bias=True):
    class Doubling(nn.Module):
        def __init__(self, in_channels, out_channels):
            super().__init__()
            self.upsampling = nn.ConvTranspose2d(
                in_channels, out_channels, kernel, 2, padding, output_padding, bias=bias
            )

        def forward(self, x):
            return forward(self.upsampling, x)

    return Doubling


as_it_is = doubling(lambda layer, x: layer(x), output_padding=1)
told_the_size = doubling(lambda layer, x: layer(x, output_size=[2 * n for n in x.shape[2:]]))
cropped_once = doubling(lambda layer, x: layer(x)[..., 1:, 1:], padding=0)
one_short = doubling(lambda layer, x: layer(x))
copied_edge = doubling(lambda layer, x: F.pad(layer(x), (0, 1, 0, 1), mode="replicate"))
filled_in_front = doubling(lambda layer, x: F.pad(layer(x), (1, 0, 1, 0)))
filled_with_one = doubling(lambda layer, x: F.pad(layer(x), (0, 1, 0, 1), value=1.0))
filled_before = doubling(lambda layer, x: layer(F.pad(x, (0, 1, 0, 1)))[..., :-1, :-1])
stretched = doubling(
    lambda layer, x: F.interpolate(layer(x), size=[2 * n for n in x.shape[2:]], mode="bilinear")
)
kernel_of_two = doubling(lambda layer, x: layer(x), kernel=2, padding=0)
cropped_at_the_end = doubling(lambda layer, x: layer(x)[..., :-1, :-1], padding=0)
without_bias = doubling(lambda layer, x: layer(x), output_padding=1, bias=False)
returning_nothing = doubling(lambda layer, x: None)
detached = doubling(lambda layer, x: layer(x.detach()), output_padding=1)
black_in_training = doubling(lambda layer, x: layer(x) * (not layer.training), output_padding=1)


class Renamed(nn.Module):
    def __init__(self, in_channels, out_channels):
        super().__init__()
        self.up = nn.ConvTranspose2d(in_channels, out_channels, 3, 2, 1, 1)

    def forward(self, x):
        return self.up(x)


ANSWERS = {
    "5.1": Answers(
        right=[tuple(ROW), [float(value) for value in ROW], np.array(ROW), torch.tensor(ROW) * 1.0],
        wrong=[
            ([300, 103, 231, 812, 26, 60], "each two places further on"),
            ([3.5, *ROW[1:]], "each two places further on"),
            ([300, *ROW[:-1]], "not two on one"),
            (torch.tensor(ROW)[None, None], "a list of eight whole numbers"),
        ],
        equivalent={},
    ),
    "5.2": Answers(
        right=[
            Args(TRIPLING, EVEN, 2),
            Args(list(TRIPLING), sorted(EVEN), np.int64(2)),
            Args(np.array(sorted(TRIPLING)), torch.tensor(sorted(EVEN)), 2.0),
        ],
        wrong=[
            (Args({(3, 0, 0)}, EVEN, 2), "For each padding"),
            (Args({s for s in TRIPLING if s[2] == 0}, EVEN, 2), "output_padding may be"),
            (Args({s for s in TRIPLING if s[2] < 2}, EVEN, 2), "output_padding may be"),
            (Args({s for s in TRIPLING if s[0] >= 3}, EVEN, 2), "smaller than the stride, even"),
            (Args(TRIPLING | {(4, 1, 0)}, EVEN, 2), "rule for doubling"),
            (Args(TRIPLING | {(4, 1, 0), (2, 0, 0)}, EVEN, 2), "rule for doubling"),
            (Args(TRIPLING | {(5, 2, 0)}, EVEN, 2), "on both sides"),
            (Args(TRIPLING | {(6, 1, 1)}, EVEN, 2), "It doesn't crop"),
            (Args(TRIPLING | {(7, 0, 0)}, EVEN, 2), "Too long"),
            (Args(TRIPLING | {(1, 0, 0)}, EVEN, 2), "Too short"),
            (Args(TRIPLING | {(2, 1, 3)}, EVEN, 2), "smaller than the stride"),
            (Args(TRIPLING | {(9, 3, 0)}, EVEN, 2), "Kernels from 1 to 7"),
            (Args(TRIPLING, {(3, 0, 0)}, 2), "Stamps may overlap"),
            (Args(TRIPLING, EVEN - {(3, 1, 2)}, 2), "Stamps may overlap"),
            (Args(TRIPLING, EVEN | {(5, 1, 0)}, 2), "more often than others"),
            (Args(TRIPLING, EVEN | {(6, 0, 0)}, 2), "part of the first"),
            (Args(TRIPLING, EVEN, 1.5), "covers 3 places"),
        ],
        equivalent={},
    ),
    "5.3": Answers(
        right=[adjoint_by_stamps, adjoint_by_gradient, adjoint_by_folding],
        wrong=[
            (with_the_axes_swapped, "stopped with this error"),
            (always_one_longer, "The shape must be"),
            (same_on_both_sides, "The shape must be"),
            (scaled_to_undo, "The shape is right"),
            (for_stride_two, "The shape must be"),
            (shifted_in_place, "changes its input"),
        ],
        equivalent={
            "adjoint_by_stamps, line 4: torch.zeros(*": "The inputs have the default dtype.",
            "adjoint_by_stamps, line 5: 2 -> 3": "A larger sheet is cropped to the same places.",
        },
    ),
    "5.4": Answers(
        right=[
            Args(VANISHING, 6),
            Args(EVERYWHERE.double(), np.int64(6)),
            Args(VANISHING.tolist(), 6),
        ],
        wrong=[
            (Args(torch.zeros(1, 1, 4, 6), 6), "A black image gives zeros"),
            (Args(VANISHING[0, 0], 6), "The shape must be"),
            (Args(VANISHING / 0, 6), "every pixel a number"),
            (Args(image((0, 0, 1.0)), 6), "add up to"),
            (Args(image((0, 0, 1.0), (0, 1, -1.0)), 6), "but the first isn't"),
            (Args(image((0, 0, 4.0), (1, 0, -1.0)), 6), "add up to"),
            (Args(VANISHING + image((0, 0, 0.01)), 6), "add up to"),
            (Args("zeros", 6), "must be a tensor"),
            (Args(VANISHING, 12), "all the pixels of a window"),
        ],
        equivalent={},
    ),
    "5.5": Answers(
        right=[as_it_is, told_the_size, cropped_once, filled_before],
        wrong=[
            (one_short, "argument for the end"),
            (copied_edge, "their ink was cropped"),
            (filled_with_one, "Which argument keeps it"),
            (filled_in_front, "on the wrong side"),
            (stretched, "Pixels inside have changed"),
            (cropped_at_the_end, "on the wrong side"),
            (kernel_of_two, "must still load"),
            (without_bias, "must still load"),
            (Renamed, "must still load"),
            (detached, "the layer's own result"),
            (black_in_training, "the layer's own result"),
            (returning_nothing, "must return a tensor"),
            (as_it_is(2, 3), "the class itself"),
        ],
        equivalent={},
    ),
}
