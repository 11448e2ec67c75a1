"""7.5 One logit fewer."""

from __future__ import annotations

import torch
import torch.nn.functional as F

from unet_tutorial.teaching.checks.chapter_07.pixelwise import compare_layer, whole
from unet_tutorial.teaching.checks.exercise import exercise

FEWER_WRONG = [
    (
        "weight",
        lambda w, b, d: w[_others(w, d)],
        "Without its weights the dropped class no longer competes: putting a 0 in its place "
        "changes the probabilities.",
    ),
    (
        "weight",
        lambda w, b, d: w[d] - w[_others(w, d)],
        "The sign is turned round: what speaks for a class that stays must raise its logit.",
    ),
    (
        "weight",
        lambda w, b, d: w[_others(w, 0)] - w[0],
        "That drops class 0, whichever one was asked for.",
    ),
    (
        "weight",
        lambda w, b, d: w[_others(w, d)] - w.mean(0),
        "Taking off the mean changes no probability, but the dropped class's logit is not 0 then.",
    ),
    (
        "bias",
        lambda w, b, d: b[_others(w, d)],
        "The bias is a part of the logit, as the weight is.",
    ),
]


def _others(weight, dropped: int) -> list[int]:
    """Return the numbers of the classes that stay."""
    return [each for each in range(len(weight)) if each != dropped]


@exercise(
    misconception="To drop a class from a softmax, drop its weights.",
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
            return p[:, _others(w, d)] - p[:, d : d + 1]

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
