"""Answers that are networks: create one, set its weights, run it."""

from __future__ import annotations

import torch
from torch import nn

from unet_tutorial.teaching.checks.compare import call_answer, describe
from unet_tutorial.teaching.checks.exercise import refuse
from unet_tutorial.teaching.checks.values import format_value, to_plain_value


def make_module(answer: object, *arguments: object) -> nn.Module:
    """Create a module from a learner's class, in float64 and eval mode; refuse any other answer."""
    if not (isinstance(answer, type) and issubclass(answer, nn.Module)):
        refuse(
            "The answer must be the class itself, a subclass of nn.Module, without brackets.",
            got=describe(answer),
        )
    module = call_answer(answer, *arguments)
    return nn.Module.eval(nn.Module.double(module))


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
