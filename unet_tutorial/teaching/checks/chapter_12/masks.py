"""Answers that are masks, and the number of objects in a mask."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from unet_tutorial.teaching.checks.answer_types.arrays import read_numbers
from unet_tutorial.teaching.checks.compare import describe
from unet_tutorial.teaching.checks.exercise import refuse


def count_objects(mask: np.ndarray) -> int:
    """Count the components; pixels that share an edge are connected."""
    return int(ndimage.label(mask)[1])


def read_mask(name: str, answer: object, shape: tuple[int, ...] | None = None) -> np.ndarray:
    """Return a mask of zeros and ones, of whatever type, as a bool array; refuse other answers."""
    numbers = read_numbers(answer)
    if numbers is None or numbers.ndim != 2:
        refuse(f"{name} must be an array (H, W) of zeros and ones.", got=describe(answer))
    if shape is not None and numbers.shape != shape:
        hint = f"{name} must have the shape of the truth, {shape}."
        refuse(hint, got=f"shape {tuple(numbers.shape)}")
    others = numbers[(numbers != 0) & (numbers != 1)]
    if len(others):
        hint = f"{name} must be a mask of zeros and ones: write `> 0`."
        refuse(hint, got=f"{name} contains {others[0]:g}")
    return (numbers > 0).numpy()
