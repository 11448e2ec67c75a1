"""Questions on the network: parameters, gradients, and a line that fails."""

from __future__ import annotations

import random
from functools import cache

import torch

from unet_tutorial.classroom.quiz.kinds.shared import (
    ask_failing_line,
    count_parameters,
)
from unet_tutorial.classroom.quiz.question import DrawAgain, Question, Wrong, kind
from unet_tutorial.unet import UNet


@kind("08", "parameters_of_wider", "Parameters when the base channels change")
def ask_parameters_of_wider(draw: random.Random) -> Question:
    """Predict how the number of parameters grows with the width."""
    base, factor = draw.choice(range(8, 33, 2)), draw.choice([2, 3, 4, 5])
    small, large = _count_unet(base), _count_unet(base * factor)
    options = {
        f"about {_round_millions(factor * small)} million": "multiplies by the factor once, though "
        "input and output channels both grow",
        f"about {_round_millions(factor**3 * small)} million": "multiplies by the factor three "
        "times",
        f"about {_round_millions(small)} million": "expects the width not to matter",
        f"about {_round_millions(factor**4 * small)} million": "multiplies once for each level",
    }
    return Question(
        text=f"A U-Net with `base_channels={base}` has {small:,} parameters: {base} channels at "
        "the first level, twice as many at each of four levels below. How many has the same "
        f"network with `base_channels={base * factor}`?",
        right=f"about {_round_millions(large)} million",
        wrong=tuple(Wrong(value, told) for value, told in options.items()),
        why="Nearly all parameters are weights of convolutions, and their number is proportional "
        f"to the input channels times the output channels. Both are {factor} times as many, so "
        f"there are about {factor**2} times as many weights: {large:,} parameters.",
    )


@cache
def _count_unet(base: int) -> int:
    with torch.device("meta"):
        return count_parameters(UNet(base_channels=base))


def _round_millions(count: int) -> str:
    return f"{count / 1e6:.2g}" if count < 1e8 else f"{round(count / 1e6, -1):.0f}"


@kind("08", "parts_without_gradient", "Which parts a cut leaves without gradients")
def ask_parts_without_gradient(draw: random.Random) -> Question:
    """Follow the gradients back through the U with two outputs cut off from the graph."""
    names = ["in_conv", "down1", "down2", "down3", "down4", "up1", "up2", "up3", "up4"]
    cut = sorted(draw.sample(names, 2), key=names.index)
    missing = _find_unreached(cut)
    last = max(names.index(name) for name in cut)
    options = {
        "only the cut": (cut, "expects a cut to stop the gradients of that part only"),
        "all before": (names[: last + 1], "forgets that gradients also take the skip connections"),
        "before the first": (names[: names.index(cut[0]) + 1], "stops at the first cut only"),
        "after": (names[names.index(cut[0]) :], "lets gradients run forward, from the image on"),
    }
    shown = {_list_parts(parts): told for parts, told in options.values()}
    shown.pop(_list_parts(missing), None)
    if len(shown) < 2:
        raise DrawAgain
    return Question(
        text="A U-Net has the parts `in_conv`, `down1` to `down4`, `up1` to `up4` and `out_conv`, "
        "which run in this order. `up1` joins the output of `down4` with the skip from `down3`, "
        "`up2` takes that of `down2`, `up3` that of `down1`, and `up4` that of `in_conv`. Somebody "
        f"replaces the outputs of `{cut[0]}` and `{cut[1]}` with `output.detach()`: the same "
        "numbers, cut off from the graph. Which parts then get no gradient at all from the loss?",
        right=_list_parts(missing),
        wrong=tuple(Wrong(value, told) for value, told in shown.items()),
        why="A part gets a gradient if some way leads from its output to the loss without passing "
        "a cut; such a way may take a skip connection. From the other parts, there's such a way: "
        f"{_list_parts([name for name in names if name not in missing])}.",
    )


def _list_parts(parts: list[str]) -> str:
    return ", ".join(f"`{part}`" for part in parts)


def _find_unreached(cut: list[str]) -> list[str]:
    """Return the parts whose parameters have no gradient after a backward pass."""
    net = UNet(base_channels=1)
    for name in cut:
        getattr(net, name).register_forward_hook(lambda part, inputs, output: output.detach())
    net(torch.zeros(2, 1, 16, 16)).sum().backward()
    return [
        name
        for name, part in net.named_children()
        if all(parameter.grad is None for parameter in part.parameters())
    ]


@kind("08", "failing_line_of_a_pass", "The line of a forward pass that fails")
def ask_failing_line_of_a_pass(draw: random.Random) -> Question:
    """Find the line of a small U-Net's pass that raises an error, if any does."""
    c, number = draw.choice([2, 3, 4, 5, 6]), draw.randint(2, 4)
    height, width = 4 * draw.randint(4, 12), 4 * draw.randint(4, 12)
    skips, widths = ["x1", "x0"], [4 * c, 2 * c, c]
    match draw.choice(["fits", "early", "late", "skip1", "skip0", "up", "out"]):
        case "early":
            height += draw.choice([2, 3])
        case "late":
            width += 1
        case "skip1":
            skips[0] = "x0"
        case "skip0":
            skips[1] = "x1"
        case "up":
            widths[1] = 4 * c
        case "out":
            widths[2] = 2 * c
    code = "\n".join(
        [
            f"x0 = DoubleConv(1, {c})(torch.rand({number}, 1, {height}, {width}))",
            f"x1 = Down({c}, {2 * c})(x0)",
            f"x2 = Down({2 * c}, {4 * c})(x1)",
            f"y1 = Up({widths[0]}, {2 * c})(x2, {skips[0]})",
            f"y0 = Up({widths[1]}, {c})(y1, {skips[1]})",
            f"logits = nn.Conv2d({widths[2]}, 1, kernel_size=1)(y0)",
        ]
    )
    return ask_failing_line(
        code,
        {
            3: "expects a pooling to fail where a side is odd",
            4: "expects every mistake to show at the first join",
            5: "expects mistakes to show only at full size",
            6: "expects the last layer to take the channels of the level below",
            0: "overlooks that a join needs equal sizes, and a layer its number of channels",
        },
        "Here, `DoubleConv(a, b)` turns a channels into b and keeps height and width. `Down(a, b)` "
        "halves height and width, rounding down, and then does the same. `Up(a, b)(x, skip)` "
        "takes an `x` of a channels, doubles its height and width and halves its channels, joins "
        "the skip connection to it, and turns the a joined channels into b.",
    )
