"""Checks of chapter 03: DoubleConv."""

from __future__ import annotations

from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import nn

from unet_tutorial.checks.compare import call, compare_function, compare_value, described
from unet_tutorial.checks.exercise import exercise, refuse
from unet_tutorial.checks.oracles.normalising import (
    compare_notes,
    compare_train_mode,
    folded,
    need_folded,
    running_pair,
)
from unet_tutorial.checks.oracles.sliding import across, down, hint_on_edges, weight_of
from unet_tutorial.checks.values import same, shown

__all__ = [
    "count_of_a_chain",
    "edges_of_both_signs",
    "norm_with_notes",
    "one_layer_from_two",
    "three_small_kernels",
]


@exercise(
    "3.1",
    title="Three small kernels against one large",
    misconception="Small kernels in a row always need fewer weights than one large kernel.",
    objectives=(1,),
    hints=(
        "Each convolution of k widens the field by k - 1. For the weights, write the shape of all "
        "three small convolutions and of the large one.",
        "The three have 9 · 36 · C, 9 · C · C and 9 · C · C weights. Compare with one kernel whose "
        "side is the field, and divide by C.",
        "What remains is 18 · C < (49 - 9) · 36. Mind that fewer means fewer, not equal.",
    ),
)
def three_small_kernels(field, most) -> str:
    """Check the field of three 3×3 and the most channels at which they have fewer weights."""
    compare_value(
        field,
        7,
        mistakes=[
            (9, "The kernels are not laid side by side: each reads values that overlap."),
            (5, "That is what two of them see."),
            (6, "Three times two pixels are added. To what?"),
            (27, "Count pixels on one side of the field, one convolution after the other."),
            (49, "That is the number of pixels in the field. Its side is asked for."),
        ],
        name="field",
        otherwise="`field`: begin with one pixel, and widen it once for each of the three.",
    )
    compare_value(
        most,
        79,
        mistakes=[
            (80, "Put your C into both counts. Are the three fewer there?"),
            (31, "That is against a 5×5. Take the kernel that sees as far as the three do."),
            (32, "That is against a 5×5. Take the kernel that sees as far as the three do."),
            (63, "That is the rule for two 3×3 against one 5×5."),
            (64, "That is the rule for two 3×3 against one 5×5."),
            (159, "Two of the three small convolutions are counted. The third one has C to C."),
            (160, "Two of the three small convolutions are counted. The third one has C to C."),
            (53, "There is one convolution from 36 to C, and two go from C to C."),
            (36, "Where the channels stay the same the three win. Do they win a little beyond?"),
        ],
        name="most",
        otherwise="`most`: write both counts for C = 60 and for C = 100. Which is smaller?",
    )
    return "three 3×3 see 7×7; at 80 channels both have 141,120 weights, and below it they win"


@exercise(
    "3.2",
    title="Edges of both signs",
    misconception="A ReLU between two convolutions only takes information away.",
    objectives=(2,),
    hints=(
        "A ReLU keeps what is positive. How can a fall in brightness become positive too?",
        "Let one channel in the middle be the rise in brightness, right minus left, and let the "
        "other be the fall, left minus right.",
        "Of d and -d one is positive, and the ReLU makes the other 0. What does the second "
        "convolution have to do with the two, and which place of its slices lies on the pixel?",
    ),
)
def edges_of_both_signs(first, second, *, seed=0) -> str:
    """Check two weights, (2, 1, 3, 3) and (1, 2, 3, 3), that make |right minus left|."""
    first = weight_of("first", first, (2, 1, 3, 3))
    second = weight_of("second", second, (1, 2, 3, 3))
    generator = torch.Generator().manual_seed(seed)
    images = [torch.tensor([[0, 9, 9, 9, 0], [7, 0, 0, 2, 2]]).double()[None, None]]
    sizes = [(1, 3, 4), (2, 7, 6), (1, 5, 9)]
    images += [torch.randint(0, 10, (n, 1, *hw), generator=generator).double() for n, *hw in sizes]
    for image in images:
        came = F.conv2d(F.relu(F.conv2d(image, first, padding=1)), second, padding=1)
        difference = across(image)
        if not same(came, difference.abs()):
            refuse(
                hint_on_edges(came, difference, down(image)),
                tried=shown(image[0, 0]),
                expected=shown(difference.abs()[0, 0]),
                came=shown(came[0, 0]),
            )
    return f"|right - left| on {len(images)} images, which no single convolution gives"


@exercise(
    "3.3",
    title="Right for one image, wrong for many",
    misconception="What is right for one image in train mode is a right BatchNorm.",
    objectives=(3,),
    hints=(
        "Compare with nn.BatchNorm2d(3, affine=False) yourself: first train mode with a batch of "
        "several images, then eval mode after some passes in train mode.",
        "One mistake is in what the batch is normalised with, two are in what is noted for later. "
        "The chapter computes both by hand.",
        "The variance goes over images, rows and columns at once. The notes move a tenth of the "
        "way, and for them the squared differences are divided by the number of values less one.",
    ),
)
def norm_with_notes(answer, *, seed=0) -> str:
    """Check a class of modules, made as Norm(channels), against BatchNorm2d without affine."""
    if not (isinstance(answer, type) and issubclass(answer, nn.Module)):
        refuse("The answer must be the class `Norm`, without brackets.", came=described(answer))
    generator = torch.Generator().manual_seed(seed)
    for channels, sizes in ((3, (1, 4, 2)), (2, (3, 5))):
        batches = [
            torch.randn(n, channels, 5, 4, generator=generator, dtype=torch.float64)
            + 5 * torch.rand(n, channels, 1, 1, generator=generator, dtype=torch.float64)
            for n in sizes
        ]
        batches[-1] *= 0.01  # as small as this, eps shows
        layer, oracle = running_pair(call(answer, channels), channels)
        for batch in batches:
            compare_train_mode(layer, oracle, batch)
        compare_notes(layer, oracle, batches)
    return "equal to PyTorch's in train mode and, with the notes of five batches, in eval mode"


