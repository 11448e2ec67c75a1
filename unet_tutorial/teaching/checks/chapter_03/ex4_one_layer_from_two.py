"""3.4 One layer from two."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace

import torch
from torch import Tensor, nn

from unet_tutorial.teaching.checks.compare import (
    call_answer,
    describe,
    format_difference,
    hint_for_mistake,
)
from unet_tutorial.teaching.checks.exercise import CheckFailed, exercise, refuse
from unet_tutorial.teaching.checks.values import format_value, is_equal

_TOLERANCE = 1e-4


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


def _require_folded(answer: Callable, layers: tuple, cases: list[tuple]) -> None:
    """Refuse an answer that doesn't make one convolution that is equal to both layers."""
    tried = f"{layers[0]}, then a norm with eps={layers[1].eps}"
    try:
        got = call_answer(answer, *layers)
    except CheckFailed as failed:  # it says "a Conv2d", whether with a bias or without
        fields = {**failed.card.fields, "tried": tried}
        raise CheckFailed(replace(failed.card, fields=fields)) from None
    if isinstance(got, nn.Sequential):
        refuse("These are still several layers. Return one nn.Conv2d.", got=format_value(got))
    if type(got) is not nn.Conv2d:
        refuse("The function must return an nn.Conv2d.", got=describe(got))
    for name in ("in_channels", "out_channels", "kernel_size", "stride", "padding"):
        if getattr(got, name) != getattr(layers[0], name):
            hint = f"The new layer must have conv's {name}."
            refuse(hint, tried=tried, got=f"{name} {getattr(got, name)}")
    if got.bias is None:
        refuse("The new layer needs a bias, even if conv has none. Why?", tried=tried)
    x = torch.randn(2, layers[0].in_channels, 9, 12)
    with torch.no_grad():
        expected, output = layers[1](layers[0](x)), call_answer(got, x)
    if not is_equal(output, expected, _TOLERANCE):
        hint = _hint_for_fold(answer, got, layers, cases)
        refuse(hint, tried=tried, **format_difference(output, expected, _TOLERANCE))


def _hint_for_fold(answer: Callable, got: nn.Conv2d, layers: tuple, cases: list[tuple]) -> str:
    """Return a hint about a folded layer's weight, or about its bias if the weight is right."""
    right, names = REFERENCE(*layers), ["weight"]
    otherwise = "The weight isn't right: multiply each output channel's kernel."
    if is_equal(got.weight, right.weight, _TOLERANCE):
        names = ["weight", "bias"]
        otherwise = "The weight is right, the bias isn't. What is the output for an input of 0?"
        if is_equal(got.bias, right.bias, _TOLERANCE):
            return "Weight and bias are right. Which other setting of the layer did you change?"

    def read(fold: Callable) -> Callable:
        return lambda *layers: [getattr(fold(*layers), name) for name in names]

    mistakes = [(read(wrong), hint) for wrong, hint in MISTAKES]
    return hint_for_mistake(mistakes, read(answer), read(REFERENCE), cases, _TOLERANCE) or otherwise


def _make_cases() -> list[tuple[nn.Conv2d, nn.BatchNorm2d]]:
    convolutions = [
        nn.Conv2d(3, 3, 3, padding=1, bias=False),
        nn.Conv2d(2, 5, (3, 5), stride=(2, 1), padding=(2, 1)),
        nn.Conv2d(4, 3, 1, bias=False),
        nn.Conv2d(1, 4, 3),
        nn.Conv2d(4, 4, (2, 3), stride=(1, 3), padding=(0, 2)),
    ]
    norms = [
        nn.BatchNorm2d(c.out_channels, eps=0.1 if i else 1e-5) for i, c in enumerate(convolutions)
    ]
    for norm in norms:
        for tensor in (norm.weight, norm.bias, norm.running_mean):
            nn.init.uniform_(tensor, -2, 2)
        nn.init.uniform_(norm.running_var, 0.1, 3)
    return [(conv.eval(), norm.eval()) for conv, norm in zip(convolutions, norms, strict=True)]


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
    cases = _make_cases()
    for layers in cases:
        _require_folded(answer, layers, cases)
    return f"one convolution in place of two layers, {len(cases)} times, with a bias before or not"
