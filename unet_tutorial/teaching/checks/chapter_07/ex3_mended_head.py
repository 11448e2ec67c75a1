"""7.3 Everything is foreground."""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from unet_tutorial.teaching.checks.answer_types.modules import make_module, run_module
from unet_tutorial.teaching.checks.chapter_07.layer_weights import draw_integers
from unet_tutorial.teaching.checks.compare import call_answer
from unet_tutorial.teaching.checks.exercise import exercise, refuse
from unet_tutorial.teaching.checks.values import format_value, is_equal


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
    (_make_head(torch.sigmoid, F.binary_cross_entropy, lambda p: p > 0.5),
     "forward still returns probabilities. What does the network learn from the most wrong pixel "
     "with a loss on probabilities? It should stop at logits."),
    (_make_head(torch.sigmoid, mask=lambda p: p > 0.5),
     "The mask is fixed, but the loss still applies a sigmoid twice. Which one can go?"),
    (_make_head(mask=lambda z: z > 0.5),
     "A threshold of 0.5 is for the probability. Which logit belongs to it?"),
    (_make_head(loss=lambda z, t: F.binary_cross_entropy_with_logits(z.sigmoid(), t)),
     "The loss applies a sigmoid to the logits, and PyTorch then applies another one."),
    (_make_head(loss=lambda z, t: F.binary_cross_entropy(z.sigmoid(), t)),
     "This loss takes the logarithm of a probability, so PyTorch caps it at 100 for the most "
     "wrong pixel. Which loss takes logits?"),
]  # fmt: skip
_OTHERWISE = {
    "forward": "forward returns the convolution's output, and does nothing more.",
    "mask": "The mask is True where the probability is above 0.5, and of dtype bool.",
    "loss": "The loss is the mean cross-entropy of the logits and the target.",
}


def _set_weights(head: nn.Module, weight: Tensor, bias: float) -> nn.Module:
    """Set the weight and the bias of a head's only convolution; return the head."""
    found = list(nn.Module.parameters(head))
    if [tuple(p.shape) for p in found] != [tuple(weight.shape), (1,)]:
        refuse(
            "The head's parameters must stay those of one Conv2d, in_channels to 1, kernel 1.",
            got=f"shapes {[tuple(p.shape) for p in found]}",
        )
    with torch.no_grad():
        found[0].copy_(weight)
        found[1].fill_(bias)
    return head


def _run_head(head: nn.Module, x: Tensor, target: Tensor) -> dict[str, object]:
    """Return the results of the three methods, without gradients."""
    results = {"forward": run_module(head, x)}
    for name, inputs in (("mask", (x,)), ("loss", (x, target))):
        if not hasattr(head, name):
            refuse(f"Keep the three methods: {name} is missing.")
        with torch.no_grad():
            results[name] = call_answer(getattr(head, name), *inputs)
    return results


def _compare_heads(heads: list[nn.Module], x: Tensor, target: Tensor, tried: str) -> None:
    """Refuse the first head if it differs from the second; the others are the MISTAKES."""
    got, wanted, *wrong = (_run_head(head, x, target) for head in heads)
    _require_background(got["mask"], wanted["forward"], tried)
    for step, otherwise in _OTHERWISE.items():
        if is_equal(got[step], wanted[step]):
            continue
        likely = (
            hint
            for keys in (("forward", step, "loss"), ("forward", step))  # the closest one first
            for results, (_, hint) in zip(wrong, MISTAKES, strict=True)
            if all(is_equal(got[key], results[key]) for key in keys)
        )
        refuse(
            next(likely, otherwise),
            tried=tried,
            expected=_format_result(step, wanted[step], "logits, from "),
            got=_format_result(step, got[step]),
        )


def _require_background(mask: object, logits: Tensor, tried: str) -> None:
    """Refuse a mask that is foreground everywhere."""
    if isinstance(mask, Tensor) and bool((mask == 1).all()):
        share = float((logits > 0).double().mean())
        refuse(
            "The mask compares numbers that are never below its threshold. How many sigmoids have "
            "they been through?",
            tried=tried,
            expected=f"a mask with {share:.0%} foreground",
            got="a mask with 100% foreground",
        )


def _format_result(step: str, value: object, kind: str = "") -> str:
    if step == "forward":
        return f"forward returns {kind}{value.min():.1f} to {value.max():.1f}"
    return f"a loss of {format_value(value)}" if step == "loss" else format_value(value)


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
    generator = torch.Generator().manual_seed(seed)
    for n, c, h, w, bias in [(2, 3, 4, 5, 0.25), (1, 4, 3, 7, -0.5), (3, 1, 6, 2, 0)]:
        weight = (draw_integers((1, c, 1, 1), generator) + 0.5) / 4
        x = draw_integers((n, c, h, w), generator) / 4
        x[-1, :, -1, -1] = 0  # without a bias, a probability of exactly one half
        target = torch.randint(0, 2, (n, 1, h, w), generator=generator).double()
        target[0, 0, 0, 0] = 1
        most_wrong = x.clone()
        most_wrong[0, :, 0, 0] = -200 * weight[0, :, 0, 0] / weight.square().sum()
        classes = (Head, REFERENCE, *(wrong for wrong, _ in MISTAKES))
        heads = [_set_weights(make_module(each, c), weight, bias) for each in classes]
        features = f"features {tuple(x.shape)}"
        several = f"{features}, some with positive and some with negative logits"
        _compare_heads(heads, x, target, several)
        extreme = f"{features}, one foreground pixel with a logit near -200"
        _compare_heads(heads, most_wrong, target, extreme)
    return "logits, loss and mask of 3 batches, one pixel of each as wrong as can be"
