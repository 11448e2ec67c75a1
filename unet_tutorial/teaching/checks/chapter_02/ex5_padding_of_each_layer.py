"""2.5 The frame that knows nothing."""

from __future__ import annotations

import copy
from collections.abc import Iterable

import torch
from torch import nn

from unet_tutorial.teaching.checks.answer_types.modules import find_difference_of_modules
from unet_tutorial.teaching.checks.compare import call_answer, describe, hint_for_type_or_shape
from unet_tutorial.teaching.checks.exercise import exercise, refuse
from unet_tutorial.teaching.checks.values import format_value

_PLACES = {3: 0, 5: 1, 1: 2}  # of each kernel, in the row of layers


class _InARow(nn.ModuleList):
    """Three layers, run in the order of their kernels, whatever the order that they're listed in.

    A learner's class may list them in another order than it runs them.
    """

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for layer in _sort_layers(self):
            x = layer(x)
        return x


def _sort_layers(layers: Iterable[nn.Conv2d]) -> list[nn.Conv2d]:
    return sorted(layers, key=lambda layer: _PLACES.get(layer.kernel_size[0], 3))


def _require_convolutions(network: object, channels_in: int, channels_out: int) -> list[nn.Conv2d]:
    """Return a network's three convolutions, by name; refuse any that differ from the task's."""
    if not isinstance(network, nn.Module):
        refuse("The function must return the network, an nn.Sequential.", got=describe(network))
    named = sorted(nn.Module.named_modules(network))
    layers = [layer for _, layer in named if type(layer) is nn.Conv2d]
    found = [_list_settings(layer) for layer in _sort_layers(layers)]
    channels = (channels_in, 8, 6, channels_out)
    ones = ((1, 1), (1, 1), 1)  # stride, dilation, groups
    if found != [(*channels[i : i + 2], (side, side), *ones) for side, i in _PLACES.items()]:
        refuse(
            "Leave channels, kernels and strides as they were. Only the padding is wrong.",
            got="; ".join(map(str, layers)),
        )
    for layer in layers:
        if layer.padding_mode != "zeros":
            refuse(
                "This layer no longer pads with zeros. Leave `padding_mode` alone: only the number "
                "of padded pixels is wrong.",
                got=f"padding_mode={layer.padding_mode!r}",
            )
    return layers


def _list_settings(layer: nn.Conv2d) -> tuple:
    """Return what the padding doesn't change."""
    channels = layer.in_channels, layer.out_channels
    return *channels, layer.kernel_size, layer.stride, layer.dilation, layer.groups


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
        for layer in _sort_layers(layers):
            _require_kept_size(layer, torch.ones(2, layer.in_channels, height, width))
        in_a_row = _InARow(copy.deepcopy(layers))
        got = call_answer(network, x)
        if differs := find_difference_of_modules(network, in_a_row, x):
            refuse(
                hint_for_type_or_shape(got, in_a_row(x))
                or "The layers are right one by one, but together they give something else. "
                "Return them in a row, with nothing in between.",
                tried=format_value(x),
                got=f"something else in {differs}",
            )
    return "height and width stay through all three layers, and the whole output sees the image"
