"""2.4 Three filters in one weight."""

from __future__ import annotations

import torch
import torch.nn.functional as F

from unet_tutorial.teaching.checks.answers.arrays import numbers_in
from unet_tutorial.teaching.checks.compare import (
    describe,
)
from unet_tutorial.teaching.checks.exercise import exercise, refuse
from unet_tutorial.teaching.checks.values import equal_within, format_value


def _moved(channel: torch.Tensor, rows: int, columns: int) -> torch.Tensor:
    """Return (N, H, W) moved down and to the right, with zeros where nothing comes in."""
    height, width = channel.shape[1:]
    framed = F.pad(channel, (1, 1, 1, 1))
    return framed[:, 1 - rows : 1 - rows + height, 1 - columns : 1 - columns + width]


def _wanted_maps(image: torch.Tensor) -> list[tuple[torch.Tensor, list]]:
    """Return what each of the three maps should be, with mistakes and their hints."""
    first, second = image[:, 0], image[:, 1]
    corner = "This map has moved. Which place of a slice lies on the pixel that is computed?"
    return [
        (
            second,
            [
                (first, "This is channel 0. Which axis of the weight numbers the input channels?"),
                (first + second, "Channels are summed. Only channel 1 is wanted here."),
                (second.new_zeros(second.shape), "This map is empty: weight[0] is all zeros."),
                (_moved(second, 1, 1), corner),
                (_moved(second, -1, -1), corner),
            ],
        ),
        (
            first - second,
            [
                (second - first, "The sign is wrong: channel 0 minus channel 1 is wanted."),
                (first + second, "This is the sum. What makes it a difference?"),
                (first, "Channel 1 does not enter here yet."),
                (second, "Channel 0 does not enter here yet."),
            ],
        ),
        (
            _moved(first, 0, 1),
            [
                (
                    _moved(first, 0, -1),
                    "It moved to the left. Which neighbour must each output pixel read?",
                ),
                (_moved(first, 1, 0), "It moved down. Which axis of the weight are the columns?"),
                (_moved(first, -1, 0), "It moved up. Which axis of the weight are the columns?"),
                (_moved(second, 0, 1), "Channel 1 was moved. Channel 0 is wanted here."),
                (first, "This is channel 0, but it has not moved."),
            ],
        ),
    ]


def _compare_map(
    out: int, image: torch.Tensor, got: torch.Tensor, expected: torch.Tensor, mistakes: list
) -> None:
    """Refuse a map that is not the expected one."""
    if equal_within(got, expected):
        return
    hint = "Try an image that is 0 but for one pixel. Which weights in weight[{}] show up?"
    hints = [text for wrong, text in mistakes if equal_within(got, wrong)]
    channels = f"channel 0 {format_value(image[0, 0])}\nchannel 1 {format_value(image[0, 1])}"
    refuse(
        (hints or [hint.format(out)])[0],
        tried=channels,
        expected=f"map {out} {format_value(expected[0])}",
        got=f"map {out} {format_value(got[0])}",
    )


@exercise(
    misconception="Each output channel is made from the input channel of the same number.",
    hints=(
        "Begin with a weight of zeros. All three maps need one or two numbers in it.",
        "weight[o, i] is the slice with which output channel o looks at input channel i. With "
        "padding 1, the middle of a slice lies on the pixel that is computed.",
        "To move an image to the right, each output pixel must read its left neighbour. The last "
        "axis of the weight counts the columns of the window from left to right.",
    ),
)
def three_filters(answer, *, seed=0) -> str:
    """Check a weight (3, 2, 3, 3) that copies, subtracts and moves."""
    weight = numbers_in(answer)
    if weight is None:
        refuse("The answer must be a tensor of numbers.", got=describe(answer))
    if weight.shape != (3, 2, 3, 3):
        hint = "The weight of a layer from 2 to 3 channels has the shape (out, in, 3, 3)."
        if weight.shape == (2, 3, 3, 3):
            hint = "Output and input channels have changed places in the shape."
        refuse(hint, got=f"shape {tuple(weight.shape)}")
    generator = torch.Generator().manual_seed(seed)
    sizes = [(1, 3, 4), (2, 5, 8), (1, 9, 6)]
    for number, height, width in sizes:
        image = torch.randint(0, 10, (number, 2, height, width), generator=generator).double()
        maps = F.conv2d(image, weight, padding=1)
        for out, (expected, mistakes) in enumerate(_wanted_maps(image)):
            _compare_map(out, image, maps[:, out], expected, mistakes)
    return f"all three maps, for images of {len(sizes)} sizes"
