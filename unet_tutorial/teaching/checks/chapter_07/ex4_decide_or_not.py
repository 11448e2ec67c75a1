"""7.4 Sure, or not."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from unet_tutorial.teaching.checks.compare import compare_function
from unet_tutorial.teaching.checks.exercise import exercise


def _sure_class(logits: Tensor, least: float) -> Tensor:
    """Return the class of each pixel, or -1 where its probability is below least."""
    pixels = logits.movedim(1, -1)  # (N, H, W, K)
    classes = torch.empty(pixels.shape[:-1], dtype=torch.int64)
    for index in torch.cartesian_prod(*(torch.arange(each) for each in classes.shape)).tolist():
        z = [float(each) for each in pixels[tuple(index)]]
        probability = 1 / sum(math.exp(each - max(z)) for each in z)
        classes[tuple(index)] = z.index(max(z)) if probability >= least else -1
    return classes


def _pick(values: Tensor, least: float) -> Tensor:
    """Return where the largest value of dimension 1 stands, or -1 where it is below least."""
    largest, chosen = values.max(dim=1)
    return torch.where(largest < least, -1, chosen)


SURE_WRONG = [
    (lambda z, t: _pick(z.softmax(0), t), "That softmax runs over the images of a batch."),
    (lambda z, t: _pick(z.softmax(2), t), "That softmax runs over a column of pixels."),
    (lambda z, t: _pick(z.softmax(3), t), "That softmax runs over a row of pixels."),
    (_pick, "`least` is a probability, but the numbers compared with it are logits."),
    (
        lambda z, t: _pick(z.sigmoid(), t),
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
    misconception="Softmax may run over any dimension, and argmax says how sure it is.",
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
        _sure_class,
        cases,
        mistakes=SURE_WRONG,
        otherwise="For each pixel: its largest probability over the classes, and whose it is.",
    )
    large = [(logits + 200, least) for logits, least in cases[3:6]]
    compare_function(decide, _sure_class, large, otherwise=LARGE)
    return f"{len(cases)} batches of 2 to 6 classes, and some whose logits are near 200"
