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


def by_rounding_to_zero(out, kernel_size, stride, padding):
    sizes = range(1, out * stride + kernel_size + 1)
    return [n for n in sizes if int((n + 2 * padding - kernel_size) / stride) + 1 == out]


def by_a_search_that_ends_at(most):
    def search(out, kernel_size, stride, padding):
        return [n for n in range(1, most) if places(n, kernel_size, stride, padding) == out]

    return search


def a_set(out, kernel_size, stride, padding):
    return set(by_search(out, kernel_size, stride, padding))


def by_numpy(out, kernel_size, stride, padding):
    sizes = np.arange(1, out * stride + kernel_size + 1)
    return sizes[(sizes + 2 * padding - kernel_size) // stride + 1 == out]


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


def by_stacking():
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


class InReverse(nn.Module):
    """The right layers, defined in reverse."""

    def __init__(self, in_channels, out_channels):
        super().__init__()
        self.c = nn.Conv2d(6, out_channels, 1)
        self.b = nn.Conv2d(8, 6, 5, padding=2)
        self.a = nn.Conv2d(in_channels, 8, 3, padding=1)

    def forward(self, x):
        return self.c(self.b(self.a(x)))


class Detached(InReverse):
    def forward(self, x):
        return self.c(self.b(self.a(x).detach()))


class ChangesItsInput(InReverse):
    def forward(self, x):
        return super().forward(x.relu_())


class Cropping(nn.Module):
    def __init__(self, layers):
        super().__init__()
        self.layers = layers

    def forward(self, x):
        return self.layers(x)[:, :, 1:-1, 1:-1]


def crops_the_frame(in_channels, out_channels):
    return Cropping(paddings(1, 2, 1)(in_channels, out_channels))


def drops_out_in_train_mode(in_channels, out_channels):
    return paddings(1, 2, 0, after=nn.Dropout(0.5))(in_channels, out_channels).eval()


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
        right=[
            Args([32, 96, 3, 3], np.int64(288)),
            Args((32, 96, 3, 3), 32 * 3 * 3),
            Args(torch.tensor((32, 27_648 / 288, 3, 3)), 27_648 / 96),
        ],
        wrong=[
            (Args((32, 97, 3, 3), 288), "number of input channels is not"),
            (Args((32, 3075, 3, 3), 288), "number of input channels is not"),
            (Args((32, 96, 9), 288), "(out, in, kH, kW)"),
            (Args(np.array((32, 97, 3, 3)), 288), "number of input channels is not"),
            (Args((32, 96, 3, 3), "288"), "must be a number"),
            (Args((32, 96, 3, 3), 27_648), "one input channel more"),
            (Args((32, 96, 3, 3), 27_648 + 288), "the new total"),
        ],
        equivalent={},
    ),
    "2.2": Answers(
        right=[
            bright(stride=2, padding=1),
            ((5, 95, 75), (5, 35, 15)),
            np.array([[0, 9, 7], [0, 3, 1]]) * 10 + 5,
            [torch.tensor(row) for row in bright(stride=2, padding=1)],
        ],
        wrong=[
            (bright(padding=1), "the size at stride 1"),
            (bright(stride=2), "without padding."),
            (bright(), "without padding, at stride 1"),
            (np.transpose(bright(stride=2, padding=1)).tolist(), "Height comes first"),
            ([[5, 95, 35], [5, 75, 15]], "rows and columns of its window"),
            ([5, 95, 75, 5, 35, 15], "rows and columns alone"),
            ([[bright(stride=2, padding=1)]], "rows and columns alone"),
            (3 * [[5, 95, 75]], "n = 4 and n = 6"),
            ([[5, 95, 75], [5, 35]], "a list of rows"),
        ],
        equivalent={},
    ),
    "2.3": Answers(
        right=[by_search, by_range, by_numpy],
        wrong=[
            (by_rounding_to_zero, "always rounds down"),
            *((by_a_search_that_ends_at(most), "end too early") for most in (101, 600, 1001)),
            (a_set, "it is of type set"),
            (a_single_number, "it is of type int"),
            (no_return, "needs a `return`"),
        ],
        equivalent={
            "by_*, line [23]: 1 -> *": "no size is that large: more or fewer may be searched",
            "by_*, line [23]: out * stride + kernel_size + 1 -> *": "no size is that large",
            "by_search, line 4: *": "where the kernel doesn't fit, there are no places anyway",
            "by_search, line 5: *": "where the kernel doesn't fit, there are no places anyway",
            "by_range, line 3: max(*": "the larger of two, in the other order",
        },
    ),
    "2.4": Answers(
        right=[
            by_stacking(),
            filters(COPY, FIRST, MOVE),
            nn.Parameter(filters(COPY, FIRST, MOVE).double()),
            [*filters(COPY, FIRST, MOVE).long()],
        ],
        wrong=[
            (filters(COPY, FIRST, MOVE)[:, :1], "from 2 to 3 channels"),
            (filters(COPY, FIRST, MOVE).transpose(0, 1), "have changed places"),
            (filters(COPY, FIRST, MOVE, (2, 0, 0, 0)), "0 but for one pixel"),
            (filters(COPY, FIRST, MOVE) / 2, "0 but for one pixel"),
            (nn.Conv2d(2, 3, 3), "a tensor of numbers"),
        ],
        equivalent={},
    ),
    "2.5": Answers(
        right=[pads_by_hand, paddings("same", "same", "same"), paddings(1, 2, 0), InReverse],
        wrong=[
            (paddings(1, 2, 1), "A 1×1 kernel takes nothing away"),
            (paddings(1, 1, 0), "does a 5×5 kernel take away"),
            (paddings(0, 2, 0), "does a 3×3 kernel take away"),
            (paddings(1, 4, 0), "does a 5×5 kernel take away"),
            (paddings(1, 1, 1, kernels=(3, 3, 1)), "Leave channels, kernels"),
            (paddings(1, 2, 0, middle=4), "Leave channels, kernels"),
            (paddings(1, 2, 0, after=nn.ReLU()), "together they give something else"),
            (paddings(1, 2, 0, padding_mode="reflect"), "no longer pads with zeros"),
            (paddings(2, 4, 0, dilation=2), "Leave channels, kernels"),
            (paddings(1, (2, 1), 0), "does a 5×5 kernel take away"),
            (drops_out_in_train_mode, "together they give something else"),
            (Detached, "together they give something else"),
            (ChangesItsInput, "changes its input"),
            (crops_the_frame, "A 1×1 kernel takes nothing away"),
            (returns_a_list, "an nn.Sequential"),
            (paddings(1, 2, 0)(1, 2), "its name without brackets"),
        ],
        equivalent={"pads_by_hand, line 5: *": "no padding is the default, which is called valid"},
    ),
}
