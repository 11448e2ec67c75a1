"""7.5 One logit fewer."""

from __future__ import annotations

from collections.abc import Callable

import torch

from unet_tutorial.teaching.checks.chapter_07.layer_weights import compare_layer, draw_integers
from unet_tutorial.teaching.checks.exercise import exercise


def _change_both(change: Callable) -> Callable:
    """Return fewer(weight, bias, dropped) with change(values, kept, dropped) of both tensors."""

    def fewer(weight, bias, dropped):
        kept = [each for each in range(len(bias)) if each != dropped]
        return change(weight, kept, dropped), change(bias, kept, dropped)

    return fewer


_without_dropped = _change_both(lambda values, kept, dropped: values[kept])

REFERENCE = _change_both(lambda values, kept, dropped: values[kept] - values[dropped])
MISTAKES = [
    (lambda *case: (REFERENCE(*case)[0], _without_dropped(*case)[1]),
     "The bias is a part of the logit, as the weight is."),
    (_without_dropped,
     "Without its weights the dropped class no longer competes: putting a 0 in its place changes "
     "the probabilities."),
    (_change_both(lambda values, kept, dropped: values[1:] - values[0]),
     "That drops class 0, whichever one was asked for."),
    (_change_both(lambda values, kept, dropped: values[dropped] - values[kept]),
     "The sign is turned round: what speaks for a class that stays must raise its logit."),
    (_change_both(lambda values, kept, dropped: values[kept] - values.mean(0)),
     "Taking off the mean changes no probability, but the dropped class's logit is not 0 then."),
]  # fmt: skip


@exercise(
    misconception="To drop a class from a softmax, drop its weights.",
    question=(
        "A network has three classes and you want two. What happens to the probabilities of the "
        "other two when you delete the weights of one?"
    ),
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
        weight = draw_integers((k, c, 1, 1), generator) / 2
        bias = torch.randperm(9, generator=generator)[:k].double() / 2 + 1
        compare_layer(
            fewer,
            REFERENCE,
            (weight, bias, dropped),
            mistakes=MISTAKES,
            otherwise="With a 0 put back for the dropped class, the softmax must be what it was.",
            tried=f"{k} classes over {c} channels, dropped class {dropped}",
        )
    return f"{len(cases)} layers of 2 to 4 classes keep their probabilities"
