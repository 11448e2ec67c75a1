"""Questions on the block Down: its parameters, its rivals, and calls that fail."""

from __future__ import annotations

import random

from torch import nn

from unet_tutorial.blocks import Down
from unet_tutorial.classroom.quiz.kinds.options import choose_wrong
from unet_tutorial.classroom.quiz.kinds.shared import ask_failing_line, count_parameters
from unet_tutorial.classroom.quiz.question import Question, kind


@kind("04", "parameters_of_a_down", "Parameters of a Down")
def ask_parameters_of_a_down(draw: random.Random) -> Question:
    """Count the parameters of a pooling and a DoubleConv."""
    before = draw.randint(3, 20)
    after = draw.choice([2, 2, 3]) * before
    right, bare = count_parameters(Down(before, after)), 9 * after * (before + after)
    return Question(
        text="The block `Down` has a max pooling of 2 × 2 and then two convolutions of 3 × 3. "
        "Neither has a bias, and each is followed by a BatchNorm and a ReLU. The first convolution "
        f"takes {before} channels and returns {after}, and the second returns {after}, too. How "
        "many parameters of the block does training change?",
        right=right,
        wrong=choose_wrong(
            right,
            {
                "gives the pooling weights": right + 4 * before,
                "leaves out the BatchNorms": bare,
                "gives the convolutions a bias": right + 2 * after,
                "counts the first convolution twice": 18 * before * after + 4 * after,
                "gives a convolution one kernel per output channel": 18 * after + 4 * after,
            },
            most=5,
        ),
        why=f"The pooling has none. The convolutions have 9 · {before} · {after} and 9 · {after} · "
        f"{after} weights, and each BatchNorm has 2 · {after} parameters: {right}.",
        numerical=True,
    )


@kind("04", "parameters_of_strides", "Convolutions with stride 2 in place of poolings")
def ask_parameters_of_strides(draw: random.Random) -> Question:
    """Count what learned halving costs."""
    base, steps, side = draw.randint(3, 16), draw.randint(2, 4), draw.choice([2, 2, 3])
    widths = [base * 2**step for step in range(steps)]
    layers = [nn.Conv2d(w, w, kernel_size=side, stride=2, padding=side // 3) for w in widths]
    right, weights = sum(map(count_parameters, layers)), sum(each.weight.numel() for each in layers)
    return Question(
        text=f"An encoder has {steps} max poolings of 2 × 2, which run on "
        f"{', '.join(map(str, widths[:-1]))} and {widths[-1]} channels. Each of them is replaced "
        f"by a convolution of {side} × {side} with stride 2 and a bias, which returns as many "
        "channels as it takes. How many more parameters does the encoder have now?",
        right=right,
        wrong=choose_wrong(
            right,
            {
                "leaves out the biases": weights,
                "expects a layer to halve without parameters": 0,
                "gives each channel a single kernel, as if it were pooled by itself": sum(
                    (side**2 + 1) * width for width in widths
                ),
                "counts a kernel as one weight": sum(width**2 + width for width in widths),
                "takes weights of the poolings away, which they don't have": right
                - sum(4 * width for width in widths),
                "doubles the channels in each of these convolutions": 2 * right,
            },
            most=6,
        ),
        why="A max pooling has no parameters. A convolution from $C$ to $C$ channels has "
        f"${side**2} \\cdot C \\cdot C$ weights and $C$ biases: "
        f"{' + '.join(str(count_parameters(each)) for each in layers)} = {right}.",
        numerical=True,
    )


@kind("04", "failing_line_of_an_encoder", "The line of an encoder that fails")
def ask_failing_line_of_an_encoder(draw: random.Random) -> Question:
    """Find the line that raises an error, if any does."""
    colours, base, fault = (
        draw.choice([1, 3]),
        draw.choice([4, 6, 8, 10, 12]),
        draw.choice([0, 3, 4, 5, 6, 6]),
    )
    side, kernel = draw.choice([13, 15, 17, 18, 20, 22, 25, 30]), draw.choice([2, 3])
    padding = {4: kernel // 2 + 1}.get(fault, draw.randint(0, 1))
    side = {6: draw.choice([8, 9, 10])}.get(fault, side)
    last = 4 * base if fault == 5 else 2 * base
    if fault == 6:
        padding = 0  # sides of 8 to 10 become 4 or 5, 1 or 2, and perhaps 0
    code = "\n".join(
        [
            f"x = torch.rand({draw.randint(2, 8)}, {colours}, {side}, {side})",
            f"x = DoubleConv({colours}, {base})(x)",
            f"x = Down({2 * base if fault == 3 else base}, {2 * base})(x)",
            f"x = nn.MaxPool2d(kernel_size={kernel}, stride={3 if fault == 6 else 2}, "
            f"padding={padding})(x)",
            f"x = Down({last}, {2 * last})(x)",
        ]
    )
    return ask_failing_line(
        code,
        {
            2: "expects an image of this size to be refused",
            3: "expects a Down to take the channels that it returns",
            4: "expects a pooling to refuse padding, or a side that it doesn't divide",
            5: "expects a pooling to change the channels",
            0: "expects layers to adapt to any input",
        },
        "`DoubleConv(a, b)` has two convolutions of 3 × 3 with padding 1, from a to b channels; "
        "`Down(a, b)` pools by 2 × 2 with stride 2, and then runs `DoubleConv(a, b)`.",
    )
