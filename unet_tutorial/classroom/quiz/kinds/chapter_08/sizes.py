"""Questions on sizes: which fit, where others fail, and how much memory a tensor takes."""

from __future__ import annotations

import random
from functools import cache

import torch

from unet_tutorial.classroom.quiz.kinds.shared import (
    format_shape,
)
from unet_tutorial.classroom.quiz.question import DrawAgain, Question, Wrong, kind
from unet_tutorial.shapes import unet_sizes
from unet_tutorial.shapes.unet import check_divisible
from unet_tutorial.unet import UNet

_STEPS = ("up1", "up2", "up3", "up4")


@kind("08", "size_that_passes", "A size that passes through the U-Net")
def ask_size_that_passes(draw: random.Random) -> Question:
    """Find the size that can be halved four times."""
    a, b, c, d = (2 * draw.randint(3, 20) + 1 for _ in range(4))
    options = {
        (16 * draw.randint(5, 40), 16 * draw.randint(5, 40)): "",
        (16 * draw.randint(5, 40), 8 * a): "looks at one side only",
        (8 * b, 8 * c): "halves three times instead of four",
        (4 * d, 16 * draw.randint(5, 40)): "looks at one side only",
        (10 * b, 10 * b): "expects every square image with even sides to fit",
    }
    fitting = [size for size in options if _divides(*size)]
    if len(fitting) != 1:
        raise DrawAgain
    height, width = fitting[0]
    return Question(
        text="A U-Net has four levels below the first: four times, a max pooling of 2 × 2 halves "
        "height and width, and rounds down. On the way up, each transposed convolution doubles "
        "them, and a join with the skip connection needs equal sizes. Which of these images "
        "(height × width) can it take without padding?",
        right=f"{height} × {width}",
        wrong=tuple(
            Wrong(f"{size[0]} × {size[1]}", told)
            for size, told in options.items()
            if size not in fitting
        ),
        why="Both sides have to be multiples of 16, so that nothing is lost in four halvings: "
        f"{height} = 16 · {height // 16} and {width} = 16 · {width // 16}.",
    )


def _divides(height: int, width: int) -> bool:
    try:
        check_divisible(height, width)
    except ValueError:
        return False
    return True


