"""Right and wrong answers to the exercises of chapter 07."""

import math

import torch
import torch.nn.functional as F
from answers import Answers
from torch import nn

# ---- 7.1


def merge_by_einsum(weight1, bias1, weight2, bias2):
    weight = torch.einsum("kmij,mcij->kcij", weight2, weight1)
    return [weight, torch.einsum("kmij,m->k", weight2, bias1) + bias2]


def merge_by_convolving(weight1, bias1, weight2, bias2):
    columns = F.conv2d(weight1.transpose(0, 1), weight2)  # each column of W through V
    bias = F.conv2d(bias1[None, :, None, None], weight2, bias2)
    return columns.transpose(0, 1), bias.flatten()


def merge_without_the_kernel_axes(weight1, bias1, weight2, bias2):
    weight, bias = merge_by_einsum(weight1, bias1, weight2, bias2)
    return weight[:, :, 0, 0], bias


def merge_weight_alone(weight1, bias1, weight2, bias2):
    return merge_by_einsum(weight1, bias1, weight2, bias2)[0]


def merge_in_place(weight1, bias1, weight2, bias2):
    weight, bias = merge_by_einsum(weight1, bias1, weight2, bias2)
    bias2.copy_(bias)
    return weight, bias2


# ---- 7.2


def cut_of_two_logarithms(miss, false_alarm):
    return math.log(false_alarm) - math.log(miss)


def cut_by_way_of_the_probability(miss, false_alarm):
    p = torch.tensor(false_alarm / (false_alarm + miss), dtype=torch.float64)
    return torch.logit(p).item()


def cut_as_a_tensor(miss, false_alarm):
    return torch.log(torch.tensor(false_alarm / miss))


# ---- 7.3


class RightHead(nn.Module):
    def __init__(self, in_channels):
        super().__init__()
        self.conv = nn.Conv2d(in_channels, 1, kernel_size=1)

    def forward(self, x):
        return self.conv(x)

    def loss(self, x, target):
        return F.binary_cross_entropy_with_logits(self(x), target)

    def mask(self, x):
        return self(x) > 0


class RightHeadByHand(RightHead):
    def loss(self, x, target):
        z = self(x)
        return (F.softplus(-z) * target + F.softplus(z) * (1 - target)).mean()

    def mask(self, x):
        return self(x).sigmoid().round().bool()


class HeadWithAnotherThreshold(RightHead):
    def forward(self, x):
        return self.conv(x).sigmoid()

    def mask(self, x):
        return self(x).sigmoid() > 1 / (1 + math.exp(-0.5))


class HeadWithSummedLoss(RightHead):
    def loss(self, x, target):
        return F.binary_cross_entropy_with_logits(self(x), target, reduction="sum")


class HeadWithMaskOfFloats(RightHead):
    def mask(self, x):
        return (self(x) > 0).double()


class HeadStillWhite(RightHead):
    def forward(self, x):
        return self.conv(x).sigmoid()

    def mask(self, x):
        return self(x).sigmoid() > 0.5


class HeadOfTwoClasses(RightHead):
    def __init__(self, in_channels):
        super().__init__(in_channels)
        self.conv = nn.Conv2d(in_channels, 2, kernel_size=1)


class HeadWithoutALoss(nn.Module):
    def __init__(self, in_channels):
        super().__init__()
        self.conv = nn.Conv2d(in_channels, 1, kernel_size=1)

    def forward(self, x):
        return self.conv(x)


class HeadWithRelu(RightHead):
    def forward(self, x):
        return self.conv(x).relu()


# ---- 7.4


def decide_by_masking(logits, least):
    p = F.softmax(logits, dim=1)
    chosen = logits.argmax(dim=1)
    chosen[p.amax(dim=1) < least] = -1
    return chosen


def decide_by_hand(logits, least):
    terms = (logits - logits.amax(dim=1, keepdim=True)).exp()
    sure = 1 / terms.sum(dim=1) >= least
    return logits.argmax(dim=1) * sure - (~sure).long()


def decide_with(probabilities, keepdim=False):
    def decide(logits, least):
        p, chosen = probabilities(logits).max(dim=1, keepdim=keepdim)
        return torch.where(p < least, -1, chosen)

    return decide


def decide_by_the_other_axis(logits, least):
    p, chosen = logits.softmax(dim=-1).max(dim=-1)
    return torch.where(p < least, -1, chosen)


def decide_the_wrong_way_round(logits, least):
    p, chosen = logits.softmax(dim=1).max(dim=1)
    return torch.where(p < least, chosen, -1)


def decide_as_floats(logits, least):
    return decide_by_masking(logits, least).float()


def by_hand(logits):
    return logits.exp() / logits.exp().sum(dim=1, keepdim=True)


# ---- 7.5


def fewer_by_subtracting_first(weight, bias, dropped):
    weight, bias = weight - weight[dropped], bias - bias[dropped]
    kept = torch.arange(len(bias)) != dropped
    return weight[kept], bias[kept]


def fewer_by_cat(weight, bias, dropped):
    def without(x):
        return torch.cat([x[:dropped], x[dropped + 1 :]])

    return without(weight).sub(weight[dropped]), without(bias) - bias[dropped : dropped + 1]


def fewer_with_a_row_of_zeros(weight, bias, dropped):
    return weight - weight[dropped], bias - bias[dropped]


def fewer_as_a_matrix(weight, bias, dropped):
    weight, bias = fewer_by_cat(weight, bias, dropped)
    return weight.flatten(1), bias


ANSWERS = {
    "7.1": Answers(
        right=[merge_by_einsum, merge_by_convolving],
        wrong=[
            (merge_without_the_kernel_axes, "kernel's height and width"),
            (merge_weight_alone, "two tensors"),
            (merge_in_place, "changes its input"),
        ],
        equivalent={"line 1: 0 -> -1": "The kernel's axes have one place, the first and the last."},
    ),
    "7.2": Answers(
        right=[cut_of_two_logarithms, cut_by_way_of_the_probability],
        wrong=[
            (lambda miss, false_alarm: math.log10(false_alarm / miss), "At the cut both answers"),
            (cut_as_a_tensor, "a number with a decimal point"),
        ],
        equivalent={},
    ),
    "7.3": Answers(
        right=[RightHead, RightHeadByHand],
        wrong=[
            (HeadStillWhite, "How many sigmoids"),
            (HeadWithAnotherThreshold, "still applies a sigmoid twice"),
            (HeadWithSummedLoss, "mean cross-entropy"),
            (HeadWithMaskOfFloats, "dtype bool"),
            (HeadOfTwoClasses, "one Conv2d"),
            (HeadWithoutALoss, "Keep the three methods"),
            (HeadWithRelu, "nothing more"),
            (RightHead(3), "without brackets"),
        ],
        equivalent={},
    ),
    "7.4": Answers(
        right=[decide_by_masking, decide_by_hand],
        wrong=[
            (decide_with(by_hand), "infinite"),
            (decide_with(lambda z: z.softmax(dim=1), keepdim=True), "The shape must be"),
            (decide_by_the_other_axis, "The shape must be"),
            (decide_the_wrong_way_round, "largest probability over the classes"),
            (decide_as_floats, "largest probability over the classes"),
        ],
        equivalent={},
    ),
    "7.5": Answers(
        right=[fewer_by_subtracting_first, fewer_by_cat],
        wrong=[
            (fewer_with_a_row_of_zeros, "must have the shape"),
            (fewer_as_a_matrix, "kernel's height and width"),
        ],
        equivalent={},
    ),
}
