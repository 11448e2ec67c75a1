"""10.3 Some pairs are ruined."""

from __future__ import annotations

import numpy as np

from unet_tutorial.teaching.checks.compare import call_answer, describe, require_callable
from unet_tutorial.teaching.checks.exercise import exercise, refuse

_DRAWS = 50


def _find_position(got, image, mask, tried) -> int:
    """Return the position, 0 to 7, that image and mask are in; refuse if there is none."""
    if not isinstance(got, tuple | list | np.ndarray) or len(got) != 2:
        refuse("Return the image and the mask, in this order.", tried=tried, got=describe(got))
    if any(type(part) is not np.ndarray for part in got):
        refuse("Both must be arrays.", tried=tried, got=", ".join(map(describe, got)))
    position = next((n for n in range(8) if np.array_equal(got[0], _turn(image, n))), None)
    if position is None:
        hint = "The first result must be the image with all its pixels, only turned and mirrored."
        refuse(hint, tried=tried)
    for name, part, before in zip(("image", "mask"), got, (image, mask), strict=True):
        if part.dtype != before.dtype:
            refuse(f"The {name} must keep its dtype, {before.dtype}.", tried=tried, got=part.dtype)
    if np.array_equal(got[1], _turn(mask, position)):
        return position
    refuse(
        "The mask stayed as it was. It must be turned and mirrored like the image."
        if np.array_equal(got[1], mask)
        else "The mask is in a different position than the image. Which number was drawn "
        "separately for one of them?",
        tried=tried,
    )


def _draw_positions(turned, image, mask, seed) -> list[int]:
    """Return the positions that calls with one generator after another lead to."""
    rng = np.random.default_rng(seed)

    def turned_once(image, mask):
        return turned(image, mask, rng)

    tried = f"turned(image, mask, rng) with an image of shape {image.shape}"
    return [
        _find_position(call_answer(turned_once, image, mask), image, mask, tried)
        for _ in range(_DRAWS)
    ]


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
    require_callable(turned, 3)
    seen = set()
    for number, (shape, dtype) in enumerate([((5, 7), np.uint8), ((4, 4), bool), ((6, 3), bool)]):
        image = np.random.default_rng(seed).permutation(shape[0] * shape[1]).reshape(shape)
        image = image.astype(np.float32)
        pair = image, (image % 3 == 0).astype(dtype)
        first, again = (_draw_positions(turned, *pair, [seed, number]) for _ in range(2))
        if first != again:
            hint = "Two equal generators gave different positions. Draw every number from `rng`."
            refuse(hint, tried=f"turned(image, mask, rng) with an image of shape {shape}")
        seen |= set(first)
    if len(seen) < 8:
        refuse(
            "Each of the eight positions has to occur in the long run: four turns, each "
            "mirrored or not.",
            tried=f"{_DRAWS} calls with one generator, for each of 3 images",
            got=f"{len(seen)} position{'s' if len(seen) != 1 else ''}",
        )
    return "3 images, all eight positions, the mask always in that of its image"
