"""2.1 The weight of a layer."""

from __future__ import annotations

from unet_tutorial.teaching.checks.compare import compare_value
from unet_tutorial.teaching.checks.exercise import exercise, refuse
from unet_tutorial.teaching.checks.values import format_value, is_equal, read_like, to_plain_value

REFERENCE = {"shape": (32, 96, 3, 3), "added": 32 * 9}
MISTAKES = {
    "shape": [
        ((96, 32, 3, 3), "Those are the right numbers in another order. Which axis comes first?"),
        ((3, 3), "That's one kernel. Each pair of an output and an input channel has its own."),
        ((32, 3, 3), "That's one kernel for each output channel, as if the input had one channel."),
    ],
    "added": [
        (9, "Nine weights are one kernel. How many output channels need one for the new channel?"),
        (32, "Each output channel gets a whole kernel for the new channel, not one number."),
        (32 * 9 + 1, "Each output channel has one bias. Are there more output channels now?"),
        (32 * 9 + 32, "Each output channel has one bias. Are there more output channels now?"),
        (96 * 9, "That's what one more output channel would add."),
        (96 * 9 + 1, "That's what one more output channel would add."),
        *((97 * 32 * 9 + n, "That's the new total. How many of them are new?") for n in (0, 32)),
    ],
}


@exercise(
    misconception="A 3×3 convolution has nine weights.",
    question=(
        "A grey image has one channel, and a 3×3 kernel on it has nine weights. What changes "
        "when the input has 64 channels and the output 128?"
    ),
    hints=(
        "Not all of the 27,680 numbers are weights. How many of them are biases?",
        "Each of the 32 output channels has one 3×3 kernel for each input channel. Call the "
        "number of input channels n, and write down the count.",
        "32 · n · 9 weights and 32 biases make 27,680. The shape is (out, in, kH, kW).",
    ),
)
def weight_of_a_layer(shape, added) -> str:
    """Check the shape (four whole numbers) and what one more input channel adds."""
    numbers = read_like(to_plain_value(shape), ()) or ()
    if is_equal(numbers[:1] + numbers[2:], (32, 3, 3)) and not is_equal(numbers[1], 96):
        refuse(
            "The axes are right, but the number of input channels is not. Which of the 27,680 "
            "numbers aren't weights? And how many weights does each input channel need?",
            got=format_value(shape),
        )
    compare_value(
        shape,
        REFERENCE["shape"],
        mistakes=MISTAKES["shape"],
        name="weight_shape",
        otherwise="The shape is (out, in, kH, kW), four whole numbers.",
    )
    compare_value(
        added,
        REFERENCE["added"],
        mistakes=MISTAKES["added"],
        name="added",
        otherwise="Write the shape of the weight with one input channel more, and count again.",
    )
    return "a 3×3 kernel for each of 32 · 96 pairs of channels, and 32 biases"
