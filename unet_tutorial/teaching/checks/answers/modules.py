"""Answers that are networks: a class that makes one, its weights, what it gives for an input."""

from __future__ import annotations

import torch
from torch import nn

from unet_tutorial.teaching.checks.compare import call_answer, describe
from unet_tutorial.teaching.checks.exercise import refuse
from unet_tutorial.teaching.checks.values import format_value, to_plain_value


def make_module(answer: object, *arguments: object) -> nn.Module:
    """Return answer(*arguments), in float64 and eval mode; refuse what is no class of modules."""
    if not (isinstance(answer, type) and issubclass(answer, nn.Module)):
        refuse(
            "The answer must be the class itself, a subclass of nn.Module, without brackets.",
            got=describe(answer),
        )
    module = call_answer(answer, *arguments)
    return nn.Module.eval(nn.Module.double(module))


def give_weights(module: nn.Module, weights: dict[str, torch.Tensor], hint: str) -> None:
    """Copy weights into a module; refuse with the hint one whose names or shapes are others."""
    own = dict(nn.Module.named_parameters(module)) | dict(nn.Module.named_buffers(module))
    if {n: tuple(t.shape) for n, t in own.items()} != {
        n: tuple(t.shape) for n, t in weights.items()
    }:
        other = next((n for n in weights if n not in own or own[n].shape != weights[n].shape), None)
        if other is None:
            other = next(n for n in own if n not in weights)
        refuse(
            hint,
            tried=f"load a checkpoint, whose {other} is {shape_or_none(weights.get(other))}",
            got=f"here {other} is {shape_or_none(own.get(other))}",
        )
    with torch.no_grad():
        for name, tensor in weights.items():
            own[name].copy_(tensor)


def shape_or_none(tensor: torch.Tensor | None) -> str:
    """Return the shape of a tensor in words, or that there is none."""
    return "not there" if tensor is None else f"of shape {tuple(tensor.shape)}"


def output_of(module: nn.Module, *inputs: torch.Tensor) -> torch.Tensor:
    """Return module(*inputs) without gradients; refuse what is not a tensor."""
    with torch.no_grad():
        got = call_answer(module, *inputs)
    if not isinstance(to_plain_value(got), torch.Tensor):
        hint = "The network must return a tensor."
        refuse(hint, tried=f"an input {format_value(inputs[0])}", got=describe(got))
    return to_plain_value(got)
