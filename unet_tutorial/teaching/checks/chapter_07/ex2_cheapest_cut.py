"""7.2 What a mistake costs."""

from __future__ import annotations

import math

import torch

from unet_tutorial.teaching.checks.compare import compare_function
from unet_tutorial.teaching.checks.exercise import exercise


def _compute_cut(miss: float, false_alarm: float) -> float:
    """Return the logit where both answers cost the same: miss * p == false_alarm * (1 - p)."""
    return math.log(false_alarm / miss)


REFERENCE = _compute_cut
MISTAKES = [
    (lambda miss, alarm: math.log(miss / alarm),
     "The sign is wrong: if a miss is expensive, even an unlikely pixel should be called "
     "foreground."),
    (lambda miss, alarm: alarm / (alarm + miss),
     "That is the threshold for the probability. The mask compares logits."),
    (lambda miss, alarm: miss / (alarm + miss),
     "That is a probability, and the wrong one: an expensive miss should lower the threshold."),
    (lambda miss, alarm: alarm / miss,
     "That is p / (1 - p) at the cut. One step is missing on the way to the logit."),
    (lambda miss, alarm: 0.0, "A logit of 0 is only right if both mistakes cost the same."),
    (lambda miss, alarm: alarm - miss,
     "Only the ratio of the costs matters: if you double both, every decision stays the same."),
]  # fmt: skip


@exercise(
    misconception="A mask is always cut at a probability of 0.5, a logit of 0.",
    question=(
        "Missing a tumour costs ten times as much as a false alarm. Where do you cut the "
        "probability, and where the logit?"
    ),
    hints=(
        "Write down the average cost of both answers for a pixel of probability p.",
        "They are equal at one p. Solve for p / (1 - p), which is easier than for p.",
        "The logit is the logarithm of p / (1 - p), and at the cut that is a ratio of the two "
        "costs. Which one is on top? An expensive miss should make the mask larger.",
    ),
)
def cheapest_cut(cut, *, seed=0) -> str:
    """Check cut(miss, false_alarm): the logit above which foreground is the cheaper answer."""
    generator = torch.Generator().manual_seed(seed)
    random = (10 ** (4 * torch.rand(6, 2, generator=generator).double() - 2)).tolist()
    number = compare_function(
        cut,
        REFERENCE,
        [(5.0, 1.0), (1.0, 9.0), (2.5, 2.5), (1, 3), (3, 2), (1e9, 1e-3), *map(tuple, random)],
        mistakes=MISTAKES,
        otherwise="At the cut both answers cost the same: false_alarm · (1 - p) = miss · p.",
        tolerance=1e-4,
    )
    return f"with {number} pairs of costs, both answers cost the same exactly at the cut"
