"""11.5 The file that changed nothing."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

import torch
from torch import Tensor, nn

from unet_tutorial.teaching.checks.chapter_11.batchnorm_network import make_batchnorm_network
from unet_tutorial.teaching.checks.compare import call_answer, describe, require_callable
from unet_tutorial.teaching.checks.exercise import exercise, refuse
from unet_tutorial.teaching.checks.values import equal_within

RAN: list[str] = []  # what a file has run while it was opened


def _run_hidden_code() -> Tensor:
    RAN.append("a function")
    return torch.zeros(1)


class _Trap:
    """An object that runs a function when its pickle is opened, as a stranger's file might."""

    def __reduce__(self):
        return _run_hidden_code, ()


@contextlib.contextmanager
def _save(content: object) -> Iterator[str]:
    """Yield the path of a temporary file that torch.save wrote."""
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "weights.pt")
        torch.save(content, path)
        yield path


def _require_loaded(load, content: dict, what: str, expected: dict[str, Tensor]) -> None:
    """Refuse a function that does not return a model with these parameters and averages."""
    model = make_batchnorm_network(seed=0)
    with _save(content) as path:
        got = call_answer(load, model, path)  # loads into a copy of the model
    if not isinstance(got, nn.Module):
        refuse("Return the model.", tried=what, got=describe(got))
    state = dict(got.state_dict())
    if equal_within(state, dict(model.state_dict()), 0.0):
        refuse(
            "The model is as it was before: nothing was loaded, and nobody was told.", tried=what
        )
    if not equal_within(state, expected, 0.0):
        refuse("The model's numbers are not those of the file.", tried=what)


def _require_error(load, content: dict, what: str) -> None:
    """Refuse a function that loads such a file without an error, or runs code in it."""
    RAN.clear()
    with _save(content) as path:
        try:
            load(make_batchnorm_network(seed=0), path)
        except Exception:
            if not RAN:
                return
    if RAN:
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
    question="Loading raised no error. How do you find out whether a single weight has changed?",
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
    plain = dict(make_batchnorm_network(seed + 1).state_dict())
    prefixed = {f"module.{name}": tensor for name, tensor in plain.items()}
    _require_loaded(load, prefixed, "a file whose names begin with 'module.'", plain)
    _require_loaded(load, plain, "a file with the model's own names", plain)
    missing = dict(list(prefixed.items())[1:])
    _require_error(load, missing, "a file without the first weight")
    surplus = prefixed | {"module.head.weight": torch.ones(1)}
    _require_error(load, surplus, "a file with a name too many")
    hostile = prefixed | {"module.3.bias": _Trap()}
    _require_error(load, hostile, "a file that runs code when opened")
    return "2 files loaded whole, 3 refused, no code run"
