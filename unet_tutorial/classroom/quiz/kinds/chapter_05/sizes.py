"""Questions on sizes: how large an output is, and which settings reach a size."""

from __future__ import annotations

import random
from typing import NamedTuple

import torch
import torch.nn.functional as F

from unet_tutorial.classroom.quiz.question import DrawAgain, Question, Wrong, kind
from unet_tutorial.shapes import conv_output_size, conv_transpose_output_size


class _Setting(NamedTuple):
    """A transposed convolution's arguments."""

    kernel: int
    stride: int
    padding: int
    output_padding: int

    def __str__(self) -> str:
        names = ("kernel_size", "stride", "padding", "output_padding")
        return ", ".join(f"{name}={value}" for name, value in zip(names, self, strict=True))

    def enlarge(self, size: int) -> int:
        """Return the size that a row of `size` values gets."""
        return conv_transpose_output_size(size, *self)


@kind("05", "size_of_the_output", "Size of a transposed convolution's output")
def ask_size_of_the_output(draw: random.Random) -> Question:
    """Compute a height from all four settings."""
    stride, height = draw.randint(2, 4), draw.randint(6, 40)
    setting = _Setting(draw.randint(3, 7), stride, draw.randint(1, 2), draw.randint(1, stride - 1))
    kernel, _, padding, output_padding = setting
    right = setting.enlarge(height)
    return Question(
        text=f"`nn.ConvTranspose2d(8, 4, {setting})` is applied to a tensor with {height} rows and "
        f"{height} columns. How many rows does the result have?",
        right=right,
        wrong=(
            Wrong(
                conv_output_size(height, kernel, stride, padding),
                "takes the formula of a convolution, which divides by the stride",
            ),
            Wrong(right + 4 * padding, "lets padding add rows, where it crops them"),
            Wrong(right + padding, "crops at one end only"),
            Wrong(right - output_padding, "leaves out output_padding"),
            Wrong(
                right + stride, "multiplies the stride by all rows, though the first doesn't move"
            ),
        ),
        why=f"The last row's stamp begins at ({height} - 1) · {stride} = {(height - 1) * stride} "
        f"and is {kernel} rows high. output_padding adds {output_padding}, and padding crops "
        f"{padding} at each end: {right} rows.",
        numerical=True,
    )


