"""Questions on memory: what training keeps, and what fits."""

from __future__ import annotations

import random

import torch
from torch import nn

from unet_tutorial.blocks import DoubleConv, Down
from unet_tutorial.classroom.quiz.kinds.chapter_09.measure import (
    count_kept_bytes,
    count_kept_per_image,
    count_numbers_per_parameter,
    make_unet,
)
from unet_tutorial.classroom.quiz.kinds.shared import count_parameters
from unet_tutorial.classroom.quiz.question import DrawAgain, Question, Wrong, kind


@kind("09", "kept_by_a_double_conv", "What a DoubleConv keeps for the backward pass")
def ask_kept_by_a_double_conv(draw: random.Random) -> Question:
    """Count the tensors that the backward pass will read."""
    number, before, after = draw.randint(2, 8), *(4 * each for each in draw.sample(range(2, 17), 2))
    height, width = (16 * each for each in draw.sample(range(6, 25), 2))
    shape = (number, before, height, width)
    image = 4 * number * before * height * width
    kept = (count_kept_bytes(DoubleConv(before, after), *shape) - image) / 1e6
    one = torch.empty(number, after, height, width, device="meta").nbytes / 1e6
    block = f"nn.BatchNorm2d({after}), nn.ReLU(inplace=True)"
    return Question(
        text="In training, a batch of shape "
        f"`{shape}` goes through the block\n\n```\nnn.Conv2d({before}, {after}, kernel_size=3, "
        f"padding=1, bias=False), {block}\nnn.Conv2d({after}, {after}, kernel_size=3, padding=1, "
        f"bias=False), {block}\n```\n\nHow many megabytes of activations are kept for the "
        "backward pass, besides the batch itself? Count each tensor once, in float32; 1 MB = "
        "1,000,000 bytes. Leave out what has one number per channel only.",
        right=round(kept, 3),
        wrong=(
            Wrong(
                round(2 * one, 3), "counts the convolutions' outputs only, not what ReLU returns"
            ),
            Wrong(round(6 * one, 3), "counts what BatchNorm returns, though ReLU overwrites it"),
            Wrong(round(kept / 4, 3), "counts the numbers, but not the 4 bytes that each takes"),
            Wrong(round(kept / number, 3), "counts one image instead of the batch"),
        ),
        why=f"Kept are what each BatchNorm received, and what each ReLU returned, which the second "
        f"convolution reads as well: four tensors of {number} · {after} · {height} · {width} "
        f"numbers, {one:.1f} MB each.",
        tolerance=round(kept / 100, 3),
        numerical=True,
    )


_OPTIMISERS = {
    "Adam": (torch.optim.Adam, {}),
    "Adam with `amsgrad=True`, which adds a third tensor, the largest second average so far": (
        torch.optim.Adam,
        {"amsgrad": True},
    ),
    "SGD with momentum, which keeps one running average of each gradient": (
        torch.optim.SGD,
        {"momentum": 0.9},
    ),
}


@kind("09", "memory_of_an_optimiser", "What training keeps of the parameters")
def ask_memory_of_an_optimiser(draw: random.Random) -> Question:
    """Multiply the parameters by all that an optimiser keeps of each."""
    count, dtype = draw.randint(12, 480) * 100_000, draw.choice([torch.float32, torch.bfloat16])
    name = draw.choice(list(_OPTIMISERS))
    optimiser, settings = _OPTIMISERS[name]
    numbers = count_numbers_per_parameter(optimiser, **settings)
    told = {1: "counts the weights only", 2: "leaves out what the optimiser keeps"}
    told[numbers - 1] = "leaves out the gradients, or one of the averages"
    megabytes = count * dtype.itemsize / 1e6
    return Question(
        text=f"A network has {count:,} parameters. All numbers are in `{dtype}`, {dtype.itemsize} "
        f"bytes each. It's trained by {name}. How many megabytes do the weights, their gradients "
        "and what the optimiser keeps of them take together, whatever the images? (1 MB = "
        "1,000,000 bytes.)",
        right=round(numbers * megabytes, 3),
        wrong=(
            *(Wrong(round(times * megabytes, 3), why) for times, why in told.items()),
            Wrong(round(numbers * count / 1e6, 3), "counts the numbers, not the bytes of each"),
        ),
        why=f"{numbers} numbers for each parameter: the weight, its gradient, and {numbers - 2} "
        f"that the optimiser keeps. {numbers} · {count:,} · {dtype.itemsize} bytes are "
        f"{numbers * megabytes:.1f} MB.",
        tolerance=round(megabytes / 50, 3),
        numerical=True,
    )


