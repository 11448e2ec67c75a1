"""10.2 Five trainings, four mistakes."""

from __future__ import annotations

from unet_tutorial.teaching.checks.compare import describe
from unet_tutorial.teaching.checks.exercise import exercise, refuse

_CAUSES = {
    "255": "A mask of 0 and 255 drives the loss below 0, which a mask of zeros and ones can't.",
    "eval": "In training mode a neighbour in the batch changes the result, and so its Dice.",
    "zero_grad": "Without zero_grad each step also follows outdated gradients: the weights "
    "overshoot, and the validation loss jumps up before the learning rate falls.",
    "flip": "If image and mask disagree, the training loss stays high; the validation strip isn't "
    "flipped, and its loss is the lower of the two.",
    "nothing": "In a right training the loss falls, is about as low on the validation strip, and "
    "the Dice doesn't depend on the neighbour.",
}
REFERENCE = ("flip", "255", "nothing", "zero_grad", "eval")


@exercise(
    misconception="If a training runs without an error and its curves end flat, it is right.",
    question=(
        "The loss fell and is flat now, and there was no error. Which two mistakes could there "
        "still be?"
    ),
    hints=(
        "Take the five causes one by one, and say what each would do to the numbers before you "
        "look for it.",
        "In one run, the loss has values that no mask of zeros and ones can give. In another, it "
        "jumps up in the middle. In a third, two rows differ that should be equal.",
        "For the last two, compare the training loss with the validation loss. Which of the two "
        "losses is computed from crops that could have been flipped?",
    ),
)
def diagnoses(causes) -> str:
    """Check a tuple of five texts: the cause in each of the runs A to E."""
    if type(causes) not in (tuple, list) or len(causes) != len(REFERENCE):
        hint = "The answer must be a tuple of five texts, for the runs A to E in this order."
        refuse(hint, got=describe(causes))
    for run, cause in zip("ABCDE", causes, strict=True):
        if type(cause) is not str or cause not in _CAUSES:
            refuse(
                f"Each text is one of {', '.join(map(repr, _CAUSES))}.",
                got=f"{cause!r} for run {run}" if type(cause) is str else f"run {run}: no text",
            )
    if len(set(causes)) < len(causes):
        refuse("Each of the five belongs to one run. You have one of them twice.")
    for run, cause, right in zip("ABCDE", causes, REFERENCE, strict=True):
        if cause != right:
            refuse(f"{_CAUSES[cause]} Is that so in run {run}?", got=f"{cause!r} for run {run}")
    return "five runs, each told from eight epochs of its curves"
