"""3.2 Edges of both signs."""

from __future__ import annotations

import torch
import torch.nn.functional as F

from unet_tutorial.teaching.checks.answers.arrays import numbers_in
from unet_tutorial.teaching.checks.compare import describe
from unet_tutorial.teaching.checks.exercise import exercise, refuse
from unet_tutorial.teaching.checks.values import equal_within, format_value


def _weight_of(name: str, answer: object, shape: tuple[int, ...]) -> torch.Tensor:
    """Return a weight of the given shape, or refuse it."""
    weight = numbers_in(answer)
    if weight is None:
        refuse(f"`{name}` must be a tensor of numbers.", got=describe(answer))
    if tuple(weight.shape) != shape:
        hint = f"The weight `{name}` must have the shape (out, in, 3, 3): {shape}."
        if tuple(weight.shape) == (1, 1, 3, 3):
            hint = "With one channel in the middle, the ReLU lets one sign through. Make it two."
        refuse(hint, got=f"shape {tuple(weight.shape)}")
    return weight


def _across(image: torch.Tensor) -> torch.Tensor:
    """Return the right neighbour minus the left one, zeros outside."""
    framed = F.pad(image, (1, 1))
    return framed[..., 2:] - framed[..., :-2]


def _down(image: torch.Tensor) -> torch.Tensor:
    """Return the lower neighbour minus the upper one, zeros outside."""
    return _across(image.mT).mT


def _hint_on_edges(got: torch.Tensor, d: torch.Tensor, vertical: torch.Tensor) -> str:
    """Return the hint for a map that should be |d|."""
    one_sign = "Only edges of one sign are left: the ReLU cut the other. Use the second channel."
    undone = "relu(d) - relu(-d) is d itself: the second convolution undoes what the ReLU did."
    wrong = [
        (torch.zeros_like(d), "Nothing is left. With which sign does each channel enter?"),
        (d, undone),
        (-d, undone),
        (-d.abs(), "The right size with the wrong sign: look at the second weight."),
        (vertical.abs(), "These are upper and lower neighbours. The last axis are the columns."),
    ]
    for factor in (1, 2, -1, -2):
        wrong += [(factor * F.relu(d), one_sign), (factor * F.relu(-d), one_sign)]
    for factor in (2, 3, 0.5):
        wrong.append((factor * d.abs(), "Right but for a factor."))
    spread = F.conv2d(d.abs(), torch.ones(1, 1, 3, 3).to(d), padding=1)
    wrong.append((spread, "The second convolution mixes neighbours. Only the pixel itself counts."))
    otherwise = (
        "Look at the two channels in the middle, before the ReLU: one should be right minus left, "
        "the other the same with the other sign."
    )
    return next((hint for each, hint in wrong if equal_within(got, each)), otherwise)


@exercise(
    misconception="A ReLU between two convolutions only takes information away.",
    hints=(
        "A ReLU keeps what is positive. How can a fall in brightness become positive too?",
        "Let one channel in the middle be the rise in brightness, right minus left, and let the "
        "other be the fall, left minus right.",
        "Of d and -d one is positive, and the ReLU makes the other 0. What does the second "
        "convolution have to do with the two, and which place of its slices lies on the pixel?",
    ),
)
def edges_of_both_signs(first, second, *, seed=0) -> str:
    """Check two weights, (2, 1, 3, 3) and (1, 2, 3, 3), that make |right minus left|."""
    first = _weight_of("first", first, (2, 1, 3, 3))
    second = _weight_of("second", second, (1, 2, 3, 3))
    generator = torch.Generator().manual_seed(seed)
    images = [torch.tensor([[0, 9, 9, 9, 0], [7, 0, 0, 2, 2]]).double()[None, None]]
    sizes = [(1, 3, 4), (2, 7, 6), (1, 5, 9)]
    images += [torch.randint(0, 10, (n, 1, *hw), generator=generator).double() for n, *hw in sizes]
    for image in images:
        got = F.conv2d(F.relu(F.conv2d(image, first, padding=1)), second, padding=1)
        difference = _across(image)
        if not equal_within(got, difference.abs()):
            refuse(
                _hint_on_edges(got, difference, _down(image)),
                tried=format_value(image[0, 0]),
                expected=format_value(difference.abs()[0, 0]),
                got=format_value(got[0, 0]),
            )
    return f"|right - left| on {len(images)} images, which no single convolution gives"
