"""Right and wrong answers to the exercises of chapter 02."""

import numpy as np
import torch
import torch.nn.functional as F
from answers import Answers, Args
from torch import nn

BRIGHT = torch.zeros(1, 1, 4, 6).double()
BRIGHT[0, 0, 1, 3] = 10
KERNEL = torch.arange(1, 10).double().reshape(1, 1, 3, 3)


def bright(**options):
    """The output with these options, as a list of rows."""
    return (F.conv2d(BRIGHT, KERNEL, **options) + 5)[0, 0].tolist()


def places(size, kernel_size, stride, padding):
    return (size + 2 * padding - kernel_size) // stride + 1


def by_search(out, kernel_size, stride, padding):
    found = []
    for size in range(1, out * stride + kernel_size + 1):
        fits = size + 2 * padding >= kernel_size
        if fits and places(size, kernel_size, stride, padding) == out:
            found.append(size)
    return tuple(found)


def by_range(out, kernel_size, stride, padding):
    largest = out * stride + kernel_size - 2 * padding - 1
    return list(range(max(1, largest - stride + 1), largest + 1))


def a_single_number(out, kernel_size, stride, padding):
    return out * stride + kernel_size - 2 * padding - 1


def no_return(out, kernel_size, stride, padding):
    by_range(out, kernel_size, stride, padding)


def filters(*ones):
    """A weight with ones at some places, and a minus one where channel 1 is subtracted."""
    weight = torch.zeros(3, 2, 3, 3)
    weight[1, 1, 1, 1] = -1
    for place in ones:
        weight[place] += 1
    return weight


COPY, FIRST, MOVE = (0, 1, 1, 1), (1, 0, 1, 1), (2, 0, 1, 0)


def by_slices():
    point = np.pad([[1]], 1)
    left = np.array([[0, 0, 0], [1, 0, 0], [0, 0, 0]])
    return np.array([[0 * point, point], [point, -point], [left, 0 * left]])


def paddings(*each, kernels=(3, 5, 1), middle=6, after=None, **options):
    """A function that makes the three layers with these paddings."""

    def three_layers(in_channels, out_channels):
        channels = (in_channels, 8, middle, out_channels)
        layers = [
            nn.Conv2d(channels[i], channels[i + 1], kernels[i], padding=each[i], **options)
            for i in range(3)
        ]
        return nn.Sequential(*layers, *([after] if after else []))

    return three_layers


class Cropping(nn.Module):
    def __init__(self, layers):
        super().__init__()
        self.layers = layers

    def forward(self, x):
        return self.layers(x)[:, :, 1:-1, 1:-1]


def crops_the_frame(in_channels, out_channels):
    return Cropping(paddings(1, 2, 1)(in_channels, out_channels))


def pads_by_hand(in_channels, out_channels):
    return nn.Sequential(
        nn.Conv2d(in_channels, 8, 3, 1, 1),
        nn.Conv2d(8, 6, (5, 5), padding=(2, 2)),
        nn.Conv2d(6, out_channels, 1, padding="valid"),
    )


def returns_a_list(in_channels, out_channels):
    return list(paddings(1, 2, 0)(in_channels, out_channels))


ANSWERS = {
    "2.1": Answers(
        right=[Args([32, 96, 3, 3], np.int64(288)), Args((32, 96, 3, 3), 32 * 3 * 3)],
        wrong=[
            (Args((32, 97, 3, 3), 288), "number of input channels is not"),
            (Args((32, 3075, 3, 3), 288), "number of input channels is not"),
            (Args((32, 96, 9), 288), "(out, in, kH, kW)"),
            (Args((32, 96, 3, 3), 288.0), "a whole number"),
            (Args((32, 96, 3, 3), 27_648), "one input channel more"),
        ],
        equivalent={},
    ),
    "2.2": Answers(
        right=[
            bright(stride=2, padding=1),
            ((5, 95, 75), (5, 35, 15)),
            np.array([[0, 9, 7], [0, 3, 1]]) * 10 + 5,
        ],
        wrong=[
            (bright(padding=1), "the size at stride 1"),
            (bright(stride=2), "without padding."),
            (bright(), "without padding, at stride 1"),
            (np.transpose(bright(stride=2, padding=1)).tolist(), "Height comes first"),
            ([[5, 95, 35], [5, 75, 15]], "rows and columns of its window"),
            ([5, 95, 75, 5, 35, 15], "n = 4 and n = 6"),
            ([[5, 95, 75], [5, 35]], "a list of rows"),
        ],
        equivalent={},
    ),
    "2.3": Answers(
        right=[by_search, by_range],
        wrong=[
            (a_single_number, "it is of type int"),
            (no_return, "needs a `return`"),
        ],
        equivalent={},
    ),
    "2.4": Answers(
        right=[
            by_slices(),
            filters(COPY, FIRST, MOVE),
            nn.Parameter(filters(COPY, FIRST, MOVE).double()),
        ],
        wrong=[
            (filters(COPY, FIRST, MOVE)[:, :1], "from 2 to 3 channels"),
            (filters(COPY, FIRST, MOVE).transpose(0, 1), "have changed places"),
            (filters(COPY, FIRST, MOVE, (2, 0, 0, 0)), "0 but for one pixel"),
        ],
        equivalent={},
    ),
    "2.5": Answers(
        right=[pads_by_hand, paddings("same", "same", "same"), paddings(1, 2, 0)],
        wrong=[
            (paddings(1, 2, 1), "A 1×1 kernel takes nothing away"),
            (paddings(1, 1, 0), "does a 5×5 kernel take away"),
            (paddings(0, 2, 0), "does a 3×3 kernel take away"),
            (paddings(1, 4, 0), "does a 5×5 kernel take away"),
            (paddings(1, 1, 1, kernels=(3, 3, 1)), "Leave channels, kernels"),
            (paddings(1, 2, 0, middle=4), "Leave channels, kernels"),
            (paddings(1, 2, 0, after=nn.ReLU()), "together they give something else"),
            (crops_the_frame, "A 1×1 kernel takes nothing away"),
            (returns_a_list, "an nn.Sequential"),
            (paddings(1, 2, 0)(1, 2), "its name without brackets"),
        ],
        equivalent={},
    ),
}
