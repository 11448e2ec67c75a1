"""Crops of an image and its mask: how they were turned, and what a memory of them scores."""

from __future__ import annotations

import numpy as np

from unet_tutorial.checks.compare import described
from unet_tutorial.checks.exercise import refuse


def place_of_both(came, image, mask, tried) -> int:
    """Return which of the eight positions both came back in, or refuse."""
    if type(came) not in (tuple, list) or len(came) != 2:
        refuse("Return the image and the mask, in this order.", tried=tried, came=described(came))
    if any(type(part) is not np.ndarray for part in came):
        refuse("Both must be arrays.", tried=tried, came=", ".join(map(described, came)))
    place = next((n for n in range(8) if np.array_equal(came[0], position(image, n))), None)
    if place is None:
        refuse("The image must keep all its pixels, turned and mirrored and no more.", tried=tried)
    if came[1].dtype != mask.dtype:
        refuse("The mask must keep its dtype.", tried=tried, came=str(came[1].dtype))
    if np.array_equal(came[1], position(mask, place)):
        return place
    refuse(
        "The mask stayed as it was. What happens to the image must happen to it too."
        if np.array_equal(came[1], mask)
        else "The mask lies otherwise than the image. Which number was drawn for one of them "
        "alone?",
        tried=tried,
    )


def position(array: np.ndarray, place: int) -> np.ndarray:
    """Return an array in one of the eight positions: 0 as it was, 4 and more mirrored."""
    return np.rot90(array[:, ::-1] if place > 3 else array, place % 4)


def covered(shape, corners, size) -> np.ndarray:
    """Return where at least one crop of that size lies, pixel by pixel."""
    there = np.zeros(shape, dtype=bool)
    for top in range(shape[0]):
        for left in range(shape[1]):
            rows, columns = top - corners[:, 0], left - corners[:, 1]
            inside = (rows >= 0) & (rows < size) & (columns >= 0) & (columns < size)
            there[top, left] = inside.any()
    return there


def by_heart(mask, train, test, size, unseen=True) -> float:
    """Return the Dice of a predictor that remembers the training crops, by loops over pixels."""
    seen, scored = covered(mask.shape, train, size), covered(mask.shape, test, size)
    shared = predicted = true = 0
    for pixel in zip(*np.nonzero(scored), strict=True):
        said = bool(mask[pixel]) if seen[pixel] else unseen
        shared += said and bool(mask[pixel])
        predicted += said
        true += bool(mask[pixel])
    return 2 * shared / (predicted + true)


def everywhere(mask, train, _, size) -> float:
    """Score the whole image, not the test crops."""
    return by_heart(mask, train, np.argwhere(np.ones(mask.shape)), size)


def whole_crops(mask, train, test, size) -> float:
    """Know a test crop only where it is itself a training crop."""
    known = np.array([each for each in train if (each == test).all(axis=1).any()])
    return by_heart(mask, known.reshape(-1, 2), test, size)


def background(mask, train, test, size) -> float:
    """Call unseen pixels background."""
    return by_heart(mask, train, test, size, unseen=False)


def swapped(mask, train, test, size) -> float:
    """Take the training crops for the test crops."""
    return by_heart(mask, test, train, size)
