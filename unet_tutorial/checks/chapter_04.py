"""Checks of chapter 04: Down."""

from __future__ import annotations

import random

import torch.nn.functional as F

from unet_tutorial.checks.compare import compare_function, compare_value
from unet_tutorial.checks.exercise import exercise
from unet_tutorial.checks.oracles import pooling
from unet_tutorial.checks.oracles.settings import compare_settings

__all__ = [
    "channels_that_balance",
    "columns_seen",
    "halving_settings",
    "repaired_pooling",
    "shifts_that_commute",
]


@exercise(
    "4.1",
    title="Every setting that halves",
    misconception="Half the kernel as padding halves the image, as it keeps it in a convolution.",
    objectives=(2, 3),
    hints=(
        "Write n = 2m into the formula and ask for m. Which of the three can divide by 2?",
        "With stride 2 the formula is m + floor((2p - k) / 2) + 1. What must the floor be?",
        "2p - k must be -2 or -1. For each kernel size exactly one padding does that. For an odd "
        "side n = 2m + 1 the fraction is half a pixel larger: for which kernels does it matter?",
    ),
)
def halving_settings(halving, rounding_up, comes_back) -> str:
    """Check two sets of (kernel, stride, padding) and the side as which 75 comes back."""
    names = "(kernel, stride, padding)"
    compare_settings(
        halving,
        pooling.HALVING,
        variable="halving",
        names=names,
        wrong=pooling.does_not_halve,
        missing=pooling.lacking_halving,
    )
    compare_settings(
        rounding_up,
        pooling.ROUNDING_UP,
        variable="rounding_up",
        names=names,
        wrong=pooling.does_not_round_up,
        missing=lambda lacking: (
            "There are more. Put 15 into the formula for each setting of your first set."
        ),
    )
    compare_value(
        comes_back,
        80,
        mistakes=[
            (64, "So do 2×2 windows, which round down. Here every halving rounds up."),
            (75, "Four doublings give a multiple of 16. Is 75 one?"),
            (5, "That is the side at the bottom. Four doublings follow."),
            (76, "Round at every level, not once: write the five sides down."),
        ],
        name="comes_back",
        otherwise="Halve 75 four times, rounding up each time, then double four times.",
    )
    return "seven settings halve, one for each kernel; with an odd kernel an odd side rounds up"


@exercise(
    "4.2",
    title="How far to shift",
    misconception="Convolutions move along with any shift, and so does the contracting path.",
    objectives=(3,),
    hints=(
        "Pool 0, 9, 0, 0 and 0, 0, 9, 0 with windows of 2. Then pool 9, 0, 0, 0 and 0, 0, 9, 0.",
        "A shift survives a Down if it moves each window onto a window. It comes out halved.",
        "So a shift must divide by 2 once for each Down. Count how often 40 does.",
    ),
)
def shifts_that_commute(smallest_shift, deepest_level, moved_by) -> str:
    """Check the smallest shift for four Downs, and how deep and how far a shift by 40 goes."""
    compare_value(
        smallest_shift,
        16,
        mistakes=[
            (1, "True of convolutions. The windows of a pooling stay where they are."),
            (
                2,
                "That moves each window of the first pooling onto the next: one value at level 1. "
                "What is it at level 2?",
            ),
            (4, "There are four Downs, but each of them halves the shift."),
            (8, "One Down too few: a shift by 8 arrives at level 4 as half a value."),
            (32, "This one commutes, but a smaller one does too."),
            (140, "That is how far a value sees. A shift may be smaller than the field."),
        ],
        name="smallest_shift",
        otherwise="What is left of the shift after one Down, and after two?",
    )
    compare_value(
        deepest_level,
        3,
        mistakes=[
            (4, "40 / 16 is not a whole number: at level 4 the shift would be two and a half."),
            (0, "A shift by an odd number stays at level 0. This one is even."),
            (1, "It goes deeper: halve again, as long as it comes out whole."),
            (2, "It goes deeper: halve once more."),
            (5, "There are four Downs, so the deepest level is 4, and it is not that one."),
        ],
        name="deepest_level",
        otherwise="Halve 40 as long as it comes out whole, and count.",
    )
    compare_value(
        moved_by,
        5,
        mistakes=[
            (40, "40 is the shift in pixels of the image. Values of that level lie further apart."),
            (320, "The jump divides: values that lie 8 pixels apart move by fewer values."),
            (10, "That is the shift one level higher."),
            (3, "That is the level. By how many values does its output move?"),
        ],
        name="moved_by",
        otherwise="In values of that level: halve 40 once for each Down.",
    )
    return "16 is 2 four times, and 40 = 8 · 5 is halved three times"


