"""Checks of chapter 10: training."""

from __future__ import annotations

import numpy as np
import torch

from unet_tutorial.checks.compare import call, compare_function, compare_value, described
from unet_tutorial.checks.exercise import exercise, refuse
from unet_tutorial.checks.oracles.crops import (
    background,
    by_heart,
    everywhere,
    place_of_both,
    swapped,
    whole_crops,
)
from unet_tutorial.checks.oracles.learning import learned, need_losses, need_weights

__all__ = ["diagnoses", "heart_score", "one_batch", "steps_that_add_up", "turned_together"]


@exercise(
    "10.1",
    title="Steps that add up",
    misconception="Without zero_grad each step is a little longer than it should be.",
    objectives=(2,),
    hints=(
        "`backward` adds to what the gradient already holds. Write down what it holds at each "
        "of the eight steps.",
        "Without zero_grad the gradient is 2 at the first step, 4 at the second, 6 at the third. "
        "Add all eight, and multiply by the learning rate.",
        "With zero_grad before every fourth forward pass the gradient runs through 2, 4, 6, 8 "
        "and begins again at 2.",
    ),
)
def steps_that_add_up(always, never, fourth) -> str:
    """Check the weight after eight steps, for each of three ways to call zero_grad."""
    longer = "The steps are not equal: the gradient of step 3 holds those of steps 1 and 2 too."
    compare_value(
        always,
        8.4,
        mistakes=[
            (9.8, "That is one step. There are eight."),
            (11.6, "The step goes against the gradient: which way is that, for a gradient of 2?"),
            (-6.0, "Each step is the learning rate times the gradient, not the gradient alone."),
            (1.6, "That is how far the weight goes. Where does it stand?"),
        ],
        otherwise="With zero_grad all eight steps are equal: the learning rate times 2.",
        name="weight_always",
    )
    compare_value(
        never,
        2.8,
        mistakes=[
            (8.4, longer),
            (6.8, "Each step is not only twice as long. " + longer),
            (17.2, "The steps have the right length and the wrong direction."),
            (7.2, "That is how far the weight goes. Where does it stand?"),
            (4.4, "That is seven steps. There are eight."),
        ],
        otherwise="Write down the gradient at each of the eight steps, then add them up.",
        name="weight_never",
    )
    compare_value(
        fourth,
        6.0,
        mistakes=[
            (8.0, "That is the first four steps alone. There are eight."),
            (8.4, "Only zero_grad empties the gradient. What does it hold at the second step?"),
            (2.8, "At the fifth step the gradient holds nothing of the first four."),
            (9.6, "The weight moves at every step, and not only where zero_grad is called."),
            (4.0, "That is how far the weight goes. Where does it stand?"),
        ],
        otherwise="Two equal runs of four steps. How far does the weight go in one of them?",
        name="weight_fourth",
    )
    return "with zero_grad the eight steps are equal, without it they grow, with some they do both"


CAUSES = {
    "255": "A mask of 0 and 255 drives the loss below 0, where one of zeros and ones cannot.",
    "eval": "In training mode a neighbour in the batch changes the result, and so its Dice.",
    "zero_grad": "Without zero_grad each step follows gradients long out of date: the weights "
    "overshoot, and the validation loss is thrown far up before the learning rate falls.",
    "flip": "Where image and mask disagree, the training loss stays high; the validation strip "
    "is not flipped, and its loss is the lower of the two.",
    "nothing": "A right training has a falling loss, about as low on the validation strip, and a "
    "Dice that does not depend on the neighbour.",
}
FOUND = ("flip", "255", "nothing", "zero_grad", "eval")


@exercise(
    "10.2",
    title="Five trainings, four mistakes",
    misconception="A training that runs without an error and ends in flat curves is right.",
    objectives=(2, 4),
    hints=(
        "Take the five causes one by one, and say what each would do to the numbers before you "
        "look for it.",
        "One run has a loss that no mask of zeros and ones can give, one a loss that leaps up in "
        "the middle, one two rows that ought to be equal.",
        "For the last two, compare the training loss with the validation loss. Which of the two "
        "is made from crops that could have been flipped?",
    ),
)
def diagnoses(causes) -> str:
    """Check a tuple of five texts, the cause found in each of the runs A to E."""
    if type(causes) not in (tuple, list) or len(causes) != len(FOUND):
        hint = "The answer must be a tuple of five texts, for the runs A to E in this order."
        refuse(hint, came=described(causes))
    for run, cause in zip("ABCDE", causes, strict=True):
        if type(cause) is not str or cause not in CAUSES:
            refuse(
                f"Each text is one of {', '.join(map(repr, CAUSES))}.",
                came=f"{cause!r} for run {run}" if type(cause) is str else f"run {run}: no text",
            )
    if len(set(causes)) < len(causes):
        refuse("Each of the five belongs to one run. One of them stands there twice.")
    for run, cause, right in zip("ABCDE", causes, FOUND, strict=True):
        if cause != right:
            refuse(f"{CAUSES[cause]} Is that so in run {run}?", came=f"{cause!r} for run {run}")
    return "five runs, each told from eight epochs of its curves"


