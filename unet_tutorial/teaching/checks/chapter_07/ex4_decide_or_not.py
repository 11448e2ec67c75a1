"""7.4 Sure, or not."""

from __future__ import annotations

import torch
from torch import Tensor

from unet_tutorial.teaching.checks.compare import call_answer, compare_function, describe
from unet_tutorial.teaching.checks.exercise import exercise, refuse
from unet_tutorial.teaching.checks.values import to_plain_value


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
]  # fmt: skip


def _make_cases(seed: int) -> list[tuple[Tensor, float]]:
    """Return (logits, least) for several batches."""
    generator = torch.Generator().manual_seed(seed)
    shapes = [(1, 3, 2, 3), (3, 3, 3, 3), (2, 4, 3, 5), (4, 2, 1, 3), (5, 6, 2, 2)]
    return [
        (2 * torch.randn(shape, generator=generator, dtype=torch.float32), least)
        for shape in shapes
        for least in (0.5, 0.8, 0.35)
    ]


def _require_int64(answer: object, cases: list[tuple[Tensor, float]]) -> None:
    """Refuse right class numbers that aren't int64."""
    for case in cases:
        plain = to_plain_value(got := call_answer(answer, *case))
        if not isinstance(plain, Tensor) or plain.dtype != torch.int64:
            dtype = str(plain.dtype) if isinstance(plain, Tensor) else describe(got)
            hint = "The class numbers are right, but they must be a tensor of dtype int64."
            refuse(hint, expected="torch.int64", got=dtype)


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
        [(logits + shift, least) for logits, least in cases[3:6] for shift in (200, -200)],
        otherwise="With ordinary logits it was right. But in float32, e to the power of 200 is "
        "infinite, and of -200 it's 0. Only the differences between a pixel's logits matter.",
    )
    certain = torch.tensor([[0.0, 100, 0], [1, 2, 0], [110, 0, 0]], dtype=torch.float32)
    compare_function(
        decide,
        REFERENCE,
        [(certain.T[None, :, None], 1.0)],
        otherwise="Two of these pixels have a probability of 1, and 1 isn't below `least`.",
    )
    _require_int64(decide, cases)
    return f"{len(cases)} batches of 2 to 6 classes, and some whose logits are near ±200"
