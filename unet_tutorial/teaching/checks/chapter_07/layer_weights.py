"""Answers that return the weight and the bias of a layer."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from unet_tutorial.teaching.checks.compare import call_answer, hint_for_mistake
from unet_tutorial.teaching.checks.exercise import refuse
from unet_tutorial.teaching.checks.values import format_value, is_equal, to_plain_value


def draw_integers(shape: tuple, generator: torch.Generator) -> Tensor:
    """Return random whole numbers from -5 to 5, as float64."""
    return torch.randint(-5, 6, shape, generator=generator).double()


def compare_layer(
    answer: object,
    oracle: Callable,
    case: tuple,
    *,
    mistakes: Sequence[tuple[Callable, str]],
    otherwise: str,
    tried: str,
) -> None:
    """Refuse a function that doesn't return the oracle's (weight, bias) for a case.

    `mistakes` are pairs of a wrong function and its hint. The hint is shown if the answer has the
    same wrong weight as that function, or a right weight and the same wrong bias.
    """
    got = call_answer(answer, *case)
    if not isinstance(got, tuple | list) or len(got) != 2:
        refuse("Return two tensors: weight, bias.", tried=tried, got=format_value(got)[:200])
    for index, name in enumerate(("weight", "bias")):
        part, expected = got[index], oracle(*case)[index]
        if is_equal(part, expected):
            continue
        wrong_parts = [(_take_part(wrong, index), hint) for wrong, hint in mistakes]
        hint = hint_for_mistake(wrong_parts, case, part) or _hint_for_shape(name, part, expected)
        values = [f"{name} {format_value(each)[:300]}" for each in (expected, part)]
        refuse(hint or otherwise, tried=tried, expected=values[0], got=values[1])


def _take_part(function: Callable, index: int) -> Callable:
    return lambda *case: function(*case)[index]


def _hint_for_shape(name: str, got: object, expected: Tensor) -> str | None:
    """Return a hint if a weight or a bias has the wrong shape, or None."""
    got = to_plain_value(got)
    if not isinstance(got, Tensor) or got.shape == expected.shape:
        return None
    hint = f"The {name} must have the shape {tuple(expected.shape)}; it is {tuple(got.shape)}."
    if got.numel() == expected.numel() and name == "weight":
        hint += " The last two axes are the kernel's height and width."
    return hint
