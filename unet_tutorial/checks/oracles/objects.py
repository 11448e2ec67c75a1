"""Masks as objects: counted, matched, and parted by the watershed of chapter 12."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from unet_tutorial.checks.compare import described
from unet_tutorial.checks.exercise import refuse

SIGMA, DISTANCE = 2, 7


def count_objects(mask: np.ndarray) -> int:
    """Return the number of components, by steps along the edges of pixels."""
    return int(ndimage.label(mask)[1])


def dice_of(mask: np.ndarray, truth: np.ndarray) -> float:
    """Return the Dice of two bool masks."""
    return float(2 * (mask & truth).sum() / max(mask.sum() + truth.sum(), 1))


def matched(mask: np.ndarray, truth: np.ndarray) -> int:
    """Return how many nuclei of the labels `truth` have an IoU of 0.5 or more with a component."""
    objects, number = ndimage.label(mask)
    found = 0
    for nucleus in range(1, int(truth.max()) + 1):
        is_nucleus = truth == nucleus
        for each in range(1, number + 1):
            shared = (is_nucleus & (objects == each)).sum()
            found += bool(shared * 2 >= (is_nucleus | (objects == each)).sum())
    return found


def pieces(mask: np.ndarray) -> int:
    """Return into how many pieces the chapter's watershed parts a mask: one a seed."""
    from skimage.feature import peak_local_max  # slow to import

    height = ndimage.gaussian_filter(
        ndimage.distance_transform_edt(mask), SIGMA, mode="nearest", truncate=4.0
    )
    labels, _ = ndimage.label(mask)
    tops = peak_local_max(height, min_distance=DISTANCE, labels=labels, exclude_border=False)
    return len(tops)


def need_mask(name: str, mask: object, shape: tuple[int, ...] | None = None) -> None:
    """Refuse what is not a mask: a bool array, or one of zeros and ones."""
    if type(mask) is not np.ndarray or mask.dtype.kind not in "bui" or mask.ndim != 2:
        refuse(f"{name} must be a NumPy array (H, W), bool or integer.", came=described(mask))
    if shape is not None and mask.shape != shape:
        refuse(f"{name} must have the shape of the truth, {shape}.", came=f"shape {mask.shape}")
    if mask.dtype.kind != "b" and not np.isin(mask, (0, 1)).all():
        refuse(f"{name} must be a mask of zeros and ones: write `> 0`.", came=f"up to {mask.max()}")


def need_rectangle(mask: object) -> None:
    """Refuse a mask that is not one filled rectangle, at least 9 pixels thick."""
    need_mask("one", mask)
    if mask.size > 10_000:
        refuse("A mask of 100 by 100 pixels is large enough.", came=f"one: shape {mask.shape}")
    rows, columns = np.nonzero(mask)
    if not len(rows):
        refuse("There is no foreground in this mask.", came="one: empty")
    box = mask[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    if not box.all():
        refuse("One nucleus, without holes or waist: a single filled rectangle.", came="one: other")
    if min(box.shape) < 9:
        hint = "A nucleus is not as thin as that: at least 9 pixels, in height and in width."
        refuse(hint, came=f"one: {box.shape[0]} by {box.shape[1]} pixels")


def need_two_nuclei(labels: object) -> None:
    """Refuse labels that are not two compact nuclei of 100 pixels or more."""
    if type(labels) is not np.ndarray or labels.dtype.kind not in "ui" or labels.ndim != 2:
        refuse("two must be an integer array (H, W) of labels.", came=described(labels))
    numbers = sorted(set(np.unique(labels).tolist()) - {0})
    if numbers != [1, 2] or labels.size > 10_000:
        hint = "Number the two nuclei 1 and 2, in an array of at most 10,000 pixels."
        refuse(hint, came=f"two: labels {numbers[:5]}, shape {labels.shape}")
    for number in (1, 2):
        rows, columns = np.nonzero(labels == number)
        height, width = np.ptp(rows) + 1, np.ptp(columns) + 1
        came = f"two: nucleus {number} has {len(rows)} pixels in a box of {height} by {width}"
        if count_objects(labels == number) != 1 or len(rows) < 100:
            refuse("Each nucleus is one piece of at least 100 pixels.", came=came)
        if 2 * max(height, width) > 3 * min(height, width):
            hint = "Two ordinary nuclei: neither more than one and a half times as long as wide."
            refuse(hint, came=came)
        if 3 * len(rows) < 2 * height * width:
            refuse("A nucleus fills most of its box: at least two thirds.", came=came)