@exercise(
    "3.4",
    title="One layer from two",
    misconception="A BatchNorm has to be computed, in eval mode too.",
    objectives=(3, 4),
    hints=(
        "In eval mode a BatchNorm multiplies each channel by a number and adds a number. Which "
        "numbers? Write y = a · x + s with the running mean and variance.",
        "x is conv's output, a sum of weight times pixel, plus conv's bias. So a goes into the "
        "weights of that output channel. What does a do with conv's own bias?",
        "Scale each output channel's kernel by a = gamma / sqrt(running_var + eps). For the bias, "
        "follow an input of zeros through both layers: what leaves conv, and what leaves norm?",
    ),
)
def one_layer_from_two(answer, *, seed=0) -> str:
    """Check a function (conv, norm) that returns one Conv2d, equal to both in eval mode."""
    torch.manual_seed(seed)
    cases = [
        nn.Conv2d(3, 3, 3, padding=1, bias=False),
        nn.Conv2d(2, 5, (3, 5), stride=2, padding=(1, 2)),
        nn.Conv2d(4, 3, 1, bias=False),
        nn.Conv2d(1, 4, 3),
    ]
    for number, conv in enumerate(cases):
        conv = conv.double().eval()
        norm = nn.BatchNorm2d(conv.out_channels, eps=0.1 if number else 1e-5).double().eval()
        for tensor in (norm.weight, norm.bias, norm.running_mean):
            nn.init.uniform_(tensor, -2, 2)
        nn.init.uniform_(norm.running_var, 0.1, 3)
        need_folded(folded(answer, conv, norm), conv, norm)
    return f"one convolution in place of two layers, {len(cases)} times, with a bias before or not"


def numbers_of_chain(widths: list[int], bias: bool) -> int:
    """Return the number of parameters of a chain of layers, asking PyTorch for each."""
    total = 0
    with torch.device("meta"):
        for before, after in pairwise(widths):
            pair = nn.Conv2d(before, after, 3, bias=bias), nn.BatchNorm2d(after)
            total += sum(p.numel() for layer in pair for p in layer.parameters())
    return total


def chain_mistake(kernel=9, per_channel=2, bias=1, of_both=False):
    """Return a wrong way of counting a chain."""

    def count(widths: list[int], has_bias: bool) -> int:
        pairs = list(pairwise(widths))
        numbers = sum(kernel * (b if of_both else a) * b for a, b in pairs)
        return numbers + sum((per_channel + bias * has_bias) * b for _, b in pairs)

    return count


CHAIN_MISTAKES = [
    (chain_mistake(per_channel=3, bias=0), "There is no bias in these convolutions."),
    (chain_mistake(bias=0), "Here the convolutions have a bias: one number an output channel."),
    (chain_mistake(per_channel=0), "The BatchNorms are missing. What does each of them learn?"),
    (chain_mistake(per_channel=1), "A BatchNorm learns a scale and a shift for each channel."),
    (
        chain_mistake(per_channel=4),
        "The running mean and variance are kept along, but they are buffers, not parameters.",
    ),
    (chain_mistake(kernel=1), "A slice of the weight has nine numbers."),
    (chain_mistake(of_both=True), "Each convolution takes in what the one before gives out."),
]


@exercise(
    "3.5",
    title="Count a chain",
    misconception="A BatchNorm has no parameters, or counts its running mean and variance.",
    objectives=(4, 5),
    hints=(
        "Go through the widths in pairs: the first with the second, the second with the third.",
        "Each pair is a convolution's weight and a BatchNorm. The BatchNorm learns a scale and a "
        "shift for each channel that comes out of the convolution.",
        "For a pair (i, o) there are 9 · i · o weights and 2 · o numbers of the BatchNorm, and "
        "with a bias one more for each of the o channels.",
    ),
)
def count_of_a_chain(answer, *, seed=0) -> str:
    """Check a function (widths, bias) that counts a chain's parameters."""
    generator = torch.Generator().manual_seed(seed)
    cases = [([3, 16, 32], False), ([3, 16, 32], True), ([7, 5], True), ([4], False)]
    for length in range(2, 7):
        widths = torch.randint(1, 40, (length,), generator=generator).tolist()
        cases.append((widths, length % 2 == 0))
    tried = compare_function(
        answer,
        numbers_of_chain,
        cases,
        mistakes=CHAIN_MISTAKES,
        otherwise="Count the first convolution and its BatchNorm alone, then add pair by pair.",
    )
    return f"{tried} chains of up to five convolutions, with and without biases"
