"""4.4 When channels should not double."""

from __future__ import annotations

import random

from unet_tutorial.teaching.checks.compare import compare_function, compare_value
from unet_tutorial.teaching.checks.exercise import exercise

REFERENCE = {
    "channel_factor": lambda stride, dimensions: stride ** (dimensions / 2),
    "volume_cost": 0.125,
}
MISTAKES = {
    "channel_factor": [
        (lambda s, d: 2.0, "2 is right for windows of 2 by 2. Other poolings keep a different "
         "share of the places."),
        (lambda s, d: s**d, "That keeps the number of values. The task asks for the work."),
        (lambda s, d: s, "Right for images. How many places are left in a volume?"),
        (lambda s, d: s**0.5, "A stride of s leaves 1 / s of each side. How many sides are there?"),
        (lambda s, d: s ** (d / 4), "Only one square root: the two channel counts grow together."),
        (lambda s, d: 1 / s ** (d / 2), "Deeper levels get more channels, not fewer."),
        (lambda s, d: s ** (1 / d), "The dimensions say how many sides are divided. The root comes "
         "from the two channel counts."),
        *((lambda s, d, n=n: round(s ** (d / 2), n), "Don't round the factor.") for n in range(4)),
    ],
    "volume_cost": [
        (1.0, "In an image the two cancel. How much of a volume does a pooling leave?"),
        (0.5, "That is one step. From level 1 to level 4 there are three."),
        (0.0625, "That is four steps. From level 1 to level 4 there are three."),
        (1 / 512, "That only counts the voxels. There are more channels too."),
        (1 / 64, "Both channel counts double, the input's and the output's."),
        (8.0, "That is how many times as much level 1 takes. The task asks for level 4's share."),
    ],
}  # fmt: skip


@exercise(
    misconception="The channels double because the sides halve: one makes up for the other.",
    question=(
        "The image now has a quarter of its pixels. Do the channels have to double? What would "
        "happen to the work, the memory and the parameters if they stayed the same?"
    ),
    hints=(
        "How much work is a convolution at one place, as a function of its two channel counts?",
        "The number of places is divided by stride ** dimensions. The work at each place grows "
        "with the square of the factor. The two must cancel.",
        "Solve factor ** 2 == stride ** dimensions. For the last question, go from level 1 to "
        "level 4 in three equal steps.",
    ),
)
def channels_that_balance(channel_factor, volume_cost, *, seed=0) -> str:
    """Check channel_factor(stride, dimensions) and the share of work at level 4 of a 3-D U-Net."""
    random_cases = random.Random(seed).sample([(s, d) for s in (4, 5, 6) for d in (1, 2, 3)], 4)
    number = compare_function(
        channel_factor,
        REFERENCE["channel_factor"],
        [(3, 3), (2, 2), (3, 2), (2, 1), (4, 1), (2, 3), (1, 3), *random_cases],
        mistakes=MISTAKES["channel_factor"],
        otherwise="Write the work of one level as places times channels in times channels out.",
    )
    compare_value(
        volume_cost,
        REFERENCE["volume_cost"],
        mistakes=MISTAKES["volume_cost"],
        name="volume_cost",
        otherwise="How many voxels does one pooling leave, and how much more work is each?",
    )
    return f"{number} poolings, and a volume's level 4 takes an eighth of the work of level 1"
