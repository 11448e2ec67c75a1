"""How good a predicted mask is, by its pixels (dice, iou) and by its objects (match_objects)."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np


def dice(prediction: Any, target: Any) -> float:
    """Twice the shared foreground over the sum of both foregrounds: 2 |P and T| / (|P| + |T|).

    Args:
        prediction: mask of any shape, array or tensor, bool or zeros and ones.
        target: the true mask, of the same shape; NaN where a pixel is ignored.

    Returns:
        From 0.0 (nothing shared) to 1.0 (equal). Two masks without any foreground are equal: they
        score 1.0, though the formula says 0 / 0. If only one is empty, it gives 0.0.

    Raises:
        ValueError: different shapes, no pixels, values other than 0 and 1.

    Foregrounds of 3 and 2 pixels that share 2: 2 * 2 / (3 + 2) = 0.8.

    >>> dice(np.array([1, 1, 1, 0]), np.array([1, 1, 0, 0]))
    0.8

    Source: Dice, Ecology 26 (1945), the coincidence index. Chapter 01 builds it.
    """
    return _score(*_count_masks(prediction, target))


def mean_dice(batches: Sequence[Sequence[tuple[int, int]]]) -> float:
    """Return the Dice score over several batches, averaged over the classes that occur in any.

    Each batch has (|P and T|, |P| + |T|) for each class. Without any foreground it's 1.0.
    Two batches of one class: 2 * (2 + 1) / (5 + 3) = 0.75.

    >>> mean_dice([[(2, 5)], [(1, 3)]])
    0.75
    """
    classes = zip(*batches, strict=True)  # the batches of each class
    sums = [map(sum, zip(*counts, strict=True)) for counts in classes]
    scores = [_score(shared, total) for shared, total in sums if total]
    return sum(scores) / len(scores) if scores else 1.0


def iou(prediction: Any, target: Any) -> float:
    """Shared foreground over the foreground of either: intersection over union.

    It takes the same masks as `dice` and ranks them alike: dice = 2 iou / (1 + iou).

    Foregrounds of 3 and 2 pixels that share 2 cover 3 + 2 - 2 = 3: 2 / 3 = 0.667.

    >>> round(iou(np.array([1, 1, 1, 0]), np.array([1, 1, 0, 0])), 3)
    0.667

    Source: Jaccard, New Phytologist 11 (1912). Chapter 12 uses it, object by object.
    """
    shared, total = _count_masks(prediction, target)
    return shared / (total - shared) if total else 1.0


class ObjectScores(NamedTuple):
    """How many objects were found, invented and missed, and the F1 score of these counts."""

    true_positives: int  # pairs
    false_positives: int  # predicted objects without a partner
    false_negatives: int  # true objects without a partner
    f1: float


def match_objects(predicted_labels: Any, true_labels: Any, threshold: float = 0.5) -> ObjectScores:
    """Pair predicted with true objects that overlap enough, and count who found a partner.

    A pair needs an IoU of `threshold` or more, and no object is in two pairs. Above 0.5 there is
    no choice: an object shares more than half of itself with at most one other. At exactly 0.5
    two halves may match one whole; whichever gets it, the counts are the same.

    Args:
        predicted_labels, true_labels: integers of one shape, arrays or tensors; 0 is background,
            and the pixels of one value are one object, whatever the value.
        threshold: the least IoU of a pair, in [0.5, 1]; ValueError for a lower one.

    Returns:
        ObjectScores, whose f1 is 2 TP / (2 TP + FP + FN), and 1.0 where there are no objects.

    Here 1 and 4 share 2 of 3 pixels, IoU 0.667; 2 and 5 share 1 of 3, IoU 0.333; 6 is missed.
    So TP 1, FP 1, FN 2, and F1 is 2 * 1 / (2 * 1 + 1 + 2) = 0.4.

    >>> match_objects(np.array([1, 1, 1, 2, 2, 0, 0]), np.array([4, 4, 0, 0, 5, 5, 6]))
    ObjectScores(true_positives=1, false_positives=1, false_negatives=2, f1=0.4)

    Source: Caicedo et al., Nature Methods 16 (2019), F1 at an IoU threshold. Chapter 12 uses it.
    """
    if not 0.5 <= threshold <= 1:
        raise ValueError(
            f"threshold must be in [0.5, 1], got {threshold}; below 0.5 an object may have several "
            "partners, and the counts would depend on who chooses first"
        )
    predicted = _require_labels("predicted_labels", predicted_labels)
    true = _require_labels("true_labels", true_labels)
    _check_shapes(predicted, true)
    predicted_areas, true_areas = _measure_areas(predicted), _measure_areas(true)
    paired_predicted, paired_true = set(), set()
    for p, t, shared in _find_overlaps(predicted, true):
        overlap = shared / (predicted_areas[p] + true_areas[t] - shared)
        if overlap >= threshold and p not in paired_predicted and t not in paired_true:
            paired_predicted.add(p)
            paired_true.add(t)
    pairs, found, there = len(paired_true), len(predicted_areas), len(true_areas)
    # 2 TP + FP + FN = (TP + FP) + (TP + FN): F1 is the Dice score of the two sets of objects
    return ObjectScores(pairs, found - pairs, there - pairs, _score(pairs, found + there))


def _measure_areas(labels: np.ndarray) -> dict[int, int]:
    values, areas = np.unique(labels[labels > 0], return_counts=True)
    return dict(zip(values.tolist(), areas.tolist(), strict=True))


def _find_overlaps(predicted: np.ndarray, true: np.ndarray) -> list[tuple[int, int, int]]:
    """Every (predicted label, true label, shared pixels) that meet anywhere."""
    both = (predicted > 0) & (true > 0)
    meeting = np.stack([predicted[both], true[both]])
    (p, t), shared = np.unique(meeting, axis=1, return_counts=True)
    return list(zip(p.tolist(), t.tolist(), shared.tolist(), strict=True))


def _score(shared: int, total: int) -> float:
    return 2 * shared / total if total else 1.0


def _count_masks(prediction: Any, target: Any) -> tuple[int, int]:
    """Check two masks and count their foreground, where the target isn't NaN."""
    prediction, target = to_array(prediction), to_array(target)
    _check_shapes(prediction, target)
    if target.dtype.kind == "f":
        kept = ~np.isnan(target)
        prediction, target = prediction[kept], target[kept]
        _check_shapes(prediction, target)
    prediction, target = _require_mask("prediction", prediction), _require_mask("target", target)
    return int((prediction & target).sum()), int(prediction.sum() + target.sum())


