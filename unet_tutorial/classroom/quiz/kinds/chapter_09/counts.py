"""Questions on counts: parameters, multiplications, and the width behind a count."""

from __future__ import annotations

import random

from torch import nn

from unet_tutorial.blocks import DoubleConv, Down, Up
from unet_tutorial.classroom.quiz.kinds.chapter_09.measure import count_macs, make_unet
from unet_tutorial.classroom.quiz.kinds.shared import count_parameters
from unet_tutorial.classroom.quiz.question import DrawAgain, Question, Wrong, kind


@kind("09", "parameters_of_a_level", "Parameters of one level of the U")
def ask_parameters_of_a_level(draw: random.Random) -> Question:
    """Add up the parts of a level, on the way down and on the way up."""
    half = draw.randint(2, 48)
    channels = 2 * half
    down, up = (
        count_parameters(part) for part in (Down(half, channels), Up(2 * channels, channels))
    )
    unjoined = count_parameters(DoubleConv(channels, channels))
    joined = count_parameters(DoubleConv(2 * channels, channels))
    right = down + up
    return Question(
        text=f"A level of a U-Net has {channels} channels. On the way down, a max pooling and a "
        f"`DoubleConv({half}, {channels})` reach it. On the way up, "
        f"`nn.ConvTranspose2d({2 * channels}, {channels}, kernel_size=2, stride=2)` reaches it; "
        f"its output is joined with the skip connection, and a `DoubleConv` makes {channels} "
        "channels of that. A `DoubleConv(i, o)` has two 3 × 3 convolutions without bias, from i to "
        "o and from o to o channels, and a BatchNorm after each. How many parameters does the "
        "level have?",
        right=right,
        wrong=(
            Wrong(down, "counts the way down only"),
            Wrong(right - joined + unjoined, "forgets that joining doubles the channels"),
            Wrong(right - 8 * channels, "leaves out the BatchNorms"),
            Wrong(right - channels, "forgets the biases of the transposed convolution"),
            Wrong(down + joined, "takes a transposed convolution for a layer without parameters"),
        ),
        why=f"Down: 9 · {half} · {channels} + 9 · {channels} · {channels} + 4 · {channels} = "
        f"{down:,}. Up: 4 · {2 * channels} · {channels} + {channels} for the transposed "
        f"convolution, and 9 · {2 * channels} · {channels} + 9 · {channels} · {channels} + 4 · "
        f"{channels} for the DoubleConv, {up:,} in all. Together: {right:,}.",
        numerical=True,
    )


