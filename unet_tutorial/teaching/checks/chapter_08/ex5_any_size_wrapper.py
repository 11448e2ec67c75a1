"""8.5 Any size, cut back."""

from __future__ import annotations

from functools import partial

import numpy as np
import torch
from torch import Tensor

from unet_tutorial.teaching.checks.compare import call_answer
from unet_tutorial.teaching.checks.exercise import exercise, refuse
from unet_tutorial.teaching.checks.values import format_value, is_equal, to_plain_value


def _run_padded(network, images, multiple, first=lambda m: m // 2, mode="edge", cut=True) -> Tensor:
    """Return the output for padded images, cut back; of m missing rows, first(m) go on top."""
    height, width = images.shape[2:]
    below, right = -height % multiple, -width % multiple
    top, left = first(below), first(right)
    widths = [(0, 0), (0, 0), (top, below - top), (left, right - left)]
    output = network(torch.from_numpy(np.pad(images.numpy(), widths, mode=mode)))
    return output[:, :, top : top + height, left : left + width] if cut else output


def _cut_at_the_corner(network, images, multiple) -> Tensor:
    height, width = images.shape[2:]
    return _run_padded(network, images, multiple, cut=False)[:, :, :height, :width]


REFERENCE = _run_padded
MISTAKES = [
    (partial(_run_padded, first=lambda m: 0),
     "Everything was added below and on the right. Split it evenly between the two sides."),
    (partial(_run_padded, first=lambda m: m - m // 2),
     "If the missing number is odd, the extra pixel goes below, or on the right."),
    (partial(_run_padded, mode="constant"),
     "You filled with zeros, which makes a false edge. Repeat the border's pixels."),
    (partial(_run_padded, cut=False), "The output still has the padded size. Cut it back."),
    (_cut_at_the_corner,
     "The mask would be shifted: the image doesn't begin at row 0 of the padded one."),
]  # fmt: skip


def _compare_identity(answer: object, images: Tensor, multiple: int) -> None:
    """Refuse a wrapper that passes the identity the wrong batch, or cuts it back wrongly."""
    tried = f"images {tuple(images.shape)}, multiple {multiple}"
    given, got = _run_identity(answer, images, multiple)
    if len(given) != 1:
        hint = "Call the network once, on the whole padded batch."
        refuse(hint, tried=tried, got=f"{len(given)} calls")
    (padded,), _ = _run_identity(REFERENCE, images, multiple)
    mistakes = [(*_run_identity(wrong, images, multiple), hint) for wrong, hint in MISTAKES]
    if not is_equal(given[0], padded):
        hint = next((hint for wrong, _, hint in mistakes if is_equal(given, wrong)), None)
        refuse(
            hint or _hint_for_padding(given[0], images, multiple, padded.shape[2:]),
            tried=tried,
            expected=f"the network gets {_format_batch(padded)}",
            got=f"the network got {_format_batch(given[0])}",
        )
    if not is_equal(got, images):
        hint = next((hint for _, wrong, hint in mistakes if is_equal(got, wrong)), None)
        refuse(
            hint or _hint_for_cutting(to_plain_value(got)),
            tried=f"the identity as network, {tried}",
            expected=f"the images as they were, {_format_batch(images)}",
            got=_format_batch(got),
        )


def _run_identity(run_padded: object, images: Tensor, multiple: int) -> tuple[list, object]:
    """Return the input of each call of a network that returns its input, and the result."""
    given = []

    def identity(x):
        given.append(x.clone() if isinstance(x, Tensor) else x)
        return x

    return given, call_answer(run_padded, identity, images, multiple)


def _hint_for_padding(got: object, images: Tensor, multiple: int, least: torch.Size) -> str:
    if not isinstance(got, Tensor) or got.dim() != 4:
        return "The network takes a batch, (N, C, H, W)."
    sides = got.shape[2:]
    if any(side % multiple for side in sides):
        height, width = images.shape[2:]
        if tuple(sides) == (height + -width % multiple, width + -height % multiple):
            return "The two sides have changed places: F.pad counts from the last axis."
        return "The network would refuse that size: both sides must divide by the multiple."
    if any(side > fit for side, fit in zip(sides, least, strict=True)):
        return "That is more than needed. How much is missing if the size already fits?"
    return "Every added pixel repeats the nearest pixel of the image."


def _hint_for_cutting(got: object) -> str:
    if got is None:
        return "The function returned nothing: it needs a `return`."
    if isinstance(got, Tensor) and got.numel() == 0:
        return "The slice is empty. What is x[top:-bottom] if nothing was added below?"
    return "The output must match the image, pixel by pixel."


def _format_batch(images: object) -> str:
    """Format the shape of a batch and the first row of its first image."""
    if not isinstance(images, Tensor):
        return format_value(images)[:200]
    if images.dim() != 4 or images.numel() == 0:
        return f"a tensor {tuple(images.shape)}"
    row = " ".join(f"{each:g}" for each in images[0, 0, 0].tolist())
    return f"{tuple(images.shape)}, with the first row {row[:150]}"


def _compare_two_classes(answer: object, images: Tensor, multiple: int) -> None:
    """Refuse a wrapper that changes the channels of the network's output."""

    def two_classes(x):
        position = torch.arange(x.shape[3]) + 1000 * torch.arange(x.shape[2])[:, None]
        return torch.stack([x.sum(dim=1), position.expand(x[:, 0].shape).to(x.dtype)], dim=1)

    got, expected = (
        call_answer(function, two_classes, images, multiple) for function in (answer, REFERENCE)
    )
    if not is_equal(got, expected):
        refuse(
            "The identity gives back the images, but a network of two classes fails. Return the "
            "network's output, cut back; it may have other channels than the images.",
            tried=f"images {tuple(images.shape)}, multiple {multiple}",
            expected=format_value(expected),
            got=format_value(got),
        )


@exercise(
    misconception="A wrapper that returns the right size returns the right pixels.",
    question=(
        "A wrapper pads on the left and cuts on the right, so the size is right. Which model would "
        "you put inside to see the mistake at once?"
    ),
    hints=(
        "`-size % multiple` pixels are missing. Half of them, rounded down, go first.",
        "F.pad takes left, right, top, bottom, in this order; mode='replicate' repeats the border.",
        "Cut back by where the image begins and how long it is, x[:, :, top : top + height, ...], "
        "not by how much was added at the end, which may be 0.",
    ),
)
def any_size_wrapper(run_padded, *, seed=0) -> str:
    """Check run_padded(network, images, multiple)."""
    generator = torch.Generator().manual_seed(seed)
    shapes = [
        (1, 1, 13, 20, 16),
        (2, 3, 16, 27, 16),
        (3, 1, 9, 8, 8),
        (1, 2, 3, 2, 16),
        (2, 1, 12, 8, 4),
    ]
    for *shape, multiple in shapes:
        images = torch.randint(1, 100, shape, generator=generator).double()
        _compare_identity(run_padded, images, multiple)
        _compare_two_classes(run_padded, images, multiple)
    return f"{len(shapes)} sizes; the identity gives back every pixel, and two classes stay two"
