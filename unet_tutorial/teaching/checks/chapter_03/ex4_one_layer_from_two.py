"""3.4 One layer from two."""

from __future__ import annotations

import types
from functools import wraps

import torch
import torch.nn.functional as F
from torch import nn

from unet_tutorial.teaching.checks.chapter_03.normalising import EPS
from unet_tutorial.teaching.checks.compare import (
    call_answer,
    describe,
)
from unet_tutorial.teaching.checks.exercise import exercise, refuse
from unet_tutorial.teaching.checks.values import equal_within, format_value


def _folded(answer: object, conv: nn.Conv2d, norm: nn.BatchNorm2d) -> object:
    """Return answer(conv, norm); refuse a function that changes the two."""
    if not isinstance(answer, types.FunctionType):
        return call_answer(answer, conv, norm)

    @wraps(answer)
    def watched(conv, norm):
        before = _state_of(conv) + _state_of(norm)
        result = answer(conv, norm)
        if not equal_within(_state_of(conv) + _state_of(norm), before, 0.0):
            refuse("The function changes the layers that it is given. Make a new nn.Conv2d.")
        return result

    return call_answer(watched, conv, norm)


def _state_of(layer: nn.Module) -> list[torch.Tensor]:
    """Return copies of all tensors of a layer."""
    return [tensor.detach().clone() for tensor in nn.Module.state_dict(layer).values()]


def _need_folded(got: object, conv: nn.Conv2d, norm: nn.BatchNorm2d) -> None:
    """Refuse what is not one convolution that does what both layers do."""
    if isinstance(got, nn.Sequential):
        refuse("These are several layers still. One nn.Conv2d is asked for.", got=format_value(got))
    if type(got) is not nn.Conv2d:
        refuse("The function must return an nn.Conv2d.", got=describe(got))
    names = ("in_channels", "out_channels", "kernel_size", "stride", "padding")
    for name in names:
        if getattr(got, name) != getattr(conv, name):
            refuse(
                f"The new layer must have conv's {name}.",
                tried=str(conv),
                got=f"{name} {getattr(got, name)}",
            )
    if got.bias is None:
        refuse("The new layer needs a bias, even where conv has none. Why?", tried=str(conv))
    x = torch.randn(2, conv.in_channels, 9, 12, dtype=torch.float64)
    weight, bias = (tensor.detach().double() for tensor in (got.weight, got.bias))
    with torch.no_grad():
        output = F.conv2d(x, weight, bias, conv.stride, conv.padding)
        if not equal_within(output, norm(conv(x))):
            refuse(
                _hint_on_folded(weight, bias, conv, norm),
                tried=f"{conv}, then a norm with eps={norm.eps}",
                got="another output than of the two layers",
            )


def _hint_on_folded(
    weight: torch.Tensor, bias: torch.Tensor, conv: nn.Conv2d, norm: nn.BatchNorm2d
) -> str:
    """Return the hint for the weight and the bias of a folded layer that are not right."""
    old = conv.bias if conv.bias is not None else torch.zeros_like(norm.bias)
    gamma, beta, mean, variance = norm.weight, norm.bias, norm.running_mean, norm.running_var
    deviation = torch.sqrt(variance + norm.eps)

    def times(scale: torch.Tensor) -> torch.Tensor:
        return scale[:, None, None, None] * conv.weight

    scale = gamma / deviation
    own_eps = "The eps under the root is missing, or not the norm's own: norm.eps."
    weights: list[tuple[torch.Tensor, str]] = [
        (times(gamma / torch.sqrt(variance)), own_eps),
        (times(gamma / torch.sqrt(variance + EPS)), own_eps),
        (times(gamma / (variance + norm.eps)), "Divide by the root of the variance."),
        (times(1 / deviation), "The norm's own scale, its weight, is missing."),
        (times(gamma), "The running variance is missing."),
        (conv.weight, "The weight is conv's own. What does the norm multiply each channel by?"),
    ]
    if conv.in_channels == conv.out_channels:
        along = "The scale lies along the input channels. Whose channels does norm normalise?"
        weights.append((scale[:, None, None] * conv.weight, along))
    biases = [
        (scale * (old - mean), "The norm's own shift, its bias, is missing."),
        (-scale * mean + beta, "The bias that conv had is lost."),
        (old - scale * mean + beta, "What scales conv's output scales conv's bias too."),
        (scale * old + beta, "The running mean is missing."),
        (scale * old - mean + beta, "The mean is subtracted before the scale is applied."),
        (scale * (old + mean) + beta, "The mean is subtracted, not added."),
        (beta, "The running mean is missing."),
    ]
    if not equal_within(weight, times(scale)):
        hints = [text for each, text in weights if equal_within(weight, each)]
        return (hints or ["The weight is not right: multiply each output channel's kernel."])[0]
    hints = [text for each, text in biases if equal_within(bias, each)]
    return (hints or ["The weight is right, the bias is not. What comes out for an input of 0?"])[0]


@exercise(
    misconception="A BatchNorm has to be computed, in eval mode too.",
    hints=(
        "In eval mode a BatchNorm multiplies each channel by a number and adds a number. Which "
        "numbers? Write y = a · x + s with the running mean and variance.",
        "x is conv's output, a sum of weight times pixel, plus conv's bias. So a goes into the "
        "weights of that output channel. What does a do with conv's own bias?",
        "Scale each output channel's kernel by a = gamma / sqrt(running_var + eps). For the bias, "
        "follow an input of zeros through both layers: what leaves conv, and what leaves norm?",
    ),
)
def one_layer_from_two(answer, *, seed=0) -> str:
    """Check a function (conv, norm) that returns one Conv2d, equal to both in eval mode."""
    torch.manual_seed(seed)
    cases = [
        nn.Conv2d(3, 3, 3, padding=1, bias=False),
        nn.Conv2d(2, 5, (3, 5), stride=2, padding=(1, 2)),
        nn.Conv2d(4, 3, 1, bias=False),
        nn.Conv2d(1, 4, 3),
    ]
    for number, conv in enumerate(cases):
        conv = conv.double().eval()
        norm = nn.BatchNorm2d(conv.out_channels, eps=0.1 if number else 1e-5).double().eval()
        for tensor in (norm.weight, norm.bias, norm.running_mean):
            nn.init.uniform_(tensor, -2, 2)
        nn.init.uniform_(norm.running_var, 0.1, 3)
        _need_folded(_folded(answer, conv, norm), conv, norm)
    return f"one convolution in place of two layers, {len(cases)} times, with a bias before or not"
