"""7.3 Everything is foreground."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from unet_tutorial.teaching.checks.answer_types.modules import (
    find_difference_of_modules,
    make_module,
    run_module,
)
from unet_tutorial.teaching.checks.chapter_07.layer_weights import draw_integers
from unet_tutorial.teaching.checks.compare import (
    call_answer,
    format_difference,
    hint_for_mistake,
    hint_for_type_or_shape,
)
from unet_tutorial.teaching.checks.exercise import exercise, refuse
from unet_tutorial.teaching.checks.values import format_value, is_equal, to_plain_value


def _make_head(
    forward: Callable = lambda z: z,
    loss: Callable = F.binary_cross_entropy_with_logits,
    mask: Callable = lambda z: z > 0,
) -> type[nn.Module]:
    """Return a class with these functions after the convolution, in the loss and in the mask."""

    class Head(nn.Module):
        def __init__(self, in_channels):
            super().__init__()
            self.last = nn.Conv2d(in_channels, 1, kernel_size=1)

        def forward(self, x):
            return forward(self.last(x))

        def loss(self, x, target):
            return loss(self(x), target)

        def mask(self, x):
            return mask(self(x))

    return Head


REFERENCE = _make_head()
MISTAKES = [
    (_make_head(torch.sigmoid, mask=lambda p: p.sigmoid() > 0.5),
     "The mask compares numbers that are never below its threshold. How many sigmoids have they "
     "been through?"),
    (_make_head(torch.sigmoid, F.binary_cross_entropy, lambda p: p > 0.5),
     "forward still returns probabilities. What does the network learn from the most wrong pixel "
     "with a loss on probabilities? It should stop at logits."),
    (_make_head(torch.sigmoid, mask=lambda p: p > 0.5),
     "forward still returns probabilities, and the loss applies another sigmoid. Which one can "
     "go?"),
    (_make_head(mask=lambda z: z > 0.5),
     "A threshold of 0.5 is for the probability. Which logit belongs to it?"),
    (_make_head(mask=lambda z: z >= 0), "A probability of exactly 0.5 isn't above 0.5."),
    (_make_head(loss=lambda z, t: F.binary_cross_entropy_with_logits(z.sigmoid(), t)),
     "The loss applies a sigmoid to the logits, and PyTorch then applies another one."),
    (_make_head(loss=lambda z, t: F.binary_cross_entropy(z.sigmoid(), t)),
     "This loss takes the logarithm of a probability, so PyTorch caps it at 100 for the most "
     "wrong pixel. Which loss takes logits?"),
    (_make_head(loss=lambda z, t: -(t * z.sigmoid().log() + (1 - t) * (-z).sigmoid().log()).mean()),
     "In float32, the probability of the most wrong pixel is 0, and its logarithm minus infinity. "
     "Which loss takes logits?"),
]  # fmt: skip
_STEPS = ("forward", "mask", "loss")
_OTHERWISE = {
    "forward": "forward returns the convolution's output, and does nothing more.",
    "mask": "The mask is True where the probability is above 0.5.",
    "loss": "The loss is the mean cross-entropy of the logits and the target.",
}


def _make_cases(seed: int) -> list[tuple[Tensor, float, Tensor, Tensor]]:
    """Return (weight, bias, x, target); in every second case, a pixel is as wrong as can be."""
    generator, cases = torch.Generator().manual_seed(seed), []
    for n, c, h, w, bias in [
        (2, 3, 4, 5, 0.25),
        (1, 4, 3, 7, -0.5),
        (3, 1, 6, 2, 0),
        (1, 2, 1, 1, 0),
    ]:
        weight = (draw_integers((1, c, 1, 1), generator) + 0.5) / 4
        x = draw_integers((n, c, h, w), generator) / 4
        x[-1, :, -1, -1] = 0  # without a bias, a probability of exactly one half
        target = torch.randint(0, 2, (n, 1, h, w), generator=generator).float()
        target[0, 0, 0, 0] = 1
        most_wrong = x.clone()
        most_wrong[0, :, 0, 0] = -200 * weight[0, :, 0, 0] / weight.square().sum()
        cases += [(weight, bias, x, target), (weight, bias, most_wrong, target)]
    return cases


def _make_trained_head(answer: object, weight: Tensor, bias: float) -> nn.Module:
    """Return a head whose only convolution has this weight and bias."""
    head = make_module(answer, weight.shape[1])
    found = list(nn.Module.parameters(head))
    convolutions = [each for each in nn.Module.modules(head) if isinstance(each, nn.Conv2d)]
    if len(convolutions) != 1 or [tuple(p.shape) for p in found] != [tuple(weight.shape), (1,)]:
        refuse(
            "The head's parameters must stay those of one nn.Conv2d, in_channels to 1, kernel 1.",
            got=f"{len(convolutions)} Conv2d, and shapes {[tuple(p.shape) for p in found]}",
        )
    with torch.no_grad():
        found[0].copy_(weight)
        found[1].fill_(bias)
    return head


def _run_head(answer: object, weight: Tensor, bias: float, x: Tensor, target: Tensor) -> dict:
    """Return the results of the three methods in eval mode, without gradients."""
    head = _make_trained_head(answer, weight, bias)
    for name in _STEPS:
        if not hasattr(head, name):
            refuse(f"Keep the three methods: {name} is missing.")
    with torch.no_grad():
        mask, loss = call_answer(head.mask, x), call_answer(head.loss, x, target)
    return {"forward": run_module(head, x), "mask": mask, "loss": loss}


def _compare_results(answer: object, cases: list[tuple]) -> None:
    """Refuse a head whose methods return other values than they should."""
    for case in cases:
        got, wanted = _run_head(answer, *case), _run_head(REFERENCE, *case)
        for step in _STEPS:
            if not is_equal(got[step], wanted[step], 1e-4):
                refuse(
                    _hint_for_head(answer, step, cases)
                    or hint_for_type_or_shape(got[step], wanted[step])
                    or _OTHERWISE[step],
                    tried=f"{step} of features {tuple(case[2].shape)}, with logits from "
                    f"{wanted['forward'].min():.2f} to {wanted['forward'].max():.2f}",
                    **format_difference(got[step], wanted[step], 1e-4),
                )


def _hint_for_head(answer: object, step: str, cases: list[tuple]) -> str | None:
    """Return the hint of the mistake that agrees in all results, or else in a few."""
    for steps in (_STEPS, ("forward", "loss"), (step,)):

        def run(each: object, *case: object, steps: tuple = steps) -> tuple:
            results = _run_head(each, *case)
            return tuple(results[step] for step in steps)

        wrong = [(partial(run, each), hint) for each, hint in MISTAKES]
        functions = partial(run, answer), partial(run, REFERENCE)
        if hint := hint_for_mistake(wrong, *functions, cases, 1e-4):
            return hint
    return None


def _require_bool(answer: object, case: tuple) -> None:
    """Refuse a mask of zeros and ones."""
    mask = to_plain_value(_run_head(answer, *case)["mask"])
    if not isinstance(mask, Tensor) or mask.dtype != torch.bool:
        got = str(mask.dtype) if isinstance(mask, Tensor) else format_value(mask)
        hint = "The mask's values are right, but its dtype must be bool."
        refuse(hint, expected="torch.bool", got=got)


class _Loss(nn.Module):
    """Run a head's loss, as a module that can be compared in both modes."""

    def __init__(self, head: nn.Module, target: Tensor) -> None:
        super().__init__()
        self.head, self.target = head, target

    def forward(self, x: Tensor) -> Tensor:
        return self.head.loss(x, self.target)