@kind("05", "output_padding_back", "The output_padding that brings a size back")
def ask_output_padding_back(draw: random.Random) -> Question:
    """Find what is missing in height and width after a convolution and its way back."""
    stride, kernel = draw.randint(2, 4), draw.randint(3, 7)
    padding, sides = draw.randint(0, kernel // 2), draw.sample(range(20, 90), 2)
    small = [conv_output_size(side, kernel, stride, padding) for side in sides]
    back = [conv_transpose_output_size(side, kernel, stride, padding) for side in small]
    missing = tuple(side - found for side, found in zip(sides, back, strict=True))
    if missing[0] == missing[1]:
        raise DrawAgain
    options = {
        (0, 0): "expects the convolution's settings to bring its size back by themselves",
        missing[::-1]: "exchanges height and width",
        tuple(side % stride for side in sides): "looks at the remainder of the image's side only, "
        "without kernel and padding",
        tuple(stride - 1 - each for each in missing): "counts the rows up to the next window "
        "instead of those left over after the last one",
    }
    wrong = {value: told for value, told in options.items() if value != missing}
    if len(wrong) < 3:
        raise DrawAgain
    settings = f"kernel_size={kernel}, stride={stride}, padding={padding}"
    return Question(
        text=f"A convolution with `{settings}` is applied to an image of {sides[0]} × {sides[1]} "
        "pixels (height × width). A transposed convolution with the same kernel_size, stride and "
        "padding is applied to its output. Which `output_padding`, as (height, width), brings back "
        f"{sides[0]} × {sides[1]}?",
        right=f"`{missing}`",
        wrong=tuple(Wrong(f"`{value}`", told) for value, told in wrong.items()),
        why=f"The convolution makes {small[0]} × {small[1]}, and the way back {back[0]} × "
        f"{back[1]} without output_padding. What's missing is {missing[0]} in height and "
        f"{missing[1]} in width.",
    )


@kind("05", "settings_that_enlarge", "Settings that enlarge every size by a factor")
def ask_settings_that_enlarge(draw: random.Random) -> Question:
    """Find the settings with which every n becomes a multiple of n."""
    factor, padding, one = draw.choice([2, 2, 3, 4]), draw.randint(1, 3), draw.randint(3, 6)
    output_padding = draw.randint(0, factor - 1)
    kernel = 2 * padding + factor - output_padding
    fixed = factor * one - (one - 1) * (factor + 1) + 2 * padding - output_padding
    options = {
        _Setting(kernel, factor, padding, output_padding): "",
        _Setting(
            kernel - padding, factor, padding, output_padding
        ): "crops at one end only: padding crops at both",
        _Setting(
            kernel + 2 * output_padding, factor, padding, output_padding
        ): "takes output_padding for something that shortens the output",
        _Setting(
            2 * padding + 1, factor, padding, 0
        ): "takes the settings with which a convolution divides every such size",
        _Setting(fixed, factor + 1, padding, output_padding): "tries one size only",
    }
    if any(setting.kernel < 1 for setting in options):
        raise DrawAgain
    fitting = [s for s in options if all(s.enlarge(n) == factor * n for n in range(8, 14))]
    if len(fitting) != 1 or len(options) < 4:
        raise DrawAgain
    s = fitting[0]
    return Question(
        text=f"In a network, each step up must make exactly {factor} · n rows of n rows, for every "
        f"n. (For instance, {one} rows become {factor * one}, and {one + 1} become "
        f"{factor * (one + 1)}.) Which settings of a transposed convolution do that?",
        right=f"`{s}`",
        wrong=tuple(Wrong(f"`{each}`", told) for each, told in options.items() if each != s),
        why=f"The stride has to be {factor}, since only the stride is multiplied by n. The rest "
        f"has to add up: kernel + output_padding = 2 · padding + stride, here {s.kernel} + "
        f"{s.output_padding} = 2 · {s.padding} + {factor}.",
    )


@kind("05", "ends_of_a_sheet", "What padding and output_padding do to the ends")
def ask_ends_of_a_sheet(draw: random.Random) -> Question:
    """Lengthen a row at its end, then crop it at both ends."""
    stride, padding, length = draw.randint(2, 3), draw.randint(1, 2), draw.randint(3, 4)
    output_padding = draw.randint(1, stride - 1)
    ink = torch.tensor([draw.sample(range(1, 10), length)]).float()
    kernel = torch.tensor([[draw.sample(range(1, 8), draw.randint(3, 4))]]).float()
    plain = F.conv_transpose1d(ink, kernel, stride=stride)[0]
    made = F.conv_transpose1d(ink, kernel, None, stride, padding, output_padding)[0]
    added = torch.zeros(output_padding)
    inside, nothing = plain[padding:-padding], torch.zeros(padding)
    return Question(
        text="Without padding and output_padding, a transposed convolution (one row, one channel, "
        f"no bias, stride {stride}) turns its input into\n\n```\n{_format_row(plain)}\n```\n\n"
        "What would it turn the same input into with "
        f"`padding={padding}, output_padding={output_padding}`?",
        right=_show_row(made),
        wrong=(
            Wrong(
                _show_row(torch.cat([inside, added])),
                "crops first and adds zeros then, so the values at the end get lost",
            ),
            Wrong(
                _show_row(torch.cat([nothing, plain, nothing, added])),
                "lets padding add places, as in a convolution",
            ),
            Wrong(
                _show_row(torch.cat([plain, added])[2 * padding :]),
                "crops at the beginning only, instead of at both ends",
            ),
            Wrong(_show_row(inside), "crops, but leaves out output_padding"),
        ),
        why=f"First, output_padding makes room for {output_padding} more at the end, where no "
        f"stamp reaches: 0. Then, padding crops {padding} at each end.",
    )


def _show_row(row: torch.Tensor) -> str:
    return f"`{_format_row(row)}`"


def _format_row(row: torch.Tensor) -> str:
    return str(row.int().tolist())


@kind("05", "padding_of_zero_stuffed", "The same output from a convolution")
def ask_padding_of_zero_stuffed(draw: random.Random) -> Question:
    """Find the zeros around an input with which a convolution does the same."""
    kernel, stride, length = draw.randint(3, 9), draw.randint(2, 4), draw.randint(5, 9)
    padding = draw.randint(1, kernel - 2)
    right = _find_padding(kernel, stride, padding, length)
    return Question(
        text=f"A transposed convolution with kernel {kernel}, stride {stride}, padding {padding} "
        f"and no output_padding is applied to {length} values in a row. An ordinary convolution "
        f"can make the same output: insert {stride - 1} zero{'s' * (stride > 2)} between each two "
        "neighbours, add zeros at both ends, and apply the flipped kernel with stride 1. How many "
        "zeros have to be added at each end?",
        right=right,
        wrong=(
            Wrong(padding, "takes the same padding for both, though one crops and one adds"),
            Wrong(kernel - 1, "forgets that padding crops the transposed convolution's output"),
            Wrong(kernel - 1 + padding, "adds the padding that has to be taken away"),
            Wrong((kernel - 1) // 2, "takes the padding that keeps a convolution's size"),
        ),
        why=f"The first value's stamp begins where a window of {kernel} values has only its last "
        f"place on it: that takes {kernel - 1} zeros before it. Padding crops {padding} of the "
        f"output, so {right} remain.",
        numerical=True,
    )


def _find_padding(kernel: int, stride: int, padding: int, length: int) -> int:
    """Return the padding with which a convolution gives the same as a transposed one."""
    values, weight = torch.arange(1.0, length + 1)[None], torch.arange(1.0, kernel + 1)
    wanted = F.conv_transpose1d(values, weight[None, None], stride=stride, padding=padding)
    stuffed = torch.zeros(1, (length - 1) * stride + 1)
    stuffed[:, ::stride] = values
    flipped = weight.flip(0)[None, None]
    return next(
        zeros
        for zeros in range(3 * kernel)
        if torch.equal(F.conv1d(F.pad(stuffed, (zeros, zeros)), flipped), wanted)
    )
