"""10.5 What a memory scores."""

from __future__ import annotations

from functools import partial

import numpy as np

from unet_tutorial.teaching.checks.compare import compare_function, compare_value
from unet_tutorial.teaching.checks.exercise import exercise


def _score_by_heart(mask, train, test, size, unseen=True) -> float:
    """Return the Dice of a predictor that remembers the training crops, pixel by pixel."""
    seen, scored = _find_covered(mask, train, size), _find_covered(mask, test, size)
    shared = predicted = true = 0
    for pixel in zip(*np.nonzero(scored), strict=True):
        foreground = bool(mask[pixel]) if seen[pixel] else unseen
        shared += foreground and bool(mask[pixel])
        predicted += foreground
        true += bool(mask[pixel])
    return 2 * shared / (predicted + true)


def _find_covered(mask, corners, size) -> np.ndarray:
    """Return a mask of the pixels that are in at least one crop of this size."""
    covered = np.zeros(mask.shape, dtype=bool)
    for top, left in np.ndindex(mask.shape):
        rows, columns = top - corners[:, 0], left - corners[:, 1]
        inside = (rows >= 0) & (rows < size) & (columns >= 0) & (columns < size)
        covered[top, left] = inside.any()
    return covered


def _score_everywhere(mask, train, _, size) -> float:
    return _score_by_heart(mask, train, np.argwhere(np.ones(mask.shape)), size)


def _score_whole_crops(mask, train, test, size) -> float:
    """Recognise a test crop only if it is exactly a training crop."""
    known = np.array([each for each in train if (each == test).all(axis=1).any()])
    return _score_by_heart(mask, known.reshape(-1, 2), test, size)


def _score_swapped_splits(mask, train, test, size) -> float:
    return _score_by_heart(mask, test, train, size)


def _count_overlaps_twice(mask, train, test, size) -> float:
    seen = _find_covered(mask, train, size)
    parts = [np.s_[top : top + size, left : left + size] for top, left in test]
    said, true = (
        np.concatenate([each[part].ravel() for part in parts]) for each in (mask | ~seen, mask)
    )
    return 2 * (said & true).sum() / (said.sum() + true.sum())


REFERENCE = {"score_by_heart": _score_by_heart, "flattery": 0.69}  # 0.98 - 0.29
MISTAKES = {
    "score_by_heart": [
        (partial(_score_by_heart, unseen=False),
         "A pixel outside all training crops is called foreground here."),
        (_score_everywhere, "Only score the pixels inside a test crop."),
        (_score_whole_crops, "Two crops don't have to be identical to share pixels."),
        (_count_overlaps_twice, "A pixel that is in several test crops counts once."),
        (_score_swapped_splits,
         "The predictor knows the training crops by heart; the test crops are scored."),
    ],
    "flattery": [
        (0.98, "That is the score for the random split. What is left of it on the strips?"),
        (0.29, "That is the score for the strips. How much higher is the other?"),
        (-0.69, "It's the other way round: how much does the random split add?"),
        (0.0, "Both scores must come from your function, each with the corners of its split."),
    ],
}  # fmt: skip


@exercise(
    misconception="Random test crops are new to the network if no two crops are identical.",
    question=(
        "No test crop is equal to a training crop. How can the network still know its nuclei by "
        "heart?"
    ),
    hints=(
        "Make a bool array of the image's shape that is True inside any training crop, and a "
        "second one for the test crops.",
        "The prediction equals the mask inside the training crops, and is True everywhere else.",
        "Only score the pixels inside a test crop: index the prediction and the mask by the "
        "second array before you count.",
    ),
)
def heart_score(score_by_heart, flattery, *, seed=0) -> str:
    """Check score_by_heart(mask, train, test, size) and the difference of its two scores."""
    rng = np.random.default_rng(seed)
    cases = []
    for *shape, size, count in [(9, 14, 4, 3), (12, 7, 3, 5), (15, 11, 2, 9)]:
        most = np.array(shape) - size + 1
        corners = (rng.integers(0, most, (each, 2)) for each in (count, 12 - count))
        cases.append((rng.random(shape) < 0.6, *corners, size))
    example = np.array([[1, 0, 0], [1, 0, 0]]) > 0
    cases.append((example, np.array([[0, 0]]), np.array([[0, 1]]), 2))
    tried = compare_function(
        score_by_heart,
        REFERENCE["score_by_heart"],
        cases,
        mistakes=MISTAKES["score_by_heart"],
        otherwise="Work through the task's example, pixel by pixel.",
    )
    compare_value(
        flattery,
        REFERENCE["flattery"],
        mistakes=MISTAKES["flattery"],
        otherwise="Take the score for the random split minus the score for the strips.",
        tolerance=0.02,
        name="flattery",
    )
    return f"{tried} small masks, and what a random split adds where nothing was learned"
