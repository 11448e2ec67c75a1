"""2.4 Three filters in one weight."""

from __future__ import annotations

import torch
import torch.nn.functional as F

from unet_tutorial.teaching.checks.answer_types.arrays import read_numbers
from unet_tutorial.teaching.checks.compare import describe
from unet_tutorial.teaching.checks.exercise import exercise, refuse
from unet_tutorial.teaching.checks.values import format_value, is_equal


def _make_weight(*maps: dict[tuple[int, int, int], int]) -> torch.Tensor:
    """Return a weight; each map is given as {(input channel, row, column): number}."""
    weight = torch.zeros(len(maps), 2, 3, 3, dtype=torch.float64)
    for kernels, numbers in zip(weight, maps, strict=True):
        for place, number in numbers.items():
            kernels[place] = number
    return weight


_FIRST, _SECOND = (0, 1, 1), (1, 1, 1)  # the middle of each kernel
_COPY, _DIFFERENCE, _MOVE = {_SECOND: 1}, {_FIRST: 1, _SECOND: -1}, {(0, 1, 0): 1}
REFERENCE = _make_weight(_COPY, _DIFFERENCE, _MOVE)
MISTAKES = [
    (_make_weight({_FIRST: 1}, _DIFFERENCE, _MOVE),
     "This is channel 0. Which axis of the weight counts the input channels?"),
    (_make_weight({_FIRST: 1, _SECOND: 1}, _DIFFERENCE, _MOVE),
     "Channels are summed. This map should contain only channel 1."),
    (_make_weight({}, _DIFFERENCE, _MOVE), "This map is empty: weight[0] is all zeros."),
    (_make_weight({(1, 0, 0): 1}, _DIFFERENCE, _MOVE),
     "This map has moved. Which place of a kernel is on the pixel that is computed?"),
    (_make_weight({(1, 2, 2): 1}, _DIFFERENCE, _MOVE),
     "This map has moved. Which place of a kernel is on the pixel that is computed?"),
    (_make_weight(_COPY, {_FIRST: -1, _SECOND: 1}, _MOVE),
     "The sign is wrong: the task asks for channel 0 minus channel 1."),
    (_make_weight(_COPY, {_FIRST: 1, _SECOND: 1}, _MOVE),
     "This is the sum. What makes it a difference?"),
    (_make_weight(_COPY, {_FIRST: 1}, _MOVE), "Channel 1 is missing from this map."),
    (_make_weight(_COPY, {_SECOND: 1}, _MOVE), "Channel 0 is missing from this map."),
    (_make_weight(_COPY, _DIFFERENCE, {(0, 1, 2): 1}),
     "It moved to the left. Which neighbour must each output pixel read?"),
    (_make_weight(_COPY, _DIFFERENCE, {(0, 0, 1): 1}),
     "It moved down. Which axis of the weight counts the columns?"),
    (_make_weight(_COPY, _DIFFERENCE, {(0, 2, 1): 1}),
     "It moved up. Which axis of the weight counts the columns?"),
    (_make_weight(_COPY, _DIFFERENCE, {(1, 1, 0): 1}),
     "You moved channel 1. The task asks for channel 0 here."),
    (_make_weight(_COPY, _DIFFERENCE, {_FIRST: 1}), "This is channel 0, but it has not moved."),
]  # fmt: skip


def _refuse_map(out: int, image: torch.Tensor, weight: torch.Tensor) -> None:
    """Refuse a weight, and show what it makes of an image (2, height, width) in map `out`."""
    otherwise = f"Try an image that is 0 but for one pixel. Which numbers of weight[{out}] show up?"
    hints = (hint for wrong, hint in MISTAKES if is_equal(weight[out], wrong[out]))
    expected, got = (F.conv2d(image, each, padding=1)[out] for each in (REFERENCE, weight))
    refuse(
        next(hints, otherwise),
        tried=f"channel 0 {format_value(image[0])}\nchannel 1 {format_value(image[1])}",
        expected=f"map {out} {format_value(expected)}",
        got=f"map {out} {format_value(got)}",
    )


@exercise(
    misconception="Each output channel is made from the input channel with the same number.",
    question="I set all weights of input channel 2 to zero. Which output channels change?",
    hints=(
        "Start with a weight of zeros. Each of the three maps needs one or two numbers in it.",
        "weight[o, i] is the kernel with which output channel o reads input channel i. With "
        "padding 1, the middle of a kernel is on the pixel that is computed.",
        "To move an image to the right, each output pixel must read its left neighbour. The last "
        "axis of the weight counts the columns of the window from left to right.",
    ),
)
def three_filters(answer, *, seed=0) -> str:
    """Check a weight (3, 2, 3, 3) that copies, subtracts and moves."""
    weight = read_numbers(answer)
    if weight is None:
        refuse("The answer must be a tensor of numbers.", got=describe(answer))
    if weight.shape != (3, 2, 3, 3):
        hint = "The weight of a layer from 2 to 3 channels has the shape (out, in, 3, 3)."
        if weight.shape == (2, 3, 3, 3):
            hint = "Output and input channels have changed places in the shape."
        refuse(hint, got=f"shape {tuple(weight.shape)}")
    generator = torch.Generator().manual_seed(seed)
    image = torch.randint(1, 10, (2, 3, 4), generator=generator).double()
    for out in range(3):  # two weights give the same map for every image only if they're equal
        if not is_equal(weight[out], REFERENCE[out]):
            _refuse_map(out, image, weight)
    return "all three maps, for every image"
