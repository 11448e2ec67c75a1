"""6.3 Right with one image."""

from __future__ import annotations

import torch
from torch import Tensor

from unet_tutorial.blocks import Up
from unet_tutorial.teaching.checks.answer_types.modules import (
    copy_weights,
    find_difference_of_modules,
    make_module,
    run_module,
)
from unet_tutorial.teaching.checks.compare import format_difference
from unet_tutorial.teaching.checks.exercise import exercise, refuse
from unet_tutorial.teaching.checks.values import is_equal


def _refuse_block(x: Tensor, skip: Tensor, got: Tensor, wanted: Tensor) -> None:
    """Refuse a block because of its output in eval mode, with the hint that fits."""
    tried = f"x {tuple(x.shape)} and skip {tuple(skip.shape)}"
    if got.shape != wanted.shape:
        hint = f"The shape must be {tuple(wanted.shape)}: one result for each image."
        refuse(hint, tried=tried, got=f"{tuple(got.shape)}")
    if len(x) == 1:
        hint = (
            "With one image, it was right before. Which channels does the double convolution read "
            "now, and in which order?"
        )
        refuse(hint, tried=tried, got="different values than the same weights gave before")
    image = next(i for i in range(len(x)) if not is_equal(got[i], wanted[i], 1e-4))
    refuse(
        "This image doesn't come out as it does alone. Which dimension counts the images, and "
        "which one the channels?",
        tried=f"{tried}: image {image} of the batch",
        **format_difference(got[image], wanted[image], 1e-4),
    )


@exercise(
    misconception="If the shape is right after a reshape, the numbers are in the right places.",
    question=(
        "I join with a reshape instead of cat, and the shape is right. With one image the "
        "numbers are right too. Which test would you ask for?"
    ),
    hints=(
        "In eval mode, give it a batch of two images, then each of them alone. Does each get the "
        "same result as before?",
        "For two images, `torch.cat` without `dim` gives skip 0, skip 1, upsampled 0, upsampled 1, "
        "one after the other. The reshape cuts that in the middle. What does image 0 get?",
        "Each image's skip has to meet the same image's upsampled tensor, so join the channels of "
        "both. If you name that dimension, you don't need the reshape.",
    ),
)
def join_of_a_batch(answer, *, seed=0) -> str:
    """Check the class BatchUp(in_channels, out_channels), on batches of one and more."""
    generator = torch.manual_seed(seed)  # for the weights too
    sizes = [(1, 4, 3, 5, 4), (1, 8, 3, 2, 3), (2, 4, 2, 3, 5), (3, 6, 4, 4, 2), (5, 2, 1, 3, 3)]
    for images, channels, out, height, width in sizes:
        right, given = make_module(Up, channels, out), make_module(answer, channels, out)
        keep = "Old checkpoints must still load: keep both layers."
        copy_weights(given, right.state_dict(), keep)
        shape = images, channels // 2, 2 * height, 2 * width
        x, skip = (
            torch.randn(each, generator=generator, dtype=torch.float32)
            for each in ((images, channels, height, width), shape)
        )
        got, wanted = run_module(given, x, skip), run_module(right, x, skip)
        if not is_equal(got, wanted, 1e-4):
            _refuse_block(x, skip, got, wanted)
        if place := find_difference_of_modules(given, right, x, skip):
            hint = (
                "In eval mode, every image is right. In training, BatchNorm must see the whole "
                "batch, and gradients must reach both tensors of the join."
            )
            refuse(hint, tried=f"a batch of {images}", got=f"{place}: different")
    return f"{len(sizes)} batches of one to five images, each image with its own skip"