@kind("08", "image_of_a_bottleneck", "From the bottleneck back to the image")
def ask_image_of_a_bottleneck(draw: random.Random) -> Question:
    """Find the first level's channels and the image's size from the bottleneck's shape."""
    base, rows, columns = draw.choice([4, 6, 8, 12, 16, 20, 24, 32]), *draw.sample(range(5, 40), 2)
    height, width = 16 * rows, 16 * columns
    bottleneck = unet_sizes(height, width, base_channels=base)[5]
    return Question(
        text="A U-Net has four levels below the first. Each halves height and width and doubles "
        f"the channels. At its bottleneck, a tensor has {bottleneck.channels} channels and "
        f"{bottleneck.height} × {bottleneck.width} values in each. How many channels does the "
        "first level have, and how large is the image?",
        right=_format_start(base, height, width),
        wrong=(
            Wrong(
                _format_start(2 * base, height // 2, width // 2), "goes back three levels, not four"
            ),
            Wrong(
                _format_start(base // 2, 2 * height, 2 * width), "goes back five levels, not four"
            ),
            Wrong(
                _format_start(base, height // 2, width // 2),
                "multiplies the sides by 2 for each level, added up",
            ),
            Wrong(
                _format_start(4 * base, height, width),
                "takes a fourth of the channels, not a sixteenth",
            ),
        ),
        why=f"Four doublings of the channels: {bottleneck.channels} / 16 = {base}. Four halvings "
        f"of the sides: 16 · {bottleneck.height} = {height} and 16 · {bottleneck.width} = {width}.",
    )


def _format_start(channels: int, height: int, width: int) -> str:
    return f"{channels} channels, {height} × {width} pixels"


@kind("08", "step_that_fails", "The step up that fails")
def ask_step_that_fails(draw: random.Random) -> Question:
    """Follow a size that may not fit down and up again."""
    height = draw.randrange(32, 240, draw.choice([1, 1, 2, 4, 8]))
    failing = _find_failing_step(height)
    sides = [height // 2**level for level in range(5)]
    first = next((level for level, side in enumerate(sides[:4]) if side % 2), None)
    told = dict.fromkeys(_STEPS, "loses track of which level a step up joins")
    told["none"] = "overlooks that halving an odd number drops a row"
    told["up4"] = "expects sizes to be compared only when the image's own size is reached"
    told["up1"] = "expects any size that isn't a multiple of 16 to fail at once"
    if first is not None:
        told[_STEPS[3 - first]] = "looks for the level where the first row was dropped"
    return Question(
        text=f"An image of {height} × 96 pixels goes through the parts of a U-Net, without any "
        "check. Four times, from level 0 to level 4, max pooling halves height and width, and "
        "rounds down. On the way back, `up1` doubles them and joins the skip connection of level "
        "3, `up2` that of level 2, `up3` that of level 1, and `up4` that of level 0. Which step "
        "raises an error, because the sizes differ?",
        right=_name_step(failing),
        wrong=tuple(
            Wrong(_name_step(step), told[step]) for step in (*_STEPS, "none") if step != failing
        ),
        why=f"The heights on the way down are {', '.join(map(str, sides))}. On the way up, each is "
        "doubled and compared with the one before it in this list, from right to left: "
        + (
            f"at `{failing}`, they differ for the first time."
            if failing != "none"
            else "they all agree."
        ),
    )


def _name_step(step: str) -> str:
    return "none of them: all sizes fit" if step == "none" else f"`{step}`"


@cache
def _make_parts() -> UNet:
    return UNet(base_channels=1).to("meta")


def _find_failing_step(height: int, width: int = 96) -> str:
    """Return the name of the step up whose join fails, or "none", by running the parts."""
    net = _make_parts()
    skips = [net.in_conv(torch.empty(1, 1, height, width, device="meta"))]
    for down in (net.down1, net.down2, net.down3, net.down4):
        skips.append(down(skips[-1]))
    x = skips.pop()
    for name in _STEPS:
        try:
            x = getattr(net, name)(x, skips.pop())
        except RuntimeError:
            return name
    return "none"


@kind("08", "memory_of_a_skip", "Memory of a skip connection")
def ask_memory_of_a_skip(draw: random.Random) -> Question:
    """Compute how many megabytes wait for a step up."""
    base, number = draw.choice([8, 16, 20, 24, 32, 40, 48, 64]), draw.choice([3, 5, 6, 10])
    height, width = (16 * draw.randint(10, 40) for _ in range(2))
    level = draw.choice([1, 3])
    stage = unet_sizes(height, width, base_channels=base)[level + 1]
    skip = torch.empty(number, *stage[1:], device="meta")
    megabytes = skip.numel() * skip.element_size() / 1e6
    return Question(
        text=f"A batch of {number} grey images of {height} × {width} pixels goes through a U-Net "
        f"with {base} channels at level 0, full size. Each level below has twice the channels, "
        f"half the height and half the width. The result of level {level} is kept for the way up. "
        "How many megabytes does it take, in float32? (1 MB = 1,000,000 bytes; two decimals.)",
        right=round(megabytes, 3),
        wrong=(
            Wrong(round(megabytes / number, 3), "takes one image instead of the batch"),
            Wrong(
                round(megabytes / 4, 3), "counts the numbers, but not the 4 bytes that each takes"
            ),
            Wrong(round(megabytes / 2**level, 3), "leaves the channels as they are at level 0"),
            Wrong(
                round(megabytes * 2**level, 3), "halves the pixels once per level, not both sides"
            ),
        ),
        why=f"The tensor is {format_shape(skip.shape)}, {skip.numel():,} numbers of 4 bytes: "
        f"{megabytes:.2f} MB.",
        tolerance=0.02,
        numerical=True,
    )
