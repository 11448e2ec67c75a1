"""Answers that are 1x1 convolutions, or decide pixel by pixel."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from unet_tutorial.teaching.checks.compare import call_answer, matches_mistake
from unet_tutorial.teaching.checks.exercise import refuse
from unet_tutorial.teaching.checks.values import equal_within, format_value, to_plain_value


def whole(shape: tuple, generator: torch.Generator, largest: int = 5) -> Tensor:
    """Return whole numbers from -largest to largest, as float64."""
    return torch.randint(-largest, largest + 1, shape, generator=generator).double()


def read_off(layer: Callable[[Tensor], Tensor], channels: int) -> tuple[Tensor, Tensor]:
    """Return the weight and the bias of a linear map of pixels, found by trying it out."""
    bias = layer(torch.zeros(1, channels, 1, 1).double())[0, :, 0, 0]
    columns = layer(torch.eye(channels).double()[:, :, None, None])[:, :, 0, 0] - bias
    return columns.T[:, :, None, None], bias


def compare_layer(
    answer: object,
    case: tuple,
    layer: Callable[[Tensor], Tensor],
    *,
    channels: int,
    mistakes: Sequence[tuple[str, Callable, str]],
    otherwise: str,
    tried: str,
) -> None:
    """Refuse a function whose (weight, bias) are not those of a linear map of pixels.

    `mistakes` are ("weight" or "bias", a function of the case that gives the wrong one, hint).
    """
    came = call_answer(answer, *case)
    if not isinstance(came, tuple | list) or len(came) != 2:
        refuse("Return two tensors: weight, bias.", tried=tried, came=format_value(came)[:200])
    for name, got, expected in zip(
        ("weight", "bias"), came, read_off(layer, channels), strict=True
    ):
        if equal_within(got, expected):
            continue
        hint = hint_on_shape(name, to_plain_value(got), expected) or otherwise
        for where, wrong, meant in mistakes:
            if where == name and matches_mistake(wrong, case, got, 1e-5):
                hint = meant
        values = [f"{name} {format_value(each)[:300]}" for each in (expected, got)]
        refuse(hint, tried=tried, expected=values[0], came=values[1])


def hint_on_shape(name: str, came: object, expected: Tensor) -> str | None:
    """Return a hint where a weight or a bias has another shape, or None."""
    if not isinstance(came, Tensor) or came.shape == expected.shape:
        return None
    hint = f"The {name} must have the shape {tuple(expected.shape)}; it is {tuple(came.shape)}."
    if came.numel() == expected.numel() and name == "weight":
        hint += " The last two axes are the kernel's height and width."
    return hint
