"""Checks of chapter 07: OutConv."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F

from unet_tutorial.checks.compare import compare_function
from unet_tutorial.checks.exercise import exercise
from unet_tutorial.checks.oracles.heads import compare_loss, compare_outputs, weights_of
from unet_tutorial.checks.oracles.modules import make_module
from unet_tutorial.checks.oracles.pixelwise import (
    FEWER_WRONG,
    MERGED_WRONG,
    compare_layer,
    cut_by_halving,
    others,
    pick,
    sure_class,
    whole,
)

__all__ = ["cheapest_cut", "decide_or_not", "mended_head", "merged_layers", "one_logit_fewer"]


@exercise(
    "7.1",
    title="Two layers in a row",
    misconception="Two 1×1 convolutions in a row can do more than one.",
    objectives=(1,),
    hints=(
        "At one pixel a 1×1 convolution is z = W x + b. Write the second one around the first.",
        "V (W x + b) + d: multiply it out. What multiplies x, and what is left when x is 0?",
        "The matrices are weight[:, :, 0, 0]; `second @ first` multiplies two of them, and the "
        "first bias goes through the second matrix.",
    ),
)
def merged_layers(merge, *, seed=0) -> str:
    """Check merge(weight1, bias1, weight2, bias2), which returns one layer's weight and bias."""
    generator = torch.Generator().manual_seed(seed)
    widths = [(2, 2, 2), (3, 2, 1), (1, 3, 2), (4, 5, 3)]
    for c, m, k in widths:
        w1, b1 = whole((m, c, 1, 1), generator), whole((m,), generator) + 7
        w2, b2 = whole((k, m, 1, 1), generator), whole((k,), generator) - 9
        compare_layer(
            merge,
            (w1, b1, w2, b2),
            lambda x, w1=w1, b1=b1, w2=w2, b2=b2: F.conv2d(F.conv2d(x, w1, b1), w2, b2),
            channels=c,
            mistakes=MERGED_WRONG,
            otherwise="Feed the two layers a single pixel, and follow its numbers through both.",
            tried=f"two layers, {c} → {m} → {k} channels",
        )
    return f"{len(widths)} pairs of layers, with up to 5 channels in the middle, are one each"


CUT_WRONG = [
    (
        lambda miss, alarm: math.log(miss / alarm),
        "The sign is turned round: where a miss is dear, even an unlikely pixel should be called "
        "foreground.",
    ),
    (
        lambda miss, alarm: alarm / (alarm + miss),
        "That is the threshold for the probability. The mask compares logits.",
    ),
    (
        lambda miss, alarm: miss / (alarm + miss),
        "That is a probability, and the wrong one: a dear miss should lower the threshold.",
    ),
    (
        lambda miss, alarm: alarm / miss,
        "That is p / (1 - p) at the cut. One step is missing on the way to the logit.",
    ),
    (lambda miss, alarm: 0.0, "A logit of 0 is right only where both mistakes cost the same."),
    (
        lambda miss, alarm: alarm - miss,
        "The costs count by their ratio: with both doubled, every decision stays the same.",
    ),
]


@exercise(
    "7.2",
    title="What a mistake costs",
    misconception="A mask is always cut at a probability of 0.5, a logit of 0.",
    objectives=(2,),
    hints=(
        "Write down the average cost of both answers for a pixel of probability p.",
        "They are equal at one p. Solve for p / (1 - p), which is easier than for p.",
        "The logit is the logarithm of p / (1 - p), and at the cut that is a ratio of the two "
        "costs. Which one is on top? A dear miss should make the mask larger.",
    ),
)
def cheapest_cut(cut, *, seed=0) -> str:
    """Check cut(miss, false_alarm): the logit above which foreground is the cheaper answer."""
    generator = torch.Generator().manual_seed(seed)
    random = (10 ** (4 * torch.rand(6, 2, generator=generator).double() - 2)).tolist()
    cases = [(5.0, 1.0), (1.0, 9.0), (2.5, 2.5), (1, 3), (1e6, 1e-6), *map(tuple, random)]
    number = compare_function(
        cut,
        cut_by_halving,
        cases,
        mistakes=CUT_WRONG,
        otherwise="At the cut both answers cost the same: false_alarm · (1 - p) = miss · p.",
    )
    return f"with {number} pairs of costs, both answers cost the same exactly at the cut"


