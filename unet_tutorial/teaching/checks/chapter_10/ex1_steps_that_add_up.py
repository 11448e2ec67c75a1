"""10.1 Steps that add up."""

from __future__ import annotations

from unet_tutorial.teaching.checks.compare import compare_value
from unet_tutorial.teaching.checks.exercise import exercise

_LONGER = "The steps are not equal: the gradient of step 3 also contains those of steps 1 and 2."
REFERENCE = {"always": 8.4, "never": 2.8, "fourth": 6.0}
MISTAKES = {
    "always": [
        (9.8, "That is one step. There are eight."),
        (11.6, "The step goes against the gradient: which way is that, for a gradient of 2?"),
        (-6.0, "Each step is the learning rate times the gradient, not the gradient alone."),
        (1.6, "That is how far the weight moves. Where is it afterwards?"),
    ],
    "never": [
        (8.4, _LONGER),
        (6.8, "The steps aren't all twice as long. " + _LONGER),
        (17.2, "The steps have the right length, but the wrong direction."),
        (7.2, "That is how far the weight moves. Where is it afterwards?"),
        (4.4, "That is seven steps. There are eight."),
    ],
    "fourth": [
        (8.0, "That is only the first four steps. There are eight."),
        (8.4, "Only zero_grad resets the gradient. What is in it at the second step?"),
        (2.8, "At the fifth step the gradient contains nothing from the first four."),
        (9.6, "The weight moves at every step, not only when zero_grad is called."),
        (4.0, "That is how far the weight moves. Where is it afterwards?"),
    ],
}


@exercise(
    misconception="Without zero_grad, each step is a little longer than it should be.",
    question=(
        "Without zero_grad, what is in the gradient at the tenth step? Is it only longer, or does "
        "it also point in another direction?"
    ),
    hints=(
        "`backward` adds to the gradient that is already there. Write down the gradient at each "
        "of the eight steps.",
        "Without zero_grad the gradient is 2 at the first step, 4 at the second, 6 at the third. "
        "Add all eight, and multiply by the learning rate.",
        "With zero_grad before every fourth forward pass, the gradient goes 2, 4, 6, 8, and starts "
        "again at 2.",
    ),
)
def steps_that_add_up(always, never, fourth) -> str:
    """Check the weight after eight steps, for three ways to call zero_grad."""
    for name, answer, otherwise in [
        ("always", always, "With zero_grad all eight steps are equal: the learning rate times 2."),
        ("never", never, "Write down the gradient at each of the eight steps, then add them up."),
        ("fourth", fourth, "There are two equal runs of four steps. How far does the weight "
         "move in one of them?"),
    ]:  # fmt: skip
        compare_value(
            answer,
            REFERENCE[name],
            mistakes=MISTAKES[name],
            otherwise=otherwise,
            name=f"weight_{name}",
        )
    return "with zero_grad the eight steps are equal, without it they grow, with some they do both"
