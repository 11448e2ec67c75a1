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
from unet_tutorial.teaching.checks.values import is_equal

_CALLS: list[str] = []  # code that ran while a file was opened


def _run_hidden_code() -> Tensor:
    _CALLS.append("a function")
    return torch.zeros(1)


class _CodeRunningPickle:
    """An object whose pickle runs a function when it is opened, as a stranger's file might."""

    def __reduce__(self):
        return _run_hidden_code, ()


@contextlib.contextmanager
def _save_temporarily(content: object) -> Iterator[str]:
    """Save the content with torch.save, and yield the path of the temporary file."""
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "weights.pt")
        torch.save(content, path)
        yield path


def _require_loaded(load, content: dict, what: str, expected: dict[str, Tensor]) -> None:
    """Refuse a function that doesn't return a model with these parameters and averages."""
    model = make_batchnorm_network(seed=0)
    with _save_temporarily(content) as path:
        got = call_answer(load, model, path)  # loads into a copy of the model
    if not isinstance(got, nn.Module):
        refuse("Return the model.", tried=what, got=describe(got))
    state = dict(got.state_dict())
    if is_equal(state, dict(model.state_dict()), 0.0):
        refuse("The model has not changed: nothing was loaded, without any error.", tried=what)
    if not is_equal(state, expected, 0.0):
        refuse("The model's numbers are not those of the file.", tried=what)


def _require_error(load, content: dict, what: str) -> None:
    """Refuse a function that loads this file without an error, or runs code in it."""
    _CALLS.clear()
    with _save_temporarily(content) as path:
        try:
            load(make_batchnorm_network(seed=0), path)
        except Exception:
            if not _CALLS:
                return
    if _CALLS:
        refuse(
            "Opening the file ran a function that was hidden in it. It could have been anything.",
            tried=what,
        )
    refuse(
        "This file doesn't fit the model, but no error was raised. Some weights would stay random.",
        tried=what,
    )


@exercise(
    misconception="If load_state_dict raises no error, the weights are in the model.",
    question="Loading raised no error. How do you find out whether a single weight has changed?",
    hints=(
        "Look at the names in the file and at the names in `model.state_dict()`. What does "
        "`strict=False` do with a name that it does not find?",
        "Make a new dict with the same tensors, with the prefix cut off each name. Then let the "
        "strict mode find the names that still don't match.",
        "`torch.load` has an option to read tensors without running code; `str.removeprefix` "
        "leaves a name without the prefix as it is.",
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
    hostile = prefixed | {"module.3.bias": _CodeRunningPickle()}
    _require_error(load, hostile, "a file that runs code when opened")
    return "2 files loaded whole, 3 refused, no code run"
