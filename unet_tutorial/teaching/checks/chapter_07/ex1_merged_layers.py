"""7.1 Two layers in a row."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from unet_tutorial.teaching.checks.chapter_07.layer_weights import compare_layer, draw_integers
from unet_tutorial.teaching.checks.exercise import exercise


def _reference(w1: Tensor, b1: Tensor, w2: Tensor, b2: Tensor) -> tuple[Tensor, Tensor]:
    first, second = w1[:, :, 0, 0], w2[:, :, 0, 0]  # (M, C) and (K, M)
    return (second @ first)[:, :, None, None], second @ b1 + b2


def _with_weight(weight: Callable) -> Callable:
    """Return a merge with this weight and the right bias."""
    return lambda *layers: (weight(*layers), _reference(*layers)[1])


def _with_bias(bias: Callable) -> Callable:
    """Return a merge with the right weight and this bias."""
    return lambda *layers: (_reference(*layers)[0], bias(*layers))


REFERENCE = _reference
MISTAKES = [
    (_with_weight(lambda w1, b1, w2, b2: (w1[:, :, 0, 0] @ w2[:, :, 0, 0])[:, :, None, None]),
     "The layer that runs second stands on the left of the product: V (W x) is (V W) x."),
    (_with_weight(lambda w1, b1, w2, b2: w1 * w2),
     "That multiplies number by number. Each output adds up over all the channels in the middle: "
     "a matrix product."),
    (_with_weight(lambda w1, b1, w2, b2: w1 + w2),
     "Layers side by side add their weights. One after the other, they multiply them."),
    (_with_bias(lambda w1, b1, w2, b2: b1 + b2),
     "The first bias passes through the second layer too, before the second bias is added."),
    (_with_bias(lambda w1, b1, w2, b2: b2),
     "The first layer's bias is lost. Feed the two layers zeros: what comes out of the first, and "
     "what does the second make of it?"),
    (_with_bias(lambda w1, b1, w2, b2: w2[:, :, 0, 0] @ b1),
     "The second layer's own bias is missing."),
]  # fmt: skip


@exercise(
    misconception="Two 1×1 convolutions in a row can do more than one.",
    question=(
        "I put a second 1×1 convolution behind the first, with nothing between. What can the "
        "two do that one cannot?"
    ),
    hints=(
        "At one pixel a 1×1 convolution is z = W x + b. Write the second one around the first.",
        "V (W x + b) + d: multiply it out. What multiplies x, and what is left when x is 0?",
        "The matrices are weight[:, :, 0, 0]; `second @ first` multiplies two of them, and the "
        "first bias goes through the second matrix.",
    ),
)
def merged_layers(merge, *, seed=0) -> str:
    """Check merge(weight1, bias1, weight2, bias2), which returns one layer's weight and bias."""
    generator = torch.Generator().manual_seed(seed)
    widths = [(2, 2, 2), (3, 2, 1), (1, 3, 2), (4, 5, 3)]
    for c, m, k in widths:
        w1, b1 = draw_integers((m, c, 1, 1), generator), draw_integers((m,), generator) + 7
        w2, b2 = draw_integers((k, m, 1, 1), generator), draw_integers((k,), generator) - 9
        compare_layer(
            merge,
            REFERENCE,
            (w1, b1, w2, b2),
            mistakes=MISTAKES,
            otherwise="Feed the two layers a single pixel, and follow its numbers through both.",
            tried=f"two layers, {c} → {m} → {k} channels",
        )
    return f"{len(widths)} pairs of layers, with up to 5 channels in the middle, are one each"
