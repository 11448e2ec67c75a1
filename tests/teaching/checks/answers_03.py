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
    """A right one, whose parts the wrong ones replace."""

    rate, correction, axes = 0.1, 1, (0, 2, 3)

    def __init__(self, channels):
        super().__init__()
        self.register_buffer("mean", torch.zeros(1, channels, 1, 1))
        self.register_buffer("variance", torch.ones(1, channels, 1, 1))

    def noted_variance(self, x):
        return x.var(dim=(0, 2, 3), correction=self.correction, keepdim=True)

    def batch_variance(self, x):
        return x.var(dim=(0, 2, 3), correction=0, keepdim=True)

    def forward(self, x):
        if not self.training:
            return (x - self.mean) * (self.variance + 1e-5).rsqrt()
        mean = x.mean(dim=(0, 2, 3), keepdim=True)
        self.mean += self.rate * (mean - self.mean)
        self.variance += self.rate * (self.noted_variance(x) - self.variance)
        return (x - mean) * (self.batch_variance(x) + 1e-5).rsqrt()


class Wrapping(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.norm = nn.BatchNorm2d(channels, affine=False)

    def forward(self, x):
        return self.norm(x)


class SwappedRates(Norm):
    rate = 0.9


class SwappedRatesAndCorrection(Norm):
    rate, correction = 0.9, 0


class SameVarianceNoted(Norm):
    correction = 0


class LastBatchOnly(Norm):
    rate = 1.0


class NothingNoted(Norm):
    rate = 0.0


def each_image(x, correction):
    return x.var(dim=(2, 3), correction=correction).mean(dim=0)[:, None, None]


class VarianceOfEachImage(Norm):
    def batch_variance(self, x):
        return each_image(x, 0)


class VarianceOfEachImageNoted(Norm):
    def noted_variance(self, x):
        return each_image(x, 1)


class UnbiasedOutput(Norm):
    def batch_variance(self, x):
        return self.noted_variance(x)


class WithoutEps(Norm):
    def batch_variance(self, x):
        return super().batch_variance(x) - 1e-5


class WithoutRoot(Norm):
    def batch_variance(self, x):
        return super().batch_variance(x) ** 2


class NotesInTraining(Norm):
    def forward(self, x):
        super().forward(x)
        return (x - self.mean) * (self.variance + 1e-5).rsqrt()


class InstanceNorm(Norm):
    def forward(self, x):
        super().forward(x)
        return nn.functional.instance_norm(x)


class BatchInEvalMode(Norm):
    def forward(self, x):
        before, self.training = self.training, True
        y = super().forward(x)
        self.training = before
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


def folding(scale=None, bias=None, weight=None, make=None):
    """A fold with a mistake in one of its parts."""

    def fold(conv, norm):
        gamma, beta, mean = norm.weight, norm.bias, norm.running_mean
        a = scale(norm) if scale else gamma / torch.sqrt(norm.running_var + norm.eps)
        b = torch.zeros_like(beta) if conv.bias is None else conv.bias
        make_layer = make or (lambda c: copy.deepcopy(c))
        new = make_layer(conv)
        w = weight(a, conv) if weight else a[:, None, None, None] * conv.weight
        s = bias(a, b, mean, beta) if bias else a * (b - mean) + beta
        new.weight, new.bias = nn.Parameter(w.detach()), nn.Parameter(s.detach())
        return new

    return fold


def along_the_input_channels(a, conv):
    square = conv.in_channels == conv.out_channels
    return conv.weight * (a[:, None, None] if square else a[:, None, None, None])


def same_settings_forgotten(conv):
    return nn.Conv2d(conv.in_channels, conv.out_channels, conv.kernel_size, stride=conv.stride)


def two_layers(conv, norm):
    return nn.Sequential(conv, norm)


def without_a_bias(conv, norm):
    new = folding()(conv, norm)
    new.bias = None
    return new


def changes_conv(conv, norm):
    new = folding()(conv, norm)
    conv.weight.data = new.weight.data
    return new


def a_tensor(conv, norm):
    return folding()(conv, norm).weight


# ---- 3.5: counts


def with_torch(widths, bias):
    chain = nn.Sequential()
    for i, o in pairwise(widths):
        chain.extend([nn.Conv2d(i, o, 3, bias=bias), nn.BatchNorm2d(o), nn.ReLU()])
    return sum(p.numel() for p in chain.parameters())


def in_one_sum(widths, bias):
    return sum((9 * i + 2 + bias) * o for i, o in pairwise(widths))


def without_the_norms(widths, bias):
    return sum((9 * i + bias) * o for i, o in pairwise(widths))


def one_number_a_norm(widths, bias):
    return sum((9 * i + 1 + bias) * o for i, o in pairwise(widths))


def with_buffers(widths, bias):
    return sum((9 * i + 4 + bias) * o for i, o in pairwise(widths))


def always_a_bias(widths, bias):
    return sum((9 * i + 3) * o for i, o in pairwise(widths))


def never_a_bias(widths, bias):
    return sum((9 * i + 2) * o for i, o in pairwise(widths))


def one_by_one(widths, bias):
    return sum((i + 2 + bias) * o for i, o in pairwise(widths))


def out_to_out(widths, bias):
    return sum((9 * o + 2 + bias) * o for _, o in pairwise(widths))


def first_one_only(widths, bias):
    return (9 * widths[0] + 2 + bias) * widths[1]


ANSWERS = {
    "3.1": Answers(
        right=[Args(7, 79), Args(np.int64(7), torch.tensor(79).item())],
        wrong=[
            (Args(9, 79), "side by side"),
            (Args(5, 79), "what two of them see"),
            (Args(6, 79), "To what?"),
            (Args(27, 79), "one side of the field"),
            (Args(49, 79), "Its side is asked for"),
            (Args(11, 79), "begin with one pixel"),
            (Args(7, 80), "Are the three fewer there"),
            (Args(7, 31), "against a 5×5"),
            (Args(7, 64), "two 3×3 against one 5×5"),
            (Args(7, 160), "Two of the three"),
            (Args(7, 53), "two go from C to C"),
            (Args(7, 36), "a little beyond"),
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
            (Args(BOTH, points(1, 0)), "Only edges of one sign"),
            (Args(middle(RISE, RISE), SUM), "Only edges of one sign"),
            (Args(BOTH, points(1, -1)), "d itself"),
            (Args(BOTH, points(-1, -1)), "the wrong sign"),
            (Args(middle(RISE, RISE), points(1, -1)), "Nothing is left"),
            (Args(2 * BOTH, SUM), "but for a factor"),
            (Args(BOTH.mT, SUM), "upper and lower"),
            (Args(BOTH, torch.ones(1, 2, 3, 3)), "mixes neighbours"),
            (Args(middle((0, -1, 1), (0, 1, -1)), SUM), "Look at the two channels"),
        ],
        equivalent={
            "line 2: 0 -> -1": "there is one input channel, so the last is the first",
            "line 5: 0 -> -1": "there is one output channel, so the last is the first",
        },
    ),
    "3.3": Answers(
        right=[Norm, Wrapping],
        wrong=[
            (VarianceOfEachImage, "each image by itself. How far"),
            (InstanceNorm, "Each image is normalised"),
            (UnbiasedOutput, "divided by the number of values."),
            (WithoutEps, "away from zero"),
            (WithoutRoot, "the root of the variance"),
            (NotesInTraining, "The notes are for eval mode"),
            (SwappedRates, "a tenth of the way"),
            (SwappedRatesAndCorrection, "that is not all"),
            (SameVarianceNoted, "less one, unlike"),
            (VarianceOfEachImageNoted, "variance in the notes is that of each image"),
            (LastBatchOnly, "Only the last batch"),
            (NothingNoted, "have not moved"),
            (BatchInEvalMode, "Eval mode must take the notes"),
            (NotesMoveInEvalMode, "must leave the notes"),
            (Forgetful, "needs a `return`"),
            (Norm(3), "without brackets"),
        ],
        equivalent={
            "line 14: x.detach().var(dim=(0, 2, 3), correction=1) -> "
            "x.detach().var(dim=(0, 2, 3))": "a correction of 1 is PyTorch's default",
        },
    ),
    "3.4": Answers(
        right=[fold_by_parameters, fold_by_probing, fuse_conv_bn_eval, folding()],
        wrong=[
            (folding(scale=lambda n: n.weight / n.running_var.sqrt()), "The eps under the root"),
            (
                folding(scale=lambda n: n.weight / (n.running_var + 1e-5).sqrt()),
                "norm's own",
            ),
            (folding(scale=lambda n: n.weight / (n.running_var + n.eps)), "Divide by the root"),
            (folding(scale=lambda n: 1 / (n.running_var + n.eps).sqrt()), "own scale"),
            (folding(scale=lambda n: n.weight), "running variance is missing"),
            (folding(weight=lambda a, conv: conv.weight), "conv's own"),
            (folding(weight=along_the_input_channels), "along the input channels"),
            (folding(bias=lambda a, b, mean, beta: a * (b - mean)), "own shift"),
            (folding(bias=lambda a, b, mean, beta: beta - a * mean), "is lost"),
            (folding(bias=lambda a, b, mean, beta: b - a * mean + beta), "scales conv's bias"),
            (folding(bias=lambda a, b, mean, beta: a * b + beta), "running mean is missing"),
            (folding(bias=lambda a, b, mean, beta: a * b - mean + beta), "before the scale"),
            (folding(bias=lambda a, b, mean, beta: a * (b + mean) + beta), "not added"),
            (folding(make=same_settings_forgotten), "must have conv's padding"),
            (two_layers, "several layers still"),
            (without_a_bias, "needs a bias"),
            (changes_conv, "changes the layers"),
            (a_tensor, "must return an nn.Conv2d"),
        ],
        equivalent={},
    ),
    "3.5": Answers(
        right=[with_torch, in_one_sum],
        wrong=[
            (without_the_norms, "The BatchNorms are missing"),
            (one_number_a_norm, "a scale and a shift"),
            (with_buffers, "buffers, not parameters"),
            (always_a_bias, "There is no bias"),
            (never_a_bias, "Here the convolutions have a bias"),
            (one_by_one, "nine numbers"),
            (out_to_out, "what the one before gives out"),
            (first_one_only, "pair by pair"),
        ],
        equivalent={},
    ),
}
