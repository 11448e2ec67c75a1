"""2.5 The frame that knows nothing."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import nn

from unet_tutorial.teaching.checks.compare import (
    call_answer,
    describe,
    hint_for_type_or_shape,
)
from unet_tutorial.teaching.checks.exercise import exercise, refuse
from unet_tutorial.teaching.checks.values import format_value, is_equal


def _require_convolutions(network: object, channels_in: int, channels_out: int) -> list[nn.Conv2d]:
    """Return a network's three convolutions; refuse any that differ from the task's."""
    if not isinstance(network, nn.Module):
        refuse("The function must return the network, an nn.Sequential.", got=describe(network))
    layers = [layer for layer in nn.Module.modules(network) if type(layer) is nn.Conv2d]
    found = [(n.in_channels, n.out_channels, n.kernel_size, n.stride) for n in layers]
    channels = (channels_in, 8, 6, channels_out)
    if found != [(*channels[i : i + 2], (k, k), (1, 1)) for i, k in enumerate((3, 5, 1))]:
        refuse(
            "Leave channels, kernels and strides as they were. Only the padding is wrong.",
            got="; ".join(f"{i} to {o}, kernel {k}, stride {s}" for i, o, k, s in found),
        )
    return layers


def _require_kept_size(layer: nn.Conv2d, x: torch.Tensor) -> None:
    """Refuse a layer that changes height or width."""
    side = layer.kernel_size[0]
    out = nn.Conv2d.forward(layer, x)
    if out.shape[2:] == x.shape[2:]:
        return
    hint = f"How many pixels does a {side}×{side} kernel take away on each side without padding?"
    if side == 1 and out.shape[2] > x.shape[2]:
        hint = (
            "A 1×1 kernel takes nothing away. What does it read at a padded pixel, and what does "
            "it return there?"
        )
    refuse(
        hint,
        tried=f"the {side}×{side} convolution, with padding {layer.padding}",
        got=f"height and width {tuple(x.shape[2:])} became {tuple(out.shape[2:])}",
    )


@exercise(
    misconception="padding=1 always keeps the size, and if the size is right, so is the padding.",
    question=(
        "Two layers turn 480 pixels into 480. How could one of them still be wrong, and where in "
        "the picture would you look?"
    ),
    hints=(
        "Follow the size through the three convolutions one by one, not from end to end.",
        "Solve out = n for p, at stride 1, for each of the three kernels.",
        "A kernel of 5 takes two pixels away on each side; a kernel of 1 takes none. Each layer's "
        "padding has to add as many pixels as its own kernel takes away.",
    ),
)
def padding_of_each_layer(answer, *, seed=0) -> str:
    """Check a function (in_channels, out_channels) that returns three convolutions in a row."""
    if isinstance(answer, nn.Module):
        refuse("The answer is the function that makes the network: its name without brackets.")
    generator = torch.Generator().manual_seed(seed)
    cases = [(1, 2, 9, 12), (3, 5, 14, 11)]
    for channels_in, channels_out, height, width in cases:
        network = call_answer(answer, channels_in, channels_out)
        layers = _require_convolutions(network, channels_in, channels_out)
        x = torch.randn(2, channels_in, height, width, generator=generator)
        x = x.to(layers[0].weight.dtype)
        with torch.no_grad():
            expected = x
            for layer in layers:
                _require_kept_size(layer, expected)
                padding = tuple(side // 2 for side in layer.kernel_size)
                expected = F.conv2d(expected, layer.weight, layer.bias, padding=padding)
            got = call_answer(network, x)
        if not is_equal(got, expected):
            refuse(
                hint_for_type_or_shape(got, expected)
                or "The layers are right one by one, but together they give something else. "
                "Return them in a row, with nothing in between.",
                tried=format_value(x),
                got=format_value(got),
            )
    return "height and width stay through all three layers, and the whole output sees the image"
