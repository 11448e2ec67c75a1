"""Questions on what logits mean: probabilities, thresholds, masks and losses."""

from __future__ import annotations

import random
from math import log

import torch
import torch.nn.functional as F

from unet_tutorial.classroom.quiz.question import DrawAgain, Question, Wrong, kind


@kind("07", "threshold_on_the_logit", "A probability's threshold, on the logit")
def ask_threshold_on_the_logit(draw: random.Random) -> Question:
    """Turn the sigmoid round."""
    threshold = draw.randint(5, 95) / 100
    right = torch.logit(torch.tensor(threshold, dtype=torch.float64)).item()
    return Question(
        text="A network returns a logit `z` for each pixel, and the probability of nucleus is its "
        f"sigmoid, $p = 1 / (1 + e^{{-z}})$. You want to mark all pixels with $p > {threshold}$, "
        "but without computing a sigmoid. With which number do you compare the logits? (Two "
        "decimals.)",
        right=round(right, 3),
        wrong=(
            Wrong(threshold, "compares the logit with the probability"),
            Wrong(
                round(torch.tensor(threshold).sigmoid().item(), 3),
                "applies the sigmoid instead of undoing it",
            ),
            Wrong(round(log(threshold), 3), "takes the logarithm of the probability alone"),
            Wrong(
                round(threshold / (1 - threshold), 3), "stops at the odds, without the logarithm"
            ),
            Wrong(round(-right, 3), "divides the wrong way round, (1 − p) / p"),
        ),
        why="Solve the formula for the logit: $z = \\ln(p / (1 - p))$, and "
        f"ln({threshold} / {1 - threshold:.2f}) = {right:.2f}.",
        tolerance=0.011,
        numerical=True,
    )


@kind("07", "probability_of_a_class", "The probability of one class among three")
def ask_probability_of_a_class(draw: random.Random) -> Question:
    """Choose between softmax and sigmoid, and compute it."""
    logits = torch.tensor([float(draw.randint(-2, 3)) for _ in range(3)])
    chosen, exclusive = draw.randrange(3), draw.random() < 0.5
    names = ["background", "nucleus", "debris"] if exclusive else ["nucleus", "dividing", "stained"]
    task = (
        "Each pixel has exactly one of three classes"
        if exclusive
        else "Each pixel can have any of three labels, several at once, or none"
    )
    if not logits.sum():
        raise DrawAgain
    values = {
        "softmax": logits.softmax(0),
        "sigmoid": logits.sigmoid(),
        "share": logits / logits.sum(),
        "equal": torch.full((3,), 1 / 3),
    }
    told = {
        "softmax": "lets labels compete that can occur together",
        "sigmoid": "looks at one class alone, though classes exclude each other",
        "share": "divides the logit by the sum of the logits",
        "equal": "expects a third for each",
    }
    shown = {name: f"{value[chosen]:.2f}" for name, value in values.items()}
    right = "softmax" if exclusive else "sigmoid"
    listed = ", ".join(f"{name} {value:g}" for name, value in zip(names, logits, strict=True))
    return Question(
        text=f"{task}. The network was trained accordingly, and returns these logits for a pixel: "
        f"{listed}. Which probability does it give to {names[chosen]}?",
        right=shown[right],
        wrong=tuple(Wrong(shown[name], told[name]) for name in values if name != right),
        why="Classes that exclude each other compete in a softmax: $e^z$ of the class, divided by "
        "the sum of $e^z$ of all three."
        if exclusive
        else "Independent labels have a sigmoid each, $1 / (1 + e^{-z})$; the other logits don't "
        "count.",
    )


@kind("07", "loss_of_a_pixel", "The cross-entropy of one pixel")
def ask_loss_of_a_pixel(draw: random.Random) -> Question:
    """Compute the binary cross-entropy of one pixel."""
    probability, truth = draw.choice([x for x in range(5, 96) if x != 50]) / 100, draw.randint(0, 1)
    p = torch.tensor(probability, dtype=torch.float64)
    target = torch.tensor(float(truth), dtype=torch.float64)
    right = F.binary_cross_entropy_with_logits(p.logit(), target).item()
    other = F.binary_cross_entropy_with_logits(p.logit(), 1 - target).item()
    name = ["background", "nucleus"][truth]
    return Question(
        text=f"A network gives a pixel a probability of {probability} to be nucleus. In the true "
        f"mask, it's {name}. What does this pixel add to the binary cross-entropy, before the mean "
        "is taken? (Natural logarithm, two decimals.)",
        right=round(right, 3),
        wrong=(
            Wrong(round(other, 3), "takes the probability of the other class"),
            Wrong(round(-right, 3), "leaves out the minus sign"),
            Wrong(round(abs(truth - probability), 3), "takes the difference from the truth"),
            Wrong(round((truth - probability) ** 2, 3), "takes the squared difference"),
            Wrong(round(right / log(10), 3), "takes the logarithm to base 10"),
        ),
        why=f"The pixel is {name}, so the loss is −ln of the probability that the network gives to "
        f"{name}, {p if truth else 1 - p:.2f}: {right:.2f}.",
        tolerance=0.006,
        numerical=True,
    )


_MASKS = {
    "logits > 0": "A logit above 0 is a probability above one half.",
    "logits > 0.5": "This compares the logits themselves with 0.5, which is a probability of 0.62.",
    "torch.sigmoid(logits) > 0.5": "The sigmoid is above 0.5 where the logit is above 0.",
    "torch.sigmoid(torch.sigmoid(logits)) > 0.5": "The inner sigmoid makes all numbers positive, "
    "and the sigmoid of a positive number is above 0.5.",
    "torch.softmax(logits, dim=1) > 0.5": "With one class, the softmax divides a number by itself, "
    "which gives 1 at every pixel.",
}


@kind("07", "pixels_of_a_mask", "What a line of code takes for a mask")
def ask_pixels_of_a_mask(draw: random.Random) -> Question:
    """Count the pixels that a right or a wrong line marks."""
    numbers = [draw.choice([-1, 1]) * draw.randint(6, 40) / 10 for _ in range(6)]
    numbers = draw.sample([*numbers, *(draw.randint(1, 4) / 10 for _ in range(2))], 8)
    line = draw.choice(list(_MASKS))
    code = f"logits = torch.tensor([[{_format_rows(numbers)}]])\nmask = {line}"
    names = {"torch": torch}
    exec(code, names)
    logits, marked = names["logits"], int(names["mask"].sum())
    told = {
        int((logits > 0).sum()): "expects the usual mask, of the logits above 0",
        int((logits > 0.5).sum()): "compares logits with 0.5, as if they were probabilities",
        logits.numel(): "expects every pixel to be marked",
        0: "expects no pixel to be marked",
        int((logits < 0).sum()): "counts the background",
    }
    return Question(
        text="A network with one class returned these eight logits, of shape (1, 1, 2, 4):\n\n```\n"
        f"{code}\n```\n\nHow many pixels does `mask` mark?",
        right=marked,
        wrong=tuple(Wrong(value, words) for value, words in told.items() if value != marked),
        why=f"{_MASKS[line]} That's {marked} of 8 pixels.",
        numerical=True,
    )


def _format_rows(numbers: list[float]) -> str:
    return f"[{numbers[:4]}, {numbers[4:]}]"
