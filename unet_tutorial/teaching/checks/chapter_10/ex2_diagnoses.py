"""10.2 Five trainings, four mistakes."""

from __future__ import annotations

from unet_tutorial.teaching.checks.compare import describe
from unet_tutorial.teaching.checks.exercise import exercise, refuse

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
REFERENCE = ("flip", "255", "nothing", "zero_grad", "eval")


@exercise(
    misconception="A training that runs without an error and ends in flat curves is right.",
    question=(
        "The loss fell and is flat now, and there was no error. Which two mistakes can still "
        "hide behind that?"
    ),
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
    if type(causes) not in (tuple, list) or len(causes) != len(REFERENCE):
        hint = "The answer must be a tuple of five texts, for the runs A to E in this order."
        refuse(hint, got=describe(causes))
    for run, cause in zip("ABCDE", causes, strict=True):
        if type(cause) is not str or cause not in CAUSES:
            refuse(
                f"Each text is one of {', '.join(map(repr, CAUSES))}.",
                got=f"{cause!r} for run {run}" if type(cause) is str else f"run {run}: no text",
            )
    if len(set(causes)) < len(causes):
        refuse("Each of the five belongs to one run. One of them stands there twice.")
    for run, cause, right in zip("ABCDE", causes, REFERENCE, strict=True):
        if cause != right:
            refuse(f"{CAUSES[cause]} Is that so in run {run}?", got=f"{cause!r} for run {run}")
    return "five runs, each told from eight epochs of its curves"
