"""Checks of chapter 09: what it costs."""

from __future__ import annotations

import torch
from torch import nn

from unet_tutorial import UNet
from unet_tutorial.checks.compare import compare_function, compare_value
from unet_tutorial.checks.exercise import exercise
from unet_tutorial.checks.oracles.costs import (
    COUNT_WRONG,
    WIDEST_WRONG,
    Batches,
    bytes_to_train,
    compare_validation,
    count_of_adding,
    widest_by_trying,
)
from unet_tutorial.checks.values import plain

__all__ = ["count_the_adding_unet", "rank_the_levels", "validate_lightly", "widest_that_trains"]

FALLING, RISING = (0, 1, 2, 3, 4), (4, 3, 2, 1, 0)


@exercise(
    "9.1",
    title="A U-Net for volumes",
    misconception="Multiplications are always spread evenly over the levels.",
    objectives=(2,),
    hints=(
        "Halving three sides leaves one eighth of the voxels. Which of the three costs notice?",
        "Parameters go with c · c, activations with c · V, multiplications with c · c · V.",
        "From one level to the next c · c becomes four times as much, and V an eighth. A cost "
        "whose factor is below 1 is largest at level 0.",
    ),
)
def rank_the_levels(by_parameters, by_activations, by_macs, factors) -> str:
    """Check three orders of the levels, most first, and the three factors of one level down."""
    turned = "That is from the least to the most."
    other = "Levels 0 to 4, each once, the one with the most first."
    compare_value(
        by_parameters,
        RISING,
        mistakes=[(FALLING, "A weight has no pixels in it: where are the most channels?")],
        otherwise=other,
        name="by_parameters",
    )
    compare_value(
        by_activations,
        FALLING,
        mistakes=[(RISING, "Twice the channels, but on how many voxels? " + turned)],
        otherwise=other,
        name="by_activations",
    )
    flat = "In a plane, level 0 and the bottleneck did less, the rest the same. A volume shrinks "
    flat += "faster: four times the weights on how many of the voxels?"
    compare_value(
        by_macs,
        FALLING,
        mistakes=[((1, 2, 3, 0, 4), flat), ((3, 2, 1, 0, 4), flat), (RISING, turned)],
        otherwise=other + " Is the factor from level to level above or below 1?",
        name="by_macs",
    )
    if isinstance(plain(factors), tuple):
        factors = tuple(float(each) if type(each) is int else each for each in plain(factors))
    compare_value(
        factors,
        (4.0, 0.25, 0.5),
        mistakes=[
            ((4.0, 0.5, 1.0), "Those are the factors of an image. A volume has one side more."),
            ((8.0, 0.25, 1.0), "The kernel is the same on every level: 27 weights."),
            ((2.0, 0.25, 0.25), "A weight has two channel counts in it, and both double."),
            ((4.0, 0.125, 0.5), "An eighth of the voxels, but each holds more channels."),
            ((0.25, 4.0, 2.0), "Those lead from the level below to the one above."),
        ],
        otherwise="Put 2c for c and an eighth of V for V: c · c, c · V and c · c · V.",
        name="factors",
    )
    return "more parameters below, more activations and more multiplications above"


@exercise(
    "9.2",
    title="Adding instead of joining",
    misconception="Without the joined channels, the whole expanding path costs half.",
    objectives=(1,),
    hints=(
        "Which convolutions read the joined tensor? Only what they read has changed.",
        "The first convolution of each Up's DoubleConv reads i / 2 channels now, not i.",
        "`up_parameters` has two terms. Which one reads the joined tensor?",
    ),
)
def count_the_adding_unet(count_adding, *, seed=0) -> str:
    """Check count_adding(in_channels, num_classes, base_channels)."""
    generator = torch.Generator().manual_seed(seed)
    random = torch.randint(1, 40, (2, 3), generator=generator).tolist()
    cases = [(1, 1, 64), (1, 1, 1), (3, 5, 8), *map(tuple, random)]
    number = compare_function(
        count_adding,
        count_of_adding,
        cases,
        mistakes=COUNT_WRONG,
        otherwise="Go block by block, and compare each with a block of yours in PyTorch.",
    )
    return f"{number} networks, each counted by PyTorch as well"


@exercise(
    "9.3",
    title="A validation that runs out of memory",
    misconception="Without a backward pass nothing is kept for one.",
    objectives=(3,),
    hints=(
        "Who could still ask for a backward pass through all the batches, after the loop?",
        "`total` holds a graph that reaches every batch's activations. But even one batch's need "
        "not be kept.",
        "Run the loop where PyTorch records nothing (`with torch.no_grad():` or "
        "`torch.inference_mode()`), and return a number, not a tensor.",
    ),
)
def validate_lightly(validation_loss, *, seed=0) -> str:
    """Check validation_loss(network, batches), a float."""
    torch.manual_seed(seed)
    network = nn.Module.eval(UNet(base_channels=1).float())
    shapes = [(2, 1, 16, 32), (1, 1, 32, 16), (2, 1, 16, 16), (1, 1, 16, 16), (3, 1, 16, 16)]
    batches = Batches(
        (torch.rand(shape, dtype=torch.float32), (torch.rand(shape) > 0.5).float())
        for shape in shapes
    )
    compare_validation(validation_loss, network, batches)
    return f"the mean of {len(batches)} batches, with nothing kept for a backward pass"


@exercise(
    "9.4",
    title="The widest network that trains",
    misconception="The memory of training is the parameters, or grows like them.",
    objectives=(1, 3, 4),
    hints=(
        "Two parts: what goes with the parameters, and what goes with each image.",
        "With c channels at level 0: 16 bytes for each parameter, and for each image "
        "4 · H · W · (20.40625 c + 1), as under 'What training keeps'.",
        "The need grows with c. So count c up from 1 while c + 1 still fits, with the sum of the "
        "parameters over the ten parts.",
    ),
)
def widest_that_trains(widest, *, seed=0) -> str:
    """Check widest(images, height, width, limit): the largest base_channels, or 0."""
    generator = torch.Generator().manual_seed(seed)
    cases = [(1, 96, 96, 2 * 10**9), (4, 480, 480, 2 * 10**9), (1, 16, 16, 146_464)]
    cases += [(1, 16, 16, 146_463), (2, 48, 80, 5_000_000), (1, 480, 480, 20_000_000)]
    cases.append((8, 480, 480, 1_000_000))  # too little for the images alone
    for _ in range(3):
        c, images, height, width = torch.randint(1, 9, (4,), generator=generator).tolist()
        batch = (images, 16 * height, 16 * width)
        full = bytes_to_train(4 * c, *batch)
        cases += [(*batch, full), (*batch, full - 1)]
    number = compare_function(
        widest,
        widest_by_trying,
        cases,
        mistakes=WIDEST_WRONG,
        otherwise="Compute the bytes for this width and the next one, and compare with the limit.",
    )
    return f"{number} machines and batches, some of them full to the last byte"
