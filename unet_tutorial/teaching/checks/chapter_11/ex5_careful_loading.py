"""11.5 The file that changed nothing."""

from __future__ import annotations

import contextlib
import copy
import tempfile
from collections.abc import Iterator
from pathlib import Path

import torch
from torch import Tensor

from unet_tutorial.teaching.checks.chapter_11.batchnorm_network import make_batchnorm_network
from unet_tutorial.teaching.checks.compare import (
    call_answer,
    describe,
    format_difference,
    require_callable,
)
from unet_tutorial.teaching.checks.exercise import exercise, refuse
from unet_tutorial.teaching.checks.values import is_equal

_MISSING = "A name is missing, but no error was raised. Some weights would stay random."
_SURPLUS = "There is a name too many, but no error was raised. This file is for another network."
_HOSTILE = "This file would run code, but no error was raised."
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
    """Refuse a function that doesn't fill this model with these parameters and averages."""
    model = make_batchnorm_network(seed=0)
    before = copy.deepcopy(dict(model.state_dict()))

    def load_into_model(path):
        return load(model, path)

    load_into_model.__name__ = getattr(load, "__name__", "load")
    with _save_temporarily(content) as path:
        got = call_answer(load_into_model, path)
    if got is not model:
        refuse("Return the model that the function was given.", tried=what, got=describe(got))
    state = dict(model.state_dict())
    if is_equal(state, before, 0.0):
        refuse("The model has not changed: nothing was loaded, without any error.", tried=what)
    if not is_equal(state, expected, 0.0):
        hint = "The model's numbers are not those of the file."
        refuse(hint, tried=what, **format_difference(state, expected, 0.0))
    if not all(parameter.requires_grad for parameter in model.parameters()):
        refuse("The weights can't be trained any more: `requires_grad` is off.", tried=what)


def _require_error(load, content: dict, what: str, hint: str) -> None:
    """Refuse a function that loads this file without an error, or runs code in it."""
    _CALLS.clear()
    with _save_temporarily(content) as path:
        try:
            load(make_batchnorm_network(seed=0), path)
        except (Exception, SystemExit):
            if not _CALLS:
                return
    if _CALLS:
        refuse(
            "Opening the file ran a function that was hidden in it. It could have been anything.",
            tried=what,
        )
    refuse(hint, tried=what)


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
    for file, content in [("with the prefix", prefixed), ("without the prefix", plain)]:
        for place in (0, 3, len(content) - 1):  # weight, average, bias
            name = list(content)[place]
            rest = {other: tensor for other, tensor in content.items() if other != name}
            _require_error(load, rest, f"a file {file}, in which {name} is missing", _MISSING)
        surplus = content | {next(iter(content)).replace("down", "head"): torch.ones(1)}
        _require_error(load, surplus, f"a file {file}, with a name too many", _SURPLUS)
    hostile = prefixed | {"module.module_out.bias": _CodeRunningPickle()}
    _require_error(load, hostile, "a file that runs code when opened", _HOSTILE)
    return "2 files loaded whole, 9 refused, no code run"
