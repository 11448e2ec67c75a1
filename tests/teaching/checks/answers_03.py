"""Right and wrong answers to the exercises of chapter 03."""

import copy
from itertools import pairwise

import numpy as np
import torch
from answers import Answers, Args
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

# ---- 3.2: weights written down


def middle(row, *others):
    """A weight (channels, 1, 3, 3) from middle rows."""
    weight = torch.zeros(1 + len(others), 1, 3, 3)
    for number, each in enumerate((row, *others)):
        weight[number, 0, 1] = torch.tensor(each, dtype=torch.float32)
    return weight


def points(*values):
    """A weight (1, channels, 3, 3) from middle points."""
    weight = torch.zeros(1, len(values), 3, 3)
    weight[0, :, 1, 1] = torch.tensor(values, dtype=torch.float32)
    return weight


RISE, FALL = (-1, 0, 1), (1, 0, -1)
BOTH, SUM = middle(RISE, FALL), points(1, 1)
HALVES = np.array([[[[0, 0, 0], [-0.5, 0, 0.5], [0, 0, 0]]], [[[0, 0, 0], [3, 0, -3], [0, 0, 0]]]])
UNHALVE = np.array([[[[0, 0, 0], [0, 2, 0], [0, 0, 0]], [[0, 0, 0], [0, 1 / 3, 0], [0, 0, 0]]]])

# ---- 3.3: norms


class Norm(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.register_buffer("mean", torch.zeros(1, channels, 1, 1))
        self.register_buffer("variance", torch.ones(1, channels, 1, 1))

    def forward(self, x):
        if not self.training:
            return (x - self.mean) * (self.variance + 1e-5).rsqrt()
        mean = x.mean(dim=(0, 2, 3), keepdim=True)
        self.mean += 0.1 * (mean - self.mean)
        self.variance += 0.1 * (x.var(dim=(0, 2, 3), keepdim=True) - self.variance)
        variance = x.var(dim=(0, 2, 3), correction=0, keepdim=True)
        return (x - mean) * (variance + 1e-5).rsqrt()


class Wrapping(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.norm = nn.BatchNorm2d(channels, affine=False)

    def forward(self, x):
        return self.norm(x)


class NotesMoveInEvalMode(Norm):
    def forward(self, x):
        y = super().forward(x)
        if not self.training:
            self.mean += 0.1 * (x.mean(dim=(0, 2, 3), keepdim=True) - self.mean)
        return y


class Forgetful(Norm):
    def forward(self, x):
        super().forward(x)


# ---- 3.4: folding


def fold_by_parameters(conv, norm):
    scale = norm.weight.data * (norm.running_var + norm.eps) ** -0.5
    weight = torch.einsum("o,oihw->oihw", scale, conv.weight.data)
    bias = norm.bias.data - scale * norm.running_mean
    if conv.bias is not None:
        bias = bias + scale * conv.bias.data
    new = copy.deepcopy(conv)
    new.weight, new.bias = nn.Parameter(weight), nn.Parameter(bias)
    return new


def fold_by_probing(conv, norm):
    """A pixel of 0 gives the bias, and the weights are what one pixel of 1 adds."""
    new = nn.Conv2d(
        conv.in_channels, conv.out_channels, conv.kernel_size, conv.stride, conv.padding
    )
    units = torch.eye(conv.weight[0].numel()).reshape(-1, *conv.weight[0].shape).to(conv.weight)
    with torch.no_grad():
        offset = torch.zeros_like(norm.bias) if conv.bias is None else conv.bias
        bias = norm(offset[None, :, None, None])[0, :, 0, 0]
        answers = nn.functional.conv2d(units, conv.weight, offset)
        weight = (norm(answers)[:, :, 0, 0] - bias).T.reshape(conv.weight.shape)
    new.weight, new.bias = nn.Parameter(weight), nn.Parameter(bias)
    return new


def settings_forgotten(conv, norm):
    new = fold_by_parameters(conv, norm)
    new.padding = (0, 0)
    return new


def two_layers(conv, norm):
    return nn.Sequential(conv, norm)


def without_a_bias(conv, norm):
    new = fold_by_parameters(conv, norm)
    new.bias = None
    return new


def changes_conv(conv, norm):
    new = fold_by_parameters(conv, norm)
    conv.weight.data = new.weight.data
    return new


def a_tensor(conv, norm):
    return fold_by_parameters(conv, norm).weight


# ---- 3.5: counts


def with_torch(widths, bias):
    chain = nn.Sequential()
    for i, o in pairwise(widths):
        chain.extend([nn.Conv2d(i, o, 3, bias=bias), nn.BatchNorm2d(o), nn.ReLU()])
    return sum(p.numel() for p in chain.parameters())


def in_one_sum(widths, bias):
    return sum((9 * i + 2 + bias) * o for i, o in pairwise(widths))


def first_one_only(widths, bias):
    return (9 * widths[0] + 2 + bias) * widths[1]


ANSWERS = {
    "3.1": Answers(
        right=[Args(7, 79), Args(np.int64(7), torch.tensor(79).item())],
        wrong=[
            (Args(11, 79), "begin with one pixel"),
            (Args(7, 1000), "C = 60"),
            (Args(7, 79.5), "a whole number"),
        ],
        equivalent={},
    ),
    "3.2": Answers(
        right=[Args(BOTH, SUM), Args(HALVES, UNHALVE), Args(middle(FALL, RISE).double(), SUM)],
        wrong=[
            (Args(middle(RISE), points(1)), "Make it two"),
            (Args(BOTH, SUM[0]), "(1, 2, 3, 3)"),
            (Args(BOTH.transpose(0, 1), SUM), "(2, 1, 3, 3)"),
            (Args(middle(RISE, RISE), SUM), "Only edges of one sign"),
            (Args(middle(RISE, RISE), points(1, -1)), "Nothing is left"),
            (Args(2 * BOTH, SUM), "Right except for a factor"),
            (Args(middle((0, -1, 1), (0, 1, -1)), SUM), "Look at the two channels"),
        ],
        equivalent={
            "line 3: 0 -> -1": "there is one input channel, so the last is the first",
            "line 6: 0 -> -1": "there is one output channel, so the last is the first",
        },
    ),
    "3.3": Answers(
        right=[Norm, Wrapping],
        wrong=[
            (NotesMoveInEvalMode, "must leave the running statistics"),
            (Forgetful, "needs a `return`"),
            (Norm(3), "without brackets"),
        ],
        equivalent={
            "line 14: x.detach().var(dim=(0, 2, 3), correction=1) -> "
            "x.detach().var(dim=(0, 2, 3))": "a correction of 1 is PyTorch's default",
        },
    ),
    "3.4": Answers(
        right=[fold_by_parameters, fold_by_probing, fuse_conv_bn_eval],
        wrong=[
            (settings_forgotten, "must have conv's padding"),
            (two_layers, "still several layers"),
            (without_a_bias, "needs a bias"),
            (changes_conv, "changes the layers"),
            (a_tensor, "must return an nn.Conv2d"),
        ],
        equivalent={},
    ),
    "3.5": Answers(
        right=[with_torch, in_one_sum],
        wrong=[
            (first_one_only, "pair by pair"),
        ],
        equivalent={},
    ),
}
