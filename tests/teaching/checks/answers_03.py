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
        self.note(x.detach().mean(dim=(0, 2, 3), keepdim=True), x.detach())
        mean = x.mean(dim=(0, 2, 3), keepdim=True)
        variance = x.var(dim=(0, 2, 3), correction=0, keepdim=True)
        return (x - mean) * (variance + 1e-5).rsqrt()

    def note(self, mean, x):
        self.mean += 0.1 * (mean - self.mean)
        self.variance += 0.1 * (x.var(dim=(0, 2, 3), keepdim=True) - self.variance)


class Wrapping(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.norm = nn.BatchNorm2d(channels, affine=False)

    def forward(self, x):
        return self.norm(x)


class ByFunction(nn.Module):
    """Its averages aren't buffers."""

    def __init__(self, channels):
        super().__init__()
        self.mean, self.variance = torch.zeros(channels), torch.ones(channels)

    def forward(self, x):
        return nn.functional.batch_norm(x, self.mean, self.variance, training=self.training)


class WithScale(nn.BatchNorm2d):
    pass


class KeepsHistory(Norm):
    def forward(self, x):
        if self.training:
            self.mean = 0.9 * self.mean + 0.1 * x.mean(dim=(0, 2, 3), keepdim=True)
            variance = x.var(dim=(0, 2, 3), keepdim=True)
            self.variance = 0.9 * self.variance + 0.1 * variance
            return nn.functional.batch_norm(x, None, None, training=True)
        return super().forward(x)


class WithoutGradients(Norm):
    @torch.no_grad()
    def forward(self, x):
        return super().forward(x)


class NotesOnlyWithGradients(Norm):
    def note(self, mean, x):
        if torch.is_grad_enabled():
            super().note(mean, x)


class StopsAtEvalMode(Norm):
    def note(self, mean, x):
        if not hasattr(self, "stopped"):
            super().note(mean, x)

    def forward(self, x):
        if not self.training:
            self.stopped = True
        return super().forward(x)


class StartsAtZero(Norm):
    def __init__(self, channels):
        super().__init__(channels)
        self.variance *= 0


class LeavesTrainMode(Norm):
    def forward(self, x):
        y = super().forward(x)
        self.eval()
        return y


class ChangesItsInput(Norm):
    def forward(self, x):
        y = super().forward(x.clone())
        x += 1
        return y


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


def fold_with_eye(conv, norm):
    """Like fold_by_probing, by calling the layers on float32 images."""
    plain = copy.deepcopy(conv)
    plain.padding = (0, 0)
    new = copy.deepcopy(plain)
    units = torch.eye(conv.weight[0].numel()).reshape(-1, *conv.weight[0].shape)
    with torch.no_grad():
        bias = norm(plain(0 * units[:1]))[0, :, 0, 0]
        new.bias = nn.Parameter(bias)
        new.weight.copy_((norm(plain(units))[:, :, 0, 0] - bias).T.reshape(conv.weight.shape))
    new.padding = conv.padding
    return new


def with_one_stride(conv, norm):
    new = fold_by_parameters(conv, norm)
    new.stride = (conv.stride[0], conv.stride[0])
    return new


def with_padding_by_habit(conv, norm):
    new = fold_by_parameters(conv, norm)
    new.padding = tuple(side // 2 for side in conv.kernel_size)
    return new


def dilated(conv, norm):
    new = fold_by_parameters(conv, norm)
    new.dilation = (2, 2)
    return new


def in_float64(conv, norm):
    return fold_by_parameters(conv, norm).double()


def leaves_norm_in_train_mode(conv, norm):
    new = fold_by_parameters(conv, norm)
    norm.train()
    return new


def freezes_conv(conv, norm):
    new = fold_by_parameters(conv, norm)
    conv.requires_grad_(False)
    return new


def switches_gradients_off(conv, norm):
    torch.set_grad_enabled(False)
    return fold_by_parameters(conv, norm)


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


def forgets_that_there_may_be_no_bias(conv, norm):
    new = fold_by_parameters(conv, norm)
    new.bias.data += 0 * conv.bias
    return new


def a_tensor(conv, norm):
    return fold_by_parameters(conv, norm).weight


# ---- 3.5: counts


def by_recursion(widths, bias):
    first = (9 * widths[0] + 2 + bias) * widths[1]
    return first if len(widths) == 2 else first + by_recursion(widths[1:], bias)


def by_vectors(widths, bias):
    widths = torch.tensor(widths)
    return ((9 * widths[:-1] + 2 + bias) * widths[1:]).sum()


def by_place_of_a_width(widths, bias):
    return sum((9 * i + 2 + bias) * widths[widths.index(i) + 1] for i in widths[:-1])


def each_pair_once(widths, bias):
    return sum((9 * i + 2 + bias) * o for i, o in set(pairwise(widths)))


def empties_the_list(widths, bias):
    total = 0
    while len(widths) > 1:
        total += (9 * widths.pop(0) + 2 + bias) * widths[0]
    return total


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
        right=[Args(7, 79), Args(np.int64(7), torch.tensor(79.0))],
        wrong=[
            (Args(11, 79), "begin with one pixel"),
            (Args(7, 1000), "C = 60"),
            (Args(7, 79.5), "C = 60"),
            (Args((7, 7), 79), "must be a number"),
        ],
        equivalent={},
    ),
    "3.2": Answers(
        right=[
            Args(BOTH, SUM),
            Args(HALVES, UNHALVE),
            Args(middle(FALL, RISE).double(), SUM),
            Args([*BOTH.long()], SUM.tolist()),
        ],
        wrong=[
            (Args(middle(RISE), points(1)), "Make it two"),
            (Args(BOTH, SUM[0]), "(1, 2, 3, 3)"),
            (Args(BOTH.transpose(0, 1), SUM), "(2, 1, 3, 3)"),
            (Args(middle(RISE, RISE), SUM), "Only edges of one sign"),
            (Args(middle(RISE, RISE), points(1, -1)), "Nothing is left"),
            (Args(2 * BOTH, SUM), "Right except for a factor"),
            (Args(middle((0, -1, 1), (0, 1, -1)), SUM), "rises once and falls once"),
            (Args(BOTH, points(1, 2)), "rises once and falls once"),
            (Args(BOTH.roll(-1, 2), SUM.roll(1, 2)), "rises once and falls once"),
        ],
        equivalent={
            "line 3: 0 -> -1": "there is one input channel, so the last is the first",
            "line 6: 0 -> -1": "there is one output channel, so the last is the first",
        },
    ),
    "3.3": Answers(
        right=[Norm, Wrapping, ByFunction],
        wrong=[
            (NotesMoveInEvalMode, "must leave the running averages"),
            (WithScale, "has no parameters to train"),
            (KeepsHistory, "keep the history"),
            (WithoutGradients, "the gradients of the input aren't"),
            (NotesOnlyWithGradients, "have not changed in train mode"),
            (StopsAtEvalMode, "have not changed in train mode"),
            (StartsAtZero, "Before any pass in train mode"),
            (LeavesTrainMode, "Leave the mode"),
            (ChangesItsInput, "changes its input"),
            (Forgetful, "needs a `return`"),
            (Norm(3), "without brackets"),
        ],
        equivalent={},
    ),
    "3.4": Answers(
        right=[fold_by_parameters, fold_by_probing, fold_with_eye, fuse_conv_bn_eval],
        wrong=[
            (settings_forgotten, "must have conv's padding"),
            (two_layers, "still several layers"),
            (without_a_bias, "needs a bias"),
            (changes_conv, "changes the network's weights"),
            (leaves_norm_in_train_mode, "train or eval"),
            (freezes_conv, "`requires_grad`"),
            (switches_gradients_off, "switches gradients"),
            (in_float64, "stopped with this error"),
            (dilated, "Which other setting"),
            (with_one_stride, "must have conv's stride"),
            (with_padding_by_habit, "must have conv's padding"),
            (a_tensor, "must return an nn.Conv2d"),
            (forgets_that_there_may_be_no_bias, "stopped with this error"),
        ],
        equivalent={
            "fold_*: 0 -> *": "one image or pixel: the last is the first; kernels have one shape",
            "fold_with_eye, line 8: 1 -> 2": "two images of zeros, of which the first is read",
        },
    ),
    "3.5": Answers(
        right=[with_torch, in_one_sum, by_recursion, by_vectors],
        wrong=[
            (by_place_of_a_width, "pair by pair"),
            (each_pair_once, "pair by pair"),
            (empties_the_list, "changes its input"),
            (first_one_only, "pair by pair"),
        ],
        equivalent={},
    ),
}
