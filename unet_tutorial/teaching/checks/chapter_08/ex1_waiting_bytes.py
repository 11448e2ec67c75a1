"""8.1 What waits at the bottom."""

from __future__ import annotations

import math
from functools import partial

import torch

from unet_tutorial.teaching.checks.chapter_08.too_large import compare_too_large
from unet_tutorial.teaching.checks.compare import compare_function
from unet_tutorial.teaching.checks.exercise import exercise


def _count_waiting_bytes(base_channels: int, shape: tuple, levels=range(5), grow=2, size=4) -> int:
    """Return the bytes of the outputs of these levels."""
    images, _, height, width = shape
    return sum(
        size * images * base_channels * grow**n * (height // 2**n) * (width // 2**n) for n in levels
    )


REFERENCE = _count_waiting_bytes
MISTAKES = [
    (partial(_count_waiting_bytes, levels=range(4)),
     "Those are the skips. up1 takes one more tensor."),
    (partial(_count_waiting_bytes, levels=[4]),
     "That is only the bottleneck. Which layers need the others?"),
    (partial(_count_waiting_bytes, levels=[3, 4]),
     "Those are the two that up1 takes. The three steps after it each need one too."),
    (partial(_count_waiting_bytes, size=1), "Those are numbers. A number takes 4 bytes."),
    (lambda c, shape: _count_waiting_bytes(c, (1, *shape[1:])),
     "That is for one image. There is a batch of them."),
    (partial(_count_waiting_bytes, grow=1), "The channels double with each level down."),
    (partial(_count_waiting_bytes, grow=4), "The channels double with each level down."),
    (lambda c, shape: _count_waiting_bytes(c, shape) + 4 * math.prod(shape),
     "No layer after in_conv reads the image itself: it doesn't have to wait."),
    (lambda c, shape: _count_waiting_bytes(c, shape) * shape[1],
     "The image's channels are gone after in_conv: level 0 has base_channels."),
    (partial(_count_waiting_bytes, size=8), "float32 takes 4 bytes a number. Those are 8."),
]  # fmt: skip


@exercise(
    misconception="At the bottom of the U, only the bottleneck is in memory.",
    question=(
        "`down4` has just run. Which tensors must still be in memory, and which of them is the "
        "largest?"
    ),
    hints=(
        "Which tensors do the four Ups take, in addition to the previous step's output?",
        "Level l has base_channels · 2^l channels, and 1/2^l of the height and of the width.",
        "Add up five levels, 0 to 4. Each takes 4 bytes · images · channels · height · width.",
    ),
)
def waiting_bytes(waiting, *, seed=0) -> str:
    """Check waiting(base_channels, shape): the bytes that must be in memory when up1 begins."""
    generator = torch.Generator().manual_seed(seed)
    random = torch.randint(1, 4, (3, 5), generator=generator).tolist()
    cases = [(3, (2, 3, 32, 48)), (1, (1, 1, 16, 16)), (8, (1, 2, 64, 16))]
    cases += [(c, (n, i, 16 * h, 16 * w)) for c, n, i, h, w in random]
    compare_function(
        waiting,
        REFERENCE,
        cases,
        mistakes=MISTAKES,
        otherwise="Add up the bytes of the four skips and the bottleneck, level by level.",
    )
    compare_too_large(
        waiting,
        REFERENCE,
        (8, (10**6, 3, 2**16, 3 * 2**15)),
        "Compute only the shapes: by arithmetic, or on the meta device.",
    )
    return f"{len(cases)} batches, and one that no machine could hold"
