"""8.5 Any size, cut back."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from unet_tutorial.teaching.checks.compare import call_answer
from unet_tutorial.teaching.checks.exercise import exercise, refuse
from unet_tutorial.teaching.checks.values import equal_within, format_value, to_plain_value


def _padded_by_hand(images: Tensor, multiple: int, mode: str = "edge", share: int = 2) -> Tensor:
    """Return the images padded to the multiple, 1/share of it above and on the left."""
    missing = [-side % multiple for side in images.shape[2:]]
    widths = [(0, 0), (0, 0), *((m // share, m - m // share) for m in missing)]
    return torch.from_numpy(np.pad(images.numpy(), widths, mode=mode))


def _compare_padded(answer: object, images: Tensor, multiple: int) -> None:
    """Refuse a wrapper that hands a network another batch, or cuts its output back wrongly."""
    given = []

    def identity(x):
        given.append(x.clone() if isinstance(x, Tensor) else x)
        return x

    def two_classes(x):
        position = torch.arange(x.shape[3]) + 1000 * torch.arange(x.shape[2])[:, None]
        return torch.stack([x.sum(dim=1), position.expand(x[:, 0].shape).to(x.dtype)], dim=1)

    tried = f"images {tuple(images.shape)}, multiple {multiple}"
    got = call_answer(answer, identity, images, multiple)
    padded = _padded_by_hand(images, multiple)
    if len(given) != 1:
        hint = "Call the network once, on the whole padded batch."
        refuse(hint, tried=tried, got=f"{len(given)} calls")
    if not equal_within(given[0], padded):
        refuse(
            _hint_on_padding(given[0], images, multiple),
            tried=tried,
            expected=f"the network gets {_first_row(padded)}",
            got=f"the network got {_first_row(given[0])}",
        )
    if not equal_within(got, images):
        refuse(
            _hint_on_cutting(to_plain_value(got), padded, images),
            tried=f"the identity as network, {tried}",
            expected=f"the images as they were, {_first_row(images)}",
            got=_first_row(got),
        )
    got = call_answer(answer, two_classes, images, multiple)
    top, left = ((-side % multiple) // 2 for side in images.shape[2:])
    expected = two_classes(padded)[:, :, top : top + images.shape[2], left : left + images.shape[3]]
    if not equal_within(got, expected):
        refuse(
            "The identity comes back, but a network of two classes does not. The output is the "
            "network's, cut back; it may have other channels than the images.",
            tried=tried,
            expected=format_value(expected),
            got=format_value(got),
        )


def _hint_on_padding(got: object, images: Tensor, multiple: int) -> str:
    """Return the hint for a network that was given the wrong batch."""
    if not isinstance(got, Tensor) or got.dim() != 4:
        return "The network takes a batch, (N, C, H, W)."
    sides, least = got.shape[2:], _padded_by_hand(images, multiple).shape[2:]
    if any(side % multiple for side in sides):
        height, width = images.shape[2:]
        if tuple(sides) == (height + -width % multiple, width + -height % multiple):
            return "The two sides have changed places: F.pad counts from the last axis."
        return "The network would refuse that size: both sides must divide by the multiple."
    if any(side > fit for side, fit in zip(sides, least, strict=True)):
        return "That is more than needed. How much is missing where the size fits already?"
    if equal_within(got, _padded_by_hand(images, multiple, share=10**9)):
        return "All of it was added below and on the right. Here it is shared out evenly."
    if equal_within(got.flip(2, 3), _padded_by_hand(images.flip(2, 3), multiple)):
        return "Where the missing number is odd, the odd pixel goes below, or on the right."
    if equal_within(got, _padded_by_hand(images, multiple, mode="constant")):
        return "That is filled with zeros, which makes a false edge. Repeat the border's pixels."
    return "Every added pixel repeats the nearest pixel of the image."


def _hint_on_cutting(got: object, padded: Tensor, images: Tensor) -> str:
    """Return the hint for an output that was not cut back as it should be."""
    height, width = images.shape[2:]
    if got is None:
        return "Nothing came back: the function needs a `return`."
    if isinstance(got, Tensor) and got.numel() == 0:
        return "The slice is empty. What is x[top:-bottom] where nothing was added below?"
    if equal_within(got, padded):
        return "The output has the padded size still. Cut it back."
    if equal_within(got, padded[:, :, :height, :width]):
        return "The mask would be shifted: the image does not begin at row 0 of the padded one."
    return "The output must lie on the image, pixel on pixel."


def _first_row(images: object) -> str:
    """Return the shape of a batch and the first row of its first image."""
    if not isinstance(images, Tensor) or images.dim() != 4 or images.numel() == 0:
        shape = tuple(images.shape) if isinstance(images, Tensor) else None
        return format_value(images)[:200] if shape is None else f"a tensor {shape}"
    row = " ".join(f"{each:g}" for each in images[0, 0, 0].tolist())
    return f"{tuple(images.shape)}, whose first row is {row[:150]}"


@exercise(
    misconception="A wrapper that returns the right size returns the right pixels.",
    hints=(
        "`-size % multiple` is what is missing. Half of it, rounded down, goes first.",
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
        _compare_padded(run_padded, images, multiple)
    return f"{len(shapes)} sizes; the identity gives back every pixel, and two classes stay two"
