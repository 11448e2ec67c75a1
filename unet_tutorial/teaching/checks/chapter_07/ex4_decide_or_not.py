"""7.4 Sure, or not."""

from __future__ import annotations

import torch
from torch import Tensor

from unet_tutorial.teaching.checks.compare import compare_function
from unet_tutorial.teaching.checks.exercise import exercise


def _pick_class(values: Tensor, least: float) -> Tensor:
    """Return the index of the largest value in dimension 1, or -1 if it is below least."""
    largest, chosen = values.max(dim=1)
    return torch.where(largest < least, -1, chosen)


def _decide_by_softmax(logits: Tensor, least: float) -> Tensor:
    return _pick_class(logits.double().softmax(1), least)


REFERENCE = _decide_by_softmax
MISTAKES = [
    (lambda z, least: _pick_class(z.softmax(0), least),
     "That softmax runs over the images of a batch."),
    (lambda z, least: _pick_class(z.softmax(2), least),
     "That softmax runs over a column of pixels."),
    (lambda z, least: _pick_class(z.softmax(3), least), "That softmax runs over a row of pixels."),
    (_pick_class, "`least` is a probability, but the numbers compared with it are logits."),
    (lambda z, least: _pick_class(z.sigmoid(), least),
     "A sigmoid treats each class separately. Here the classes compete, and their probabilities "
     "add up to 1."),
    (lambda z, least: z.argmax(1), "A pixel whose largest probability is below `least` gets -1."),
    (lambda z, least: torch.where(z.softmax(1).amax(1) > least, z.argmax(1), -1),
     "A probability that equals `least` is not below it."),
]  # fmt: skip


def _make_cases(seed: int) -> list[tuple[Tensor, float]]:
    """Return (logits, least) for several batches, and for a pixel with a probability of 1."""
    generator = torch.Generator().manual_seed(seed)
    shapes = [(1, 3, 2, 3), (3, 3, 3, 3), (2, 4, 3, 5), (4, 2, 1, 3), (5, 6, 2, 2)]
    cases = [
        (2 * torch.randn(shape, generator=generator, dtype=torch.float32), least)
        for shape in shapes
        for least in (0.5, 0.8, 0.35)
    ]
    certain = torch.tensor([0.0, 100.0, 0.0], dtype=torch.float32).reshape(1, 3, 1, 1)
    return [*cases, (certain, 1.0)]


@exercise(
    misconception="Softmax can run over any dimension, and argmax tells how sure the network is.",
    question=(
        "Two pixels have the logits (1, 2, 3) and (10, 20, 30). What does argmax return for each, "
        "and how sure is the network of each?"
    ),
    hints=(
        "The classes are along dimension 1. The result no longer has that dimension.",
        "`max` over a dimension returns both: the largest values, and their positions.",
        "Take the softmax over the classes, its largest value and that class, then put -1 where "
        "the value is below `least` (torch.where).",
    ),
)
def decide_or_not(decide, *, seed=0) -> str:
    """Check decide(logits, least): the class of each pixel, or -1 if it isn't sure enough."""
    cases = _make_cases(seed)
    compare_function(
        decide,
        REFERENCE,
        cases,
        mistakes=MISTAKES,
        otherwise="For each pixel: its largest probability over the classes, and its class.",
    )
    compare_function(
        decide,
        REFERENCE,
        [(logits + 200, least) for logits, least in cases[3:6]],
        otherwise="In float32, e to the power of a large logit is infinite. Only the differences "
        "between a pixel's logits matter.",
    )
    return f"{len(cases)} batches of 2 to 6 classes, and some whose logits are near 200"
