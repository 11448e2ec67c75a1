"""12.3 Where the watershed fails."""

from __future__ import annotations

import numpy as np
import torch
from scipy import ndimage

from unet_tutorial.teaching.checks.chapter_12.masks import count_objects, read_mask
from unet_tutorial.teaching.checks.compare import describe
from unet_tutorial.teaching.checks.exercise import exercise, refuse
from unet_tutorial.teaching.checks.values import read_like, to_plain_value

_SIGMA, _DISTANCE = 2, 7  # as in the chapter


def _count_pieces(mask: np.ndarray) -> int:
    """Count the seeds, and so the pieces, of the chapter's watershed in a mask."""
    from skimage.feature import peak_local_max  # slow to import

    mask = np.pad(mask, 1)  # background around it, or there is nothing to measure distances to
    height = ndimage.gaussian_filter(
        ndimage.distance_transform_edt(mask), _SIGMA, mode="nearest", truncate=4.0
    )
    labels, _ = ndimage.label(mask)
    tops = peak_local_max(height, min_distance=_DISTANCE, labels=labels, exclude_border=False)
    return len(tops)


def _require_rectangle(mask: np.ndarray) -> None:
    """Refuse a mask that isn't one filled rectangle, at least 9 pixels thick."""
    if mask.size > 10_000:
        hint = "At most 10,000 pixels, please: 100 by 100 is large enough."
        refuse(hint, got=f"one: shape {mask.shape}, {mask.size:,} pixels")
    rows, columns = np.nonzero(mask)
    if not len(rows):
        refuse("There is no foreground in this mask.", got="one: empty")
    box = mask[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    if not box.all():
        refuse(
            "One nucleus, without holes or waist: a single filled rectangle.",
            got=f"one: {box.sum()} of the {box.size} pixels of its bounding box",
        )
    if min(box.shape) < 9:
        hint = "A nucleus isn't that thin: make it at least 9 pixels, in height and in width."
        refuse(hint, got=f"one: {box.shape[0]} by {box.shape[1]} pixels")


def _read_labels(answer: object) -> np.ndarray:
    """Return the labels as an array; refuse anything but integers, with two axes."""
    labels = read_like(to_plain_value(answer), torch.empty(0))
    if labels is None or labels.ndim != 2:
        refuse("two must be an array (H, W) of labels.", got=describe(answer))
    if labels.is_floating_point() or labels.dtype == torch.bool:
        hint = "The labels must be integers, as the task asks: 0, 1 and 2."
        refuse(hint, got=f"two: {str(labels.dtype).removeprefix('torch.')}")
    return labels.numpy()


def _require_two_nuclei(labels: np.ndarray) -> None:
    """Refuse labels that aren't two compact nuclei of 100 pixels or more."""
    numbers = sorted(set(np.unique(labels).tolist()) - {0})
    if numbers != [1, 2] or labels.size > 10_000:
        hint = "Number the two nuclei 1 and 2, in an array of at most 10,000 pixels."
        refuse(hint, got=f"two: labels {numbers[:5]}, shape {labels.shape}")
    for number in (1, 2):
        rows, columns = np.nonzero(labels == number)
        height, width = np.ptp(rows) + 1, np.ptp(columns) + 1
        got = f"two: nucleus {number} has {len(rows)} pixels in a box of {height} by {width}"
        if count_objects(labels == number) != 1 or len(rows) < 100:
            refuse("Each nucleus is one piece of at least 100 pixels.", got=got)
        if 2 * max(height, width) > 3 * min(height, width):
            hint = "Two ordinary nuclei: neither more than one and a half times as long as wide."
            refuse(hint, got=got)
        if 3 * len(rows) < 2 * height * width:
            refuse("A nucleus fills most of its box: at least two thirds.", got=got)


@exercise(
    misconception="A watershed separates objects that touch, and leaves single objects whole.",
    question=(
        "Draw a nucleus that a watershed cuts in two, and two that it doesn't separate. What do "
        "their distance transforms look like?"
    ),
    hints=(
        "The seeds are the tops of the smoothed distance. What does the distance look like along "
        "the middle of a long bar, and where is its top?",
        "The watershed separates two nuclei at a waist. Which two shapes can touch without "
        "forming one?",
        "Seeds can be as close as 7 pixels. Which filled rectangle has room for several? And two "
        "blocks that share a whole side make one block.",
    ),
)
def broken_watershed(one, two) -> str:
    """Check a mask of one nucleus that falls into pieces, and labels of two that stay together."""
    one, two = read_mask("one", one), _read_labels(two)
    _require_rectangle(one)
    number = _count_pieces(one)
    if number < 2:
        hint = "The watershed leaves this one whole. What would give it a second top?"
        refuse(hint, got=f"one: {number} piece")
    _require_two_nuclei(two)
    merged = _count_pieces(two > 0)
    if merged != 1:
        hint = "The watershed finds more than one top here. What gives the pair its waist?"
        refuse(hint, got=f"two: {merged} pieces")
    return "one nucleus that falls to pieces, two that come out as one"
