"""5.5 The row that lost its ink."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from unet_tutorial.teaching.checks.answer_types.modules import copy_weights, make_module, run_module
from unet_tutorial.teaching.checks.compare import hint_for_type_or_shape
from unet_tutorial.teaching.checks.exercise import exercise, refuse
from unet_tutorial.teaching.checks.values import format_value, is_equal


def _hint_for_output(got: Tensor, wanted: Tensor) -> str:
    """Return a hint about a wrong output."""
    if got.shape != wanted.shape:
        return (
            hint_for_type_or_shape(got, wanted)
            + " The layer has an argument for the end of the sheet."
        )
    if is_equal(got[..., :-1, :-1], wanted[..., :-1, :-1]):
        return (
            "Everything is right except the last row and column: their ink was cropped. Which "
            "argument keeps it?"
        )
    if is_equal(got[..., 1:, 1:], wanted[..., :-1, :-1]):
        return "Everything has moved by a pixel: you cropped or filled on the wrong side."
    return "Pixels inside have changed. With these weights only the edge was wrong."


def _format_edge(got: Tensor, wanted: Tensor) -> str:
    """Format the shape of an output, or its last row if the shape is right."""
    if got.shape != wanted.shape:
        return f"shape {tuple(got.shape)}"
    return f"the right shape, with the last row {format_value(got[0, 0, -1])}"


@exercise(
    misconception="If the output is one row short, padding it with zeros fixes it.",
    question=(
        "The result is one row short. You could add a row of zeros, or set output_padding. Do the "
        "numbers differ?"
    ),
    hints=(
        "Give it images of ones, and look at the last row and column of its output.",
        "The ink of the last row was there and was cropped. Which argument of the layer keeps it?",
        "Let the layer itself give 2n: kernel 3 and padding 1 need k + q = 2p + 2. Then forward "
        "doesn't have to fill anything.",
    ),
)
def doubling_layer(answer, *, seed=0) -> str:
    """Check the class Doubling(in_channels, out_channels) with the weights of an old checkpoint."""
    keep = "An old checkpoint must still load: keep the name upsampling, kernel 3 and the bias."
    generator = torch.Generator().manual_seed(seed)
    sizes = [(1, 1, 3, 4), (2, 4, 5, 3), (3, 2, 1, 7)]
    for images, channels, height, width in sizes:
        weights = {
            "upsampling.weight": torch.randn(channels, 3, 3, 3, generator=generator).double(),
            "upsampling.bias": torch.randn(3, generator=generator).double(),
        }
        layer = make_module(answer, channels, 3)
        copy_weights(layer, weights, keep)
        x = torch.randn(images, channels, height, width, generator=generator).double()
        got = run_module(layer, x)
        wanted = F.conv_transpose2d(x, *weights.values(), 2, 1, 1)
        if not is_equal(got, wanted):
            expected = f"shape {tuple(wanted.shape)}, the last row {format_value(wanted[0, 0, -1])}"
            tried, edge = f"an input {tuple(x.shape)}", _format_edge(got, wanted)
            hint = _hint_for_output(got, wanted)
            refuse(hint, tried=tried, expected=expected, got=edge)
    return f"{len(sizes)} shapes doubled, stamped to the last row, with the old weights"
