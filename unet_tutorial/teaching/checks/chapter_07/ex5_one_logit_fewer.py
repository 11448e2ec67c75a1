"""7.5 One logit fewer."""

from __future__ import annotations

from collections.abc import Callable

import torch

from unet_tutorial.teaching.checks.chapter_07.layer_weights import compare_layers, draw_integers
from unet_tutorial.teaching.checks.exercise import exercise


def _make_fewer(change: Callable) -> Callable:
    """Return fewer(weight, bias, dropped), which applies change(values, kept, dropped) to both."""

    def fewer(weight, bias, dropped):
        kept = [each for each in range(len(bias)) if each != dropped]
        return change(weight, kept, dropped), change(bias, kept, dropped)

    return fewer


_drop_class = _make_fewer(lambda values, kept, dropped: values[kept])

REFERENCE = _make_fewer(lambda values, kept, dropped: values[kept] - values[dropped])
MISTAKES = [
    (lambda *case: (REFERENCE(*case)[0], _drop_class(*case)[1]),
     "The bias is part of the logit too."),
    (_drop_class,
     "Without its weights the dropped class no longer competes: a logit of 0 in its place "
     "changes the probabilities."),
    (_make_fewer(lambda values, kept, dropped: values[1:] - values[0]),
     "That always drops class 0, not the class `dropped`."),
    (_make_fewer(lambda values, kept, dropped: values[dropped] - values[kept]),
     "The sign is wrong: a weight that raised a remaining class's logit must still raise it."),
    (_make_fewer(lambda values, kept, dropped: values[kept] - values.mean(0)),
     "Subtracting the mean changes no probability, but then the dropped class's logit isn't 0."),
]  # fmt: skip


@exercise(
    misconception="To drop a class from a softmax, drop its weights.",
    question=(
        "A network has three classes and you want two. What happens to the probabilities of the "
        "other two when you delete the weights of one?"
    ),
    hints=(
        "Which number can you subtract from all logits of a pixel without changing a probability?",
        "Subtract the dropped class's logit: z_k - z_dropped. What does its own logit become?",
        "The difference of two linear layers is a linear layer: subtract the dropped class's "
        "weights and bias from those of each other class.",
    ),
)
def one_logit_fewer(fewer, *, seed=0) -> str:
    """Check fewer(weight, bias, dropped), which returns the weight and bias of K - 1 classes."""
    generator = torch.Generator().manual_seed(seed)
    cases = []
    for k, c, dropped in [(2, 3, 0), (2, 2, 1), (3, 2, 1), (4, 3, 3), (3, 1, 0), (5, 5, 2)]:
        weight = draw_integers((k, c, 1, 1), generator) / 2
        bias = torch.randperm(9, generator=generator)[:k].float() / 2 - 2
        cases.append((weight, bias, dropped))
    number = compare_layers(
        fewer,
        REFERENCE,
        cases,
        mistakes=MISTAKES,
        otherwise="With a logit of 0 for the dropped class, the softmax must be unchanged.",
        describe=lambda weight, bias, dropped: (
            f"{len(bias)} classes over {weight.shape[1]} channels, dropped class {dropped}"
        ),
    )
    return f"{number} layers of 2 to 5 classes keep their probabilities"
