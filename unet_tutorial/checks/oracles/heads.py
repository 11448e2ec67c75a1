"""Answers that are a network's end: what it gives out, its loss, its mask."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from unet_tutorial.checks.compare import call
from unet_tutorial.checks.exercise import refuse
from unet_tutorial.checks.oracles.modules import output_of
from unet_tutorial.checks.values import same, shown


def weights_of(head: torch.nn.Module, channels: int) -> tuple[Tensor, Tensor]:
    """Return the weight and the bias of the head's only convolution."""
    found = list(torch.nn.Module.parameters(head))
    if [tuple(p.shape) for p in found] != [(1, channels, 1, 1), (1,)]:
        refuse(
            "The head's parameters must stay those of one Conv2d, in_channels to 1, kernel 1.",
            came=f"shapes {[tuple(p.shape) for p in found]}",
        )
    return found[0], found[1]


def compare_outputs(head: torch.nn.Module, x: Tensor, target: Tensor, logits: Tensor) -> None:
    """Refuse a head whose forward does not give the logits, or whose mask does not fit them."""
    tried = f"features {tuple(x.shape)}, some with positive and some with negative logits"
    came = output_of(head, x)
    mask, loss = result_of(head, "mask", x), result_of(head, "loss", x, target)
    if isinstance(mask, Tensor) and bool((mask == 1).all()):
        share = float((logits > 0).double().mean())
        refuse(
            "The mask compares numbers that never fall below its threshold. How many sigmoids "
            "have they been through?",
            tried=tried,
            expected=f"a mask with {share:.0%} foreground",
            came="a mask with 100% foreground",
        )
    if not same(came, logits):
        refuse(
            hint_on_forward(came, loss, logits, target),
            tried=tried,
            expected=f"forward gives logits, from {logits.min():.1f} to {logits.max():.1f}",
            came=f"forward gives {came.min():.1f} to {came.max():.1f}",
        )
    if not same(mask, logits > 0):
        hint = "The mask is True where the probability lies above 0.5, and of dtype bool."
        if same(mask, logits > 0.5):
            hint = "A threshold of 0.5 is one on the probability. Which logit belongs to it?"
        refuse(hint, tried=tried, expected=shown(logits > 0), came=shown(mask))


def compare_loss(head: torch.nn.Module, x: Tensor, target: Tensor, logits: Tensor) -> None:
    """Refuse a head whose loss is not that of the logits."""
    loss = result_of(head, "loss", x, target)
    right = F.binary_cross_entropy_with_logits(logits, target)
    if not same(loss, right):
        refuse(
            hint_on_loss(loss, logits, target),
            tried=f"features {tuple(x.shape)}, one foreground pixel with a logit near -200",
            expected=f"a loss of {shown(right)}",
            came=f"a loss of {shown(loss)}",
        )


def result_of(head: torch.nn.Module, name: str, *arguments: Tensor) -> object:
    """Return what one of the head's methods gives, without gradients."""
    if not hasattr(head, name):
        refuse(f"Keep the three methods: {name} is missing.")
    with torch.no_grad():
        return call(getattr(head, name), *arguments)


def hint_on_forward(came: Tensor, loss: object, logits: Tensor, target: Tensor) -> str:
    """Return the hint for a head that does not give out its logits."""
    p = logits.sigmoid()
    if not same(came, p):
        return "forward gives out what the convolution gives, nothing more."
    if same(loss, F.binary_cross_entropy_with_logits(p, target)):
        return "The mask is mended, but the loss still meets a sigmoid twice. Which one goes?"
    return (
        "forward still gives probabilities. What does a loss made from them teach the pixel that "
        "is most wrong? The network stops at logits."
    )


def hint_on_loss(loss: object, logits: Tensor, target: Tensor) -> str:
    """Return the hint for a wrong loss of right logits."""
    p = logits.sigmoid()
    if same(loss, F.binary_cross_entropy_with_logits(p, target)):
        return "The loss puts a sigmoid on the logits before PyTorch does so once more."
    if same(loss, F.binary_cross_entropy(p, target)):
        return (
            "The loss of the pixel that is most wrong is capped at 100, since it is the logarithm "
            "of a probability. Which loss takes logits?"
        )
    return "The loss is the mean cross-entropy of the logits and the target."
