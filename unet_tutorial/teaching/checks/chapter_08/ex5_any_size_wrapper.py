"""8.5 Any size, cut back."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import torch
from torch import Tensor, nn

from unet_tutorial.teaching.checks.compare import (
    call_answer,
    format_difference,
    hint_for_mistake,
)
from unet_tutorial.teaching.checks.exercise import exercise, refuse
from unet_tutorial.teaching.checks.values import format_value, is_equal, to_plain_value


def _run_padded(
    network, images, multiple, first=lambda m: m // 2, mode="edge", cut=True, swap=False
) -> Tensor:
    """Return the output for padded images, cut back; of m missing rows, first(m) go on top."""
    height, width = images.shape[2:]
    missing = [-side % multiple for side in (height, width)]
    edges = [(first(m), m - first(m)) for m in missing]
    (top, _), (left, _) = edges
    widths = [(0, 0), (0, 0), *(edges[::-1] if swap else edges)]
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
    (partial(_run_padded, swap=True),
     "The two sides have changed places: F.pad counts from the last axis."),
    (partial(_run_padded, cut=False), "The output still has the padded size. Cut it back."),
    (_cut_at_the_corner,
     "The mask would be shifted: the image doesn't begin at row 0 of the padded one."),
]  # fmt: skip


class _Network(nn.Module):
    """A network that computes a function, in train mode."""

    def __init__(self, compute: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.compute = compute

    def forward(self, x: Tensor) -> Tensor:
        return self.compute(x)


def _list_inputs(run_padded: Callable, images: Tensor, multiple: int) -> list:
    """Return the input of each call of the network."""
    given = []

    def identity(x):
        given.append(x.clone() if isinstance(x, Tensor) else x)
        return x

    call_answer(run_padded, _Network(identity), images, multiple)
    return given


def _run_identity(run_padded: Callable, images: Tensor, multiple: int) -> object:
    return call_answer(run_padded, nn.Identity(), images, multiple)


def _run_two_classes(run_padded: Callable, images: Tensor, multiple: int) -> object:
    def two_classes(x):
        position = torch.arange(x.shape[3]) + 1000 * torch.arange(x.shape[2])[:, None]
        return torch.stack([x.sum(dim=1), position.expand(x[:, 0].shape).to(x.dtype)], dim=1)

    return call_answer(run_padded, _Network(two_classes), images, multiple)


def _find_mistake(run: Callable, answer: Callable, cases: list[tuple]) -> str | None:
    """Return the hint of the mistake with which `run` gives the same as with the answer."""
    wrong = [(partial(run, each), hint) for each, hint in MISTAKES]
    return hint_for_mistake(wrong, partial(run, answer), partial(run, REFERENCE), cases)


def _compare_padding(answer: Callable, cases: list[tuple[Tensor, int]]) -> None:
    """Refuse a wrapper that passes the network another batch than the padded one, or several."""
    for images, multiple in cases:
        tried = f"images {tuple(images.shape)}, multiple {multiple}"
        given, (padded,) = (_list_inputs(f, images, multiple) for f in (answer, REFERENCE))
        if len(given) != 1:
            hint = "Call the network once, on the whole padded batch."
            refuse(hint, tried=tried, got=f"{len(given)} calls")
        if not is_equal(given[0], padded) or not isinstance(given[0], Tensor):
            hint = _find_mistake(_list_inputs, answer, cases)
            refuse(
                hint or _hint_for_padding(given[0], multiple, padded.shape[2:]),
                tried=tried,
                expected=f"the network gets {_format_batch(padded, given[0])}",
                got=f"the network got {_format_batch(given[0], padded)}",
            )
        if given[0].dtype != images.dtype:
            hint = "The padded batch must have the dtype of the images: the network's weights do."
            refuse(hint, tried=tried, expected=str(images.dtype), got=str(given[0].dtype))


def _hint_for_padding(got: object, multiple: int, least: torch.Size) -> str:
    if not isinstance(got, Tensor) or got.dim() != 4:
        return "The network takes a tensor, (N, C, H, W)."
    sides = got.shape[2:]
    if any(side % multiple for side in sides):
        return "The network would refuse that size: both sides must divide by the multiple."
    if any(side > fit for side, fit in zip(sides, least, strict=True)):
        return "That is more than needed. How much is missing if the size already fits?"
    if any(side < fit for side, fit in zip(sides, least, strict=True)):
        return "Pixels of the image are missing. Make the image larger, not smaller."
    return "Every added pixel repeats the nearest pixel of the image."


def _compare_cutting(answer: Callable, cases: list[tuple[Tensor, int]]) -> None:
    """Refuse a wrapper that doesn't cut the output back to the image."""
    for images, multiple in cases:
        tried = f"images {tuple(images.shape)}, multiple {multiple}"
        got = _run_identity(answer, images, multiple)
        if not is_equal(got, images):
            hint = _find_mistake(_run_identity, answer, cases)
            refuse(
                hint or _hint_for_cutting(to_plain_value(got)),
                tried=f"the identity as network, {tried}",
                expected=f"the images as they were, {_format_batch(images, got)}",
                got=_format_batch(got, images),
            )
        got, expected = (_run_two_classes(f, images, multiple) for f in (answer, REFERENCE))
        if not is_equal(got, expected):
            hint = (
                "The identity gives back the images, but a network of two classes fails. Return "
                "the network's output, cut back; it may have other channels than the images."
            )
            refuse(hint, tried=tried, **format_difference(got, expected))


def _hint_for_cutting(got: object) -> str:
    if isinstance(got, Tensor) and got.numel() == 0:
        return "The slice is empty. What is x[top:-bottom] if nothing was added below?"
    if got is None:
        return "The function must return a tensor."
    return "The output must match the image, pixel by pixel."


def _format_batch(images: object, others: object) -> str:
    """Format the shape of a batch, and the first row in which it differs from another batch."""
    if not isinstance(images, Tensor):
        return format_value(images)[:200]
    if images.dim() != 4 or images.numel() == 0:
        return f"a tensor {tuple(images.shape)}"
    place, name = (0, 0, 0), "the first row"
    if isinstance(others, Tensor) and others.shape == images.shape:
        different = (images != others).any(dim=3).nonzero().tolist()
        place = tuple(different[0]) if different else place
        name = f"row {place[2]} of image {place[0]}, channel {place[1]}" if any(place) else name
    row = " ".join(f"{each:g}" for each in images[place].tolist())
    return f"{tuple(images.shape)}, with {name}: {row[:150]}"


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
        (1, 1, 11, 9, 5),
        (1, 1, 1, 1, 6),
        (2, 2, 4, 3, 1),
    ]
    cases = [
        (torch.randint(1, 100, shape, generator=generator).float(), multiple)
        for *shape, multiple in shapes
    ]
    _compare_padding(run_padded, cases)
    _compare_cutting(run_padded, cases)
    return f"{len(cases)} sizes; the identity gives back every pixel, and two classes stay two"