def _compare_training(answer: object, case: tuple) -> None:
    """Refuse a head whose gradients differ, or whose results in train mode do."""
    *layer, x, target = case
    x = x + torch.linspace(0.01, 0.02, x.numel()).view(x.shape).to(x)  # a loss may bend at logit 0
    heads = [_make_trained_head(each, *layer) for each in (answer, REFERENCE)]
    losses = [_Loss(head, target) for head in heads]
    for step, modules in (("forward", heads), ("loss", losses)):
        if place := find_difference_of_modules(*modules, x):
            hint = (
                f"In eval mode, the values of {step} are right. It should do the same in every "
                "mode, and the gradient should pass through it."
            )
            refuse(hint, tried=f"{step} of features {tuple(x.shape)}", got=f"{place}: different")
    masks = [call_answer(head.train().mask, x) for head in heads]
    if not is_equal(*masks):
        refuse("The mask is another one in train mode.", **format_difference(*masks))


@exercise(
    misconception="One more sigmoid does no harm, since it keeps the order of the pixels.",
    question=(
        "A sigmoid keeps the order of the pixels. So can I put one more at the end? What's then "
        "the smallest probability in the picture?"
    ),
    hints=(
        "What are the smallest and the largest values of sigmoid(sigmoid(z))?",
        "Count the sigmoids between the convolution and the loss, then those between the "
        "convolution and the mask. One of them is inside a function with a long name.",
        "`forward` should end with the convolution. Then the loss and the mask each have one "
        "sigmoid left.",
    ),
)
def mended_head(Head, *, seed=0) -> str:
    """Check the class Head(in_channels) with its methods forward, loss and mask."""
    cases = _make_cases(seed)
    _compare_results(Head, cases)
    for case in cases:
        _require_bool(Head, case)
        _compare_training(Head, case)
    return f"logits, loss and mask of {len(cases)} batches, some with a pixel as wrong as can be"
