"""Answers that are 1x1 convolutions, or decide pixel by pixel."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from unet_tutorial.checks.compare import agrees, call
from unet_tutorial.checks.exercise import refuse
from unet_tutorial.checks.values import plain, same, shown


def whole(shape: tuple, generator: torch.Generator, largest: int = 5) -> Tensor:
    """Return whole numbers from -largest to largest, as float64."""
    return torch.randint(-largest, largest + 1, shape, generator=generator).double()


def read_off(layer: Callable[[Tensor], Tensor], channels: int) -> tuple[Tensor, Tensor]:
    """Return the weight and the bias of a linear map of pixels, found by trying it out."""
    bias = layer(torch.zeros(1, channels, 1, 1).double())[0, :, 0, 0]
    columns = layer(torch.eye(channels).double()[:, :, None, None])[:, :, 0, 0] - bias
    return columns.T[:, :, None, None], bias


def compare_layer(
    answer: object,
    case: tuple,
    layer: Callable[[Tensor], Tensor],
    *,
    channels: int,
    mistakes: Sequence[tuple[str, Callable, str]],
    otherwise: str,
    tried: str,
) -> None:
    """Refuse a function whose (weight, bias) are not those of a linear map of pixels.

    `mistakes` are ("weight" or "bias", a function of the case that gives the wrong one, hint).
    """
    came = call(answer, *case)
    if not isinstance(came, tuple | list) or len(came) != 2:
        refuse("Return two tensors: weight, bias.", tried=tried, came=shown(came)[:200])
    for name, got, expected in zip(
        ("weight", "bias"), came, read_off(layer, channels), strict=True
    ):
        if same(got, expected):
            continue
        hint = hint_on_shape(name, plain(got), expected) or otherwise
        for where, wrong, meant in mistakes:
            if where == name and agrees(wrong, case, got, 1e-5):
                hint = meant
        values = [f"{name} {shown(each)[:300]}" for each in (expected, got)]
        refuse(hint, tried=tried, expected=values[0], came=values[1])


def hint_on_shape(name: str, came: object, expected: Tensor) -> str | None:
    """Return a hint where a weight or a bias has another shape, or None."""
    if not isinstance(came, Tensor) or came.shape == expected.shape:
        return None
    hint = f"The {name} must have the shape {tuple(expected.shape)}; it is {tuple(came.shape)}."
    if came.numel() == expected.numel() and name == "weight":
        hint += " The last two axes are the kernel's height and width."
    return hint


def cut_by_halving(miss: float, false_alarm: float) -> float:
    """Return the logit where both answers cost the same, by halving an interval."""
    low, high = -60.0, 60.0
    for _ in range(100):
        z = (low + high) / 2
        p, q = 1 / (1 + math.exp(-z)), 1 / (1 + math.exp(z))
        low, high = (low, z) if false_alarm * q < miss * p else (z, high)
    return z


def sure_class(logits: Tensor, least: float) -> Tensor:
    """Return the class of each pixel, or -1 where its probability is below least."""
    pixels = logits.movedim(1, -1)  # (N, H, W, K)
    classes = torch.empty(pixels.shape[:-1], dtype=torch.int64)
    for index in torch.cartesian_prod(*(torch.arange(each) for each in classes.shape)).tolist():
        z = [float(each) for each in pixels[tuple(index)]]
        probability = 1 / sum(math.exp(each - max(z)) for each in z)
        classes[tuple(index)] = z.index(max(z)) if probability >= least else -1
    return classes


def pick(values: Tensor, least: float) -> Tensor:
    """Return where the largest value of dimension 1 stands, or -1 where it is below least."""
    largest, chosen = values.max(dim=1)
    return torch.where(largest < least, -1, chosen)


MERGED_WRONG = [
    (
        "weight",
        lambda w1, b1, w2, b2: (w1[:, :, 0, 0] @ w2[:, :, 0, 0])[:, :, None, None],
        "The layer that runs second stands on the left of the product: V (W x) is (V W) x.",
    ),
    (
        "weight",
        lambda w1, b1, w2, b2: w1 * w2,
        "That multiplies number by number. Each output adds up over all the channels in the "
        "middle: a matrix product.",
    ),
    (
        "weight",
        lambda w1, b1, w2, b2: w1 + w2,
        "Layers side by side add their weights. One after the other, they multiply them.",
    ),
    (
        "bias",
        lambda w1, b1, w2, b2: b1 + b2,
        "The first bias passes through the second layer too, before the second bias is added.",
    ),
    (
        "bias",
        lambda w1, b1, w2, b2: b2,
        "The first layer's bias is lost. Feed the two layers zeros: what comes out of the first, "
        "and what does the second make of it?",
    ),
    (
        "bias",
        lambda w1, b1, w2, b2: w2[:, :, 0, 0] @ b1,
        "The second layer's own bias is missing.",
    ),
]

FEWER_WRONG = [
    (
        "weight",
        lambda w, b, d: w[others(w, d)],
        "Without its weights the dropped class no longer competes: putting a 0 in its place "
        "changes the probabilities.",
    ),
    (
        "weight",
        lambda w, b, d: w[d] - w[others(w, d)],
        "The sign is turned round: what speaks for a class that stays must raise its logit.",
    ),
    (
        "weight",
        lambda w, b, d: w[others(w, 0)] - w[0],
        "That drops class 0, whichever one was asked for.",
    ),
    (
        "weight",
        lambda w, b, d: w[others(w, d)] - w.mean(0),
        "Taking off the mean changes no probability, but the dropped class's logit is not 0 then.",
    ),
    ("bias", lambda w, b, d: b[others(w, d)], "The bias is a part of the logit, as the weight is."),
]


def others(weight, dropped: int) -> list[int]:
    """Return the numbers of the classes that stay."""
    return [each for each in range(len(weight)) if each != dropped]