@exercise(
    "10.3",
    title="Some pairs are ruined",
    misconception="Image and mask may be flipped each by its own chance.",
    objectives=(1,),
    hints=(
        "Run it with ten generators, each time on an image and a mask that is the same array. "
        "How often do the two come back equal?",
        "Each call of the generator gives a new number. Which of the numbers here have to be the "
        "same for the image and for the mask?",
        "Draw once whether to flip, keep it in a name, and flip both or neither.",
    ),
)
def turned_together(turned, *, seed=0) -> str:
    """Check turned(image, mask, rng), which gives both back in one of the eight positions."""
    seen = set()
    for number, shape in enumerate([(5, 7), (4, 4), (6, 3)]):
        image = np.random.default_rng(seed).permutation(shape[0] * shape[1]).reshape(shape)
        image = image.astype(np.float32)
        mask = (image % 3 == 0).astype(np.uint8)
        for draw in range(100 if number == 0 else 10):
            tried = f"turned(image, mask, rng) with an image of shape {shape}"
            came = call(turned, image, mask, np.random.default_rng([seed, draw]))
            seen.add(place_of_both(came, image, mask, tried))
    if len(seen) < 8:
        refuse(
            "Each of the eight positions has to come up in the long run: four turns, each "
            "mirrored or not.",
            tried="100 generators",
            came=f"{len(seen)} position{'s' if len(seen) != 1 else ''}",
        )
    return "3 images, 120 generators, all eight positions, the mask always in that of its image"


@exercise(
    "10.4",
    title="A loop that does not learn",
    misconception="The six lines of a training step may stand in any order.",
    objectives=(2, 3),
    hints=(
        "Print the first weight before and after one step. Then print its gradient just before "
        "`optimiser.step()`.",
        "BatchNorm needs training mode while the network learns and eval mode afterwards, "
        "however it came in.",
        "`losses` should hold numbers: `loss` is a tensor that still carries its graph. "
        "`.item()` takes the number out.",
    ),
)
def one_batch(overfit, *, seed=0) -> str:
    """Check overfit(model, x, y, steps): its losses, the weights it learns, and the mode after."""
    for number, (shape, steps, training) in enumerate(
        [((3, 1, 6, 9), 3, True), ((2, 1, 8, 5), 5, False), ((1, 1, 7, 7), 4, False)]
    ):
        generator = torch.Generator().manual_seed(100 * seed + number)
        x = torch.rand(shape, generator=generator, dtype=torch.float64)
        y = (x + 0.3 * torch.rand(shape, generator=generator, dtype=torch.float64) > 0.6).double()
        came = learned(overfit, x, y, steps, training)
        tried = f"overfit(model, x, y, {steps}) with x of shape {shape}"
        need_losses(came, steps, tried)
        need_weights(came, x, y, steps, tried)
    return "3 small networks, with the losses and the weights of a loop computed by hand"


FLATTERY = 0.69  # 0.98 on crops from everywhere, 0.29 on strips


@exercise(
    "10.5",
    title="What a memory scores",
    misconception="Crops drawn at random are new to the network if no two are the same crop.",
    objectives=(1, 4),
    hints=(
        "Make a bool array of the image's shape, True where some training crop lies. A second "
        "one does the same for the test crops.",
        "The prediction equals the mask where a training crop lies, and is True everywhere else.",
        "Score only the pixels that lie in a test crop: index the prediction and the mask by the "
        "second array before you count.",
    ),
)
def heart_score(score_by_heart, flattery, *, seed=0) -> str:
    """Check score_by_heart(mask, train, test, size) and the difference of its two scores."""
    rng = np.random.default_rng(seed)
    cases = []
    for height, width, size, count in [(4, 5, 2, 2), (9, 14, 4, 3), (12, 7, 3, 5), (15, 11, 2, 9)]:
        mask = rng.random((height, width)) < 0.6
        most = (height - size + 1, width - size + 1)
        cases.append((mask, rng.integers(0, most, (count, 2)), rng.integers(0, most, (4, 2)), size))
    tried = compare_function(
        score_by_heart,
        by_heart,
        cases,
        mistakes=[
            (background, "A pixel that no training crop shows is called foreground here."),
            (everywhere, "Only the pixels that lie in a test crop are scored."),
            (whole_crops, "A crop need not be the same as another to share pixels with it."),
            (swapped, "What is known by heart are the training crops; the test crops are scored."),
        ],
        otherwise="Work it out on the example of the task, pixel by pixel.",
    )
    compare_value(
        flattery,
        FLATTERY,
        mistakes=[
            (0.98, "That is the score for the random split. What is left of it on the strips?"),
            (0.29, "That is the score for the strips. How much higher is the other?"),
            (-FLATTERY, "The other way round: how much does the random split add?"),
            (0.0, "Both scores must come from your function, each with its own corners."),
        ],
        otherwise="Take the score for the random split minus the score for the strips.",
        tolerance=0.02,
        name="flattery",
    )
    return f"{tried} small masks, and what a random split adds where nothing was learned"
