"""Questions on the whole step up: parameters, the skip that fits, a line that fails."""

from __future__ import annotations

import random

import torch

from unet_tutorial.blocks import DoubleConv, Up
from unet_tutorial.classroom.quiz.kinds.shared import (
    ask_failing_line,
    count_parameters,
    format_shape,
)
from unet_tutorial.classroom.quiz.question import DrawAgain, Question, Wrong, kind


@kind("06", "parameters_of_a_step_up", "Parameters of a step up")
def ask_parameters_of_a_step_up(draw: random.Random) -> Question:
    """Count the parameters of an Up, with a transposed convolution and a DoubleConv."""
    before, after = 2 * draw.randint(4, 16), draw.randint(4, 12)
    step = Up(before, after)
    right, pair = count_parameters(step), count_parameters(step.conv)
    upsampling = count_parameters(step.upsampling)
    return Question(
        text="A step up of a U-Net has these layers:\n\n```\n"
        f"nn.ConvTranspose2d({before}, {before // 2}, kernel_size=2, stride=2)\n"
        f"nn.Conv2d({before}, {after}, kernel_size=3, padding=1, bias=False)\n"
        f"nn.BatchNorm2d({after})\nnn.ReLU()\n"
        f"nn.Conv2d({after}, {after}, kernel_size=3, padding=1, bias=False)\n"
        f"nn.BatchNorm2d({after})\nnn.ReLU()\n```\n\nAfter the first layer, the skip connection "
        "is joined to its output. How many parameters does the step have?",
        right=right,
        wrong=(
            Wrong(right - before // 2, "forgets the bias of the transposed convolution"),
            Wrong(pair + upsampling // 4, "gives the transposed convolution a kernel of one pixel"),
            Wrong(pair, "takes a transposed convolution for a layer without parameters"),
            Wrong(right - 4 * after, "leaves out the BatchNorms"),
            Wrong(
                upsampling + count_parameters(DoubleConv(before // 2, after)),
                "lets the first convolution read the upsampled channels only, without the skip's",
            ),
        ),
        why=f"{before} · {before // 2} · 4 weights and {before // 2} biases for the transposed "
        f"convolution, {upsampling}; 9 · {before} · {after} + 9 · {after} · {after} weights and "
        f"4 · {after} parameters of BatchNorm for the rest, {pair}. Joining has none.",
        numerical=True,
    )


@kind("06", "skip_that_fits", "The skip connection that fits")
def ask_skip_that_fits(draw: random.Random) -> Question:
    """Find the one shape that an Up can join."""
    number, below = draw.randint(1, 4), 8 * draw.randint(2, 16)
    height, width = draw.sample(range(5, 40), 2)
    step = Up(below, draw.choice([8, 16, 24])).to("meta")
    options = {
        (number, below // 2, 2 * height, 2 * width): "",
        (number, below, 2 * height, 2 * width): "forgets that the other half is the upsampled part",
        (number, below // 2, height, width): "forgets that the tensor from below is enlarged first",
        (number, 2 * below, height // 2, width // 2): "looks one level down instead of up",
        (2 * number, below // 2, 2 * height, 2 * width): "doubles the batch instead of the sides",
    }
    x = torch.empty(number, below, height, width, device="meta")
    fitting = [shape for shape in options if _can_join(step, x, shape)]
    if len(fitting) != 1:
        raise DrawAgain
    return Question(
        text=f"A step up takes a tensor `x` and a skip connection:\n\n```\n"
        f"upsampled = nn.ConvTranspose2d({below}, {below // 2}, kernel_size=2, stride=2)(x)\n"
        f"joined = torch.cat([skip, upsampled], dim=1)\n"
        f"output = nn.Conv2d({below}, {below // 2}, kernel_size=3, padding=1)(joined)\n```\n\n"
        f"`x` has the shape {format_shape(x.shape)}, that is (N, C, H, W). Which shape must `skip` "
        "have?",
        right=format_shape(fitting[0]),
        wrong=tuple(
            Wrong(format_shape(shape), told)
            for shape, told in options.items()
            if shape not in fitting
        ),
        why=f"The upsampled tensor is {format_shape(fitting[0])}. In a join along dimension 1, all "
        f"other dimensions must agree, and {below // 2} + {below // 2} channels make the {below} "
        "that the convolution takes.",
    )


def _can_join(step: Up, x: torch.Tensor, shape: tuple[int, ...]) -> bool:
    try:
        step(x, torch.empty(shape, device="meta"))
    except RuntimeError:
        return False
    return True


@kind("06", "failing_line_of_a_step_up", "The line of a step up that fails")
def ask_failing_line_of_a_step_up(draw: random.Random) -> Question:
    """Find the line of a step up that raises an error, if any does."""
    half, out, number = 2 * draw.randint(2, 8), draw.choice([4, 8, 12]), draw.randint(1, 4)
    height, width = draw.sample(range(5, 30), 2)
    below, skip = [number, 2 * half, height, width], [number, half, 2 * height, 2 * width]
    layer, order, dimension = f"{2 * half}, {half}", "skip, x", 1
    match draw.choice(["fits", "swapped", "odd", "skip", "batch", "kept", "halved", "dimension"]):
        case "swapped":
            order = "x, skip"
        case "odd":
            skip[draw.choice([2, 3])] += 1
        case "skip":
            skip[1] = 2 * half
        case "batch":
            skip[0] += 1
        case "kept":
            layer = f"{2 * half}, {2 * half}"
        case "halved":
            layer = f"{half}, {half}"
        case "dimension":
            dimension = 0
    code = "\n".join(
        [
            f"x = torch.rand{tuple(below)}",
            f"skip = torch.rand{tuple(skip)}",
            f"x = nn.ConvTranspose2d({layer}, kernel_size=2, stride=2)(x)",
            f"x = torch.cat([{order}], dim={dimension})",
            f"x = nn.Conv2d({2 * half}, {out}, kernel_size=3, padding=1)(x)",
        ]
    )
    return ask_failing_line(
        code,
        {
            3: "expects the transposed convolution to take the skip's channels",
            4: "expects a join to need equal channels, or to fail in the other order",
            5: "adds up the joined channels wrongly",
            0: "expects PyTorch to cut or adapt what doesn't fit",
        },
    )
