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


def merge_by_probing(weight1, bias1, weight2, bias2):
    pixels = torch.cat([torch.zeros(1, weight1.shape[1]), torch.eye(weight1.shape[1])])
    z = F.conv2d(F.conv2d(pixels[:, :, None, None], weight1, bias1), weight2, bias2)
    return (z[1:] - z[0]).transpose(0, 1), z[0].flatten()


def merge_with_a_relu(weight1, bias1, weight2, bias2):
    return merge_by_einsum(weight1, bias1.relu(), weight2, bias2)


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


def cut_of_whole_ratios(miss, false_alarm):
    if false_alarm < miss:
        return -cut_of_whole_ratios(false_alarm, miss)
    return math.log(false_alarm // miss)


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


class RightHeadByCases(RightHead):
    def loss(self, x, target):
        z = self(x)
        return (z.clamp(min=0) - z * target + z.abs().neg().exp().log1p()).mean()


class HeadWithSigmoidInTraining(RightHead):
    def forward(self, x):
        return self.conv(x).sigmoid() if self.training else self.conv(x)


class HeadWithLossAsANumber(RightHead):
    def loss(self, x, target):
        return super().loss(x, target).item()


class HeadWithMaskFromZero(RightHead):
    def mask(self, x):
        return self(x) >= 0


class HeadOfALinear(RightHead):
    def __init__(self, in_channels):
        super().__init__(in_channels)
        self.conv = nn.Linear(in_channels, 1)

    def forward(self, x):
        return self.conv(x.movedim(1, -1)).movedim(-1, 1)


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


class HeadWithMaskOfIntegers(RightHead):
    def mask(self, x):
        return (self(x) > 0).int()


class HeadWithMaskAtHalf(RightHead):
    def mask(self, x):
        return self(x) > 0.5


class HeadWithMaskOfOneImage(RightHead):
    def mask(self, x):
        return (self(x) > 0)[0]


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


def decide_at_the_bound(logits, least):
    p, chosen = logits.softmax(dim=1).max(dim=1)
    return torch.where(p <= least, -1, chosen)


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


def fewer_by_a_matrix(weight, bias, dropped):
    differences = torch.eye(len(bias))
    differences = differences[torch.arange(len(bias)) != dropped] - differences[dropped]
    return (differences @ weight.flatten(1))[:, :, None, None], differences @ bias


def fewer_in_another_order(weight, bias, dropped):
    kept = [(dropped + step) % len(bias) for step in range(1, len(bias))]
    return weight[kept] - weight[dropped], bias[kept] - bias[dropped]


def fewer_with_a_row_of_zeros(weight, bias, dropped):
    return weight - weight[dropped], bias - bias[dropped]


def fewer_as_a_matrix(weight, bias, dropped):
    weight, bias = fewer_by_cat(weight, bias, dropped)
    return weight.flatten(1), bias


ANSWERS = {
    "7.1": Answers(
        right=[merge_by_einsum, merge_by_convolving, merge_by_probing],
        wrong=[
            (merge_without_the_kernel_axes, "kernel's height and width"),
            (merge_weight_alone, "two tensors"),
            (merge_with_a_relu, "a single pixel"),
            (merge_in_place, "changes its input"),
        ],
        equivalent={
            "line 1: 0 -> -1": "The kernel's axes have one place, the first and the last.",
            "merge_by_*.transpose(0, 1) -> *.transpose(1, 0)": "These are the same two axes.",
        },
    ),
    "7.2": Answers(
        right=[cut_of_two_logarithms, cut_by_way_of_the_probability, cut_as_a_tensor],
        wrong=[
            (cut_of_whole_ratios, "At the cut both answers"),
            (lambda miss, false_alarm: math.log10(false_alarm / miss), "At the cut both answers"),
            (lambda miss, alarm: round(math.log(alarm / miss), 2), "At the cut both answers"),
        ],
        equivalent={"cut_by_way_of_the_probability, line 2: *": "float32 is precise enough."},
    ),
    "7.3": Answers(
        right=[RightHead, RightHeadByHand, RightHeadByCases],
        wrong=[
            (HeadStillWhite, "How many sigmoids"),
            (HeadWithAnotherThreshold, "the loss applies another sigmoid"),
            (HeadWithSummedLoss, "mean cross-entropy"),
            (HeadWithMaskOfFloats, "dtype must be bool"),
            (HeadWithMaskOfIntegers, "dtype must be bool"),
            (HeadWithMaskAtHalf, "is for the probability"),
            (HeadWithMaskOfOneImage, "The shape must be"),
            (HeadOfTwoClasses, "one nn.Conv2d"),
            (HeadWithoutALoss, "Keep the three methods"),
            (HeadWithSigmoidInTraining, "the same in every mode"),
            (HeadWithLossAsANumber, "the gradient should pass"),
            (HeadWithMaskFromZero, "exactly 0.5"),
            (HeadOfALinear, "one nn.Conv2d"),
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
            (decide_as_floats, "dtype int64"),
            (decide_at_the_bound, "isn't below `least`"),
        ],
        equivalent={
            "decide_by_masking, line 2: F.softmax(*": "With four axes, the default is 1, too."
        },
    ),
    "7.5": Answers(
        right=[fewer_by_subtracting_first, fewer_by_cat, fewer_by_a_matrix],
        wrong=[
            (fewer_with_a_row_of_zeros, "The shape must be"),
            (fewer_as_a_matrix, "kernel's height and width"),
            (fewer_in_another_order, "the softmax must be unchanged"),
        ],
        equivalent={},
    ),
}
