"""5.5 The row that lost its ink."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from unet_tutorial.teaching.checks.answer_types.modules import (
    copy_weights,
    find_difference_of_modules,
    make_module,
    run_module,
)
from unet_tutorial.teaching.checks.compare import format_difference, hint_for_type_or_shape
from unet_tutorial.teaching.checks.exercise import exercise, refuse
from unet_tutorial.teaching.checks.values import is_equal


class _Doubling(nn.Module):
    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__()
        self.upsampling = nn.ConvTranspose2d(in_channels, out_channels, 3, 2, 1, output_padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return self.upsampling(x)


def _hint_for_output(got: Tensor, wanted: Tensor) -> str:
    """Return a hint about a wrong output."""
    if got.shape != wanted.shape:
        return (
            hint_for_type_or_shape(got, wanted)
            + " The layer has an argument for the end of the sheet."
        )
    if is_equal(got[..., :-1, :-1], wanted[..., :-1, :-1], 1e-4):
        return (
            "Everything is right except the last row and column: their ink was cropped. Which "
            "argument keeps it?"
        )
    if is_equal(got[..., 1:, 1:], wanted[..., :-1, :-1], 1e-4):
        return "Everything has moved by a pixel: you cropped or filled on the wrong side."
    return "Pixels inside have changed. With these weights only the edge was wrong."


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
    generator = torch.manual_seed(seed)  # for the weights too
    sizes = [(1, 1, 3, 3, 4), (2, 4, 1, 5, 3), (3, 2, 5, 1, 7)]
    for images, channels, out, height, width in sizes:
        right, layer = make_module(_Doubling, channels, out), make_module(answer, channels, out)
        keep = "An old checkpoint must still load: keep the name upsampling, kernel 3 and the bias."
        copy_weights(layer, right.state_dict(), keep)
        x = torch.randn(images, channels, height, width, generator=generator, dtype=torch.float32)
        got, wanted, tried = (
            run_module(layer, x),
            run_module(right, x),
            f"an input {tuple(x.shape)}",
        )
        if not is_equal(got, wanted, 1e-4):
            hint = _hint_for_output(got, wanted)
            refuse(hint, tried=tried, **format_difference(got, wanted, 1e-4))
        if place := find_difference_of_modules(layer, right, x):
            hint = (
                "In eval mode, the pixels are right. Forward should return the layer's own result."
            )
            refuse(hint, tried=tried, got=f"{place}: different")
    return f"{len(sizes)} shapes are doubled, with ink in the last row, and old weights still fit"
