"""The pieces of a mask: connected ones, or those of a watershed, and the nuclei in them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.ndimage import distance_transform_edt
from skimage.feature import peak_local_max
from skimage.filters import gaussian
from skimage.measure import label
from skimage.segmentation import watershed

_FOUND = 0.5  # the IoU from which a nucleus counts as found, as in chapter 12
_MOST_MARKS = 30


class Tally(NamedTuple):
    """How many pieces there are, and how they match the nuclei."""

    pieces: int
    shared: int  # pieces that hold several nuclei
    alone: int  # nuclei that have a piece of their own
    found: int  # nuclei whose IoU with a piece is at least 0.5
    marks: list[list[int]]  # [row, column, nuclei] of each piece that doesn't hold exactly one


def label_pieces(mask: np.ndarray) -> np.ndarray:
    """Number the connected components of a mask (H, W); steps go along the edges of pixels."""
    return label(mask, connectivity=1)


def split_pieces(mask: np.ndarray, smoothing: float, distance: int) -> np.ndarray:
    """Number the pieces into which a watershed splits a mask, as in chapter 12.

    Args:
        mask: (H, W), bool.
        smoothing: sigma, in pixels, of the Gaussian over the distance transform.
        distance: the least distance between two seeds, in pixels.

    Returns:
        Integers (H, W): 0 is background.
    """
    height = gaussian(distance_transform_edt(mask), smoothing)
    seeds = np.zeros(mask.shape, dtype=int)
    tops = peak_local_max(
        height, min_distance=distance, labels=label_pieces(mask), exclude_border=False
    )
    seeds[tuple(tops.T)] = np.arange(1, len(tops) + 1)
    return watershed(-height, seeds, mask=mask)


def tally(pieces: np.ndarray, nuclei: np.ndarray) -> Tally:
    """Compare pieces with nuclei, both integers (H, W) with the background 0.

    A piece holds a nucleus if it has more than half of the nucleus's pixels in the mask.
    """
    counts = _cross(pieces, nuclei)
    shared = counts[1:, 1:]  # (pieces, nuclei), in pixels
    holds = (2 * shared > shared.sum(axis=0)).sum(axis=1)
    union = counts[1:].sum(axis=1)[:, None] + counts[:, 1:].sum(axis=0) - shared
    return Tally(
        pieces=len(shared),
        shared=int((holds > 1).sum()),
        alone=int((holds == 1).sum()),
        found=_count_pairs(shared / np.maximum(union, 1)),
        marks=_mark_odd(pieces, holds),
    )


def _cross(pieces: np.ndarray, nuclei: np.ndarray) -> np.ndarray:
    """Count the pixels of each pair of numbers: (pieces + 1, nuclei + 1)."""
    rows, columns = int(pieces.max()) + 1, int(nuclei.max()) + 1
    both = pieces.ravel().astype(np.int64) * columns + nuclei.ravel()
    return np.bincount(both, minlength=rows * columns).reshape(rows, columns)


def _count_pairs(ious: np.ndarray) -> int:
    """Count pairs of a piece and a nucleus, each in at most one: they only compete at 0.5."""
    pairs: list[tuple[int, int]] = []
    for piece, nucleus in np.argwhere(ious >= _FOUND).tolist():
        if all(piece != p and nucleus != n for p, n in pairs):
            pairs.append((piece, nucleus))
    return len(pairs)


def _mark_odd(pieces: np.ndarray, holds: np.ndarray) -> list[list[int]]:
    """Mark the middle of the largest pieces that don't hold exactly one nucleus."""
    areas = np.bincount(pieces.ravel())[1:]
    odd = [piece for piece in np.argsort(-areas, kind="stable") if holds[piece] != 1]
    return [
        [
            *np.argwhere(pieces == piece + 1).mean(axis=0).round().astype(int).tolist(),
            int(holds[piece]),
        ]
        for piece in odd[:_MOST_MARKS]
    ]
