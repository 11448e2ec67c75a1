"""Inputs that no machine could hold, for answers that should compute without tensors."""

from __future__ import annotations

from collections.abc import Callable

from unet_tutorial.teaching.checks.compare import compare_function
from unet_tutorial.teaching.checks.exercise import CheckFailed, refuse
from unet_tutorial.teaching.checks.values import shorten_text


def compare_too_large(answer: Callable, oracle: Callable, case: tuple, hint: str) -> None:
    """Refuse a function that differs from the oracle or fails, for an input of impossible size."""
    try:
        compare_function(answer, oracle, [case], otherwise=hint)
    except CheckFailed as failed:
        if (error := failed.__context__) is None:  # no error, but a wrong result
            raise
        name = getattr(answer, "__name__", "the function")
        got = shorten_text(f"{type(error).__name__}: {error}")
        refuse(f"No machine holds that. {hint}", tried=f"{name}{case}", got=got)
