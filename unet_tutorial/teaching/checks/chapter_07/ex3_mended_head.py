"""7.3 Everything is foreground."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from unet_tutorial.teaching.checks.answers.modules import make_module, output_of
from unet_tutorial.teaching.checks.chapter_07.pixelwise import whole
from unet_tutorial.teaching.checks.compare import call_answer
from unet_tutorial.teaching.checks.exercise import exercise, refuse
from unet_tutorial.teaching.checks.values import equal_within, format_value


def _weights_of(head: torch.nn.Module, channels: int) -> tuple[Tensor, Tensor]:
    """Return the weight and the bias of the head's only convolution."""
    found = list(torch.nn.Module.parameters(head))
    if [tuple(p.shape) for p in found] != [(1, channels, 1, 1), (1,)]:
        refuse(
            "The head's parameters must stay those of one Conv2d, in_channels to 1, kernel 1.",
            got=f"shapes {[tuple(p.shape) for p in found]}",
        )
    return found[0], found[1]


def _compare_outputs(head: torch.nn.Module, x: Tensor, target: Tensor, logits: Tensor) -> None:
    """Refuse a head whose forward does not give the logits, or whose mask does not fit them."""
    tried = f"features {tuple(x.shape)}, some with positive and some with negative logits"
    got = output_of(head, x)
    mask, loss = _result_of(head, "mask", x), _result_of(head, "loss", x, target)
    if isinstance(mask, Tensor) and bool((mask == 1).all()):
        share = float((logits > 0).double().mean())
        refuse(
            "The mask compares numbers that never fall below its threshold. How many sigmoids "
            "have they been through?",
            tried=tried,
            expected=f"a mask with {share:.0%} foreground",
            got="a mask with 100% foreground",
        )
    if not equal_within(got, logits):
        refuse(
            _hint_on_forward(got, loss, logits, target),
            tried=tried,
            expected=f"forward gives logits, from {logits.min():.1f} to {logits.max():.1f}",
            got=f"forward gives {got.min():.1f} to {got.max():.1f}",
        )
    if not equal_within(mask, logits > 0):
        hint = "The mask is True where the probability lies above 0.5, and of dtype bool."
        if equal_within(mask, logits > 0.5):
            hint = "A threshold of 0.5 is one on the probability. Which logit belongs to it?"
        refuse(hint, tried=tried, expected=format_value(logits > 0), got=format_value(mask))


def _compare_loss(head: torch.nn.Module, x: Tensor, target: Tensor, logits: Tensor) -> None:
    """Refuse a head whose loss is not that of the logits."""
    loss = _result_of(head, "loss", x, target)
    right = F.binary_cross_entropy_with_logits(logits, target)
    if not equal_within(loss, right):
        refuse(
            _hint_on_loss(loss, logits, target),
            tried=f"features {tuple(x.shape)}, one foreground pixel with a logit near -200",
            expected=f"a loss of {format_value(right)}",
            got=f"a loss of {format_value(loss)}",
        )


def _result_of(head: torch.nn.Module, name: str, *arguments: Tensor) -> object:
    """Return what one of the head's methods gives, without gradients."""
    if not hasattr(head, name):
        refuse(f"Keep the three methods: {name} is missing.")
    with torch.no_grad():
        return call_answer(getattr(head, name), *arguments)


def _hint_on_forward(got: Tensor, loss: object, logits: Tensor, target: Tensor) -> str:
    """Return the hint for a head that does not give out its logits."""
    p = logits.sigmoid()
    if not equal_within(got, p):
        return "forward gives out what the convolution gives, nothing more."
    if equal_within(loss, F.binary_cross_entropy_with_logits(p, target)):
        return "The mask is mended, but the loss still meets a sigmoid twice. Which one goes?"
    return (
        "forward still gives probabilities. What does a loss made from them teach the pixel that "
        "is most wrong? The network stops at logits."
    )


def _hint_on_loss(loss: object, logits: Tensor, target: Tensor) -> str:
    """Return the hint for a wrong loss of right logits."""
    p = logits.sigmoid()
    if equal_within(loss, F.binary_cross_entropy_with_logits(p, target)):
        return "The loss puts a sigmoid on the logits before PyTorch does so once more."
    if equal_within(loss, F.binary_cross_entropy(p, target)):
        return (
            "The loss of the pixel that is most wrong is capped at 100, since it is the logarithm "
            "of a probability. Which loss takes logits?"
        )
    return "The loss is the mean cross-entropy of the logits and the target."


@exercise(
    misconception="A sigmoid more does no harm, since it keeps the order of the pixels.",
    hints=(
        "Between which two numbers does sigmoid(sigmoid(z)) lie?",
        "Count the sigmoids between the convolution and the loss, then those between the "
        "convolution and the mask. One of them is inside a function with a long name.",
        "`forward` should end with the convolution. Then the loss and the mask each have one "
        "sigmoid left.",
    ),
)
def mended_head(Head, *, seed=0) -> str:
    """Check the class Head(in_channels) with its methods forward, loss and mask."""
    generator = torch.Generator().manual_seed(seed)
    for n, c, h, w, b in [(2, 3, 4, 5, 0.25), (1, 4, 3, 7, -0.5), (3, 1, 6, 2, 0)]:
        head = make_module(Head, c)
        weight, bias = _weights_of(head, c)
        with torch.no_grad():
            weight.copy_((whole(weight.shape, generator) + 0.5) / 4)
            bias.fill_(b)
        x = whole((n, c, h, w), generator) / 4
        x[-1, :, -1, -1] = 0  # without a bias, a probability of exactly one half
        target = torch.randint(0, 2, (n, 1, h, w), generator=generator).double()
        w1 = weight[0, :, 0, 0].detach()
        most_wrong = x.clone()
        most_wrong[0, :, 0, 0] = -200 * w1 / (w1 @ w1)
        target[0, 0, 0, 0] = 1
        logits = [F.conv2d(each, weight, bias).detach() for each in (x, most_wrong)]
        _compare_outputs(head, x, target, logits[0])
        _compare_loss(head, most_wrong, target, logits[1])
    return "logits, loss and mask of 3 batches, one pixel of each as wrong as can be"
