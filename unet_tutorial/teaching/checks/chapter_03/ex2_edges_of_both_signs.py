"""3.2 Edges of both signs."""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F

from unet_tutorial.teaching.checks.answer_types.arrays import read_numbers
from unet_tutorial.teaching.checks.compare import compare_function, describe
from unet_tutorial.teaching.checks.exercise import exercise, refuse

_RISE = torch.tensor([[0, 0, 0], [-1, 0, 1], [0, 0, 0]]).double()
_BOTH = torch.stack([_RISE, -_RISE])[:, None]  # (2, 1, 3, 3)


def _weigh(*factors: float) -> torch.Tensor:
    """Return a weight (1, 2, 3, 3) that adds the middle channels with these factors."""
    weight = torch.zeros(1, 2, 3, 3, dtype=torch.float64)
    weight[0, :, 1, 1] = torch.tensor(factors)
    return weight


_UNDONE = "relu(d) - relu(-d) is d itself: the second convolution undoes what the ReLU did."
_ONE_SIGN = "Only edges of one sign are left: the ReLU removed the others. Use the second channel."
REFERENCE = {"first": _BOTH, "second": _weigh(1, 1)}
MISTAKES = {
    "first": [
        (_BOTH.mT, "These are upper and lower neighbours. The last axis counts the columns."),
    ],
    "second": [
        (_weigh(0, 0), "Nothing is left. Which sign does each channel have in the sum?"),
        (_weigh(1, -1), _UNDONE),
        (_weigh(-1, 1), _UNDONE),
        (_weigh(-1, -1), "The right values with the wrong sign: look at the second weight."),
        *((_weigh(factor, 0), _ONE_SIGN) for factor in (1, 2, -1, -2)),
        *((_weigh(0, factor), _ONE_SIGN) for factor in (1, 2, -1, -2)),
        *((_weigh(factor, factor), "Right except for a factor.") for factor in (2, 3, 0.5)),
        (torch.ones(1, 2, 3, 3).double(),
         "The second convolution mixes neighbours. It should only read the pixel itself."),
    ],
}  # fmt: skip


def _require_weight(name: str, answer: object, shape: tuple[int, ...]) -> torch.Tensor:
    """Return a weight of the given shape, or refuse it."""
    weight = read_numbers(answer)
    if weight is None:
        refuse(f"`{name}` must be a tensor of numbers.", got=describe(answer))
    if tuple(weight.shape) != shape:
        hint = f"The weight `{name}` must have the shape (out, in, 3, 3): {shape}."
        if tuple(weight.shape) == (1, 1, 3, 3):
            hint = "With one channel in the middle, the ReLU lets one sign through. Make it two."
        refuse(hint, got=f"shape {tuple(weight.shape)}")
    return weight


def _make_detector(first: torch.Tensor, second: torch.Tensor) -> Callable:
    """Return a function of an image (H, W): two convolutions with a ReLU between them."""

    def detect_edges(image: torch.Tensor) -> torch.Tensor:
        middle = F.relu(F.conv2d(image[None, None], first, padding=1))
        return F.conv2d(middle, second, padding=1)[0, 0]

    return detect_edges


@exercise(
    misconception="A ReLU between two convolutions only takes information away.",
    question=(
        "One convolution finds edges from dark to bright. Can a second convolution alone turn "
        "that into all edges, of both signs? What do you need between them?"
    ),
    hints=(
        "A ReLU keeps positive values. How can a drop in brightness become positive too?",
        "Let one channel in the middle be the rise in brightness, right minus left, and the other "
        "one the drop, left minus right.",
        "One of d and -d is positive, and the ReLU sets the other to 0. What does the second "
        "convolution have to do with the two, and which of its weights is on the pixel itself?",
    ),
)
def edges_of_both_signs(first, second, *, seed=0) -> str:
    """Check two weights, (2, 1, 3, 3) and (1, 2, 3, 3), that make |right minus left|."""
    first = _require_weight("first", first, (2, 1, 3, 3))
    second = _require_weight("second", second, (1, 2, 3, 3))
    generator = torch.Generator().manual_seed(seed)
    images = [torch.tensor([[0, 9, 9, 9, 0], [7, 0, 0, 2, 2]])]
    sizes = [(3, 4), (7, 6), (5, 9)]
    images += [torch.randint(-9, 10, size, generator=generator) for size in sizes]
    number = compare_function(
        _make_detector(first, second),
        _make_detector(**REFERENCE),
        [(image.double(),) for image in images],
        mistakes=[
            (_make_detector(**REFERENCE | {name: wrong}), hint)
            for name, mistakes in MISTAKES.items()
            for wrong, hint in mistakes
        ],
        otherwise="Take a row that rises once and falls once. What does each channel in the middle "
        "hold, before the ReLU and after it? And what does the second convolution make of the two?",
        tolerance=1e-4,
    )
    return f"|right - left| on {number} images, which no single convolution gives"
