"""Answers that return the weight and the bias of a layer."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from unet_tutorial.teaching.checks.compare import (
    call_answer,
    format_difference,
    hint_for_mistake,
    hint_for_type_or_shape,
)
from unet_tutorial.teaching.checks.exercise import refuse
from unet_tutorial.teaching.checks.values import format_value, is_equal


def draw_integers(shape: tuple, generator: torch.Generator) -> Tensor:
    """Return random whole numbers from -5 to 5, as float32."""
    return torch.randint(-5, 6, shape, generator=generator).float()


def compare_layers(
    answer: object,
    oracle: Callable,
    cases: Sequence[tuple],
    *,
    mistakes: Sequence[tuple[Callable, str]],
    otherwise: str,
    describe: Callable[..., str],
) -> int:
    """Refuse a function that doesn't return the oracle's (weight, bias); return the case count.

    `mistakes` are pairs of a wrong function and its hint. The hint is shown if the answer has the
    same wrong weights as that function, or right weights and the same wrong biases. `describe`
    takes a case, and returns how the message shows it.
    """
    for case in cases:
        got, tried = call_answer(answer, *case), describe(*case)
        if not isinstance(got, tuple | list) or len(got) != 2:
            refuse("Return two tensors: weight, bias.", tried=tried, got=format_value(got))
        for index, (part, expected) in enumerate(zip(got, oracle(*case), strict=True)):
            if not is_equal(part, expected, 1e-4):
                wrong = [(_take_part(each, index), hint) for each, hint in mistakes]
                functions = _take_part(answer, index), _take_part(oracle, index)
                hint = hint_for_mistake(wrong, *functions, cases, 1e-4)
                refuse(
                    hint or _hint_for_shape(index, part, expected) or otherwise,
                    tried=tried,
                    **_name_part(index, format_difference(part, expected, 1e-4)),
                )
    return len(cases)


def _take_part(function: Callable, index: int) -> Callable:
    return lambda *case: function(*case)[index]


def _name_part(index: int, texts: dict[str, str]) -> dict[str, str]:
    return {key: f"{('weight', 'bias')[index]} {text}" for key, text in texts.items()}


def _hint_for_shape(index: int, got: object, expected: Tensor) -> str | None:
    """Return a hint if a weight or a bias has the wrong type or shape, or None."""
    hint = hint_for_type_or_shape(got, expected)
    if hint and index == 0 and isinstance(got, Tensor) and got.numel() == expected.numel():
        hint += " The last two axes are the kernel's height and width."
    return hint