@exercise(
    "7.3",
    title="Everything is foreground",
    misconception="A sigmoid more does no harm, since it keeps the order of the pixels.",
    objectives=(2, 3),
    hints=(
        "Between which two numbers does sigmoid(sigmoid(z)) lie?",
        "Count the sigmoids between the convolution and the loss, then those between the "
        "convolution and the mask. One of them is inside a function with a long name.",
        "`forward` should end with the convolution. Then the loss and the mask each have one "
        "sigmoid left.",
    ),
)
def mended_head(Head, *, seed=0) -> str:
    """Check the class Head(in_channels) with its methods forward, loss and mask."""
    generator = torch.Generator().manual_seed(seed)
    for n, c, h, w, b in [(2, 3, 4, 5, 0.25), (1, 4, 3, 7, -0.5), (3, 1, 6, 2, 0)]:
        head = make_module(Head, c)
        weight, bias = weights_of(head, c)
        with torch.no_grad():
            weight.copy_((whole(weight.shape, generator) + 0.5) / 4)
            bias.fill_(b)
        x = whole((n, c, h, w), generator) / 4
        x[-1, :, -1, -1] = 0  # without a bias, a probability of exactly one half
        target = torch.randint(0, 2, (n, 1, h, w), generator=generator).double()
        w1 = weight[0, :, 0, 0].detach()
        most_wrong = x.clone()
        most_wrong[0, :, 0, 0] = -200 * w1 / (w1 @ w1)
        target[0, 0, 0, 0] = 1
        logits = [F.conv2d(each, weight, bias).detach() for each in (x, most_wrong)]
        compare_outputs(head, x, target, logits[0])
        compare_loss(head, most_wrong, target, logits[1])
    return "logits, loss and mask of 3 batches, one pixel of each as wrong as can be"


SURE_WRONG = [
    (lambda z, t: pick(z.softmax(0), t), "That softmax runs over the images of a batch."),
    (lambda z, t: pick(z.softmax(2), t), "That softmax runs over a column of pixels."),
    (lambda z, t: pick(z.softmax(3), t), "That softmax runs over a row of pixels."),
    (pick, "`least` is a probability, but the numbers compared with it are logits."),
    (
        lambda z, t: pick(z.sigmoid(), t),
        "A sigmoid asks about each class by itself. Here the classes compete, and their "
        "probabilities add up to 1.",
    ),
    (lambda z, t: z.argmax(1), "A pixel whose largest probability is below `least` gets -1."),
    (
        lambda z, t: torch.where(z.softmax(1).amax(1) > t, z.argmax(1), -1),
        "A probability that equals `least` is not below it.",
    ),
]
LARGE = (
    "In float32, e to the power of a large logit is infinite. Only the differences between a "
    "pixel's logits count."
)


@exercise(
    "7.4",
    title="Sure, or not",
    misconception="Softmax may run over any dimension, and argmax says how sure it is.",
    objectives=(4,),
    hints=(
        "The classes lie along dimension 1. What comes out has lost that dimension.",
        "`max` over a dimension gives both: the largest values, and where they stand.",
        "Take the softmax over the classes, its largest value and that class, then put -1 where "
        "the value is below `least` (torch.where).",
    ),
)
def decide_or_not(decide, *, seed=0) -> str:
    """Check decide(logits, least): the class of each pixel, or -1 where it is not sure enough."""
    generator = torch.Generator().manual_seed(seed)
    shapes = [(1, 3, 2, 3), (3, 3, 3, 3), (2, 4, 3, 5), (4, 2, 1, 3), (5, 6, 2, 2)]
    cases = [
        (2 * torch.randn(shape, generator=generator, dtype=torch.float32), least)
        for shape in shapes
        for least in (0.5, 0.8, 0.35)
    ]
    certain = torch.tensor([0.0, 100.0, 0.0], dtype=torch.float32).reshape(1, 3, 1, 1)
    cases.append((certain, 1.0))  # its largest probability is 1.0 to the last digit
    compare_function(
        decide,
        sure_class,
        cases,
        mistakes=SURE_WRONG,
        otherwise="For each pixel: its largest probability over the classes, and whose it is.",
    )
    large = [(logits + 200, least) for logits, least in cases[3:6]]
    compare_function(decide, sure_class, large, otherwise=LARGE)
    return f"{len(cases)} batches of 2 to 6 classes, and some whose logits are near 200"


@exercise(
    "7.5",
    title="One logit fewer",
    misconception="To drop a class from a softmax, drop its weights.",
    objectives=(5,),
    hints=(
        "Which number may be taken off all logits of a pixel without changing a probability?",
        "Take off the logit of the dropped class itself: z_k - z_dropped. What is left of it?",
        "A difference of two linear layers is a linear layer: subtract the dropped class's "
        "weights and bias from those of each other class.",
    ),
)
def one_logit_fewer(fewer, *, seed=0) -> str:
    """Check fewer(weight, bias, dropped), which returns the weight and bias of K - 1 classes."""
    generator = torch.Generator().manual_seed(seed)
    cases = [(2, 3, 0), (2, 2, 1), (3, 2, 1), (4, 3, 3), (3, 1, 0)]
    for k, c, dropped in cases:
        weight = whole((k, c, 1, 1), generator) / 2
        bias = torch.randperm(9, generator=generator)[:k].double() / 2 + 1

        def against_dropped(x, w=weight, b=bias, d=dropped):
            p = F.conv2d(x, w, b).log_softmax(dim=1)  # each pixel's logits, up to one number
            return p[:, others(w, d)] - p[:, d : d + 1]

        compare_layer(
            fewer,
            (weight, bias, dropped),
            against_dropped,
            channels=c,
            mistakes=FEWER_WRONG,
            otherwise="With a 0 put back for the dropped class, the softmax must be what it was.",
            tried=f"{k} classes over {c} channels, dropped class {dropped}",
        )
    return f"{len(cases)} layers of 2 to 4 classes keep their probabilities"
