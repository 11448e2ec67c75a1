"""3.4 One layer from two."""

from __future__ import annotations

import copy
import types
from collections.abc import Callable
from functools import wraps
from operator import attrgetter

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from unet_tutorial.teaching.checks.compare import call_answer, describe, hint_for_mistake
from unet_tutorial.teaching.checks.exercise import exercise, refuse
from unet_tutorial.teaching.checks.values import format_value, is_equal


def _compute_scale(norm: nn.BatchNorm2d) -> Tensor:
    return norm.weight / torch.sqrt(norm.running_var + norm.eps)


def _scale_weight(scale: Tensor, conv: nn.Conv2d) -> Tensor:
    return scale[:, None, None, None] * conv.weight


def _shift_bias(scale: Tensor, old: Tensor, norm: nn.BatchNorm2d) -> Tensor:
    """Return the new bias; `old` is conv's bias, or 0 if it has none."""
    return scale * (old - norm.running_mean) + norm.bias


def _make_fold(*, scale=_compute_scale, weight=_scale_weight, bias=_shift_bias) -> Callable:
    """Return a function that folds a norm into a conv, with these steps."""

    def fold(conv: nn.Conv2d, norm: nn.BatchNorm2d) -> nn.Conv2d:
        a, new = scale(norm), copy.deepcopy(conv)
        old = torch.zeros_like(norm.bias) if conv.bias is None else conv.bias
        new.weight = nn.Parameter(weight(a, conv).detach())
        new.bias = nn.Parameter(bias(a, old, norm).detach())
        return new

    return fold


REFERENCE = _make_fold()
_OWN_EPS = "The eps under the root is missing, or it isn't norm.eps."
MISTAKES = [
    (_make_fold(scale=lambda norm: norm.weight / torch.sqrt(norm.running_var)), _OWN_EPS),
    (_make_fold(scale=lambda norm: norm.weight / torch.sqrt(norm.running_var + 1e-5)), _OWN_EPS),
    (_make_fold(scale=lambda norm: norm.weight / (norm.running_var + norm.eps)),
     "Divide by the root of the variance."),
    (_make_fold(scale=lambda norm: 1 / torch.sqrt(norm.running_var + norm.eps)),
     "The norm's scale, its weight, is missing."),
    (_make_fold(scale=lambda norm: norm.weight), "The running variance is missing."),
    (_make_fold(weight=lambda a, conv: conv.weight),
     "The weight is still conv's. What does the norm multiply each channel by?"),
    (_make_fold(weight=lambda a, conv: a[:, None, None] * conv.weight),
     "The scale runs along the input channels. Which channels does norm normalise?"),
    (_make_fold(bias=lambda a, old, norm: a * (old - norm.running_mean)),
     "The norm's shift, its bias, is missing."),
    (_make_fold(bias=lambda a, old, norm: -a * norm.running_mean + norm.bias),
     "The bias of conv is lost."),
    (_make_fold(bias=lambda a, old, norm: old - a * norm.running_mean + norm.bias),
     "Scaling conv's output also scales conv's bias."),
    (_make_fold(bias=lambda a, old, norm: a * old + norm.bias), "The running mean is missing."),
    (_make_fold(bias=lambda a, old, norm: a * old - norm.running_mean + norm.bias),
     "The mean is subtracted before the scale is applied."),
    (_make_fold(bias=lambda a, old, norm: a * (old + norm.running_mean) + norm.bias),
     "The mean is subtracted, not added."),
    (_make_fold(bias=lambda a, old, norm: norm.bias), "The running mean is missing."),
]  # fmt: skip


def _call_without_changes(answer: object, conv: nn.Conv2d, norm: nn.BatchNorm2d) -> object:
    """Return answer(conv, norm); refuse a function that changes these layers."""
    if not isinstance(answer, types.FunctionType):
        return call_answer(answer, conv, norm)

    @wraps(answer)
    def call_and_compare(conv, norm):
        before = _copy_state(conv) + _copy_state(norm)
        result = answer(conv, norm)
        if not is_equal(_copy_state(conv) + _copy_state(norm), before, 0.0):
            refuse("The function changes the layers that it gets. Make a new nn.Conv2d.")
        return result

    return call_answer(call_and_compare, conv, norm)


def _copy_state(layer: nn.Module) -> list[Tensor]:
    return [tensor.detach().clone() for tensor in nn.Module.state_dict(layer).values()]


def _require_folded(got: object, conv: nn.Conv2d, norm: nn.BatchNorm2d) -> None:
    """Refuse an answer that isn't one convolution equal to both layers."""
    if isinstance(got, nn.Sequential):
        refuse("These are still several layers. Return one nn.Conv2d.", got=format_value(got))
    if type(got) is not nn.Conv2d:
        refuse("The function must return an nn.Conv2d.", got=describe(got))
    for name in ("in_channels", "out_channels", "kernel_size", "stride", "padding"):
        if getattr(got, name) != getattr(conv, name):
            refuse(
                f"The new layer must have conv's {name}.",
                tried=str(conv),
                got=f"{name} {getattr(got, name)}",
            )
    if got.bias is None:
        refuse("The new layer needs a bias, even if conv has none. Why?", tried=str(conv))
    x = torch.randn(2, conv.in_channels, 9, 12, dtype=torch.float64)
    weight, bias = (tensor.detach().double() for tensor in (got.weight, got.bias))
    with torch.no_grad():
        output = F.conv2d(x, weight, bias, conv.stride, conv.padding)
        if not is_equal(output, norm(conv(x))):
            refuse(
                _hint_for_fold(got, conv, norm),
                tried=f"{conv}, then a norm with eps={norm.eps}",
                got="a different output than the two layers",
            )


def _hint_for_fold(got: nn.Conv2d, conv: nn.Conv2d, norm: nn.BatchNorm2d) -> str:
    """Return a hint about a folded layer's weight, or about its bias if the weight is right."""
    read = attrgetter("weight")
    otherwise = "The weight is not right: multiply each output channel's kernel."
    if is_equal(got.weight, REFERENCE(conv, norm).weight):
        read = attrgetter("weight", "bias")
        otherwise = "The weight is right, the bias is not. What is the output for an input of 0?"
    mistakes = [(lambda *case, wrong=wrong: read(wrong(*case)), hint) for wrong, hint in MISTAKES]
    return hint_for_mistake(mistakes, (conv, norm), read(got)) or otherwise


@exercise(
    misconception="A BatchNorm has to be computed separately, even in eval mode.",
    question=(
        "In eval mode, a BatchNorm multiplies and adds. Could the convolution before it do both?"
    ),
    hints=(
        "In eval mode a BatchNorm multiplies each channel by a number and adds a number. Which "
        "numbers? Write y = a · x + s with the running mean and variance.",
        "x is conv's output, a sum of weight times pixel, plus conv's bias. So you can multiply "
        "the weights of that output channel by a. What does a do to conv's bias?",
        "Scale each output channel's kernel by a = gamma / sqrt(running_var + eps). For the bias, "
        "follow an input of zeros through both layers: what does conv return, and what does norm?",
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
        _require_folded(_call_without_changes(answer, conv, norm), conv, norm)
    return f"one convolution in place of two layers, {len(cases)} times, with a bias before or not"