@exercise(
    "4.3",
    title="A pooling that is right after ReLU",
    misconception="The padding of a max pooling is made of zeros, as that of a convolution.",
    objectives=(1, 2),
    hints=(
        "Pool an image of negative numbers with kernel 3, stride 2 and padding 1. What wins?",
        "There are two faults: what the border is made of, and how many windows are counted.",
        "The border must lose to every number. The count is in the section on the stride, with "
        "kernel and padding.",
    ),
)
def repaired_pooling(answer, *, seed=0) -> str:
    """Check max_pool(image, kernel_size, stride, padding) on images of either sign."""
    number = compare_function(
        answer,
        lambda image, *setting: F.max_pool2d(image[None, None], *setting)[0, 0],
        pooling.cases(seed),
        mistakes=pooling.MISTAKES,
        otherwise="Work this case out by hand: how many windows, and what does each hold?",
    )
    return f"{number} images of either sign, square and not, as nn.MaxPool2d pools them"


@exercise(
    "4.4",
    title="When channels should not double",
    misconception="The channels double because the sides halve: what one loses, the other gains.",
    objectives=(4,),
    hints=(
        "What does a convolution take at one place, as a function of its two channel counts?",
        "Places become fewer by stride ** dimensions. Work per place grows with the square of "
        "the factor. The two must cancel.",
        "Solve factor ** 2 == stride ** dimensions. For the last question, go from level 1 to "
        "level 4 in three equal steps.",
    ),
)
def channels_that_balance(channel_factor, volume_cost, *, seed=0) -> str:
    """Check channel_factor(stride, dimensions) and the share of work at level 4 of a 3-D U-Net."""
    random_cases = random.Random(seed).sample([(s, d) for s in (4, 5, 6) for d in (1, 2, 3)], 4)
    number = compare_function(
        channel_factor,
        lambda stride, dimensions: (float(stride) ** dimensions) ** 0.5,
        [(3, 3), (2, 2), (3, 2), (2, 1), (4, 1), (2, 3), (1, 3), *random_cases],
        mistakes=[
            (lambda s, d: 2.0, "2 is right for windows of 2 by 2. Other poolings leave other."),
            (lambda s, d: float(s**d), "That keeps the number of values. The work is asked for."),
            (lambda s, d: s**d, "That keeps the number of values. The work is asked for."),
            (lambda s, d: float(s), "Right for images. How many places are left in a volume?"),
            (lambda s, d: s, "Right for images. How many places are left in a volume?"),
            (lambda s, d: s**0.5, "A stride of s leaves 1 / s of each side. How many sides?"),
            (lambda s, d: s ** (d / 4), "Only one square root: the two counts grow together."),
            (lambda s, d: 1 / s ** (d / 2), "Deeper levels get more channels, not fewer."),
            (
                lambda s, d: s ** (1 / d),
                "The dimensions say how many sides are divided. The root comes from the two "
                "channel counts.",
            ),
        ],
        otherwise="Write the work of one level as places times channels in times channels out.",
    )
    compare_value(
        volume_cost,
        0.125,
        mistakes=[
            (1.0, "In an image the two cancel. Of a volume, how much is left by a pooling?"),
            (0.5, "That is one step. From level 1 to level 4 there are three."),
            (0.0625, "That is four steps. From level 1 to level 4 there are three."),
            (1 / 512, "That counts the voxels alone. There are more channels as well."),
            (1 / 64, "Both channel counts double, that of the input and that of the output."),
            (8.0, "That is how many times as much level 1 takes. Level 4 is asked for."),
        ],
        name="volume_cost",
        otherwise="How many voxels are left by one pooling, and how much more does each take?",
    )
    return f"{number} poolings, and a volume's level 4 takes an eighth of the work of level 1"


@exercise(
    "4.5",
    title="Which columns one value sees",
    misconception="The field lies symmetrically round the place that the value stands for.",
    objectives=(5,),
    hints=(
        "Start at the value, with first = last = column, and walk back through the layers.",
        "A 3×3 convolution reads one column more on either side. A pooled column c was made of "
        "two columns of the level above. Which two?",
        "For each level from the deepest to 1: two convolutions, then 2 * first and the second of "
        "the two columns of last. After the loop come the convolutions of level 0.",
    ),
)
def columns_seen(answer, *, seed=0) -> str:
    """Check sees(level, column): the first and the last column of the image that a value sees."""
    walk, draw = pooling.walk_back, random.Random(seed)
    deep = [(level, draw.randrange(-4, 25)) for level in (0, 1, 2, 3, 4, 2, 3)]
    cases = [(0, 7), (1, 10), (1, 0), (2, 5), (3, 1), (4, 6), (4, 0), *deep]
    number = compare_function(
        answer,
        pooling.seen_forwards,
        cases,
        mistakes=[
            (walk(second=0), "A pooled column was made of two columns, not of one."),
            (walk(end=1), "last is the last column that is seen, not the one after it."),
            (
                walk(pool_first=True),
                "On the way down a level pools first. Walking back, when does its pooling come?",
            ),
            (walk(level_zero=False), "Level 0 has two convolutions of its own."),
            (walk(wide=1), "Each level has two convolutions."),
            (pooling.centred, "The right size. It does not lie evenly round column * jump."),
        ],
        otherwise="Try level 1 on paper: which columns of level 0 went into this value?",
    )
    return f"{number} values, each with the columns that reach it through the layers"
