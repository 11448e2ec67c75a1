"""Checks of chapter 11: prediction."""

from __future__ import annotations

import random

import torch

from unet_tutorial.checks.compare import compare_function, need_function
from unet_tutorial.checks.exercise import exercise
from unet_tutorial.checks.oracles.predicting import (
    SmallUNet,
    Trap,
    measured_margin,
    need_error,
    need_loaded,
    need_seamless,
    need_untouched_model,
    network_with_batchnorm,
    numbers_of,
)

__all__ = ["careful_loading", "margin_by_hand", "modes", "seamless", "worth_a_pixel"]


@exercise(
    "11.1",
    title="The margin of any U-Net",
    misconception="The margin is the sum of what the convolutions add, level by level.",
    objectives=(2,),
    hints=(
        "Let the core begin at column 0 and walk back from the output: which is the leftmost "
        "column that matters, level by level?",
        "Going down a level, column c lies in column c // 2; for a negative odd c that rounds "
        "outwards. Going back up through the pooling, column c stands for 2c and 2c + 1.",
        "On the way to the bottleneck subtract the reach, then halve, once for each pooling; on "
        "the way back subtract the reach, then double. The last level's reach is still to come.",
    ),
)
def margin_by_hand(margin, *, seed=0) -> str:
    """Check margin(poolings, reach): columns left of a core that can matter to a pixel in it."""
    chosen = random.Random(seed)
    cases = [(2, 2), (3, 2), (0, 3), (1, 2), (1, 1), (4, 2), (2, 1), (5, 1)]
    cases += [(chosen.randint(1, 4), chosen.randint(3, 6)) for _ in range(4)]
    tried = compare_function(
        margin,
        measured_margin,
        cases,
        mistakes=[
            (
                lambda p, r: r * (3 * 2**p - 2),
                "The sum of the levels is not all. A column that does not begin a pooling window "
                "draws in the whole window.",
            ),
            (
                lambda p, r: r * (2 ** (p + 1) - 1),
                "A part of the way is missing: the contracting path, the bottleneck and the "
                "expanding path all look about.",
            ),
            (
                rounded_inwards,
                "Column -1 lies in column -1 of the coarser level, -3 in -2: halves round down.",
            ),
            (
                lambda p, r: r * (2 * p + 1),
                "On level 1 one pixel stands for two columns of the image, on level 2 for four.",
            ),
            (
                lambda p, r: -(-measured_margin(p, r) // 2**p) * 2**p,
                "That is rounded up to where a tile may begin. The margin itself is asked for.",
            ),
            (
                lambda p, r: 2 * measured_margin(p, r),
                "That is both sides together. The left side alone is asked for.",
            ),
        ],
        otherwise="Draw the columns of a U-Net with one pooling, and walk back from the output.",
    )
    return f"{tried} U-Nets, against the gradients of networks with positive weights"


def rounded_inwards(poolings, reach) -> int:
    """Return the margin of a walk back that halves towards zero."""
    column = 0
    for _ in range(poolings):
        column = int((column - reach) / 2)
    for _ in range(poolings):
        column = 2 * (column - reach)
    return reach - column


@exercise(
    "11.2",
    title="Tiles that do not fit",
    misconception="An overlap that is large enough makes tiles exact.",
    objectives=(1, 2),
    hints=(
        "Print where the result differs from that of the whole image: inside, along the "
        "border, or both? There is a reason for each.",
        "Inside: where does each window begin, and where do the pooling windows of the whole "
        "image begin? Along the border: what does the network see there, and what does it see "
        "in the whole image?",
        "Round the margin up to the multiple. Then cut windows from the image itself, from "
        "max(top - margin, 0) on, and work out where in such a window the core begins.",
    ),
)
def seamless(tiled, *, seed=0) -> str:
    """Check tiled(network, image, core, margin, multiple) against the network on the whole."""
    need_function(tiled, 5)
    cases = [
        (2, (48, 56), 8, 14),
        (2, (32, 48), 16, 12),
        (1, (20, 12), 4, 7),
        (2, (36, 48), 12, 17),
    ]
    for number, (poolings, shape, core, margin) in enumerate(cases):
        network = SmallUNet(poolings, seed=10 * seed + number)
        generator = torch.Generator().manual_seed(10 * seed + number)
        image = torch.rand(shape, generator=generator, dtype=torch.float64)
        expected = network(image[None, None])[0, 0]
        network.windows.clear()
        need_seamless(tiled, network, image, core, margin, expected)
    return f"{len(cases)} images, tile by tile equal to the whole"


@exercise(
    "11.3",
    title="What a pixel is worth",
    misconception="A pixel is to be called foreground where its probability is above one half.",
    objectives=(3,),
    hints=(
        "Dice is twice the shared pixels over the sum of both masks. What becomes of the numbers "
        "above and below the line when one more pixel is called foreground?",
        "Below the line 1 is added whatever the truth; above it 2 is added with probability p. "
        "The expected Dice is the one with 2p added.",
        "Set the Dice before and after equal, and solve for p: most terms cancel. Compare what "
        "is left with the Dice before.",
    ),
)
def worth_a_pixel(least_probability, *, seed=0) -> str:
    """Check least_probability(shared, predicted, true), from which on a pixel raises the Dice."""
    chosen = random.Random(seed)
    cases = [(50, 80, 90), (60, 80, 100), (3, 4, 4), (0, 5, 7), (90, 90, 90)]
    for _ in range(6):
        predicted, true = chosen.randint(10, 300), chosen.randint(10, 300)
        cases.append((chosen.randint(1, min(predicted, true)), predicted, true))
    tried = compare_function(
        least_probability,
        by_bisection,
        cases,
        mistakes=[
            (lambda s, p, t: 0.5, "One half is right for a perfect mask only. Do the sum."),
            (
                lambda s, p, t: 2 * s / (p + t),
                "That is the Dice itself. A pixel that is right adds 2 above the line.",
            ),
            (
                lambda s, p, t: s / (p + t - s),
                "That is the IoU of the two masks. The question is about their Dice.",
            ),
            (
                lambda s, p, t: s / p,
                "That is the share of the prediction that is right. The true mask counts as well.",
            ),
            (
                lambda s, p, t: s / (p + t + 1),
                "The pixel adds 1 below the line after the step only. Solve the equation.",
            ),
        ],
        otherwise="Put your probability into the sum: is the Dice after equal to that before?",
    )
    return f"{tried} predictions, against a search for the point where the Dice does not change"


def by_bisection(shared, predicted, true) -> float:
    """Return the probability at which one more pixel leaves the expected Dice as it was."""
    before = 2 * shared / (predicted + true)
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        after = 2 * (shared + middle) / (predicted + 1 + true)
        low, high = (low, middle) if after > before else (middle, high)
    return high


@exercise(
    "11.4",
    title="Looking without touching",
    misconception="Under torch.no_grad() a network predicts as in eval mode.",
    objectives=(4,),
    hints=(
        "Predict one image alone, and the same image beside another. Then do it with a model "
        "that you have put into eval mode.",
        "`torch.no_grad()` is about gradients and nothing else. What tells BatchNorm to leave "
        "the batch's statistics alone?",
        "Keep `model.training` before you call `model.eval()`, and give it back afterwards by "
        "`model.train(...)`.",
    ),
)
def modes(probabilities, *, seed=0) -> str:
    """Check probabilities(model, images): their values, and that the model is as it was."""
    need_function(probabilities, 2)
    for number, (count, training) in enumerate([(3, True), (1, True), (2, False)]):
        network = network_with_batchnorm(seed=10 * seed + number)
        generator = torch.Generator().manual_seed(10 * seed + number)
        images = torch.rand((count, 1, 5, 7), generator=generator, dtype=torch.float64)
        with torch.no_grad():
            expected = network.eval()(images).sigmoid()[:, 0]
        need_untouched_model(probabilities, network.train(training), images, expected)
    return "3 batches, in training mode and in eval mode, and the model as it was before"


@exercise(
    "11.5",
    title="The file that changed nothing",
    misconception="If load_state_dict raises no error, the weights are in the model.",
    objectives=(4,),
    hints=(
        "Look at the names in the file and at the names in `model.state_dict()`. What does "
        "`strict=False` do with a name that it does not find?",
        "The prefix can be cut off each name: a new dict with the same tensors. Then let "
        "strictness find what still does not match.",
        "`torch.load` has an option under which it reads tensors and runs no code; "
        "`str.removeprefix` leaves a name without the prefix as it is.",
    ),
)
def careful_loading(load, *, seed=0) -> str:
    """Check load(model, path) on good files, on incomplete ones and on one that runs code."""
    need_function(load, 2)
    wanted = {f"module.{n}": t for n, t in numbers_of(network_with_batchnorm(seed + 1)).items()}
    plain_names = {name.removeprefix("module."): tensor for name, tensor in wanted.items()}
    need_loaded(load, wanted, "a file whose names begin with 'module.'", plain_names)
    need_loaded(load, plain_names, "a file with the model's own names", plain_names)
    missing = dict(list(wanted.items())[1:])
    need_error(load, missing, "a file without the first weight")
    need_error(load, wanted | {"module.head.weight": torch.ones(1)}, "a file with a name too many")
    need_error(load, wanted | {"module.3.bias": Trap()}, "a file that runs code when opened")
    return "2 files loaded whole, 3 refused, no code run"
