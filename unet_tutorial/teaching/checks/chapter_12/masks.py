"""Answers that are masks, and the number of objects in a mask."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from unet_tutorial.teaching.checks.compare import describe
from unet_tutorial.teaching.checks.exercise import refuse


def count_objects(mask: np.ndarray) -> int:
    """Count the components; pixels that share an edge are connected."""
    return int(ndimage.label(mask)[1])


def require_binary_mask(name: str, mask: object, shape: tuple[int, ...] | None = None) -> None:
    """Refuse an answer that isn't a bool array or an array of zeros and ones."""
    if type(mask) is not np.ndarray or mask.dtype.kind not in "bui" or mask.ndim != 2:
        refuse(f"{name} must be a NumPy array (H, W), bool or integer.", got=describe(mask))
    if shape is not None and mask.shape != shape:
        refuse(f"{name} must have the shape of the truth, {shape}.", got=f"shape {mask.shape}")
    if mask.dtype.kind != "b" and not np.isin(mask, (0, 1)).all():
        refuse(f"{name} must be a mask of zeros and ones: write `> 0`.", got=f"up to {mask.max()}")