def to_array(values: Any) -> np.ndarray:
    """Return an array or a tensor as an array; bfloat16, which NumPy doesn't have, as float32."""
    if not hasattr(values, "detach"):  # a tensor has it: this module does without torch
        return np.asarray(values)
    values = values.detach().cpu()
    return (values.float() if str(values.dtype) == "torch.bfloat16" else values).numpy()


def _check_shapes(prediction: np.ndarray, target: np.ndarray) -> None:
    if prediction.shape != target.shape:
        raise ValueError(
            f"both must have one shape, got {prediction.shape} and {target.shape}; add or drop an "
            "axis of length 1, mask[None] or mask[0], or cut both to the same pixels"
        )
    if prediction.size == 0:
        raise ValueError(f"there are no pixels to compare: both have shape {prediction.shape}")


def _require_mask(name: str, mask: np.ndarray) -> np.ndarray:
    if mask.dtype.kind not in "buif":
        raise ValueError(f"{name} must be bool or zeros and ones, got {mask.dtype}")
    foreground = mask == 1
    if (wrong := mask[~(foreground | (mask == 0))]).size:
        raise ValueError(
            f"{name} must be bool or zeros and ones, but {wrong.size} of its {mask.size} values "
            f"are others, such as {wrong[0]}; take probabilities > 0.5, or labels > 0"
        )
    return foreground


def _require_labels(name: str, labels: Any) -> np.ndarray:
    labels = to_array(labels)
    if labels.dtype.kind not in "ui":
        raise ValueError(
            f"{name} must be integers, one value an object, got {labels.dtype}; number the objects "
            "of a mask by skimage.measure.label(mask)"
        )
    labels = labels.astype(np.int64)  # one type for both, or numpy compares them as floats
    if labels.size and labels.min() < 0:
        raise ValueError(f"{name} must be 0 (background) or above, got {labels.min()}")
    return labels