@kind("09", "batch_that_fits", "The largest batch that fits")
def ask_batch_that_fits(draw: random.Random) -> Question:
    """Fill what the parameters leave of a machine's memory with images."""
    base, side = draw.choice([64, 80, 96, 112, 128]), 16 * draw.randint(8, 28)
    count, limit = count_parameters(make_unet(base)), draw.randint(4, 11) * 1e9
    image = round(count_kept_per_image(base, side), -6)  # as in the text
    copies = count_numbers_per_parameter(torch.optim.Adam)
    right = _count_images(limit - 4 * copies * count, image)
    rest = (limit - 4 * copies * count) % image / image
    if not 0.05 < rest < 0.95 or right < 2:
        raise DrawAgain  # too close to another number
    return Question(
        text=f"A network has {count / 1e6:.1f} million parameters, and is trained by Adam, in "
        f"float32. For the backward pass, it keeps {image / 1e6:.0f} MB for each image. How many "
        f"images at a time fit into {limit / 1e9:.0f} GB, if nothing else has to be kept? (1 GB = "
        "1,000 MB = 1,000,000,000 bytes.)",
        right=right,
        wrong=(
            Wrong(_count_images(limit, image), "forgets what is kept of the parameters"),
            Wrong(
                _count_images(limit - 4 * count, image),
                "counts the weights only, without their gradients and what Adam keeps",
            ),
            Wrong(right + 1, "rounds up, to an image that doesn't fit any more"),
        ),
        why=f"For each parameter, there's the weight, its gradient and two averages of Adam: 16 "
        f"bytes, {16 * count / 1e6:.0f} MB in all. The rest is enough for {right} times "
        f"{image / 1e6:.0f} MB, but not for {right + 1} times.",
        numerical=True,
    )


def _count_images(memory: float, each: int) -> int:
    number = 0
    while (number + 1) * each <= memory:
        number += 1
    return number


@kind("09", "change_that_saves_most", "Which change saves most memory")
def ask_change_that_saves_most(draw: random.Random) -> Question:
    """Compare fewer images, smaller sides, fewer channels and a narrower bottleneck."""
    base, side, number = draw.choice([32, 48, 64]), 16 * draw.randint(20, 32), draw.randint(6, 12)
    fewer = draw.randint(number // 3, number - 1)
    smaller = 16 * draw.randint(side // 32 + 2, side // 16 - 2)
    narrower = 4 * draw.randint(3, base // 4 - 2)
    options = {
        f"{fewer} images instead of {number}": _plan(make_unet(base), side, fewer),
        f"images of {smaller} × {smaller} pixels": _plan(make_unet(base), smaller, number),
        f"`base_channels={narrower}`": _plan(make_unet(narrower), side, number),
        f"{8 * base} instead of {16 * base} channels in the bottleneck": _plan(
            _narrow_bottleneck(base), side, number
        ),
    }
    told = (
        "overlooks that another change saves more than fewer images",
        "expects smaller images to save most, however much smaller they are",
        "expects the memory to shrink with the square of the channels, as parameters do",
        "looks for the memory where the parameters are",
    )
    best, second = sorted(options.values())[:2]
    if second < 1.15 * best:
        raise DrawAgain
    right = min(options, key=options.__getitem__)
    before = _plan(make_unet(base), side, number)
    return Question(
        text=f"A U-Net with `base_channels={base}` is trained by Adam on {number} grey images of "
        f"{side} × {side} pixels at a time. Each level below the first has twice the channels and "
        "half the height and width; the bottleneck is level 4. The memory isn't enough. Which of "
        "these changes alone reduces most what a training step keeps?",
        right=right,
        wrong=tuple(
            Wrong(name, why) for name, why in zip(options, told, strict=True) if name != right
        ),
        why="Most of it is activations, which grow with the number of images, with the square of "
        f"the side, and with the channels (not their square). Without a change, it's "
        f"{before / 1e9:.1f} GB; with "
        + ", with ".join(f"{name}, {value / 1e9:.1f} GB" for name, value in options.items())
        + ".",
    )


def _plan(network: nn.Module, side: int, number: int) -> float:
    """Return the bytes of a training step: of the parameters, and of the images."""
    kept = count_kept_bytes(network, 1, 1, side, side)
    copies = count_numbers_per_parameter(torch.optim.Adam)
    return 4 * copies * count_parameters(network) + number * kept


def _narrow_bottleneck(base: int) -> nn.Module:
    network = make_unet(base)
    with torch.device("meta"):
        network.down4 = Down(8 * base, 8 * base)
        network.up1.upsampling = nn.ConvTranspose2d(8 * base, 8 * base, kernel_size=2, stride=2)
    return network