@kind("09", "saved_by_adding", "Parameters saved by adding the skips")
def ask_saved_by_adding(draw: random.Random) -> Question:
    """Compare a U-Net that joins its skip connections with one that adds them."""
    base = draw.randint(3, 48)
    widths = [base * 2**level for level in range(4)]
    saved = [
        count_parameters(DoubleConv(2 * o, o)) - count_parameters(DoubleConv(o, o)) for o in widths
    ]
    right = sum(saved)
    return Question(
        text=f"A U-Net has {', '.join(map(str, widths[:3]))} and {widths[3]} channels at levels 0 "
        "to 3. On its way up, each of these levels joins the upsampled tensor with the skip "
        "connection, which has as many channels, and the level's first 3 × 3 convolution (without "
        "bias) reads both. In another U-Net, the two are added instead of joined; all else is the "
        "same. How many parameters fewer does it have?",
        right=right,
        wrong=(
            Wrong(
                2 * right, "changes both convolutions, though the second one's input is the same"
            ),
            Wrong(right // 9, "forgets that each pair of channels has a kernel of 9 weights"),
            Wrong(saved[0], "counts one level only"),
            Wrong(9 * sum(widths), "counts one kernel for each channel, not for each pair"),
        ),
        why="At a level with o channels, the first convolution reads o channels instead of 2 · o, "
        "which saves 9 · o · o weights: " + " + ".join(f"{each:,}" for each in saved[::-1]) + f" = "
        f"{right:,}.",
        numerical=True,
    )


@kind("09", "macs_of_a_layer", "Multiplications of one layer")
def ask_macs_of_a_layer(draw: random.Random) -> Question:
    """Count the multiplications of a convolution, with or without stride, or of its reverse."""
    before, after = (4 * each for each in draw.sample(range(2, 16), 2))
    height, width = (10 * each for each in draw.sample(range(4, 26, 2), 2))
    layer, settings = draw.choice(
        [
            (nn.Conv2d, {"kernel_size": 3, "padding": 1}),
            (nn.Conv2d, {"kernel_size": 3, "stride": 2, "padding": 1}),
            (nn.Conv2d, {"kernel_size": 5, "padding": 2}),
            (nn.ConvTranspose2d, {"kernel_size": 2, "stride": 2}),
        ]
    )
    made = layer(before, after, **settings)
    macs = count_macs(made, 1, before, height, width) / 1e6
    kernel, stride = settings["kernel_size"], settings.get("stride", 1)
    tolerance = round(macs / 50, 3)
    shown = ", ".join(f"{name}={value}" for name, value in settings.items())
    pixels = height * width if layer is nn.ConvTranspose2d else height * width // stride**2
    wrong = [
        Wrong(round(macs / kernel**2, 3), "counts one multiplication for each pair of channels, "
              "not one for each weight of its kernel"),
        Wrong(round(macs / before, 3), "counts one kernel for each output channel, though each "
              "reads all input channels"),
        Wrong(round(made.weight.numel() / 1e6, 3), "counts the weights, though each is used at "
              "every pixel"),
    ]  # fmt: skip
    if stride == 2:
        more = "input" if layer is nn.Conv2d else "output"
        wrong.append(
            Wrong(round(4 * macs, 3), f"uses the whole kernel at each pixel of the {more}")
        )
    return Question(
        text=f"`{layer.__module__[6:8]}.{layer.__name__}({before}, {after}, {shown})` is applied "
        f"to one image of {before} channels and {height} × {width} pixels. How many "
        "multiplications is that, in millions? Each time that a weight is multiplied by a value "
        "counts as one, also if the value comes from padding.",
        right=round(macs, 3),
        wrong=tuple(wrong),
        why=f"Each of the {before} · {after} pairs of channels has a kernel of {kernel * kernel} "
        f"weights, which is used at {pixels:,} pixels"
        + (" of the input" if layer is nn.ConvTranspose2d else " of the output")
        + f": {before} · {after} · {kernel * kernel} · {pixels:,} = {macs:.1f} million.",
        tolerance=tolerance,
        numerical=True,
    )


@kind("09", "base_channels_of_a_count", "The width behind a number of parameters")
def ask_base_channels_of_a_count(draw: random.Random) -> Question:
    """Go back from a number of parameters to base_channels."""
    known, wanted = draw.sample(range(6, 49, 2), 2)
    before, after = (count_parameters(make_unet(base)) for base in (known, wanted))
    linear, ratio = round(known * after / before), after / before
    if not 1.4 < max(ratio, 1 / ratio) < 30:
        raise DrawAgain
    return Question(
        text=f"A U-Net with `base_channels={known}` (that many channels at level 0, and twice as "
        f"many at each of the four levels below) has {before:,} parameters. The file of a second "
        f"one, with another `base_channels` and otherwise the same, has {after:,}. What's its "
        "`base_channels`?",
        right=wanted,
        wrong=(
            Wrong(linear, "expects parameters to grow with the channels, not with their square"),
            Wrong(round(known * ratio ** (1 / 3)), "takes the third root instead of the second"),
            Wrong(round(known * ratio ** (1 / 4)), "takes one root for each of the four levels"),
        ),
        why=f"Nearly all parameters are weights of convolutions, and grow with the square of the "
        f"channels. There are {ratio:.3g} times as many, so there are {ratio**0.5:.3g} times the "
        f"channels: about {known} · {ratio**0.5:.3g}, {wanted}.",
        numerical=True,
    )
