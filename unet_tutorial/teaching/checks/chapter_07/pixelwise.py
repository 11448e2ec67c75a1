"""Answers that are 1x1 convolutions, or decide pixel by pixel."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from unet_tutorial.teaching.checks.compare import call_answer, hint_for_mistake
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
    got = call_answer(answer, *case)
    if not isinstance(got, tuple | list) or len(got) != 2:
        refuse("Return two tensors: weight, bias.", tried=tried, got=format_value(got)[:200])
    parts = zip(("weight", "bias"), got, read_off(layer, channels), strict=True)
    for name, part, expected in parts:
        if equal_within(part, expected):
            continue
        listed = [(wrong, hint) for where, wrong, hint in reversed(mistakes) if where == name]
        hint = hint_for_mistake(listed, case, part) or hint_on_shape(
            name, to_plain_value(part), expected
        )
        values = [f"{name} {format_value(each)[:300]}" for each in (expected, part)]
        refuse(hint or otherwise, tried=tried, expected=values[0], got=values[1])


def hint_on_shape(name: str, got: object, expected: Tensor) -> str | None:
    """Return a hint where a weight or a bias has another shape, or None."""
    if not isinstance(got, Tensor) or got.shape == expected.shape:
        return None
    hint = f"The {name} must have the shape {tuple(expected.shape)}; it is {tuple(got.shape)}."
    if got.numel() == expected.numel() and name == "weight":
        hint += " The last two axes are the kernel's height and width."
    return hint
