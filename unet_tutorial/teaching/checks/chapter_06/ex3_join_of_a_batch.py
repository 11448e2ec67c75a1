"""6.3 Right with one image."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from unet_tutorial.blocks import Up
from unet_tutorial.teaching.checks.answer_types.modules import copy_weights, make_module, run_module
from unet_tutorial.teaching.checks.exercise import exercise, refuse
from unet_tutorial.teaching.checks.values import format_value, is_equal


def _refuse_block(given: nn.Module, x: Tensor, skip: Tensor, got: Tensor, wanted: Tensor) -> None:
    """Refuse a block because of its output for a batch, with the hint that fits."""
    tried = f"x {tuple(x.shape)} and skip {tuple(skip.shape)}"
    if got.shape != wanted.shape:
        hint = f"The shape must be {tuple(wanted.shape)}: one result for each image."
        refuse(hint, tried=tried, got=f"{tuple(got.shape)}")
    if len(x) == 1:
        hint = "With one image it was right before. Now the order of the channels is different."
        refuse(hint, tried=tried, got="different values than the same weights gave before")
    alone = run_module(given, x[1:2], skip[1:2])
    refuse(
        "An image of the batch still meets another one's skip. Which dimension counts the images?",
        tried=f"{tried}: image 1 of the batch",
        expected=f"the same as alone, {format_value(alone.flatten()[:3])} ...",
        got=f"{format_value(got[1].flatten()[:3])} ...",
    )


@exercise(
    misconception="If the shape is right after a reshape, the numbers are in the right places.",
    question=(
        "I join with a reshape instead of cat, and the shape is right. With one image the "
        "numbers are right too. Which test would you ask for?"
    ),
    hints=(
        "Give it two images, then each of them alone. Do the results agree?",
        "Write down where each image is after the join, and what the reshape puts together.",
        "You don't need a reshape if you join along the dimension that counts channels.",
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
        copy_weights(given, right.state_dict(), keep)
        x = torch.randn(images, channels, height, width, generator=generator).double()
        shape = images, channels // 2, 2 * height, 2 * width
        skip = torch.randn(shape, generator=generator).double()
        got, wanted = run_module(given, x, skip), run_module(right, x, skip)
        if not is_equal(got, wanted, 1e-8):
            _refuse_block(given, x, skip, got, wanted)
    return f"{len(sizes)} batches of one to five images, each image with its own skip"
