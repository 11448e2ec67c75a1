"""11.5 The file that changed nothing."""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path

import torch
from torch import Tensor, nn

from unet_tutorial.teaching.checks.chapter_11.predicting import (
    equal_numbers,
    network_with_batchnorm,
    numbers_of,
)
from unet_tutorial.teaching.checks.compare import call_answer, describe, require_callable
from unet_tutorial.teaching.checks.exercise import exercise, refuse

OPENED: list[str] = []


@contextlib.contextmanager
def _saved(content: object):
    """Yield the path of a file that torch.save wrote, for as long as it is needed."""
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "weights.pt")
        torch.save(content, path)
        yield path


def _note(what: str) -> Tensor:
    """Note that a file has run something; this is what a file from a stranger might call."""
    OPENED.append(what)
    return torch.zeros(1)


class _Trap:
    """An object whose pickle calls `note` when it is opened."""

    def __reduce__(self):
        return _note, ("opened",)


def _need_loaded(load, content, what, expected) -> None:
    """Refuse a function that does not give back a model with these numbers."""
    with _saved(content) as path:
        got = call_answer(load, network_with_batchnorm(0), path)
    if not isinstance(got, nn.Module):
        refuse("Return the model.", tried=what, got=describe(got))
    if equal_numbers(numbers_of(got), numbers_of(network_with_batchnorm(0))):
        refuse(
            "The model is as it was before: nothing was loaded, and nobody was told.", tried=what
        )
    if not equal_numbers(numbers_of(got), expected):
        refuse("The model's numbers are not those of the file.", tried=what)


def _need_error(load, content, what) -> None:
    """Refuse a function that takes such a file without an error."""
    OPENED.clear()
    with _saved(content) as path:
        try:
            load(network_with_batchnorm(0), path)
        except Exception:
            if not OPENED:
                return
    if OPENED:
        refuse(
            "Opening the file ran a function that was hidden in it. Who knows what else would?",
            tried=what,
        )
    refuse(
        "This file does not fit the model, and no error was raised. Some weights stay random.",
        tried=what,
    )


@exercise(
    misconception="If load_state_dict raises no error, the weights are in the model.",
    hints=(
        "Look at the names in the file and at the names in `model.state_dict()`. What does "
        "`strict=False` do with a name that it does not find?",
        "The prefix can be cut off each name: a new dict with the same tensors. Then let "
        "strictness find what still does not match.",
        "`torch.load` has an option under which it reads tensors and runs no code; "
        "`str.removeprefix` leaves a name without the prefix as it is.",
    ),
)
def careful_loading(load, *, seed=0) -> str:
    """Check load(model, path) on good files, on incomplete ones and on one that runs code."""
    require_callable(load, 2)
    wanted = {f"module.{n}": t for n, t in numbers_of(network_with_batchnorm(seed + 1)).items()}
    plain_names = {name.removeprefix("module."): tensor for name, tensor in wanted.items()}
    _need_loaded(load, wanted, "a file whose names begin with 'module.'", plain_names)
    _need_loaded(load, plain_names, "a file with the model's own names", plain_names)
    missing = dict(list(wanted.items())[1:])
    _need_error(load, missing, "a file without the first weight")
    _need_error(load, wanted | {"module.head.weight": torch.ones(1)}, "a file with a name too many")
    _need_error(load, wanted | {"module.3.bias": _Trap()}, "a file that runs code when opened")
    return "2 files loaded whole, 3 refused, no code run"
