"""10.3 Some pairs are ruined."""

from __future__ import annotations

import numpy as np

from unet_tutorial.teaching.checks.compare import call_answer, describe
from unet_tutorial.teaching.checks.exercise import exercise, refuse


def _find_position(got, image, mask, tried) -> int:
    """Return the position, 0 to 7, that image and mask are in; refuse if there is none."""
    if type(got) not in (tuple, list) or len(got) != 2:
        refuse("Return the image and the mask, in this order.", tried=tried, got=describe(got))
    if any(type(part) is not np.ndarray for part in got):
        refuse("Both must be arrays.", tried=tried, got=", ".join(map(describe, got)))
    position = next((n for n in range(8) if np.array_equal(got[0], _turn(image, n))), None)
    if position is None:
        refuse("The image must keep all its pixels: only turn and mirror it.", tried=tried)
    if got[1].dtype != mask.dtype:
        refuse("The mask must keep its dtype.", tried=tried, got=str(got[1].dtype))
    if np.array_equal(got[1], _turn(mask, position)):
        return position
    refuse(
        "The mask stayed as it was. It must be turned and mirrored like the image."
        if np.array_equal(got[1], mask)
        else "The mask is in a different position than the image. Which number was drawn "
        "separately for one of them?",
        tried=tried,
    )


def _turn(array: np.ndarray, position: int) -> np.ndarray:
    """Return an array in one of the eight positions: 0 is unchanged, 4 to 7 are mirrored."""
    return np.rot90(array[:, ::-1] if position > 3 else array, position % 4)


@exercise(
    misconception="Image and mask can each be flipped at random, independently.",
    question=(
        "Image and mask are each flipped with probability one half. In what share of the crops do "
        "they still match?"
    ),
    hints=(
        "Run it with ten generators, each time with the same array as image and mask. How often "
        "are the two results equal?",
        "Each call of the generator gives a new number. Which of the numbers here have to be the "
        "same for the image and for the mask?",
        "Draw once whether to flip, store it in a variable, and flip both or neither.",
    ),
)
def turned_together(turned, *, seed=0) -> str:
    """Check turned(image, mask, rng), which returns both in one of the eight positions."""
    seen = set()
    for number, shape in enumerate([(5, 7), (4, 4), (6, 3)]):
        image = np.random.default_rng(seed).permutation(shape[0] * shape[1]).reshape(shape)
        image = image.astype(np.float32)
        mask = (image % 3 == 0).astype(np.uint8)
        for draw in range(100 if number == 0 else 10):
            tried = f"turned(image, mask, rng) with an image of shape {shape}"
            got = call_answer(turned, image, mask, np.random.default_rng([seed, draw]))
            seen.add(_find_position(got, image, mask, tried))
    if len(seen) < 8:
        refuse(
            "Each of the eight positions has to occur in the long run: four turns, each "
            "mirrored or not.",
            tried="100 generators",
            got=f"{len(seen)} position{'s' if len(seen) != 1 else ''}",
        )
    return "3 images, 120 generators, all eight positions, the mask always in that of its image"
