"""Checks of chapter 02: convolution."""

from __future__ import annotations

from unet_tutorial.checks.compare import compare_value
from unet_tutorial.checks.exercise import exercise

__all__ = ["weight_of_a_layer"]


@exercise(
    "2.1",
    title="The weight of a layer",
    misconception="A 3×3 convolution has nine weights.",
    objectives=(2,),
    hints=(
        "One output channel looks at every input channel. How many kernels does it need?",
        "The shape is (out, in, kH, kW), whichever of the two channel counts is larger.",
        "The count is the product of the four numbers of the shape: out times in times 9.",
    ),
)
def weight_of_a_layer(shape, count) -> str:
    """Check the shape (a tuple of four whole numbers) and the count of Conv2d(64, 128, 3)."""
    compare_value(
        shape,
        (128, 64, 3, 3),
        mistakes=[
            (
                (64, 128, 3, 3),
                "Those are the right numbers in another order. Which axis is summed?",
            ),
            (
                (3, 3),
                "That is one kernel. Each pair of an output and an input channel has its own.",
            ),
            (
                (128, 3, 3),
                "That is one kernel for each output channel. What does it do with the "
                "other 63 input channels?",
            ),
        ],
        otherwise="The shape is (out, in, kH, kW).",
    )
    compare_value(
        count,
        128 * 64 * 9,
        mistakes=[
            (9, "Nine weights are one kernel, for one input and one output channel."),
            (
                128 * 9,
                "That gives each output channel one kernel. It has one for each input channel.",
            ),
            (64 * 9, "That is one output channel. There are 128."),
            (128 * 64 * 9 + 128, "That counts the biases too. The weight alone is asked for."),
        ],
        otherwise="Multiply the four numbers of the shape.",
    )
    return "128 output channels, each with one 3×3 kernel for each of 64 input channels"
