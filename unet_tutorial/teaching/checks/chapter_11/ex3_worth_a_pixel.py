"""11.3 What a pixel is worth."""

from __future__ import annotations

import random

from unet_tutorial.teaching.checks.compare import compare_function
from unet_tutorial.teaching.checks.exercise import exercise


def _find_by_bisection(shared, predicted, true) -> float:
    """Return the probability at which one more pixel leaves the expected Dice unchanged."""
    before = 2 * shared / (predicted + true)
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        after = 2 * (shared + middle) / (predicted + 1 + true)
        low, high = (low, middle) if after > before else (middle, high)
    return high


REFERENCE = _find_by_bisection
MISTAKES = [
    (lambda shared, predicted, true: 0.5,
     "One half is only right for a perfect mask. Write down the equation."),
    (lambda shared, predicted, true: 2 * shared / (predicted + true),
     "That is the Dice itself. A right pixel adds 2 to the numerator."),
    (lambda shared, predicted, true: shared / (predicted + true - shared),
     "That is the IoU of the two masks. The question is about their Dice."),
    (lambda shared, predicted, true: shared / predicted,
     "That is the share of the prediction that is right. The true mask counts too."),
    (lambda shared, predicted, true: shared / (predicted + true + 1),
     "The denominator only grows by 1 afterwards. Solve the equation."),
]  # fmt: skip


@exercise(
    misconception="A pixel should be called foreground if its probability is above one half.",
    question=(
        "A missed nucleus costs you five times as much as an invented one. Where do you set the "
        "threshold?"
    ),
    hints=(
        "Dice is twice the shared pixels over the sum of both masks. How do the numerator and the "
        "denominator change when one more pixel is called foreground?",
        "The denominator always grows by 1; the numerator grows by 2 with probability p. So the "
        "expected Dice is the one with 2p added to the numerator.",
        "Set the Dice before and after equal, and solve for p: most terms cancel. Compare the "
        "result with the Dice before.",
    ),
)
def worth_a_pixel(least_probability, *, seed=0) -> str:
    """Check least_probability(shared, predicted, true), above which a pixel raises the Dice."""
    chosen = random.Random(seed)
    cases = [(50, 80, 90), (60, 80, 100), (3, 4, 4), (0, 5, 7), (90, 90, 90)]
    for _ in range(6):
        predicted, true = chosen.randint(10, 300), chosen.randint(10, 300)
        cases.append((chosen.randint(1, min(predicted, true)), predicted, true))
    tried = compare_function(
        least_probability,
        REFERENCE,
        cases,
        mistakes=MISTAKES,
        otherwise="Put your probability into the formula: is the Dice after equal to that before?",
    )
    return f"{tried} predictions, against a search for the point where the Dice does not change"
