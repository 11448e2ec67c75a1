"""Answers that are networks: create one, set its weights, run it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import torch
from torch import nn

from unet_tutorial.teaching.checks.compare import call_answer, describe
from unet_tutorial.teaching.checks.exercise import refuse
from unet_tutorial.teaching.checks.values import format_value, is_equal, to_plain_value


def make_module(answer: object, *arguments: object) -> nn.Module:
    """Create a module from a learner's class, in float32 and eval mode; refuse any other answer."""
    if not (isinstance(answer, type) and issubclass(answer, nn.Module)):
        refuse(
            "The answer must be the class itself, a subclass of nn.Module, without brackets.",
            got=describe(answer),
        )
    module = call_answer(answer, *arguments)
    return nn.Module.eval(nn.Module.float(module))


def copy_weights(module: nn.Module, weights: dict[str, torch.Tensor], hint: str) -> None:
    """Copy weights into a module; refuse it with the hint if its names or shapes differ."""
    own = dict(nn.Module.named_parameters(module)) | dict(nn.Module.named_buffers(module))
    if {n: tuple(t.shape) for n, t in own.items()} != {
        n: tuple(t.shape) for n, t in weights.items()
    }:
        other = next((n for n in weights if n not in own or own[n].shape != weights[n].shape), None)
        if other is None:
            other = next(n for n in own if n not in weights)
        refuse(
            hint,
            tried=f"load a checkpoint, in which {other} is {_format_shape(weights.get(other))}",
            got=f"in the network, {other} is {_format_shape(own.get(other))}",
        )
    with torch.no_grad():
        for name, tensor in weights.items():
            own[name].copy_(tensor)


def _format_shape(tensor: torch.Tensor | None) -> str:
    return "missing" if tensor is None else f"of shape {tuple(tensor.shape)}"


def run_module(module: nn.Module, *inputs: torch.Tensor) -> torch.Tensor:
    """Run a module without gradients; refuse an output that isn't a tensor."""
    with torch.no_grad():
        got = call_answer(module, *inputs)
    if not isinstance(to_plain_value(got), torch.Tensor):
        hint = "The network must return a tensor."
        refuse(hint, tried=f"an input {format_value(inputs[0])}", got=describe(got))
    return to_plain_value(got)


def find_difference_of_modules(
    got: nn.Module, wanted: nn.Module, *inputs: torch.Tensor, tolerance: float = 1e-4
) -> str | None:
    """Return where two modules with the same weights differ, such as "the output in training mode".

    They are run twice in each mode, and compared in their outputs, the gradients of their inputs
    and weights, and their buffers. The weights stay; what both keep, such as averages, goes on.

    Returns:
        None if they agree everywhere.
    """
    for training, call in product((False, True), ("first", "second")):
        mode = f"in {'training' if training else 'eval'} mode, {call} call"
        results = [_run_with_gradients(module.train(training), inputs) for module in (got, wanted)]
        for name, *pair in zip(("output", "gradient", "averages"), *results, strict=True):
            if not is_equal(*pair, tolerance):
                return f"the {name} {mode}"
    return None


def _run_with_gradients(module: nn.Module, inputs: Sequence[torch.Tensor]) -> tuple:
    """Return a module's output; the gradients of inputs and weights; and its buffers."""
    inputs = [each.detach().clone().requires_grad_() for each in inputs]
    module.zero_grad()
    with torch.enable_grad():
        output = module(*inputs)
        if isinstance(output, torch.Tensor) and output.requires_grad:
            weights = torch.linspace(1, 2, output.numel(), dtype=output.dtype)
            (output * weights.view(output.shape)).sum().backward()
    weights, buffers = (
        [each for _, each in sorted(named)]  # the order of their definition may differ
        for named in (module.named_parameters(), module.named_buffers())
    )
    gradients = [each.grad for each in (*inputs, *weights)]
    return output, [torch.zeros(()) if g is None else g for g in gradients], buffers
