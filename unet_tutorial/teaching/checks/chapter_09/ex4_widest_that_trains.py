"""9.4 The widest network that trains."""

from __future__ import annotations

from collections.abc import Callable

import torch

from unet_tutorial.teaching.checks.chapter_09.costs import counted
from unet_tutorial.teaching.checks.compare import compare_function
from unet_tutorial.teaching.checks.exercise import exercise


def _bytes_to_train(c, images, height, width, copies=4, size=4, image=1, pooled=1, written=False):
    """Return the bytes of training UNet(1, 1, c) with Adam, level by level; defaults are right."""
    saved = image * height * width
    for level in range(5):
        one = c * 2**level * (height >> level) * (width >> level)  # one map of this level
        saved += (4 if level == 4 else 9 if written else 10) * one
        if level and not written:
            saved += pooled * 3 * one // 2  # half a map of values, their positions in 8 bytes
    return 4 * copies * counted(first=1)(1, 1, c) + size * images * saved


def _widest_by_trying(images, height, width, limit, **wrong) -> int:
    """Return the largest base_channels whose training fits, or 0."""
    c = 0
    while _bytes_to_train(c + 1, images, height, width, **wrong) <= limit:
        c += 1
    return c


def _widest_with(**wrong) -> Callable:
    """Return the same for a count of bytes that is wrong in some way."""
    return lambda *case: _widest_by_trying(*case, **wrong)


WIDEST_WRONG = [
    (_widest_with(image=0), "The image itself is kept for the first convolution."),
    (_widest_with(copies=1), "Adam and the gradients are missing: four numbers a parameter."),
    (_widest_with(copies=2), "Adam is missing: it keeps two averages for each parameter."),
    (_widest_with(copies=3), "A weight, its gradient, and how many averages does Adam keep?"),
    (_widest_with(size=0), "The activations are missing, which grow with the image."),
    (
        lambda images, *rest: _widest_by_trying(1, *rest),
        "That is for one image. What goes with each image counts once for each.",
    ),
    (_widest_with(size=1), "A number in single precision takes 4 bytes."),
    (_widest_with(pooled=0), "Levels 1 to 4 keep their pooled input and its positions too."),
    (
        _widest_with(written=True),
        "Those are the tensors that the layers write. The backward pass reads others: joined "
        "tensors, pooled ones, positions.",
    ),
    (lambda *case: _widest_by_trying(*case) + 1, "That is the first width that does not fit."),
    (
        lambda images, h, w, limit: _widest_by_trying(images, h, w, limit - 1),
        "Filling the limit to the last byte is allowed.",
    ),
    (
        lambda *case: 2 ** (_widest_by_trying(*case).bit_length() - 1),
        "base_channels may be any whole number, not only a power of two.",
    ),
]


@exercise(
    misconception="The memory of training is the parameters, or grows like them.",
    hints=(
        "Two parts: what goes with the parameters, and what goes with each image.",
        "With c channels at level 0: 16 bytes for each parameter, and for each image "
        "4 · H · W · (20.40625 c + 1), as under 'What training keeps'.",
        "The need grows with c. So count c up from 1 while c + 1 still fits, with the sum of the "
        "parameters over the ten parts.",
    ),
)
def widest_that_trains(widest, *, seed=0) -> str:
    """Check widest(images, height, width, limit): the largest base_channels, or 0."""
    generator = torch.Generator().manual_seed(seed)
    cases = [(1, 96, 96, 2 * 10**9), (4, 480, 480, 2 * 10**9), (1, 16, 16, 146_464)]
    cases += [(1, 16, 16, 146_463), (2, 48, 80, 5_000_000), (1, 480, 480, 20_000_000)]
    cases.append((8, 480, 480, 1_000_000))  # too little for the images alone
    for _ in range(3):
        c, images, height, width = torch.randint(1, 9, (4,), generator=generator).tolist()
        batch = (images, 16 * height, 16 * width)
        full = _bytes_to_train(4 * c, *batch)
        cases += [(*batch, full), (*batch, full - 1)]
    number = compare_function(
        widest,
        _widest_by_trying,
        cases,
        mistakes=WIDEST_WRONG,
        otherwise="Compute the bytes for this width and the next one, and compare with the limit.",
    )
    return f"{number} machines and batches, some of them full to the last byte"
