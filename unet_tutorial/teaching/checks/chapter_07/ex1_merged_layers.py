"""7.1 Two layers in a row."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from unet_tutorial.teaching.checks.chapter_07.layer_weights import compare_layers, draw_integers
from unet_tutorial.teaching.checks.exercise import exercise


def _merge_matrices(w1: Tensor, b1: Tensor, w2: Tensor, b2: Tensor) -> tuple[Tensor, Tensor]:
    first, second = w1[:, :, 0, 0], w2[:, :, 0, 0]  # (M, C) and (K, M)
    return (second @ first)[:, :, None, None], second @ b1 + b2


def _replace_weight(weight: Callable) -> Callable:
    """Return a merge with a wrong weight and the right bias."""
    return lambda *layers: (weight(*layers), _merge_matrices(*layers)[1])


def _replace_bias(bias: Callable) -> Callable:
    """Return a merge with the right weight and a wrong bias."""
    return lambda *layers: (_merge_matrices(*layers)[0], bias(*layers))


REFERENCE = _merge_matrices
MISTAKES = [
    (_replace_weight(lambda w1, b1, w2, b2: (w1[:, :, 0, 0] @ w2[:, :, 0, 0])[:, :, None, None]),
     "The layer that runs second is on the left in the product: V (W x) is (V W) x."),
    (_replace_weight(lambda w1, b1, w2, b2: w1 * w2),
     "That multiplies number by number. But each output sums over all the channels in the "
     "middle: that's a matrix product."),
    (_replace_weight(lambda w1, b1, w2, b2: w1 + w2),
     "The weights of layers side by side are added. One after the other, they are multiplied."),
    (_replace_bias(lambda w1, b1, w2, b2: b1 + b2),
     "The first bias passes through the second layer too, before the second bias is added."),
    (_replace_bias(lambda w1, b1, w2, b2: b2),
     "The first layer's bias is lost. Feed the two layers zeros: what does the first one return, "
     "and what does the second one turn that into?"),
    (_replace_bias(lambda w1, b1, w2, b2: w2[:, :, 0, 0] @ b1),
     "The second layer's bias is missing."),
]  # fmt: skip


@exercise(
    misconception="Two 1×1 convolutions in a row can do more than one.",
    question=(
        "I put a second 1×1 convolution after the first, with nothing between them. What can the "
        "two do that one can't?"
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
    widths = [(1, 1, 1), (2, 2, 2), (3, 2, 1), (1, 3, 2), (3, 1, 3), (4, 5, 3), (3, 3, 3)]
    cases = []
    for c, m, k in widths:
        shapes = (m, c, 1, 1), (m,), (k, m, 1, 1), (k,)
        cases.append(tuple(draw_integers(shape, generator) for shape in shapes))
    number = compare_layers(
        merge,
        REFERENCE,
        cases,
        mistakes=MISTAKES,
        otherwise="Feed the two layers a single pixel, and follow its numbers through both.",
        describe=lambda w1, b1, w2, b2: (
            f"two layers, {w1.shape[1]} → {len(w1)} → {len(w2)} channels"
        ),
    )
    return f"{number} pairs of layers, with up to 5 channels in the middle, are one each"
