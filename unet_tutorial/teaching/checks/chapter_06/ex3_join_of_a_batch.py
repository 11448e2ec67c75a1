"""6.3 Right with one image."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from unet_tutorial.blocks import Up
from unet_tutorial.teaching.checks.answers.modules import give_weights, make_module, output_of
from unet_tutorial.teaching.checks.exercise import exercise, refuse
from unet_tutorial.teaching.checks.values import equal_within, format_value


def _refuse_output(given: nn.Module, x: Tensor, skip: Tensor, got: Tensor, wanted: Tensor) -> None:
    """Refuse a block for its output of a batch, with the hint that fits."""
    tried = f"x {tuple(x.shape)} and skip {tuple(skip.shape)}"
    if got.shape != wanted.shape:
        hint = f"The shape must be {tuple(wanted.shape)}: as many images as came."
        refuse(hint, tried=tried, got=f"{tuple(got.shape)}")
    if len(x) == 1:
        hint = "With one image it was right before. Now the order of the channels is another."
        refuse(hint, tried=tried, got="other values than the same weights gave before")
    alone = output_of(given, x[1:2], skip[1:2])
    refuse(
        "An image of the batch still meets another one's skip. Which dimension counts images?",
        tried=f"{tried}: image 1 of the batch",
        expected=f"what it gives alone, {format_value(alone.flatten()[:3])} ...",
        got=f"{format_value(got[1].flatten()[:3])} ...",
    )


@exercise(
    misconception="Where the shape is right after a reshape, the numbers are in their places.",
    question=(
        "I join with a reshape instead of cat, and the shape is right. With one image the "
        "numbers are right too. Which test would you ask for?"
    ),
    hints=(
        "Give it two images, then each of them alone. Do the answers agree?",
        "Say which images stand where after the join, and what the reshape puts together.",
        "No reshape is needed if the join is along the dimension that counts channels.",
    ),
)
def join_of_a_batch(answer, *, seed=0) -> str:
    """Check the class BatchUp(in_channels, out_channels), on batches of one and more."""
    generator = torch.manual_seed(seed)  # for the weights too
    sizes = [(1, 4, 3, 5, 4), (1, 8, 3, 2, 3), (2, 4, 2, 3, 5), (3, 6, 4, 4, 2), (5, 2, 1, 3, 3)]
    for images, channels, out, height, width in sizes:
        right = Up(channels, out).double().eval()
        given = make_module(answer, channels, out)
        keep = "Old checkpoints must still load: keep both layers."
        give_weights(given, right.state_dict(), keep)
        x = torch.randn(images, channels, height, width, generator=generator).double()
        shape = images, channels // 2, 2 * height, 2 * width
        skip = torch.randn(shape, generator=generator).double()
        got, wanted = output_of(given, x, skip), output_of(right, x, skip)
        if not equal_within(got, wanted, 1e-8):
            _refuse_output(given, x, skip, got, wanted)
    return f"{len(sizes)} batches of one to five images, each image with its own skip"
