"""Questions on factors: how the three costs change with channels, sides and levels."""

from __future__ import annotations

import random
from fractions import Fraction

import torch
from torch import nn

from unet_tutorial.classroom.quiz.kinds.chapter_09.measure import count_macs
from unet_tutorial.classroom.quiz.kinds.options import draw_wrong
from unet_tutorial.classroom.quiz.kinds.shared import count_parameters, save_figure
from unet_tutorial.classroom.quiz.question import Question, Wrong, kind
from unet_tutorial.teaching.drawing import bars

_HALF, _QUARTER, _THIRD = Fraction(1, 2), Fraction(1, 4), Fraction(1, 3)


def _measure_costs(dimensions: int, channels: int, side: int) -> tuple[int, int, int]:
    """Return the parameters, outputs and multiplications of a convolution on a square or cube."""
    layer = (nn.Conv2d, nn.Conv3d)[dimensions - 2](channels, channels, 3, padding=1, bias=False)
    shape = (1, channels, *[side] * dimensions)
    outputs = layer.to("meta")(torch.empty(shape, device="meta")).numel()
    return count_parameters(layer), outputs, count_macs(layer, *shape)


@kind("09", "factors_of_three_costs", "How three costs change")
def ask_factors_of_three_costs(draw: random.Random) -> Question:
    """Change channels and sides, and compare parameters, activations and multiplications."""
    dimensions, start = draw.choice([2, 3]), draw.choice([12, 24, 48, 60])
    channels = draw.choice([_THIRD, _HALF, Fraction(2), Fraction(3), Fraction(4)])
    sides = draw.choice([_QUARTER, _THIRD, _HALF, Fraction(2), Fraction(3)])
    first = _measure_costs(dimensions, start, 36)
    second = _measure_costs(dimensions, int(start * channels), int(36 * sides))
    right = tuple(Fraction(b, a) for a, b in zip(first, second, strict=True))
    square, pixels = channels**2, sides**dimensions
    shape, both = [("an image", "height and width"), ("a volume", "all three sides")][
        dimensions - 2
    ]
    kernel = " × ".join("3" * dimensions)
    told = _list_mistakes(channels, sides, pixels, both)
    return Question(
        text=f"A {kernel} convolution turns {start} channels into {start}, on {shape} of "
        f"{' × '.join(['36'] * dimensions)}. A second one turns {start * channels} channels into "
        f"{start * channels}, on {' × '.join([str(36 * sides)] * dimensions)}. (No bias; padding "
        "keeps the sizes.) What do you multiply the first one's parameters, activations (the "
        "values that it writes) and multiplications by to get the second one's?",
        right=_show_factors(*right),
        wrong=draw_wrong(
            draw, _show_factors(*right), {why: _show_factors(*each) for why, each in told.items()}
        ),
        why=f"Parameters grow with the square of the channels: {channels} · {channels}. "
        f"Activations grow with channels and pixels: {channels} · {pixels}. Multiplications "
        f"grow with both: {square} · {pixels}.",
    )


def _list_mistakes(
    channels: Fraction, sides: Fraction, pixels: Fraction, both: str
) -> dict[str, tuple[Fraction, Fraction, Fraction]]:
    """Return the three factors that each misconception gives; `both` names the sides."""
    square, values = channels**2, channels * pixels
    single = "counts the output channels only"
    return {
        f"{single}, though each is read from all input channels": (channels, values, values),
        f"{single}, and leaves them out of the activations": (channels, pixels, values),
        f"{single}, and one side instead of {both}": (channels, channels * sides, channels * sides),
        f"changes one side instead of {both}": (square, channels * sides, square * sides),
        "forgets that the activations have more, or fewer, channels as well": (
            square,
            pixels,
            square * pixels,
        ),
        "expects more pixels to need more weights": (square * pixels, values, square * pixels),
        "expects all three to change as the number of values does": (values, values, values),
    }


def _show_factors(parameters: Fraction, activations: Fraction, macs: Fraction) -> str:
    return f"parameters × {parameters}, activations × {activations}, multiplications × {macs}"


_SHOWN = {
    "parameters": "looks for growth from level to level and expects all numbers to be weights",
    "activations": "takes every cost that shrinks from level to level for the activations",
    "multiplications": "expects each level's multiplications to follow these bars",
    "{} per channel": "looks at the shrinking sides, and leaves out the growing channels",
    "channels": "looks at the number of channels, and not at pairs of them or at pixels",
}


@kind("09", "what_bars_show", "Which cost a picture shows")
def ask_what_bars_show(draw: random.Random) -> Question:
    """Recognise a cost by how it changes from level to level."""
    dimensions, depth, base = draw.choice([2, 3]), draw.randint(4, 6), draw.choice([4, 8, 16, 32])
    side = 2 ** (depth - 1) * draw.choice([3, 4, 5])
    pixel = ("pixels", "voxels")[dimensions - 2]
    levels = [(base * 2**level, side // 2**level) for level in range(depth)]
    costs = [_measure_costs(dimensions, *each) for each in levels]
    shown = dict(zip(list(_SHOWN)[:3], map(list, zip(*costs, strict=True)), strict=True))
    shown["{} per channel"] = [level_side**dimensions for _, level_side in levels]
    shown["channels"] = [channels for channels, _ in levels]
    chosen = draw.choice(list(shown))
    shares = [100 * value / sum(shown[chosen]) for value in shown[chosen]]
    names = [f"level {level}" for level in range(depth)]
    told = ", ".join(f"{share:.1f}" for share in shares)
    figure = bars({"": shares}, names, ylabel="share in percent", number="{:.1f}")
    ratio = Fraction(shown[chosen][1], shown[chosen][0])
    what = "images" if dimensions == 2 else "volumes (depth, height and width)"
    kernel = " × ".join("3" * dimensions)
    return Question(
        text=f"A network for {what} has {depth} levels. At each, a {kernel} convolution keeps "
        f"the number of channels: {base} at level 0, and twice as many at each level below, where "
        f"each side is half as long. The picture shows how one quantity is distributed over the "
        "levels. Which?",
        right=chosen.format(pixel),
        wrong=tuple(
            Wrong(name.format(pixel), why) for name, why in _SHOWN.items() if name != chosen
        ),
        why=f"Each bar is {ratio} times the one before. From level to level, the channels are "
        f"multiplied by 2, and the {pixel} by 1/{2**dimensions}. Parameters grow with channels · "
        f"channels, activations with channels · {pixel}, multiplications with channels · channels "
        f"· {pixel}.",
        picture=save_figure(figure),
        alt=f"Bars for {depth} levels, in percent: {told}.",
    )
